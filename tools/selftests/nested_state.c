// SPDX-License-Identifier: GPL-2.0-only
/*
 * Save and restore of L1s and L2s. Each of two harts has an L2 that counts, takes timer and
 * software interrupts and calls its L1; L1 and L2 check each other. They are stopped at random
 * moments, saved and restored in a VM of another process, RVHV_CYCLES times.
 */
#include "nested_guest.h"
#include "snapshot.h"

#define HARTS		2
#define STIMECMP_OFF	-1UL

/* Ticks of 100 ns */
#define L1_PERIOD	30000
#define L2_PERIOD	20000

#define DELTA		0x123456789000UL

/* ---- the L2 ---- */

/* Hart 0 has vstimecmp; hart 1's L1 injects timer interrupts. */
__guest_inline void l2_set_timer(struct hart *h)
{
	if (h->id == 0)
		csr_write(stimecmp, h->deadline);
	else
		l2_call(L2_SET_TIMER, h->deadline, 0, 0);
}

__guest void l2_trap_c(struct hart *h)
{
	unsigned long cause = csr_read(scause), now = guest_rdtime();

	if (cause == IRQ_S_TIMER) {
		L2_ASSERT_LE(h->deadline, now);
		h->l2_ticks++;
		h->deadline = now + L2_PERIOD;
		l2_set_timer(h);
	} else if (cause == IRQ_S_SOFT) {
		csr_clear(sip, IE_SSIE);
		h->softs++;
	} else {
		L2_FAIL_AT("unexpected trap: scause", cause);
	}
}

/* Count in integer and floating point registers and in memory. */
static __guest void l2_main(struct hart *h)
{
	unsigned long n = 0, mul = 0, now;
	double d, one;

	/* C constants would be in .rodata. */
	asm volatile("fmv.d.x %0, zero\n fcvt.d.l %1, %2" : "=&f"(d), "=&f"(one) : "r"(1));
	csr_write(stvec, (unsigned long)l2_trap_entry);
	h->deadline = guest_rdtime() + L2_PERIOD;
	l2_set_timer(h);
	csr_write(sie, IE_STIE | IE_SSIE);
	csr_set(sstatus, SR_SIE);
	for (;;) {
		n++;
		mul += 0x9E3779B97F4A7C15UL;
		d += one;
		for (int i = 0; i < 20; i++)
			asm volatile("" : "+r"(n), "+r"(mul), "+f"(d));
		L2_ASSERT_EQ(n, h->count + 1);
		L2_ASSERT_EQ(mul, n * 0x9E3779B97F4A7C15UL);
		L2_ASSERT_EQ((unsigned long)d, n);
		L2_ASSERT_EQ(csr_read(sscratch), h);
		h->count = n;
		now = guest_rdtime();
		L2_ASSERT_LE(h->last_time, now);
		h->last_time = now;
		if (n % 256)
			continue;
		h->seq++;
		now = guest_rdtime();
		L2_ASSERT_EQ(l2_call(L2_STEP, h->seq, now, 0), h->seq * 7);
		if (h->seq % 16 == 0)
			asm volatile("wfi");
	}
}

/* ---- the L1 ---- */

/* One of the CSRs that the L1 has written, another one each time */
__guest_inline void l1_check(struct hart *h)
{
	unsigned int which = h->exits % 8;

	if (which == 0)
		GUEST_ASSERT_EQ(csr_read(hgatp), h->hgatp);
	if (which == 1)
		GUEST_ASSERT_EQ(csr_read(htimedelta), DELTA);
	if (which == 2)
		GUEST_ASSERT_EQ(csr_read(hideleg), IE_VS_ALL);
	if (which == 3)
		GUEST_ASSERT_EQ(csr_read(vsatp), h->vsatp);
	if (which == 4)
		GUEST_ASSERT_EQ(csr_read(vsscratch), L2_VA((unsigned long)h));
	if (which == 5)
		GUEST_ASSERT_EQ(csr_read(henvcfg) & ENVCFG_STCE, h->id ? 0 : ENVCFG_STCE);
	if (which == 6)
		GUEST_ASSERT_EQ(csr_read(vstvec), L2_VA((unsigned long)l2_trap_entry));
	if (which == 7)
		GUEST_ASSERT_EQ(csr_read(hie), IE_VSSIE | IE_VSTIE);
}

__guest_inline void l1_arm(struct hart *h)
{
	h->armed = h->l2_due < h->next_tick ? h->l2_due : h->next_tick;
	csr_write(stimecmp, h->armed);
}

static __guest void l1_timer(struct hart *h)
{
	unsigned long now = guest_rdtime();

	GUEST_ASSERT_LE(h->armed, now);
	if (now >= h->l2_due) {
		csr_set(hvip, IE_VSTIE);
		h->l2_due = -1UL;
	}
	if (now >= h->next_tick) {
		h->ticks++;
		h->next_tick = now + L1_PERIOD;
		/* One software interrupt at a time */
		GUEST_ASSERT_LE(h->injected - h->softs, 1);
		if (h->injected == h->softs) {
			h->injected++;
			csr_set(hvip, IE_VSSIE);
		}
	}
	l1_arm(h);
}

