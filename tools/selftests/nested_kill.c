// SPDX-License-Identifier: GPL-2.0-only
/*
 * L1s and L2s that never exit to the VMM: a signal ends KVM_RUN, and SIGKILL the VMM, within a
 * second.
 */
#include "lib/check.h"
#include "lib/l2.h"

#define TABLES		(RVM_BASE + RVM_FREE_OFF)
#define TABLES_END	(TABLES + 0x80000)
#define UNMAPPED	0x40000000UL
#define ALIASES		0x50000000UL

/* ---- L2s ---- */

#define SPOKEN		0	/* in val[]: the L2 has run */

static __guest void l2_loop(unsigned long a0, unsigned long a1)
{
	csr_write(sie, 0);
	csr_clear(sstatus, SR_SIE);
	guest_shared()->val[SPOKEN] = 1;
	for (;;)
		asm volatile("" ::: "memory");
}

static __guest void l2_wfi(unsigned long a0, unsigned long a1)
{
	csr_write(sie, 0);
	guest_shared()->val[SPOKEN] = 1;
	for (;;)
		asm volatile("wfi" ::: "memory");
}

/* The trap vector is the instruction that traps. */
#define LOST(insn) \
	do { \
		guest_shared()->val[SPOKEN] = 1; \
		asm volatile("lla t0, 1f\n csrw stvec, t0\n .balign 4\n1: " insn \
			     ::: "t0", "memory"); \
	} while (0)

static __guest void l2_illegal(unsigned long a0, unsigned long a1)
{
	LOST(ASM_ILLEGAL);
}

static __guest void l2_ebreak(unsigned long a0, unsigned long a1)
{
	LOST("ebreak");
}

/* ---- L1s ---- */

static __guest void l1_again(unsigned long hart, unsigned long l2_pc)
{
	struct l2_job *job = guest_job(hart);
	struct l2 l2;

	guest_trap_init(hart);
	csr_write(sie, 0);
	csr_write(hgatp, job->hgatp);
	for (;;) {
		l2.pc = l2_pc;
		l2.gpr[2] = RVM_BASE + RVM_STACK_OFF + (RVM_MAX_VCPUS - hart) * RVM_STACK_SIZE;
		l2.gpr[10] = UNMAPPED;
		job->ret++;
		l2_run(&l2);
	}
}

static __guest void l1_delegates(unsigned long hart, unsigned long l2_pc)
{
	csr_write(hedeleg, HEDELEG_ALL);
	l1_again(hart, l2_pc);
}

static __guest void l1_hlv(unsigned long hart, unsigned long a1)
{
	struct l2_job *job = guest_job(hart);

	guest_trap_init(hart);
	csr_write(sie, 0);
	csr_write(hgatp, job->hgatp);
	for (;;) {
		job->ret++;
		hlv_d(UNMAPPED);
	}
}

static __guest void l1_hlv_trap(unsigned long hart, unsigned long a1)
{
	struct l2_job *job = guest_job(hart);

	csr_write(sie, 0);
	csr_write(hgatp, job->hgatp);
	job->ret++;
	asm volatile("	lla t0, 1f\n	csrw stvec, t0\n	mv a0, %0\n	.balign 4\n"
		     ASM_H("1: hlv.d a0, (a0)")
		     :: "r"(UNMAPPED) : "t0", "a0", "memory");
}

static __guest void l1_hfences(unsigned long hart, unsigned long a1)
{
	guest_trap_init(hart);
	csr_write(sie, 0);
	for (;;) {
		guest_job(hart)->ret++;
		hfence_gvma_all();
	}
}

static __guest void l1_hgatps(unsigned long hart, unsigned long a1)
{
	guest_trap_init(hart);
	csr_write(sie, 0);
	for (unsigned long i = 0;; i++) {
		csr_write(hgatp, ATP(ATP_SV39, i & 0x3fff, TABLES));
		guest_job(hart)->ret++;
		hlv_d(RVM_BASE);
	}
}

/* Store to all pages of 512 MiB, which map to one page of the L1, endlessly. */
static __guest void l2_aliases(unsigned long a0, unsigned long a1)
{
	guest_shared()->val[SPOKEN] = 1;
	for (unsigned long i = 0;; i += RVM_PAGE)
		*(volatile unsigned long *)(ALIASES + (i & 0x1fffffff)) = i;
}

static const struct endless {
	const char *name;
	void (*l1)(unsigned long hart, unsigned long l2_pc);
	void (*l2)(unsigned long a0, unsigned long a1);
	bool speaks;		/* the L2 says that it has run */
	bool again;		/* the L1 repeats its step */
} endless[] = {
	{ "L2 loops", l1_again, l2_loop, true, false },
	{ "L2 waits in WFI", l1_again, l2_wfi, true, false },
	{ "L2 faults", l1_again, (rvm_guest_fn)l2_load, false, true },
	{ "L2 fetches without memory", l1_again, (rvm_guest_fn)l2_fetch, false, true },
	{ "L2 traps", l1_again, l2_illegal, true, true },
	{ "L2 loops in traps that the host injects", l1_delegates, l2_illegal, true, false },
	{ "L2 loops in traps", l1_delegates, l2_ebreak, true, false },
	{ "L2 fills the shadow tables", l1_again, l2_aliases, true, false },
	{ "L1 executes HLV", l1_hlv, NULL, false, true },
	{ "L1 executes HLV in its trap vector", l1_hlv_trap, NULL, false, false },
	{ "L1 fences", l1_hfences, NULL, false, true },
	{ "L1 changes hgatp", l1_hgatps, NULL, false, true },
};

