// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI specification, "Experimental SBI Extension Space" and "Vendor Specific Extension Space": the
 * VMM implements them.
 */
#include "sbi_ext.h"

enum rvhv_sbi_result rvhv_sbi_forward(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				      const struct rvhv_sbi_state *state,
				      struct rvhv_sbi_call *call)
{
	return RVHV_SBI_VMM;
}
