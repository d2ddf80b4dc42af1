// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI specification, "RFENCE Extension". The cost of a call does not depend on the size of its
 * range.
 */
#include <linux/bits.h>
#include <linux/math.h>

#include "sbi_ext.h"

#define PAGE	BIT(RVHV_PAGE_SHIFT)

/* hgatp of a guest implements all VMID bits */
#define VMID_MASK	GENMASK(13, 0)

/*
 * Set start and size of @fence to the pages of a guest's range; returns false if it is empty. A
 * range that wraps becomes the whole address space: Linux ignores errors of fences, and a larger
 * fence is always correct.
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

/*
 * Fence every hart of a valid set. Returns true if other harts were asked: the caller must call
 * ops->fence_wait.
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

static bool caller_and_all_have_h(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
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
 * HFENCE functions act on L2s. The harts of a VM share the shadow tables, so one hart fences a
 * G-stage for all. A VS-stage fence drops every translation: the guest names those of the VMID in
 * its hgatp, which differs from the host's.
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
	if (!caller_and_all_have_h(vcpu, ops, harts))
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
		/* SFENCE.VMA ignores the other bits */
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
