/* SPDX-License-Identifier: GPL-2.0-only */
/* Traps given to a guest, and the instruction that trapped. */
#ifndef _RVHV_TRAP_H
#define _RVHV_TRAP_H

#include "../rvhv_types.h"

struct rvhv_vcpu;

void rvhv_trap_last(const struct rvhv_vcpu *vcpu, struct rvhv_trap *trap);
void rvhv_trap_redirect(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap);
void rvhv_trap_redirect_slow(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap);
void rvhv_trap_to_vs(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap);
unsigned long rvhv_unpriv_hstatus(const struct rvhv_vcpu *vcpu);
bool rvhv_fetch_insn(struct rvhv_vcpu *vcpu, u32 *insn, struct rvhv_trap *trap);

#endif /* _RVHV_TRAP_H */
