// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioeventfd: a store to one address signals an eventfd.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/eventfd.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "ioeventfd.h"

/* A length of 0 stands for any length, with which no value is matched. */
bool rvhv_ioeventfd_valid(const struct rvhv_ioeventfd *e)
{
	u64 end;

	if (e->len > 8 || (e->len & (e->len - 1)))
		return false;
	if (check_add_overflow(e->addr, (u64)e->len, &end))
		return false;
	return e->len || e->wildcard;
}

/* Does a store signal @e? The bytes of @val beyond @len are zero. */
bool rvhv_ioeventfd_hit(const struct rvhv_ioeventfd *e, u64 addr, unsigned int len, u64 val)
{
	if (e->addr != addr)
		return false;
	if (!e->len)
		return true;
	return e->len == len && (e->wildcard || e->match == val);
}

/* Could one store signal both? */
bool rvhv_ioeventfd_clash(const struct rvhv_ioeventfd *a, const struct rvhv_ioeventfd *b)
{
	if (a->addr != b->addr)
		return false;
	if (!a->len || !b->len)
		return true;
	return a->len == b->len && (a->wildcard || b->wildcard || a->match == b->match);
}

/* Index of the first entry at or above @addr */
static __always_inline unsigned int lower_bound(const struct rvhv_ioeventfds *set, u64 addr)
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

/* Find the only ioeventfd that a store signals, as none of @set clash, or NULL. Under RCU. */
const struct rvhv_ioeventfd *rvhv_ioeventfd_find(const struct rvhv_ioeventfds *set, u64 addr,
						 unsigned int len, u64 val)
{
	unsigned int i;

	for (i = lower_bound(set, addr); i < set->nr && set->e[i].addr == addr; i++)
		if (rvhv_ioeventfd_hit(&set->e[i], addr, len, val))
			return &set->e[i];
	return NULL;
}

static enum rvhv_io_result ioeventfd_write(struct rvhv_io_device *dev, u64 addr, unsigned int len,
					   u64 val)
{
	struct rvhv_io *io = container_of(dev, struct rvhv_io, eventfd_device);
	const struct rvhv_ioeventfds *set = rcu_dereference(io->eventfds[RVHV_IO_MMIO]);
	const struct rvhv_ioeventfd *e = set ? rvhv_ioeventfd_find(set, addr, len, val) : NULL;

	if (!e)
		return RVHV_IO_UNHANDLED;
	eventfd_signal(e->ctx);
	return RVHV_IO_HANDLED;
}

static const struct rvhv_io_device_ops ioeventfd_ops = {
	.write = ioeventfd_write,
};

void rvhv_ioeventfd_init(struct rvhv_io *io)
{
	unsigned int space;

	for (space = 0; space < RVHV_IO_SPACES; space++)
		RCU_INIT_POINTER(io->eventfds[space], NULL);
	io->eventfd_device = (struct rvhv_io_device) {
		.ops = &ioeventfd_ops,
		.rank = RVHV_IO_RANK_EVENTFD,
	};
}

static struct rvhv_ioeventfds *locked_set(struct rvhv_io *io, enum rvhv_io_space space)
{
	return rcu_dereference_protected(io->eventfds[space], lockdep_is_held(&io->lock));
}

/*
 * Stores search the device while its range changes, one bound after the other: any mixture contains
 * the addresses that the old and the new set have in common.
 */
static void update_range(struct rvhv_io *io, const struct rvhv_ioeventfds *set)
{
	WRITE_ONCE(io->eventfd_device.first, set->e[0].addr);
	/* The longest store; an address near the end of the space has a shorter one. */
	WRITE_ONCE(io->eventfd_device.last, max(set->e[set->nr - 1].addr,
						set->e[set->nr - 1].addr + 7));
}

/* Allocates @nr entries and copies the first @keep of @set. */
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

/*
 * The caller holds io->lock. On success @io owns the reference to the eventfd. Returns 0, -EEXIST
 * for a clash, -ENOSPC or -ENOMEM.
 */
int __cold rvhv_ioeventfd_add(struct rvhv_io *io, enum rvhv_io_space space,
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
	if (space == RVHV_IO_MMIO)
		update_range(io, set);
	if (old)
		kvfree_rcu(old, rcu);
	else if (space == RVHV_IO_MMIO)	/* succeeds: no other device has its rank */
		rvhv_io_device_add(io, &io->eventfd_device);
	return 0;
}

/*
 * Remove the ioeventfd that equals @old in every member; the caller holds io->lock. On success no
 * store signals the eventfd through it any more, and the caller owns the reference. Returns 0,
 * -ENOENT or -ENOMEM.
 */
int __cold rvhv_ioeventfd_remove(struct rvhv_io *io, enum rvhv_io_space space,
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
	if (new && space == RVHV_IO_MMIO)
		update_range(io, new);
	if (!new && space == RVHV_IO_MMIO)
		rvhv_io_device_remove(io, &io->eventfd_device);
	else
		synchronize_rcu_expedited();
	kvfree(set);
	return 0;
}

/**
 * rvhv_ioeventfd_assign - make stores signal an eventfd
 * @io: the VM's devices
 * @space: address space
 * @fd: file descriptor of the eventfd
 * @match: the stores; @match->ctx is ignored
 *
 * Context: process context, may sleep; takes io->lock.
 * Return: 0; -EBADF or -EINVAL for a bad @fd or @match; -EEXIST, -ENOSPC or -ENOMEM.
 */
int __cold rvhv_ioeventfd_assign(struct rvhv_io *io, enum rvhv_io_space space, int fd,
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
 * @io: the VM's devices
 * @space: address space
 * @fd: file descriptor of the same eventfd
 * @match: the same stores
 *
 * Context: process context, may sleep; takes io->lock.
 * Return: 0; -EBADF or -EINVAL for a bad @fd; -ENOENT or -ENOMEM.
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
		eventfd_ctx_put(old.ctx);	/* the ioeventfd's reference */
	eventfd_ctx_put(old.ctx);
	return ret;
}

/* No vCPU uses @io any more. */
void rvhv_ioeventfd_destroy(struct rvhv_io *io)
{
	unsigned int space, i;

	for (space = 0; space < RVHV_IO_SPACES; space++) {
		struct rvhv_ioeventfds *set = rcu_dereference_protected(io->eventfds[space], true);

		if (!set)
			continue;
		if (space == RVHV_IO_MMIO)
			rvhv_io_device_remove(io, &io->eventfd_device);
		for (i = 0; i < set->nr; i++)
			eventfd_ctx_put(set->e[i].ctx);
		RCU_INIT_POINTER(io->eventfds[space], NULL);
		kvfree(set);
	}
}
