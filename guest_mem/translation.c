// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translation contexts: VMIDs, the CPUs that hold translations, and flushing them.
 *
 * When the VMIDs run out the next generation begins: an IPI makes every CPU leave its guest and
 * drop its G-stage translations, and each context takes a new VMID before its next use. hfence.gvma
 * need not drop VS-stage translations of a VMID's former owner: rvhv_translation_enter_cpu() does.
 *
 * Without VMID bits every context has VMID 0, and a serial number in place of the generation.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include <asm/csr.h>

#include "host.h"
#include "tlb.h"
#include "translation.h"

/* Raw: its users disable preemption on every kernel. */
static DEFINE_RAW_SPINLOCK(vmid_lock);
static u64 vmid_generation = BIT_ULL(RVHV_VMID_SHIFT);
static unsigned int vmid_next = 1;

/* Serial number of the context whose translations the CPU holds; used without VMID bits. */
static DEFINE_PER_CPU(u64, last_serial);

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
	rvhv_gstage_destroy(&t->gstage);
	free_percpu(t->last_vcpu);
	free_cpumask_var(t->cpus);
}

/* ---- VMIDs ---- */

static bool vmid_is_current(u64 vmid)
{
	if (!rvhv_mem_host.vmid_bits)
		return vmid;
	return !((vmid ^ READ_ONCE(vmid_generation)) >> RVHV_VMID_SHIFT);
}

static void drop_all_ipi(void *unused)
{
	rvhv_hfence_gvma_all_local();
}

static u64 take_vmid_locked(void)
{
	lockdep_assert_held(&vmid_lock);
	if (!rvhv_mem_host.vmid_bits) {
		vmid_generation += BIT_ULL(RVHV_VMID_SHIFT);
		return vmid_generation;
	}
	if (vmid_next >> rvhv_mem_host.vmid_bits) {
		WRITE_ONCE(vmid_generation, vmid_generation + BIT_ULL(RVHV_VMID_SHIFT));
		vmid_next = 1;
		on_each_cpu(drop_all_ipi, NULL, 1);
	}
	return vmid_generation | vmid_next++;
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

/**
 * rvhv_translation_module_init - drop what an earlier hypervisor left under the same VMIDs
 *
 * Context: process context, at module load, after rvhv_mem_host_init().
 */
void __init rvhv_translation_module_init(void)
{
	on_each_cpu(drop_all_ipi, NULL, 1);
}

/* ---- CPUs ---- */

static void set_cpu(struct rvhv_translation *t, unsigned int cpu)
{
	cpumask_set_cpu(cpu, t->cpus);
	/* The bit before the hart's first walk; pairs with rvhv_translation_flush_range(). */
	smp_mb();
}

/**
 * rvhv_translation_enter_cpu - prepare the TLB of this CPU for a vCPU that uses the context
 * @t: the context; rvhv_translation_is_current() has just returned true
 * @id: the vCPU's id
 * @moved: the vCPU was on another CPU since it last used the context
 *
 * All vCPUs of a VM share its VMID. Records the CPU, and drops the VS-stage translations that
 * another vCPU left, or this one before it moved.
 *
 * Context: interrupts off until the context has been used.
 */
void rvhv_translation_enter_cpu(struct rvhv_translation *t, unsigned int id, bool moved)
{
	unsigned int cpu = smp_processor_id();
	bool stale = moved;

	if (!cpumask_test_cpu(cpu, t->cpus)) {
		set_cpu(t, cpu);
		/* The VMID's former owner may have left VS-stage translations. */
		stale = true;
	}
	if (!rvhv_mem_host.vmid_bits && __this_cpu_read(last_serial) != t->vmid) {
		__this_cpu_write(last_serial, t->vmid);
		rvhv_hfence_gvma_all_local();
		stale = true;
	}
	if (__this_cpu_read(*t->last_vcpu) != id + 1) {
		__this_cpu_write(*t->last_vcpu, id + 1);
		stale = true;
	}
	if (stale)
		rvhv_hfence_vvma_all_local(t->vmid & RVHV_VMID_MASK);
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
