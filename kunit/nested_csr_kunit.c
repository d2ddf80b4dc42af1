// SPDX-License-Identifier: GPL-2.0-only
/*
 * The CSRs of a guest that is a hypervisor, beside what the specification says of each, in numbers.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "../vcpu/nested/hs.h"

#define ALL	(~0UL)
#define STCE	BIT(63)

/* Harts: one with all there is, one with as little as the specification allows */
enum { BIG, SMALL, NR_HARTS };

static const struct rvhv_hs_cfg harts[NR_HARTS] = {
	[BIG] = {
		.hedeleg = 0xcb1ff, .henvcfg = 0xe0000000000000f1, .hstateen0 = 0xdc00000000000007,
		.hcounteren = 0xffffffff, .vsstatus = 0xc6722, .smstateen = true, .sstc = true,
		.gstage_levels = 5, .vs_levels = 5, .vmid_bits = 14,
	},
	[SMALL] = {
		.hedeleg = 0xb1fe, .henvcfg = 1, .hcounteren = 2, .vsstatus = 0xc0122,
		.gstage_levels = 3, .vs_levels = 3,
	},
};

/**
 * struct expected - what a CSR is to be
 * @csr: number
 * @name: the specification's
 * @effects: of a write
 * @only_big: the small hart has no such CSR
 * @reset: value out of reset
 * @mask: bits that can be written, on each hart, with hideleg 0
 */
struct expected {
	u16 csr;
	const char *name;
	unsigned int effects;
	bool only_big;
	u64 reset;
	u64 mask[NR_HARTS];
};

#define HS	RVHV_HS_EFFECT_HSTATUS
#define IRQ	RVHV_HS_EFFECT_IRQ
#define GATP	RVHV_HS_EFFECT_HGATP

static const struct expected expected[] = {
	{ 0x600, "hstatus", HS, false, 2UL << 32, { 0x7003c0, 0x7003c0 } },
	{ 0x602, "hedeleg", 0, false, 0, { 0xcb1ff, 0xb1fe } },
	{ 0x603, "hideleg", IRQ, false, 0, { 0x444, 0x444 } },
	{ 0x604, "hie", IRQ, false, 0, { 0x1444, 0x1444 } },
	{ 0x605, "htimedelta", IRQ, false, 0, { ALL, ALL } },
	{ 0x606, "hcounteren", 0, false, 0, { 0xffffffff, 2 } },
	{ 0x607, "hgeie", 0, false, 0, { 0, 0 } },
	{ 0x60a, "henvcfg", IRQ, false, 0, { 0xe0000000000000f1, 1 } },
	{ 0x60c, "hstateen0", 0, true, 0, { 0xdc00000000000007 } },
	{ 0x60d, "hstateen1", 0, true, 0, { 0 } },
	{ 0x60e, "hstateen2", 0, true, 0, { 0 } },
	{ 0x60f, "hstateen3", 0, true, 0, { 0 } },
	{ 0x643, "htval", HS, false, 0, { ALL, ALL } },
	{ 0x644, "hip", IRQ, false, 0, { 4, 4 } },
	{ 0x645, "hvip", IRQ, false, 0, { 0x444, 0x444 } },
	{ 0x64a, "htinst", HS, false, 0, { ALL, ALL } },
	{ 0x680, "hgatp", GATP, false, 0, { 0xf3fffffffffffffc, 0xf0000ffffffffffc } },
	{ 0xe12, "hgeip", 0, false, 0, { 0, 0 } },
	{ 0x200, "vsstatus", 0, false, 2UL << 32, { 0xc6722, 0xc0122 } },
	{ 0x204, "vsie", IRQ, false, 0, { 0, 0 } },
	{ 0x205, "vstvec", 0, false, 0, { ~2UL, ~2UL } },
	{ 0x240, "vsscratch", 0, false, 0, { ALL, ALL } },
	{ 0x241, "vsepc", 0, false, 0, { ~1UL, ~1UL } },
	{ 0x242, "vscause", 0, false, 0, { ALL, ALL } },
	{ 0x243, "vstval", 0, false, 0, { ALL, ALL } },
	{ 0x244, "vsip", IRQ, false, 0, { 0, 0 } },
	{ 0x24d, "vstimecmp", IRQ, true, ALL, { ALL } },
	{ 0x280, "vsatp", 0, false, 0, { ALL, ALL } },
};

