/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Coalesced MMIO: stores to a zone are queued in a ring that the VMM reads when it likes.
 */
#ifndef _RVHV_COALESCED_H
#define _RVHV_COALESCED_H

#include <linux/mm.h>
#include <linux/rcupdate.h>

#include "io.h"

/**
 * struct rvhv_zone - addresses whose stores are queued
 * @addr: first guest physical address
 * @size: bytes
 */
struct rvhv_zone {
	u64 addr;
	u32 size;
};

/**
 * struct rvhv_zones - the published zones of one address space
 * @rcu: frees the array after its last reader
 * @nr: number of zones
 * @z: zones
 */
struct rvhv_zones {
	struct rcu_head rcu;
	unsigned int nr;
	struct rvhv_zone z[];
};

/**
 * struct rvhv_coalesced - one queued store, laid out as struct kvm_coalesced_mmio
 * @addr: guest physical address
 * @len: 1, 2, 4 or 8
 * @pio: 1 for port I/O; 0
 * @data: the bytes stored
 */
struct rvhv_coalesced {
	u64 addr;
	u32 len;
	u32 pio;
	u8 data[8];
};

/**
 * struct rvhv_coalesced_ring - the page shared with the VMM, laid out as KVM's
 * @first: index of the oldest store; the VMM's
 * @last: index of the next free entry; ours, but the VMM can write it
 * @store: the queue
 */
struct rvhv_coalesced_ring {
	u32 first;
	u32 last;
	struct rvhv_coalesced store[];
};

#define RVHV_COALESCED_MAX \
	((PAGE_SIZE - sizeof(struct rvhv_coalesced_ring)) / sizeof(struct rvhv_coalesced))

bool rvhv_zone_contains(const struct rvhv_zone *zone, u64 addr, u64 len);
bool rvhv_coalesced_queue(struct rvhv_coalesced_ring *ring, u64 addr, unsigned int len, u64 val);
int rvhv_coalesced_add(struct rvhv_io *io, enum rvhv_io_space space, const struct rvhv_zone *zone);
int rvhv_coalesced_remove(struct rvhv_io *io, enum rvhv_io_space space,
			  const struct rvhv_zone *range);
void rvhv_coalesced_destroy(struct rvhv_io *io);

#endif /* _RVHV_COALESCED_H */
