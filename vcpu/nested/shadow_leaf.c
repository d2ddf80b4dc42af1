// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leaves of shadow tables: their records, and what changes of the host do to them.
 *
 * A table maps nothing outside the records of its leaves, and nothing but what the record says. A
 * record may have lost its leaf, or have it split into smaller ones. A fence of the L1 finds a
 * record by the L2's frame, a change of the host by the L1's.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "../../include/rvhv_arch.h"
#include "shadow_internal.h"

/* Leaves that one call of mirror_apply() changes, or ages */
#define APPLY_BATCH	256
#define AGE_BATCH	4096

static struct rvhv_shadow_leaf *leaf_by_l1(struct interval_tree_node *node)
{
	return container_of(node, struct rvhv_shadow_leaf, l1);
}

static struct rvhv_shadow_leaf *leaf_by_l2(struct interval_tree_node *node)
{
	return container_of(node, struct rvhv_shadow_leaf, l2);
}

/* Returns the first leaf that overlaps [first, last] of the L2's frames, or NULL. */
struct rvhv_shadow_leaf *rvhv_shadow_first_leaf_locked(struct rvhv_shadow *shadow,
						       unsigned long first, unsigned long last)
{
	struct interval_tree_node *node;

	lockdep_assert_held(&shadow->vm->mem.mmu_lock);
	node = interval_tree_iter_first(&shadow->leaves, first, last);
	return node ? leaf_by_l2(node) : NULL;
}

struct rvhv_shadow_leaf *rvhv_shadow_next_leaf_locked(struct rvhv_shadow_leaf *leaf)
{
	struct interval_tree_node *node = interval_tree_iter_next(&leaf->l2, 0, ULONG_MAX);

	lockdep_assert_held(&leaf->shadow->vm->mem.mmu_lock);
	return node ? leaf_by_l2(node) : NULL;
}

static void table_op_locked(struct rvhv_shadow *shadow, rvhv_gstage_op op, unsigned long first,
			    unsigned long last)
{
	struct rvhv_gstage_change *c = &shadow->change;

	lockdep_assert_held(&shadow->vm->mem.mmu_lock);
	/* The range is one leaf, which bounds the work. */
	c->budget = UINT_MAX;
	op(&shadow->translation.gstage, (u64)first << PAGE_SHIFT, ((u64)last + 1) << PAGE_SHIFT, c);
	if (c->start < c->end && list_empty(&shadow->pending))
		list_add(&shadow->pending, &shadow->vm->shadows->pending);
}

void rvhv_shadow_add_leaf_locked(struct rvhv_shadow *shadow, struct rvhv_shadow_leaf *leaf)
{
	struct rvhv_shadows *shadows = shadow->vm->shadows;

	lockdep_assert_held(&shadow->vm->mem.mmu_lock);
	leaf->shadow = shadow;
	leaf->piece_of = 0;
	interval_tree_insert(&leaf->l1, &shadows->leaves);
	interval_tree_insert(&leaf->l2, &shadow->leaves);
	shadows->nr_leaves++;
	shadow->nr_leaves++;
	shadow->vm->shadow_stats.leaves_mapped++;
}

/* Note that @leaf maps a part of an L1's leaf of @level. */
void rvhv_shadow_note_piece_locked(struct rvhv_shadow_leaf *leaf, unsigned int level)
{
	unsigned long *nr_pieces = leaf->shadow->nr_pieces;

	lockdep_assert_held(&leaf->shadow->vm->mem.mmu_lock);
	/* Bare mode has no leaves. */
	if (leaf->l2.last - leaf->l2.start + 1 >= rvhv_gstage_leaf_size(level) >> PAGE_SHIFT ||
	    level <= leaf->piece_of ||
	    leaf->shadow->l1_hgatp >> HGATP_MODE_SHIFT == HGATP_MODE_OFF)
		return;
	if (leaf->piece_of)
		nr_pieces[leaf->piece_of]--;
	leaf->piece_of = level;
	nr_pieces[level]++;
}

