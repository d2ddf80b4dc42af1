// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the table of the L1's CSRs, beside a second table written from the specification.
 */
#include <linux/errno.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "nested_csr.h"

#define HEDELEG_SMALL \
	(BIT(EXC_INST_ACCESS) | BIT(EXC_INST_ILLEGAL) | BIT(EXC_BREAKPOINT) | \
	 BIT(EXC_LOAD_MISALIGNED) | BIT(EXC_LOAD_ACCESS) | BIT(EXC_STORE_MISALIGNED) | \
	 BIT(EXC_STORE_ACCESS) | BIT(EXC_SYSCALL) | BIT(EXC_INST_PAGE_FAULT) | \
	 BIT(EXC_LOAD_PAGE_FAULT) | BIT(EXC_STORE_PAGE_FAULT))
/* And software check (18), hardware error (19) */
#define HEDELEG_BIG	(HEDELEG_SMALL | BIT(EXC_INST_MISALIGNED) | BIT(18) | BIT(19))

#define HENVCFG_BIG \
	(ENVCFG_STCE | ENVCFG_PBMTE | ADUE | ENVCFG_CBZE | ENVCFG_CBCFE | ENVCFG_CBIE | ENVCFG_FIOM)

/* And C, FCSR and JVT (2:0) */
#define HSTATEEN0_BIG \
	(SMSTATEEN0_SSTATEEN0 | SMSTATEEN0_HSENVCFG | SMSTATEEN0_AIA_ISEL | SMSTATEEN0_AIA | \
	 SMSTATEEN0_AIA_IMSIC | GENMASK(2, 0))

#define COUNTEREN_TM	BIT(1)
#define VSSTATUS_BIG	(VSSTATUS_SMALL | SR_FS_VS)

const struct rvhv_hs_cfg nested_harts[NR_HARTS] = {
	[BIG] = {
		.hedeleg = HEDELEG_BIG, .henvcfg = HENVCFG_BIG, .hstateen0 = HSTATEEN0_BIG,
		.hcounteren = U32_MAX, .vsstatus = VSSTATUS_BIG, .smstateen = true, .sstc = true,
		.gstage_levels = 5, .vs_levels = 5, .vmid_bits = 14,
	},
	[SMALL] = {
		.hedeleg = HEDELEG_SMALL, .henvcfg = ENVCFG_FIOM, .hcounteren = COUNTEREN_TM,
		.vsstatus = VSSTATUS_SMALL, .gstage_levels = 3, .vs_levels = 3,
	},
};

/**
 * struct expected - a CSR by the specification
 * @csr: number
 * @name: the specification's
 * @only_big: the small hart has no such CSR
 * @view: of other CSRs, or read-only zero
 * @reset: value out of reset
 * @mask: writable bits on each hart, with hideleg 0
 */
struct expected {
	u16 csr;
	const char *name;
	bool only_big;
	bool view;
	u64 reset;
	u64 mask[NR_HARTS];
};

#define HSTATUS_MASK \
	(HSTATUS_VTSR | HSTATUS_VTW | HSTATUS_VTVM | HSTATUS_HU | HSTATUS_SPVP | HSTATUS_SPV | \
	 HSTATUS_GVA)
#define HGATP_SMALL	(MODE(15) | (HGATP_PPN & ~3UL))

#define BOTH(_mask)		.mask = { [BIG] = (_mask), [SMALL] = (_mask) }
#define EACH(_big, _small)	.mask = { [BIG] = (_big), [SMALL] = (_small) }
#define NO_BITS			BOTH(0)

