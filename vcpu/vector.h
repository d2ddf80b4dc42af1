/* SPDX-License-Identifier: GPL-2.0-only */
/* Vector registers. */
#ifndef _RVHV_VECTOR_H
#define _RVHV_VECTOR_H

#include <linux/types.h>

struct rvhv_vcpu;

int rvhv_vector_create(struct rvhv_vcpu *vcpu);
void rvhv_vector_destroy(struct rvhv_vcpu *vcpu);
void rvhv_vector_load(struct rvhv_vcpu *vcpu);
void rvhv_vector_put(struct rvhv_vcpu *vcpu);
void rvhv_vector_hide(struct rvhv_vcpu *vcpu);
void rvhv_vector_show(struct rvhv_vcpu *vcpu);
bool rvhv_vector_enable(struct rvhv_vcpu *vcpu);

#endif /* _RVHV_VECTOR_H */
