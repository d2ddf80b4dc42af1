/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stores to device addresses that the kernel completes itself: ioeventfd and coalesced MMIO.
 */
#ifndef _RVHV_IO_H
#define _RVHV_IO_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>

#include "../rvhv_types.h"

struct rvhv_coalesced_ring;

/**
 * struct rvhv_io - in-kernel device addresses of one VM
 * @lock: serialises changes
 * @srcu: the SRCU domain that readers hold (the VM's)
 * @nr: registered ioeventfds and zones; zero lets a store skip the search
 * @eventfds: ioeventfds, RCU list
 * @zones: coalesced zones, RCU list
 * @ring_lock: serialises producers of the ring
 * @ring: the page that every vCPU's mapping shows behind the run structure, or NULL
 */
struct rvhv_io {
	struct mutex lock;
	struct srcu_struct *srcu;
	unsigned int nr;
	struct list_head eventfds;
	struct list_head zones;
	spinlock_t ring_lock;
	struct page *ring;
};

/* 0, -ENOMEM */
int rvhv_io_init(struct rvhv_io *io, struct srcu_struct *srcu);
void rvhv_io_destroy(struct rvhv_io *io);

/**
 * rvhv_io_write - offer a guest's store to the in-kernel addresses
 * @io: the VM's
 * @addr: guest physical address
 * @len: 1, 2, 4 or 8
 * @val: the bytes stored, little endian
 *
 * Context: any, interrupts may be off; takes the SRCU read side itself.
 * Return: true if an ioeventfd was signalled or the store went into the coalesced ring.
 */
bool rvhv_io_write(struct rvhv_io *io, u64 addr, unsigned int len, u64 val);

#endif /* _RVHV_IO_H */
