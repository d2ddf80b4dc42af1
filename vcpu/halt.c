// SPDX-License-Identifier: GPL-2.0-only
/* Sleeping: WFI and stopped harts; directed yield. */
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/moduleparam.h>
#include <linux/pid.h>
#include <linux/rcuwait.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "../rvhv_vm.h"
#include "halt.h"
#include "irq.h"
#include "mp.h"
#include "run.h"
#include "timer.h"

static unsigned int halt_poll_ns = 500000;
module_param(halt_poll_ns, uint, 0644);
MODULE_PARM_DESC(halt_poll_ns, "Longest busy wait of a WFI before its thread sleeps, in nanoseconds");

static unsigned int halt_poll_ns_grow = 2;
module_param(halt_poll_ns_grow, uint, 0644);
MODULE_PARM_DESC(halt_poll_ns_grow, "Factor by which a vCPU's busy wait grows; 0 keeps it");

static unsigned int halt_poll_ns_grow_start = 10000;
module_param(halt_poll_ns_grow_start, uint, 0644);
MODULE_PARM_DESC(halt_poll_ns_grow_start, "First length of a busy wait, in nanoseconds");

static unsigned int halt_poll_ns_shrink = 2;
module_param(halt_poll_ns_shrink, uint, 0644);
MODULE_PARM_DESC(halt_poll_ns_shrink, "Divisor by which it shrinks; 0 resets it");

static unsigned int poll_limit(const struct rvhv_vcpu *vcpu)
{
	unsigned int of_vm = READ_ONCE(vcpu->vm->halt_poll_ns);

	return of_vm == ~0U ? READ_ONCE(halt_poll_ns) : of_vm;
}

/* Bucket i counts values in [2^(i-1), 2^i), the last one all above. */
static void hist_add(u64 *hist, u64 ns)
{
	unsigned int bucket = ns ? ilog2(ns) + 1 : 0;

	hist[min(bucket, RVHV_HALT_POLL_HIST_COUNT - 1U)]++;
}

static bool wfi_over(struct rvhv_vcpu *vcpu)
{
	bool over;

	if (READ_ONCE(vcpu->requests))
		return true;
	preempt_disable();
	over = rvhv_irq_pending(vcpu);
	preempt_enable();
	return over;
}

static bool poll(struct rvhv_vcpu *vcpu, ktime_t start)
{
	ktime_t stop = ktime_add_ns(start, vcpu->halt_poll_ns);

	vcpu->stats.halt_attempted_poll++;
	do {
		if (wfi_over(vcpu)) {
			vcpu->stats.halt_successful_poll++;
			return true;
		}
		cpu_relax();
	} while (!need_resched() && !signal_pending(current) && ktime_before(ktime_get(), stop));

	return false;
}

static void sleep_until(struct rvhv_vcpu *vcpu, bool (*over)(struct rvhv_vcpu *vcpu))
{
	WRITE_ONCE(vcpu->blocking, true);
	vcpu->stats.blocking = 1;
	rvhv_timer_block(vcpu);
	rcuwait_wait_event(&vcpu->wait, over(vcpu), TASK_INTERRUPTIBLE);
	rvhv_timer_unblock(vcpu);
	vcpu->stats.blocking = 0;
	WRITE_ONCE(vcpu->blocking, false);
}

/* A short sleep lengthens the next poll, a long one shortens it. */
static void adjust_poll(struct rvhv_vcpu *vcpu, u64 slept_ns, unsigned int limit)
{
	unsigned int grow = READ_ONCE(halt_poll_ns_grow);
	unsigned int shrink = READ_ONCE(halt_poll_ns_shrink);
	u64 next = vcpu->halt_poll_ns;

	if (slept_ns <= vcpu->halt_poll_ns)
		return;
	if (slept_ns > limit)
		next = shrink ? next / shrink : 0;
	else if (grow)
		next = max_t(u64, next * grow, READ_ONCE(halt_poll_ns_grow_start));
	vcpu->halt_poll_ns = min_t(u64, next, limit);
}

