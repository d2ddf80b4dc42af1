// SPDX-License-Identifier: GPL-2.0-only
/* Functions that 6.12 has only in a form for kvm.ko. */
#include "include/compat.h"

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)

#include <linux/kvm_host.h>

/* On a signal the kernel's function writes to the vCPU; the value is not used. */
int rvhv_xfer_to_guest_mode_handle_work(void)
{
	static struct kvm_run run;
	static struct kvm_vcpu vcpu = { .run = &run };

	return xfer_to_guest_mode_handle_work(&vcpu);
}

#endif
