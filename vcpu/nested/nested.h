/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest (L1) that is a hypervisor with a guest of its own (L2), as the rest of vcpu/ sees it.
 *
 * The L1's HS mode runs in the hart's VS mode. While it runs, the VS CSRs of the hart are its
 * supervisor CSRs, and everything of the H extension is memory (hs.h). While the L2 runs, the
 * hart's VS CSRs are the L2's and the L1's are memory.
 */
#ifndef _RVHV_NESTED_H
#define _RVHV_NESTED_H

#include "../run.h"
#include "hs.h"

struct rvhv_shadow;

/**
 * struct rvhv_nested - the hypervisor side of a vCPU with the H extension
 * @cfg: what the L1's hart has
 * @hs: its hypervisor CSRs, and the L2's VS CSRs while the L2 does not run
 * @l1: the L1's supervisor CSRs while the L2 runs in KVM_RUN. Outside KVM_RUN they are in
 *	vcpu->csr, and the L2's in @hs (state.c)
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

/* nested.c */
int rvhv_nested_create(struct rvhv_vcpu *vcpu);
void rvhv_nested_reset(struct rvhv_vcpu *vcpu);
void rvhv_nested_destroy(struct rvhv_vcpu *vcpu);

/* state.c: around KVM_RUN, and registers by ONE_REG's numbers */
int rvhv_nested_run_begin(struct rvhv_vcpu *vcpu);
void rvhv_nested_run_end(struct rvhv_vcpu *vcpu);

/* CSRs by their numbers, and one more: whether the L2 runs */
#define RVHV_NESTED_REG_VIRT	0x1000
#define RVHV_NESTED_NR_REGS	(RVHV_NESTED_REG_VIRT + 1)

bool rvhv_nested_has_reg(const struct rvhv_vcpu *vcpu, unsigned int num);
int rvhv_nested_get_reg(struct rvhv_vcpu *vcpu, unsigned int num, unsigned long *val);
int rvhv_nested_set_reg(struct rvhv_vcpu *vcpu, unsigned int num, unsigned long val);

/* enter.c: loaded, preemption off */
unsigned long rvhv_nested_load(struct rvhv_vcpu *vcpu);
void rvhv_nested_put(struct rvhv_vcpu *vcpu);
bool rvhv_nested_hides(const struct rvhv_vcpu *vcpu, unsigned long unit);
void rvhv_nested_merge_dirty(struct rvhv_vcpu *vcpu);

/* irq.c: loaded, preemption off */
void rvhv_nested_flush_irq(struct rvhv_vcpu *vcpu, unsigned long changed, unsigned long level);
bool rvhv_nested_irq_pending(const struct rvhv_vcpu *vcpu);
bool rvhv_nested_interrupt(struct rvhv_vcpu *vcpu);

/* Skips rvhv_nested_interrupt() for an L1 without undelegated interrupts enabled. */
static inline bool rvhv_nested_may_interrupt(const struct rvhv_vcpu *vcpu)
{
	const struct rvhv_nested *n = vcpu->nested;

	return unlikely(n) && (vcpu->virt || n->hs.hie & ~n->hs.hideleg);
}

/* exit.c, fault.c, insn.c: rows of the exit table */
enum rvhv_next rvhv_nested_forward_fast(struct rvhv_vcpu *vcpu);
enum rvhv_next rvhv_nested_illegal_fast(struct rvhv_vcpu *vcpu);
enum rvhv_next rvhv_nested_virtual_insn_fast(struct rvhv_vcpu *vcpu);
enum rvhv_next rvhv_nested_wfi_slow(struct rvhv_vcpu *vcpu);
enum rvhv_next rvhv_nested_fault_slow(struct rvhv_vcpu *vcpu);
enum rvhv_next rvhv_nested_insn_fast(struct rvhv_vcpu *vcpu);
enum rvhv_next rvhv_nested_insn_slow(struct rvhv_vcpu *vcpu);

/* exit.c: loaded, preemption off */
void rvhv_nested_redirect(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap);

/* timer.c */
void rvhv_nested_timer_load(const struct rvhv_vcpu *vcpu);
void rvhv_nested_timer_save(struct rvhv_vcpu *vcpu);
u64 rvhv_nested_timer_due(const struct rvhv_vcpu *vcpu, u64 comparator);
void rvhv_nested_timer_unblock(struct rvhv_vcpu *vcpu);

/* HFENCE.VVMA, or the vCPU moved: drops the L2's VS-stage translations before their next use. */
static inline void rvhv_nested_fence(struct rvhv_vcpu *vcpu)
{
	if (vcpu->nested)
		vcpu->nested->l2.stale = true;
}

/* shadow.c; VMIDs are the L1's */
#define RVHV_SHADOW_ALL_VMIDS	(-1)

void rvhv_nested_fence_gvma(struct rvhv_vm *vm, int vmid, u64 l2_gpa, u64 size);
void rvhv_nested_vm_destroy(struct rvhv_vm *vm);

#endif /* _RVHV_NESTED_H */
