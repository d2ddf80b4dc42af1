// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of traps into the L1's HS mode, of its SRET, and of privilege checks, in the
 * specification's numbers.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "../include/rvhv_arch.h"
#include "../vcpu/nested/hs.h"

#define IRQ		BIT(63)
#define VSXL		(2UL << 32)
#define GVA		BIT(6)
#define SPV		BIT(7)
#define SPVP		BIT(8)
#define HU		BIT(9)
#define VTVM		BIT(20)
#define VTW		BIT(21)
#define VTSR		BIT(22)
#define ALL_HSTATUS	(VSXL | GVA | SPV | SPVP | HU | VTVM | VTW | VTSR)
#define SIE		BIT(1)
#define SPIE		BIT(5)
#define SPP		BIT(8)

#define NR_MODES	4

static const bool of_l2[NR_MODES] = { [RVHV_MODE_VU] = true, [RVHV_MODE_VS] = true };
static const bool super[NR_MODES] = { [RVHV_MODE_HS] = true, [RVHV_MODE_VS] = true };

/*
 * By cause. stval: "a" an address, "b" an address or zero (breakpoint), "-" no address.
 * htinst: "t" a transformed instruction, "p" a pseudoinstruction, "*" either, "-" zero only.
 *				  0         1         2
 *				  012345678901234567890123
 */
static const char addresses[] = "aa-baaaa----aa-a----aa-a";
static const char htinsts[] =   "----tttt-----t-t----p*-*";

static char of_cause(const char *table, unsigned long cause)
{
	return cause < 24 ? table[cause] : '-';
}

static bool is_guest_page_fault(unsigned long cause)
{
	return cause == 20 || cause == 21 || cause == 23;
}

static void delegation(struct kunit *test)
{
	unsigned long cause, bit;

	for (cause = 0; cause < 200; cause++)
		for (bit = 0; bit < 64; bit++) {
			struct rvhv_hs_state exc = { .hedeleg = BIT(bit) };
			struct rvhv_hs_state irq = { .hideleg = BIT(bit) };
			enum rvhv_trap_level want = RVHV_TRAP_TO_L1;

			if (cause == bit)
				want = RVHV_TRAP_TO_L2;
			KUNIT_EXPECT_EQ(test, rvhv_hs_trap_level(&exc, cause), want);
			KUNIT_EXPECT_EQ(test, rvhv_hs_trap_level(&irq, cause | IRQ), want);
			KUNIT_EXPECT_EQ(test, rvhv_hs_trap_level(&irq, cause), RVHV_TRAP_TO_L1);
			KUNIT_EXPECT_EQ(test, rvhv_hs_trap_level(&exc, cause | IRQ),
					RVHV_TRAP_TO_L1);
		}
}

static bool want_gva(const struct rvhv_trap *trap, enum rvhv_mode mode, bool hlsv)
{
	switch (of_cause(addresses, trap->scause)) {
	case 'a':
		if (of_l2[mode])
			return true;
		/* From HS and U mode: only HLV, HLVX and HSV, which do not fetch */
		if (trap->scause < 4 || trap->scause == 12 || trap->scause == 20)
			return false;
		return hlsv || is_guest_page_fault(trap->scause);
	case 'b':
		return trap->stval && (of_l2[mode] || hlsv);
	}
	return false;
}

static unsigned long want_htinst(const struct rvhv_trap *trap)
{
	char has = of_cause(htinsts, trap->scause);

	if ((trap->htinst % 2 == 1 && (has == 't' || has == '*')) ||
	    (trap->htinst % 4 == 0 && (has == 'p' || has == '*')))
		return trap->htinst;
	return 0;
}

