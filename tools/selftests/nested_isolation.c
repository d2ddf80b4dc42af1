// SPDX-License-Identifier: GPL-2.0-only
/*
 * An L2 accesses only memory that both its L1 and the VMM map: no neighbouring memory, and none
 * that was unmapped. RVHV_ROUNDS scales some of the tests.
 */
#include "lib/check.h"
#include "lib/l2.h"

#define TABLES		(RVM_BASE + RVM_FREE_OFF)
#define TABLES_END	(RVM_BASE + 0x380000)
#define SLOT		0x90000000UL
#define SIZE		(2UL << 20)
#define PAGES		(SIZE / RVM_PAGE)
#define L2_MEM		0x4000000000UL		/* the slot's address in the L2 */
#define CANARY		0xdeadbeefcafef00dUL

#define ROUNDS(standard)	env_number("RVHV_ROUNDS", standard)

static void fill(void *mem, size_t size, uint64_t value)
{
	for (size_t i = 0; i < size / 8; i++)
		((volatile uint64_t *)mem)[i] = value;
}

static size_t count_other(const void *mem, size_t size, uint64_t value)
{
	size_t n = 0;

	for (size_t i = 0; i < size / 8; i++)
		n += ((const volatile uint64_t *)mem)[i] != value;
	return n;
}

/* Memory of a slot (@mem) between two areas of canaries */
struct guarded {
	char *all, *mem;
};

static struct guarded guarded(void)
{
	struct guarded g = { .all = rvm_anon(3 * SIZE) };

	g.mem = g.all + SIZE;
	madvise(g.all, 3 * SIZE, MADV_NOHUGEPAGE);
	fill(g.all, 3 * SIZE, CANARY);
	fill(g.mem, SIZE, 0);
	return g;
}

static size_t harm(const struct guarded *g)
{
	return count_other(g->all, SIZE, CANARY) + count_other(g->mem + SIZE, SIZE, CANARY);
}

struct machine {
	struct rvm vm;
	struct rvcpu vcpu;
	struct l2_tables t;
	struct l2_job *job;
	struct guarded g;
};

static void machine_create(struct __test_metadata *_metadata, struct machine *m)
{
	rvm_create(&m->vm);
	l2_vcpu(&m->vm, 0, &m->vcpu, l2_worker);
	GUEST_SAYS_SYNC(&m->vcpu);
	m->g = guarded();
	rvm_set_slot(&m->vm, 1, 0, SLOT, SIZE, m->g.mem);
	m->job = l2_job(&m->vm, 0);
	l2_tables_init(&m->t, &m->vm, ATP_SV39, TABLES, TABLES_END);
	l2_map_code(&m->t);
	for (uint64_t off = 0; off < SIZE; off += RVM_PAGE)
		l2_map(&m->t, L2_MEM + off, SLOT + off, 0, PTE_LEAF);
	m->job->hgatp = ATP(ATP_SV39, 1, TABLES);
}

static void machine_destroy(struct machine *m)
{
	rvcpu_destroy(&m->vcpu);
	rvm_destroy(&m->vm);
	munmap(m->g.all, 3 * SIZE);
}

FIXTURE(l2) {
};

FIXTURE_SETUP(l2)
{
}

FIXTURE_TEARDOWN(l2)
{
}

/* ---- tables that change while they are walked ---- */

#define STOP		0
#define SCRIBBLES	1
#define WILD		(RVM_BASE + RVM_FREE_OFF)	/* tables that change */
#define WILD_SIZE	0x20000UL

/* An entry that the second hart writes: valid, a table of data, a device, a hole, noise */
static __guest unsigned long guest_entry(unsigned long r)
{
	unsigned long page = (r >> 8 & (PAGES - 1)) << 12;
	unsigned long table = WILD + 0x8000 + (r >> 8 & 7) * 4096;

	switch (r & 15) {
	case 0:
		return r;
	case 1:
		return PTE_TO(RVM_MMIO) | PTE_LEAF;
	case 2:
		return PTE_TO(SLOT + SIZE + page) | PTE_LEAF;
	case 3:
		return PTE_TO(SLOT - page) | PTE_LEAF;
	case 4:
		return PTE_TO(SLOT + page) | PTE_V;
	case 5:
		return 0;
	case 6:
		return PTE_TO(SLOT + page) | (PTE_LEAF & ~PTE_W);
	case 7:
	case 8:
	case 9:
		return PTE_TO(table) | PTE_V;
	default:
		return PTE_TO(SLOT + page) | PTE_LEAF;
	}
}

