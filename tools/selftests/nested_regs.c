// SPDX-License-Identifier: GPL-2.0-only
/* ONE_REG of a vCPU with the H extension: the list, the values, and extensions that are removed */
#include "snapshot.h"

#define SVPBMT		KVM_RISCV_ISA_EXT_SVPBMT

/* The CSRs of the module's own table: what a VMM finds. The guest reads them in this order. */
static const struct {
	unsigned int num;
	bool is_view;
} csrs[] = {
#define FIELD(member)	false
#define VIEW		true
#define CSR_ROW(name, number, is_view, ...)	{ number, is_view },
#include "../../vcpu/nested/csr_rows.h"
#undef CSR_ROW
};

#define NR_CSRS		ARRAY_SIZE(csrs)
/* Without bits here; M mode may deny access to hstateen1 to hstateen3. */
#define SKIPPED(number)	((number) > CSR_HSTATEEN0 && (number) <= CSR_HSTATEEN3)

static bool csr_exists(struct rvcpu *vcpu, unsigned int csr)
{
	if (csr >= CSR_HSTATEEN0 && csr <= CSR_HSTATEEN3)
		return rvcpu_get(vcpu, RVM_REG_ISA(KVM_RISCV_ISA_EXT_SMSTATEEN));
	if (csr == CSR_VSTIMECMP)
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

/* ---- the list ---- */

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
	EXPECT_FALSE(is_listed(&vcpu, RVM_REG_HS(CSR_HSTATUS)));
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
	if (!rvcpu_enable_h(&vcpu))
		SKIP(return, "no H extension");
	for (unsigned int i = 0; i < NR_CSRS; i++) {
		bool there = csr_exists(&vcpu, csrs[i].num);

		want += there;
		EXPECT_EQ(there, is_listed(&vcpu, RVM_REG_HS(csrs[i].num)));
		EXPECT_EQ(there ? 0 : -ENOENT, rvcpu_get_raw(&vcpu, RVM_REG_HS(csrs[i].num), &val));
	}
	EXPECT_TRUE(is_listed(&vcpu, RVM_REG_VIRT));
	/* No others exist. */
	for (unsigned int num = 0; num < 0x1100; num++)
		found += !rvcpu_get_raw(&vcpu, RVM_REG_HS(num), &val);
	EXPECT_EQ(want + 1, found);
	snap_list(&vcpu, &s);
	for (unsigned int i = 0; i < s.n; i++)
		found -= (s.id[i] & ~0xffffUL) == RVM_REG_HS(0);
	EXPECT_EQ(0, found);
	EXPECT_EQ(-ENOENT, rvcpu_get_raw(&vcpu, RVM_REG_HS(1 << 16 | CSR_HSTATUS), &val));
	EXPECT_EQ(-EINVAL, rvcpu_get_raw(&vcpu, RVM_REG_HS(CSR_HSTATUS) ^ (1UL << 52), &val));
	val = 2;
	EXPECT_EQ(-EINVAL, rvcpu_set_raw(&vcpu, RVM_REG_VIRT, &val));
	EXPECT_EQ(0, rvcpu_get(&vcpu, RVM_REG_VIRT));
	EXPECT_EQ(HSTATUS_VSXL_64, rvcpu_get(&vcpu, RVM_REG_HS(CSR_HSTATUS)));
	/* They vanish with the extension. */
	ASSERT_EQ(0, rvcpu_set_isa(&vcpu, KVM_RISCV_ISA_EXT_H, false));
	EXPECT_EQ(-ENOENT, rvcpu_get_raw(&vcpu, RVM_REG_VIRT, &val));
}

/* ---- the values ---- */

static __guest void guest_reads(unsigned long a0, unsigned long a1)
{
	guest_trap_init(0);
	for (;;) {
		volatile uint64_t *val = guest_shared()->val;

#define CSR_ROW(name, number, ...)	{ *val++ = SKIPPED(number) ? 0 : csr_read(number); }
#include "../../vcpu/nested/csr_rows.h"
#undef CSR_ROW
		guest_sync(0);
	}
}

