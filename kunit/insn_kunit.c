// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the instruction decoder, against a slow one made of the specification's patterns.
 */
#include <kunit/test.h>
#include <linux/log2.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "../vcpu/insn.h"

/*
 * A pattern has one character for each bit, the highest first: 0 and 1 must match, x is ignored,
 * other letters are the bits of a field: r (register of a load or store), d (rd), s (rs1), t (rs2),
 * c (CSR).
 */
static bool matches(const char *pattern, u32 insn)
{
	unsigned int bits = strlen(pattern), i;

	if (bits == 16)
		insn &= 0xffff;
	/* From the lowest bit, for speed: most patterns differ in the opcode. */
	for (i = 0; i < bits; i++) {
		char want = pattern[bits - 1 - i];

		if ((want == '0' || want == '1') && want - '0' != (insn >> i & 1))
			return false;
	}
	return true;
}

static unsigned int field(const char *pattern, u32 insn, char letter)
{
	unsigned int bits = strlen(pattern), val = 0, i;

	for (i = 0; i < bits; i++)
		if (pattern[i] == letter)
			val = val << 1 | (insn >> (bits - 1 - i) & 1);
	return val;
}

static bool has(const char *pattern, char letter)
{
	return strchr(pattern, letter);
}

struct access_pattern {
	const char *bits;
	u8 len;
	bool write;
	bool sign;
	bool fp;
	bool not_x0;		/* reserved with x0 */
};

static const struct access_pattern access_patterns[] = {
	/* RV64I, F, D and Zfh: imm, rs1, funct3, rd, opcode */
	{ "xxxxxxxxxxxxxxxxx000rrrrr0000011", .len = 1, .sign = true },
	{ "xxxxxxxxxxxxxxxxx001rrrrr0000011", .len = 2, .sign = true },
	{ "xxxxxxxxxxxxxxxxx010rrrrr0000011", .len = 4, .sign = true },
	{ "xxxxxxxxxxxxxxxxx011rrrrr0000011", .len = 8 },
	{ "xxxxxxxxxxxxxxxxx100rrrrr0000011", .len = 1 },
	{ "xxxxxxxxxxxxxxxxx101rrrrr0000011", .len = 2 },
	{ "xxxxxxxxxxxxxxxxx110rrrrr0000011", .len = 4 },
	{ "xxxxxxxxxxxxxxxxx001rrrrr0000111", .len = 2, .fp = true },
	{ "xxxxxxxxxxxxxxxxx010rrrrr0000111", .len = 4, .fp = true },
	{ "xxxxxxxxxxxxxxxxx011rrrrr0000111", .len = 8, .fp = true },
	/* imm, rs2, rs1, funct3, imm, opcode */
	{ "xxxxxxxrrrrrxxxxx000xxxxx0100011", .len = 1, .write = true },
	{ "xxxxxxxrrrrrxxxxx001xxxxx0100011", .len = 2, .write = true },
	{ "xxxxxxxrrrrrxxxxx010xxxxx0100011", .len = 4, .write = true },
	{ "xxxxxxxrrrrrxxxxx011xxxxx0100011", .len = 8, .write = true },
	{ "xxxxxxxrrrrrxxxxx001xxxxx0100111", .len = 2, .write = true, .fp = true },
	{ "xxxxxxxrrrrrxxxxx010xxxxx0100111", .len = 4, .write = true, .fp = true },
	{ "xxxxxxxrrrrrxxxxx011xxxxx0100111", .len = 8, .write = true, .fp = true },
	/* C, quadrant 0: c.fld, c.lw, c.ld, c.fsd, c.sw, c.sd */
	{ "001xxxxxxxxrrr00", .len = 8, .fp = true },
	{ "010xxxxxxxxrrr00", .len = 4, .sign = true },
	{ "011xxxxxxxxrrr00", .len = 8 },
	{ "101xxxxxxxxrrr00", .len = 8, .write = true, .fp = true },
	{ "110xxxxxxxxrrr00", .len = 4, .write = true },
	{ "111xxxxxxxxrrr00", .len = 8, .write = true },
	/* Zcb: c.lbu, c.lhu, c.lh, c.sb, c.sh */
	{ "100000xxxxxrrr00", .len = 1 },
	{ "100001xxx0xrrr00", .len = 2 },
	{ "100001xxx1xrrr00", .len = 2, .sign = true },
	{ "100010xxxxxrrr00", .len = 1, .write = true },
	{ "100011xxx0xrrr00", .len = 2, .write = true },
	/* C, quadrant 2: c.fldsp, c.lwsp, c.ldsp, c.fsdsp, c.swsp, c.sdsp */
	{ "001xrrrrrxxxxx10", .len = 8, .fp = true },
	{ "010xrrrrrxxxxx10", .len = 4, .sign = true, .not_x0 = true },
	{ "011xrrrrrxxxxx10", .len = 8, .not_x0 = true },
	{ "101xxxxxxrrrrr10", .len = 8, .write = true, .fp = true },
	{ "110xxxxxxrrrrr10", .len = 4, .write = true },
	{ "111xxxxxxrrrrr10", .len = 8, .write = true },
};

