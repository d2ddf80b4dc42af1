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

/* ---- exits that nothing in the kernel handles ---- */

/*
 * Reason of such an exit in struct kvm_run: the one that KVM has for it, so that VMMs that know
 * nothing of rvhv say the right thing. The record stands where hw stands.
 */
#define RVHV_EXIT_UNHANDLED	KVM_EXIT_UNKNOWN

/* Answers of the VMM, in @action */
#define RVHV_UNHANDLED_RETRY	0	/* run the instruction again */
#define RVHV_UNHANDLED_SKIP	1	/* go on after the instruction */
#define RVHV_UNHANDLED_INJECT	2	/* give the guest the exception @inject_scause */

/**
 * struct rvhv_exit_unhandled - record of an exit that nothing in the kernel handles
 * @scause: cause; overlays hw.hardware_exit_reason
 * @sepc: guest's pc
 * @stval: trap value
 * @htval: guest physical address of a guest page fault, shifted right by two
 * @htinst: transformed instruction, pseudoinstruction, or zero
 * @insn: instruction at @sepc, zero if it could not be read
 * @action: the VMM's answer, RVHV_UNHANDLED_*; retry unless it says otherwise
 * @inject_scause: for RVHV_UNHANDLED_INJECT: exception code, below 64
 * @inject_stval: for RVHV_UNHANDLED_INJECT: trap value
 * @reserved: zero, also in the answer
 *
 * The members are named after the CSRs they come from. KVM_RUN fails with EINVAL, and the answer is
 * still due, for an unknown action, a bad cause, a skip of an instruction that could not be read,
 * or anything in @reserved.
 */
struct rvhv_exit_unhandled {
	__u64 scause;
	__u64 sepc;
	__u64 stval;
	__u64 htval;
	__u64 htinst;
	__u32 insn;
	__u32 action;
	__u64 inject_scause;
	__u64 inject_stval;
	__u64 reserved[2];
};

/* ---- ONE_REG: a vCPU with the H extension ---- */

/*
 * Subtype of KVM_REG_RISCV_CSR for the hypervisor and VS CSRs, 64 bits each. The number of a
 * register is that of the CSR, or RVHV_REG_RISCV_HS_VIRT: 1 while the guest's own guest (L2) runs,
 * else 0.
 *
 * The VS CSRs here are always the L2's, and the general CSRs and the timer always the guest's (L1);
 * the core and floating point registers are those of whichever runs. hip, vsip, vsie, hgeip and
 * hgeie are views of the others: a write of them changes nothing.
 */
#define RVHV_REG_RISCV_CSR_HS		(0x80 << KVM_REG_RISCV_SUBTYPE_SHIFT)
#define RVHV_REG_RISCV_HS_VIRT		0x1000

/* ---- SBI ---- */

/*
 * Numbers of ONE_REG's SBI extension registers (KVM_REG_RISCV_SBI_SINGLE) for what KVM does not
 * have. Registered extensions follow RVHV_SBI_EXT_REGISTERED, by the index of RVHV_GET_SBI_EXT.
 */
#define RVHV_SBI_EXT_HVC		0x100	/* off until enabled */
#define RVHV_SBI_EXT_HOST_COMM		0x101
#define RVHV_SBI_EXT_REGISTERED		0x200

/* Extension ids of rvhv's own */
#define RVHV_SBI_EID_HVC		0x485643	/* "HVC": KVM_EXIT_HYPERCALL */
#define RVHV_SBI_EID_HOST_COMM		0x484F5354	/* "HOST" */

/* Functions of RVHV_SBI_EID_HOST_COMM */
#define RVHV_HOST_COMM_SEND		0
#define RVHV_HOST_COMM_RECEIVE		1
/* Most bytes of one message; the least is 1 */
#define RVHV_HOST_COMM_MAX		4096

/* Flag of struct rvhv_sbi_forward */
#define RVHV_SBI_FORWARD_REMOVE		0x1

/**
 * struct rvhv_sbi_forward - route SBI calls to the VMM, as KVM_EXIT_RISCV_SBI
 * @first: first extension id
 * @last: last extension id
 * @flags: RVHV_SBI_FORWARD_REMOVE: no longer; exactly a range that was given before
 * @pad: zero
 *
 * Base cannot be forwarded. A range that holds another extension of the kernel's own must hold all
 * of it and come before the first vCPU (EBUSY): the vCPUs then begin with that extension disabled.
 * Guests that probe an extension of the range ask the VMM.
 */
struct rvhv_sbi_forward {
	__u64 first;
	__u64 last;
	__u32 flags;
	__u32 pad;
};

#define RVHV_SBI_EXT_AVAILABLE	0x1	/* this VM has its register */
#define RVHV_SBI_EXT_PRESENT	0x2	/* its module is there now */

/**
 * struct rvhv_sbi_ext_info - an SBI extension that a module has registered
 * @index: in: which, from 0
 * @flags: RVHV_SBI_EXT_*
 * @first: first extension id
 * @last: last extension id
 * @name: its name, ending in a zero byte
 *
 * ENOENT for an index that is not in use.
 */
struct rvhv_sbi_ext_info {
	__u32 index;
	__u32 flags;
	__u64 first;
	__u64 last;
	char name[32];
};

/* Where the guest's debug console (DBCN, and the legacy console) goes */
#define RVHV_CONSOLE_USER	0	/* to the VMM, as KVM_EXIT_RISCV_SBI */
#define RVHV_CONSOLE_PRINTK	1	/* to the host's log, line by line; no input */
#define RVHV_CONSOLE_TTY	2	/* to /dev/ttyRVHVn */

#define RVHV_CONSOLE_ANY	(~0U)

/**
 * struct rvhv_console_config - choose the guest's debug console; before the first vCPU
 * @sink: RVHV_CONSOLE_*
 * @index: in: for RVHV_CONSOLE_TTY the wanted n of /dev/ttyRVHVn, or RVHV_CONSOLE_ANY; otherwise
 *	zero. out: n
 *
 * RVHV_CONSOLE_PRINTK takes CAP_SYSLOG. With a sink in the kernel, vCPUs begin with DBCN enabled.
 */
struct rvhv_console_config {
	__u32 sink;
	__u32 index;
};

/* ---- commands, all of a VM ---- */

/* EBUSY: there are vCPUs already, or an id is taken; ENOENT: no such range to remove; ENOSPC */
#define RVHV_SBI_FORWARD	_IOW(RVHVIO, 0x00, struct rvhv_sbi_forward)
#define RVHV_GET_SBI_EXT	_IOWR(RVHVIO, 0x01, struct rvhv_sbi_ext_info)
/* EBUSY: there are vCPUs already, or the tty is taken; ENOSPC: all are */
#define RVHV_SET_CONSOLE	_IOWR(RVHVIO, 0x02, struct rvhv_console_config)
/*
 * The host's end of RVHV_SBI_EID_HOST_COMM, a file descriptor: read and write take one message
 * each. It does not keep the VM: after the VM's end read gives what is left, then 0, and write
 * EPIPE. The guest has the extension as long as it is open. EBUSY: it is open already.
 */
#define RVHV_CREATE_HOST_COMM	_IO(RVHVIO, 0x03)

#endif /* _UAPI_LINUX_RVHV_H */
