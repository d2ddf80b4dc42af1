// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the L1 to its L2 and back: the hart's VS CSRs, and what the H extension's CSRs of the L1
 * mean for those of the host.
 *
 * An interrupt that the L1 has not delegated is kept out of the hart's hvip and hie and evaluated
 * in software, so that nothing of the L2's ever comes to the host's own level. hideleg is the L1's
 * while the L2 runs, for what the L2 sees in sip and sie, and otherwise as it is for every guest.
 */
#include <asm/timex.h>

#include "../../trace.h"
#include "../internal.h"
#include "csr_table.h"
#include "nested.h"
#include "shadow.h"

#define VS_IRQS		(BIT(IRQ_VS_SOFT) | BIT(IRQ_VS_TIMER) | BIT(IRQ_VS_EXT))

/* ---- the two sets of VS CSRs ---- */

static void save_l1(struct rvhv_nested *n)
{
	struct rvhv_vcpu_csr *l1 = &n->l1;

	l1->vsstatus = csr_read(CSR_VSSTATUS);
	l1->vsie = csr_read(CSR_VSIE);
	l1->vstvec = csr_read(CSR_VSTVEC);
	l1->vsscratch = csr_read(CSR_VSSCRATCH);
	l1->vsepc = csr_read(CSR_VSEPC);
	l1->vscause = csr_read(CSR_VSCAUSE);
	l1->vstval = csr_read(CSR_VSTVAL);
	l1->vsatp = csr_read(CSR_VSATP);
	l1->hvip = csr_read(CSR_HVIP);
}

static void load_l1(const struct rvhv_nested *n)
{
	const struct rvhv_vcpu_csr *l1 = &n->l1;

	csr_write(CSR_VSSTATUS, l1->vsstatus);
	csr_write(CSR_VSIE, l1->vsie);
	csr_write(CSR_VSTVEC, l1->vstvec);
	csr_write(CSR_VSSCRATCH, l1->vsscratch);
	csr_write(CSR_VSEPC, l1->vsepc);
	csr_write(CSR_VSCAUSE, l1->vscause);
	csr_write(CSR_VSTVAL, l1->vstval);
	csr_write(CSR_VSATP, l1->vsatp);
	csr_write(CSR_HVIP, l1->hvip);
}

static void save_l2(struct rvhv_nested *n)
{
	struct rvhv_hs_state *hs = &n->hs;
	unsigned long delegated = hs->hideleg & VS_IRQS;

	hs->vsstatus = csr_read(CSR_VSSTATUS);
	hs->hie = (hs->hie & ~delegated) | ((csr_read(CSR_VSIE) << 1) & delegated);
	hs->vstvec = csr_read(CSR_VSTVEC);
	hs->vsscratch = csr_read(CSR_VSSCRATCH);
	/* A hart may keep what cannot be an address */
	hs->vsepc = csr_read(CSR_VSEPC) & ~1UL;
	hs->vscause = csr_read(CSR_VSCAUSE);
	hs->vstval = csr_read(CSR_VSTVAL);
	hs->vsatp = csr_read(CSR_VSATP);
	/* The L2 clears its software interrupt by itself */
	hs->hvip = (hs->hvip & ~delegated) | (csr_read(CSR_HVIP) & delegated);
}

static void load_l2(const struct rvhv_nested *n)
{
	const struct rvhv_hs_state *hs = &n->hs;
	unsigned long delegated = hs->hideleg & VS_IRQS;

	csr_write(CSR_VSSTATUS, hs->vsstatus);
	csr_write(CSR_VSIE, (hs->hie & delegated) >> 1);
	csr_write(CSR_VSTVEC, hs->vstvec);
	csr_write(CSR_VSSCRATCH, hs->vsscratch);
	csr_write(CSR_VSEPC, hs->vsepc);
	csr_write(CSR_VSCAUSE, hs->vscause);
	csr_write(CSR_VSTVAL, hs->vstval);
	csr_write(CSR_VSATP, hs->vsatp);
	csr_write(CSR_HVIP, hs->hvip & delegated);
}

/* ---- what the L1 configures ---- */

/* CBIE is a field: flush (1) or invalidate (3), and what the host allows is flush */
static unsigned long l2_henvcfg(const struct rvhv_vcpu *vcpu)
{
	unsigned long l1 = vcpu->nested->hs.henvcfg, host = vcpu->cfg.henvcfg;
	unsigned long val = l1 & host & ~(ENVCFG_CBIE << ENVCFG_CBIE_SHIFT);

	if (l1 & host & (ENVCFG_CBIE_FLUSH << ENVCFG_CBIE_SHIFT))
		val |= ENVCFG_CBIE_FLUSH << ENVCFG_CBIE_SHIFT;
	return val;
}

/**
 * rvhv_nested_load_cfg - what the hart does to the L2 by itself
 * @vcpu: the vCPU, whose L2 runs or is about to
 *
 * Illegal instructions stay with us: floating point and vectors are loaded when first used.
 *
 * Context: preemption off.
 */