/* The VMM and the guest read the same values. */
static void check_all(struct __test_metadata *_metadata, struct rvcpu *vcpu)
{
	struct guest_shared *s = rvm_shared(vcpu->vm);
	unsigned long val[NR_CSRS] = { 0 };

	for (unsigned int i = 0; i < NR_CSRS; i++)
		if (csr_exists(vcpu, csrs[i].num))
			val[i] = rvcpu_get(vcpu, RVM_REG_HS(csrs[i].num));
	GUEST_SAYS_SYNC(vcpu);
	for (unsigned int i = 0; i < NR_CSRS; i++) {
		if (!csr_exists(vcpu, csrs[i].num) || SKIPPED(csrs[i].num))
			continue;
		EXPECT_EQ(val[i], s->val[i]) {
			TH_LOG("CSR %#x", csrs[i].num);
		}
	}
}

TEST(values)
{
	static const struct {
		unsigned int csr;
		unsigned long val;
	} ones[] = {
		/* The writable bits that do not depend on extensions */
		{ CSR_HSTATUS, HSTATUS_VSXL_64 | HSTATUS_VTSR | HSTATUS_VTW | HSTATUS_VTVM |
			       HSTATUS_HU | HSTATUS_SPVP | HSTATUS_SPV | HSTATUS_GVA },
		{ CSR_HEDELEG, HEDELEG_ALL }, { CSR_HIDELEG, IE_VS_ALL },
		{ CSR_HIE, IE_VS_ALL | IE_SGEIE }, { CSR_HTIMEDELTA, -1UL },
		{ CSR_HCOUNTEREN, HCOUNTEREN_TM }, { CSR_HGEIE, 0 }, { CSR_HTVAL, -1UL },
		{ CSR_HVIP, IE_VS_ALL }, { CSR_HTINST, -1UL }, { CSR_VSTVEC, ~2UL },
		{ CSR_VSSCRATCH, -1UL }, { CSR_VSEPC, ~1UL }, { CSR_VSCAUSE, -1UL },
		{ CSR_VSTVAL, -1UL }, { CSR_HGEIP, 0 }, { CSR_VSIE, IE_S_ALL },
	};
	struct rvcpu vcpu;
	struct rvm vm;

	vm_start(&vm, &vcpu, guest_reads, 0);
	if (!rvcpu_enable_h(&vcpu))
		SKIP(return, "no H extension");
	for (int ran = 0; ran < 2; ran++) {
		for (unsigned int i = 0; i < NR_CSRS; i++)
			if (csr_exists(&vcpu, csrs[i].num))
				rvcpu_set(&vcpu, RVM_REG_HS(csrs[i].num), -1UL);
		for (unsigned int i = 0; i < ARRAY_SIZE(ones); i++) {
			EXPECT_EQ(ones[i].val, rvcpu_get(&vcpu, RVM_REG_HS(ones[i].csr))) {
				TH_LOG("CSR %#x", ones[i].csr);
			}
		}
		check_all(_metadata, &vcpu);
		/* Single bits */
		for (unsigned int i = 0; i < NR_CSRS; i++) {
			if (!csr_exists(&vcpu, csrs[i].num))
				continue;
			for (int bit = i % 7; bit < 64; bit += 7) {
				rvcpu_set(&vcpu, RVM_REG_HS(csrs[i].num), 1UL << bit);
				if (bit < 14)
					check_all(_metadata, &vcpu);
			}
		}
		for (unsigned int i = 0; i < NR_CSRS; i++)
			if (csr_exists(&vcpu, csrs[i].num))
				rvcpu_set(&vcpu, RVM_REG_HS(csrs[i].num), 0);
		for (unsigned int i = 0; i < NR_CSRS; i++)
			if (csr_exists(&vcpu, csrs[i].num) && !csrs[i].is_view &&
			    csrs[i].num != CSR_HSTATUS && csrs[i].num != CSR_VSSTATUS)
				EXPECT_EQ(0, rvcpu_get(&vcpu, RVM_REG_HS(csrs[i].num)));
		check_all(_metadata, &vcpu);
	}
}

