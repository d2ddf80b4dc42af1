// SPDX-License-Identifier: GPL-2.0-only
/*
 * HFENCE.GVMA of an L1: a changed leaf takes effect, the others keep their meaning. The L1 accesses
 * the L2's memory by HLV and HSV with vsatp in Bare mode.
 */
#include "lib/check.h"
#include "lib/l2.h"

/* More pages of the L2 than the host may keep over a fence. They share fewer pages of the L1. */
#define PAGES		700
#define DATA_PAGES	300
#define FREE		(RVM_BASE + RVM_FREE_OFF)
#define ROOT		FREE			/* 16 KiB */
#define MIDDLE		(FREE + 0x4000)
#define LEAVES		(FREE + 0x5000)
#define OTHER_LEAVES	(FREE + 0x7000)
#define DATA		(FREE + 0x10000)
#define VMID		5
/* Data pages that page @i of the L2 is mapped to; each holds its own number. */
#define HOME(i)		((i) % DATA_PAGES)
#define ELSEWHERE(i)	(((i) + 1) % DATA_PAGES)
#define PAGE_OF(n)	(DATA + (n) * RVM_PAGE)

#define TABLE(addr)		(PTE_TO(addr) | PTE_V)
#define LEAF(n, bits)		(PTE_TO(PAGE_OF(n)) | (bits))
#define ENTRY(table, i)		(((volatile unsigned long *)(table))[i])

/* @moved: no page, or every page */
#define NONE		(-1UL)
#define EVERY		PAGES

__guest_inline unsigned long trap_since(unsigned long count)
{
	struct guest_shared *s = guest_shared();

	return s->trap[0].count == count ? 0 : s->trap[0].cause;
}

/* The cause of HLV's exception or 0; *@val is the first doubleword of the L2's page. */
__guest_inline unsigned long load(unsigned long page, unsigned long *val)
{
	unsigned long count = guest_shared()->trap[0].count;

	*val = hlv_d(page * RVM_PAGE);
	return trap_since(count);
}

__guest_inline unsigned long store(unsigned long page, unsigned long val)
{
	unsigned long count = guest_shared()->trap[0].count;

	hsv_d(page * RVM_PAGE, val);
	return trap_since(count);
}

__guest_inline void expect_load(unsigned long page, unsigned long want)
{
	unsigned long val, cause = load(page, &val);

	GUEST_ASSERT_EQ(cause, 0);
	GUEST_ASSERT_EQ(val, want);
}

__guest_inline void expect_fault(unsigned long page)
{
	unsigned long val;

	GUEST_ASSERT_EQ(load(page, &val), CAUSE_LOAD_GUEST_FAULT);
}

static __guest void guest_check_pages(unsigned long from, unsigned long moved)
{
	for (unsigned long n = 0; n < PAGES; n++) {
		unsigned long i = (from + n) % PAGES;

		expect_load(i, i == moved || moved == EVERY ? ELSEWHERE(i) : HOME(i));
	}
}

static __guest void guest_make_tables(void)
{
	for (unsigned long i = 0; i < DATA_PAGES; i++)
		*(volatile unsigned long *)PAGE_OF(i) = i;
	for (unsigned long i = 0; i < PAGES; i++) {
		ENTRY(LEAVES, i) = LEAF(HOME(i), PTE_LEAF);
		ENTRY(OTHER_LEAVES, i) = LEAF(ELSEWHERE(i), PTE_LEAF);
	}
	ENTRY(MIDDLE, 0) = TABLE(LEAVES);
	ENTRY(MIDDLE, 1) = TABLE(LEAVES + RVM_PAGE);
	ENTRY(ROOT, 0) = TABLE(MIDDLE);
	csr_write(hgatp, ATP(ATP_SV39, VMID, ROOT));
	csr_set(hstatus, HSTATUS_SPVP);
	hfence_gvma_all();
}

