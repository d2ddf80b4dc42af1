// SPDX-License-Identifier: GPL-2.0-only
/* VMMs that overwrite their run structure or are killed at any moment */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#define GPA	0x90000000UL
#define SIZE	(256UL << 10)

/* Exits of every kind, endlessly */
static __guest void guest_exits(unsigned long a0, unsigned long a1)
{
	guest_trap_init(a0);
	for (unsigned long n = 0;; n++) {
		(void)*(volatile uint64_t *)RVM_MMIO;
		*(volatile uint32_t *)(RVM_MMIO + 8) = n;
		guest_ecall(SBI_BASE, n & 7, 0, 0, 0, 0, 0);
		guest_ecall(SBI_IPI, 0, 1, 0, 0, 0, 0);
		guest_ecall(SBI_RFENCE, n % 3, 3, 0, 0, -1UL, 0);
		guest_ecall(SBI_TIME, 0, csr_read(time) + 100, 0, 0, 0, 0);
		guest_sync(n);
		asm volatile(ASM_ILLEGAL);
		++*(volatile uint64_t *)(GPA + n % 64 * RVM_PAGE);
	}
}

static volatile bool stop_scribbling;

static void *scribble(void *arg)
{
	unsigned int seed = 12345;
	volatile uint64_t *page = arg;

	while (!stop_scribbling) {
		unsigned int r = rand_r(&seed), i = rand_r(&seed) % (r & 1 ? 40 : 1024);

		/*
		 * Mostly within the fields. No guest would run with immediate_exit in word 0 set.
		 */
		if (!i && r & 0xf0)
			page[0] = 0;
		else if (r & 2)
			page[i] = rand_r(&seed) % 64;
		else
			page[i] = (uint64_t)rand_r(&seed) << 33 | rand_r(&seed);
	}
	return NULL;
}

FIXTURE(vmm) {
};

FIXTURE_SETUP(vmm)
{
}

FIXTURE_TEARDOWN(vmm)
{
}

/* KVM_RUN returns 0 or a known errno while another thread overwrites the run structure. */
TEST_F_TIMEOUT(vmm, hostile_run_page, 120)
{
	struct kvm_coalesced_mmio_zone zone = { .addr = RVM_MMIO + 8, .size = 8 };
	static const int known[] = {
		0, -EINTR, -EFAULT, -EIO, -EOPNOTSUPP, -EINVAL, -EAGAIN,
	};
	pthread_t thread;
	struct rvm vm;
	struct rvcpu vcpu;
	int done = 0;

	vm_start(&vm, &vcpu, guest_exits, 0);
	vcpu.random = true;
	rvm_set_slot(&vm, 1, 0, GPA, SIZE, rvm_anon(SIZE));
	ASSERT_EQ(0, IOCTL(vm.fd, KVM_REGISTER_COALESCED_MMIO, &zone));
	ASSERT_EQ(0, pthread_create(&thread, NULL, scribble, vcpu.run));
	for (int i = 0; i < 20000; i++) {
		int ret = rvcpu_run_raw(&vcpu);
		bool ok = false;

		for (int j = 0; j < ARRAY_SIZE(known); j++)
			ok |= ret == known[j];
		ASSERT_TRUE(ok) {
			TH_LOG("round %d: %d", i, ret);
		}
		done += !ret;
		/* Restart a guest that wrong answers have led astray. */
		if (i % 100 == 99)
			rvcpu_set(&vcpu, RVM_REG_CORE(regs.pc),
				  rvm_guest_addr((const void *)guest_exits));
	}
	stop_scribbling = true;
	pthread_join(thread, NULL);
	EXPECT_LT(0, done);
}

static void vmm_main(int n)
{
	struct vcpu_thread t;
	struct rvm vm;
	struct rvcpu vcpu[2];
	char *mem;

	rvm_create(&vm);
	mem = rvm_anon(SIZE);
	rvm_set_slot(&vm, 1, n & 1 ? KVM_MEM_LOG_DIRTY_PAGES : 0, GPA, SIZE, mem);
	for (int i = 0; i < 2; i++) {
		rvcpu_create(&vm, i, &vcpu[i]);
		rvcpu_start_at(&vcpu[i], guest_exits, i, 0);
	}
	rvcpu_set_mp_state(&vcpu[1], KVM_MP_STATE_RUNNABLE);
	vcpu_thread_start(&t, &vcpu[1]);
	for (int i = 0;; i++) {
		rvcpu_run_raw(&vcpu[0]);
		if (t.ret <= 0) {
			vcpu_thread_join(&t);
			vcpu_thread_start(&t, &vcpu[1]);
		}
		if (i % 16 == 0)
			madvise(mem, SIZE, MADV_DONTNEED);
		if (i % 64 == 0) {
			rvm_set_slot_raw(&vm, 1, 0, GPA, 0, mem);
			rvm_set_slot_raw(&vm, 1, 0, GPA, SIZE, mem);
		}
	}
}

static int module_users(void)
{
	char path[64];
	int n = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/module/%s/refcnt", rvm_is_kvm() ? "kvm" : "rvhv");
	f = fopen(path, "r");
	if (!f)
		return -1;
	if (fscanf(f, "%d", &n) != 1)
		n = -1;
	fclose(f);
	return n;
}

/* A VMM that is killed at any moment releases the module. */
TEST_F_TIMEOUT(vmm, killed_at_any_moment, 300)
{
	unsigned int seed = 4711;

	for (int i = 0; i < 100; i++) {
		int status;
		pid_t pid = fork();

		if (!pid) {
			vmm_main(i);
			_exit(1);
		}
		usleep(rand_r(&seed) % 30000);
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_TRUE(WIFSIGNALED(status)) {
			TH_LOG("VMM %d ended by itself: %#x", i, status);
		}
	}
	/* VMs are freed asynchronously. */
	for (int i = 0; i < 50 && module_users() > 0; i++)
		usleep(100000);
	EXPECT_EQ(0, module_users());
}

TEST_HARNESS_MAIN
