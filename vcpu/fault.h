/* SPDX-License-Identifier: GPL-2.0-only */
/* Guest page faults. */
#ifndef _RVHV_VCPU_FAULT_H
#define _RVHV_VCPU_FAULT_H

#include "run.h"

enum rvhv_next rvhv_fault_slow(struct rvhv_vcpu *vcpu);
enum rvhv_next rvhv_fault_to_access_fault(struct rvhv_vcpu *vcpu);

#endif /* _RVHV_VCPU_FAULT_H */
