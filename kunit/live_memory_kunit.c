// SPDX-License-Identifier: GPL-2.0-only
/*
 * Live KUnit tests of guest page faults: slots, the host's own changes, huge pages.
 */
#include <linux/kthread.h>
#include <linux/sched/mm.h>

#include "../guest_mem/slots.h"
#include "live_memory.h"

static void fault_without_slot(struct kunit *test)
{
	struct env *env = start(test);

	KUNIT_EXPECT_EQ(test, fault(env, 0, false), RVHV_FAULT_MMIO);
	KUNIT_EXPECT_EQ(test, fault(env, BASE - 1, true), RVHV_FAULT_MMIO);
	KUNIT_EXPECT_EQ(test, fault(env, BASE + SIZE, true), RVHV_FAULT_MMIO);
	KUNIT_EXPECT_EQ(test, fault(env, U64_MAX, false), RVHV_FAULT_MMIO);
	KUNIT_EXPECT_EQ(test, fault(env, BASE + SIZE - 1, true), RVHV_FAULT_MAPPED);
}

static void load_then_store(struct kunit *test)
{
	struct env *env = start(test);
	u64 val = 1;

	/* An untouched page is the zero page, which must not become writable. */
	KUNIT_EXPECT_EQ(test, fault(env, BASE, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RX);
	KUNIT_EXPECT_EQ(test, read_guest(env, &val, BASE, 8), 8);
	KUNIT_EXPECT_EQ(test, val, 0);
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE, &val, 8), 0);

	KUNIT_EXPECT_EQ(test, fault(env, BASE + 5, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RWX);
	val = 0x1122334455667788;
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE, &val, 8), 8);
	KUNIT_EXPECT_EQ(test, user_word(test, env->hva), val);
	/* A second fault changes nothing. */
	KUNIT_EXPECT_EQ(test, fault(env, BASE, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RWX);
}

static void present_page_is_writable_at_once(struct kunit *test)
{
	struct env *env = start(test);
	u64 val;

	set_user_word(test, env->hva + PAGE_SIZE, 42);
	KUNIT_EXPECT_EQ(test, fault(env, BASE + PAGE_SIZE, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + PAGE_SIZE) & RWX, RWX);
	KUNIT_EXPECT_EQ(test, read_guest(env, &val, BASE + PAGE_SIZE, 8), 8);
	KUNIT_EXPECT_EQ(test, val, 42);
}

static void read_only_slot(struct kunit *test)
{
	const u64 gpa = BASE + 2 * SIZE;
	struct env *env = start(test);

	KUNIT_ASSERT_EQ(test, set_region(env, 1, RVHV_SLOT_READONLY, gpa, SIZE, env->hva), 0);
	set_user_word(test, env->hva, 1);
	KUNIT_EXPECT_EQ(test, fault(env, gpa, true), RVHV_FAULT_MMIO);
	KUNIT_EXPECT_EQ(test, fault(env, gpa, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, leaf_at(env, gpa) & RWX, RX);
	KUNIT_EXPECT_EQ(test, rvhv_copy_to_guest(&env->mem, gpa, "x", 1), -EFAULT);
}

/* Some kernels' access_ok() accepts them; they must not index the host's page table. */
static void user_addresses_beyond_the_task(struct kunit *test)
{
	static const u64 hva[] = {
		BIT_ULL(38), BIT_ULL(39), BIT_ULL(47), BIT_ULL(48), BIT_ULL(56), BIT_ULL(62),
	};
	struct env *env = start(test);
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(hva); i++) {
		u64 bad = hva[i] + env->hva;
		u64 gpa = 2 * BASE + i * SIZE;

		set_user_word(test, env->hva, 1);
		if (bad < TASK_SIZE)
			continue;
		ret = set_region(env, 1 + i, 0, gpa, SIZE, bad);
		if (ret == -EINVAL)
			continue;
		KUNIT_ASSERT_EQ(test, ret, 0);
		KUNIT_EXPECT_EQ(test, fault_error(env, gpa, false), -EFAULT);
		KUNIT_EXPECT_EQ(test, fault_error(env, gpa, true), -EFAULT);
		KUNIT_EXPECT_EQ(test, leaf_at(env, gpa), 0);
	}
	KUNIT_EXPECT_EQ(test, set_region(env, 100, 0, BASE * 4, SIZE, PAGE_OFFSET), -EINVAL);
}

static void no_memory_behind_the_slot(struct kunit *test)
{
	struct env *env = start(test);
	char byte;

	KUNIT_ASSERT_EQ(test, vm_munmap(env->hva, SIZE), 0);
	KUNIT_EXPECT_EQ(test, fault_error(env, BASE, false), -EFAULT);
	KUNIT_EXPECT_EQ(test, fault_error(env, BASE, true), -EFAULT);
	KUNIT_EXPECT_EQ(test, rvhv_copy_from_guest(&env->mem, &byte, BASE, 1), -EFAULT);
}

