/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The L1's G-stage tables, which translate the guest physical addresses of its L2 into its own.
 * Pure: entries are read by the caller's function, each once.
 *
 * Privileged specification, "Two-Stage Address Translation".
 */
#ifndef _RVHV_NESTED_WALK_H
#define _RVHV_NESTED_WALK_H

#include "../../rvhv_types.h"

/* What an access must be allowed; an AMO is a store, HLVX a fetch that reports as a load */
enum rvhv_access {
	RVHV_ACCESS_LOAD,
	RVHV_ACCESS_STORE,
	RVHV_ACCESS_FETCH,
};

/* Leaf of a MODE that does not translate: as large as any there is */
#define RVHV_WALK_BARE_SHIFT	48

/**
 * struct rvhv_walk_result - a translation
 * @gpa: the L1's guest physical address
 * @size_shift: log2 of the leaf's size: 12, 16, 21, 30, 39, 48
 * @read: the leaf lets the L2 read
 * @write: the leaf lets the L2 write: W and D
 * @exec: the leaf lets the L2 fetch
 * @pbmt: page-based memory type, in its place in a PTE
 * @table: the L1's table that has the leaf; nothing for MODE Bare
 */
struct rvhv_walk_result {
	u64 gpa;
	unsigned int size_shift;
	bool read;
	bool write;
	bool exec;
	u64 pbmt;
	u64 table;
};

/*
 * Read the entry of the L1's memory at @gpa, which is aligned, in one access of 8 bytes: 0; 1: the
 * L1 has no memory there; or a negative errno.
 */
typedef int (*rvhv_read_pte_fn)(void *arg, u64 gpa, u64 *pte);

/* Results above zero: the L1 is to take a fault of this kind */
#define RVHV_WALK_PAGE_FAULT	1	/* guest page fault at the L2's address */
#define RVHV_WALK_ACCESS_FAULT	2	/* a table is not in the L1's memory */

/* Extensions of the L1's harts, for entries that are reserved without them */
#define RVHV_WALK_PBMT		BIT(0)
#define RVHV_WALK_NAPOT		BIT(1)

int rvhv_gstage_walk(unsigned long hgatp, unsigned int features, u64 l2_gpa,
		     enum rvhv_access access, rvhv_read_pte_fn read_pte, void *arg,
		     struct rvhv_walk_result *res);
int rvhv_gstage_take_page(u64 pte, unsigned int features, u64 l2_gpa, enum rvhv_access access,
			  struct rvhv_walk_result *res);

#endif /* _RVHV_NESTED_WALK_H */
