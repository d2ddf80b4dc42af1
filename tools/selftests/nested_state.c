// SPDX-License-Identifier: GPL-2.0-only
/*
 * Save and restore of an L1 and its L2. Two harts, each with an L2 that counts, takes timer and
 * software interrupts and calls its L1; what either does the other checks. They are stopped at
 * random moments, saved, and go on in a VM of another process. RVHV_CYCLES says how often.
 */
#include "lib/snapshot.h"
#include "lib/nested_guest.h"

#define HARTS		2
#define STIMECMP_OFF	-1UL

/* In units of 100 ns: QEMU's clock */
#define L1_PERIOD	30000
#define L2_PERIOD	20000

#define DELTA		0x123456789000UL

/* ---- the L2 ---- */

/* Hart 0 has a comparator of its own, hart 1's L1 makes its timer interrupts. */
__guest_inline void l2_set_timer(struct hart *h)
{
	if (h->id == 0)
		wr(STIMECMP, h->deadline);
	else
		l2_call(L2_SET_TIMER, h->deadline, 0);
}

__guest void l2_trap_c(struct hart *h)
{
	unsigned long cause = csr_read(scause), now = guest_rdtime();

	if (cause == IRQ_TIMER) {
		/* None comes before it is due, and none twice */
		L2_ASSERT(now >= h->deadline, now - h->deadline);
		h->l2_ticks++;
		h->deadline = now + L2_PERIOD;
		l2_set_timer(h);
	} else if (cause == (CAUSE_IRQ | 1)) {
		csr_clear(sip, IE_SSIE);
		h->softs++;
	} else {
		l2_fail(__LINE__, cause);
	}
}

/* What it counts it has in registers of both kinds and in memory. */
static __guest void l2_main(struct hart *h)
{
	unsigned long n = 0, mul = 0, now;
	double d, one;

	/* Constants would lie in the program's data */
	asm volatile("fmv.d.x %0, zero\n fcvt.d.l %1, %2" : "=&f"(d), "=&f"(one) : "r"(1));
	wr(stvec, (unsigned long)l2_trap_entry);
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
		L2_ASSERT(n == h->count + 1, n);
		L2_ASSERT(n * 0x9E3779B97F4A7C15UL == mul, mul);
		L2_ASSERT((unsigned long)d == n, d);
		L2_ASSERT(csr_read(sscratch) == (unsigned long)h, csr_read(sscratch));
		h->count = n;
		now = guest_rdtime();
		L2_ASSERT(now >= h->last_time, h->last_time - now);
		h->last_time = now;
		if (n % 256)
			continue;
		h->seq++;
		now = guest_rdtime();
		L2_ASSERT(l2_call(L2_STEP, h->seq, now) == h->seq * 7, h->seq);
		/* Until an interrupt of its own, or of the L1's */
		if (h->seq % 16 == 0)
			asm volatile("wfi");
	}
}

/* ---- the L1 ---- */

/* The CSRs that it has written keep their values; one is looked at each time. */
__guest_inline void l1_check(struct hart *h)
{
	unsigned long val = 0, want = 0;
	unsigned int which = h->exits % 8;

	if (which == 0)
		val = rd(HGATP), want = h->hgatp;
	if (which == 1)
		val = rd(HTIMEDELTA), want = DELTA;
	if (which == 2)
		val = rd(HIDELEG), want = 0x444;
	if (which == 3)
		val = rd(VSATP), want = h->vsatp;
	if (which == 4)
		val = rd(VSSCRATCH), want = L2_VA((unsigned long)h);
	if (which == 5)
		val = rd(HENVCFG) & HENVCFG_STCE, want = h->id ? 0 : HENVCFG_STCE;
	if (which == 6)
		val = rd(VSTVEC), want = L2_VA((unsigned long)l2_trap_entry);
	if (which == 7)
		val = rd(HIE), want = 0x44;
	GUEST_ASSERT(val == want);
}

__guest_inline void l1_arm(struct hart *h)
{
	h->armed = h->l2_due < h->next_tick ? h->l2_due : h->next_tick;
	wr(STIMECMP, h->armed);
}

