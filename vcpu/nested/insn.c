// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions of the H extension that an L1 executes: they cause virtual-instruction exceptions.
 */
#include <linux/slab.h>

#include "../insn.h"
#include "../timer.h"
#include "csr_table.h"
#include "internal.h"
#include "shadow.h"

/* By enum rvhv_insn_system_kind; -1 for what is not emulated here */
static const s8 insn_class[] = {
	[RVHV_SYS_CSR] = RVHV_HS_CSR,
	[RVHV_SYS_ECALL] = -1,
	[RVHV_SYS_EBREAK] = -1,
	[RVHV_SYS_SRET] = RVHV_HS_SRET,
	[RVHV_SYS_WFI] = -1,
	[RVHV_SYS_WRS] = -1,
	[RVHV_SYS_SFENCE_VMA] = -1,
	[RVHV_SYS_SFENCE_W_INVAL] = -1,
	[RVHV_SYS_SFENCE_INVAL_IR] = -1,
	[RVHV_SYS_SINVAL_VMA] = -1,
	[RVHV_SYS_HFENCE_VVMA] = RVHV_HS_HFENCE,
	[RVHV_SYS_HFENCE_GVMA] = RVHV_HS_HFENCE,
	[RVHV_SYS_HINVAL_VVMA] = RVHV_HS_HFENCE,
	[RVHV_SYS_HINVAL_GVMA] = RVHV_HS_HFENCE,
	[RVHV_SYS_HLV] = RVHV_HS_HLSV,
	[RVHV_SYS_HLVX] = RVHV_HS_HLSV,
	[RVHV_SYS_HSV] = RVHV_HS_HLSV,
};

/* Out of line, like sret(): their locals would give csr_access() a stack protector. */
static noinline void refuse(struct rvhv_vcpu *vcpu, unsigned long cause)
{
	struct rvhv_trap trap = {
		.sepc = vcpu->sw.sepc,
		.scause = cause,
		.stval = vcpu->sw.stval,
	};

	rvhv_nested_take_trap(vcpu, rvhv_nested_l1_mode(vcpu), &trap, false);
}

/* Fast path: HS-mode access to a table CSR; needs no privilege check. */
static __always_inline void csr_access(struct rvhv_vcpu *vcpu, const struct rvhv_hs_csr *row,
				       u32 insn)
{
	struct rvhv_nested *n = vcpu->nested;
	unsigned int rd = rvhv_insn_rd(insn), rs1 = rvhv_insn_rs1(insn);
	unsigned int op = rvhv_insn_csr_op(insn);
	unsigned long src = rvhv_insn_csr_imm(insn) ? rs1 : vcpu->sw.gpr[rs1], old;

	old = rvhv_hs_csr_get(row, &n->cfg, &n->hs, row->read ? rvhv_vcpu_time(vcpu) : 0);
	/* CSRRS and CSRRC with x0 or a zero immediate do not write. */
	if (op == RVHV_CSR_RW || rs1) {
		if (rvhv_hs_csr_read_only(row)) {
			refuse(vcpu, EXC_INST_ILLEGAL);
			return;
		}
		rvhv_hs_csr_put(row, &n->cfg, &n->hs, old, op == RVHV_CSR_RC ? 0 : src,
				op == RVHV_CSR_RW ? ~0UL : src);
		if (row->reroutes_traps)
			rvhv_nested_hstatus_changed(vcpu);
	}
	if (rd)
		vcpu->sw.gpr[rd] = old;
	vcpu->sw.sepc += 4;
	vcpu->stats.nested_csr++;
}

/* SRET of the L1's HS mode: to its own U mode or HS mode, or to its L2 */
static noinline void sret(struct rvhv_vcpu *vcpu)
{
	struct rvhv_nested *n = vcpu->nested;
	struct rvhv_s_regs regs = { .sstatus = csr_read(CSR_VSSTATUS) };
	unsigned long pc = csr_read(CSR_VSEPC);
	enum rvhv_mode mode;

	vcpu->stats.nested_sret++;
	mode = rvhv_hs_sret(&n->hs, &regs);
	csr_write(CSR_VSSTATUS, regs.sstatus);
	if (mode == RVHV_MODE_VS || mode == RVHV_MODE_VU) {
		rvhv_nested_enter_l2(vcpu, mode, pc);
		return;
	}
	rvhv_nested_hstatus_changed(vcpu);
	vcpu->sw.sepc = pc;
	if (mode == RVHV_MODE_HS)
		vcpu->sw.sstatus |= SR_SPP;
	else
		vcpu->sw.sstatus &= ~SR_SPP;
}

static bool sret_to_l2(const struct rvhv_vcpu *vcpu)
{
	return vcpu->nested->hs.hstatus & HSTATUS_SPV;
}

static bool has_shadow(const struct rvhv_vcpu *vcpu)
{
	const struct rvhv_nested *n = vcpu->nested;

	return n->shadow && n->shadow_key == n->hs.hgatp;
}

enum decoded {
	DECODED,	/* an instruction that the L1 may execute */
	DECODE_REFUSED,	/* the L1 has taken the exception */
	DECODE_OTHER,	/* not an instruction of the H extension */
};

static enum decoded decode(struct rvhv_vcpu *vcpu, struct rvhv_insn_system *sys)
{
	unsigned long cause;

	if (rvhv_insn_decode_system(vcpu->sw.stval, sys) != RVHV_DECODED ||
	    insn_class[sys->kind] < 0)
		return DECODE_OTHER;
	cause = rvhv_hs_insn_check(&vcpu->nested->hs, rvhv_nested_l1_mode(vcpu),
				   insn_class[sys->kind], sys->csr);
	if (!cause)
		return DECODED;
	refuse(vcpu, cause);
	return DECODE_REFUSED;
}

