// SPDX-License-Identifier: GPL-2.0-only
/*
 * ONE_REG of a vCPU with the H extension: which registers there are, what they hold, and how they
 * follow the vCPU's extensions.
 */
#include "lib/snapshot.h"
#include "lib/nested_guest.h"

#define ILLEGAL		2
#define SVPBMT		KVM_RISCV_ISA_EXT_SVPBMT

/* Every CSR of the H extension that a guest may have; the last five are views of others */
#define FOR_EACH_CSR(_) \
	_(0x600) _(0x602) _(0x603) _(0x604) _(0x605) _(0x606) _(0x60a) _(0x60c) _(0x643) _(0x645) \
	_(0x64a) _(0x680) _(0x200) _(0x205) _(0x240) _(0x241) _(0x242) _(0x243) _(0x24d) _(0x280) \
	_(0x204) _(0x244) _(0x607) _(0x644) _(0xe12)
/* Have no bits here; M mode may keep the guest from them */
#define FOR_EACH_STATEEN(_)	_(0x60d) _(0x60e) _(0x60f)

#define ITEM(csr)	csr,
static const unsigned int csrs[] = { FOR_EACH_STATEEN(ITEM) FOR_EACH_CSR(ITEM) };
#define NR_CSRS		ARRAY_SIZE(csrs)
#define NR_STATEEN	3
#define NR_VIEWS	5

/* Only where the vCPU has Smstateen, or Sstc */
static bool csr_exists(struct rvcpu *vcpu, unsigned int csr)
{
	if (csr >= 0x60c && csr <= 0x60f)
		return rvcpu_get(vcpu, RVM_REG_ISA(KVM_RISCV_ISA_EXT_SMSTATEEN));
	if (csr == 0x24d)
		return rvcpu_get(vcpu, RVM_REG_ISA(KVM_RISCV_ISA_EXT_SSTC));
	return true;
}

static bool is_listed(struct rvcpu *vcpu, uint64_t id)
{
	static struct snap_vcpu s;

	snap_list(vcpu, &s);
	for (unsigned int i = 0; i < s.n; i++)
		if (s.id[i] == id)
			return true;
	return false;
}

/* ---- which there are ---- */

TEST(absent_without_h)
{
	unsigned long val = 0;
	struct rvcpu vcpu;
	struct rvm vm;

	SKIP_ON_KVM("has no such registers");
	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	for (unsigned int num = 0; num < 0x1100; num++) {
		ASSERT_EQ(-ENOENT, rvcpu_get_raw(&vcpu, RVM_REG_HS(num), &val));
		ASSERT_EQ(-ENOENT, rvcpu_set_raw(&vcpu, RVM_REG_HS(num), &val));
	}
	EXPECT_FALSE(is_listed(&vcpu, RVM_REG_VIRT));
	EXPECT_FALSE(is_listed(&vcpu, RVM_REG_HS(0x600)));
}

TEST(present_with_h)
{
	unsigned int found = 0, want = 0;
	static struct snap_vcpu s;
	unsigned long val = 0;
	struct rvcpu vcpu;
	struct rvm vm;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	if (!rvcpu_give_h(&vcpu))
		SKIP(return, "no H extension");
	for (unsigned int i = 0; i < NR_CSRS; i++) {
		bool there = csr_exists(&vcpu, csrs[i]);

		want += there;
		EXPECT_EQ(there, is_listed(&vcpu, RVM_REG_HS(csrs[i])));
		EXPECT_EQ(there ? 0 : -ENOENT, rvcpu_get_raw(&vcpu, RVM_REG_HS(csrs[i]), &val));
	}
	EXPECT_TRUE(is_listed(&vcpu, RVM_REG_VIRT));
	/* And no others */
	for (unsigned int num = 0; num < 0x1100; num++)
		found += !rvcpu_get_raw(&vcpu, RVM_REG_HS(num), &val);
	EXPECT_EQ(want + 1, found);
	snap_list(&vcpu, &s);
	for (unsigned int i = 0; i < s.n; i++)
		found -= (s.id[i] & ~0xffffUL) == RVM_REG_HS(0);
	EXPECT_EQ(0, found);
	EXPECT_EQ(-ENOENT, rvcpu_get_raw(&vcpu, RVM_REG_HS(0x10600), &val));
	EXPECT_EQ(-EINVAL, rvcpu_get_raw(&vcpu, RVM_REG_HS(0x600) ^ (1UL << 52), &val));
	val = 2;
	EXPECT_EQ(-EINVAL, rvcpu_set_raw(&vcpu, RVM_REG_VIRT, &val));
	EXPECT_EQ(0, rvcpu_get(&vcpu, RVM_REG_VIRT));
	EXPECT_EQ(2UL << 32, rvcpu_get(&vcpu, RVM_REG_HS(0x600)));
	/* They go with the extension */
	ASSERT_EQ(0, rvcpu_set_isa(&vcpu, KVM_RISCV_ISA_EXT_H, false));
	EXPECT_EQ(-ENOENT, rvcpu_get_raw(&vcpu, RVM_REG_VIRT, &val));
}

