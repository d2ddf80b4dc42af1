// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI specification, "Base Extension".
 */
#include "../rvhv_version.h"
#include "sbi_ext.h"

#define RVHV_SBI_SPEC_MAJOR	3UL
#define RVHV_SBI_SPEC_MINOR	0

/*
 * "rvhv". Not on the specification's list of implementations, by which guests know quirks; 3 is
 * KVM, whose quirks rvhv does not have.
 */
#define RVHV_SBI_IMPL_ID	0x72766876

/* Encoded as OpenSBI's */
#define RVHV_SBI_IMPL_VERSION	((RVHV_VERSION_MAJOR << 16) | RVHV_VERSION_MINOR)

static enum rvhv_sbi_result base_probe(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				       const struct rvhv_sbi_state *state,
				       struct rvhv_sbi_call *call)
{
	int row = rvhv_sbi_row(call->args[0]);
	const struct rvhv_sbi_ext *ext;

	if (row < 0 || !(state->enabled & BIT_ULL(row))) {
		if (rvhv_sbi_forwarded(state->vm, call->args[0]))
			return RVHV_SBI_VMM;
		return rvhv_sbi_registered_probe(vcpu, ops, state, call);
	}

	ext = &rvhv_sbi_table[row];
	/* Only the VMM knows which EIDs of the range exist */
	if (ext->handle == rvhv_sbi_forward)
		return RVHV_SBI_VMM;
	call->value = ext->probe ? ext->probe(state) : 1;
	return RVHV_SBI_DONE;
}

enum rvhv_sbi_result rvhv_sbi_base(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				   const struct rvhv_sbi_state *state, struct rvhv_sbi_call *call)
{
	switch (call->fid) {
	case SBI_EXT_BASE_GET_SPEC_VERSION:
		call->value = (RVHV_SBI_SPEC_MAJOR << SBI_SPEC_VERSION_MAJOR_SHIFT) |
			      RVHV_SBI_SPEC_MINOR;
		break;
	case SBI_EXT_BASE_GET_IMP_ID:
		call->value = RVHV_SBI_IMPL_ID;
		break;
	case SBI_EXT_BASE_GET_IMP_VERSION:
		call->value = RVHV_SBI_IMPL_VERSION;
		break;
	case SBI_EXT_BASE_PROBE_EXT:
		return base_probe(vcpu, ops, state, call);
	case SBI_EXT_BASE_GET_MVENDORID:
	case SBI_EXT_BASE_GET_MARCHID:
	case SBI_EXT_BASE_GET_MIMPID:
		call->value = ops->machine_id(vcpu, call->fid - SBI_EXT_BASE_GET_MVENDORID);
		break;
	default:
		return rvhv_sbi_error(call, SBI_ERR_NOT_SUPPORTED);
	}
	return RVHV_SBI_DONE;
}
