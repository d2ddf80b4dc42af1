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

/* notifier.c */
int rvhv_mem_notifier_register(struct rvhv_mem *mem);

/* tlb.c */
void rvhv_hfence_gvma_page_local(unsigned long vmid, u64 gpa);

#endif /* _RVHV_GUEST_MEM_INTERNAL_H */