static void slot_over_read_only_mapping(struct kunit *test)
{
	struct env *env = start(test);
	unsigned long hva = env->hva + SIZE / 2;

	KUNIT_ASSERT_EQ(test, vm_mmap(NULL, hva, PAGE_SIZE, PROT_READ,
				      MAP_ANONYMOUS | MAP_PRIVATE | MAP_FIXED, 0), hva);
	KUNIT_EXPECT_EQ(test, set_region(env, 1, 0, BASE * 2, SIZE, env->hva), -EPERM);
	KUNIT_EXPECT_EQ(test, set_region(env, 1, RVHV_SLOT_READONLY, BASE * 2, SIZE, env->hva), 0);
	KUNIT_EXPECT_EQ(test, fault_error(env, BASE + SIZE / 2, true), -EFAULT);
	KUNIT_EXPECT_EQ(test, fault(env, BASE + SIZE / 2, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + SIZE / 2) & RWX, RX);
}

static void host_takes_a_page_away(struct kunit *test)
{
	struct env *env = start(test);
	unsigned int i;
	u64 val = 77;

	for (i = 0; i < 8; i++)
		KUNIT_ASSERT_EQ(test, fault(env, BASE + i * PAGE_SIZE, true), RVHV_FAULT_MAPPED);
	KUNIT_ASSERT_EQ(test, fault(env, BASE + SZ_2M, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE + PAGE_SIZE, &val, 8), 8);
	KUNIT_EXPECT_EQ(test, read_guest(env, &val, BASE + PAGE_SIZE, 8), 8);

	zap_user(test, env->hva + PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + PAGE_SIZE), 0);
	KUNIT_EXPECT_NE(test, leaf_at(env, BASE + SZ_2M), 0);
	KUNIT_EXPECT_EQ(test, read_guest(env, &val, BASE + PAGE_SIZE, 8), 0);

	KUNIT_ASSERT_EQ(test, fault(env, BASE + PAGE_SIZE, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, read_guest(env, &val, BASE + PAGE_SIZE, 8), 8);
	KUNIT_EXPECT_EQ(test, val, 0);
}

static void host_takes_all_away(struct kunit *test)
{
	struct env *env = start(test);
	unsigned long i;

	for (i = 0; i < PAGES; i++)
		KUNIT_ASSERT_EQ(test, fault(env, BASE + i * PAGE_SIZE, true), RVHV_FAULT_MAPPED);
	zap_user(test, env->hva, SIZE);
	for (i = 0; i < PAGES; i++)
		KUNIT_ASSERT_EQ(test, leaf_at(env, BASE + i * PAGE_SIZE), 0);
}

static void one_page_in_two_slots(struct kunit *test)
{
	struct env *env = start(test);

	KUNIT_ASSERT_EQ(test, set_region(env, 1, 0, BASE * 2, SIZE, env->hva), 0);
	KUNIT_ASSERT_EQ(test, fault(env, BASE, true), RVHV_FAULT_MAPPED);
	KUNIT_ASSERT_EQ(test, fault(env, BASE * 2, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, rvhv_pte_pfn(leaf_at(env, BASE)),
			rvhv_pte_pfn(leaf_at(env, BASE * 2)));
	zap_user(test, env->hva, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE * 2), 0);
}

static void delete_and_move_slots(struct kunit *test)
{
	struct env *env = start(test);

	KUNIT_ASSERT_EQ(test, fault(env, BASE, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, set_region(env, 0, 0, BASE + PAGE_SIZE, SIZE, env->hva), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE), 0);
	KUNIT_EXPECT_EQ(test, fault(env, BASE, true), RVHV_FAULT_MMIO);
	KUNIT_EXPECT_EQ(test, fault(env, BASE + PAGE_SIZE, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, set_region(env, 0, 0, 0, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, fault(env, BASE + PAGE_SIZE, true), RVHV_FAULT_MMIO);
	KUNIT_EXPECT_EQ(test, set_region(env, 0, 0, 0, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, env->mem.nr_pages, 0);
	KUNIT_EXPECT_EQ(test, set_region(env, 0, 0, BASE, SIZE, env->hva), 0);
	KUNIT_EXPECT_EQ(test, fault(env, BASE, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, env->mem.nr_pages, PAGES);
}

static void huge_pages(struct kunit *test)
{
	struct env *env = start_at(test, 0);
	u64 val = 9;

	KUNIT_ASSERT_EQ(test, fault(env, BASE + 5 * PAGE_SIZE, true), RVHV_FAULT_MAPPED);
	if (level_at(env, BASE + 5 * PAGE_SIZE) != 1)
		kunit_skip(test, "the host gave no huge page");
	KUNIT_EXPECT_EQ(test, level_at(env, BASE), 1);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE + SZ_2M), UINT_MAX);
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE + 7 * PAGE_SIZE, &val, 8), 8);
	KUNIT_EXPECT_EQ(test, user_word(test, env->hva + 7 * PAGE_SIZE), 9);

	/* Logging write-protects the leaf. A store splits it; other pages stay readable. */
	KUNIT_ASSERT_EQ(test, set_region(env, 0, RVHV_SLOT_LOG_DIRTY, BASE, SIZE, env->hva), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RX);
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE + 7 * PAGE_SIZE, &val, 8), 0);
	KUNIT_ASSERT_EQ(test, fault(env, BASE + 7 * PAGE_SIZE, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE + 7 * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + 7 * PAGE_SIZE) & RWX, RWX);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + 6 * PAGE_SIZE) & RWX, RX);
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE + 6 * PAGE_SIZE, &val, 8), 0);
	KUNIT_EXPECT_EQ(test, read_guest(env, &val, BASE + 7 * PAGE_SIZE, 8), 8);
	KUNIT_EXPECT_EQ(test, val, 9);

	/* Without logging, a fault maps the huge leaf again. */
	KUNIT_ASSERT_EQ(test, set_region(env, 0, 0, BASE, SIZE, env->hva), 0);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE), UINT_MAX);
	KUNIT_ASSERT_EQ(test, fault(env, BASE + 6 * PAGE_SIZE, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE), 1);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RWX);

	/* When the host splits its huge page, the whole leaf goes. */
	zap_user(test, env->hva + PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE + PAGE_SIZE), UINT_MAX);
	KUNIT_EXPECT_EQ(test, read_guest(env, &val, BASE + PAGE_SIZE, 8), 0);
	KUNIT_ASSERT_EQ(test, fault(env, BASE + 7 * PAGE_SIZE, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE + 7 * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, read_guest(env, &val, BASE + 7 * PAGE_SIZE, 8), 8);
	KUNIT_EXPECT_EQ(test, val, 9);
}

