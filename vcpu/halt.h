/* SPDX-License-Identifier: GPL-2.0-only */
/* Sleeping vCPUs; every function in the vCPU's thread, may sleep. */
#ifndef _RVHV_HALT_H
#define _RVHV_HALT_H

struct rvhv_vcpu;

void rvhv_vcpu_halt(struct rvhv_vcpu *vcpu);
int rvhv_vcpu_wait_started(struct rvhv_vcpu *vcpu);
void rvhv_vcpu_set_thread(struct rvhv_vcpu *vcpu);
void rvhv_vcpu_yield(struct rvhv_vcpu *vcpu);

#endif /* _RVHV_HALT_H */
