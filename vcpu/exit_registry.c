// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exit handlers and observers of other modules.
 *
 * SRCU protects the look-up of a handler, a count its call, which may sleep. Observers run with
 * interrupts off, which RCU waits for. Without registrations an exit costs nothing more: observers
 * are behind a static key, handlers are called where the core has none.
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
/* Around look-ups alone: others must not wait for a handler that sleeps. */
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

/* Adds a handler or an observer; see __rvhv_exit_register(). May sleep. */
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

/* Removes @handler, if it was added, and waits until no vCPU is in it. May sleep. */
void rvhv_exit_registry_remove(struct rvhv_exit_handler *handler)
{
	if (handler->cause >= RVHV_EXIT_CAUSES)
		return;
	mutex_lock(&registry_lock);
	if (rcu_access_pointer(handlers[handler->cause]) == handler)
		rcu_assign_pointer(handlers[handler->cause], NULL);
	else
		remove_observer_locked(handler);
	/* Under the lock: no other handler gets the cause before the last call is over. */
	synchronize_srcu(&handlers_srcu);
	if (handler->handle)
		wait_event(calls_over, !atomic_read(&users[handler->cause]));
	mutex_unlock(&registry_lock);
	synchronize_rcu();
}

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

	/* After the last use of @handler */
	if (atomic_dec_and_test(&users[cause]))
		wake_up(&calls_over);
	module_put(owner);
}

/*
 * Calls the handler of a trap, which may change @trap; may sleep. Returns its verdict, a negative
 * errno, or RVHV_VERDICT_PASS without a handler.
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
	/* A number that is neither a verdict nor an errno is the handler's bug. */
	return ret > RVHV_VERDICT_VMM ? -EIO : rvhv_handler_errno(ret);
}

/* Shows a trap to its observers; interrupts off. */
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
