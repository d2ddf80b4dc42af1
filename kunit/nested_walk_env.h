/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the suite of the walk of an L1's G-stage tables: the L1's memory, tables in it, and a model
 * that follows the steps of the specification with its own constants.
 */
#ifndef _RVHV_KUNIT_NESTED_WALK_ENV_H
#define _RVHV_KUNIT_NESTED_WALK_ENV_H

#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "../vcpu/nested/walk.h"

/* The L1's memory holds tables only; the root is in its first four pages. */
#define MEM_BASE	0x80000000ULL
#define MEM_PAGES	16
#define MEM_SIZE	(MEM_PAGES * SZ_4K)
#define MEM_PPN		(MEM_BASE >> 12)

/* Bits of an entry */
#define V	BIT_ULL(0)
#define R	BIT_ULL(1)
#define W	BIT_ULL(2)
#define X	BIT_ULL(3)
#define U	BIT_ULL(4)
#define A	BIT_ULL(6)
#define D	BIT_ULL(7)
#define LEAF	(V | R | W | X | U | A | D)

#define ACCESSES	3

struct mode {
	const char *name;
	unsigned long mode;
	unsigned int levels;
};

static const struct mode modes[] = {
	{ "Sv39x4", 8, 3 },
	{ "Sv48x4", 9, 4 },
	{ "Sv57x4", 10, 5 },
};

KUNIT_ARRAY_PARAM_DESC(mode, modes, name);

struct env {
	const struct mode *mode;
	unsigned long hgatp;
	u64 mem[MEM_SIZE / 8];
	/* Reads of each entry. With @changing, a second read returns another value. */
	u8 reads[MEM_SIZE / 8];
	unsigned int nr_reads;
	bool changing;
};

static inline bool env_read(void *arg, u64 gpa, u64 *pte)
{
	struct env *env = arg;
	u64 i = (gpa - MEM_BASE) / 8;

	env->nr_reads++;
	if (gpa < MEM_BASE || gpa >= MEM_BASE + MEM_SIZE || gpa % 8)
		return false;
	*pte = env->mem[i];
	if (env->reads[i]++ && env->changing)
		*pte = ~*pte;
	return true;
}

static inline int nested_walk_init(struct kunit *test)
{
	struct env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, env);
	env->changing = true;
	env->mode = test->param_value;
	if (env->mode)
		env->hgatp = env->mode->mode << 60 | 5UL << 44 | MEM_PPN;
	test->priv = env;
	return 0;
}

static inline u64 level_size(unsigned int level)
{
	return 4096ULL << (9 * level);
}

static inline unsigned int width(const struct env *env)
{
	return 12 + 9 * env->mode->levels + 2;
}

static inline enum rvhv_walk walk_with(struct env *env, u64 gpa, enum rvhv_access access,
				       unsigned int features, struct rvhv_walk_result *res)
{
	const struct rvhv_walk_tables tables = {
		.hgatp = env->hgatp,
		.features = features,
		.read_pte = env_read,
		.arg = env,
	};

	memset(env->reads, 0, sizeof(env->reads));
	env->nr_reads = 0;
	memset(res, 0xff, sizeof(*res));
	return rvhv_gstage_walk(&tables, gpa, access, res);
}

static inline enum rvhv_walk walk(struct env *env, u64 gpa, enum rvhv_access access)
{
	struct rvhv_walk_result res;

	return walk_with(env, gpa, access, 0, &res);
}

/* ---- the model ---- */

static inline bool bit(u64 val, unsigned int nr)
{
	return val / (1ULL << nr) % 2;
}

/* What an entry of @level is: 'F'ault, 'N'ext level, 'L'eaf */
static inline char model_entry(u64 pte, unsigned int level, unsigned int features)
{
	bool r = bit(pte, 1), w = bit(pte, 2), x = bit(pte, 3);
	unsigned int i;

	if (!bit(pte, 0) || (w && !r))
		return 'F';
	for (i = 54; i <= 60; i++)
		if (bit(pte, i))
			return 'F';
	if (bit(pte, 61) && bit(pte, 62))
		return 'F';
	if (bit(pte, 63) && (!(features & RVHV_WALK_NAPOT) || level || !(r || x)))
		return 'F';
	/* The PPN of the only size, 64 KiB, ends in 1000. */
	if (bit(pte, 63) && pte / 1024 % 16 != 8)
		return 'F';
	if ((!(features & RVHV_WALK_PBMT) || !(r || x)) && (bit(pte, 61) || bit(pte, 62)))
		return 'F';
	if (!r && !x) {
		if (bit(pte, 4) || bit(pte, 6) || bit(pte, 7))
			return 'F';
		return level ? 'N' : 'F';
	}
	for (i = 0; i < 9 * level; i++)
		if (bit(pte, 10 + i))
			return 'F';
	return bit(pte, 4) && bit(pte, 6) ? 'L' : 'F';
}

