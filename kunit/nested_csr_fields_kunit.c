// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the L1's CSRs whose fields depend on one another: interrupts, timer, modes of
 * translation, vsstatus, henvcfg.CBIE.
 */
#include "nested_csr.h"

/* ---- interrupts ---- */

/* A set of the three VS-level interrupts by a number from 0 to 7 */
static unsigned long vs_irqs(unsigned int n)
{
	return (n & 1 ? VSSIP : 0) | (n & 2 ? VSTIP : 0) | (n & 4 ? VSEIP : 0);
}

/* vsip and vsie show the bits one place lower. */
static unsigned long as_vs(unsigned long irqs)
{
	return irqs >> 1;
}

static void check_aliases(struct kunit *test, unsigned long deleg, unsigned long pend,
			  unsigned long enab)
{
	const struct rvhv_hs_cfg *cfg = &nested_harts[SMALL];
	struct rvhv_hs_state hs;

	rvhv_hs_reset(&hs);
	set_csr(test, cfg, &hs, CSR_HIDELEG, deleg);
	set_csr(test, cfg, &hs, CSR_HVIP, pend);
	set_csr(test, cfg, &hs, CSR_HIE, enab | SGEIE);
	KUNIT_EXPECT_EQ(test, get_csr(test, cfg, &hs, CSR_HIP), pend);
	KUNIT_EXPECT_EQ(test, rvhv_hs_hip(cfg, &hs, 0), pend);
	KUNIT_EXPECT_EQ(test, get_csr(test, cfg, &hs, CSR_VSIE), as_vs(enab & deleg));
	KUNIT_EXPECT_EQ(test, get_csr(test, cfg, &hs, CSR_VSIP), as_vs(pend & deleg));

	set_csr(test, cfg, &hs, CSR_VSIE, ALL);
	KUNIT_EXPECT_EQ(test, get_csr(test, cfg, &hs, CSR_VSIE), as_vs(deleg));
	KUNIT_EXPECT_EQ(test, get_csr(test, cfg, &hs, CSR_HIE), enab | deleg | SGEIE);
	set_csr(test, cfg, &hs, CSR_VSIE, 0);
	KUNIT_EXPECT_EQ(test, get_csr(test, cfg, &hs, CSR_HIE), (enab & ~deleg) | SGEIE);

	set_csr(test, cfg, &hs, CSR_VSIP, ALL);
	KUNIT_EXPECT_EQ(test, get_csr(test, cfg, &hs, CSR_HVIP), pend | (deleg & VSSIP));
	set_csr(test, cfg, &hs, CSR_VSIP, 0);
	KUNIT_EXPECT_EQ(test, get_csr(test, cfg, &hs, CSR_HVIP), pend & ~(deleg & VSSIP));

	set_csr(test, cfg, &hs, CSR_HIP, ALL);
	KUNIT_EXPECT_EQ(test, get_csr(test, cfg, &hs, CSR_HVIP), pend | VSSIP);
	KUNIT_EXPECT_EQ(test, get_csr(test, cfg, &hs, CSR_VSIP), as_vs((pend | VSSIP) & deleg));
	set_csr(test, cfg, &hs, CSR_HIP, 0);
	KUNIT_EXPECT_EQ(test, get_csr(test, cfg, &hs, CSR_HVIP), pend & ~VSSIP);

	/* Delegating an interrupt shows its bits again. */
	set_csr(test, cfg, &hs, CSR_HIDELEG, ALL);
	KUNIT_EXPECT_EQ(test, get_csr(test, cfg, &hs, CSR_VSIP), as_vs(pend & ~VSSIP));
	KUNIT_EXPECT_EQ(test, get_csr(test, cfg, &hs, CSR_VSIE), as_vs(enab & ~deleg));
}

static void aliases(struct kunit *test)
{
	unsigned int n;

	for (n = 0; n < 512; n++)
		check_aliases(test, vs_irqs(n & 7), vs_irqs(n >> 3 & 7), vs_irqs(n >> 6));
}

