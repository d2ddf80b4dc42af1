/* SPDX-License-Identifier: GPL-2.0-only */
/* Decoder of the instructions on which a guest traps. */
#ifndef _RVHV_INSN_H
#define _RVHV_INSN_H

#include <linux/types.h>

#define RVHV_INSN_WFI	0x10500073
#define RVHV_INSN_SRET	0x10200073

/*
 * htinst when setting A or D in a VS-stage page-table entry faulted; scause is that of the access
 * being translated.
 */
#define RVHV_HTINST_PTE_WRITE	0x3020
/* htinst of a fault that a read of a VS-stage page-table entry met */
#define RVHV_HTINST_PTE_READ	0x3000

/* Shift of htinst's Addr. Offset: faulting address minus the address of the access */
#define RVHV_HTINST_OFFSET	15

/* VS-stage translation made the access, not the instruction. */
static inline bool rvhv_insn_pseudo(unsigned long htinst)
{
	return htinst && !(htinst & 3);
}

static inline bool rvhv_insn_pseudo_write(unsigned long htinst)
{
	return htinst == RVHV_HTINST_PTE_WRITE;
}

enum rvhv_decode {
	RVHV_DECODED,
	RVHV_DECODE_UNHANDLED,	/* an instruction that the decoder does not cover */
	RVHV_DECODE_NO_INSN,	/* no instruction was given */
	RVHV_DECODE_PSEUDO,	/* htinst holds a pseudoinstruction */
};

/* A load or a store */
struct rvhv_insn_access {
	u8 len;			/* of the access: 1, 2, 4 or 8 bytes */
	u8 rd_rs2;		/* rd of a load, rs2 of a store */
	u8 insn_len;		/* 2 or 4 bytes */
	bool write;
	bool sign_extend;
	bool fp;		/* rd_rs2 is a floating-point register */
};

enum rvhv_insn_system_kind {
	RVHV_SYS_CSR,
	RVHV_SYS_ECALL,
	RVHV_SYS_EBREAK,
	RVHV_SYS_SRET,
	RVHV_SYS_WFI,
	RVHV_SYS_WRS,		/* wrs.nto, wrs.sto */
	RVHV_SYS_SFENCE_VMA,
	RVHV_SYS_SFENCE_W_INVAL,
	RVHV_SYS_SFENCE_INVAL_IR,
	RVHV_SYS_SINVAL_VMA,
	RVHV_SYS_HFENCE_VVMA,
	RVHV_SYS_HFENCE_GVMA,
	RVHV_SYS_HINVAL_VVMA,
	RVHV_SYS_HINVAL_GVMA,
	RVHV_SYS_HLV,
	RVHV_SYS_HLVX,
	RVHV_SYS_HSV,
};

enum rvhv_csr_op {
	RVHV_CSR_RW,
	RVHV_CSR_RS,
	RVHV_CSR_RC,
};

/* Fields of CSR instructions, for paths where rvhv_insn_decode_system() is too slow */
static inline bool rvhv_insn_is_csr(u32 insn)
{
	return (insn & 0x7f) == 0x73 && insn & 0x3000;
}

static inline unsigned int rvhv_insn_csr(u32 insn)
{
	return insn >> 20;
}

static inline enum rvhv_csr_op rvhv_insn_csr_op(u32 insn)
{
	return RVHV_CSR_RW + (insn >> 12 & 3) - 1;
}

static inline bool rvhv_insn_csr_imm(u32 insn)
{
	return insn & 0x4000;
}

static inline unsigned int rvhv_insn_rd(u32 insn)
{
	return insn >> 7 & 31;
}

static inline unsigned int rvhv_insn_rs1(u32 insn)
{
	return insn >> 15 & 31;
}

/* A SYSTEM instruction; operands that it lacks are 0. */
struct rvhv_insn_system {
	enum rvhv_insn_system_kind kind;
	enum rvhv_csr_op op;
	u16 csr;
	u8 rd;
	u8 rs1;			/* the immediate if imm */
	u8 rs2;
	bool imm;
	u8 len;			/* of the access of HLV, HLVX and HSV, in bytes */
	bool sign_extend;
};

enum rvhv_decode rvhv_insn_decode_access(u32 insn, struct rvhv_insn_access *acc);
u32 rvhv_insn_transform(u32 insn);
enum rvhv_decode rvhv_insn_decode_system(u32 insn, struct rvhv_insn_system *sys);

/*
 * @insn lacks address operands, and is the 32-bit form of a compressed instruction. Privileged
 * specification, "Transformed Instruction or Pseudoinstruction for mtinst or htinst".
 */
static inline enum rvhv_decode rvhv_insn_from_htinst(u32 htinst, u32 *insn, bool *compressed)
{
	if (!htinst)
		return RVHV_DECODE_NO_INSN;
	if (!(htinst & 1))
		return RVHV_DECODE_PSEUDO;
	*compressed = !(htinst & 2);
	*insn = htinst | 2;
	return RVHV_DECODED;
}

/* @insn may be the first 16 bits alone. */
static inline unsigned int rvhv_insn_len(u32 insn)
{
	return (insn & 3) == 3 ? 4 : 2;
}

#endif /* _RVHV_INSN_H */