static const struct expected *expected_of(unsigned int csr, unsigned int hart)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(expected); i++)
		if (expected[i].csr == csr && (hart == BIG || !expected[i].only_big))
			return &expected[i];
	return NULL;
}

static bool mode_exists(unsigned int hart, unsigned int mode)
{
	return !mode || mode == 8 || (hart == BIG && (mode == 9 || mode == 10));
}

/* What becomes of @old if the bits @wmask are written with those of @val. */
static u64 oracle(const struct expected *e, unsigned int hart, u64 old, u64 val, u64 wmask)
{
	u64 new = (old & ~(wmask & e->mask[hart])) | (val & wmask & e->mask[hart]);

	switch (e->csr) {
	case 0x200:
		new = new << 1 >> 1;
		return new | (u64)((new >> 13 & 3) == 3 || (new >> 9 & 3) == 3) << 63;
	case 0x280:
		return mode_exists(hart, new >> 60) ? new : old;
	case 0x60a:
		return (new >> 4 & 3) == 2 ? (new & ~0x30UL) | (old & 0x30) : new;
	case 0x680:
		return mode_exists(hart, new >> 60) ? new : (new << 4 >> 4) | (old >> 60 << 60);
	}
	return new;
}

static unsigned long get(struct kunit *test, const struct rvhv_hs_cfg *cfg,
			 const struct rvhv_hs_state *hs, unsigned int csr, u64 time)
{
	unsigned long val = 0;

	KUNIT_ASSERT_EQ_MSG(test, rvhv_hs_csr_read(cfg, hs, csr, time, &val), 0, "CSR %x", csr);
	return val;
}

static void set(struct kunit *test, const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs,
		unsigned int csr, unsigned long val)
{
	KUNIT_ASSERT_GE_MSG(test, rvhv_hs_csr_write(cfg, hs, csr, val, ALL), 0, "CSR %x", csr);
}

/* ---- the table ---- */

static void rows(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, rvhv_hs_nr_csrs, ARRAY_SIZE(expected));
	for (i = 0; i < rvhv_hs_nr_csrs; i++) {
		const struct rvhv_hs_csr *row = &rvhv_hs_csrs[i];
		const struct expected *e = expected_of(row->csr, BIG);

		KUNIT_ASSERT_NOT_NULL(test, e);
		KUNIT_EXPECT_STREQ(test, row->name, e->name);
		KUNIT_EXPECT_TRUE(test, row->offset >= 0 || row->read);
		KUNIT_EXPECT_LT(test, row->offset, (int)sizeof(struct rvhv_hs_state));
		if (i)
			KUNIT_EXPECT_GT(test, row->csr, row[-1].csr);
	}
}

static void all_numbers(struct kunit *test)
{
	unsigned int hart, csr;

	for (hart = 0; hart < NR_HARTS; hart++) {
		struct rvhv_hs_state hs;

		rvhv_hs_reset(&hs);
		for (csr = 0; csr < 0x1800; csr++) {
			const struct expected *e = expected_of(csr, hart);
			int want_write = !e ? -ENOENT : csr == 0xe12 ? -EACCES : e->effects;
			unsigned long val = 0x5a;

			KUNIT_EXPECT_EQ(test, rvhv_hs_csr_read(&harts[hart], &hs, csr, 0, &val),
					e ? 0 : -ENOENT);
			KUNIT_EXPECT_EQ(test, val, e ? e->reset : 0x5a);
			KUNIT_EXPECT_EQ(test, rvhv_hs_csr_write(&harts[hart], &hs, csr, 0, 0),
					want_write);
		}
		for (csr = 0x10200; csr; csr <<= 1)
			KUNIT_EXPECT_EQ(test, rvhv_hs_csr_write(&harts[hart], &hs, csr | 0x600, 0,
								0), -ENOENT);
	}
}

