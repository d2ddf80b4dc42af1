/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rvhv for other modules: SBI extensions, exit handlers, and the guest's registers and memory.
 *
 * Documentation/extending.rst is the guide; samples/rvhv_sample/ uses all of it.
 */
#ifndef _LINUX_RVHV_H
#define _LINUX_RVHV_H

#include <linux/types.h>

struct module;
struct rvhv_vcpu;
struct rvhv_vm;

/**
 * struct rvhv_trap - one trap, as the hart reports it or as a guest is to see it
 * @sepc: address of the instruction
 * @scause: cause; bit 63 marks an interrupt
 * @stval: trap value
 * @htval: guest physical address of a guest page fault, shifted right by two
 * @htinst: transformed instruction, pseudoinstruction, or zero
 *
 * Privileged specification, "Supervisor Trap Value" and "Hypervisor Trap Instruction".
 * The world switch knows the order of the members (vcpu/switch.h).
 */
struct rvhv_trap {
	unsigned long sepc;
	unsigned long scause;
	unsigned long stval;
	unsigned long htval;
	unsigned long htinst;
};

/* ---- SBI extensions ---- */

/**
 * struct rvhv_sbi_args - one SBI call, as the guest made it; a copy
 * @eid: extension (a7)
 * @fid: function (a6)
 * @arg: a0 to a5
 */
struct rvhv_sbi_args {
	unsigned long eid;
	unsigned long fid;
	unsigned long arg[6];
};

/**
 * struct rvhv_sbi_answer - what the guest gets
 * @error: a0: SBI_SUCCESS or an error of the SBI specification, "Binary Encoding"; a code that the
 *	specification does not know reaches the guest as SBI_ERR_FAILED
 * @value: a1
 *
 * Both are zero when the handler is called.
 */
struct rvhv_sbi_answer {
	long error;
	unsigned long value;
};

/**
 * struct rvhv_sbi_extension - an SBI extension of another module
 * @name: as VMMs see it; at most RVHV_SBI_NAME_MAX characters
 * @first: first extension id
 * @last: last extension id, the same for an extension of one
 * @off_by_default: guests do not get it until the VMM enables it
 * @probe: what the guest's probe_extension answers, NULL for 1. While it answers 0 the extension is
 *	not there for the guests of this VM.
 * @handle: answer one call of @vcpu, a vCPU of @vm. Returns 0 with @answer for the guest. A
 *	negative errno is a failure of the host's: KVM_RUN fails with it, and the call is made again
 *	when the VMM runs the vCPU once more; -EINTR where a signal is pending.
 *
 * Context: @probe and @handle run in the vCPU's thread, interrupts on; they may sleep, for long
 * only where a signal wakes them. They may use everything of this file but unregister.
 */
struct rvhv_sbi_extension {
	const char *name;
	unsigned long first;
	unsigned long last;
	bool off_by_default;
	unsigned long (*probe)(struct rvhv_vm *vm);
	int (*handle)(struct rvhv_vm *vm, struct rvhv_vcpu *vcpu, const struct rvhv_sbi_args *args,
		      struct rvhv_sbi_answer *answer);
	/* private: */
	struct module *owner;
};

#define RVHV_SBI_NAME_MAX	31

int __rvhv_sbi_register(struct rvhv_sbi_extension *ext, struct module *owner);
void rvhv_sbi_unregister(struct rvhv_sbi_extension *ext);

/**
 * rvhv_sbi_register - offer an SBI extension to guests
 * @ext: the extension; stays the caller's, who keeps it unchanged until rvhv_sbi_unregister()
 *
 * VMs made from now on have it, in the list of ONE_REG too (RVHV_SBI_EXT_REGISTERED). A VM keeps
 * the right to it over an unregister and a register again, with the same name and range.
 *
 * Context: process context, may sleep.
 * Return: 0; -EBUSY if an extension id of the range is taken; -EINVAL for a bad range, name, or no
 * handler; -ENOSPC if there are too many extensions; -ENOMEM.
 */
#define rvhv_sbi_register(ext)	__rvhv_sbi_register(ext, THIS_MODULE)

