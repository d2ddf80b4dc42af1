// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decoding the instructions that a guest traps on.
 *
 * Unprivileged specification, "RV32/64G Instruction Set Listings", "RVC Instruction Set Listings"
 * and "Zcb"; privileged specification, "RISC-V Privileged Instruction Set Listings". asm/insn.h
 * gives the places of the fields, and the encodings it has; the others are here.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>

#include "../include/rvhv_arch.h"
#include "insn.h"

#define OPCODE_LOAD	0x03
#define OPCODE_STORE	0x23
#define OPCODE_AMO	0x2f

#define FUNCT7_OPOFF	25
#define MASK_FUNCT7	((u32)GENMASK(31, FUNCT7_OPOFF))

/* Register numbers are five bits wide. */
#define REGNO_MASK	((u32)RVG_RD_MASK)

static unsigned int funct3(u32 insn)
{
	return (insn & RV_INSN_FUNCT3_MASK) >> RV_INSN_FUNCT3_OPOFF;
}

static unsigned int reg_rs2(u32 insn)
{
	return insn >> RVG_RS2_OPOFF & REGNO_MASK;
}

/* funct3 is 0 to 3 for b, h, w, d; a load with bit 2 of it set is unsigned. */
static int decode_long(u32 insn, struct rvhv_insn_access *acc)
{
	unsigned int f3 = funct3(insn);

	acc->insn_len = 4;
	acc->len = 1 << (f3 & 3);
	switch (insn & RV_INSN_OPCODE_MASK) {
	case OPCODE_LOAD:
		acc->sign_extend = f3 < 3;
		acc->rd_rs2 = rvhv_insn_rd(insn);
		return f3 < 7 ? 0 : -EINVAL;
	case OPCODE_STORE:
		acc->write = true;
		acc->rd_rs2 = reg_rs2(insn);
		return f3 < 4 ? 0 : -EINVAL;
	case RVFDQ_OPCODE_FL:
		acc->fp = true;
		acc->rd_rs2 = rvhv_insn_rd(insn);
		break;
	case RVFDQ_OPCODE_FS:
		acc->fp = true;
		acc->write = true;
		acc->rd_rs2 = reg_rs2(insn);
		break;
	default:
		return -EINVAL;
	}
	/* The other widths of these opcodes are quad precision and vectors. */
	return f3 >= 1 && f3 <= 3 ? -EOPNOTSUPP : -EINVAL;
}

/**
 * struct short_row - loads and stores among compressed instructions of one funct3
 * @len: bytes accessed; 0: none here
 * @write: a store
 * @sign_extend: widens with the sign
 * @fp: floating point register
 */
struct short_row {
	u8 len;
	bool write;
	bool sign_extend;
	bool fp;
};

/* By funct3. Quadrants 0 and 2 are alike: one addresses by a register, the other by sp. */
static const struct short_row short_rows[8] = {
	[1] = { .len = 8, .fp = true },			/* c.fld, c.fldsp */
	[2] = { .len = 4, .sign_extend = true },	/* c.lw, c.lwsp */
	[3] = { .len = 8 },				/* c.ld, c.ldsp */
	[5] = { .len = 8, .write = true, .fp = true },	/* c.fsd, c.fsdsp */
	[6] = { .len = 4, .write = true },		/* c.sw, c.swsp */
	[7] = { .len = 8, .write = true },		/* c.sd, c.sdsp */
};

/* Zcb, all of it in quadrant 0 with funct3 100: bits 12 to 10, then bit 6 */
static const struct short_row zcb_rows[8][2] = {
	[0] = { { .len = 1 }, { .len = 1 } },		/* c.lbu: bit 6 is of the offset */
	[1] = { { .len = 2 }, { .len = 2, .sign_extend = true } },	/* c.lhu, c.lh */
	[2] = { { .len = 1, .write = true }, { .len = 1, .write = true } },	/* c.sb */
	[3] = { { .len = 2, .write = true } },		/* c.sh */
};

static int decode_short(u16 insn, struct rvhv_insn_access *acc)
{
	unsigned int quadrant = insn & RVC_INSN_OPCODE_MASK;
	unsigned int f3 = insn >> RVC_INSN_FUNCT3_OPOFF;
	const struct short_row *row = &short_rows[f3];

	if (quadrant == RVC_OPCODE_C1)
		return -EINVAL;
	if (quadrant == RVC_OPCODE_C0 && f3 == 4)
		row = &zcb_rows[insn >> 10 & 7][insn >> 6 & 1];
	if (!row->len)
		return -EINVAL;

	acc->insn_len = 2;
	acc->len = row->len;
	acc->write = row->write;
	acc->sign_extend = row->sign_extend;
	acc->fp = row->fp;
	if (quadrant == RVC_OPCODE_C0)
		acc->rd_rs2 = 8 + (insn >> RVC_C0_RD_OPOFF & 7);
	else if (row->write)
		acc->rd_rs2 = insn >> RVC_C2_RS2_OPOFF & REGNO_MASK;
	else
		acc->rd_rs2 = insn >> RVC_C2_RD_OPOFF & REGNO_MASK;

	if (acc->fp)
		return -EOPNOTSUPP;
	/* c.lwsp and c.ldsp of x0 are reserved. */
	if (quadrant == RVC_OPCODE_C2 && !acc->write && !acc->rd_rs2)
		return -EINVAL;
	return 0;
}

