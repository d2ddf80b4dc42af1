// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory slots: the sorted set, and the rules of KVM_SET_USER_MEMORY_REGION.
 */
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "mem.h"
#include "region.h"
#include "slots.h"

static struct rvhv_slot *slot_at(const struct rvhv_slots *slots, unsigned int i)
{
	return i < READ_ONCE(slots->nr) ? READ_ONCE(slots->slot[i]) : NULL;
}

/* Index of the first slot that ends above @gfn, or slots->nr. rvhv_slots_append() may run. */
static unsigned int first_above(const struct rvhv_slots *slots, u64 gfn)
{
	unsigned int low = 0, high = READ_ONCE(slots->nr);

	while (low < high) {
		unsigned int mid = low + (high - low) / 2;
		const struct rvhv_slot *slot = READ_ONCE(slots->slot[mid]);

		if (!slot || slot->base_gfn + slot->npages > gfn)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static bool slot_holds(const struct rvhv_slot *slot, u64 gfn)
{
	return slot && gfn - slot->base_gfn < slot->npages;
}

struct rvhv_slot *rvhv_slots_search(const struct rvhv_slots *slots, u64 gfn)
{
	struct rvhv_slot *slot = slot_at(slots, first_above(slots, gfn));

	return slot_holds(slot, gfn) ? slot : NULL;
}

/**
 * rvhv_slot_find - find the slot of a guest frame
 * @mem: the VM's memory
 * @gfn: guest frame number
 *
 * Context: any; the caller holds mem->srcu or mem->slots_lock.
 * Return: the slot, or NULL.
 */
struct rvhv_slot *rvhv_slot_find(struct rvhv_mem *mem, u64 gfn)
{
	unsigned int i = READ_ONCE(mem->slot_hint);
	const struct rvhv_slots *slots;
	struct rvhv_slot *slot;

	slots = srcu_dereference_check(mem->slots, &mem->srcu, lockdep_is_held(&mem->slots_lock));
	slot = slot_at(slots, i);
	if (slot_holds(slot, gfn))
		return slot;
	i = first_above(slots, gfn);
	slot = slot_at(slots, i);
	if (!slot_holds(slot, gfn))
		return NULL;
	WRITE_ONCE(mem->slot_hint, i);
	return slot;
}

struct rvhv_slot *rvhv_slot_by_id(struct rvhv_mem *mem, unsigned int id)
{
	lockdep_assert_held(&mem->slots_lock);
	return xa_load(&mem->slot_ids, id);
}

/* Is there a slot other than @self in [gfn, gfn + npages)? */
static bool overlaps_other(const struct rvhv_slots *slots, const struct rvhv_slot *self, u64 gfn,
			   u64 npages)
{
	unsigned int i = first_above(slots, gfn);

	for (; i < slots->nr && slots->slot[i]->base_gfn < gfn + npages; i++)
		if (slots->slot[i] != self)
			return true;
	return false;
}

static bool region_valid(const struct rvhv_region *r)
{
	u64 end;

	if (r->flags & ~(RVHV_SLOT_LOG_DIRTY | RVHV_SLOT_READONLY))
		return false;
	if (!PAGE_ALIGNED(r->size) || !PAGE_ALIGNED(r->gpa) || !PAGE_ALIGNED(r->hva))
		return false;
	if (r->slot >= RVHV_MAX_SLOTS)
		return false;
	return !check_add_overflow(r->gpa, r->size, &end) &&
	       !check_add_overflow(r->hva, r->size, &end) &&
	       r->size >> RVHV_PAGE_SHIFT <= RVHV_SLOT_MAX_PAGES;
}

/*
 * Apply the rules of KVM_SET_USER_MEMORY_REGION, except those about user addresses. @old is the
 * slot with the id of @region, or NULL. Returns enum rvhv_region_change, or -EINVAL, -EEXIST
 * (overlap), -EFAULT (beyond the guest physical address space, or in its last page, as with KVM).
 */
int __cold rvhv_region_check(const struct rvhv_slots *slots, const struct rvhv_slot *old,
			     const struct rvhv_region *region,
			     const struct rvhv_region_limits *limits)
{
	enum rvhv_region_change change = RVHV_REGION_CREATE;
	u64 gfn = region->gpa >> RVHV_PAGE_SHIFT;
	u64 npages = region->size >> RVHV_PAGE_SHIFT;

	if (!region_valid(region))
		return -EINVAL;
	if (!npages)
		return old ? RVHV_REGION_DELETE : -EINVAL;

	if (old) {
		if (region->hva != old->hva || npages != old->npages ||
		    (region->flags ^ old->flags) & RVHV_SLOT_READONLY)
			return -EINVAL;
		if (gfn != old->base_gfn)
			change = RVHV_REGION_MOVE;
		else if (region->flags != old->flags)
			change = RVHV_REGION_FLAGS;
		else
			return RVHV_REGION_NOTHING;
	} else if (limits->nr_pages + npages < npages) {
		return -EINVAL;
	}

	if (change != RVHV_REGION_FLAGS && overlaps_other(slots, old, gfn, npages))
		return -EEXIST;
	if (gfn + npages >= BIT_ULL(limits->gpa_bits - RVHV_PAGE_SHIFT))
		return -EFAULT;
	return change;
}

/*
 * Copy @old without @remove and with @add, which may be NULL. Returns the new set, to be freed by
 * kvfree(), or NULL if memory ran out.
 */
struct rvhv_slots *rvhv_slots_replace(const struct rvhv_slots *old, const struct rvhv_slot *remove,
				      struct rvhv_slot *add)
{
	/* Half as much again: a series of additions takes linear time. */
	unsigned int capacity = old->nr + old->nr / 2 + 4;
	struct rvhv_slots *new;
	unsigned int i, n = 0;

	new = kvzalloc(struct_size(new, slot, capacity), GFP_KERNEL_ACCOUNT);
	if (!new)
		return NULL;
	new->capacity = capacity;
	for (i = 0; i < old->nr; i++) {
		struct rvhv_slot *slot = old->slot[i];

		if (slot == remove)
			continue;
		if (add && add->base_gfn < slot->base_gfn) {
			new->slot[n++] = add;
			add = NULL;
		}
		new->slot[n++] = slot;
	}
	if (add)
		new->slot[n++] = add;
	new->nr = n;
	return new;
}

/*
 * Add a slot above all others to a set that readers may search at the same time. Returns false if
 * another slot is above it or there is no room.
 */
bool rvhv_slots_append(struct rvhv_slots *slots, struct rvhv_slot *add)
{
	unsigned int nr = slots->nr;

	if (nr == slots->capacity || (nr && add->base_gfn < slots->slot[nr - 1]->base_gfn))
		return false;
	/* A reader finds either NULL or a complete slot. */
	smp_store_release(&slots->slot[nr], add);
	WRITE_ONCE(slots->nr, nr + 1);
	return true;
}

/* The rules of KVM_CLEAR_DIRTY_LOG for a range of a slot. Returns 0 or -EINVAL. */
int rvhv_dirty_check_range(u64 npages, u64 first_page, u32 num_pages)
{
	if (first_page % 64 || first_page > npages || num_pages > npages - first_page)
		return -EINVAL;
	if (num_pages < npages - first_page && num_pages % 64)
		return -EINVAL;
	return 0;
}

void rvhv_slot_mark_dirty(const struct rvhv_slot *slot, u64 gfn)
{
	u64 page = gfn - slot->base_gfn;

	/* Most pages are dirty already, and need no atomic operation. */
	if (slot->dirty && !test_bit(page, slot->dirty))
		set_bit(page, slot->dirty);
}

/* @slot is not published, or NULL. */
void rvhv_slot_free(struct rvhv_slot *slot)
{
	if (!slot)
		return;
	kvfree(slot->dirty);
	kfree(slot);
}
