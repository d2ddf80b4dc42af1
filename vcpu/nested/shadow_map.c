// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leaves of shadow tables: mapped by faults, taken away by the L1 and by the host.
 *
 * A record goes with each leaf, found by the L2's address for the L1's fences and by the L1's for
 * what the host does. The table never has anything outside its records, nor anything but what the
 * record of the place says; a record may have lost its leaf, or have it split in smaller ones. All
 * of it changes under mem->mmu_lock.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "../../guest_mem/fault.h"
#include "../../guest_mem/tlb.h"
#include "../../include/rvhv_arch.h"
#include "../../trace.h"
#include "shadow_internal.h"

/* Records dropped under one hold of mmu_lock */
#define DROP_BATCH	256
/* Leaves that the host protects or takes away at once, and those that it ages */
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

/**
 * rvhv_shadow_first_leaf_locked - find the first record that overlaps a range
 * @shadow: the table
 * @first: first of the L2's frames
 * @last: the last one
 *
 * Context: under mem->mmu_lock.
 * Return: the record, or NULL.
 */
struct rvhv_shadow_leaf *rvhv_shadow_first_leaf_locked(struct rvhv_shadow *shadow,
						       unsigned long first, unsigned long last)
{
	struct interval_tree_node *node;

	lockdep_assert_held(&shadow->vm->mem.mmu_lock);
	node = interval_tree_iter_first(&shadow->leaves, first, last);
	return node ? leaf_by_l2(node) : NULL;
}

/**
 * rvhv_shadow_next_leaf_locked - the record after another
 * @leaf: the record
 *
 * Context: under mem->mmu_lock.
 * Return: the record, or NULL.
 */
struct rvhv_shadow_leaf *rvhv_shadow_next_leaf_locked(struct rvhv_shadow_leaf *leaf)
{
	struct interval_tree_node *node = interval_tree_iter_next(&leaf->l2, 0, ULONG_MAX);

	lockdep_assert_held(&leaf->shadow->vm->mem.mmu_lock);
	return node ? leaf_by_l2(node) : NULL;
}

/* Apply @op to what @shadow has of the L2's frames [first, last]. */
static void table_op_locked(struct rvhv_shadow *shadow, rvhv_gstage_op op, unsigned long first,
			    unsigned long last)
{
	struct rvhv_gstage_change *c = &shadow->change;

	lockdep_assert_held(&shadow->vm->mem.mmu_lock);
	/* No more than what one leaf was split into */
	c->budget = UINT_MAX;
	op(&shadow->translation.gstage, (u64)first << PAGE_SHIFT, ((u64)last + 1) << PAGE_SHIFT, c);
	if (c->start < c->end && list_empty(&shadow->pending))
		list_add(&shadow->pending, &shadow->vm->shadows->pending);
}

/**
 * rvhv_shadow_drop_leaf_locked - forget a record and what is mapped by it
 * @leaf: the record; it is freed
 *
 * Context: under mem->mmu_lock; rvhv_shadow_finish_locked() is due before it is dropped.
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

static void add_leaf_locked(struct rvhv_shadow *shadow, struct rvhv_shadow_leaf *leaf)
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

/* The record at hand is of a piece of a leaf of the L1's of @level. */
static void note_piece_locked(struct rvhv_shadow_leaf *leaf, unsigned int level)
{
	unsigned long *nr_pieces = leaf->shadow->nr_pieces;

	lockdep_assert_held(&leaf->shadow->vm->mem.mmu_lock);
	/* Without translation the L1 has no leaves. */
	if (leaf->l2.last - leaf->l2.start + 1 >= rvhv_gstage_leaf_size(level) >> PAGE_SHIFT ||
	    level <= leaf->piece_of || leaf->shadow->key >> HGATP_MODE_SHIFT == HGATP_MODE_OFF)
		return;
	if (leaf->piece_of)
		nr_pieces[leaf->piece_of]--;
	leaf->piece_of = level;
	nr_pieces[level]++;
}

