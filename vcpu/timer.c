// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's supervisor timer.
 *
 * With Sstc the guest writes vstimecmp, the hart raises VSTIP, and the hrtimer only wakes a vCPU
 * that sleeps. Without it, SBI set_timer starts the hrtimer, which raises VSTIP in hvip.
 */
#include <linux/hrtimer.h>
#include <linux/math64.h>
#include <asm/delay.h>
#include <asm/timex.h>

#include "../include/compat.h"
#include "../rvhv_vm.h"
#include "irq.h"
#include "isa.h"
#include "nested/nested.h"
#include "run.h"
#include "timer.h"

/* Bound of a timeout, so that the arithmetic cannot overflow */
#define FAR_FUTURE_S	(365ULL * 24 * 3600)

/**
 * rvhv_vcpu_time - the time CSR of a guest
 * @vcpu: a vCPU
 *
 * Context: any.
 * Return: the time, in ticks of the timebase.
 */
u64 rvhv_vcpu_time(const struct rvhv_vcpu *vcpu)
{
	return get_cycles64() + READ_ONCE(vcpu->vm->time_delta);
}

static u64 ns_until(const struct rvhv_vcpu *vcpu, u64 compare)
{
	u64 now = rvhv_vcpu_time(vcpu);

	if (compare <= now)
		return 0;
	return mul_u64_u32_div(min_t(u64, compare - now, FAR_FUTURE_S * riscv_timebase),
			       NSEC_PER_SEC, riscv_timebase);
}

/* @due: absolute guest time. In the vCPU's thread or under vcpu->mutex; interrupts may be off. */
void rvhv_timer_start(struct rvhv_vcpu *vcpu, u64 due)
{
	u64 ns = ns_until(vcpu, due);

	vcpu->timer.due = due;
	hrtimer_start(&vcpu->timer.hrt, ns_to_ktime(ns), HRTIMER_MODE_REL);
}

static enum hrtimer_restart timer_expired(struct hrtimer *hrt)
{
	struct rvhv_vcpu *vcpu = container_of(hrt, struct rvhv_vcpu, timer.hrt);
	u64 ns = ns_until(vcpu, vcpu->timer.due);

	/* The two clocks may differ by rounding. */
	if (ns) {
		hrtimer_forward_now(hrt, ns_to_ktime(ns));
		return HRTIMER_RESTART;
	}

	/* The L2 has the comparator, and the L1's interrupt takes it out. */
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

/* Puts the timer of the mode that runs into the hart; preemption off. */
void rvhv_timer_load(struct rvhv_vcpu *vcpu)
{
	if (unlikely(vcpu->virt)) {
		rvhv_nested_timer_load(vcpu);
		return;
	}
	csr_write(CSR_HTIMEDELTA, vcpu->vm->time_delta);
	if (vcpu->timer.sstc)
		csr_write(CSR_VSTIMECMP, vcpu->timer.compare);
}

/* Undoes rvhv_timer_load(). */
void rvhv_timer_put(struct rvhv_vcpu *vcpu)
{
	if (!vcpu->timer.sstc)
		return;
	if (unlikely(vcpu->virt))
		rvhv_nested_timer_save(vcpu);
	else
		vcpu->timer.compare = csr_read(CSR_VSTIMECMP);
	csr_write(CSR_VSTIMECMP, ~0UL);
}

/* The vCPU is about to sleep: its timer will wake it. */
void rvhv_timer_block(struct rvhv_vcpu *vcpu)
{
	u64 due;

	if (!vcpu->timer.sstc)
		return;
	preempt_disable();
	due = csr_read(CSR_VSTIMECMP);
	if (vcpu->nested)
		due = rvhv_nested_timer_due(vcpu, due);
	preempt_enable();
	if (due != ~0ULL)
		rvhv_timer_start(vcpu, due);
}

void rvhv_timer_unblock(struct rvhv_vcpu *vcpu)
{
	if (vcpu->timer.sstc)
		hrtimer_cancel(&vcpu->timer.hrt);
	if (vcpu->nested)
		rvhv_nested_timer_unblock(vcpu);
}

/**
 * rvhv_timer_set - program the guest's timer
 * @vcpu: the vCPU, loaded or not
 * @compare: absolute guest time; a time ahead clears the interrupt (SBI, "Timer Extension")
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

	/* An expiry in progress on another CPU would raise VSTIP for the old event. */
	while (hrtimer_try_to_cancel(&timer->hrt) < 0)
		cpu_relax();
	timer->compare = compare;
	timer->armed = true;
	rvhv_vcpu_set_irq(vcpu, IRQ_VS_TIMER, false);
	if (compare != ~0ULL)
		rvhv_timer_start(vcpu, compare);
}

/**
 * rvhv_timer_cancel - forget the programmed event
 * @vcpu: the vCPU, not loaded
 */
void rvhv_timer_cancel(struct rvhv_vcpu *vcpu)
{
	hrtimer_cancel(&vcpu->timer.hrt);
	vcpu->timer.armed = false;
}