static const struct access_pattern *oracle_access(u32 insn, struct rvhv_insn_access *acc)
{
	const struct access_pattern *p, *found = NULL;

	for (p = access_patterns; p < access_patterns + ARRAY_SIZE(access_patterns); p++) {
		unsigned int reg = field(p->bits, insn, 'r');

		if (!matches(p->bits, insn) || (p->not_x0 && !reg))
			continue;
		*acc = (struct rvhv_insn_access) {
			.len = p->len,
			/* Three bits name x8 to x15. */
			.rd_rs2 = strstr(p->bits, "xrrr0") ? reg + 8 : reg,
			.insn_len = strlen(p->bits) / 8,
			.write = p->write,
			.sign_extend = p->sign,
			.fp = p->fp,
		};
		found = p;
	}
	return found;
}

static bool same_access(const struct rvhv_insn_access *a, const struct rvhv_insn_access *b)
{
	return a->len == b->len && a->rd_rs2 == b->rd_rs2 && a->insn_len == b->insn_len &&
	       a->write == b->write && a->sign_extend == b->sign_extend && a->fp == b->fp;
}

static void check_access(struct kunit *test, u32 insn)
{
	struct rvhv_insn_access acc, want;
	enum rvhv_decode result = rvhv_insn_decode_access(insn, &acc);

	if (!oracle_access(insn, &want)) {
		KUNIT_ASSERT_EQ_MSG(test, result, RVHV_DECODE_UNHANDLED, "%#x", insn);
		return;
	}
	KUNIT_ASSERT_EQ_MSG(test, result, RVHV_DECODED, "%#x", insn);
	KUNIT_ASSERT_TRUE_MSG(test, same_access(&acc, &want), "%#x", insn);
}

static void all_compressed(struct kunit *test)
{
	unsigned int decoded = 0;
	struct rvhv_insn_access acc;
	u32 insn;

	for (insn = 0; insn <= 0xffff; insn++) {
		if ((insn & 3) == 3)
			continue;
		check_access(test, insn);
		/* The next instruction in the upper half is ignored. */
		check_access(test, insn | 0xffff0000);
		decoded += rvhv_insn_decode_access(insn, &acc) == RVHV_DECODED && !acc.fp;
	}
	/*
	 * Free bits: 11 in c.lw, c.ld, c.sw, c.sd, c.swsp and c.sdsp; 11 without rd x0 in c.lwsp
	 * and c.ldsp; 8 in two and 7 in three of Zcb.
	 */
	KUNIT_EXPECT_EQ(test, decoded, 6 * 2048 + 2 * 31 * 64 + 2 * 256 + 3 * 128);
}

/* Every register in each of the two register fields; all other bits are random. */
static void all_opcodes(struct kunit *test)
{
	struct rnd_state rnd;
	u32 opcode, f3, reg, insn;

	prandom_seed_state(&rnd, 3);
	for (opcode = 3; opcode < 128; opcode += 4) {
		for (f3 = 0; f3 < 8; f3++) {
			for (reg = 0; reg < 32; reg++) {
				insn = prandom_u32_state(&rnd) & ~0x7fff;
				insn |= opcode | f3 << 12;
				check_access(test, insn | reg << 7);
				insn &= ~(31 << 20);
				insn |= (prandom_u32_state(&rnd) & 31) << 7;
				check_access(test, insn | reg << 20);
			}
		}
	}
}

