/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_GUEST_MEM_MEM_H
#define _RVHV_GUEST_MEM_MEM_H

#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include "translation.h"

struct rvhv_mem_mirror;
struct rvhv_slots;

/* Counters of TLB flushes, all monotonic */
struct rvhv_mem_stats {
	u64 remote_tlb_flush;		/* reached other CPUs */
	u64 remote_tlb_flush_requests;
};

/**
 * struct rvhv_mem_owner - embedded by the owner of a struct rvhv_mem
 * @bug: the memory's state contradicts itself; called with mem->mmu_lock held
 */
struct rvhv_mem_owner {
	void (*bug)(struct rvhv_mem_owner *owner, const char *what);
};

/**
 * struct rvhv_mem - the memory of one VM, embedded in the VM object
 * @owner: the VM
 * @mm: the address space of the process that made the VM; mm_count is held
 * @slots_lock: serialises changes of slots and dirty logging
 * @srcu: guards @slots and the slots' memory
 * @slots: published slots
 * @slot_hint: index of the slot found last; any value is valid
 * @slot_ids: slots by id, guarded by @slots_lock
 * @nr_pages: pages of all slots together, guarded by @slots_lock
 * @manual_dirty: bits of KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 in force
 * @hva_tree: slots by user address, guarded by @mmu_lock
 * @mmu_lock: guards the G-stage table, those of @mirror, @hva_tree and the invalidation counters
 * @translation: the VM's own translation context; @mmu_lock guards its table
 * @invalidate_seq: changes whenever an invalidation ends
 * @invalidate_count: invalidations in progress
 * @invalidate_start: union of the ranges being invalidated
 * @invalidate_end: its end, exclusive
 * @notifier: registered on @mm
 * @mirror: keeps tables in step with the G-stage table, or NULL; guarded by @mmu_lock
 * @stats: counters
 */
struct rvhv_mem {
	struct rvhv_mem_owner *owner;
	struct mm_struct *mm;
	struct mutex slots_lock;
	struct srcu_struct srcu;
	struct rvhv_slots __rcu *slots;
	unsigned int slot_hint;
	struct xarray slot_ids;
	u64 nr_pages;
	u64 manual_dirty;
	struct rb_root_cached hva_tree;

	spinlock_t mmu_lock;
	struct rvhv_translation translation;
	unsigned long invalidate_seq;
	long invalidate_count;
	unsigned long invalidate_start;
	unsigned long invalidate_end;
	struct mmu_notifier notifier;
	struct rvhv_mem_mirror *mirror;

	struct rvhv_mem_stats stats;
};

int rvhv_mem_init(struct rvhv_mem *mem, struct rvhv_mem_owner *owner);
void rvhv_mem_destroy(struct rvhv_mem *mem);

#endif /* _RVHV_GUEST_MEM_MEM_H */
