/* SPDX-License-Identifier: GPL-2.0-only */
/* Sleeping vCPUs; every function in the vCPU's thread, may sleep. */
#ifndef _RVHV_HALT_H
#define _RVHV_HALT_H

#include <linux/pid.h>
#include <linux/rcupdate.h>

#include "vcpu.h"

void rvhv_vcpu_halt(struct rvhv_vcpu *vcpu);
int rvhv_vcpu_wait_started(struct rvhv_vcpu *vcpu);
void rvhv_vcpu_change_thread(struct rvhv_vcpu *vcpu);
void rvhv_vcpu_yield(struct rvhv_vcpu *vcpu);

/* Records current as the thread that runs the vCPU; the caller holds vcpu->mutex. */
static inline void rvhv_vcpu_set_thread(struct rvhv_vcpu *vcpu)
{
	if (unlikely(rcu_access_pointer(vcpu->pid) != task_pid(current)))
		rvhv_vcpu_change_thread(vcpu);
}

#endif /* _RVHV_HALT_H */
