/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU's supervisor timer. */
#ifndef _RVHV_TIMER_H
#define _RVHV_TIMER_H

#include <linux/types.h>

struct rvhv_vcpu;

u64 rvhv_vcpu_time(const struct rvhv_vcpu *vcpu);
void rvhv_timer_init(struct rvhv_vcpu *vcpu);
void rvhv_timer_destroy(struct rvhv_vcpu *vcpu);
void rvhv_timer_set(struct rvhv_vcpu *vcpu, u64 compare);
void rvhv_timer_cancel(struct rvhv_vcpu *vcpu);
void rvhv_timer_start(struct rvhv_vcpu *vcpu, u64 due);
void rvhv_timer_load(struct rvhv_vcpu *vcpu);
void rvhv_timer_put(struct rvhv_vcpu *vcpu);
void rvhv_timer_block(struct rvhv_vcpu *vcpu);
void rvhv_timer_unblock(struct rvhv_vcpu *vcpu);

#endif /* _RVHV_TIMER_H */
