/* SPDX-License-Identifier: GPL-2.0-only */
/* Loading a vCPU into the hart; with preemption off, except rvhv_vcpu_setup_cfg(). */
#ifndef _RVHV_LOAD_H
#define _RVHV_LOAD_H

#include "../include/rvhv_arch.h"

struct rvhv_vcpu;

/* hcounteren: every counter but time traps. */
#define RVHV_HCOUNTEREN	BIT(1)

/* Exceptions delegated to guests, unless a module handles or observes them */
#define RVHV_HEDELEG_DEFAULT								\
	(BIT(EXC_INST_MISALIGNED) | BIT(EXC_BREAKPOINT) | BIT(EXC_SYSCALL) |		\
	 BIT(EXC_INST_PAGE_FAULT) | BIT(EXC_LOAD_PAGE_FAULT) | BIT(EXC_STORE_PAGE_FAULT))

void rvhv_vcpu_load(struct rvhv_vcpu *vcpu, int cpu);
unsigned long rvhv_vcpu_close_atp(struct rvhv_vcpu *vcpu);
void rvhv_vcpu_put(struct rvhv_vcpu *vcpu, bool to_user);
void rvhv_vcpu_setup_cfg(struct rvhv_vcpu *vcpu);
void rvhv_vcpu_load_cfg(const struct rvhv_vcpu *vcpu);

#endif /* _RVHV_LOAD_H */
