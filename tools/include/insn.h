/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions of extensions that the programs are not compiled for, by their mnemonics. */
#ifndef TOOLS_INSN_H
#define TOOLS_INSN_H

/* @ext as in -march, with a plus: "+h", "+h, +svinval" */
#define ASM_EXT(ext, insns) \
	".option push\n.option arch, " ext "\n" insns "\n.option pop\n"
#define ASM_H(insns)	ASM_EXT("+h", insns)

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
