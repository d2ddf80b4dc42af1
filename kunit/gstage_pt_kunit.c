// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the G-stage page tables: mapping, splitting and replacing leaves.
 */
#include "gstage_pt_env.h"

static void empty_table(struct kunit *test)
{
	struct env *env = test->priv;
	unsigned int level;

	KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)env->gs.root, SZ_16K));
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(env->gs.root, 0, SZ_16K), NULL);
	KUNIT_EXPECT_EQ(test, rvhv_gstage_gpa_bits(env->format->levels), env->format->gpa_bits);
	KUNIT_EXPECT_EQ(test, leaf_at(test, 0, &level), 0);
	KUNIT_EXPECT_EQ(test, level, env->format->levels - 1);
	KUNIT_EXPECT_EQ(test, leaf_at(test, env->limit - 1, NULL), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(test, env->limit, NULL), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(test, U64_MAX, NULL), 0);
}

static void map_at_boundaries(struct kunit *test)
{
	struct env *env = test->priv;
	const u64 gpa[] = {
		0, SZ_4K, SZ_2M - SZ_4K, SZ_2M, SZ_1G - SZ_4K, SZ_1G, env->limit / 4 - SZ_4K,
		env->limit / 4, env->limit / 2, env->limit - SZ_1G, env->limit - SZ_4K,
	};
	unsigned int i, level;

	for (i = 0; i < ARRAY_SIZE(gpa); i++)
		KUNIT_EXPECT_EQ(test, map(test, gpa[i], 0x1000 + i, 0, RWX), RVHV_GSTAGE_NEW);
	for (i = 0; i < ARRAY_SIZE(gpa); i++) {
		u64 want = expected_pte(0x1000 + i, RWX);

		KUNIT_EXPECT_EQ(test, leaf_at(test, gpa[i], &level), want);
		KUNIT_EXPECT_EQ(test, level, 0);
		KUNIT_EXPECT_EQ(test, leaf_at(test, gpa[i] + SZ_4K - 1, NULL), want);
	}
	/* Not where the index of another format would have wrapped. */
	KUNIT_EXPECT_EQ(test, leaf_at(test, 2 * SZ_4K, NULL), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(test, SZ_2M + SZ_4K, NULL), 0);
}

static void map_refuses(struct kunit *test)
{
	struct env *env = test->priv;

	KUNIT_EXPECT_EQ(test, map(test, env->limit, 1, 0, RWX), RVHV_GSTAGE_INVALID);
	KUNIT_EXPECT_EQ(test, map(test, U64_MAX & PAGE_MASK, 1, 0, RWX), RVHV_GSTAGE_INVALID);
	KUNIT_EXPECT_EQ(test, map(test, 1, 1, 0, RWX), RVHV_GSTAGE_INVALID);
	KUNIT_EXPECT_EQ(test, map(test, SZ_4K, 512, 1, RWX), RVHV_GSTAGE_INVALID);
	KUNIT_EXPECT_EQ(test, map(test, SZ_2M, 1, 1, RWX), RVHV_GSTAGE_INVALID);
	KUNIT_EXPECT_EQ(test, map(test, SZ_2M, 1 << 18, 2, RWX), RVHV_GSTAGE_INVALID);
	KUNIT_EXPECT_EQ(test, map(test, 0, 0, 3, RWX), RVHV_GSTAGE_INVALID);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(env->gs.root, 0, SZ_16K), NULL);
}

