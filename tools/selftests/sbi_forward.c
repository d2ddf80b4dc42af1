// SPDX-License-Identifier: GPL-2.0-only
/* SBI calls that go to the VMM: RVHV_SBI_FORWARD and EID_HVC */
#include <linux/rvhv.h>

#include "lib/sbi_call.h"

#define EID	0x0A111000UL	/* unassigned */

static int forward(struct rvm *vm, unsigned long first, unsigned long last, uint32_t flags)
{
	struct rvhv_sbi_forward args = { .first = first, .last = last, .flags = flags };

	return IOCTL(vm->fd, RVHV_SBI_FORWARD, &args);
}

/* Make the call, expect it as an exit, and answer it. */
static struct sbiret answered(struct __test_metadata *_metadata, struct rvcpu *vcpu,
			      struct call c, struct sbiret answer)
{
	struct guest_shared *s = rvm_shared(vcpu->vm);
	struct kvm_run *run = vcpu->run;

	s->val[0] = c.ext;
	s->val[1] = c.fid;
	for (int i = 0; i < 5; i++)
		s->val[2 + i] = c.arg[i];
	ASSERT_EQ(0, rvcpu_run(vcpu));
	ASSERT_EQ(KVM_EXIT_RISCV_SBI, run->exit_reason);
	EXPECT_EQ(c.ext, run->riscv_sbi.extension_id);
	EXPECT_EQ(c.fid, run->riscv_sbi.function_id);
	for (int i = 0; i < 5; i++)
		EXPECT_EQ(c.arg[i], run->riscv_sbi.args[i]);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, (long)run->riscv_sbi.ret[0]);
	EXPECT_EQ(0, run->riscv_sbi.ret[1]);
	run->riscv_sbi.ret[0] = answer.error;
	run->riscv_sbi.ret[1] = answer.value;
	GUEST_SAYS_SYNC(vcpu);
	return (struct sbiret){ s->val[10], s->val[11] };
}

#define ANSWERED(c, ...) \
	answered(_metadata, &vcpu, (struct call)c, (struct sbiret){ __VA_ARGS__ })
#define CALL(...)	{ __VA_ARGS__ }

TEST(range)
{
	struct rvm vm;
	struct rvcpu vcpu;
	struct sbiret ret;

	SKIP_ON_KVM("no RVHV_SBI_FORWARD");
	vm_start(&vm, &vcpu, guest_call, 0);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(EID, 0).error);
	/* After KVM_RUN, too */
	ASSERT_EQ(0, forward(&vm, EID, EID + 3, 0));
	ret = ANSWERED(CALL(EID + 3, 9, { 1, 2, 3, 4, 5 }), SBI_ERR_DENIED, 88);
	EXPECT_EQ(SBI_ERR_DENIED, ret.error);
	EXPECT_EQ(88, ret.value);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(EID - 1, 0).error);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(EID + 4, 0).error);
	/* The probe goes to the VMM, too. */
	ret = ANSWERED(CALL(SBI_BASE, 3, { EID + 1 }), 0, 5);
	EXPECT_EQ(5, ret.value);

	EXPECT_EQ(-EBUSY, forward(&vm, EID + 3, EID + 5, 0));
	EXPECT_EQ(-ENOENT, forward(&vm, EID, EID + 2, RVHV_SBI_FORWARD_REMOVE));
	EXPECT_EQ(0, forward(&vm, EID, EID + 3, RVHV_SBI_FORWARD_REMOVE));
	EXPECT_EQ(-ENOENT, forward(&vm, EID, EID + 3, RVHV_SBI_FORWARD_REMOVE));
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(EID, 0).error);
	EXPECT_EQ(0, SBI(SBI_BASE, 3, { EID }).value);
}

TEST(arguments)
{
	struct rvhv_sbi_forward args = { .first = EID, .last = EID };
	struct rvm vm;
	struct rvcpu vcpu;

	SKIP_ON_KVM("no RVHV_SBI_FORWARD");
	rvm_create(&vm);
	EXPECT_EQ(-EINVAL, forward(&vm, EID + 1, EID, 0));
	EXPECT_EQ(-EINVAL, forward(&vm, EID, EID, 2));
	EXPECT_EQ(-EINVAL, forward(&vm, EID, EID, -1U));
	args.pad = 1;
	EXPECT_EQ(-EINVAL, IOCTL(vm.fd, RVHV_SBI_FORWARD, &args));
	EXPECT_EQ(-EFAULT, IOCTL(vm.fd, RVHV_SBI_FORWARD, 8));
	/* Base cannot be forwarded; others only as a whole, and before the first vCPU. */
	EXPECT_EQ(-EINVAL, forward(&vm, SBI_BASE, SBI_BASE, 0));
	EXPECT_EQ(-EINVAL, forward(&vm, 0, -1UL, 0));
	EXPECT_EQ(-EINVAL, forward(&vm, 1, 2, 0));
	EXPECT_EQ(0, forward(&vm, SBI_SRST, SBI_SRST, 0));
	EXPECT_EQ(0, forward(&vm, -1UL, -1UL, 0));

	rvcpu_create(&vm, 0, &vcpu);
	rvcpu_start_at(&vcpu, guest_call, 0, 0);
	EXPECT_EQ(-EBUSY, forward(&vm, SBI_TIME, SBI_TIME, 0));
	EXPECT_EQ(SBI_ERR_FAILED, ANSWERED(CALL(SBI_SRST, 0, { 0, 0 }), SBI_ERR_FAILED, 0).error);
	EXPECT_EQ(7, ANSWERED(CALL(-1UL, -1UL, { -1UL }), 0, 7).value);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(-2UL, 0).error);
}

