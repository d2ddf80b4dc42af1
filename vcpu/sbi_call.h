/* SPDX-License-Identifier: GPL-2.0-only */
/* SBI calls. */
#ifndef _RVHV_SBI_CALL_H
#define _RVHV_SBI_CALL_H

#include "run.h"

enum rvhv_next rvhv_ecall_fast(struct rvhv_vcpu *vcpu);
enum rvhv_next rvhv_ecall_slow(struct rvhv_vcpu *vcpu);
void rvhv_sbi_complete(struct rvhv_vcpu *vcpu);
void rvhv_hypercall_complete(struct rvhv_vcpu *vcpu);

#endif /* _RVHV_SBI_CALL_H */
