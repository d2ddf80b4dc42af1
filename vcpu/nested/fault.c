// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest page faults of an L2: walks the L1's tables, and fills the shadow table or lets the L1 take
 * the fault.
 */
#include "../../guest_mem/access.h"
#include "../../guest_mem/fault.h"
#include "../../guest_mem/gstage_pt.h"
#include "../../rvhv_vm.h"
#include "../../trace.h"
#include "../insn.h"
#include "../isa.h"
#include "../mmio.h"
#include "../trap.h"
#include "internal.h"
#include "shadow.h"

static bool read_pte(void *arg, u64 gpa, u64 *pte)
{
	struct rvhv_vcpu *vcpu = arg;

	return !rvhv_read_guest_u64(&vcpu->vm->mem, pte, gpa);
}

/*
 * henvcfg.PBMTE of the L1 is about its L2's VS-stage tables. Its own G-stage tables follow what its
 * menvcfg would say.
 */
static unsigned int walk_features(const struct rvhv_vcpu *vcpu)
{
	return (vcpu->nested->cfg.henvcfg & ENVCFG_PBMTE ? RVHV_WALK_PBMT : 0) |
	       (rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_SVNAPOT) ? RVHV_WALK_NAPOT : 0);
}

static enum rvhv_walk walk_tables(struct rvhv_vcpu *vcpu, unsigned long hgatp, u64 l2_gpa,
				  enum rvhv_access access, struct rvhv_walk_result *res)
{
	const struct rvhv_walk_tables tables = {
		.hgatp = hgatp,
		.features = walk_features(vcpu),
		.read_pte = read_pte,
		.arg = vcpu,
	};

	return rvhv_gstage_walk(&tables, l2_gpa, access, res);
}

/* Looks an address up in the L1's tables, for a load; @arg is struct rvhv_nested_walk. */
enum rvhv_walk rvhv_nested_walk(void *arg, unsigned long hgatp, u64 l2_gpa,
				struct rvhv_walk_result *res)
{
	struct rvhv_nested_walk *walk = arg;
	struct rvhv_vcpu *vcpu = walk->vcpu;
	u64 start = ALIGN_DOWN(l2_gpa, PMD_SIZE);
	enum rvhv_walk result;

	if (walk->start == start && walk->hgatp == hgatp)
		return rvhv_gstage_take_page(walk->table[(l2_gpa - start) / PAGE_SIZE],
					     walk_features(vcpu), l2_gpa, RVHV_ACCESS_LOAD, res);

	result = walk_tables(vcpu, hgatp, l2_gpa, RVHV_ACCESS_LOAD, res);
	if (result == RVHV_WALK_DONE && res->table && res->size_shift == PAGE_SHIFT) {
		walk->hgatp = hgatp;
		walk->start = start;
		if (rvhv_copy_from_guest(&vcpu->vm->mem, walk->table, res->table, PAGE_SIZE))
			walk->start = U64_MAX;
	}
	return result;
}

static enum rvhv_access access_of(const struct rvhv_vcpu *vcpu)
{
	if (rvhv_insn_pseudo_write(vcpu->sw.htinst))
		return RVHV_ACCESS_STORE;
	switch (vcpu->sw.scause) {
	case EXC_STORE_GUEST_PAGE_FAULT:
		/* A read of the L2's own page table on behalf of a store */
		return vcpu->sw.htinst == RVHV_HTINST_PTE_READ ? RVHV_ACCESS_LOAD :
								 RVHV_ACCESS_STORE;
	case EXC_INST_GUEST_PAGE_FAULT:
		return vcpu->sw.htinst == RVHV_HTINST_PTE_READ ? RVHV_ACCESS_LOAD :
								 RVHV_ACCESS_FETCH;
	default:
		return RVHV_ACCESS_LOAD;
	}
}

/*
 * htinst of an explicit access for which the hart gives none, so that the L1 need not read the
 * instruction. An access at the start of a page may be the second half of a misaligned one, for
 * which htinst would need the distance: 0 is always allowed.
 */
static unsigned long made_up_htinst(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap trap;
	u32 insn;

	if (vcpu->sw.scause == EXC_INST_GUEST_PAGE_FAULT || IS_ALIGNED(vcpu->sw.stval, PAGE_SIZE) ||
	    !rvhv_fetch_insn(vcpu, &insn, &trap))
		return 0;
	return rvhv_insn_transform(insn);
}

