// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fence of everything that an L1 makes.
 *
 * Nothing that the L1's tables no longer say may be used afterwards. To take everything away is
 * one way; but the L2 would miss at once what it is at work on. So the leaves, or of many the ones
 * that were mapped last, are looked up in the L1's tables once more, after the fence has begun, and
 * stay if these say nothing less of them.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "../../trace.h"
#include "shadow_internal.h"

/* Records gone through under one hold of mmu_lock */
#define BATCH	256

/* A record, and what the L1's tables give for it now */
struct candidate {
	unsigned long first;
	unsigned long last;
	unsigned long l1;
	u64 bits;
};

/*
 * Let others have the lock for a moment. Returns the record from @frame on that is there then; none
 * if the VM is being killed.
 */
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
	unsigned long oldest = shadow->clock - RVHV_SHADOW_KEEP;
	bool all = shadow->nr_leaves <= RVHV_SHADOW_CHECK;
	struct rvhv_shadow_leaf *leaf, *next;
	unsigned int n = 0, nr = 0;

	leaf = rvhv_shadow_first_leaf_locked(shadow, 0, ULONG_MAX);
	for (; leaf && nr < RVHV_SHADOW_CHECK; leaf = next) {
		if (++n % BATCH == 0) {
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

/* Does one leaf of the L1's take all of it to where the record says? */
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

/* Is it that record, and had none of its leaves more than the L1 gives now? */
static bool stays(const struct rvhv_shadow_leaf *leaf, const struct candidate *c)
{
	return leaf->l2.start == c->first && leaf->l2.last == c->last && leaf->l1.start == c->l1 &&
	       !(leaf->bits & ~c->bits) && !((leaf->bits ^ c->bits) & RVHV_PTE_PBMT);
}

/* All records go but those of @c; both are in the order of the L2's frames. */
static void drop_others_locked(struct rvhv_shadow *shadow, const struct candidate *c,
			       unsigned int nr)
{
	struct rvhv_shadow_leaf *leaf, *next;
	unsigned int i = 0, n = 0;

	leaf = rvhv_shadow_first_leaf_locked(shadow, 0, ULONG_MAX);
	for (; leaf; leaf = next) {
		if (++n % BATCH == 0) {
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

/**
 * rvhv_shadow_fence - forget what the L1's tables may no longer say
 * @shadow: the table, with a reference
 * @walk: walks the L1's tables
 * @arg: for @walk
 *
 * Context: as rvhv_shadow_unmap(); what @walk needs.
 */
void rvhv_shadow_fence(struct rvhv_shadow *shadow, rvhv_shadow_walk_fn walk, void *arg)
{
	spinlock_t *lock = &shadow->vm->mem.mmu_lock;
	unsigned int i, found = 0, n = 0;
	struct candidate *c;

	trace_rvhv_shadow_unmap(shadow->key, 0, U64_MAX);
	/* Without memory for it everything goes. */
	c = kmalloc_array(RVHV_SHADOW_CHECK, sizeof(*c), GFP_KERNEL | __GFP_NOWARN);
	spin_lock(lock);
	/* Who reads the new number sees what the L1 stored before its fence. */
	smp_store_release(&shadow->seq, shadow->seq + 1);
	if (c)
		found = collect_locked(shadow, c);
	spin_unlock(lock);

	for (i = 0; i < found; i++)
		if (confirm(&c[i], walk, arg, shadow->key))
			c[n++] = c[i];

	spin_lock(lock);
	drop_others_locked(shadow, c, n);
	spin_unlock(lock);
	kfree(c);
}
