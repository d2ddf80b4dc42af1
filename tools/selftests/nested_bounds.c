// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an L1 can have the host keep for it, and for how long it can have the host busy: aliases of
 * one page without number, values of hgatp without number, fences of everything. RVHV_LEAVES,
 * RVHV_HGATPS and RVHV_FENCES make the tests longer.
 */
#include "lib/check.h"
#include "lib/l2.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define TABLES		(RVM_BASE + RVM_FREE_OFF)
#define TABLES_END	(TABLES + 0x80000)
#define SLOT		0x90000000UL		/* what the L2s' leaves lead to */
#define SLOT_SIZE	(2UL << 20)
#define ALIASES		0x1000000000UL		/* where the L2 has it: 64 GiB and up */

static unsigned long number_from(const char *name, unsigned long standard)
{
	const char *env = getenv(name);

	return env ? strtoul(env, NULL, 0) : standard;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* ---- what the kernel keeps for a process ---- */

#define CGROUP		"/sys/fs/cgroup/rvhv_nested"

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Into a control group of one's own; what was allocated before stays where it was. */
static bool cgroup_enter(void)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	write_file("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	mkdir(CGROUP, 0755);
	return write_file(CGROUP "/memory.max", "max") && write_file(CGROUP "/cgroup.procs", pid);
}

static void cgroup_leave(void)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	write_file("/sys/fs/cgroup/cgroup.procs", pid);
	rmdir(CGROUP);
}

static long number_in(const char *path, const char *key)
{
	char line[128];
	long val = -1;
	FILE *f = fopen(path, "r");

	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, strlen(key)))
			continue;
		val = atol(line + strlen(key));
		break;
	}
	if (f)
		fclose(f);
	return val;
}

static long cgroup_memory(void)
{
	return number_in(CGROUP "/memory.current", "");
}

static long kernel_memory(void)
{
	return number_in(CGROUP "/memory.stat", "kernel ");
}

/* ---- how long a CPU does not schedule ---- */

/* A thread that wakes up every millisecond before all others of its CPU; the worst lateness */
struct heartbeat {
	pthread_t thread;
	int cpu;
	volatile bool stop;
	double worst;
};

static void *beat(void *arg)
{
	struct sched_param param = { .sched_priority = 50 };
	struct heartbeat *h = arg;

	pin_to_cpu(h->cpu);
	pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
	while (!h->stop) {
		double before = now(), late;

		usleep(1000);
		late = now() - before - 0.001;
		if (late > h->worst)
			h->worst = late;
	}
	return NULL;
}

static void heartbeat_start(struct heartbeat *h, int cpu)
{
	*h = (struct heartbeat){ .cpu = cpu };
	if (pthread_create(&h->thread, NULL, beat, h))
		rvm_die("pthread_create");
	usleep(20000);
	h->worst = 0;
}

static double heartbeat_stop(struct heartbeat *h)
{
	h->stop = true;
	pthread_join(h->thread, NULL);
	return h->worst;
}

/*
 * The host may be an emulated one on a busy machine, or an instrumented one: how long it does not
 * schedule when nothing happens is measured first, and what takes longer is tried again.
 */
#define WORST		0.05
#define TRIES		3

/* ---- the L1 ---- */

FIXTURE(bounds) {
	struct rvm vm;
	struct rvcpu vcpu;
	struct l2_tables t;
	struct l2_job *job;
	char *mem;
};

FIXTURE_SETUP(bounds)
{
	if (rvm_is_kvm())
		return;
	pin_to_cpu(0);
	rvm_create(&self->vm);
	l2_vcpu(&self->vm, 0, &self->vcpu, l2_worker);
	GUEST_SAYS_SYNC(&self->vcpu);
	self->mem = rvm_anon(SLOT_SIZE);
	madvise(self->mem, SLOT_SIZE, MADV_NOHUGEPAGE);
	memset(self->mem, 1, SLOT_SIZE);
	rvm_set_slot(&self->vm, 1, 0, SLOT, SLOT_SIZE, self->mem);
	self->job = l2_job(&self->vm, 0);
	l2_tables_init(&self->t, &self->vm, SV39X4, TABLES, TABLES_END);
	l2_map_code(&self->t);
	self->job->hgatp = HGATP(SV39X4, 1, TABLES);
}

FIXTURE_TEARDOWN(bounds)
{
	if (self->vm.fd) {
		rvcpu_destroy(&self->vcpu);
		rvm_destroy(&self->vm);
	}
}

