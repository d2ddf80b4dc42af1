// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random L1s: random values in CSRs, random instructions of the H extension, random tables, L2s
 * that run random code. Two harts share the tables while the VMM changes the memory. RVHV_STEPS is
 * the number of steps, RVHV_SEED the seed.
 */
#include "lib/check.h"
#include "lib/l2.h"

#define HARTS		2
#define FREE		(RVM_BASE + RVM_FREE_OFF)
#define FREE_SIZE	0x200000UL		/* the tables and the L2s' code */
#define SLOT		0x90000000UL
#define SIZE		(2UL << 20)

/* Words of the shared page, for each hart: counters, and the random state */
#define STEPS(hart)	(0 + (hart))
#define TRAPS(hart)	(2 + (hart))
#define ENTERED(hart)	(4 + (hart))
#define STATE(hart)	(6 + (hart))
/* More steps than a hart can make between two looks */
#define AT_ONCE		1000000UL
/* Counts of both harts by cause, exceptions and interrupts together */
#define CAUSES		32

/* The hart's next instruction, behind the shared page */
#define CODE(hart)	(RVM_BASE + RVM_SHARED_OFF + RVM_PAGE + (hart) * 64)

/* ---- the guest ---- */

/* Values of atp CSRs, addresses, few bits, noise */
static __guest unsigned long guest_value(unsigned long r)
{
	switch (r & 15) {
	case 0:
		return (r >> 8 & 15) << 60 | FREE >> 12;
	case 1:
	case 2:
		return 8UL << 60 | (r >> 8 & 3) << 44 | (FREE >> 12 & ~3UL);
	case 3:
		return 8UL << 60 | (r >> 8 & 0xff) << 44 | FREE >> 12 | (r >> 16 & 0x3f);
	case 4:
		return 1UL << (r >> 8 & 63);
	case 5:
		return -1UL;
	case 6:
	case 7:
		return FREE + (r >> 8 & (FREE_SIZE - 1));
	case 8:
		return SLOT + (r >> 8 & (2 * SIZE - 1));
	case 9:
		return 0;
	case 10:
		return RVM_MMIO + (r >> 8 & 0xff8);
	default:
		return r;
	}
}

/* Entries: leaves of each size, tables within the free memory, noise */
static __guest unsigned long guest_entry(unsigned long r)
{
	unsigned long free = FREE + (r >> 8 & (FREE_SIZE - 1) & ~4095UL);

	switch (r & 7) {
	case 0:
		return r;
	case 1:
	case 2:
		return PTE_TO(free) | PTE_V;
	case 3:
		return PTE_TO(SLOT + (r >> 8 & (2 * SIZE - 1))) | PTE_LEAF;
	case 4:
		return PTE_TO(FREE & ~0x1fffffUL) | (r >> 8 & 0xff) | PTE_V;
	case 5:
		return PTE_TO(free) | (r >> 32 & 0xff) | (r >> 40 & 3) << 61 | PTE_V;
	default:
		return PTE_TO(free) | PTE_LEAF;
	}
}

static __guest unsigned int guest_csr(unsigned long r)
{
	if (!(r & 0x700))
		return (r & 0x800 ? CSR_HSTATUS : CSR_VSSTATUS) + (r & 0xff);
	switch (r & 15) {
	case 0:
		return CSR_HSTATUS;
	case 1:
		return CSR_HEDELEG;
	case 2:
		return CSR_HIDELEG;
	case 3:
		return CSR_HIE;
	case 4:
		return CSR_HTIMEDELTA;
	case 5:
		return CSR_HENVCFG;
	case 6:
		return CSR_HVIP;
	case 7:
	case 8:
		return CSR_HGATP;
	case 9:
		return CSR_VSSTATUS;
	case 10:
		return CSR_VSATP;
	case 11:
		return CSR_VSTIMECMP;
	case 12:
		return CSR_VSTVEC;
	case 13:
		return CSR_HIP;
	case 14:
		return CSR_VSIP;
	default:
		return CSR_HGEIP;
	}
}