/**
 * rvhv_shadow_finish_locked - do what changes of a table have left to do
 * @shadow: the table
 *
 * Context: under mem->mmu_lock, interrupts on. Waits for other CPUs.
 */
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

/* ---- what the host changes ---- */

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

/*
 * More leaves lead to the frame @first than one call goes through, and there is no place among them
 * to go on from: some of them go.
 */
static void thin_out_locked(struct rvhv_shadows *shadows, unsigned long first)
{
	struct interval_tree_node *node;
	unsigned int n;

	lockdep_assert_held(&shadows->vm->mem.mmu_lock);
	for (n = 0; n < APPLY_BATCH; n++) {
		node = interval_tree_iter_first(&shadows->leaves, first, first);
		if (!node)
			break;
		rvhv_shadow_drop_leaf_locked(leaf_by_l1(node));
	}
}

static bool is_ageing(rvhv_gstage_op op)
{
	return op == rvhv_gstage_age || op == rvhv_gstage_test_young;
}

/* Any number of leaves may lead to one page. */
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

/* ---- what the L1 changes ---- */

/*
 * Drop the records that overlap [first, last] of the L2's frames. There may be a million: a VM that
 * is being killed does not wait for a fence of its own.
 */
static void drop_range_locked(struct rvhv_shadow *shadow, unsigned long first, unsigned long last)
{
	spinlock_t *lock = &shadow->vm->mem.mmu_lock;
	struct rvhv_shadow_leaf *leaf;
	unsigned int n;

	lockdep_assert_held(lock);
	for (;;) {
		for (n = 0; n < DROP_BATCH; n++) {
			leaf = rvhv_shadow_first_leaf_locked(shadow, first, last);
			if (!leaf)
				break;
			rvhv_shadow_drop_leaf_locked(leaf);
		}
		rvhv_shadow_finish_locked(shadow);
		if (n < DROP_BATCH || (!shadow->dead && fatal_signal_pending(current)))
			return;
		cond_resched_lock(lock);
	}
}

/*
 * A fence of one address is a fence of the L1's leaf that it is in: drop the pieces of leaves of
 * @level that overlap [first, last] of the L2's frames.
 */
static void drop_pieces_locked(struct rvhv_shadow *shadow, unsigned int level, unsigned long first,
			       unsigned long last)
{
	unsigned long mask = (rvhv_gstage_leaf_size(level) >> PAGE_SHIFT) - 1;
	spinlock_t *lock = &shadow->vm->mem.mmu_lock;
	struct rvhv_shadow_leaf *leaf;
	unsigned int n = 0;

	lockdep_assert_held(lock);
	first &= ~mask;
	last |= mask;
	while (shadow->nr_pieces[level]) {
		leaf = rvhv_shadow_first_leaf_locked(shadow, first, last);
		if (!leaf)
			break;
		first = leaf->l2.last + 1;
		if (leaf->piece_of == level)
			rvhv_shadow_drop_leaf_locked(leaf);
		if (first > last)
			break;
		if (++n % DROP_BATCH == 0) {
			rvhv_shadow_finish_locked(shadow);
			cond_resched_lock(lock);
		}
	}
	rvhv_shadow_finish_locked(shadow);
}

/**
 * rvhv_shadow_unmap - forget what a shadow table has of a range
 * @shadow: the table, with a reference
 * @l2_gpa: the L2's guest physical address
 * @size: bytes; U64_MAX with an address of 0 for everything
 *
 * A leaf of the L1's that is partly in the range goes as a whole. No CPU uses the old translations
 * afterwards, and none that was read from the L1's tables before comes in later.
 *
 * Context: process context, may sleep; takes mem->mmu_lock.
 */
