// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exits of an L2: to the L2 itself or to the L1 by the L1's delegation, or ours.
 */
#include "../../trace.h"
#include "../insn.h"
#include "../internal.h"
#include "csr_table.h"
#include "nested.h"
#include "shadow.h"
#include "walk.h"

/**
 * rvhv_nested_forward - a trap of the L2 goes where the L1's delegation says
 * @vcpu: the vCPU, loaded, its L2 running
 * @trap: the trap
 *
 * Context: preemption off.
 */
void rvhv_nested_forward(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap)
{
	if (rvhv_hs_trap_level(&vcpu->nested->hs, trap->scause) == RVHV_TRAP_TO_L1) {
		rvhv_nested_trap_to_l1(vcpu, trap);
		return;
	}
	trace_rvhv_nested_trap(vcpu, trap, true);
	vcpu->stats.nested_trap_l2++;
	rvhv_trap_to_vs(vcpu, trap);
}

static bool is_guest_page_fault(unsigned long cause)
{
	return cause >= EXC_INST_GUEST_PAGE_FAULT && cause <= EXC_STORE_GUEST_PAGE_FAULT &&
	       cause != EXC_VIRTUAL_INST_FAULT;
}

/* A unit that both the L1 and the L2 have on, and we not yet */
static bool enable_unit(struct rvhv_vcpu *vcpu)
{
	unsigned long l1 = vcpu->nested->l1.vsstatus;

	return ((l1 & SR_FS) && rvhv_fp_enable(vcpu)) || ((l1 & SR_VS) && rvhv_vector_enable(vcpu));
}

/* A WFI that the L1 leaves to its L2 */
static bool is_own_wfi(const struct rvhv_vcpu *vcpu)
{
	return vcpu->sw.scause == EXC_VIRTUAL_INST_FAULT && vcpu->sw.stval == RVHV_INSN_WFI &&
	       (vcpu->sw.sstatus & SR_SPP) && !(vcpu->nested->hs.hstatus & HSTATUS_VTW);
}

/*
 * A CSR that the hart has and the L1 has not is no virtual instruction but an illegal one; the L1's
 * counters, and those of users only, are not known here.
 */
static bool is_unknown_csr(const struct rvhv_vcpu *vcpu)
{
	u32 insn = vcpu->sw.stval;

	return vcpu->sw.scause == EXC_VIRTUAL_INST_FAULT && rvhv_insn_is_csr(insn) &&
	       !rvhv_hs_csr_of_l1(&vcpu->nested->cfg, rvhv_insn_csr(insn));
}

/**
 * rvhv_nested_exit_fast - serve an exit of the L2 with interrupts off
 * @vcpu: the vCPU, loaded, its L2 running
 *
 * Context: interrupts off.
 * Return: RVHV_RESUME, or RVHV_SLOW with nothing changed.
 */
enum rvhv_next rvhv_nested_exit_fast(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap trap;

	if (is_guest_page_fault(vcpu->sw.scause))
		return RVHV_SLOW;
	if (vcpu->sw.scause == EXC_INST_ILLEGAL && enable_unit(vcpu))
		return RVHV_RESUME;
	if (is_own_wfi(vcpu)) {
		if (!rvhv_irq_pending(vcpu))
			return RVHV_SLOW;
		vcpu->sw.sepc += 4;
		return RVHV_RESUME;
	}
	rvhv_trap_last(vcpu, &trap);
	if (is_unknown_csr(vcpu))
		trap.scause = EXC_INST_ILLEGAL;
	rvhv_nested_forward(vcpu, &trap);
	return rvhv_vcpu_tlb_ready(vcpu) ? RVHV_RESUME : RVHV_LEAVE;
}

static int read_pte(void *arg, u64 gpa, u64 *pte)
{
	struct rvhv_vcpu *vcpu = arg;

	return rvhv_read_guest_u64(&vcpu->vm->mem, pte, gpa) ? 1 : 0;
}

/* The L1's henvcfg.PBMTE is for its L2's tables; for its own counts what its menvcfg would say. */
static unsigned int walk_features(const struct rvhv_vcpu *vcpu)
{
	return (vcpu->nested->cfg.henvcfg & ENVCFG_PBMTE ? RVHV_WALK_PBMT : 0) |
	       (rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_SVNAPOT) ? RVHV_WALK_NAPOT : 0);
}

/**
 * rvhv_nested_walk - what the L1's tables say of an address, for a load
 * @arg: struct rvhv_nested_walk
 * @hgatp: the tables
 * @l2_gpa: the L2's guest physical address
 * @res: the translation
 *
 * Context: the vCPU's thread, may sleep.
 * Return: as rvhv_gstage_walk().
 */
