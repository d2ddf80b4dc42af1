// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stores to device addresses that the kernel completes itself: the search, and the life cycle.
 */
#include <linux/errno.h>
#include <linux/eventfd.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>

#include "coalesced.h"
#include "io.h"
#include "ioeventfd.h"

/**
 * rvhv_io_init - prepare a VM's device addresses
 * @io: to be prepared
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM.
 */
int rvhv_io_init(struct rvhv_io *io)
{
	unsigned int space;

	io->nr = 0;
	for (space = 0; space < RVHV_IO_SPACES; space++) {
		RCU_INIT_POINTER(io->eventfds[space], NULL);
		RCU_INIT_POINTER(io->zones[space], NULL);
	}
	mutex_init(&io->lock);
	raw_spin_lock_init(&io->ring_lock);
	io->ring = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	return io->ring ? 0 : -ENOMEM;
}

/**
 * rvhv_io_destroy - undo rvhv_io_init()
 * @io: a VM's device addresses; no vCPU uses them any more
 *
 * Context: may sleep.
 */
void rvhv_io_destroy(struct rvhv_io *io)
{
	rvhv_ioeventfd_destroy(io);
	rvhv_coalesced_destroy(io);
	put_page(io->ring);
	io->ring = NULL;
	mutex_destroy(&io->lock);
}

static bool coalesce(struct rvhv_io *io, const struct rvhv_zones *zones, u64 addr,
		     unsigned int len, u64 val)
{
	unsigned int i;
	bool queued;

	for (i = 0; i < zones->nr; i++) {
		if (!rvhv_zone_contains(&zones->z[i], addr, len))
			continue;
		raw_spin_lock(&io->ring_lock);
		queued = rvhv_coalesced_queue(page_address(io->ring), addr, len, val);
		raw_spin_unlock(&io->ring_lock);
		return queued;
	}
	return false;
}

/**
 * __rvhv_io_write - rvhv_io_write() for a VM that has in-kernel addresses
 * @io: the VM's
 * @addr: guest physical address
 * @len: 1, 2, 4 or 8
 * @val: the bytes stored, little endian; bytes beyond @len are ignored
 *
 * Context: process context, interrupts may be off, never sleeps.
 * Return: true if an ioeventfd was signalled or the store went into the coalesced ring.
 */
bool __rvhv_io_write(struct rvhv_io *io, u64 addr, unsigned int len, u64 val)
{
	const struct rvhv_ioeventfd *e = NULL;
	const struct rvhv_ioeventfds *set;
	const struct rvhv_zones *zones;
	bool done = false;

	if (len < 8)
		val &= (1ULL << (8 * len)) - 1;

	rcu_read_lock();
	set = rcu_dereference(io->eventfds[RVHV_IO_MMIO]);
	if (set)
		e = rvhv_ioeventfd_find(set, addr, len, val);
	if (e) {
		eventfd_signal(e->ctx);
		done = true;
	} else {
		zones = rcu_dereference(io->zones[RVHV_IO_MMIO]);
		if (zones)
			done = coalesce(io, zones, addr, len, val);
	}
	rcu_read_unlock();
	return done;
}
