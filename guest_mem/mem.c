// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life cycle of a VM's memory, and changes of its G-stage table that take more than one step.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "internal.h"

/**
 * rvhv_mem_apply_locked - do a range operation on the G-stage table, and on those that go with it
 * @mem: the VM's memory
 * @op: the operation
 * @start: first guest physical address
 * @end: its end
 * @c: what is left to do, by rvhv_mem_finish_change_locked()
 *
 * Every change that takes leaves or permissions away comes here.
 *
 * Context: mem->mmu_lock is held.
 * Return: @end, or the address to go on from when the work of one call is done; @start again if
 * that was all at one place.
 */
u64 rvhv_mem_apply_locked(struct rvhv_mem *mem, rvhv_gstage_op op, u64 start, u64 end,
			  struct rvhv_gstage_change *c)
{
	u64 done;

	lockdep_assert_held(&mem->mmu_lock);
	done = op(&mem->translation.gstage, start, end, c);
	if (mem->mirror && start < done)
		done = mem->mirror->apply(mem, op, start, done, c);
	return done;
}

/**
 * rvhv_mem_flush_range - drop the translations of a range on every CPU, and count it
 * @mem: the VM's memory, its table already changed
 * @gpa: guest physical address
 * @size: bytes
 *
 * Context: interrupts on; mem->mmu_lock may be held. Waits for the other CPUs.
 */
void rvhv_mem_flush_range(struct rvhv_mem *mem, u64 gpa, u64 size)
{
	/* A lost count does no harm. */
	data_race(mem->stats.remote_tlb_flush_requests++);
	if (rvhv_translation_flush_range(&mem->translation, gpa, size))
		data_race(mem->stats.remote_tlb_flush++);
}

/**
 * rvhv_mem_finish_change_locked - do what a change of the G-stage table left to do
 * @mem: the VM's memory
 * @c: the change; ready for the next one afterwards
 *
 * Flushes the TLBs, frees tables; the same for mem->mirror.
 *
 * Context: mem->mmu_lock is held, interrupts on.
 */
void rvhv_mem_finish_change_locked(struct rvhv_mem *mem, struct rvhv_gstage_change *c)
{
	lockdep_assert_held(&mem->mmu_lock);
	if (c->start < c->end)
		rvhv_mem_flush_range(mem, c->start, c->end - c->start);
	if (mem->mirror)
		mem->mirror->finish(mem);
	rvhv_gstage_free_dead(c);
	*c = (struct rvhv_gstage_change)RVHV_GSTAGE_CHANGE_INIT;
}

/**
 * rvhv_mem_resched_locked - let others have the CPU or the lock in the middle of a change
 * @mem: the VM's memory
 * @c: the change; what it has left to do so far is done first
 *
 * Context: mem->mmu_lock is held, and let go meanwhile; interrupts on; may sleep.
 */
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

/**
 * rvhv_mem_unmap_range - remove every leaf that overlaps a range, everywhere
 * @mem: the VM's memory
 * @start: first guest physical address
 * @end: its end
 *
 * Context: process context, may sleep; takes mem->mmu_lock.
 */
void rvhv_mem_unmap_range(struct rvhv_mem *mem, u64 start, u64 end)
{
	change_range(mem, start, end, rvhv_gstage_unmap);
}

/**
 * rvhv_mem_wrprotect_range - take the write permission from every leaf that overlaps a range
 * @mem: the VM's memory
 * @start: first guest physical address
 * @end: its end
 *
 * Context: process context, may sleep; takes mem->mmu_lock.
 */
void rvhv_mem_wrprotect_range(struct rvhv_mem *mem, u64 start, u64 end)
{
	change_range(mem, start, end, rvhv_gstage_wrprotect);
}

/**
 * rvhv_mem_init - prepare the memory of a new VM
 * @mem: zeroed
 *
 * Context: process context of the process that is to own the VM; sleeps.
 * Return: 0, -ENOMEM, or -EINTR (a signal is pending).
 */
int rvhv_mem_init(struct rvhv_mem *mem)
{
	struct rvhv_slots *slots;
	int ret = -ENOMEM;

	mutex_init(&mem->slots_lock);
	spin_lock_init(&mem->mmu_lock);
	xa_init(&mem->slot_ids);
	mem->hva_tree = RB_ROOT_CACHED;

	slots = kvzalloc(struct_size(slots, slot, 0), GFP_KERNEL_ACCOUNT);
	if (!slots)
		return -ENOMEM;
	RCU_INIT_POINTER(mem->slots, slots);

	ret = init_srcu_struct(&mem->srcu);
	if (ret)
		goto err_slots;
	ret = rvhv_translation_init(&mem->translation);
	if (ret)
		goto err_srcu;

	mmgrab(current->mm);
	mem->mm = current->mm;
	ret = rvhv_mem_notifier_register(mem);
	if (ret)
		goto err_mm;
	return 0;

err_mm:
	mmdrop(mem->mm);
	rvhv_translation_destroy(&mem->translation);
err_srcu:
	cleanup_srcu_struct(&mem->srcu);
err_slots:
	kvfree(slots);
	return ret;
}

/**
 * rvhv_mem_destroy - undo rvhv_mem_init()
 * @mem: the memory; no vCPU and no reader may be left
 *
 * Context: process context of any process; sleeps.
 */
void rvhv_mem_destroy(struct rvhv_mem *mem)
{
	struct rvhv_slot *slot;
	unsigned long id;

	/* Unmaps everything, by way of the release operation, and waits for running ones. */
	mmu_notifier_unregister(&mem->notifier, mem->mm);

	xa_for_each(&mem->slot_ids, id, slot) {
		rvhv_slot_free(slot);
		cond_resched();
	}
	xa_destroy(&mem->slot_ids);
	kvfree(rcu_access_pointer(mem->slots));

	rvhv_translation_destroy(&mem->translation);
	cleanup_srcu_struct(&mem->srcu);
	mmdrop(mem->mm);
}
