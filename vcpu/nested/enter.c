// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the L1 to its L2 and back: the hart's VS CSRs, and what the L1's H CSRs mean for those of
 * the host.
 *
 * An interrupt that the L1 has not delegated stays out of the hart's hvip and hie and is evaluated
 * in software (irq.c), so that no interrupt of the L2 reaches the host's own level. While the L2
 * runs, hideleg is the L1's, for what the L2 sees in sip and sie.
 */
#include <asm/timex.h>

#include "../../guest_mem/atp.h"
#include "../../trace.h"
#include "../fp.h"
#include "../load.h"
#include "../vector.h"
#include "csr_table.h"
#include "internal.h"

static void save_l1(struct rvhv_vcpu *vcpu)
{
	struct rvhv_nested *n = vcpu->nested;

	rvhv_vs_bank_save(&n->l1.vs);
	n->l1.vs.vsatp = rvhv_vcpu_close_atp(vcpu);
	n->l1.vsie = csr_read(CSR_VSIE);
	n->l1.hvip = csr_read(CSR_HVIP);
}

/* rvhv_vcpu_tlb_ready() writes hgatp and vsatp. */
static void load_l1(struct rvhv_vcpu *vcpu)
{
	const struct rvhv_vcpu_csr *l1 = &vcpu->nested->l1;

	rvhv_vs_bank_load(&l1->vs);
	csr_write(CSR_VSIE, l1->vsie);
	csr_write(CSR_HVIP, l1->hvip);
	rvhv_atp_write_henvcfg(vcpu->cfg.henvcfg);
	vcpu->vsatp = l1->vs.vsatp;
}

static void save_l2(struct rvhv_vcpu *vcpu)
{
	struct rvhv_hs_state *hs = &vcpu->nested->hs;

	rvhv_vs_bank_save(&hs->vs);
	hs->vs.vsatp = rvhv_vcpu_close_atp(vcpu);
	rvhv_hs_set_vsie(hs, csr_read(CSR_VSIE));
	rvhv_hs_set_delegated_hvip(hs, csr_read(CSR_HVIP));
}

/* CBIE is a field: flush (1) or invalidate (3); the host allows flush. */
static unsigned long l2_henvcfg(const struct rvhv_vcpu *vcpu)
{
	unsigned long l1 = vcpu->nested->hs.henvcfg, host = vcpu->cfg.henvcfg;
	unsigned long val = l1 & host & ~(ENVCFG_CBIE << ENVCFG_CBIE_SHIFT);

	if (l1 & host & (ENVCFG_CBIE_FLUSH << ENVCFG_CBIE_SHIFT))
		val |= ENVCFG_CBIE_FLUSH << ENVCFG_CBIE_SHIFT;
	return val;
}

static void load_l2(struct rvhv_vcpu *vcpu)
{
	const struct rvhv_hs_state *hs = &vcpu->nested->hs;

	rvhv_vs_bank_load(&hs->vs);
	csr_write(CSR_VSIE, rvhv_hs_vsie(hs));
	csr_write(CSR_HVIP, hs->hvip & rvhv_hs_delegated(hs));
	rvhv_atp_write_henvcfg(l2_henvcfg(vcpu));
	vcpu->vsatp = hs->vs.vsatp;
}

/*
 * What the hart does to the L2 by itself. Illegal instructions exit: the first use of floating
 * point and vectors loads them.
 */
static void load_l2_cfg(struct rvhv_vcpu *vcpu)
{
	const struct rvhv_hs_state *hs = &vcpu->nested->hs;

	csr_write(CSR_HEDELEG, hs->hedeleg & ~BIT(EXC_INST_ILLEGAL));
	/* Zero where there is no such CSR */
	if (vcpu->cfg.hstateen0)
		csr_write(CSR_HSTATEEN0, vcpu->cfg.hstateen0 & hs->hstateen[0]);
	csr_write(CSR_HCOUNTEREN, RVHV_HCOUNTEREN & hs->hcounteren);
	/* MXR of HS mode also applies to its guests' pages, in both stages. */
	vcpu->sw.sstatus = (vcpu->sw.sstatus & ~SR_MXR) | (vcpu->nested->l1.vs.vsstatus & SR_MXR);
	/* hie needs no change: vsie was written with all interrupts delegated. */
	if (unlikely(hs->hideleg != RVHV_VS_IRQS))
		csr_write(CSR_HIDELEG, hs->hideleg);
}

static void unload_l2_cfg(const struct rvhv_vcpu *vcpu)
{
	csr_write(CSR_HCOUNTEREN, RVHV_HCOUNTEREN);
	if (unlikely(vcpu->nested->hs.hideleg != RVHV_VS_IRQS))
		csr_write(CSR_HIDELEG, RVHV_VS_IRQS);
}

/**
 * rvhv_nested_load - load what a vCPU with H needs beyond its VS CSRs
 * @vcpu: the vCPU, being loaded
 *
 * Context: preemption off.
 * Return: henvcfg for the mode that runs.
 */
unsigned long rvhv_nested_load(struct rvhv_vcpu *vcpu)
{
	if (vcpu->virt) {
		load_l2_cfg(vcpu);
		return l2_henvcfg(vcpu);
	}
	rvhv_vcpu_load_cfg(vcpu);
	rvhv_nested_hstatus_changed(vcpu);
	return vcpu->cfg.henvcfg;
}

