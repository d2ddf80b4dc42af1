// SPDX-License-Identifier: GPL-2.0-only
/*
 * MMU notifier: the host reports here before it unmaps, protects or ages a page.
 *
 * A fault that read the host's table before an invalidation, and installs its leaf during or after
 * it, notices by the counters:
 *
 *	start:	count++, range recorded, unmap	}
 *	end:	seq++, then count--		}  all under mmu_lock
 *	fault:	reads seq, then the host's table; under mmu_lock, gives up if seq has changed, or if
 *		count is not 0 and the range overlaps
 */
#include <linux/mm.h>
#include <linux/sched.h>

#include "../include/compat.h"
#include "change.h"
#include "mem.h"
#include "notifier.h"
#include "slots.h"

/* User memory handled before need_resched() is checked */
#define NOTIFIER_WINDOW		SZ_16M

static struct rvhv_mem *to_mem(struct mmu_notifier *mn)
{
	return container_of(mn, struct rvhv_mem, notifier);
}

static struct rvhv_slot *to_slot(struct interval_tree_node *node)
{
	return container_of(node, struct rvhv_slot, hva_node);
}

/*
 * Apply @op to the slots' parts of [start, last]. Returns false if it stopped so that the lock can
 * be dropped; the caller then starts again, and the part that is done costs little.
 */
static bool window_op_locked(struct rvhv_mem *mem, unsigned long start, unsigned long last,
			     rvhv_gstage_op op, struct rvhv_gstage_change *c, bool may_resched)
{
	struct interval_tree_node *node;

	for (node = interval_tree_iter_first(&mem->hva_tree, start, last); node;
	     node = interval_tree_iter_next(node, start, last)) {
		struct rvhv_slot *slot = to_slot(node);
		u64 gpa = rvhv_slot_gpa(slot) + max(start, node->start) - node->start;
		u64 end = rvhv_slot_gpa(slot) + min(last, node->last) - node->start + 1;

		for (;;) {
			/* The window bounds the work. */
			c->budget = UINT_MAX;
			gpa = rvhv_mem_apply_locked(mem, op, gpa, end, c);
			if (gpa >= end)
				break;
			if (may_resched && (need_resched() || spin_needbreak(&mem->mmu_lock)))
				return false;
		}
	}
	return true;
}

/*
 * Apply @op to the slots' parts of [start, last], a window at a time. The tree may change while the
 * lock is dropped, so each window starts with a new search.
 */
static void range_op_locked(struct rvhv_mem *mem, unsigned long start, unsigned long last,
			    rvhv_gstage_op op, struct rvhv_gstage_change *c, bool may_resched)
{
	lockdep_assert_held(&mem->mmu_lock);
	for (;;) {
		struct interval_tree_node *node;
		unsigned long window_last;

		node = interval_tree_iter_first(&mem->hva_tree, start, last);
		if (!node)
			return;
		start = max(start, node->start);
		window_last = min(last, start | (NOTIFIER_WINDOW - 1));
		if (window_op_locked(mem, start, window_last, op, c, may_resched)) {
			if (window_last == last)
				return;
			start = window_last + 1;
		}
		if (may_resched)
			rvhv_mem_resched_locked(mem, c);
	}
}

static int notifier_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct rvhv_mem *mem = to_mem(mn);

	spin_lock(&mem->mmu_lock);
	if (!mem->invalidate_count++) {
		mem->invalidate_start = range->start;
		mem->invalidate_end = range->end;
	} else {
		mem->invalidate_start = min(mem->invalidate_start, range->start);
		mem->invalidate_end = max(mem->invalidate_end, range->end);
	}
	range_op_locked(mem, range->start, range->end - 1, rvhv_gstage_unmap, &c,
			mmu_notifier_range_blockable(range));
	rvhv_mem_finish_change_locked(mem, &c);
	spin_unlock(&mem->mmu_lock);
	return 0;
}

static void notifier_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct rvhv_mem *mem = to_mem(mn);

	spin_lock(&mem->mmu_lock);
	/* A reader of the new number sees the host's present table; pairs with resolve(). */
	smp_store_release(&mem->invalidate_seq, mem->invalidate_seq + 1);
	if (mem->invalidate_count)
		mem->invalidate_count--;
	else
		mem->owner->bug(mem->owner, "an invalidation ends that has not begun");
	spin_unlock(&mem->mmu_lock);
}

static rvhv_young_t age_range(struct mmu_notifier *mn, unsigned long start, unsigned long end,
			      rvhv_gstage_op op, bool flush)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct rvhv_mem *mem = to_mem(mn);
	bool young;

	spin_lock(&mem->mmu_lock);
	range_op_locked(mem, start, end - 1, op, &c, false);
	young = c.young;
	if (flush)
		rvhv_mem_finish_change_locked(mem, &c);
	spin_unlock(&mem->mmu_lock);
	return young;
}

static rvhv_young_t notifier_clear_flush_young(struct mmu_notifier *mn, struct mm_struct *mm,
					       unsigned long start, unsigned long end)
{
	return age_range(mn, start, end, rvhv_gstage_age, true);
}

/* The host tolerates that a TLB keeps a page as accessed for a while. */
static rvhv_young_t notifier_clear_young(struct mmu_notifier *mn, struct mm_struct *mm,
					 unsigned long start, unsigned long end)
{
	return age_range(mn, start, end, rvhv_gstage_age, false);
}

static rvhv_young_t notifier_test_young(struct mmu_notifier *mn, struct mm_struct *mm,
					unsigned long address)
{
	return age_range(mn, address, address + PAGE_SIZE, rvhv_gstage_test_young, false);
}

/* The address space goes away: no vCPU can run in it any more. */
static void notifier_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	rvhv_mem_unmap_range(to_mem(mn), 0, U64_MAX);
}

static const struct mmu_notifier_ops notifier_ops = {
	.invalidate_range_start	= notifier_start,
	.invalidate_range_end	= notifier_end,
	.clear_flush_young	= notifier_clear_flush_young,
	.clear_young		= notifier_clear_young,
	.test_young		= notifier_test_young,
	.release		= notifier_release,
};

/* Register on mem->mm, the caller's. May sleep; returns 0, -ENOMEM or -EINTR. */
int rvhv_mem_notifier_register(struct rvhv_mem *mem)
{
	mem->notifier.ops = &notifier_ops;
	return mmu_notifier_register(&mem->notifier, mem->mm);
}
