/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * rvhv's userspace interface, where it goes beyond KVM's: /dev/rvhv answers KVM's ioctls with
 * KVM's structures, and what KVM has not is here.
 */
#ifndef _UAPI_LINUX_RVHV_H
#define _UAPI_LINUX_RVHV_H

#include <linux/types.h>
#include <linux/ioctl.h>
#include <linux/kvm.h>

/* ioctl type of rvhv's own commands; KVM's are of type KVMIO */
#define RVHVIO		0xBB

/**
 * struct rvhv_exit_unknown - record of an exit that nothing in the kernel handles
 * @scause: cause; overlays hw.hardware_exit_reason
 * @sepc: guest's pc
 * @stval: trap value
 * @htval: guest physical address of a guest page fault, shifted right by two
 * @htinst: transformed instruction, pseudoinstruction, or zero
 * @insn: instruction at @sepc, zero if it could not be read
 * @pad: zero
 *
 * With exit_reason KVM_EXIT_UNKNOWN it stands in struct kvm_run where hw stands. The members are
 * named after the CSRs they come from.
 */
struct rvhv_exit_unknown {
	__u64 scause;
	__u64 sepc;
	__u64 stval;
	__u64 htval;
	__u64 htinst;
	__u32 insn;
	__u32 pad;
};

#endif /* _UAPI_LINUX_RVHV_H */