/* @set: the fields that the trap changes were all ones before, or all zeros. */
static void check_trap(struct kunit *test, enum rvhv_mode mode, const struct rvhv_trap *trap,
		       bool hlsv, bool set)
{
	const unsigned long other = set ? 0xc6600 : 0;
	unsigned long before = set ? ALL_HSTATUS : VSXL, want;
	struct rvhv_hs_state hs = { .hstatus = before, .htval = 77, .htinst = 88 };
	struct rvhv_s_regs regs = {
		.sstatus = set ? other | SIE : SPIE | SPP, .stvec = 0xffff000012345600,
	};
	struct rvhv_hs_state old = hs;

	KUNIT_EXPECT_EQ(test, rvhv_hs_take_trap(&hs, &regs, mode, trap, hlsv), 0xffff000012345600);

	want = before & ~(GVA | SPV);
	if (of_l2[mode])
		want = (want & ~SPVP) | SPV | (super[mode] ? SPVP : 0);
	if (want_gva(trap, mode, hlsv))
		want |= GVA;
	KUNIT_EXPECT_EQ_MSG(test, hs.hstatus, want, "cause %lx mode %d", trap->scause, mode);
	KUNIT_EXPECT_EQ(test, hs.htval, is_guest_page_fault(trap->scause) ? trap->htval : 0);
	KUNIT_EXPECT_EQ_MSG(test, hs.htinst, want_htinst(trap), "cause %lx", trap->scause);
	KUNIT_EXPECT_EQ(test, regs.sstatus,
			other | (super[mode] ? SPP : 0) | (set ? SPIE : 0));
	KUNIT_EXPECT_EQ(test, regs.sepc, trap->sepc);
	KUNIT_EXPECT_EQ(test, regs.scause, trap->scause);
	KUNIT_EXPECT_EQ(test, regs.stval, trap->scause & IRQ ? 0 : trap->stval);
	KUNIT_EXPECT_EQ(test, regs.stvec, 0xffff000012345600);

	old.hstatus = hs.hstatus;
	old.htval = hs.htval;
	old.htinst = hs.htinst;
	KUNIT_EXPECT_MEMEQ(test, &hs, &old, sizeof(hs));
	KUNIT_EXPECT_EQ(test, rvhv_hs_trap_gva(trap, mode, hlsv), !!(hs.hstatus & GVA));
}

static void traps(struct kunit *test)
{
	/* Transformed (32 bits, 16 bits), pseudoinstructions, neither */
	static const unsigned long htinst[] = { 0, 0x3003, 0x3001, 0x3000, 0x3020, 0x3002 };
	unsigned long cause;
	unsigned int mode, i;

	for (cause = 0; cause < 64; cause++)
		for (mode = 0; mode < NR_MODES; mode++)
			for (i = 0; i < ARRAY_SIZE(htinst) * 8; i++) {
				struct rvhv_trap trap = {
					.sepc = 0x80200004, .scause = cause,
					.stval = i & 4 ? 0xabcd0 : 0, .htval = 0x123456,
					.htinst = htinst[i / 8],
				};

				check_trap(test, mode, &trap, i & 1, i & 2);
				trap.scause |= IRQ;
				check_trap(test, mode, &trap, i & 1, i & 2);
			}
}

static void vectors(struct kunit *test)
{
	unsigned long cause, stvec;

	for (cause = 0; cause < 64; cause++)
		for (stvec = 0x1000; stvec < 0x1004; stvec++) {
			struct rvhv_trap trap = { .scause = cause };
			struct rvhv_s_regs regs = { .stvec = stvec };
			struct rvhv_hs_state hs = {};

			KUNIT_EXPECT_EQ(test, rvhv_hs_take_trap(&hs, &regs, RVHV_MODE_VS, &trap,
								false), 0x1000);
			trap.scause |= IRQ;
			KUNIT_EXPECT_EQ(test, rvhv_hs_take_trap(&hs, &regs, RVHV_MODE_VS, &trap,
								false),
					stvec == 0x1001 ? 0x1000 + 4 * cause : 0x1000);
		}
}

static void sret(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 64; i++) {
		bool spv = i & 1, spp = i & 2, sie = i & 4, spie = i & 8, set = i & 16;
		const unsigned long other = set ? 0xc6600 : 0;
		unsigned long hstatus = VSXL | (set ? ALL_HSTATUS & ~(SPV | SPVP) : 0) |
					(i & 32 ? SPVP : 0);
		struct rvhv_hs_state hs = { .hstatus = hstatus | (spv ? SPV : 0) };
		struct rvhv_s_regs regs = {
			.sstatus = other | (sie ? SIE : 0) | (spie ? SPIE : 0) | (spp ? SPP : 0),
			.sepc = 0x1234, .scause = 5, .stval = 6, .stvec = 7,
		};
		struct rvhv_hs_state want_hs = { .hstatus = hstatus };
		struct rvhv_s_regs want = regs;
		enum rvhv_mode mode = rvhv_hs_sret(&hs, &regs);

		KUNIT_EXPECT_EQ(test, of_l2[mode], spv);
		KUNIT_EXPECT_EQ(test, super[mode], spp);
		want.sstatus = other | SPIE | (spie ? SIE : 0);
		KUNIT_EXPECT_MEMEQ(test, &regs, &want, sizeof(regs));
		KUNIT_EXPECT_MEMEQ(test, &hs, &want_hs, sizeof(hs));
	}
}

