/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Telling RCU, context tracking, lockdep and time accounting that a guest runs.
 *
 * The kernel's own helpers for this live in <linux/kvm_host.h>, which belongs to kvm.ko; these are
 * the same facts stated over the generic interfaces, split so that the inner loop of run.c can go
 * around without telling RCU of every turn: a CPU that serves exits with interrupts off is left by
 * its next tick at the latest.
 */
#ifndef _RVHV_GUEST_STATE_H
#define _RVHV_GUEST_STATE_H

#include <linux/context_tracking.h>
#include <linux/instrumentation.h>
#include <linux/irqflags.h>
#include <linux/rcupdate.h>
#include <linux/vtime.h>

/* The CPU is about to be the guest's for a while: once for each turn of the outer loop. */
static inline void rvhv_guest_begin(void)
{
	vtime_account_guest_enter();
	if (!context_tracking_enabled_this_cpu())
		rcu_virt_note_context_switch();
}

/* Its time is over; interrupts off. */
static inline void rvhv_guest_end(void)
{
	vtime_account_guest_exit();
}

/* Right before the world switch; nothing instrumented may run until rvhv_guest_leave(). */
static __always_inline void rvhv_guest_enter(void)
{
	instrumentation_begin();
	trace_hardirqs_on_prepare();
	lockdep_hardirqs_on_prepare();
	instrumentation_end();
	(void)context_tracking_guest_enter();
	lockdep_hardirqs_on(CALLER_ADDR0);
}

/* Right after it. */
static __always_inline void rvhv_guest_leave(void)
{
	lockdep_hardirqs_off(CALLER_ADDR0);
	(void)context_tracking_guest_exit();
	instrumentation_begin();
	trace_hardirqs_off_finish();
	instrumentation_end();
}

#endif /* _RVHV_GUEST_STATE_H */
