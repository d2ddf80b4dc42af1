// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dirty log: one bit a page, set by the fault that makes the page writable.
 *
 * A page is writable in the G-stage table only while its bit is set: mmu_lock is held from clearing
 * the bit until the page is protected. The TLBs are flushed, and the mirror's leaves protected,
 * before the call ends: a store before that is to a page that the same call reports.
 */
#include <linux/bitmap.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "change.h"
#include "dirty.h"
#include "mem.h"
#include "slots.h"

/* Words of a bitmap handled before the lock may be dropped */
#define WORDS_PER_HOLD	256

/* Protect the pages in @mask, whose bit 0 is page @first. The lock may be dropped in between. */
static void protect_word_locked(struct rvhv_mem *mem, const struct rvhv_slot *slot,
				unsigned long first, unsigned long mask,
				struct rvhv_gstage_change *c)
{
	u64 base = rvhv_slot_gpa(slot) + (u64)first * PAGE_SIZE;
	unsigned int from, to;

	lockdep_assert_held(&mem->mmu_lock);
	for_each_set_bitrange(from, to, &mask, BITS_PER_LONG) {
		u64 gpa = base + (u64)from * PAGE_SIZE;
		u64 end = base + (u64)to * PAGE_SIZE;

		for (;;) {
			c->budget = UINT_MAX;
			gpa = rvhv_mem_apply_locked(mem, rvhv_gstage_wrprotect, gpa, end, c);
			if (gpa >= end)
				break;
			rvhv_mem_resched_locked(mem, c);
		}
	}
}

/*
 * Clear in @slot's bitmap, from page @first on, the bits that are set in the @longs words at @mask,
 * and return in @mask those that were set. Without @given all are cleared.
 */
static void clear_and_protect(struct rvhv_mem *mem, struct rvhv_slot *slot, unsigned long first,
			      unsigned long longs, unsigned long *mask, bool given)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	unsigned long *dirty = slot->dirty + BIT_WORD(first);
	unsigned long i;

	spin_lock(&mem->mmu_lock);
	for (i = 0; i < longs; i++) {
		unsigned long want = given ? mask[i] : ~0UL;

		mask[i] = 0;
		if (want & READ_ONCE(dirty[i])) {
			mask[i] = want & atomic_long_fetch_andnot(want, (atomic_long_t *)&dirty[i]);
			protect_word_locked(mem, slot, first + i * BITS_PER_LONG, mask[i], &c);
		}
		if (i % WORDS_PER_HOLD == WORDS_PER_HOLD - 1)
			rvhv_mem_resched_locked(mem, &c);
	}
	rvhv_mem_finish_change_locked(mem, &c);
	spin_unlock(&mem->mmu_lock);
}

static int find_logged(struct rvhv_mem *mem, u32 id, struct rvhv_slot **slot)
{
	lockdep_assert_held(&mem->slots_lock);
	if (id >= RVHV_MAX_SLOTS)
		return -EINVAL;
	*slot = rvhv_slot_by_id(mem, id);
	return *slot && (*slot)->dirty ? 0 : -ENOENT;
}

static int get_log_locked(struct rvhv_mem *mem, u32 id, void __user *bitmap)
{
	unsigned long *snapshot;
	struct rvhv_slot *slot;
	unsigned long longs;
	int ret;

	ret = find_logged(mem, id, &slot);
	if (ret)
		return ret;
	longs = rvhv_slot_dirty_longs(slot);
	snapshot = slot->dirty;
	if (!mem->manual_dirty) {
		snapshot += longs;
		clear_and_protect(mem, slot, 0, longs, snapshot, false);
	}
	return copy_to_user(bitmap, snapshot, longs * sizeof(long)) ? -EFAULT : 0;
}

/**
 * rvhv_mem_get_dirty_log - KVM_GET_DIRTY_LOG
 * @mem: the VM's memory
 * @slot: id of the slot
 * @bitmap: destination, rounded up to 64 pages
 *
 * Clears the bits and protects their pages, except with KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2.
 *
 * Context: process context, sleeps; takes mem->slots_lock and mem->mmu_lock.
 * Return: 0, -EINVAL (id), -ENOENT (no slot, or not logged), -EFAULT (@bitmap; the bits are lost).
 */
int rvhv_mem_get_dirty_log(struct rvhv_mem *mem, u32 slot, void __user *bitmap)
{
	int ret;

	mutex_lock(&mem->slots_lock);
	ret = get_log_locked(mem, slot, bitmap);
	mutex_unlock(&mem->slots_lock);
	return ret;
}

static int clear_log_locked(struct rvhv_mem *mem, u32 id, u64 first_page, u32 num_pages,
			    const void __user *bitmap)
{
	unsigned long longs = BITS_TO_LONGS(num_pages);
	struct rvhv_slot *slot;
	unsigned long *mask;
	int ret;

	ret = find_logged(mem, id, &slot);
	if (ret)
		return ret;
	ret = rvhv_dirty_check_range(slot->npages, first_page, num_pages);
	if (ret)
		return ret;
	mask = slot->dirty + rvhv_slot_dirty_longs(slot);
	if (copy_from_user(mask, bitmap, longs * sizeof(long)))
		return -EFAULT;
	clear_and_protect(mem, slot, first_page, longs, mask, true);
	return 0;
}

/**
 * rvhv_mem_clear_dirty_log - KVM_CLEAR_DIRTY_LOG
 * @mem: the VM's memory
 * @slot: id of the slot
 * @first_page: first page, a multiple of 64
 * @num_pages: pages
 * @bitmap: the bits to clear
 *
 * Context: process context, sleeps; takes mem->slots_lock and mem->mmu_lock.
 * Return: 0, -EINVAL (id or range), -ENOENT (no slot, or not logged), -EFAULT.
 */
int rvhv_mem_clear_dirty_log(struct rvhv_mem *mem, u32 slot, u64 first_page, u32 num_pages,
			     const void __user *bitmap)
{
	int ret;

	/* As with KVM, before the look-up of the slot. */
	if (first_page % 64)
		return -EINVAL;
	mutex_lock(&mem->slots_lock);
	ret = clear_log_locked(mem, slot, first_page, num_pages, bitmap);
	mutex_unlock(&mem->slots_lock);
	return ret;
}