/* ---- transformed instructions ---- */

/* A transformed instruction means the same access, has no address and keeps insn_len. */
static void check_transform(struct kunit *test, u32 insn)
{
	u32 made = rvhv_insn_transform(insn), back;
	struct rvhv_insn_access from, to;
	bool compressed;

	if (rvhv_insn_decode_access(insn, &from) != RVHV_DECODED)
		return;
	KUNIT_EXPECT_EQ_MSG(test, made & 1, 1, "%#x", insn);
	KUNIT_EXPECT_EQ_MSG(test, rvhv_insn_from_htinst(made, &back, &compressed), RVHV_DECODED,
			    "%#x", insn);
	KUNIT_EXPECT_EQ_MSG(test, compressed, from.insn_len == 2, "%#x", insn);
	KUNIT_EXPECT_EQ_MSG(test, rvhv_insn_decode_access(back, &to), RVHV_DECODED, "%#x", insn);
	to.insn_len = from.insn_len;
	KUNIT_EXPECT_MEMEQ_MSG(test, &to, &from, sizeof(to), "%#x gives %#x", insn, made);
	/* rs1 and both parts of the immediate */
	KUNIT_EXPECT_EQ_MSG(test, made & (0x1f << 15 | 0x7fU << 25), 0, "%#x", insn);
	KUNIT_EXPECT_EQ_MSG(test, made & (to.write ? 0x1f << 7 : 0x1f << 20), 0, "%#x", insn);
}

static void transform_all(struct kunit *test)
{
	struct rnd_state rnd;
	u32 insn, opcode, n;

	for (insn = 0; insn <= 0xffff; insn++)
		if ((insn & 3) != 3)
			check_transform(test, insn);
	prandom_seed_state(&rnd, 4);
	for (opcode = 3; opcode < 128; opcode += 4)
		for (n = 0; n < 1000; n++)
			check_transform(test, (prandom_u32_state(&rnd) & ~0x7f) | opcode);
}

static void transform_others(struct kunit *test)
{
	/* lr.w a0, (a1); sc.d.aqrl a0, a2, (a1); amoadd.w a0, a2, (a1): rs1 is cleared */
	KUNIT_EXPECT_EQ(test, rvhv_insn_transform(0x1005a52f), 0x1000252f);
	KUNIT_EXPECT_EQ(test, rvhv_insn_transform(0x1ec5b52f), 0x1ec0352f);
	KUNIT_EXPECT_EQ(test, rvhv_insn_transform(0x00c5a52f), 0x00c0252f);
	/* hlv.d a0, (a1); hlvx.hu a0, (a1); hsv.d a2, (a1) */
	KUNIT_EXPECT_EQ(test, rvhv_insn_transform(0x6c05c573), 0x6c004573);
	KUNIT_EXPECT_EQ(test, rvhv_insn_transform(0x6435c573), 0x64304573);
	KUNIT_EXPECT_EQ(test, rvhv_insn_transform(0x6ec5c073), 0x6ec04073);
	/* addi, jalr, csrr, fence, vle8.v, vse64.v, c.addi have no transformation. */
	KUNIT_EXPECT_EQ(test, rvhv_insn_transform(0x00158593), 0);
	KUNIT_EXPECT_EQ(test, rvhv_insn_transform(0x00008067), 0);
	KUNIT_EXPECT_EQ(test, rvhv_insn_transform(0x60002573), 0);
	KUNIT_EXPECT_EQ(test, rvhv_insn_transform(0x0ff0000f), 0);
	KUNIT_EXPECT_EQ(test, rvhv_insn_transform(0x02058007), 0);
	KUNIT_EXPECT_EQ(test, rvhv_insn_transform(0x0205f027), 0);
	KUNIT_EXPECT_EQ(test, rvhv_insn_transform(0x0505), 0);
}

/* ---- SYSTEM ---- */

struct system_pattern {
	const char *bits;
	enum rvhv_insn_system_kind kind;
	enum rvhv_csr_op op;
	bool imm;
	u8 len;
	bool sign;
};

