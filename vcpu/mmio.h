/* SPDX-License-Identifier: GPL-2.0-only */
/* Loads and stores that meet a device. */
#ifndef _RVHV_MMIO_H
#define _RVHV_MMIO_H

#include "run.h"

struct rvhv_insn_access;

enum rvhv_next rvhv_mmio_fast(struct rvhv_vcpu *vcpu);
enum rvhv_next rvhv_mmio_emulate(struct rvhv_vcpu *vcpu, u64 gpa, bool write);
enum rvhv_next rvhv_mmio_access(struct rvhv_vcpu *vcpu, u64 gpa,
				const struct rvhv_insn_access *acc);
void rvhv_mmio_complete(struct rvhv_vcpu *vcpu);

#endif /* _RVHV_MMIO_H */
