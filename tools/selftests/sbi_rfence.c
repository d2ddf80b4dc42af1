// SPDX-License-Identifier: GPL-2.0-only
/* SBI RFENCE: masks and ranges of every kind */
#include "sbi_call.h"

#define FENCE_I			0
#define SFENCE_VMA		1
#define SFENCE_VMA_ASID		2

TEST(own_hart)
{
	struct rvm vm;
	struct rvcpu vcpu, other;

	vm_start(&vm, &vcpu, guest_call, 0);
	rvcpu_create(&vm, 1, &other);
	for (unsigned long fid = FENCE_I; fid <= SFENCE_VMA_ASID; fid++) {
		EXPECT_EQ(0, SBI(SBI_RFENCE, fid, { 1, 0, 0, 0, 1 }).error);
		EXPECT_EQ(0, SBI(SBI_RFENCE, fid, { 3, 0, 0, -1UL, 1 }).error);
		EXPECT_EQ(0, SBI(SBI_RFENCE, fid, { 1, 1, RVM_BASE, RVM_PAGE, 1 }).error);
		EXPECT_EQ(0, SBI(SBI_RFENCE, fid, { 0, -1UL, RVM_BASE, RVM_PAGE, 1 }).error);
	}
}

/* Large and unaligned ranges */
TEST(ranges)
{
	static const unsigned long range[][2] = {
		{ 0, 1 }, { 1, 1 }, { 0xfff, 2 }, { RVM_BASE, 512 * RVM_PAGE },
		{ RVM_BASE, 513 * RVM_PAGE }, { RVM_BASE + 1, RVM_PAGE }, { 0, 1UL << 38 },
		{ 0, 1UL << 62 }, { 0, 0x7fffffffffffffff }, { 1UL << 38, 1UL << 56 },
		{ 5, 0 }, { -1UL, 0 },
	};
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_call, 0);
	for (int i = 0; i < ARRAY_SIZE(range); i++) {
		EXPECT_EQ(0, SBI(SBI_RFENCE, SFENCE_VMA, { 1, 0, range[i][0], range[i][1] }).error);
		EXPECT_EQ(0, SBI(SBI_RFENCE, SFENCE_VMA_ASID,
				 { 1, 0, range[i][0], range[i][1], 0xffff }).error);
	}
}

/* Ranges that reach or exceed the end of the address space */
TEST(top_page)
{
	static const unsigned long range[][2] = {
		{ -RVM_PAGE, RVM_PAGE }, { -2 * RVM_PAGE, 2 * RVM_PAGE }, { -1UL, 1 },
		{ -RVM_PAGE, RVM_PAGE - 1 }, { -RVM_PAGE, 2 * RVM_PAGE }, { -1UL, -2UL },
		{ -RVM_PAGE, -2UL }, { 1UL << 63, 1UL << 63 }, { RVM_PAGE, -RVM_PAGE },
	};
	struct rvm vm;
	struct rvcpu vcpu;

	SKIP_ON_KVM("never leaves the fence and hangs the host");
	vm_start(&vm, &vcpu, guest_call, 0);
	for (int i = 0; i < ARRAY_SIZE(range); i++)
		for (unsigned long fid = SFENCE_VMA; fid <= SFENCE_VMA_ASID; fid++) {
			long error = SBI(SBI_RFENCE, fid, { 1, 0, range[i][0], range[i][1] }).error;

			EXPECT_TRUE(!error || error == SBI_ERR_INVALID_ADDRESS) {
				TH_LOG("%#lx + %#lx: %ld", range[i][0], range[i][1], error);
			}
		}
}

TEST(harts_that_do_not_exist)
{
	static const unsigned long mask[][2] = {
		{ 2, 0 }, { 3, 0 }, { 1, 1 }, { 1UL << 63, 0 }, { 1, 1UL << 32 }, { 1, -2UL },
		{ 1UL << 63, -2UL },
	};
	struct rvm vm;
	struct rvcpu vcpu;

	SKIP_ON_KVM("RFENCE takes any mask for good");
	vm_start(&vm, &vcpu, guest_call, 0);
	for (int i = 0; i < ARRAY_SIZE(mask); i++)
		for (unsigned long fid = FENCE_I; fid <= SFENCE_VMA_ASID; fid++) {
			struct sbiret ret = SBI(SBI_RFENCE, fid, { mask[i][0], mask[i][1], 0, 0 });

			EXPECT_EQ(SBI_ERR_INVALID_PARAM, ret.error) {
				TH_LOG("mask %#lx base %#lx", mask[i][0], mask[i][1]);
			}
		}
}

TEST(hfence)
{
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_call, 0);
	for (unsigned long fid = 3; fid <= 6; fid++)
		EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(SBI_RFENCE, fid, { 1, 0, 0, 0, 0 }).error);
}

/* One hart rewrites code and fences; the other runs the new code. */
#define ROUNDS	200

static __guest void guest_runner(unsigned long a0, unsigned long a1)
{
	volatile uint64_t *val = guest_shared()->val;
	unsigned long (*code)(void);

	code = (void *)(RVM_BASE + RVM_FREE_OFF);
	for (unsigned long round = 1; round <= ROUNDS; round++) {
		GUEST_WAIT_FOR(__atomic_load_n(&val[0], __ATOMIC_ACQUIRE) >= round);
		val[1] = code();
		__atomic_store_n(&val[2], round, __ATOMIC_RELEASE);
	}
	guest_done(0);
}

static __guest void guest_writer(unsigned long a0, unsigned long a1)
{
	volatile uint64_t *val = guest_shared()->val;
	volatile uint32_t *code = (uint32_t *)(RVM_BASE + RVM_FREE_OFF);

	for (unsigned long round = 1; round <= ROUNDS; round++) {
		code[0] = INSN_LI_A0(round);
		code[1] = INSN_RET;
		GUEST_ASSERT_EQ(guest_ecall(SBI_RFENCE, FENCE_I, 3, 0, 0, 0, 0).error, 0);
		__atomic_store_n(&val[0], round, __ATOMIC_RELEASE);
		GUEST_WAIT_FOR(__atomic_load_n(&val[2], __ATOMIC_ACQUIRE) >= round);
		GUEST_ASSERT_EQ(val[1], round);
	}
	guest_done(0);
}

TEST(fence_i_works)
{
	struct vcpu_thread t;
	struct rvm vm;
	struct rvcpu writer, runner;

	vm_start(&vm, &writer, guest_writer, 0);
	rvcpu_create(&vm, 1, &runner);
	rvcpu_start_at(&runner, guest_runner, 0, 0);
	rvcpu_set_mp_state(&runner, KVM_MP_STATE_RUNNABLE);
	vcpu_thread_start(&t, &runner);
	GUEST_SAYS_DONE(&writer);
	THREAD_SAYS_DONE(&t);
}

TEST_HARNESS_MAIN
