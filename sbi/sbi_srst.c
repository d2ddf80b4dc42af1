// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI specification, "System Reset Extension".
 */
#include <linux/wordpart.h>

#include "sbi_ext.h"

/* From here on the platform, that is the VMM, defines reasons; the SBI defines those below */
#define SRST_REASON_PLATFORM	0xf0000000

enum rvhv_sbi_result rvhv_sbi_srst(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				   const struct rvhv_sbi_state *state, struct rvhv_sbi_call *call)
{
	/* Both parameters have 32 bits */
	u32 type = lower_32_bits(call->args[0]);
	u32 reason = lower_32_bits(call->args[1]);

	if (call->fid != SBI_EXT_SRST_RESET)
		return rvhv_sbi_error(call, SBI_ERR_NOT_SUPPORTED);
	if (reason > SBI_SRST_RESET_REASON_SYS_FAILURE && reason < SRST_REASON_PLATFORM)
		return rvhv_sbi_error(call, SBI_ERR_INVALID_PARAM);

	switch (type) {
	case SBI_SRST_RESET_TYPE_SHUTDOWN:
		call->event = RVHV_SYSTEM_SHUTDOWN;
		break;
	case SBI_SRST_RESET_TYPE_COLD_REBOOT:
	case SBI_SRST_RESET_TYPE_WARM_REBOOT:
		call->event = RVHV_SYSTEM_RESET;
		break;
	default:
		return rvhv_sbi_error(call, SBI_ERR_INVALID_PARAM);
	}
	call->reason = reason;
	return RVHV_SBI_SYSTEM;
}
