/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * rvhv's additions to KVM's userspace interface. /dev/rvhv has KVM's ioctls and structures.
 */
#ifndef _UAPI_LINUX_RVHV_H
#define _UAPI_LINUX_RVHV_H

#include <linux/types.h>
#include <linux/ioctl.h>
#include <linux/kvm.h>

/* ioctl type of rvhv's own commands */
#define RVHVIO		0xBB

/* ---- unhandled exits ---- */

/*
 * Exit reason in struct kvm_run; KVM's, so that VMMs that do not know rvhv report it correctly. The
 * record overlays hw.
 */
#define RVHV_EXIT_UNHANDLED	KVM_EXIT_UNKNOWN

/* Answers of the VMM, in @action */
#define RVHV_UNHANDLED_RETRY	0	/* execute the instruction again */
#define RVHV_UNHANDLED_SKIP	1	/* continue after the instruction */
#define RVHV_UNHANDLED_INJECT	2	/* the guest takes the exception @inject_scause */

/**
 * struct rvhv_exit_unhandled - record of an exit that the kernel does not handle
 * @scause: cause; overlays hw.hardware_exit_reason
 * @sepc: guest's pc
 * @stval: trap value
 * @htval: guest physical address of a guest page fault, shifted right by two
 * @htinst: transformed instruction, pseudoinstruction, or zero
 * @insn: instruction at @sepc, zero if it could not be read
 * @action: the VMM's answer, RVHV_UNHANDLED_*; RVHV_UNHANDLED_RETRY by default
 * @inject_scause: for RVHV_UNHANDLED_INJECT: exception code, below 64
 * @inject_stval: for RVHV_UNHANDLED_INJECT: trap value
 * @reserved: zero, also in the answer
 *
 * KVM_RUN fails with EINVAL, and the exit stays unanswered, for an unknown action, an invalid
 * cause, RVHV_UNHANDLED_SKIP if @insn is zero, or a value in @reserved.
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
 * register is the CSR's, or RVHV_REG_RISCV_HS_VIRT: 1 while the L2 runs, else 0.
 *
 * The VS CSRs are L2's; the general CSRs and the timer are L1's; the core and floating point
 * registers are those of the level that runs. hip, vsip, vsie, hgeip and hgeie are views of other
 * registers: writing them has no effect.
 */
#define RVHV_REG_RISCV_CSR_HS		(0x80 << KVM_REG_RISCV_SUBTYPE_SHIFT)
#define RVHV_REG_RISCV_HS_VIRT		0x1000

/* ---- SBI ---- */

/*
 * Numbers of KVM_REG_RISCV_SBI_SINGLE for extensions that KVM does not have. Registered extensions
 * begin at RVHV_SBI_EXT_REGISTERED, in the order of RVHV_GET_SBI_EXT's index.
 */
#define RVHV_SBI_EXT_HVC		0x100	/* off until enabled */
#define RVHV_SBI_EXT_HOST_COMM		0x101
#define RVHV_SBI_EXT_REGISTERED		0x200

/* Extension ids of rvhv's own extensions */
#define RVHV_SBI_EID_HVC		0x485643	/* "HVC": KVM_EXIT_HYPERCALL */
#define RVHV_SBI_EID_HOST_COMM		0x484F5354	/* "HOST" */

/* Functions of RVHV_SBI_EID_HOST_COMM */
#define RVHV_HOST_COMM_SEND		0
#define RVHV_HOST_COMM_RECEIVE		1
/* Bytes of a message: from 1 to this */
#define RVHV_HOST_COMM_MAX		4096

/* Flag of struct rvhv_sbi_forward */
#define RVHV_SBI_FORWARD_REMOVE		0x1

/**
 * struct rvhv_sbi_forward - forward SBI calls to the VMM, as KVM_EXIT_RISCV_SBI
 * @first: first extension id
 * @last: last extension id
 * @flags: 0, or RVHV_SBI_FORWARD_REMOVE to undo an earlier call with the same range
 * @pad: zero
 *
 * The VMM also answers probe_extension for the range. Base cannot be forwarded. A range that
 * contains other extensions of the kernel must contain them completely and be set before the first
 * vCPU (EBUSY); vCPUs begin with these extensions disabled.
 */
struct rvhv_sbi_forward {
	__u64 first;
	__u64 last;
	__u32 flags;
	__u32 pad;
};

#define RVHV_SBI_EXT_AVAILABLE	0x1	/* the VM has its register */
#define RVHV_SBI_EXT_PRESENT	0x2	/* it is registered now */

/**
 * struct rvhv_sbi_ext_info - an SBI extension that a module registered
 * @index: in: index from 0; ENOENT if unused
 * @flags: RVHV_SBI_EXT_*
 * @first: first extension id
 * @last: last extension id
 * @name: name, terminated by a zero byte
 */
struct rvhv_sbi_ext_info {
	__u32 index;
	__u32 flags;
	__u64 first;
	__u64 last;
	char name[32];
};

/* Sinks of the debug console (DBCN and the legacy console) */
#define RVHV_CONSOLE_USER	0	/* the VMM, by KVM_EXIT_RISCV_SBI */
#define RVHV_CONSOLE_PRINTK	1	/* the host's log, by lines; no input */
#define RVHV_CONSOLE_TTY	2	/* /dev/ttyRVHVn */

#define RVHV_CONSOLE_ANY	(~0U)

/**
 * struct rvhv_console_config - debug console of a VM; set before the first vCPU
 * @sink: RVHV_CONSOLE_*
 * @index: in: for RVHV_CONSOLE_TTY n of /dev/ttyRVHVn or RVHV_CONSOLE_ANY, else zero. out: n
 *
 * RVHV_CONSOLE_PRINTK needs CAP_SYSLOG. With a sink in the kernel, vCPUs begin with DBCN enabled.
 */
struct rvhv_console_config {
	__u32 sink;
	__u32 index;
};

/* ---- ioctls of a VM ---- */

/* EBUSY: there are vCPUs, or an id is taken; ENOENT: no such range to remove; ENOSPC */
#define RVHV_SBI_FORWARD	_IOW(RVHVIO, 0x00, struct rvhv_sbi_forward)
#define RVHV_GET_SBI_EXT	_IOWR(RVHVIO, 0x01, struct rvhv_sbi_ext_info)
/* EBUSY: there are vCPUs, or the tty is taken; ENOSPC: all ttys are taken */
#define RVHV_SET_CONSOLE	_IOWR(RVHVIO, 0x02, struct rvhv_console_config)
/*
 * Returns a file descriptor for the host's end of RVHV_SBI_EID_HOST_COMM: read() and write()
 * transfer one message. The guest has the extension while the file is open. The file does not keep
 * the VM alive: after the VM's end read() returns the remaining messages, then 0; write() fails
 * with EPIPE. EBUSY: the channel is open.
 */
#define RVHV_CREATE_HOST_COMM	_IO(RVHVIO, 0x03)

#endif /* _UAPI_LINUX_RVHV_H */