/*
 * Unmap a leaf and free its record. The caller calls rvhv_shadow_finish_locked() before it drops
 * mmu_lock.
 */
void rvhv_shadow_drop_leaf_locked(struct rvhv_shadow_leaf *leaf)
{
	struct rvhv_shadow *shadow = leaf->shadow;
	struct rvhv_shadows *shadows = shadow->vm->shadows;

	lockdep_assert_held(&shadow->vm->mem.mmu_lock);
	table_op_locked(shadow, rvhv_gstage_unmap, leaf->l2.start, leaf->l2.last);
	interval_tree_remove(&leaf->l1, &shadows->leaves);
	interval_tree_remove(&leaf->l2, &shadow->leaves);
	if (leaf->piece_of)
		shadow->nr_pieces[leaf->piece_of]--;
	shadows->nr_leaves--;
	shadow->nr_leaves--;
	shadow->vm->shadow_stats.leaves_dropped++;
	kfree(leaf);
}

/* Flush the TLBs and free tables after changes. Waits for other CPUs; interrupts are on. */
void rvhv_shadow_finish_locked(struct rvhv_shadow *shadow)
{
	struct rvhv_gstage_change *c = &shadow->change;

	lockdep_assert_held(&shadow->vm->mem.mmu_lock);
	list_del_init(&shadow->pending);
	if (c->start < c->end)
		rvhv_translation_flush_range(&shadow->translation, c->start, c->end - c->start);
	rvhv_gstage_free_dead(c);
	*c = (struct rvhv_gstage_change)RVHV_GSTAGE_CHANGE_INIT;
}

/*
 * Drop the leaves that overlap [first, last] of the L2's frames. May release mmu_lock in between.
 * There may be a million: a fatal signal ends it early, unless the table is being freed.
 */
void rvhv_shadow_drop_range_locked(struct rvhv_shadow *shadow, unsigned long first,
				   unsigned long last)
{
	spinlock_t *lock = &shadow->vm->mem.mmu_lock;
	struct rvhv_shadow_leaf *leaf;
	unsigned int n;

	lockdep_assert_held(lock);
	for (;;) {
		for (n = 0; n < RVHV_SHADOW_BATCH; n++) {
			leaf = rvhv_shadow_first_leaf_locked(shadow, first, last);
			if (!leaf)
				break;
			rvhv_shadow_drop_leaf_locked(leaf);
		}
		rvhv_shadow_finish_locked(shadow);
		if (n < RVHV_SHADOW_BATCH || (!shadow->dead && fatal_signal_pending(current)))
			return;
		cond_resched_lock(lock);
	}
}

/* ---- whole tables: takes mmu_lock, may sleep ---- */

/* Drop the leaves of a table in use and free its pages, except the root. */
void rvhv_shadow_empty(struct rvhv_shadow *shadow)
{
	spinlock_t *lock = &shadow->vm->mem.mmu_lock;
	u64 gpa = 0;

	spin_lock(lock);
	rvhv_shadow_drop_range_locked(shadow, 0, ULONG_MAX);
	shadow->vm->shadows->nr_tables -= shadow->nr_tables;
	shadow->nr_tables = 0;
	/* May unmap a leaf that was mapped meanwhile: a record without its leaf is harmless. */
	while (gpa < U64_MAX) {
		shadow->change.budget = RVHV_GSTAGE_BUDGET;
		gpa = rvhv_gstage_unmap(&shadow->translation.gstage, gpa, U64_MAX, &shadow->change);
		rvhv_shadow_finish_locked(shadow);
		cond_resched_lock(lock);
	}
	spin_unlock(lock);
}

/* Drop the leaves of an unlinked table. rvhv_gstage_destroy() frees its pages. */
void rvhv_shadow_forget(struct rvhv_shadow *shadow)
{
	spinlock_t *lock = &shadow->vm->mem.mmu_lock;

	spin_lock(lock);
	shadow->dead = true;
	rvhv_shadow_drop_range_locked(shadow, 0, ULONG_MAX);
	shadow->vm->shadows->nr_tables -= shadow->nr_tables;
	spin_unlock(lock);
}

