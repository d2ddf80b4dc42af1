/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rvhv's interface for other modules: SBI extensions, exit handlers, and access to guest registers
 * and memory. Documentation/extending.rst is the guide, samples/rvhv_sample/ an example.
 */
#ifndef _LINUX_RVHV_H
#define _LINUX_RVHV_H

#include <linux/types.h>

struct module;
struct rvhv_vcpu;
struct rvhv_vm;

/**
 * struct rvhv_trap - a trap that the hart reports, or that a guest takes
 * @sepc: address of the instruction
 * @scause: cause; bit 63 marks an interrupt
 * @stval: trap value
 * @htval: guest physical address of a guest page fault, shifted right by two
 * @htinst: transformed instruction, pseudoinstruction, or zero
 *
 * vcpu/switch.h relies on the order of the members.
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
 * struct rvhv_sbi_args - an SBI call
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
 * struct rvhv_sbi_answer - the answer to an SBI call; zero when the handler is called
 * @error: a0: SBI_SUCCESS or an error of the SBI specification; others become SBI_ERR_FAILED
 * @value: a1
 */
struct rvhv_sbi_answer {
	long error;
	unsigned long value;
};

/**
 * struct rvhv_sbi_extension - an SBI extension of another module
 * @name: name for VMMs; at most RVHV_SBI_NAME_MAX characters
 * @first: first extension id
 * @last: last extension id
 * @off_by_default: disabled until the VMM enables it
 * @probe: returns the answer of Base's probe_extension; NULL for 1. While it returns 0, calls get
 *	SBI_ERR_NOT_SUPPORTED
 * @handle: answers a call. Returns 0 with @answer for the guest. KVM_RUN fails with a negative
 *	errno, and the call is repeated when the vCPU next runs; -EINTR if a signal is pending
 *
 * Context: @probe and @handle run in the vCPU's thread with interrupts on. They may sleep; long
 * sleeps must end at a signal. They may call every function of this file except those that
 * unregister.
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
 * @ext: the extension; must not change until rvhv_sbi_unregister()
 *
 * VMs created from now on have it, and list it in ONE_REG (RVHV_SBI_EXT_REGISTERED). They keep it
 * if it is unregistered and registered again with the same name and range.
 *
 * Context: process context, may sleep.
 * Return: 0; -EBUSY if an id of the range is taken; -EINVAL for an invalid range or name, or no
 * handler; -ENOSPC if there are too many extensions; -ENOMEM.
 */
#define rvhv_sbi_register(ext)	__rvhv_sbi_register(ext, THIS_MODULE)

/* ---- exits ---- */

/* Result of an exit handler */
enum rvhv_verdict {
	RVHV_VERDICT_PASS,	/* proceed as without the handler */
	RVHV_VERDICT_RETRY,	/* execute the instruction again */
	RVHV_VERDICT_SKIP,	/* continue after the instruction */
	RVHV_VERDICT_INJECT,	/* the guest takes *trap, which the handler may have changed */
	RVHV_VERDICT_VMM,	/* exit to the VMM with RVHV_EXIT_UNHANDLED */
};

/**
 * struct rvhv_exit_handler - a handler or an observer of one exit cause
 * @cause: exception code, below 64
 * @handle: handles exits of a cause that the core does not handle. Returns enum rvhv_verdict, or a
 *	negative errno, with which KVM_RUN fails; then it is called again when the vCPU next runs.
 *	@trap is a copy. Runs in the vCPU's thread with interrupts on; may sleep
 * @observe: called before an exit of @cause is handled. Runs in the vCPU's thread with interrupts
 *	off; must not sleep or change the vCPU
 *
 * Exactly one of @handle and @observe is set. Exceptions that are delegated to the guest (its page
 * faults, system calls of its programs) cause exits in vCPUs that first run while a handler or an
 * observer is registered; the guest takes those that the handler passes.
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
 * rvhv_exit_register - handle or observe an exit cause
 * @handler: the handler; must not change until rvhv_exit_unregister()
 *
 * Context: process context, may sleep.
 * Return: 0; -EBUSY if the core or another module handles the cause; -EINVAL for an invalid cause,
 * or not exactly one of handle and observe; -ENOSPC if there are too many observers.
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
