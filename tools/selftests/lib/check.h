/* SPDX-License-Identifier: GPL-2.0-only */
/* What every test file includes: the kernel's harness, the library, and steps all tests take. */
#ifndef RVM_CHECK_H
#define RVM_CHECK_H

#include "kselftest_harness.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

/* What an ioctl gives: its value, or -errno. */
#define IOCTL(fd, cmd, arg) \
	({ long _r = ioctl(fd, cmd, arg); _r < 0 ? -(long)errno : _r; })

/* A VM with one vCPU about to run fn(a0, 0). */
static inline void vm_start(struct rvm *vm, struct rvcpu *vcpu, rvm_guest_fn fn, unsigned long a0)
{
	rvm_create(vm);
	rvcpu_create(vm, 0, vcpu);
	rvcpu_start_at(vcpu, fn, a0, 0);
}

static inline bool is_guest_call(struct rvcpu *vcpu, unsigned long fid)
{
	struct kvm_run *run = vcpu->run;

	return run->exit_reason == KVM_EXIT_RISCV_SBI &&
	       run->riscv_sbi.extension_id == GUEST_EID && run->riscv_sbi.function_id == fid;
}

/* Run until the guest says fid, and give what it said. Anything else fails the test. */
static inline unsigned long guest_says(struct __test_metadata *_metadata, struct rvcpu *vcpu,
				       unsigned long fid)
{
	struct kvm_run *run = vcpu->run;
	int ret = rvcpu_run(vcpu);

	ASSERT_EQ(0, ret) {
		TH_LOG("KVM_RUN: %s, pc %#lx", strerror(-ret),
		       rvcpu_get(vcpu, RVM_REG_CORE(regs.pc)));
	}
	if (is_guest_call(vcpu, GUEST_FAIL))
		TH_LOG("the guest's check at line %lu failed with %#lx",
		       run->riscv_sbi.args[0], run->riscv_sbi.args[1]);
	ASSERT_TRUE(is_guest_call(vcpu, fid)) {
		TH_LOG("exit %u, pc %#lx", run->exit_reason,
		       rvcpu_get(vcpu, RVM_REG_CORE(regs.pc)));
	}
	/* What guest_sync() gives the guest, unless the test says otherwise. */
	run->riscv_sbi.ret[0] = 0;
	run->riscv_sbi.ret[1] = 0;
	return run->riscv_sbi.args[0];
}

#define GUEST_SAYS_SYNC(vcpu)	guest_says(_metadata, vcpu, GUEST_SYNC)
#define GUEST_SAYS_DONE(vcpu)	guest_says(_metadata, vcpu, GUEST_DONE)

/*
 * What nothing in the kernel can handle: kvm.ko ends KVM_RUN with EOPNOTSUPP, rvhv with a record of
 * the exit in the run structure (struct rvhv_exit_unhandled, where scause comes first).
 */
static inline bool is_unhandled(struct rvcpu *vcpu, int ret, unsigned long scause)
{
	if (rvm_is_kvm())
		return ret == -EOPNOTSUPP;
	return !ret && vcpu->run->exit_reason == KVM_EXIT_UNKNOWN &&
	       vcpu->run->hw.hardware_exit_reason == scause;
}

#define CAUSE_FETCH_GUEST_FAULT		20
#define CAUSE_LOAD_GUEST_FAULT		21
#define CAUSE_STORE_GUEST_FAULT		23

/* Skip what is true of rvhv and not of KVM, with the reason. */
#define SKIP_ON_KVM(reason) \
	do { if (rvm_is_kvm()) SKIP(return, "kvm.ko: " reason); } while (0)

/*
 * A vCPU running in a thread of its own; join gives KVM_RUN's result. To stop it, set
 * immediate_exit and send a signal; without the first it goes on, for signals come unasked
 * too (a fork in another thread interrupts KVM_RUN).
 */
struct vcpu_thread {
	pthread_t thread;
	struct rvcpu *vcpu;
	volatile int ret;
};

static void *vcpu_thread_fn(void *arg)
{
	struct vcpu_thread *t = arg;

	int ret;

	do {
		ret = rvcpu_run_raw(t->vcpu);
	} while (ret == -EINTR && !t->vcpu->run->immediate_exit);
	t->ret = ret;
	return NULL;
}

static inline void vcpu_thread_start(struct vcpu_thread *t, struct rvcpu *vcpu)
{
	t->vcpu = vcpu;
	t->ret = 1;
	if (pthread_create(&t->thread, NULL, vcpu_thread_fn, t))
		rvm_die("pthread_create");
}

static inline int vcpu_thread_join(struct vcpu_thread *t)
{
	pthread_join(t->thread, NULL);
	return t->ret;
}

static inline void ignore_signal(int sig)
{
	(void)sig;
}

/* A signal that interrupts KVM_RUN and does nothing else. */
static inline void catch_signal(int sig)
{
	struct sigaction sa = { .sa_handler = ignore_signal };

	sigaction(sig, &sa, NULL);
}

static inline void pin_to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		rvm_die("sched_setaffinity");
}

#endif