static const struct expected expected[] = {
	{ CSR_HSTATUS, "hstatus", .reset = 2UL << HSTATUS_VSXL_SHIFT, BOTH(HSTATUS_MASK) },
	{ CSR_HEDELEG, "hedeleg", EACH(HEDELEG_BIG, HEDELEG_SMALL) },
	{ CSR_HIDELEG, "hideleg", BOTH(VSIPS) },
	{ CSR_HIE, "hie", BOTH(VSIPS | SGEIE) },
	{ CSR_HTIMEDELTA, "htimedelta", BOTH(ALL) },
	{ CSR_HCOUNTEREN, "hcounteren", EACH(U32_MAX, COUNTEREN_TM) },
	{ CSR_HGEIE, "hgeie", .view = true, NO_BITS },
	{ CSR_HENVCFG, "henvcfg", EACH(HENVCFG_BIG, ENVCFG_FIOM) },
	{ CSR_HSTATEEN0, "hstateen0", .only_big = true, EACH(HSTATEEN0_BIG, 0) },
	{ CSR_HSTATEEN0 + 1, "hstateen1", .only_big = true, NO_BITS },
	{ CSR_HSTATEEN0 + 2, "hstateen2", .only_big = true, NO_BITS },
	{ CSR_HSTATEEN0 + 3, "hstateen3", .only_big = true, NO_BITS },
	{ CSR_HTVAL, "htval", BOTH(ALL) },
	{ CSR_HIP, "hip", .view = true, BOTH(VSSIP) },
	{ CSR_HVIP, "hvip", BOTH(VSIPS) },
	{ CSR_HTINST, "htinst", BOTH(ALL) },
	{ CSR_HGATP, "hgatp", EACH(HGATP_SMALL | HGATP_VMID, HGATP_SMALL) },
	{ CSR_HGEIP, "hgeip", .view = true, NO_BITS },
	{ CSR_VSSTATUS, "vsstatus", .reset = SR_UXL_64, EACH(VSSTATUS_BIG, VSSTATUS_SMALL) },
	{ CSR_VSIE, "vsie", .view = true, NO_BITS },
	{ CSR_VSTVEC, "vstvec", BOTH(~2UL) },
	{ CSR_VSSCRATCH, "vsscratch", BOTH(ALL) },
	{ CSR_VSEPC, "vsepc", BOTH(~1UL) },
	{ CSR_VSCAUSE, "vscause", BOTH(ALL) },
	{ CSR_VSTVAL, "vstval", BOTH(ALL) },
	{ CSR_VSIP, "vsip", .view = true, NO_BITS },
	{ CSR_VSTIMECMP, "vstimecmp", .only_big = true, .reset = ALL, EACH(ALL, 0) },
	{ CSR_VSATP, "vsatp", BOTH(ALL) },
};

static const struct expected *expected_of(unsigned int csr, unsigned int hart)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(expected); i++)
		if (expected[i].csr == csr && (hart == BIG || !expected[i].only_big))
			return &expected[i];
	return NULL;
}

static bool on_hart(const struct expected *e, unsigned int hart)
{
	return hart == BIG || !e->only_big;
}

/* hgeip is the one row with the number of a read-only CSR. */
static bool writable(const struct expected *e, unsigned int hart)
{
	return on_hart(e, hart) && e->csr != CSR_HGEIP;
}

static bool mode_exists(unsigned int hart, u64 atp)
{
	switch (atp >> HGATP_MODE_SHIFT) {
	case HGATP_MODE_OFF:
	case HGATP_MODE_SV39X4:
		return true;
	case HGATP_MODE_SV48X4:
	case HGATP_MODE_SV57X4:
		return hart == BIG;
	}
	return false;
}

/* The value after bits @wmask of @old have been written with those of @val */
static u64 oracle(const struct expected *e, unsigned int hart, u64 old, u64 val, u64 wmask)
{
	u64 new = (old & ~(wmask & e->mask[hart])) | (val & wmask & e->mask[hart]);

	switch (e->csr) {
	case CSR_VSSTATUS:
		new &= ~SR_SD;
		if ((new & SR_FS) == SR_FS_DIRTY || (new & SR_VS) == SR_VS_DIRTY)
			new |= SR_SD;
		return new;
	case CSR_VSATP:
		return mode_exists(hart, new) ? new : old;
	case CSR_HENVCFG:
		if ((new & ENVCFG_CBIE) == CBIE(CBIE_RESERVED))
			new = (new & ~ENVCFG_CBIE) | (old & ENVCFG_CBIE);
		return new;
	case CSR_HGATP:
		return mode_exists(hart, new) ? new : (new & ~MODE(15)) | (old & MODE(15));
	}
	return new;
}

/* ---- the table ---- */