static __guest void guest_scribble(unsigned long a0, unsigned long a1)
{
	volatile unsigned long *entry = (volatile unsigned long *)(WILD + 0x8000);
	struct guest_shared *s = guest_shared();
	unsigned long x = 0x9E3779B97F4A7C15UL;

	guest_trap_init(a0);
	while (!s->val[STOP]) {
		unsigned long r = guest_random(&x);

		entry[r >> 40 & 0xfff] = guest_entry(r);
		s->val[SCRIBBLES]++;
		if (!(r >> 52 & 0xff))
			hfence_gvma_all();
	}
	guest_done(0);
}

/*
 * Eight tables whose entries point to one another, to pages and to holes, and change all the time.
 * The L2 stores, through them, entries that point behind the slot.
 */
TEST_F_TIMEOUT(l2, changing_tables, 3600)
{
	struct vcpu_thread thread;
	struct guest_shared *s;
	unsigned long done = 0, n = ROUNDS(1000);
	unsigned int seed = 1;
	struct rvcpu other;
	struct machine m;

	SKIP_ON_KVM(NO_H);
	machine_create(_metadata, &m);
	s = rvm_shared(&m.vm);
	/* The root and the tables for the code do not change. */
	l2_tables_init(&m.t, &m.vm, ATP_SV39, WILD + 0x20000, TABLES_END);
	l2_map_code(&m.t);
	for (int i = 0; i < 8 * 512; i++)
		l2_at(&m.t, WILD + 0x8000)[i] = i & 1 ?
			PTE_TO(SLOT + (i % PAGES) * RVM_PAGE) | PTE_LEAF :
			PTE_TO(WILD + 0x8000 + (i / 2 % 8) * RVM_PAGE) | PTE_V;
	for (int i = 0; i < 8; i++)
		*l2_entry(&m.t, L2_MEM + ((uint64_t)i << 30), 2) =
			PTE_TO(WILD + 0x8000 + i * RVM_PAGE) | PTE_V;
	m.job->hgatp = ATP(ATP_SV39, 1, WILD + 0x20000);
	l2_vcpu(&m.vm, 1, &other, guest_scribble);
	vcpu_thread_start(&thread, &other);
	for (unsigned long i = 0; i < n; i++) {
		uint64_t gpa = L2_MEM + ((uint64_t)rand_r(&seed) << 12) % (8UL << 30);

		if (i & 1)
			L2_SET(&m.vcpu, l2_fill, gpa, 64, 64, PTE_TO(SLOT + SIZE) | PTE_LEAF);
		else
			L2_SET(&m.vcpu, l2_touch, gpa, 8, 512);
		l2_run_job(&m.vcpu, 0);
		ASSERT_TRUE(is_guest_call(&m.vcpu, GUEST_SYNC));
		done += m.job->cause == CAUSE_ECALL_VS;
		ASSERT_NE(CANARY, m.job->ret3);
	}
	s->val[STOP] = 1;
	THREAD_SAYS_DONE(&thread);
	EXPECT_EQ(0, harm(&m.g));
	EXPECT_LT(0, done);
	EXPECT_EQ(0, s->trap[0].count);
	TH_LOG("%lu of %lu accesses went through, %lu entries changed", done, n,
	       (unsigned long)s->val[SCRIBBLES]);
	rvcpu_destroy(&other);
	machine_destroy(&m);
}

/* ---- several of everything ---- */

