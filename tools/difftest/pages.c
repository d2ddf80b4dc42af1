// SPDX-License-Identifier: GPL-2.0-only
/* Loads, stores and fetches with every permission in both stages */
#include "difftest.h"

#define VA		0x2000000000UL
#define GPA		0x100000000UL
#define PADDING		0x800		/* a page has an ECALL here */
#define PBMT_NC		BIT(61)
#define PBMT_RESERVED	(3UL << 61)

struct kind {
	const char *name;
	ulong flags;
};

#define V(flags)	(PTE_V | PTE_AD | (flags))
#define R		PTE_R
#define W		PTE_W
#define X		PTE_X

static const struct kind vs_kinds[] = {
	{ "none", 0 }, { "r", V(R) }, { "rw", V(R | W) }, { "x", V(X) }, { "rx", V(R | X) },
	{ "rwx", V(R | W | X) }, { "w", V(W) }, { "wx", V(W | X) }, { "ur", V(PTE_U | R) },
	{ "urw", V(PTE_U | R | W) }, { "ux", V(PTE_U | X) }, { "urx", V(PTE_U | R | X) },
	{ "urwx", V(PTE_U | R | W | X) }, { "rwx-a", V(R | W | X) & ~PTE_A },
	{ "rwx-d", V(R | W | X) & ~PTE_D }, { "urwx-a", V(PTE_U | R | W | X) & ~PTE_AD },
	{ "res", V(R | W | X) | BIT(54) }, { "pbmt", V(R | W | X) | PBMT_NC },
	{ "global", V(R | W | X) | PTE_G }, { "table", PTE_V },
};

static const struct kind g_kinds[] = {
	{ "none", 0 }, { "r", V(PTE_U | R) }, { "rw", V(PTE_U | R | W) }, { "x", V(PTE_U | X) },
	{ "rx", V(PTE_U | R | X) }, { "rwx", V(PTE_U | R | W | X) }, { "super", V(R | W | X) },
	{ "rwx-a", V(PTE_U | R | W | X) & ~PTE_A }, { "rwx-d", V(PTE_U | R | W | X) & ~PTE_D },
	{ "w", V(PTE_U | W) }, { "res", V(PTE_U | R | W | X) | BIT(54) },
	{ "pbmt", V(PTE_U | R | W | X) | PBMT_NC },
};

#define PAGES	(COUNT(vs_kinds) * COUNT(g_kinds))

static const struct named_insn insns[] = {
	{ "lw", INSN_LOAD(2) }, { "sw", INSN_STORE(2) }, { "amoadd.w", INSN_AMO(0, 2) },
	{ "lr.w", INSN_LR(2) }, { "fetch", INSN_JALR },
	{ "hlv.wu", HLV_WU }, { "hlvx.wu", HLVX_WU }, { "hsv.w", HSV_W },
};

#define FIRST_OF_HS	5

static const struct named_insn any_width[] = {
	{ "lb", INSN_LOAD(0) }, { "lh", INSN_LOAD(1) }, { "lw", INSN_LOAD(2) },
	{ "ld", INSN_LOAD(3) }, { "lbu", INSN_LOAD(4) }, { "lhu", INSN_LOAD(5) },
	{ "lwu", INSN_LOAD(6) },
	{ "sb", INSN_STORE(0) }, { "sh", INSN_STORE(1) }, { "sw", INSN_STORE(2) },
	{ "sd", INSN_STORE(3) }, { "c.lw", INSN_C_LW }, { "c.ld", INSN_C_LD },
	{ "c.sw", INSN_C_SW }, { "c.sd", INSN_C_SD }, { "lr.d", INSN_LR(3) },
	{ "amoswap.d", INSN_AMO(1, 3) },
	{ "amoxor.w", INSN_AMO(4, 2) }, { "amomaxu.d", INSN_AMO(28, 3) },
	{ "sc.w", INSN_AMO(3, 2) },
	{ "cbo.zero", INSN_CBO_ZERO },
	{ "hlv.b", INSN_HLV(0x30, 0) }, { "hlv.bu", INSN_HLV(0x30, 1) },
	{ "hlv.h", INSN_HLV(0x32, 0) }, { "hlv.hu", INSN_HLV(0x32, 1) },
	{ "hlvx.hu", INSN_HLV(0x32, 3) }, { "hlv.w", HLV_W }, { "hlv.wu", HLV_WU },
	{ "hlvx.wu", HLVX_WU }, { "hlv.d", HLV_D }, { "hsv.b", INSN_HSV(0x31) },
	{ "hsv.h", INSN_HSV(0x33) }, { "hsv.w", HSV_W }, { "hsv.d", HSV_D },
};

