// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounds on the host's memory and time that an L1 can use up: by many aliases of a page, by many
 * values of hgatp, by fences. RVHV_LEAVES, RVHV_HGATPS and RVHV_FENCES scale the tests.
 */
#include "lib/check.h"
#include "lib/l2.h"

#include <fcntl.h>
#include <sys/stat.h>

#define TABLES		(RVM_BASE + RVM_FREE_OFF)
#define TABLES_END	(TABLES + 0x80000)
#define SLOT		0x90000000UL		/* the target of the L2s' leaves */
#define SLOT_SIZE	(2UL << 20)
#define ALIASES		0x1000000000UL		/* the slot's addresses in the L2 */

/* ---- kernel memory of a process ---- */

#define CGROUP		"/sys/fs/cgroup/rvhv_nested"

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Enter a new control group. What was allocated before stays charged to the old one. */
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

/* ---- scheduling latency ---- */

/* A real-time thread that wakes up every millisecond and notes its worst latency */
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
		double before = seconds_now(), late;

		usleep(1000);
		late = seconds_now() - before - 0.001;
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
 * The host may be emulated on a busy machine: the latency when idle is measured first and added,
 * and a test that exceeds the bound is repeated.
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
	l2_tables_init(&self->t, &self->vm, ATP_SV39, TABLES, TABLES_END);
	l2_map_code(&self->t);
	self->job->hgatp = ATP(ATP_SV39, 1, TABLES);
}

FIXTURE_TEARDOWN(bounds)
{
	if (self->vm.fd) {
		rvcpu_destroy(&self->vcpu);
		rvm_destroy(&self->vm);
	}
}

/* Map 16 GiB at ALIASES to one page, by one table of leaves. */
static void map_aliases(struct l2_tables *t, uint64_t gpa)
{
	uint64_t leaves = l2_new_table(t), middle = l2_new_table(t);

	for (int i = 0; i < 512; i++) {
		l2_at(t, leaves)[i] = PTE_TO(gpa) | PTE_LEAF;
		l2_at(t, middle)[i] = PTE_TO(leaves) | PTE_V;
	}
	for (int i = 0; i < 16; i++)
		*l2_entry(t, ALIASES + ((uint64_t)i << 30), 2) = PTE_TO(middle) | PTE_V;
}

