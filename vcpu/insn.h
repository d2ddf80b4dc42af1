/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decoding the instructions that a guest traps on. Pure: no CSR, no vCPU.
 */
#ifndef _RVHV_INSN_H
#define _RVHV_INSN_H

#include <linux/types.h>

#define RVHV_INSN_WFI	0x10500073
#define RVHV_INSN_SRET	0x10200073

/*
 * htinst of a fault that a write to a VS-stage page-table entry met, to set A or D: the cause is
 * that of the access behind it. Privileged specification, "Transformed Instruction or
 * Pseudoinstruction".
 */
#define RVHV_HTINST_PTE_WRITE	0x3020

/* Place of the distance from the address of an access to the byte that trapped */
#define RVHV_HTINST_OFFSET	15

/* An access that translation made, and no instruction */
static inline bool rvhv_insn_pseudo(unsigned long htinst)
{
	return htinst && !(htinst & 3);
}

static inline bool rvhv_insn_pseudo_write(unsigned long htinst)
{
	return htinst == RVHV_HTINST_PTE_WRITE;
}

/**
 * struct rvhv_insn_access - a load or a store
 * @len: bytes accessed: 1, 2, 4 or 8
 * @rd_rs2: number of the destination of a load, of the source of a store
 * @insn_len: 2 or 4
 * @write: a store
 * @sign_extend: a load that widens @len bytes with their sign
 * @fp: the register is a floating point register
 */
struct rvhv_insn_access {
	u8 len;
	u8 rd_rs2;
	u8 insn_len;
	bool write;
	bool sign_extend;
	bool fp;
};

/* Kinds of SYSTEM instructions */
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

/* What a CSR instruction does: write, set bits, clear bits */
enum rvhv_csr_op {
	RVHV_CSR_RW,
	RVHV_CSR_RS,
	RVHV_CSR_RC,
};

/* The fields of CSR instructions, for those who have no time for rvhv_insn_decode_system() */
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

/**
 * struct rvhv_insn_system - a SYSTEM instruction
 * @kind: which
 * @op: for RVHV_SYS_CSR
 * @csr: for RVHV_SYS_CSR: number of the CSR
 * @rd: number of the destination; 0 where there is none
 * @rs1: number of the first source, or with @imm the immediate itself
 * @rs2: number of the second source; 0 where there is none
 * @imm: for RVHV_SYS_CSR: @rs1 is an immediate
 * @len: for RVHV_SYS_HLV, HLVX, HSV: bytes accessed
 * @sign_extend: for RVHV_SYS_HLV: widens with the sign
 */
struct rvhv_insn_system {
	enum rvhv_insn_system_kind kind;
	enum rvhv_csr_op op;
	u16 csr;
	u8 rd;
	u8 rs1;
	u8 rs2;
	bool imm;
	u8 len;
	bool sign_extend;
};

int rvhv_insn_decode_access(u32 insn, struct rvhv_insn_access *acc);
u32 rvhv_insn_transform(u32 insn);
int rvhv_insn_from_htinst(u32 htinst, u32 *insn, bool *compressed);
int rvhv_insn_decode_system(u32 insn, struct rvhv_insn_system *sys);

/**
 * rvhv_insn_len - length of an instruction
 * @insn: the instruction, or its first 16 bits
 *
 * Unprivileged specification, "Expanded Instruction-Length Encoding": 16 bits, or 32.
 *
 * Return: 2 or 4 bytes.
 */
static inline unsigned int rvhv_insn_len(u32 insn)
{
	return (insn & 3) == 3 ? 4 : 2;
}

#endif /* _RVHV_INSN_H */
