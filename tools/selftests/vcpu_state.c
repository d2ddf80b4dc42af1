// SPDX-License-Identifier: GPL-2.0-only
/* MP_STATE, KVM_INTERRUPT, signals, immediate_exit, and KVM_RUN in incomplete VMs */
#include "check.h"

#include <time.h>

static __guest void guest_spin(unsigned long a0, unsigned long a1)
{
	for (;;)
		guest_shared()->val[0]++;
}

static __guest void guest_wfi(unsigned long a0, unsigned long a1)
{
	guest_trap_init(0);
	csr_set(sie, IE_SEIE);
	guest_shared()->val[0] = 1;
	while (!(csr_read(sip) & IE_SEIE))
		asm volatile("wfi");
	guest_done(csr_read(sip));
}

static __guest void guest_irq(unsigned long a0, unsigned long a1)
{
	guest_trap_init(0);
	csr_set(sie, IE_SEIE);
	csr_set(sstatus, SR_SIE);
	guest_shared()->val[0] = 1;
	GUEST_WAIT_FOR(guest_shared()->irq_count[0]);
	guest_done(guest_shared()->irq_cause[0]);
}

static void wait_for_guest(struct __test_metadata *_metadata, struct rvm *vm)
{
	for (int i = 0; i < 2000 && !rvm_shared(vm)->val[0]; i++)
		usleep(1000);
	ASSERT_NE(0, rvm_shared(vm)->val[0]);
}

TEST(mp_state)
{
	struct kvm_mp_state state = { .mp_state = 12345 };
	struct rvm vm;
	struct rvcpu first, second;

	rvm_create(&vm);
	rvcpu_create(&vm, 5, &first);
	rvcpu_create(&vm, 0, &second);
	/* The first vCPU is the boot hart, whatever its id. */
	EXPECT_EQ(0, IOCTL(first.fd, KVM_GET_MP_STATE, &state));
	EXPECT_EQ(KVM_MP_STATE_RUNNABLE, state.mp_state);
	EXPECT_EQ(0, IOCTL(second.fd, KVM_GET_MP_STATE, &state));
	EXPECT_EQ(KVM_MP_STATE_STOPPED, state.mp_state);
	for (unsigned int i = 0; i < 20; i++) {
		state.mp_state = i;
		if (i == KVM_MP_STATE_RUNNABLE || i == KVM_MP_STATE_STOPPED) {
			EXPECT_EQ(0, IOCTL(first.fd, KVM_SET_MP_STATE, &state));
			state.mp_state = 12345;
			EXPECT_EQ(0, IOCTL(first.fd, KVM_GET_MP_STATE, &state));
			EXPECT_EQ(i, state.mp_state);
		} else {
			EXPECT_EQ(-EINVAL, IOCTL(first.fd, KVM_SET_MP_STATE, &state));
		}
	}
}

/* A stopped vCPU waits in KVM_RUN for a signal. */
TEST(run_stopped)
{
	struct kvm_mp_state stopped = { .mp_state = KVM_MP_STATE_STOPPED };
	struct vcpu_thread t;
	struct rvm vm;
	struct rvcpu vcpu;

	catch_signal(SIGUSR1);
	vm_start(&vm, &vcpu, guest_spin, 0);
	ASSERT_EQ(0, IOCTL(vcpu.fd, KVM_SET_MP_STATE, &stopped));
	vcpu_thread_start(&t, &vcpu);
	usleep(100000);
	EXPECT_EQ(1, t.ret);
	EXPECT_EQ(0, rvm_shared(&vm)->val[0]);
	EXPECT_EQ(-EINTR, vcpu_thread_stop(&t));
}

TEST(interrupt_taken)
{
	struct kvm_interrupt irq = { .irq = KVM_INTERRUPT_SET };
	struct vcpu_thread t;
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_irq, 0);
	vcpu_thread_start(&t, &vcpu);
	wait_for_guest(_metadata, &vm);
	EXPECT_EQ(0, IOCTL(vcpu.fd, KVM_INTERRUPT, &irq));
	EXPECT_EQ(IRQ_S_EXT & ~CAUSE_IRQ, THREAD_SAYS_DONE(&t));
	EXPECT_EQ(1, rvm_shared(&vm)->irq_count[0]);
}

TEST(interrupt_wakes_wfi)
{
	struct kvm_interrupt irq = { .irq = KVM_INTERRUPT_SET };
	struct vcpu_thread t;
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_wfi, 0);
	vcpu_thread_start(&t, &vcpu);
	wait_for_guest(_metadata, &vm);
	usleep(50000);
	EXPECT_EQ(1, t.ret);
	EXPECT_EQ(0, IOCTL(vcpu.fd, KVM_INTERRUPT, &irq));
	EXPECT_EQ(IE_SEIE, THREAD_SAYS_DONE(&t) & IE_SEIE);
}

static __guest void guest_report_sip(unsigned long a0, unsigned long a1)
{
	for (;;)
		guest_sync(csr_read(sip));
}

TEST(interrupt_set_and_unset)
{
	struct kvm_interrupt irq;
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_report_sip, 0);
	EXPECT_EQ(0, GUEST_SAYS_SYNC(&vcpu) & IE_SEIE);
	for (int i = 0; i < 3; i++) {
		irq.irq = KVM_INTERRUPT_SET;
		EXPECT_EQ(0, IOCTL(vcpu.fd, KVM_INTERRUPT, &irq));
		EXPECT_EQ(IE_SEIE, GUEST_SAYS_SYNC(&vcpu) & IE_SEIE);
		EXPECT_EQ(IE_SEIE, GUEST_SAYS_SYNC(&vcpu) & IE_SEIE);
		irq.irq = KVM_INTERRUPT_UNSET;
		EXPECT_EQ(0, IOCTL(vcpu.fd, KVM_INTERRUPT, &irq));
		EXPECT_EQ(0, GUEST_SAYS_SYNC(&vcpu) & IE_SEIE);
	}
}

