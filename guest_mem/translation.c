// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translation contexts: VMIDs, the CPUs that hold translations, and flushing them.
 *
 * A hart may cache at any time what hgatp and vsatp reach. So a hart that runs no guest is parked:
 * hgatp holds VMID 0, which no context has, and an empty table; vsatp is zero. A hart takes up a
 * context after its bit in t->cpus is set, which makes flushes reach it.
 *
 * When the VMIDs run out the next generation begins: an IPI parks every CPU, which drops its
 * G-stage translations, and each context takes a new VMID before its next use. hfence.gvma need not
 * drop VS-stage translations of a VMID's former owner: rvhv_translation_enter_cpu() does.
 *
 * Without VMID bits every context has VMID 0, and a serial number in place of the generation. Each
 * change of hgatp then drops everything.
 */
#include <linux/bitmap.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include <asm/csr.h>

#include "atp.h"
#include "host.h"
#include "tlb.h"
#include "translation.h"

/* Raw: its users disable preemption on every kernel. */
static DEFINE_RAW_SPINLOCK(vmid_lock);
static u64 vmid_generation = BIT_ULL(RVHV_VMID_SHIFT);
/* VMIDs in use, and where the search for a free one begins. The latter delays their reuse. */
static DECLARE_BITMAP(vmids, BIT(RVHV_MAX_VMID_BITS));
static unsigned int vmid_next = 1;

/**
 * rvhv_translation_init - allocate an empty context of the host's mode
 * @t: zeroed
 *
 * Return: 0 or -ENOMEM.
 */
int rvhv_translation_init(struct rvhv_translation *t)
{
	if (!zalloc_cpumask_var(&t->cpus, GFP_KERNEL_ACCOUNT))
		return -ENOMEM;
	t->last_vcpu = alloc_percpu_gfp(int, GFP_KERNEL_ACCOUNT);
	if (!t->last_vcpu)
		goto err_cpus;
	if (rvhv_gstage_init(&t->gstage, rvhv_mem_host.levels))
		goto err_last_vcpu;
	return 0;

err_last_vcpu:
	free_percpu(t->last_vcpu);
err_cpus:
	free_cpumask_var(t->cpus);
	return -ENOMEM;
}

/* ---- VMIDs ---- */

static bool vmid_is_current(u64 vmid)
{
	if (!rvhv_mem_host.vmid_bits)
		return vmid;
	return !((vmid ^ READ_ONCE(vmid_generation)) >> RVHV_VMID_SHIFT);
}

/* This CPU's hart walks no context's tables afterwards; a vCPU that is loaded keeps its vsatp. */
static void park(void *unused)
{
	unsigned long vsatp = rvhv_atp_close();

	rvhv_atp_write_hgatp(rvhv_mem_host.parked);
	rvhv_hfence_gvma_all_local();
	rvhv_atp_open(vsatp);
}

static void begin_generation_locked(void)
{
	lockdep_assert_held(&vmid_lock);
	WRITE_ONCE(vmid_generation, vmid_generation + BIT_ULL(RVHV_VMID_SHIFT));
	bitmap_zero(vmids, BIT(RVHV_MAX_VMID_BITS));
	vmid_next = 1;
	/* A CPU that resumes from suspend is alone, with interrupts off. */
	if (num_online_cpus() > 1)
		on_each_cpu(park, NULL, 1);
	else
		park(NULL);
}

static u64 take_vmid_locked(void)
{
	unsigned long end = BIT(rvhv_mem_host.vmid_bits), vmid;

	lockdep_assert_held(&vmid_lock);
	if (!rvhv_mem_host.vmid_bits) {
		vmid_generation += BIT_ULL(RVHV_VMID_SHIFT);
		return vmid_generation;
	}
	vmid = find_next_zero_bit(vmids, end, vmid_next);
	if (vmid >= end)
		vmid = find_next_zero_bit(vmids, end, 1);
	if (vmid >= end) {
		begin_generation_locked();
		vmid = 1;
	}
	__set_bit(vmid, vmids);
	vmid_next = vmid + 1;
	return vmid_generation | vmid;
}

static void give_vmid_back(const struct rvhv_translation *t)
{
	raw_spin_lock(&vmid_lock);
	if (rvhv_mem_host.vmid_bits && vmid_is_current(t->vmid))
		__clear_bit(t->vmid & RVHV_VMID_MASK, vmids);
	raw_spin_unlock(&vmid_lock);
}

/**
 * rvhv_translation_is_current - is the VMID of the present generation?
 * @t: the context
 *
 * Context: any. The answer holds while interrupts are off: the next generation begins only after
 * this CPU has answered the IPI.
 * Return: true if it is.
 */
bool rvhv_translation_is_current(const struct rvhv_translation *t)
{
	/* Orders t->hgatp and t->cpus after it; pairs with rvhv_translation_update(). */
	return vmid_is_current(smp_load_acquire(&t->vmid));
}

/**
 * rvhv_translation_update - give the context a VMID of the present generation
 * @t: the context; several vCPUs may call this at once
 *
 * Context: preemption off, interrupts on; may send IPIs and wait for them.
 */
