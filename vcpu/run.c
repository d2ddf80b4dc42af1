// SPDX-License-Identifier: GPL-2.0-only
/*
 * The run loop.
 *
 * The inner loop enters the guest and serves exits with interrupts off. The outer loop does the
 * rest: requests of other threads, signals, scheduling, and exits that may sleep.
 */
#include <linux/preempt.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include <asm/cacheflush.h>

#include "../guest_mem/atp.h"
#include "../guest_mem/translation.h"
#include "../include/compat.h"
#include "../rvhv_vm.h"
#include "../trace.h"
#include "exit.h"
#include "exit_registry.h"
#include "fence.h"
#include "guest_state.h"
#include "halt.h"
#include "irq.h"
#include "load.h"
#include "mmio.h"
#include "mp.h"
#include "nested/nested.h"
#include "run.h"
#include "sbi_call.h"
#include "vector.h"
#include "virtual_insn.h"

enum inner_end {
	INNER_NOT_ENTERED,	/* there is work for prepare_entry() */
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

static noinline void open_atp(struct rvhv_vcpu *vcpu, struct rvhv_vcpu_stage *stage)
{
	struct rvhv_translation *t = stage->translation;

	rvhv_vcpu_close_atp(vcpu);
	rvhv_translation_enter_cpu(t, vcpu->id, stage->stale);
	rvhv_atp_open(vcpu->vsatp);
	stage->stale = false;
	vcpu->live = t->vmid;
}

/*
 * Makes this CPU's TLB fit for the guest, or for HLV, HLVX and HSV: a thread that was preempted
 * since the last check may be on a CPU that no flush would reach, or that holds another vCPU's
 * translations. Loaded, interrupts off until the translations have been used. Returns false if
 * rvhv_translation_update() has to renew the VMID first.
 */
bool rvhv_vcpu_tlb_ready(struct rvhv_vcpu *vcpu)
{
	struct rvhv_vcpu_stage *stage = vcpu->stage;
	struct rvhv_translation *t = stage->translation;

	lockdep_assert_irqs_disabled();
	if (unlikely(!rvhv_translation_is_current(t)))
		return false;
	if (unlikely(vcpu->live != t->vmid || stage->stale))
		open_atp(vcpu, stage);
	return true;
}

/*
 * Starts an access with HLV, HLVX or HSV that translates as the guest does. rvhv_fence_wait() waits
 * for its end, as for a vCPU in the guest. Loaded, interrupts off. Returns false if
 * rvhv_vcpu_prepare_access() has work.
 */
bool rvhv_vcpu_begin_access(struct rvhv_vcpu *vcpu)
{
	/* In the guest's inner loop fences wait for the end of the loop. */
	if (vcpu->mode == RVHV_IN_GUEST)
		return rvhv_vcpu_tlb_ready(vcpu);
	WRITE_ONCE(vcpu->mode, RVHV_ACCESSING);
	/* Pairs with rvhv_fence_wait() */
	smp_mb();
	if (likely(!(READ_ONCE(vcpu->requests) & BIT(RVHV_REQ_FENCE)) && rvhv_vcpu_tlb_ready(vcpu)))
		return true;
	rvhv_vcpu_end_access(vcpu);
	return false;
}

void rvhv_vcpu_end_access(struct rvhv_vcpu *vcpu)
{
	if (vcpu->mode == RVHV_ACCESSING)
		WRITE_ONCE(vcpu->mode, RVHV_OUTSIDE_GUEST);
}

/* After rvhv_vcpu_begin_access() returned false; interrupts on */
void rvhv_vcpu_prepare_access(struct rvhv_vcpu *vcpu, const struct rvhv_vcpu_stage *stage)
{
	if (rvhv_vcpu_take_request(vcpu, RVHV_REQ_FENCE))
		rvhv_fence_process(vcpu);
	preempt_disable();
	rvhv_translation_update(stage->translation);
	preempt_enable();
}

static bool must_not_enter(struct rvhv_vcpu *vcpu)
{
	return READ_ONCE(vcpu->requests) || xfer_to_guest_mode_work_pending() ||
	       !rvhv_vcpu_tlb_ready(vcpu);
}

static enum inner_end enter_once(struct rvhv_vcpu *vcpu)
{
	struct rvhv_translation *t = vcpu->stage->translation;
	enum inner_end end;

	preempt_disable();
	if (unlikely(!rvhv_translation_is_current(t)))
		rvhv_translation_update(t);

	local_irq_disable();
	WRITE_ONCE(vcpu->mode, RVHV_IN_GUEST);
	/*
	 * Pairs with rvhv_vcpu_kick(): a thread that changes something for this vCPU and then sees
	 * it outside the guest relies on the checks below.
	 */
	smp_mb();
	if (unlikely(must_not_enter(vcpu))) {
		WRITE_ONCE(vcpu->mode, RVHV_OUTSIDE_GUEST);
		local_irq_enable();
		preempt_enable();
		return INNER_NOT_ENTERED;
	}

