// SPDX-License-Identifier: GPL-2.0-only
/*
 * ONE_REG: ISA extensions, as a register or as a bit each.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <asm/cpufeature.h>
#include <asm/hwcap.h>

#include "../include/compat.h"
#include "../vcpu/isa.h"
#include "../vcpu/vcpu.h"
#include "abi.h"
#include "onereg_classes.h"

struct isa_ext {
	unsigned int guest;	/* RISCV_ISA_EXT_* */
	unsigned int host;	/* RISCV_ISA_EXT_* that the host needs for it */
};

#define ISA_EXT(_ext)								\
	[KVM_RISCV_ISA_EXT_##_ext] = { RISCV_ISA_EXT_##_ext, RISCV_ISA_EXT_##_ext },
#define ISA_LETTER(_kvm, _ext)							\
	[KVM_RISCV_ISA_EXT_##_kvm] = { RISCV_ISA_EXT_##_ext, RISCV_ISA_EXT_##_ext },

static const struct isa_ext isa_exts[] = {
	ISA_LETTER(A, a)
	ISA_LETTER(C, c)
	ISA_LETTER(D, d)
	ISA_LETTER(F, f)
	ISA_LETTER(H, h)
	ISA_LETTER(I, i)
	ISA_LETTER(M, m)
	ISA_LETTER(V, v)
	ISA_EXT(SMSTATEEN)
	ISA_EXT(SSAIA)
	ISA_EXT(SSCOFPMF)
	ISA_EXT(SSTC)
	ISA_EXT(SVINVAL)
	ISA_EXT(SVNAPOT)
	ISA_EXT(SVPBMT)
	ISA_EXT(ZACAS)
	ISA_EXT(ZAWRS)
	ISA_EXT(ZBA)
	ISA_EXT(ZBB)
	ISA_EXT(ZBC)
	ISA_EXT(ZBKB)
	ISA_EXT(ZBKC)
	ISA_EXT(ZBKX)
	ISA_EXT(ZBS)
	ISA_EXT(ZCA)
	ISA_EXT(ZCB)
	ISA_EXT(ZCD)
	ISA_EXT(ZCF)
	ISA_EXT(ZCMOP)
	ISA_EXT(ZFA)
	ISA_EXT(ZFH)
	ISA_EXT(ZFHMIN)
	ISA_EXT(ZICBOM)
	ISA_EXT(ZICBOZ)
	ISA_EXT(ZICNTR)
	ISA_EXT(ZICOND)
	ISA_EXT(ZICSR)
	ISA_EXT(ZIFENCEI)
	ISA_EXT(ZIHINTNTL)
	ISA_EXT(ZIHINTPAUSE)
	ISA_EXT(ZIHPM)
	ISA_EXT(ZIMOP)
	ISA_EXT(ZKND)
	ISA_EXT(ZKNE)
	ISA_EXT(ZKNH)
	ISA_EXT(ZKR)
	ISA_EXT(ZKSED)
	ISA_EXT(ZKSH)
	ISA_EXT(ZKT)
	ISA_EXT(ZTSO)
	ISA_EXT(ZVBB)
	ISA_EXT(ZVBC)
	ISA_EXT(ZVFH)
	ISA_EXT(ZVFHMIN)
	ISA_EXT(ZVKB)
	ISA_EXT(ZVKG)
	ISA_EXT(ZVKNED)
	ISA_EXT(ZVKNHA)
	ISA_EXT(ZVKNHB)
	ISA_EXT(ZVKSED)
	ISA_EXT(ZVKSH)
	ISA_EXT(ZVKT)
	RVHV_COMPAT_ISA_EXTS
};

static_assert(ARRAY_SIZE(isa_exts) == KVM_RISCV_ISA_EXT_MAX);

#define LETTERS		26
#define LETTERS_MASK	GENMASK(LETTERS - 1, 0)

static_assert(RISCV_ISA_EXT_BASE == LETTERS);

static bool isa_exists(const void *vcpu, unsigned int num)
{
	return __riscv_isa_extension_available(NULL, isa_exts[num].host);
}

static int isa_get(void *vcpu, unsigned int num, void *val)
{
	*(unsigned long *)val = rvhv_vcpu_has_isa(vcpu, isa_exts[num].guest);
	return 0;
}

static int isa_change(struct rvhv_vcpu *vcpu, unsigned int num, unsigned long new)
{
	unsigned int ext = isa_exts[num].guest;

	if (new == rvhv_vcpu_has_isa(vcpu, ext))
		return 0;
	if (vcpu->ran)
		return -EBUSY;
	if (new == 1 && rvhv_isa_available(ext))
		__set_bit(ext, vcpu->isa);
	else if (!new && rvhv_isa_can_disable(ext))
		__clear_bit(ext, vcpu->isa);
	else
		return -EINVAL;
	return 0;
}

static int isa_set(void *vcpu, unsigned int num, const void *val)
{
	return isa_change(vcpu, num, *(const unsigned long *)val);
}

const struct rvhv_reg_class rvhv_regs_isa = {
	.name = "ISA extension",
	.type = KVM_REG_RISCV_ISA_EXT | KVM_REG_RISCV_ISA_SINGLE,
	.nr = ARRAY_SIZE(isa_exts),
	.bytes = sizeof(unsigned long),
	.exists = isa_exists,
	.get = isa_get,
	.set = isa_set,
};

/* ---- MULTI_EN: a bit for each enabled extension; MULTI_DIS: its complement ---- */

static unsigned long __cold isa_multi(const struct rvhv_vcpu *vcpu, unsigned int num)
{
	unsigned long bits = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(isa_exts); i++)
		if (KVM_REG_RISCV_ISA_MULTI_REG(i) == num && isa_exists(vcpu, i) &&
		    rvhv_vcpu_has_isa(vcpu, isa_exts[i].guest))
			bits |= KVM_REG_RISCV_ISA_MULTI_MASK(i);
	return bits;
}

/* Changes that are not possible are ignored. */
static void isa_multi_change(struct rvhv_vcpu *vcpu, unsigned int num, unsigned long bits,
			     bool new)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(isa_exts); i++)
		if (KVM_REG_RISCV_ISA_MULTI_REG(i) == num && isa_exists(vcpu, i) &&
		    (bits & KVM_REG_RISCV_ISA_MULTI_MASK(i)))
			isa_change(vcpu, i, new);
}

