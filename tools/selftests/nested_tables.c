// SPDX-License-Identifier: GPL-2.0-only
/* An L1's G-stage tables, and its L2's own, of every wrong kind: the right fault, and no hang. */
#include "lib/check.h"
#include "lib/l2.h"

#define TABLES		(RVM_BASE + RVM_FREE_OFF)
#define TABLES_END	(TABLES + 0x80000)
#define DATA		(RVM_BASE + 0x200000)	/* a page of the L1's for the L2 */
#define ROM		0xa0000000UL		/* a slot that cannot be written */
#define ROM_SIZE	(2UL << 20)
#define TARGET		0x40000000UL		/* where the L2 looks */

#define FETCH_ACCESS	1
#define LOAD_ACCESS	5
#define STORE_ACCESS	7
#define FETCH_PAGE	12
#define LOAD_PAGE	13
#define STORE_PAGE	15
#define FETCH_GUEST	20
#define LOAD_GUEST	21
#define STORE_GUEST	23
#define OK		CAUSE_ECALL_VS
#define DEVICE		100	/* an exit to the VMM, then OK */

/* What is in the pages: an ecall, where the L2 gets so far as to fetch it */
#define PATTERN		0x0123456700000073UL

#define PBMT_NC		(1UL << 61)

FIXTURE(tables) {
	struct rvm vm;
	struct rvcpu vcpu;
	struct l2_tables t;
	struct l2_job *job;
	uint64_t *rom;
	bool skip;
};

FIXTURE_VARIANT(tables) {
	unsigned long mode;
};

FIXTURE_VARIANT_ADD(tables, sv39x4) {
	.mode = 8,
};

FIXTURE_VARIANT_ADD(tables, sv48x4) {
	.mode = 9,
};

FIXTURE_VARIANT_ADD(tables, sv57x4) {
	.mode = 10,
};

/* The mode that hgatp has after the job's was written: the host may have smaller ones only. */
static __guest void guest_mode(unsigned long a0, unsigned long a1)
{
	unsigned long val = a1 << 60;

	guest_trap_init(a0);
	asm volatile("csrw 0x680, %0\n csrr %0, 0x680" : "+r"(val));
	guest_done(val >> 60);
}

FIXTURE_SETUP(tables)
{
	if (rvm_is_kvm()) {
		self->skip = true;
		return;
	}
	rvm_create(&self->vm);
	l2_vcpu(&self->vm, 0, &self->vcpu, guest_mode);
	rvcpu_set(&self->vcpu, RVM_REG_CORE(regs.a1), variant->mode);
	self->skip = GUEST_SAYS_DONE(&self->vcpu) != variant->mode;
	if (self->skip)
		return;
	rvcpu_start_at(&self->vcpu, l2_worker, 0, 0);
	GUEST_SAYS_SYNC(&self->vcpu);
	self->rom = rvm_anon(ROM_SIZE);
	self->rom[0] = PATTERN;
	rvm_set_slot(&self->vm, 1, KVM_MEM_READONLY, ROM, ROM_SIZE, self->rom);
	self->job = l2_job(&self->vm, 0);
	l2_tables_init(&self->t, &self->vm, variant->mode, TABLES, TABLES_END);
	l2_map_code(&self->t);
	self->job->hgatp = HGATP(variant->mode, 1, TABLES);
	self->job->fence = L2_FENCE_ALL;
	*(uint64_t *)((char *)self->vm.mem + (DATA - RVM_BASE)) = PATTERN;
}

FIXTURE_TEARDOWN(tables)
{
	if (self->vm.fd) {
		rvcpu_destroy(&self->vcpu);
		rvm_destroy(&self->vm);
	}
}

#define SKIP_WITHOUT_MODE() \
	do { if (self->skip) SKIP(return, "no such mode"); } while (0)

struct causes {
	unsigned int load, store, fetch;
};

#define PAGE_FAULTS	{ LOAD_GUEST, STORE_GUEST, FETCH_GUEST }
#define ACCESS_FAULTS	{ LOAD_ACCESS, STORE_ACCESS, FETCH_ACCESS }
#define DEVICES		{ DEVICE, DEVICE, FETCH_ACCESS }