struct endless_vm {
	struct rvm vm;
	struct rvcpu vcpu[2];
	struct vcpu_thread thread[2];
	int nr;
};

static void start(struct endless_vm *e, const struct endless *what, int nr)
{
	struct l2_tables t;
	uint64_t leaf;

	rvm_create(&e->vm);
	l2_tables_init(&t, &e->vm, ATP_SV39, TABLES, TABLES_END);
	l2_map_code(&t);
	leaf = l2_new_table(&t);
	for (int i = 0; i < 512; i++)
		l2_at(&t, leaf)[i] = PTE_TO(RVM_BASE + RVM_SIZE - RVM_PAGE) | PTE_LEAF;
	for (uint64_t gpa = ALIASES; gpa < ALIASES + (1UL << 29); gpa += 2UL << 20)
		l2_map(&t, gpa, leaf, 1, PTE_V);
	e->nr = nr;
	for (int i = 0; i < nr; i++) {
		l2_vcpu(&e->vm, i, &e->vcpu[i], what->l1);
		rvcpu_set(&e->vcpu[i], RVM_REG_CORE(regs.a1),
			  what->l2 ? rvm_guest_addr((const void *)what->l2) : 0);
		l2_job(&e->vm, i)->hgatp = ATP(ATP_SV39, 1 + i, TABLES);
		vcpu_thread_start(&e->thread[i], &e->vcpu[i]);
	}
}

/* ---- tests ---- */

/*
 * How long a kill of the VMM takes. With @what NULL the process only loops, for comparison on a
 * slow host.
 */
static double kill_after(struct __test_metadata *_metadata, const struct endless *what, int nr,
			 unsigned int ms)
{
	int status;
	double at;
	pid_t pid = fork();

	if (!pid) {
		struct endless_vm e;

		if (what)
			start(&e, what, nr);
		for (;;)
			if (what)
				pause();
	}
	usleep(ms * 1000);
	at = seconds_now();
	kill(pid, SIGKILL);
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status)) {
		TH_LOG("ended by itself: %#x", status);
	}
	return seconds_now() - at;
}

FIXTURE(endless) {
	double idle;
};

FIXTURE_VARIANT(endless) {
	int nr;
};

FIXTURE_VARIANT_ADD(endless, one) {
	.nr = 1,
};

FIXTURE_VARIANT_ADD(endless, two) {
	.nr = 2,
};

FIXTURE_SETUP(endless)
{
	self->idle = kill_after(_metadata, NULL, 0, 50);
}

FIXTURE_TEARDOWN(endless)
{
}

TEST_F_TIMEOUT(endless, sigkill, 120)
{
	SKIP_ON_KVM(NO_H);
	for (int i = 0; i < ARRAY_SIZE(endless); i++) {
		double took = 1e9;

		for (int tries = 0; tries < 3 && took >= 1 + 4 * self->idle; tries++)
			took = kill_after(_metadata, &endless[i], variant->nr, 300);
		EXPECT_GT(1 + 4 * self->idle, took);
		TH_LOG("%s: killed in %.0f ms", endless[i].name, took * 1e3);
	}
}

/* On every hart the L2 has run, or the L1 has repeated its step. */
static bool at_work(struct endless_vm *e, const struct endless *what)
{
	for (int i = 0; i < e->nr; i++)
		if (l2_job(&e->vm, i)->ret < 1UL + what->again)
			return false;
	return rvm_shared(&e->vm)->val[SPOKEN] == what->speaks;
}

TEST_F_TIMEOUT(endless, signal, 300)
{
	SKIP_ON_KVM(NO_H);
	catch_signal(SIGUSR1);
	for (int i = 0; i < ARRAY_SIZE(endless); i++) {
		struct endless_vm e;
		double took;

		start(&e, &endless[i], variant->nr);
		usleep(100000);
		for (int tries = 0; tries < 100 && !at_work(&e, &endless[i]); tries++)
			usleep(100000);
		EXPECT_TRUE(at_work(&e, &endless[i])) {
			TH_LOG("%s", endless[i].name);
		}
		took = seconds_now();
		for (int j = 0; j < variant->nr; j++) {
			EXPECT_EQ(1, e.thread[j].ret);
			e.vcpu[j].run->immediate_exit = 1;
			pthread_kill(e.thread[j].thread, SIGUSR1);
		}
		for (int j = 0; j < variant->nr; j++)
			EXPECT_EQ(-EINTR, vcpu_thread_join(&e.thread[j]));
		took = seconds_now() - took;
		EXPECT_GT(1 + 4 * self->idle, took) {
			TH_LOG("%s", endless[i].name);
		}
		for (int j = 0; j < variant->nr; j++)
			rvcpu_destroy(&e.vcpu[j]);
		rvm_destroy(&e.vm);
	}
}

TEST_HARNESS_MAIN
