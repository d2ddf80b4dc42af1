// SPDX-License-Identifier: GPL-2.0-only
/* Extensions that guests of this host have. */
#include <linux/moduleparam.h>
#include <asm/cpufeature.h>
#include <asm/vector.h>

#include "../include/compat.h"
#include "isa.h"

static bool nested = true;
module_param(nested, bool, 0444);
MODULE_PARM_DESC(nested, "Let VMMs give guests the H extension");

#define CAN_DISABLE	BIT(0)	/* the hart can hide it from guests */
#define OFF_BY_DEFAULT	BIT(2)	/* the VMM enables it */
#define NEEDS_VECTOR	BIT(1)	/* offered only if the kernel lets user programs have vectors */

struct isa_row {
	u8 ext;
	u8 flags;
};

/*
 * Guests get no other extensions. Most have no switch: user-level instructions work whether or not
 * the device tree names them.
 */
static const struct isa_row isa_table[] = {
	{ RISCV_ISA_EXT_a }, { RISCV_ISA_EXT_c }, { RISCV_ISA_EXT_i }, { RISCV_ISA_EXT_m },
	{ RISCV_ISA_EXT_d, CAN_DISABLE }, { RISCV_ISA_EXT_f, CAN_DISABLE },
	{ RISCV_ISA_EXT_v, CAN_DISABLE | NEEDS_VECTOR },
	{ RISCV_ISA_EXT_h, CAN_DISABLE | OFF_BY_DEFAULT },
	{ RISCV_ISA_EXT_SMSTATEEN, CAN_DISABLE },
	{ RISCV_ISA_EXT_SSTC }, { RISCV_ISA_EXT_SVINVAL }, { RISCV_ISA_EXT_SVNAPOT },
	{ RISCV_ISA_EXT_SVPBMT, CAN_DISABLE },
	{ RISCV_ISA_EXT_ZACAS }, { RISCV_ISA_EXT_ZAWRS },
	{ RISCV_ISA_EXT_ZBA }, { RISCV_ISA_EXT_ZBB }, { RISCV_ISA_EXT_ZBC },
	{ RISCV_ISA_EXT_ZBKB }, { RISCV_ISA_EXT_ZBKC }, { RISCV_ISA_EXT_ZBKX },
	{ RISCV_ISA_EXT_ZBS },
	{ RISCV_ISA_EXT_ZCA }, { RISCV_ISA_EXT_ZCB }, { RISCV_ISA_EXT_ZCD },
	{ RISCV_ISA_EXT_ZCF }, { RISCV_ISA_EXT_ZCMOP },
	{ RISCV_ISA_EXT_ZFA }, { RISCV_ISA_EXT_ZFH }, { RISCV_ISA_EXT_ZFHMIN },
	{ RISCV_ISA_EXT_ZICBOM, CAN_DISABLE }, { RISCV_ISA_EXT_ZICBOZ, CAN_DISABLE },
	{ RISCV_ISA_EXT_ZICNTR }, { RISCV_ISA_EXT_ZICOND }, { RISCV_ISA_EXT_ZICSR },
	{ RISCV_ISA_EXT_ZIFENCEI }, { RISCV_ISA_EXT_ZIHINTNTL },
	{ RISCV_ISA_EXT_ZIHINTPAUSE }, { RISCV_ISA_EXT_ZIHPM }, { RISCV_ISA_EXT_ZIMOP },
	{ RISCV_ISA_EXT_ZKND }, { RISCV_ISA_EXT_ZKNE }, { RISCV_ISA_EXT_ZKNH },
	{ RISCV_ISA_EXT_ZKR }, { RISCV_ISA_EXT_ZKSED }, { RISCV_ISA_EXT_ZKSH },
	{ RISCV_ISA_EXT_ZKT }, { RISCV_ISA_EXT_ZTSO },
	{ RISCV_ISA_EXT_ZVBB }, { RISCV_ISA_EXT_ZVBC }, { RISCV_ISA_EXT_ZVFH },
	{ RISCV_ISA_EXT_ZVFHMIN }, { RISCV_ISA_EXT_ZVKB }, { RISCV_ISA_EXT_ZVKG },
	{ RISCV_ISA_EXT_ZVKNED }, { RISCV_ISA_EXT_ZVKNHA }, { RISCV_ISA_EXT_ZVKNHB },
	{ RISCV_ISA_EXT_ZVKSED }, { RISCV_ISA_EXT_ZVKSH }, { RISCV_ISA_EXT_ZVKT },
	RVHV_COMPAT_ISA_ROWS
};

static const struct isa_row *isa_row(unsigned int ext)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(isa_table); i++)
		if (isa_table[i].ext == ext)
			return &isa_table[i];
	return NULL;
}

/**
 * rvhv_isa_available - may extension @ext be given to guests of this host?
 * @ext: the kernel's number, RISCV_ISA_EXT_*
 *
 * Context: any.
 * Return: true if it may.
 */
bool rvhv_isa_available(unsigned int ext)
{
	const struct isa_row *row = isa_row(ext);

	if (ext == RISCV_ISA_EXT_h && !nested)
		return false;
	if (!row || !__riscv_isa_extension_available(NULL, ext))
		return false;
	return !(row->flags & NEEDS_VECTOR) || riscv_v_vstate_ctrl_user_allowed();
}

/**
 * rvhv_isa_can_disable - may the VMM take extension @ext away?
 * @ext: the kernel's number
 *
 * Context: any.
 * Return: true if it may.
 */
bool rvhv_isa_can_disable(unsigned int ext)
{
	const struct isa_row *row = isa_row(ext);

	return row && row->flags & CAN_DISABLE;
}

/* Gives a vCPU every extension that guests have by default. */
void rvhv_isa_init(struct rvhv_vcpu *vcpu)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(isa_table); i++)
		if (!(isa_table[i].flags & OFF_BY_DEFAULT) && rvhv_isa_available(isa_table[i].ext))
			__set_bit(isa_table[i].ext, vcpu->isa);
}

/**
 * rvhv_vsstatus_mask - bits of vsstatus that a vCPU has
 * @vcpu: the vCPU
 *
 * Context: any.
 * Return: the bits.
 */
unsigned long rvhv_vsstatus_mask(const struct rvhv_vcpu *vcpu)
{
	unsigned long mask = SR_SIE | SR_SPIE | SR_SPP | SR_SUM | SR_MXR | SR_UXL;

	if (rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_f))
		mask |= SR_FS | SR_SD;
	if (rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_v))
		mask |= SR_VS | SR_SD;
	return mask;
}