/* An instruction of the SYSTEM opcode, its registers x0 and a0 to a7 */
static __guest unsigned int guest_system(unsigned long r)
{
	unsigned int rd = r & 8 ? 10 + (r & 7) : 0, rs1 = r >> 4 & 8 ? 10 + (r >> 4 & 7) : 0;
	unsigned int rs2 = r >> 8 & 8 ? 10 + (r >> 8 & 7) : 0, f3 = r >> 12 & 7, f7, csr;
	unsigned int insn = 0x73 | rd << 7 | rs1 << 15;

	switch (r >> 16 & 7) {
	case 0:			/* HLV, HLVX, HSV, and reserved encodings beside them */
		if (r >> 20 & 1)
			rs2 = r >> 8 & 3;
		return insn | 4 << 12 | rs2 << 20 | (0x30 + (r >> 21 & 7)) << 25;
	case 1:			/* HFENCE, HINVAL and other fences */
		f7 = 1 + (r >> 20 & 0x32) + (r >> 25 & 1) * 8;
		return 0x73 | rs1 << 15 | rs2 << 20 | f7 << 25;
	case 2:
		csr = r >> 32 & 0xfff;
		/* The trap handler needs these. */
		if (!(f3 & 3) || csr == CSR_STVEC || csr == CSR_SSCRATCH || csr == CSR_SATP ||
		    csr == CSR_SIE || csr == CSR_STIMECMP)
			csr = CSR_SSTATUS;
		return insn | (f3 & 3 ? f3 : 1) << 12 | csr << 20;
	default:
		return insn | (f3 & 3 ? f3 : 1) << 12 | guest_csr(r >> 20) << 20;
	}
}

static __guest unsigned int guest_code(unsigned long r)
{
	unsigned int any = r >> 32;

	switch (r & 15) {
	case 0:
		return any;
	case 1:
		return guest_system(r >> 4);
	case 2:
		return (any & ~0x7fU) | 0x73;
	case 3:
	case 4:			/* loads, stores */
		return (any & 0xfffff000U & ~0x7fU) | (any & 0xf80) | (r & 16 ? 0x03 : 0x23);
	case 5:			/* AMOs */
		return (any & ~0x7fU & ~(7U << 12)) | 0x2f | 3 << 12;
	case 6:			/* lui of an address */
		return (FREE & 0xffff0000U) | (any & 0x0007f000) | (any & 0xf80) | 0x37;
	case 7:			/* a short way forward */
		return 0x0000006f | (r >> 8 & 0xf) << 23;
	case 8:
		return INSN_ECALL;
	case 9:
		return INSN_SRET;
	case 10:
		return INSN_WFI;
	case 11:
		return INSN_SFENCE_VMA(0, 0);
	case 12:		/* floating point */
		return (any & ~0x7fU) | (r & 16 ? 0x07 : 0x53);
	default:		/* arithmetic */
		return (any & ~0x7fU) | (r & 16 ? 0x13 : 0x33);
	}
}

#define __guest_asm	static __guest __attribute__((naked))

/* Run the instruction, and the return, at @code with values in a0 to a7. */
__guest_asm void fuzz_run(unsigned long code, unsigned long a, unsigned long b, unsigned long c)
{
	asm("mv t6, a0\n	mv a0, a1\n	mv a4, a1\n	mv a5, a2\n	mv a6, a3\n"
	    "mv a1, a2\n	mv a2, a3\n	mv a7, t6\n	fence.i\n	jr t6");
}

/* Enter the L2 at @pc, with values in some registers. */
__guest_asm void fuzz_enter(unsigned long pc, unsigned long a, unsigned long b, unsigned long c)
{
	asm("csrw sepc, a0\n	li t0, 0x80\n	csrs hstatus, t0\n	fence.i\n"
	    "mv s2, a1\n	mv s3, a2\n	mv s4, a3\n	mv t3, a1\n	mv t4, a2\n"
	    "mv gp, a3\n	mv tp, a1\n	mv a0, a1\n	sret");
}

/* Restart the hart in guest_fuzz(), with its number from sscratch and the cause. */
__guest_asm __attribute__((aligned(4))) void fuzz_trap(void)
{
	asm("csrr a0, sscratch\n	li t0, 0x80\n	csrc hstatus, t0\n"
	    "li t0, 0x80050000 + 0x4000\n	slli t1, a0, 14\n	add sp, t0, t1\n"
	    "csrr a1, scause\n	addi a1, a1, 1\n	j guest_fuzz");
}

static_assert(RVM_BASE + RVM_STACK_OFF == 0x80050000 && RVM_STACK_SIZE == 0x4000, "fuzz_trap");

static __guest void guest_timer(unsigned long ticks)
{
	csr_write(sie, IE_STIE);
	guest_ecall(SBI_TIME, 0, guest_rdtime() + ticks, 0, 0, 0, 0);
}