/**
 * rvhv_insn_decode_access - decode a load or a store
 * @insn: the instruction; of a compressed one the upper half does not matter
 * @acc: filled
 *
 * Return: 0; -EOPNOTSUPP for floating point registers, with @acc filled; -EINVAL for anything else,
 * with @acc undefined.
 */
int rvhv_insn_decode_access(u32 insn, struct rvhv_insn_access *acc)
{
	*acc = (struct rvhv_insn_access) {};
	if ((insn & __INSN_LENGTH_MASK) == __INSN_LENGTH_GE_32)
		return decode_long(insn, acc);
	return decode_short(insn, acc);
}

/**
 * rvhv_insn_from_htinst - the instruction that htinst stands for
 * @htinst: value of the CSR
 * @insn: the instruction without its address offset, a compressed one expanded
 * @compressed: the instruction in memory is 2 bytes long
 *
 * Privileged specification, "Transformed Instruction or Pseudoinstruction for mtinst or htinst".
 *
 * Return: 0; -ENODATA if the hart tells nothing: the instruction has to be fetched; -EINVAL if no
 * instruction asked for the access, but the translation of an address (a pseudoinstruction).
 */
int rvhv_insn_from_htinst(u32 htinst, u32 *insn, bool *compressed)
{
	if (!htinst)
		return -ENODATA;
	if (!(htinst & BIT(0)))
		return -EINVAL;
	*compressed = !(htinst & BIT(1));
	*insn = htinst | BIT(1);
	return 0;
}

/* The 32-bit form of a compressed load or store, without address; bit 1 tells that it was short. */
static u32 transform_short(u32 insn)
{
	struct rvhv_insn_access acc;
	u32 out;

	if (decode_short(insn, &acc))
		return 0;
	out = ilog2(acc.len) << RV_INSN_FUNCT3_OPOFF;
	if (!acc.write && !acc.fp && !acc.sign_extend && acc.len < 8)
		out |= 4 << RV_INSN_FUNCT3_OPOFF;
	if (acc.write)
		out |= (u32)acc.rd_rs2 << RVG_RS2_OPOFF | (acc.fp ? RVFDQ_OPCODE_FS : OPCODE_STORE);
	else
		out |= (u32)acc.rd_rs2 << RVG_RD_OPOFF | (acc.fp ? RVFDQ_OPCODE_FL : OPCODE_LOAD);
	return out & ~2U;
}

/**
 * rvhv_insn_transform - what htinst is to hold for a trap on an instruction
 * @insn: the instruction, 16 or 32 bits, whose address is that of the access that trapped
 *
 * Privileged specification, "Transformed Instruction or Pseudoinstruction for mtinst or htinst".
 *
 * Return: the transformed instruction; 0 if the specification has none for it.
 */
u32 rvhv_insn_transform(u32 insn)
{
	const u32 rs1 = REGNO_MASK << RVG_RS1_OPOFF;

	if (rvhv_insn_len(insn) == 2)
		return transform_short(insn);
	switch (insn & RV_INSN_OPCODE_MASK) {
	case RVFDQ_OPCODE_FL:
	case RVFDQ_OPCODE_FS:
		/* Widths of vectors */
		if (funct3(insn) < 1 || funct3(insn) > 4)
			return 0;
		break;
	case OPCODE_AMO:
		return insn & ~rs1;
	case RVG_OPCODE_SYSTEM:
		return funct3(insn) == 4 ? insn & ~rs1 : 0;
	case OPCODE_LOAD:
	case OPCODE_STORE:
		break;
	default:
		return 0;
	}
	/* Of loads rd stays, of stores rs2; the offset goes. */
	insn &= ~(rs1 | MASK_FUNCT7);
	return insn & (insn & BIT(5) ? ~(REGNO_MASK << RVG_RD_OPOFF) :
				       ~(REGNO_MASK << RVG_RS2_OPOFF));
}

/**
 * struct system_row - one SYSTEM instruction
 * @match: encoding
 * @mask: bits that must be equal
 * @kind: which it is
 * @len: bytes accessed
 * @sign_extend: widens with the sign
 */
struct system_row {
	u32 match;
	u32 mask;
	enum rvhv_insn_system_kind kind;
	u8 len;
	bool sign_extend;
};

#define MASK_RD		(REGNO_MASK << RVG_RD_OPOFF)
#define MASK_RS2	(REGNO_MASK << RVG_RS2_OPOFF)
#define MASK_COMMON	((u32)(RV_INSN_FUNCT3_MASK | RV_INSN_OPCODE_MASK))
#define FUNCT3_MEM	(4 << RV_INSN_FUNCT3_OPOFF)

/* No operands */
#define PLAIN(funct12, k)	{						\
	.match = (funct12) << RV_INSN_FUNCT12_OPOFF | RVG_OPCODE_SYSTEM,	\
	.mask = ~0U,								\
	.kind = (k),								\
}

