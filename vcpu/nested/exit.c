// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exits of an L2: rows of the exit table.
 */
#include "../../guest_mem/access.h"
#include "../../guest_mem/fault.h"
#include "../../trace.h"
#include "../fp.h"
#include "../halt.h"
#include "../insn.h"
#include "../irq.h"
#include "../isa.h"
#include "../trap.h"
#include "../vector.h"
#include "csr_table.h"
#include "internal.h"

/* Delivers a trap of the L2 as the L1's delegation says; loaded, preemption off. */
void rvhv_nested_forward(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap)
{
	if (rvhv_hs_trap_level(&vcpu->nested->hs, trap->scause) == RVHV_TRAP_TO_L1) {
		rvhv_nested_trap_to_l1(vcpu, trap);
		return;
	}
	trace_rvhv_nested_trap(vcpu, trap, true);
	vcpu->stats.nested_trap_l2++;
	rvhv_trap_to_vs(vcpu, trap);
}

/**
 * rvhv_nested_redirect - let a guest with H take a trap
 * @vcpu: the vCPU, loaded
 * @trap: the trap of the mode that runs
 *
 * Context: preemption off.
 */
void rvhv_nested_redirect(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap)
{
	if (vcpu->virt)
		rvhv_nested_forward(vcpu, trap);
	else
		rvhv_nested_take_trap(vcpu, rvhv_nested_l1_mode(vcpu), trap, false);
}

static __always_inline enum rvhv_next forward(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap)
{
	rvhv_nested_forward(vcpu, trap);
	return rvhv_vcpu_tlb_ready(vcpu) ? RVHV_RESUME : RVHV_LEAVE;
}

/* Exit row: the L1 or the L2 takes the trap. */
enum rvhv_next rvhv_nested_forward_fast(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap trap;

	rvhv_trap_last(vcpu, &trap);
	return forward(vcpu, &trap);
}

/* Exit row: an illegal instruction, maybe the first one of a unit that the L1 and the L2 have on */
enum rvhv_next rvhv_nested_illegal_fast(struct rvhv_vcpu *vcpu)
{
	unsigned long l1 = vcpu->nested->l1.vs.vsstatus;

	if (((l1 & SR_FS) && rvhv_fp_enable(vcpu)) || ((l1 & SR_VS) && rvhv_vector_enable(vcpu)))
		return RVHV_RESUME;
	return rvhv_nested_forward_fast(vcpu);
}

/* A WFI of the L2 that does not trap to the L1 */
static bool is_own_wfi(const struct rvhv_vcpu *vcpu)
{
	return vcpu->sw.stval == RVHV_INSN_WFI && (vcpu->sw.sstatus & SR_SPP) &&
	       !(vcpu->nested->hs.hstatus & HSTATUS_VTW);
}

/*
 * A CSR that the hart has and the L1 lacks raises an illegal-instruction exception. User-level CSRs
 * are not decided here.
 */
static bool is_csr_that_l1_lacks(const struct rvhv_vcpu *vcpu)
{
	u32 insn = vcpu->sw.stval;

	return rvhv_insn_is_csr(insn) &&
	       !rvhv_hs_csr_of_l1(&vcpu->nested->cfg, rvhv_insn_csr(insn));
}

/* Exit row: a virtual-instruction exception. RVHV_SLOW: a WFI that sleeps. */
enum rvhv_next rvhv_nested_virtual_insn_fast(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap trap;

	if (is_own_wfi(vcpu)) {
		if (!rvhv_irq_pending(vcpu))
			return RVHV_SLOW;
		vcpu->sw.sepc += 4;
		return RVHV_RESUME;
	}
	rvhv_trap_last(vcpu, &trap);
	if (is_csr_that_l1_lacks(vcpu))
		trap.scause = EXC_INST_ILLEGAL;
	return forward(vcpu, &trap);
}

/* Exit row: a WFI that sleeps */
enum rvhv_next rvhv_nested_wfi_slow(struct rvhv_vcpu *vcpu)
{
	vcpu->stats.wfi_exit_stat++;
	vcpu->sw.sepc += 4;
	rvhv_vcpu_halt(vcpu);
	return RVHV_RESUME;
}
