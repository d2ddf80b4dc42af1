/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the suites of the G-stage page tables: a table of each format, in plain memory.
 */
#ifndef _RVHV_KUNIT_GSTAGE_PT_ENV_H
#define _RVHV_KUNIT_GSTAGE_PT_ENV_H

#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "../guest_mem/gstage_pt.h"

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

KUNIT_ARRAY_PARAM_DESC(format, formats, name);

struct env {
	struct rvhv_gstage gs;
	struct rvhv_pt_cache cache;
	const struct format *format;
	u64 limit;
};

static inline int gstage_pt_init(struct kunit *test)
{
	struct env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, env);
	env->format = test->param_value;
	env->limit = BIT_ULL(env->format->gpa_bits);
	test->priv = env;
	KUNIT_ASSERT_EQ(test, rvhv_gstage_init(&env->gs, env->format->levels), 0);
	return 0;
}

static inline void gstage_pt_exit(struct kunit *test)
{
	struct env *env = test->priv;

	if (!env)
		return;
	rvhv_pt_cache_free(&env->cache);
	rvhv_gstage_destroy(&env->gs);
	KUNIT_EXPECT_PTR_EQ(test, env->gs.root, NULL);
}

/* Map with a full cache, and finish the change. */
static inline enum rvhv_gstage_result map(struct kunit *test, u64 gpa, u64 pfn,
					  unsigned int level, u64 bits)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	enum rvhv_gstage_result result;
	struct env *env = test->priv;

	KUNIT_ASSERT_EQ(test, rvhv_pt_cache_topup(&env->cache, env->format->levels - 1), 0);
	result = rvhv_gstage_map(&env->gs, &env->cache, gpa, pfn, level, bits, &c);
	rvhv_gstage_free_dead(&c);
	return result;
}

static inline void unmap(struct kunit *test, u64 start, u64 end)
{
	struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;
	struct env *env = test->priv;

	c.budget = UINT_MAX;
	KUNIT_EXPECT_EQ(test, rvhv_gstage_unmap(&env->gs, start, end, &c), end);
	rvhv_gstage_free_dead(&c);
}

static inline u64 leaf_at(struct kunit *test, u64 gpa, unsigned int *level)
{
	struct env *env = test->priv;
	unsigned int ignored;
	u64 pte;

	rvhv_gstage_lookup(&env->gs, gpa, &pte, level ?: &ignored);
	return pte;
}

static inline u64 expected_pte(u64 pfn, u64 bits)
{
	return pfn << 10 | bits | RVHV_PTE_V | RVHV_PTE_U | RVHV_PTE_A | RVHV_PTE_D;
}

#endif /* _RVHV_KUNIT_GSTAGE_PT_ENV_H */
