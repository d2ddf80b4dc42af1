// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state of an L1 and its L2 as the VMM saves and restores it.
 *
 * Outside KVM_RUN each register has one place, whether the L2 runs or not, so that a VMM may write
 * them in any order: the L1's supervisor CSRs and timer are in vcpu->csr and vcpu->timer.compare,
 * the L2's VS CSRs in n->hs.
 */
#include <linux/errno.h>

#include "../load.h"
#include "../timer.h"
#include "csr_table.h"
#include "internal.h"
#include "shadow.h"

/**
 * rvhv_nested_run_begin - move the L2's state to where the hart loads it from
 * @vcpu: the vCPU, not loaded, its L2 running
 *
 * Context: the vCPU's thread, may sleep.
 * Return: 0, or a negative errno with nothing changed.
 */
int rvhv_nested_run_begin(struct rvhv_vcpu *vcpu)
{
	struct rvhv_nested *n = vcpu->nested;
	const struct rvhv_hs_state *hs = &n->hs;
	int ret;

	ret = rvhv_nested_update_shadow(vcpu);
	if (ret)
		return ret;

	n->l1 = vcpu->csr;
	vcpu->csr.vs = hs->vs;
	vcpu->csr.vsie = rvhv_hs_vsie(hs);
	vcpu->csr.hvip = hs->hvip & rvhv_hs_delegated(hs);
	rvhv_nested_timer_resume_l2(vcpu);
	vcpu->sw.hstatus &= ~RVHV_NESTED_HSTATUS_TRAPS;
	vcpu->sw.hstatus |= hs->hstatus & RVHV_NESTED_HSTATUS_TRAPS;
	return 0;
}

/**
 * rvhv_nested_run_end - undo rvhv_nested_run_begin()
 * @vcpu: the vCPU, not loaded, its L2 running
 *
 * Context: the vCPU's thread.
 */
void rvhv_nested_run_end(struct rvhv_vcpu *vcpu)
{
	struct rvhv_nested *n = vcpu->nested;
	struct rvhv_vcpu_csr *csr = &vcpu->csr;
	struct rvhv_hs_state *hs = &n->hs;

	hs->vs = csr->vs;
	rvhv_hs_set_vsie(hs, csr->vsie);
	rvhv_hs_set_delegated_hvip(hs, csr->hvip);
	/* L1 and L2 share the CSRs that have no VS counterpart. */
	csr->vs = n->l1.vs;
	csr->vsie = n->l1.vsie;
	csr->hvip = n->l1.hvip;
	if (vcpu->timer.sstc)
		vcpu->timer.compare = n->l1_timecmp;
	/* The L1's MXR was for its L2. */
	vcpu->sw.sstatus &= ~SR_MXR;
}

/* ---- ONE_REG ---- */

/* Until the vCPU has run, each access makes the state follow the extensions. */
static int prepare(struct rvhv_vcpu *vcpu)
{
	lockdep_assert_held(&vcpu->mutex);
	if (vcpu->ran)
		return 0;
	rvhv_vcpu_setup_cfg(vcpu);
	return rvhv_nested_create(vcpu);
}

/**
 * rvhv_nested_has_reg - whether a vCPU with H has a register
 * @vcpu: the vCPU
 * @num: a CSR, or RVHV_NESTED_REG_VIRT
 *
 * Context: vcpu->mutex held.
 * Return: true if it exists.
 */
bool rvhv_nested_has_reg(const struct rvhv_vcpu *vcpu, unsigned int num)
{
	struct rvhv_hs_cfg cfg;

	if (num == RVHV_NESTED_REG_VIRT)
		return true;
	rvhv_nested_fill_cfg(vcpu, &cfg);
	return rvhv_hs_csr_exists(&cfg, num);
}

/**
 * rvhv_nested_get_reg - read a register of a vCPU with H
 * @vcpu: the vCPU
 * @num: a register that exists
 * @val: the value
 *
 * Context: vcpu->mutex held, outside KVM_RUN; may sleep.
 * Return: 0 or -ENOMEM.
 */
int rvhv_nested_get_reg(struct rvhv_vcpu *vcpu, unsigned int num, unsigned long *val)
{
	struct rvhv_nested *n;
	int ret;

	ret = prepare(vcpu);
	if (ret)
		return ret;
	n = vcpu->nested;
	if (num == RVHV_NESTED_REG_VIRT) {
		*val = vcpu->virt;
		return 0;
	}
	return rvhv_hs_csr_read(&n->cfg, &n->hs, num, rvhv_vcpu_time(vcpu), val);
}

/**
 * rvhv_nested_set_reg - write a register of a vCPU with H
 * @vcpu: the vCPU
 * @num: a register that exists
 * @val: the value; bits that a CSR does not implement are ignored
 *
 * A write of hgatp drops all shadow leaves, as the VMM may have written other tables to memory.
 *
 * Context: vcpu->mutex held, outside KVM_RUN; may sleep.
 * Return: 0, -EINVAL or -ENOMEM.
 */
int __cold rvhv_nested_set_reg(struct rvhv_vcpu *vcpu, unsigned int num, unsigned long val)
{
	struct rvhv_nested *n;
	int ret;

	ret = prepare(vcpu);
	if (ret)
		return ret;
	n = vcpu->nested;
	/* The hart's translations may belong to the old registers. */
	n->l2.stale = true;
	vcpu->own.stale = true;
	if (num == RVHV_NESTED_REG_VIRT) {
		if (val > 1)
			return -EINVAL;
		rvhv_nested_set_virt(vcpu, val);
		return 0;
	}
	ret = rvhv_hs_csr_restore(&n->cfg, &n->hs, num, val);
	if (!ret && num == CSR_HGATP)
		rvhv_nested_fence_gvma(vcpu->vm, RVHV_SHADOW_ALL_VMIDS, 0, U64_MAX);
	return ret;
}
