/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_SBI_EXT_H
#define _RVHV_SBI_EXT_H

#include "sbi.h"
#include "sbi_errors.h"
#include "sbi_ids.h"

#define RVHV_SBI_HANDLER(name)							\
	enum rvhv_sbi_result name(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,	\
				  const struct rvhv_sbi_state *state, struct rvhv_sbi_call *call)

RVHV_SBI_HANDLER(rvhv_sbi_v01);
RVHV_SBI_HANDLER(rvhv_sbi_base);
RVHV_SBI_HANDLER(rvhv_sbi_time);
RVHV_SBI_HANDLER(rvhv_sbi_ipi);
RVHV_SBI_HANDLER(rvhv_sbi_rfence);
RVHV_SBI_HANDLER(rvhv_sbi_hsm);
RVHV_SBI_HANDLER(rvhv_sbi_srst);
RVHV_SBI_HANDLER(rvhv_sbi_dbcn);
RVHV_SBI_HANDLER(rvhv_sbi_forward);
RVHV_SBI_HANDLER(rvhv_sbi_hvc);
RVHV_SBI_HANDLER(rvhv_sbi_host);
/* For EIDs without an enabled row in the table: extensions of other modules */
RVHV_SBI_HANDLER(rvhv_sbi_registered);

/* Lowest and highest EID of other modules' extensions; lowest > highest if there are none */
struct rvhv_sbi_eid_bounds {
	unsigned long lowest;
	unsigned long highest;
};

extern struct rvhv_sbi_eid_bounds rvhv_sbi_registered_bounds;

static inline bool rvhv_sbi_maybe_registered(unsigned long eid)
{
	return eid >= READ_ONCE(rvhv_sbi_registered_bounds.lowest) &&
	       eid <= READ_ONCE(rvhv_sbi_registered_bounds.highest);
}

enum rvhv_sbi_result rvhv_sbi_put_byte(const struct rvhv_sbi_state *state,
				       struct rvhv_sbi_call *call, enum rvhv_sbi_result done);
long rvhv_sbi_host_probe(const struct rvhv_sbi_state *state);

bool rvhv_sbi_forwarded(const struct rvhv_sbi_vm *vm, unsigned long eid);
enum rvhv_sbi_result rvhv_sbi_registered_probe(struct rvhv_vcpu *vcpu,
					       const struct rvhv_sbi_ops *ops,
					       const struct rvhv_sbi_state *state,
					       struct rvhv_sbi_call *call);
void rvhv_sbi_registry_snapshot(struct rvhv_sbi_vm *vm);
u64 rvhv_sbi_registry_defaults(const struct rvhv_sbi_vm *vm);

/* SBI_SUCCESS or an error of SBI 3.0 */
static inline bool rvhv_sbi_error_known(long error)
{
	return error <= SBI_SUCCESS && error >= SBI_ERR_DENIED_LOCKED;
}

static inline enum rvhv_sbi_result rvhv_sbi_error(struct rvhv_sbi_call *call, long error)
{
	call->error = error;
	return RVHV_SBI_DONE;
}

/* hart_mask_base that selects every hart, whatever the mask */
#define RVHV_SBI_ALL_HARTS	(~0UL)

/* The harts that a call names, and the position of a walk over them */
struct rvhv_sbi_harts {
	unsigned long mask;	/* hart_mask; the walk clears the bits that it has passed */
	unsigned long base;	/* hart_mask_base */
	unsigned long next;	/* with RVHV_SBI_ALL_HARTS: where the walk continues */
};

long rvhv_sbi_harts_check(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
			  struct rvhv_sbi_harts harts);
struct rvhv_vcpu *rvhv_sbi_harts_next(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				      struct rvhv_sbi_harts *harts);
bool rvhv_sbi_harts_only_self(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
			      struct rvhv_sbi_harts harts);

bool rvhv_sbi_fence_range(struct rvhv_fence *fence, unsigned long start, unsigned long size);
bool rvhv_sbi_fence_harts(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
			  struct rvhv_sbi_harts harts, const struct rvhv_fence *fence);

#endif /* _RVHV_SBI_EXT_H */
