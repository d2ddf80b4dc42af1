// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioeventfd: a guest's store to one address signals an eventfd.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/eventfd.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "ioeventfd.h"

/**
 * rvhv_ioeventfd_valid - may @e be assigned?
 * @e: what the VMM asks for
 *
 * Context: any.
 * Return: false if the length is not 0, 1, 2, 4 or 8, if the range wraps, or if a value is to be
 * compared without a length.
 */
bool rvhv_ioeventfd_valid(const struct rvhv_ioeventfd *e)
{
	u64 end;

	if (e->len > 8 || (e->len & (e->len - 1)))
		return false;
	if (check_add_overflow(e->addr, (u64)e->len, &end))
		return false;
	return e->len || e->wildcard;
}

/**
 * rvhv_ioeventfd_hit - does a store signal @e?
 * @e: the ioeventfd
 * @addr: guest physical address of the store
 * @len: its length
 * @val: the bytes stored, none beyond @len
 *
 * Context: any.
 * Return: true if it does.
 */
bool rvhv_ioeventfd_hit(const struct rvhv_ioeventfd *e, u64 addr, unsigned int len, u64 val)
{
	if (e->addr != addr)
		return false;
	if (!e->len)
		return true;
	return e->len == len && (e->wildcard || e->match == val);
}

/**
 * rvhv_ioeventfd_clash - is there a store that would signal both @a and @b?
 * @a: one ioeventfd
 * @b: another of the same address space
 *
 * Context: any.
 * Return: true if there is.
 */
bool rvhv_ioeventfd_clash(const struct rvhv_ioeventfd *a, const struct rvhv_ioeventfd *b)
{
	if (a->addr != b->addr)
		return false;
	if (!a->len || !b->len)
		return true;
	return a->len == b->len && (a->wildcard || b->wildcard || a->match == b->match);
}