static __guest void l1_call(struct hart *h)
{
	unsigned long nr = h->l2_regs[17], arg = h->l2_regs[10];

	h->l2_regs[0] += 4;
	if (nr == L2_STEP) {
		unsigned long now = guest_rdtime() + DELTA;

		h->steps++;
		GUEST_ASSERT_EQ(arg, h->steps);
		GUEST_ASSERT_LE(h->l2_regs[11], now);
		GUEST_ASSERT_LT(now - h->l2_regs[11], 100000000);
		h->l2_regs[10] = h->steps * 7;
	} else if (nr == L2_SET_TIMER) {
		csr_clear(hvip, IE_VSTIE);
		h->l2_due = arg - DELTA;
		l1_arm(h);
	} else {
		GUEST_FAIL_AT("unknown call of the L2", nr);
	}
}

static __guest void l1_main(unsigned long id, unsigned long a1)
{
	struct hart *h = l1_init(id, (void *)l2_main);

	csr_write(hideleg, IE_VS_ALL);
	csr_write(htimedelta, DELTA);
	csr_write(henvcfg, id ? 0 : ENVCFG_STCE);
	csr_write(vstimecmp, -1UL);
	h->l2_due = -1UL;
	h->next_tick = guest_rdtime() + L1_PERIOD;
	l1_arm(h);
	csr_write(sie, IE_STIE);
	for (;;) {
		unsigned long cause = l1_run_l2(h);

		GUEST_ASSERT_EQ(csr_read(hstatus) & HSTATUS_SPV, HSTATUS_SPV);
		h->exits++;
		if (cause == IRQ_S_TIMER)
			l1_timer(h);
		else if (cause == CAUSE_ECALL_VS)
			l1_call(h);
		else
			GUEST_FAIL_AT("unexpected trap of the L2: scause", cause);
		if (h->exits > 8)
			l1_check(h);
		/* The VMM shall stop L1 and L2 with like probability. */
		for (int i = 0; i < 1000; i++)
			asm volatile("");
	}
}

/* ---- a VM of one process ---- */

struct machine {
	struct rvm vm;
	struct rvcpu vcpu[HARTS];
	struct vcpu_thread thread[HARTS];
};

static bool host_nests(void)
{
	struct rvm vm;
	struct rvcpu vcpu;
	bool yes;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	yes = rvcpu_enable_h(&vcpu) &&
	      rvcpu_get(&vcpu, RVM_REG_ISA(KVM_RISCV_ISA_EXT_SSTC));
	rvcpu_destroy(&vcpu);
	rvm_destroy(&vm);
	return yes;
}

static void machine_create(struct machine *m)
{
	catch_signal(SIGUSR1);
	rvm_create(&m->vm);
	for (int i = 0; i < HARTS; i++)
		rvcpu_create(&m->vm, i, &m->vcpu[i]);
}

static void machine_start(struct machine *m, rvm_guest_fn fn)
{
	for (int i = 0; i < HARTS; i++) {
		rvcpu_enable_h(&m->vcpu[i]);
		rvcpu_start_at(&m->vcpu[i], fn, i, 0);
		rvcpu_set_mp_state(&m->vcpu[i], KVM_MP_STATE_RUNNABLE);
	}
}

static void machine_destroy(struct machine *m)
{
	for (int i = 0; i < HARTS; i++)
		rvcpu_destroy(&m->vcpu[i]);
	rvm_destroy(&m->vm);
}

static void machine_save(struct machine *m, struct snapshot *s)
{
	for (int i = 0; i < HARTS; i++)
		snap_save_vcpu(&m->vcpu[i], &s->vcpu[i]);
	memcpy(s->mem, m->vm.mem, RVM_SIZE);
}

/* 0, or a register whose value differs from the saved one */
static uint64_t machine_restore(struct machine *m, const struct snapshot *s, unsigned int order)
{
	static struct snap_vcpu now;
	uint64_t differs = 0;

	memcpy(m->vm.mem, s->mem, RVM_SIZE);
	for (int i = 0; i < HARTS; i++)
		snap_restore_vcpu(&m->vcpu[i], &s->vcpu[i], order);
	for (int i = 0; i < HARTS && !differs; i++) {
		snap_save_vcpu(&m->vcpu[i], &now);
		differs = snap_differ(&now, &s->vcpu[i]);
	}
	return differs;
}

/* Counters that must increase */
#define COUNTERS	7

static void counters_of(const void *mem, int hart, uint64_t val[COUNTERS])
{
	struct hart *h = rvm_hart((void *)mem, hart);

	val[0] = h->exits;
	val[1] = h->ticks;
	val[2] = h->steps;
	val[3] = h->count;
	val[4] = h->l2_ticks;
	val[5] = h->softs;
	val[6] = h->seq;
}

static bool all_went_up(const void *mem, uint64_t from[HARTS][COUNTERS])
{
	for (int i = 0; i < HARTS; i++) {
		uint64_t now[COUNTERS];

		counters_of(mem, i, now);
		for (int j = 0; j < COUNTERS; j++)
			if (now[j] <= from[i][j])
				return false;
	}
	return true;
}

