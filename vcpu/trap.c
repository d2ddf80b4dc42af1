// SPDX-License-Identifier: GPL-2.0-only
/* Injects traps, and reads the instruction that trapped. */
#include "../guest_mem/access.h"
#include "nested/nested.h"
#include "trap.h"

/* Fills @trap with the trap of the last exit. */
void rvhv_trap_last(const struct rvhv_vcpu *vcpu, struct rvhv_trap *trap)
{
	bool guest_fault = rvhv_is_guest_page_fault(vcpu->sw.scause);

	trap->sepc = vcpu->sw.sepc;
	trap->scause = vcpu->sw.scause;
	trap->stval = vcpu->sw.stval;
	trap->htval = guest_fault ? vcpu->sw.htval : 0;
	trap->htinst = guest_fault ? vcpu->sw.htinst : 0;
}

/*
 * Lets VS mode take an exception, as if the hart had delegated it; loaded, preemption off.
 * Privileged specification, "Supervisor Status Register". The mode of stvec is for interrupts.
 */
void rvhv_trap_to_vs(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap)
{
	unsigned long old = csr_read(CSR_VSSTATUS);
	unsigned long new = old & ~(SR_SPP | SR_SPIE | SR_SIE);

	new |= vcpu->sw.sstatus & SR_SPP;
	if (old & SR_SIE)
		new |= SR_SPIE;
	csr_write(CSR_VSSTATUS, new);
	csr_write(CSR_VSCAUSE, trap->scause);
	csr_write(CSR_VSTVAL, trap->stval);
	csr_write(CSR_VSEPC, trap->sepc);

	vcpu->sw.sepc = csr_read(CSR_VSTVEC) & ~3UL;
	vcpu->sw.sstatus |= SR_SPP;
}

/* Lets the mode that runs take a trap; loaded, preemption off. */
void rvhv_trap_redirect(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap)
{
	if (likely(!vcpu->nested))
		rvhv_trap_to_vs(vcpu, trap);
	else
		rvhv_nested_redirect(vcpu, trap);
}

/* rvhv_trap_redirect() with preemption on */
void rvhv_trap_redirect_slow(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap)
{
	preempt_disable();
	rvhv_trap_redirect(vcpu, trap);
	preempt_enable();
}

/* hstatus for HLV, HLVX and HSV with the guest's present privilege */
unsigned long rvhv_unpriv_hstatus(const struct rvhv_vcpu *vcpu)
{
	unsigned long hstatus = vcpu->sw.hstatus & ~HSTATUS_SPVP;

	return vcpu->sw.sstatus & SR_SPP ? hstatus | HSTATUS_SPVP : hstatus;
}

/*
 * Reads the instruction at the guest's pc: 16 or 32 bits. Returns false with @trap filled if that
 * faults; callers let the guest retry after an instruction guest-page fault. In the vCPU's thread
 * while its preemption notifier is registered, interrupts on.
 */
bool rvhv_fetch_insn(struct rvhv_vcpu *vcpu, u32 *insn, struct rvhv_trap *trap)
{
	unsigned int tries;
	bool ok;

	/* Bounded: other harts of the guest may post fences all the time. */
	for (tries = 0; tries < 2; tries++) {
		local_irq_disable();
		if (rvhv_vcpu_begin_access(vcpu)) {
			ok = rvhv_fetch_guest_insn(rvhv_unpriv_hstatus(vcpu), vcpu->sw.sepc, insn,
						   trap);
			rvhv_vcpu_end_access(vcpu);
			local_irq_enable();
			return ok;
		}
		local_irq_enable();
		rvhv_vcpu_prepare_access(vcpu, vcpu->stage);
	}
	*trap = (struct rvhv_trap) { .scause = EXC_INST_GUEST_PAGE_FAULT };
	return false;
}