/* ---- what they hold ---- */

#define READ_ONE(csr)	rd(csr),

static __guest void guest_reads(unsigned long a0, unsigned long a1)
{
	struct guest_shared *s = guest_shared();

	guest_trap_init(0);
	for (;;) {
		unsigned long val[] = { FOR_EACH_CSR(READ_ONE) };

		for (unsigned int i = 0; i < ARRAY_SIZE(val); i++)
			s->val[NR_STATEEN + i] = val[i];
		guest_sync(0);
	}
}

/* The same values for the VMM and for the guest, before the first KVM_RUN and after it. */
static void check_all(struct __test_metadata *_metadata, struct rvcpu *vcpu)
{
	struct guest_shared *s = rvm_shared(vcpu->vm);
	unsigned long val[NR_CSRS] = { 0 };

	for (unsigned int i = NR_STATEEN; i < NR_CSRS; i++)
		if (csr_exists(vcpu, csrs[i]))
			val[i] = rvcpu_get(vcpu, RVM_REG_HS(csrs[i]));
	GUEST_SAYS_SYNC(vcpu);
	for (unsigned int i = NR_STATEEN; i < NR_CSRS; i++) {
		if (!csr_exists(vcpu, csrs[i]))
			continue;
		EXPECT_EQ(val[i], s->val[i]) {
			TH_LOG("CSR %#x", csrs[i]);
		}
	}
}

TEST(values)
{
	static const struct {
		unsigned int csr;
		unsigned long val;
	} ones[] = {
		/* What the specification says can be set, where it does not depend on extensions */
		{ 0x600, 2UL << 32 | 0x7003c0 }, { 0x602, 0xb1ff }, { 0x603, 0x444 },
		{ 0x604, 0x1444 }, { 0x605, -1UL }, { 0x606, 2 }, { 0x607, 0 }, { 0x643, -1UL },
		{ 0x645, 0x444 }, { 0x64a, -1UL }, { 0x205, ~2UL }, { 0x240, -1UL },
		{ 0x241, ~1UL }, { 0x242, -1UL }, { 0x243, -1UL }, { 0xe12, 0 },
		{ 0x204, 0x222 },
	};
	struct rvcpu vcpu;
	struct rvm vm;

	vm_start(&vm, &vcpu, guest_reads, 0);
	if (!rvcpu_give_h(&vcpu))
		SKIP(return, "no H extension");
	for (int ran = 0; ran < 2; ran++) {
		for (unsigned int i = 0; i < NR_CSRS; i++)
			if (csr_exists(&vcpu, csrs[i]))
				rvcpu_set(&vcpu, RVM_REG_HS(csrs[i]), -1UL);
		for (unsigned int i = 0; i < ARRAY_SIZE(ones); i++) {
			EXPECT_EQ(ones[i].val, rvcpu_get(&vcpu, RVM_REG_HS(ones[i].csr))) {
				TH_LOG("CSR %#x", ones[i].csr);
			}
		}
		check_all(_metadata, &vcpu);
		/* Each bit of each, the rest as it is */
		for (unsigned int i = 0; i < NR_CSRS; i++)
			for (int bit = 0; bit < 64 && csr_exists(&vcpu, csrs[i]); bit += 7) {
				rvcpu_set(&vcpu, RVM_REG_HS(csrs[i]), 1UL << (bit + i % 7) % 64);
				if (bit < 14)
					check_all(_metadata, &vcpu);
			}
		for (unsigned int i = 0; i < NR_CSRS; i++)
			if (csr_exists(&vcpu, csrs[i]))
				rvcpu_set(&vcpu, RVM_REG_HS(csrs[i]), 0);
		for (unsigned int i = 0; i < NR_CSRS - NR_VIEWS; i++)
			if (csr_exists(&vcpu, csrs[i]) && csrs[i] != 0x600 && csrs[i] != 0x200)
				EXPECT_EQ(0, rvcpu_get(&vcpu, RVM_REG_HS(csrs[i])));
		check_all(_metadata, &vcpu);
	}
}

