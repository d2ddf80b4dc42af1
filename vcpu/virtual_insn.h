/* SPDX-License-Identifier: GPL-2.0-only */
/* Virtual-instruction exceptions. */
#ifndef _RVHV_VIRTUAL_INSN_H
#define _RVHV_VIRTUAL_INSN_H

#include "run.h"

enum rvhv_next rvhv_virtual_insn_fast(struct rvhv_vcpu *vcpu);
enum rvhv_next rvhv_virtual_insn_slow(struct rvhv_vcpu *vcpu);
void rvhv_csr_complete(struct rvhv_vcpu *vcpu);

#endif /* _RVHV_VIRTUAL_INSN_H */