void rvhv_shadow_unmap(struct rvhv_shadow *shadow, u64 l2_gpa, u64 size)
{
	spinlock_t *lock = &shadow->vm->mem.mmu_lock;
	u64 last = l2_gpa + size - 1;
	unsigned int level;

	if (!size)
		return;
	trace_rvhv_shadow_unmap(shadow->key, l2_gpa, size);
	if (last < l2_gpa)
		last = U64_MAX;
	spin_lock(lock);
	/* Who reads the new number sees what the L1 stored before its fence. Pairs with _seq(). */
	smp_store_release(&shadow->seq, shadow->seq + 1);
	drop_range_locked(shadow, l2_gpa >> PAGE_SHIFT, last >> PAGE_SHIFT);
	for (level = 1; level < RVHV_GSTAGE_MAX_LEVELS; level++) {
		if (shadow->nr_pieces[level])
			drop_pieces_locked(shadow, level, l2_gpa >> PAGE_SHIFT, last >> PAGE_SHIFT);
	}
	spin_unlock(lock);
}

/**
 * rvhv_shadow_empty - give back the memory of a shadow table, but for its root
 * @shadow: the table, with a reference or out of the list
 *
 * Context: as rvhv_shadow_unmap().
 */
void rvhv_shadow_empty(struct rvhv_shadow *shadow)
{
	spinlock_t *lock = &shadow->vm->mem.mmu_lock;
	u64 gpa = 0;

	spin_lock(lock);
	drop_range_locked(shadow, 0, ULONG_MAX);
	shadow->vm->shadows->nr_tables -= shadow->nr_tables;
	shadow->nr_tables = 0;
	/* What is mapped again meanwhile may go too: its record stays, which does no harm. */
	while (gpa < U64_MAX) {
		shadow->change.budget = RVHV_GSTAGE_BUDGET;
		gpa = rvhv_gstage_unmap(&shadow->translation.gstage, gpa, U64_MAX, &shadow->change);
		rvhv_shadow_finish_locked(shadow);
		cond_resched_lock(lock);
	}
	spin_unlock(lock);
}

/**
 * rvhv_shadow_free_leaves - the records of a table whose VM goes
 * @shadow: the table; nobody looks for anything in it or by what the host changes
 *
 * Context: may sleep.
 */
void rvhv_shadow_free_leaves(struct rvhv_shadow *shadow)
{
	struct rvhv_shadow_leaf *leaf, *next;
	unsigned int n = 0;

	rbtree_postorder_for_each_entry_safe(leaf, next, &shadow->leaves.rb_root, l2.rb) {
		kfree(leaf);
		if (!(++n % DROP_BATCH))
			cond_resched();
	}
	shadow->leaves = RB_ROOT_CACHED;
}

/**
 * rvhv_shadow_forget - the leaves of a shadow table that nobody will use again
 * @shadow: the table, out of the list; its page-table pages are left for rvhv_gstage_destroy()
 *
 * Context: as rvhv_shadow_unmap().
 */
void rvhv_shadow_forget(struct rvhv_shadow *shadow)
{
	spinlock_t *lock = &shadow->vm->mem.mmu_lock;

	spin_lock(lock);
	shadow->dead = true;
	drop_range_locked(shadow, 0, ULONG_MAX);
	shadow->vm->shadows->nr_tables -= shadow->nr_tables;
	spin_unlock(lock);
}

/* ---- faults ---- */

struct map_request {
	struct rvhv_shadow *shadow;
	struct rvhv_pt_cache *cache;
	const struct rvhv_walk_result *walk;
	u64 l2_gpa;
	unsigned long seq;
	unsigned int l1_level;
	struct rvhv_shadow_leaf *spare;
	struct rvhv_shadow_leaf *leaf;
};

/* Does @leaf say that the L2's frames from @l2 on are the L1's from @l1 on? */
static bool leaf_says(const struct rvhv_shadow_leaf *leaf, unsigned long l2, unsigned long l1,
		      unsigned long npages)
{
	return leaf->l2.start <= l2 && l2 + npages - 1 <= leaf->l2.last &&
	       l2 - leaf->l2.start == l1 - leaf->l1.start;
}