/**
 * rvhv_nested_put - undo rvhv_nested_load()
 * @vcpu: the vCPU, being put
 *
 * Context: preemption off; vsie and hvip have been read.
 */
void rvhv_nested_put(struct rvhv_vcpu *vcpu)
{
	if (vcpu->virt)
		unload_l2_cfg(vcpu);
}

/**
 * rvhv_nested_hides - does an L1 that has a unit off keep it from its running L2?
 * @vcpu: the vCPU, with or without H
 * @unit: SR_FS or SR_VS
 *
 * Context: preemption off.
 * Return: true if so.
 */
bool rvhv_nested_hides(const struct rvhv_vcpu *vcpu, unsigned long unit)
{
	return vcpu->virt && !(vcpu->nested->l1.vs.vsstatus & unit);
}

static void hide_units(struct rvhv_vcpu *vcpu)
{
	if (rvhv_nested_hides(vcpu, SR_FS))
		/* KVM_RUN may return before the L1 loads the unit again. */
		rvhv_fp_put(vcpu, true);
	if (rvhv_nested_hides(vcpu, SR_VS))
		rvhv_vector_hide(vcpu);
}

/**
 * rvhv_nested_merge_dirty - let the L1 find dirty what its L2 changed
 * @vcpu: the vCPU, its L2 running; before FP and vectors are saved
 *
 * Context: preemption off.
 */
void rvhv_nested_merge_dirty(struct rvhv_vcpu *vcpu)
{
	unsigned long *vsstatus = &vcpu->nested->l1.vs.vsstatus;

	if ((vcpu->sw.sstatus & SR_FS) == SR_FS_DIRTY && (*vsstatus & SR_FS))
		*vsstatus |= SR_FS_DIRTY;
	if ((vcpu->sw.sstatus & SR_VS) == SR_VS_DIRTY && (*vsstatus & SR_VS))
		*vsstatus |= SR_VS_DIRTY;
}

/*
 * The L1 leaves for its L2, to @pc in @mode, VS or VU; loaded, preemption off. n->shadow is the
 * table of the L1's hgatp.
 */
void rvhv_nested_enter_l2(struct rvhv_vcpu *vcpu, enum rvhv_mode mode, unsigned long pc)
{
	struct rvhv_nested *n = vcpu->nested;

	save_l1(vcpu);
	rvhv_nested_timer_enter_l2(vcpu);
	rvhv_nested_set_virt(vcpu, true);
	load_l2(vcpu);
	load_l2_cfg(vcpu);
	hide_units(vcpu);

	vcpu->sw.hstatus &= ~RVHV_NESTED_HSTATUS_TRAPS;
	vcpu->sw.hstatus |= n->hs.hstatus & RVHV_NESTED_HSTATUS_TRAPS;
	if (mode == RVHV_MODE_VS)
		vcpu->sw.sstatus |= SR_SPP;
	else
		vcpu->sw.sstatus &= ~SR_SPP;
	vcpu->sw.sepc = pc;
	vcpu->stats.nested_enter++;
	trace_rvhv_nested_enter(vcpu, n->hs.hgatp, mode == RVHV_MODE_VU);
}

/* The hart becomes the L1's again. */
static void leave_l2(struct rvhv_vcpu *vcpu)
{
	save_l2(vcpu);
	rvhv_nested_merge_dirty(vcpu);
	rvhv_vector_show(vcpu);
	rvhv_nested_timer_leave_l2(vcpu);
	rvhv_nested_set_virt(vcpu, false);
	vcpu->sw.sstatus &= ~SR_MXR;
	unload_l2_cfg(vcpu);
	load_l1(vcpu);
	rvhv_vcpu_load_cfg(vcpu);
	rvhv_nested_hstatus_changed(vcpu);
}

/* Takes a trap of the running L2 into the L1's HS mode; loaded, preemption off. */
void rvhv_nested_trap_to_l1(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap)
{
	enum rvhv_mode mode = vcpu->sw.sstatus & SR_SPP ? RVHV_MODE_VS : RVHV_MODE_VU;

	trace_rvhv_nested_trap(vcpu, trap, false);
	vcpu->stats.nested_trap_l1++;
	leave_l2(vcpu);
	rvhv_nested_take_trap(vcpu, mode, trap, false);
}

/*
 * Takes a trap from @mode into the HS mode of the running L1; loaded, preemption off. @hlsv: HLV,
 * HLVX or HSV met it.
 */
void rvhv_nested_take_trap(struct rvhv_vcpu *vcpu, enum rvhv_mode mode,
			   const struct rvhv_trap *trap, bool hlsv)
{
	struct rvhv_s_regs regs = {
		.sstatus = csr_read(CSR_VSSTATUS),
		.stvec = csr_read(CSR_VSTVEC),
	};

	vcpu->sw.sepc = rvhv_hs_take_trap(&vcpu->nested->hs, &regs, mode, trap, hlsv);
	vcpu->sw.sstatus |= SR_SPP;
	csr_write(CSR_VSSTATUS, regs.sstatus);
	csr_write(CSR_VSEPC, regs.sepc);
	csr_write(CSR_VSCAUSE, regs.scause);
	csr_write(CSR_VSTVAL, regs.stval);
	rvhv_nested_hstatus_changed(vcpu);
}