TEST(many)
{
	struct rvm vm;
	struct rvcpu vcpu;
	int n = 0;

	SKIP_ON_KVM("no RVHV_SBI_FORWARD");
	vm_start(&vm, &vcpu, guest_call, 0);
	while (n < 10000 && !forward(&vm, EID + 2 * n, EID + 2 * n, 0))
		n++;
	EXPECT_LE(64, n);
	EXPECT_GT(10000, n);
	EXPECT_EQ(-ENOSPC, forward(&vm, EID + 2 * n, EID + 2 * n, 0));
	EXPECT_EQ(3, ANSWERED(CALL(EID + 2 * (n - 1), 0), 0, 3).value);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(EID + 2 * n - 1, 0).error);
}

/* The VMM's ret sets a0 and a1. */
TEST(hypercall)
{
	static const struct {
		unsigned long ret;
		struct sbiret seen;
	} answers[] = {
		{ 0, { 0, 0 } }, { 5, { 0, 5 } }, { 1UL << 63, { 0, 1L << 63 } },
		{ -1UL, { -1, 0 } }, { -3UL, { -3, 0 } }, { -14UL, { -14, 0 } },
		{ -15UL, { -1, 0 } }, { -4095UL, { -1, 0 } }, { -4096UL, { 0, -4096 } },
	};
	struct rvm vm;
	struct rvcpu vcpu;
	struct guest_shared *s;

	SKIP_ON_KVM("no EID_HVC");
	vm_start(&vm, &vcpu, guest_call, 0);
	ASSERT_EQ(0, rvcpu_enable_sbi(&vcpu, RVHV_SBI_EXT_HVC));
	s = rvm_shared(&vm);
	EXPECT_EQ(1, SBI(SBI_BASE, 3, { RVHV_SBI_EID_HVC }).value);
	for (int i = 0; i < ARRAY_SIZE(answers); i++) {
		s->val[0] = RVHV_SBI_EID_HVC;
		s->val[1] = 1UL << 40 | i;
		for (int j = 0; j < 5; j++)
			s->val[2 + j] = -1UL - j;
		memset(&vcpu.run->hypercall, 0xff, sizeof(vcpu.run->hypercall));
		ASSERT_EQ(0, rvcpu_run(&vcpu));
		ASSERT_EQ(KVM_EXIT_HYPERCALL, vcpu.run->exit_reason);
		EXPECT_EQ(1UL << 40 | i, vcpu.run->hypercall.nr);
		for (int j = 0; j < 5; j++)
			EXPECT_EQ(-1UL - j, vcpu.run->hypercall.args[j]);
		EXPECT_EQ(0, vcpu.run->hypercall.args[5]);
		EXPECT_EQ(0, vcpu.run->hypercall.flags);
		EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, (long)vcpu.run->hypercall.ret);
		vcpu.run->hypercall.ret = answers[i].ret;
		GUEST_SAYS_SYNC(&vcpu);
		EXPECT_EQ(answers[i].seen.error, (long)s->val[10]);
		EXPECT_EQ(answers[i].seen.value, (long)s->val[11]);
	}
}

TEST(hypercall_off)
{
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_call, 0);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(RVHV_SBI_EID_HVC, 0).error);
	EXPECT_EQ(0, SBI(SBI_BASE, 3, { RVHV_SBI_EID_HVC }).value);
}

TEST(hypercall_default)
{
	struct rvm vm;
	struct rvcpu vcpu;

	SKIP_ON_KVM("no EID_HVC");
	vm_start(&vm, &vcpu, guest_call, 0);
	ASSERT_EQ(0, rvcpu_enable_sbi(&vcpu, RVHV_SBI_EXT_HVC));
	rvm_shared(&vm)->val[0] = RVHV_SBI_EID_HVC;
	ASSERT_EQ(0, rvcpu_run(&vcpu));
	ASSERT_EQ(KVM_EXIT_HYPERCALL, vcpu.run->exit_reason);
	GUEST_SAYS_SYNC(&vcpu);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, (long)rvm_shared(&vm)->val[10]);
	EXPECT_EQ(0, rvm_shared(&vm)->val[11]);
}

TEST_HARNESS_MAIN
