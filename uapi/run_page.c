// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only accesses to struct kvm_run. The VMM can change the page at any time: each field is read
 * once, into the vCPU's exit record, and nothing written is read back.
 */
#include <asm/byteorder.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "../include/rvhv_arch.h"
#include "../sbi/sbi.h"
#include "abi.h"
#include "run_page.h"

#define UNION_OFFSET	offsetof(struct kvm_run, hw)

static_assert(sizeof(struct kvm_run) <= PAGE_SIZE);
static_assert(sizeof(struct rvhv_exit_unhandled) == 80);
static_assert(sizeof(struct rvhv_exit_unhandled) <= sizeof_field(struct kvm_run, padding));
static_assert(offsetof(struct rvhv_exit_unhandled, scause) ==
	      offsetof(struct kvm_run, hw.hardware_exit_reason) - UNION_OFFSET);

void *rvhv_run_page_alloc(void)
{
	return (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
}

void rvhv_run_page_free(void *page)
{
	free_page((unsigned long)page);
}

static struct rvhv_exit_unhandled *unhandled_record(const struct kvm_run *run)
{
	return (void *)run + UNION_OFFSET;
}

static const enum rvhv_verdict unhandled_actions[] = {
	[RVHV_UNHANDLED_RETRY] = RVHV_VERDICT_RETRY,
	[RVHV_UNHANDLED_SKIP] = RVHV_VERDICT_SKIP,
	[RVHV_UNHANDLED_INJECT] = RVHV_VERDICT_INJECT,
};

static void answer_unhandled(const struct kvm_run *run, struct rvhv_exit *exit)
{
	const struct rvhv_exit_unhandled *record = unhandled_record(run);
	u32 action = READ_ONCE(record->action);

	exit->unhandled.bad = action >= ARRAY_SIZE(unhandled_actions) ||
			    READ_ONCE(record->reserved[0]) || READ_ONCE(record->reserved[1]);
	if (exit->unhandled.bad)
		return;
	action = array_index_nospec(action, ARRAY_SIZE(unhandled_actions));
	exit->unhandled.action = unhandled_actions[action];
	exit->unhandled.inject = (struct rvhv_trap) {
		.sepc = exit->unhandled.trap.sepc,
		.scause = READ_ONCE(record->inject_scause),
		.stval = READ_ONCE(record->inject_stval),
	};
}

/*
 * Read the VMM's answer into the record of the last exit, if one is pending. Returns
 * immediate_exit. The caller holds the vCPU's mutex.
 */
bool rvhv_run_page_answer(const void *page, struct rvhv_exit *exit)
{
	const struct kvm_run *run = page;
	__le64 data;

	switch (exit->pending ? exit->reason : RVHV_REASON_NONE) {
	case RVHV_REASON_MMIO:
		if (exit->mmio.write)
			break;
		data = READ_ONCE(*(const __le64 *)run->mmio.data);
		memcpy(exit->mmio.data, &data, sizeof(exit->mmio.data));
		break;
	case RVHV_REASON_SBI:
		exit->sbi.ret[0] = READ_ONCE(run->riscv_sbi.ret[0]);
		exit->sbi.ret[1] = READ_ONCE(run->riscv_sbi.ret[1]);
		break;
	case RVHV_REASON_HYPERCALL:
		exit->hypercall.ret = READ_ONCE(run->hypercall.ret);
		break;
	case RVHV_REASON_UNHANDLED:
		answer_unhandled(run, exit);
		break;
	case RVHV_REASON_CSR:
		exit->csr.ret = READ_ONCE(run->riscv_csr.ret_value);
		break;
	default:
		break;
	}
	return READ_ONCE(run->HINT_UNSAFE_IN_KVM(immediate_exit));
}

static u32 store_mmio(struct kvm_run *run, const struct rvhv_exit *exit)
{
	run->mmio.phys_addr = exit->mmio.addr;
	run->mmio.len = exit->mmio.len;
	run->mmio.is_write = exit->mmio.write;
	memset(run->mmio.data, 0, sizeof(run->mmio.data));
	if (exit->mmio.write)
		memcpy(run->mmio.data, exit->mmio.data,
		       min_t(size_t, exit->mmio.len, sizeof(run->mmio.data)));
	return KVM_EXIT_MMIO;
}

static u32 store_sbi(struct kvm_run *run, const struct rvhv_exit *exit)
{
	unsigned int i;

	run->riscv_sbi.extension_id = exit->sbi.eid;
	run->riscv_sbi.function_id = exit->sbi.fid;
	for (i = 0; i < ARRAY_SIZE(exit->sbi.args); i++)
		run->riscv_sbi.args[i] = exit->sbi.args[i];
	/* The default answer, for VMMs that do not know the call */
	run->riscv_sbi.ret[0] = SBI_ERR_NOT_SUPPORTED;
	run->riscv_sbi.ret[1] = 0;
	return KVM_EXIT_RISCV_SBI;
}

static u32 store_hypercall(struct kvm_run *run, const struct rvhv_exit *exit)
{
	unsigned int i;

	memset(&run->hypercall, 0, sizeof(run->hypercall));
	run->hypercall.nr = exit->hypercall.nr;
	for (i = 0; i < ARRAY_SIZE(exit->hypercall.args); i++)
		run->hypercall.args[i] = exit->hypercall.args[i];
	run->hypercall.ret = SBI_ERR_NOT_SUPPORTED;
	return KVM_EXIT_HYPERCALL;
}

static u32 store_csr(struct kvm_run *run, const struct rvhv_exit *exit)
{
	run->riscv_csr.csr_num = exit->csr.num;
	run->riscv_csr.new_value = exit->csr.new;
	run->riscv_csr.write_mask = exit->csr.mask;
	run->riscv_csr.ret_value = 0;
	return KVM_EXIT_RISCV_CSR;
}

static u32 store_system(struct kvm_run *run, const struct rvhv_exit *exit)
{
	memset(&run->system_event, 0, sizeof(run->system_event));
	run->system_event.type = exit->system.event == RVHV_SYSTEM_RESET ?
				 KVM_SYSTEM_EVENT_RESET : KVM_SYSTEM_EVENT_SHUTDOWN;
	run->system_event.ndata = 1;
	run->system_event.data[0] = exit->system.reason;
	return KVM_EXIT_SYSTEM_EVENT;
}

static u32 store_unhandled(struct kvm_run *run, const struct rvhv_exit *exit)
{
	*unhandled_record(run) = (struct rvhv_exit_unhandled) {
		.scause = exit->unhandled.trap.scause,
		.sepc = exit->unhandled.trap.sepc,
		.stval = exit->unhandled.trap.stval,
		.htval = exit->unhandled.trap.htval,
		.htinst = exit->unhandled.trap.htinst,
		.insn = exit->unhandled.insn,
	};
	return RVHV_EXIT_UNHANDLED;
}

static u32 store_intr(struct kvm_run *run, const struct rvhv_exit *exit)
{
	return KVM_EXIT_INTR;
}

static u32 store_debug(struct kvm_run *run, const struct rvhv_exit *exit)
{
	return KVM_EXIT_DEBUG;
}

/* After an error: KVM_EXIT_UNKNOWN without a cause, as in KVM */
static u32 store_none(struct kvm_run *run, const struct rvhv_exit *exit)
{
	memset((void *)run + UNION_OFFSET, 0, sizeof(struct rvhv_exit_unhandled));
	return KVM_EXIT_UNKNOWN;
}

static u32 (*const store[])(struct kvm_run *run, const struct rvhv_exit *exit) = {
	[RVHV_REASON_NONE] = store_none,
	[RVHV_REASON_INTR] = store_intr,
	[RVHV_REASON_MMIO] = store_mmio,
	[RVHV_REASON_SBI] = store_sbi,
	[RVHV_REASON_HYPERCALL] = store_hypercall,
	[RVHV_REASON_CSR] = store_csr,
	[RVHV_REASON_SYSTEM] = store_system,
	[RVHV_REASON_DEBUG] = store_debug,
	[RVHV_REASON_UNHANDLED] = store_unhandled,
};

/*
 * Report the reason why KVM_RUN returns @ret; @exit is valid if that is 0 or -EINTR. Writes all
 * fields of the exit. The caller holds the vCPU's mutex.
 */
void rvhv_run_page_store(void *page, const struct rvhv_exit *exit, int ret)
{
	enum rvhv_exit_reason reason = RVHV_REASON_NONE;
	struct kvm_run *run = page;

	if (ret == -EINTR)
		reason = RVHV_REASON_INTR;
	else if (!ret && exit->reason < ARRAY_SIZE(store))
		reason = exit->reason;
	run->flags = 0;
	run->exit_reason = store[reason](run, exit);
}