static inline enum rvhv_walk model(const struct env *env, u64 gpa, enum rvhv_access access,
				   unsigned int features, struct rvhv_walk_result *res,
				   unsigned int *reads)
{
	unsigned int level = env->mode->levels - 1;
	u64 at = MEM_BASE;
	u64 pte;

	memset(res, 0, sizeof(*res));
	*reads = 0;
	if (gpa / 4 / level_size(env->mode->levels))
		return RVHV_WALK_PAGE_FAULT;
	at += gpa / level_size(level) * 8;
	for (;;) {
		u64 ppn;

		++*reads;
		if (at < MEM_BASE || at - MEM_BASE >= MEM_SIZE)
			return RVHV_WALK_ACCESS_FAULT;
		pte = env->mem[(at - MEM_BASE) / 8];
		ppn = pte % (1ULL << 54) / 1024;
		switch (model_entry(pte, level, features)) {
		case 'F':
			return RVHV_WALK_PAGE_FAULT;
		case 'L':
			res->gpa = ppn * 4096 + gpa % level_size(level);
			res->size_shift = 12 + 9 * level;
			if (bit(pte, 63)) {
				res->gpa = ppn / 16 * 65536 + gpa % 65536;
				res->size_shift = 16;
			}
			res->read = bit(pte, 1);
			res->write = bit(pte, 2) && bit(pte, 7);
			res->exec = bit(pte, 3);
			res->pbmt = pte / (1ULL << 61) % 4 * (1ULL << 61);
			if ((access == RVHV_ACCESS_LOAD && res->read) ||
			    (access == RVHV_ACCESS_STORE && res->write) ||
			    (access == RVHV_ACCESS_FETCH && res->exec))
				return RVHV_WALK_DONE;
			return RVHV_WALK_PAGE_FAULT;
		}
		level--;
		at = ppn * 4096 + gpa / level_size(level) % 512 * 8;
	}
}

/* Walk and model must agree. Returns the result. */
static inline enum rvhv_walk compare(struct kunit *test, u64 gpa, enum rvhv_access access,
				     unsigned int features)
{
	struct rvhv_walk_result res, want_res;
	struct env *env = test->priv;
	unsigned int reads;
	enum rvhv_walk want = model(env, gpa, access, features, &want_res, &reads);
	enum rvhv_walk ret = walk_with(env, gpa, access, features, &res);

	KUNIT_ASSERT_EQ_MSG(test, ret, want, "gpa %llx access %d features %x", gpa, access,
			    features);
	KUNIT_ASSERT_EQ(test, res.gpa, want_res.gpa);
	KUNIT_ASSERT_EQ(test, res.size_shift, want_res.size_shift);
	KUNIT_ASSERT_EQ(test, res.read, want_res.read);
	KUNIT_ASSERT_EQ(test, res.write, want_res.write);
	KUNIT_ASSERT_EQ(test, res.exec, want_res.exec);
	KUNIT_ASSERT_EQ(test, res.pbmt, want_res.pbmt);
	/* No entry is read twice. */
	KUNIT_ASSERT_EQ(test, env->nr_reads, reads);
	return ret;
}

/* ---- tables for the tests ---- */

/* The page of the table of @level; the root has pages 0 to 3. */
static inline unsigned int page_of(const struct env *env, unsigned int level)
{
	return level == env->mode->levels - 1 ? 0 : 4 + level;
}

static inline u64 *entry(struct env *env, unsigned int level, u64 gpa)
{
	unsigned int entries = level == env->mode->levels - 1 ? 2048 : 512;

	return &env->mem[page_of(env, level) * 512 + gpa / level_size(level) % entries];
}

static inline u64 pointer(struct env *env, unsigned int level)
{
	return (MEM_PPN + page_of(env, level)) << 10 | V;
}

/* Make tables whose walk of @gpa ends with the entry @pte at @level. */
static inline void lead_to(struct env *env, u64 gpa, unsigned int level, u64 pte)
{
	unsigned int cur;

	memset(env->mem, 0, sizeof(env->mem));
	for (cur = env->mode->levels - 1; cur > level; cur--)
		*entry(env, cur, gpa) = pointer(env, cur - 1);
	*entry(env, level, gpa) = pte;
}

/* An address in the last quarter of the space, with a different index at each level */
static inline u64 some_gpa(const struct env *env)
{
	return (0x07a5c3b1e96d8123ULL | 3ULL << (width(env) - 2)) % (1ULL << width(env));
}

#endif /* _RVHV_KUNIT_NESTED_WALK_ENV_H */
