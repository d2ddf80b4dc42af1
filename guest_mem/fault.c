// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest page faults.
 *
 * Frame, size and permissions come from the host's page table, which is read without locks: with
 * interrupts off its tables are not freed, and the invalidation counters (notifier.c) tell before
 * the leaf is mapped whether the host has changed it. No reference to the page is taken. A page
 * that the host has not mapped, or for a store not writable and dirty, is faulted in first.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include <asm/pgtable.h>

#include "change.h"
#include "fault.h"
#include "host.h"
#include "mem.h"
#include "slots.h"
#include "tlb.h"

/* After so many races with the host the guest takes the fault again, and signals are handled. */
#define FAULT_TRIES	8

static_assert(RVHV_PTE_V == _PAGE_PRESENT && RVHV_PTE_R == _PAGE_READ);
static_assert(RVHV_PTE_W == _PAGE_WRITE && RVHV_PTE_X == _PAGE_EXEC);
static_assert(RVHV_PTE_U == _PAGE_USER && RVHV_PTE_A == _PAGE_ACCESSED);
static_assert(RVHV_PTE_D == _PAGE_DIRTY && RVHV_PTE_PFN == _PAGE_PFN_MASK);
static_assert(RVHV_PTE_PBMT == _PAGE_MTMASK_SVPBMT && RVHV_PTE_PFN_SHIFT == _PAGE_PFN_SHIFT);

struct request {
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

/* Frame of the page @hva within the leaf @pte, which may be a Svnapot one. */
static u64 host_pfn(u64 pte, unsigned int level, unsigned long hva)
{
	u64 pfn = rvhv_pte_pfn(pte);
	u64 mask = (rvhv_gstage_leaf_size(level) >> PAGE_SHIFT) - 1;

	if (pte & _PAGE_NAPOT) {
		/* The lowest bit set encodes the size and is not part of the address. */
		mask = pfn ^ (pfn - 1);
	}
	return (pfn & ~mask) | ((hva >> PAGE_SHIFT) & mask);
}

/*
 * Look @hva up in the host's page table. Returns false for a page that is not present, not the
 * user's or not readable: the host's fault handler decides about those.
 */
static bool host_lookup(struct mm_struct *mm, unsigned long hva, struct rvhv_host_leaf *leaf)
{
	const u64 need = RVHV_PTE_V | RVHV_PTE_R | RVHV_PTE_U;
	const u64 *table = (const u64 *)mm->pgd;
	unsigned int level = host_top_level();
	unsigned long flags;
	u64 pte;

	/* A larger address would alias another one, or the kernel's. */
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

/* Largest level that the host's leaf, the alignment of gpa and hva, and the slot allow. */
static unsigned int leaf_level(const struct request *req, unsigned int host_level)
{
	unsigned int level = min_t(unsigned int, host_level, RVHV_GSTAGE_MAX_LEAF);
	const struct rvhv_slot *slot = req->slot;

	if (slot->dirty)
		return 0;
	for (; level; level--) {
		u64 size = rvhv_gstage_leaf_size(level);
		u64 start = ALIGN_DOWN(req->gpa, size);

		if (!((req->gpa ^ req->hva) & (size - 1)) && start >= rvhv_slot_gpa(slot) &&
		    start + size <= rvhv_slot_gpa(slot) + rvhv_slot_size(slot))
			break;
	}
	return level;
}

/* Has the host changed [hva, hva + size) since @seq was read, or is it about to? */
static bool host_changed_locked(const struct rvhv_mem *mem, unsigned long seq, unsigned long hva,
				unsigned long size)
{
	lockdep_assert_held(&mem->mmu_lock);
	if (mem->invalidate_seq != seq)
		return true;
	return mem->invalidate_count && hva < mem->invalidate_end &&
	       hva + size > mem->invalidate_start;
}

/* Map @leaf in the VM's own table; @arg is the cache. */
static enum rvhv_install_result install_own(struct rvhv_mem *mem, const struct rvhv_host_leaf *leaf,
					    void *arg)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	u64 mask = rvhv_gstage_leaf_size(leaf->level) - 1;
	u64 bits = RVHV_PTE_R | RVHV_PTE_X | leaf->pbmt;
	enum rvhv_gstage_result result;

	if (leaf->write)
		bits |= RVHV_PTE_W;
	result = rvhv_gstage_map(&mem->translation.gstage, arg, leaf->gpa & ~mask,
				 leaf->pfn & ~(mask >> PAGE_SHIFT), leaf->level, bits, &c);
	rvhv_mem_finish_change_locked(mem, &c);
	if (result == RVHV_GSTAGE_NO_PAGE || result == RVHV_GSTAGE_INVALID)
		return RVHV_INSTALL_FAILED;
	/*
	 * The TLB may hold the old permissions, or the absence of a leaf that another vCPU has
	 * mapped since. A hart that caches the absence of a new leaf faults again and ends up here.
	 */
	if (result == RVHV_GSTAGE_UPGRADED)
		rvhv_hfence_gvma_page_local(mem->translation.vmid & RVHV_VMID_MASK, leaf->gpa);
	return RVHV_INSTALL_DONE;
}

static enum rvhv_install_result install_leaf_locked(struct rvhv_mem *mem,
						    const struct request *req,
						    struct rvhv_host_leaf *leaf)
{
	enum rvhv_install_result result;
	u64 size;

