/* SPDX-License-Identifier: GPL-2.0-only */
/* Fences between the harts of a guest. */
#ifndef _RVHV_FENCE_H
#define _RVHV_FENCE_H

struct rvhv_fence;
struct rvhv_vcpu;

void rvhv_fence_self(struct rvhv_vcpu *vcpu, const struct rvhv_fence *fence);
void rvhv_fence_post(struct rvhv_vcpu *target, const struct rvhv_fence *fence);
void rvhv_fence_wait(struct rvhv_vcpu *vcpu);
void rvhv_fence_process(struct rvhv_vcpu *vcpu);

#endif /* _RVHV_FENCE_H */