static const struct system_pattern system_patterns[] = {
	{ "ccccccccccccsssss001ddddd1110011", RVHV_SYS_CSR, RVHV_CSR_RW },
	{ "ccccccccccccsssss010ddddd1110011", RVHV_SYS_CSR, RVHV_CSR_RS },
	{ "ccccccccccccsssss011ddddd1110011", RVHV_SYS_CSR, RVHV_CSR_RC },
	{ "ccccccccccccsssss101ddddd1110011", RVHV_SYS_CSR, RVHV_CSR_RW, .imm = true },
	{ "ccccccccccccsssss110ddddd1110011", RVHV_SYS_CSR, RVHV_CSR_RS, .imm = true },
	{ "ccccccccccccsssss111ddddd1110011", RVHV_SYS_CSR, RVHV_CSR_RC, .imm = true },
	{ "00000000000000000000000001110011", RVHV_SYS_ECALL },
	{ "00000000000100000000000001110011", RVHV_SYS_EBREAK },
	{ "00010000001000000000000001110011", RVHV_SYS_SRET },
	{ "00010000010100000000000001110011", RVHV_SYS_WFI },
	{ "00000000110100000000000001110011", RVHV_SYS_WRS },
	{ "00000001110100000000000001110011", RVHV_SYS_WRS },
	{ "0001001tttttsssss000000001110011", RVHV_SYS_SFENCE_VMA },
	{ "0001011tttttsssss000000001110011", RVHV_SYS_SINVAL_VMA },
	{ "00011000000000000000000001110011", RVHV_SYS_SFENCE_W_INVAL },
	{ "00011000000100000000000001110011", RVHV_SYS_SFENCE_INVAL_IR },
	{ "0010001tttttsssss000000001110011", RVHV_SYS_HFENCE_VVMA },
	{ "0110001tttttsssss000000001110011", RVHV_SYS_HFENCE_GVMA },
	{ "0010011tttttsssss000000001110011", RVHV_SYS_HINVAL_VVMA },
	{ "0110011tttttsssss000000001110011", RVHV_SYS_HINVAL_GVMA },
	{ "011000000000sssss100ddddd1110011", RVHV_SYS_HLV, .len = 1, .sign = true },
	{ "011000000001sssss100ddddd1110011", RVHV_SYS_HLV, .len = 1 },
	{ "011001000000sssss100ddddd1110011", RVHV_SYS_HLV, .len = 2, .sign = true },
	{ "011001000001sssss100ddddd1110011", RVHV_SYS_HLV, .len = 2 },
	{ "011001000011sssss100ddddd1110011", RVHV_SYS_HLVX, .len = 2 },
	{ "011010000000sssss100ddddd1110011", RVHV_SYS_HLV, .len = 4, .sign = true },
	{ "011010000001sssss100ddddd1110011", RVHV_SYS_HLV, .len = 4 },
	{ "011010000011sssss100ddddd1110011", RVHV_SYS_HLVX, .len = 4 },
	{ "011011000000sssss100ddddd1110011", RVHV_SYS_HLV, .len = 8 },
	{ "0110001tttttsssss100000001110011", RVHV_SYS_HSV, .len = 1 },
	{ "0110011tttttsssss100000001110011", RVHV_SYS_HSV, .len = 2 },
	{ "0110101tttttsssss100000001110011", RVHV_SYS_HSV, .len = 4 },
	{ "0110111tttttsssss100000001110011", RVHV_SYS_HSV, .len = 8 },
};

static const struct system_pattern *oracle_system(u32 insn)
{
	const struct system_pattern *p;

	for (p = system_patterns; p < system_patterns + ARRAY_SIZE(system_patterns); p++)
		if (matches(p->bits, insn))
			return p;
	return NULL;
}

