// SPDX-License-Identifier: GPL-2.0-only
/*
 * ONE_REG: floating point and vector registers.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <asm/vector.h>

#include "../vcpu/isa.h"
#include "../vcpu/vcpu.h"
#include "abi.h"
#include "onereg_classes.h"

/* ---- FP_F: f0 to f31, fcsr; 32 bits each ---- */

static bool has_f(const void *vcpu)
{
	return rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_f);
}

static bool has_d(const void *vcpu)
{
	return rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_d);
}

/* vcpu->fp.f is 64 bits wide: a single is NaN-boxed. */
static int fp_f_get(void *object, unsigned int num, void *val)
{
	struct rvhv_vcpu *vcpu = object;
	u32 *out = val;

	*out = num < 32 ? lower_32_bits(vcpu->fp.f[num]) : vcpu->fp.fcsr;
	return 0;
}

static int fp_f_set(void *object, unsigned int num, const void *val)
{
	struct rvhv_vcpu *vcpu = object;
	u32 new = *(const u32 *)val;

	if (num == 32)
		vcpu->fp.fcsr = new;
	else if (lower_32_bits(vcpu->fp.f[num]) != new)
		vcpu->fp.f[num] = GENMASK_ULL(63, 32) | new;
	return 0;
}

static_assert(KVM_REG_RISCV_FP_F_REG(fcsr) == 32);

const struct rvhv_reg_class rvhv_regs_fp_f = {
	.name = "F",
	.type = KVM_REG_RISCV_FP_F,
	.nr = 33,
	.bytes = sizeof(u32),
	.present = has_f,
	.get = fp_f_get,
	.set = fp_f_set,
};

/* ---- FP_D: f0 to f31, 64 bits; fcsr, 32 bits ---- */

static unsigned int fp_d_size(const void *vcpu, unsigned int num)
{
	return num < 32 ? sizeof(u64) : sizeof(u32);
}

static int fp_d_get(void *object, unsigned int num, void *val)
{
	struct rvhv_vcpu *vcpu = object;

	if (num < 32)
		*(u64 *)val = vcpu->fp.f[num];
	else
		*(u32 *)val = vcpu->fp.fcsr;
	return 0;
}

static int fp_d_set(void *object, unsigned int num, const void *val)
{
	struct rvhv_vcpu *vcpu = object;

	if (num < 32)
		vcpu->fp.f[num] = *(const u64 *)val;
	else
		vcpu->fp.fcsr = *(const u32 *)val;
	return 0;
}

static_assert(KVM_REG_RISCV_FP_D_REG(fcsr) == 32);

const struct rvhv_reg_class rvhv_regs_fp_d = {
	.name = "D",
	.type = KVM_REG_RISCV_FP_D,
	.nr = 33,
	.present = has_d,
	.size = fp_d_size,
	.get = fp_d_get,
	.set = fp_d_set,
};

/* ---- VECTOR: five CSRs, then v0 to v31 ---- */

#define V0	KVM_REG_RISCV_VECTOR_REG(0)

/* The number after these, kvm_riscv_vector's pointer, is no register */
static const size_t v_csrs[] = {
	[KVM_REG_RISCV_VECTOR_CSR_REG(vstart)] = offsetof(struct __riscv_v_ext_state, vstart),
	[KVM_REG_RISCV_VECTOR_CSR_REG(vl)] = offsetof(struct __riscv_v_ext_state, vl),
	[KVM_REG_RISCV_VECTOR_CSR_REG(vtype)] = offsetof(struct __riscv_v_ext_state, vtype),
	[KVM_REG_RISCV_VECTOR_CSR_REG(vcsr)] = offsetof(struct __riscv_v_ext_state, vcsr),
	[KVM_REG_RISCV_VECTOR_CSR_REG(vlenb)] = offsetof(struct __riscv_v_ext_state, vlenb),
};

static bool has_v(const void *object)
{
	const struct rvhv_vcpu *vcpu = object;

	return rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_v) && vcpu->v.datap;
}

static size_t v_reg_size(void)
{
	return riscv_v_vsize / 32;
}

static bool vector_exists(const void *vcpu, unsigned int num)
{
	return num < ARRAY_SIZE(v_csrs) || num >= V0;
}

static unsigned int vector_size(const void *vcpu, unsigned int num)
{
	return num < V0 ? sizeof(unsigned long) : v_reg_size();
}

static int vector_get(void *object, unsigned int num, void *val)
{
	struct rvhv_vcpu *vcpu = object;

	if (num == KVM_REG_RISCV_VECTOR_CSR_REG(vlenb))
		*(unsigned long *)val = v_reg_size();
	else if (num < V0)
		*(unsigned long *)val = *(unsigned long *)((void *)&vcpu->v + v_csrs[num]);
	else
		memcpy(val, vcpu->v.datap + (num - V0) * v_reg_size(), v_reg_size());
	return 0;
}

static int vector_set(void *object, unsigned int num, const void *val)
{
	struct rvhv_vcpu *vcpu = object;

	if (num == KVM_REG_RISCV_VECTOR_CSR_REG(vlenb))
		return *(const unsigned long *)val == v_reg_size() ? 0 : -EINVAL;
	/* Load the state from now on */
	vcpu->v_used = true;
	if (num < V0)
		*(unsigned long *)((void *)&vcpu->v + v_csrs[num]) = *(const unsigned long *)val;
	else
		memcpy(vcpu->v.datap + (num - V0) * v_reg_size(), val, v_reg_size());
	return 0;
}

const struct rvhv_reg_class rvhv_regs_vector = {
	.name = "V",
	.type = KVM_REG_RISCV_VECTOR,
	.nr = KVM_REG_RISCV_VECTOR_REG(32),
	.present = has_v,
	.exists = vector_exists,
	.size = vector_size,
	.get = vector_get,
	.set = vector_set,
};
