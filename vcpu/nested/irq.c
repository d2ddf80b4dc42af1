// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts of an L1 that the hart does not deliver: undelegated ones; all while the L2 runs. */
#include "../timer.h"
#include "csr_table.h"
#include "internal.h"

/**
 * rvhv_nested_flush_irq - bring what others asked for into the L1's hvip
 * @vcpu: the vCPU, its L2 running
 * @changed: bits of hvip to change
 * @level: their new values
 *
 * Context: interrupts off.
 */
void rvhv_nested_flush_irq(struct rvhv_vcpu *vcpu, unsigned long changed, unsigned long level)
{
	unsigned long *hvip = &vcpu->nested->l1.hvip;

	*hvip = (*hvip & ~changed) | (level & changed);
}

/* Interrupts by falling priority: SEI, SSI, STI, SGEI, VSEI, VSSI, VSTI */
static const u8 irq_order[] = { 9, 1, 5, 12, 10, 2, 6 };

/* Set of interrupts that take the running L2 out to the L1's HS mode; vcpu->irq is flushed. */
static unsigned long irqs_of_l1(const struct rvhv_vcpu *vcpu)
{
	const struct rvhv_nested *n = vcpu->nested;
	u64 now = rvhv_vcpu_time(vcpu);
	unsigned long own = n->l1.hvip >> VSIP_TO_HVIP_SHIFT;
	unsigned long vs = n->hs.hie & ~n->hs.hideleg;

	if (vcpu->timer.sstc && now >= n->l1_timecmp)
		own |= BIT(IRQ_S_TIMER);
	if (vs)
		vs &= rvhv_hs_hip(&n->cfg, &n->hs, now);
	return (own & n->l1.vsie) | vs;
}

/* VS interrupts pending, enabled and not delegated, while the L1 runs */
static unsigned long undelegated(const struct rvhv_vcpu *vcpu)
{
	const struct rvhv_nested *n = vcpu->nested;

	return rvhv_hs_hip(&n->cfg, &n->hs, rvhv_vcpu_time(vcpu)) & n->hs.hie & ~n->hs.hideleg;
}

/**
 * rvhv_nested_irq_pending - is an interrupt pending for the L1 that the hart does not know of?
 * @vcpu: the vCPU, loaded
 *
 * Context: preemption off.
 * Return: true if there is one, which ends a WFI.
 */
bool rvhv_nested_irq_pending(const struct rvhv_vcpu *vcpu)
{
	return vcpu->virt ? irqs_of_l1(vcpu) : undelegated(vcpu);
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
		rvhv_nested_take_trap(vcpu, rvhv_nested_l1_mode(vcpu), &trap, false);
}

/*
 * HS mode takes undelegated interrupts by the rules of its own, and after those. While it has
 * interrupts disabled its SRET traps. If a CSR write enables them, the next exit delivers them.
 */
static bool interrupt_l1(struct rvhv_vcpu *vcpu)
{
	unsigned long irqs = undelegated(vcpu);

	if (!irqs) {
		rvhv_nested_timer_arm_undelegated(vcpu);
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
 * rvhv_nested_interrupt - deliver an interrupt of the L1 that the hart does not know of
 * @vcpu: the vCPU, loaded, about to run
 *
 * The L1's own interrupts take its L2 out, whatever the L1's sstatus.SIE.
 *
 * Context: interrupts off.
 * Return: true if the L1 has taken one.
 */
bool rvhv_nested_interrupt(struct rvhv_vcpu *vcpu)
{
	unsigned long irqs;

	if (!vcpu->virt)
		return interrupt_l1(vcpu);
	irqs = irqs_of_l1(vcpu);
	if (likely(!irqs))
		return false;
	take_irq(vcpu, irqs);
	return true;
}
