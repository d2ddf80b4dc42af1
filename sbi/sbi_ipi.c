// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI specification, "IPI Extension".
 */
#include "sbi_ext.h"

/**
 * rvhv_sbi_ipi - the IPI extension
 * @vcpu: the caller
 * @ops: how to reach vCPUs
 * @state: extensions of @vcpu
 * @call: the call
 *
 * Return: what became of the call.
 */
enum rvhv_sbi_result rvhv_sbi_ipi(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				  const struct rvhv_sbi_state *state, struct rvhv_sbi_call *call)
{
	struct rvhv_sbi_harts harts = { .mask = call->args[0], .base = call->args[1] };
	struct rvhv_vcpu *target;

	if (call->fid != SBI_EXT_IPI_SEND_IPI)
		return rvhv_sbi_error(call, SBI_ERR_NOT_SUPPORTED);

	call->error = rvhv_sbi_harts_check(vcpu, ops, harts);
	if (call->error)
		return RVHV_SBI_DONE;

	while ((target = rvhv_sbi_harts_next(vcpu, ops, &harts)))
		ops->raise_ipi(target);
	return RVHV_SBI_DONE;
}