/* Write and compare; whatever another CSR has must stay. */
/* By level and number: supervisor CSRs, those of the table; what is not told of exists. */
static void existence(struct kunit *test)
{
	static const u16 known[] = {
		0x100, 0x104, 0x105, 0x106, 0x10a, 0x140, 0x141, 0x142, 0x143, 0x144, 0x180,
	};
	unsigned int hart, csr, i;
	unsigned long val;
	bool want;

	for (hart = 0; hart < NR_HARTS; hart++) {
		struct rvhv_hs_state hs;

		rvhv_hs_reset(&hs);
		for (csr = 0; csr < 4096; csr++) {
			want = true;
			if ((csr >> 8 & 3) == 2 || (csr >> 8 & 3) == 1)
				want = !rvhv_hs_csr_read(&harts[hart], &hs, csr, 0, &val);
			for (i = 0; i < ARRAY_SIZE(known); i++)
				if (known[i] == csr)
					want = true;
			if (hart == BIG && (csr == 0x14d || (csr >= 0x10c && csr <= 0x10f)))
				want = true;
			KUNIT_EXPECT_EQ_MSG(test, rvhv_hs_csr_of_l1(&harts[hart], csr), want,
					    "csr %x hart %u", csr, hart);
		}
	}
}

static void check_write(struct kunit *test, unsigned int hart, struct rvhv_hs_state *hs,
			const struct expected *e, u64 val, u64 wmask)
{
	const struct rvhv_hs_cfg *cfg = &harts[hart];
	unsigned long old = get(test, cfg, hs, e->csr, 0);
	u64 want = oracle(e, hart, old, val, wmask);

	KUNIT_EXPECT_EQ(test, rvhv_hs_csr_write(cfg, hs, e->csr, val, wmask), e->effects);
	KUNIT_EXPECT_EQ_MSG(test, get(test, cfg, hs, e->csr, 0), want,
			    "%s: was %lx, wrote %llx under %llx", e->name, old, val, wmask);
}

static void every_bit(struct kunit *test)
{
	unsigned int hart, i, bit;

	for (hart = 0; hart < NR_HARTS; hart++) {
		for (i = 0; i < ARRAY_SIZE(expected); i++) {
			const struct expected *e = &expected[i];
			struct rvhv_hs_state hs;

			if (e->csr == 0xe12 || !expected_of(e->csr, hart))
				continue;
			rvhv_hs_reset(&hs);
			check_write(test, hart, &hs, e, ALL, ALL);
			check_write(test, hart, &hs, e, 0, ALL);
			for (bit = 0; bit < 64; bit++) {
				u64 one = 1ULL << bit;

				/* CSRRW, then CSRRS and CSRRC from both sides */
				check_write(test, hart, &hs, e, one, ALL);
				check_write(test, hart, &hs, e, ~one, ALL);
				check_write(test, hart, &hs, e, ALL, one);
				check_write(test, hart, &hs, e, 0, one);
				check_write(test, hart, &hs, e, 0, ALL);
				check_write(test, hart, &hs, e, ALL, one);
				check_write(test, hart, &hs, e, 0, one);
				check_write(test, hart, &hs, e, ALL, 0);
			}
		}
	}
}

static void at_random(struct kunit *test)
{
	struct rnd_state rnd;
	unsigned int i;

	prandom_seed_state(&rnd, 0x7265);
	for (i = 0; i < 20000; i++) {
		const struct expected *e = &expected[i % ARRAY_SIZE(expected)];
		static struct rvhv_hs_state hs[NR_HARTS];
		unsigned int hart = i & 1, other;
		u64 val = prandom_u32_state(&rnd), wmask = prandom_u32_state(&rnd);
		unsigned long before[ARRAY_SIZE(expected)];

		if (i < NR_HARTS)
			rvhv_hs_reset(&hs[hart]);
		if (e->csr == 0xe12 || e->csr == 0x603 || !expected_of(e->csr, hart))
			continue;
		for (other = 0; other < ARRAY_SIZE(expected); other++)
			if (expected_of(expected[other].csr, hart))
				before[other] = get(test, &harts[hart], &hs[hart],
						    expected[other].csr, 0);
		val = val << 32 | prandom_u32_state(&rnd);
		wmask = wmask << 32 | prandom_u32_state(&rnd);
		check_write(test, hart, &hs[hart], e, val, i % 3 ? wmask : ALL);
		/* The timer and the aliases among hip and hvip have tests of their own. */
		for (other = 0; other < ARRAY_SIZE(expected); other++)
			if (&expected[other] != e && expected_of(expected[other].csr, hart) &&
			    expected[other].csr != 0x644 && expected[other].csr != 0x645)
				KUNIT_EXPECT_EQ(test, get(test, &harts[hart], &hs[hart],
							  expected[other].csr, 0), before[other]);
	}
}

