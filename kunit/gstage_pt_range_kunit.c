// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the G-stage page tables: operations on ranges.
 */
#include "gstage_pt_env.h"

static void unmap_part_of_huge(struct kunit *test)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct env *env = test->priv;

	map(test, SZ_2M, 512, 1, RWX);
	map(test, 2 * SZ_2M, 1024, 1, RWX);
	rvhv_gstage_unmap(&env->gs, SZ_2M + SZ_4K, SZ_2M + 2 * SZ_4K, &c);
	KUNIT_EXPECT_EQ(test, c.start, SZ_2M);
	KUNIT_EXPECT_EQ(test, c.end, 2 * SZ_2M);
	KUNIT_EXPECT_EQ(test, leaf_at(test, SZ_2M, NULL), 0);
	KUNIT_EXPECT_NE(test, leaf_at(test, 2 * SZ_2M, NULL), 0);
}

static void unmap_nothing(struct kunit *test)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct env *env = test->priv;

	map(test, 0, 1, 0, RX);
	KUNIT_EXPECT_EQ(test, rvhv_gstage_unmap(&env->gs, SZ_4K, SZ_2M, &c), SZ_2M);
	KUNIT_EXPECT_EQ(test, rvhv_gstage_unmap(&env->gs, SZ_2M, U64_MAX, &c), U64_MAX);
	KUNIT_EXPECT_EQ(test, rvhv_gstage_unmap(&env->gs, env->limit, U64_MAX, &c), U64_MAX);
	KUNIT_EXPECT_EQ(test, rvhv_gstage_unmap(&env->gs, SZ_4K, SZ_4K, &c), SZ_4K);
	KUNIT_EXPECT_EQ(test, rvhv_gstage_unmap(&env->gs, SZ_4K, 0, &c), 0);
	KUNIT_EXPECT_GE(test, c.start, c.end);
	KUNIT_EXPECT_NE(test, leaf_at(test, 0, NULL), 0);
}

static void unmap_frees_tables(struct kunit *test)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct env *env = test->priv;

	map(test, SZ_2M, 1, 0, RX);
	KUNIT_EXPECT_EQ(test, env->cache.nr, 0);
	rvhv_gstage_unmap(&env->gs, SZ_2M, 2 * SZ_2M, &c);
	KUNIT_EXPECT_NOT_NULL(test, c.dead);
	KUNIT_EXPECT_EQ(test, c.start, SZ_2M);
	KUNIT_EXPECT_EQ(test, c.end, 2 * SZ_2M);
	rvhv_gstage_free_dead(&c);
	/* Only the table of level 0 is gone. */
	KUNIT_EXPECT_EQ(test, rvhv_gstage_map(&env->gs, &env->cache, SZ_2M, 1, 0, RX, &c),
			RVHV_GSTAGE_NO_PAGE);
	KUNIT_ASSERT_EQ(test, rvhv_pt_cache_topup(&env->cache, 1), 0);
	KUNIT_EXPECT_EQ(test, rvhv_gstage_map(&env->gs, &env->cache, SZ_2M, 1, 0, RX, &c),
			RVHV_GSTAGE_NEW);
	/* Unmapping a part of its range keeps the table. */
	c = (struct rvhv_gstage_change)RVHV_GSTAGE_CHANGE_INIT;
	rvhv_gstage_unmap(&env->gs, SZ_2M, 2 * SZ_2M - SZ_4K, &c);
	KUNIT_EXPECT_PTR_EQ(test, c.dead, NULL);
}

static void unmap_everything(struct kunit *test)
{
	struct env *env = test->priv;
	unsigned int i;

	for (i = 0; i < 32; i++)
		map(test, (env->limit / 32) * i, i, 0, RX);
	map(test, SZ_1G, 1 << 18, 2, RX);
	unmap(test, 0, U64_MAX);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(env->gs.root, 0, SZ_16K), NULL);
}

static void budget_stops(struct kunit *test)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct env *env = test->priv;
	const u64 end = 16 * SZ_2M;
	unsigned int rounds = 0;
	u64 gpa = 0;
	unsigned int i;

	for (i = 0; i < 16; i++)
		map(test, i * SZ_2M, i, 0, RWX);
	while (gpa < end) {
		u64 done;

		/* Enough for the way down and two tables of level 0 */
		c.budget = env->format->levels;
		done = rvhv_gstage_unmap(&env->gs, gpa, end, &c);
		KUNIT_ASSERT_GT(test, done, gpa);
		gpa = done;
		rounds++;
	}
	KUNIT_EXPECT_EQ(test, rounds, 8);
	rvhv_gstage_free_dead(&c);
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_EQ(test, leaf_at(test, i * SZ_2M, NULL), 0);
	c.budget = 0;
	KUNIT_EXPECT_EQ(test, rvhv_gstage_unmap(&env->gs, 0, end, &c), 0);
}

