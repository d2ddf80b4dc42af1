// SPDX-License-Identifier: GPL-2.0-only
/*
 * The exit table: one row for each exception cause.
 *
 * The fast handler runs with interrupts off inside the inner loop; it returns RVHV_RESUME, or
 * RVHV_SLOW with nothing changed. The slow handler runs with interrupts on and may sleep.
 */
#include <linux/nospec.h>

#include "internal.h"

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

static int breakpoint_slow(struct rvhv_vcpu *vcpu)
{
	vcpu->exit.reason = RVHV_EXIT_DEBUG;
	vcpu->exit.debug.pc = vcpu->sw.sepc;
	return RVHV_TO_USER;
}

static const struct exit_row exit_table[] = {
	[EXC_INST_ILLEGAL]		= { .fast = illegal_fast },
	[EXC_BREAKPOINT]		= { .slow = breakpoint_slow },
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
	static const struct exit_row unknown;

	if (cause >= ARRAY_SIZE(exit_table))
		return &unknown;
	return &exit_table[array_index_nospec(cause, ARRAY_SIZE(exit_table))];
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

	return row->fast ? row->fast(vcpu) : RVHV_SLOW;
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

	return row->slow ? row->slow(vcpu) : rvhv_exit_unknown(vcpu);
}

/**
 * rvhv_exit_unknown - report the last exit to the VMM as one that nothing here handles
 * @vcpu: the vCPU
 *
 * Return: RVHV_TO_USER.
 */
int rvhv_exit_unknown(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap fault;
	u32 insn;

	vcpu->exit.reason = RVHV_EXIT_UNKNOWN;
	rvhv_trap_last(vcpu, &vcpu->exit.unknown.trap);
	vcpu->exit.unknown.insn = rvhv_fetch_insn(vcpu, &insn, &fault) ? insn : 0;
	return RVHV_TO_USER;
}
