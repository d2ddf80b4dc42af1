/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program for HS mode that prints what the H extension does in some thousand cases, a line each.
 * It runs on a hart and in a guest with the H extension, and judges nothing.
 */
#ifndef DIFFTEST_H
#define DIFFTEST_H

#include <stdbool.h>
#include <stddef.h>

#include "csr.h"
#include "insn.h"

typedef unsigned long ulong;
typedef unsigned int u32;

#define BIT(n)		(1UL << (n))
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define PAGE		4096UL
#define NORETURN	__attribute__((noreturn))

/* Bits of senvcfg that every host has: FIOM, CBIE, CBCFE, CBZE */
#define SENVCFG_KNOWN	0xf1UL

/* csrs.c. A CSR without a name is not compared. */
struct csr {
	const char *name;
	ulong number;
};

enum {
#define CSR(name, ...)	INDEX_##name,
#include "csrs.h"
	NR_CSRS
};

extern const struct csr csrs[NR_CSRS];
void snapshot(ulong *values);
void reset_csrs(void);

/* ---- main.c, called by head.S ---- */

void program(ulong hart, const char *fdt);
void died(ulong scause, ulong sepc, ulong stval);

/* ---- console.c: lines of KEY FIELD=VALUE..., random numbers ---- */

void put(const char *s);
void put_hex(ulong val);
void field(const char *name, ulong val);
/* The line's key: parts between slashes. %s, %x (ulong), %d (int) */
void key(const char *format, ...);
void end_line(void);
void flush(void);
NORETURN void power_off(void);

void seed_random(ulong seed);
ulong rnd(void);
ulong rnd_below(ulong n);
ulong rnd_value(void);		/* with few bits, with nearly all, or any */

/* ---- run.c: run code in any mode ---- */

/* head.S knows the layout. */
struct cpu {
	ulong x[32];		/* x[0] is the pc */
	ulong sstatus, hstatus, scause, sepc, stval, htval, htinst;
	ulong sp;
};

enum hart_mode { HS, HS_SRET, U, VS, VU };
enum { RA = 1, T6 = 31, A0 = 10, A1, A2, A3, A4, A5 };

#define NO_TRAP		(~0UL)
/* The program's address in VU mode with a VS-stage */
#define U_ALIAS		0x1000000000UL

extern struct cpu cpu;
extern const char *const mode_names[];
extern const char vs_trap[], hs_return[];
extern u32 code_page[];

void reset_hart(void);
void code_begin(void);
void code(u32 insn);
void code16(u32 insn);
ulong code_pc(enum hart_mode mode);
/* Run the code in @mode; run_interruptible() sets SPIE. */
void run(enum hart_mode mode);
void run_interruptible(enum hart_mode mode);
/* Run one instruction with these values of a1 and a2. */
void run_insn(enum hart_mode mode, u32 insn, ulong a1, ulong a2);
/* Print the fields of the last trap. */
void show_trap(void);
/* head.S: run the code. */
void enter(struct cpu *cpu, bool sret);

/* ---- instructions ---- */

#define CSR_RW		1
#define CSR_RS		2
#define CSR_RC		3
#define CSR_IMM		4
#define INSN_CSR(op, rd, csr, rs1) \
	((u32)(csr) << 20 | (rs1) << 15 | (op) << 12 | (rd) << 7 | 0x73)
#define INSN_HLV(f7, rs2)	RTYPE(f7, rs2, A1, 4, A0, 0x73)
#define INSN_HSV(f7)		RTYPE(f7, A2, A1, 4, 0, 0x73)
#define HLV_W	INSN_HLV(0x34, 0)
#define HLV_WU	INSN_HLV(0x34, 1)
#define HLVX_WU	INSN_HLV(0x34, 3)
#define HLV_D	INSN_HLV(0x36, 0)
#define HSV_W	INSN_HSV(0x35)
#define HSV_D	INSN_HSV(0x37)
#define INSN_LOAD(f3)		RTYPE(0, 0, A1, f3, A0, 0x03)
#define INSN_STORE(f3)		RTYPE(0, A2, A1, f3, 0, 0x23)
#define INSN_AMO(f5, f3)	RTYPE((f5) << 2, A2, A1, f3, A0, 0x2f)
#define INSN_LR(f3)		RTYPE(2 << 2, 0, A1, f3, A0, 0x2f)
#define INSN_JALR		RTYPE(0, 0, A1, 0, 0, 0x67)
#define INSN_CBO_ZERO		RTYPE(0, 4, A1, 2, 0, 0x0f)
/* Of a0, or a2 for a store, at the address in a1 */
#define INSN_C_LW		0x4188
#define INSN_C_LD		0x6188
#define INSN_C_SW		0xc190
#define INSN_C_SD		0xe190

struct named_insn {
	const char *name;
	u32 insn;
};

/* ---- tables.c: page tables ---- */

#define PTE_V		BIT(0)
#define PTE_R		BIT(1)
#define PTE_W		BIT(2)
#define PTE_X		BIT(3)
#define PTE_U		BIT(4)
#define PTE_G		BIT(5)
#define PTE_A		BIT(6)
#define PTE_D		BIT(7)
#define PTE_AD		(PTE_A | PTE_D)
#define PTE_ALL		(PTE_V | PTE_R | PTE_W | PTE_X | PTE_AD)
#define PTE_N		BIT(63)

/* Modes of vsatp and hgatp */
enum { BARE, SV39 = 8, SV48, SV57 };

struct stage {
	ulong *root;
	int levels;
	bool gstage;
};

extern struct stage vs_stage, g_stage;

int mode_levels(int mode);
/* Reset; then make and load two stages that map only the program, one to one. Or none. */
void world(int vs_mode, int g_mode);
void no_world(void);
/* Load vsatp and hgatp again after a reset. */
void use_world(void);
void map(struct stage *stage, ulong addr, ulong target, ulong flags, int level);
ulong *entry_of(struct stage *stage, ulong addr, int level);
ulong *new_table(void);
void fence_all(void);
static inline ulong level_size(int level)
{
	return 1UL << (12 + 9 * level);
}

/* Free memory, and an address without memory */
#define DATA		0x90000000UL
#define NOWHERE		0x08000000UL

/* ---- the cases ---- */

void cases_csr(void);
void cases_alias(void);
void cases_scan(void);
void cases_insn(void);
void cases_counters(void);
void cases_pages(void);
void cases_stages(void);
void cases_fences(void);
void cases_traps(void);
void cases_own_traps(void);
void cases_irqs(void);
void cases_timers(void);
void cases_random(ulong count);

#endif /* DIFFTEST_H */
