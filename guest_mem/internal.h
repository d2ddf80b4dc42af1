/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of guest_mem/ share and nobody else needs.
 */
#ifndef _RVHV_GUEST_MEM_INTERNAL_H
#define _RVHV_GUEST_MEM_INTERNAL_H

#include "guest_mem.h"
#include "gstage_pt.h"

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

/* mem.c */
u64 rvhv_mem_apply_locked(struct rvhv_mem *mem, rvhv_gstage_op op, u64 start, u64 end,
			  struct rvhv_gstage_change *c);
void rvhv_mem_finish_change_locked(struct rvhv_mem *mem, struct rvhv_gstage_change *c);
void rvhv_mem_resched_locked(struct rvhv_mem *mem, struct rvhv_gstage_change *c);
void rvhv_mem_unmap_range(struct rvhv_mem *mem, u64 start, u64 end);
void rvhv_mem_wrprotect_range(struct rvhv_mem *mem, u64 start, u64 end);

/* region.c */
void rvhv_slot_free(struct rvhv_slot *slot);

/* notifier.c */
int rvhv_mem_notifier_register(struct rvhv_mem *mem);

/* tlb.c */
void rvhv_hfence_gvma_page_local(unsigned long vmid, u64 gpa);

#endif /* _RVHV_GUEST_MEM_INTERNAL_H */