void rvhv_translation_update(struct rvhv_translation *t)
{
	raw_spin_lock(&vmid_lock);
	if (!vmid_is_current(t->vmid)) {
		u64 vmid = take_vmid_locked();

		/* No CPU runs with the old VMID any more. */
		cpumask_clear(t->cpus);
		WRITE_ONCE(t->hgatp, (rvhv_mem_host.mode << HGATP_MODE_SHIFT) |
				     ((vmid & RVHV_VMID_MASK) << HGATP_VMID_SHIFT) |
				     PHYS_PFN(__pa(t->gstage.root)));
		/* After hgatp and the empty mask; pairs with rvhv_translation_is_current(). */
		smp_store_release(&t->vmid, vmid);
	}
	raw_spin_unlock(&vmid_lock);
}

/* ---- CPUs ---- */

/**
 * rvhv_translation_enable_cpu - park this CPU's hart, whose CSRs and TLB may hold anything
 *
 * Begins a generation: VS-stage translations of no VMID are taken for this CPU's.
 *
 * Context: the CPU goes online or resumes.
 */
void rvhv_translation_enable_cpu(void)
{
	unsigned long flags;

	local_irq_save(flags);
	rvhv_atp_close();
	park(NULL);
	local_irq_restore(flags);

	raw_spin_lock(&vmid_lock);
	if (rvhv_mem_host.vmid_bits)
		begin_generation_locked();
	raw_spin_unlock(&vmid_lock);
}

/**
 * rvhv_translation_disable_cpu - undo rvhv_translation_enable_cpu()
 *
 * Context: the CPU goes offline or suspends, or the module is unloaded; preemption off.
 */
void rvhv_translation_disable_cpu(void)
{
	rvhv_atp_close();
	rvhv_atp_write_hgatp(0);
	rvhv_hfence_gvma_all_local();
}

static void set_cpu(struct rvhv_translation *t, unsigned int cpu)
{
	cpumask_set_cpu(cpu, t->cpus);
	/* The bit before the hart's first walk; pairs with rvhv_translation_flush_range(). */
	smp_mb();
}

/**
 * rvhv_translation_enter_cpu - let this CPU's hart use the context
 * @t: the context; rvhv_translation_is_current() has just returned true
 * @id: the id of the vCPU that uses it
 * @stale: this CPU may hold outdated VS-stage translations of that vCPU
 *
 * Writes hgatp. All vCPUs of a VM share its VMID: drops the VS-stage translations that another vCPU
 * or the VMID's former owner left.
 *
 * Context: interrupts off until the context has been used; vsatp is zero, and the caller then
 * writes it.
 */
void rvhv_translation_enter_cpu(struct rvhv_translation *t, unsigned int id, bool stale)
{
	unsigned int cpu = smp_processor_id();
	bool new = !cpumask_test_cpu(cpu, t->cpus);

	if (new)
		set_cpu(t, cpu);
	rvhv_atp_write_hgatp(t->hgatp);
	if (!rvhv_mem_host.vmid_bits)
		rvhv_hfence_gvma_all_local();
	else if (new)
		rvhv_hfence_gvma_vmid_local(t->vmid & RVHV_VMID_MASK);
	if (__this_cpu_read(*t->last_vcpu) != id + 1) {
		__this_cpu_write(*t->last_vcpu, id + 1);
		stale = true;
	}
	if (stale || new || !rvhv_mem_host.vmid_bits)
		rvhv_hfence_vvma_all_local();
}

struct flush_request {
	const struct rvhv_translation *t;
	u64 gpa;
	u64 npages;
};

static void flush_ipi(void *info)
{
	const struct flush_request *req = info;

	/* If the VMID is changing, this CPU sees the newest one that it has used. */
	rvhv_hfence_gvma_range_local(READ_ONCE(req->t->vmid) & RVHV_VMID_MASK, req->gpa,
				     req->npages);
}

/**
 * rvhv_translation_flush_range - drop the G-stage translations of a range on every CPU
 * @t: the context, its table already changed
 * @gpa: address that the table translates
 * @size: bytes
 *
 * Context: interrupts on; a spinlock may be held. Waits for the other CPUs.
 * Return: true if a CPU may have held some.
 */
bool rvhv_translation_flush_range(const struct rvhv_translation *t, u64 gpa, u64 size)
{
	struct flush_request req = {
		.t = t,
		.gpa = ALIGN_DOWN(gpa, PAGE_SIZE),
		.npages = size >> PAGE_SHIFT,
	};

	if (!PAGE_ALIGNED(gpa | size))
		req.npages += 2;
	/* The change of the table before the read of the mask; pairs with set_cpu(). */
	smp_mb();
	if (cpumask_empty(t->cpus))
		return false;
	on_each_cpu_mask(t->cpus, flush_ipi, &req, true);
	return true;
}

/**
 * rvhv_translation_destroy - undo rvhv_translation_init()
 * @t: the context; no vCPU uses it any more
 *
 * Context: may sleep; waits for other CPUs.
 */
void rvhv_translation_destroy(struct rvhv_translation *t)
{
	/* Walk caches may still point into the table. */
	rvhv_translation_flush_range(t, 0, U64_MAX);
	give_vmid_back(t);
	rvhv_gstage_destroy(&t->gstage);
	free_percpu(t->last_vcpu);
	free_cpumask_var(t->cpus);
}
