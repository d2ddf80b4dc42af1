/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the shadow tables share. mem->mmu_lock guards it, except the VMID and CPUs of a
 * translation.
 */
#ifndef _RVHV_NESTED_SHADOW_INTERNAL_H
#define _RVHV_NESTED_SHADOW_INTERNAL_H

#include <linux/cpumask.h>
#include <linux/interval_tree.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>

#include "../../guest_mem/change.h"
#include "../../guest_mem/gstage_pt.h"
#include "../../guest_mem/translation.h"
#include "../../rvhv_vm.h"
#include "shadow.h"

struct shrinker;

/*
 * Bounds of all shadow tables of a VM together. The first bounds the work of one change of the
 * host's, which must not sleep; the second bounds memory, since tables outlive their leaves.
 */
#define RVHV_SHADOW_MAX_LEAVES	BIT(20)
#define RVHV_SHADOW_MAX_TABLES	BIT(14)

/* Shadow tables kept while no vCPU uses them */
#define RVHV_SHADOW_MAX_UNUSED	16

/* Leaves visited under one hold of mmu_lock */
#define RVHV_SHADOW_BATCH	256

/* The record of a leaf: a linear range of the L2's frames and the L1's frames behind it */
struct rvhv_shadow_leaf {
	struct interval_tree_node l1;	/* in rvhv_shadows.leaves */
	struct interval_tree_node l2;	/* in rvhv_shadow.leaves */
	struct rvhv_shadow *shadow;
	u64 bits;			/* union of what the L1's entries have allowed so far */
	unsigned long stamp;		/* rvhv_shadow.clock when it was last mapped */
	unsigned int piece_of;		/* level of the L1's larger leaf around it, or 0 */
};

struct rvhv_shadow {
	struct rvhv_vm *vm;
	unsigned long l1_hgatp;
	struct list_head link;		/* in rvhv_shadows.list, while @users > 0 */
	unsigned int users;
	u64 last_used;			/* rvhv_shadows.clock at the last rvhv_shadow_put() */

	struct rvhv_translation translation;
	struct rb_root_cached leaves;	/* by the L2's frames; they do not overlap */
	unsigned long nr_leaves;
	unsigned long nr_tables;	/* without the root; an estimate */
	unsigned long nr_pieces[RVHV_GSTAGE_MAX_LEVELS];	/* leaves by piece_of */
	unsigned long seq;		/* changes when a fence of the L1 begins */
	bool dead;			/* unlinked, to be freed */
	unsigned long clock;		/* counts mappings */
	struct rvhv_gstage_change change;	/* flushes and frees that are due */
	struct list_head pending;	/* in rvhv_shadows.pending while @change has work */
};

/* All shadow tables of a VM, made with the first one */
struct rvhv_shadows {
	struct rvhv_vm *vm;
	struct rvhv_mem_mirror mirror;
	struct list_head list;
	unsigned int nr_unused;
	u64 clock;			/* counts calls of rvhv_shadow_put() */
	struct rb_root_cached leaves;	/* of all tables, by the L1's frames */
	unsigned long nr_leaves;
	unsigned long nr_tables;
	struct list_head pending;
	struct shrinker *shrinker;
};

/* shadow.c */
bool rvhv_shadow_reclaim_unused(struct rvhv_shadows *shadows);
struct rvhv_shadow *rvhv_shadow_get_largest(struct rvhv_shadows *shadows);

/* shadow_leaf.c */
struct rvhv_shadow_leaf *rvhv_shadow_first_leaf_locked(struct rvhv_shadow *shadow,
						       unsigned long first, unsigned long last);
struct rvhv_shadow_leaf *rvhv_shadow_next_leaf_locked(struct rvhv_shadow_leaf *leaf);
void rvhv_shadow_add_leaf_locked(struct rvhv_shadow *shadow, struct rvhv_shadow_leaf *leaf);
void rvhv_shadow_note_piece_locked(struct rvhv_shadow_leaf *leaf, unsigned int level);
void rvhv_shadow_drop_leaf_locked(struct rvhv_shadow_leaf *leaf);
void rvhv_shadow_drop_range_locked(struct rvhv_shadow *shadow, unsigned long first,
				   unsigned long last);
void rvhv_shadow_finish_locked(struct rvhv_shadow *shadow);
void rvhv_shadow_empty(struct rvhv_shadow *shadow);
void rvhv_shadow_forget(struct rvhv_shadow *shadow);
void rvhv_shadow_free_leaves(struct rvhv_shadow *shadow);
extern const struct rvhv_mem_mirror_ops rvhv_shadow_mirror_ops;

/* shadow_fence.c */
void rvhv_shadow_fence_range(struct rvhv_shadow *shadow, u64 l2_gpa, u64 size);
void rvhv_shadow_fence_all(struct rvhv_shadow *shadow, rvhv_shadow_walk_fn walk, void *arg);

/* shadow_map.c */
u64 rvhv_shadow_walk_bits(const struct rvhv_walk_result *walk);

#endif /* _RVHV_NESTED_SHADOW_INTERNAL_H */
