// SPDX-License-Identifier: GPL-2.0-only
/* SBI HSM: the states of two harts, and errors. Hart 1 is in KVM_RUN all the time. */
#include "sbi_call.h"

#define HART_START	0
#define HART_STOP	1
#define HART_STATUS	2
#define HART_SUSPEND	3

#define STARTED		0
#define STOPPED		1
#define START_PENDING	2
#define STOP_PENDING	3
#define SUSPENDED	4

/* Hart 1 reports how it was started, then does what val[20] says. */
enum { WAIT, STOP, SUSPEND };

static __guest void guest_hart1_c(unsigned long hart, unsigned long opaque, unsigned long sstatus,
				  unsigned long satp)
{
	volatile uint64_t *val = guest_shared()->val;

	val[21] = hart;
	val[22] = opaque;
	val[23] = sstatus;
	val[24] = satp;
	val[25]++;
	for (;;) {
		unsigned long what = __atomic_load_n(&val[20], __ATOMIC_ACQUIRE);

		if (what == STOP) {
			guest_ecall(SBI_HSM, HART_STOP, 0, 0, 0, 0, 0);
			GUEST_FAIL_AT("HART_STOP returned", 0);
		}
		if (what == SUSPEND) {
			csr_set(sie, IE_SSIE);
			val[26] = guest_ecall(SBI_HSM, HART_SUSPEND, 0, 0, 0, 0, 0).error;
			csr_clear(sip, IE_SSIE);
			val[20] = WAIT;
			val[27]++;
		}
	}
}

__guest void guest_hart1(unsigned long hart, unsigned long opaque);
asm("	.pushsection guest_text, \"ax\"\n"
"	.globl guest_hart1\n"
"guest_hart1:\n"
"	csrr a2, sstatus\n"
"	csrr a3, satp\n"
"	li sp, 0x80060000\n"
"	j guest_hart1_c\n"
"	.popsection\n"
);

FIXTURE(hsm) {
	struct rvm vm;
	struct rvcpu vcpu, hart1;
	struct vcpu_thread t;
};

FIXTURE_SETUP(hsm)
{
	catch_signal(SIGUSR1);
	vm_start(&self->vm, &self->vcpu, guest_call, 0);
	rvcpu_create(&self->vm, 1, &self->hart1);
	vcpu_thread_start(&self->t, &self->hart1);
}

FIXTURE_TEARDOWN(hsm)
{
	EXPECT_EQ(-EINTR, vcpu_thread_stop(&self->t));
	rvcpu_destroy(&self->hart1);
	rvcpu_destroy(&self->vcpu);
	rvm_destroy(&self->vm);
}

#define HSM(...)	sbi(_metadata, &self->vcpu, (struct call){ SBI_HSM, __VA_ARGS__ })

static void start_hart1(struct __test_metadata *_metadata, struct _test_data_hsm *self,
			unsigned long opaque)
{
	volatile uint64_t *val = rvm_shared(&self->vm)->val;
	uint64_t starts = val[25];

	ASSERT_EQ(0, HSM(HART_START, { 1, rvm_guest_addr(guest_hart1), opaque }).error);
	for (int i = 0; i < 1000 && val[25] == starts; i++)
		usleep(1000);
	ASSERT_EQ(starts + 1, val[25]);
}

static void wait_status(struct __test_metadata *_metadata, struct _test_data_hsm *self, long status)
{
	long seen = -1;

	for (int i = 0; i < 1000 && seen != status; i++) {
		struct sbiret ret = HSM(HART_STATUS, { 1 });

		ASSERT_EQ(0, ret.error);
		seen = ret.value;
		if (seen != status)
			usleep(1000);
	}
	ASSERT_EQ(status, seen);
}

TEST_F(hsm, status)
{
	EXPECT_EQ(STARTED, HSM(HART_STATUS, { 0 }).value);
	EXPECT_EQ(STOPPED, HSM(HART_STATUS, { 1 }).value);
}

TEST_F(hsm, status_of_no_hart)
{
	SKIP_ON_KVM("status of a hart that does not exist succeeds");
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, HSM(HART_STATUS, { 2 }).error);
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, HSM(HART_STATUS, { 1UL << 20 }).error);
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, HSM(HART_STATUS, { -1UL }).error);
}

TEST_F(hsm, start_errors)
{
	unsigned long pc = rvm_guest_addr(guest_hart1);
	long error = HSM(HART_START, { 0, pc, 0 }).error;

	EXPECT_EQ(SBI_ERR_ALREADY_AVAILABLE, error);
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, HSM(HART_START, { 2, pc, 0 }).error);
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, HSM(HART_START, { -1UL, pc, 0 }).error);
	EXPECT_EQ(STOPPED, HSM(HART_STATUS, { 1 }).value);
}