static void check_timer(struct kunit *test, u64 time, u64 delta, u64 cmp, unsigned long due)
{
	struct rvhv_hs_cfg cfg = nested_harts[BIG];
	struct rvhv_hs_state hs;

	rvhv_hs_reset(&hs);
	set_csr(test, &cfg, &hs, CSR_HTIMEDELTA, delta);
	set_csr(test, &cfg, &hs, CSR_VSTIMECMP, cmp);
	KUNIT_EXPECT_EQ(test, rvhv_hs_hip(&cfg, &hs, time), 0);
	set_csr(test, &cfg, &hs, CSR_HENVCFG, ENVCFG_STCE);
	KUNIT_EXPECT_EQ_MSG(test, rvhv_hs_hip(&cfg, &hs, time), due, "%llx + %llx >= %llx", time,
			    delta, cmp);
	KUNIT_EXPECT_EQ(test, get_csr_at(test, &cfg, &hs, CSR_HIP, time), due);
	KUNIT_EXPECT_EQ(test, get_csr_at(test, &cfg, &hs, CSR_HVIP, time), 0);
	KUNIT_EXPECT_EQ(test, get_csr_at(test, &cfg, &hs, CSR_VSIP, time), 0);
	set_csr(test, &cfg, &hs, CSR_HIDELEG, VSTIP);
	KUNIT_EXPECT_EQ(test, get_csr_at(test, &cfg, &hs, CSR_VSIP, time), as_vs(due));

	/* Writes do not change the timer's bit, nor store it in hvip. */
	set_csr(test, &cfg, &hs, CSR_HIP, ALL);
	set_csr(test, &cfg, &hs, CSR_VSIP, ALL);
	KUNIT_EXPECT_EQ(test, get_csr_at(test, &cfg, &hs, CSR_HVIP, time), VSSIP);
	set_csr(test, &cfg, &hs, CSR_HVIP, VSTIP);
	KUNIT_EXPECT_EQ(test, rvhv_hs_hip(&cfg, &hs, time), VSTIP);
	set_csr(test, &cfg, &hs, CSR_HVIP, 0);
	KUNIT_EXPECT_EQ(test, rvhv_hs_hip(&cfg, &hs, time), due);
	set_csr(test, &cfg, &hs, CSR_HENVCFG, 0);
	KUNIT_EXPECT_EQ(test, rvhv_hs_hip(&cfg, &hs, time), 0);

	hs.henvcfg = ENVCFG_STCE;
	cfg.sstc = false;
	KUNIT_EXPECT_EQ(test, rvhv_hs_hip(&cfg, &hs, time), 0);
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
		/* Unsigned */
		{ 1ULL << 63, 0, 1, true }, { 1, 0, 1ULL << 63, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(edges); i++)
		check_timer(test, edges[i].time, edges[i].delta, edges[i].cmp,
			    edges[i].due ? VSTIP : 0);
}

/* ---- translation ---- */

static void check_hgatp(struct kunit *test, unsigned int levels, unsigned int vmid_bits)
{
	const unsigned long largest = HGATP_MODE_SV39X4 + levels - 3;
	unsigned long mode, val, vmid = VMID(BIT(vmid_bits) - 1);
	struct rvhv_hs_cfg cfg = nested_harts[BIG];
	struct rvhv_hs_state hs;

	cfg.gstage_levels = levels;
	cfg.vmid_bits = vmid_bits;
	rvhv_hs_reset(&hs);
	/* VMIDLEN shows with MODE Bare, too. */
	set_csr(test, &cfg, &hs, CSR_HGATP, HGATP_VMID);
	KUNIT_EXPECT_EQ(test, get_csr(test, &cfg, &hs, CSR_HGATP), vmid);
	/* Probe from the largest mode down. */
	for (mode = HGATP_MODE_SV57X4; mode >= HGATP_MODE_SV39X4; mode--) {
		set_csr(test, &cfg, &hs, CSR_HGATP, MODE(mode));
		if (get_csr(test, &cfg, &hs, CSR_HGATP) == MODE(mode))
			break;
	}
	KUNIT_EXPECT_EQ(test, mode, largest);
	val = MODE(mode) | 0x12345678;
	set_csr(test, &cfg, &hs, CSR_HGATP, val | HGATP_VMID);
	KUNIT_EXPECT_EQ(test, get_csr(test, &cfg, &hs, CSR_HGATP), val | vmid);
	/* A reserved mode leaves MODE as it is; the other fields are written. */
	set_csr(test, &cfg, &hs, CSR_HGATP, MODE(15) | 0xabcdef0123f);
	KUNIT_EXPECT_EQ(test, get_csr(test, &cfg, &hs, CSR_HGATP), MODE(mode) | 0xabcdef0123c);
	set_csr(test, &cfg, &hs, CSR_HGATP, 0);
	KUNIT_EXPECT_EQ(test, get_csr(test, &cfg, &hs, CSR_HGATP), 0);
}