/* All of ALIASES, as much as a root entry has: one table of leaves, all of them of one page */
static void map_aliases(struct l2_tables *t, uint64_t gpa)
{
	uint64_t *leaf = (uint64_t *)((char *)t->vm->mem + (l2_new_table(t) - RVM_BASE));
	uint64_t *mid = (uint64_t *)((char *)t->vm->mem + (l2_new_table(t) - RVM_BASE));

	for (int i = 0; i < 512; i++) {
		leaf[i] = PTE_TO(gpa) | PTE_LEAF;
		mid[i] = PTE_TO(RVM_BASE + ((char *)leaf - (char *)t->vm->mem)) | PTE_V;
	}
	for (int i = 0; i < 16; i++)
		*l2_entry(t, ALIASES + ((uint64_t)i << 30), 2) =
			PTE_TO(RVM_BASE + ((char *)mid - (char *)t->vm->mem)) | PTE_V;
}

static void touch_aliases(struct __test_metadata *_metadata, struct rvcpu *vcpu, unsigned long n,
			  bool write)
{
	double start = now();

	ASSERT_EQ(CAUSE_ECALL_VS, L2_DO(vcpu, write ? l2_fill : l2_touch, ALIASES, RVM_PAGE, n, 7));
	TH_LOG("%lu leaves in %.1f s", n, now() - start);
}

struct aliased {
	const char *name;
	bool write;
	unsigned int flags;
	void (*change)(struct __test_metadata *_metadata, struct _test_data_bounds *self);
};

static void nothing(struct __test_metadata *_metadata, struct _test_data_bounds *self)
{
	usleep(200000);
}

static void discard(struct __test_metadata *_metadata, struct _test_data_bounds *self)
{
	EXPECT_EQ(0, madvise(self->mem, SLOT_SIZE, MADV_DONTNEED));
}

static void protect(struct __test_metadata *_metadata, struct _test_data_bounds *self)
{
	EXPECT_EQ(0, mprotect(self->mem, RVM_PAGE, PROT_READ));
	EXPECT_EQ(0, mprotect(self->mem, RVM_PAGE, PROT_READ | PROT_WRITE));
}

static void start_log(struct __test_metadata *_metadata, struct _test_data_bounds *self)
{
	rvm_set_slot(&self->vm, 1, KVM_MEM_LOG_DIRTY_PAGES, SLOT, SLOT_SIZE, self->mem);
}

static void get_log(struct __test_metadata *_metadata, struct _test_data_bounds *self)
{
	uint64_t bits[SLOT_SIZE / RVM_PAGE / 64];
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = bits };

	ASSERT_EQ(0, IOCTL(self->vm.fd, KVM_GET_DIRTY_LOG, &log));
	EXPECT_EQ(1, bits[0]);
}

static void delete_slot(struct __test_metadata *_metadata, struct _test_data_bounds *self)
{
	rvm_set_slot(&self->vm, 1, 0, SLOT, 0, self->mem);
}

static void fence(struct __test_metadata *_metadata, struct _test_data_bounds *self)
{
	self->job->fence = L2_FENCE_ALL;
	EXPECT_EQ(CAUSE_ECALL_VS, L2_DO(&self->vcpu, l2_load, ALIASES));
	self->job->fence = 0;
}

static const struct aliased aliased[] = {
	{ "nothing", false, 0, nothing },
	{ "madvise", true, 0, discard },
	{ "mprotect", true, 0, protect },
	{ "hfence.gvma", true, 0, fence },
	{ "start of the dirty log", true, 0, start_log },
	{ "KVM_GET_DIRTY_LOG", true, KVM_MEM_LOG_DIRTY_PAGES, get_log },
	{ "deletion of the slot", false, KVM_MEM_LOG_DIRTY_PAGES, delete_slot },
};

/* How long others had to wait, unless that was a small part of it all: the host may be slow. */
static double try_aliased(struct __test_metadata *_metadata, struct _test_data_bounds *self,
			  const struct aliased *a, unsigned long n)
{
	struct heartbeat h;
	double took;

	rvm_set_slot(&self->vm, 1, a->flags, SLOT, SLOT_SIZE, self->mem);
	touch_aliases(_metadata, &self->vcpu, n, a->write);
	heartbeat_start(&h, 0);
	took = now();
	a->change(_metadata, self);
	took = now() - took;
	heartbeat_stop(&h);
	TH_LOG("%s: %.3f s, nobody else for %.1f ms", a->name, took, h.worst * 1e3);
	return a->change != nothing && h.worst < took / 3 ? 0 : h.worst;
}

/*
 * A page of the L1's behind tens of thousands of its L2's, a slot's worth of them at least: what
 * the host does with that page ends soon, and lets others run meanwhile.
 */