/* Free the records of a table of a VM that has no vCPU and no mirror any more. Takes no lock. */
void rvhv_shadow_free_leaves(struct rvhv_shadow *shadow)
{
	struct rvhv_shadow_leaf *leaf, *next;
	unsigned int n = 0;

	rbtree_postorder_for_each_entry_safe(leaf, next, &shadow->leaves.rb_root, l2.rb) {
		kfree(leaf);
		if (!(++n % RVHV_SHADOW_BATCH))
			cond_resched();
	}
	shadow->leaves = RB_ROOT_CACHED;
}

/* ---- the mirror: changes of the host ---- */

static void leaf_op_locked(struct rvhv_shadow_leaf *leaf, rvhv_gstage_op op, unsigned long first,
			   unsigned long last, struct rvhv_gstage_change *c)
{
	struct rvhv_shadow *shadow = leaf->shadow;
	unsigned long start = leaf->l2.start;

	lockdep_assert_held(&shadow->vm->mem.mmu_lock);
	if (op == rvhv_gstage_unmap) {
		rvhv_shadow_drop_leaf_locked(leaf);
		return;
	}
	first = max(first, leaf->l1.start) - leaf->l1.start;
	last = min(last, leaf->l1.last) - leaf->l1.start;
	table_op_locked(shadow, op, start + first, start + last);
	c->young |= shadow->change.young;
	shadow->change.young = false;
}

/* Drop some of the leaves that map the L1's frame @frame. */
static void thin_out_locked(struct rvhv_shadows *shadows, unsigned long frame)
{
	struct interval_tree_node *node;
	unsigned int n;

	lockdep_assert_held(&shadows->vm->mem.mmu_lock);
	for (n = 0; n < APPLY_BATCH; n++) {
		node = interval_tree_iter_first(&shadows->leaves, frame, frame);
		if (!node)
			break;
		rvhv_shadow_drop_leaf_locked(leaf_by_l1(node));
	}
}

static bool is_ageing(rvhv_gstage_op op)
{
	return op == rvhv_gstage_age || op == rvhv_gstage_test_young;
}

static u64 mirror_apply(struct rvhv_mem_mirror *mirror, rvhv_gstage_op op, u64 start, u64 end,
			struct rvhv_gstage_change *c)
{
	struct rvhv_shadows *shadows = container_of(mirror, struct rvhv_shadows, mirror);
	unsigned long first = start >> PAGE_SHIFT, last = (end - 1) >> PAGE_SHIFT;
	unsigned int budget = is_ageing(op) ? AGE_BATCH : APPLY_BATCH;
	struct interval_tree_node *node, *next;

	lockdep_assert_held(&shadows->vm->mem.mmu_lock);
	for (node = interval_tree_iter_first(&shadows->leaves, first, last); node && budget;
	     node = next, budget--) {
		next = interval_tree_iter_next(node, first, last);
		leaf_op_locked(leaf_by_l1(node), op, first, last, c);
	}
	if (!node)
		return end;
	if (is_ageing(op)) {
		c->young = true;
		return end;
	}
	if (node->start > first)
		return (u64)node->start << PAGE_SHIFT;
	/* Leaves that map one frame have no order to resume in: only dropping some is progress. */
	if (op != rvhv_gstage_unmap)
		thin_out_locked(shadows, first);
	return start;
}

static void mirror_finish(struct rvhv_mem_mirror *mirror)
{
	struct rvhv_shadows *shadows = container_of(mirror, struct rvhv_shadows, mirror);
	struct rvhv_shadow *shadow, *next;

	list_for_each_entry_safe(shadow, next, &shadows->pending, pending)
		rvhv_shadow_finish_locked(shadow);
}

const struct rvhv_mem_mirror_ops rvhv_shadow_mirror_ops = {
	.apply	= mirror_apply,
	.finish	= mirror_finish,
};
