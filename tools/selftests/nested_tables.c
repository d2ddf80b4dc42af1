// SPDX-License-Identifier: GPL-2.0-only
/* Invalid tables of both stages: the right exception for each */
#include "lib/check.h"
#include "lib/l2.h"

#define TABLES		(RVM_BASE + RVM_FREE_OFF)
#define TABLES_END	(TABLES + 0x80000)
#define DATA		(RVM_BASE + 0x200000)	/* a page that the L1 maps for the L2 */
#define ROM		0xa0000000UL		/* a read-only slot */
#define ROM_SIZE	(2UL << 20)
#define TARGET		0x40000000UL		/* the address that the L2 accesses */

#define OK		CAUSE_ECALL_VS
#define DEVICE		100	/* an MMIO exit, then OK */

/* Content of the pages; as an instruction, an ECALL */
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
	.mode = ATP_SV39,
};

FIXTURE_VARIANT_ADD(tables, sv48x4) {
	.mode = ATP_SV48,
};

FIXTURE_VARIANT_ADD(tables, sv57x4) {
	.mode = ATP_SV57,
};

/* Write mode @a1 to hgatp: the host may have smaller ones only. */
static __guest void guest_mode(unsigned long a0, unsigned long a1)
{
	guest_trap_init(a0);
	csr_write(hgatp, a1 << ATP_MODE_SHIFT);
	guest_done(csr_read(hgatp) >> ATP_MODE_SHIFT);
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
	self->job->hgatp = ATP(variant->mode, 1, TABLES);
	self->job->fence = L2_FENCE_ALL;
	*l2_at(&self->t, DATA) = PATTERN;
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

#define PAGE_FAULTS	{ CAUSE_LOAD_GUEST_FAULT, CAUSE_STORE_GUEST_FAULT, CAUSE_FETCH_GUEST_FAULT }
#define ACCESS_FAULTS	{ CAUSE_LOAD_ACCESS, CAUSE_STORE_ACCESS, CAUSE_FETCH_ACCESS }
#define DEVICES		{ DEVICE, DEVICE, CAUSE_FETCH_ACCESS }

static void expect(struct __test_metadata *_metadata, struct _test_data_tables *self,
		   const char *name, uint64_t gpa, const struct causes *want)
{
	static void (*const fn[])(void) = { l2_load, l2_store, l2_fetch };
	const unsigned int cause[] = { want->load, want->store, want->fetch };

	for (int i = 0; i < 3; i++) {
		struct l2_job *job = self->job;
		/* The store must not overwrite the ECALL. */
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
		EXPECT_EQ(cause[i] >= CAUSE_FETCH_GUEST_FAULT ? addr >> 2 : 0, job->htval) {
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
	{ "not D", 0, PTE_TO(DATA) | (PTE_LEAF & ~PTE_D), { OK, CAUSE_STORE_GUEST_FAULT, OK } },
	{ "not W", 0, PTE_TO(DATA) | (PTE_LEAF & ~PTE_W), { OK, CAUSE_STORE_GUEST_FAULT, OK } },
	{ "not X", 0, PTE_TO(DATA) | (PTE_LEAF & ~PTE_X), { OK, OK, CAUSE_FETCH_GUEST_FAULT } },
	{ "X alone", 0, PTE_TO(DATA) | (PTE_LEAF & ~(PTE_R | PTE_W)),
	  { CAUSE_LOAD_GUEST_FAULT, CAUSE_STORE_GUEST_FAULT, OK } },
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
	/* Beyond the mode's width */
	for (int bits = 41; bits < 64; bits += 9)
		if (bits >= 41 + 9 * (self->t.levels - 3))
			expect(_metadata, self, "too wide", 1UL << bits,
			       &(struct causes)PAGE_FAULTS);
}

/* An access that the host cannot emulate is an access fault for the L1, not an exit to the VMM. */
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
		EXPECT_EQ(i == 1 ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS, self->job->cause);
	}
}

/* ---- tables ---- */

/* Invalid entries at each level above 0 */
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
		uint64_t gpa = 1UL << (12 + 9 * level);

		for (int i = 0; i < ARRAY_SIZE(bad); i++) {
			*l2_entry(&self->t, gpa, level) = bad[i].entry;
			expect(_metadata, self, bad[i].name, gpa, &bad[i].want);
			*l2_entry(&self->t, gpa, level) = 0;
		}
	}
}

/* A table whose entries all point to the table: no leaf at level 0 */
TEST_F(tables, loop)
{
	uint64_t table, gpa = 1UL << (12 + 9 * (self->t.levels - 1));
	uint64_t *e;

	SKIP_WITHOUT_MODE();
	table = l2_new_table(&self->t);
	e = l2_at(&self->t, table);
	for (int i = 0; i < 512; i++)
		e[i] = PTE_TO(table) | PTE_V;
	*l2_entry(&self->t, gpa, self->t.levels - 1) = PTE_TO(table) | PTE_V;
	for (uint64_t offset = 0; offset < 64UL << 20; offset += 13UL << 20)
		expect(_metadata, self, "loop", gpa + offset, &(struct causes)PAGE_FAULTS);
	/* One leaf maps the table itself: the L2 writes an entry. */
	e[5] = PTE_TO(table) | PTE_LEAF;
	self->job->fence = L2_FENCE_ALL;
	EXPECT_EQ(OK, L2_DO(&self->vcpu, l2_load, gpa + (5UL << 12) + 5 * 8));
	EXPECT_EQ(PTE_TO(table) | PTE_LEAF, self->job->ret);
	EXPECT_EQ(OK, L2_DO(&self->vcpu, l2_store, gpa + (5UL << 12) + 6 * 8,
			    PTE_TO(DATA) | PTE_LEAF));
	EXPECT_EQ(OK, L2_DO(&self->vcpu, l2_load, gpa + (6UL << 12)));
	EXPECT_EQ(PATTERN, self->job->ret);
}

