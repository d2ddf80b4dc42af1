// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts for the guest: VSSIP, VSTIP and VSEIP in hvip.
 *
 * While a vCPU is loaded, the hart's hvip is authoritative: the guest clears VSSIP there. Others
 * write vcpu->irq, which the vCPU's thread flushes to hvip before the next entry.
 */
#include "irq.h"
#include "nested/nested.h"
#include "run.h"

/* Sets the level of any vCPU's VSSIP, VSTIP or VSEIP; any context. Returns 0 or -EINVAL. */
int rvhv_vcpu_set_irq(struct rvhv_vcpu *vcpu, unsigned int irq, bool level)
{
	unsigned long flags;

	if (irq >= BITS_PER_LONG || !(BIT(irq) & RVHV_VS_IRQS))
		return -EINVAL;

	raw_spin_lock_irqsave(&vcpu->irq.lock, flags);
	if (level)
		vcpu->irq.level |= BIT(irq);
	else
		vcpu->irq.level &= ~BIT(irq);
	WRITE_ONCE(vcpu->irq.changed, vcpu->irq.changed | BIT(irq));
	raw_spin_unlock_irqrestore(&vcpu->irq.lock, flags);

	/* Also for a cleared level: the guest would take an interrupt that stays in hvip again. */
	rvhv_vcpu_kick(vcpu);
	return 0;
}

static void ext_raise(void *vcpu)
{
	rvhv_vcpu_set_irq(vcpu, IRQ_VS_EXT, true);
}

static void ext_lower(void *vcpu)
{
	rvhv_vcpu_set_irq(vcpu, IRQ_VS_EXT, false);
}

static const struct rvhv_irq_line_ops ext_line_ops = {
	.raise = ext_raise,
	.lower = ext_lower,
};

/**
 * rvhv_vcpu_ext_line - the VS external interrupt line of a vCPU
 * @vcpu: the vCPU, owner of the line
 *
 * Return: the line, for the interrupt controller that drives it: the VMM's or the kernel's.
 */
struct rvhv_irq_line rvhv_vcpu_ext_line(struct rvhv_vcpu *vcpu)
{
	return (struct rvhv_irq_line) { .ops = &ext_line_ops, .owner = vcpu };
}

/* Brings the wanted levels into hvip; loaded, interrupts off. */
void rvhv_irq_flush(struct rvhv_vcpu *vcpu)
{
	unsigned long changed, level;

	if (!READ_ONCE(vcpu->irq.changed))
		return;

	raw_spin_lock(&vcpu->irq.lock);
	changed = vcpu->irq.changed;
	level = vcpu->irq.level;
	WRITE_ONCE(vcpu->irq.changed, 0);
	raw_spin_unlock(&vcpu->irq.lock);

	if (unlikely(vcpu->virt)) {
		rvhv_nested_flush_irq(vcpu, changed, level);
		return;
	}
	csr_set(CSR_HVIP, changed & level);
	csr_clear(CSR_HVIP, changed & ~level);
}

/* Whether an enabled interrupt is pending; loaded, preemption off */
bool rvhv_irq_pending(struct rvhv_vcpu *vcpu)
{
	unsigned long flags;

	if (READ_ONCE(vcpu->irq.changed)) {
		local_irq_save(flags);
		rvhv_irq_flush(vcpu);
		local_irq_restore(flags);
	}
	/* vsip shows hvip and Sstc's comparator. */
	if (csr_read(CSR_VSIP) & csr_read(CSR_VSIE))
		return true;
	/* An interrupt for the L1 also ends a WFI of its L2. */
	return unlikely(vcpu->nested) && rvhv_nested_irq_pending(vcpu);
}

/**
 * rvhv_vcpu_read_hvip - hvip with everything on its way merged in
 * @vcpu: the vCPU, not loaded
 *
 * Context: any; the caller holds vcpu->mutex.
 * Return: the value.
 */
unsigned long rvhv_vcpu_read_hvip(struct rvhv_vcpu *vcpu)
{
	unsigned long flags, hvip;

	raw_spin_lock_irqsave(&vcpu->irq.lock, flags);
	hvip = (vcpu->csr.hvip & ~vcpu->irq.changed) | (vcpu->irq.level & vcpu->irq.changed);
	raw_spin_unlock_irqrestore(&vcpu->irq.lock, flags);
	return hvip;
}

/**
 * rvhv_vcpu_write_hvip - replace hvip, and forget what is on its way
 * @vcpu: the vCPU, not loaded
 * @hvip: new value; bits other than VSSIP, VSTIP and VSEIP are ignored
 *
 * Context: any; the caller holds vcpu->mutex.
 */
void rvhv_vcpu_write_hvip(struct rvhv_vcpu *vcpu, unsigned long hvip)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&vcpu->irq.lock, flags);
	vcpu->csr.hvip = hvip & RVHV_VS_IRQS;
	vcpu->irq.level = vcpu->csr.hvip;
	WRITE_ONCE(vcpu->irq.changed, 0);
	raw_spin_unlock_irqrestore(&vcpu->irq.lock, flags);
}