/* A trap and SRET restore the mode and SIE. */
static void round_trip(struct kunit *test)
{
	unsigned int mode, sie;

	for (mode = 0; mode < NR_MODES; mode++)
		for (sie = 0; sie < 2; sie++) {
			struct rvhv_trap trap = { .sepc = 0x100, .scause = 21 };
			struct rvhv_s_regs regs = { .sstatus = sie ? SIE : 0 };
			struct rvhv_hs_state hs = { .hstatus = VSXL };

			rvhv_hs_take_trap(&hs, &regs, mode, &trap, false);
			KUNIT_EXPECT_EQ(test, rvhv_hs_sret(&hs, &regs), mode);
			KUNIT_EXPECT_EQ(test, regs.sstatus, SPIE | (sie ? SIE : 0));
		}
}

/**
 * struct insn_row - the exception of an instruction in each mode
 * @insn: the instruction
 * @csr: for RVHV_HS_CSR
 * @bit: of hstatus, which selects @clear or @set; 0 if none
 * @clear: exceptions in U, HS, VU and VS with @bit clear
 * @set: the same with @bit set
 */
struct insn_row {
	enum rvhv_hs_insn insn;
	unsigned int csr;
	unsigned long bit;
	u8 clear[NR_MODES];
	u8 set[NR_MODES];
};

static const struct insn_row insn_rows[] = {
	{ RVHV_HS_SRET, 0, VTSR, { 2, 0, 22, 0 }, { 2, 0, 22, 22 } },
	{ RVHV_HS_WFI, 0, VTW, { 2, 0, 22, 0 }, { 2, 0, 22, 22 } },
	{ RVHV_HS_SFENCE, 0, VTVM, { 2, 0, 22, 0 }, { 2, 0, 22, 22 } },
	{ RVHV_HS_HFENCE, 0, 0, { 2, 0, 22, 22 } },
	{ RVHV_HS_HLSV, 0, HU, { 2, 0, 22, 22 }, { 0, 0, 22, 22 } },
	{ RVHV_HS_CSR, CSR_STVEC, 0, { 2, 0, 22, 0 } },
	{ RVHV_HS_CSR, CSR_SATP, VTVM, { 2, 0, 22, 0 }, { 2, 0, 22, 22 } },
	{ RVHV_HS_CSR, CSR_VSSTATUS, 0, { 2, 0, 22, 22 } },
	{ RVHV_HS_CSR, CSR_VSATP, 0, { 2, 0, 22, 22 } },
	{ RVHV_HS_CSR, CSR_HSTATUS, 0, { 2, 0, 22, 22 } },
	{ RVHV_HS_CSR, CSR_HGATP, 0, { 2, 0, 22, 22 } },
	{ RVHV_HS_CSR, CSR_HGEIP, 0, { 2, 0, 22, 22 } },
	{ RVHV_HS_CSR, CSR_MSTATUS, 0, { 2, 2, 2, 2 } },
	{ RVHV_HS_CSR, CSR_MHARTID, 0, { 2, 2, 2, 2 } },
	{ RVHV_HS_CSR, CSR_VSTART, 0, { 0, 0, 0, 0 } },
	{ RVHV_HS_CSR, CSR_TIME, 0, { 0, 0, 0, 0 } },
};

/* Under every setting of the bits, only the row's own bit matters. */
static void insns(struct kunit *test)
{
	static const unsigned long bits[] = { GVA, SPV, SPVP, HU, VTVM, VTW, VTSR };
	unsigned int i, n, bit, mode;

	for (i = 0; i < ARRAY_SIZE(insn_rows); i++)
		for (n = 0; n < 1 << ARRAY_SIZE(bits); n++) {
			const struct insn_row *row = &insn_rows[i];
			struct rvhv_hs_state hs = { .hstatus = VSXL };
			const u8 *want;

			for (bit = 0; bit < ARRAY_SIZE(bits); bit++)
				if (n & BIT(bit))
					hs.hstatus |= bits[bit];
			want = hs.hstatus & row->bit ? row->set : row->clear;
			for (mode = 0; mode < NR_MODES; mode++)
				KUNIT_EXPECT_EQ_MSG(test, rvhv_hs_insn_check(&hs, mode, row->insn,
									     row->csr),
						    want[mode], "row %u mode %u hstatus %lx", i,
						    mode, hs.hstatus);
		}
}

static struct kunit_case nested_trap_cases[] = {
	KUNIT_CASE(delegation),
	KUNIT_CASE(traps),
	KUNIT_CASE(vectors),
	KUNIT_CASE(sret),
	KUNIT_CASE(round_trip),
	KUNIT_CASE(insns),
	{}
};

static struct kunit_suite nested_trap_suite = {
	.name = "rvhv_nested_trap",
	.test_cases = nested_trap_cases,
};

kunit_test_suite(nested_trap_suite);
