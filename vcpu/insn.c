// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decoder of the instructions on which a guest traps.
 *
 * Unprivileged specification, "RV32/64G Instruction Set Listings", "RVC Instruction Set Listings"
 * and "Zcb"; privileged specification, "RISC-V Privileged Instruction Set Listings".
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/log2.h>

#include "../include/rvhv_arch.h"
#include "insn.h"

#define OPCODE_LOAD	0x03
#define OPCODE_STORE	0x23
#define OPCODE_AMO	0x2f

#define FUNCT7_OPOFF	25
#define MASK_FUNCT7	((u32)GENMASK(31, FUNCT7_OPOFF))

#define REGNO_MASK	((u32)RVG_RD_MASK)

static unsigned int funct3(u32 insn)
{
	return (insn & RV_INSN_FUNCT3_MASK) >> RV_INSN_FUNCT3_OPOFF;
}

static unsigned int reg_rs2(u32 insn)
{
	return insn >> RVG_RS2_OPOFF & REGNO_MASK;
}

/* funct3 is the width: b, h, w, d; bit 2 marks unsigned loads. */
static enum rvhv_decode decode_long(u32 insn, struct rvhv_insn_access *acc)
{
	unsigned int f3 = funct3(insn);

	acc->insn_len = 4;
	acc->len = 1 << (f3 & 3);
	switch (insn & RV_INSN_OPCODE_MASK) {
	case OPCODE_LOAD:
		acc->sign_extend = f3 < 3;
		acc->rd_rs2 = rvhv_insn_rd(insn);
		return f3 < 7 ? RVHV_DECODED : RVHV_DECODE_UNHANDLED;
	case OPCODE_STORE:
		acc->write = true;
		acc->rd_rs2 = reg_rs2(insn);
		return f3 < 4 ? RVHV_DECODED : RVHV_DECODE_UNHANDLED;
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
		return RVHV_DECODE_UNHANDLED;
	}
	/* Other widths are quad precision and vectors. */
	return f3 >= 1 && f3 <= 3 ? RVHV_DECODED : RVHV_DECODE_UNHANDLED;
}

/* A compressed load or store */
struct short_row {
	u8 len;		/* 0: the encoding is neither */
	bool write;
	bool sign_extend;
	bool fp;
};

/* By funct3, for quadrants 0 (address in a register) and 2 (address in sp) */
static const struct short_row short_rows[8] = {
	[1] = { .len = 8, .fp = true },			/* c.fld, c.fldsp */
	[2] = { .len = 4, .sign_extend = true },	/* c.lw, c.lwsp */
	[3] = { .len = 8 },				/* c.ld, c.ldsp */
	[5] = { .len = 8, .write = true, .fp = true },	/* c.fsd, c.fsdsp */
	[6] = { .len = 4, .write = true },		/* c.sw, c.swsp */
	[7] = { .len = 8, .write = true },		/* c.sd, c.sdsp */
};

/* Zcb, quadrant 0, funct3 100: by bits 12:10, then bit 6 */
static const struct short_row zcb_rows[8][2] = {
	[0] = { { .len = 1 }, { .len = 1 } },		/* c.lbu; bit 6 is offset */
	[1] = { { .len = 2 }, { .len = 2, .sign_extend = true } },	/* c.lhu, c.lh */
	[2] = { { .len = 1, .write = true }, { .len = 1, .write = true } },	/* c.sb */
	[3] = { { .len = 2, .write = true } },		/* c.sh */
};

static enum rvhv_decode decode_short(u16 insn, struct rvhv_insn_access *acc)
{
	unsigned int quadrant = insn & RVC_INSN_OPCODE_MASK;
	unsigned int f3 = insn >> RVC_INSN_FUNCT3_OPOFF;
	const struct short_row *row = &short_rows[f3];

	if (quadrant == RVC_OPCODE_C1)
		return RVHV_DECODE_UNHANDLED;
	if (quadrant == RVC_OPCODE_C0 && f3 == 4)
		row = &zcb_rows[insn >> 10 & 7][insn >> 6 & 1];
	if (!row->len)
		return RVHV_DECODE_UNHANDLED;

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

	/* c.lwsp and c.ldsp with rd x0 are reserved; c.fldsp f0 is not. */
	if (quadrant == RVC_OPCODE_C2 && !acc->fp && !acc->write && !acc->rd_rs2)
		return RVHV_DECODE_UNHANDLED;
	return RVHV_DECODED;
}

/* Ignores the upper half of a compressed @insn. @acc is valid only with RVHV_DECODED. */
enum rvhv_decode rvhv_insn_decode_access(u32 insn, struct rvhv_insn_access *acc)
{
	*acc = (struct rvhv_insn_access) {};
	if ((insn & __INSN_LENGTH_MASK) == __INSN_LENGTH_GE_32)
		return decode_long(insn, acc);
	return decode_short(insn, acc);
}

/* The 32-bit form without address operands; bit 1 clear marks a compressed instruction. */
static u32 transform_short(u32 insn)
{
	struct rvhv_insn_access acc;
	u32 out;

	if (decode_short(insn, &acc) != RVHV_DECODED)
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

/* htinst for a trap on @insn, with Addr. Offset zero; 0 if the specification defines none */
u32 rvhv_insn_transform(u32 insn)
{
	const u32 rs1 = REGNO_MASK << RVG_RS1_OPOFF;

	if (rvhv_insn_len(insn) == 2)
		return transform_short(insn);
	switch (insn & RV_INSN_OPCODE_MASK) {
	case RVFDQ_OPCODE_FL:
	case RVFDQ_OPCODE_FS:
		/* The other widths are vectors. */
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
	/* Keep rd of loads and rs2 of stores; clear the immediate. Bit 5 marks stores. */
	insn &= ~(rs1 | MASK_FUNCT7);
	return insn & (insn & BIT(5) ? ~(REGNO_MASK << RVG_RD_OPOFF) :
				       ~(REGNO_MASK << RVG_RS2_OPOFF));
}

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

/* Without operands */
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

/* rd and rs1; the rs2 field is part of the encoding */
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

/* @sys is valid only with RVHV_DECODED. */
enum rvhv_decode rvhv_insn_decode_system(u32 insn, struct rvhv_insn_system *sys)
{
	const struct system_row *row;

	if (!riscv_insn_is_system(insn))
		return RVHV_DECODE_UNHANDLED;

	*sys = (struct rvhv_insn_system) {};
	if (rvhv_insn_is_csr(insn)) {
		sys->kind = RVHV_SYS_CSR;
		sys->op = rvhv_insn_csr_op(insn);
		sys->csr = rvhv_insn_csr(insn);
		sys->imm = rvhv_insn_csr_imm(insn);
		sys->rd = rvhv_insn_rd(insn);
		sys->rs1 = rvhv_insn_rs1(insn);
		return RVHV_DECODED;
	}

	row = find_system(insn);
	if (!row)
		return RVHV_DECODE_UNHANDLED;
	sys->kind = row->kind;
	sys->len = row->len;
	sys->sign_extend = row->sign_extend;
	/* Fields in the row's mask are encoding, not operands. */
	sys->rd = rvhv_insn_rd(insn & ~row->mask);
	sys->rs1 = rvhv_insn_rs1(insn & ~row->mask);
	sys->rs2 = reg_rs2(insn & ~row->mask);
	return RVHV_DECODED;
}
