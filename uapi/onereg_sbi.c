// SPDX-License-Identifier: GPL-2.0-only
/*
 * ONE_REG: SBI extensions, as a register or as a bit each.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "../include/rvhv_arch.h"
#include "../vcpu/vcpu.h"
#include "abi.h"
#include "onereg_classes.h"

/* EID 0 stands for all legacy extensions */
#define EID_V01		0

/* First EIDs of the extensions that have ids in KVM's ABI */
static const unsigned long eids[KVM_RISCV_SBI_EXT_MAX] = {
	[KVM_RISCV_SBI_EXT_V01] = EID_V01,
	[KVM_RISCV_SBI_EXT_TIME] = SBI_EXT_TIME,
	[KVM_RISCV_SBI_EXT_IPI] = SBI_EXT_IPI,
	[KVM_RISCV_SBI_EXT_RFENCE] = SBI_EXT_RFENCE,
	[KVM_RISCV_SBI_EXT_SRST] = SBI_EXT_SRST,
	[KVM_RISCV_SBI_EXT_HSM] = SBI_EXT_HSM,
	[KVM_RISCV_SBI_EXT_PMU] = SBI_EXT_PMU,
	[KVM_RISCV_SBI_EXT_EXPERIMENTAL] = SBI_EXT_EXPERIMENTAL_START,
	[KVM_RISCV_SBI_EXT_VENDOR] = SBI_EXT_VENDOR_START,
	[KVM_RISCV_SBI_EXT_DBCN] = SBI_EXT_DBCN,
	[KVM_RISCV_SBI_EXT_STA] = SBI_EXT_STA,
};

/* EIDs of rvhv's own ids */
static unsigned long own_eid(unsigned int num)
{
	switch (num) {
	case RVHV_SBI_EXT_HVC:
		return RVHV_SBI_EID_HVC;
	case RVHV_SBI_EXT_HOST_COMM:
		return RVHV_SBI_EID_HOST_COMM;
	default:
		return 0;
	}
}

static int eid_of(unsigned int num, unsigned long *eid)
{
	*eid = num < ARRAY_SIZE(eids) ? eids[num] : own_eid(num);
	return *eid || num == KVM_RISCV_SBI_EXT_V01 ? 0 : -ENOENT;
}

static int sbi_state(const struct rvhv_vcpu *vcpu, unsigned int num, bool *on)
{
	unsigned long eid;
	int ret;

	if (num >= RVHV_SBI_EXT_REGISTERED)
		return rvhv_sbi_slot_get(&vcpu->sbi, num - RVHV_SBI_EXT_REGISTERED, on);
	ret = eid_of(num, &eid);
	return ret ?: rvhv_sbi_ext_get(&vcpu->sbi, eid, on);
}

static bool __cold sbi_exists(const void *vcpu, unsigned int num)
{
	bool on;

	return !sbi_state(vcpu, num, &on);
}

static int __cold sbi_get(void *vcpu, unsigned int num, void *val)
{
	bool on = false;
	int ret = sbi_state(vcpu, num, &on);

	*(unsigned long *)val = on;
	return ret;
}

static int sbi_set(void *object, unsigned int num, const void *val)
{
	unsigned long new = *(const unsigned long *)val;
	struct rvhv_vcpu *vcpu = object;
	unsigned long eid;
	int ret;

	if (vcpu->ran)
		return -EBUSY;
	if (new > 1)
		return -EINVAL;
	if (num >= RVHV_SBI_EXT_REGISTERED)
		return rvhv_sbi_slot_set(&vcpu->sbi, num - RVHV_SBI_EXT_REGISTERED, new);
	ret = eid_of(num, &eid);
	return ret ?: rvhv_sbi_ext_set(&vcpu->sbi, eid, new);
}

const struct rvhv_reg_class rvhv_regs_sbi = {
	.name = "SBI extension",
	.type = KVM_REG_RISCV_SBI_EXT | KVM_REG_RISCV_SBI_SINGLE,
	.nr = RVHV_SBI_EXT_REGISTERED + RVHV_SBI_MAX_SLOTS,
	.bytes = sizeof(unsigned long),
	.exists = sbi_exists,
	.get = sbi_get,
	.set = sbi_set,
};

/* ---- MULTI_EN: a bit for each enabled extension; MULTI_DIS: its complement ---- */

static unsigned long sbi_multi(const struct rvhv_vcpu *vcpu, unsigned int num)
{
	unsigned long bits = 0;
	unsigned int i;
	bool on;

	for (i = 0; i < ARRAY_SIZE(eids); i++)
		if (KVM_REG_RISCV_SBI_MULTI_REG(i) == num && !sbi_state(vcpu, i, &on) && on)
			bits |= KVM_REG_RISCV_SBI_MULTI_MASK(i);
	return bits;
}

/* Changes that are not possible are ignored. */
static int __cold sbi_multi_change(struct rvhv_vcpu *vcpu, unsigned int num, unsigned long bits,
				   bool new)
{
	unsigned int i;

	if (vcpu->ran)
		return -EBUSY;
	for (i = 0; i < ARRAY_SIZE(eids); i++)
		if (KVM_REG_RISCV_SBI_MULTI_REG(i) == num && sbi_exists(vcpu, i) &&
		    (bits & KVM_REG_RISCV_SBI_MULTI_MASK(i)))
			rvhv_sbi_ext_set(&vcpu->sbi, eids[i], new);
	return 0;
}

static int __cold sbi_en_get(void *vcpu, unsigned int num, void *val)
{
	*(unsigned long *)val = sbi_multi(vcpu, num);
	return 0;
}

static int sbi_en_set(void *vcpu, unsigned int num, const void *val)
{
	return sbi_multi_change(vcpu, num, *(const unsigned long *)val, true);
}

static int __cold sbi_dis_get(void *vcpu, unsigned int num, void *val)
{
	*(unsigned long *)val = ~sbi_multi(vcpu, num);
	return 0;
}

static int sbi_dis_set(void *vcpu, unsigned int num, const void *val)
{
	return sbi_multi_change(vcpu, num, *(const unsigned long *)val, false);
}

const struct rvhv_reg_class rvhv_regs_sbi_en = {
	.name = "SBI extensions enabled",
	.type = KVM_REG_RISCV_SBI_EXT | KVM_REG_RISCV_SBI_MULTI_EN,
	.nr = KVM_REG_RISCV_SBI_MULTI_REG_LAST + 1,
	.bytes = sizeof(unsigned long),
	.unlisted = true,
	.get = sbi_en_get,
	.set = sbi_en_set,
};

const struct rvhv_reg_class rvhv_regs_sbi_dis = {
	.name = "SBI extensions disabled",
	.type = KVM_REG_RISCV_SBI_EXT | KVM_REG_RISCV_SBI_MULTI_DIS,
	.nr = KVM_REG_RISCV_SBI_MULTI_REG_LAST + 1,
	.bytes = sizeof(unsigned long),
	.unlisted = true,
	.get = sbi_dis_get,
	.set = sbi_dis_set,
};
