// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypervisor side of a vCPU: its making, its reset, its end; and the L1's accesses to its L2's
 * memory.
 */
#include <linux/log2.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "../insn.h"
#include "../internal.h"
#include "csr_table.h"
#include "nested.h"
#include "shadow.h"

/* Exceptions that an L1 can delegate (privileged specification, "Hypervisor Trap Delegation") */
#define L1_HEDELEG								\
	(GENMASK(EXC_SYSCALL, EXC_INST_MISALIGNED) | BIT(EXC_INST_PAGE_FAULT) |		\
	 BIT(EXC_LOAD_PAGE_FAULT) | BIT(EXC_STORE_PAGE_FAULT))

/* Levels of a mode of satp, as many as the host itself uses */
static unsigned int vs_levels(void)
{
	if (pgtable_l5_enabled)
		return 5;
	return pgtable_l4_enabled ? 4 : 3;
}

/**
 * rvhv_nested_fill_cfg - what the L1's hart has by the vCPU's extensions
 * @vcpu: the vCPU; vcpu->cfg is set
 * @cfg: filled
 *
 * Context: vcpu->mutex held.
 */
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
		.vs_levels = vs_levels(),
		.vmid_bits = 14,
	};
}

/**
 * rvhv_nested_create - give a vCPU with the H extension its hypervisor state
 * @vcpu: the vCPU, which has not run yet; vcpu->cfg is set
 *
 * The VMM may have set registers, and then changed extensions: the state follows them. It goes
 * where the vCPU has no H any more.
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
	n->l2.cpu = -1;
	vcpu->nested = n;
	return 0;
}

/**
 * rvhv_nested_reset - the hart was reset
 * @vcpu: the vCPU, not loaded
 */
void rvhv_nested_reset(struct rvhv_vcpu *vcpu)
{
	struct rvhv_nested *n = vcpu->nested;

	if (!n)
		return;
	rvhv_nested_set_virt(vcpu, false);
	rvhv_hs_reset(&n->hs);
	/* The reset has cancelled the hrtimer */
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

/* ---- HLV, HLVX and HSV of an L1 ---- */

static enum rvhv_hlsv hlsv_of(unsigned int len, bool write, bool exec)
{
	if (write)
		return RVHV_HSV_B + ilog2(len);
	return exec ? RVHV_HLVX_HU + ilog2(len) - 1 : RVHV_HLV_BU + ilog2(len);
}

/* The hart translates as for the L2 during one access. MXR of the L1's own sstatus counts, too. */
static bool access_as_l2(struct rvhv_vcpu *vcpu, unsigned long gva, u64 *val, enum rvhv_hlsv op,
			 bool *ready, struct rvhv_trap *trap)
{
	struct rvhv_nested *n = vcpu->nested;
	unsigned long vsatp = csr_read(CSR_VSATP), vsstatus = csr_read(CSR_VSSTATUS);
	unsigned long hstatus = vcpu->sw.hstatus & ~HSTATUS_SPVP;
	bool done = false;

	hstatus |= n->hs.hstatus & HSTATUS_SPVP;
	csr_write(CSR_VSATP, n->hs.vsatp);
	csr_write(CSR_VSSTATUS, n->hs.vsstatus);
	vcpu->stage = &n->l2;
	*ready = rvhv_vcpu_tlb_ready(vcpu);
	if (*ready)
		done = rvhv_guest_hlsv(hstatus, gva, val, op, vsstatus & SR_MXR, trap);
	vcpu->stage = &vcpu->own;
	csr_write(CSR_VSATP, vsatp);
	csr_write(CSR_VSSTATUS, vsstatus);
	return done;
}

static bool is_guest_page_fault(unsigned long cause)
{
	return cause == EXC_INST_GUEST_PAGE_FAULT || cause == EXC_LOAD_GUEST_PAGE_FAULT ||
	       cause == EXC_STORE_GUEST_PAGE_FAULT;
}

/* What the G-stage was asked for: by the instruction, or for an entry of the L2's own tables */
static enum rvhv_access access_of(const struct rvhv_trap *trap, bool write, bool exec)
{
	if (rvhv_insn_pseudo_write(trap->htinst))
		return RVHV_ACCESS_STORE;
	if (trap->htinst == RVHV_HTINST_PTE_READ)
		return RVHV_ACCESS_LOAD;
	if (write)
		return RVHV_ACCESS_STORE;
	return exec ? RVHV_ACCESS_FETCH : RVHV_ACCESS_LOAD;
}

/**
 * rvhv_nested_access - load or store for the L1's HLV, HLVX or HSV
 * @vcpu: the vCPU, its L1 running; n->shadow is the table of its hgatp
 * @gva: the L2's guest virtual address
 * @val: the value
 * @len: 1, 2, 4 or 8
 * @write: HSV
 * @exec: HLVX
 * @trap: filled where 1 is returned; but for sepc
 * @l1_gpa: the L1's guest physical address, where 2 is returned
 *
 * Context: the vCPU's thread, may sleep.
 * Return: 0; 1: the L1 takes @trap; 2: a device of the VMM's is there; or a negative errno for
 * KVM_RUN.
 */
int rvhv_nested_access(struct rvhv_vcpu *vcpu, unsigned long gva, u64 *val, unsigned int len,
		       bool write, bool exec, struct rvhv_trap *trap, u64 *l1_gpa)
{
	enum rvhv_hlsv op = hlsv_of(len, write, exec);
	bool ready, done, access_fault;
	enum rvhv_access access;
	int ret;

	for (;;) {
		/* Somebody may take the pages away as fast as they come */
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
		local_irq_disable();
		done = access_as_l2(vcpu, gva, val, op, &ready, trap);
		local_irq_enable();
		if (done)
			return 0;
		if (!ready) {
			preempt_disable();
			rvhv_translation_update(vcpu->nested->l2.translation);
			preempt_enable();
			continue;
		}
		if (!is_guest_page_fault(trap->scause))
			return 1;
		access = access_of(trap, write, exec);
		ret = rvhv_nested_resolve(vcpu, (u64)trap->htval << 2 | (trap->stval & 3), access,
					  &access_fault, l1_gpa);
		if (ret < 0)
			return ret;
		if (!ret)
			continue;
		if (ret == 1 && !access_fault)
			return 1;
		/* But for the L2's own tables */
		if (ret > 1 && !rvhv_insn_pseudo(trap->htinst) && IS_ALIGNED(*l1_gpa, len))
			return 2;
		trap->scause = write ? EXC_STORE_ACCESS : EXC_LOAD_ACCESS;
		trap->htval = 0;
		trap->htinst = 0;
		return 1;
	}
}