static int isa_en_get(void *vcpu, unsigned int num, void *val)
{
	*(unsigned long *)val = isa_multi(vcpu, num);
	return 0;
}

static int isa_en_set(void *vcpu, unsigned int num, const void *val)
{
	isa_multi_change(vcpu, num, *(const unsigned long *)val, true);
	return 0;
}

static int isa_dis_get(void *vcpu, unsigned int num, void *val)
{
	*(unsigned long *)val = ~isa_multi(vcpu, num);
	return 0;
}

static int isa_dis_set(void *vcpu, unsigned int num, const void *val)
{
	isa_multi_change(vcpu, num, *(const unsigned long *)val, false);
	return 0;
}

const struct rvhv_reg_class rvhv_regs_isa_en = {
	.name = "ISA extensions enabled",
	.type = KVM_REG_RISCV_ISA_EXT | KVM_REG_RISCV_ISA_MULTI_EN,
	.nr = KVM_REG_RISCV_ISA_MULTI_REG_LAST + 1,
	.bytes = sizeof(unsigned long),
	.unlisted = true,
	.get = isa_en_get,
	.set = isa_en_set,
};

const struct rvhv_reg_class rvhv_regs_isa_dis = {
	.name = "ISA extensions disabled",
	.type = KVM_REG_RISCV_ISA_EXT | KVM_REG_RISCV_ISA_MULTI_DIS,
	.nr = KVM_REG_RISCV_ISA_MULTI_REG_LAST + 1,
	.bytes = sizeof(unsigned long),
	.unlisted = true,
	.get = isa_dis_get,
	.set = isa_dis_set,
};

/* ---- CONFIG's register isa: single-letter extensions, as in misa ---- */

unsigned long rvhv_isa_letters(const struct rvhv_vcpu *vcpu)
{
	return vcpu->isa[0] & LETTERS_MASK;
}

static bool letter_known(unsigned int letter)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(isa_exts); i++)
		if (isa_exts[i].guest == letter)
			return true;
	return false;
}

/*
 * Changes that are not possible are ignored; -EINVAL for bits that are no letters (as in KVM, Z is
 * none); -EBUSY for a change after the vCPU has run.
 */
int rvhv_isa_set_letters(struct rvhv_vcpu *vcpu, unsigned long letters)
{
	unsigned int i;

	if (fls64(letters) >= LETTERS)
		return -EINVAL;
	if (letters == rvhv_isa_letters(vcpu))
		return 0;
	if (vcpu->ran)
		return -EBUSY;

	for (i = 0; i < LETTERS; i++) {
		if (!letter_known(i) || !rvhv_isa_available(i))
			letters &= ~BIT(i);
		else if (!rvhv_isa_can_disable(i))
			letters |= BIT(i);
	}
	vcpu->isa[0] = (vcpu->isa[0] & ~LETTERS_MASK) | letters;
	return 0;
}
