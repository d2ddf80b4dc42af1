// SPDX-License-Identifier: GPL-2.0-only
/*
 * ONE_REG: configuration, general purpose registers, CSRs and the timer.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/timex.h>
#include <asm/cacheflush.h>
#include <asm/csr.h>
#include <asm/delay.h>
#include <asm/pgtable.h>

#include "../include/compat.h"
#include "../rvhv_vm.h"
#include "../vcpu/irq.h"
#include "../vcpu/isa.h"
#include "../vcpu/timer.h"
#include "../vcpu/vcpu.h"
#include "abi.h"
#include "onereg_classes.h"

/* ---- CONFIG ---- */

/* Either a block size, or a field that is writable until the vCPU runs */
struct config_reg {
	unsigned int ext;
	const unsigned int *block;
	size_t field;
};

#define ISA		KVM_REG_RISCV_CONFIG_REG(isa)
#define SATP_MODE	KVM_REG_RISCV_CONFIG_REG(satp_mode)

static const struct config_reg config_regs[] = {
	[ISA] = {},
	[KVM_REG_RISCV_CONFIG_REG(zicbom_block_size)] = {
		.ext = RISCV_ISA_EXT_ZICBOM, .block = &riscv_cbom_block_size,
	},
	[KVM_REG_RISCV_CONFIG_REG(mvendorid)] = { .field = offsetof(struct rvhv_vcpu, mvendorid) },
	[KVM_REG_RISCV_CONFIG_REG(marchid)] = { .field = offsetof(struct rvhv_vcpu, marchid) },
	[KVM_REG_RISCV_CONFIG_REG(mimpid)] = { .field = offsetof(struct rvhv_vcpu, mimpid) },
	[KVM_REG_RISCV_CONFIG_REG(zicboz_block_size)] = {
		.ext = RISCV_ISA_EXT_ZICBOZ, .block = &riscv_cboz_block_size,
	},
	[SATP_MODE] = {},
	RVHV_COMPAT_CONFIG_REGS
};

static_assert(ARRAY_SIZE(config_regs) == sizeof(struct kvm_riscv_config) / sizeof(unsigned long));

/* Newer KVM always has the block sizes, as 0 on hosts without the extension. */
static bool config_exists(const void *vcpu, unsigned int num)
{
	const struct config_reg *reg = &config_regs[num];

	return RVHV_COMPAT_BLOCK_SIZES_ALWAYS || !reg->block || rvhv_vcpu_has_isa(vcpu, reg->ext);
}

static unsigned long block_size(const struct config_reg *reg)
{
	return __riscv_isa_extension_available(NULL, reg->ext) ? *reg->block : 0;
}

static int __cold config_get(void *vcpu, unsigned int num, void *val)
{
	const struct config_reg *reg = &config_regs[num];
	unsigned long *out = val;

	if (num == ISA)
		*out = rvhv_isa_letters(vcpu);
	else if (num == SATP_MODE)
		*out = satp_mode >> SATP_MODE_SHIFT;
	else if (reg->block)
		*out = block_size(reg);
	else
		*out = *(unsigned long *)(vcpu + reg->field);
	return 0;
}

static int config_set_id(struct rvhv_vcpu *vcpu, unsigned long *field, unsigned long new)
{
	if (*field == new)
		return 0;
	if (vcpu->ran)
		return -EBUSY;
	*field = new;
	return 0;
}

/* Registers that describe the host accept only their present value. */
static int config_set(void *vcpu, unsigned int num, const void *val)
{
	const struct config_reg *reg = &config_regs[num];
	unsigned long new = *(const unsigned long *)val;

	if (num == ISA)
		return rvhv_isa_set_letters(vcpu, new);
	if (num == SATP_MODE)
		return new == satp_mode >> SATP_MODE_SHIFT ? 0 : -EINVAL;
	if (!reg->block)
		return config_set_id(vcpu, vcpu + reg->field, new);
	if (RVHV_COMPAT_BLOCK_SIZES_ALWAYS && !new)
		return 0;
	return new == *reg->block ? 0 : -EINVAL;
}

const struct rvhv_reg_class rvhv_regs_config = {
	.name = "config",
	.type = KVM_REG_RISCV_CONFIG,
	.nr = ARRAY_SIZE(config_regs),
	.bytes = sizeof(unsigned long),
	.exists = config_exists,
	.get = config_get,
	.set = config_set,
};

