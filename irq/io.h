/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stores to device addresses that the kernel completes itself: ioeventfd and coalesced MMIO.
 *
 * A store looks its address up in arrays published under RCU; whoever changes them replaces the
 * array and waits until no reader is left.
 */
#ifndef _RVHV_IO_H
#define _RVHV_IO_H

#include <linux/compiler.h>
#include <linux/mm_types.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

#include "../rvhv_types.h"

struct rvhv_ioeventfds;
struct rvhv_zones;

/* Address spaces of a device address. A RISC-V guest's stores reach the first alone. */
enum rvhv_io_space {
	RVHV_IO_MMIO,
	RVHV_IO_PIO,
	RVHV_IO_CCW,
	RVHV_IO_SPACES,
};

/* Most ioeventfds, and most coalesced zones, of one address space of a VM */
#define RVHV_IO_MAX_EVENTFDS	4096
#define RVHV_IO_MAX_ZONES	1000

/**
 * struct rvhv_io - in-kernel device addresses of one VM
 * @nr: ioeventfds and zones in RVHV_IO_MMIO; zero lets a store skip the search
 * @eventfds: ioeventfds of each space, sorted by address; NULL stands for none
 * @zones: coalesced zones of each space; NULL stands for none
 * @lock: serialises changes
 * @ring_lock: serialises producers of the ring; raw because a store may come with interrupts off
 * @ring: the page that every vCPU's mapping shows behind the run structure
 */
struct rvhv_io {
	unsigned int nr;
	struct rvhv_ioeventfds __rcu *eventfds[RVHV_IO_SPACES];
	struct rvhv_zones __rcu *zones[RVHV_IO_SPACES];
	struct mutex lock;
	raw_spinlock_t ring_lock;
	struct page *ring;
};

int rvhv_io_init(struct rvhv_io *io);
void rvhv_io_destroy(struct rvhv_io *io);

bool __rvhv_io_write(struct rvhv_io *io, u64 addr, unsigned int len, u64 val);

/**
 * rvhv_io_write - offer a guest's store to the in-kernel addresses
 * @io: the VM's
 * @addr: guest physical address
 * @len: 1, 2, 4 or 8
 * @val: the bytes stored, little endian; bytes beyond @len are ignored
 *
 * Context: process context, interrupts may be off, never sleeps.
 * Return: true if an ioeventfd was signalled or the store went into the coalesced ring.
 */
static inline bool rvhv_io_write(struct rvhv_io *io, u64 addr, unsigned int len, u64 val)
{
	return READ_ONCE(io->nr) && __rvhv_io_write(io, addr, len, val);
}

#endif /* _RVHV_IO_H */
