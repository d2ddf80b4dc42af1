/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_COALESCED_H
#define _RVHV_COALESCED_H

#include <linux/mm.h>
#include <linux/rcupdate.h>

#include "io.h"

/* Guest physical addresses whose stores are queued */
struct rvhv_zone {
	u64 addr;
	u32 size;
};

/* The zones of one address space, published under RCU */
struct rvhv_zones {
	struct rcu_head rcu;
	unsigned int nr;
	struct rvhv_zone z[];
};

/* Laid out as struct kvm_coalesced_mmio */
struct rvhv_coalesced {
	u64 addr;
	u32 len;
	u32 pio;	/* 0: no port I/O */
	u8 data[8];
};

/* The page shared with the VMM, which can write all of it; laid out as KVM's */
struct rvhv_coalesced_ring {
	u32 first;	/* index of the oldest store, written by the VMM */
	u32 last;	/* index of the next free entry, written by rvhv_coalesced_queue() */
	struct rvhv_coalesced store[];
};

#define RVHV_COALESCED_MAX \
	((PAGE_SIZE - sizeof(struct rvhv_coalesced_ring)) / sizeof(struct rvhv_coalesced))

int rvhv_coalesced_init(struct rvhv_io *io);
bool rvhv_zone_contains(const struct rvhv_zone *zone, u64 addr, u64 len);
bool rvhv_coalesced_queue(struct rvhv_coalesced_ring *ring, u64 addr, unsigned int len, u64 val);
int rvhv_coalesced_add(struct rvhv_io *io, enum rvhv_io_space space, const struct rvhv_zone *zone);
int rvhv_coalesced_remove(struct rvhv_io *io, enum rvhv_io_space space,
			  const struct rvhv_zone *range);
void rvhv_coalesced_destroy(struct rvhv_io *io);

#endif /* _RVHV_COALESCED_H */
