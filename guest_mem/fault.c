// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest page faults.
 *
 * The host's own page table says which frame is behind an address, at which size and with which
 * permissions. It is read without locks: with interrupts off its tables are not freed, and a change
 * that makes the answer wrong is noticed by the invalidation counters before anything is mapped
 * (notifier.c). No reference to the page is taken. Only what the host has not mapped yet, or not
 * writable and dirty for a store, is faulted in.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include <asm/pgtable.h>

#include "change.h"
#include "internal.h"

/*
 * After so many collisions with the host the guest runs into the fault again: the caller, between
 * the two, looks at signals and the scheduler.
 */
#define FAULT_TRIES	8

static_assert(RVHV_PTE_V == _PAGE_PRESENT && RVHV_PTE_R == _PAGE_READ);
static_assert(RVHV_PTE_W == _PAGE_WRITE && RVHV_PTE_X == _PAGE_EXEC);
static_assert(RVHV_PTE_U == _PAGE_USER && RVHV_PTE_A == _PAGE_ACCESSED);
static_assert(RVHV_PTE_D == _PAGE_DIRTY && RVHV_PTE_PFN == _PAGE_PFN_MASK);
static_assert(RVHV_PTE_PBMT == _PAGE_MTMASK_SVPBMT && RVHV_PTE_PFN_SHIFT == _PAGE_PFN_SHIFT);

/* What one guest page fault is about */
struct fault {
	struct rvhv_slot *slot;
	u64 gpa;
	unsigned long hva;
	unsigned long seq;
	bool write;
	rvhv_mem_install_fn install;
	void *arg;
};

static unsigned int host_top_level(void)
{
	if (pgtable_l5_enabled)
		return 4;
	return pgtable_l4_enabled ? 3 : 2;
}

/* Frame of @hva's page within the leaf @pte, which may be a Svnapot one. */
static u64 host_pfn(u64 pte, unsigned int level, unsigned long hva)
{
	u64 pfn = rvhv_pte_pfn(pte);
	u64 mask = (rvhv_gstage_leaf_size(level) >> PAGE_SHIFT) - 1;

	if (pte & _PAGE_NAPOT) {
		/* The lowest bit set marks the size and is no part of the address. */
		mask = pfn ^ (pfn - 1);
	}
	return (pfn & ~mask) | ((hva >> PAGE_SHIFT) & mask);
}

/*
 * Read the host's page table. What is not present, not the user's or not readable counts as absent:
 * the host's own fault handler decides about it.
 */
static bool host_lookup(struct mm_struct *mm, unsigned long hva, struct rvhv_host_leaf *leaf)
{
	const u64 need = RVHV_PTE_V | RVHV_PTE_R | RVHV_PTE_U;
	const u64 *table = (const u64 *)mm->pgd;
	unsigned int level = host_top_level();
	unsigned long flags;
	u64 pte;

	/* Beyond it an address would alias another one, or the kernel's. */
	if (hva >= mm->task_size)
		return false;

	local_irq_save(flags);
	for (;; level--) {
		pte = READ_ONCE(table[(hva >> rvhv_gstage_shift(level)) & (PTRS_PER_PTE - 1)]);
		if (!(pte & RVHV_PTE_V) || rvhv_pte_leaf(pte) || !level)
			break;
		table = __va(rvhv_pte_pfn(pte) << PAGE_SHIFT);
	}
	local_irq_restore(flags);

	if ((pte & need) != need)
		return false;
	leaf->pfn = host_pfn(pte, level, hva);
	leaf->pbmt = rvhv_mem_host.svpbmt ? pte & RVHV_PTE_PBMT : 0;
	leaf->level = level;
	leaf->write = (pte & RVHV_PTE_W) && (pte & RVHV_PTE_D);
	return true;
}

/*
 * Largest leaf for a fault: no larger than the host's, aligned alike on both sides, within the
 * slot, and a single page while writes are logged.
 */
static unsigned int leaf_level(const struct fault *f, unsigned int host_level)
{
	unsigned int level = min_t(unsigned int, host_level, RVHV_GSTAGE_MAX_LEAF);
	const struct rvhv_slot *slot = f->slot;

	if (slot->dirty)
		return 0;
	for (; level; level--) {
		u64 size = rvhv_gstage_leaf_size(level);
		u64 start = ALIGN_DOWN(f->gpa, size);

		if (!((f->gpa ^ f->hva) & (size - 1)) && start >= rvhv_slot_gpa(slot) &&
		    start + size <= rvhv_slot_gpa(slot) + rvhv_slot_size(slot))
			break;
	}
	return level;
}

/* Did the host change, or is it changing, what was read about [hva, hva + size)? */
static bool host_changed_locked(const struct rvhv_mem *mem, unsigned long seq, unsigned long hva,
				unsigned long size)
{
	lockdep_assert_held(&mem->mmu_lock);
	if (mem->invalidate_seq != seq)
		return true;
	return mem->invalidate_count && hva < mem->invalidate_end &&
	       hva + size > mem->invalidate_start;
}

/* Into the VM's own table; @arg has pages for it. */
static int install_own(struct rvhv_mem *mem, const struct rvhv_host_leaf *leaf, void *arg)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	u64 mask = rvhv_gstage_leaf_size(leaf->level) - 1;
	u64 bits = RVHV_PTE_R | RVHV_PTE_X | leaf->pbmt;
	int ret;

	if (leaf->write)
		bits |= RVHV_PTE_W;
	ret = rvhv_gstage_map(&mem->translation.gstage, arg, leaf->gpa & ~mask,
			      leaf->pfn & ~(mask >> PAGE_SHIFT), leaf->level, bits, &c);
	rvhv_mem_finish_change_locked(mem, &c);
	/*
	 * Old permissions, or the absence of a leaf that another vCPU has mapped since, may be
	 * cached. A hart that caches the absence of a new leaf comes back here and finds it.
	 */
	if (ret == RVHV_GSTAGE_UPGRADED)
		rvhv_hfence_gvma_page_local(mem->translation.vmid & RVHV_VMID_MASK, leaf->gpa);
	return ret;
}