/* Writing a view changes nothing, so that registers can be restored in any order. */
TEST(views)
{
	struct rvcpu vcpu;
	struct rvm vm;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	if (!rvcpu_enable_h(&vcpu))
		SKIP(return, "no H extension");
	rvcpu_set(&vcpu, RVM_REG_HS(CSR_HIDELEG), IE_VSSIE | IE_VSEIE);
	rvcpu_set(&vcpu, RVM_REG_HS(CSR_HIE), IE_VS_ALL);
	rvcpu_set(&vcpu, RVM_REG_HS(CSR_HVIP), IE_VSSIE | IE_VSTIE);
	for (unsigned int i = 0; i < NR_CSRS; i++) {
		if (!csrs[i].is_view)
			continue;
		rvcpu_set(&vcpu, RVM_REG_HS(csrs[i].num), 0);
		rvcpu_set(&vcpu, RVM_REG_HS(csrs[i].num), -1UL);
	}
	EXPECT_EQ(IE_VS_ALL, rvcpu_get(&vcpu, RVM_REG_HS(CSR_HIE)));
	EXPECT_EQ(IE_VSSIE | IE_VSTIE, rvcpu_get(&vcpu, RVM_REG_HS(CSR_HVIP)));
	EXPECT_EQ(IE_SSIE | IE_SEIE, rvcpu_get(&vcpu, RVM_REG_HS(CSR_VSIE)));
	EXPECT_EQ(IE_SSIE, rvcpu_get(&vcpu, RVM_REG_HS(CSR_VSIP)));
	EXPECT_EQ(IE_VSSIE | IE_VSTIE, rvcpu_get(&vcpu, RVM_REG_HS(CSR_HIP)));
}

static __guest void guest_henvcfg(unsigned long a0, unsigned long a1)
{
	guest_trap_init(0);
	guest_done(csr_read(henvcfg));
}

/* Disabling an extension before the first KVM_RUN clears its bits. */
TEST(extension_goes)
{
	struct rvcpu vcpu;
	struct rvm vm;

	vm_start(&vm, &vcpu, guest_henvcfg, 0);
	if (!rvcpu_enable_h(&vcpu))
		SKIP(return, "no H extension");
	if (rvcpu_set_isa(&vcpu, SVPBMT, true))
		SKIP(return, "no Svpbmt");
	rvcpu_set(&vcpu, RVM_REG_HS(CSR_HENVCFG), ENVCFG_PBMTE | ENVCFG_FIOM);
	EXPECT_EQ(ENVCFG_PBMTE | ENVCFG_FIOM, rvcpu_get(&vcpu, RVM_REG_HS(CSR_HENVCFG)));
	ASSERT_EQ(0, rvcpu_set_isa(&vcpu, SVPBMT, false));
	EXPECT_EQ(ENVCFG_FIOM, GUEST_SAYS_DONE(&vcpu));
	EXPECT_EQ(ENVCFG_FIOM, rvcpu_get(&vcpu, RVM_REG_HS(CSR_HENVCFG)));
	EXPECT_EQ(0, rvm_shared(&vm)->trap[0].count);
}

TEST(h_goes)
{
	struct rvcpu vcpu;
	struct rvm vm;

	vm_start(&vm, &vcpu, guest_henvcfg, 0);
	if (!rvcpu_enable_h(&vcpu))
		SKIP(return, "no H extension");
	rvcpu_set(&vcpu, RVM_REG_HS(CSR_HENVCFG), ENVCFG_FIOM);
	rvcpu_set(&vcpu, RVM_REG_VIRT, 1);
	ASSERT_EQ(0, rvcpu_set_isa(&vcpu, KVM_RISCV_ISA_EXT_H, false));
	GUEST_SAYS_DONE(&vcpu);
	EXPECT_EQ(1, rvm_shared(&vm)->trap[0].count);
	EXPECT_EQ(CAUSE_ILLEGAL_INSN, rvm_shared(&vm)->trap[0].cause);
}

TEST_HARNESS_MAIN
