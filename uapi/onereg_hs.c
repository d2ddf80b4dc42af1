// SPDX-License-Identifier: GPL-2.0-only
/*
 * ONE_REG: the hypervisor state of a vCPU with the H extension.
 */
#include <linux/build_bug.h>

#include "../vcpu/isa.h"
#include "../vcpu/nested/nested.h"
#include "../vcpu/vcpu.h"
#include "abi.h"
#include "onereg_classes.h"

static_assert(RVHV_NESTED_REG_VIRT == RVHV_REG_RISCV_HS_VIRT);

static bool hs_present(const void *vcpu)
{
	return rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_h);
}

static bool hs_exists(const void *vcpu, unsigned int num)
{
	return rvhv_nested_has_reg(vcpu, num);
}

static int hs_get(void *vcpu, unsigned int num, void *val)
{
	return rvhv_nested_get_reg(vcpu, num, val);
}

static int hs_set(void *vcpu, unsigned int num, const void *val)
{
	return rvhv_nested_set_reg(vcpu, num, *(const unsigned long *)val);
}

const struct rvhv_reg_class rvhv_regs_hs = {
	.name = "csr, hypervisor",
	.type = KVM_REG_RISCV_CSR | RVHV_REG_RISCV_CSR_HS,
	.nr = RVHV_NESTED_NR_REGS,
	.bytes = sizeof(unsigned long),
	.present = hs_present,
	.exists = hs_exists,
	.get = hs_get,
	.set = hs_set,
};
