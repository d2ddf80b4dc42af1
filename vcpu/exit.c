// SPDX-License-Identifier: GPL-2.0-only
/*
 * The exit table: one row for each exception cause. What has no row is offered to handlers of other
 * modules (exit_registry.c).
 *
 * The fast handler runs with interrupts off inside the inner loop; it returns RVHV_RESUME, or
 * RVHV_SLOW with nothing changed. The slow handler runs with interrupts on and may sleep.
 */
#include <linux/nospec.h>

#include <linux/errno.h>
#include <linux/export.h>

#include "exit_registry.h"
#include "insn.h"
#include "internal.h"
#include "nested/nested.h"

struct exit_row {
	enum rvhv_next (*fast)(struct rvhv_vcpu *vcpu);
	int (*slow)(struct rvhv_vcpu *vcpu);
};

/* The hart's own complaint about the guest's instruction: the guest handles it. */
static enum rvhv_next redirect_fast(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap trap;

	rvhv_trap_last(vcpu, &trap);
	rvhv_trap_redirect(vcpu, &trap);
	return RVHV_RESUME;
}

/*
 * An instruction of a unit that is off at HS level is illegal too: units are given to the guest
 * when it first needs them.
 */
static enum rvhv_next illegal_fast(struct rvhv_vcpu *vcpu)
{
	if (rvhv_fp_enable(vcpu) || rvhv_vector_enable(vcpu))
		return RVHV_RESUME;
	return redirect_fast(vcpu);
}

/* Under guest debug it is the VMM's; otherwise a module only wanted to see it. */
static enum rvhv_next breakpoint_fast(struct rvhv_vcpu *vcpu)
{
	return vcpu->guest_debug ? RVHV_SLOW : redirect_fast(vcpu);
}

static int breakpoint_slow(struct rvhv_vcpu *vcpu)
{
	vcpu->exit.reason = RVHV_REASON_DEBUG;
	vcpu->exit.debug.pc = vcpu->sw.sepc;
	return RVHV_TO_USER;
}

static const struct exit_row exit_table[] = {
	[EXC_INST_ILLEGAL]		= { .fast = illegal_fast },
	[EXC_BREAKPOINT]		= { .fast = breakpoint_fast,
					    .slow = breakpoint_slow },
	[EXC_LOAD_MISALIGNED]		= { .fast = redirect_fast },
	[EXC_LOAD_ACCESS]		= { .fast = redirect_fast },
	[EXC_STORE_MISALIGNED]		= { .fast = redirect_fast },
	[EXC_STORE_ACCESS]		= { .fast = redirect_fast },
	[EXC_INST_ACCESS]		= { .fast = redirect_fast },
	[EXC_SUPERVISOR_SYSCALL]	= { .fast = rvhv_ecall_fast, .slow = rvhv_ecall_slow },
	[EXC_INST_GUEST_PAGE_FAULT]	= { .slow = rvhv_fault_slow },
	[EXC_LOAD_GUEST_PAGE_FAULT]	= { .slow = rvhv_fault_slow },
	[EXC_VIRTUAL_INST_FAULT]	= { .fast = rvhv_virtual_insn_fast,
					    .slow = rvhv_virtual_insn_slow },
	[EXC_STORE_GUEST_PAGE_FAULT]	= { .fast = rvhv_fault_fast, .slow = rvhv_fault_slow },
};

static const struct exit_row *exit_row(unsigned long cause)
{
	static const struct exit_row unhandled;

	if (cause >= ARRAY_SIZE(exit_table))
		return &unhandled;
	return &exit_table[array_index_nospec(cause, ARRAY_SIZE(exit_table))];
}

/**
 * rvhv_exit_observe - show the last exit to observers of other modules
 * @vcpu: the vCPU, loaded
 *
 * Context: interrupts off.
 */
void rvhv_exit_observe(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap trap;

	rvhv_trap_last(vcpu, &trap);
	rvhv_exit_registry_observe(vcpu, &trap);
}

/**
 * rvhv_exit_fast - serve the last exit with interrupts off
 * @vcpu: the vCPU, loaded
 *
 * Return: RVHV_RESUME, or RVHV_SLOW: leave the inner loop and call rvhv_exit_slow().
 */
enum rvhv_next rvhv_exit_fast(struct rvhv_vcpu *vcpu)
{
	const struct exit_row *row = exit_row(vcpu->sw.scause);

	if (unlikely(vcpu->nested)) {
		rvhv_nested_count_exit(vcpu);
		if (vcpu->virt)
			return rvhv_nested_exit_fast(vcpu);
		if (vcpu->sw.scause == EXC_VIRTUAL_INST_FAULT && vcpu->sw.stval != RVHV_INSN_WFI)
			return rvhv_nested_insn_fast(vcpu);
	}
	return row->fast ? row->fast(vcpu) : RVHV_SLOW;
}

static void redirect_slow(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap)
{
	preempt_disable();
	rvhv_trap_redirect(vcpu, trap);
	preempt_enable();
}

/*
 * Nobody wants the trap: the guest's if the hart would have given it to the guest, else the VMM's.
 */
static int nobodys(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap)
{
	if (trap->scause >= RVHV_EXIT_CAUSES || !(BIT(trap->scause) & RVHV_HEDELEG_DEFAULT))
		return rvhv_exit_unhandled(vcpu);
	redirect_slow(vcpu, trap);
	return RVHV_RESUME;
}

