// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the walk of an L1's G-stage tables, for each mode, against a model that follows
 * the specification's steps one by one with numbers of its own.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sizes.h>

#include "../vcpu/nested/walk.h"

/* The L1's memory: tables only. The root has its first four pages. */
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

static void mode_desc(const struct mode *m, char *desc)
{
	strscpy(desc, m->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(mode, modes, mode_desc);

struct env {
	const struct mode *mode;
	unsigned long hgatp;
	u64 mem[MEM_SIZE / 8];
	/* How often each entry was read; with @changing it is another the second time. */
	u8 reads[MEM_SIZE / 8];
	unsigned int nr_reads;
	bool changing;
	int error;
};

static int env_read(void *arg, u64 gpa, u64 *pte)
{
	struct env *env = arg;
	u64 i = (gpa - MEM_BASE) / 8;

	env->nr_reads++;
	if (env->error)
		return env->error;
	if (gpa < MEM_BASE || gpa >= MEM_BASE + MEM_SIZE)
		return 1;
	if (gpa % 8)
		return -EINVAL;
	*pte = env->mem[i];
	if (env->reads[i]++ && env->changing)
		*pte = ~*pte;
	return 0;
}

static int nested_walk_init(struct kunit *test)
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

static u64 level_size(unsigned int level)
{
	return 4096ULL << (9 * level);
}

static unsigned int width(const struct env *env)
{
	return 12 + 9 * env->mode->levels + 2;
}

static int walk_with(struct env *env, u64 gpa, enum rvhv_access access, unsigned int features,
		     struct rvhv_walk_result *res)
{
	memset(env->reads, 0, sizeof(env->reads));
	env->nr_reads = 0;
	memset(res, 0xff, sizeof(*res));
	return rvhv_gstage_walk(env->hgatp, features, gpa, access, env_read, env, res);
}

static int walk(struct env *env, u64 gpa, enum rvhv_access access)
{
	struct rvhv_walk_result res;

	return walk_with(env, gpa, access, 0, &res);
}

/* ---- the model ---- */

static bool bit(u64 val, unsigned int nr)
{
	return val / (1ULL << nr) % 2;
}

/* What the specification has one do with an entry of @level: 'F'ault, 'N'ext, 'L'eaf */
static char model_entry(u64 pte, unsigned int level, unsigned int features)
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
	/* 64 KiB is the one size: 1 and three zeros. */
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

static int model(const struct env *env, u64 gpa, enum rvhv_access access, unsigned int features,
		 struct rvhv_walk_result *res, unsigned int *reads)
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
				return 0;
			return RVHV_WALK_PAGE_FAULT;
		}
		level--;
		at = ppn * 4096 + gpa / level_size(level) % 512 * 8;
	}
}

/* Walk and model must agree; returns the result. */
static int compare(struct kunit *test, u64 gpa, enum rvhv_access access, unsigned int features)
{
	struct rvhv_walk_result res, want_res;
	struct env *env = test->priv;
	unsigned int reads;
	int want = model(env, gpa, access, features, &want_res, &reads);
	int ret = walk_with(env, gpa, access, features, &res);

	KUNIT_ASSERT_EQ_MSG(test, ret, want, "gpa %llx access %d features %x", gpa, access,
			    features);
	KUNIT_ASSERT_EQ(test, res.gpa, want_res.gpa);
	KUNIT_ASSERT_EQ(test, res.size_shift, want_res.size_shift);
	KUNIT_ASSERT_EQ(test, res.read, want_res.read);
	KUNIT_ASSERT_EQ(test, res.write, want_res.write);
	KUNIT_ASSERT_EQ(test, res.exec, want_res.exec);
	KUNIT_ASSERT_EQ(test, res.pbmt, want_res.pbmt);
	/* One read a level, so none is read again to decide. */
	KUNIT_ASSERT_EQ(test, env->nr_reads, reads);
	return ret;
}

/* ---- tables for the tests ---- */

/* Page of the table of @level in a straight way down; the root has pages 0 to 3. */
static unsigned int page_of(const struct env *env, unsigned int level)
{
	return level == env->mode->levels - 1 ? 0 : 4 + level;
}