static void cache_runs_out(struct kunit *test)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct env *env = test->priv;
	unsigned int i;

	/* With one page at a time, tables already linked stay. */
	for (i = 0; i < env->format->levels - 1; i++) {
		KUNIT_EXPECT_EQ(test, rvhv_gstage_map(&env->gs, &env->cache, 0, 7, 0, RX, &c),
				RVHV_GSTAGE_NO_PAGE);
		KUNIT_EXPECT_EQ(test, leaf_at(test, 0, NULL), 0);
		KUNIT_ASSERT_EQ(test, rvhv_pt_cache_topup(&env->cache, 1), 0);
	}
	KUNIT_EXPECT_EQ(test, rvhv_gstage_map(&env->gs, &env->cache, 0, 7, 0, RX, &c),
			RVHV_GSTAGE_NEW);
	KUNIT_EXPECT_EQ(test, env->cache.nr, 0);
	KUNIT_EXPECT_EQ(test, leaf_at(test, 0, NULL), expected_pte(7, RX));
	/* The next page needs no table. */
	KUNIT_EXPECT_EQ(test, rvhv_gstage_map(&env->gs, &env->cache, SZ_4K, 8, 0, RX, &c),
			RVHV_GSTAGE_NEW);
	KUNIT_EXPECT_GE(test, c.start, c.end);
}

static void split_without_page(struct kunit *test)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct env *env = test->priv;

	map(test, 0, 512, 1, RX);
	rvhv_pt_cache_free(&env->cache);
	KUNIT_EXPECT_EQ(test, rvhv_gstage_map(&env->gs, &env->cache, 0, 512, 0, RWX, &c),
			RVHV_GSTAGE_NO_PAGE);
	KUNIT_EXPECT_EQ(test, leaf_at(test, 0, NULL), expected_pte(512, RX));
}

static void upgrade(struct kunit *test)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct env *env = test->priv;

	map(test, SZ_4K, 9, 0, RX);
	KUNIT_EXPECT_EQ(test, rvhv_gstage_map(&env->gs, &env->cache, SZ_4K, 9, 0, RX, &c),
			RVHV_GSTAGE_UPGRADED);
	KUNIT_EXPECT_EQ(test, leaf_at(test, SZ_4K, NULL), expected_pte(9, RX));
	KUNIT_EXPECT_EQ(test, rvhv_gstage_map(&env->gs, &env->cache, SZ_4K, 9, 0, RWX, &c),
			RVHV_GSTAGE_UPGRADED);
	KUNIT_EXPECT_EQ(test, leaf_at(test, SZ_4K, NULL), expected_pte(9, RWX));
	/* Mapping with fewer permissions removes none. */
	KUNIT_EXPECT_EQ(test, rvhv_gstage_map(&env->gs, &env->cache, SZ_4K, 9, 0, RX, &c),
			RVHV_GSTAGE_UPGRADED);
	KUNIT_EXPECT_EQ(test, leaf_at(test, SZ_4K, NULL), expected_pte(9, RWX));
	KUNIT_EXPECT_GE(test, c.start, c.end);
}

static void replace_frame(struct kunit *test)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct env *env = test->priv;

	map(test, SZ_4K, 9, 0, RWX);
	KUNIT_EXPECT_EQ(test, rvhv_gstage_map(&env->gs, &env->cache, SZ_4K, 10, 0, RX, &c),
			RVHV_GSTAGE_REPLACED);
	KUNIT_EXPECT_EQ(test, leaf_at(test, SZ_4K, NULL), expected_pte(10, RX));
	KUNIT_EXPECT_EQ(test, c.start, SZ_4K);
	KUNIT_EXPECT_EQ(test, c.end, 2 * SZ_4K);
}

static void replace_memory_type(struct kunit *test)
{
	const u64 io = BIT_ULL(62);

	map(test, 0, 9, 0, RX);
	KUNIT_EXPECT_EQ(test, map(test, 0, 9, 0, RX | io), RVHV_GSTAGE_REPLACED);
	KUNIT_EXPECT_EQ(test, leaf_at(test, 0, NULL), expected_pte(9, RX | io));
	map(test, SZ_2M, 512, 1, RWX);
	KUNIT_EXPECT_EQ(test, map(test, SZ_2M, 512, 0, RX | io), RVHV_GSTAGE_REPLACED);
	KUNIT_EXPECT_EQ(test, leaf_at(test, SZ_2M, NULL), expected_pte(512, RX | io));
	KUNIT_EXPECT_EQ(test, leaf_at(test, SZ_2M + SZ_4K, NULL), expected_pte(513, RWX));
}