static void expect(struct __test_metadata *_metadata, struct _test_data_tables *self,
		   const char *name, uint64_t gpa, const struct causes *want)
{
	static void (*const fn[])(void) = { l2_load, l2_store, l2_fetch };
	const unsigned int cause[] = { want->load, want->store, want->fetch };

	for (int i = 0; i < 3; i++) {
		struct l2_job *job = self->job;
		/* The store leaves alone what is fetched */
		uint64_t addr = gpa + (i == 1) * 8;
		unsigned int mmio;

		L2_SET(&self->vcpu, fn[i], addr);
		mmio = l2_run_job(&self->vcpu, PATTERN);
		EXPECT_TRUE(is_guest_call(&self->vcpu, GUEST_SYNC));
		EXPECT_EQ(cause[i] == DEVICE, mmio) {
			TH_LOG("%s", name);
		}
		EXPECT_EQ(cause[i] == DEVICE ? OK : cause[i], job->cause) {
			TH_LOG("%s, %s", name, ((const char *[]){ "load", "store", "fetch" })[i]);
		}
		if (cause[i] == OK || cause[i] == DEVICE)
			continue;
		EXPECT_EQ(addr, job->tval) {
			TH_LOG("%s", name);
		}
		EXPECT_EQ(cause[i] >= FETCH_GUEST ? addr >> 2 : 0, job->htval) {
			TH_LOG("%s", name);
		}
		EXPECT_EQ(HSTATUS_SPV | HSTATUS_SPVP | HSTATUS_GVA,
			  job->hstatus & (HSTATUS_SPV | HSTATUS_SPVP | HSTATUS_GVA));
	}
	EXPECT_EQ(0, rvm_shared(&self->vm)->trap[0].count);
}

/* ---- leaves ---- */

static const struct leaf_case {
	const char *name;
	int level;
	uint64_t entry;
	struct causes want;
} leaves[] = {
	{ "good", 0, PTE_TO(DATA) | PTE_LEAF, { OK, OK, OK } },
	{ "zero", 0, 0, PAGE_FAULTS },
	{ "not valid", 0, PTE_TO(DATA) | (PTE_LEAF & ~PTE_V), PAGE_FAULTS },
	{ "not U", 0, PTE_TO(DATA) | (PTE_LEAF & ~PTE_U), PAGE_FAULTS },
	{ "not A", 0, PTE_TO(DATA) | (PTE_LEAF & ~PTE_A), PAGE_FAULTS },
	{ "not D", 0, PTE_TO(DATA) | (PTE_LEAF & ~PTE_D), { OK, STORE_GUEST, OK } },
	{ "not W", 0, PTE_TO(DATA) | (PTE_LEAF & ~PTE_W), { OK, STORE_GUEST, OK } },
	{ "not X", 0, PTE_TO(DATA) | (PTE_LEAF & ~PTE_X), { OK, OK, FETCH_GUEST } },
	{ "X alone", 0, PTE_TO(DATA) | (PTE_LEAF & ~(PTE_R | PTE_W)),
	  { LOAD_GUEST, STORE_GUEST, OK } },
	{ "W without R", 0, PTE_TO(DATA) | (PTE_LEAF & ~PTE_R), PAGE_FAULTS },
	{ "bit 54", 0, PTE_TO(DATA) | PTE_LEAF | 1UL << 54, PAGE_FAULTS },
	{ "bit 60", 0, PTE_TO(DATA) | PTE_LEAF | 1UL << 60, PAGE_FAULTS },
	{ "both PBMT bits", 0, PTE_TO(DATA) | PTE_LEAF | 3UL << 61, PAGE_FAULTS },
	{ "N", 0, PTE_TO(DATA) | PTE_LEAF | 1UL << 63, PAGE_FAULTS },
	{ "all ones", 0, -1UL, PAGE_FAULTS },
	{ "a table at level 0", 0, PTE_TO(TABLES) | PTE_V, PAGE_FAULTS },
	{ "misaligned 2M", 1, PTE_TO(DATA + RVM_PAGE) | PTE_LEAF, PAGE_FAULTS },
	{ "misaligned 1G", 2, PTE_TO(DATA) | PTE_LEAF, PAGE_FAULTS },
	{ "a device", 0, PTE_TO(RVM_MMIO) | PTE_LEAF, DEVICES },
	{ "nothing", 0, PTE_TO(0xffffffff000UL) | PTE_LEAF, DEVICES },
	{ "nothing, 1G", 2, PTE_TO(0x40000000UL) | PTE_LEAF, DEVICES },
	{ "last frame", 0, PTE_TO(0xfffffffffff000UL) | PTE_LEAF, DEVICES },
	{ "read-only slot", 0, PTE_TO(ROM) | PTE_LEAF, { OK, DEVICE, OK } },
	{ "read-only slot, 2M", 1, PTE_TO(ROM) | PTE_LEAF, { OK, DEVICE, OK } },
};