	lockdep_assert_held(&mem->mmu_lock);
	leaf->gpa = req->gpa;
	leaf->level = leaf_level(req, leaf->level);
	size = rvhv_gstage_leaf_size(leaf->level);
	if (host_changed_locked(mem, req->seq, ALIGN_DOWN(req->hva, size), size))
		return RVHV_INSTALL_RETRY;

	leaf->write = leaf->write && !(req->slot->flags & RVHV_SLOT_READONLY) &&
		      (req->write || !req->slot->dirty);
	result = req->install(mem, leaf, req->arg);
	if (result == RVHV_INSTALL_DONE && req->write)
		rvhv_slot_mark_dirty(req->slot, req->gpa >> PAGE_SHIFT);
	return result;
}

/* The host has no page. If it is a poisoned one the process gets SIGBUS, as with KVM. */
static int explain_failure(const struct request *req, int error)
{
	struct page *page;
	int ret;

	if (error != -EFAULT)
		return error;
	ret = get_user_pages_unlocked(req->hva, 1, &page,
				      FOLL_HWPOISON | (req->write ? FOLL_WRITE : 0));
	if (ret == 1)
		put_page(page);
	if (ret != -EHWPOISON)
		return error;
	send_sig_mceerr(BUS_MCEERR_AR, (void __user *)req->hva, PAGE_SHIFT, current);
	return -EINTR;
}

static int fault_in(struct mm_struct *mm, const struct request *req)
{
	bool unlocked = false;
	int ret;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	ret = fixup_user_fault(mm, req->hva, req->write ? FAULT_FLAG_WRITE : 0, &unlocked);
	mmap_read_unlock(mm);
	return ret ? explain_failure(req, ret) : 0;
}

/* Returns 0 if the access may be retried, or an errno. */
static int resolve(struct rvhv_mem *mem, struct rvhv_pt_cache *cache, struct request *req)
{
	unsigned int want = mem->translation.gstage.levels - 1;
	unsigned int tries;

	for (tries = 0; tries < FAULT_TRIES; tries++) {
		enum rvhv_install_result result;
		struct rvhv_host_leaf leaf;
		int ret;

		if (cache->nr < want && rvhv_pt_cache_topup(cache, want))
			return -ENOMEM;

		/* Before the look-up; pairs with notifier_end(). */
		req->seq = smp_load_acquire(&mem->invalidate_seq);
		if (!host_lookup(mem->mm, req->hva, &leaf) || (req->write && !leaf.write)) {
			ret = fault_in(mem->mm, req);
			if (ret)
				return ret;
			continue;
		}
		spin_lock(&mem->mmu_lock);
		result = install_leaf_locked(mem, req, &leaf);
		spin_unlock(&mem->mmu_lock);
		if (result != RVHV_INSTALL_RETRY)
			return result == RVHV_INSTALL_FAILED ? -EFAULT : 0;
	}
	return 0;
}

/**
 * rvhv_mem_translate - find the host's memory behind an address, and map it in a table
 * @mem: the VM's memory
 * @cache: page-table pages; topped up for one leaf of a table of the host's mode
 * @fault: the access; for a store the host makes the page writable, and the page becomes dirty
 * @install: maps the leaf; called again after RVHV_INSTALL_RETRY, and maybe not at all
 * @arg: for @install
 *
 * mem->srcu is held throughout, so that what @install maps is removed if the slot goes away.
 *
 * Context: as rvhv_mem_fault().
 * Return: the result.
 */
enum rvhv_fault_result rvhv_mem_translate(struct rvhv_mem *mem, struct rvhv_pt_cache *cache,
					  struct rvhv_fault *fault, rvhv_mem_install_fn install,
					  void *arg)
{
	struct request req = {
		.gpa = ALIGN_DOWN(fault->gpa, PAGE_SIZE),
		.write = fault->write,
		.install = install,
		.arg = arg,
	};
	enum rvhv_fault_result result = RVHV_FAULT_MMIO;
	int idx, ret;

	idx = srcu_read_lock(&mem->srcu);
	req.slot = rvhv_slot_find(mem, req.gpa >> PAGE_SHIFT);
	if (req.slot && !(req.write && (req.slot->flags & RVHV_SLOT_READONLY))) {
		req.hva = req.slot->hva + (req.gpa - rvhv_slot_gpa(req.slot));
		result = RVHV_FAULT_MAPPED;
		ret = resolve(mem, cache, &req);
		if (ret) {
			fault->error = ret;
			result = RVHV_FAULT_FAILED;
		}
	}
	srcu_read_unlock(&mem->srcu, idx);
	return result;
}

/**
 * rvhv_mem_fault - resolve a guest page fault by mapping the page
 * @mem: the VM's memory
 * @cache: the vCPU's page-table pages
 * @fault: the fault
 *
 * Context: process context of a thread of @mem->mm, interrupts enabled, may sleep; takes mem->srcu,
 * mmap_lock and mem->mmu_lock.
 * Return: the result.
 */
enum rvhv_fault_result rvhv_mem_fault(struct rvhv_mem *mem, struct rvhv_pt_cache *cache,
				      struct rvhv_fault *fault)
{
	return rvhv_mem_translate(mem, cache, fault, install_own, cache);
}
