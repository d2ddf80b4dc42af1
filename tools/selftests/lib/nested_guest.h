/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small hypervisor (L1) with a guest of its own (L2), one of each on every hart. The L2 runs with
 * both stages of translation; its addresses differ from the L1's.
 */
#ifndef RVM_NESTED_GUEST_H
#define RVM_NESTED_GUEST_H

#include "guest.h"

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

/* The L2's physical and virtual address of an address of the L1 */
#define L2_PA(addr)	((addr) - 0x40000000UL)
#define L2_VA(addr)	((addr) + 0x100000000UL)

struct hart {
	/* nested_guest.c knows the offsets of these two. */
	uint64_t l2_regs[32];	/* pc in place of x0 */
	uint64_t l1_regs[14];	/* ra, sp, s0 to s11 */
	/* the L1's */
	volatile uint64_t exits, ticks, injected, steps, next_tick, l2_due, armed;
	volatile uint64_t htimedelta, hideleg, hgatp, vsatp;
	/* the L2's */
	volatile uint64_t count, l2_ticks, softs, seq, last_time, deadline;
	volatile uint64_t flag;	/* the test's */
	uint64_t id;
};

#define rvm_hart(mem, id) \
	((struct hart *)((char *)(mem) + RVM_FREE_OFF + (id) * HART_SIZE + HART_VARS))

/* ---- the L1 ---- */

/* The world switch: while the L2 runs, sscratch points to its struct hart. */
void l1_enter_l2(struct hart *h);
void l1_from_l2(void);
/* The L2's trap vector. A test that expects traps of the L2 has an l2_trap_c() of its own. */
void l2_trap_entry(void);
void l2_trap_c(struct hart *h);

#define PTE_TABLE(addr)	((addr) >> 12 << 10 | 1)
#define PTE_VS_LEAF	0xcfUL	/* V, R, W, X, A, D */
#define PTE_G_LEAF	0xdfUL	/* and U */

/* Tables of both stages for 4 MiB: small pages, then one of 2 MiB */
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
	/* The L1's own: an identity map of 1 GiB */
	((volatile uint64_t *)(base + L1_ROOT))[RVM_BASE >> 30] =
		RVM_BASE >> 12 << 10 | PTE_VS_LEAF;
}

/* Set up tables and CSRs, but no interrupts, for an L2 that starts at fn(struct hart *). */
__guest_inline struct hart *l1_init(unsigned long id, void *fn)
{
	unsigned long base = HART_AT(id);
	struct hart *h = (void *)(base + HART_VARS);

	l1_make_tables(base);
	h->id = id;
	h->hgatp = ATP(ATP_SV39, id + 1, base + G_ROOT);
	h->vsatp = ATP(ATP_SV39, id + 5, L2_PA(base + VS_ROOT));
	csr_write(satp, ATP(ATP_SV39, id + 9, base + L1_ROOT));
	asm volatile("sfence.vma" ::: "memory");
	csr_write(stvec, (unsigned long)l1_from_l2);
	csr_set(sstatus, SR_FS_INITIAL);
	csr_write(hedeleg, HEDELEG_KVM);
	csr_write(hcounteren, HCOUNTEREN_TM);
	csr_write(hgatp, h->hgatp);
	csr_write(vsatp, h->vsatp);
	csr_write(vsscratch, L2_VA((unsigned long)h));
	csr_write(vsstatus, SR_FS_INITIAL);
	h->l2_regs[0] = L2_VA((unsigned long)fn);
	h->l2_regs[2] = L2_VA(base + L2_STACK_TOP);
	h->l2_regs[10] = L2_VA((unsigned long)h);
	return h;
}

/* Run the L2 until it traps to the L1; returns scause. A failed check of the L2 ends the guest. */
__guest_inline unsigned long l1_run_l2(struct hart *h)
{
	unsigned long cause;

	csr_set(hstatus, HSTATUS_SPV | HSTATUS_SPVP);
	csr_set(sstatus, SR_SPP);
	csr_write(sepc, h->l2_regs[0]);
	l1_enter_l2(h);
	h->l2_regs[0] = csr_read(sepc);
	cause = csr_read(scause);
	if (cause == CAUSE_ECALL_VS && h->l2_regs[17] == L2_FAIL)
		guest_fail(h->l2_regs[10], h->l2_regs[11], h->l2_regs[12]);
	return cause;
}

/* ---- the L2 ---- */

__guest_inline unsigned long l2_call(unsigned long nr, unsigned long arg0, unsigned long arg1,
				     unsigned long arg2)
{
	register unsigned long a0 asm("a0") = arg0;
	register unsigned long a1 asm("a1") = arg1;
	register unsigned long a2 asm("a2") = arg2;
	register unsigned long a7 asm("a7") = nr;

	asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
	return a0;
}

__guest_inline __attribute__((noreturn)) void l2_fail(unsigned long check, unsigned long left,
						      unsigned long right)
{
	for (;;)
		l2_call(L2_FAIL, check, left, right);
}

#define L2_ASSERT_EQ(l, r)	GUEST_COMPARE(l2_fail, l, ==, r)
#define L2_ASSERT_LE(l, r)	GUEST_COMPARE(l2_fail, l, <=, r)
#define L2_FAIL_AT(what, value) \
	l2_fail(GUEST_CHECK(what, NULL, NULL), (unsigned long)(value), 0)

#endif
