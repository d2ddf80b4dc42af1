// SPDX-License-Identifier: GPL-2.0-only
/*
 * Vector registers.
 *
 * The kernel itself may use the vector unit in any softirq and in a large copy from user memory,
 * and knows nothing of a guest's registers. So they are in the hart only while interrupts are off
 * around the guest, from its first vector instruction on; a guest that never touches the unit costs
 * nothing.
 */
#include <linux/slab.h>
#include <asm/vector.h>

#include "isa.h"
#include "nested/nested.h"
#include "vector.h"

/**
 * rvhv_vector_create - allocate room for the guest's vector registers
 * @vcpu: the vCPU
 *
 * Return: 0 or -ENOMEM.
 */
int rvhv_vector_create(struct rvhv_vcpu *vcpu)
{
	if (!rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_v))
		return 0;
	vcpu->v.datap = kzalloc(riscv_v_vsize, GFP_KERNEL_ACCOUNT);
	if (!vcpu->v.datap)
		return -ENOMEM;
	vcpu->v.vlenb = riscv_v_vsize / 32;
	return 0;
}

void rvhv_vector_destroy(struct rvhv_vcpu *vcpu)
{
	kfree(vcpu->v.datap);
}

/**
 * rvhv_vector_load - before the inner loop: the guest's registers into the hart
 * @vcpu: the vCPU
 *
 * Context: interrupts off.
 */
void rvhv_vector_load(struct rvhv_vcpu *vcpu)
{
	if (!vcpu->v_used)
		return;
	__riscv_v_vstate_restore(&vcpu->v, vcpu->v.datap);
	vcpu->sw.sstatus = (vcpu->sw.sstatus & ~SR_VS) | SR_VS_CLEAN;
	if (rvhv_nested_hides(vcpu, SR_VS))
		vcpu->sw.sstatus &= ~SR_VS;
}

/* Only inside the inner loop are they dirty: outside it the hart has nothing of the guest's */
static void save(struct rvhv_vcpu *vcpu)
{
	if ((vcpu->sw.sstatus & SR_VS) != SR_VS_DIRTY)
		return;
	__riscv_v_vstate_save(&vcpu->v, vcpu->v.datap);
	vcpu->sw.sstatus = (vcpu->sw.sstatus & ~SR_VS) | SR_VS_CLEAN;
}

/**
 * rvhv_vector_hide - an L2 is about to run whose L1 has the unit off
 * @vcpu: the vCPU
 *
 * Context: preemption off.
 */
void rvhv_vector_hide(struct rvhv_vcpu *vcpu)
{
	if (!vcpu->v_used)
		return;
	save(vcpu);
	vcpu->sw.sstatus &= ~SR_VS;
}

/**
 * rvhv_vector_show - undo rvhv_vector_hide()
 * @vcpu: the vCPU
 *
 * Context: preemption off.
 */
void rvhv_vector_show(struct rvhv_vcpu *vcpu)
{
	if (vcpu->v_used && !(vcpu->sw.sstatus & SR_VS))
		vcpu->sw.sstatus |= SR_VS_CLEAN;
}

/**
 * rvhv_vector_put - after the inner loop: save what the guest changed, leave nothing of it behind
 * @vcpu: the vCPU
 *
 * Context: interrupts off.
 */
void rvhv_vector_put(struct rvhv_vcpu *vcpu)
{
	if (!vcpu->v_used)
		return;
	save(vcpu);
	__riscv_v_vstate_discard();
}

/**
 * rvhv_vector_enable - was the illegal instruction the guest's first vector instruction?
 * @vcpu: the vCPU, loaded, in the inner loop
 *
 * Context: interrupts off.
 * Return: true if the guest should try again.
 */
bool rvhv_vector_enable(struct rvhv_vcpu *vcpu)
{
	if (vcpu->v_used || !rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_v) ||
	    !(csr_read(CSR_VSSTATUS) & SR_VS))
		return false;
	vcpu->v_used = true;
	rvhv_vector_load(vcpu);
	return true;
}
