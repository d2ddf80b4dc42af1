// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of the memory slots.
 *
 * A slot is removed in this order: publish a set without it, wait for all readers, unmap its range,
 * free it. A reader that found the slot has mapped its leaves before they are removed. The slot
 * stays in the tree of user addresses until then, so that the host's invalidations find every leaf.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "change.h"
#include "mem.h"
#include "region.h"
#include "slots.h"

/* Bits of mem->manual_dirty; KVM_DIRTY_LOG_INITIALLY_SET of <linux/kvm.h> */
#define MANUAL_INITIALLY_SET	BIT(1)

static struct rvhv_slots *slots_locked(struct rvhv_mem *mem)
{
	return rcu_dereference_protected(mem->slots, lockdep_is_held(&mem->slots_lock));
}

static void slots_publish(struct rvhv_mem *mem, struct rvhv_slots *new)
{
	struct rvhv_slots *old = slots_locked(mem);

	rcu_assign_pointer(mem->slots, new);
	synchronize_srcu_expedited(&mem->srcu);
	kvfree(old);
}

static struct rvhv_slot *slot_alloc(const struct rvhv_region *region)
{
	struct rvhv_slot *slot = kzalloc(sizeof(*slot), GFP_KERNEL_ACCOUNT);

	if (!slot)
		return NULL;
	slot->base_gfn = region->gpa >> RVHV_PAGE_SHIFT;
	slot->npages = region->size >> RVHV_PAGE_SHIFT;
	slot->hva = region->hva;
	slot->flags = region->flags;
	slot->id = region->slot;
	slot->hva_node.start = slot->hva;
	slot->hva_node.last = slot->hva + region->size - 1;
	return slot;
}

/* Allocate the bitmap of a logged slot, or take over that of @old. */
static int slot_alloc_dirty(struct rvhv_mem *mem, struct rvhv_slot *slot,
			    const struct rvhv_slot *old)
{
	if (!(slot->flags & RVHV_SLOT_LOG_DIRTY))
		return 0;
	if (old && old->dirty) {
		slot->dirty = old->dirty;
		return 0;
	}
	slot->dirty = kvcalloc(2 * rvhv_slot_dirty_longs(slot), sizeof(long), GFP_KERNEL_ACCOUNT);
	if (!slot->dirty)
		return -ENOMEM;
	if (mem->manual_dirty & MANUAL_INITIALLY_SET)
		bitmap_set(slot->dirty, 0, slot->npages);
	return 0;
}

static void hva_tree_replace(struct rvhv_mem *mem, struct rvhv_slot *old, struct rvhv_slot *new)
{
	spin_lock(&mem->mmu_lock);
	if (old)
		interval_tree_remove(&old->hva_node, &mem->hva_tree);
	if (new)
		interval_tree_insert(&new->hva_node, &mem->hva_tree);
	spin_unlock(&mem->mmu_lock);
}

/* Free @old, except a bitmap that @new has taken over. */
static void slot_retire(struct rvhv_slot *old, const struct rvhv_slot *new)
{
	if (new && new->dirty == old->dirty)
		old->dirty = NULL;
	rvhv_slot_free(old);
}

static int slot_create(struct rvhv_mem *mem, struct rvhv_slot *new)
{
	struct rvhv_slots *set;
	int ret;

	ret = xa_err(xa_store(&mem->slot_ids, new->id, new, GFP_KERNEL_ACCOUNT));
	if (ret)
		return ret;
	/* In the tree first: invalidations must find the slot before anything is mapped. */
	hva_tree_replace(mem, NULL, new);
	if (!rvhv_slots_append(slots_locked(mem), new)) {
		set = rvhv_slots_replace(slots_locked(mem), NULL, new);
		if (!set) {
			hva_tree_replace(mem, new, NULL);
			xa_erase(&mem->slot_ids, new->id);
			return -ENOMEM;
		}
		slots_publish(mem, set);
	}
	mem->nr_pages += new->npages;
	return 0;
}

static int slot_delete(struct rvhv_mem *mem, struct rvhv_slot *old)
{
	struct rvhv_slots *set = rvhv_slots_replace(slots_locked(mem), old, NULL);

	if (!set)
		return -ENOMEM;
	slots_publish(mem, set);
	rvhv_mem_unmap_range(mem, rvhv_slot_gpa(old), rvhv_slot_gpa(old) + rvhv_slot_size(old));
	hva_tree_replace(mem, old, NULL);
	xa_erase(&mem->slot_ids, old->id);
	mem->nr_pages -= old->npages;
	rvhv_slot_free(old);
	return 0;
}