TEST_F(tables, leaves)
{
	SKIP_WITHOUT_MODE();
	for (int i = 0; i < ARRAY_SIZE(leaves); i++) {
		volatile uint64_t *e = l2_entry(&self->t, TARGET, 2);

		*e = 0;
		*l2_entry(&self->t, TARGET, leaves[i].level) = leaves[i].entry;
		expect(_metadata, self, leaves[i].name, TARGET, &leaves[i].want);
	}
	/* Beyond the mode's width, and beyond all of them */
	for (int bits = 41; bits < 64; bits += 9)
		if (bits >= 41 + 9 * (self->t.levels - 3))
			expect(_metadata, self, "too wide", 1UL << bits,
			       &(struct causes)PAGE_FAULTS);
}

/*
 * What no device on a bus serves (an AMO, floating point, an address that is not aligned) is the
 * L1's to know of, not the VMM's.
 */
TEST_F(tables, device_accesses)
{
	static void (*const fn[])(void) = { l2_amo, l2_load, l2_store };

	SKIP_WITHOUT_MODE();
	l2_map(&self->t, TARGET, RVM_MMIO, 0, PTE_LEAF);
	for (int i = 0; i < ARRAY_SIZE(fn); i++) {
		L2_SET(&self->vcpu, fn[i], TARGET + !!i);
		EXPECT_EQ(0, l2_run_job(&self->vcpu, 0));
		ASSERT_TRUE(is_guest_call(&self->vcpu, GUEST_SYNC)) {
			TH_LOG("exit %u", self->vcpu.run->exit_reason);
		}
		EXPECT_EQ(i == 1 ? LOAD_ACCESS : STORE_ACCESS, self->job->cause);
	}
}

/* ---- tables ---- */

/* Entries of each level above 0 that lead nowhere, in turn */
TEST_F(tables, tables)
{
	static const struct leaf_case bad[] = {
		{ "no memory", 0, PTE_TO(0x20000000UL) | PTE_V, ACCESS_FAULTS },
		{ "a device", 0, PTE_TO(RVM_MMIO) | PTE_V, ACCESS_FAULTS },
		{ "the last frame", 0, PTE_TO(0xfffffffffff000UL) | PTE_V, ACCESS_FAULTS },
		{ "A", 0, PTE_TO(DATA) | PTE_V | PTE_A, PAGE_FAULTS },
		{ "D", 0, PTE_TO(DATA) | PTE_V | PTE_D, PAGE_FAULTS },
		{ "U", 0, PTE_TO(DATA) | PTE_V | PTE_U, PAGE_FAULTS },
		{ "PBMT", 0, PTE_TO(DATA) | PTE_V | 1UL << 61, PAGE_FAULTS },
		{ "bit 59", 0, PTE_TO(DATA) | PTE_V | 1UL << 59, PAGE_FAULTS },
		{ "N", 0, PTE_TO(DATA) | PTE_V | 1UL << 63, PAGE_FAULTS },
	};

	SKIP_WITHOUT_MODE();
	for (int level = self->t.levels - 1; level > 0; level--) {
		/* Beside the entries that lead to the code */
		uint64_t gpa = 1UL << (12 + 9 * level);

		for (int i = 0; i < ARRAY_SIZE(bad); i++) {
			*l2_entry(&self->t, gpa, level) = bad[i].entry;
			expect(_metadata, self, bad[i].name, gpa, &bad[i].want);
			*l2_entry(&self->t, gpa, level) = 0;
		}
	}
}

/* A table all of whose entries lead back to it: no leaf at the end of the levels there are */
TEST_F(tables, loop)
{
	uint64_t table, gpa = 1UL << (12 + 9 * (self->t.levels - 1));
	uint64_t *e;

	SKIP_WITHOUT_MODE();
	table = l2_new_table(&self->t);
	e = (uint64_t *)((char *)self->vm.mem + (table - RVM_BASE));
	for (int i = 0; i < 512; i++)
		e[i] = PTE_TO(table) | PTE_V;
	*l2_entry(&self->t, gpa, self->t.levels - 1) = PTE_TO(table) | PTE_V;
	for (uint64_t offset = 0; offset < 64UL << 20; offset += 13UL << 20)
		expect(_metadata, self, "loop", gpa + offset, &(struct causes)PAGE_FAULTS);
	/* With one leaf in it, the table is memory of the L2 as well, which can write it. */
	e[5] = PTE_TO(table) | PTE_LEAF;
	self->job->fence = L2_FENCE_ALL;
	EXPECT_EQ(OK, L2_DO(&self->vcpu, l2_load, gpa + (5UL << 12) + 5 * 8));
	EXPECT_EQ(PTE_TO(table) | PTE_LEAF, self->job->ret);
	EXPECT_EQ(OK, L2_DO(&self->vcpu, l2_store, gpa + (5UL << 12) + 6 * 8,
			    PTE_TO(DATA) | PTE_LEAF));
	EXPECT_EQ(OK, L2_DO(&self->vcpu, l2_load, gpa + (6UL << 12)));
	EXPECT_EQ(PATTERN, self->job->ret);
}

