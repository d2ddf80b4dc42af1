// SPDX-License-Identifier: GPL-2.0-only
/* SBI calls that the kernel forwards: the debug console. */
#include "machine.h"

#include <linux/kvm.h>

#define SBI_SUCCESS		0UL
#define SBI_ERR_INVALID_PARAM	(-3UL)

#define EID_DBCN		0x4442434e
#define DBCN_WRITE		0
#define DBCN_WRITE_BYTE		2

void sbi_handle_call(struct kvm_run *run)
{
	const unsigned long *args = run->riscv_sbi.args, fid = run->riscv_sbi.function_id;
	void *buf = args[2] ? NULL : vm_guest_ptr(args[1], args[0]);
	unsigned long error = SBI_SUCCESS, value = 0;
	char byte = args[0];

	if (run->riscv_sbi.extension_id != EID_DBCN || fid > DBCN_WRITE_BYTE) {
		error = SBI_ERR_NOT_SUPPORTED;
	} else if (fid == DBCN_WRITE_BYTE) {
		term_write(&byte, 1);
	} else if (!buf) {
		error = SBI_ERR_INVALID_PARAM;
	} else if (fid == DBCN_WRITE) {
		term_write(buf, args[0]);
		value = args[0];
	} else {			/* read */
		pthread_mutex_lock(&vm.device_lock);
		value = term_read(buf, args[0]);
		pthread_mutex_unlock(&vm.device_lock);
	}
	run->riscv_sbi.ret[0] = error;
	run->riscv_sbi.ret[1] = value;
}
