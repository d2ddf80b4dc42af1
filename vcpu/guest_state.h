/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tells RCU, context tracking, lockdep and time accounting that a guest runs.
 *
 * The kernel's helpers for this are in <linux/kvm_host.h>, which belongs to kvm.ko. These use the
 * generic interfaces. The inner loop of run.c does not tell RCU of each turn, since the next tick
 * ends it.
 */
#ifndef _RVHV_GUEST_STATE_H
#define _RVHV_GUEST_STATE_H

#include <linux/context_tracking.h>
#include <linux/instrumentation.h>
#include <linux/irqflags.h>
#include <linux/rcupdate.h>
#include <linux/vtime.h>

/* Once for each turn of the outer loop */
static inline void rvhv_guest_begin(void)
{
	vtime_account_guest_enter();
	if (!context_tracking_enabled_this_cpu())
		rcu_virt_note_context_switch();
}

/* Interrupts off */
static inline void rvhv_guest_end(void)
{
	vtime_account_guest_exit();
}

/* Right before the world switch. Only noinstr code may run until rvhv_guest_leave(). */
static __always_inline void rvhv_guest_enter(void)
{
	instrumentation_begin();
	trace_hardirqs_on_prepare();
	lockdep_hardirqs_on_prepare();
	instrumentation_end();
	(void)context_tracking_guest_enter();
	lockdep_hardirqs_on(CALLER_ADDR0);
}

static __always_inline void rvhv_guest_leave(void)
{
	lockdep_hardirqs_off(CALLER_ADDR0);
	(void)context_tracking_guest_exit();
	instrumentation_begin();
	trace_hardirqs_off_finish();
	instrumentation_end();
}

#endif /* _RVHV_GUEST_STATE_H */