static void check_system(struct kunit *test, u32 insn)
{
	const struct system_pattern *want = oracle_system(insn);
	struct rvhv_insn_system sys;
	enum rvhv_decode result = rvhv_insn_decode_system(insn, &sys);

	KUNIT_ASSERT_EQ_MSG(test, result, want ? RVHV_DECODED : RVHV_DECODE_UNHANDLED, "%#x", insn);
	if (!want)
		return;
	KUNIT_ASSERT_EQ_MSG(test, sys.kind, want->kind, "%#x", insn);
	KUNIT_ASSERT_EQ_MSG(test, sys.op, want->op, "%#x", insn);
	KUNIT_ASSERT_EQ_MSG(test, sys.csr, field(want->bits, insn, 'c'), "%#x", insn);
	KUNIT_ASSERT_EQ_MSG(test, sys.rd, field(want->bits, insn, 'd'), "%#x", insn);
	KUNIT_ASSERT_EQ_MSG(test, sys.rs1, field(want->bits, insn, 's'), "%#x", insn);
	KUNIT_ASSERT_EQ_MSG(test, sys.rs2, field(want->bits, insn, 't'), "%#x", insn);
	KUNIT_ASSERT_EQ_MSG(test, sys.imm, want->imm, "%#x", insn);
	KUNIT_ASSERT_EQ_MSG(test, sys.len, want->len, "%#x", insn);
	KUNIT_ASSERT_EQ_MSG(test, sys.sign_extend, want->sign, "%#x", insn);
}

/* Every funct7, rs2 and funct3, with rs1 and rd zero and not */
static void all_system(struct kunit *test)
{
	static const u32 regs[] = { 0, 1, 31 };
	u32 top, f3, i, j;

	for (top = 0; top < 4096; top++)
		for (f3 = 0; f3 < 8; f3++)
			for (i = 0; i < ARRAY_SIZE(regs); i++)
				for (j = 0; j < ARRAY_SIZE(regs); j++)
					check_system(test, top << 20 | regs[i] << 15 | f3 << 12 |
						     regs[j] << 7 | 0x73);
}

/* Any choice of a pattern's free bits decodes as that pattern. */
static void system_fields(struct kunit *test)
{
	const struct system_pattern *p;
	struct rnd_state rnd;
	unsigned int i, bit;

	prandom_seed_state(&rnd, 5);
	for (p = system_patterns; p < system_patterns + ARRAY_SIZE(system_patterns); p++) {
		for (i = 0; i < 200; i++) {
			u32 insn = prandom_u32_state(&rnd);

			for (bit = 0; bit < 32; bit++) {
				if (p->bits[31 - bit] == '0')
					insn &= ~BIT(bit);
				else if (p->bits[31 - bit] == '1')
					insn |= BIT(bit);
			}
			KUNIT_ASSERT_PTR_EQ(test, oracle_system(insn), p);
			check_system(test, insn);
			/* One bit flipped is another instruction or none. */
			check_system(test, insn ^ BIT(i % 32));
		}
	}
}

static void random_words(struct kunit *test)
{
	static const u32 opcodes[] = { 0x03, 0x07, 0x23, 0x27, 0x73 };
	struct rnd_state rnd;
	unsigned int i;

	prandom_seed_state(&rnd, 7);
	for (i = 0; i < 100000; i++) {
		u32 insn = prandom_u32_state(&rnd);

		if (i & 1)
			insn = (insn & ~0x7f) | opcodes[i % ARRAY_SIZE(opcodes)];
		check_access(test, insn);
		check_system(test, insn);
	}
}

/* ---- htinst ---- */

/* The hart's htinst for a load or store: no immediate, @offset in place of rs1 */
static u32 transform(const struct rvhv_insn_access *acc, u32 offset)
{
	u32 f3 = ilog2(acc->len);
	u32 opcode = acc->fp ? 0x07 : 0x03;
	u32 insn;

	if (!acc->fp && !acc->write && !acc->sign_extend && acc->len < 8)
		f3 |= 4;
	if (acc->write)
		opcode |= 0x20;
	insn = offset << 15 | f3 << 12 | opcode;
	insn |= acc->write ? acc->rd_rs2 << 20 : acc->rd_rs2 << 7;
	return acc->insn_len == 2 ? insn & ~BIT(1) : insn;
}

static void check_htinst(struct kunit *test, u32 insn, u32 offset)
{
	struct rvhv_insn_access direct, acc;
	bool compressed;
	u32 expanded;

	if (rvhv_insn_decode_access(insn, &direct) != RVHV_DECODED)
		return;
	KUNIT_ASSERT_EQ(test, rvhv_insn_from_htinst(transform(&direct, offset), &expanded,
						    &compressed), RVHV_DECODED);
	KUNIT_ASSERT_EQ_MSG(test, compressed, direct.insn_len == 2, "%#x", insn);
	KUNIT_ASSERT_EQ_MSG(test, rvhv_insn_decode_access(expanded, &acc), RVHV_DECODED, "%#x",
			    insn);
	KUNIT_ASSERT_EQ_MSG(test, acc.insn_len, 4, "%#x", insn);
	acc.insn_len = direct.insn_len;
	KUNIT_ASSERT_TRUE_MSG(test, same_access(&acc, &direct), "%#x", insn);
}