/* Run until all counters have increased, then stop after a random time. 0, or 1 and @error. */
static int machine_run(struct machine *m, unsigned int *seed, char *error, size_t size)
{
	uint64_t from[HARTS][COUNTERS];
	bool going = false;
	int bad = 0;

	for (int i = 0; i < HARTS; i++)
		counters_of(m->vm.mem, i, from[i]);
	for (int i = 0; i < HARTS; i++) {
		m->vcpu[i].run->immediate_exit = 0;
		vcpu_thread_start(&m->thread[i], &m->vcpu[i]);
	}
	for (int i = 0; i < 30000 && !going; i++) {
		usleep(1000);
		going = all_went_up(m->vm.mem, from);
		for (int j = 0; j < HARTS; j++)
			if (m->thread[j].ret <= 0)
				i = 30000;
	}
	usleep(rand_r(seed) % 4000);
	for (int i = 0; i < HARTS; i++) {
		m->vcpu[i].run->immediate_exit = 1;
		pthread_kill(m->thread[i].thread, SIGUSR1);
	}
	for (int i = 0; i < HARTS; i++) {
		int ret = vcpu_thread_join(&m->thread[i]);

		if (ret == -EINTR)
			continue;
		snprintf(error, size, "KVM_RUN %d; %s", ret, rvcpu_describe(&m->vcpu[i]));
		bad = 1;
	}
	if (!bad && !going) {
		for (int i = 0, n = 0; i < HARTS; i++) {
			uint64_t now[COUNTERS];

			counters_of(m->vm.mem, i, now);
			for (int j = 0; j < COUNTERS; j++)
				n += snprintf(error + n, size - n, n ? " %lu" : "counters + %lu",
					      now[j] - from[i][j]);
		}
		bad = 1;
	}
	return bad;
}

/* ---- the tests ---- */

/* One cycle, in a child */
static void cycle(struct snapshot *s, unsigned long nr)
{
	unsigned int seed = nr * 7919 + 1;
	struct machine m;
	uint64_t differs;

	machine_create(&m);
	if (!nr) {
		machine_start(&m, l1_main);
	} else {
		differs = machine_restore(&m, s, nr % 4);
		if (differs) {
			snprintf(s->error, sizeof(s->error), "register %#lx differs", differs);
			_exit(1);
		}
	}
	if (machine_run(&m, &seed, s->error, sizeof(s->error)))
		_exit(1);
	machine_save(&m, s);
	_exit(0);
}

FIXTURE(nested) {};
FIXTURE_SETUP(nested) {}
FIXTURE_TEARDOWN(nested) {}

TEST_F_TIMEOUT(nested, another_process, 7200)
{
	unsigned long in_l2 = 0, in_l1 = 0, n = env_number("RVHV_CYCLES", 20);
	struct snapshot *s = snap_alloc();

	if (!host_nests())
		SKIP(return, "no H extension, or no Sstc");
	for (unsigned long i = 0; i < n; i++) {
		uint64_t from[HARTS][COUNTERS];
		int status;
		pid_t pid;

		for (int j = 0; j < HARTS; j++)
			counters_of(s->mem, j, from[j]);
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			cycle(s, i);
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_TRUE(WIFEXITED(status) && !WEXITSTATUS(status)) {
			TH_LOG("cycle %lu: %s", i, s->error);
		}
		ASSERT_TRUE(all_went_up(s->mem, from));
		for (int j = 0; j < HARTS; j++) {
			if (snap_reg(&s->vcpu[j], RVM_REG_VIRT))
				in_l2++;
			else
				in_l1++;
		}
	}
	TH_LOG("%lu cycles: stopped %lu times in an L2, %lu in an L1", n, in_l2, in_l1);
	EXPECT_LT(0, in_l2);
	EXPECT_LT(0, in_l1);
	munmap(s, sizeof(*s));
}

/* Restore the state into the VM that it was saved from. */
TEST_F_TIMEOUT(nested, same_vm, 600)
{
	struct snapshot *s = snap_alloc();
	unsigned int seed = 4711;
	struct machine m;

	if (!host_nests())
		SKIP(return, "no H extension, or no Sstc");
	machine_create(&m);
	machine_start(&m, l1_main);
	ASSERT_EQ(0, machine_run(&m, &seed, s->error, sizeof(s->error))) {
		TH_LOG("%s", s->error);
	}
	machine_save(&m, s);
	for (int i = 0; i < 10; i++) {
		/* Stale translations would lead here. */
		memset(m.vm.mem, 0xa5, RVM_SIZE);
		ASSERT_EQ(0, machine_restore(&m, s, i % 4));
		ASSERT_EQ(0, machine_run(&m, &seed, s->error, sizeof(s->error))) {
			TH_LOG("after %d: %s", i, s->error);
		}
	}
	machine_destroy(&m);
	munmap(s, sizeof(*s));
}

TEST_HARNESS_MAIN
