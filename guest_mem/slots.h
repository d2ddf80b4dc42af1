/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules of memory slots, without an address space: used by region.c and dirty.c, and by KUnit.
 */
#ifndef _RVHV_SLOTS_H
#define _RVHV_SLOTS_H

#include <linux/types.h>

struct rvhv_region;
struct rvhv_slot;
struct rvhv_slots;

/* What a valid request amounts to */
enum rvhv_region_change {
	RVHV_REGION_NOTHING,
	RVHV_REGION_CREATE,
	RVHV_REGION_DELETE,
	RVHV_REGION_MOVE,
	RVHV_REGION_FLAGS,
};

/**
 * struct rvhv_region_limits - what a request is checked against besides the slots
 * @nr_pages: pages of all slots together
 * @gpa_bits: width of a guest physical address
 */
struct rvhv_region_limits {
	u64 nr_pages;
	unsigned int gpa_bits;
};

int rvhv_region_check(const struct rvhv_slots *slots, const struct rvhv_slot *old,
		      const struct rvhv_region *region, const struct rvhv_region_limits *limits);
struct rvhv_slots *rvhv_slots_replace(const struct rvhv_slots *old, const struct rvhv_slot *remove,
				      struct rvhv_slot *add);
bool rvhv_slots_append(struct rvhv_slots *slots, struct rvhv_slot *add);
void rvhv_slot_free(struct rvhv_slot *slot);
int rvhv_dirty_check_range(u64 npages, u64 first_page, u32 num_pages);

#endif /* _RVHV_SLOTS_H */
