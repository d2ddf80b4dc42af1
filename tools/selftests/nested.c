// SPDX-License-Identifier: GPL-2.0-only
/* The H extension for guests: whether they have it, what they find, what a hostile one can do. */
#include "lib/check.h"

#define ILLEGAL		2
#define H		KVM_RISCV_ISA_EXT_H

static bool host_gives_h(struct rvcpu *vcpu)
{
	return !rvm_is_kvm() && !rvcpu_set_isa(vcpu, H, true);
}

static __guest void guest_reads_hstatus(unsigned long a0, unsigned long a1)
{
	unsigned long val;

	guest_trap_init(0);
	asm volatile("csrr %0, 0x600" : "=r"(val));
	guest_done(val);
}

TEST(off_by_default)
{
	struct rvm vm;
	struct rvcpu vcpu;
	unsigned long one = 1;

	SKIP_ON_KVM("guests have no H");
	vm_start(&vm, &vcpu, guest_reads_hstatus, 0);
	EXPECT_EQ(0, rvcpu_get(&vcpu, RVM_REG_ISA(H)));
	GUEST_SAYS_DONE(&vcpu);
	EXPECT_EQ(1, rvm_shared(&vm)->trap[0].count);
	EXPECT_EQ(ILLEGAL, rvm_shared(&vm)->trap[0].cause);
	EXPECT_EQ(-EBUSY, rvcpu_set_raw(&vcpu, RVM_REG_ISA(H), &one));
}

TEST(on)
{
	struct rvm vm;
	struct rvcpu vcpu;

	SKIP_ON_KVM("guests have no H");
	vm_start(&vm, &vcpu, guest_reads_hstatus, 0);
	ASSERT_TRUE(host_gives_h(&vcpu));
	EXPECT_EQ(1, rvcpu_get(&vcpu, RVM_REG_ISA(H)));
	/* VSXL says 64 bits, and nothing else is set */
	EXPECT_EQ(2UL << 32, GUEST_SAYS_DONE(&vcpu));
	EXPECT_EQ(0, rvm_shared(&vm)->trap[0].count);
}

/* What KVM finds out about hgatp: VMID bits, and modes from the largest down. */
static __guest void guest_probes(unsigned long a0, unsigned long a1)
{
	struct guest_shared *s = guest_shared();
	unsigned long val = 0x3fffUL << 44;

	guest_trap_init(0);
	asm volatile("csrw 0x680, %0\n csrr %0, 0x680" : "+r"(val));
	s->val[0] = val >> 44 & 0x3fff;
	for (unsigned long mode = 8; mode <= 10; mode++) {
		val = mode << 60;
		asm volatile("csrw 0x680, %0\n csrr %0, 0x680\n csrw 0x680, x0" : "+r"(val));
		s->val[mode] = val >> 60;
	}
	guest_done(0);
}

TEST(hgatp)
{
	struct rvm vm;
	struct rvcpu vcpu;
	struct guest_shared *s;

	SKIP_ON_KVM("guests have no H");
	vm_start(&vm, &vcpu, guest_probes, 0);
	ASSERT_TRUE(host_gives_h(&vcpu));
	GUEST_SAYS_DONE(&vcpu);
	s = rvm_shared(&vm);
	EXPECT_EQ(0, s->trap[0].count);
	EXPECT_EQ(0x3fff, s->val[0]);
	EXPECT_EQ(8, s->val[8]);
	for (int mode = 9; mode <= 10; mode++)
		EXPECT_TRUE(s->val[mode] == mode || s->val[mode] < mode);
}

/* ---- an L1 that does whatever it likes ---- */

#define ROUNDS		0
#define STATE		1
#define STOP		2

__guest_inline unsigned long guest_random(struct guest_shared *s)
{
	unsigned long x = s->val[STATE];

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	s->val[STATE] = x;
	return x * 0x2545F4914F6CDD1DUL;
}

