// SPDX-License-Identifier: GPL-2.0-only
/* Guest memory that is unmapped, discarded, protected or copied by fork while the guest runs */
#include "check.h"

#define GPA	0x90000000UL
#define SIZE	(256UL << 10)
#define PAGES	(SIZE / RVM_PAGE)

static __guest void guest_walk(unsigned long a0, unsigned long a1)
{
	for (;;) {
		for (unsigned long i = 0; i < PAGES; i++)
			++*(volatile uint64_t *)(GPA + i * RVM_PAGE);
		guest_shared()->val[0]++;
	}
}

static void wait_rounds(struct __test_metadata *_metadata, struct rvm *vm, int n)
{
	uint64_t from = rvm_shared(vm)->val[0];

	for (int i = 0; i < 20000 && rvm_shared(vm)->val[0] < from + n; i++)
		usleep(1000);
	ASSERT_LE(from + n, rvm_shared(vm)->val[0]);
}

FIXTURE(running) {
	struct rvm vm;
	struct rvcpu vcpu;
	struct vcpu_thread t;
	char *mem;
};

FIXTURE_SETUP(running)
{
	catch_signal(SIGUSR1);
	vm_start(&self->vm, &self->vcpu, guest_walk, 0);
	self->mem = rvm_anon(SIZE);
	rvm_set_slot(&self->vm, 1, 0, GPA, SIZE, self->mem);
	vcpu_thread_start(&self->t, &self->vcpu);
	wait_rounds(_metadata, &self->vm, 2);
}

FIXTURE_TEARDOWN(running)
{
	rvcpu_destroy(&self->vcpu);
	rvm_destroy(&self->vm);
}