static void largest_frame(struct kunit *test)
{
	const u64 pfn = BIT_ULL(44) - 1;

	map(test, 0, pfn, 0, RX);
	KUNIT_EXPECT_EQ(test, rvhv_pte_pfn(leaf_at(test, 0, NULL)), pfn);
	KUNIT_EXPECT_EQ(test, leaf_at(test, 0, NULL) & RVHV_PTE_PBMT, 0);
}

static void huge_leaves(struct kunit *test)
{
	struct env *env = test->priv;
	unsigned int level;

	KUNIT_EXPECT_EQ(test, map(test, SZ_2M, 512, 1, RWX), RVHV_GSTAGE_NEW);
	KUNIT_EXPECT_EQ(test, leaf_at(test, 2 * SZ_2M - 1, &level), expected_pte(512, RWX));
	KUNIT_EXPECT_EQ(test, level, 1);
	KUNIT_EXPECT_EQ(test, leaf_at(test, 2 * SZ_2M, NULL), 0);
	KUNIT_EXPECT_EQ(test, map(test, env->limit - SZ_1G, 1 << 18, 2, RX), RVHV_GSTAGE_NEW);
	KUNIT_EXPECT_EQ(test, leaf_at(test, env->limit - 1, &level), expected_pte(1 << 18, RX));
	KUNIT_EXPECT_EQ(test, level, 2);
}

static void split_huge(struct kunit *test)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct env *env = test->priv;
	unsigned int i, level;

	map(test, SZ_2M, 1024, 1, RX);
	KUNIT_ASSERT_EQ(test, rvhv_pt_cache_topup(&env->cache, 1), 0);
	KUNIT_EXPECT_EQ(test, rvhv_gstage_map(&env->gs, &env->cache, SZ_2M + 5 * SZ_4K, 1029, 0,
					      RWX, &c), RVHV_GSTAGE_REPLACED);
	KUNIT_EXPECT_EQ(test, c.start, SZ_2M);
	KUNIT_EXPECT_EQ(test, c.end, 2 * SZ_2M);
	for (i = 0; i < 512; i++) {
		u64 pte = leaf_at(test, SZ_2M + i * SZ_4K, &level);

		KUNIT_EXPECT_EQ(test, level, 0);
		KUNIT_EXPECT_EQ(test, pte, expected_pte(1024 + i, i == 5 ? RWX : RX));
	}
}

static void split_gigantic(struct kunit *test)
{
	unsigned int level;

	map(test, SZ_1G, 1 << 18, 2, RX);
	KUNIT_EXPECT_EQ(test, map(test, SZ_1G + SZ_2M + SZ_4K, (1 << 18) + 513, 0, RWX),
			RVHV_GSTAGE_REPLACED);
	KUNIT_EXPECT_EQ(test, leaf_at(test, SZ_1G + SZ_2M + SZ_4K, &level),
			expected_pte((1 << 18) + 513, RWX));
	KUNIT_EXPECT_EQ(test, level, 0);
	KUNIT_EXPECT_EQ(test, leaf_at(test, SZ_1G + SZ_2M, &level),
			expected_pte((1 << 18) + 512, RX));
	KUNIT_EXPECT_EQ(test, level, 0);
	KUNIT_EXPECT_EQ(test, leaf_at(test, 2UL * SZ_1G - SZ_2M, &level),
			expected_pte((1 << 18) + 511 * 512, RX));
	KUNIT_EXPECT_EQ(test, level, 1);
}