#define FIRST_OF_ANY_HS	21

/* A page for each pair of kinds */
static const struct kind *vs_kind(ulong page)
{
	return &vs_kinds[page / COUNT(g_kinds)];
}

static const struct kind *g_kind(ulong page)
{
	return &g_kinds[page % COUNT(g_kinds)];
}

static void fill_data(ulong i)
{
	volatile u32 *word = (volatile u32 *)(DATA + i * PAGE);
	ulong at;

	for (at = 0; at < PAGE / sizeof(u32); at++)
		word[at] = (u32)(i * 0x1000193 + at * 0x01010101 + 0x80) | 0x80;
	word[PADDING / sizeof(u32)] = INSN_ECALL;
}

static void make_pages(void)
{
	ulong i;

	world(SV39, SV39);
	for (i = 0; i < PAGES; i++) {
		fill_data(i);
		map(&vs_stage, VA + i * PAGE, GPA + i * PAGE, vs_kind(i)->flags, 0);
		map(&g_stage, GPA + i * PAGE, DATA + i * PAGE, g_kind(i)->flags, 0);
	}
	fence_all();
}

/* @bits: the guest's SUM and MXR, HS mode's MXR, SPVP, delegation */
static void set_config(enum hart_mode mode, ulong bits)
{
	csr_write(vsstatus, (bits & 1 ? SR_SUM : 0) | (bits & 2 ? SR_MXR : 0));
	csr_clear(sstatus, SR_MXR);
	if (bits & 4)
		csr_set(sstatus, SR_MXR);
	csr_write(hstatus, bits & 8 && (mode == HS || mode == U) ? HSTATUS_SPVP | HSTATUS_HU :
								   HSTATUS_HU);
	csr_write(hedeleg, bits & 16 ? ~0UL : 0);
	/* QEMU may cache what MXR allowed. */
	hfence_vvma_all();
}

static void show_access(ulong i, ulong off, bool full)
{
	show_trap();
	field("a0", cpu.x[A0]);
	field("m", *(volatile ulong *)(DATA + i * PAGE + (off & (PAGE - 8))));
	if (full)
		field("m2", *(volatile ulong *)(DATA + (i + 1) * PAGE));
	end_line();
}

static void one(ulong i, ulong n, enum hart_mode mode)
{
	ulong off = insns[n].insn == INSN_JALR ? PADDING : 0x100, bits = rnd_below(32);

	set_config(mode, bits);
	key("page/%s/%s/%s/%s/%x", vs_kind(i)->name, g_kind(i)->name, mode_names[mode],
	    insns[n].name, bits);
	run_insn(mode, insns[n].insn, VA + i * PAGE + off, 0x55);
	show_access(i, off, false);
}

/* Any address, aligned or not, within a page or across two */
static void any(int nr)
{
	static const enum hart_mode modes[] = { VS, VU };
	ulong i = rnd_below(PAGES - 1), n = rnd_below(COUNT(any_width)), bits = rnd_below(32);
	enum hart_mode mode = n < FIRST_OF_ANY_HS ? modes[rnd() & 1] : rnd() & 1 ? HS : U;
	/* Prefer valid pages. */
	ulong good = rnd() & 1 ? 5 * COUNT(g_kinds) + 5 : 12 * COUNT(g_kinds) + 5;
	ulong off = rnd() & 1 ? PAGE - 8 + rnd_below(8) : rnd_below(PAGE - 16);

	if (rnd() & 1)
		i = good - (rnd() & 1);
	if (rnd() & 1)
		off &= ~7UL;
	set_config(mode, bits);
	key("width/%d/%s/%s/%d/%x/%x", nr, mode_names[mode], any_width[n].name, (int)i, off, bits);
	run_insn(mode, any_width[n].insn, VA + i * PAGE + off, 0x5152535455565758UL);
	show_access(i, off, true);
	fill_data(i);
	fill_data(i + 1);
}

