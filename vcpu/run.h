/* SPDX-License-Identifier: GPL-2.0-only */
/* The run loop: its verdicts, requests to it, and kicks. */
#ifndef _RVHV_RUN_H
#define _RVHV_RUN_H

#include "vcpu.h"

/* Verdict of an exit handler. A fast handler returns one of the first three. */
enum rvhv_next {
	RVHV_RESUME,	/* enter the guest again */
	RVHV_SLOW,	/* call the slow handler, with interrupts on */
	RVHV_LEAVE,	/* enter the guest again after a look at requests and the VMID */
	RVHV_TO_VMM,	/* vcpu->exit is filled */
	RVHV_FAILED,	/* KVM_RUN returns vcpu->error */
};

static inline enum rvhv_next rvhv_vcpu_fail(struct rvhv_vcpu *vcpu, int error)
{
	vcpu->error = error;
	return RVHV_FAILED;
}

int rvhv_vcpu_run(struct rvhv_vcpu *vcpu, bool immediate_exit);
bool rvhv_vcpu_tlb_ready(struct rvhv_vcpu *vcpu);
bool rvhv_vcpu_begin_access(struct rvhv_vcpu *vcpu);
void rvhv_vcpu_end_access(struct rvhv_vcpu *vcpu);
void rvhv_vcpu_prepare_access(struct rvhv_vcpu *vcpu, const struct rvhv_vcpu_stage *stage);
void rvhv_vcpu_kick(struct rvhv_vcpu *vcpu);
void rvhv_vcpu_wake(struct rvhv_vcpu *vcpu);

static inline void rvhv_vcpu_request(struct rvhv_vcpu *vcpu, unsigned int req)
{
	/* After what the request is about; pairs with rvhv_vcpu_take_request(). */
	smp_mb__before_atomic();
	set_bit(req, &vcpu->requests);
}

static inline bool rvhv_vcpu_take_request(struct rvhv_vcpu *vcpu, unsigned int req)
{
	return test_and_clear_bit(req, &vcpu->requests);
}

#endif /* _RVHV_RUN_H */
