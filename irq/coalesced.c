// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coalesced MMIO: stores to a zone are queued in a ring that the VMM reads later.
 */
#include <asm/barrier.h>
#include <asm/byteorder.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "coalesced.h"

/* Does the zone contain all of a range? Not if the range wraps. */
bool rvhv_zone_contains(const struct rvhv_zone *zone, u64 addr, u64 len)
{
	u64 end;

	if (check_add_overflow(addr, len, &end))
		return false;
	return addr >= zone->addr && len <= zone->size && addr - zone->addr <= zone->size - len;
}

/*
 * Append a store to the ring, to which the VMM may write at any time; the caller serialises
 * producers. One entry stays free to tell a full ring from an empty one. Returns false if the ring
 * is full or its last is out of bounds.
 */
bool rvhv_coalesced_queue(struct rvhv_coalesced_ring *ring, u64 addr, unsigned int len, u64 val)
{
	u32 last = READ_ONCE(ring->last);
	struct rvhv_coalesced *store;
	__le64 data = cpu_to_le64(val);
	u32 next;

	if (last >= RVHV_COALESCED_MAX)
		return false;
	next = last + 1 == RVHV_COALESCED_MAX ? 0 : last + 1;
	if (next == READ_ONCE(ring->first))
		return false;

	store = &ring->store[last];
	store->addr = addr;
	store->len = len;
	store->pio = 0;
	memcpy(store->data, &data, sizeof(store->data));
	/* The VMM reads @last, then the entry. */
	smp_store_release(&ring->last, next);
	return true;
}

static enum rvhv_io_result coalesced_write(struct rvhv_io_device *dev, u64 addr, unsigned int len,
					   u64 val)
{
	struct rvhv_io *io = container_of(dev, struct rvhv_io, zone_device);
	const struct rvhv_zones *zones = rcu_dereference(io->zones[RVHV_IO_MMIO]);
	unsigned int i;
	bool queued;

	for (i = 0; zones && i < zones->nr; i++) {
		if (!rvhv_zone_contains(&zones->z[i], addr, len))
			continue;
		raw_spin_lock(&io->ring_lock);
		queued = rvhv_coalesced_queue(page_address(io->ring), addr, len, val);
		raw_spin_unlock(&io->ring_lock);
		return queued ? RVHV_IO_HANDLED : RVHV_IO_UNHANDLED;
	}
	return RVHV_IO_UNHANDLED;
}

static const struct rvhv_io_device_ops coalesced_ops = {
	.write = coalesced_write,
};

int rvhv_coalesced_init(struct rvhv_io *io)
{
	unsigned int space;

	for (space = 0; space < RVHV_IO_SPACES; space++)
		RCU_INIT_POINTER(io->zones[space], NULL);
	/* Has all addresses, since it is the last to be offered a store. */
	io->zone_device = (struct rvhv_io_device) {
		.ops = &coalesced_ops,
		.first = 0,
		.last = U64_MAX,
		.rank = RVHV_IO_RANK_COALESCED,
	};
	raw_spin_lock_init(&io->ring_lock);
	io->ring = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	return io->ring ? 0 : -ENOMEM;
}

static struct rvhv_zones *locked_zones(struct rvhv_io *io, enum rvhv_io_space space)
{
	return rcu_dereference_protected(io->zones[space], lockdep_is_held(&io->lock));
}

static struct rvhv_zones *alloc_zones(unsigned int nr)
{
	struct rvhv_zones *zones = kvzalloc(struct_size(zones, z, nr), GFP_KERNEL_ACCOUNT);

	if (zones)
		zones->nr = nr;
	return zones;
}

/**
 * rvhv_coalesced_add - queue the stores to a zone
 * @io: the VM's devices
 * @space: address space
 * @zone: the zone; zones may overlap
 *
 * Context: process context, may sleep; takes io->lock.
 * Return: 0, -ENOSPC or -ENOMEM.
 */
int __cold rvhv_coalesced_add(struct rvhv_io *io, enum rvhv_io_space space,
			      const struct rvhv_zone *zone)
{
	struct rvhv_zones *old, *new;
	unsigned int nr;
	int ret = 0;

	mutex_lock(&io->lock);
	old = locked_zones(io, space);
	nr = old ? old->nr : 0;
	if (nr >= RVHV_IO_MAX_ZONES) {
		ret = -ENOSPC;
		goto unlock;
	}
	new = alloc_zones(nr + 1);
	if (!new) {
		ret = -ENOMEM;
		goto unlock;
	}
	if (nr)
		memcpy(new->z, old->z, flex_array_size(new, z, nr));
	new->z[nr] = *zone;
	rcu_assign_pointer(io->zones[space], new);
	if (old)
		kvfree_rcu(old, rcu);
	else if (space == RVHV_IO_MMIO)	/* succeeds: no other device has its rank */
		rvhv_io_device_add(io, &io->zone_device);
unlock:
	mutex_unlock(&io->lock);
	return ret;
}

/**
 * rvhv_coalesced_remove - withdraw every zone that contains all of a range
 * @io: the VM's devices
 * @space: address space
 * @range: the range; succeeds if no zone contains it
 *
 * Context: process context, may sleep; takes io->lock.
 * Return: 0 or -ENOMEM.
 */
int __cold rvhv_coalesced_remove(struct rvhv_io *io, enum rvhv_io_space space,
				 const struct rvhv_zone *range)
{
	struct rvhv_zones *old, *new = NULL;
	unsigned int keep = 0, i;
	int ret = 0;

	mutex_lock(&io->lock);
	old = locked_zones(io, space);
	for (i = 0; old && i < old->nr; i++)
		keep += !rvhv_zone_contains(&old->z[i], range->addr, range->size);
	if (!old || keep == old->nr)
		goto unlock;
	if (keep) {
		new = alloc_zones(keep);
		if (!new) {
			ret = -ENOMEM;
			goto unlock;
		}
		for (keep = 0, i = 0; i < old->nr; i++)
			if (!rvhv_zone_contains(&old->z[i], range->addr, range->size))
				new->z[keep++] = old->z[i];
	}
	rcu_assign_pointer(io->zones[space], new);
	if (!new && space == RVHV_IO_MMIO)
		rvhv_io_device_remove(io, &io->zone_device);
	else
		synchronize_rcu_expedited();
	kvfree(old);
unlock:
	mutex_unlock(&io->lock);
	return ret;
}

void rvhv_coalesced_destroy(struct rvhv_io *io)
{
	unsigned int space;

	for (space = 0; space < RVHV_IO_SPACES; space++) {
		struct rvhv_zones *zones = rcu_dereference_protected(io->zones[space], true);

		if (zones && space == RVHV_IO_MMIO)
			rvhv_io_device_remove(io, &io->zone_device);
		RCU_INIT_POINTER(io->zones[space], NULL);
		kvfree(zones);
	}
	put_page(io->ring);
	io->ring = NULL;
}