/* ---- interrupts ---- */

/* The three interrupts of a number from 0 to 7, in their places of hip */
static unsigned long three(unsigned int bits)
{
	return (bits & 1 ? 0x4 : 0) | (bits & 2 ? 0x40 : 0) | (bits & 4 ? 0x400 : 0);
}

static void aliases(struct kunit *test)
{
	const struct rvhv_hs_cfg *cfg = &harts[SMALL];
	unsigned int n;

	for (n = 0; n < 512; n++) {
		unsigned long deleg = three(n & 7), pend = three(n >> 3 & 7), enab = three(n >> 6);
		struct rvhv_hs_state hs;

		rvhv_hs_reset(&hs);
		set(test, cfg, &hs, 0x603, deleg);
		set(test, cfg, &hs, 0x645, pend);
		set(test, cfg, &hs, 0x604, enab | 0x1000);
		KUNIT_EXPECT_EQ(test, get(test, cfg, &hs, 0x644, 0), pend);
		KUNIT_EXPECT_EQ(test, rvhv_hs_hip(cfg, &hs, 0), pend);
		KUNIT_EXPECT_EQ(test, get(test, cfg, &hs, 0x204, 0), (enab & deleg) / 2);
		KUNIT_EXPECT_EQ(test, get(test, cfg, &hs, 0x244, 0), (pend & deleg) / 2);

		set(test, cfg, &hs, 0x204, ALL);
		KUNIT_EXPECT_EQ(test, get(test, cfg, &hs, 0x204, 0), deleg / 2);
		KUNIT_EXPECT_EQ(test, get(test, cfg, &hs, 0x604, 0), enab | deleg | 0x1000);
		set(test, cfg, &hs, 0x204, 0);
		KUNIT_EXPECT_EQ(test, get(test, cfg, &hs, 0x604, 0), (enab & ~deleg) | 0x1000);

		set(test, cfg, &hs, 0x244, ALL);
		KUNIT_EXPECT_EQ(test, get(test, cfg, &hs, 0x645, 0), pend | (deleg & 4));
		set(test, cfg, &hs, 0x244, 0);
		KUNIT_EXPECT_EQ(test, get(test, cfg, &hs, 0x645, 0), pend & ~(deleg & 4));

		set(test, cfg, &hs, 0x644, ALL);
		KUNIT_EXPECT_EQ(test, get(test, cfg, &hs, 0x645, 0), pend | 4);
		KUNIT_EXPECT_EQ(test, get(test, cfg, &hs, 0x244, 0), ((pend | 4) & deleg) / 2);
		set(test, cfg, &hs, 0x644, 0);
		KUNIT_EXPECT_EQ(test, get(test, cfg, &hs, 0x645, 0), pend & ~4);
		/* Bits come back with their delegation. */
		set(test, cfg, &hs, 0x603, ALL);
		KUNIT_EXPECT_EQ(test, get(test, cfg, &hs, 0x244, 0), (pend & ~4) / 2);
		KUNIT_EXPECT_EQ(test, get(test, cfg, &hs, 0x204, 0), (enab & ~deleg) / 2);
	}
}