/* Two VMs with the same hgatp, tables and addresses, in turn and at the same time */
TEST_F_TIMEOUT(l2, two_vms, 3600)
{
	struct vcpu_thread thread[2];
	struct machine m[2];

	SKIP_ON_KVM(NO_H);
	for (int i = 0; i < 2; i++) {
		machine_create(_metadata, &m[i]);
		fill(m[i].g.mem, SIZE, i + 1);
	}
	for (int round = 0; round < 200; round++) {
		for (int i = 0; i < 2; i++) {
			uint64_t gpa = L2_MEM + round * RVM_PAGE;

			ASSERT_EQ(CAUSE_ECALL_VS, L2_DO(&m[i].vcpu, l2_load, gpa));
			ASSERT_EQ(i + 1, m[i].job->ret);
			L2_DO(&m[i].vcpu, l2_store, gpa, 0x100 + i);
		}
		for (int i = 0; i < 2; i++)
			ASSERT_EQ(0x100 + i, *(uint64_t *)(m[i].g.mem + round * RVM_PAGE));
	}
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 2; i++) {
			struct l2_job *job = m[i].job;

			job->pc = rvm_guest_addr((const void *)l2_fill);
			job->a0 = L2_MEM;
			job->a1 = 64;
			job->a2 = SIZE / 64;
			job->a3 = round * 2 + i;
			vcpu_thread_start(&thread[i], &m[i].vcpu);
		}
		for (int i = 0; i < 2; i++) {
			EXPECT_EQ(0, vcpu_thread_join(&thread[i]));
			EXPECT_EQ(CAUSE_ECALL_VS, m[i].job->cause);
			for (size_t off = 0; off < SIZE; off += 64)
				ASSERT_EQ(round * 2 + i, *(uint64_t *)(m[i].g.mem + off));
		}
	}
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(0, harm(&m[i].g));
		machine_destroy(&m[i]);
	}
}

/* More L2s of one L1 than the host keeps, each with its own page at the same address */
TEST_F_TIMEOUT(l2, many_l2s, 3600)
{
	unsigned long hgatp[24];
	unsigned int seed = 7;
	struct machine m;

	SKIP_ON_KVM(NO_H);
	machine_create(_metadata, &m);
	for (int i = 0; i < ARRAY_SIZE(hgatp); i++) {
		/* The root takes 16 KiB, aligned. */
		uint64_t root = (m.t.next + 0x3fff) & ~0x3fffUL;

		l2_tables_init(&m.t, &m.vm, ATP_SV39, root, TABLES_END);
		l2_map_code(&m.t);
		l2_map(&m.t, L2_MEM, SLOT + i * RVM_PAGE, 0, PTE_LEAF);
		/* The last eight share one VMID. */
		hgatp[i] = ATP(ATP_SV39, i < 16 ? i : 16, root);
		fill(m.g.mem + i * RVM_PAGE, RVM_PAGE, i);
	}
	for (unsigned long n = 0; n < ROUNDS(3000); n++) {
		int i = rand_r(&seed) % ARRAY_SIZE(hgatp);

		m.job->hgatp = hgatp[i];
		ASSERT_EQ(CAUSE_ECALL_VS, L2_DO(&m.vcpu, l2_load, L2_MEM + n % 512 * 8));
		ASSERT_EQ(i, m.job->ret);
	}
	machine_destroy(&m);
}

/* A fence of one address covers the L1's whole leaf, which the host may map in smaller pieces. */
TEST_F_TIMEOUT(l2, large_leaves, 120)
{
	/* @offset: of the slot within the leaf */
	static const struct {
		int level;
		uint64_t gpa, offset;
	} leaves[] = {
		{ 1, SLOT, 0 },
		{ 2, RVM_BASE, SLOT - RVM_BASE },
	};
	uint64_t l2_gpa = 2 * L2_MEM;
	struct machine m;

	SKIP_ON_KVM(NO_H);
	machine_create(_metadata, &m);
	for (int i = 0; i < ARRAY_SIZE(leaves); i++, l2_gpa += 1UL << 30) {
		uint64_t at = l2_gpa + leaves[i].offset;

		/* Translations that stay valid */
		L2_DO(&m.vcpu, l2_touch, L2_MEM, RVM_PAGE, 10);
		l2_map(&m.t, l2_gpa, leaves[i].gpa, leaves[i].level, PTE_LEAF);
		EXPECT_EQ(CAUSE_ECALL_VS, L2_DO(&m.vcpu, l2_touch, at, RVM_PAGE, 10));
		*l2_entry(&m.t, l2_gpa, leaves[i].level) = 0;
		m.job->fence = at + 100 * RVM_PAGE;
		for (int page = 9; page >= 0; page--)
			EXPECT_EQ(CAUSE_LOAD_GUEST_FAULT,
				  L2_DO(&m.vcpu, l2_load, at + page * RVM_PAGE));
		m.job->fence = 0;
	}
	machine_destroy(&m);
}

