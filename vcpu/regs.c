// SPDX-License-Identifier: GPL-2.0-only
/* The VM and the registers of a vCPU, for handlers of other modules (include/linux/rvhv.h). */
#include <linux/export.h>

#include "vcpu.h"

/**
 * rvhv_vcpu_vm - the VM of a vCPU
 * @vcpu: the vCPU
 *
 * Context: any.
 * Return: the VM, which lives as long as the vCPU.
 */
struct rvhv_vm *rvhv_vcpu_vm(struct rvhv_vcpu *vcpu)
{
	return vcpu->vm;
}
EXPORT_SYMBOL_GPL(rvhv_vcpu_vm);

/**
 * rvhv_vcpu_hart_id - hart id of a vCPU
 * @vcpu: the vCPU
 *
 * Context: any.
 * Return: the id.
 */
unsigned long rvhv_vcpu_hart_id(const struct rvhv_vcpu *vcpu)
{
	return vcpu->id;
}
EXPORT_SYMBOL_GPL(rvhv_vcpu_hart_id);

/**
 * rvhv_vcpu_get_gpr - read a general purpose register
 * @vcpu: the vCPU for which the caller's handler or observer was called
 * @reg: 0 to 31; the bits above are ignored
 *
 * Context: any context of the handler.
 * Return: the register; 0 for x0.
 */
unsigned long rvhv_vcpu_get_gpr(const struct rvhv_vcpu *vcpu, unsigned int reg)
{
	reg &= 31;
	return reg ? vcpu->sw.gpr[reg] : 0;
}
EXPORT_SYMBOL_GPL(rvhv_vcpu_get_gpr);

/**
 * rvhv_vcpu_set_gpr - write a general purpose register
 * @vcpu: the vCPU for which the caller's handler was called
 * @reg: 0 to 31; the bits above are ignored, as is a write to x0
 * @val: new value
 *
 * Context: any context of the handler; not in an observer.
 */
void rvhv_vcpu_set_gpr(struct rvhv_vcpu *vcpu, unsigned int reg, unsigned long val)
{
	reg &= 31;
	if (reg)
		vcpu->sw.gpr[reg] = val;
}
EXPORT_SYMBOL_GPL(rvhv_vcpu_set_gpr);