static u64 *entry(struct env *env, unsigned int level, u64 gpa)
{
	unsigned int entries = level == env->mode->levels - 1 ? 2048 : 512;

	return &env->mem[page_of(env, level) * 512 + gpa / level_size(level) % entries];
}

static u64 pointer(struct env *env, unsigned int level)
{
	return (MEM_PPN + page_of(env, level)) << 10 | V;
}

/* The way of @gpa down to the entry @pte at @level. */
static void lead_to(struct env *env, u64 gpa, unsigned int level, u64 pte)
{
	unsigned int cur;

	memset(env->mem, 0, sizeof(env->mem));
	for (cur = env->mode->levels - 1; cur > level; cur--)
		*entry(env, cur, gpa) = pointer(env, cur - 1);
	*entry(env, level, gpa) = pte;
}

/* An address with another index at each level, in the last quarter of the space */
static u64 some_gpa(const struct env *env)
{
	return (0x07a5c3b1e96d8123ULL | 3ULL << (width(env) - 2)) % (1ULL << width(env));
}

static void bare(struct kunit *test)
{
	static const u64 gpas[] = { 0, 0x1234, SZ_2G, BIT_ULL(41), BIT_ULL(56) - 1, U64_MAX };
	struct env *env = test->priv;
	unsigned int i, access;

	for (i = 0; i < ARRAY_SIZE(gpas); i++) {
		for (access = 0; access < ACCESSES; access++) {
			struct rvhv_walk_result res;

			/* A VMID, as L1s write it alone. */
			env->hgatp = i & 1 ? 7UL << 44 : 0;
			KUNIT_EXPECT_EQ(test, 0, walk_with(env, gpas[i], access, RVHV_WALK_PBMT,
							   &res));
			KUNIT_EXPECT_EQ(test, res.gpa, gpas[i]);
			KUNIT_EXPECT_EQ(test, res.size_shift, 48);
			KUNIT_EXPECT_TRUE(test, res.read && res.write && res.exec);
			KUNIT_EXPECT_EQ(test, res.pbmt, 0);
			KUNIT_EXPECT_EQ(test, env->nr_reads, 0);
		}
	}
}

static void reserved_modes(struct kunit *test)
{
	struct env *env = test->priv;
	unsigned long mode;

	for (mode = 1; mode < 16; mode++) {
		if (mode >= 8 && mode <= 10)
			continue;
		env->hgatp = mode << 60 | MEM_PPN;
		KUNIT_EXPECT_EQ(test, walk(env, 0, RVHV_ACCESS_LOAD), RVHV_WALK_PAGE_FAULT);
		KUNIT_EXPECT_EQ(test, env->nr_reads, 0);
	}
}

static void every_size(struct kunit *test)
{
	struct env *env = test->priv;
	u64 gpa = some_gpa(env);
	unsigned int level;

	for (level = 0; level < env->mode->levels; level++) {
		u64 ppn = level_size(level) / 4096 * 3;
		struct rvhv_walk_result res;

		lead_to(env, gpa, level, ppn << 10 | LEAF);
		KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_STORE, 0), 0);
		walk_with(env, gpa, RVHV_ACCESS_FETCH, 0, &res);
		KUNIT_EXPECT_EQ(test, res.gpa, level_size(level) * 3 + gpa % level_size(level));
		KUNIT_EXPECT_EQ(test, res.size_shift, 12 + 9 * level);
		KUNIT_EXPECT_EQ(test, env->nr_reads, env->mode->levels - level);
		/* The neighbours are not mapped. */
		KUNIT_EXPECT_EQ(test, compare(test, gpa ^ level_size(level), RVHV_ACCESS_LOAD,
					      0), RVHV_WALK_PAGE_FAULT);
	}
}

/* G and the two bits for software mean nothing. */
static void ignored_bits(struct kunit *test)
{
	struct env *env = test->priv;
	u64 gpa = some_gpa(env);
	unsigned int level;

	for (level = 0; level < env->mode->levels; level++) {
		lead_to(env, gpa, level, LEAF | BIT_ULL(5) | BIT_ULL(8) | BIT_ULL(9));
		KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_STORE, 0), 0);
		if (level < env->mode->levels - 1)
			*entry(env, level + 1, gpa) |= BIT_ULL(5) | BIT_ULL(8) | BIT_ULL(9);
		KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_STORE, 0), 0);
	}
}

