// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's supervisor timer.
 *
 * With Sstc the guest programs vstimecmp itself and the hart raises VSTIP; the hrtimer only wakes a
 * vCPU that sleeps. Without it, SBI set_timer starts the hrtimer, which raises VSTIP in hvip.
 */
#include <linux/hrtimer.h>
#include <linux/math64.h>
#include <asm/delay.h>
#include <asm/timex.h>

#include "../include/compat.h"
#include "internal.h"
#include "nested/nested.h"

/* Nothing is further away than this: keeps the arithmetic from overflowing */
#define FAR_FUTURE_S	(365ULL * 24 * 3600)

u64 rvhv_vcpu_time(const struct rvhv_vcpu *vcpu)
{
	return get_cycles64() + READ_ONCE(vcpu->vm->time_delta);
}

/* Nanoseconds until guest time reaches @compare; 0 if it has. */
static u64 ns_until(const struct rvhv_vcpu *vcpu, u64 compare)
{
	u64 now = rvhv_vcpu_time(vcpu);

	if (compare <= now)
		return 0;
	return mul_u64_u32_div(min_t(u64, compare - now, FAR_FUTURE_S * riscv_timebase),
			       NSEC_PER_SEC, riscv_timebase);
}

static void start_hrtimer(struct rvhv_vcpu *vcpu, u64 due)
{
	u64 ns = ns_until(vcpu, due);

	vcpu->timer.due = due;
	hrtimer_start(&vcpu->timer.hrt, ns_to_ktime(ns), HRTIMER_MODE_REL);
}

static enum hrtimer_restart timer_expired(struct hrtimer *hrt)
{
	struct rvhv_vcpu *vcpu = container_of(hrt, struct rvhv_vcpu, timer.hrt);
	u64 ns = ns_until(vcpu, vcpu->timer.due);

	/* The two clocks may be off by rounding */
	if (ns) {
		hrtimer_forward_now(hrt, ns_to_ktime(ns));
		return HRTIMER_RESTART;
	}

	/* An L2 has the comparator: the L1's interrupt takes it out */
	if (vcpu->timer.sstc && vcpu->nested)
		rvhv_vcpu_kick(vcpu);
	else if (vcpu->timer.sstc)
		rvhv_vcpu_wake(vcpu);
	else
		rvhv_vcpu_set_irq(vcpu, IRQ_VS_TIMER, true);
	return HRTIMER_NORESTART;
}

void rvhv_timer_init(struct rvhv_vcpu *vcpu)
{
	rvhv_hrtimer_setup(&vcpu->timer.hrt, timer_expired, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	vcpu->timer.compare = ~0ULL;
	vcpu->timer.sstc = rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_SSTC);
}

void rvhv_timer_destroy(struct rvhv_vcpu *vcpu)
{
	hrtimer_cancel(&vcpu->timer.hrt);
}

static void load_l2_timer(const struct rvhv_vcpu *vcpu)
{
	const struct rvhv_hs_state *hs = &vcpu->nested->hs;

	csr_write(CSR_HTIMEDELTA, vcpu->vm->time_delta + hs->htimedelta);
	if (vcpu->timer.sstc)
		csr_write(CSR_VSTIMECMP, hs->henvcfg & ENVCFG_STCE ? hs->vstimecmp : ~0UL);
}

static void save_l2_timer(struct rvhv_vcpu *vcpu)
{
	struct rvhv_hs_state *hs = &vcpu->nested->hs;

	if (vcpu->timer.sstc && (hs->henvcfg & ENVCFG_STCE))
		hs->vstimecmp = csr_read(CSR_VSTIMECMP);
}

/* The L1's timer goes on while the L2 has the comparator. */
static void arm_l1_timer(struct rvhv_vcpu *vcpu)
{
	struct rvhv_nested *n = vcpu->nested;

	if (n->l1_timecmp == n->armed)
		return;
	n->armed = n->l1_timecmp;
	if (n->armed != ~0ULL)
		start_hrtimer(vcpu, n->armed);
}

/* Time of the L1 at which the first of the two timers fires, its own or its L2's */
static u64 first_of_both(const struct rvhv_vcpu *vcpu, u64 l2)
{
	const struct rvhv_nested *n = vcpu->nested;

	if (l2 == ~0ULL)
		return n->l1_timecmp;
	return min(n->l1_timecmp, l2 - n->hs.htimedelta);
}

/* Time of the L1 at which its L2's timer fires, where it keeps that to itself and has it on */
static u64 kept(const struct rvhv_vcpu *vcpu)
{
	const struct rvhv_hs_state *hs = &vcpu->nested->hs;

	if (!(hs->hie & ~hs->hideleg & BIT(IRQ_VS_TIMER)) || !(hs->henvcfg & ENVCFG_STCE) ||
	    hs->vstimecmp == ~0ULL)
		return ~0ULL;
	return hs->vstimecmp - hs->htimedelta;
}

