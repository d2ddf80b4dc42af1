// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the G-stage page tables, for each format, in plain memory.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sizes.h>

#include "../guest_mem/gstage_pt.h"
#include "../guest_mem/guest_mem.h"

#define RX	(RVHV_PTE_R | RVHV_PTE_X)
#define RWX	(RX | RVHV_PTE_W)

struct format {
	const char *name;
	unsigned int levels;
	unsigned int gpa_bits;
};

static const struct format formats[] = {
	{ "Sv39x4", 3, 41 },
	{ "Sv48x4", 4, 50 },
	{ "Sv57x4", 5, 59 },
};

static void format_desc(const struct format *f, char *desc)
{
	strscpy(desc, f->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(format, formats, format_desc);

struct env {
	struct rvhv_gstage gs;
	struct rvhv_pt_cache cache;
	const struct format *format;
	u64 limit;
};

static int gstage_pt_init(struct kunit *test)
{
	struct env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, env);
	env->format = test->param_value;
	env->limit = BIT_ULL(env->format->gpa_bits);
	test->priv = env;
	KUNIT_ASSERT_EQ(test, rvhv_gstage_init(&env->gs, env->format->levels), 0);
	return 0;
}

static void gstage_pt_exit(struct kunit *test)
{
	struct env *env = test->priv;

	if (!env)
		return;
	rvhv_pt_cache_free(&env->cache);
	rvhv_gstage_destroy(&env->gs);
	KUNIT_EXPECT_PTR_EQ(test, env->gs.root, NULL);
}

/* Map with a full cache and settle the change. */
static enum rvhv_gstage_result map(struct kunit *test, u64 gpa, u64 pfn, unsigned int level,
				   u64 bits)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	enum rvhv_gstage_result result;
	struct env *env = test->priv;

	KUNIT_ASSERT_EQ(test, rvhv_pt_cache_topup(&env->cache, env->format->levels - 1), 0);
	result = rvhv_gstage_map(&env->gs, &env->cache, gpa, pfn, level, bits, &c);
	rvhv_gstage_free_dead(&c);
	return result;
}

static void unmap(struct kunit *test, u64 start, u64 end)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct env *env = test->priv;

	c.budget = UINT_MAX;
	KUNIT_EXPECT_EQ(test, rvhv_gstage_unmap(&env->gs, start, end, &c), end);
	rvhv_gstage_free_dead(&c);
}

static u64 leaf_at(struct kunit *test, u64 gpa, unsigned int *level)
{
	struct env *env = test->priv;
	unsigned int ignored;
	u64 pte;

	rvhv_gstage_lookup(&env->gs, gpa, &pte, level ?: &ignored);
	return pte;
}

static u64 expected_pte(u64 pfn, u64 bits)
{
	return pfn << 10 | bits | RVHV_PTE_V | RVHV_PTE_U | RVHV_PTE_A | RVHV_PTE_D;
}

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
	/* Sv39x4 has the first four at the distance where another format's index would wrap. */
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

	/* One page at a time: what was linked stays. */
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
	/* The neighbour needs none. */
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
	/* A load that faults takes nothing away. */
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
	/* Another frame is not what it gives. */
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
	/* The table of level 0 is gone, the others stay. */
	KUNIT_EXPECT_EQ(test, rvhv_gstage_map(&env->gs, &env->cache, SZ_2M, 1, 0, RX, &c),
			RVHV_GSTAGE_NO_PAGE);
	KUNIT_ASSERT_EQ(test, rvhv_pt_cache_topup(&env->cache, 1), 0);
	KUNIT_EXPECT_EQ(test, rvhv_gstage_map(&env->gs, &env->cache, SZ_2M, 1, 0, RX, &c),
			RVHV_GSTAGE_NEW);
	/* A part of a table is not the table. */
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

		/* The way down, and two tables of level 0. */
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
	/* Again: nothing is left to do. */
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
	/* The next fault makes it young again. */
	KUNIT_EXPECT_EQ(test, map(test, 0, 1, 0, RX), RVHV_GSTAGE_UPGRADED);
	KUNIT_EXPECT_EQ(test, leaf_at(test, 0, NULL), expected_pte(1, RWX));
}

/*
 * Random operations against a flat model: one entry a page, in a window that lies across a boundary
 * of the top level where the format has one.
 */
#define MODEL_BLOCKS	6
#define MODEL_PAGES	(MODEL_BLOCKS * 512)

struct model_page {
	u64 pfn;
	bool present, write, young, huge;
};

struct model {
	struct model_page page[MODEL_PAGES];
	struct model_page before[MODEL_PAGES];
	u64 base;
};

static struct model_page *block_of(struct model *m, unsigned int i)
{
	return &m->page[ALIGN_DOWN(i, 512)];
}

static void model_map_small(struct model *m, unsigned int i, u64 pfn, bool write)
{
	struct model_page *p = &m->page[i], *block = block_of(m, i);
	unsigned int k;

	if (p->present && p->huge) {
		bool enough = p->pfn == pfn && (p->write || !write);

		for (k = 0; k < 512; k++) {
			block[k].huge = enough;
			block[k].young |= enough;
		}
		if (enough)
			return;
	}
	*p = (struct model_page) {
		.pfn = pfn, .present = true, .young = true,
		.write = write || (p->present && p->pfn == pfn && p->write),
	};
}

