// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI specification, "RFENCE Extension".
 *
 * A call costs the host the same whatever range it names: what a range means in pages is settled
 * here, and nothing in sbi/ loops over it.
 */
#include <linux/bits.h>
#include <linux/math.h>

#include "sbi_ext.h"

#define PAGE	BIT(RVHV_PAGE_SHIFT)

/* The largest VMIDLEN: hgatp of a guest has all of it */
#define VMID_MASK	GENMASK(13, 0)

/**
 * rvhv_sbi_fence_range - put a guest's range into a fence, in whole pages
 * @fence: start and size are written; start + size - 1 does not wrap
 * @start: start_addr, any value
 * @size: size, any value
 *
 * A range that would wrap around becomes the whole address space: fencing more than was asked is
 * always right, and callers such as Linux ignore errors of fences.
 *
 * Return: false if the range is empty.
 */
bool rvhv_sbi_fence_range(struct rvhv_fence *fence, unsigned long start, unsigned long size)
{
	unsigned long first, last;

	fence->start = 0;
	fence->size = RVHV_FENCE_ALL;
	if (!size)
		return !start;

	last = start + size - 1;
	if (size == RVHV_FENCE_ALL || last < start)
		return true;

	first = round_down(start, PAGE);
	last |= PAGE - 1;
	if (last - first == RVHV_FENCE_ALL)
		return true;
	fence->start = first;
	fence->size = last - first + 1;
	return true;
}

/**
 * rvhv_sbi_fence_harts - make every hart of a set fence
 * @vcpu: the caller; it fences at once if it is in the set
 * @ops: how to reach vCPUs
 * @harts: the set, checked
 * @fence: the fence
 *
 * Return: true if other harts were asked: ops->fence_wait is due.
 */
bool rvhv_sbi_fence_harts(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
			  struct rvhv_sbi_harts harts, const struct rvhv_fence *fence)
{
	struct rvhv_vcpu *target;
	bool others = false;

	while ((target = rvhv_sbi_harts_next(vcpu, ops, &harts))) {
		if (target == vcpu) {
			ops->fence_self(vcpu, fence);
		} else {
			ops->fence_post(target, fence);
			others = true;
		}
	}
	return others;
}

/* Do all harts of a set, and the caller, have the H extension? */
static bool all_have_h(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
		       struct rvhv_sbi_harts harts)
{
	struct rvhv_vcpu *target;

	if (!ops->has_h(vcpu))
		return false;
	while ((target = rvhv_sbi_harts_next(vcpu, ops, &harts)))
		if (!ops->has_h(target))
			return false;
	return true;
}

/*
 * HFENCE functions: on the guest's own guests. The tables of a VM's L2s are shared by its harts,
 * so one fence of a G-stage is in force on all of them. A VS-stage is dropped as a whole: what is
 * named is of the VMID in the caller's hgatp, which the host does not use for it.
 */
static enum rvhv_sbi_result hfence(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				   struct rvhv_sbi_harts harts, struct rvhv_sbi_call *call)
{
	bool gstage = call->fid == SBI_EXT_RFENCE_REMOTE_HFENCE_GVMA ||
		      call->fid == SBI_EXT_RFENCE_REMOTE_HFENCE_GVMA_VMID;
	struct rvhv_fence fence = { .kind = RVHV_FENCE_L2_VVMA, .vmid = -1 };

	if (!ops->has_h(vcpu))
		return rvhv_sbi_error(call, SBI_ERR_NOT_SUPPORTED);
	if (call->atomic)
		return RVHV_SBI_DEFER;
	call->error = rvhv_sbi_harts_check(vcpu, ops, harts);
	if (call->error)
		return RVHV_SBI_DONE;
	if (!all_have_h(vcpu, ops, harts))
		return rvhv_sbi_error(call, SBI_ERR_NOT_SUPPORTED);
	if (!rvhv_sbi_fence_range(&fence, call->args[2], call->args[3]))
		return RVHV_SBI_DONE;
	if (gstage) {
		fence.kind = RVHV_FENCE_L2_GVMA;
		if (call->fid == SBI_EXT_RFENCE_REMOTE_HFENCE_GVMA_VMID)
			fence.vmid = call->args[4] & VMID_MASK;
		ops->fence_self(vcpu, &fence);
	} else if (rvhv_sbi_fence_harts(vcpu, ops, harts, &fence)) {
		ops->fence_wait(vcpu);
	}
	return RVHV_SBI_DONE;
}

/**
 * rvhv_sbi_rfence - the RFENCE extension
 * @vcpu: the caller
 * @ops: how to reach vCPUs
 * @state: extensions of @vcpu
 * @call: the call
 *
 * The HFENCE functions act on the guest's own guests; a hart without the H extension has none, and
 * refuses.
 *
 * Return: what became of the call.
 */
enum rvhv_sbi_result rvhv_sbi_rfence(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				     const struct rvhv_sbi_state *state,
				     struct rvhv_sbi_call *call)
{
	struct rvhv_sbi_harts harts = { .mask = call->args[0], .base = call->args[1] };
	struct rvhv_fence fence = {};
	bool work = true;

	switch (call->fid) {
	case SBI_EXT_RFENCE_REMOTE_FENCE_I:
		fence.kind = RVHV_FENCE_I;
		break;
	case SBI_EXT_RFENCE_REMOTE_SFENCE_VMA:
		fence.kind = RVHV_FENCE_VVMA;
		work = rvhv_sbi_fence_range(&fence, call->args[2], call->args[3]);
		break;
	case SBI_EXT_RFENCE_REMOTE_SFENCE_VMA_ASID:
		fence.kind = RVHV_FENCE_VVMA_ASID;
		/* A hart ignores the rest of SFENCE.VMA's register. */
		fence.asid = call->args[4] & SATP_ASID_MASK;
		work = rvhv_sbi_fence_range(&fence, call->args[2], call->args[3]);
		break;
	case SBI_EXT_RFENCE_REMOTE_HFENCE_GVMA_VMID:
	case SBI_EXT_RFENCE_REMOTE_HFENCE_GVMA:
	case SBI_EXT_RFENCE_REMOTE_HFENCE_VVMA_ASID:
	case SBI_EXT_RFENCE_REMOTE_HFENCE_VVMA:
		return hfence(vcpu, ops, harts, call);
	default:
		return rvhv_sbi_error(call, SBI_ERR_NOT_SUPPORTED);
	}

	if (rvhv_sbi_harts_only_self(vcpu, ops, harts)) {
		if (work)
			ops->fence_self(vcpu, &fence);
		return RVHV_SBI_DONE;
	}
	if (call->atomic)
		return RVHV_SBI_DEFER;

	call->error = rvhv_sbi_harts_check(vcpu, ops, harts);
	if (!call->error && work && rvhv_sbi_fence_harts(vcpu, ops, harts, &fence))
		ops->fence_wait(vcpu);
	return RVHV_SBI_DONE;
}
