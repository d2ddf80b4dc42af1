/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest memory: slots, G-stage tables, faults, dirty log, VMIDs and fences.
 *
 * This directory knows neither vCPUs nor SBI. Everything hangs off one struct rvhv_mem, embedded in
 * the VM object.
 */
#ifndef _RVHV_GUEST_MEM_H
#define _RVHV_GUEST_MEM_H

#include <linux/cpumask.h>
#include <linux/interval_tree.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/xarray.h>

#include "../rvhv_types.h"
#include "translation.h"

/* Flags of a slot. The values are KVM's (KVM_MEM_*); uapi/ asserts that. */
#define RVHV_SLOT_LOG_DIRTY	BIT(0)
#define RVHV_SLOT_READONLY	BIT(1)

/**
 * struct rvhv_slot - one memory slot: guest frames backed by user memory
 * @base_gfn: first guest frame number
 * @npages: number of 4 KiB pages
 * @hva: user address of the first page
 * @flags: RVHV_SLOT_*
 * @id: the VMM's number of the slot
 * @dirty: one bit a page, or NULL when dirty logging is off
 * @hva_node: node in rvhv_mem.hva_tree
 *
 * Immutable while published, except @dirty's bits; replaced as a whole under SRCU.
 */
struct rvhv_slot {
	u64 base_gfn;
	u64 npages;
	unsigned long hva;
	u32 flags;
	u16 id;
	unsigned long *dirty;
	struct interval_tree_node hva_node;
};

/**
 * struct rvhv_slots - the published set of slots, sorted by @base_gfn
 * @nr: number of slots
 * @capacity: room for slots; those from @nr on are NULL
 * @slot: the slots
 *
 * Replaced as a whole under SRCU, but for a slot above all others, which may be put into a free
 * place while readers search.
 */
struct rvhv_slots {
	unsigned int nr;
	unsigned int capacity;
	struct rvhv_slot *slot[];
};

/**
 * struct rvhv_mem_stats - counters of a VM's memory, all monotonic
 * @remote_tlb_flush: flushes that reached other CPUs
 * @remote_tlb_flush_requests: flushes asked for
 */
struct rvhv_mem_stats {
	u64 remote_tlb_flush;
	u64 remote_tlb_flush_requests;
};

struct rvhv_mem;

struct rvhv_mem_mirror;

/**
 * struct rvhv_mem_mirror_ops - keep tables that copy frames of the G-stage table in step with it
 * @apply: apply @op to every leaf of the mirror that translates to [@start, @end), whether or not
 *	the G-stage table maps it. Returns @end, or an address to continue from once its own bound
 *	of work is reached; that is @start only if it removed leaves. Sets @c->young as @op does and
 *	leaves the rest of @c alone. Ageing always returns @end: unvisited leaves are reported young
 * @finish: flush the TLBs and free tables after calls of @apply, before pages return to the host.
 *	May come late after ageing
 *
 * Context: mem->mmu_lock is held, interrupts on; must not sleep.
 */
struct rvhv_mem_mirror_ops {
	u64 (*apply)(struct rvhv_mem_mirror *mirror, rvhv_gstage_op op, u64 start, u64 end,
		     struct rvhv_gstage_change *c);
	void (*finish)(struct rvhv_mem_mirror *mirror);
};

/**
 * struct rvhv_mem_mirror - a mirror of the G-stage table, embedded in its owner
 * @ops: operations
 */
struct rvhv_mem_mirror {
	const struct rvhv_mem_mirror_ops *ops;
};

/**
 * struct rvhv_mem - the memory of one VM
 * @mm: the address space of the process that made the VM; mm_count is held
 * @slots_lock: serialises changes of slots and dirty logging
 * @srcu: guards @slots and the slots' memory
 * @slots: published slots
 * @slot_hint: index at which the last look-up succeeded; any value is valid
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

/* ---- host.c: what the host can do, found once at load (riscv) ---- */

/**
 * struct rvhv_mem_host - what the host's G-stage can do
 * @mode: HGATP_MODE_* of the largest mode
 * @levels: levels of that mode
 * @gpa_bits: width of a guest physical address
 * @vmid_bits: implemented VMID bits, after the module parameter
 * @svpbmt: page-based memory types exist
 * @svinval: fine-grained invalidation exists
 */
struct rvhv_mem_host {
	unsigned long mode;
	unsigned int levels;
	unsigned int gpa_bits;
	unsigned int vmid_bits;
	bool svpbmt;
	bool svinval;
};

