/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions: as words, and in C those of extensions that the programs are not compiled for. */
#ifndef TOOLS_INSN_H
#define TOOLS_INSN_H

/* ---- words of code that is written at run time ---- */

#define RTYPE(f7, rs2, rs1, f3, rd, op) \
	((unsigned int)(f7) << 25 | (rs2) << 20 | (rs1) << 15 | (f3) << 12 | (rd) << 7 | (op))
#define INSN_SYSTEM(f7, rs1, rs2)	RTYPE(f7, rs2, rs1, 0, 0, 0x73)

#define INSN_NOP			0x00000013
#define INSN_FENCE_I			0x0000100f
#define INSN_RET			0x00008067
#define INSN_LI_A0(imm)			((unsigned int)(imm) << 20 | 0x513)
#define INSN_ECALL			INSN_SYSTEM(0, 0, 0)
#define INSN_EBREAK			INSN_SYSTEM(0, 0, 1)
#define INSN_C_EBREAK			0x9002
#define INSN_SRET			INSN_SYSTEM(0x08, 0, 2)
#define INSN_WFI			INSN_SYSTEM(0x08, 0, 5)
#define INSN_MRET			INSN_SYSTEM(0x18, 0, 2)
#define INSN_SFENCE_VMA(va, asid)	INSN_SYSTEM(0x09, va, asid)
#define INSN_SINVAL_VMA(va, asid)	INSN_SYSTEM(0x0b, va, asid)
#define INSN_SFENCE_W_INVAL		INSN_SYSTEM(0x0c, 0, 0)
#define INSN_SFENCE_INVAL_IR		INSN_SYSTEM(0x0c, 0, 1)
#define INSN_HFENCE_VVMA(va, asid)	INSN_SYSTEM(0x11, va, asid)
#define INSN_HINVAL_VVMA(va, asid)	INSN_SYSTEM(0x13, va, asid)
#define INSN_HFENCE_GVMA(gpa, vmid)	INSN_SYSTEM(0x31, gpa, vmid)
#define INSN_HINVAL_GVMA(gpa, vmid)	INSN_SYSTEM(0x33, gpa, vmid)
/* Of and to x0 */
#define INSN_CSRR(csr)			((unsigned int)(csr) << 20 | 0x2073)
#define INSN_CSRW(csr)			((unsigned int)(csr) << 20 | 0x1073)
/* On every hart an illegal instruction */
#define INSN_ILLEGAL			0xffffffff

/* ---- instructions in C ---- */

/* @ext as in -march, with a plus: "+h", "+h, +svinval" */
#define ASM_EXT(ext, insns) \
	".option push\n.option arch, " ext "\n" insns "\n.option pop\n"
#define ASM_H(insns)	ASM_EXT("+h", insns)
#define ASM_ILLEGAL	".4byte 0xffffffff"	/* INSN_ILLEGAL */

static inline __attribute__((always_inline)) void hfence_gvma_all(void)
{
	asm volatile(ASM_H("hfence.gvma") ::: "memory");
}

/* One guest physical address, in all VMIDs */
static inline __attribute__((always_inline)) void hfence_gvma(unsigned long gpa)
{
	asm volatile(ASM_H("hfence.gvma %0, zero") :: "r"(gpa >> 2) : "memory");
}

static inline __attribute__((always_inline)) void hfence_gvma_vmid(unsigned long vmid)
{
	asm volatile(ASM_H("hfence.gvma zero, %0") :: "r"(vmid) : "memory");
}

static inline __attribute__((always_inline)) void hfence_vvma_all(void)
{
	asm volatile(ASM_H("hfence.vvma") ::: "memory");
}

/* Loads return @old where the trap handler skips the instruction. */
#define hlv(insn, addr, old) \
	({ \
		unsigned long _v = (old); \
		asm volatile(ASM_H(insn " %0, (%1)") : "+r"(_v) : "r"(addr) : "memory"); \
		_v; \
	})
#define hlv_d(addr)	hlv("hlv.d", addr, 0)
#define hlv_w(addr)	hlv("hlv.w", addr, 0)
#define hlv_wu(addr)	hlv("hlv.wu", addr, 0)

#define hsv(insn, addr, val) \
	asm volatile(ASM_H(insn " %0, (%1)") \
		     :: "r"((unsigned long)(val)), "r"(addr) : "memory")
#define hsv_d(addr, val)	hsv("hsv.d", addr, val)
#define hsv_h(addr, val)	hsv("hsv.h", addr, val)

#endif /* TOOLS_INSN_H */