TEST(immediate_exit)
{
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_spin, 0);
	vcpu.run->immediate_exit = 1;
	for (int i = 0; i < 10; i++)
		EXPECT_EQ(-EINTR, rvcpu_run_raw(&vcpu));
	EXPECT_EQ(0, rvm_shared(&vm)->val[0]);
}

/* Signals end KVM_RUN of a guest that never exits. */
TEST(signal_stops_guest)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
	struct itimerspec every = { { 0, 10000000 }, { 0, 10000000 } };
	struct rvm vm;
	struct rvcpu vcpu;
	uint64_t last = 0;
	timer_t timer;

	catch_signal(SIGALRM);
	vm_start(&vm, &vcpu, guest_spin, 0);
	ASSERT_EQ(0, timer_create(CLOCK_MONOTONIC, &ev, &timer));
	ASSERT_EQ(0, timer_settime(timer, 0, &every, NULL));
	for (int i = 0; i < 50; i++) {
		EXPECT_EQ(-EINTR, rvcpu_run_raw(&vcpu));
		EXPECT_EQ(KVM_EXIT_INTR, vcpu.run->exit_reason);
	}
	EXPECT_LT(last, rvm_shared(&vm)->val[0]);
	timer_delete(timer);
}

/* A signal that is unblocked only in KVM_RUN ends it before the guest runs. */
TEST(signal_mask)
{
	struct {
		struct kvm_signal_mask mask;
		uint64_t set;
	} __attribute__((packed)) arg = { .mask = { .len = 8 } };
	struct rvm vm;
	struct rvcpu vcpu;
	sigset_t block, old;

	catch_signal(SIGUSR2);
	vm_start(&vm, &vcpu, guest_spin, 0);
	for (unsigned int len = 0; len < 20; len++) {
		arg.mask.len = len;
		EXPECT_EQ(len == 8 ? 0 : -EINVAL, IOCTL(vcpu.fd, KVM_SET_SIGNAL_MASK, &arg));
	}
	sigemptyset(&block);
	sigaddset(&block, SIGUSR2);
	sigprocmask(SIG_BLOCK, &block, &old);
	raise(SIGUSR2);
	EXPECT_EQ(-EINTR, rvcpu_run_raw(&vcpu));
	EXPECT_EQ(0, rvm_shared(&vm)->val[0]);
	/* It was not delivered. */
	sigpending(&old);
	EXPECT_TRUE(sigismember(&old, SIGUSR2));
	EXPECT_EQ(0, IOCTL(vcpu.fd, KVM_SET_SIGNAL_MASK, NULL));
}

static __guest void guest_seven(unsigned long a0, unsigned long a1)
{
	guest_done(7);
}

/* Without memory or a valid pc the fetch is unhandled. Both can be added later. */
TEST(no_memory)
{
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create_bare(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	for (int i = 0; i < 3; i++)
		EXPECT_TRUE(is_unhandled(&vcpu, rvcpu_run_raw(&vcpu), CAUSE_FETCH_GUEST_FAULT));
	rvcpu_set(&vcpu, RVM_REG_CORE(regs.pc), RVM_BASE);
	EXPECT_TRUE(is_unhandled(&vcpu, rvcpu_run_raw(&vcpu), CAUSE_FETCH_GUEST_FAULT));
	vm.size = RVM_SIZE;
	vm.mem = rvm_anon(vm.size);
	rvm_set_slot(&vm, 0, 0, RVM_BASE, vm.size, vm.mem);
	memcpy(vm.mem, (const void *)guest_seven, 64);
	EXPECT_EQ(7, GUEST_SAYS_DONE(&vcpu));
}

TEST(no_program_counter)
{
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	EXPECT_TRUE(is_unhandled(&vcpu, rvcpu_run_raw(&vcpu), CAUSE_FETCH_GUEST_FAULT));
	EXPECT_EQ(0, rvcpu_get(&vcpu, RVM_REG_CORE(regs.pc)));
}

/* A slot without memory of the VMM */
TEST(slot_without_memory)
{
	char *hole = rvm_anon(RVM_SIZE);
	struct rvm vm;
	struct rvcpu vcpu;

	munmap(hole, RVM_SIZE);
	rvm_create_bare(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	rvm_set_slot(&vm, 0, 0, RVM_BASE, RVM_SIZE, hole);
	rvcpu_set(&vcpu, RVM_REG_CORE(regs.pc), RVM_BASE);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(-EFAULT, rvcpu_run_raw(&vcpu));
}

/* The mapping of the run structure ends at its size. */
TEST(run_mapping)
{
	struct rvm vm;
	struct rvcpu vcpu;
	size_t size;
	char *more;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	size = rvm_run_size(vm.dev);
	more = mmap(NULL, size + RVM_PAGE, PROT_READ, MAP_SHARED, vcpu.fd, 0);
	if (more != MAP_FAILED) {
		pid_t pid = fork();
		int status;

		if (!pid) {
			signal(SIGBUS, SIG_DFL);
			_exit(*(volatile char *)(more + size));
		}
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status));
		EXPECT_EQ(SIGBUS, WTERMSIG(status));
	}
	EXPECT_EQ(0, vcpu.run->immediate_exit);
}

TEST_HARNESS_MAIN