TEST_F(hsm, start_and_stop)
{
	volatile uint64_t *val = rvm_shared(&self->vm)->val;

	for (unsigned long i = 0; i < 20; i++) {
		val[20] = WAIT;
		start_hart1(_metadata, self, 0x1234567890 + i);
		EXPECT_EQ(1, val[21]);
		EXPECT_EQ(0x1234567890 + i, val[22]);
		/* It starts with interrupts and translation off. */
		EXPECT_EQ(0, val[23] & SR_SIE);
		EXPECT_EQ(0, val[24]);
		EXPECT_EQ(STARTED, HSM(HART_STATUS, { 1 }).value);
		EXPECT_EQ(SBI_ERR_ALREADY_AVAILABLE,
			  HSM(HART_START, { 1, rvm_guest_addr(guest_hart1), 0 }).error);
		val[20] = STOP;
		wait_status(_metadata, self, STOPPED);
	}
}

TEST_F(hsm, suspend_and_wake)
{
	volatile uint64_t *val = rvm_shared(&self->vm)->val;

	start_hart1(_metadata, self, 0);
	for (unsigned long i = 1; i <= 10; i++) {
		struct sbiret ret;

		val[20] = SUSPEND;
		wait_status(_metadata, self, SUSPENDED);
		EXPECT_EQ(i - 1, val[27]);
		ret = sbi(_metadata, &self->vcpu, (struct call){ SBI_IPI, 0, { 2, 0 } });
		EXPECT_EQ(0, ret.error);
		for (int n = 0; n < 1000 && val[27] != i; n++)
			usleep(1000);
		EXPECT_EQ(i, val[27]);
		EXPECT_EQ(0, val[26]);
		wait_status(_metadata, self, STARTED);
	}
}

TEST_F(hsm, suspend_errors)
{
	/* Reserved and platform-specific types */
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, HSM(HART_SUSPEND, { 1 }).error);
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, HSM(HART_SUSPEND, { 0x0fffffff }).error);
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, HSM(HART_SUSPEND, { 0x80000001 }).error);
}

/* Non-retentive suspend: not supported, or the hart resumes at the given address. */
static __guest void guest_resumed(unsigned long hart, unsigned long opaque)
{
	/* It starts without a stack. */
	asm volatile("li sp, 0x80060000");
	guest_ecall(GUEST_EID, GUEST_DONE, hart << 32 | opaque, 0, 0, 0, 0);
}

static __guest void guest_suspend(unsigned long resume_at, unsigned long a1)
{
	long error;

	/* The interrupt that wakes it is already pending. */
	csr_set(sie, IE_SSIE);
	csr_set(sip, IE_SSIE);
	error = guest_ecall(SBI_HSM, HART_SUSPEND, 0x80000000, resume_at, 0x1234, 0, 0).error;
	guest_sync(error);
}

TEST(suspend_non_retentive)
{
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_suspend, rvm_guest_addr(guest_resumed));
	ASSERT_EQ(0, rvcpu_run(&vcpu));
	if (is_guest_call(&vcpu, GUEST_SYNC)) {
		EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, (long)vcpu.run->riscv_sbi.args[0]);
	} else {
		ASSERT_TRUE(is_guest_call(&vcpu, GUEST_DONE));
		EXPECT_EQ(0x1234, vcpu.run->riscv_sbi.args[0]);
	}
}

/* A hart that stops itself stays in KVM_RUN, with the MP state STOPPED. */
static __guest void guest_stop_self(unsigned long a0, unsigned long a1)
{
	guest_shared()->val[0] = 1;
	guest_shared()->val[1] = guest_ecall(SBI_HSM, HART_STOP, 0, 0, 0, 0, 0).error;
	guest_done(0);
}

TEST(stop_self)
{
	struct kvm_mp_state state;
	struct vcpu_thread t;
	struct rvm vm;
	struct rvcpu vcpu;

	catch_signal(SIGUSR1);
	vm_start(&vm, &vcpu, guest_stop_self, 0);
	vcpu_thread_start(&t, &vcpu);
	for (int i = 0; i < 1000 && !rvm_shared(&vm)->val[0]; i++)
		usleep(1000);
	usleep(50000);
	EXPECT_EQ(-EINTR, vcpu_thread_stop(&t));
	EXPECT_EQ(0, IOCTL(vcpu.fd, KVM_GET_MP_STATE, &state));
	EXPECT_EQ(KVM_MP_STATE_STOPPED, state.mp_state);
}

TEST_HARNESS_MAIN