/* Waits for an enabled interrupt, a request or a signal. */
void rvhv_vcpu_halt(struct rvhv_vcpu *vcpu)
{
	struct rvhv_vcpu_stats *stats = &vcpu->stats;
	unsigned int limit = poll_limit(vcpu);
	ktime_t start = ktime_get();
	bool polled = false;
	u64 ns;

	vcpu->halt_poll_ns = min(vcpu->halt_poll_ns, limit);
	if (vcpu->halt_poll_ns) {
		polled = poll(vcpu, start);
		ns = ktime_to_ns(ktime_sub(ktime_get(), start));
		if (polled) {
			stats->halt_poll_success_ns += ns;
			hist_add(stats->halt_poll_success_hist, ns);
		} else {
			stats->halt_poll_fail_ns += ns;
			hist_add(stats->halt_poll_fail_hist, ns);
		}
	}
	if (!polled && !wfi_over(vcpu)) {
		ktime_t asleep = ktime_get();

		sleep_until(vcpu, wfi_over);
		ns = ktime_to_ns(ktime_sub(ktime_get(), asleep));
		stats->halt_wait_ns += ns;
		hist_add(stats->halt_wait_hist, ns);
		if (!signal_pending(current))
			stats->halt_wakeup++;
	}
	adjust_poll(vcpu, ktime_to_ns(ktime_sub(ktime_get(), start)), limit);
}

static bool started(struct rvhv_vcpu *vcpu)
{
	return rvhv_vcpu_hsm_state(vcpu) == RVHV_HSM_STARTED;
}

/* An enabled interrupt starts a suspended hart; only other harts start a stopped one. */
static bool must_wake(struct rvhv_vcpu *vcpu)
{
	bool pending;

	if (started(vcpu) || test_bit(RVHV_REQ_DEAD, &vcpu->requests))
		return true;
	if (rvhv_vcpu_hsm_state(vcpu) != RVHV_HSM_SUSPENDED)
		return false;
	preempt_disable();
	pending = rvhv_irq_pending(vcpu);
	preempt_enable();
	return pending;
}

/*
 * Sleeps while the hart is stopped or suspended. Returns 0; -EINTR with RVHV_REQ_SLEEP set; -EIO if
 * the VM is dead.
 */
int rvhv_vcpu_wait_started(struct rvhv_vcpu *vcpu)
{
	sleep_until(vcpu, must_wake);
	if (test_bit(RVHV_REQ_DEAD, &vcpu->requests))
		return -EIO;
	if (rvhv_vcpu_hsm_state(vcpu) == RVHV_HSM_SUSPENDED && must_wake(vcpu))
		rvhv_hart_resume(vcpu);
	if (started(vcpu))
		return 0;
	rvhv_vcpu_request(vcpu, RVHV_REQ_SLEEP);
	return -EINTR;
}

/* The slow path of rvhv_vcpu_set_thread(): another thread ran the vCPU before. */
void rvhv_vcpu_change_thread(struct rvhv_vcpu *vcpu)
{
	struct pid *old = rcu_dereference_protected(vcpu->pid, lockdep_is_held(&vcpu->mutex));

	rcu_assign_pointer(vcpu->pid, get_task_pid(current, PIDTYPE_PID));
	if (old)
		synchronize_rcu();
	put_pid(old);
}

/* The guest spins: gives the CPU to a vCPU of the VM that waits for one. */
void rvhv_vcpu_yield(struct rvhv_vcpu *vcpu)
{
	struct task_struct *task;
	struct rvhv_vcpu *other;
	unsigned long id = vcpu->id;
	unsigned int tries;

	for (tries = 0; tries < 4; tries++) {
		other = xa_find_after(&vcpu->vm->vcpus, &id, ULONG_MAX, XA_PRESENT);
		if (!other) {
			id = 0;
			other = xa_find(&vcpu->vm->vcpus, &id, ULONG_MAX, XA_PRESENT);
		}
		if (!other || other == vcpu)
			break;
		/* It runs, or has nothing to do. */
		if (READ_ONCE(other->cpu) >= 0 || READ_ONCE(other->blocking))
			continue;
		rcu_read_lock();
		task = get_pid_task(rcu_dereference(other->pid), PIDTYPE_PID);
		rcu_read_unlock();
		if (!task)
			continue;
		if (yield_to(task, true) > 0)
			tries = 4;
		put_task_struct(task);
	}
	cond_resched();
}