/**
 * rvhv_nested_insn_fast - emulate an instruction of the L1 without sleeping
 * @vcpu: the vCPU, loaded, its L1 running
 *
 * Context: interrupts off.
 * Return: RVHV_RESUME, or RVHV_SLOW with nothing changed.
 */
enum rvhv_next rvhv_nested_insn_fast(struct rvhv_vcpu *vcpu)
{
	u32 insn = vcpu->sw.stval;
	const struct rvhv_hs_csr *row;

	if (!(vcpu->sw.sstatus & SR_SPP))
		return RVHV_SLOW;
	if (rvhv_insn_is_csr(insn)) {
		row = rvhv_hs_csr_find(&vcpu->nested->cfg, rvhv_insn_csr(insn));
		if (!row)
			return RVHV_SLOW;
		csr_access(vcpu, row, insn);
		return RVHV_RESUME;
	}
	if (insn != RVHV_INSN_SRET || (sret_to_l2(vcpu) && !has_shadow(vcpu)))
		return RVHV_SLOW;
	sret(vcpu);
	return rvhv_vcpu_tlb_ready(vcpu) ? RVHV_RESUME : RVHV_LEAVE;
}

/* Make n->shadow the table of the L1's present hgatp. May sleep. Returns 0 or -ENOMEM. */
int rvhv_nested_update_shadow(struct rvhv_vcpu *vcpu)
{
	struct rvhv_nested *n = vcpu->nested;
	struct rvhv_shadow *shadow;

	if (has_shadow(vcpu))
		return 0;
	shadow = rvhv_shadow_get(vcpu->vm, n->hs.hgatp);
	if (IS_ERR(shadow))
		return PTR_ERR(shadow);
	if (n->shadow)
		rvhv_shadow_put(n->shadow);
	n->shadow = shadow;
	n->shadow_key = n->hs.hgatp;
	n->l2.translation = rvhv_shadow_translation(shadow);
	n->l2.stale = true;
	return 0;
}

static unsigned long reg(const struct rvhv_vcpu *vcpu, unsigned int nr)
{
	return vcpu->sw.gpr[nr];
}

static void hfence_vvma(struct rvhv_vcpu *vcpu)
{
	rvhv_nested_fence(vcpu);
	vcpu->stats.nested_hfence_vvma++;
}

static void fence_all(struct rvhv_vcpu *vcpu, int vmid)
{
	struct rvhv_nested_walk *walk = kmalloc(sizeof(*walk), GFP_KERNEL | __GFP_NOWARN);

	if (!walk) {
		rvhv_nested_fence_gvma(vcpu->vm, vmid, 0, U64_MAX);
		return;
	}
	walk->vcpu = vcpu;
	walk->start = U64_MAX;
	rvhv_shadow_fence_vmid(vcpu->vm, vmid, rvhv_nested_walk, walk);
	kfree(walk);
}

static void hfence_gvma(struct rvhv_vcpu *vcpu, const struct rvhv_insn_system *sys)
{
	u64 gpa = ((u64)reg(vcpu, sys->rs1) << 2) & PAGE_MASK;
	int vmid = RVHV_SHADOW_ALL_VMIDS;

	vcpu->stats.nested_hfence_gvma++;
	if (sys->rs2)
		vmid = reg(vcpu, sys->rs2) & (BIT(vcpu->nested->cfg.vmid_bits) - 1);
	if (sys->rs1)
		rvhv_nested_fence_gvma(vcpu->vm, vmid, gpa, PAGE_SIZE);
	else
		fence_all(vcpu, vmid);
}

/**
 * rvhv_nested_insn_slow - emulate an instruction of the L1
 * @vcpu: the vCPU, its L1 running
 *
 * Context: the vCPU's thread, may sleep.
 * Return: a verdict; RVHV_SLOW for an instruction that is not of the H extension.
 */
enum rvhv_next rvhv_nested_insn_slow(struct rvhv_vcpu *vcpu)
{
	const struct rvhv_hs_csr *row;
	struct rvhv_insn_system sys;
	enum decoded decoded;
	int ret;

	preempt_disable();
	decoded = decode(vcpu, &sys);
	preempt_enable();
	if (decoded == DECODE_OTHER)
		return RVHV_SLOW;
	if (decoded == DECODE_REFUSED)
		return RVHV_RESUME;

	switch (sys.kind) {
	case RVHV_SYS_CSR:
		/* The fast path takes these, unless stval did not hold the instruction. */
		row = rvhv_hs_csr_find(&vcpu->nested->cfg, sys.csr);
		if (!row)
			return RVHV_SLOW;
		preempt_disable();
		csr_access(vcpu, row, vcpu->sw.stval);
		preempt_enable();
		return RVHV_RESUME;
	case RVHV_SYS_SRET:
		ret = rvhv_nested_update_shadow(vcpu);
		if (ret)
			return rvhv_vcpu_fail(vcpu, ret);
		preempt_disable();
		sret(vcpu);
		preempt_enable();
		return RVHV_RESUME;
	case RVHV_SYS_HFENCE_VVMA:
	case RVHV_SYS_HINVAL_VVMA:
		hfence_vvma(vcpu);
		break;
	case RVHV_SYS_HFENCE_GVMA:
	case RVHV_SYS_HINVAL_GVMA:
		hfence_gvma(vcpu, &sys);
		break;
	case RVHV_SYS_HLV:
	case RVHV_SYS_HLVX:
	case RVHV_SYS_HSV:
		ret = rvhv_nested_update_shadow(vcpu);
		if (ret)
			return rvhv_vcpu_fail(vcpu, ret);
		return rvhv_nested_hlsv(vcpu, &sys);
	default:
		return RVHV_SLOW;
	}
	vcpu->sw.sepc += 4;
	return RVHV_RESUME;
}