extern struct rvhv_mem_host rvhv_mem_host;

/* Probe the host; at module load, before any VM. 0 or -ENODEV. */
int rvhv_mem_host_init(void);

/* ---- mem.c: life cycle ---- */

/* Prepare @mem for current's address space; may sleep. 0 or -ENOMEM, -EINTR. */
int rvhv_mem_init(struct rvhv_mem *mem);
/* Undo rvhv_mem_init; no vCPU may exist any more; may sleep. */
void rvhv_mem_destroy(struct rvhv_mem *mem);

/* ---- slots.c (pure) ---- */

/**
 * struct rvhv_region - a request to create, move, change or delete a slot
 * @slot: id; the upper 16 bits must be zero (address spaces)
 * @flags: RVHV_SLOT_*
 * @gpa: guest physical address
 * @size: bytes; 0 deletes
 * @hva: user address
 */
struct rvhv_region {
	u32 slot;
	u32 flags;
	u64 gpa;
	u64 size;
	u64 hva;
};

/* The rules and errno of KVM_SET_USER_MEMORY_REGION; takes slots_lock, sleeps. */
int rvhv_mem_set_region(struct rvhv_mem *mem, const struct rvhv_region *region);
/* Find the slot of @gfn, or NULL. Caller holds mem->srcu or slots_lock. */
struct rvhv_slot *rvhv_slot_find(struct rvhv_mem *mem, u64 gfn);
struct rvhv_slot *rvhv_slots_search(const struct rvhv_slots *slots, u64 gfn);
/* Find a slot by the VMM's id, or NULL. Caller holds slots_lock. */
struct rvhv_slot *rvhv_slot_by_id(struct rvhv_mem *mem, unsigned int id);

/* ---- dirty.c ---- */

/* KVM_GET_DIRTY_LOG and KVM_CLEAR_DIRTY_LOG; take slots_lock, sleep; KVM's errno. */
int rvhv_mem_get_dirty_log(struct rvhv_mem *mem, u32 slot, void __user *bitmap);
int rvhv_mem_clear_dirty_log(struct rvhv_mem *mem, u32 slot, u64 first_page, u32 num_pages,
			     const void __user *bitmap);
/* Mark @gfn of @slot dirty if it is logged; any context. */
void rvhv_slot_mark_dirty(const struct rvhv_slot *slot, u64 gfn);

/* ---- gstage_pt.c (pure) ---- see guest_mem/gstage_pt.h */

/* ---- fault.c (riscv) ---- */

/**
 * enum rvhv_fault_result - what became of a guest page fault
 * @RVHV_FAULT_MAPPED: the access may be retried; it may fault again
 * @RVHV_FAULT_MMIO: no slot, or a store to a read-only one
 * @RVHV_FAULT_FAILED: rvhv_fault.error says why
 */
enum rvhv_fault_result {
	RVHV_FAULT_MAPPED,
	RVHV_FAULT_MMIO,
	RVHV_FAULT_FAILED,
};

/**
 * struct rvhv_fault - a guest page fault
 * @gpa: guest physical address
 * @write: the access is a store
 * @error: set with RVHV_FAULT_FAILED: -EFAULT (no host memory behind the slot), -ENOMEM, or -EINTR
 *	(a fatal signal is pending, or SIGBUS for a poisoned page)
 */
struct rvhv_fault {
	u64 gpa;
	bool write;
	int error;
};

enum rvhv_fault_result rvhv_mem_fault(struct rvhv_mem *mem, struct rvhv_pt_cache *cache,
				      struct rvhv_fault *fault);

/**
 * struct rvhv_host_leaf - the host's memory behind a guest physical address
 * @gpa: the address, page-aligned
 * @pfn: the host's frame of that page
 * @pbmt: page-based memory type, in its place in a PTE
 * @level: level of the largest leaf that may hold @gpa, 0 to RVHV_GSTAGE_MAX_LEAF: one slot and one
 *	leaf of the host cover it, and both are aligned to it
 * @write: stores are allowed
 */
struct rvhv_host_leaf {
	u64 gpa;
	u64 pfn;
	u64 pbmt;
	unsigned int level;
	bool write;
};

/**
 * enum rvhv_install_result - results of rvhv_mem_install_fn
 * @RVHV_INSTALL_DONE: the leaf is mapped, or the access is to be retried without it
 * @RVHV_INSTALL_RETRY: read the host's table again
 * @RVHV_INSTALL_FAILED: the table cannot hold the leaf
 */