static void walks_by(enum hart_mode mode, int level, const char *g_name, ulong va)
{
	bool of_hs = mode == HS;
	ulong n;

	for (n = 0; n < COUNT(insns); n++) {
		bool hs_only = n >= FIRST_OF_HS;
		ulong bits = rnd_below(32);

		if (of_hs != hs_only)
			continue;
		set_config(mode, bits);
		key("walk/%d/%s/%s/%s/%x", level, g_name, mode_names[mode], insns[n].name, bits);
		run_insn(mode, insns[n].insn, va + PADDING, 0x55);
		show_access(5, 0x100, false);
		fill_data(5);
	}
}

/* Implicit accesses: a table of the VS-stage is in a page of each kind of the G-stage. */
static void walks(int level)
{
	static const enum hart_mode modes[] = { VS, VU, HS };
	ulong k, m;

	for (k = 0; k < COUNT(g_kinds); k++) {
		ulong va = VA + (k + 1) * level_size(level + 1);
		ulong gpa = GPA + (k + 1) * level_size(2);
		ulong *table;

		/* Make a table, then reach it through the G-stage's page. */
		map(&vs_stage, va, GPA + 5 * PAGE, V(PTE_U | R | W | X), 0);
		table = (ulong *)(*entry_of(&vs_stage, va, level + 1) << 2 & ~(PAGE - 1));
		map(&g_stage, gpa, (ulong)table, g_kinds[k].flags, 0);
		*entry_of(&vs_stage, va, level + 1) = gpa >> 2 | PTE_V;
		fence_all();
		for (m = 0; m < COUNT(modes); m++)
			walks_by(modes[m], level, g_kinds[k].name, va);
	}
}

/* Memory types and NAPOT pages, with and without henvcfg.PBMTE */
static void more_kinds(void)
{
	static const ulong bits[] = {
		0, PBMT_NC, PBMT_NC << 1, PBMT_RESERVED, PTE_N, PTE_N | 8UL << 10,
	};
	static const struct named_insn some[] = { { "lw", INSN_LOAD(2) }, { "hlv.wu", HLV_WU } };
	ulong i, j, n, e;

	for (e = 0; e < 2; e++) {
		csr_write(henvcfg, e ? ENVCFG_PBMTE : 0);
		for (i = 0; i < COUNT(bits); i++) {
			for (j = 0; j < COUNT(bits); j++) {
				ulong va = VA + 300 * PAGE, gpa = GPA + 0x200000 + 32 * PAGE;

				map(&vs_stage, va, gpa, V(R | W | X) | bits[i], 0);
				map(&g_stage, gpa, DATA, V(PTE_U | R | W | X) | bits[j], 0);
				fence_all();
				for (n = 0; n < COUNT(some); n++) {
					set_config(VS, 8);
					key("kind/%d/%x/%x/%s", (int)e, bits[i], bits[j],
					    some[n].name);
					run_insn(n ? HS : VS, some[n].insn, va, 0);
					show_access(0, 0, false);
				}
			}
		}
	}
	csr_write(henvcfg, 0);
}

void cases_pages(void)
{
	static const enum hart_mode modes[] = { VS, VU };
	ulong i, n, m;

	make_pages();
	for (i = 0; i < PAGES; i++) {
		for (n = 0; n < FIRST_OF_HS; n++)
			for (m = 0; m < COUNT(modes); m++)
				one(i, n, modes[m]);
		for (; n < COUNT(insns); n++) {
			one(i, n, HS);
			one(i, n, U);
		}
		fill_data(i);
	}
	for (i = 0; i < 600; i++)
		any(i);
	walks(0);
	make_pages();
	walks(1);
	make_pages();
	more_kinds();
}