static void htinst_round_trip(struct kunit *test)
{
	static const u32 opcodes[] = { 0x03, 0x07, 0x23, 0x27 };
	struct rnd_state rnd;
	u32 insn, i;

	prandom_seed_state(&rnd, 11);
	for (insn = 0; insn <= 0xffff; insn++)
		if ((insn & 3) != 3)
			check_htinst(test, insn, insn % 8);
	for (i = 0; i < 20000; i++)
		check_htinst(test, (prandom_u32_state(&rnd) & ~0x7f) | opcodes[i % 4], i % 32);
}

static void htinst_special(struct kunit *test)
{
	/* Reads and writes of 4 and 8 bytes by VS-stage translation */
	static const u32 pseudo[] = { 0x2000, 0x2020, 0x3000, 0x3020 };
	struct rvhv_insn_access acc;
	bool compressed;
	unsigned int i;
	u32 insn;

	KUNIT_EXPECT_EQ(test, rvhv_insn_from_htinst(0, &insn, &compressed), RVHV_DECODE_NO_INSN);
	for (i = 0; i < ARRAY_SIZE(pseudo); i++)
		KUNIT_EXPECT_EQ(test, rvhv_insn_from_htinst(pseudo[i], &insn, &compressed),
				RVHV_DECODE_PSEUDO);

	/* Custom instructions, of 32 and of 16 bits */
	KUNIT_EXPECT_EQ(test, rvhv_insn_from_htinst(0x0b, &insn, &compressed), RVHV_DECODED);
	KUNIT_EXPECT_FALSE(test, compressed);
	KUNIT_EXPECT_EQ(test, rvhv_insn_decode_access(insn, &acc), RVHV_DECODE_UNHANDLED);
	KUNIT_EXPECT_EQ(test, rvhv_insn_from_htinst(0x09, &insn, &compressed), RVHV_DECODED);
	KUNIT_EXPECT_TRUE(test, compressed);
	KUNIT_EXPECT_EQ(test, rvhv_insn_decode_access(insn, &acc), RVHV_DECODE_UNHANDLED);
}

static void oracle_is_sane(struct kunit *test)
{
	unsigned int i, letter;

	for (i = 0; i < ARRAY_SIZE(access_patterns); i++) {
		const char *bits = access_patterns[i].bits;

		KUNIT_EXPECT_TRUE(test, strlen(bits) == 32 || strlen(bits) == 16);
		KUNIT_EXPECT_EQ(test, strspn(bits, "01xr"), strlen(bits));
		KUNIT_EXPECT_TRUE(test, has(bits, 'r'));
	}
	for (i = 0; i < ARRAY_SIZE(system_patterns); i++) {
		const char *bits = system_patterns[i].bits;

		KUNIT_EXPECT_EQ(test, strlen(bits), 32);
		KUNIT_EXPECT_EQ(test, strspn(bits, "01cdst"), 32);
		for (letter = 0; letter < 3; letter++)
			if (has(bits, "dst"[letter]))
				KUNIT_EXPECT_EQ(test, field(bits, ~0, "dst"[letter]), 31);
	}
}

static struct kunit_case insn_cases[] = {
	KUNIT_CASE(oracle_is_sane),
	KUNIT_CASE_SLOW(all_compressed),
	KUNIT_CASE(all_opcodes),
	KUNIT_CASE(transform_all),
	KUNIT_CASE(transform_others),
	KUNIT_CASE_SLOW(all_system),
	KUNIT_CASE(system_fields),
	KUNIT_CASE_SLOW(random_words),
	KUNIT_CASE(htinst_round_trip),
	KUNIT_CASE(htinst_special),
	{}
};

static struct kunit_suite insn_suite = {
	.name = "rvhv_insn",
	.test_cases = insn_cases,
};

kunit_test_suite(insn_suite);
