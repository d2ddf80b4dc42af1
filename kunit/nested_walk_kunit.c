// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the walk of an L1's G-stage tables, for each mode, against the model.
 */
#include <linux/prandom.h>
#include <linux/sizes.h>

#include "nested_walk_env.h"

static void bare(struct kunit *test)
{
	static const u64 gpas[] = { 0, 0x1234, SZ_2G, BIT_ULL(41), BIT_ULL(56) - 1, U64_MAX };
	struct env *env = test->priv;
	unsigned int i, access;

	for (i = 0; i < ARRAY_SIZE(gpas); i++) {
		for (access = 0; access < ACCESSES; access++) {
			struct rvhv_walk_result res;

			/* L1s write a VMID alone to probe its width. */
			env->hgatp = i & 1 ? 7UL << 44 : 0;
			KUNIT_EXPECT_EQ(test, RVHV_WALK_DONE,
					walk_with(env, gpas[i], access, RVHV_WALK_PBMT, &res));
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
		KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_STORE, 0), RVHV_WALK_DONE);
		walk_with(env, gpa, RVHV_ACCESS_FETCH, 0, &res);
		KUNIT_EXPECT_EQ(test, res.gpa, level_size(level) * 3 + gpa % level_size(level));
		KUNIT_EXPECT_EQ(test, res.size_shift, 12 + 9 * level);
		KUNIT_EXPECT_EQ(test, env->nr_reads, env->mode->levels - level);
		/* The next leaf is not mapped. */
		KUNIT_EXPECT_EQ(test, compare(test, gpa ^ level_size(level), RVHV_ACCESS_LOAD,
					      0), RVHV_WALK_PAGE_FAULT);
	}
}

/* G and the two bits for software are ignored. */
static void ignored_bits(struct kunit *test)
{
	struct env *env = test->priv;
	u64 gpa = some_gpa(env);
	unsigned int level;

	for (level = 0; level < env->mode->levels; level++) {
		lead_to(env, gpa, level, LEAF | BIT_ULL(5) | BIT_ULL(8) | BIT_ULL(9));
		KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_STORE, 0), RVHV_WALK_DONE);
		if (level < env->mode->levels - 1)
			*entry(env, level + 1, gpa) |= BIT_ULL(5) | BIT_ULL(8) | BIT_ULL(9);
		KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_STORE, 0), RVHV_WALK_DONE);
	}
}

static void address_width(struct kunit *test)
{
	struct env *env = test->priv;
	u64 top = BIT_ULL(width(env)) - 1;
	unsigned int i;

	lead_to(env, top, 0, 42 << 10 | LEAF);
	KUNIT_EXPECT_EQ(test, compare(test, top, RVHV_ACCESS_LOAD, 0), RVHV_WALK_DONE);
	for (i = width(env); i < 64; i++) {
		KUNIT_EXPECT_EQ(test, compare(test, top | BIT_ULL(i), RVHV_ACCESS_LOAD, 0),
				RVHV_WALK_PAGE_FAULT);
		KUNIT_EXPECT_EQ(test, env->nr_reads, 0);
	}
	/* Every bit of the address counts, with the root's two additional ones. */
	for (i = 12; i < width(env); i++)
		KUNIT_EXPECT_EQ(test, compare(test, top ^ BIT_ULL(i), RVHV_ACCESS_LOAD, 0),
				RVHV_WALK_PAGE_FAULT);
}

/* The two lowest bits of the root's PPN are read-only zero. */
static void root_alignment(struct kunit *test)
{
	struct env *env = test->priv;
	u64 gpa = some_gpa(env);
	unsigned int i;

	lead_to(env, gpa, 0, LEAF);
	for (i = 0; i < 4; i++) {
		env->hgatp = (env->hgatp & ~3UL) | i;
		KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_LOAD, 0), RVHV_WALK_DONE);
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
				allowed += compare(test, gpa, access, 0) == RVHV_WALK_DONE;
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

	/* A load with MXR set may use an execute-only leaf. */
	lead_to(env, gpa, 0, V | X | U | A);
	KUNIT_EXPECT_EQ(test, walk_with(env, gpa, RVHV_ACCESS_LOAD, 0, &res),
			RVHV_WALK_PAGE_FAULT);
	KUNIT_EXPECT_TRUE(test, res.exec);
	KUNIT_EXPECT_FALSE(test, res.read);
	/* An invalid leaf says nothing. */
	lead_to(env, gpa, 0, V | X | U);
	KUNIT_EXPECT_EQ(test, walk_with(env, gpa, RVHV_ACCESS_LOAD, 0, &res),
			RVHV_WALK_PAGE_FAULT);
	KUNIT_EXPECT_FALSE(test, res.exec);
	/* With D clear, the leaf is readable but not writable. */
	lead_to(env, gpa, 0, LEAF & ~D);
	KUNIT_EXPECT_EQ(test, walk_with(env, gpa, RVHV_ACCESS_LOAD, 0, &res), RVHV_WALK_DONE);
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
					pbmt ? RVHV_WALK_DONE : RVHV_WALK_PAGE_FAULT);
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
					level || low != 8 ? RVHV_WALK_PAGE_FAULT : RVHV_WALK_DONE);
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
					i < 9 * level ? RVHV_WALK_PAGE_FAULT : RVHV_WALK_DONE);
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
	/* The walk does not check what a leaf points to. */
	env->hgatp = hgatp;
	lead_to(env, gpa, 0, (BIT_ULL(44) - 1) << 10 | LEAF);
	KUNIT_EXPECT_EQ(test, compare(test, gpa, RVHV_ACCESS_FETCH, 0), RVHV_WALK_DONE);
}

/* Every entry of the root leads back to the root. */
static void loops(struct kunit *test)
{
	struct env *env = test->priv;
	struct rvhv_walk_result res;
	unsigned int i;

	for (i = 0; i < 2048; i++)
		env->mem[i] = MEM_PPN << 10 | V;
	/* Each level reads another entry. */
	KUNIT_EXPECT_EQ(test, compare(test, some_gpa(env), RVHV_ACCESS_LOAD, 0),
			RVHV_WALK_PAGE_FAULT);
	KUNIT_EXPECT_EQ(test, env->nr_reads, env->mode->levels);
	KUNIT_EXPECT_EQ(test, walk_with(env, 0, RVHV_ACCESS_LOAD, 0, &res), RVHV_WALK_PAGE_FAULT);
	KUNIT_EXPECT_EQ(test, env->nr_reads, 2);
}

static u64 random_bits(struct rnd_state *rnd, unsigned int bits)
{
	return (((u64)prandom_u32_state(rnd) << 32) | prandom_u32_state(rnd)) >> (64 - bits);
}

/* Most entries are valid, or walks would end at the root. */
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

	/* Where tables point to themselves, two levels may read the same entry. */
	env->changing = false;
	prandom_seed_state(&rnd, env->mode->levels);
	for (i = 0; i < 50; i++) {
		for (k = 0; k < ARRAY_SIZE(env->mem); k++)
			env->mem[k] = random_entry(&rnd);
		for (k = 0; k < 400; k++) {
			u64 gpa = random_bits(&rnd, width(env) + !(k % 16));
			unsigned int page = random_bits(&rnd, 2);

			/* The low bits of PPN are ignored: the root stays the same. */
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
