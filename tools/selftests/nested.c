// SPDX-License-Identifier: GPL-2.0-only
/* The H extension for guests: whether they have it, and what they find. */
#include "lib/check.h"

#define ILLEGAL		2
#define H		KVM_RISCV_ISA_EXT_H

static bool host_gives_h(struct rvcpu *vcpu)
{
	return !rvm_is_kvm() && !rvcpu_set_isa(vcpu, H, true);
}

static __guest void guest_reads_hstatus(unsigned long a0, unsigned long a1)
{
	unsigned long val;

	guest_trap_init(0);
	asm volatile("csrr %0, 0x600" : "=r"(val));
	guest_done(val);
}

TEST(off_by_default)
{
	struct rvm vm;
	struct rvcpu vcpu;
	unsigned long one = 1;

	SKIP_ON_KVM("guests have no H");
	vm_start(&vm, &vcpu, guest_reads_hstatus, 0);
	EXPECT_EQ(0, rvcpu_get(&vcpu, RVM_REG_ISA(H)));
	GUEST_SAYS_DONE(&vcpu);
	EXPECT_EQ(1, rvm_shared(&vm)->trap[0].count);
	EXPECT_EQ(ILLEGAL, rvm_shared(&vm)->trap[0].cause);
	EXPECT_EQ(-EBUSY, rvcpu_set_raw(&vcpu, RVM_REG_ISA(H), &one));
}

TEST(on)
{
	struct rvm vm;
	struct rvcpu vcpu;

	SKIP_ON_KVM("guests have no H");
	vm_start(&vm, &vcpu, guest_reads_hstatus, 0);
	ASSERT_TRUE(host_gives_h(&vcpu));
	EXPECT_EQ(1, rvcpu_get(&vcpu, RVM_REG_ISA(H)));
	/* VSXL says 64 bits, and nothing else is set */
	EXPECT_EQ(2UL << 32, GUEST_SAYS_DONE(&vcpu));
	EXPECT_EQ(0, rvm_shared(&vm)->trap[0].count);
}

/* What KVM finds out about hgatp: VMID bits, and modes from the largest down. */
static __guest void guest_probes(unsigned long a0, unsigned long a1)
{
	struct guest_shared *s = guest_shared();
	unsigned long val = 0x3fffUL << 44;

	guest_trap_init(0);
	asm volatile("csrw 0x680, %0\n csrr %0, 0x680" : "+r"(val));
	s->val[0] = val >> 44 & 0x3fff;
	for (unsigned long mode = 8; mode <= 10; mode++) {
		val = mode << 60;
		asm volatile("csrw 0x680, %0\n csrr %0, 0x680\n csrw 0x680, x0" : "+r"(val));
		s->val[mode] = val >> 60;
	}
	guest_done(0);
}

TEST(hgatp)
{
	struct rvm vm;
	struct rvcpu vcpu;
	struct guest_shared *s;

	SKIP_ON_KVM("guests have no H");
	vm_start(&vm, &vcpu, guest_probes, 0);
	ASSERT_TRUE(host_gives_h(&vcpu));
	GUEST_SAYS_DONE(&vcpu);
	s = rvm_shared(&vm);
	EXPECT_EQ(0, s->trap[0].count);
	EXPECT_EQ(0x3fff, s->val[0]);
	EXPECT_EQ(8, s->val[8]);
	for (int mode = 9; mode <= 10; mode++)
		EXPECT_TRUE(s->val[mode] == mode || s->val[mode] < mode);
}

TEST_HARNESS_MAIN
