/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_GUEST_MEM_SLOTS_H
#define _RVHV_GUEST_MEM_SLOTS_H

#include <linux/bitops.h>
#include <linux/interval_tree.h>
#include <linux/types.h>

#include "../rvhv_types.h"

struct rvhv_mem;
struct rvhv_region;

/* Flags of a slot. The values are KVM's (KVM_MEM_*); uapi/ asserts that. */
#define RVHV_SLOT_LOG_DIRTY	BIT(0)
#define RVHV_SLOT_READONLY	BIT(1)

/* Guest frames backed by user memory. Immutable while published, except the bits of dirty. */
struct rvhv_slot {
	u64 base_gfn;
	u64 npages;				/* of 4 KiB */
	unsigned long hva;			/* user address of the first page */
	u32 flags;				/* RVHV_SLOT_* */
	u16 id;					/* the VMM's number of the slot */
	unsigned long *dirty;			/* one bit a page; NULL: not logged */
	struct interval_tree_node hva_node;	/* in rvhv_mem.hva_tree */
};

/* The published slots by base_gfn; replaced under SRCU, except by rvhv_slots_append() */
struct rvhv_slots {
	unsigned int nr;
	unsigned int capacity;	/* entries of slot[]; those from nr on are NULL */
	struct rvhv_slot *slot[];
};

enum rvhv_region_change {
	RVHV_REGION_NOTHING,
	RVHV_REGION_CREATE,
	RVHV_REGION_DELETE,
	RVHV_REGION_MOVE,
	RVHV_REGION_FLAGS,
};

/* Bounds of a request besides the present slots */
struct rvhv_region_limits {
	u64 nr_pages;	/* of all slots together */
	unsigned int gpa_bits;
};

static inline u64 rvhv_slot_gpa(const struct rvhv_slot *slot)
{
	return slot->base_gfn << RVHV_PAGE_SHIFT;
}

static inline u64 rvhv_slot_size(const struct rvhv_slot *slot)
{
	return slot->npages << RVHV_PAGE_SHIFT;
}

/* Longs in one dirty bitmap of @slot; twice as many are allocated, the second half is scratch. */
static inline unsigned long rvhv_slot_dirty_longs(const struct rvhv_slot *slot)
{
	return BITS_TO_LONGS(slot->npages);
}

struct rvhv_slot *rvhv_slot_find(struct rvhv_mem *mem, u64 gfn);
struct rvhv_slot *rvhv_slot_by_id(struct rvhv_mem *mem, unsigned int id);
void rvhv_slot_mark_dirty(const struct rvhv_slot *slot, u64 gfn);
void rvhv_slot_free(struct rvhv_slot *slot);

struct rvhv_slot *rvhv_slots_search(const struct rvhv_slots *slots, u64 gfn);
struct rvhv_slots *rvhv_slots_replace(const struct rvhv_slots *old, const struct rvhv_slot *remove,
				      struct rvhv_slot *add);
bool rvhv_slots_append(struct rvhv_slots *slots, struct rvhv_slot *add);

int rvhv_region_check(const struct rvhv_slots *slots, const struct rvhv_slot *old,
		      const struct rvhv_region *region, const struct rvhv_region_limits *limits);
int rvhv_dirty_check_range(u64 npages, u64 first_page, u32 num_pages);

#endif /* _RVHV_GUEST_MEM_SLOTS_H */
