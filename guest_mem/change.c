// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of a VM's G-stage table that remove leaves or permissions.
 *
 * Each is applied to the mirror's tables too. Unlinked tables are freed after the TLB flush.
 */
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "change.h"
#include "mem.h"

/* Apply @op to the VM's table and its mirror. Returns @end, or the address to continue from. */
u64 rvhv_mem_apply_locked(struct rvhv_mem *mem, rvhv_gstage_op op, u64 start, u64 end,
			  struct rvhv_gstage_change *c)
{
	u64 done;

	lockdep_assert_held(&mem->mmu_lock);
	done = op(&mem->translation.gstage, start, end, c);
	if (mem->mirror && start < done)
		done = mem->mirror->ops->apply(mem->mirror, op, start, done, c);
	return done;
}

static void flush_range(struct rvhv_mem *mem, u64 gpa, u64 size)
{
	/* A lost count does no harm. */
	data_race(mem->stats.remote_tlb_flush_requests++);
	if (rvhv_translation_flush_range(&mem->translation, gpa, size))
		/* As above. */
		data_race(mem->stats.remote_tlb_flush++);
}

/* Flush the TLBs and free the unlinked tables; @c is then ready for the next change. */
void rvhv_mem_finish_change_locked(struct rvhv_mem *mem, struct rvhv_gstage_change *c)
{
	lockdep_assert_held(&mem->mmu_lock);
	if (c->start < c->end)
		flush_range(mem, c->start, c->end - c->start);
	if (mem->mirror)
		mem->mirror->ops->finish(mem->mirror);
	rvhv_gstage_free_dead(c);
	*c = (struct rvhv_gstage_change)RVHV_GSTAGE_CHANGE_INIT;
}

/* Finish @c and drop the lock for a moment if the CPU or the lock is wanted elsewhere. */
void rvhv_mem_resched_locked(struct rvhv_mem *mem, struct rvhv_gstage_change *c)
{
	lockdep_assert_held(&mem->mmu_lock);
	if (!need_resched() && !spin_needbreak(&mem->mmu_lock))
		return;
	rvhv_mem_finish_change_locked(mem, c);
	cond_resched_lock(&mem->mmu_lock);
}

static void change_range(struct rvhv_mem *mem, u64 start, u64 end, rvhv_gstage_op op)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;

	spin_lock(&mem->mmu_lock);
	for (;;) {
		start = rvhv_mem_apply_locked(mem, op, start, end, &c);
		rvhv_mem_finish_change_locked(mem, &c);
		if (start >= end)
			break;
		cond_resched_lock(&mem->mmu_lock);
	}
	spin_unlock(&mem->mmu_lock);
}

/* Remove every leaf that overlaps [@start, @end). May sleep; takes mem->mmu_lock. */
void rvhv_mem_unmap_range(struct rvhv_mem *mem, u64 start, u64 end)
{
	change_range(mem, start, end, rvhv_gstage_unmap);
}

/* Remove the write permission from every leaf that overlaps [@start, @end). Likewise. */
void rvhv_mem_wrprotect_range(struct rvhv_mem *mem, u64 start, u64 end)
{
	change_range(mem, start, end, rvhv_gstage_wrprotect);
}
