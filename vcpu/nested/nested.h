/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest (L1) that is a hypervisor with a guest of its own (L2): what the other files of vcpu/
 * call.
 *
 * The L1's HS mode runs in the hart's VS mode. While it runs, the VS CSRs of the hart are its
 * supervisor CSRs, and everything of the H extension is memory (hs.h). While the L2 runs, the
 * hart's VS CSRs are the L2's and the L1's are memory.
 */
#ifndef _RVHV_NESTED_H
#define _RVHV_NESTED_H

#include "../vcpu.h"
#include "../internal.h"
#include "hs.h"
#include "walk.h"

struct rvhv_shadow;

/**
 * struct rvhv_nested - the hypervisor side of a vCPU with the H extension
 * @cfg: what the L1's hart has
 * @hs: its hypervisor CSRs, and the L2's VS CSRs while the L2 does not run
 * @l1: the L1's supervisor CSRs while vcpu->virt and in KVM_RUN; outside it they are in vcpu->csr, and
 *	the L2's in @hs (state.c)
 * @l1_timecmp: likewise the L1's stimecmp, outside KVM_RUN in vcpu->timer.compare
 * @armed: stimecmp for which the vCPU's hrtimer was last started
 * @shadow: the table that the L2 runs on, or last ran on; or NULL
 * @shadow_key: hgatp of the L1 that it stands for
 * @l2: the G-stage of @shadow
 */
struct rvhv_nested {
	struct rvhv_hs_cfg cfg;
	struct rvhv_hs_state hs;
	struct rvhv_vcpu_csr l1;
	u64 l1_timecmp;
	u64 armed;
	struct rvhv_shadow *shadow;
	unsigned long shadow_key;
	struct rvhv_vcpu_stage l2;
};

static inline bool rvhv_nested_virt(const struct rvhv_vcpu *vcpu)
{
	return unlikely(vcpu->virt);
}

/*
 * HFENCE.VVMA of everything: nothing of this hart uses an L2's translations before it is entered,
 * or read by HLV. Then all of its VS-stage goes, as it does of any other L2 that the hart comes to.
 */
static inline void rvhv_nested_fence(struct rvhv_vcpu *vcpu)
{
	if (vcpu->nested)
		vcpu->nested->l2.cpu = -1;
}

/* The vCPU came to another CPU, whose TLB may hold anything of its L2. */
static inline void rvhv_nested_tlb_forget(struct rvhv_vcpu *vcpu)
{
	rvhv_nested_fence(vcpu);
}

/* Choose which of the two G-stages the vCPU runs on. */
static inline void rvhv_nested_set_virt(struct rvhv_vcpu *vcpu, bool virt)
{
	vcpu->virt = virt;
	vcpu->stage = virt ? &vcpu->nested->l2 : &vcpu->own;
}

/* Does an L1 that has a unit off keep it from its L2, which runs? @unit is SR_FS or SR_VS. */
static inline bool rvhv_nested_hides(const struct rvhv_vcpu *vcpu, unsigned long unit)
{
	return rvhv_nested_virt(vcpu) && !(vcpu->nested->l1.vsstatus & unit);
}

static inline void rvhv_nested_count_exit(struct rvhv_vcpu *vcpu)
{
	u64 *hist = vcpu->virt ? vcpu->stats.nested_l2_exit_hist :
					 vcpu->stats.nested_l1_exit_hist;

	hist[min(vcpu->sw.scause, RVHV_NESTED_HIST_COUNT - 1UL)]++;
}

/* nested.c: at the first KVM_RUN of a vCPU with H or before, its reset, its end */
int rvhv_nested_create(struct rvhv_vcpu *vcpu);
void rvhv_nested_fill_cfg(const struct rvhv_vcpu *vcpu, struct rvhv_hs_cfg *cfg);
void rvhv_nested_reset(struct rvhv_vcpu *vcpu);
void rvhv_nested_destroy(struct rvhv_vcpu *vcpu);