/* ---- memory that the VMM changes while the L2 uses it ---- */

#define COUNT_OF(mem)	(*(volatile uint64_t *)(mem))

/* The L2: increments the doubleword at @a0 until it reads all ones there. */
static __guest void l2_count(unsigned long a0, unsigned long a1)
{
	volatile unsigned long *count = (volatile unsigned long *)a0;
	unsigned long val;

	while ((val = *count) != -1UL)
		*count = val + 1;
	asm volatile("ecall");
}

static bool moves(volatile uint64_t *count)
{
	uint64_t before = *count;

	for (int i = 0; i < 2000; i++) {
		if (*count > before + 10)
			return true;
		usleep(1000);
	}
	return false;
}

/* The counter's memory is gone: the load exits as MMIO. */
static void expect_gone(struct __test_metadata *_metadata, struct machine *m,
			struct vcpu_thread *thread)
{
	struct kvm_run *run = m->vcpu.run;

	EXPECT_EQ(0, vcpu_thread_join(thread));
	ASSERT_EQ(KVM_EXIT_MMIO, run->exit_reason);
	EXPECT_EQ(SLOT, run->mmio.phys_addr);
	EXPECT_EQ(8, run->mmio.len);
	EXPECT_GE(1, l2_run_job(&m->vcpu, -1UL));
	EXPECT_TRUE(is_guest_call(&m->vcpu, GUEST_SYNC));
	EXPECT_EQ(CAUSE_ECALL_VS, m->job->cause);
}

static void start_counting(struct machine *m, struct vcpu_thread *thread)
{
	m->job->pc = rvm_guest_addr((const void *)l2_count);
	m->job->a0 = L2_MEM;
	vcpu_thread_start(thread, &m->vcpu);
}

/* A slot is deleted while the L2 counts in it. */
TEST_F_TIMEOUT(l2, slot_deleted, 3600)
{
	struct vcpu_thread thread;
	struct machine m;

	SKIP_ON_KVM(NO_H);
	machine_create(_metadata, &m);
	for (unsigned long n = 0; n < ROUNDS(100); n++) {
		start_counting(&m, &thread);
		ASSERT_TRUE(moves((uint64_t *)m.g.mem));
		rvm_set_slot(&m.vm, 1, 0, SLOT, 0, m.g.mem);
		COUNT_OF(m.g.mem) = CANARY;
		expect_gone(_metadata, &m, &thread);
		EXPECT_EQ(CANARY, COUNT_OF(m.g.mem));
		rvm_set_slot(&m.vm, 1, 0, SLOT, SIZE, m.g.mem);
		COUNT_OF(m.g.mem) = 0;
	}
	machine_destroy(&m);
}