static void hgatp_probing(struct kunit *test)
{
	static const unsigned int vmid_bits[] = { 0, 1, 7, 14 };
	unsigned int levels, i;

	for (levels = 3; levels <= 5; levels++)
		for (i = 0; i < ARRAY_SIZE(vmid_bits); i++)
			check_hgatp(test, levels, vmid_bits[i]);
}

static void vsatp_modes(struct kunit *test)
{
	const unsigned long before = SATP_MODE_39 | ASID(0x123) | 0x7654321;
	unsigned long levels, mode;

	for (levels = 3; levels <= 5; levels++)
		for (mode = 0; mode < 16; mode++) {
			unsigned long val = MODE(mode) | ASID(SATP_ASID_MASK) | SATP_PPN;
			struct rvhv_hs_cfg cfg = nested_harts[BIG];
			bool legal = !mode || (mode >= 8 && mode <= levels + 5);
			struct rvhv_hs_state hs;

			cfg.vs_levels = levels;
			rvhv_hs_reset(&hs);
			set_csr(test, &cfg, &hs, CSR_VSATP, before);
			KUNIT_EXPECT_EQ(test, get_csr(test, &cfg, &hs, CSR_VSATP), before);
			set_csr(test, &cfg, &hs, CSR_VSATP, val);
			KUNIT_EXPECT_EQ(test, get_csr(test, &cfg, &hs, CSR_VSATP),
					legal ? val : before);
		}
}

/* ---- fields of status and configuration ---- */

/* A hart may leave bits in the field that the L1 does not have, and SD may be missing. */
static void vsstatus_of_hart(struct kunit *test)
{
	const struct rvhv_hs_cfg *big = &nested_harts[BIG], *small = &nested_harts[SMALL];
	struct rvhv_hs_state hs;
	unsigned long fs, vs;

	rvhv_hs_reset(&hs);
	for (fs = SR_FS_OFF; fs <= SR_FS_DIRTY; fs += SR_FS_INITIAL)
		for (vs = SR_VS_OFF; vs <= SR_VS_DIRTY; vs += SR_VS_INITIAL) {
			unsigned long sd = fs == SR_FS_DIRTY || vs == SR_VS_DIRTY ? SR_SD : 0;
			unsigned long want = SR_UXL_64 | fs | vs | sd;

			hs.vs.vsstatus = ~SR_FS_VS | fs | vs;
			KUNIT_EXPECT_EQ(test, get_csr(test, big, &hs, CSR_VSSTATUS),
					want | VSSTATUS_SMALL);
			KUNIT_EXPECT_EQ(test, get_csr(test, small, &hs, CSR_VSSTATUS),
					SR_UXL_64 | VSSTATUS_SMALL);
			hs.vs.vsstatus = fs | vs;
			KUNIT_EXPECT_EQ(test, get_csr(test, big, &hs, CSR_VSSTATUS), want);
			/* A write stores UXL and SD. */
			set_csr(test, big, &hs, CSR_VSSTATUS, fs | vs);
			KUNIT_EXPECT_EQ(test, hs.vs.vsstatus, want);
		}
}

static void cbie(struct kunit *test)
{
	const unsigned long other = ENVCFG_CBCFE | ENVCFG_CBZE;
	const struct rvhv_hs_cfg *cfg = &nested_harts[BIG];
	unsigned long old, new;

	for (old = 0; old < 4; old++)
		for (new = 0; new < 4; new++) {
			unsigned long before = old == CBIE_RESERVED ? 0 : old;
			unsigned long want = new == CBIE_RESERVED ? before : new;
			struct rvhv_hs_state hs;

			rvhv_hs_reset(&hs);
			set_csr(test, cfg, &hs, CSR_HENVCFG, CBIE(old));
			KUNIT_EXPECT_EQ(test, get_csr(test, cfg, &hs, CSR_HENVCFG), CBIE(before));
			set_csr(test, cfg, &hs, CSR_HENVCFG, CBIE(new) | other);
			KUNIT_EXPECT_EQ(test, get_csr(test, cfg, &hs, CSR_HENVCFG),
					CBIE(want) | other);
		}
}

static struct kunit_case nested_csr_fields_cases[] = {
	KUNIT_CASE(aliases),
	KUNIT_CASE(timer),
	KUNIT_CASE(hgatp_probing),
	KUNIT_CASE(vsatp_modes),
	KUNIT_CASE(vsstatus_of_hart),
	KUNIT_CASE(cbie),
	{}
};

static struct kunit_suite nested_csr_fields_suite = {
	.name = "rvhv_nested_csr_fields",
	.test_cases = nested_csr_fields_cases,
};

kunit_test_suite(nested_csr_fields_suite);