#define WRITE(nr, csr, v) \
	do { if (n == (nr)) asm volatile("csrw " #csr ", %0" :: "r"(v) : "memory"); } while (0)

/* Values that mean something here and there: addresses of the guest's memory, few bits, noise */
static __guest unsigned long guest_value(unsigned long r)
{
	switch (r & 7) {
	case 0:
		return (r >> 8 & 15) << 60 | (RVM_BASE + RVM_FREE_OFF) >> 12;
	case 1:
		return 8UL << 60 | (r >> 8 & 3) << 44 | ((RVM_BASE + RVM_FREE_OFF) >> 12 & ~3UL);
	case 2:
		return 1UL << (r >> 8 & 63);
	case 3:
		return -1UL;
	case 4:
		return RVM_BASE + RVM_FREE_OFF + (r >> 8 & 0x2fffff);
	case 5:
		return 0;
	default:
		return r;
	}
}

static __guest void guest_hostile(unsigned long a0, unsigned long a1)
{
	unsigned long free = RVM_BASE + RVM_FREE_OFF;
	struct guest_shared *s = guest_shared();

	guest_trap_init(0);
	while (!s->val[STOP]) {
		unsigned long r = guest_random(s), n = r % 48, v = guest_value(guest_random(s));

		s->val[ROUNDS]++;
		WRITE(0, 0x600, v);
		WRITE(1, 0x602, v);
		WRITE(2, 0x603, v);
		WRITE(3, 0x604, v);
		WRITE(4, 0x605, v);
		WRITE(5, 0x606, v);
		WRITE(6, 0x607, v);
		WRITE(7, 0x60a, v);
		WRITE(8, 0x643, v);
		WRITE(9, 0x644, v);
		WRITE(10, 0x645, v);
		WRITE(11, 0x64a, v);
		WRITE(12, 0x680, v);
		WRITE(13, 0x200, v);
		WRITE(14, 0x204, v);
		WRITE(15, 0x205, v);
		WRITE(16, 0x240, v);
		WRITE(17, 0x241, v);
		WRITE(18, 0x242, v);
		WRITE(19, 0x243, v);
		WRITE(20, 0x244, v);
		WRITE(21, 0x280, v);
		WRITE(22, 0x24d, v);
		WRITE(23, 0x60c, v);
		WRITE(24, 0x680, v);
		WRITE(25, 0x680, v);
		WRITE(26, 0x600, 1UL << 7 | (v & 0x700100));
		/* A page table of its own making */
		if (n == 27 || n == 28)
			*(volatile unsigned long *)(free + (r >> 8 & 0x2ffff8)) = v;
		if (n == 29)
			*(volatile unsigned long *)(free + (r >> 8 & 0x3ff8)) =
				(free + (r >> 16 & 0x3f000)) >> 2 | (v & 0xff) | 1;
		if (n == 30)		/* hfence.gvma */
			asm volatile(".4byte 0x62000073" ::: "memory");
		if (n == 31)		/* hfence.vvma */
			asm volatile(".4byte 0x22000073" ::: "memory");
		if (n == 32)		/* hfence.gvma a0, a1 */
			asm volatile("mv a0, %0\n mv a1, %1\n .4byte 0x62b50073"
				     :: "r"(v), "r"(r >> 40) : "a0", "a1", "memory");
		if (n >= 33 && n < 37)	/* hlv.d a0, (a0) */
			asm volatile("mv a0, %0\n .4byte 0x6c054573" :: "r"(v) : "a0", "memory");
		if (n >= 37 && n < 40)	/* hsv.d a1, (a0), where not its own code is */
			asm volatile("mv a0, %0\n mv a1, %1\n .4byte 0x6eb54073"
				     :: "r"(v | RVM_FREE_OFF), "r"(r) : "a0", "a1", "memory");
		if (n == 40) {		/* into an L2, which runs what is in the free memory */
			asm volatile("csrs 0x600, %0" :: "r"(1UL << 7) : "memory");
			csr_write(sepc, free + (r >> 8 & 0xffffc));
			asm volatile("sret" ::: "memory");
		}
		if (n == 41)
			csr_write(sie, v);
	}
	guest_done(0);
}

struct ticker {
	pthread_t target;
	volatile bool active, stop;
};

static void *tick(void *arg)
{
	struct ticker *t = arg;

	while (!t->stop) {
		usleep(1000);
		if (t->active)
			pthread_kill(t->target, SIGUSR1);
	}
	return NULL;
}

static void begin(struct rvcpu *vcpu)
{
	unsigned long zero = 0;

	rvcpu_set_raw(vcpu, RVM_REG_CSR(satp), &zero);
	rvcpu_set_raw(vcpu, RVM_REG_CSR(sie), &zero);
	rvcpu_set_raw(vcpu, RVM_REG_CSR(sstatus), &zero);
	rvcpu_start_at(vcpu, guest_hostile, 0, 0);
}

static unsigned long run_hostile(struct __test_metadata *_metadata, struct ticker *ticker,
				 unsigned long seed)
{
	unsigned long rounds = 0, still = 0;
	struct guest_shared *s;
	struct rvcpu vcpu;
	struct rvm vm;

	vm_start(&vm, &vcpu, guest_hostile, 0);
	ASSERT_TRUE(host_gives_h(&vcpu));
	s = rvm_shared(&vm);
	s->val[STATE] = seed * 0x9E3779B97F4A7C15UL | 1;
	begin(&vcpu);
	ticker->active = true;
	/* Until it has lost its way for good: an L2 that loops, a trap vector that is gone */
	while (still < 20) {
		int ret = rvcpu_run_raw(&vcpu);

		if (ret != -EINTR && ret)
			TH_LOG("KVM_RUN: %d", ret);
		if (s->val[ROUNDS] != rounds)
			still = 0;
		else
			still++;
		rounds = s->val[ROUNDS];
		if (rounds > 20000)
			s->val[STOP] = 1;
		if (!ret && is_guest_call(&vcpu, GUEST_DONE))
			break;
		if (!ret)
			begin(&vcpu);
	}
	ticker->active = false;
	usleep(3000);
	rvcpu_destroy(&vcpu);
	rvm_destroy(&vm);
	return rounds;
}

/* Any value in any CSR, tables of noise, L2s that run noise: the host goes on. */
TEST(hostile)
{
	struct ticker ticker = { .target = pthread_self() };
	unsigned long rounds = 0;
	pthread_t thread;

	SKIP_ON_KVM("guests have no H");
	catch_signal(SIGUSR1);
	ASSERT_EQ(0, pthread_create(&thread, NULL, tick, &ticker));
	for (unsigned long seed = 1; seed <= 120; seed++)
		rounds += run_hostile(_metadata, &ticker, seed);
	ticker.stop = true;
	pthread_join(thread, NULL);
	EXPECT_LT(1000, rounds);
	TH_LOG("%lu steps of 120 guests", rounds);
}

TEST_HARNESS_MAIN
