// SPDX-License-Identifier: GPL-2.0-only
/*
 * rvhv's extension "HVC": every function is a hypercall to the VMM.
 */
#include "sbi_ext.h"

enum rvhv_sbi_result rvhv_sbi_hvc(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				  const struct rvhv_sbi_state *state, struct rvhv_sbi_call *call)
{
	return RVHV_SBI_HYPERCALL;
}
