/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_STATS_FD_H
#define _RVHV_STATS_FD_H

#include "abi.h"

extern const struct kvm_stats_desc rvhv_vm_stats_desc[];
extern const unsigned int rvhv_nr_vm_stats;
extern struct kvm_stats_desc rvhv_vcpu_stats_desc[];
extern const unsigned int rvhv_nr_vcpu_stats;

void rvhv_stats_module_init(void);

#endif /* _RVHV_STATS_FD_H */
