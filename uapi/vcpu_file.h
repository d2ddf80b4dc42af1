/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file of a vCPU: what only its userspace interface needs.
 */
#ifndef _RVHV_VCPU_FILE_H
#define _RVHV_VCPU_FILE_H

#include <linux/signal_types.h>
#include <linux/types.h>

struct rvhv_vcpu;

/**
 * struct rvhv_vcpu_file - private data of a vCPU's file
 * @vcpu: the vCPU, which lives until the VM ends; NULL if its creation failed
 * @run: the run page
 * @sigset: signal mask of KVM_SET_SIGNAL_MASK; guarded by the vCPU's mutex
 * @sigset_active: @sigset applies
 */
struct rvhv_vcpu_file {
	struct rvhv_vcpu *vcpu;
	void *run;
	sigset_t sigset;
	bool sigset_active;
};

#endif /* _RVHV_VCPU_FILE_H */
