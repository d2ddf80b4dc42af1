// SPDX-License-Identifier: GPL-2.0-only
/*
 * Vector registers.
 *
 * The kernel uses the vector unit in softirqs and in large copies from user memory. So a guest's
 * registers are in the hart only while interrupts are off around the guest, from its first vector
 * instruction on. A guest that never uses the unit costs nothing.
 */
#include <linux/slab.h>
#include <asm/vector.h>

#include "isa.h"
#include "nested/nested.h"
#include "vector.h"

/* Allocates the guest's vector registers. Returns 0 or -ENOMEM. */
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

/* Before the inner loop, interrupts off: puts the guest's registers into the hart. */
void rvhv_vector_load(struct rvhv_vcpu *vcpu)
{
	if (!vcpu->v_used)
		return;
	__riscv_v_vstate_restore(&vcpu->v, vcpu->v.datap);
	vcpu->sw.sstatus = (vcpu->sw.sstatus & ~SR_VS) | SR_VS_CLEAN;
	if (rvhv_nested_hides(vcpu, SR_VS))
		vcpu->sw.sstatus &= ~SR_VS;
}

static void save(struct rvhv_vcpu *vcpu)
{
	if ((vcpu->sw.sstatus & SR_VS) != SR_VS_DIRTY)
		return;
	__riscv_v_vstate_save(&vcpu->v, vcpu->v.datap);
	vcpu->sw.sstatus = (vcpu->sw.sstatus & ~SR_VS) | SR_VS_CLEAN;
}

/* Keeps the unit from an L2 whose L1 has it off; preemption off. */
void rvhv_vector_hide(struct rvhv_vcpu *vcpu)
{
	if (!vcpu->v_used)
		return;
	save(vcpu);
	vcpu->sw.sstatus &= ~SR_VS;
}

/* Undoes rvhv_vector_hide(). */
void rvhv_vector_show(struct rvhv_vcpu *vcpu)
{
	if (vcpu->v_used && !(vcpu->sw.sstatus & SR_VS))
		vcpu->sw.sstatus |= SR_VS_CLEAN;
}

/* After the inner loop, interrupts off: saves what the guest changed and clears the hart's. */
void rvhv_vector_put(struct rvhv_vcpu *vcpu)
{
	if (!vcpu->v_used)
		return;
	save(vcpu);
	__riscv_v_vstate_discard();
}

/* Loads the unit if the illegal instruction may need it: it is retried. In the inner loop. */
bool rvhv_vector_enable(struct rvhv_vcpu *vcpu)
{
	if (vcpu->v_used || !rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_v) ||
	    !(csr_read(CSR_VSSTATUS) & SR_VS))
		return false;
	vcpu->v_used = true;
	rvhv_vector_load(vcpu);
	return true;
}