/* The L1's sstatus.MXR makes executable pages readable, in both stages. */
static bool l1_has_mxr(const struct rvhv_vcpu *vcpu)
{
	const struct rvhv_nested *n = vcpu->nested;

	return (vcpu->virt ? n->l1.vs.vsstatus : csr_read(CSR_VSSTATUS)) & SR_MXR;
}

/* Fills in a translation that the L2 misses in n->shadow; may sleep. */
enum rvhv_l2_fault_result rvhv_nested_resolve(struct rvhv_vcpu *vcpu, struct rvhv_l2_fault *fault)
{
	bool write = fault->access == RVHV_ACCESS_STORE;
	struct rvhv_nested *n = vcpu->nested;
	struct rvhv_fault host = { .write = write };
	struct rvhv_walk_result res;
	enum rvhv_walk walk;
	unsigned long seq;

	seq = rvhv_shadow_seq(n->shadow);
	walk = walk_tables(vcpu, n->hs.hgatp, fault->l2_gpa, fault->access, &res);
	if (walk == RVHV_WALK_ACCESS_FAULT)
		return RVHV_L2_FAULT_L1_ACCESS;
	if (walk == RVHV_WALK_PAGE_FAULT &&
	    !(fault->access == RVHV_ACCESS_LOAD && res.exec && l1_has_mxr(vcpu)))
		return RVHV_L2_FAULT_L1_PAGE;

	fault->l1_gpa = res.gpa;
	vcpu->stats.nested_fault++;
	trace_rvhv_nested_fault(vcpu, fault->l2_gpa, res.gpa, write);
	host.gpa = res.gpa;
	switch (rvhv_shadow_map(n->shadow, seq, &vcpu->cache, fault->l2_gpa, &res, &host)) {
	case RVHV_FAULT_MAPPED:
		return RVHV_L2_FAULT_RETRY;
	case RVHV_FAULT_MMIO:
		return RVHV_L2_FAULT_MMIO;
	case RVHV_FAULT_FAILED:
		break;
	}
	fault->error = host.error;
	return RVHV_L2_FAULT_FAILED;
}

static enum rvhv_next page_fault_to_l1(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap trap;

	vcpu->stats.nested_fault_l1++;
	rvhv_trap_last(vcpu, &trap);
	if (!trap.htinst)
		trap.htinst = made_up_htinst(vcpu);
	preempt_disable();
	rvhv_nested_trap_to_l1(vcpu, &trap);
	preempt_enable();
	return RVHV_RESUME;
}

static enum rvhv_next access_fault(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap trap = {
		.sepc = vcpu->sw.sepc,
		.scause = rvhv_access_fault_of(vcpu->sw.scause),
		.stval = vcpu->sw.stval,
	};

	vcpu->stats.nested_fault_l1++;
	preempt_disable();
	rvhv_nested_forward(vcpu, &trap);
	preempt_enable();
	return RVHV_RESUME;
}

/* Exit row: a guest page fault of the L2; may sleep. */
enum rvhv_next rvhv_nested_fault_slow(struct rvhv_vcpu *vcpu)
{
	struct rvhv_l2_fault fault = {
		.l2_gpa = rvhv_fault_gpa(vcpu->sw.htval, vcpu->sw.stval),
		.access = access_of(vcpu),
	};

	switch (rvhv_nested_resolve(vcpu, &fault)) {
	case RVHV_L2_FAULT_RETRY:
		return RVHV_RESUME;
	case RVHV_L2_FAULT_L1_PAGE:
		return page_fault_to_l1(vcpu);
	case RVHV_L2_FAULT_L1_ACCESS:
		return access_fault(vcpu);
	case RVHV_L2_FAULT_MMIO:
		if (vcpu->sw.scause == EXC_INST_GUEST_PAGE_FAULT)
			return access_fault(vcpu);
		return rvhv_mmio_emulate(vcpu, fault.l1_gpa,
					 vcpu->sw.scause == EXC_STORE_GUEST_PAGE_FAULT);
	case RVHV_L2_FAULT_FAILED:
		break;
	}
	return rvhv_vcpu_fail(vcpu, fault.error);
}
