/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU's registers and last exit, for a person to read. Only for the vCPU's own thread. */
#ifndef DUMP_H
#define DUMP_H

struct vcpu;

void dump_registers(struct vcpu *vcpu);
void dump_death(struct vcpu *vcpu, int err);

#endif
