// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exit handlers and observers of other modules.
 *
 * A handler may sleep: SRCU keeps it while it runs. Observers run with interrupts off, which keeps
 * them by itself. Nothing of this is on the way of an exit while there are none: observers are
 * behind a static key, handlers where the core has nothing to do.
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/rcupdate.h>
#include <linux/srcu.h>
#include <linux/wait.h>

#include "exit_registry.h"

DEFINE_STATIC_KEY_FALSE(rvhv_exit_observed);

static DEFINE_MUTEX(registry_lock);
/* Around look-ups alone: a handler may sleep for long, and is no reason for others to wait */
DEFINE_STATIC_SRCU(handlers_srcu);
static DECLARE_WAIT_QUEUE_HEAD(calls_over);
/* Calls of the handler of each cause in progress */
static atomic_t users[RVHV_EXIT_CAUSES];
static struct rvhv_exit_handler __rcu *handlers[RVHV_EXIT_CAUSES];
/* Lists by ->next */
static struct rvhv_exit_handler __rcu *observers[RVHV_EXIT_CAUSES];

#define locked_dereference(p)	rcu_dereference_protected(p, lockdep_is_held(&registry_lock))

static int add_observer_locked(struct rvhv_exit_handler *handler)
{
	struct rvhv_exit_handler *head, *other;
	unsigned int nr = 0;

	lockdep_assert_held(&registry_lock);
	head = locked_dereference(observers[handler->cause]);
	for (other = head; other; other = other->next) {
		if (other == handler)
			return -EBUSY;
		nr++;
	}
	if (nr == RVHV_EXIT_OBSERVERS)
		return -ENOSPC;
	handler->next = head;
	rcu_assign_pointer(observers[handler->cause], handler);
	static_branch_inc(&rvhv_exit_observed);
	return 0;
}

static int add_handler_locked(struct rvhv_exit_handler *handler)
{
	lockdep_assert_held(&registry_lock);
	if (rcu_access_pointer(handlers[handler->cause]))
		return -EBUSY;
	rcu_assign_pointer(handlers[handler->cause], handler);
	return 0;
}

/**
 * rvhv_exit_registry_add - add a handler or an observer
 * @handler: which
 * @owner: the module that has its code
 *
 * Context: process context, may sleep.
 * Return: 0; -EINVAL: no cause, or not exactly one of handle and observe; -EBUSY: the cause has a
 * handler; -ENOSPC: too many observers.
 */
int rvhv_exit_registry_add(struct rvhv_exit_handler *handler, struct module *owner)
{
	int ret;

	if (handler->cause >= RVHV_EXIT_CAUSES || !handler->handle == !handler->observe)
		return -EINVAL;
	handler->owner = owner;
	mutex_lock(&registry_lock);
	ret = handler->handle ? add_handler_locked(handler) : add_observer_locked(handler);
	mutex_unlock(&registry_lock);
	return ret;
}

static void remove_observer_locked(struct rvhv_exit_handler *handler)
{
	struct rvhv_exit_handler __rcu **head = &observers[handler->cause];
	struct rvhv_exit_handler *other = locked_dereference(*head);

	lockdep_assert_held(&registry_lock);
	if (other == handler) {
		rcu_assign_pointer(*head, handler->next);
	} else {
		while (other && other->next != handler)
			other = other->next;
		if (!other)
			return;
		WRITE_ONCE(other->next, handler->next);
	}
	static_branch_dec(&rvhv_exit_observed);
}

/**
 * rvhv_exit_registry_remove - undo rvhv_exit_registry_add(); waits until nobody is in @handler
 * @handler: which; may be one that was not added
 *
 * Context: process context, may sleep; not from a handler.
 */
void rvhv_exit_registry_remove(struct rvhv_exit_handler *handler)
{
	if (handler->cause >= RVHV_EXIT_CAUSES)
		return;
	mutex_lock(&registry_lock);
	if (rcu_access_pointer(handlers[handler->cause]) == handler)
		rcu_assign_pointer(handlers[handler->cause], NULL);
	else
		remove_observer_locked(handler);
	/* Still under the lock: the cause is nobody else's until the last call is over */
	synchronize_srcu(&handlers_srcu);
	if (handler->handle)
		wait_event(calls_over, !atomic_read(&users[handler->cause]));
	mutex_unlock(&registry_lock);
	synchronize_rcu();
}

/**
 * rvhv_exit_registry_causes - the causes somebody handles or observes
 *
 * Context: any.
 * Return: a bit for each.
 */
unsigned long rvhv_exit_registry_causes(void)
{
	unsigned long causes = 0;
	unsigned int i;

	for (i = 0; i < RVHV_EXIT_CAUSES; i++)
		if (rcu_access_pointer(handlers[i]) || rcu_access_pointer(observers[i]))
			causes |= BIT_ULL(i);
	return causes;
}

/* The handler of a cause, with its module held until put_handler(); or NULL */
static struct rvhv_exit_handler *get_handler(unsigned long cause)
{
	struct rvhv_exit_handler *handler;
	int idx;

	idx = srcu_read_lock(&handlers_srcu);
	handler = srcu_dereference(handlers[cause], &handlers_srcu);
	if (handler && try_module_get(handler->owner))
		atomic_inc(&users[cause]);
	else
		handler = NULL;
	srcu_read_unlock(&handlers_srcu, idx);
	return handler;
}

static void put_handler(struct rvhv_exit_handler *handler, unsigned long cause)
{
	struct module *owner = handler->owner;

	/* Not before the last look at @handler */
	if (atomic_dec_and_test(&users[cause]))
		wake_up(&calls_over);
	module_put(owner);
}

/**
 * rvhv_exit_registry_call - let the handler of a trap deal with it
 * @vcpu: the vCPU
 * @trap: the trap; the handler may change it
 *
 * Context: the vCPU's thread, interrupts on; may sleep.
 * Return: the handler's enum rvhv_verdict or negative errno; RVHV_VERDICT_PASS if there is none.
 */
int rvhv_exit_registry_call(struct rvhv_vcpu *vcpu, struct rvhv_trap *trap)
{
	unsigned long cause = trap->scause;
	struct rvhv_exit_handler *handler;
	int ret;

	if (cause >= RVHV_EXIT_CAUSES)
		return RVHV_VERDICT_PASS;
	cause = array_index_nospec(cause, RVHV_EXIT_CAUSES);
	handler = get_handler(cause);
	if (!handler)
		return RVHV_VERDICT_PASS;
	ret = handler->handle(vcpu, trap);
	put_handler(handler, cause);
	/* What is neither a verdict nor an errno is a mistake that must not reach the VMM */
	return ret > RVHV_VERDICT_VMM ? -EIO : rvhv_handler_errno(ret);
}

/**
 * rvhv_exit_registry_observe - show a trap to its observers
 * @vcpu: the vCPU
 * @trap: the trap
 *
 * Context: interrupts off.
 */
void rvhv_exit_registry_observe(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap)
{
	struct rvhv_exit_handler *observer;

	if (trap->scause >= RVHV_EXIT_CAUSES)
		return;
	rcu_read_lock();
	observer = rcu_dereference(observers[array_index_nospec(trap->scause, RVHV_EXIT_CAUSES)]);
	for (; observer; observer = READ_ONCE(observer->next))
		observer->observe(vcpu, trap);
	rcu_read_unlock();
}