static int slot_move(struct rvhv_mem *mem, struct rvhv_slot *old, struct rvhv_slot *new)
{
	struct rvhv_slots *without, *with;

	without = rvhv_slots_replace(slots_locked(mem), old, NULL);
	if (!without)
		return -ENOMEM;
	with = rvhv_slots_replace(without, NULL, new);
	if (!with) {
		kvfree(without);
		return -ENOMEM;
	}
	slots_publish(mem, without);
	rvhv_mem_unmap_range(mem, rvhv_slot_gpa(old), rvhv_slot_gpa(old) + rvhv_slot_size(old));
	hva_tree_replace(mem, old, new);
	/* Cannot fail: the entry exists. */
	xa_store(&mem->slot_ids, new->id, new, GFP_KERNEL_ACCOUNT);
	slots_publish(mem, with);
	slot_retire(old, new);
	return 0;
}

/* Only RVHV_SLOT_LOG_DIRTY can differ. */
static int slot_change_flags(struct rvhv_mem *mem, struct rvhv_slot *old, struct rvhv_slot *new)
{
	struct rvhv_slots *set = rvhv_slots_replace(slots_locked(mem), old, new);
	u64 start = rvhv_slot_gpa(new);
	u64 end = start + rvhv_slot_size(new);

	if (!set)
		return -ENOMEM;
	hva_tree_replace(mem, old, new);
	xa_store(&mem->slot_ids, new->id, new, GFP_KERNEL_ACCOUNT);
	slots_publish(mem, set);
	/*
	 * Without logging, huge leaves replace the small ones that are dropped here. If all bits
	 * are set initially, a page is protected when the VMM first clears its bit.
	 */
	if (!new->dirty)
		rvhv_mem_unmap_range(mem, start, end);
	else if (!(mem->manual_dirty & MANUAL_INITIALLY_SET))
		rvhv_mem_wrprotect_range(mem, start, end);
	slot_retire(old, new);
	return 0;
}

/* As with KVM, a writable slot must not lie over read-only mappings. */
static int check_mappings(const struct rvhv_region *region)
{
	unsigned long start = region->hva, end = region->hva + region->size;
	int ret = 0;

	if (mmap_read_lock_killable(current->mm))
		return -EINTR;
	while (start < end && !ret) {
		struct vm_area_struct *vma = find_vma_intersection(current->mm, start, end);

		if (!vma)
			break;
		if (!(region->flags & RVHV_SLOT_READONLY) && !(vma->vm_flags & VM_WRITE))
			ret = -EPERM;
		else if ((region->flags & RVHV_SLOT_LOG_DIRTY) && (vma->vm_flags & VM_PFNMAP))
			ret = -EINVAL;
		start = vma->vm_end;
	}
	mmap_read_unlock(current->mm);
	return ret;
}

static int region_apply(struct rvhv_mem *mem, const struct rvhv_region *region,
			struct rvhv_slot *old, enum rvhv_region_change change)
{
	struct rvhv_slot *new;
	int ret;

	if (change == RVHV_REGION_DELETE)
		return slot_delete(mem, old);

	ret = check_mappings(region);
	if (ret)
		return ret;
	new = slot_alloc(region);
	if (!new)
		return -ENOMEM;
	ret = slot_alloc_dirty(mem, new, old);
	if (!ret && change == RVHV_REGION_CREATE)
		ret = slot_create(mem, new);
	else if (!ret && change == RVHV_REGION_MOVE)
		ret = slot_move(mem, old, new);
	else if (!ret)
		ret = slot_change_flags(mem, old, new);
	if (ret) {
		if (old && new->dirty == old->dirty)
			new->dirty = NULL;
		rvhv_slot_free(new);
	}
	return ret;
}

/**
 * rvhv_mem_set_region - create, move, change or delete a memory slot
 * @mem: the VM's memory
 * @region: the request
 *
 * KVM_SET_USER_MEMORY_REGION, Documentation/virt/kvm/api.rst.
 *
 * Context: process context of a thread of @mem->mm; sleeps; takes mem->slots_lock, mmap_lock and
 * mem->mmu_lock.
 * Return: 0; -EINVAL; -EEXIST (overlap); -EFAULT (beyond the guest physical address space); -EPERM
 * (a writable slot over a read-only mapping); -ENOMEM; -EINTR (a fatal signal is pending).
 */
int __cold rvhv_mem_set_region(struct rvhv_mem *mem, const struct rvhv_region *region)
{
	void __user *hva = (void __user *)(unsigned long)region->hva;
	void __user *untagged = untagged_addr(hva);
	struct rvhv_region_limits limits;
	struct rvhv_slot *old;
	int ret;

	if (untagged != hva || !access_ok(hva, region->size))
		return -EINVAL;

	mutex_lock(&mem->slots_lock);
	limits.nr_pages = mem->nr_pages;
	limits.gpa_bits = rvhv_gstage_gpa_bits(mem->translation.gstage.levels);
	old = rvhv_slot_by_id(mem, region->slot);
	ret = rvhv_region_check(slots_locked(mem), old, region, &limits);
	if (ret > RVHV_REGION_NOTHING)
		ret = region_apply(mem, region, old, ret);
	mutex_unlock(&mem->slots_lock);
	return ret;
}
