// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI specification, "IPI Extension".
 */
#include <linux/bitops.h>

#include "sbi_ext.h"

static noinline enum rvhv_sbi_result send_to_many(struct rvhv_vcpu *vcpu,
						  const struct rvhv_sbi_ops *ops,
						  struct rvhv_sbi_call *call)
{
	struct rvhv_sbi_harts harts = { .mask = call->args[0], .base = call->args[1] };
	struct rvhv_vcpu *target;

	call->error = rvhv_sbi_harts_check(vcpu, ops, harts);
	if (call->error)
		return RVHV_SBI_DONE;

	while ((target = rvhv_sbi_harts_next(vcpu, ops, &harts)))
		ops->raise_ipi(target);
	return RVHV_SBI_DONE;
}

enum rvhv_sbi_result rvhv_sbi_ipi(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				  const struct rvhv_sbi_state *state, struct rvhv_sbi_call *call)
{
	unsigned long mask = call->args[0], base = call->args[1];
	struct rvhv_vcpu *target;

	if (call->fid != SBI_EXT_IPI_SEND_IPI)
		return rvhv_sbi_error(call, SBI_ERR_NOT_SUPPORTED);

	/* Fast path: one hart, as nearly always */
	if (!mask || mask & (mask - 1) || base >= RVHV_MAX_VCPUS)
		return send_to_many(vcpu, ops, call);
	target = ops->find(vcpu, base + __ffs(mask));
	if (!target)
		return rvhv_sbi_error(call, SBI_ERR_INVALID_PARAM);
	ops->raise_ipi(target);
	return RVHV_SBI_DONE;
}
