// SPDX-License-Identifier: GPL-2.0-only
/* Legacy SBI calls: effects, a1 unchanged, hart masks without memory */
#include "sbi_call.h"

enum {
	SET_TIMER, PUTCHAR, GETCHAR, CLEAR_IPI, SEND_IPI, FENCE_I, SFENCE, SFENCE_ASID, SHUTDOWN,
};

#define MASK_AT		(RVM_BASE + RVM_FREE_OFF)

static __guest void guest_legacy(unsigned long a0, unsigned long a1)
{
	guest_trap_init(0);
	guest_call(a0, a1);
}

/* A kernel may have the register but not the calls. */
static bool start(struct __test_metadata *_metadata, struct rvm *vm, struct rvcpu *vcpu)
{
	vm_start(vm, vcpu, guest_legacy, 0);
	return !rvcpu_enable_sbi(vcpu, KVM_RISCV_SBI_EXT_V01) &&
	       (!rvm_is_kvm() || !sbi(_metadata, vcpu, (struct call){ SET_TIMER }).error);
}

#define START(vm, vcpu)								\
	do {									\
		if (!start(_metadata, vm, vcpu))				\
			SKIP(return, "no SBI v0.1 in this kernel");		\
	} while (0)

TEST(probe)
{
	struct rvm vm;
	struct rvcpu vcpu;

	START(&vm, &vcpu);
	for (unsigned long ext = SET_TIMER; ext <= SHUTDOWN; ext++)
		EXPECT_NE(0, SBI(SBI_BASE, 3, { ext }).value);
	EXPECT_EQ(0, SBI(SBI_BASE, 3, { SHUTDOWN + 1 }).value);
}

TEST(timer_and_ipi)
{
	uint64_t *mask;
	struct sbiret ret;
	struct rvm vm;
	struct rvcpu vcpu;

	START(&vm, &vcpu);
	mask = (uint64_t *)((char *)vm.mem + RVM_FREE_OFF);
	/* The function number is ignored; a1 is unchanged. */
	ret = SBI(SET_TIMER, 77, { -1UL, 0x1234 });
	EXPECT_EQ(0, ret.error);
	EXPECT_EQ(0x1234, ret.value);
	mask[0] = 1;
	ret = SBI(SEND_IPI, 0, { MASK_AT, 0x5678 });
	EXPECT_EQ(0, ret.error);
	EXPECT_EQ(0x5678, ret.value);
	EXPECT_EQ(IE_SSIE, rvcpu_get(&vcpu, RVM_REG_CSR(sip)) & IE_SSIE);
	EXPECT_EQ(0, SBI(CLEAR_IPI, 0, { 0 }).error);
	EXPECT_EQ(0, rvcpu_get(&vcpu, RVM_REG_CSR(sip)) & IE_SSIE);
	/* Address 0 means all harts. */
	EXPECT_EQ(0, SBI(SEND_IPI, 0, { 0 }).error);
	EXPECT_EQ(IE_SSIE, rvcpu_get(&vcpu, RVM_REG_CSR(sip)) & IE_SSIE);
}

TEST(fences)
{
	struct rvm vm;
	struct rvcpu vcpu;

	START(&vm, &vcpu);
	memset((char *)vm.mem + RVM_FREE_OFF, 0xff, 256);
	for (unsigned long ext = FENCE_I; ext <= SFENCE_ASID; ext++) {
		EXPECT_EQ(0, SBI(ext, 0, { MASK_AT, 0, 0, 0 }).error);
		EXPECT_EQ(0, SBI(ext, 0, { 0, RVM_BASE, RVM_PAGE, 1 }).error);
		EXPECT_EQ(0, SBI(ext, 0, { MASK_AT, 0, -1UL, 1 }).error);
	}
	EXPECT_EQ(0, rvm_shared(&vm)->trap[0].count);
}

/* A mask without memory gives the guest a load fault and has no effect. */
TEST(mask_without_memory)
{
	static const unsigned long where[] = { RVM_MMIO, 8, 1UL << 50, -8UL, MASK_AT + 1 };
	struct guest_shared *s;
	struct rvm vm;
	struct rvcpu vcpu;

	SKIP_ON_KVM("its own state may be overwritten by such a mask");
	START(&vm, &vcpu);
	s = rvm_shared(&vm);
	for (int i = 0; i < ARRAY_SIZE(where); i++)
		for (unsigned long ext = SEND_IPI; ext <= SFENCE_ASID; ext++) {
			uint64_t before = s->trap[0].count;

			SBI(ext, 0, { where[i], 0, 0, 0 });
			EXPECT_EQ(before + 1, s->trap[0].count) {
				TH_LOG("call %lu, mask at %#lx", ext, where[i]);
			}
			EXPECT_TRUE(s->trap[0].cause == CAUSE_LOAD_MISALIGNED ||
				    s->trap[0].cause == CAUSE_LOAD_ACCESS ||
				    s->trap[0].cause == CAUSE_LOAD_PAGE_FAULT ||
				    s->trap[0].cause == CAUSE_LOAD_GUEST_FAULT) {
				TH_LOG("cause %lu", (unsigned long)s->trap[0].cause);
			}
			EXPECT_EQ(where[i], s->trap[0].tval);
			EXPECT_EQ(0, rvcpu_get(&vcpu, RVM_REG_CSR(sip)) & IE_SSIE);
		}
}

TEST(console_forwarded)
{
	struct guest_shared *s;
	struct rvm vm;
	struct rvcpu vcpu;

	START(&vm, &vcpu);
	s = rvm_shared(&vm);
	for (unsigned long ext = PUTCHAR; ext <= GETCHAR; ext++) {
		s->val[0] = ext;
		s->val[2] = 'x';
		ASSERT_EQ(0, rvcpu_run(&vcpu));
		ASSERT_EQ(KVM_EXIT_RISCV_SBI, vcpu.run->exit_reason);
		EXPECT_EQ(ext, vcpu.run->riscv_sbi.extension_id);
		if (ext == PUTCHAR)
			EXPECT_EQ('x', vcpu.run->riscv_sbi.args[0]);
		vcpu.run->riscv_sbi.ret[0] = 'y';
		vcpu.run->riscv_sbi.ret[1] = 0;
		GUEST_SAYS_SYNC(&vcpu);
		EXPECT_EQ('y', s->val[10]);
	}
}

TEST(shut_down)
{
	struct rvm vm;
	struct rvcpu vcpu;

	START(&vm, &vcpu);
	rvm_shared(&vm)->val[0] = SHUTDOWN;
	ASSERT_EQ(0, rvcpu_run(&vcpu));
	ASSERT_EQ(KVM_EXIT_SYSTEM_EVENT, vcpu.run->exit_reason);
	EXPECT_EQ(KVM_SYSTEM_EVENT_SHUTDOWN, vcpu.run->system_event.type);
}

TEST_HARNESS_MAIN