/* Make valid tables that map the free memory. */
static __guest void guest_repair(unsigned long r)
{
	volatile unsigned long *root = (volatile unsigned long *)FREE;
	volatile unsigned long *mid = root + 0x800, *leaf = root + 0xa00;

	root[RVM_BASE >> 30] = PTE_TO(FREE + 0x4000) | PTE_V;
	mid[0] = PTE_TO(FREE + 0x5000) | PTE_V;
	mid[1] = PTE_TO(FREE + 0x6000) | PTE_V;
	for (unsigned long i = RVM_FREE_OFF / RVM_PAGE; i < 1024 - RVM_FREE_OFF / RVM_PAGE; i++)
		leaf[i] = PTE_TO(RVM_BASE + i * RVM_PAGE) | PTE_LEAF;
	csr_write(hgatp, r & 0x700 ? ATP(ATP_SV39, 0, FREE) : 0);
	csr_write(vsatp, 0);
	hfence_gvma_all();
}

__guest void guest_fuzz(unsigned long hart, unsigned long trapped)
{
	volatile unsigned int *code = (volatile unsigned int *)CODE(hart);
	struct guest_shared *s = guest_shared();
	volatile uint64_t *state = &s->val[STATE(hart)];

	csr_write(sscratch, hart);
	csr_write(stvec, fuzz_trap);
	if (trapped) {
		s->val[TRAPS(hart)]++;
		s->val[CAUSES + ((trapped - 1) & 31)]++;
	}
	for (;;) {
		unsigned long r = guest_random(state), v = guest_value(guest_random(state));
		unsigned long w = guest_value(guest_random(state)), n = r & 31;

		s->val[STEPS(hart)]++;
		if (n < 18) {
			if (n < 2)
				guest_timer(2000);
			code[0] = guest_system(r >> 8);
			code[1] = INSN_RET;
			fuzz_run((unsigned long)code, v, w, r);
		} else if (n < 24) {
			unsigned long i = r >> 8 & (n & 1 ? FREE_SIZE - 1 : 0x7fff);

			*(volatile unsigned long *)(FREE + (i & ~7UL)) = guest_entry(w ^ r >> 3);
		} else if (n < 27) {
			unsigned long i = r >> 8 & (FREE_SIZE - 1) & ~63UL;

			for (int j = 0; j < 16; j++)
				*(volatile unsigned int *)(FREE + i + j * 4) =
					guest_code(guest_random(state));
		} else if (n < 31) {
			if (r & 0x100)
				csr_set(sstatus, SR_FS_INITIAL);
			csr_set(sstatus, r >> 1 & SR_SPP);
			guest_timer(500 + (r >> 16 & 0xfff));
			s->val[ENTERED(hart)]++;
			fuzz_enter(FREE + (r >> 32 & (FREE_SIZE - 1) & ~1UL), v, w, r);
		} else {
			guest_repair(r);
		}
	}
}

/* ---- the host ---- */

struct runner {
	pthread_t thread;
	struct rvcpu vcpu;
	volatile bool stop;
	volatile int error;
	unsigned long exits;
};

static void *run(void *arg)
{
	struct runner *r = arg;

	while (!r->stop) {
		/* EFAULT: a store while the memory is read-only */
		int ret = rvcpu_run_raw(&r->vcpu);

		if (ret && ret != -EINTR && ret != -EFAULT) {
			r->error = ret;
			break;
		}
		r->exits += !ret;
		/* Restart after an exit that the VMM cannot complete. */
		if (!ret && r->vcpu.run->exit_reason != KVM_EXIT_MMIO)
			rvcpu_start_at(&r->vcpu, guest_fuzz, r->vcpu.id, 0);
	}
	return NULL;
}

/* Change the memory under the running guest. */
static void disturb(struct rvm *vm, char *mem, unsigned int *seed)
{
	unsigned int r = rand_r(seed);
	uint64_t bits[SIZE / RVM_PAGE / 64];
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = bits };

	switch (r % 8) {
	case 0:
		madvise(mem + r / 8 % (SIZE / RVM_PAGE) * RVM_PAGE, RVM_PAGE, MADV_DONTNEED);
		break;
	case 1:
		rvm_set_slot_raw(vm, 1, 0, SLOT, 0, mem);
		rvm_set_slot_raw(vm, 1, r & 64 ? KVM_MEM_READONLY : 0, SLOT, SIZE, mem);
		break;
	case 2:
		rvm_set_slot_raw(vm, 1, r & 64 ? KVM_MEM_LOG_DIRTY_PAGES : 0, SLOT, SIZE, mem);
		break;
	case 3:
		ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log);
		break;
	case 4:
		mprotect(mem, SIZE / 2, PROT_READ);
		mprotect(mem, SIZE / 2, PROT_READ | PROT_WRITE);
		break;
	}
}