/* ---- CORE: pc, x1 to x31 in their order, and the privilege mode ---- */

static_assert(KVM_REG_RISCV_CORE_REG(regs.pc) == 0);
static_assert(KVM_REG_RISCV_CORE_REG(regs.ra) == 1);
static_assert(KVM_REG_RISCV_CORE_REG(regs.t6) == 31);
static_assert(KVM_REG_RISCV_CORE_REG(mode) == 32);

static int core_get(void *object, unsigned int num, void *val)
{
	struct rvhv_vcpu *vcpu = object;
	unsigned long *out = val;

	if (num == KVM_REG_RISCV_CORE_REG(regs.pc))
		*out = vcpu->sw.sepc;
	else if (num == KVM_REG_RISCV_CORE_REG(mode))
		*out = vcpu->sw.sstatus & SR_SPP ? KVM_RISCV_MODE_S : KVM_RISCV_MODE_U;
	else
		*out = vcpu->sw.gpr[num];
	return 0;
}

static int core_set(void *object, unsigned int num, const void *val)
{
	unsigned long new = *(const unsigned long *)val;
	struct rvhv_vcpu *vcpu = object;

	if (num == KVM_REG_RISCV_CORE_REG(regs.pc))
		vcpu->sw.sepc = new;
	else if (num != KVM_REG_RISCV_CORE_REG(mode))
		vcpu->sw.gpr[num] = new;
	else if (new == KVM_RISCV_MODE_S)
		vcpu->sw.sstatus |= SR_SPP;
	else
		vcpu->sw.sstatus &= ~SR_SPP;
	return 0;
}

const struct rvhv_reg_class rvhv_regs_core = {
	.name = "core",
	.type = KVM_REG_RISCV_CORE,
	.nr = sizeof(struct kvm_riscv_core) / sizeof(unsigned long),
	.bytes = sizeof(unsigned long),
	.get = core_get,
	.set = core_set,
};

/* ---- CSR, general ---- */

/*
 * A bit that the architecture does not define must not get into a CSR from here: some hosts keep
 * such bits of vsstatus and act on them.
 */
static unsigned long vsstatus_mask(const struct rvhv_vcpu *vcpu)
{
	return rvhv_vsstatus_mask(vcpu);
}

static unsigned long vsie_mask(const struct rvhv_vcpu *vcpu)
{
	return VSIP_VALID_MASK;
}

static unsigned long u32_mask(const struct rvhv_vcpu *vcpu)
{
	return U32_MAX;
}

/* A field of struct rvhv_vcpu_csr, and the bits of it that exist; NULL for all */
struct csr_reg {
	size_t field;
	unsigned long (*mask)(const struct rvhv_vcpu *vcpu);
};

#define CSR_REG(_reg, _field, _mask)						\
	[KVM_REG_RISCV_CSR_REG(_reg)] = {					\
		.field = offsetof(struct rvhv_vcpu_csr, _field), .mask = _mask,	\
	}
#define VS_CSR_REG(_vs, _s, _csr)						\
	[KVM_REG_RISCV_CSR_REG(_s)] = {						\
		.field = offsetof(struct rvhv_vcpu_csr, vs._vs),		\
		.mask = (_csr) == CSR_VSSTATUS ? vsstatus_mask : NULL,		\
	},

static const struct csr_reg csr_regs[] = {
	RVHV_VS_CSRS(VS_CSR_REG)
	CSR_REG(satp, vs.vsatp, NULL),
	CSR_REG(sie, vsie, vsie_mask),
	CSR_REG(sip, hvip, NULL),
	CSR_REG(scounteren, scounteren, u32_mask),
	CSR_REG(senvcfg, senvcfg, NULL),
};

static_assert(ARRAY_SIZE(csr_regs) == sizeof(struct kvm_riscv_csr) / sizeof(unsigned long));

static unsigned long *csr_field(struct rvhv_vcpu *vcpu, unsigned int num)
{
	return (void *)&vcpu->csr + csr_regs[num].field;
}

static int general_get(void *vcpu, unsigned int num, void *val)
{
	unsigned long *out = val;

	if (num == KVM_REG_RISCV_CSR_REG(sip))
		*out = rvhv_vcpu_read_hvip(vcpu) >> VSIP_TO_HVIP_SHIFT & VSIP_VALID_MASK;
	else
		*out = *csr_field(vcpu, num);
	return 0;
}