/* rs1 and rs2 */
#define FENCE(funct7, k)	{						\
	.match = (funct7) << FUNCT7_OPOFF | RVG_OPCODE_SYSTEM,			\
	.mask = MASK_FUNCT7 | MASK_RD | MASK_COMMON,				\
	.kind = (k),								\
}

/* rd and rs1; what rs2 would be is part of the encoding */
#define HLV(funct7, rs2, k, l, s)	{					\
	.match = (funct7) << FUNCT7_OPOFF | (rs2) << RVG_RS2_OPOFF | FUNCT3_MEM | \
		 RVG_OPCODE_SYSTEM,						\
	.mask = MASK_FUNCT7 | MASK_RS2 | MASK_COMMON,				\
	.kind = (k),								\
	.len = (l),								\
	.sign_extend = (s),							\
}

/* rs1 and rs2 */
#define HSV(funct7, l)	{							\
	.match = (funct7) << FUNCT7_OPOFF | FUNCT3_MEM | RVG_OPCODE_SYSTEM,	\
	.mask = MASK_FUNCT7 | MASK_RD | MASK_COMMON,				\
	.kind = RVHV_SYS_HSV,							\
	.len = (l),								\
}

static const struct system_row system_rows[] = {
	PLAIN(0x105, RVHV_SYS_WFI),
	PLAIN(0x00d, RVHV_SYS_WRS),			/* wrs.nto */
	PLAIN(0x01d, RVHV_SYS_WRS),			/* wrs.sto */
	PLAIN(0x000, RVHV_SYS_ECALL),
	{ .match = RVG_MATCH_EBREAK, .mask = RVG_MASK_EBREAK, .kind = RVHV_SYS_EBREAK },
	{ .match = RVG_MATCH_SRET, .mask = RVG_MASK_SRET, .kind = RVHV_SYS_SRET },
	FENCE(0x09, RVHV_SYS_SFENCE_VMA),
	PLAIN(0x180, RVHV_SYS_SFENCE_W_INVAL),
	PLAIN(0x181, RVHV_SYS_SFENCE_INVAL_IR),
	FENCE(0x0b, RVHV_SYS_SINVAL_VMA),
	FENCE(0x11, RVHV_SYS_HFENCE_VVMA),
	FENCE(0x31, RVHV_SYS_HFENCE_GVMA),
	FENCE(0x13, RVHV_SYS_HINVAL_VVMA),
	FENCE(0x33, RVHV_SYS_HINVAL_GVMA),
	HLV(0x30, 0, RVHV_SYS_HLV, 1, true),		/* hlv.b */
	HLV(0x30, 1, RVHV_SYS_HLV, 1, false),		/* hlv.bu */
	HLV(0x32, 0, RVHV_SYS_HLV, 2, true),		/* hlv.h */
	HLV(0x32, 1, RVHV_SYS_HLV, 2, false),		/* hlv.hu */
	HLV(0x32, 3, RVHV_SYS_HLVX, 2, false),		/* hlvx.hu */
	HLV(0x34, 0, RVHV_SYS_HLV, 4, true),		/* hlv.w */
	HLV(0x34, 1, RVHV_SYS_HLV, 4, false),		/* hlv.wu */
	HLV(0x34, 3, RVHV_SYS_HLVX, 4, false),		/* hlvx.wu */
	HLV(0x36, 0, RVHV_SYS_HLV, 8, false),		/* hlv.d */
	HSV(0x31, 1),
	HSV(0x33, 2),
	HSV(0x35, 4),
	HSV(0x37, 8),
};

static const struct system_row *find_system(u32 insn)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(system_rows); i++)
		if ((insn & system_rows[i].mask) == system_rows[i].match)
			return &system_rows[i];
	return NULL;
}

/**
 * rvhv_insn_decode_system - decode a SYSTEM instruction
 * @insn: the instruction
 * @sys: filled
 *
 * Return: 0, or -EINVAL with @sys undefined: no SYSTEM instruction, or none that a guest may use.
 */
int rvhv_insn_decode_system(u32 insn, struct rvhv_insn_system *sys)
{
	const struct system_row *row;

	if (!riscv_insn_is_system(insn))
		return -EINVAL;

	*sys = (struct rvhv_insn_system) {};
	if (rvhv_insn_is_csr(insn)) {
		sys->kind = RVHV_SYS_CSR;
		sys->op = rvhv_insn_csr_op(insn);
		sys->csr = rvhv_insn_csr(insn);
		sys->imm = rvhv_insn_csr_imm(insn);
		sys->rd = rvhv_insn_rd(insn);
		sys->rs1 = rvhv_insn_rs1(insn);
		return 0;
	}

	row = find_system(insn);
	if (!row)
		return -EINVAL;
	sys->kind = row->kind;
	sys->len = row->len;
	sys->sign_extend = row->sign_extend;
	/* Fields that the row fixes are no operands. */
	sys->rd = rvhv_insn_rd(insn & ~row->mask);
	sys->rs1 = rvhv_insn_rs1(insn & ~row->mask);
	sys->rs2 = reg_rs2(insn & ~row->mask);
	return 0;
}
