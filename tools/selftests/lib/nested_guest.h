/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small hypervisor (L1) with a guest of its own (L2), one of each on every hart. The L2 runs at
 * other addresses than the L1, through tables of both stages that the L1 has made.
 */
#ifndef RVM_NESTED_GUEST_H
#define RVM_NESTED_GUEST_H

#include "check.h"

/* Give the vCPU H; false where there is none to give. */
static inline bool rvcpu_give_h(struct rvcpu *vcpu)
{
	return !rvm_is_kvm() && !rvcpu_set_isa(vcpu, KVM_RISCV_ISA_EXT_H, true);
}

/* CSRs by numbers: the assembler may not know the H extension */
#define HSTATUS		0x600
#define HEDELEG		0x602
#define HIDELEG		0x603
#define HIE		0x604
#define HTIMEDELTA	0x605
#define HCOUNTEREN	0x606
#define HENVCFG		0x60a
#define HVIP		0x645
#define HGATP		0x680
#define VSSTATUS	0x200
#define VSTVEC		0x205
#define VSSCRATCH	0x240
#define VSATP		0x280
#define VSTIMECMP	0x24d
#define STIMECMP	0x14d
#define rd(csr)		csr_read(csr)
#define wr(csr, v)	csr_write(csr, v)

#define HSTATUS_SPV	(1UL << 7)
#define HSTATUS_SPVP	(1UL << 8)
#define HENVCFG_STCE	(1UL << 63)
#define SR_SPP		(1UL << 8)
#define VSSIP		(1UL << 2)
#define VSTIP		(1UL << 6)
#define IRQ_TIMER	(CAUSE_IRQ | 5)
#define CAUSE_VS_ECALL	10

/* Calls of the L2, in a7 */
enum { L2_STEP, L2_SET_TIMER, L2_FAIL };

/* One hart's tables and variables, from RVM_FREE_OFF on */
#define HART_SIZE	0x40000UL
#define HART_AT(id)	(RVM_BASE + RVM_FREE_OFF + (id) * HART_SIZE)
#define G_ROOT		0x0000UL
#define G_MID		0x4000UL
#define G_LEAF		0x5000UL
#define VS_ROOT		0x6000UL
#define VS_MID		0x7000UL
#define VS_LEAF		0x8000UL
#define L1_ROOT		0x9000UL
#define HART_VARS	0xa000UL
#define G_SPARE		0xb000UL
#define L2_STACK_TOP	0x10000UL

/* An address of the L1 as the L2 sees it: physical, and virtual */
#define L2_PA(addr)	((addr) - 0x40000000UL)
#define L2_VA(addr)	((addr) + 0x100000000UL)

struct hart {
	uint64_t l2_regs[32];	/* offsets known to the assembler: 0, pc in place of x0 */
	uint64_t l1_regs[14];	/* 256: ra, sp, s0 to s11 */
	/* the L1's */
	volatile uint64_t exits, ticks, injected, steps, next_tick, l2_due, armed;
	volatile uint64_t htimedelta, hideleg, hgatp, vsatp;
	/* the L2's */
	volatile uint64_t count, l2_ticks, softs, seq, last_time, deadline;
	volatile uint64_t flag;	/* the test's, for either */
	uint64_t id;
};

#define rvm_hart(mem, id) \
	((struct hart *)((char *)(mem) + RVM_FREE_OFF + (id) * HART_SIZE + HART_VARS))

/* ---- the L1 ---- */

void l1_enter_l2(struct hart *h);
void l1_from_l2(void);
void l2_trap_entry(void);
/* The program's: an interrupt of the L2 */
void l2_trap_c(struct hart *h);

/* The world switch. While the L2 runs sscratch is its hart's variables. */
asm("	.pushsection guest_text, \"ax\"\n"
"	.globl l1_enter_l2\n"
"l1_enter_l2:\n"
"	sd ra, 256(a0)\n	sd sp, 264(a0)\n"
"	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11\n"
"	sd s\\n, (272 + 8 * \\n)(a0)\n"
"	.endr\n"
"	csrw sscratch, a0\n"
"	.irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20\n"
"	ld x\\n, (8 * \\n)(a0)\n"
"	.endr\n"
"	.irp n, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 10\n"
"	ld x\\n, (8 * \\n)(a0)\n"
"	.endr\n"
"	sret\n"
"	.balign 4\n"
"	.globl l1_from_l2\n"
"l1_from_l2:\n"
"	csrrw a0, sscratch, a0\n"
"	.irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20\n"
"	sd x\\n, (8 * \\n)(a0)\n"
"	.endr\n"
"	.irp n, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n"
"	sd x\\n, (8 * \\n)(a0)\n"
"	.endr\n"
"	csrr t0, sscratch\n"
"	sd t0, 80(a0)\n"
"	ld ra, 256(a0)\n	ld sp, 264(a0)\n"
"	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11\n"
"	ld s\\n, (272 + 8 * \\n)(a0)\n"
"	.endr\n"
"	ret\n"
/* The L2's trap vector: what a C function may clobber goes to the stack. */
"	.balign 4\n"
"	.globl l2_trap_entry\n"
"l2_trap_entry:\n"
"	addi sp, sp, -256\n"
"	.irp n, 1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31\n"
"	sd x\\n, (8 * \\n)(sp)\n"
"	.endr\n"
"	csrr a0, sscratch\n"
"	call l2_trap_c\n"
"	.irp n, 1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31\n"
"	ld x\\n, (8 * \\n)(sp)\n"
"	.endr\n"
"	addi sp, sp, 256\n"
"	sret\n"
"	.popsection\n"
);