enum rvhv_install_result {
	RVHV_INSTALL_DONE,
	RVHV_INSTALL_RETRY,
	RVHV_INSTALL_FAILED,
};

/* Maps @leaf, or a smaller one within it. Context: mem->mmu_lock is held; must not sleep. */
typedef enum rvhv_install_result (*rvhv_mem_install_fn)(struct rvhv_mem *mem,
							const struct rvhv_host_leaf *leaf,
							void *arg);

enum rvhv_fault_result rvhv_mem_translate(struct rvhv_mem *mem, struct rvhv_pt_cache *cache,
					  struct rvhv_fault *fault, rvhv_mem_install_fn install,
					  void *arg);

/* ---- tlb.c (riscv) ---- */

/* hfence.gvma on this CPU; any context. */
void rvhv_hfence_gvma_all_local(void);
void rvhv_hfence_gvma_vmid_local(unsigned long vmid);
void rvhv_hfence_gvma_range_local(unsigned long vmid, u64 gpa, u64 npages);
/*
 * hfence.vvma on this CPU for @vmid: everything, one ASID, a range, a range of one ASID. hgatp
 * may hold anything; it is put back. Interrupts off. A range over RVHV_FENCE_MAX_PAGES pages or
 * one that wraps becomes "everything" (of the ASID).
 */
#define RVHV_FENCE_MAX_PAGES	64
void rvhv_hfence_vvma_all_local(unsigned long vmid);
void rvhv_hfence_vvma_asid_local(unsigned long vmid, unsigned long asid);
void rvhv_hfence_vvma_range_local(unsigned long vmid, unsigned long gva, unsigned long size);
void rvhv_hfence_vvma_asid_range_local(unsigned long vmid, unsigned long asid, unsigned long gva,
				       unsigned long size);

/* ---- access.c: the only way to a guest's bytes ---- */

/*
 * Copy through the slots, guest physical addresses, any length and crossing of slots; may sleep;
 * take mem->srcu. 0, or -EFAULT (and nothing said about how much was copied).
 */
/* Is all of [gpa, gpa + len) in slots (in writable ones)? Takes mem->srcu; any context. */
bool rvhv_mem_has(struct rvhv_mem *mem, u64 gpa, u64 len, bool write);
int rvhv_read_guest_u64(struct rvhv_mem *mem, u64 *val, u64 gpa);
int rvhv_copy_from_guest(struct rvhv_mem *mem, void *dst, u64 gpa, size_t len);
int rvhv_copy_to_guest(struct rvhv_mem *mem, u64 gpa, const void *src, size_t len);
/*
 * Copy by HLV/HSV with VS-stage translation off on the CPU on which the guest is loaded; interrupts
 * off, never sleep, never fault the host. Return the bytes copied. @hstatus is the guest's hstatus.
 */
size_t rvhv_copy_from_guest_atomic(unsigned long hstatus, void *dst, u64 gpa, size_t len);
size_t rvhv_copy_to_guest_atomic(unsigned long hstatus, u64 gpa, const void *src, size_t len);
/*
 * Read one instruction, or read or write bytes, at a guest virtual address of the loaded guest,
 * with the privilege in SPVP of @hstatus; interrupts off. false, or fewer bytes, if @trap was
 * filled instead: one with a cause of 20, 21 or 23 and a slot behind htval is for rvhv_mem_fault(),
 * the others are the guest's.
 */
bool rvhv_fetch_guest_insn(unsigned long hstatus, unsigned long gva, u32 *insn,
			   struct rvhv_trap *trap);
size_t rvhv_load_guest_virt(unsigned long hstatus, void *dst, unsigned long gva, size_t len,
			    struct rvhv_trap *trap);
size_t rvhv_store_guest_virt(unsigned long hstatus, unsigned long gva, const void *src, size_t len,
			     struct rvhv_trap *trap);

/* Instructions of rvhv_guest_hlsv(); access_asm.S knows the order */
enum rvhv_hlsv {
	RVHV_HLV_BU, RVHV_HLV_HU, RVHV_HLV_WU, RVHV_HLV_D,
	RVHV_HLVX_HU, RVHV_HLVX_WU,
	RVHV_HSV_B, RVHV_HSV_H, RVHV_HSV_W, RVHV_HSV_D,
};

bool rvhv_guest_hlsv(unsigned long hstatus, unsigned long gva, u64 *val, enum rvhv_hlsv op,
		     unsigned long sstatus, struct rvhv_trap *trap);

#endif /* _RVHV_GUEST_MEM_H */
