// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life cycle of a VM's memory.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "mem.h"
#include "notifier.h"
#include "slots.h"

/**
 * rvhv_mem_init - initialise the memory of a new VM, in current's address space
 * @mem: zeroed
 * @owner: receives contradictions
 *
 * Context: process context; sleeps.
 * Return: 0, -ENOMEM, or -EINTR (a signal is pending).
 */
int rvhv_mem_init(struct rvhv_mem *mem, struct rvhv_mem_owner *owner)
{
	struct rvhv_slots *slots;
	int ret = -ENOMEM;

	mem->owner = owner;
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
 * @mem: the memory; no vCPU and no reader is left
 *
 * Context: process context of any process; sleeps.
 */
void rvhv_mem_destroy(struct rvhv_mem *mem)
{
	struct rvhv_slot *slot;
	unsigned long id;

	/* Unmaps everything by its release operation, and waits for running operations. */
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
