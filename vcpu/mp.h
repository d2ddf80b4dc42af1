/* SPDX-License-Identifier: GPL-2.0-only */
/* States of a hart, and its reset. */
#ifndef _RVHV_MP_H
#define _RVHV_MP_H

#include "../rvhv_types.h"

struct rvhv_vcpu;

enum rvhv_hsm_state rvhv_vcpu_hsm_state(const struct rvhv_vcpu *vcpu);
void rvhv_vcpu_set_hsm_state(struct rvhv_vcpu *vcpu, enum rvhv_hsm_state state);
int rvhv_hart_start(struct rvhv_vcpu *target, unsigned long addr, unsigned long opaque);
void rvhv_hart_stop(struct rvhv_vcpu *vcpu);
void rvhv_hart_suspend(struct rvhv_vcpu *vcpu, unsigned long addr, unsigned long opaque);
void rvhv_hart_suspend_retentive(struct rvhv_vcpu *vcpu);
void rvhv_hart_resume(struct rvhv_vcpu *vcpu);
void rvhv_vcpu_reset_state(struct rvhv_vcpu *vcpu);
void rvhv_vcpu_reset(struct rvhv_vcpu *vcpu, bool resume);

#endif /* _RVHV_MP_H */
