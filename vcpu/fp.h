/* SPDX-License-Identifier: GPL-2.0-only */
/* Floating point registers. */
#ifndef _RVHV_FP_H
#define _RVHV_FP_H

#include <linux/types.h>

struct __riscv_d_ext_state;
struct rvhv_vcpu;

void rvhv_fp_regs_save(struct __riscv_d_ext_state *to);
void rvhv_fp_regs_load(const struct __riscv_d_ext_state *from);
void rvhv_fp_load(struct rvhv_vcpu *vcpu);
void rvhv_fp_put(struct rvhv_vcpu *vcpu, bool to_user);
bool rvhv_fp_enable(struct rvhv_vcpu *vcpu);

#endif /* _RVHV_FP_H */