/**
 * rvhv_timer_keep - the L1 goes on, with a timer of its L2's on that it keeps for itself
 * @vcpu: the vCPU, loaded, its L1 running; the comparator is the L1's own
 *
 * Context: interrupts may be off.
 */
void rvhv_timer_keep(struct rvhv_vcpu *vcpu)
{
	u64 compare = kept(vcpu);

	if (compare == ~0ULL)
		return;
	/* Where the L2 comes next the L1's own is to be started again */
	vcpu->nested->armed = ~0ULL;
	start_hrtimer(vcpu, compare);
}

void rvhv_timer_to_l2(struct rvhv_vcpu *vcpu)
{
	struct rvhv_nested *n = vcpu->nested;

	if (vcpu->timer.sstc) {
		n->l1_timecmp = csr_read(CSR_VSTIMECMP);
		arm_l1_timer(vcpu);
	}
	load_l2_timer(vcpu);
}

void rvhv_timer_to_l1(struct rvhv_vcpu *vcpu)
{
	save_l2_timer(vcpu);
	csr_write(CSR_HTIMEDELTA, vcpu->vm->time_delta);
	if (vcpu->timer.sstc)
		csr_write(CSR_VSTIMECMP, vcpu->nested->l1_timecmp);
}

/**
 * rvhv_timer_resume_l2 - KVM_RUN begins with the L2: the L1's timer is an hrtimer
 * @vcpu: the vCPU, not loaded; vcpu->timer.compare is the L1's, which the VMM may have changed, or
 *	the time
 */
void rvhv_timer_resume_l2(struct rvhv_vcpu *vcpu)
{
	struct rvhv_nested *n = vcpu->nested;

	if (!vcpu->timer.sstc)
		return;
	n->l1_timecmp = vcpu->timer.compare;
	n->armed = n->l1_timecmp;
	if (n->armed != ~0ULL)
		start_hrtimer(vcpu, n->armed);
}

void rvhv_timer_load(struct rvhv_vcpu *vcpu)
{
	if (rvhv_nested_virt(vcpu)) {
		load_l2_timer(vcpu);
		return;
	}
	csr_write(CSR_HTIMEDELTA, vcpu->vm->time_delta);
	if (vcpu->timer.sstc)
		csr_write(CSR_VSTIMECMP, vcpu->timer.compare);
}

void rvhv_timer_put(struct rvhv_vcpu *vcpu)
{
	if (!vcpu->timer.sstc)
		return;
	if (rvhv_nested_virt(vcpu))
		save_l2_timer(vcpu);
	else
		vcpu->timer.compare = csr_read(CSR_VSTIMECMP);
	/* Whoever runs a guest next on this hart has a comparator of its own */
	csr_write(CSR_VSTIMECMP, ~0UL);
}

/**
 * rvhv_timer_block - the vCPU is about to sleep: have its timer wake it
 * @vcpu: the vCPU
 */
void rvhv_timer_block(struct rvhv_vcpu *vcpu)
{
	u64 due;

	if (!vcpu->timer.sstc)
		return;
	preempt_disable();
	due = csr_read(CSR_VSTIMECMP);
	if (rvhv_nested_virt(vcpu))
		due = first_of_both(vcpu, due);
	else if (vcpu->nested)
		due = min(due, kept(vcpu));
	preempt_enable();
	if (due != ~0ULL)
		start_hrtimer(vcpu, due);
}

void rvhv_timer_unblock(struct rvhv_vcpu *vcpu)
{
	if (vcpu->timer.sstc)
		hrtimer_cancel(&vcpu->timer.hrt);
	if (!vcpu->nested)
		return;
	vcpu->nested->armed = ~0ULL;
	if (vcpu->virt && vcpu->timer.sstc)
		arm_l1_timer(vcpu);
}

/**
 * rvhv_timer_set - program the guest's timer
 * @vcpu: the vCPU, loaded or not
 * @compare: absolute guest time; the interrupt is cleared if it lies ahead (SBI, "Timer Extension")
 *
 * Context: the vCPU's thread, or vcpu->mutex held; interrupts may be off.
 */
void rvhv_timer_set(struct rvhv_vcpu *vcpu, u64 compare)
{
	struct rvhv_vcpu_timer *timer = &vcpu->timer;

	if (timer->sstc) {
		timer->compare = compare;
		timer->armed = true;
		if (READ_ONCE(vcpu->cpu) >= 0)
			csr_write(CSR_VSTIMECMP, compare);
		return;
	}

	/* A firing in progress on another CPU would raise VSTIP for the old event */
	while (hrtimer_try_to_cancel(&timer->hrt) < 0)
		cpu_relax();
	timer->compare = compare;
	timer->armed = true;
	rvhv_vcpu_set_irq(vcpu, IRQ_VS_TIMER, false);
	if (compare != ~0ULL)
		start_hrtimer(vcpu, compare);
}

void rvhv_timer_cancel(struct rvhv_vcpu *vcpu)
{
	hrtimer_cancel(&vcpu->timer.hrt);
	vcpu->timer.armed = false;
}
