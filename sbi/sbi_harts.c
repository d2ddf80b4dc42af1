// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets of harts in SBI calls (SBI specification, "Hart list parameter").
 */
#include <linux/bitops.h>

#include "sbi_ext.h"

/**
 * rvhv_sbi_harts_check - do all harts of a set exist?
 * @vcpu: the caller
 * @ops: how to reach vCPUs
 * @harts: the set
 *
 * A vCPU that exists goes on existing as long as its VM, so what was checked stays true.
 *
 * Return: SBI_SUCCESS or SBI_ERR_INVALID_PARAM.
 */
long rvhv_sbi_harts_check(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
			  struct rvhv_sbi_harts harts)
{
	if (harts.base == RVHV_SBI_ALL_HARTS)
		return SBI_SUCCESS;
	/* Also keeps base + bit from wrapping around. */
	if (harts.base >= RVHV_MAX_VCPUS)
		return SBI_ERR_INVALID_PARAM;
	if (!harts.mask && !ops->next(vcpu, &harts.base))
		return SBI_ERR_INVALID_PARAM;

	for (; harts.mask; harts.mask &= harts.mask - 1)
		if (!ops->find(vcpu, harts.base + __ffs(harts.mask)))
			return SBI_ERR_INVALID_PARAM;
	return SBI_SUCCESS;
}

/**
 * rvhv_sbi_harts_next - one step of a walk over the existing harts of a set
 * @vcpu: the caller
 * @ops: how to reach vCPUs
 * @harts: the set; what is left of it follows. Its base is valid.
 *
 * Return: the next vCPU, or NULL at the end.
 */
struct rvhv_vcpu *rvhv_sbi_harts_next(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				      struct rvhv_sbi_harts *harts)
{
	struct rvhv_vcpu *target;

	if (harts->base == RVHV_SBI_ALL_HARTS) {
		target = ops->next(vcpu, &harts->next);
		harts->next++;
		return target;
	}

	while (harts->mask) {
		target = ops->find(vcpu, harts->base + __ffs(harts->mask));
		harts->mask &= harts->mask - 1;
		if (target)
			return target;
	}
	return NULL;
}

/**
 * rvhv_sbi_harts_only_self - is the caller the only hart of a set?
 * @vcpu: the caller
 * @ops: how to reach vCPUs
 * @harts: the set
 *
 * Return: true if so; false also for an empty or invalid set.
 */
bool rvhv_sbi_harts_only_self(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
			      struct rvhv_sbi_harts harts)
{
	unsigned long id, bit;

	if (harts.base == RVHV_SBI_ALL_HARTS)
		return rvhv_sbi_harts_next(vcpu, ops, &harts) == vcpu &&
		       !rvhv_sbi_harts_next(vcpu, ops, &harts);

	id = ops->hart_id(vcpu);
	bit = id - harts.base;
	return harts.base <= id && bit < BITS_PER_LONG && harts.mask == BIT(bit);
}
