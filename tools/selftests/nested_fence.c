// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a fence of the L1's does to translations of its L2: a change is in force after HFENCE.GVMA
 * of everything, and what has not changed is as it was. The L1 looks by HLV and HSV, as its L2
 * would without a stage of its own.
 */
#include "lib/check.h"

#define H		KVM_RISCV_ISA_EXT_H

/* Of the L2; more than the host may keep over a fence. They share fewer of the L1's. */
#define PAGES		700
#define DATA_PAGES	300
#define FREE		(RVM_BASE + RVM_FREE_OFF)
#define ROOT		FREE			/* 16 KiB */
#define MIDDLE		(FREE + 0x4000)
#define LEAVES		(FREE + 0x5000)
#define OTHER_LEAVES	(FREE + 0x7000)
#define DATA		(FREE + 0x10000)
/* Where a page of the L2 is, or may be moved to; each holds its number */
#define HOME(i)		((i) % DATA_PAGES)
#define ELSEWHERE(i)	(((i) + 1) % DATA_PAGES)
#define PAGE_OF(n)	(DATA + (n) * RVM_PAGE)

#define V		0x1
#define R		0x2
#define W		0x4
#define U		0x10
#define A		0x40
#define D		0x80
#define ALL		0xdf
#define TABLE		V
#define PTE(addr, bits)	((addr) >> 2 | (bits))
#define ENTRY(table, i)	(((volatile unsigned long *)(table))[i])

#define LOAD_FAULT	21
#define STORE_FAULT	23
#define FAILED		0x100	/* the round in which it did is added */

__guest_inline void fence_all(void)
{
	/* hfence.gvma */
	asm volatile(".4byte 0x62000073" ::: "memory");
}

__guest_inline void fence_vmid(unsigned long vmid)
{
	/* hfence.gvma x0, a1 */
	asm volatile("mv a1, %0\n .4byte 0x62b00073" :: "r"(vmid) : "a1", "memory");
}

/* What the L2's page begins with; @cause is that of the exception, or 0 */
__guest_inline unsigned long hlv(unsigned long page, unsigned long *cause)
{
	struct guest_shared *s = guest_shared();
	unsigned long count = s->trap[0].count;
	unsigned long val = page * RVM_PAGE;

	/* hlv.d a0, (a0) */
	asm volatile("mv a0, %0\n .4byte 0x6c054573\n mv %0, a0" : "+r"(val) :: "a0", "memory");
	*cause = s->trap[0].count == count ? 0 : s->trap[0].cause;
	return val;
}

__guest_inline unsigned long hsv(unsigned long page, unsigned long val)
{
	struct guest_shared *s = guest_shared();
	unsigned long count = s->trap[0].count;

	/* hsv.d a1, (a0) */
	asm volatile("mv a0, %0\n mv a1, %1\n .4byte 0x6eb54073"
		     :: "r"(page * RVM_PAGE), "r"(val) : "a0", "a1", "memory");
	return s->trap[0].count == count ? 0 : s->trap[0].cause;
}

/* Does every page of the L2 have what it shall? The L2's work begins with the page @from. */
static __guest bool guest_all_well(unsigned long from, unsigned long moved)
{
	for (unsigned long n = 0; n < PAGES; n++) {
		unsigned long i = (from + n) % PAGES, cause, want = HOME(i);

		if (i == moved || moved == PAGES)
			want = ELSEWHERE(i);
		if (hlv(i, &cause) != want || cause)
			return false;
	}
	return true;
}