static void model_map_huge(struct model *m, unsigned int i, u64 pfn, bool write)
{
	struct model_page *block = block_of(m, i);
	bool same = block->present && block->huge && block->pfn == pfn;
	unsigned int k;

	write |= same && block->write;
	for (k = 0; k < 512; k++)
		block[k] = (struct model_page) {
			.pfn = pfn + k, .present = true, .write = write, .young = true,
			.huge = true,
		};
}

/* What: 0 unmaps, 1 protects, 2 ages. */
static void model_range(struct model *m, unsigned int from, unsigned int to, unsigned int what)
{
	unsigned int i, k;

	for (i = from; i < to; i++) {
		struct model_page *p = m->page[i].huge ? block_of(m, i) : &m->page[i];

		for (k = 0; k < (m->page[i].huge ? 512 : 1); k++) {
			if (what == 1)
				p[k].write = false;
			else if (what == 2)
				p[k].young = false;
		}
		if (what == 0) {
			unsigned int n = p->huge ? 512 : 1;

			memset(p, 0, n * sizeof(*p));
		}
	}
}

static void model_compare(struct kunit *test, struct model *m, const struct rvhv_gstage_change *c)
{
	unsigned int i, level;

	for (i = 0; i < MODEL_PAGES; i++) {
		const struct model_page *p = &m->page[i], *old = &m->before[i];
		u64 gpa = m->base + (u64)i * SZ_4K;
		u64 pte = leaf_at(test, gpa, &level);
		u64 pfn = rvhv_pte_pfn(pte) + (level ? i % 512 : 0);
		bool lost;

		KUNIT_ASSERT_EQ_MSG(test, !!pte, p->present, "page %u", i);
		if (p->present) {
			KUNIT_ASSERT_EQ_MSG(test, pfn, p->pfn, "page %u", i);
			KUNIT_ASSERT_EQ_MSG(test, !!(pte & RVHV_PTE_W), p->write, "page %u", i);
			KUNIT_ASSERT_EQ_MSG(test, !!(pte & RVHV_PTE_A), p->young, "page %u", i);
			KUNIT_ASSERT_EQ_MSG(test, level, p->huge, "page %u", i);
		}
		lost = old->present && (!p->present || old->pfn != p->pfn ||
					old->write > p->write || old->young > p->young);
		if (lost)
			KUNIT_ASSERT_TRUE_MSG(test, gpa >= c->start && gpa + SZ_4K <= c->end,
					      "page %u is not flushed", i);
	}
}

static void random_step(struct kunit *test, struct model *m, struct rnd_state *rnd)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	unsigned int from = prandom_u32_state(rnd) % MODEL_PAGES;
	unsigned int to = from + 1 + prandom_u32_state(rnd) % (MODEL_PAGES - from);
	unsigned int what = prandom_u32_state(rnd) % 8;
	bool write = prandom_u32_state(rnd) & 1;
	struct env *env = test->priv;
	u64 start, end, pfn;

	/* Few frames, so that the same one comes back. */
	pfn = (prandom_u32_state(rnd) & 1) * MODEL_PAGES;
	start = m->base + (u64)from * SZ_4K;
	end = m->base + (u64)to * SZ_4K;
	memcpy(m->before, m->page, sizeof(m->page));
	KUNIT_ASSERT_EQ(test, rvhv_pt_cache_topup(&env->cache, env->format->levels - 1), 0);

	if (what <= 2) {
		model_range(m, from, to, what);
		if (what == 0)
			rvhv_gstage_unmap(&env->gs, start, end, &c);
		else if (what == 1)
			rvhv_gstage_wrprotect(&env->gs, start, end, &c);
		else
			rvhv_gstage_age(&env->gs, start, end, &c);
	} else if (what == 3) {
		from = ALIGN_DOWN(from, 512);
		model_map_huge(m, from, pfn + from, write);
		rvhv_gstage_map(&env->gs, &env->cache, ALIGN_DOWN(start, SZ_2M), pfn + from, 1,
				write ? RWX : RX, &c);
	} else {
		model_map_small(m, from, pfn + from, write);
		rvhv_gstage_map(&env->gs, &env->cache, start, pfn + from, 0, write ? RWX : RX, &c);
	}
	model_compare(test, m, &c);
	rvhv_gstage_free_dead(&c);
}

static void random_operations(struct kunit *test)
{
	struct model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	struct env *env = test->priv;
	struct rnd_state rnd;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, m);
	m->base = env->limit / 2 - MODEL_BLOCKS / 2 * SZ_2M;
	prandom_seed_state(&rnd, env->format->levels);
	for (i = 0; i < 2000; i++)
		random_step(test, m, &rnd);
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
	KUNIT_CASE_PARAM(unmap_part_of_huge, format_gen_params),
	KUNIT_CASE_PARAM(unmap_nothing, format_gen_params),
	KUNIT_CASE_PARAM(unmap_frees_tables, format_gen_params),
	KUNIT_CASE_PARAM(unmap_everything, format_gen_params),
	KUNIT_CASE_PARAM(budget_stops, format_gen_params),
	KUNIT_CASE_PARAM(wrprotect_range, format_gen_params),
	KUNIT_CASE_PARAM(wrprotect_part_of_huge, format_gen_params),
	KUNIT_CASE_PARAM(age_range, format_gen_params),
	KUNIT_CASE_PARAM(random_operations, format_gen_params),
	{}
};

static struct kunit_suite gstage_pt_suite = {
	.name = "rvhv_gstage_pt",
	.init = gstage_pt_init,
	.exit = gstage_pt_exit,
	.test_cases = gstage_pt_cases,
};

kunit_test_suite(gstage_pt_suite);

MODULE_LICENSE("GPL");
