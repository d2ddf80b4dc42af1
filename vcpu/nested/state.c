// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state of an L1 and its L2 as the VMM sees it, to save and restore it.
 *
 * Outside KVM_RUN every register has one place, whether the L2 runs or not: the L1's supervisor
 * CSRs are in vcpu->csr and its timer in vcpu->timer.compare, as those of any guest, and the L2's
 * VS CSRs in n->hs. vcpu->virt says which of them the hart has next. So a VMM may write them in any
 * order.
 */
#include <linux/errno.h>

#include "../load.h"
#include "../timer.h"
#include "csr_table.h"
#include "internal.h"
#include "shadow.h"

/* ---- KVM_RUN ---- */

/**
 * rvhv_nested_run_begin - put everything where it is while an L2 runs
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

	ret = rvhv_nested_get_shadow(vcpu);
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

/* The state begins with the first access, and follows the extensions until the vCPU has run. */
static int prepare(struct rvhv_vcpu *vcpu)
{
	lockdep_assert_held(&vcpu->mutex);
	if (vcpu->ran)
		return 0;
	rvhv_vcpu_setup_cfg(vcpu);
	return rvhv_nested_create(vcpu);
}

/**
 * rvhv_nested_has_reg - whether a vCPU has a register
 * @vcpu: the vCPU, which has H
 * @num: a CSR, or RVHV_NESTED_REG_VIRT
 *
 * Context: vcpu->mutex held.
 * Return: true if it has.
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
 * rvhv_nested_get_reg - read a register
 * @vcpu: the vCPU, which has H
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
 * rvhv_nested_set_reg - write a register
 * @vcpu: the vCPU, which has H
 * @num: a register that exists
 * @val: the value; of a CSR, what it cannot hold is dropped
 *
 * The VMM may have changed the L1's tables as well: with hgatp goes all that was made of them.
 *
 * Context: vcpu->mutex held, outside KVM_RUN; may sleep.
 * Return: 0, -EINVAL or -ENOMEM.
 */
int rvhv_nested_set_reg(struct rvhv_vcpu *vcpu, unsigned int num, unsigned long val)
{
	struct rvhv_nested *n;
	int ret;

	ret = prepare(vcpu);
	if (ret)
		return ret;
	n = vcpu->nested;
	/* Nothing that the hart has translated so far */
	n->l2.cpu = -1;
	vcpu->own.cpu = -1;
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