TEST_F(running, unmapped)
{
	munmap(self->mem + SIZE / 2, RVM_PAGE);
	EXPECT_EQ(-EFAULT, vcpu_thread_join(&self->t));
	EXPECT_EQ(-EFAULT, rvcpu_run_raw(&self->vcpu));
	/* With memory there again the guest continues. */
	ASSERT_EQ(self->mem + SIZE / 2,
		  mmap(self->mem + SIZE / 2, RVM_PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	vcpu_thread_start(&self->t, &self->vcpu);
	wait_rounds(_metadata, &self->vm, 2);
	EXPECT_EQ(-EINTR, vcpu_thread_stop(&self->t));
	EXPECT_GT(*(uint64_t *)self->mem, *(uint64_t *)(self->mem + SIZE / 2));
}

TEST_F(running, write_protected)
{
	mprotect(self->mem, SIZE, PROT_READ);
	EXPECT_EQ(-EFAULT, vcpu_thread_join(&self->t));
	mprotect(self->mem, SIZE, PROT_READ | PROT_WRITE);
	vcpu_thread_start(&self->t, &self->vcpu);
	wait_rounds(_metadata, &self->vm, 2);
	EXPECT_EQ(-EINTR, vcpu_thread_stop(&self->t));
}

/* A discarded page reads as zero in the guest and here. */
TEST_F(running, dropped)
{
	for (int i = 0; i < 20; i++) {
		uint64_t *word = (uint64_t *)(self->mem + (i % PAGES) * RVM_PAGE);

		ASSERT_EQ(0, madvise(self->mem, SIZE, MADV_DONTNEED));
		wait_rounds(_metadata, &self->vm, 1);
		ASSERT_LE(*word, rvm_shared(&self->vm)->val[0]);
	}
	EXPECT_EQ(-EINTR, vcpu_thread_stop(&self->t));
	ASSERT_EQ(0, madvise(self->mem, SIZE, MADV_DONTNEED));
	for (int i = 0; i < PAGES; i++)
		ASSERT_EQ(0, *(uint64_t *)(self->mem + i * RVM_PAGE));
}

/* A child's copy does not change; the parent's memory does. */
TEST_F(running, forked)
{
	for (int i = 0; i < 5; i++) {
		pid_t pid = fork();

		if (!pid) {
			uint64_t before = *(volatile uint64_t *)self->mem;

			usleep(20000);
			CHILD_ASSERT(*(volatile uint64_t *)self->mem == before);
			_exit(0);
		}
		wait_rounds(_metadata, &self->vm, 2);
		EXPECT_CHILD_OK(pid);
	}
	/* The guest's writes still reach this process. */
	for (int i = 0; i < PAGES; i++) {
		volatile uint64_t *word = (uint64_t *)(self->mem + i * RVM_PAGE);
		uint64_t before = *word;

		for (int n = 0; n < 1000 && *word == before; n++)
			usleep(1000);
		ASSERT_LT(before, *word);
	}
	EXPECT_EQ(-EINTR, vcpu_thread_stop(&self->t));
}

/* mremap() replaces the guest's memory by other memory. */
TEST_F(running, remapped)
{
	char *elsewhere = rvm_anon(SIZE);

	ASSERT_EQ(elsewhere, mremap(self->mem, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
				    elsewhere));
	EXPECT_EQ(-EFAULT, vcpu_thread_join(&self->t));
	ASSERT_EQ(self->mem, mmap(self->mem, SIZE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	vcpu_thread_start(&self->t, &self->vcpu);
	wait_rounds(_metadata, &self->vm, 2);
	EXPECT_EQ(-EINTR, vcpu_thread_stop(&self->t));
	EXPECT_NE(*(uint64_t *)elsewhere, *(uint64_t *)self->mem);
}

/* Accesses to a deleted slot are MMIO. */
TEST_F(running, slot_deleted)
{
	struct kvm_run *run = self->vcpu.run;

	rvm_set_slot(&self->vm, 1, 0, GPA, 0, self->mem);
	EXPECT_EQ(0, vcpu_thread_join(&self->t));
	EXPECT_EQ(KVM_EXIT_MMIO, run->exit_reason);
	EXPECT_LE(GPA, run->mmio.phys_addr);
	EXPECT_GT(GPA + SIZE, run->mmio.phys_addr);
	rvm_set_slot(&self->vm, 1, 0, GPA, SIZE, self->mem);
	vcpu_thread_start(&self->t, &self->vcpu);
	wait_rounds(_metadata, &self->vm, 2);
	EXPECT_EQ(-EINTR, vcpu_thread_stop(&self->t));
}

/* Two VMs with the same guest addresses at the same time */
static __guest void guest_fill(unsigned long seed, unsigned long rounds)
{
	volatile uint64_t *mem = (uint64_t *)(RVM_BASE + RVM_FREE_OFF);

	for (unsigned long r = 0; r < rounds; r++) {
		for (unsigned long i = 0; i < PAGES / 2; i++)
			mem[i * 512] = seed + r * 7 + i;
		for (unsigned long i = 0; i < PAGES / 2; i++)
			GUEST_ASSERT_EQ(mem[i * 512], seed + r * 7 + i);
	}
	guest_done(seed);
}

TEST(two_vms)
{
	struct vcpu_thread t[2];
	struct rvm vm[2];
	struct rvcpu vcpu[2];

	for (int i = 0; i < 2; i++) {
		vm_start(&vm[i], &vcpu[i], guest_fill, 0);
		rvcpu_start_at(&vcpu[i], guest_fill, (i + 1) * 0x100000000UL, 2000);
		vcpu_thread_start(&t[i], &vcpu[i]);
	}
	for (int i = 0; i < 2; i++)
		EXPECT_EQ((i + 1) * 0x100000000UL, THREAD_SAYS_DONE(&t[i]));
}

/* Two VMs in turn on one CPU */
static __guest void guest_turns(unsigned long seed, unsigned long unused)
{
	volatile uint64_t *mem = (uint64_t *)(RVM_BASE + RVM_FREE_OFF);

	csr_write(sscratch, seed);
	for (unsigned long n = 0; ; n++) {
		*mem = seed + n;
		guest_sync(n);
		GUEST_ASSERT_EQ(*mem, seed + n);
		GUEST_ASSERT_EQ(csr_read(sscratch), seed);
	}
}

TEST(two_vms_in_turn)
{
	struct rvm vm[2];
	struct rvcpu vcpu[2];

	pin_to_cpu(0);
	for (int i = 0; i < 2; i++)
		vm_start(&vm[i], &vcpu[i], guest_turns, (i + 1) * 0x10000);
	for (int n = 0; n < 200; n++)
		for (int i = 0; i < 2; i++)
			ASSERT_EQ(n, GUEST_SAYS_SYNC(&vcpu[i]));
}

TEST_HARNESS_MAIN
