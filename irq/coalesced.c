// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coalesced MMIO: stores to a zone are queued in a ring that the VMM reads when it likes.
 */
#include <asm/barrier.h>
#include <asm/byteorder.h>
#include <linux/errno.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "coalesced.h"

/**
 * rvhv_zone_contains - does @zone hold all of a range?
 * @zone: the zone
 * @addr: first address of the range
 * @len: its length
 *
 * Context: any.
 * Return: true if it does; a range that wraps is in no zone.
 */
bool rvhv_zone_contains(const struct rvhv_zone *zone, u64 addr, u64 len)
{
	u64 end;

	if (check_add_overflow(addr, len, &end))
		return false;
	return addr >= zone->addr && len <= zone->size && addr - zone->addr <= zone->size - len;
}

/**
 * rvhv_coalesced_queue - append a store to the ring
 * @ring: the ring; the VMM may write to it at any time
 * @addr: guest physical address
 * @len: 1, 2, 4 or 8
 * @val: the bytes stored, little endian, none beyond @len
 *
 * One entry stays free, so that a full ring differs from an empty one.
 *
 * Context: any; the caller keeps other producers away.
 * Return: false if there is no room or the VMM wrote nonsense to the ring.
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

static void publish(struct rvhv_io *io, enum rvhv_io_space space, struct rvhv_zones *zones)
{
	struct rvhv_zones *old = locked_zones(io, space);

	if (space == RVHV_IO_MMIO)
		WRITE_ONCE(io->nr, io->nr + (zones ? zones->nr : 0) - (old ? old->nr : 0));
	rcu_assign_pointer(io->zones[space], zones);
}

/**
 * rvhv_coalesced_add - queue the stores to @zone from now on
 * @io: the VM's device addresses
 * @space: address space
 * @zone: the zone; zones may overlap
 *
 * Context: process context, may sleep; takes io->lock.
 * Return: 0, -ENOSPC, -ENOMEM.
 */
int rvhv_coalesced_add(struct rvhv_io *io, enum rvhv_io_space space, const struct rvhv_zone *zone)
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
	publish(io, space, new);
	if (old)
		kvfree_rcu(old, rcu);
unlock:
	mutex_unlock(&io->lock);
	return ret;
}

/**
 * rvhv_coalesced_remove - let stores to every zone that holds all of @range go to the VMM again
 * @io: the VM's device addresses
 * @space: address space
 * @range: the range; that no zone holds it is not an error
 *
 * Context: process context, may sleep; takes io->lock.
 * Return: 0, -ENOMEM.
 */
int rvhv_coalesced_remove(struct rvhv_io *io, enum rvhv_io_space space,
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
	publish(io, space, new);
	synchronize_rcu_expedited();
	kvfree(old);
unlock:
	mutex_unlock(&io->lock);
	return ret;
}

/**
 * rvhv_coalesced_destroy - drop every zone
 * @io: the VM's device addresses; nobody else uses them any more
 *
 * Context: may sleep.
 */
void rvhv_coalesced_destroy(struct rvhv_io *io)
{
	unsigned int space;

	for (space = 0; space < RVHV_IO_SPACES; space++) {
		kvfree(rcu_dereference_protected(io->zones[space], true));
		RCU_INIT_POINTER(io->zones[space], NULL);
	}
}
