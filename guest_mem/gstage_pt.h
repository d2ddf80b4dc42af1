/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * G-stage page tables: Sv39x4, Sv48x4 and Sv57x4 by number of levels.
 *
 * The caller serialises changes of one table (mem->mmu_lock) and does the fences that struct
 * rvhv_gstage_change asks for.
 */
#ifndef _RVHV_GSTAGE_PT_H
#define _RVHV_GSTAGE_PT_H

#include <linux/bits.h>
#include <linux/limits.h>
#include <linux/types.h>

#include "../rvhv_types.h"

struct rvhv_gstage {
	void *root;		/* kernel address of the root table, 16 KiB */
	unsigned int levels;	/* 3 for Sv39x4, 4 for Sv48x4, 5 for Sv57x4 */
};

/* Zeroed pages set aside for page tables, owned by one vCPU */
struct rvhv_pt_cache {
	unsigned int nr;	/* pages held */
	void *page[5];
};

/* Page-table entry; fault.c asserts that these are the values of _PAGE_*. */
#define RVHV_PTE_V		BIT_ULL(0)
#define RVHV_PTE_R		BIT_ULL(1)
#define RVHV_PTE_W		BIT_ULL(2)
#define RVHV_PTE_X		BIT_ULL(3)
#define RVHV_PTE_U		BIT_ULL(4)
#define RVHV_PTE_A		BIT_ULL(6)
#define RVHV_PTE_D		BIT_ULL(7)
#define RVHV_PTE_RWX		(RVHV_PTE_R | RVHV_PTE_W | RVHV_PTE_X)
#define RVHV_PTE_PFN_SHIFT	10
#define RVHV_PTE_PFN		GENMASK_ULL(53, 10)
#define RVHV_PTE_PBMT		GENMASK_ULL(62, 61)

/* Bits of every leaf: the G-stage checks accesses as if from U-mode. Only ageing clears A. */
#define RVHV_PTE_LEAF		(RVHV_PTE_V | RVHV_PTE_U | RVHV_PTE_A | RVHV_PTE_D)

#define RVHV_GSTAGE_MAX_LEVELS	5
#define RVHV_GSTAGE_INDEX_BITS	9
#define RVHV_GSTAGE_ROOT_BITS	(RVHV_GSTAGE_INDEX_BITS + 2)
#define RVHV_GSTAGE_ROOT_ORDER	2

/* Largest leaf that is mapped: 1 GiB */
#define RVHV_GSTAGE_MAX_LEAF	2

/* Tables that a range operation visits before it stops, so that the caller can drop the lock */
#define RVHV_GSTAGE_BUDGET	256

/**
 * struct rvhv_gstage_change - work that changes of a table leave to the caller
 * @start: first guest physical address to flush from every TLB
 * @end: its end; an empty range needs no flush
 * @dead: unlinked tables, to be freed after the flush
 * @budget: tables that may still be visited; a range operation stops at zero
 * @young: a leaf had its A bit set
 */
struct rvhv_gstage_change {
	u64 start;
	u64 end;
	void *dead;
	unsigned int budget;
	bool young;
};

#define RVHV_GSTAGE_CHANGE_INIT	{ .start = U64_MAX, .budget = RVHV_GSTAGE_BUDGET }

/* A range operation, such as rvhv_gstage_unmap() */
typedef u64 (*rvhv_gstage_op)(struct rvhv_gstage *gs, u64 start, u64 end,
			      struct rvhv_gstage_change *c);

/**
 * enum rvhv_gstage_result - results of rvhv_gstage_map()
 * @RVHV_GSTAGE_NEW: a leaf where none was: no fence needed
 * @RVHV_GSTAGE_UPGRADED: the same leaf, unchanged or with more permissions: fence on this CPU
 * @RVHV_GSTAGE_REPLACED: something else was mapped: see struct rvhv_gstage_change
 * @RVHV_GSTAGE_NO_PAGE: the cache ran out
 * @RVHV_GSTAGE_INVALID: the address is too wide or not aligned to the leaf
 */
enum rvhv_gstage_result {
	RVHV_GSTAGE_NEW,
	RVHV_GSTAGE_UPGRADED,
	RVHV_GSTAGE_REPLACED,
	RVHV_GSTAGE_NO_PAGE,
	RVHV_GSTAGE_INVALID,
};

static inline unsigned int rvhv_gstage_shift(unsigned int level)
{
	return RVHV_PAGE_SHIFT + RVHV_GSTAGE_INDEX_BITS * level;
}

static inline u64 rvhv_gstage_leaf_size(unsigned int level)
{
	return BIT_ULL(rvhv_gstage_shift(level));
}

static inline unsigned int rvhv_gstage_gpa_bits(unsigned int levels)
{
	return rvhv_gstage_shift(levels) + 2;
}

static inline u64 rvhv_pte_pfn(u64 pte)
{
	return (pte & RVHV_PTE_PFN) >> RVHV_PTE_PFN_SHIFT;
}

static inline bool rvhv_pte_leaf(u64 pte)
{
	return pte & RVHV_PTE_RWX;
}

int rvhv_gstage_init(struct rvhv_gstage *gs, unsigned int levels);
void rvhv_gstage_destroy(struct rvhv_gstage *gs);

int rvhv_pt_cache_topup_gfp(struct rvhv_pt_cache *cache, unsigned int want, gfp_t gfp);
int rvhv_pt_cache_topup(struct rvhv_pt_cache *cache, unsigned int want);
void rvhv_pt_cache_free(struct rvhv_pt_cache *cache);

enum rvhv_gstage_result rvhv_gstage_map(struct rvhv_gstage *gs, struct rvhv_pt_cache *cache,
					u64 gpa, u64 pfn, unsigned int level, u64 bits,
					struct rvhv_gstage_change *c);
bool rvhv_gstage_lookup(const struct rvhv_gstage *gs, u64 gpa, u64 *pte, unsigned int *level);
u64 rvhv_gstage_unmap(struct rvhv_gstage *gs, u64 start, u64 end, struct rvhv_gstage_change *c);
u64 rvhv_gstage_wrprotect(struct rvhv_gstage *gs, u64 start, u64 end,
			  struct rvhv_gstage_change *c);
u64 rvhv_gstage_age(struct rvhv_gstage *gs, u64 start, u64 end, struct rvhv_gstage_change *c);
u64 rvhv_gstage_test_young(struct rvhv_gstage *gs, u64 start, u64 end,
			   struct rvhv_gstage_change *c);
void rvhv_gstage_free_dead(struct rvhv_gstage_change *c);

#endif /* _RVHV_GSTAGE_PT_H */