static __guest void l1_timer(struct hart *h)
{
	unsigned long now = guest_rdtime();

	GUEST_ASSERT(now >= h->armed);
	if (now >= h->l2_due) {
		csr_set(0x645, VSTIP);
		h->l2_due = -1UL;
	}
	if (now >= h->next_tick) {
		h->ticks++;
		h->next_tick = now + L1_PERIOD;
		/* One software interrupt at a time: none is lost, none comes twice */
		GUEST_ASSERT(h->injected - h->softs <= 1);
		if (h->injected == h->softs) {
			h->injected++;
			csr_set(0x645, VSSIP);
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
		GUEST_ASSERT(h->l2_regs[11] <= now);
		GUEST_ASSERT(now - h->l2_regs[11] < 100000000);
		h->l2_regs[10] = h->steps * 7;
	} else if (nr == L2_SET_TIMER) {
		csr_clear(0x645, VSTIP);
		h->l2_due = arg - DELTA;
		l1_arm(h);
	} else {
		guest_fail(arg, h->l2_regs[11]);
	}
}

static __guest void l1_main(unsigned long id, unsigned long a1)
{
	struct hart *h = l1_init(id, (void *)l2_main);

	wr(HIDELEG, 0x444);
	wr(HTIMEDELTA, DELTA);
	wr(HENVCFG, id ? 0 : HENVCFG_STCE);
	wr(VSTIMECMP, -1UL);
	h->l2_due = -1UL;
	h->next_tick = guest_rdtime() + L1_PERIOD;
	l1_arm(h);
	csr_write(sie, IE_STIE);
	for (;;) {
		unsigned long cause = l1_run_l2(h);

		GUEST_ASSERT(rd(HSTATUS) & HSTATUS_SPV);
		h->exits++;
		if (cause == IRQ_TIMER)
			l1_timer(h);
		else if (cause == CAUSE_VS_ECALL)
			l1_call(h);
		else
			guest_fail(__LINE__, cause);
		if (h->exits > 8)
			l1_check(h);
		/* As long as the L2 is at work, so that stops meet both */
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
	yes = rvcpu_give_h(&vcpu) &&
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
		struct kvm_mp_state mp = { .mp_state = KVM_MP_STATE_RUNNABLE };

		rvcpu_give_h(&m->vcpu[i]);
		rvcpu_start_at(&m->vcpu[i], fn, i, 0);
		if (ioctl(m->vcpu[i].fd, KVM_SET_MP_STATE, &mp))
			rvm_die("KVM_SET_MP_STATE");
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

/* 0, or the register that does not read as it was saved */
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

/* What only goes up, and has to */
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

/* Has each of them gone up since @from? */
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

/* Run until everything has gone on, then stop some time later: 0, or what went wrong in @error. */
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
		struct kvm_run *run = m->vcpu[i].run;
		int ret = vcpu_thread_join(&m->thread[i]);

		if (ret == -EINTR)
			continue;
		snprintf(error, size, "hart %d: KVM_RUN %d, exit %u, args %#lx %#lx, pc %#lx", i,
			 ret, run->exit_reason, run->riscv_sbi.args[0], run->riscv_sbi.args[1],
			 rvcpu_get(&m->vcpu[i], RVM_REG_CORE(regs.pc)));
		bad = 1;
	}
	if (!bad && !going) {
		for (int i = 0, n = 0; i < HARTS; i++) {
			uint64_t now[COUNTERS];

			counters_of(m->vm.mem, i, now);
			for (int j = 0; j < COUNTERS; j++)
				n += snprintf(error + n, size - n, "%lu ", now[j] - from[i][j]);
		}
		bad = 1;
	}
	return bad;
}

/* ---- the tests ---- */

static unsigned long cycles(void)
{
	const char *env = getenv("RVHV_CYCLES");

	return env ? strtoul(env, NULL, 0) : 20;
}

/* One cycle, in a process of its own */
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
	unsigned long in_l2 = 0, in_l1 = 0, n = cycles();
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

/* The same VM goes back to what it was: nothing that the hart or the host has kept shows. */
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
		/* What would be found in tables, if something had kept their place */
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