static void address_width(struct kunit *test)
{
	struct env *env = test->priv;
	u64 top = BIT_ULL(width(env)) - 1;
	unsigned int i;

	lead_to(env, top, 0, 42 << 10 | LEAF);
	KUNIT_EXPECT_EQ(test, compare(test, top, RVHV_ACCESS_LOAD, 0), 0);
	for (i = width(env); i < 64; i++) {
		KUNIT_EXPECT_EQ(test, compare(test, top | BIT_ULL(i), RVHV_ACCESS_LOAD, 0),
				RVHV_WALK_PAGE_FAULT);
		KUNIT_EXPECT_EQ(test, env->nr_reads, 0);
	}
	/* Every bit of the address has a say, the root's two additional ones too. */
	for (i = 12; i < width(env); i++)
		KUNIT_EXPECT_EQ(test, compare(test, top ^ BIT_ULL(i), RVHV_ACCESS_LOAD, 0),
				RVHV_WALK_PAGE_FAULT);
}

/* The two lowest bits of the root's PPN do not exist. */
static void root_alignment(struct kunit *test)
{
	struct env *env = test->priv;
	u64 gpa = some_gpa(env);
	unsigned int i;

	lead_to(env, gpa, 0, LEAF);
	for (i = 0; i < 4; i++) {
		env->hgatp = (env->hgatp & ~3UL) | i;
		KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_LOAD, 0), 0);
	}
}

static void every_permission(struct kunit *test)
{
	struct env *env = test->priv;
	u64 gpa = some_gpa(env);
	unsigned int level, flags, access, allowed = 0;

	for (level = 0; level < env->mode->levels; level++)
		for (flags = 0; flags < 256; flags++)
			for (access = 0; access < ACCESSES; access++) {
				lead_to(env, gpa, level, flags);
				allowed += !compare(test, gpa, access, 0);
			}
	/*
	 * V, U, A; D and G free. Readable: R, RW, RX, RWX; of them two can be written and need D;
	 * fetched: X, RX, RWX.
	 */
	KUNIT_EXPECT_EQ(test, allowed, env->mode->levels * (4 * 4 + 2 * 2 + 3 * 4));
}

static void faults_tell(struct kunit *test)
{
	struct env *env = test->priv;
	struct rvhv_walk_result res;
	u64 gpa = some_gpa(env);

	/* Execute-only: what a load under MXR wants to know. */
	lead_to(env, gpa, 0, V | X | U | A);
	KUNIT_EXPECT_EQ(test, walk_with(env, gpa, RVHV_ACCESS_LOAD, 0, &res),
			RVHV_WALK_PAGE_FAULT);
	KUNIT_EXPECT_TRUE(test, res.exec);
	KUNIT_EXPECT_FALSE(test, res.read);
	/* Not with a leaf that is no good. */
	lead_to(env, gpa, 0, V | X | U);
	KUNIT_EXPECT_EQ(test, walk_with(env, gpa, RVHV_ACCESS_LOAD, 0, &res),
			RVHV_WALK_PAGE_FAULT);
	KUNIT_EXPECT_FALSE(test, res.exec);
	/* Clean: readable, not yet to be written. */
	lead_to(env, gpa, 0, LEAF & ~D);
	KUNIT_EXPECT_EQ(test, walk_with(env, gpa, RVHV_ACCESS_LOAD, 0, &res), 0);
	KUNIT_EXPECT_TRUE(test, res.read);
	KUNIT_EXPECT_FALSE(test, res.write);
}

static void every_reserved_bit(struct kunit *test)
{
	struct env *env = test->priv;
	u64 gpa = some_gpa(env);
	unsigned int level, i;

	for (i = 54; i < 64; i++) {
		bool pbmt = i == 61 || i == 62;

		for (level = 0; level < env->mode->levels; level++) {
			lead_to(env, gpa, level, LEAF | BIT_ULL(i));
			KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_LOAD, 0),
					RVHV_WALK_PAGE_FAULT);
			KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_LOAD, RVHV_WALK_PBMT),
					pbmt ? 0 : RVHV_WALK_PAGE_FAULT);
			if (!level)
				continue;
			lead_to(env, gpa, 0, LEAF);
			*entry(env, level, gpa) |= BIT_ULL(i);
			KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_LOAD, RVHV_WALK_PBMT),
					RVHV_WALK_PAGE_FAULT);
		}
	}
	lead_to(env, gpa, 0, LEAF | BIT_ULL(61) | BIT_ULL(62));
	KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_LOAD, RVHV_WALK_PBMT),
			RVHV_WALK_PAGE_FAULT);
}