static unsigned long sum(const volatile uint64_t *val)
{
	return val[0] + val[1];
}

static unsigned long causes[32];

static unsigned long fuzz(struct __test_metadata *_metadata, unsigned long seed, unsigned long want)
{
	unsigned long steps = 0, still = 0;
	static char code[RVM_SHARED_OFF];
	unsigned int noise = seed;
	struct runner r[HARTS] = { 0 };
	struct guest_shared *s;
	struct rvm vm;
	char *mem;

	rvm_create(&vm);
	memcpy(code, vm.mem, sizeof(code));
	mem = rvm_anon(SIZE);
	rvm_set_slot(&vm, 1, 0, SLOT, SIZE, mem);
	s = rvm_shared(&vm);
	for (int i = 0; i < HARTS; i++) {
		s->val[STATE(i)] = (seed * HARTS + i) * 0x9E3779B97F4A7C15UL | 1;
		l2_vcpu(&vm, i, &r[i].vcpu, guest_fuzz);
		r[i].vcpu.random = true;
		ASSERT_EQ(0, pthread_create(&r[i].thread, NULL, run, &r[i]));
	}
	/* Until enough steps; or until the guest has overwritten its code or its counts. */
	while (steps < want && still < 200 && !r[0].error && !r[1].error) {
		unsigned long more;

		usleep(5000);
		disturb(&vm, mem, &noise);
		pthread_kill(r[noise % HARTS].thread, SIGUSR1);
		more = sum(&s->val[STEPS(0)]) - steps;
		if (more > AT_ONCE)
			break;
		steps += more;
		still = more ? 0 : still + 1;
	}
	/* Only a guest that has overwritten its code may stand still. */
	EXPECT_FALSE(still >= 200 && !memcmp(vm.mem, code, sizeof(code))) {
		TH_LOG("seed %lu: the guest makes no steps", seed);
	}
	for (int i = 0; i < HARTS; i++) {
		r[i].stop = true;
		r[i].vcpu.run->immediate_exit = 1;
		pthread_kill(r[i].thread, SIGUSR1);
		pthread_join(r[i].thread, NULL);
		EXPECT_EQ(0, r[i].error) {
			TH_LOG("seed %lu: KVM_RUN of hart %d", seed, i);
		}
		rvcpu_destroy(&r[i].vcpu);
	}
	TH_LOG("seed %lu: %lu steps, %lu traps, %lu L2s entered, %lu exits%s", seed, steps,
	       sum(&s->val[TRAPS(0)]), sum(&s->val[ENTERED(0)]), r[0].exits + r[1].exits,
	       still >= 200 ? ", lost" : "");
	for (int i = 0; i < 32; i++)
		causes[i] += s->val[CAUSES + i];
	EXPECT_LT(0, sum(&s->val[ENTERED(0)]));
	rvm_destroy(&vm);
	munmap(mem, SIZE);
	return steps;
}

static bool seen_all_faults(void)
{
	return causes[CAUSE_FETCH_GUEST_FAULT] && causes[CAUSE_LOAD_GUEST_FAULT] &&
	       causes[CAUSE_STORE_GUEST_FAULT];
}

FIXTURE(fuzz) {
};

FIXTURE_SETUP(fuzz)
{
}

FIXTURE_TEARDOWN(fuzz)
{
}

TEST_F_TIMEOUT(fuzz, l1, 7200)
{
	unsigned long want = env_number("RVHV_STEPS", 30000), seed = env_number("RVHV_SEED", 1);
	unsigned long each = want / 6 < 100000 ? want / 6 : 100000, steps = 0;
	unsigned int guests = 0;

	SKIP_ON_KVM(NO_H);
	catch_signal(SIGUSR1);
	while ((steps < want || !seen_all_faults()) && guests++ < 20 + 10 * want / each)
		steps += fuzz(_metadata, seed++, each);
	EXPECT_LE(want, steps);
	for (int i = 0; i < 32; i++)
		if (causes[i])
			TH_LOG("cause %d: %lu", i, causes[i]);
	EXPECT_LT(0, causes[CAUSE_FETCH_GUEST_FAULT]);
	EXPECT_LT(0, causes[CAUSE_LOAD_GUEST_FAULT]);
	EXPECT_LT(0, causes[CAUSE_STORE_GUEST_FAULT]);
}

TEST_HARNESS_MAIN
