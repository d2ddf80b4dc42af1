/* SPDX-License-Identifier: GPL-2.0-only */
/* Extensions that guests of this host have. */
#ifndef _RVHV_ISA_H
#define _RVHV_ISA_H

#include "vcpu.h"

bool rvhv_isa_available(unsigned int ext);
bool rvhv_isa_can_disable(unsigned int ext);
void rvhv_isa_init(struct rvhv_vcpu *vcpu);
unsigned long rvhv_vsstatus_mask(const struct rvhv_vcpu *vcpu);

static inline bool rvhv_vcpu_has_isa(const struct rvhv_vcpu *vcpu, unsigned int ext)
{
	return test_bit(ext, vcpu->isa);
}

#endif /* _RVHV_ISA_H */
