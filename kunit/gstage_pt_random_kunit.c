// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the G-stage page tables: random operations against a flat model.
 */
#include <linux/prandom.h>

#include "gstage_pt_env.h"

/* The model has one entry per page, in a window across the middle of the address space. */
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

/* @what: 0 unmaps, 1 write-protects, 2 ages. */
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

	/* Two frames per page: the same one is mapped again often. */
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

static struct kunit_case gstage_pt_random_cases[] = {
	KUNIT_CASE_PARAM(random_operations, format_gen_params),
	{}
};

static struct kunit_suite gstage_pt_random_suite = {
	.name = "rvhv_gstage_pt_random",
	.init = gstage_pt_init,
	.exit = gstage_pt_exit,
	.test_cases = gstage_pt_random_cases,
};

kunit_test_suite(gstage_pt_random_suite);