/* One leaf moves and comes back. */
static __guest void guest_move_leaf(unsigned long round, unsigned long i)
{
	guest_check_pages(round * 11, NONE);
	ENTRY(LEAVES, i) = LEAF(ELSEWHERE(i), PTE_LEAF);
	if (round & 1)
		hfence_gvma_all();
	else
		hfence_gvma_vmid(VMID);
	guest_check_pages(round * 53, i);
	ENTRY(LEAVES, i) = LEAF(HOME(i), PTE_LEAF);
	hfence_gvma_vmid(VMID);
}

/* One leaf loses permissions, each time with a fence. */
static __guest void guest_restrict_leaf(unsigned long round, unsigned long i)
{
	expect_load(i, HOME(i));
	GUEST_ASSERT_EQ(store(i, HOME(i)), 0);
	ENTRY(LEAVES, i) = 0;
	hfence_gvma_all();
	expect_fault(i);
	ENTRY(LEAVES, i) = LEAF(HOME(i), PTE_LEAF);
	GUEST_ASSERT_EQ(store(i, HOME(i)), 0);
	ENTRY(LEAVES, i) = LEAF(HOME(i), PTE_LEAF & ~PTE_W);
	hfence_gvma_all();
	GUEST_ASSERT_EQ(store(i, -1UL), CAUSE_STORE_GUEST_FAULT);
	expect_load(i, HOME(i));
	ENTRY(LEAVES, i) = LEAF(HOME(i), PTE_LEAF & ~PTE_D);
	hfence_gvma_all();
	GUEST_ASSERT_EQ(store(i, -1UL), CAUSE_STORE_GUEST_FAULT);
	expect_load(i, HOME(i));
	/* A leaf that gains permissions needs no fence, one that loses them again does. */
	ENTRY(LEAVES, i) = LEAF(HOME(i), PTE_LEAF);
	GUEST_ASSERT_EQ(store(i, HOME(i)), 0);
	ENTRY(LEAVES, i) = LEAF(HOME(i), PTE_LEAF & ~(round & 1 ? PTE_A : PTE_U));
	hfence_gvma_all();
	expect_fault(i);
	ENTRY(LEAVES, i) = LEAF(HOME(i), PTE_LEAF);
}

static __guest void guest_fences(unsigned long a0, unsigned long a1)
{
	guest_trap_init(0);
	guest_make_tables();
	for (unsigned long round = 0; round < 40; round++) {
		unsigned long i = (round * 137 + PAGES - 1) % PAGES;

		guest_move_leaf(round, i);
		guest_restrict_leaf(round, i);
	}

	/* All leaf tables at once */
	ENTRY(MIDDLE, 0) = TABLE(OTHER_LEAVES);
	ENTRY(MIDDLE, 1) = TABLE(OTHER_LEAVES + RVM_PAGE);
	hfence_gvma_vmid(VMID);
	guest_check_pages(0, EVERY);
	ENTRY(MIDDLE, 0) = TABLE(LEAVES);
	ENTRY(MIDDLE, 1) = TABLE(LEAVES + RVM_PAGE);
	hfence_gvma_all();
	guest_check_pages(0, NONE);

	/* A leaf of 2 MiB in place of the table */
	ENTRY(MIDDLE, 0) = PTE_TO(RVM_BASE) | PTE_LEAF;
	hfence_gvma_all();
	expect_load(DATA / RVM_PAGE % 512 + 3, 3);
	ENTRY(MIDDLE, 0) = TABLE(LEAVES);
	hfence_gvma_vmid(VMID);
	guest_check_pages(0, NONE);
	guest_done(0);
}

FIXTURE(global) {
};

FIXTURE_SETUP(global)
{
}

FIXTURE_TEARDOWN(global)
{
}

TEST_F_TIMEOUT(global, everything, 600)
{
	struct rvm vm;
	struct rvcpu vcpu;

	SKIP_ON_KVM(NO_H);
	vm_start(&vm, &vcpu, guest_fences, 0);
	ASSERT_EQ(0, rvcpu_set_isa(&vcpu, KVM_RISCV_ISA_EXT_H, true));
	GUEST_SAYS_DONE(&vcpu);
}

TEST_HARNESS_MAIN
