/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_GUEST_MEM_REGION_H
#define _RVHV_GUEST_MEM_REGION_H

#include <linux/types.h>

struct rvhv_mem;

/**
 * struct rvhv_region - a request to create, move, change or delete a slot
 * @slot: id; the upper 16 bits must be zero (address spaces)
 * @flags: RVHV_SLOT_*
 * @gpa: guest physical address
 * @size: bytes; 0 deletes
 * @hva: user address
 */
struct rvhv_region {
	u32 slot;
	u32 flags;
	u64 gpa;
	u64 size;
	u64 hva;
};

int rvhv_mem_set_region(struct rvhv_mem *mem, const struct rvhv_region *region);

#endif /* _RVHV_GUEST_MEM_REGION_H */