void rvhv_nested_load_cfg(struct rvhv_vcpu *vcpu)
{
	const struct rvhv_hs_state *hs = &vcpu->nested->hs;

	csr_write(CSR_HEDELEG, hs->hedeleg & ~BIT(EXC_INST_ILLEGAL));
	csr_write(CSR_HENVCFG, l2_henvcfg(vcpu));
	/* Zero where there is no such CSR */
	if (vcpu->cfg.hstateen0)
		csr_write(CSR_HSTATEEN0, vcpu->cfg.hstateen0 & hs->hstateen[0]);
	csr_write(CSR_HCOUNTEREN, RVHV_HCOUNTEREN & hs->hcounteren);
	/* MXR of HS mode is for its guests' pages, too, in both stages. */
	vcpu->sw.sstatus = (vcpu->sw.sstatus & ~SR_MXR) | (vcpu->nested->l1.vsstatus & SR_MXR);
	/* hie has nothing of the others: vsie was written with all delegated */
	if (unlikely(hs->hideleg != VS_IRQS))
		csr_write(CSR_HIDELEG, hs->hideleg);
}

/**
 * rvhv_nested_unload_cfg - what every guest finds as it was, after rvhv_nested_load_cfg()
 * @vcpu: the vCPU, whose L2 has run
 *
 * Context: preemption off; vsie and hvip have been read.
 */
void rvhv_nested_unload_cfg(struct rvhv_vcpu *vcpu)
{
	csr_write(CSR_HCOUNTEREN, RVHV_HCOUNTEREN);
	if (unlikely(vcpu->nested->hs.hideleg != VS_IRQS))
		csr_write(CSR_HIDELEG, VS_IRQS);
}

/* ---- the way in and out ---- */

/* FP and vectors of an L1 that has them off are out of reach of its L2. */
static void gate_units(struct rvhv_vcpu *vcpu)
{
	const struct rvhv_vcpu_csr *l1 = &vcpu->nested->l1;

	if (!(l1->vsstatus & SR_FS))
		rvhv_fp_put(vcpu, false);
	if (!(l1->vsstatus & SR_VS))
		rvhv_vector_hide(vcpu);
}

/**
 * rvhv_nested_merge_dirty - what the L2 has changed, the L1 finds dirty too
 * @vcpu: the vCPU, its L2 running; before what it has changed is saved
 *
 * Context: preemption off.
 */
void rvhv_nested_merge_dirty(struct rvhv_vcpu *vcpu)
{
	struct rvhv_vcpu_csr *l1 = &vcpu->nested->l1;

	if ((vcpu->sw.sstatus & SR_FS) == SR_FS_DIRTY && (l1->vsstatus & SR_FS))
		l1->vsstatus |= SR_FS_DIRTY;
	if ((vcpu->sw.sstatus & SR_VS) == SR_VS_DIRTY && (l1->vsstatus & SR_VS))
		l1->vsstatus |= SR_VS_DIRTY;
}

/**
 * rvhv_nested_enter_l2 - the L1 has left for its L2
 * @vcpu: the vCPU, loaded; n->shadow is the table of the L1's hgatp
 * @mode: RVHV_MODE_VS or RVHV_MODE_VU
 * @pc: where the L2 goes on
 *
 * Context: preemption off.
 */
void rvhv_nested_enter_l2(struct rvhv_vcpu *vcpu, enum rvhv_mode mode, unsigned long pc)
{
	struct rvhv_nested *n = vcpu->nested;

	save_l1(n);
	rvhv_timer_to_l2(vcpu);
	rvhv_nested_set_virt(vcpu, true);
	load_l2(n);
	rvhv_nested_load_cfg(vcpu);
	gate_units(vcpu);

	vcpu->sw.hstatus &= ~RVHV_NESTED_HSTATUS_TRAPS;
	vcpu->sw.hstatus |= n->hs.hstatus & RVHV_NESTED_HSTATUS_TRAPS;
	if (mode == RVHV_MODE_VS)
		vcpu->sw.sstatus |= SR_SPP;
	else
		vcpu->sw.sstatus &= ~SR_SPP;
	vcpu->sw.sepc = pc;
	vcpu->stats.nested_enter++;
	trace_rvhv_nested_enter(vcpu, mode);
}

/**
 * rvhv_nested_leave_l2 - make the hart the L1's again
 * @vcpu: the vCPU, loaded, its L2 running
 *
 * Context: preemption off.
 */
void rvhv_nested_leave_l2(struct rvhv_vcpu *vcpu)
{
	struct rvhv_nested *n = vcpu->nested;

	save_l2(n);
	rvhv_nested_merge_dirty(vcpu);
	rvhv_vector_show(vcpu);
	rvhv_timer_to_l1(vcpu);
	rvhv_nested_set_virt(vcpu, false);
	vcpu->sw.sstatus &= ~SR_MXR;
	rvhv_nested_unload_cfg(vcpu);
	load_l1(n);
	rvhv_vcpu_load_cfg(vcpu);
	rvhv_nested_hstatus_changed(vcpu);
}