static void rows(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, RVHV_HS_NR_CSRS, ARRAY_SIZE(expected));
	for (i = 0; i < RVHV_HS_NR_CSRS; i++) {
		const struct rvhv_hs_csr *row = &rvhv_hs_csrs[i];
		const struct expected *e = expected_of(row->csr, BIG);

		KUNIT_ASSERT_NOT_NULL_MSG(test, e, "%s", row->name);
		KUNIT_EXPECT_STREQ(test, row->name, e->name);
		KUNIT_EXPECT_EQ_MSG(test, row->offset < 0, e->view, "%s", row->name);
		KUNIT_EXPECT_TRUE_MSG(test, row->offset >= 0 || row->read, "%s", row->name);
		KUNIT_EXPECT_LT(test, row->offset, (int)sizeof(struct rvhv_hs_state));
		KUNIT_EXPECT_EQ_MSG(test, row->reset, e->view ? 0 : e->reset, "%s", row->name);
		KUNIT_EXPECT_EQ_MSG(test, row->reroutes_traps, row->csr == CSR_HSTATUS ||
				    row->csr == CSR_HTVAL || row->csr == CSR_HTINST, "%s",
				    row->name);
		/* Sorted, and no two rows with the same key */
		if (i)
			KUNIT_EXPECT_GT_MSG(test, row->csr, row[-1].csr, "%s", row->name);
		KUNIT_EXPECT_PTR_EQ_MSG(test, rvhv_hs_csr_find(&nested_harts[BIG], row->csr), row,
					"%s", row->name);
	}
}

/* Whatever a state held, it is the same after a reset. */
static void reset(struct kunit *test)
{
	const struct rvhv_hs_cfg *cfg = &nested_harts[BIG];
	struct rvhv_hs_state hs, other;
	unsigned int i;

	memset(&hs, 0xff, sizeof(hs));
	rvhv_hs_reset(&hs);
	memset(&other, 0x5a, sizeof(other));
	rvhv_hs_reset(&other);
	KUNIT_EXPECT_MEMEQ(test, &hs, &other, sizeof(hs));
	for (i = 0; i < ARRAY_SIZE(expected); i++)
		KUNIT_EXPECT_EQ_MSG(test, get_csr(test, cfg, &hs, expected[i].csr),
				    expected[i].reset, "%s", expected[i].name);
}

static void all_numbers(struct kunit *test)
{
	unsigned int hart, csr;

	for (hart = 0; hart < NR_HARTS; hart++) {
		const struct rvhv_hs_cfg *cfg = &nested_harts[hart];
		struct rvhv_hs_state hs;

		rvhv_hs_reset(&hs);
		for (csr = 0; csr < 0x1800; csr++) {
			const struct expected *e = expected_of(csr, hart);
			int want_write = !e ? -ENOENT : writable(e, hart) ? 0 : -EACCES;
			unsigned long val = 0x5a;

			KUNIT_EXPECT_EQ(test, rvhv_hs_csr_read(cfg, &hs, csr, 0, &val),
					e ? 0 : -ENOENT);
			KUNIT_EXPECT_EQ(test, val, e ? e->reset : 0x5a);
			KUNIT_EXPECT_EQ(test, rvhv_hs_csr_write(cfg, &hs, csr, 0, 0), want_write);
			KUNIT_EXPECT_EQ(test, rvhv_hs_csr_exists(cfg, csr), !!e);
		}
		for (csr = 0x10000; csr; csr <<= 1)
			KUNIT_EXPECT_EQ(test, rvhv_hs_csr_write(cfg, &hs, csr | CSR_HSTATUS, 0, 0),
					-ENOENT);
	}
}