static int general_set(void *vcpu, unsigned int num, const void *val)
{
	unsigned long new = *(const unsigned long *)val;

	if (num == KVM_REG_RISCV_CSR_REG(sip)) {
		rvhv_vcpu_write_hvip(vcpu, (new & VSIP_VALID_MASK) << VSIP_TO_HVIP_SHIFT);
		return 0;
	}
	if (csr_regs[num].mask)
		new &= csr_regs[num].mask(vcpu);
	*csr_field(vcpu, num) = new;
	return 0;
}

const struct rvhv_reg_class rvhv_regs_csr = {
	.name = "csr",
	.type = KVM_REG_RISCV_CSR | KVM_REG_RISCV_CSR_GENERAL,
	.nr = ARRAY_SIZE(csr_regs),
	.bytes = sizeof(unsigned long),
	.get = general_get,
	.set = general_set,
};

/* ---- CSR, Smstateen: sstateen0 ---- */

static bool smstateen_present(const void *vcpu)
{
	return rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_SMSTATEEN);
}

static int smstateen_get(void *object, unsigned int num, void *val)
{
	struct rvhv_vcpu *vcpu = object;

	*(unsigned long *)val = vcpu->csr.sstateen0;
	return 0;
}

static int smstateen_set(void *object, unsigned int num, const void *val)
{
	struct rvhv_vcpu *vcpu = object;

	vcpu->csr.sstateen0 = *(const unsigned long *)val & U32_MAX;
	return 0;
}

const struct rvhv_reg_class rvhv_regs_csr_smstateen = {
	.name = "csr, Smstateen",
	.type = KVM_REG_RISCV_CSR | KVM_REG_RISCV_CSR_SMSTATEEN,
	.nr = sizeof(struct kvm_riscv_smstateen_csr) / sizeof(unsigned long),
	.bytes = sizeof(unsigned long),
	.present = smstateen_present,
	.get = smstateen_get,
	.set = smstateen_set,
};

/* ---- TIMER ---- */

static int timer_get(void *object, unsigned int num, void *val)
{
	struct rvhv_vcpu *vcpu = object;
	u64 *out = val;

	switch (num) {
	case KVM_REG_RISCV_TIMER_REG(frequency):
		*out = riscv_timebase;
		return 0;
	case KVM_REG_RISCV_TIMER_REG(time):
		*out = rvhv_vcpu_time(vcpu);
		return 0;
	case KVM_REG_RISCV_TIMER_REG(compare):
		*out = vcpu->timer.compare;
		return 0;
	default:
		*out = vcpu->timer.armed ? KVM_RISCV_TIMER_STATE_ON : KVM_RISCV_TIMER_STATE_OFF;
		return 0;
	}
}

static int timer_set_state(struct rvhv_vcpu *vcpu, u64 state)
{
	if (state == KVM_RISCV_TIMER_STATE_ON) {
		rvhv_timer_set(vcpu, vcpu->timer.compare);
		return 0;
	}
	/* As in KVM */
	if (!vcpu->timer.armed)
		return -EINVAL;
	rvhv_timer_cancel(vcpu);
	return 0;
}

/* The time is the VM's: other vCPUs take it over when they are next loaded. */
static int timer_set(void *object, unsigned int num, const void *val)
{
	struct rvhv_vcpu *vcpu = object;
	u64 new = *(const u64 *)val;

	switch (num) {
	case KVM_REG_RISCV_TIMER_REG(frequency):
		return new == riscv_timebase ? 0 : -EINVAL;
	case KVM_REG_RISCV_TIMER_REG(time):
		WRITE_ONCE(vcpu->vm->time_delta, new - get_cycles64());
		return 0;
	case KVM_REG_RISCV_TIMER_REG(compare):
		vcpu->timer.compare = new;
		return 0;
	default:
		return timer_set_state(vcpu, new);
	}
}

static_assert(KVM_REG_RISCV_TIMER_REG(state) == 3);

const struct rvhv_reg_class rvhv_regs_timer = {
	.name = "timer",
	.type = KVM_REG_RISCV_TIMER,
	.nr = sizeof(struct kvm_riscv_timer) / sizeof(u64),
	.bytes = sizeof(u64),
	.get = timer_get,
	.set = timer_set,
};
