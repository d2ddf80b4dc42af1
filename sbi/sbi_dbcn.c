// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI specification, "Debug Console Extension": the console is the VMM's.
 */
#include "sbi_ext.h"

/**
 * rvhv_sbi_dbcn - the DBCN extension
 * @vcpu: the caller
 * @ops: how to reach vCPUs
 * @state: extensions of @vcpu
 * @call: the call
 *
 * Return: what became of the call.
 */
enum rvhv_sbi_result rvhv_sbi_dbcn(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				   const struct rvhv_sbi_state *state, struct rvhv_sbi_call *call)
{
	if (call->fid > SBI_EXT_DBCN_CONSOLE_WRITE_BYTE)
		return rvhv_sbi_error(call, SBI_ERR_NOT_SUPPORTED);
	return RVHV_SBI_USER;
}
