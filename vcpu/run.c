// SPDX-License-Identifier: GPL-2.0-only
/*
 * The run loop.
 *
 * The inner loop enters the guest, and serves what can be served with interrupts off, without
 * leaving. The outer loop does everything else: requests of other threads, signals, scheduling, and
 * exits that may sleep.
 */
#include <linux/preempt.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include <asm/cacheflush.h>

#include "../include/compat.h"
#include "../trace.h"
#include "exit_registry.h"
#include "guest_state.h"
#include "internal.h"
#include "nested/nested.h"

/* What made the inner loop end */
enum inner_end {
	INNER_IRQ,	/* an interrupt for the host, or work for the outer loop */
	INNER_SLOW,	/* an exit for rvhv_exit_slow() */
};

static noinstr void enter_guest(struct rvhv_vcpu *vcpu)
{
	rvhv_guest_enter();
	rvhv_switch_to_guest(&vcpu->sw);
	rvhv_guest_leave();
}

static enum inner_end run_inner(struct rvhv_vcpu *vcpu)
{
	enum rvhv_next next;

	do {
		rvhv_irq_flush(vcpu);
		if (rvhv_nested_may_interrupt(vcpu) && rvhv_nested_interrupt(vcpu) &&
		    !rvhv_vcpu_tlb_ready(vcpu))
			return INNER_IRQ;
		trace_rvhv_entry(vcpu);
		enter_guest(vcpu);
		trace_rvhv_exit(vcpu);
		vcpu->stats.exits++;
		if (unlikely(vcpu->sw.scause & CAUSE_IRQ_FLAG))
			return INNER_IRQ;
		if (static_branch_unlikely(&rvhv_exit_observed))
			rvhv_exit_observe(vcpu);
		next = rvhv_exit_fast(vcpu);
	} while (next == RVHV_RESUME);

	return next == RVHV_SLOW ? INNER_SLOW : INNER_IRQ;
}

/*
 * Whatever uses the guest's translations on this CPU comes here first. A thread that was preempted
 * on the way may be on a CPU that no flush would reach, or that holds another vCPU's translations.
 */
bool rvhv_vcpu_tlb_ready(struct rvhv_vcpu *vcpu)
{
	struct rvhv_vcpu_stage *stage = vcpu->stage;
	struct rvhv_translation *t = stage->translation;
	int cpu = smp_processor_id();

	lockdep_assert_irqs_disabled();
	if (unlikely(!rvhv_translation_is_current(t)))
		return false;
	if (vcpu->hgatp != t->hgatp) {
		vcpu->hgatp = t->hgatp;
		csr_write(CSR_HGATP, vcpu->hgatp);
	}
	rvhv_translation_enter_cpu(t, vcpu->id, stage->cpu != cpu);
	stage->cpu = cpu;
	return true;
}

/* Interrupts are off: is there a reason not to enter the guest now? */
static bool must_not_enter(struct rvhv_vcpu *vcpu)
{
	return READ_ONCE(vcpu->requests) || xfer_to_guest_mode_work_pending() ||
	       !rvhv_vcpu_tlb_ready(vcpu);
}

/* Returns the end of the inner loop, or -EAGAIN if the guest was not entered. */
static int enter_once(struct rvhv_vcpu *vcpu)
{
	struct rvhv_translation *t = vcpu->stage->translation;
	int end;

	preempt_disable();
	if (unlikely(!rvhv_translation_is_current(t)))
		rvhv_translation_update(t);

	local_irq_disable();
	WRITE_ONCE(vcpu->mode, RVHV_IN_GUEST);
	/*
	 * Pairs with rvhv_vcpu_kick(): whoever changes something for this vCPU and then sees it
	 * outside the guest may rely on the checks below.
	 */
	smp_mb();
	if (unlikely(must_not_enter(vcpu))) {
		WRITE_ONCE(vcpu->mode, RVHV_OUTSIDE_GUEST);
		local_irq_enable();
		preempt_enable();
		return -EAGAIN;
	}

	if (unlikely(vcpu->moved)) {
		/* The guest's fence.i went to the hart that it left */
		local_flush_icache_all();
		vcpu->moved = false;
	}
	rvhv_vector_load(vcpu);
	/* Not for longer: the host's perf writes it by interrupts */
	vcpu->csr.scounteren = csr_swap(CSR_SCOUNTEREN, vcpu->csr.scounteren);

	rvhv_guest_begin();
	end = run_inner(vcpu);
	if (rvhv_nested_virt(vcpu))
		rvhv_nested_merge_dirty(vcpu);

	vcpu->csr.scounteren = csr_swap(CSR_SCOUNTEREN, vcpu->csr.scounteren);
	/* The exit left SPV set: the next return to user mode would be one to VU mode */
	csr_write(CSR_HSTATUS, vcpu->host_hstatus);
	WRITE_ONCE(vcpu->mode, RVHV_OUTSIDE_GUEST);
	rvhv_vector_put(vcpu);

	/* An interrupt that came while the guest ran is served on its time */
	if (end == INNER_IRQ) {
		local_irq_enable();
		local_irq_disable();
	}
	rvhv_guest_end();
	local_irq_enable();
	preempt_enable();

	return end;
}