/* Numbers of all levels: those of U and M mode are always said to exist. */
static void existence(struct kunit *test)
{
	static const u16 supervisor[] = {
		CSR_SSTATUS, CSR_SIE, CSR_STVEC, CSR_SCOUNTEREN, CSR_SENVCFG, CSR_SSCRATCH,
		CSR_SEPC, CSR_SCAUSE, CSR_STVAL, CSR_SIP, CSR_SATP,
	};
	static const u16 supervisor_big[] = {
		CSR_STIMECMP, CSR_SSTATEEN0, CSR_SSTATEEN0 + 1, CSR_SSTATEEN0 + 2,
		CSR_SSTATEEN0 + 3,
	};
	unsigned int hart, csr, i;

	for (hart = 0; hart < NR_HARTS; hart++)
		for (csr = 0; csr < 4096; csr++) {
			unsigned int level = csr >> 8 & 3;
			bool want = level == 0 || level == 3 || expected_of(csr, hart);

			for (i = 0; i < ARRAY_SIZE(supervisor); i++)
				want |= supervisor[i] == csr;
			for (i = 0; i < ARRAY_SIZE(supervisor_big); i++)
				want |= hart == BIG && supervisor_big[i] == csr;
			KUNIT_EXPECT_EQ_MSG(test, rvhv_hs_csr_of_l1(&nested_harts[hart], csr),
					    want, "csr %x hart %u", csr, hart);
		}
}

static void check_write(struct kunit *test, unsigned int hart, struct rvhv_hs_state *hs,
			const struct expected *e, u64 val, u64 wmask)
{
	const struct rvhv_hs_cfg *cfg = &nested_harts[hart];
	unsigned long old = get_csr(test, cfg, hs, e->csr);
	u64 want = oracle(e, hart, old, val, wmask);

	KUNIT_EXPECT_EQ(test, rvhv_hs_csr_write(cfg, hs, e->csr, val, wmask), 0);
	KUNIT_EXPECT_EQ_MSG(test, get_csr(test, cfg, hs, e->csr), want,
			    "%s: was %lx, wrote %llx under %llx", e->name, old, val, wmask);
}

