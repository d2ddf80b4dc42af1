/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of vcpu/nested/ share. */
#ifndef _RVHV_NESTED_INTERNAL_H
#define _RVHV_NESTED_INTERNAL_H

#include "../../include/rvhv_arch.h"
#include "nested.h"
#include "walk.h"

struct rvhv_insn_system;

/* Choose which of the two G-stages the vCPU runs on. */
static inline void rvhv_nested_set_virt(struct rvhv_vcpu *vcpu, bool virt)
{
	vcpu->virt = virt;
	vcpu->stage = virt ? &vcpu->nested->l2 : &vcpu->own;
}

static inline enum rvhv_mode rvhv_nested_l1_mode(const struct rvhv_vcpu *vcpu)
{
	return vcpu->sw.sstatus & SR_SPP ? RVHV_MODE_HS : RVHV_MODE_U;
}

/* Bits of hstatus that make instructions of an L2 trap */
#define RVHV_NESTED_HSTATUS_TRAPS	(HSTATUS_VTSR | HSTATUS_VTVM)

/*
 * Follows a change of the L1's hstatus, htval or htinst; the L1 runs, preemption off.
 *
 * SRET of the L1 traps only if it would enter its L2. A trap that the L1 takes from itself clears
 * SPV, GVA, htval and htinst. The hart cannot clear them: while any is set, no exception is
 * delegated to the L1.
 */
static inline void rvhv_nested_hstatus_changed(struct rvhv_vcpu *vcpu)
{
	const struct rvhv_hs_state *hs = &vcpu->nested->hs;
	unsigned long hedeleg = vcpu->cfg.hedeleg;

	vcpu->sw.hstatus &= ~RVHV_NESTED_HSTATUS_TRAPS;
	if (hs->hstatus & HSTATUS_SPV)
		vcpu->sw.hstatus |= HSTATUS_VTSR;
	if ((hs->hstatus & (HSTATUS_SPV | HSTATUS_GVA)) || hs->htval || hs->htinst)
		hedeleg = 0;
	csr_write(CSR_HEDELEG, hedeleg);
}

/* nested.c */
void rvhv_nested_fill_cfg(const struct rvhv_vcpu *vcpu, struct rvhv_hs_cfg *cfg);

/* enter.c: loaded, preemption off */
void rvhv_nested_enter_l2(struct rvhv_vcpu *vcpu, enum rvhv_mode mode, unsigned long pc);
void rvhv_nested_take_trap(struct rvhv_vcpu *vcpu, enum rvhv_mode mode,
			   const struct rvhv_trap *trap, bool hlsv);
void rvhv_nested_trap_to_l1(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap);

/* exit.c: loaded, preemption off */
void rvhv_nested_forward(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap);

/* timer.c */
void rvhv_nested_timer_arm_undelegated(struct rvhv_vcpu *vcpu);
void rvhv_nested_timer_enter_l2(struct rvhv_vcpu *vcpu);
void rvhv_nested_timer_leave_l2(struct rvhv_vcpu *vcpu);
void rvhv_nested_timer_resume_l2(struct rvhv_vcpu *vcpu);

/* hlsv.c */
enum rvhv_next rvhv_nested_hlsv(struct rvhv_vcpu *vcpu, const struct rvhv_insn_system *sys);

/*
 * fault.c: walks of many addresses. @table caches the L1's lowest table for 2 MiB from @start on
 * under @hgatp; it is empty while @start is all ones.
 */
struct rvhv_nested_walk {
	struct rvhv_vcpu *vcpu;
	unsigned long hgatp;
	u64 start;
	u64 table[PAGE_SIZE / sizeof(u64)];
};

enum rvhv_walk rvhv_nested_walk(void *walk, unsigned long hgatp, u64 l2_gpa,
				struct rvhv_walk_result *res);

/* What became of a translation that an L2 missed */
enum rvhv_l2_fault_result {
	RVHV_L2_FAULT_RETRY,		/* the access may be made again */
	RVHV_L2_FAULT_L1_PAGE,		/* the L1's tables do not allow it */
	RVHV_L2_FAULT_L1_ACCESS,	/* the L1's tables are not in its memory */
	RVHV_L2_FAULT_MMIO,		/* no memory at @l1_gpa */
	RVHV_L2_FAULT_FAILED,		/* @error */
};

/* A translation that an L2 misses */
struct rvhv_l2_fault {
	u64 l2_gpa;
	enum rvhv_access access;
	u64 l1_gpa;	/* where the L1's tables have one */
	int error;	/* a negative errno for KVM_RUN */
};

enum rvhv_l2_fault_result rvhv_nested_resolve(struct rvhv_vcpu *vcpu, struct rvhv_l2_fault *fault);

/* insn.c */
int rvhv_nested_update_shadow(struct rvhv_vcpu *vcpu);

#endif /* _RVHV_NESTED_INTERNAL_H */
