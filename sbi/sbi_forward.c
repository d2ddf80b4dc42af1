// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI specification, "Experimental SBI Extension Space" and "Vendor Specific Extension Space":
 * ranges of EIDs in which the VMM says what there is.
 */
#include "sbi_ext.h"

/**
 * rvhv_sbi_forward - hand a call to the VMM
 * @vcpu: the caller
 * @ops: how to reach vCPUs
 * @state: extensions of @vcpu
 * @call: the call
 *
 * Return: RVHV_SBI_VMM.
 */
enum rvhv_sbi_result rvhv_sbi_forward(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				      const struct rvhv_sbi_state *state,
				      struct rvhv_sbi_call *call)
{
	return RVHV_SBI_VMM;
}
