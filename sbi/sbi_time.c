// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI specification, "Timer Extension".
 */
#include "sbi_ext.h"

enum rvhv_sbi_result rvhv_sbi_time(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				   const struct rvhv_sbi_state *state, struct rvhv_sbi_call *call)
{
	u64 deadline = call->args[0];

	if (call->fid != SBI_EXT_TIME_SET_TIMER)
		return rvhv_sbi_error(call, SBI_ERR_NOT_SUPPORTED);

	if (BITS_PER_LONG == 32)
		deadline |= (u64)call->args[1] << 32;
	ops->set_timer(vcpu, deadline);
	return RVHV_SBI_DONE;
}