/* Svnapot: one size, in leaves of the lowest level */
static void napot(struct kunit *test)
{
	const u64 n = BIT_ULL(63);
	struct env *env = test->priv;
	u64 gpa = some_gpa(env);
	unsigned int level, low;

	for (level = 0; level < env->mode->levels; level++)
		for (low = 0; low < 16; low++) {
			lead_to(env, gpa, level, LEAF | n | low << 10);
			KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_LOAD, 0),
					RVHV_WALK_PAGE_FAULT);
			KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_LOAD, RVHV_WALK_NAPOT),
					level || low != 8 ? RVHV_WALK_PAGE_FAULT : 0);
		}
	/* Not a pointer to a table */
	lead_to(env, gpa, 0, LEAF);
	*entry(env, 1, gpa) |= n;
	KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_LOAD, RVHV_WALK_NAPOT),
			RVHV_WALK_PAGE_FAULT);
}

static void misaligned(struct kunit *test)
{
	struct env *env = test->priv;
	u64 gpa = some_gpa(env);
	unsigned int level, i;

	for (level = 0; level < env->mode->levels; level++)
		for (i = 0; i < 44; i++) {
			lead_to(env, gpa, level, LEAF | BIT_ULL(10 + i));
			KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_LOAD, 0),
					i < 9 * level ? RVHV_WALK_PAGE_FAULT : 0);
		}
}

static void bad_pointers(struct kunit *test)
{
	static const u64 bits[] = { U, A, D, W };
	struct env *env = test->priv;
	u64 gpa = some_gpa(env);
	unsigned int level, i;

	for (level = 1; level < env->mode->levels; level++)
		for (i = 0; i < ARRAY_SIZE(bits); i++) {
			lead_to(env, gpa, 0, LEAF);
			*entry(env, level, gpa) |= bits[i];
			KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_LOAD, 0),
					RVHV_WALK_PAGE_FAULT);
			KUNIT_EXPECT_EQ(test, env->nr_reads, env->mode->levels - level);
		}
	lead_to(env, gpa, 0, pointer(env, 0));
	KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_LOAD, 0), RVHV_WALK_PAGE_FAULT);
	KUNIT_EXPECT_EQ(test, env->nr_reads, env->mode->levels);
}

static void outside_memory(struct kunit *test)
{
	struct env *env = test->priv;
	const u64 ppns[] = { 0, MEM_PPN - 1, MEM_PPN + MEM_PAGES, BIT_ULL(44) - 1 };
	unsigned long hgatp = env->hgatp;
	u64 gpa = some_gpa(env);
	unsigned int level, i;

	for (i = 0; i < ARRAY_SIZE(ppns); i++)
		for (level = 1; level < env->mode->levels; level++) {
			lead_to(env, gpa, level, ppns[i] << 10 | V);
			KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_FETCH, 0),
					RVHV_WALK_ACCESS_FAULT);
		}
	env->hgatp = (hgatp & ~(BIT(44) - 1)) | (BIT(44) - 4);
	KUNIT_EXPECT_EQ(test, walk(env, gpa, RVHV_ACCESS_LOAD), RVHV_WALK_ACCESS_FAULT);
	/* What the leaf points to is not the walk's business. */
	env->hgatp = hgatp;
	lead_to(env, gpa, 0, (BIT_ULL(44) - 1) << 10 | LEAF);
	KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_FETCH, 0), 0);
	env->error = -EFAULT;
	KUNIT_EXPECT_EQ(test, walk(env, gpa, RVHV_ACCESS_LOAD), -EFAULT);
	KUNIT_EXPECT_EQ(test, env->nr_reads, 1);
}