static __guest void guest_fences(unsigned long a0, unsigned long a1)
{
	unsigned long hgatp = 8UL << 60 | 5UL << 44 | ROOT >> 12, cause;

	guest_trap_init(0);
	for (unsigned long i = 0; i < DATA_PAGES; i++)
		*(volatile unsigned long *)PAGE_OF(i) = i;
	for (unsigned long i = 0; i < PAGES; i++) {
		ENTRY(LEAVES, i) = PTE(PAGE_OF(HOME(i)), ALL);
		ENTRY(OTHER_LEAVES, i) = PTE(PAGE_OF(ELSEWHERE(i)), ALL);
	}
	ENTRY(MIDDLE, 0) = PTE(LEAVES, TABLE);
	ENTRY(MIDDLE, 1) = PTE(LEAVES + RVM_PAGE, TABLE);
	ENTRY(ROOT, 0) = PTE(MIDDLE, TABLE);
	asm volatile("csrw 0x680, %0\n csrs 0x600, %1" :: "r"(hgatp), "r"(1UL << 8) : "memory");
	fence_all();

	/* Pages that were looked at last, long ago, and between; fences of all and of the VMID */
	for (unsigned long round = 0; round < 40; round++) {
		unsigned long i = (round * 137 + PAGES - 1) % PAGES;

		if (!guest_all_well(round * 11, -1UL))
			guest_done(FAILED + round);
		ENTRY(LEAVES, i) = PTE(PAGE_OF(ELSEWHERE(i)), ALL);
		if (round & 1)
			fence_all();
		else
			fence_vmid(5);
		if (!guest_all_well(round * 53, i))
			guest_done(2 * FAILED + round);
		ENTRY(LEAVES, i) = PTE(PAGE_OF(HOME(i)), ALL);
		fence_vmid(5);

		/* Less than there was: nothing, no store, no entry that may be used */
		if (hlv(i, &cause) != HOME(i) || hsv(i, HOME(i)))
			guest_done(3 * FAILED + round);
		ENTRY(LEAVES, i) = 0;
		fence_all();
		if (hlv(i, &cause), cause != LOAD_FAULT)
			guest_done(4 * FAILED + round);
		ENTRY(LEAVES, i) = PTE(PAGE_OF(HOME(i)), ALL);
		if (hsv(i, HOME(i)))
			guest_done(5 * FAILED + round);
		ENTRY(LEAVES, i) = PTE(PAGE_OF(HOME(i)), ALL & ~W);
		fence_all();
		if (hsv(i, -1UL) != STORE_FAULT || hlv(i, &cause) != HOME(i))
			guest_done(6 * FAILED + round);
		ENTRY(LEAVES, i) = PTE(PAGE_OF(HOME(i)), ALL & ~D);
		fence_all();
		if (hsv(i, -1UL) != STORE_FAULT || hlv(i, &cause) != HOME(i))
			guest_done(7 * FAILED + round);
		/* More without a fence: the hart may see it late, but then less again with one */
		ENTRY(LEAVES, i) = PTE(PAGE_OF(HOME(i)), ALL);
		if (hsv(i, HOME(i)))
			guest_done(8 * FAILED + round);
		ENTRY(LEAVES, i) = PTE(PAGE_OF(HOME(i)), ALL & ~(round & 1 ? A : U));
		fence_all();
		if (hlv(i, &cause), cause != LOAD_FAULT)
			guest_done(9 * FAILED + round);
		ENTRY(LEAVES, i) = PTE(PAGE_OF(HOME(i)), ALL);
	}

	/* Another table with other entries, all at once; then back */
	ENTRY(MIDDLE, 0) = PTE(OTHER_LEAVES, TABLE);
	ENTRY(MIDDLE, 1) = PTE(OTHER_LEAVES + RVM_PAGE, TABLE);
	fence_vmid(5);
	if (!guest_all_well(0, PAGES))
		guest_done(10 * FAILED);
	ENTRY(MIDDLE, 0) = PTE(LEAVES, TABLE);
	ENTRY(MIDDLE, 1) = PTE(LEAVES + RVM_PAGE, TABLE);
	fence_all();
	if (!guest_all_well(0, -1UL))
		guest_done(11 * FAILED);

	/* A large leaf, to where the program is, in the place of the table; and back */
	ENTRY(MIDDLE, 0) = PTE(RVM_BASE, ALL);
	fence_all();
	if (hlv(DATA / RVM_PAGE % 512 + 3, &cause) != 3)
		guest_done(12 * FAILED);
	ENTRY(MIDDLE, 0) = PTE(LEAVES, TABLE);
	fence_vmid(5);
	if (!guest_all_well(0, -1UL))
		guest_done(13 * FAILED);
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

	SKIP_ON_KVM("guests have no H");
	vm_start(&vm, &vcpu, guest_fences, 0);
	ASSERT_FALSE(rvcpu_set_isa(&vcpu, H, true));
	EXPECT_EQ(0, GUEST_SAYS_DONE(&vcpu));
}

TEST_HARNESS_MAIN