TEST_F_TIMEOUT(bounds, aliases, 3600)
{
	unsigned long n = number_from("RVHV_LEAVES", 30000);
	double idle = 0;

	SKIP_ON_KVM("guests have no H");
	map_aliases(&self->t, SLOT);
	for (int i = 0; i < ARRAY_SIZE(aliased); i++) {
		double worst = 1e9;

		for (int tries = 0; tries < TRIES && worst >= WORST + 2 * idle; tries++)
			worst = try_aliased(_metadata, self, &aliased[i], n);
		if (!i)
			idle = worst;
		EXPECT_GT(WORST + 2 * idle, worst);
	}
}

/* ---- values of hgatp without number ---- */

/*
 * a1 values of hgatp, the L2's memory read under each: VMIDs in turn, a root that is good or one of
 * many that are not, or none. The time of the first and of the last tenth goes to val[].
 */
static __guest void guest_hgatps(unsigned long a0, unsigned long a1)
{
	struct guest_shared *s = guest_shared();
	unsigned long start = guest_rdtime();

	guest_trap_init(a0);
	for (unsigned long i = 0; i < a1; i++) {
		unsigned long root = TABLES >> 12, mode = 8;

		if (i % 4 == 1)
			root = (i * 4) & 0xffffffffffcUL;
		if (i % 4 == 2)
			root = (RVM_BASE + RVM_FREE_OFF + 0x80000 + (i * 4096 & 0x3c000)) >> 12;
		if (i % 4 == 3)
			mode = 0;
		asm volatile("csrw 0x680, %0" :: "r"(mode << 60 | (i & 0x3fff) << 44 | root));
		s->val[0] += hlv_d(RVM_BASE + RVM_SHARED_OFF + 16) == s->val[2];
		if (i == a1 / 10)
			s->val[3] = guest_rdtime() - start;
		if (i == a1 - a1 / 10 - 1)
			start = guest_rdtime();
	}
	s->val[4] = guest_rdtime() - start;
	guest_done(s->val[0]);
}

TEST_F_TIMEOUT(bounds, hgatps, 3600)
{
	struct guest_shared *s = rvm_shared(&self->vm);
	unsigned long n = number_from("RVHV_HGATPS", 15000);
	long before, after;
	double start;

	SKIP_ON_KVM("guests have no H");
	ASSERT_TRUE(cgroup_enter());
	s->val[2] = 0x123456789;
	rvcpu_start_at(&self->vcpu, guest_hgatps, 0, n);
	before = kernel_memory();
	start = now();
	EXPECT_LE(n / 2, GUEST_SAYS_DONE(&self->vcpu));
	after = kernel_memory();
	TH_LOG("%lu values in %.1f s, the last ones %.1f times as slow as the first; %ld KiB", n,
	       now() - start, (double)s->val[4] / s->val[3], (after - before) >> 10);
	/* Tables that nobody uses are few, and these hold next to nothing. */
	EXPECT_GT(4 << 20, after - before);
	EXPECT_GT(5, (double)s->val[4] / s->val[3]);
	cgroup_leave();
}

/* ---- fences ---- */

__guest_inline unsigned long guest_random(unsigned long *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x * 0x2545F4914F6CDD1DUL;
}

static __guest unsigned long guest_operand(unsigned long r)
{
	switch (r & 7) {
	case 0:
		return 0;
	case 1:
		return -1UL;
	case 2:
		return 1UL << (r >> 8 & 63);
	case 3:
		return (ALIASES + (r >> 8 & 0x3ffffff)) >> 2;
	case 4:
		return r >> 8 & 0x3fff;
	default:
		return r;
	}
}

#define FENCE(f7) \
	asm volatile(H_INSN("0", f7, "x0", "%0", "%1") H_INSN("0", f7, "x0", "x0", "%1") \
		     H_INSN("0", f7, "x0", "%0", "x0") \
		     :: "r"(addr), "r"(id) : "memory")

static __guest void guest_fences(unsigned long a0, unsigned long a1)
{
	unsigned long x = 88172645463325252UL;

	guest_trap_init(a0);
	for (unsigned long i = 0; i < a1; i++) {
		unsigned long addr = guest_operand(guest_random(&x));
		unsigned long id = guest_operand(guest_random(&x));

		switch (x & 3) {
		case 0:
			FENCE("0x11");
			break;
		case 1:
			FENCE("0x31");
			break;
		case 2:
			FENCE("0x13");
			break;
		default:
			FENCE("0x33");
			break;
		}
	}
	guest_done(0);
}

