// SPDX-License-Identifier: GPL-2.0-only
/* HLV, HLVX and HSV of an L1: loads and stores of its L2's memory. */
#include <linux/log2.h>
#include <linux/sched/signal.h>

#include "../../guest_mem/access.h"
#include "../../guest_mem/atp.h"
#include "../insn.h"
#include "../load.h"
#include "../mmio.h"
#include "internal.h"

/* One HLV, HLVX or HSV */
struct hlsv {
	unsigned long gva;	/* of the L2 */
	u64 val;		/* stored or loaded */
	unsigned int len;	/* 1, 2, 4 or 8 */
	bool write;		/* HSV */
	bool exec;		/* HLVX */
	struct rvhv_trap trap;	/* what the L1 takes, but for sepc */
	u64 l1_gpa;		/* of a device */
	int error;		/* a negative errno for KVM_RUN */
};

enum hlsv_result {
	HLSV_DONE,	/* @val */
	HLSV_TRAP,	/* @trap */
	HLSV_MMIO,	/* @l1_gpa */
	HLSV_FAILED,	/* @error */
};

static enum rvhv_hlsv hlsv_op(const struct hlsv *h)
{
	if (h->write)
		return RVHV_HSV_B + ilog2(h->len);
	return h->exec ? RVHV_HLVX_HU + ilog2(h->len) - 1 : RVHV_HLV_BU + ilog2(h->len);
}

enum attempt {
	ATTEMPT_DONE,
	ATTEMPT_TRAP,
	ATTEMPT_NOT_READY,
};

/* Executes the access with the hart translating as for the L2. The L1's MXR counts as well. */
static enum attempt access_as_l2(struct rvhv_vcpu *vcpu, struct hlsv *h)
{
	struct rvhv_nested *n = vcpu->nested;
	unsigned long vsstatus = csr_read(CSR_VSSTATUS), vsatp = rvhv_vcpu_close_atp(vcpu);
	unsigned long hstatus = vcpu->sw.hstatus & ~HSTATUS_SPVP;
	enum attempt attempt = ATTEMPT_NOT_READY;

	hstatus |= n->hs.hstatus & HSTATUS_SPVP;
	/* The timer of the L1 keeps its STCE. */
	rvhv_atp_write_henvcfg(vcpu->cfg.henvcfg & (n->hs.henvcfg | ~ENVCFG_PBMTE));
	csr_write(CSR_VSSTATUS, n->hs.vs.vsstatus);
	vcpu->vsatp = n->hs.vs.vsatp;
	vcpu->stage = &n->l2;
	if (rvhv_vcpu_begin_access(vcpu)) {
		attempt = rvhv_guest_hlsv(hstatus, h->gva, &h->val, hlsv_op(h), vsstatus & SR_MXR,
					  &h->trap) ? ATTEMPT_DONE : ATTEMPT_TRAP;
		rvhv_vcpu_end_access(vcpu);
	}
	rvhv_vcpu_close_atp(vcpu);
	vcpu->stage = &vcpu->own;
	vcpu->vsatp = vsatp;
	csr_write(CSR_VSSTATUS, vsstatus);
	rvhv_atp_write_henvcfg(vcpu->cfg.henvcfg);
	return attempt;
}

/* What the G-stage was asked for: by the instruction, or for an entry of the L2's own tables */
static enum rvhv_access access_of(const struct hlsv *h)
{
	if (rvhv_insn_pseudo_write(h->trap.htinst))
		return RVHV_ACCESS_STORE;
	if (h->trap.htinst == RVHV_HTINST_PTE_READ)
		return RVHV_ACCESS_LOAD;
	if (h->write)
		return RVHV_ACCESS_STORE;
	return h->exec ? RVHV_ACCESS_FETCH : RVHV_ACCESS_LOAD;
}

static enum hlsv_result access_fault(struct hlsv *h)
{
	h->trap.scause = h->write ? EXC_STORE_ACCESS : EXC_LOAD_ACCESS;
	h->trap.htval = 0;
	h->trap.htinst = 0;
	return HLSV_TRAP;
}

