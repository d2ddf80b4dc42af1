// SPDX-License-Identifier: GPL-2.0-only
#include "sbi.h"

#include <linux/kvm.h>

#include "term.h"
#include "util.h"
#include "vcpu.h"
#include "vm.h"

#define EID_PUTCHAR		0x01
#define EID_GETCHAR		0x02
#define EID_DBCN		0x4442434e
#define DBCN_WRITE		0
#define DBCN_READ		1
#define DBCN_WRITE_BYTE		2

/* The specification allows partial transfers; longer ones would only delay a stop. */
#define DBCN_MAX_TRANSFER	4096UL

struct sbi_ret {
	unsigned long error;
	unsigned long value;
};

void sbi_configure(struct vcpu *vcpu)
{
	/* A device without the debug console refuses; the guest has its UART all the same. */
	vcpu_set_reg(vcpu, KVM_REG_RISCV_SBI_EXT | KVM_REG_RISCV_SBI_SINGLE |
		     KVM_RISCV_SBI_EXT_DBCN, 1);
}

static struct sbi_ret dbcn_transfer(struct vm *vm, const unsigned long *args, bool is_write)
{
	unsigned long len = args[0];
	void *buf = args[2] ? NULL : vm_guest_ptr(vm, args[1], len);

	if (!buf)
		return (struct sbi_ret){ SBI_ERR_INVALID_PARAM, 0 };
	if (len > DBCN_MAX_TRANSFER)
		len = DBCN_MAX_TRANSFER;
	if (is_write)
		term_write(buf, len);
	else
		len = term_read(buf, len);
	return (struct sbi_ret){ SBI_SUCCESS, len };
}

static struct sbi_ret sbi_handle_dbcn(struct vm *vm, unsigned long fid, const unsigned long *args)
{
	char byte = args[0];

	switch (fid) {
	case DBCN_WRITE:
	case DBCN_READ:
		return dbcn_transfer(vm, args, fid == DBCN_WRITE);
	case DBCN_WRITE_BYTE:
		term_write(&byte, 1);
		return (struct sbi_ret){ SBI_SUCCESS, 0 };
	default:
		return (struct sbi_ret){ SBI_ERR_NOT_SUPPORTED, 0 };
	}
}

static struct sbi_ret sbi_handle_putchar(struct vm *vm, unsigned long fid,
					 const unsigned long *args)
{
	char byte = args[0];

	term_write(&byte, 1);
	return (struct sbi_ret){ 0, 0 };
}

/* The legacy call's error is its result: the character, or -1. */
static struct sbi_ret sbi_handle_getchar(struct vm *vm, unsigned long fid,
					 const unsigned long *args)
{
	unsigned char byte;

	return (struct sbi_ret){ term_read(&byte, 1) ? byte : -1UL, 0 };
}

static const struct {
	unsigned long eid;
	struct sbi_ret (*handle)(struct vm *vm, unsigned long fid, const unsigned long *args);
} sbi_extensions[] = {
	{ EID_DBCN, sbi_handle_dbcn },
	{ EID_PUTCHAR, sbi_handle_putchar },
	{ EID_GETCHAR, sbi_handle_getchar },
};

void sbi_handle_call(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	struct sbi_ret ret = { SBI_ERR_NOT_SUPPORTED, 0 };
	unsigned long args[ARRAY_SIZE(run->riscv_sbi.args)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(args); i++)
		args[i] = run->riscv_sbi.args[i];
	for (i = 0; i < ARRAY_SIZE(sbi_extensions); i++)
		if (sbi_extensions[i].eid == run->riscv_sbi.extension_id)
			ret = sbi_extensions[i].handle(vcpu->vm, run->riscv_sbi.function_id, args);
	run->riscv_sbi.ret[0] = ret.error;
	run->riscv_sbi.ret[1] = ret.value;
}