/* One hart fences whatever there is, or is not, as fast as it can, while another's L2 runs. */
TEST_F_TIMEOUT(bounds, fences, 3600)
{
	unsigned long n = number_from("RVHV_FENCES", 5000), rounds = 0;
	struct vcpu_thread thread;
	struct heartbeat h;
	struct rvcpu other;
	double start;

	SKIP_ON_KVM("guests have no H");
	map_aliases(&self->t, SLOT);
	l2_vcpu(&self->vm, 1, &other, guest_fences);
	rvcpu_set(&other, RVM_REG_CORE(regs.a1), n);
	heartbeat_start(&h, 0);
	start = now();
	vcpu_thread_start(&thread, &other);
	while (thread.ret > 0) {
		ASSERT_EQ(CAUSE_ECALL_VS, L2_DO(&self->vcpu, l2_touch, ALIASES, RVM_PAGE, 100));
		rounds++;
	}
	EXPECT_EQ(0, vcpu_thread_join(&thread));
	EXPECT_TRUE(is_guest_call(&other, GUEST_DONE));
	TH_LOG("%lu fences in %.1f s, %lu rounds of the L2, nobody else for %.1f ms", 3 * n,
	       now() - start, rounds, heartbeat_stop(&h) * 1e3);
	EXPECT_LT(0, rounds);
	EXPECT_GT(1.0, h.worst);
	rvcpu_destroy(&other);
}

/* ---- memory ---- */

/* What no vCPU uses goes when the host wants it. */
TEST_F_TIMEOUT(bounds, shrinker, 120)
{
	long before, full, after;

	SKIP_ON_KVM("guests have no H");
	ASSERT_TRUE(cgroup_enter());
	map_aliases(&self->t, SLOT);
	L2_DO(&self->vcpu, l2_load, ALIASES);
	before = kernel_memory();
	for (int vmid = 100; vmid < 110; vmid++) {
		self->job->hgatp = HGATP(SV39X4, vmid, TABLES);
		ASSERT_EQ(CAUSE_ECALL_VS, L2_DO(&self->vcpu, l2_touch, ALIASES, RVM_PAGE, 2000));
	}
	full = kernel_memory();
	ASSERT_TRUE(write_file("/proc/sys/vm/drop_caches", "2"));
	after = kernel_memory();
	TH_LOG("%ld KiB of tables, %ld KiB left", (full - before) >> 10, (after - before) >> 10);
	EXPECT_LT(1 << 20, full - before);
	EXPECT_GT((full - before) / 2, after - before);
	/* The one in use stayed, the others come back. */
	for (int vmid = 109; vmid >= 100; vmid--) {
		self->job->hgatp = HGATP(SV39X4, vmid, TABLES);
		EXPECT_EQ(CAUSE_ECALL_VS, L2_DO(&self->vcpu, l2_touch, ALIASES, RVM_PAGE, 10));
	}
	cgroup_leave();
}

/* A cgroup that has not room for all that the L1 asks for: the tables do with less, and go on. */
TEST_F_TIMEOUT(bounds, little_memory, 600)
{
	unsigned long n = 60000;
	int status;
	pid_t pid;

	SKIP_ON_KVM("guests have no H");
	pid = fork();
	if (!pid) {
		struct rvcpu vcpu;
		struct l2_tables t;
		char limit[32];
		struct rvm vm;

		if (!cgroup_enter())
			_exit(2);
		rvm_create(&vm);
		l2_vcpu(&vm, 0, &vcpu, l2_worker);
		rvcpu_run(&vcpu);
		l2_tables_init(&t, &vm, SV39X4, TABLES, TABLES_END);
		l2_map_code(&t);
		map_aliases(&t, RVM_BASE + RVM_SIZE - RVM_PAGE);
		*l2_job(&vm, 0) = (struct l2_job){
			.hgatp = HGATP(SV39X4, 1, TABLES), .a0 = ALIASES, .a1 = RVM_PAGE, .a2 = 100,
			.pc = rvm_guest_addr((const void *)l2_touch),
		};
		rvcpu_run(&vcpu);
		snprintf(limit, sizeof(limit), "%ld", cgroup_memory() + (3L << 20));
		if (!write_file(CGROUP "/memory.max", limit))
			_exit(3);
		l2_job(&vm, 0)->a2 = n;
		if (rvcpu_run(&vcpu) || !is_guest_call(&vcpu, GUEST_SYNC))
			_exit(4);
		_exit(l2_job(&vm, 0)->cause != CAUSE_ECALL_VS);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	cgroup_leave();
}

TEST_HARNESS_MAIN