/* enter.c: the vCPU is loaded, preemption off */
void rvhv_nested_enter_l2(struct rvhv_vcpu *vcpu, enum rvhv_mode mode, unsigned long pc);
void rvhv_nested_load_cfg(struct rvhv_vcpu *vcpu);
void rvhv_nested_take_trap(struct rvhv_vcpu *vcpu, enum rvhv_mode mode,
			   const struct rvhv_trap *trap, bool hlsv);
void rvhv_nested_leave_l2(struct rvhv_vcpu *vcpu);
void rvhv_nested_merge_dirty(struct rvhv_vcpu *vcpu);
void rvhv_nested_trap_to_l1(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap);
unsigned long rvhv_nested_irqs(const struct rvhv_vcpu *vcpu);
void rvhv_nested_unload_cfg(struct rvhv_vcpu *vcpu);
bool rvhv_nested_irq_pending(const struct rvhv_vcpu *vcpu);
/* Interrupts off */
bool rvhv_nested_interrupt(struct rvhv_vcpu *vcpu);

/* Can there be anything for rvhv_nested_interrupt()? An L1 seldom has undelegated interrupts on. */
static inline bool rvhv_nested_may_interrupt(const struct rvhv_vcpu *vcpu)
{
	const struct rvhv_nested *n = vcpu->nested;

	return unlikely(n) && (vcpu->virt || n->hs.hie & ~n->hs.hideleg);
}

/* The bits of hstatus that make instructions of an L2 trap */
#define RVHV_NESTED_HSTATUS_TRAPS	(HSTATUS_VTSR | HSTATUS_VTVM)

/*
 * What the hart does to the L1 by itself, after a change of its hstatus, htval or htinst. The vCPU
 * is loaded or being loaded, its L1 runs; preemption off.
 *
 * The L1's own SRET traps only where it would leave for its L2. A trap that the L1 takes from
 * itself clears SPV, GVA, htval and htinst. Where the hart gave it to the L1 without us, they would
 * stay: while any of them is set, the next trap comes through here.
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

/* state.c: around all of KVM_RUN; 0 or an errno */
int rvhv_nested_run_begin(struct rvhv_vcpu *vcpu);
void rvhv_nested_run_end(struct rvhv_vcpu *vcpu);

/* exit.c: a trap of the L2 goes where the L1's delegation says; loaded, preemption off */
void rvhv_nested_forward(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap);
/* exit.c: exits of an L2 */
enum rvhv_next rvhv_nested_exit_fast(struct rvhv_vcpu *vcpu);
int rvhv_nested_exit_slow(struct rvhv_vcpu *vcpu);

/*
 * nested.c: a load or store of the L1 by HLV, HLVX or HSV: 0; 1: @trap; 2: a device's, at @l1_gpa;
 * or an errno. May sleep
 */
int rvhv_nested_access(struct rvhv_vcpu *vcpu, unsigned long gva, u64 *val, unsigned int len,
		       bool write, bool exec, struct rvhv_trap *trap, u64 *l1_gpa);
/*
 * exit.c: walks of many addresses one after the other, as of one time. @table is the lowest table
 * of the L1's for 2 MiB from @start on under @hgatp; there is none while @start is all ones.
 */
struct rvhv_nested_walk {
	struct rvhv_vcpu *vcpu;
	unsigned long hgatp;
	u64 start;
	u64 table[PAGE_SIZE / sizeof(u64)];
};

int rvhv_nested_walk(void *walk, unsigned long hgatp, u64 l2_gpa, struct rvhv_walk_result *res);
/*
 * exit.c: the L2 misses a translation: 0: it is there; 1: a fault for the L1, an access fault if so
 */
int rvhv_nested_resolve(struct rvhv_vcpu *vcpu, u64 l2_gpa, enum rvhv_access access,
			bool *access_fault, u64 *l1_gpa);

/* insn.c: the table of the L1's present hgatp becomes n->shadow; 0 or an errno; may sleep */
int rvhv_nested_get_shadow(struct rvhv_vcpu *vcpu);
/* insn.c: virtual instruction exceptions of an L1 */
enum rvhv_next rvhv_nested_insn_fast(struct rvhv_vcpu *vcpu);
int rvhv_nested_insn_slow(struct rvhv_vcpu *vcpu);

#endif /* _RVHV_NESTED_H */
