/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The L1's G-stage tables, which translate guest physical addresses of the L2 to those of the L1.
 * Pure: the caller provides the function that reads an entry.
 */
#ifndef _RVHV_NESTED_WALK_H
#define _RVHV_NESTED_WALK_H

#include "../../rvhv_types.h"

/* The permission that an access needs. An AMO is a store; HLVX is a fetch. */
enum rvhv_access {
	RVHV_ACCESS_LOAD,
	RVHV_ACCESS_STORE,
	RVHV_ACCESS_FETCH,
};

/* The leaf of MODE Bare has the size of the largest leaf of any mode. */
#define RVHV_WALK_BARE_SHIFT	48

/**
 * struct rvhv_walk_result - a translation
 * @gpa: the L1's guest physical address
 * @size_shift: log2 of the leaf's size: 12, 16, 21, 30, 39, 48
 * @read: R is set
 * @write: W and D are set
 * @exec: X is set
 * @pbmt: page-based memory type, at its position in a PTE
 * @table: L1's guest physical address of the table that holds the leaf; 0 for MODE Bare
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

enum rvhv_walk {
	RVHV_WALK_DONE,		/* the tables allow the access */
	RVHV_WALK_PAGE_FAULT,	/* the L1 takes a guest page fault at the L2's address */
	RVHV_WALK_ACCESS_FAULT,	/* a table is not in the L1's memory */
};

/*
 * Reads an entry at an aligned address of the L1 in one access of 8 bytes. Returns false if the L1
 * has no memory there.
 */
typedef bool (*rvhv_read_pte_fn)(void *arg, u64 gpa, u64 *pte);

/* Extensions of the L1's harts that define bits of an entry */
#define RVHV_WALK_PBMT		BIT(0)
#define RVHV_WALK_NAPOT		BIT(1)

struct rvhv_walk_tables {
	unsigned long hgatp;
	unsigned int features;	/* RVHV_WALK_*: enabled on the L1's harts */
	rvhv_read_pte_fn read_pte;
	void *arg;
};

enum rvhv_walk rvhv_gstage_walk(const struct rvhv_walk_tables *tables, u64 l2_gpa,
				enum rvhv_access access, struct rvhv_walk_result *res);
enum rvhv_walk rvhv_gstage_take_page(u64 pte, unsigned int features, u64 l2_gpa,
				     enum rvhv_access access, struct rvhv_walk_result *res);

#endif /* _RVHV_NESTED_WALK_H */