/* Have a record for a leaf of at most @level, and nothing else in its place. Returns the level. */
static unsigned int record_locked(struct map_request *m, unsigned int level)
{
	lockdep_assert_held(&m->shadow->vm->mem.mmu_lock);
	for (;;) {
		unsigned long npages = rvhv_gstage_leaf_size(level) >> PAGE_SHIFT;
		unsigned long l2 = ALIGN_DOWN(m->l2_gpa >> PAGE_SHIFT, npages);
		unsigned long l1 = ALIGN_DOWN(m->walk->gpa >> PAGE_SHIFT, npages);
		struct rvhv_shadow_leaf *leaf;

		leaf = rvhv_shadow_first_leaf_locked(m->shadow, l2, l2 + npages - 1);
		if (leaf && leaf_says(leaf, l2, l1, npages)) {
			note_piece_locked(leaf, m->l1_level);
			m->leaf = leaf;
			return level;
		}
		if (!leaf) {
			leaf = m->spare;
			m->spare = NULL;
			leaf->l2.start = l2;
			leaf->l2.last = l2 + npages - 1;
			leaf->l1.start = l1;
			leaf->l1.last = l1 + npages - 1;
			leaf->bits = 0;
			add_leaf_locked(m->shadow, leaf);
			note_piece_locked(leaf, m->l1_level);
			m->leaf = leaf;
			return level;
		}
		/* Too many may have to go for a gigantic one. */
		if (level > 1)
			level--;
		else
			rvhv_shadow_drop_leaf_locked(leaf);
	}
}

/**
 * rvhv_shadow_walk_bits - what the L1's tables give
 * @walk: the result of a walk
 *
 * Context: any.
 * Return: RVHV_PTE_R, W, X and PBMT.
 */
u64 rvhv_shadow_walk_bits(const struct rvhv_walk_result *walk)
{
	u64 bits = walk->pbmt;

	if (walk->read)
		bits |= RVHV_PTE_R;
	if (walk->write)
		bits |= RVHV_PTE_W;
	if (walk->exec)
		bits |= RVHV_PTE_X;
	return bits;
}

static u64 leaf_bits(const struct rvhv_host_leaf *leaf, const struct rvhv_walk_result *walk)
{
	u64 bits = rvhv_shadow_walk_bits(walk);

	/* A memory type of the L1's goes before the host's, as with any later stage. */
	if (!walk->pbmt)
		bits |= leaf->pbmt;
	if (!leaf->write)
		bits &= ~RVHV_PTE_W;
	return bits;
}

static enum rvhv_install_result install_locked(struct rvhv_mem *mem,
					       const struct rvhv_host_leaf *leaf, void *arg)
{
	struct map_request *m = arg;
	struct rvhv_shadow *shadow = m->shadow;
	unsigned int have = m->cache->nr;
	unsigned int level;
	enum rvhv_gstage_result result;
	u64 mask;

	lockdep_assert_held(&mem->mmu_lock);
	/* The L1 has fenced what it may have changed after the walk: the L2 shall try again. */
	if (shadow->seq != m->seq)
		return RVHV_INSTALL_DONE;

	m->l1_level = (m->walk->size_shift - RVHV_PAGE_SHIFT) / RVHV_GSTAGE_INDEX_BITS;
	level = record_locked(m, min(m->l1_level, leaf->level));
	m->leaf->bits |= rvhv_shadow_walk_bits(m->walk);
	m->leaf->stamp = ++shadow->clock;
	mask = rvhv_gstage_leaf_size(level) - 1;
	result = rvhv_gstage_map(&shadow->translation.gstage, m->cache, m->l2_gpa & ~mask,
				 leaf->pfn & ~(mask >> PAGE_SHIFT), level,
				 leaf_bits(leaf, m->walk), &shadow->change);
	shadow->nr_tables += have - m->cache->nr;
	shadow->vm->shadows->nr_tables += have - m->cache->nr;
	/* Seldom: mostly nothing was there before */
	if (shadow->change.start < shadow->change.end || shadow->change.dead)
		rvhv_shadow_finish_locked(shadow);
	if (result == RVHV_GSTAGE_NO_PAGE || result == RVHV_GSTAGE_INVALID)
		return RVHV_INSTALL_FAILED;
	/* As for the VM's own table. */
	if (result == RVHV_GSTAGE_UPGRADED)
		rvhv_hfence_gvma_range_local(READ_ONCE(shadow->translation.vmid) & RVHV_VMID_MASK,
					     m->l2_gpa & PAGE_MASK, 1);
	return RVHV_INSTALL_DONE;
}