/* Other memory in the same place, and the same memory in another place */
TEST_F_TIMEOUT(l2, slot_moved, 3600)
{
	struct vcpu_thread thread;
	struct guarded other;
	struct machine m;

	SKIP_ON_KVM(NO_H);
	machine_create(_metadata, &m);
	other = guarded();
	l2_map(&m.t, L2_MEM + SIZE, SLOT + SIZE, 1, PTE_LEAF);
	for (unsigned long n = 0; n < ROUNDS(100); n++) {
		start_counting(&m, &thread);
		ASSERT_TRUE(moves((uint64_t *)m.g.mem));
		rvm_set_slot(&m.vm, 1, 0, SLOT + SIZE, SIZE, m.g.mem);
		COUNT_OF(m.g.mem) = CANARY;
		expect_gone(_metadata, &m, &thread);
		EXPECT_EQ(CANARY, COUNT_OF(m.g.mem));
		EXPECT_EQ(CAUSE_ECALL_VS, L2_DO(&m.vcpu, l2_load, L2_MEM + SIZE));
		EXPECT_EQ(CANARY, m.job->ret);
		rvm_set_slot(&m.vm, 2, 0, SLOT, SIZE, other.mem);
		COUNT_OF(other.mem) = n;
		EXPECT_EQ(CAUSE_ECALL_VS, L2_DO(&m.vcpu, l2_load, L2_MEM));
		EXPECT_EQ(n, m.job->ret);
		rvm_set_slot(&m.vm, 2, 0, SLOT, 0, other.mem);
		rvm_set_slot(&m.vm, 1, 0, SLOT, SIZE, m.g.mem);
		EXPECT_EQ(CAUSE_ECALL_VS, L2_DO(&m.vcpu, l2_load, L2_MEM));
		EXPECT_EQ(CANARY, m.job->ret);
	}
	EXPECT_EQ(0, harm(&m.g) + harm(&other));
	machine_destroy(&m);
}