#define PTE_TABLE(addr)	((addr) >> 12 << 10 | 1)
#define PTE_VS_LEAF	0xcfUL	/* V, R, W, X, A, D */
#define PTE_G_LEAF	0xdfUL	/* and U */

/* 4 MiB: small pages, then one of 2 MiB */
__guest_inline void l1_make_tables(unsigned long base)
{
	volatile uint64_t *g_leaf = (void *)(base + G_LEAF), *vs_leaf = (void *)(base + VS_LEAF);

	for (unsigned long i = 0; i < 512; i++) {
		g_leaf[i] = (RVM_BASE + i * RVM_PAGE) >> 12 << 10 | PTE_G_LEAF;
		vs_leaf[i] = L2_PA(RVM_BASE + i * RVM_PAGE) >> 12 << 10 | PTE_VS_LEAF;
	}
	((volatile uint64_t *)(base + G_ROOT))[L2_PA(RVM_BASE) >> 30] = PTE_TABLE(base + G_MID);
	((volatile uint64_t *)(base + G_MID))[0] = PTE_TABLE(base + G_LEAF);
	((volatile uint64_t *)(base + G_MID))[1] =
		(RVM_BASE + 0x200000) >> 12 << 10 | PTE_G_LEAF;
	((volatile uint64_t *)(base + VS_ROOT))[L2_VA(RVM_BASE) >> 30] =
		PTE_TABLE(L2_PA(base + VS_MID));
	((volatile uint64_t *)(base + VS_MID))[0] = PTE_TABLE(L2_PA(base + VS_LEAF));
	((volatile uint64_t *)(base + VS_MID))[1] =
		L2_PA(RVM_BASE + 0x200000) >> 12 << 10 | PTE_VS_LEAF;
	/* The L1 itself: one page of 1 GiB, at its own address */
	((volatile uint64_t *)(base + L1_ROOT))[RVM_BASE >> 30] =
		RVM_BASE >> 12 << 10 | PTE_VS_LEAF;
}

#define SV39		(8UL << 60)

/* Everything but the L2's own interrupts: tables, CSRs, and an L2 about to run fn(its variables) */
__guest_inline struct hart *l1_init(unsigned long id, void *fn)
{
	unsigned long base = HART_AT(id);
	struct hart *h = (void *)(base + HART_VARS);

	l1_make_tables(base);
	h->id = id;
	h->hgatp = SV39 | (id + 1) << 44 | (base + G_ROOT) >> 12;
	h->vsatp = SV39 | (id + 5) << 44 | L2_PA(base + VS_ROOT) >> 12;
	wr(satp, SV39 | (id + 9) << 44 | (base + L1_ROOT) >> 12);
	asm volatile("sfence.vma" ::: "memory");
	wr(stvec, (unsigned long)l1_from_l2);
	csr_set(sstatus, SR_FS_INITIAL);
	wr(HEDELEG, 0xb100);
	wr(HCOUNTEREN, 2);
	wr(HGATP, h->hgatp);
	wr(VSATP, h->vsatp);
	wr(VSSCRATCH, L2_VA((unsigned long)h));
	wr(VSSTATUS, SR_FS_INITIAL);
	h->l2_regs[0] = L2_VA((unsigned long)fn);
	h->l2_regs[2] = L2_VA(base + L2_STACK_TOP);
	h->l2_regs[10] = L2_VA((unsigned long)h);
	return h;
}

/* Run the L2 until it comes out; scause, and its pc in l2_regs[0]. */
__guest_inline unsigned long l1_run_l2(struct hart *h)
{
	csr_set(0x600, HSTATUS_SPV | HSTATUS_SPVP);
	csr_set(sstatus, SR_SPP);
	wr(sepc, h->l2_regs[0]);
	l1_enter_l2(h);
	h->l2_regs[0] = csr_read(sepc);
	return csr_read(scause);
}

/* ---- the L2 ---- */

__guest_inline unsigned long l2_call(unsigned long nr, unsigned long arg0, unsigned long arg1)
{
	register unsigned long a0 asm("a0") = arg0;
	register unsigned long a1 asm("a1") = arg1;
	register unsigned long a7 asm("a7") = nr;

	asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a7) : "memory");
	return a0;
}

__guest_inline __attribute__((noreturn)) void l2_fail(unsigned long line, unsigned long value)
{
	for (;;)
		l2_call(L2_FAIL, line, value);
}

#define L2_ASSERT(cond, value)	do { if (!(cond)) l2_fail(__LINE__, value); } while (0)

#endif
