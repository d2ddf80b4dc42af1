// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMIDs, in generations.
 *
 * A VMID is given to a VM for one generation. When they run out the next generation begins: every
 * CPU leaves its guest by the IPI and drops its G-stage translations, and each VM takes a new VMID
 * on its next entry. What a VMID's earlier owner left in the VS-stage caches, which hfence.gvma
 * need not drop, goes at the first entry on each CPU (rvhv_mem_enter_cpu()).
 *
 * Without VMID bits every VM has VMID 0 and a serial number in the generation's place.
 */
#include <linux/mm.h>
#include <linux/smp.h>

#include <asm/csr.h>

#include "internal.h"

/* Not a sleeping lock on any kernel: callers have preemption off. */
static DEFINE_RAW_SPINLOCK(vmid_lock);
static u64 vmid_generation = BIT_ULL(RVHV_VMID_SHIFT);
static unsigned int vmid_next = 1;

static bool vmid_is_current(u64 vmid)
{
	if (!rvhv_mem_host.vmid_bits)
		return vmid;
	return !((vmid ^ READ_ONCE(vmid_generation)) >> RVHV_VMID_SHIFT);
}

/**
 * rvhv_vmid_current - is a VMID of the present generation?
 * @mem: the VM's memory
 *
 * Context: any. With interrupts off the answer holds until they are on again: the next generation
 * begins only after this CPU has answered.
 * Return: true if it is.
 */
bool rvhv_vmid_current(const struct rvhv_mem *mem)
{
	/* Orders mem->hgatp and mem->cpus after it; pairs with rvhv_vmid_update(). */
	return vmid_is_current(smp_load_acquire(&mem->vmid));
}

static void flush_ipi(void *unused)
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
		on_each_cpu(flush_ipi, NULL, 1);
	}
	return vmid_generation | vmid_next++;
}

/**
 * rvhv_vmid_alloc - take a VMID that no VM has, for a table beside a VM's own
 *
 * Context: preemption off, interrupts on; may send IPIs and wait.
 * Return: (generation << 16) | vmid.
 */
u64 rvhv_vmid_alloc(void)
{
	u64 vmid;

	raw_spin_lock(&vmid_lock);
	vmid = take_vmid_locked();
	raw_spin_unlock(&vmid_lock);
	return vmid;
}

/**
 * rvhv_vmid_is_current - rvhv_vmid_current() for a VMID from rvhv_vmid_alloc()
 * @vmid: (generation << 16) | vmid, or 0
 *
 * Context: as rvhv_vmid_current().
 * Return: true if it is of the present generation.
 */
bool rvhv_vmid_is_current(u64 vmid)
{
	return vmid_is_current(vmid);
}

/**
 * rvhv_hgatp - value of the hgatp CSR for a table
 * @gstage: the table, of the host's mode
 * @vmid: (generation << 16) | vmid
 *
 * Context: any.
 * Return: the value.
 */
unsigned long rvhv_hgatp(const struct rvhv_gstage *gstage, u64 vmid)
{
	return (rvhv_mem_host.mode << HGATP_MODE_SHIFT) |
	       ((vmid & RVHV_VMID_MASK) << HGATP_VMID_SHIFT) |
	       PHYS_PFN(__pa(gstage->root));
}

/**
 * rvhv_vmid_update - give a VM a VMID of the present generation
 * @mem: the VM's memory
 *
 * Several vCPUs of the VM may call this at once. By the time the lock is taken no CPU runs the VM
 * with its old VMID, so the set of CPUs can be emptied.
 *
 * Context: preemption off, interrupts on; may send IPIs and wait.
 */
void rvhv_vmid_update(struct rvhv_mem *mem)
{
	raw_spin_lock(&vmid_lock);
	if (!vmid_is_current(mem->vmid)) {
		u64 vmid = take_vmid_locked();

		cpumask_clear(mem->cpus);
		WRITE_ONCE(mem->hgatp, rvhv_hgatp(&mem->gstage, vmid));
		/* After hgatp and the empty mask; pairs with rvhv_vmid_current(). */
		smp_store_release(&mem->vmid, vmid);
	}
	raw_spin_unlock(&vmid_lock);
}

/**
 * rvhv_vmid_init - start handing out VMIDs
 *
 * Drops what an earlier hypervisor may have left under the same VMIDs.
 *
 * Context: process context, at module load, after rvhv_mem_host_init().
 * Return: 0.
 */
int rvhv_vmid_init(void)
{
	on_each_cpu(flush_ipi, NULL, 1);
	return 0;
}