static void wrprotect_range(struct kunit *test)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct env *env = test->priv;
	unsigned int i;

	for (i = 0; i < 8; i++)
		map(test, SZ_2M - 4 * SZ_4K + i * SZ_4K, i, 0, RWX);
	rvhv_gstage_wrprotect(&env->gs, SZ_2M - 2 * SZ_4K, SZ_2M + SZ_4K, &c);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, leaf_at(test, SZ_2M - 4 * SZ_4K + i * SZ_4K, NULL),
				expected_pte(i, i >= 2 && i < 5 ? RX : RWX));
	KUNIT_EXPECT_EQ(test, c.start, SZ_2M - 2 * SZ_4K);
	KUNIT_EXPECT_EQ(test, c.end, SZ_2M + SZ_4K);
	/* A second time, nothing changes. */
	c = (struct rvhv_gstage_change)RVHV_GSTAGE_CHANGE_INIT;
	rvhv_gstage_wrprotect(&env->gs, SZ_2M - 2 * SZ_4K, SZ_2M + SZ_4K, &c);
	KUNIT_EXPECT_GE(test, c.start, c.end);
}

static void wrprotect_part_of_huge(struct kunit *test)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct env *env = test->priv;

	map(test, 0, 512, 1, RWX);
	rvhv_gstage_wrprotect(&env->gs, SZ_4K, 2 * SZ_4K, &c);
	KUNIT_EXPECT_EQ(test, leaf_at(test, 0, NULL), expected_pte(512, RX));
	KUNIT_EXPECT_EQ(test, c.end, SZ_2M);
}

static void age_range(struct kunit *test)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct env *env = test->priv;

	map(test, 0, 1, 0, RWX);
	map(test, SZ_4K, 2, 0, RWX);
	rvhv_gstage_test_young(&env->gs, 0, SZ_4K, &c);
	KUNIT_EXPECT_TRUE(test, c.young);
	KUNIT_EXPECT_GE(test, c.start, c.end);

	rvhv_gstage_age(&env->gs, 0, SZ_4K, &c);
	KUNIT_EXPECT_EQ(test, c.end, SZ_4K);
	KUNIT_EXPECT_EQ(test, leaf_at(test, 0, NULL), expected_pte(1, RWX) & ~RVHV_PTE_A);
	KUNIT_EXPECT_EQ(test, leaf_at(test, SZ_4K, NULL), expected_pte(2, RWX));

	c = (struct rvhv_gstage_change)RVHV_GSTAGE_CHANGE_INIT;
	rvhv_gstage_age(&env->gs, 0, SZ_4K, &c);
	rvhv_gstage_test_young(&env->gs, 0, SZ_4K, &c);
	rvhv_gstage_test_young(&env->gs, 2 * SZ_4K, SZ_1G, &c);
	KUNIT_EXPECT_FALSE(test, c.young);
	KUNIT_EXPECT_EQ(test, map(test, 0, 1, 0, RX), RVHV_GSTAGE_UPGRADED);
	KUNIT_EXPECT_EQ(test, leaf_at(test, 0, NULL), expected_pte(1, RWX));
}

static struct kunit_case gstage_pt_range_cases[] = {
	KUNIT_CASE_PARAM(unmap_part_of_huge, format_gen_params),
	KUNIT_CASE_PARAM(unmap_nothing, format_gen_params),
	KUNIT_CASE_PARAM(unmap_frees_tables, format_gen_params),
	KUNIT_CASE_PARAM(unmap_everything, format_gen_params),
	KUNIT_CASE_PARAM(budget_stops, format_gen_params),
	KUNIT_CASE_PARAM(wrprotect_range, format_gen_params),
	KUNIT_CASE_PARAM(wrprotect_part_of_huge, format_gen_params),
	KUNIT_CASE_PARAM(age_range, format_gen_params),
	{}
};

static struct kunit_suite gstage_pt_range_suite = {
	.name = "rvhv_gstage_pt_range",
	.init = gstage_pt_init,
	.exit = gstage_pt_exit,
	.test_cases = gstage_pt_range_cases,
};

kunit_test_suite(gstage_pt_range_suite);
