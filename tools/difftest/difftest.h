/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program of HS mode that tells what the H extension does in some thousand cases, a line for
 * each. It has no opinion of its own and does not know where it runs: on a hart with the H
 * extension, or in a guest that is given one.
 */
#ifndef DIFFTEST_H
#define DIFFTEST_H

#include <stdbool.h>
#include <stddef.h>

typedef unsigned long ulong;
typedef unsigned int u32;

#define BIT(n)		(1UL << (n))
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define PAGE		4096UL
#define NORETURN	__attribute__((noreturn))

/* ---- CSRs ---- */

#define SR_SIE		BIT(1)
#define SR_SPIE		BIT(5)
#define SR_SPP		BIT(8)
#define SR_FS		(3UL << 13)
#define SR_FS_INITIAL	(1UL << 13)
#define SR_VS		(3UL << 9)
#define SR_SUM		BIT(18)
#define SR_MXR		BIT(19)
#define SR_UXL_64	(2UL << 32)
#define SR_SPELP	BIT(23)
#define SR_SDT		BIT(24)

#define HSTATUS_GVA	BIT(6)
#define HSTATUS_SPV	BIT(7)
#define HSTATUS_SPVP	BIT(8)
#define HSTATUS_HU	BIT(9)
#define HSTATUS_VTVM	BIT(20)
#define HSTATUS_VTW	BIT(21)
#define HSTATUS_VTSR	BIT(22)

#define ENVCFG_STCE	BIT(63)
#define ENVCFG_PBMTE	BIT(62)
/* FIOM, CBIE, CBCFE, CBZE */
#define SENVCFG_KNOWN	0xf1UL

#define VSSI		BIT(2)
#define VSTI		BIT(6)
#define VSEI		BIT(10)
#define VS_IRQS		(VSSI | VSTI | VSEI)
#define SSI		BIT(1)
#define STI		BIT(5)
#define IRQ_FLAG	BIT(63)

#define ATP(mode, asid, root)	((ulong)(mode) << 60 | (ulong)(asid) << 44 | (ulong)(root) >> 12)

#define csr_read(csr) ({						\
	ulong _v;							\
	asm volatile("csrr %0, %1" : "=r"(_v) : "i"(csr) : "memory");	\
	_v;								\
})
#define csr_write(csr, val) asm volatile("csrw %0, %1" :: "i"(csr), "r"((ulong)(val)) : "memory")
#define csr_set(csr, val) asm volatile("csrs %0, %1" :: "i"(csr), "r"((ulong)(val)) : "memory")
#define csr_clear(csr, val) asm volatile("csrc %0, %1" :: "i"(csr), "r"((ulong)(val)) : "memory")

enum {
	SSTATUS = 0x100, SIE = 0x104, STVEC = 0x105, SCOUNTEREN = 0x106, SENVCFG = 0x10a,
	SEPC = 0x141, SIP = 0x144, STIMECMP = 0x14d, SATP = 0x180,
	HSTATUS = 0x600, HEDELEG = 0x602, HIDELEG = 0x603, HIE = 0x604, HTIMEDELTA = 0x605,
	HCOUNTEREN = 0x606, HENVCFG = 0x60a, HTVAL = 0x643, HIP = 0x644, HVIP = 0x645,
	HTINST = 0x64a, HGATP = 0x680,
	VSSTATUS = 0x200, VSIE = 0x204, VSTVEC = 0x205, VSEPC = 0x241, VSCAUSE = 0x242,
	VSTVAL = 0x243, VSIP = 0x244, VSTIMECMP = 0x24d, VSATP = 0x280,
};

/* ---- main.c: from head.S ---- */

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
ulong rnd_value(void);		/* with few bits, with all, or any */

/* ---- run.c: code in any mode ---- */

/* head.S knows the layout. */
struct cpu {
	ulong x[32];		/* x[0] is the pc */
	ulong sstatus, hstatus, scause, sepc, stval, htval, htinst;
	ulong sp;
};

enum hart_mode { HS, HS_SRET, U, VS, VU };
enum { RA = 1, T6 = 31, A0 = 10, A1, A2, A3, A4, A5 };

#define NO_TRAP		(~0UL)
/* VU mode's view of the program where there is a VS-stage */
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
/* Let the code be run in @mode; with @spie, interrupts are on in HS_SRET. */
void run(enum hart_mode mode);
void run_interruptible(enum hart_mode mode);
/* One instruction, with a1 and a2 */
void run_insn(enum hart_mode mode, u32 insn, ulong a1, ulong a2);
/* The fields of the last trap */
void show_trap(void);
/* head.S: run()'s way there, and all CSRs of csrs.h */
void enter(struct cpu *cpu, bool sret);
void snapshot(ulong *values);
void reset_csrs(void);

/* ---- instructions ---- */

#define INSN_EBREAK	0x00100073
#define INSN_ECALL	0x00000073
#define INSN_RET	0x00008067
#define INSN_NOP	0x00000013
#define INSN_SRET	0x10200073
#define INSN_WFI	0x10500073

#define RTYPE(f7, rs2, rs1, f3, rd, op) \
	((u32)(f7) << 25 | (rs2) << 20 | (rs1) << 15 | (f3) << 12 | (rd) << 7 | (op))
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
/* Two stages that take the program to itself, and nothing else; reset and loaded. Or none. */
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

/* Memory that is nobody's, filled with the numbers of its words; and where none is */
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
