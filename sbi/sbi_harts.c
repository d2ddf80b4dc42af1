// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets of harts in SBI calls (SBI specification, "Hart list parameter").
 */
#include <linux/bitops.h>

#include "sbi_ext.h"

/*
 * Returns SBI_SUCCESS if every hart of the set exists, else SBI_ERR_INVALID_PARAM. vCPUs live as
 * long as their VM, so the result stays valid.
 */
long rvhv_sbi_harts_check(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
			  struct rvhv_sbi_harts harts)
{
	if (harts.base == RVHV_SBI_ALL_HARTS)
		return SBI_SUCCESS;
	/* base + bit cannot wrap below */
	if (harts.base >= RVHV_MAX_VCPUS)
		return SBI_ERR_INVALID_PARAM;
	if (!harts.mask && !ops->next(vcpu, &harts.base))
		return SBI_ERR_INVALID_PARAM;

	for (; harts.mask; harts.mask &= harts.mask - 1)
		if (!ops->find(vcpu, harts.base + __ffs(harts.mask)))
			return SBI_ERR_INVALID_PARAM;
	return SBI_SUCCESS;
}

/* Returns the next existing hart of a valid set and removes it from @harts; NULL at the end. */
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

/* Returns true if the caller is the only hart of the set; false for an empty or invalid set. */
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
