/* SPDX-License-Identifier: GPL-2.0-only */
/* The exit table. */
#ifndef _RVHV_EXIT_H
#define _RVHV_EXIT_H

#include "run.h"

const char *rvhv_exit_name(unsigned long scause);
void rvhv_exit_observe(struct rvhv_vcpu *vcpu);
enum rvhv_next rvhv_exit_fast(struct rvhv_vcpu *vcpu);
enum rvhv_next rvhv_exit_slow(struct rvhv_vcpu *vcpu);
enum rvhv_next rvhv_exit_unhandled(struct rvhv_vcpu *vcpu);
int rvhv_exit_complete(struct rvhv_vcpu *vcpu);

#endif /* _RVHV_EXIT_H */