static void check_every_bit(struct kunit *test, unsigned int hart, const struct expected *e)
{
	struct rvhv_hs_state hs;
	unsigned int bit;

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

static void every_bit(struct kunit *test)
{
	unsigned int hart, i;

	for (hart = 0; hart < NR_HARTS; hart++)
		for (i = 0; i < ARRAY_SIZE(expected); i++)
			if (writable(&expected[i], hart))
				check_every_bit(test, hart, &expected[i]);
}

static u64 random64(struct rnd_state *rnd)
{
	return (u64)prandom_u32_state(rnd) << 32 | prandom_u32_state(rnd);
}

/* Random writes; other CSRs keep their values. nested_csr_fields covers hideleg, hip and hvip. */
static void at_random(struct kunit *test)
{
	static struct rvhv_hs_state states[NR_HARTS];
	unsigned long before[ARRAY_SIZE(expected)];
	struct rnd_state rnd;
	unsigned int i, other;

	prandom_seed_state(&rnd, 0x7265);
	for (i = 0; i < 20000; i++) {
		const struct expected *e = &expected[i % ARRAY_SIZE(expected)];
		unsigned int hart = i & 1;
		const struct rvhv_hs_cfg *cfg = &nested_harts[hart];
		struct rvhv_hs_state *hs = &states[hart];

		if (i < NR_HARTS)
			rvhv_hs_reset(hs);
		if (!writable(e, hart) || e->csr == CSR_HIDELEG)
			continue;
		for (other = 0; other < ARRAY_SIZE(expected); other++)
			if (on_hart(&expected[other], hart))
				before[other] = get_csr(test, cfg, hs, expected[other].csr);
		check_write(test, hart, hs, e, random64(&rnd), i % 3 ? random64(&rnd) : ALL);
		for (other = 0; other < ARRAY_SIZE(expected); other++) {
			unsigned int csr = expected[other].csr;

			if (&expected[other] != e && on_hart(&expected[other], hart) &&
			    csr != CSR_HIP && csr != CSR_HVIP)
				KUNIT_EXPECT_EQ(test, get_csr(test, cfg, hs, csr), before[other]);
		}
	}
}

/* ---- save and restore ---- */

/* A state that the hart has come to by writes of its L1 */
static void random_state(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs,
			 struct rnd_state *rnd)
{
	unsigned int i;

	rvhv_hs_reset(hs);
	for (i = 0; i < 2 * ARRAY_SIZE(expected); i++)
		rvhv_hs_csr_write(cfg, hs, expected[i % ARRAY_SIZE(expected)].csr, random64(rnd),
				  random64(rnd));
}

/* All CSRs of one state, written to another in any order, make the same state. */
static void restored_in_any_order(struct kunit *test)
{
	unsigned int order[ARRAY_SIZE(expected)];
	struct rnd_state rnd;
	unsigned int i, j;

	prandom_seed_state(&rnd, 0x7374);
	for (i = 0; i < ARRAY_SIZE(expected); i++)
		order[i] = i;
	for (i = 0; i < 1000; i++) {
		unsigned int hart = i & 1;
		const struct rvhv_hs_cfg *cfg = &nested_harts[hart];
		unsigned long val[ARRAY_SIZE(expected)];
		struct rvhv_hs_state from, to;

		random_state(cfg, &from, &rnd);
		random_state(cfg, &to, &rnd);
		for (j = 0; j < ARRAY_SIZE(expected); j++) {
			unsigned int other = prandom_u32_state(&rnd) % ARRAY_SIZE(expected);

			swap(order[j], order[other]);
			if (on_hart(&expected[j], hart))
				val[j] = get_csr(test, cfg, &from, expected[j].csr);
		}
		for (j = 0; j < ARRAY_SIZE(expected); j++) {
			const struct expected *e = &expected[order[j]];
			bool there = on_hart(e, hart);

			KUNIT_EXPECT_EQ(test, rvhv_hs_csr_restore(cfg, &to, e->csr,
								  there ? val[order[j]] : 0),
					there ? 0 : -ENOENT);
		}
		KUNIT_EXPECT_MEMEQ(test, &from, &to, sizeof(from));
	}
}

/* Any value is restored as a write by the L1 would store it; views are not written. */
static void restored_from_noise(struct kunit *test)
{
	struct rnd_state rnd;
	unsigned int i;

	prandom_seed_state(&rnd, 0x6e6f);
	for (i = 0; i < 20000; i++) {
		const struct expected *e = &expected[i % ARRAY_SIZE(expected)];
		const struct rvhv_hs_cfg *cfg = &nested_harts[i & 1];
		struct rvhv_hs_state written, restored;
		u64 val = random64(&rnd);

		random_state(cfg, &written, &rnd);
		restored = written;
		if (!e->view)
			rvhv_hs_csr_write(cfg, &written, e->csr, val, ALL);
		rvhv_hs_csr_restore(cfg, &restored, e->csr, val);
		KUNIT_EXPECT_MEMEQ(test, &written, &restored, sizeof(written));
	}
}

/* A state of the big hart, made one of the small hart */
static void check_legalised(struct kunit *test, const struct rvhv_hs_state *big)
{
	struct rvhv_hs_state small = *big;
	unsigned int i;

	rvhv_hs_legalise(&nested_harts[SMALL], &small);
	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		const struct expected *e = &expected[i];
		u64 val;

		if (e->view || e->only_big)
			continue;
		val = get_csr(test, &nested_harts[BIG], big, e->csr);
		KUNIT_EXPECT_EQ_MSG(test, get_csr(test, &nested_harts[SMALL], &small, e->csr),
				    oracle(e, SMALL, e->reset, val, ALL), "%s", e->name);
	}
	/* What the small hart lacks has its reset value. */
	KUNIT_EXPECT_EQ(test, get_csr(test, &nested_harts[BIG], &small, CSR_VSTIMECMP), ALL);
	KUNIT_EXPECT_EQ(test, get_csr(test, &nested_harts[BIG], &small, CSR_HSTATEEN0), 0);
}

static void legalised(struct kunit *test)
{
	struct rvhv_hs_state big, same;
	struct rnd_state rnd;
	unsigned int i;

	prandom_seed_state(&rnd, 0x6c65);
	for (i = 0; i < 1000; i++) {
		random_state(&nested_harts[BIG], &big, &rnd);
		same = big;
		rvhv_hs_legalise(&nested_harts[BIG], &same);
		KUNIT_EXPECT_MEMEQ(test, &big, &same, sizeof(big));
		check_legalised(test, &big);
	}
}

static struct kunit_case nested_csr_cases[] = {
	KUNIT_CASE(rows),
	KUNIT_CASE(reset),
	KUNIT_CASE(all_numbers),
	KUNIT_CASE(existence),
	KUNIT_CASE(every_bit),
	KUNIT_CASE(at_random),
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