/* Pages that the VMM discards, moves or unmaps */
TEST_F_TIMEOUT(l2, host_unmaps, 3600)
{
	struct machine m;
	char *away;

	SKIP_ON_KVM(NO_H);
	machine_create(_metadata, &m);
	for (unsigned long n = 1; n <= ROUNDS(100); n++) {
		EXPECT_EQ(CAUSE_ECALL_VS, L2_DO(&m.vcpu, l2_store, L2_MEM, n));
		EXPECT_EQ(n, COUNT_OF(m.g.mem));
		ASSERT_EQ(0, madvise(m.g.mem, RVM_PAGE, MADV_DONTNEED));
		EXPECT_EQ(CAUSE_ECALL_VS, L2_DO(&m.vcpu, l2_load, L2_MEM));
		EXPECT_EQ(0, m.job->ret);

		COUNT_OF(m.g.mem) = CANARY;
		away = mremap(m.g.mem, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
		ASSERT_NE(MAP_FAILED, away);
		EXPECT_EQ(CAUSE_ECALL_VS, L2_DO(&m.vcpu, l2_load, L2_MEM));
		EXPECT_EQ(0, m.job->ret);
		EXPECT_EQ(CAUSE_ECALL_VS, L2_DO(&m.vcpu, l2_store, L2_MEM, n));
		EXPECT_EQ(CANARY, COUNT_OF(away));
		munmap(away, SIZE);
	}
	ASSERT_EQ(0, munmap(m.g.mem, SIZE));
	m.job->pc = rvm_guest_addr((const void *)l2_load);
	m.job->a0 = L2_MEM;
	EXPECT_EQ(-EFAULT, rvcpu_run(&m.vcpu));
	ASSERT_EQ(m.g.mem, mmap(m.g.mem, SIZE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	COUNT_OF(m.g.mem) = 77;
	EXPECT_EQ(0, rvcpu_run(&m.vcpu));
	EXPECT_EQ(CAUSE_ECALL_VS, m.job->cause);
	EXPECT_EQ(77, m.job->ret);
	machine_destroy(&m);
}

/* After a fork the L2's stores go to the parent's copy. */
TEST_F_TIMEOUT(l2, fork_copies, 3600)
{
	struct machine m;

	SKIP_ON_KVM(NO_H);
	machine_create(_metadata, &m);
	for (int n = 0; n < 20; n++) {
		int fds[2];
		pid_t pid;
		char c;

		EXPECT_EQ(CAUSE_ECALL_VS, L2_DO(&m.vcpu, l2_store, L2_MEM, n));
		ASSERT_EQ(0, pipe(fds));
		pid = fork();
		if (!pid) {
			close(fds[1]);
			CHILD_ASSERT(read(fds[0], &c, 1) >= 0);
			CHILD_ASSERT(COUNT_OF(m.g.mem) == n);
			_exit(0);
		}
		EXPECT_EQ(CAUSE_ECALL_VS, L2_DO(&m.vcpu, l2_store, L2_MEM, CANARY));
		EXPECT_EQ(CANARY, COUNT_OF(m.g.mem));
		close(fds[0]);
		close(fds[1]);
		EXPECT_CHILD_OK(pid);
	}
	machine_destroy(&m);
}

/* ---- the dirty log ---- */

/* The L2: @n stores to random addresses of the slot */
static __guest void l2_write_random(unsigned long base, unsigned long seed, unsigned long n)
{
	for (unsigned long i = 0; i < n; i++) {
		unsigned long r = guest_random(&seed);

		*(volatile unsigned long *)(base + (r >> 20 & (SIZE - 1) & ~7UL)) = r;
	}
	asm volatile("ecall");
}

static void take_log(struct __test_metadata *_metadata, struct machine *m, uint64_t *bits)
{
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = bits };

	ASSERT_EQ(0, IOCTL(m->vm.fd, KVM_GET_DIRTY_LOG, &log));
}

/* Read the log and copy the pages in it, as a migration does. */
static size_t copy_dirty(struct __test_metadata *_metadata, struct machine *m, char *copy)
{
	uint64_t bits[PAGES / 64];
	size_t n = 0;

	take_log(_metadata, m, bits);
	for (int i = 0; i < PAGES; i++) {
		if (!(bits[i / 64] >> i % 64 & 1))
			continue;
		memcpy(copy + i * RVM_PAGE, m->g.mem + i * RVM_PAGE, RVM_PAGE);
		n++;
	}
	return n;
}

static void write_random(struct l2_job *job, uint64_t base, unsigned long seed, unsigned long n)
{
	job->pc = rvm_guest_addr((const void *)l2_write_random);
	job->a0 = base;
	job->a1 = seed | 1;
	job->a2 = n;
}

/* Two harts with VMIDs of their own; the slot is mapped at two addresses */
TEST_F_TIMEOUT(l2, dirty_log, 3600)
{
	struct vcpu_thread thread[2];
	struct rvcpu other;
	struct machine m;
	size_t copied = 0;
	char *copy;

	SKIP_ON_KVM(NO_H);
	machine_create(_metadata, &m);
	copy = rvm_anon(SIZE);
	memset(m.g.mem, 0, SIZE);
	l2_map(&m.t, L2_MEM + (1UL << 30), SLOT, 1, PTE_LEAF);
	l2_vcpu(&m.vm, 1, &other, l2_worker);
	GUEST_SAYS_SYNC(&other);
	for (unsigned long n = 0; n < ROUNDS(20); n++) {
		if (n % 8 == 4) {
			rvm_set_slot(&m.vm, 1, 0, SLOT, SIZE, m.g.mem);
			L2_DO(&m.vcpu, l2_write_random, L2_MEM, n | 1, 100);
			memcpy(copy, m.g.mem, SIZE);
		}
		if (n % 8 == 0 || n % 8 == 4)
			rvm_set_slot(&m.vm, 1, KVM_MEM_LOG_DIRTY_PAGES, SLOT, SIZE, m.g.mem);
		for (int i = 0; i < 2; i++) {
			struct l2_job *job = l2_job(&m.vm, i);

			job->hgatp = ATP(ATP_SV39, 1 + i, TABLES);
			write_random(job, L2_MEM + ((n + i) % 2 << 30), n * 3 + i,
				     n % 5 ? 1000 : 50);
			vcpu_thread_start(&thread[i], i ? &other : &m.vcpu);
		}
		while (thread[0].ret > 0 || thread[1].ret > 0)
			copied += copy_dirty(_metadata, &m, copy);
		for (int i = 0; i < 2; i++) {
			EXPECT_EQ(0, vcpu_thread_join(&thread[i]));
			EXPECT_EQ(CAUSE_ECALL_VS, l2_job(&m.vm, i)->cause);
		}
		copied += copy_dirty(_metadata, &m, copy);
		ASSERT_EQ(0, memcmp(copy, m.g.mem, SIZE)) {
			TH_LOG("round %lu", n);
		}
	}
	TH_LOG("%zu pages copied", copied);
	rvcpu_destroy(&other);
	machine_destroy(&m);
}

TEST_HARNESS_MAIN