/* ---- exits ---- */

/* What becomes of a trap after its handler */
enum rvhv_verdict {
	RVHV_VERDICT_PASS,	/* not ours: what would happen without the handler */
	RVHV_VERDICT_RETRY,	/* the guest runs the instruction again */
	RVHV_VERDICT_SKIP,	/* the guest goes on after the instruction */
	RVHV_VERDICT_INJECT,	/* the guest takes *trap, which the handler may have changed */
	RVHV_VERDICT_VMM,	/* a record of the trap goes to the VMM (RVHV_EXIT_UNHANDLED) */
};

/**
 * struct rvhv_exit_handler - a handler, or an observer, of one cause of exits
 * @cause: exception code, below 64
 * @handle: deal with an exit of @cause, of which the core has no handler. Returns enum
 *	rvhv_verdict, or a negative errno for KVM_RUN, and then is called again when the vCPU next
 *	runs. @trap is a copy. Runs in the vCPU's thread, interrupts on; may sleep.
 * @observe: see an exit of @cause, whoever handles it, before it is handled. Runs in the vCPU's
 *	thread with interrupts off; must not sleep or change the vCPU.
 *
 * One of the two is set. Exceptions that the guest's kernel takes by itself (page faults of its own
 * tables, system calls of its programs) come here too while a handler or an observer of theirs is
 * registered, in vCPUs that run for the first time after that; what the handler passes on is then
 * given to the guest.
 */
struct rvhv_exit_handler {
	unsigned long cause;
	int (*handle)(struct rvhv_vcpu *vcpu, struct rvhv_trap *trap);
	void (*observe)(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap);
	/* private: */
	struct module *owner;
	struct rvhv_exit_handler *next;
};

int __rvhv_exit_register(struct rvhv_exit_handler *handler, struct module *owner);
void rvhv_exit_unregister(struct rvhv_exit_handler *handler);

/**
 * rvhv_exit_register - handle or observe a cause of exits
 * @handler: the handler; stays the caller's, who keeps it unchanged until rvhv_exit_unregister()
 *
 * Context: process context, may sleep.
 * Return: 0; -EBUSY for a handler of a cause that the core or another module handles; -EINVAL for a
 * cause that is none, or not exactly one of handle and observe; -ENOSPC for too many observers.
 */
#define rvhv_exit_register(handler)	__rvhv_exit_register(handler, THIS_MODULE)

/* ---- the vCPU, for handlers ---- */

struct rvhv_vm *rvhv_vcpu_vm(struct rvhv_vcpu *vcpu);
unsigned long rvhv_vcpu_hart_id(const struct rvhv_vcpu *vcpu);
unsigned long rvhv_vcpu_get_gpr(const struct rvhv_vcpu *vcpu, unsigned int reg);
void rvhv_vcpu_set_gpr(struct rvhv_vcpu *vcpu, unsigned int reg, unsigned long val);

/* ---- guest memory, for handlers ---- */

int rvhv_vcpu_read_phys(struct rvhv_vcpu *vcpu, void *dst, u64 gpa, size_t len);
int rvhv_vcpu_write_phys(struct rvhv_vcpu *vcpu, u64 gpa, const void *src, size_t len);
size_t rvhv_vcpu_read_phys_atomic(struct rvhv_vcpu *vcpu, void *dst, u64 gpa, size_t len);
size_t rvhv_vcpu_write_phys_atomic(struct rvhv_vcpu *vcpu, u64 gpa, const void *src, size_t len);
int rvhv_vcpu_fetch_insn(struct rvhv_vcpu *vcpu, unsigned long gva, u32 *insn,
			 struct rvhv_trap *trap);
int rvhv_vcpu_read_virt(struct rvhv_vcpu *vcpu, void *dst, unsigned long gva, size_t len,
			struct rvhv_trap *trap);
int rvhv_vcpu_write_virt(struct rvhv_vcpu *vcpu, unsigned long gva, const void *src, size_t len,
			 struct rvhv_trap *trap);

#endif /* _LINUX_RVHV_H */
