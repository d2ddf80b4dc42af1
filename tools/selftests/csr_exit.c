// SPDX-License-Identifier: GPL-2.0-only
/* A CSR that the VMM emulates: seed, of Zkr */
#include "check.h"

static __guest void guest_seed(unsigned long a0, unsigned long a1)
{
	unsigned long value;

	guest_trap_init(0);
	asm volatile("csrrw %0, seed, zero" : "=r"(value));
	if (guest_shared()->trap[0].count)
		guest_sync(guest_shared()->trap[0].cause);
	guest_done(value);
}

TEST(seed)
{
	unsigned long zkr = 0;
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_seed, 0);
	rvcpu_get_raw(&vcpu, RVM_REG_ISA(KVM_RISCV_ISA_EXT_ZKR), &zkr);
	if (!zkr)
		SKIP(return, "the host has no Zkr");
	ASSERT_EQ(0, rvcpu_run(&vcpu));
	if (is_guest_call(&vcpu, GUEST_SYNC))
		SKIP(return, "the firmware keeps seed from guests");
	ASSERT_EQ(KVM_EXIT_RISCV_CSR, vcpu.run->exit_reason);
	EXPECT_EQ(CSR_SEED, vcpu.run->riscv_csr.csr_num);
	EXPECT_EQ(-1UL, vcpu.run->riscv_csr.write_mask);
	EXPECT_EQ(0, vcpu.run->riscv_csr.new_value);
	EXPECT_EQ(0, vcpu.run->riscv_csr.ret_value);
	vcpu.run->riscv_csr.ret_value = 0x8000abcd;
	EXPECT_EQ(0x8000abcd, GUEST_SAYS_DONE(&vcpu));
}

TEST(seed_without_zkr)
{
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_seed, 0);
	if (rvcpu_set_isa(&vcpu, KVM_RISCV_ISA_EXT_ZKR, false) == -EINVAL)
		SKIP(return, "Zkr cannot be switched off");
	EXPECT_EQ(CAUSE_ILLEGAL_INSN, GUEST_SAYS_SYNC(&vcpu));
}

TEST_HARNESS_MAIN
