/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the shadow tables share.
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
 * Bounds of all of a VM's shadow tables together. Leaves bound what one change by the host may have
 * to go through without sleeping; tables, which stay when their leaves go, the memory.
 */
#define RVHV_SHADOW_MAX_LEAVES	BIT(20)
#define RVHV_SHADOW_MAX_TABLES	BIT(14)

/*
 * Leaves that a fence of everything looks at again in place of taking them away. A hypervisor that
 * maps its guest page by page may fence everything each time, as KVM does where it has another vCPU
 * that does not run: what the L2 is at work on should not go with it. Over the first number all but
 * those mapped last go, as many as the second says: not a few each time, as every change of a table
 * has other CPUs to wait for.
 */
#define RVHV_SHADOW_CHECK	512U
#define RVHV_SHADOW_KEEP	256U

/* Shadow tables kept while no vCPU uses them */
#define RVHV_SHADOW_MAX_UNUSED	16

/**
 * struct rvhv_shadow_leaf - a linear piece of the way from the L2's to the L1's addresses
 * @l1: frame numbers of the L1, in rvhv_shadows.leaves
 * @l2: frame numbers of the L2, in rvhv_shadow.leaves
 * @shadow: the table
 * @bits: RVHV_PTE_R, W, X and PBMT that the L1's entries have had since it was made, all together
 * @stamp: clock of the table when it was last mapped by
 * @piece_of: level of the L1's leaf that it is a piece of, or 0
 */
struct rvhv_shadow_leaf {
	struct interval_tree_node l1;
	struct interval_tree_node l2;
	struct rvhv_shadow *shadow;
	u64 bits;
	unsigned long stamp;
	unsigned int piece_of;
};

/**
 * struct rvhv_shadow - one shadow table
 * @vm: the VM
 * @key: the L1's hgatp
 * @link: in rvhv_shadows.list
 * @users: vCPUs that use it, and whoever is at work on it without the lock
 * @last_used: rvhv_shadows.clock when the last user left
 * @translation: the table, and who may hold translations of it
 * @leaves: struct rvhv_shadow_leaf by the L2's frame numbers; they do not overlap
 * @nr_leaves: number of @leaves
 * @nr_tables: about how many pages the table has beside the root
 * @nr_pieces: by level, leaves that are pieces of a larger leaf of the L1's
 * @seq: changes when an unmapping for the L1 begins
 * @dead: out of the list; all of its leaves go, whoever wants to stop
 * @clock: counts what is mapped
 * @change: what changes of the table have left to do
 * @pending: in rvhv_shadows.pending while @change is not empty
 *
 * mem->mmu_lock guards it, but for the VMID and CPUs of @translation. While @users is not zero the shadow stays
 * where it is in the list.
 */
struct rvhv_shadow {
	struct rvhv_vm *vm;
	unsigned long key;
	struct list_head link;
	unsigned int users;
	u64 last_used;

	struct rvhv_translation translation;
	struct rb_root_cached leaves;
	unsigned long nr_leaves;
	unsigned long nr_tables;
	unsigned long nr_pieces[RVHV_GSTAGE_MAX_LEVELS];
	unsigned long seq;
	bool dead;
	unsigned long clock;
	struct rvhv_gstage_change change;
	struct list_head pending;
};

/**
 * struct rvhv_shadows - the shadow tables of a VM
 * @vm: the VM
 * @mirror: keeps the tables in step with the VM's G-stage table
 * @list: the tables, in no order; new ones go to the front
 * @nr_unused: those without users
 * @clock: for struct rvhv_shadow's last_used
 * @leaves: struct rvhv_shadow_leaf of all, by the L1's frame numbers
 * @nr_leaves: number of @leaves
 * @nr_tables: sum over all
 * @pending: those with something left to do before pages go back to the host
 * @shrinker: takes the unused ones
 *
 * Made when the first table is; guarded by mem->mmu_lock.
 */
struct rvhv_shadows {
	struct rvhv_vm *vm;
	struct rvhv_mem_mirror mirror;
	struct list_head list;
	unsigned int nr_unused;
	u64 clock;
	struct rb_root_cached leaves;
	unsigned long nr_leaves;
	unsigned long nr_tables;
	struct list_head pending;
	struct shrinker *shrinker;
};

/* shadow.c */
bool rvhv_shadow_reclaim_unused(struct rvhv_shadows *shadows);
struct rvhv_shadow *rvhv_shadow_get_largest(struct rvhv_shadows *shadows);

/* shadow_fence.c */
void rvhv_shadow_fence(struct rvhv_shadow *shadow, rvhv_shadow_walk_fn walk, void *arg);

/* shadow_map.c */
struct rvhv_shadow_leaf *rvhv_shadow_first_leaf_locked(struct rvhv_shadow *shadow,
						       unsigned long first, unsigned long last);
void rvhv_shadow_drop_leaf_locked(struct rvhv_shadow_leaf *leaf);
struct rvhv_shadow_leaf *rvhv_shadow_next_leaf_locked(struct rvhv_shadow_leaf *leaf);
void rvhv_shadow_finish_locked(struct rvhv_shadow *shadow);
u64 rvhv_shadow_walk_bits(const struct rvhv_walk_result *walk);

extern const struct rvhv_mem_mirror_ops rvhv_shadow_mirror_ops;
void rvhv_shadow_empty(struct rvhv_shadow *shadow);
void rvhv_shadow_free_leaves(struct rvhv_shadow *shadow);
void rvhv_shadow_forget(struct rvhv_shadow *shadow);

#endif /* _RVHV_NESTED_SHADOW_INTERNAL_H */