/**
 * rvhv_nested_trap_to_l1 - take a trap of the L2 into the L1's HS mode
 * @vcpu: the vCPU, loaded, its L2 running
 * @trap: the trap
 *
 * Context: preemption off.
 */
void rvhv_nested_trap_to_l1(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap)
{
	enum rvhv_mode mode = vcpu->sw.sstatus & SR_SPP ? RVHV_MODE_VS : RVHV_MODE_VU;

	trace_rvhv_nested_trap(vcpu, trap, false);
	vcpu->stats.nested_trap_l1++;
	rvhv_nested_leave_l2(vcpu);
	rvhv_nested_take_trap(vcpu, mode, trap, false);
}

/**
 * rvhv_nested_take_trap - take a trap into the L1's HS mode
 * @vcpu: the vCPU, loaded; the hart is the L1's
 * @mode: where the trap comes from
 * @trap: the trap
 * @hlsv: a load or store of the L2's memory by HLV, HLVX or HSV met it
 *
 * Context: preemption off.
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

/* Interrupts by falling priority: SEI, SSI, STI, SGEI, VSEI, VSSI, VSTI */
static const u8 irq_order[] = { 9, 1, 5, 12, 10, 2, 6 };

/**
 * rvhv_nested_irqs - interrupts pending and enabled for the L1's HS mode while its L2 runs
 * @vcpu: the vCPU, its L2 running
 *
 * Context: the vCPU's thread; what other threads have asked for has been flushed.
 * Return: a set of causes.
 */
unsigned long rvhv_nested_irqs(const struct rvhv_vcpu *vcpu)
{
	const struct rvhv_nested *n = vcpu->nested;
	u64 now = rvhv_vcpu_time(vcpu);
	unsigned long own = n->l1.hvip >> 1;
	unsigned long vs = n->hs.hie & ~n->hs.hideleg;

	if (vcpu->timer.sstc && now >= n->l1_timecmp)
		own |= BIT(IRQ_S_TIMER);
	if (vs)
		vs &= rvhv_hs_hip(&n->cfg, &n->hs, now);
	return (own & n->l1.vsie) | vs;
}

/* Of the L2's interrupts, what the L1 keeps and has enabled, pending while the L1 itself runs */
static unsigned long undelegated(const struct rvhv_vcpu *vcpu)
{
	const struct rvhv_nested *n = vcpu->nested;

	return rvhv_hs_hip(&n->cfg, &n->hs, rvhv_vcpu_time(vcpu)) & n->hs.hie & ~n->hs.hideleg;
}

/**
 * rvhv_nested_irq_pending - has the L1 an interrupt of those that the hart does not know of?
 * @vcpu: the vCPU, loaded
 *
 * Context: preemption off.
 * Return: true if it ends a WFI.
 */
bool rvhv_nested_irq_pending(const struct rvhv_vcpu *vcpu)
{
	return vcpu->virt ? rvhv_nested_irqs(vcpu) : undelegated(vcpu);
}

static void take_irq(struct rvhv_vcpu *vcpu, unsigned long irqs)
{
	struct rvhv_trap trap = { .sepc = vcpu->sw.sepc };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(irq_order); i++)
		if (irqs & BIT(irq_order[i]))
			break;
	trap.scause = CAUSE_IRQ_FLAG | irq_order[i];
	if (vcpu->virt)
		rvhv_nested_trap_to_l1(vcpu, &trap);
	else
		rvhv_nested_take_trap(vcpu, vcpu->sw.sstatus & SR_SPP ? RVHV_MODE_HS : RVHV_MODE_U,
				      &trap, false);
}

/*
 * HS mode takes what it has not delegated by the rules of its own interrupts, after those. Its SRET
 * traps while it has them disabled; where it enables them by a CSR we look again at the next exit.
 */
static bool interrupt_l1(struct rvhv_vcpu *vcpu)
{
	unsigned long irqs = undelegated(vcpu);

	if (!irqs) {
		rvhv_timer_keep(vcpu);
		return false;
	}
	if (((vcpu->sw.sstatus & SR_SPP) && !(csr_read(CSR_VSSTATUS) & SR_SIE)) ||
	    csr_read(CSR_VSIP) & csr_read(CSR_VSIE)) {
		vcpu->sw.hstatus |= HSTATUS_VTSR;
		return false;
	}
	take_irq(vcpu, irqs);
	return true;
}

/**
 * rvhv_nested_interrupt - an interrupt that the L1 takes and the hart does not know of
 * @vcpu: the vCPU, loaded, about to run
 *
 * The L1's own take its L2 out, whatever the L1's sstatus.SIE.
 *
 * Context: interrupts off.
 * Return: true if it has been taken.
 */
bool rvhv_nested_interrupt(struct rvhv_vcpu *vcpu)
{
	unsigned long irqs;

	if (!vcpu->virt)
		return interrupt_l1(vcpu);
	irqs = rvhv_nested_irqs(vcpu);
	if (likely(!irqs))
		return false;
	take_irq(vcpu, irqs);
	return true;
}