/*
 * Over the bounds: first the tables that nobody uses go, then what is in the largest. Returns false
 * if there is nothing to give back.
 */
static bool make_space(struct rvhv_shadows *shadows)
{
	struct rvhv_shadow *largest;

	if (rvhv_shadow_reclaim_unused(shadows))
		return true;
	largest = rvhv_shadow_get_largest(shadows);
	if (!largest)
		return false;
	rvhv_shadow_empty(largest);
	rvhv_shadow_put(largest);
	return true;
}

static int allocate_gfp(struct map_request *m, gfp_t gfp)
{
	unsigned int want = m->shadow->translation.gstage.levels - 1;

	if (!m->spare)
		m->spare = kmalloc(sizeof(*m->spare), gfp);
	if (!m->spare)
		return -ENOMEM;
	return m->cache->nr >= want ? 0 : rvhv_pt_cache_topup_gfp(m->cache, want, gfp);
}

/*
 * All that one leaf may need. It is a cache that grows here: as long as there is anything in it,
 * nobody is killed for it.
 */
static int allocate(struct map_request *m)
{
	struct rvhv_shadows *shadows = m->shadow->vm->shadows;
	unsigned int tries;

	for (tries = 0; tries <= RVHV_SHADOW_MAX_UNUSED; tries++) {
		if (!allocate_gfp(m, GFP_KERNEL_ACCOUNT | __GFP_NORETRY | __GFP_NOWARN))
			return 0;
		if (!make_space(shadows))
			break;
	}
	return allocate_gfp(m, GFP_KERNEL_ACCOUNT);
}

/**
 * rvhv_shadow_seq - where to begin with a fault
 * @shadow: the table
 *
 * Context: any.
 * Return: a number for rvhv_shadow_map(), to be taken before the L1's tables are read.
 */
unsigned long rvhv_shadow_seq(const struct rvhv_shadow *shadow)
{
	/* Pairs with rvhv_shadow_unmap(). */
	return smp_load_acquire(&shadow->seq);
}

/**
 * rvhv_shadow_map - map one leaf
 * @shadow: the table, with a reference
 * @seq: rvhv_shadow_seq() before the walk
 * @cache: the vCPU's page-table pages
 * @l2_gpa: the L2's guest physical address
 * @walk: what the L1's tables say about it; they allow the access
 * @fault: the access at @walk->gpa
 *
 * The leaf is the smaller of the L1's and of the host's and has the permissions that both give. One
 * that the L1 has let be written gets W for a store only, where the slot's writes are logged.
 *
 * Context: as rvhv_mem_fault().
 * Return: as rvhv_mem_fault(); RVHV_FAULT_MMIO if L1 has no memory at @walk->gpa, or for a store
 * none that it may write.
 */
enum rvhv_fault_result rvhv_shadow_map(struct rvhv_shadow *shadow, unsigned long seq,
				       struct rvhv_pt_cache *cache, u64 l2_gpa,
				       const struct rvhv_walk_result *walk,
				       struct rvhv_fault *fault)
{
	struct rvhv_shadows *shadows = shadow->vm->shadows;
	struct map_request m = {
		.shadow = shadow, .cache = cache, .walk = walk, .l2_gpa = l2_gpa, .seq = seq,
	};
	enum rvhv_fault_result result = RVHV_FAULT_FAILED;

	if (READ_ONCE(shadows->nr_leaves) >= RVHV_SHADOW_MAX_LEAVES ||
	    READ_ONCE(shadows->nr_tables) >= RVHV_SHADOW_MAX_TABLES)
		make_space(shadows);
	fault->error = allocate(&m);
	if (!fault->error)
		result = rvhv_mem_translate(&shadow->vm->mem, cache, fault, install_locked, &m);
	kfree(m.spare);
	return result;
}
