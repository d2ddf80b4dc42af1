// SPDX-License-Identifier: GPL-2.0-only
/*
 * What 6.12 has only in a form that is made for kvm.ko.
 */
#include "include/compat.h"

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)

#include <linux/kvm_host.h>

/**
 * rvhv_xfer_to_guest_mode_handle_work - do what must be done before a thread runs a guest
 *
 * On a signal the kernel's function tells the vCPU of KVM that it is given: it sets the exit reason
 * and counts. Nobody reads what it writes into this one.
 *
 * Context: process context, interrupts on, may sleep.
 * Return: 0, or -EINTR (a signal is pending).
 */
int rvhv_xfer_to_guest_mode_handle_work(void)
{
	static struct kvm_run run;
	static struct kvm_vcpu vcpu = { .run = &run };

	return xfer_to_guest_mode_handle_work(&vcpu);
}

#endif
