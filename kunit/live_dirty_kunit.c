// SPDX-License-Identifier: GPL-2.0-only
/*
 * Live KUnit tests of the dirty log.
 */
#include "../guest_mem/dirty.h"
#include "../guest_mem/slots.h"
#include "live_memory.h"

/* Read the log of slot 0 to user memory at @bitmap; *word0 is its first word. */
static int get_log(struct kunit *test, struct env *env, unsigned long bitmap, u64 *word0)
{
	int ret = rvhv_mem_get_dirty_log(&env->mem, 0, (void __user *)bitmap);

	*word0 = ret ? 0 : user_word(test, bitmap);
	return ret;
}

static void dirty_log(struct kunit *test)
{
	struct env *env = start(test);
	unsigned long bitmap = map_anon(test, PAGE_SIZE);
	u64 bits;

	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), -ENOENT);
	KUNIT_ASSERT_EQ(test, fault(env, BASE, true), RVHV_FAULT_MAPPED);
	KUNIT_ASSERT_EQ(test, set_region(env, 0, RVHV_SLOT_LOG_DIRTY, BASE, SIZE, env->hva), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RX);
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), 0);
	KUNIT_EXPECT_EQ(test, bits, 0);

	/* Stores and copies dirty a page, loads do not. */
	KUNIT_ASSERT_EQ(test, fault(env, BASE, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RX);
	KUNIT_ASSERT_EQ(test, fault(env, BASE + 3 * PAGE_SIZE, true), RVHV_FAULT_MAPPED);
	KUNIT_ASSERT_EQ(test, rvhv_copy_to_guest(&env->mem, BASE + 6 * PAGE_SIZE - 1, "ab", 2), 0);
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), 0);
	KUNIT_EXPECT_EQ(test, bits, BIT(3) | BIT(5) | BIT(6));
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), 0);
	KUNIT_EXPECT_EQ(test, bits, 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + 3 * PAGE_SIZE) & RWX, RX);
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE + 3 * PAGE_SIZE, &bits, 8), 0);
	KUNIT_ASSERT_EQ(test, fault(env, BASE + 3 * PAGE_SIZE, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE + 3 * PAGE_SIZE, &bits, 8), 8);
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), 0);
	KUNIT_EXPECT_EQ(test, bits, BIT(3));

	KUNIT_EXPECT_EQ(test, rvhv_mem_get_dirty_log(&env->mem, 0, NULL), -EFAULT);
	KUNIT_EXPECT_EQ(test, rvhv_mem_get_dirty_log(&env->mem, 1, NULL), -ENOENT);
	KUNIT_EXPECT_EQ(test, rvhv_mem_get_dirty_log(&env->mem, RVHV_MAX_SLOTS, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, rvhv_mem_get_dirty_log(&env->mem, 1 << 16, NULL), -EINVAL);
	KUNIT_ASSERT_EQ(test, set_region(env, 0, 0, BASE, SIZE, env->hva), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + 3 * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), -ENOENT);
}

static void manual_dirty_log(struct kunit *test)
{
	struct env *env = start(test);
	unsigned long bitmap = map_anon(test, PAGE_SIZE);
	u64 bits;

	env->mem.manual_dirty = 3;
	KUNIT_ASSERT_EQ(test, fault(env, BASE, true), RVHV_FAULT_MAPPED);
	KUNIT_ASSERT_EQ(test, set_region(env, 0, RVHV_SLOT_LOG_DIRTY, BASE, SIZE, env->hva), 0);
	/* All bits are set; pages are write-protected when the VMM clears their bits. */
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RWX);
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), 0);
	KUNIT_EXPECT_EQ(test, bits, U64_MAX);
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), 0);
	KUNIT_EXPECT_EQ(test, bits, U64_MAX);

	set_user_word(test, bitmap, BIT(0) | BIT(63));
	KUNIT_EXPECT_EQ(test, rvhv_mem_clear_dirty_log(&env->mem, 0, 0, 64,
						       (void __user *)bitmap), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RX);
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), 0);
	KUNIT_EXPECT_EQ(test, bits, ~(BIT(0) | BIT(63)));
	KUNIT_ASSERT_EQ(test, fault(env, BASE, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), 0);
	KUNIT_EXPECT_EQ(test, bits, ~BIT(63));

	KUNIT_EXPECT_EQ(test, rvhv_mem_clear_dirty_log(&env->mem, 0, 1, 64,
						       (void __user *)bitmap), -EINVAL);
	KUNIT_EXPECT_EQ(test, rvhv_mem_clear_dirty_log(&env->mem, 0, 0, PAGES + 64,
						       (void __user *)bitmap), -EINVAL);
	KUNIT_EXPECT_EQ(test, rvhv_mem_clear_dirty_log(&env->mem, 0, 0, 64, NULL), -EFAULT);
	KUNIT_EXPECT_EQ(test, rvhv_mem_clear_dirty_log(&env->mem, 1, 0, 64, NULL), -ENOENT);
}

static struct kunit_case dirty_cases[] = {
	KUNIT_CASE(dirty_log),
	KUNIT_CASE(manual_dirty_log),
	{}
};

static struct kunit_suite dirty_suite = {
	.name = "rvhv_live_dirty",
	.init = live_memory_init,
	.exit = live_memory_exit,
	.test_cases = dirty_cases,
};

kunit_test_suite(dirty_suite);
