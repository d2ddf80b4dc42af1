// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two timers, of the L1 and of its L2, on one comparator: it belongs to the mode that runs. While
 * the L2 runs, the vCPU's hrtimer stands in for the L1's.
 */
#include <linux/minmax.h>

#include "../../rvhv_vm.h"
#include "../timer.h"
#include "internal.h"

/**
 * rvhv_nested_timer_load - put the timer of the L2 into the hart
 * @vcpu: the vCPU, whose L2 runs or is about to
 *
 * Context: preemption off.
 */
void rvhv_nested_timer_load(const struct rvhv_vcpu *vcpu)
{
	const struct rvhv_hs_state *hs = &vcpu->nested->hs;

	csr_write(CSR_HTIMEDELTA, vcpu->vm->time_delta + hs->htimedelta);
	if (vcpu->timer.sstc)
		csr_write(CSR_VSTIMECMP, hs->henvcfg & ENVCFG_STCE ? hs->vstimecmp : ~0UL);
}

/**
 * rvhv_nested_timer_save - undo rvhv_nested_timer_load()
 * @vcpu: the vCPU, whose L2 has run
 *
 * Context: preemption off.
 */
void rvhv_nested_timer_save(struct rvhv_vcpu *vcpu)
{
	struct rvhv_hs_state *hs = &vcpu->nested->hs;

	if (vcpu->timer.sstc && (hs->henvcfg & ENVCFG_STCE))
		hs->vstimecmp = csr_read(CSR_VSTIMECMP);
}

static void arm_l1_timer(struct rvhv_vcpu *vcpu)
{
	struct rvhv_nested *n = vcpu->nested;

	if (n->l1_timecmp == n->armed)
		return;
	n->armed = n->l1_timecmp;
	if (n->armed != ~0ULL)
		rvhv_timer_start(vcpu, n->armed);
}

/* Deadline, in the L1's time, of a VSTIP that the L1 has enabled and not delegated */
static u64 undelegated_vstimer_deadline(const struct rvhv_vcpu *vcpu)
{
	const struct rvhv_hs_state *hs = &vcpu->nested->hs;

	if (!(hs->hie & ~hs->hideleg & BIT(IRQ_VS_TIMER)) || !(hs->henvcfg & ENVCFG_STCE) ||
	    hs->vstimecmp == ~0ULL)
		return ~0ULL;
	return hs->vstimecmp - hs->htimedelta;
}

/* Arms the hrtimer for a VSTIP that the L1 did not delegate; the L1 runs. */
void rvhv_nested_timer_arm_undelegated(struct rvhv_vcpu *vcpu)
{
	u64 deadline = undelegated_vstimer_deadline(vcpu);

	if (deadline == ~0ULL)
		return;
	/* The next entry to the L2 starts the hrtimer for the L1 again. */
	vcpu->nested->armed = ~0ULL;
	rvhv_timer_start(vcpu, deadline);
}

/* Gives the comparator to the L2; loaded, preemption off. */
void rvhv_nested_timer_enter_l2(struct rvhv_vcpu *vcpu)
{
	if (vcpu->timer.sstc) {
		vcpu->nested->l1_timecmp = csr_read(CSR_VSTIMECMP);
		arm_l1_timer(vcpu);
	}
	rvhv_nested_timer_load(vcpu);
}

/* Gives the comparator back to the L1; loaded, preemption off. */
void rvhv_nested_timer_leave_l2(struct rvhv_vcpu *vcpu)
{
	rvhv_nested_timer_save(vcpu);
	csr_write(CSR_HTIMEDELTA, vcpu->vm->time_delta);
	if (vcpu->timer.sstc)
		csr_write(CSR_VSTIMECMP, vcpu->nested->l1_timecmp);
}

/*
 * KVM_RUN begins with the L2. The VMM may have changed vcpu->timer.compare, which is the L1's, or
 * the time.
 */
void rvhv_nested_timer_resume_l2(struct rvhv_vcpu *vcpu)
{
	struct rvhv_nested *n = vcpu->nested;

	if (!vcpu->timer.sstc)
		return;
	n->l1_timecmp = vcpu->timer.compare;
	n->armed = n->l1_timecmp;
	if (n->armed != ~0ULL)
		rvhv_timer_start(vcpu, n->armed);
}

/**
 * rvhv_nested_timer_due - when does a timer wake a vCPU with H that sleeps?
 * @vcpu: the vCPU
 * @comparator: vstimecmp of the hart
 *
 * Context: preemption off.
 * Return: time of the L1, or ~0ULL.
 */
u64 rvhv_nested_timer_due(const struct rvhv_vcpu *vcpu, u64 comparator)
{
	const struct rvhv_nested *n = vcpu->nested;

	if (!vcpu->virt)
		return min(comparator, undelegated_vstimer_deadline(vcpu));
	if (comparator == ~0ULL)
		return n->l1_timecmp;
	return min(n->l1_timecmp, comparator - n->hs.htimedelta);
}

/**
 * rvhv_nested_timer_unblock - the vCPU has slept, which took the hrtimer
 * @vcpu: the vCPU
 */
void rvhv_nested_timer_unblock(struct rvhv_vcpu *vcpu)
{
	vcpu->nested->armed = ~0ULL;
	if (vcpu->virt && vcpu->timer.sstc)
		arm_l1_timer(vcpu);
}