static void timer(struct kunit *test)
{
	static const struct {
		u64 time, delta, cmp;
		bool due;
	} edges[] = {
		{ 0, 0, 0, true }, { 0, 0, 1, false }, { 1, 0, 1, true }, { 2, 0, 1, true },
		{ 99, 0, 100, false }, { 100, 0, 100, true }, { 101, 0, 100, true },
		{ 99, 1, 100, true }, { 98, 1, 100, false },
		{ ALL, 0, ALL, true }, { ALL - 1, 0, ALL, false }, { 0, ALL, ALL, true },
		/* The sum wraps. */
		{ 1, ALL, 0, true }, { 1, ALL, 1, false }, { 2, ALL, 1, true },
		{ 100, -50ULL, 50, true }, { 100, -50ULL, 51, false }, { 49, -50ULL, ALL, true },
		{ 49, -50ULL, 1, true }, { 50, -50ULL, 1, false },
		/* Unsigned. */
		{ 1ULL << 63, 0, 1, true }, { 1, 0, 1ULL << 63, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(edges); i++) {
		unsigned long due = edges[i].due ? 0x40 : 0;
		struct rvhv_hs_cfg cfg = harts[BIG];
		struct rvhv_hs_state hs;
		u64 time = edges[i].time;

		rvhv_hs_reset(&hs);
		set(test, &cfg, &hs, 0x605, edges[i].delta);
		set(test, &cfg, &hs, 0x24d, edges[i].cmp);
		KUNIT_EXPECT_EQ(test, rvhv_hs_hip(&cfg, &hs, time), 0);
		set(test, &cfg, &hs, 0x60a, STCE);
		KUNIT_EXPECT_EQ_MSG(test, rvhv_hs_hip(&cfg, &hs, time), due, "case %u", i);
		KUNIT_EXPECT_EQ(test, get(test, &cfg, &hs, 0x644, time), due);
		KUNIT_EXPECT_EQ(test, get(test, &cfg, &hs, 0x645, time), 0);
		KUNIT_EXPECT_EQ(test, get(test, &cfg, &hs, 0x244, time), 0);
		set(test, &cfg, &hs, 0x603, 0x40);
		KUNIT_EXPECT_EQ(test, get(test, &cfg, &hs, 0x244, time), due / 2);

		/* Writes of what the timer shows in leave it out. */
		set(test, &cfg, &hs, 0x644, ALL);
		set(test, &cfg, &hs, 0x244, ALL);
		KUNIT_EXPECT_EQ(test, get(test, &cfg, &hs, 0x645, time), 4);
		set(test, &cfg, &hs, 0x645, 0x40);
		KUNIT_EXPECT_EQ(test, rvhv_hs_hip(&cfg, &hs, time), 0x40);
		set(test, &cfg, &hs, 0x645, 0);
		KUNIT_EXPECT_EQ(test, rvhv_hs_hip(&cfg, &hs, time), due);
		set(test, &cfg, &hs, 0x60a, 0);
		KUNIT_EXPECT_EQ(test, rvhv_hs_hip(&cfg, &hs, time), 0);

		hs.henvcfg = STCE;
		cfg.sstc = false;
		KUNIT_EXPECT_EQ(test, rvhv_hs_hip(&cfg, &hs, time), 0);
	}
}

/* ---- translation ---- */

static void hgatp_probing(struct kunit *test)
{
	static const unsigned int vmid_bits[] = { 0, 1, 7, 14 };
	unsigned int levels, i;

	for (levels = 3; levels <= 5; levels++)
		for (i = 0; i < ARRAY_SIZE(vmid_bits); i++) {
			struct rvhv_hs_cfg cfg = harts[BIG];
			unsigned long mode, val, vmid = BIT(vmid_bits[i]) - 1;
			struct rvhv_hs_state hs;

			cfg.gstage_levels = levels;
			cfg.vmid_bits = vmid_bits[i];
			rvhv_hs_reset(&hs);
			/* With MODE=Bare, too */
			set(test, &cfg, &hs, 0x680, 0x3fffUL << 44);
			KUNIT_EXPECT_EQ(test, get(test, &cfg, &hs, 0x680, 0), vmid << 44);
			/* From the largest mode down, until one is read back */
			for (mode = 10; mode >= 8; mode--) {
				set(test, &cfg, &hs, 0x680, mode << 60);
				if (get(test, &cfg, &hs, 0x680, 0) == mode << 60)
					break;
			}
			KUNIT_EXPECT_EQ(test, mode, levels + 5);
			val = mode << 60 | 0x12345678;
			set(test, &cfg, &hs, 0x680, val | 0x3fffUL << 44);
			KUNIT_EXPECT_EQ(test, get(test, &cfg, &hs, 0x680, 0), val | vmid << 44);
			/* Reserved modes: the mode stays, the rest is written. */
			set(test, &cfg, &hs, 0x680, 15UL << 60 | 0xabcdef0123f);
			KUNIT_EXPECT_EQ(test, get(test, &cfg, &hs, 0x680, 0),
					mode << 60 | 0xabcdef0123c);
			set(test, &cfg, &hs, 0x680, 0);
			KUNIT_EXPECT_EQ(test, get(test, &cfg, &hs, 0x680, 0), 0);
		}
}

static void vsatp_modes(struct kunit *test)
{
	const unsigned long before = 8UL << 60 | 0x123UL << 44 | 0x7654321;
	unsigned long levels, mode;

	for (levels = 3; levels <= 5; levels++)
		for (mode = 0; mode < 16; mode++) {
			unsigned long val = mode << 60 | 0xffffUL << 44 | 0xfffffffffffUL;
			struct rvhv_hs_cfg cfg = harts[BIG];
			bool legal = !mode || (mode >= 8 && mode <= levels + 5);
			struct rvhv_hs_state hs;

			cfg.vs_levels = levels;
			rvhv_hs_reset(&hs);
			set(test, &cfg, &hs, 0x280, before);
			KUNIT_EXPECT_EQ(test, get(test, &cfg, &hs, 0x280, 0), before);
			set(test, &cfg, &hs, 0x280, val);
			KUNIT_EXPECT_EQ(test, get(test, &cfg, &hs, 0x280, 0), legal ? val : before);
		}
}

/* ---- status ---- */

/* What a hart left in the field may be more than the L1 has, or lack a summary. */
static void vsstatus_of_hart(struct kunit *test)
{
	struct rvhv_hs_state hs;
	unsigned int fs, vs;

	rvhv_hs_reset(&hs);
	for (fs = 0; fs < 4; fs++)
		for (vs = 0; vs < 4; vs++) {
			unsigned long dirty = fs == 3 || vs == 3 ? 1UL << 63 : 0;
			unsigned long val = fs << 13 | vs << 9;

			hs.vsstatus = ~0x6600UL | val;
			KUNIT_EXPECT_EQ(test, get(test, &harts[BIG], &hs, 0x200, 0),
					0x2000c0122UL | val | dirty);
			KUNIT_EXPECT_EQ(test, get(test, &harts[SMALL], &hs, 0x200, 0),
					0x2000c0122UL);
			hs.vsstatus = val;
			KUNIT_EXPECT_EQ(test, get(test, &harts[BIG], &hs, 0x200, 0),
					0x200000000UL | val | dirty);
			/* Written, the field itself is whole. */
			set(test, &harts[BIG], &hs, 0x200, val);
			KUNIT_EXPECT_EQ(test, hs.vsstatus, 0x200000000UL | val | dirty);
		}
}

static void cbie(struct kunit *test)
{
	const struct rvhv_hs_cfg *cfg = &harts[BIG];
	unsigned long old, new;

	for (old = 0; old < 4; old++)
		for (new = 0; new < 4; new++) {
			struct rvhv_hs_state hs;

			rvhv_hs_reset(&hs);
			set(test, cfg, &hs, 0x60a, old << 4);
			set(test, cfg, &hs, 0x60a, new << 4 | 0xc0);
			if (old == 2)
				KUNIT_EXPECT_EQ(test, get(test, cfg, &hs, 0x60a, 0) & 0x30,
						new == 2 ? 0 : new << 4);
			else
				KUNIT_EXPECT_EQ(test, get(test, cfg, &hs, 0x60a, 0),
						(new == 2 ? old : new) << 4 | 0xc0);
		}
}

/* ---- save and restore ---- */

/* hip, vsip, vsie, hgeip, hgeie */
static bool is_view(unsigned int csr)
{
	return csr == 0x644 || csr == 0x244 || csr == 0x204 || csr == 0xe12 || csr == 0x607;
}

static u64 random64(struct rnd_state *rnd)
{
	return (u64)prandom_u32_state(rnd) << 32 | prandom_u32_state(rnd);
}

/* A state that the hart came to by writes of its L1 */
static void random_state(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs,
			 struct rnd_state *rnd)
{
	unsigned int i;

	rvhv_hs_reset(hs);
	for (i = 0; i < 2 * ARRAY_SIZE(expected); i++)
		rvhv_hs_csr_write(cfg, hs, expected[i % ARRAY_SIZE(expected)].csr, random64(rnd),
				  random64(rnd));
}

/* What was read, written to whatever is there, in any order */
static void restored_in_any_order(struct kunit *test)
{
	unsigned int order[ARRAY_SIZE(expected)];
	struct rnd_state rnd;
	unsigned int i, j;

	prandom_seed_state(&rnd, 0x7374);
	for (i = 0; i < ARRAY_SIZE(expected); i++)
		order[i] = i;
	for (i = 0; i < 1000; i++) {
		const struct rvhv_hs_cfg *cfg = &harts[i & 1];
		unsigned long val[ARRAY_SIZE(expected)];
		struct rvhv_hs_state from, to;

		random_state(cfg, &from, &rnd);
		random_state(cfg, &to, &rnd);
		for (j = 0; j < ARRAY_SIZE(expected); j++) {
			unsigned int other = prandom_u32_state(&rnd) % ARRAY_SIZE(expected);

			swap(order[j], order[other]);
			if (expected_of(expected[j].csr, i & 1))
				val[j] = get(test, cfg, &from, expected[j].csr, 0);
		}
		for (j = 0; j < ARRAY_SIZE(expected); j++) {
			const struct expected *e = &expected[order[j]];
			bool there = expected_of(e->csr, i & 1);

			KUNIT_EXPECT_EQ(test, rvhv_hs_csr_exists(cfg, e->csr), there);
			KUNIT_EXPECT_EQ(test, rvhv_hs_csr_restore(cfg, &to, e->csr,
								  there ? val[order[j]] : 0),
					there ? 0 : -ENOENT);
		}
		KUNIT_EXPECT_MEMEQ(test, &from, &to, sizeof(from));
	}
}

/* Anything: as a write by the L1, but for the views. */
static void restored_from_noise(struct kunit *test)
{
	struct rnd_state rnd;
	unsigned int i;

	prandom_seed_state(&rnd, 0x6e6f);
	for (i = 0; i < 20000; i++) {
		const struct expected *e = &expected[i % ARRAY_SIZE(expected)];
		const struct rvhv_hs_cfg *cfg = &harts[i & 1];
		struct rvhv_hs_state written, restored;
		u64 val = random64(&rnd);

		random_state(cfg, &written, &rnd);
		restored = written;
		if (!is_view(e->csr))
			rvhv_hs_csr_write(cfg, &written, e->csr, val, ALL);
		rvhv_hs_csr_restore(cfg, &restored, e->csr, val);
		KUNIT_EXPECT_MEMEQ(test, &written, &restored, sizeof(written));
	}
	for (i = 0; i < 0x1800; i++)
		KUNIT_EXPECT_EQ(test, rvhv_hs_csr_exists(&harts[SMALL], i),
				!!expected_of(i, SMALL));
}

static void legalised(struct kunit *test)
{
	struct rnd_state rnd;
	unsigned int i, j;

	prandom_seed_state(&rnd, 0x6c65);
	for (i = 0; i < 1000; i++) {
		struct rvhv_hs_state big, same, small;

		random_state(&harts[BIG], &big, &rnd);
		same = big;
		rvhv_hs_legalise(&harts[BIG], &same);
		KUNIT_EXPECT_MEMEQ(test, &big, &same, sizeof(big));
		small = big;
		rvhv_hs_legalise(&harts[SMALL], &small);
		for (j = 0; j < ARRAY_SIZE(expected); j++) {
			const struct expected *e = &expected[j];

			if (is_view(e->csr) || !expected_of(e->csr, SMALL))
				continue;
			KUNIT_EXPECT_EQ_MSG(test, get(test, &harts[SMALL], &small, e->csr, 0),
					    oracle(e, SMALL, e->reset,
						   get(test, &harts[BIG], &big, e->csr, 0), ALL),
					    "%s", e->name);
		}
		/* What the small hart has not is as after a reset. */
		KUNIT_EXPECT_EQ(test, small.vstimecmp, ALL);
		KUNIT_EXPECT_EQ(test, small.hstateen[0], 0);
	}
}

static struct kunit_case nested_csr_cases[] = {
	KUNIT_CASE(rows),
	KUNIT_CASE(all_numbers),
	KUNIT_CASE(existence),
	KUNIT_CASE(every_bit),
	KUNIT_CASE(at_random),
	KUNIT_CASE(aliases),
	KUNIT_CASE(timer),
	KUNIT_CASE(hgatp_probing),
	KUNIT_CASE(vsatp_modes),
	KUNIT_CASE(vsstatus_of_hart),
	KUNIT_CASE(cbie),
	KUNIT_CASE(restored_in_any_order),
	KUNIT_CASE(restored_from_noise),
	KUNIT_CASE(legalised),
	{}
};

static struct kunit_suite nested_csr_suite = {
	.name = "rvhv_nested_csr",
	.test_cases = nested_csr_cases,
};

kunit_test_suite(nested_csr_suite);