	if (unlikely(vcpu->moved)) {
		/* The guest's fence.i was for the hart that it left. */
		local_flush_icache_all();
		vcpu->moved = false;
	}
	rvhv_vector_load(vcpu);
	/* Only in here: the host's perf writes it by interrupts. */
	vcpu->csr.scounteren = csr_swap(CSR_SCOUNTEREN, vcpu->csr.scounteren);

	rvhv_guest_begin();
	end = run_inner(vcpu);
	if (unlikely(vcpu->virt))
		rvhv_nested_merge_dirty(vcpu);

	vcpu->csr.scounteren = csr_swap(CSR_SCOUNTEREN, vcpu->csr.scounteren);
	/* The exit left SPV set: the next return to user mode would enter VU mode. */
	csr_write(CSR_HSTATUS, vcpu->host_hstatus);
	WRITE_ONCE(vcpu->mode, RVHV_OUTSIDE_GUEST);
	rvhv_vector_put(vcpu);

	/* An interrupt that came while the guest ran is served on its time. */
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

	if (test_bit(RVHV_REQ_DEAD, &vcpu->requests))
		return -EIO;
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

/* With interrupts on, before the guest is entered. Returns 0 or a negative errno. */
static int prepare_entry(struct rvhv_vcpu *vcpu)
{
	int ret;

	if (unlikely(READ_ONCE(vcpu->requests))) {
		ret = process_requests(vcpu);
		if (ret)
			return ret;
	}
	if (unlikely(__xfer_to_guest_mode_work_pending()))
		return rvhv_xfer_to_guest_mode_handle_work();
	return 0;
}

static int run_outer(struct rvhv_vcpu *vcpu)
{
	enum rvhv_next next = RVHV_RESUME;
	int ret = 0;

	while (next == RVHV_RESUME) {
		ret = prepare_entry(vcpu);
		if (ret)
			break;
		if (enter_once(vcpu) == INNER_SLOW)
			next = rvhv_exit_slow(vcpu);
	}

	if (next == RVHV_FAILED) {
		ret = vcpu->error;
	} else if (!ret && next != RVHV_TO_VMM) {
		rvhv_vm_bug(vcpu->vm, "an exit without a result");
		ret = -EIO;
	}
	if (ret == -EINTR) {
		vcpu->stats.signal_exits++;
		vcpu->exit.reason = RVHV_REASON_INTR;
	}
	return ret;
}

/* Gives the guest the VMM's answer. Returns 0; -EINVAL for an invalid answer; -EIO. */
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
		rvhv_vm_bug(vcpu->vm, "an answer is due to an exit that has none");
		return -EIO;
	}
	vcpu->exit.pending = false;
	return 0;
}

static int run(struct rvhv_vcpu *vcpu, bool immediate_exit)
{
	int ret;

	if (vcpu->exit.pending) {
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

/**
 * rvhv_vcpu_run - run the guest until there is something for the VMM
 * @vcpu: the vCPU; the answer to a pending exit stands in vcpu->exit
 * @immediate_exit: complete the pending answer, then return without entering the guest
 *
 * Context: a thread of the VM's process, may sleep; the caller holds vcpu->mutex.
 * Return: 0 with vcpu->exit filled; -EINTR with RVHV_REASON_INTR; -EINVAL for an invalid answer;
 * otherwise vcpu->exit is undefined: -EIO for a dead VM, -EFAULT, -ENOMEM, or a handler's errno.
 */
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
	if (vcpu->virt) {
		ret = rvhv_nested_run_begin(vcpu);
		if (ret)
			return ret;
	}
	ret = run(vcpu, immediate_exit);
	if (vcpu->virt)
		rvhv_nested_run_end(vcpu);
	return ret;
}

/* Ends the sleep of any vCPU; any context. */
void rvhv_vcpu_wake(struct rvhv_vcpu *vcpu)
{
	/* Pairs with the barrier of set_current_state() in halt.c */
	smp_mb();
	if (READ_ONCE(vcpu->blocking))
		rcuwait_wake_up(&vcpu->wait);
}

/**
 * rvhv_vcpu_kick - make a vCPU leave the guest or wake up
 * @vcpu: any vCPU
 *
 * Context: any.
 */
void rvhv_vcpu_kick(struct rvhv_vcpu *vcpu)
{
	int cpu;

	rvhv_vcpu_wake(vcpu);
	/*
	 * Outside the guest the vCPU makes all checks before it enters. If it has left this CPU
	 * when the IPI is sent, it has made them.
	 */
	if (READ_ONCE(vcpu->mode) != RVHV_IN_GUEST)
		return;
	preempt_disable();
	cpu = READ_ONCE(vcpu->cpu);
	if (cpu >= 0 && cpu != smp_processor_id())
		arch_smp_send_reschedule(cpu);
	preempt_enable();
}