int rvhv_nested_walk(void *arg, unsigned long hgatp, u64 l2_gpa, struct rvhv_walk_result *res)
{
	struct rvhv_nested_walk *walk = arg;
	struct rvhv_vcpu *vcpu = walk->vcpu;
	unsigned int features = walk_features(vcpu);
	u64 start = ALIGN_DOWN(l2_gpa, PMD_SIZE);
	int ret;

	if (walk->start == start && walk->hgatp == hgatp)
		return rvhv_gstage_take_page(walk->table[(l2_gpa - start) / PAGE_SIZE],
					     features, l2_gpa, RVHV_ACCESS_LOAD, res);

	ret = rvhv_gstage_walk(hgatp, features, l2_gpa, RVHV_ACCESS_LOAD, read_pte, vcpu, res);
	if (!ret && res->table && res->size_shift == PAGE_SHIFT) {
		walk->hgatp = hgatp;
		walk->start = start;
		if (rvhv_copy_from_guest(&vcpu->vm->mem, walk->table, res->table, PAGE_SIZE))
			walk->start = U64_MAX;
	}
	return ret;
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

/* The access fault that takes the place of a guest page fault */
static unsigned long access_fault_of(unsigned long cause)
{
	switch (cause) {
	case EXC_INST_GUEST_PAGE_FAULT:
		return EXC_INST_ACCESS;
	case EXC_LOAD_GUEST_PAGE_FAULT:
		return EXC_LOAD_ACCESS;
	default:
		return EXC_STORE_ACCESS;
	}
}

/*
 * An explicit access for which the hart gives no htinst: the L1 is spared the reading of the
 * instruction. One at the start of a page may be the second half of a misaligned one, of which the
 * specification wants the distance; 0 is always right.
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

/* sstatus.MXR of the L1's: what may be executed may be read, in both stages. */
static bool l1_has_mxr(const struct rvhv_vcpu *vcpu)
{
	const struct rvhv_nested *n = vcpu->nested;

	return (vcpu->virt ? n->l1.vsstatus : csr_read(CSR_VSSTATUS)) & SR_MXR;
}

static int fault_to_l1(struct rvhv_vcpu *vcpu, bool access_fault)
{
	struct rvhv_trap trap;

	vcpu->stats.nested_fault_l1++;
	rvhv_trap_last(vcpu, &trap);
	if (!trap.htinst)
		trap.htinst = made_up_htinst(vcpu);
	preempt_disable();
	if (access_fault) {
		trap.scause = access_fault_of(trap.scause);
		trap.htval = 0;
		trap.htinst = 0;
		rvhv_nested_forward(vcpu, &trap);
	} else {
		rvhv_nested_trap_to_l1(vcpu, &trap);
	}
	preempt_enable();
	return RVHV_RESUME;
}

/**
 * rvhv_nested_resolve - the L2 misses a translation
 * @vcpu: the vCPU; n->shadow is the table of the L1's hgatp
 * @l2_gpa: the L2's guest physical address
 * @access: of which kind
 * @access_fault: where 1 is returned: not a guest page fault
 * @l1_gpa: the L1's guest physical address, where the L1's tables have one
 *
 * Context: the vCPU's thread, may sleep.
 * Return: 0: try again; 1: the L1's tables do not have it; 2: nothing is behind
 * the L1's address; or a negative errno.
 */
int rvhv_nested_resolve(struct rvhv_vcpu *vcpu, u64 l2_gpa, enum rvhv_access access,
			bool *access_fault, u64 *l1_gpa)
{
	struct rvhv_nested *n = vcpu->nested;
	struct rvhv_walk_result res;
	struct rvhv_fault fault;
	unsigned long seq;
	int ret;

	seq = rvhv_shadow_seq(n->shadow);
	ret = rvhv_gstage_walk(n->hs.hgatp, walk_features(vcpu), l2_gpa, access, read_pte, vcpu,
			       &res);
	if (ret == RVHV_WALK_PAGE_FAULT && access == RVHV_ACCESS_LOAD && res.exec &&
	    l1_has_mxr(vcpu))
		ret = 0;
	if (ret < 0)
		return ret;
	*access_fault = ret == RVHV_WALK_ACCESS_FAULT;
	if (ret)
		return 1;
	*l1_gpa = res.gpa;
	vcpu->stats.nested_fault++;
	trace_rvhv_nested_fault(vcpu, l2_gpa, res.gpa, access == RVHV_ACCESS_STORE);
	fault.gpa = res.gpa;
	fault.write = access == RVHV_ACCESS_STORE;
	switch (rvhv_shadow_map(n->shadow, seq, &vcpu->cache, l2_gpa, &res, &fault)) {
	case RVHV_FAULT_MAPPED:
		return 0;
	case RVHV_FAULT_FAILED:
		return fault.error;
	case RVHV_FAULT_MMIO:
		break;
	}
	return 2;
}

/*
 * A guest page fault of the L2: the L1's, if its tables do not map the page; a device of the VMM's,
 * if the L1 hands one on; else ours.
 */
static int fault_slow(struct rvhv_vcpu *vcpu)
{
	u64 l2_gpa = ((u64)vcpu->sw.htval << 2) | (vcpu->sw.stval & 3), l1_gpa;
	bool access_fault;
	int ret;

	ret = rvhv_nested_resolve(vcpu, l2_gpa, access_of(vcpu), &access_fault, &l1_gpa);
	if (ret == 1)
		return fault_to_l1(vcpu, access_fault);
	if (ret <= 0)
		return ret ?: RVHV_RESUME;
	if (vcpu->sw.scause == EXC_INST_GUEST_PAGE_FAULT)
		return fault_to_l1(vcpu, true);
	return rvhv_mmio_emulate(vcpu, l1_gpa, vcpu->sw.scause == EXC_STORE_GUEST_PAGE_FAULT);
}

/**
 * rvhv_nested_exit_slow - serve an exit of the L2 where sleeping is allowed
 * @vcpu: the vCPU, its L2 running
 *
 * Return: enum rvhv_next other than RVHV_SLOW, or a negative errno for KVM_RUN.
 */
int rvhv_nested_exit_slow(struct rvhv_vcpu *vcpu)
{
	if (is_guest_page_fault(vcpu->sw.scause))
		return fault_slow(vcpu);
	if (is_own_wfi(vcpu)) {
		vcpu->stats.wfi_exit_stat++;
		vcpu->sw.sepc += 4;
		rvhv_vcpu_halt(vcpu);
		return RVHV_RESUME;
	}
	return rvhv_exit_unhandled(vcpu);
}