/* Index of the first entry at or above @addr */
static unsigned int lower_bound(const struct rvhv_ioeventfds *set, u64 addr)
{
	unsigned int lo = 0, hi = set->nr;

	while (lo < hi) {
		unsigned int mid = (lo + hi) / 2;

		if (set->e[mid].addr < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/**
 * rvhv_ioeventfd_find - find the ioeventfd that a store signals
 * @set: ioeventfds of the store's address space
 * @addr: guest physical address of the store
 * @len: its length
 * @val: the bytes stored, none beyond @len
 *
 * Context: any; the caller keeps @set alive.
 * Return: the ioeventfd or NULL. There is one at most, see rvhv_ioeventfd_clash().
 */
const struct rvhv_ioeventfd *rvhv_ioeventfd_find(const struct rvhv_ioeventfds *set, u64 addr,
						 unsigned int len, u64 val)
{
	unsigned int i;

	for (i = lower_bound(set, addr); i < set->nr && set->e[i].addr == addr; i++)
		if (rvhv_ioeventfd_hit(&set->e[i], addr, len, val))
			return &set->e[i];
	return NULL;
}

static struct rvhv_ioeventfds *locked_set(struct rvhv_io *io, enum rvhv_io_space space)
{
	return rcu_dereference_protected(io->eventfds[space], lockdep_is_held(&io->lock));
}

/* A copy of @set with room for @nr entries, the first @keep of them copied */
static struct rvhv_ioeventfds *resized(const struct rvhv_ioeventfds *set, unsigned int nr,
				       unsigned int keep)
{
	struct rvhv_ioeventfds *new = kvzalloc(struct_size(new, e, nr), GFP_KERNEL_ACCOUNT);

	if (!new)
		return NULL;
	new->nr = nr;
	if (keep)
		memcpy(new->e, set->e, flex_array_size(new, e, keep));
	return new;
}

static void count(struct rvhv_io *io, enum rvhv_io_space space, int change)
{
	lockdep_assert_held(&io->lock);
	if (space == RVHV_IO_MMIO)
		WRITE_ONCE(io->nr, io->nr + change);
}

/**
 * rvhv_ioeventfd_add - publish an ioeventfd
 * @io: the VM's device addresses
 * @space: address space
 * @new: the ioeventfd; on success its reference of the eventfd is taken over
 *
 * Context: may sleep; the caller holds io->lock.
 * Return: 0, -EEXIST if a store could signal it and another, -ENOSPC, -ENOMEM.
 */
int rvhv_ioeventfd_add(struct rvhv_io *io, enum rvhv_io_space space,
		       const struct rvhv_ioeventfd *new)
{
	struct rvhv_ioeventfds *old = locked_set(io, space), *set;
	unsigned int nr = old ? old->nr : 0, at = 0, i;

	if (old)
		at = lower_bound(old, new->addr);
	for (i = at; i < nr && old->e[i].addr == new->addr; i++)
		if (rvhv_ioeventfd_clash(&old->e[i], new))
			return -EEXIST;
	if (nr >= RVHV_IO_MAX_EVENTFDS)
		return -ENOSPC;

	set = resized(old, nr + 1, at);
	if (!set)
		return -ENOMEM;
	set->e[at] = *new;
	if (nr > at)
		memcpy(&set->e[at + 1], &old->e[at], flex_array_size(set, e, nr - at));

	rcu_assign_pointer(io->eventfds[space], set);
	count(io, space, 1);
	if (old)
		kvfree_rcu(old, rcu);
	return 0;
}

/**
 * rvhv_ioeventfd_remove - withdraw an ioeventfd
 * @io: the VM's device addresses
 * @space: address space
 * @old: the ioeventfd, equal in every member
 *
 * When it returns, no store signals the eventfd any more by this ioeventfd, and its reference is
 * the caller's to drop.
 *
 * Context: may sleep; the caller holds io->lock.
 * Return: 0, -ENOENT, -ENOMEM.
 */
int rvhv_ioeventfd_remove(struct rvhv_io *io, enum rvhv_io_space space,
			  const struct rvhv_ioeventfd *old)
{
	struct rvhv_ioeventfds *set = locked_set(io, space), *new = NULL;
	unsigned int i;

	if (!set)
		return -ENOENT;
	for (i = lower_bound(set, old->addr); ; i++) {
		const struct rvhv_ioeventfd *e = &set->e[i];

		if (i >= set->nr || e->addr != old->addr)
			return -ENOENT;
		if (e->ctx == old->ctx && e->len == old->len && e->wildcard == old->wildcard &&
		    (e->wildcard || e->match == old->match))
			break;
	}

	if (set->nr > 1) {
		new = resized(set, set->nr - 1, i);
		if (!new)
			return -ENOMEM;
		memcpy(&new->e[i], &set->e[i + 1], flex_array_size(set, e, set->nr - 1 - i));
	}
	rcu_assign_pointer(io->eventfds[space], new);
	count(io, space, -1);
	synchronize_rcu_expedited();
	kvfree(set);
	return 0;
}

/**
 * rvhv_ioeventfd_assign - let stores signal the eventfd @fd
 * @io: the VM's device addresses
 * @space: address space
 * @fd: file descriptor of current
 * @match: which stores; @match->ctx is not looked at
 *
 * Context: process context, may sleep; takes io->lock.
 * Return: 0; -EBADF or -EINVAL for a bad @fd or @match; -EEXIST, -ENOSPC, -ENOMEM.
 */
int rvhv_ioeventfd_assign(struct rvhv_io *io, enum rvhv_io_space space, int fd,
			  const struct rvhv_ioeventfd *match)
{
	struct rvhv_ioeventfd new = *match;
	int ret;

	if (!rvhv_ioeventfd_valid(match))
		return -EINVAL;
	new.ctx = eventfd_ctx_fdget(fd);
	if (IS_ERR(new.ctx))
		return PTR_ERR(new.ctx);

	mutex_lock(&io->lock);
	ret = rvhv_ioeventfd_add(io, space, &new);
	mutex_unlock(&io->lock);
	if (ret)
		eventfd_ctx_put(new.ctx);
	return ret;
}

/**
 * rvhv_ioeventfd_deassign - undo rvhv_ioeventfd_assign()
 * @io: the VM's device addresses
 * @space: address space
 * @fd: file descriptor of current, of the same eventfd
 * @match: the same stores
 *
 * Context: process context, may sleep; takes io->lock.
 * Return: 0; -EBADF or -EINVAL for a bad @fd; -ENOENT, -ENOMEM.
 */
int rvhv_ioeventfd_deassign(struct rvhv_io *io, enum rvhv_io_space space, int fd,
			    const struct rvhv_ioeventfd *match)
{
	struct rvhv_ioeventfd old = *match;
	int ret;

	old.ctx = eventfd_ctx_fdget(fd);
	if (IS_ERR(old.ctx))
		return PTR_ERR(old.ctx);

	mutex_lock(&io->lock);
	ret = rvhv_ioeventfd_remove(io, space, &old);
	mutex_unlock(&io->lock);
	if (!ret)
		eventfd_ctx_put(old.ctx);	/* the one that the ioeventfd held */
	eventfd_ctx_put(old.ctx);
	return ret;
}

/**
 * rvhv_ioeventfd_destroy - drop every ioeventfd
 * @io: the VM's device addresses; nobody else uses them any more
 *
 * Context: may sleep.
 */
void rvhv_ioeventfd_destroy(struct rvhv_io *io)
{
	unsigned int space, i;

	for (space = 0; space < RVHV_IO_SPACES; space++) {
		struct rvhv_ioeventfds *set = rcu_dereference_protected(io->eventfds[space], true);

		if (!set)
			continue;
		for (i = 0; i < set->nr; i++)
			eventfd_ctx_put(set->e[i].ctx);
		RCU_INIT_POINTER(io->eventfds[space], NULL);
		kvfree(set);
	}
}