static void huge_leaf_is_enough(struct kunit *test)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct env *env = test->priv;
	unsigned int level;

	map(test, 0, 512, 1, RWX);
	rvhv_gstage_age(&env->gs, 0, SZ_4K, &c);
	KUNIT_EXPECT_FALSE(test, leaf_at(test, 0, NULL) & RVHV_PTE_A);
	KUNIT_EXPECT_EQ(test, map(test, SZ_4K, 513, 0, RX), RVHV_GSTAGE_UPGRADED);
	KUNIT_EXPECT_EQ(test, leaf_at(test, SZ_4K, &level), expected_pte(512, RWX));
	KUNIT_EXPECT_EQ(test, level, 1);
	/* A frame that the huge leaf does not map there splits it. */
	KUNIT_EXPECT_EQ(test, map(test, SZ_4K, 514, 0, RX), RVHV_GSTAGE_REPLACED);
	KUNIT_EXPECT_EQ(test, leaf_at(test, SZ_4K, &level), expected_pte(514, RX));
	KUNIT_EXPECT_EQ(test, leaf_at(test, 2 * SZ_4K, &level), expected_pte(514, RWX));
}

static void small_to_huge(struct kunit *test)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct env *env = test->priv;
	unsigned int level;
	u64 *dead;

	map(test, SZ_2M + SZ_4K, 513, 0, RWX);
	KUNIT_EXPECT_EQ(test, rvhv_gstage_map(&env->gs, &env->cache, SZ_2M, 512, 1, RX, &c),
			RVHV_GSTAGE_REPLACED);
	KUNIT_EXPECT_EQ(test, c.start, SZ_2M);
	KUNIT_EXPECT_EQ(test, c.end, 2 * SZ_2M);
	dead = c.dead;
	KUNIT_ASSERT_NOT_NULL(test, dead);
	KUNIT_EXPECT_FALSE(test, dead[0] & RVHV_PTE_V);
	rvhv_gstage_free_dead(&c);
	KUNIT_EXPECT_EQ(test, leaf_at(test, SZ_2M + SZ_4K, &level), expected_pte(512, RX));
	KUNIT_EXPECT_EQ(test, level, 1);
}

static void tree_to_gigantic(struct kunit *test)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct env *env = test->priv;
	unsigned int i, dead = 0;
	u64 *table;

	for (i = 0; i < 8; i++)
		map(test, SZ_1G + (u64)i * 2 * SZ_2M, i, 0, RX);
	KUNIT_EXPECT_EQ(test, rvhv_gstage_map(&env->gs, &env->cache, SZ_1G, 1 << 18, 2, RX, &c),
			RVHV_GSTAGE_REPLACED);
	for (table = c.dead; table; table = (u64 *)(unsigned long)table[0]) {
		KUNIT_EXPECT_FALSE(test, table[0] & RVHV_PTE_V);
		dead++;
	}
	KUNIT_EXPECT_EQ(test, dead, 9);
	rvhv_gstage_free_dead(&c);
	KUNIT_EXPECT_PTR_EQ(test, c.dead, NULL);
}

static struct kunit_case gstage_pt_cases[] = {
	KUNIT_CASE_PARAM(empty_table, format_gen_params),
	KUNIT_CASE_PARAM(map_at_boundaries, format_gen_params),
	KUNIT_CASE_PARAM(map_refuses, format_gen_params),
	KUNIT_CASE_PARAM(cache_runs_out, format_gen_params),
	KUNIT_CASE_PARAM(split_without_page, format_gen_params),
	KUNIT_CASE_PARAM(upgrade, format_gen_params),
	KUNIT_CASE_PARAM(replace_frame, format_gen_params),
	KUNIT_CASE_PARAM(replace_memory_type, format_gen_params),
	KUNIT_CASE_PARAM(largest_frame, format_gen_params),
	KUNIT_CASE_PARAM(huge_leaves, format_gen_params),
	KUNIT_CASE_PARAM(split_huge, format_gen_params),
	KUNIT_CASE_PARAM(split_gigantic, format_gen_params),
	KUNIT_CASE_PARAM(huge_leaf_is_enough, format_gen_params),
	KUNIT_CASE_PARAM(small_to_huge, format_gen_params),
	KUNIT_CASE_PARAM(tree_to_gigantic, format_gen_params),
	{}
};

static struct kunit_suite gstage_pt_suite = {
	.name = "rvhv_gstage_pt",
	.init = gstage_pt_init,
	.exit = gstage_pt_exit,
	.test_cases = gstage_pt_cases,
};

kunit_test_suite(gstage_pt_suite);