static int process_requests(struct rvhv_vcpu *vcpu)
{
	int ret;

	if (rvhv_vcpu_take_request(vcpu, RVHV_REQ_SLEEP)) {
		ret = rvhv_vcpu_wait_started(vcpu);
		if (ret)
			return ret;
	}
	if (rvhv_vcpu_take_request(vcpu, RVHV_REQ_RESET))
		rvhv_vcpu_reset(vcpu, false);
	if (rvhv_vcpu_take_request(vcpu, RVHV_REQ_RESUME))
		rvhv_vcpu_reset(vcpu, true);
	if (rvhv_vcpu_take_request(vcpu, RVHV_REQ_FENCE_I))
		local_flush_icache_all();
	if (rvhv_vcpu_take_request(vcpu, RVHV_REQ_FENCE))
		rvhv_fence_process(vcpu);

	return 0;
}

static int run_outer(struct rvhv_vcpu *vcpu)
{
	int ret;

	for (;;) {
		if (unlikely(READ_ONCE(vcpu->requests))) {
			ret = process_requests(vcpu);
			if (ret)
				break;
		}
		if (unlikely(__xfer_to_guest_mode_work_pending())) {
			ret = rvhv_xfer_to_guest_mode_handle_work();
			if (ret)
				break;
		}

		ret = enter_once(vcpu);
		if (ret != INNER_SLOW)
			continue;

		ret = rvhv_exit_slow(vcpu);
		if (ret != RVHV_RESUME)
			break;
	}

	if (ret == -EINTR) {
		vcpu->stats.signal_exits++;
		vcpu->exit.reason = RVHV_REASON_INTR;
	}
	return ret < 0 ? ret : 0;
}

/* The VMM has answered the last exit: let the guest see it. -EINVAL: that is no answer. */
static int complete_exit(struct rvhv_vcpu *vcpu)
{
	switch (vcpu->exit.reason) {
	case RVHV_REASON_MMIO:
		rvhv_mmio_complete(vcpu);
		break;
	case RVHV_REASON_SBI:
		rvhv_sbi_complete(vcpu);
		break;
	case RVHV_REASON_HYPERCALL:
		rvhv_hypercall_complete(vcpu);
		break;
	case RVHV_REASON_CSR:
		rvhv_csr_complete(vcpu);
		break;
	case RVHV_REASON_UNHANDLED:
		if (rvhv_exit_complete(vcpu))
			return -EINVAL;
		break;
	default:
		break;
	}
	vcpu->exit_pending = false;
	return 0;
}

static int run(struct rvhv_vcpu *vcpu, bool immediate_exit)
{
	int ret;

	if (vcpu->exit_pending) {
		ret = complete_exit(vcpu);
		if (ret)
			return ret;
	}
	if (immediate_exit) {
		vcpu->exit.reason = RVHV_REASON_INTR;
		return -EINTR;
	}

	preempt_disable();
	preempt_notifier_register(&vcpu->notifier);
	rvhv_vcpu_load(vcpu, smp_processor_id());
	preempt_enable();

	ret = run_outer(vcpu);

	preempt_disable();
	rvhv_vcpu_put(vcpu, true);
	preempt_notifier_unregister(&vcpu->notifier);
	preempt_enable();

	return ret;
}

int rvhv_vcpu_run(struct rvhv_vcpu *vcpu, bool immediate_exit)
{
	int ret;

	lockdep_assert_held(&vcpu->mutex);

	if (unlikely(!vcpu->ran)) {
		rvhv_vcpu_setup_cfg(vcpu);
		ret = rvhv_nested_create(vcpu);
		if (ret)
			return ret;
		vcpu->ran = true;
	}
	if (rvhv_nested_virt(vcpu)) {
		ret = rvhv_nested_run_begin(vcpu);
		if (ret)
			return ret;
	}
	ret = run(vcpu, immediate_exit);
	if (rvhv_nested_virt(vcpu))
		rvhv_nested_run_end(vcpu);
	return ret;
}

void rvhv_vcpu_wake(struct rvhv_vcpu *vcpu)
{
	/* Pairs with the barrier of set_current_state() in halt.c */
	smp_mb();
	if (READ_ONCE(vcpu->blocking))
		rcuwait_wake_up(&vcpu->wait);
}

void rvhv_vcpu_kick(struct rvhv_vcpu *vcpu)
{
	int cpu;

	rvhv_vcpu_wake(vcpu);
	/*
	 * Outside the guest the vCPU looks at everything once more before it enters. It may have
	 * left this CPU by the time the IPI is sent: then it has gone through those checks.
	 */
	if (READ_ONCE(vcpu->mode) != RVHV_IN_GUEST)
		return;
	preempt_disable();
	cpu = READ_ONCE(vcpu->cpu);
	if (cpu >= 0 && cpu != smp_processor_id())
		arch_smp_send_reschedule(cpu);
	preempt_enable();
}
