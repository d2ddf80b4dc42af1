/* SPDX-License-Identifier: GPL-2.0-only */
/* For every test: the kernel's harness, the library, and helpers that use both. */
#ifndef RVM_CHECK_H
#define RVM_CHECK_H

#include "kselftest_harness.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

/* An ioctl's value, or -errno */
#define IOCTL(fd, cmd, arg) \
	({ long _r = ioctl(fd, cmd, arg); _r < 0 ? -(long)errno : _r; })

/* A VM with one vCPU that will run fn(a0, 0) */
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

/* Run until the guest's call @fid; returns the call's argument. Anything else fails the test. */
static inline unsigned long guest_says(struct __test_metadata *_metadata, struct rvcpu *vcpu,
				       unsigned long fid)
{
	struct kvm_run *run = vcpu->run;
	int ret;

	rvm_set_deadline(_metadata->timeout * 9 / 10);
	ret = rvcpu_run(vcpu);
	ASSERT_EQ(0, ret) {
		TH_LOG("KVM_RUN: %s%s; %s", strerror(-ret),
		       rvm_deadline_passed() ? ", the guest made no call in time" : "",
		       rvcpu_describe(vcpu));
	}
	ASSERT_TRUE(is_guest_call(vcpu, fid)) {
		TH_LOG("%s", rvcpu_describe(vcpu));
	}
	/* guest_sync() returns this. */
	run->riscv_sbi.ret[0] = 0;
	run->riscv_sbi.ret[1] = 0;
	return run->riscv_sbi.args[0];
}

#define GUEST_SAYS_SYNC(vcpu)	guest_says(_metadata, vcpu, GUEST_SYNC)
#define GUEST_SAYS_DONE(vcpu)	guest_says(_metadata, vcpu, GUEST_DONE)

/*
 * An exit that the kernel cannot handle: kvm.ko ends KVM_RUN with EOPNOTSUPP, rvhv with struct
 * rvhv_exit_unhandled, whose first field is scause.
 */
static inline bool is_unhandled(struct rvcpu *vcpu, int ret, unsigned long scause)
{
	if (rvm_is_kvm())
		return ret == -EOPNOTSUPP;
	return !ret && vcpu->run->exit_reason == KVM_EXIT_UNKNOWN &&
	       vcpu->run->hw.hardware_exit_reason == scause;
}

#define NO_H	"guests have no H extension"

#define SKIP_ON_KVM(reason) \
	do { if (rvm_is_kvm()) SKIP(return, "kvm.ko: " reason); } while (0)

/*
 * A vCPU that runs in a thread of its own. Only a signal with immediate_exit set ends KVM_RUN with
 * EINTR; other signals (a fork in another thread, say) are ignored.
 */
struct vcpu_thread {
	pthread_t thread;
	struct rvcpu *vcpu;
	volatile int ret;	/* 1 while it runs, then KVM_RUN's result */
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

/* End KVM_RUN by SIGUSR1, which must have a handler. */
static inline int vcpu_thread_stop(struct vcpu_thread *t)
{
	int ret;

	t->vcpu->run->immediate_exit = 1;
	pthread_kill(t->thread, SIGUSR1);
	ret = vcpu_thread_join(t);
	t->vcpu->run->immediate_exit = 0;
	return ret;
}

/* Expect the guest to end with guest_done(); returns its value. */
static inline unsigned long thread_says_done(struct __test_metadata *_metadata,
					     struct vcpu_thread *t)
{
	int ret = vcpu_thread_join(t);

	EXPECT_EQ(0, ret) {
		TH_LOG("KVM_RUN: %s", strerror(-ret));
	}
	EXPECT_TRUE(is_guest_call(t->vcpu, GUEST_DONE)) {
		TH_LOG("%s", rvcpu_describe(t->vcpu));
	}
	return t->vcpu->run->riscv_sbi.args[0];
}

#define THREAD_SAYS_DONE(t)	thread_says_done(_metadata, t)

/* In a child of the test: end it with a message. */
#define CHILD_ASSERT(cond) \
	do { \
		if (!(cond)) { \
			fprintf(stderr, "# %s:%d: child: check failed: %s (errno %d)\n", \
				__FILE__, __LINE__, #cond, errno); \
			_exit(1); \
		} \
	} while (0)

/* Wait for the child and expect it to end with status 0. */
static inline void expect_child_ok(struct __test_metadata *_metadata, pid_t pid)
{
	int status;

	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

#define EXPECT_CHILD_OK(pid)	expect_child_ok(_metadata, pid)

static inline unsigned long env_number(const char *name, unsigned long standard)
{
	const char *env = getenv(name);

	return env ? strtoul(env, NULL, 0) : standard;
}

static inline double seconds_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static inline void ignore_signal(int sig)
{
	(void)sig;
}

/* Let a signal interrupt KVM_RUN and do nothing else. */
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