/* May a guest be given this exception? */
static bool injectable(unsigned long scause)
{
	return scause < RVHV_EXIT_CAUSES;
}

/*
 * Go on after the instruction that trapped; it is read for its length, which another hart of the
 * guest may prevent: then the guest has the fault. An ecall has 32 bits.
 */
static int skip_insn(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap fault;
	u32 insn;
	int ret;

	if (vcpu->sw.scause == EXC_SYSCALL) {
		vcpu->sw.sepc += 4;
		return RVHV_RESUME;
	}
	ret = rvhv_vcpu_fetch_insn(vcpu, vcpu->sw.sepc, &insn, &fault);
	if (ret < 0)
		return ret;
	if (ret)
		redirect_slow(vcpu, &fault);
	else
		vcpu->sw.sepc += rvhv_insn_len(insn);
	return RVHV_RESUME;
}

/* A cause of which the core knows nothing */
static int registered_slow(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap last, trap;
	int ret;

	rvhv_trap_last(vcpu, &last);
	trap = last;
	ret = rvhv_exit_registry_call(vcpu, &trap);
	switch (ret) {
	case RVHV_VERDICT_PASS:
		return nobodys(vcpu, &last);
	case RVHV_VERDICT_RETRY:
		return RVHV_RESUME;
	case RVHV_VERDICT_SKIP:
		return skip_insn(vcpu);
	case RVHV_VERDICT_INJECT:
		if (!injectable(trap.scause))
			return -EIO;
		redirect_slow(vcpu, &trap);
		return RVHV_RESUME;
	case RVHV_VERDICT_VMM:
		return rvhv_exit_unhandled(vcpu);
	default:
		return ret;
	}
}

/**
 * rvhv_exit_slow - serve the last exit where interrupts are on and sleeping is allowed
 * @vcpu: the vCPU
 *
 * Return: enum rvhv_next other than RVHV_SLOW, or a negative errno for KVM_RUN.
 */
int rvhv_exit_slow(struct rvhv_vcpu *vcpu)
{
	const struct exit_row *row = exit_row(vcpu->sw.scause);

	if (rvhv_nested_virt(vcpu))
		return rvhv_nested_exit_slow(vcpu);
	return row->slow ? row->slow(vcpu) : registered_slow(vcpu);
}

/**
 * rvhv_exit_unhandled - report the last exit to the VMM as one that nothing here handles
 * @vcpu: the vCPU
 *
 * Return: RVHV_TO_USER.
 */
int rvhv_exit_unhandled(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap fault;
	u32 insn;

	vcpu->exit.reason = RVHV_REASON_UNHANDLED;
	rvhv_trap_last(vcpu, &vcpu->exit.unhandled.trap);
	vcpu->exit.unhandled.insn = rvhv_fetch_insn(vcpu, &insn, &fault) ? insn : 0;
	vcpu->exit_pending = true;
	return RVHV_TO_USER;
}

/**
 * rvhv_exit_complete - do with an unhandled exit what the VMM says
 * @vcpu: the vCPU, not loaded; vcpu->exit.unhandled holds the answer
 *
 * Return: 0, or -EINVAL if that cannot be done, with nothing changed.
 */
int rvhv_exit_complete(struct rvhv_vcpu *vcpu)
{
	const struct rvhv_trap *inject = &vcpu->exit.unhandled.inject;
	u32 insn = vcpu->exit.unhandled.insn;

	if (vcpu->exit.unhandled.bad)
		return -EINVAL;
	switch (vcpu->exit.unhandled.action) {
	case RVHV_VERDICT_SKIP:
		if (!insn)
			return -EINVAL;
		vcpu->sw.sepc += rvhv_insn_len(insn);
		return 0;
	case RVHV_VERDICT_INJECT:
		if (!injectable(inject->scause))
			return -EINVAL;
		preempt_disable();
		rvhv_vcpu_load(vcpu, smp_processor_id());
		rvhv_trap_redirect(vcpu, inject);
		rvhv_vcpu_put(vcpu, true);
		preempt_enable();
		return 0;
	default:
		return 0;
	}
}

/**
 * __rvhv_exit_register - handle or observe a cause of exits
 * @handler: the handler
 * @owner: the module that has its code
 *
 * Callers use rvhv_exit_register().
 *
 * Context: process context, may sleep.
 * Return: 0; -EBUSY for a handler of a cause that the core or another module handles; -EINVAL for a
 * cause that is none, or not exactly one of handle and observe; -ENOSPC for too many observers.
 */
int __rvhv_exit_register(struct rvhv_exit_handler *handler, struct module *owner)
{
	const struct exit_row *row = exit_row(handler->cause);

	if (handler->handle && (row->fast || row->slow))
		return -EBUSY;
	return rvhv_exit_registry_add(handler, owner);
}
EXPORT_SYMBOL_GPL(__rvhv_exit_register);

/**
 * rvhv_exit_unregister - undo rvhv_exit_register()
 * @handler: the handler; may be one that was not registered
 *
 * Waits until no vCPU is in it.
 *
 * Context: process context, may sleep; not from a handler.
 */
void rvhv_exit_unregister(struct rvhv_exit_handler *handler)
{
	rvhv_exit_registry_remove(handler);
}
EXPORT_SYMBOL_GPL(rvhv_exit_unregister);