/* A leaf lies within its slot. */
static void huge_pages_end_with_the_slot(struct kunit *test)
{
	struct env *env = start_at(test, 0);

	KUNIT_ASSERT_EQ(test, set_region(env, 0, 0, 0, 0, 0), 0);
	KUNIT_ASSERT_EQ(test, set_region(env, 0, 0, BASE + PAGE_SIZE, SZ_2M,
					 env->hva + PAGE_SIZE), 0);
	KUNIT_ASSERT_EQ(test, fault(env, BASE + PAGE_SIZE, true), RVHV_FAULT_MAPPED);
	KUNIT_ASSERT_EQ(test, fault(env, BASE + SZ_2M, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE + PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE), UINT_MAX);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE + SZ_2M), 0);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE + SZ_2M + PAGE_SIZE), UINT_MAX);
}

struct zapper {
	struct mm_struct *mm;
	unsigned long hva;
	bool failed;
};

static int zap_thread(void *data)
{
	struct zapper *z = data;

	kthread_use_mm(z->mm);
	while (!kthread_should_stop()) {
		if (vm_mmap(NULL, z->hva, 16 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			    MAP_ANONYMOUS | MAP_PRIVATE | MAP_FIXED, 0) != z->hva)
			z->failed = true;
		cond_resched();
	}
	kthread_unuse_mm(z->mm);
	return 0;
}

/* The host changes its page table while faults are resolved. */
static void faults_race_with_the_host(struct kunit *test)
{
	struct env *env = start(test);
	struct zapper z = { .mm = current->mm, .hva = env->hva };
	struct task_struct *task;
	unsigned int i;

	task = kthread_run(zap_thread, &z, "rvhv-zap");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	for (i = 0; i < 3000; i++) {
		struct rvhv_fault fault = {
			.gpa = BASE + (i % 16) * PAGE_SIZE, .write = i & 16,
		};

		/* -EFAULT: between unmapping and mapping */
		if (rvhv_mem_fault(&env->mem, &env->cache, &fault) == RVHV_FAULT_MMIO ||
		    (fault.error && fault.error != -EFAULT))
			break;
		cond_resched();
	}
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, i, 3000);
	KUNIT_EXPECT_FALSE(test, z.failed);
	zap_user(test, env->hva, SIZE);
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + i * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, env->mem.invalidate_count, 0);
}

static struct kunit_case memory_cases[] = {
	KUNIT_CASE(fault_without_slot),
	KUNIT_CASE(load_then_store),
	KUNIT_CASE(present_page_is_writable_at_once),
	KUNIT_CASE(read_only_slot),
	KUNIT_CASE(user_addresses_beyond_the_task),
	KUNIT_CASE(no_memory_behind_the_slot),
	KUNIT_CASE(slot_over_read_only_mapping),
	KUNIT_CASE(host_takes_a_page_away),
	KUNIT_CASE(host_takes_all_away),
	KUNIT_CASE(one_page_in_two_slots),
	KUNIT_CASE(delete_and_move_slots),
	KUNIT_CASE(huge_pages),
	KUNIT_CASE(huge_pages_end_with_the_slot),
	KUNIT_CASE(faults_race_with_the_host),
	{}
};

static struct kunit_suite memory_suite = {
	.name = "rvhv_live_memory",
	.init = live_memory_init,
	.exit = live_memory_exit,
	.test_cases = memory_cases,
};

kunit_test_suite(memory_suite);
