/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupts of a vCPU. */
#ifndef _RVHV_VCPU_IRQ_H
#define _RVHV_VCPU_IRQ_H

#include <linux/types.h>

#include "../irq/irq_line.h"

struct rvhv_vcpu;

int rvhv_vcpu_set_irq(struct rvhv_vcpu *vcpu, unsigned int irq, bool level);
struct rvhv_irq_line rvhv_vcpu_ext_line(struct rvhv_vcpu *vcpu);
unsigned long rvhv_vcpu_read_hvip(struct rvhv_vcpu *vcpu);
void rvhv_vcpu_write_hvip(struct rvhv_vcpu *vcpu, unsigned long hvip);
void rvhv_irq_flush(struct rvhv_vcpu *vcpu);
bool rvhv_irq_pending(struct rvhv_vcpu *vcpu);

#endif /* _RVHV_VCPU_IRQ_H */