/* A write of a view changes nothing: values that belong together may come in any order. */
TEST(views)
{
	struct rvcpu vcpu;
	struct rvm vm;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	if (!rvcpu_give_h(&vcpu))
		SKIP(return, "no H extension");
	rvcpu_set(&vcpu, RVM_REG_HS(HIDELEG), 0x404);
	rvcpu_set(&vcpu, RVM_REG_HS(HIE), 0x444);
	rvcpu_set(&vcpu, RVM_REG_HS(HVIP), 0x044);
	for (unsigned int i = NR_CSRS - NR_VIEWS; i < NR_CSRS; i++) {
		rvcpu_set(&vcpu, RVM_REG_HS(csrs[i]), 0);
		rvcpu_set(&vcpu, RVM_REG_HS(csrs[i]), -1UL);
	}
	EXPECT_EQ(0x444, rvcpu_get(&vcpu, RVM_REG_HS(HIE)));
	EXPECT_EQ(0x044, rvcpu_get(&vcpu, RVM_REG_HS(HVIP)));
	EXPECT_EQ(0x202, rvcpu_get(&vcpu, RVM_REG_HS(0x204)));
	EXPECT_EQ(0x002, rvcpu_get(&vcpu, RVM_REG_HS(0x244)));
	EXPECT_EQ(0x044, rvcpu_get(&vcpu, RVM_REG_HS(0x644)));
}

static __guest void guest_henvcfg(unsigned long a0, unsigned long a1)
{
	unsigned long val;

	guest_trap_init(0);
	asm volatile("csrr %0, 0x60a" : "=r"(val));
	guest_done(val);
}

/* An extension that goes before the first KVM_RUN takes its bits along. */
TEST(extension_goes)
{
	struct rvcpu vcpu;
	struct rvm vm;

	vm_start(&vm, &vcpu, guest_henvcfg, 0);
	if (!rvcpu_give_h(&vcpu))
		SKIP(return, "no H extension");
	if (rvcpu_set_isa(&vcpu, SVPBMT, true))
		SKIP(return, "no Svpbmt");
	rvcpu_set(&vcpu, RVM_REG_HS(HENVCFG), 1UL << 62 | 1);
	EXPECT_EQ(1UL << 62 | 1, rvcpu_get(&vcpu, RVM_REG_HS(HENVCFG)));
	ASSERT_EQ(0, rvcpu_set_isa(&vcpu, SVPBMT, false));
	EXPECT_EQ(1, GUEST_SAYS_DONE(&vcpu));
	EXPECT_EQ(1, rvcpu_get(&vcpu, RVM_REG_HS(HENVCFG)));
	EXPECT_EQ(0, rvm_shared(&vm)->trap[0].count);
}

TEST(h_goes)
{
	struct rvcpu vcpu;
	struct rvm vm;

	vm_start(&vm, &vcpu, guest_henvcfg, 0);
	if (!rvcpu_give_h(&vcpu))
		SKIP(return, "no H extension");
	rvcpu_set(&vcpu, RVM_REG_HS(HENVCFG), 1);
	rvcpu_set(&vcpu, RVM_REG_VIRT, 1);
	ASSERT_EQ(0, rvcpu_set_isa(&vcpu, KVM_RISCV_ISA_EXT_H, false));
	GUEST_SAYS_DONE(&vcpu);
	EXPECT_EQ(1, rvm_shared(&vm)->trap[0].count);
	EXPECT_EQ(ILLEGAL, rvm_shared(&vm)->trap[0].cause);
}

/* There is no L2 here. */
__guest void l2_trap_c(struct hart *h)
{
	l2_fail(__LINE__, csr_read(scause));
}

TEST_HARNESS_MAIN
