// SPDX-License-Identifier: GPL-2.0-only
/*
 * rvhv's own extension "HVC": every function is a hypercall, which the VMM answers.
 */
#include "sbi_ext.h"

/**
 * rvhv_sbi_hvc - the HVC extension
 * @vcpu: the caller
 * @ops: how to reach vCPUs
 * @state: extensions of @vcpu
 * @call: the call
 *
 * Return: RVHV_SBI_HYPERCALL.
 */
enum rvhv_sbi_result rvhv_sbi_hvc(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				  const struct rvhv_sbi_state *state, struct rvhv_sbi_call *call)
{
	return RVHV_SBI_HYPERCALL;
}