/* Every entry of the root leads back to the root. */
static void loops(struct kunit *test)
{
	struct env *env = test->priv;
	struct rvhv_walk_result res;
	unsigned int i;
	int ret;

	for (i = 0; i < 2048; i++)
		env->mem[i] = MEM_PPN << 10 | V;
	/* Another entry at each level: the same one is another when it is read again. */
	KUNIT_EXPECT_EQ(test, compare(test, some_gpa(env), RVHV_ACCESS_LOAD, 0),
			RVHV_WALK_PAGE_FAULT);
	KUNIT_EXPECT_EQ(test, env->nr_reads, env->mode->levels);
	ret = walk_with(env, 0, RVHV_ACCESS_LOAD, 0, &res);
	KUNIT_EXPECT_EQ(test, ret, RVHV_WALK_PAGE_FAULT);
	KUNIT_EXPECT_EQ(test, env->nr_reads, 2);
}

static u64 random_bits(struct rnd_state *rnd, unsigned int bits)
{
	return (((u64)prandom_u32_state(rnd) << 32) | prandom_u32_state(rnd)) >> (64 - bits);
}

/* Mostly good entries, or walks would end at the root. */
static u64 random_entry(struct rnd_state *rnd)
{
	unsigned int what = random_bits(rnd, 5);
	u64 pte = V | (MEM_PPN + random_bits(rnd, 4)) << 10;

	if (what < 8)
		pte = LEAF | random_bits(rnd, 5) << 10;
	else if (what < 12)
		pte = LEAF | random_bits(rnd, 8) << (10 + 27);
	if (what % 4 == 0)
		pte ^= BIT_ULL(random_bits(rnd, 6));
	if (what == 31)
		pte = random_bits(rnd, 64);
	return pte;
}

static void random_tables(struct kunit *test)
{
	struct env *env = test->priv;
	unsigned int i, k, results[3] = {};
	struct rnd_state rnd;

	/* Tables that lead back to themselves have the same entry at two levels. */
	env->changing = false;
	prandom_seed_state(&rnd, env->mode->levels);
	for (i = 0; i < 50; i++) {
		for (k = 0; k < ARRAY_SIZE(env->mem); k++)
			env->mem[k] = random_entry(&rnd);
		for (k = 0; k < 400; k++) {
			u64 gpa = random_bits(&rnd, width(env) + !(k % 16));
			unsigned int page = random_bits(&rnd, 2);

			/* The whole pool is aligned to the root's size: any part of it will do. */
			env->hgatp = env->mode->mode << 60 | (MEM_PPN + page);
			results[compare(test, gpa, k % ACCESSES, k & 3)]++;
		}
	}
	for (i = 0; i < ARRAY_SIZE(results); i++)
		KUNIT_EXPECT_GT(test, results[i], 100);
}

static struct kunit_case nested_walk_cases[] = {
	KUNIT_CASE(bare),
	KUNIT_CASE(reserved_modes),
	KUNIT_CASE_PARAM(every_size, mode_gen_params),
	KUNIT_CASE_PARAM(ignored_bits, mode_gen_params),
	KUNIT_CASE_PARAM(address_width, mode_gen_params),
	KUNIT_CASE_PARAM(root_alignment, mode_gen_params),
	KUNIT_CASE_PARAM(every_permission, mode_gen_params),
	KUNIT_CASE_PARAM(faults_tell, mode_gen_params),
	KUNIT_CASE_PARAM(every_reserved_bit, mode_gen_params),
	KUNIT_CASE_PARAM(napot, mode_gen_params),
	KUNIT_CASE_PARAM(misaligned, mode_gen_params),
	KUNIT_CASE_PARAM(bad_pointers, mode_gen_params),
	KUNIT_CASE_PARAM(outside_memory, mode_gen_params),
	KUNIT_CASE_PARAM(loops, mode_gen_params),
	KUNIT_CASE_PARAM(random_tables, mode_gen_params),
	{}
};

static struct kunit_suite nested_walk_suite = {
	.name = "rvhv_nested_walk",
	.init = nested_walk_init,
	.test_cases = nested_walk_cases,
};

kunit_test_suite(nested_walk_suite);

MODULE_LICENSE("GPL");
