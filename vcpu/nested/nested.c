// SPDX-License-Identifier: GPL-2.0-only
/* The hypervisor state of a vCPU with H: creation, reset, destruction */
#include <linux/slab.h>

#include "../../guest_mem/host.h"
#include "../isa.h"
#include "../load.h"
#include "csr_table.h"
#include "internal.h"
#include "shadow.h"

/* Writable bits of the L1's hedeleg; privileged specification, "Hypervisor Trap Delegation" */
#define L1_HEDELEG								\
	(GENMASK(EXC_SYSCALL, EXC_INST_MISALIGNED) | BIT(EXC_INST_PAGE_FAULT) |		\
	 BIT(EXC_LOAD_PAGE_FAULT) | BIT(EXC_STORE_PAGE_FAULT))

/* Fill @cfg by the vCPU's extensions and vcpu->cfg. Under vcpu->mutex. */
void rvhv_nested_fill_cfg(const struct rvhv_vcpu *vcpu, struct rvhv_hs_cfg *cfg)
{
	*cfg = (struct rvhv_hs_cfg) {
		.hedeleg = L1_HEDELEG,
		.henvcfg = vcpu->cfg.henvcfg | ENVCFG_FIOM,
		.hstateen0 = vcpu->cfg.hstateen0,
		.hcounteren = RVHV_HCOUNTEREN,
		.vsstatus = rvhv_vsstatus_mask(vcpu) & ~(SR_SD | SR_UXL),
		.smstateen = rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_SMSTATEEN),
		.sstc = vcpu->timer.sstc,
		.gstage_levels = rvhv_mem_host.levels,
		.vs_levels = rvhv_mem_host.vs_levels,
		.vmid_bits = 14,
	};
}

/**
 * rvhv_nested_create - make the hypervisor state follow the vCPU's extensions
 * @vcpu: the vCPU, which has not run yet; vcpu->cfg is set
 *
 * Creates the state of a vCPU with H, adapts it if the VMM has changed extensions since, and frees
 * it if the vCPU has no H any more.
 *
 * Context: vcpu->mutex held, may sleep.
 * Return: 0 or -ENOMEM.
 */
int rvhv_nested_create(struct rvhv_vcpu *vcpu)
{
	struct rvhv_nested *n = vcpu->nested;

	if (!rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_h)) {
		rvhv_nested_destroy(vcpu);
		return 0;
	}
	if (n) {
		rvhv_nested_fill_cfg(vcpu, &n->cfg);
		rvhv_hs_legalise(&n->cfg, &n->hs);
		return 0;
	}
	n = kzalloc(sizeof(*n), GFP_KERNEL_ACCOUNT);
	if (!n)
		return -ENOMEM;
	rvhv_nested_fill_cfg(vcpu, &n->cfg);
	rvhv_hs_reset(&n->hs);
	n->armed = ~0ULL;
	n->l2.stale = true;
	vcpu->nested = n;
	return 0;
}

/**
 * rvhv_nested_reset - reset the hypervisor state
 * @vcpu: the vCPU, not loaded; its hrtimer is cancelled
 */
void rvhv_nested_reset(struct rvhv_vcpu *vcpu)
{
	struct rvhv_nested *n = vcpu->nested;

	if (!n)
		return;
	rvhv_nested_set_virt(vcpu, false);
	rvhv_hs_reset(&n->hs);
	n->armed = ~0ULL;
}

/**
 * rvhv_nested_destroy - undo rvhv_nested_create()
 * @vcpu: the vCPU
 *
 * Context: may sleep.
 */
void rvhv_nested_destroy(struct rvhv_vcpu *vcpu)
{
	struct rvhv_nested *n = vcpu->nested;

	if (!n)
		return;
	if (n->shadow)
		rvhv_shadow_put(n->shadow);
	rvhv_nested_set_virt(vcpu, false);
	kfree(n);
	vcpu->nested = NULL;
}
