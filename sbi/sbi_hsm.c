// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI specification, "Hart State Management Extension".
 */
#include <linux/errno.h>
#include <linux/wordpart.h>

#include "sbi_ext.h"

/* Instructions are aligned to two bytes */
static bool bad_entry(unsigned long addr)
{
	return addr & 1;
}

static enum rvhv_sbi_result hsm_start(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				      struct rvhv_sbi_call *call)
{
	struct rvhv_vcpu *target = ops->find(vcpu, call->args[0]);

	if (!target)
		return rvhv_sbi_error(call, SBI_ERR_INVALID_PARAM);
	if (bad_entry(call->args[1]))
		return rvhv_sbi_error(call, SBI_ERR_INVALID_ADDRESS);

	switch (ops->hart_start(target, call->args[1], call->args[2])) {
	case 0:
		return RVHV_SBI_DONE;
	case -EALREADY:
		return rvhv_sbi_error(call, SBI_ERR_ALREADY_AVAILABLE);
	default:
		return rvhv_sbi_error(call, SBI_ERR_FAILURE);
	}
}

static enum rvhv_sbi_result hsm_status(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				       struct rvhv_sbi_call *call)
{
	struct rvhv_vcpu *target = ops->find(vcpu, call->args[0]);

	if (!target)
		return rvhv_sbi_error(call, SBI_ERR_INVALID_PARAM);
	call->value = ops->hart_state(target);
	return RVHV_SBI_DONE;
}

static enum rvhv_sbi_result hsm_suspend(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
					struct rvhv_sbi_call *call)
{
	/* suspend_type has 32 bits */
	switch (lower_32_bits(call->args[0])) {
	case SBI_HSM_SUSPEND_RET_DEFAULT:
		return RVHV_SBI_SUSPEND;
	case SBI_HSM_SUSPEND_NON_RET_DEFAULT:
		if (bad_entry(call->args[1]))
			return rvhv_sbi_error(call, SBI_ERR_INVALID_ADDRESS);
		ops->hart_suspend(vcpu, call->args[1], call->args[2]);
		return RVHV_SBI_STOP;
	default:
		return rvhv_sbi_error(call, SBI_ERR_INVALID_PARAM);
	}
}

enum rvhv_sbi_result rvhv_sbi_hsm(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				  const struct rvhv_sbi_state *state, struct rvhv_sbi_call *call)
{
	if (call->fid > SBI_EXT_HSM_HART_SUSPEND)
		return rvhv_sbi_error(call, SBI_ERR_NOT_SUPPORTED);
	if (call->fid == SBI_EXT_HSM_HART_STATUS)
		return hsm_status(vcpu, ops, call);

	/* The others take locks of other vCPUs, or sleep */
	if (call->atomic)
		return RVHV_SBI_DEFER;

	switch (call->fid) {
	case SBI_EXT_HSM_HART_START:
		return hsm_start(vcpu, ops, call);
	case SBI_EXT_HSM_HART_STOP:
		ops->hart_stop(vcpu);
		return RVHV_SBI_STOP;
	default:
		return hsm_suspend(vcpu, ops, call);
	}
}