static int install_leaf_locked(struct rvhv_mem *mem, const struct fault *f,
			       struct rvhv_host_leaf *leaf)
{
	u64 size;
	int ret;

	lockdep_assert_held(&mem->mmu_lock);
	leaf->gpa = f->gpa;
	leaf->level = leaf_level(f, leaf->level);
	size = rvhv_gstage_leaf_size(leaf->level);
	if (host_changed_locked(mem, f->seq, ALIGN_DOWN(f->hva, size), size))
		return -EAGAIN;

	leaf->write = leaf->write && !(f->slot->flags & RVHV_SLOT_READONLY) &&
		      (f->write || !f->slot->dirty);
	ret = f->install(mem, leaf, f->arg);
	if (ret >= 0 && f->write)
		rvhv_slot_mark_dirty(f->slot, f->gpa >> PAGE_SHIFT);
	return min(ret, 0);
}

/* The host gave no page. If it is a poisoned one the process gets SIGBUS, as with KVM. */
static int explain_failure(const struct fault *f, int error)
{
	struct page *page;
	int ret;

	if (error != -EFAULT)
		return error;
	ret = get_user_pages_unlocked(f->hva, 1, &page,
				      FOLL_HWPOISON | (f->write ? FOLL_WRITE : 0));
	if (ret == 1)
		put_page(page);
	if (ret != -EHWPOISON)
		return error;
	send_sig_mceerr(BUS_MCEERR_AR, (void __user *)f->hva, PAGE_SHIFT, current);
	return -EINTR;
}

static int fault_in(struct mm_struct *mm, const struct fault *f)
{
	bool unlocked = false;
	int ret;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	ret = fixup_user_fault(mm, f->hva, f->write ? FAULT_FLAG_WRITE : 0, &unlocked);
	mmap_read_unlock(mm);
	return ret ? explain_failure(f, ret) : 0;
}

static int resolve(struct rvhv_mem *mem, struct rvhv_pt_cache *cache, struct fault *f)
{
	unsigned int tries;

	for (tries = 0; tries < FAULT_TRIES; tries++) {
		struct rvhv_host_leaf leaf;
		int ret;

		ret = rvhv_pt_cache_topup(cache, mem->translation.gstage.levels - 1);
		if (ret)
			return ret;

		/* Pairs with notifier_end(). */
		f->seq = smp_load_acquire(&mem->invalidate_seq);
		if (!host_lookup(mem->mm, f->hva, &leaf) || (f->write && !leaf.write)) {
			ret = fault_in(mem->mm, f);
			if (ret)
				return ret;
			continue;
		}
		spin_lock(&mem->mmu_lock);
		ret = install_leaf_locked(mem, f, &leaf);
		spin_unlock(&mem->mmu_lock);
		if (ret != -EAGAIN)
			return ret;
	}
	return 0;
}

/**
 * rvhv_mem_translate - find what the host has behind an address, and install it
 * @mem: the VM's memory
 * @cache: page-table pages, topped up for one leaf of a table of the host's mode
 * @gpa: guest physical address
 * @write: for a store: the host makes the page writable, and it counts as dirty
 * @install: puts the leaf into a table, under mem->mmu_lock
 * @arg: for @install
 *
 * @install is called again after an -EAGAIN, and not at all if the host goes on changing the page.
 * mem->srcu is held all the time: what it installs is removed if the slot goes away.
 *
 * Context: as rvhv_mem_fault().
 * Return: as rvhv_mem_fault(), or a negative errno of @install.
 */
int rvhv_mem_translate(struct rvhv_mem *mem, struct rvhv_pt_cache *cache, u64 gpa, bool write,
		       rvhv_mem_install_fn install, void *arg)
{
	struct fault f = {
		.gpa = ALIGN_DOWN(gpa, PAGE_SIZE), .write = write, .install = install, .arg = arg,
	};
	int ret = RVHV_FAULT_MMIO;
	int idx;

	idx = srcu_read_lock(&mem->srcu);
	f.slot = rvhv_slot_find(mem, gpa >> PAGE_SHIFT);
	if (f.slot && !(write && (f.slot->flags & RVHV_SLOT_READONLY))) {
		f.hva = f.slot->hva + (f.gpa - rvhv_slot_gpa(f.slot));
		ret = resolve(mem, cache, &f);
	}
	srcu_read_unlock(&mem->srcu, idx);
	return ret;
}

/**
 * rvhv_mem_fault - resolve a guest page fault by mapping the page
 * @mem: the VM's memory
 * @cache: the vCPU's page-table pages
 * @gpa: faulting guest physical address
 * @write: the access was a store
 *
 * Context: process context of a thread of @mem->mm, interrupts enabled, may sleep; takes mem->srcu,
 * mmap_lock and mem->mmu_lock.
 *
 * Return: 0 if the access may be retried (it may fault again), RVHV_FAULT_MMIO, or a negative
 * errno: -EFAULT (no host memory behind the slot), -ENOMEM, -EINTR (a fatal signal is pending, or
 * SIGBUS for a poisoned page).
 */
int rvhv_mem_fault(struct rvhv_mem *mem, struct rvhv_pt_cache *cache, u64 gpa, bool write)
{
	return rvhv_mem_translate(mem, cache, gpa, write, install_own, cache);
}