static void touch_aliases(struct __test_metadata *_metadata, struct rvcpu *vcpu, unsigned long n,
			  bool write)
{
	double start = seconds_now();

	ASSERT_EQ(CAUSE_ECALL_VS, L2_DO(vcpu, write ? l2_fill : l2_touch, ALIASES, RVM_PAGE, n, 7));
	TH_LOG("%lu leaves in %.1f s", n, seconds_now() - start);
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

/* The latency; 0 if it was a small part of the whole time, as on a slow host. */
static double try_aliased(struct __test_metadata *_metadata, struct _test_data_bounds *self,
			  const struct aliased *a, unsigned long n)
{
	struct heartbeat h;
	double took;

	rvm_set_slot(&self->vm, 1, a->flags, SLOT, SLOT_SIZE, self->mem);
	touch_aliases(_metadata, &self->vcpu, n, a->write);
	heartbeat_start(&h, 0);
	took = seconds_now();
	a->change(_metadata, self);
	took = seconds_now() - took;
	heartbeat_stop(&h);
	TH_LOG("%s: %.3f s, others waited %.1f ms", a->name, took, h.worst * 1e3);
	return a->change != nothing && h.worst < took / 3 ? 0 : h.worst;
}

/* One page of the L1 is mapped by tens of thousands of leaves: changing it takes bounded time. */
TEST_F_TIMEOUT(bounds, aliases, 3600)
{
	unsigned long n = env_number("RVHV_LEAVES", 30000);
	double idle = 0;

	SKIP_ON_KVM(NO_H);
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

/* ---- many values of hgatp ---- */

/*
 * Load from the L2's memory under @a1 values of hgatp: all VMIDs; a valid root, invalid ones, or
 * Bare mode. val[3] and val[4] get the time of the first and the last tenth.
 */
static __guest void guest_hgatps(unsigned long a0, unsigned long a1)
{
	struct guest_shared *s = guest_shared();
	unsigned long start = guest_rdtime();

	guest_trap_init(a0);
	for (unsigned long i = 0; i < a1; i++) {
		unsigned long root = TABLES >> 12, mode = ATP_SV39;

		if (i % 4 == 1)
			root = (i * 4) & 0xffffffffffcUL;
		if (i % 4 == 2)
			root = (RVM_BASE + RVM_FREE_OFF + 0x80000 + (i * 4096 & 0x3c000)) >> 12;
		if (i % 4 == 3)
			mode = ATP_BARE;
		csr_write(hgatp, ATP(mode, i & 0x3fff, root << 12));
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
	unsigned long n = env_number("RVHV_HGATPS", 15000);
	long before, after;
	double start;

	SKIP_ON_KVM(NO_H);
	ASSERT_TRUE(cgroup_enter());
	s->val[2] = 0x123456789;
	rvcpu_start_at(&self->vcpu, guest_hgatps, 0, n);
	before = kernel_memory();
	start = seconds_now();
	EXPECT_LE(n / 2, GUEST_SAYS_DONE(&self->vcpu));
	after = kernel_memory();
	TH_LOG("%lu values in %.1f s, the last ones %.1f times as slow as the first; %ld KiB", n,
	       seconds_now() - start, (double)s->val[4] / s->val[3], (after - before) >> 10);
	/* Unused tables are limited in number. */
	EXPECT_GT(4 << 20, after - before);
	EXPECT_GT(5, (double)s->val[4] / s->val[3]);
	cgroup_leave();
}

/* ---- fences ---- */

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

#define FENCE(insn) \
	asm volatile(ASM_EXT("+h, +svinval", insn " %0, %1\n" insn " zero, %1\n" insn " %0, zero") \
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
			FENCE("hfence.vvma");
			break;
		case 1:
			FENCE("hfence.gvma");
			break;
		case 2:
			FENCE("hinval.vvma");
			break;
		default:
			FENCE("hinval.gvma");
			break;
		}
	}
	guest_done(0);
}

/* One hart fences without pause while the L2 of another hart runs. */
TEST_F_TIMEOUT(bounds, fences, 3600)
{
	unsigned long n = env_number("RVHV_FENCES", 5000), rounds = 0;
	struct vcpu_thread thread;
	struct heartbeat h;
	struct rvcpu other;
	double start;

	SKIP_ON_KVM(NO_H);
	map_aliases(&self->t, SLOT);
	l2_vcpu(&self->vm, 1, &other, guest_fences);
	rvcpu_set(&other, RVM_REG_CORE(regs.a1), n);
	heartbeat_start(&h, 0);
	start = seconds_now();
	vcpu_thread_start(&thread, &other);
	while (thread.ret > 0) {
		ASSERT_EQ(CAUSE_ECALL_VS, L2_DO(&self->vcpu, l2_touch, ALIASES, RVM_PAGE, 100));
		rounds++;
	}
	THREAD_SAYS_DONE(&thread);
	TH_LOG("%lu fences in %.1f s, %lu rounds of the L2, others waited %.1f ms", 3 * n,
	       seconds_now() - start, rounds, heartbeat_stop(&h) * 1e3);
	EXPECT_LT(0, rounds);
	EXPECT_GT(1.0, h.worst);
	rvcpu_destroy(&other);
}

/* ---- memory ---- */

/* The host can reclaim tables that no vCPU uses. */
TEST_F_TIMEOUT(bounds, shrinker, 120)
{
	long before, full, after;

	SKIP_ON_KVM(NO_H);
	ASSERT_TRUE(cgroup_enter());
	map_aliases(&self->t, SLOT);
	L2_DO(&self->vcpu, l2_load, ALIASES);
	before = kernel_memory();
	for (int vmid = 100; vmid < 110; vmid++) {
		self->job->hgatp = ATP(ATP_SV39, vmid, TABLES);
		ASSERT_EQ(CAUSE_ECALL_VS, L2_DO(&self->vcpu, l2_touch, ALIASES, RVM_PAGE, 2000));
	}
	full = kernel_memory();
	ASSERT_TRUE(write_file("/proc/sys/vm/drop_caches", "2"));
	after = kernel_memory();
	TH_LOG("%ld KiB of tables, %ld KiB left", (full - before) >> 10, (after - before) >> 10);
	EXPECT_LT(1 << 20, full - before);
	EXPECT_GT((full - before) / 2, after - before);
	/* All L2s can run again. */
	for (int vmid = 109; vmid >= 100; vmid--) {
		self->job->hgatp = ATP(ATP_SV39, vmid, TABLES);
		EXPECT_EQ(CAUSE_ECALL_VS, L2_DO(&self->vcpu, l2_touch, ALIASES, RVM_PAGE, 10));
	}
	cgroup_leave();
}

static void __attribute__((noreturn)) run_with_little_memory(void)
{
	struct l2_tables t;
	struct rvcpu vcpu;
	char limit[32];
	struct rvm vm;

	CHILD_ASSERT(cgroup_enter());
	rvm_create(&vm);
	l2_vcpu(&vm, 0, &vcpu, l2_worker);
	CHILD_ASSERT(!rvcpu_run(&vcpu));
	l2_tables_init(&t, &vm, ATP_SV39, TABLES, TABLES_END);
	l2_map_code(&t);
	map_aliases(&t, RVM_BASE + RVM_SIZE - RVM_PAGE);
	*l2_job(&vm, 0) = (struct l2_job){
		.hgatp = ATP(ATP_SV39, 1, TABLES), .a0 = ALIASES, .a1 = RVM_PAGE, .a2 = 100,
		.pc = rvm_guest_addr((const void *)l2_touch),
	};
	CHILD_ASSERT(!rvcpu_run(&vcpu));
	snprintf(limit, sizeof(limit), "%ld", cgroup_memory() + (3L << 20));
	CHILD_ASSERT(write_file(CGROUP "/memory.max", limit));
	l2_job(&vm, 0)->a2 = 60000;
	CHILD_ASSERT(!rvcpu_run(&vcpu));
	CHILD_ASSERT(is_guest_call(&vcpu, GUEST_SYNC));
	CHILD_ASSERT(l2_job(&vm, 0)->cause == CAUSE_ECALL_VS);
	_exit(0);
}

/* With a small memory limit the L2 still makes progress. */
TEST_F_TIMEOUT(bounds, little_memory, 600)
{
	pid_t pid;

	SKIP_ON_KVM(NO_H);
	pid = fork();
	if (!pid)
		run_with_little_memory();
	EXPECT_CHILD_OK(pid);
	cgroup_leave();
}

TEST_HARNESS_MAIN
