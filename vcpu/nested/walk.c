// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk of the L1's G-stage tables. Privileged specification, "Two-Stage Address Translation"
 * and "Virtual Address Translation Process".
 *
 * The L1's harts may change the tables at any time: each entry is read once, and all decisions use
 * that copy. The L1's harts have Svade: the walk never sets A or D.
 */
#include <linux/bits.h>

#include "../../guest_mem/gstage_pt.h"
#include "../../include/rvhv_arch.h"
#include "walk.h"

/* Reserved in every entry */
#define PTE_RESERVED	GENMASK_ULL(60, 54)
/* Svnapot: 64 KiB, encoded in the lowest PPN bits, is the only size. */
#define PTE_N		BIT_ULL(63)
#define NAPOT_PPN_MASK	15ULL
#define NAPOT_PPN	8ULL
#define NAPOT_SHIFT	16
/* Reserved in a pointer to a table */
#define PTE_TABLE_ZERO	(RVHV_PTE_U | RVHV_PTE_A | RVHV_PTE_D | RVHV_PTE_PBMT | PTE_N)
/* hgatp.PPN without the bits that are read-only zero: the root is 16 KiB. */
#define ROOT_PPN	(HGATP_PPN & ~GENMASK_ULL(RVHV_GSTAGE_ROOT_ORDER - 1, 0))

/* 0 for Bare and reserved modes */
static unsigned int mode_levels(unsigned long mode)
{
	switch (mode) {
	case HGATP_MODE_SV39X4:
		return 3;
	case HGATP_MODE_SV48X4:
		return 4;
	case HGATP_MODE_SV57X4:
		return 5;
	default:
		return 0;
	}
}

static u64 entry_gpa(u64 table, u64 l2_gpa, unsigned int level, bool root)
{
	unsigned int bits = root ? RVHV_GSTAGE_ROOT_BITS : RVHV_GSTAGE_INDEX_BITS;

	return table + ((l2_gpa >> rvhv_gstage_shift(level)) & (BIT_ULL(bits) - 1)) * sizeof(u64);
}

static bool pte_valid(u64 pte, unsigned int features)
{
	u64 zero = PTE_RESERVED;

	if (!(features & RVHV_WALK_PBMT))
		zero |= RVHV_PTE_PBMT;
	if (!(features & RVHV_WALK_NAPOT))
		zero |= PTE_N;
	if (!rvhv_pte_leaf(pte))
		zero |= PTE_TABLE_ZERO;
	if (!(pte & RVHV_PTE_V) || (pte & zero))
		return false;
	if ((pte & (RVHV_PTE_R | RVHV_PTE_W)) == RVHV_PTE_W)
		return false;
	/* The fourth memory type is reserved. */
	return (pte & RVHV_PTE_PBMT) != RVHV_PTE_PBMT;
}

static bool allows(const struct rvhv_walk_result *res, enum rvhv_access access)
{
	switch (access) {
	case RVHV_ACCESS_LOAD:
		return res->read;
	case RVHV_ACCESS_STORE:
		return res->write;
	case RVHV_ACCESS_FETCH:
		return res->exec;
	}
	return false;
}

static enum rvhv_walk take_leaf(u64 pte, unsigned int level, u64 l2_gpa, enum rvhv_access access,
				struct rvhv_walk_result *res)
{
	unsigned int shift = rvhv_gstage_shift(level);
	u64 pfn = rvhv_pte_pfn(pte), start, mask;

	if (pte & PTE_N) {
		if (level || (pfn & NAPOT_PPN_MASK) != NAPOT_PPN)
			return RVHV_WALK_PAGE_FAULT;
		shift = NAPOT_SHIFT;
		pfn &= ~NAPOT_PPN_MASK;
	}
	start = pfn << RVHV_PAGE_SHIFT;
	mask = BIT_ULL(shift) - 1;
	/* The G-stage treats every access as one from U mode. */
	if ((start & mask) || !(pte & RVHV_PTE_U) || !(pte & RVHV_PTE_A))
		return RVHV_WALK_PAGE_FAULT;
	res->gpa = start | (l2_gpa & mask);
	res->size_shift = shift;
	res->read = pte & RVHV_PTE_R;
	res->write = (pte & RVHV_PTE_W) && (pte & RVHV_PTE_D);
	res->exec = pte & RVHV_PTE_X;
	res->pbmt = pte & RVHV_PTE_PBMT;
	return allows(res, access) ? RVHV_WALK_DONE : RVHV_WALK_PAGE_FAULT;
}

/*
 * Translates an L2's guest physical address by the L1's tables.
 *
 * On a page fault @res is zero, unless the walk found a valid leaf that does not allow @access:
 * for a load with sstatus.MXR set the caller checks @res->exec. MODE Bare is an identity map that
 * allows every access.
 */
enum rvhv_walk rvhv_gstage_walk(const struct rvhv_walk_tables *tables, u64 l2_gpa,
				enum rvhv_access access, struct rvhv_walk_result *res)
{
	unsigned long mode = tables->hgatp >> HGATP_MODE_SHIFT;
	u64 table = (tables->hgatp & ROOT_PPN) << RVHV_PAGE_SHIFT;
	unsigned int levels = mode_levels(mode);
	unsigned int level;

	*res = (struct rvhv_walk_result){};
	if (mode == HGATP_MODE_OFF) {
		*res = (struct rvhv_walk_result){
			.gpa = l2_gpa, .size_shift = RVHV_WALK_BARE_SHIFT,
			.read = true, .write = true, .exec = true,
		};
		return RVHV_WALK_DONE;
	}
	if (!levels || l2_gpa >> rvhv_gstage_gpa_bits(levels))
		return RVHV_WALK_PAGE_FAULT;

	for (level = levels; level--;) {
		u64 gpa = entry_gpa(table, l2_gpa, level, level == levels - 1);
		u64 pte = 0;

		if (!tables->read_pte(tables->arg, gpa, &pte))
			return RVHV_WALK_ACCESS_FAULT;
		if (!pte_valid(pte, tables->features))
			return RVHV_WALK_PAGE_FAULT;
		if (rvhv_pte_leaf(pte)) {
			res->table = table;
			return take_leaf(pte, level, l2_gpa, access, res);
		}
		table = rvhv_pte_pfn(pte) << RVHV_PAGE_SHIFT;
	}
	return RVHV_WALK_PAGE_FAULT;
}

/* The last step of rvhv_gstage_walk() with an entry of the lowest table */
enum rvhv_walk rvhv_gstage_take_page(u64 pte, unsigned int features, u64 l2_gpa,
				     enum rvhv_access access, struct rvhv_walk_result *res)
{
	*res = (struct rvhv_walk_result){};
	if (!pte_valid(pte, features) || !rvhv_pte_leaf(pte))
		return RVHV_WALK_PAGE_FAULT;
	return take_leaf(pte, 0, l2_gpa, access, res);
}
