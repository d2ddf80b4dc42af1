// SPDX-License-Identifier: GPL-2.0-only
/*
 * HFENCE.GVMA of an L1, on one shadow table.
 *
 * A fence of a range drops its leaves. A fence of everything would drop the L2's working set with
 * them: KVM makes one for each page that it maps while a vCPU of its guest sleeps. So after such a
 * fence has begun, recent leaves are looked up in the L1's tables again, and stay if the tables
 * still allow all that the leaf has allowed.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "../../trace.h"
#include "shadow_internal.h"

/*
 * Leaves that a fence of everything checks. Of more leaves it checks the KEEP mapped last: dropping
 * many at once waits for other CPUs less often than dropping a few at each fence.
 */
#define CHECK	512U
#define KEEP	256U

static void begin_fence_locked(struct rvhv_shadow *shadow)
{
	lockdep_assert_held(&shadow->vm->mem.mmu_lock);
	/*
	 * A reader that sees the new number also sees the L1's stores before its fence. Pairs with
	 * rvhv_shadow_seq().
	 */
	smp_store_release(&shadow->seq, shadow->seq + 1);
}

/* ---- a range ---- */

/*
 * The fence of one address covers the whole leaf of the L1: drop the pieces of leaves of @level
 * that overlap [first, last] of the L2's frames.
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
		if (++n % RVHV_SHADOW_BATCH == 0) {
			rvhv_shadow_finish_locked(shadow);
			cond_resched_lock(lock);
		}
	}
	rvhv_shadow_finish_locked(shadow);
}

/*
 * Drop the leaves of a range, and pieces of an L1's leaf that overlaps it. When it returns, no CPU
 * uses the old translations, and rvhv_shadow_map() rejects walks that began before. May sleep.
 */
void rvhv_shadow_fence_range(struct rvhv_shadow *shadow, u64 l2_gpa, u64 size)
{
	spinlock_t *lock = &shadow->vm->mem.mmu_lock;
	u64 last = l2_gpa + size - 1;
	unsigned int level;

	if (!size)
		return;
	trace_rvhv_shadow_unmap(shadow->l1_hgatp, l2_gpa, size);
	if (last < l2_gpa)
		last = U64_MAX;
	spin_lock(lock);
	begin_fence_locked(shadow);
	rvhv_shadow_drop_range_locked(shadow, l2_gpa >> PAGE_SHIFT, last >> PAGE_SHIFT);
	for (level = 1; level < RVHV_GSTAGE_MAX_LEVELS; level++) {
		if (shadow->nr_pieces[level])
			drop_pieces_locked(shadow, level, l2_gpa >> PAGE_SHIFT, last >> PAGE_SHIFT);
	}
	spin_unlock(lock);
}

/* ---- everything ---- */

/* A leaf, and what the L1's tables allow for it now */
struct candidate {
	unsigned long first;
	unsigned long last;
	unsigned long l1;
	u64 bits;
};

/* Release mmu_lock. Returns the first leaf from @frame on, or NULL after a fatal signal. */
static struct rvhv_shadow_leaf *pause_locked(struct rvhv_shadow *shadow, unsigned long frame)
{
	rvhv_shadow_finish_locked(shadow);
	cond_resched_lock(&shadow->vm->mem.mmu_lock);
	if (fatal_signal_pending(current))
		return NULL;
	return rvhv_shadow_first_leaf_locked(shadow, frame, ULONG_MAX);
}

static unsigned int collect_locked(struct rvhv_shadow *shadow, struct candidate *c)
{
	unsigned long oldest = shadow->clock - KEEP;
	bool all = shadow->nr_leaves <= CHECK;
	struct rvhv_shadow_leaf *leaf, *next;
	unsigned int n = 0, nr = 0;

	leaf = rvhv_shadow_first_leaf_locked(shadow, 0, ULONG_MAX);
	for (; leaf && nr < CHECK; leaf = next) {
		if (++n % RVHV_SHADOW_BATCH == 0) {
			next = pause_locked(shadow, leaf->l2.start);
			continue;
		}
		next = rvhv_shadow_next_leaf_locked(leaf);
		if (!all && (long)(leaf->stamp - oldest) <= 0)
			continue;
		c[nr++] = (struct candidate) {
			.first = leaf->l2.start, .last = leaf->l2.last, .l1 = leaf->l1.start,
		};
	}
	return nr;
}

/* Does one leaf of the L1's tables map the whole candidate to the same frames? */
static bool confirm(struct candidate *c, rvhv_shadow_walk_fn walk, void *arg, unsigned long hgatp)
{
	struct rvhv_walk_result res;

	if (walk(arg, hgatp, (u64)c->first << PAGE_SHIFT, &res) != RVHV_WALK_DONE ||
	    res.gpa >> PAGE_SHIFT != c->l1 ||
	    (c->last - c->first) >> (res.size_shift - PAGE_SHIFT))
		return false;
	c->bits = rvhv_shadow_walk_bits(&res);
	return true;
}

static bool stays(const struct rvhv_shadow_leaf *leaf, const struct candidate *c)
{
	return leaf->l2.start == c->first && leaf->l2.last == c->last && leaf->l1.start == c->l1 &&
	       !(leaf->bits & ~c->bits) && !((leaf->bits ^ c->bits) & RVHV_PTE_PBMT);
}

/* Drop all leaves but those of @c, which is in the order of the L2's frames. */
static void drop_others_locked(struct rvhv_shadow *shadow, const struct candidate *c,
			       unsigned int nr)
{
	struct rvhv_shadow_leaf *leaf, *next;
	unsigned int i = 0, n = 0;

	leaf = rvhv_shadow_first_leaf_locked(shadow, 0, ULONG_MAX);
	for (; leaf; leaf = next) {
		if (++n % RVHV_SHADOW_BATCH == 0) {
			next = pause_locked(shadow, leaf->l2.start);
			continue;
		}
		next = rvhv_shadow_next_leaf_locked(leaf);
		while (i < nr && c[i].first < leaf->l2.start)
			i++;
		if (i == nr || !stays(leaf, &c[i]))
			rvhv_shadow_drop_leaf_locked(leaf);
	}
	rvhv_shadow_finish_locked(shadow);
}

/* Drop what the L1's tables may no longer say. May sleep. */
void rvhv_shadow_fence_all(struct rvhv_shadow *shadow, rvhv_shadow_walk_fn walk, void *arg)
{
	spinlock_t *lock = &shadow->vm->mem.mmu_lock;
	unsigned int i, found = 0, n = 0;
	struct candidate *c;

	trace_rvhv_shadow_unmap(shadow->l1_hgatp, 0, U64_MAX);
	/* Without memory, drop everything. */
	c = kmalloc_array(CHECK, sizeof(*c), GFP_KERNEL | __GFP_NOWARN);
	spin_lock(lock);
	begin_fence_locked(shadow);
	if (c)
		found = collect_locked(shadow, c);
	spin_unlock(lock);

	for (i = 0; i < found; i++)
		if (confirm(&c[i], walk, arg, shadow->l1_hgatp))
			c[n++] = c[i];

	spin_lock(lock);
	drop_others_locked(shadow, c, n);
	spin_unlock(lock);
	kfree(c);
}