/* Tables and root in a read-only slot */
TEST_F(tables, read_only)
{
	SKIP_WITHOUT_MODE();
	self->job->hgatp = ATP(variant->mode, 2, ROM);
	l2_map(&self->t, TARGET, DATA, 0, PTE_LEAF);
	memcpy(self->rom, l2_at(&self->t, TABLES), TABLES_END - TABLES);
	EXPECT_EQ(OK, L2_DO(&self->vcpu, l2_load, TARGET));
	EXPECT_EQ(PATTERN, self->job->ret);
	/* A root without memory */
	self->job->hgatp = ATP(variant->mode, 3, 0x20000000UL);
	EXPECT_EQ(CAUSE_FETCH_ACCESS, L2_DO(&self->vcpu, l2_load, TARGET));
	self->job->hgatp = ATP(variant->mode, 3, 0xffffffff000UL);
	EXPECT_EQ(CAUSE_FETCH_ACCESS, L2_DO(&self->vcpu, l2_load, TARGET));
}

/* Memory types in the G-stage depend on menvcfg.PBMTE, not on henvcfg.PBMTE. */
TEST_F(tables, memory_types)
{
	bool svpbmt;

	SKIP_WITHOUT_MODE();
	svpbmt = rvcpu_get(&self->vcpu, RVM_REG_ISA(KVM_RISCV_ISA_EXT_SVPBMT));
	l2_map(&self->t, TARGET, DATA, 0, PTE_LEAF | PBMT_NC);
	EXPECT_EQ(svpbmt ? OK : CAUSE_LOAD_GUEST_FAULT, L2_DO(&self->vcpu, l2_load, TARGET));
}

/* ---- the VS-stage ---- */

TEST_F(tables, vs_stage)
{
	uint64_t table, va = 5UL << 30;
	uint64_t *e;

	SKIP_WITHOUT_MODE();
	table = l2_new_table(&self->t);
	e = l2_at(&self->t, table);
	/* Loops, and a leaf of 1 GiB for the code */
	for (int i = 0; i < 512; i++)
		e[i] = PTE_TO(table) | PTE_V;
	e[2] = PTE_TO(RVM_BASE) | (PTE_LEAF & ~PTE_U);
	self->job->vsatp = ATP(ATP_SV39, 0, table);
	EXPECT_EQ(CAUSE_LOAD_PAGE_FAULT, L2_DO(&self->vcpu, l2_load, va));
	EXPECT_EQ(va, self->job->tval);
	EXPECT_EQ(0, self->job->htval);
	EXPECT_EQ(CAUSE_STORE_PAGE_FAULT, L2_DO(&self->vcpu, l2_store, va));
	EXPECT_EQ(CAUSE_FETCH_PAGE_FAULT, L2_DO(&self->vcpu, l2_fetch, va));

	/* A table at an address that the L1 does not map */
	e[5] = PTE_TO(TARGET) | PTE_V;
	EXPECT_EQ(CAUSE_LOAD_GUEST_FAULT, L2_DO(&self->vcpu, l2_load, va));
	EXPECT_EQ(va, self->job->tval);
	EXPECT_EQ(TARGET >> 2, self->job->htval);
	EXPECT_NE(0, self->job->htinst);
	EXPECT_EQ(0, self->job->htinst & 3);
	EXPECT_EQ(CAUSE_STORE_GUEST_FAULT, L2_DO(&self->vcpu, l2_store, va));
	EXPECT_EQ(TARGET >> 2, self->job->htval);
	EXPECT_EQ(CAUSE_FETCH_GUEST_FAULT, L2_DO(&self->vcpu, l2_fetch, va));
	EXPECT_EQ(TARGET >> 2, self->job->htval);

	/* A table on a device */
	l2_map(&self->t, TARGET, RVM_MMIO, 0, PTE_LEAF);
	EXPECT_EQ(CAUSE_LOAD_ACCESS, L2_DO(&self->vcpu, l2_load, va));
	EXPECT_EQ(CAUSE_STORE_ACCESS, L2_DO(&self->vcpu, l2_store, va));
	EXPECT_EQ(CAUSE_FETCH_ACCESS, L2_DO(&self->vcpu, l2_fetch, va));

	/* A table beyond the G-stage's width */
	e[5] = PTE_TO(1UL << 55) | PTE_V;
	if (self->t.levels < 5)
		EXPECT_EQ(CAUSE_LOAD_GUEST_FAULT, L2_DO(&self->vcpu, l2_load, va));
}

TEST_HARNESS_MAIN
