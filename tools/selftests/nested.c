// SPDX-License-Identifier: GPL-2.0-only
/* The H extension of a guest: off by default, hstatus and hgatp when on */
#include "check.h"

#define H		KVM_RISCV_ISA_EXT_H

static __guest void guest_reads_hstatus(unsigned long a0, unsigned long a1)
{
	guest_trap_init(0);
	guest_done(csr_read(hstatus));
}

TEST(off_by_default)
{
	struct rvm vm;
	struct rvcpu vcpu;
	unsigned long one = 1;

	SKIP_ON_KVM(NO_H);
	vm_start(&vm, &vcpu, guest_reads_hstatus, 0);
	EXPECT_EQ(0, rvcpu_get(&vcpu, RVM_REG_ISA(H)));
	GUEST_SAYS_DONE(&vcpu);
	EXPECT_EQ(1, rvm_shared(&vm)->trap[0].count);
	EXPECT_EQ(CAUSE_ILLEGAL_INSN, rvm_shared(&vm)->trap[0].cause);
	EXPECT_EQ(-EBUSY, rvcpu_set_raw(&vcpu, RVM_REG_ISA(H), &one));
}

TEST(on)
{
	struct rvm vm;
	struct rvcpu vcpu;

	SKIP_ON_KVM(NO_H);
	vm_start(&vm, &vcpu, guest_reads_hstatus, 0);
	ASSERT_TRUE(rvcpu_enable_h(&vcpu));
	EXPECT_EQ(1, rvcpu_get(&vcpu, RVM_REG_ISA(H)));
	/* Only VSXL is set. */
	EXPECT_EQ(HSTATUS_VSXL_64, GUEST_SAYS_DONE(&vcpu));
	EXPECT_EQ(0, rvm_shared(&vm)->trap[0].count);
}

/* The VMID bits and the modes of hgatp, as KVM probes them */
static __guest void guest_probes(unsigned long a0, unsigned long a1)
{
	struct guest_shared *s = guest_shared();

	guest_trap_init(0);
	csr_write(hgatp, ATP(ATP_BARE, 0x3fff, 0));
	s->val[0] = csr_read(hgatp) >> 44 & 0x3fff;
	for (unsigned long mode = ATP_SV39; mode <= ATP_SV57; mode++) {
		csr_write(hgatp, ATP(mode, 0, 0));
		s->val[mode] = csr_read(hgatp) >> ATP_MODE_SHIFT;
		csr_write(hgatp, 0);
	}
	guest_done(0);
}

TEST(hgatp)
{
	struct rvm vm;
	struct rvcpu vcpu;
	struct guest_shared *s;

	SKIP_ON_KVM(NO_H);
	vm_start(&vm, &vcpu, guest_probes, 0);
	ASSERT_TRUE(rvcpu_enable_h(&vcpu));
	GUEST_SAYS_DONE(&vcpu);
	s = rvm_shared(&vm);
	EXPECT_EQ(0, s->trap[0].count);
	EXPECT_EQ(0x3fff, s->val[0]);
	EXPECT_EQ(ATP_SV39, s->val[ATP_SV39]);
	for (int mode = ATP_SV48; mode <= ATP_SV57; mode++)
		EXPECT_TRUE(s->val[mode] == mode || s->val[mode] < mode);
}

TEST_HARNESS_MAIN