/* Tables in memory that cannot be written, and a root there */
TEST_F(tables, read_only)
{
	SKIP_WITHOUT_MODE();
	self->job->hgatp = HGATP(variant->mode, 2, ROM);
	l2_map(&self->t, TARGET, DATA, 0, PTE_LEAF);
	memcpy(self->rom, (char *)self->vm.mem + (TABLES - RVM_BASE), TABLES_END - TABLES);
	EXPECT_EQ(OK, L2_DO(&self->vcpu, l2_load, TARGET));
	EXPECT_EQ(PATTERN, self->job->ret);
	/* The root where there is nothing: not even the L2's first fetch */
	self->job->hgatp = HGATP(variant->mode, 3, 0x20000000UL);
	EXPECT_EQ(FETCH_ACCESS, L2_DO(&self->vcpu, l2_load, TARGET));
	self->job->hgatp = HGATP(variant->mode, 3, 0xffffffff000UL);
	EXPECT_EQ(FETCH_ACCESS, L2_DO(&self->vcpu, l2_load, TARGET));
}

/*
 * Memory types of the G-stage are the L1's own affair (menvcfg.PBMTE), whatever it lets its L2 do
 * with them (henvcfg.PBMTE).
 */
TEST_F(tables, memory_types)
{
	bool svpbmt;

	SKIP_WITHOUT_MODE();
	svpbmt = rvcpu_get(&self->vcpu, RVM_REG_ISA(KVM_RISCV_ISA_EXT_SVPBMT));
	l2_map(&self->t, TARGET, DATA, 0, PTE_LEAF | PBMT_NC);
	EXPECT_EQ(svpbmt ? OK : LOAD_GUEST, L2_DO(&self->vcpu, l2_load, TARGET));
}

/* ---- the L2's own tables, which the hart walks ---- */

#define SATP(mode, root)	((unsigned long)(mode) << 60 | (root) >> 12)

TEST_F(tables, vs_stage)
{
	uint64_t table, va = 5UL << 30;
	uint64_t *e;

	SKIP_WITHOUT_MODE();
	table = l2_new_table(&self->t);
	e = (uint64_t *)((char *)self->vm.mem + (table - RVM_BASE));
	/* The code, as the L2 sees it, in a leaf of 1 GiB; and loops */
	for (int i = 0; i < 512; i++)
		e[i] = PTE_TO(table) | PTE_V;
	e[2] = PTE_TO(RVM_BASE) | (PTE_LEAF & ~PTE_U);
	self->job->vsatp = SATP(8, table);
	EXPECT_EQ(LOAD_PAGE, L2_DO(&self->vcpu, l2_load, va));
	EXPECT_EQ(va, self->job->tval);
	EXPECT_EQ(0, self->job->htval);
	EXPECT_EQ(STORE_PAGE, L2_DO(&self->vcpu, l2_store, va));
	EXPECT_EQ(FETCH_PAGE, L2_DO(&self->vcpu, l2_fetch, va));

	/* A table at an address that the L1 does not map: the fault is of that address. */
	e[5] = PTE_TO(TARGET) | PTE_V;
	EXPECT_EQ(LOAD_GUEST, L2_DO(&self->vcpu, l2_load, va));
	EXPECT_EQ(va, self->job->tval);
	EXPECT_EQ(TARGET >> 2, self->job->htval);
	EXPECT_NE(0, self->job->htinst);
	EXPECT_EQ(0, self->job->htinst & 3);
	EXPECT_EQ(STORE_GUEST, L2_DO(&self->vcpu, l2_store, va));
	EXPECT_EQ(TARGET >> 2, self->job->htval);
	EXPECT_EQ(FETCH_GUEST, L2_DO(&self->vcpu, l2_fetch, va));
	EXPECT_EQ(TARGET >> 2, self->job->htval);

	/* One that it maps where nothing is */
	l2_map(&self->t, TARGET, RVM_MMIO, 0, PTE_LEAF);
	EXPECT_EQ(LOAD_ACCESS, L2_DO(&self->vcpu, l2_load, va));
	EXPECT_EQ(STORE_ACCESS, L2_DO(&self->vcpu, l2_store, va));
	EXPECT_EQ(FETCH_ACCESS, L2_DO(&self->vcpu, l2_fetch, va));

	/* And one beyond the width of the G-stage's addresses */
	e[5] = PTE_TO(1UL << 55) | PTE_V;
	if (self->t.levels < 5)
		EXPECT_EQ(LOAD_GUEST, L2_DO(&self->vcpu, l2_load, va));
}

TEST_HARNESS_MAIN