/* Fills in the translation that the access missed. HLSV_DONE: try again. */
static enum hlsv_result resolve(struct rvhv_vcpu *vcpu, struct hlsv *h)
{
	struct rvhv_l2_fault fault = {
		.l2_gpa = rvhv_fault_gpa(h->trap.htval, h->trap.stval),
		.access = access_of(h),
	};

	switch (rvhv_nested_resolve(vcpu, &fault)) {
	case RVHV_L2_FAULT_RETRY:
		return HLSV_DONE;
	case RVHV_L2_FAULT_L1_PAGE:
		return HLSV_TRAP;
	case RVHV_L2_FAULT_L1_ACCESS:
		return access_fault(h);
	case RVHV_L2_FAULT_MMIO:
		/* The L2's page tables are in no device. */
		if (rvhv_insn_pseudo(h->trap.htinst) || !IS_ALIGNED(fault.l1_gpa, h->len))
			return access_fault(h);
		h->l1_gpa = fault.l1_gpa;
		return HLSV_MMIO;
	case RVHV_L2_FAULT_FAILED:
		break;
	}
	h->error = fault.error;
	return HLSV_FAILED;
}

static enum hlsv_result access(struct rvhv_vcpu *vcpu, struct hlsv *h)
{
	enum hlsv_result result;
	enum attempt attempt;

	for (;;) {
		/* The pages may be taken away as fast as they come. */
		if (signal_pending(current)) {
			h->error = -EINTR;
			return HLSV_FAILED;
		}
		cond_resched();
		local_irq_disable();
		attempt = access_as_l2(vcpu, h);
		local_irq_enable();
		if (attempt == ATTEMPT_DONE)
			return HLSV_DONE;
		if (attempt == ATTEMPT_NOT_READY) {
			rvhv_vcpu_prepare_access(vcpu, &vcpu->nested->l2);
			continue;
		}
		if (!rvhv_is_guest_page_fault(h->trap.scause))
			return HLSV_TRAP;
		result = resolve(vcpu, h);
		if (result != HLSV_DONE)
			return result;
	}
}

static enum rvhv_next take_trap(struct rvhv_vcpu *vcpu, struct hlsv *h)
{
	struct rvhv_trap *trap = &h->trap;

	trap->sepc = vcpu->sw.sepc;
	/* htinst is that of the L1's instruction, not of the one executed for it. */
	if (!rvhv_insn_pseudo(trap->htinst))
		trap->htinst = rvhv_insn_transform(vcpu->sw.stval) |
			       (trap->stval - h->gva) << RVHV_HTINST_OFFSET;
	preempt_disable();
	rvhv_nested_take_trap(vcpu, rvhv_nested_l1_mode(vcpu), trap, true);
	preempt_enable();
	return RVHV_RESUME;
}

/* Carries out an HLV, HLVX or HSV of the L1; n->shadow is the table of its hgatp. May sleep. */
enum rvhv_next rvhv_nested_hlsv(struct rvhv_vcpu *vcpu, const struct rvhv_insn_system *sys)
{
	struct hlsv h = {
		.gva = vcpu->sw.gpr[sys->rs1],
		.len = sys->len,
		.write = sys->kind == RVHV_SYS_HSV,
		.exec = sys->kind == RVHV_SYS_HLVX,
	};
	const struct rvhv_insn_access acc = {
		.len = sys->len,
		.rd_rs2 = h.write ? sys->rs2 : sys->rd,
		.insn_len = 4,
		.write = h.write,
		.sign_extend = sys->sign_extend,
	};

	vcpu->stats.nested_hlsv++;
	if (h.write)
		h.val = vcpu->sw.gpr[sys->rs2];
	switch (access(vcpu, &h)) {
	case HLSV_DONE:
		break;
	case HLSV_TRAP:
		return take_trap(vcpu, &h);
	case HLSV_MMIO:
		return rvhv_mmio_access(vcpu, h.l1_gpa, &acc);
	case HLSV_FAILED:
		return rvhv_vcpu_fail(vcpu, h.error);
	}
	if (!h.write && sys->rd)
		vcpu->sw.gpr[sys->rd] = sys->sign_extend ?
					sign_extend64(h.val, sys->len * 8 - 1) : h.val;
	vcpu->sw.sepc += 4;
	return RVHV_RESUME;
}
