// SPDX-License-Identifier: GPL-2.0-only
/* All modes of vsatp and hgatp, leaves of every size, fences */
#include "difftest.h"

static const int modes[] = { BARE, SV39, SV48, SV57 };
static const char *const names[] = { "bare", "39", "48", "57" };

#define OFFSET		DATA		/* within a leaf of any size */
#define FLAGS		PTE_ALL
/* As an instruction: ECALL */
#define CONTENT		(0x8765432100000000UL | INSN_ECALL)

static void access(const struct named_insn *insn, enum hart_mode mode, ulong va)
{
	key("/%s/%s", mode_names[mode], insn->name);
	csr_write(hstatus, HSTATUS_SPVP);
	run_insn(mode, insn->insn, va, 0x66);
	show_trap();
	field("a0", cpu.x[A0]);
	field("m", *(volatile ulong *)DATA);
	end_line();
	*(volatile ulong *)DATA = CONTENT;
}

static void accesses(const char *group, int v, int g, int vl, int gl, ulong va)
{
	static const struct named_insn insns[] = {
		{ "ld", INSN_LOAD(3) }, { "sd", INSN_STORE(3) }, { "fetch", INSN_JALR },
		{ "hlv.d", HLV_D }, { "hsv.d", HSV_D },
	};
	ulong i;

	for (i = 0; i < COUNT(insns); i++) {
		key("%s/%s/%s/%d/%d", group, names[v], names[g], vl, gl);
		access(&insns[i], i < 3 ? VS : HS, va);
	}
}

/* The address of a leaf at level @l, in its own entry of the root */
static ulong base_of(const struct stage *stage, int l)
{
	return stage->levels ? (ulong)l << (12 + 9 * (stage->levels - 1)) : 0;
}

static void put_leaf(struct stage *stage, ulong base, ulong target, int level, ulong flags)
{
	ulong mask = level_size(level) - 1;

	map(stage, (base + OFFSET) & ~mask, (target + OFFSET) & ~mask, flags, level);
}

static void leaves(int v, int g, ulong vs_wrong, ulong g_wrong, const char *group)
{
	int vl, gl;

	for (vl = 0; vl < (vs_stage.levels ?: 1); vl++) {
		for (gl = 0; gl < (g_stage.levels ?: 1); gl++) {
			ulong gbase = base_of(&g_stage, gl), vbase = base_of(&vs_stage, vl + 4);

			/* Without a VS-stage the address is guest physical. */
			if (!vs_stage.levels)
				vbase = gbase;
			world(modes[v], modes[g]);
			put_leaf(&g_stage, gbase, g_wrong, gl, FLAGS | PTE_U);
			put_leaf(&vs_stage, vbase, gbase + vs_wrong, vl, FLAGS);
			accesses(group, v, g, vl, gl, vbase + OFFSET);
		}
	}
}

static void one_access(int bit, int v, int g, ulong va)
{
	static const struct named_insn insns[] = {
		{ "ld", INSN_LOAD(3) }, { "hlv.d", HLV_D }, { "hsv.d", HSV_D },
	};
	ulong i;

	for (i = 0; i < COUNT(insns); i++) {
		key("top/%d/%s/%s/%x", bit, names[v], names[g], va);
		access(&insns[i], i ? HS : VS, va);
	}
}

/* Addresses around the limits of each mode */
static void borders(int v, int g)
{
	static const int bits[] = { 38, 39, 40, 41, 47, 48, 49, 50, 55, 56, 57, 58, 59, 63 };
	ulong i, gpa_bits = g_stage.levels ? 14 + 9 * g_stage.levels : 0;

	world(modes[v], modes[g]);
	if (g_stage.levels)
		map(&g_stage, (1UL << gpa_bits) - PAGE, DATA, FLAGS | PTE_U, 0);
	fence_all();
	for (i = 0; i < COUNT(bits); i++) {
		ulong va = 0x3000000000UL, gpa = (1UL << bits[i]) - PAGE;

		/* By the VS-stage if there is one, else directly */
		if (vs_stage.levels) {
			map(&vs_stage, va, gpa & (BIT(56) - 1), FLAGS, 0);
			fence_all();
			one_access(bits[i], v, g, va);
			one_access(bits[i], v, g, BIT(bits[i]));
			one_access(bits[i], v, g, -BIT(bits[i]));
		} else {
			one_access(bits[i], v, g, gpa);
			one_access(bits[i], v, g, gpa + PAGE);
		}
	}
}

void cases_stages(void)
{
	ulong v, g;

	*(volatile ulong *)DATA = CONTENT;
	for (v = 0; v < COUNT(modes); v++) {
		for (g = 0; g < COUNT(modes); g++) {
			world(modes[v], modes[g]);
			leaves(v, g, 0, 0, "leaf");
			/* Misaligned leaves, in one stage */
			if (vs_stage.levels)
				leaves(v, g, PAGE, 0, "wrong-vs");
			if (g_stage.levels)
				leaves(v, g, 0, PAGE, "wrong-g");
			borders(v, g);
		}
	}
}

/* ---- fences ---- */

#define VA	0x2000000000UL
#define GPA	0x100000000UL
#define OTHER	(DATA + 0x200000)

static const struct named_insn g_fences[] = {
	{ "hfence.gvma", INSN_HFENCE_GVMA(0, 0) },
	{ "hfence.gvma.gpa", INSN_HFENCE_GVMA(A1, 0) },
	{ "hfence.gvma.vmid", INSN_HFENCE_GVMA(0, A2) },
	{ "hfence.gvma.both", INSN_HFENCE_GVMA(A1, A2) },
	{ "hinval.gvma", INSN_HINVAL_GVMA(0, 0) },
	{ "hinval.gvma.both", INSN_HINVAL_GVMA(A1, A2) },
};

static const struct named_insn vs_fences[] = {
	{ "hfence.vvma", INSN_HFENCE_VVMA(0, 0) },
	{ "hfence.vvma.va", INSN_HFENCE_VVMA(A1, 0) },
	{ "hfence.vvma.asid", INSN_HFENCE_VVMA(0, A2) },
	{ "hfence.vvma.both", INSN_HFENCE_VVMA(A1, A2) },
	{ "hinval.vvma", INSN_HINVAL_VVMA(0, 0) },
	{ "sfence.vma", INSN_SFENCE_VMA(0, 0) },
	{ "sfence.vma.both", INSN_SFENCE_VMA(A1, A2) },
	{ "sinval.vma", INSN_SINVAL_VMA(A1, A2) },
};

#define FIRST_OF_VS	5

static void look(const char *when)
{
	static const struct named_insn insns[] = {
		{ "ld", INSN_LOAD(3) }, { "sd", INSN_STORE(3) }, { "hlv.d", HLV_D },
		{ "hsv.d", HSV_D },
	};
	ulong i;

	put(" ");
	put(when);
	put("=");
	for (i = 0; i < COUNT(insns); i++) {
		csr_write(hstatus, HSTATUS_SPVP);
		run_insn(i < 2 ? VS : HS, insns[i].insn, VA, 0x77);
		put_hex(cpu.scause == NO_TRAP ? 3 : cpu.scause);
		put(",");
		put_hex(cpu.x[A0]);
		put(i + 1 < COUNT(insns) ? ":" : "");
	}
	put("/");
	put_hex(*(volatile ulong *)DATA);
	put("/");
	put_hex(*(volatile ulong *)OTHER);
	*(volatile ulong *)DATA = 0x1111;
	*(volatile ulong *)OTHER = 0x2222;
}

/* Change an entry: another page, without W, invalid, and back. */
static void change(const char *name, ulong *entry, ulong other, const struct named_insn *fence,
		   enum hart_mode mode, ulong operand, int level)
{
	ulong good = *entry, values[] = { other, good & ~PTE_W, 0, good };
	ulong i;

	for (i = 0; i < COUNT(values); i++) {
		key("fence/%s/%s/%d/%d", name, fence->name, level, (int)i);
		look("before");
		*entry = values[i];
		run_insn(mode, fence->insn, operand, 0);
		look("after");
		end_line();
	}
}

/* Two VMIDs with tables of their own */
static void vmids(void)
{
	ulong *root = g_stage.root, hgatp = csr_read(hgatp), i;
	ulong *other = new_table();

	/* A second root of 16 KiB: four tables in a row, aligned */
	while ((ulong)other & 0x3fff)
		other = new_table();
	new_table();
	new_table();
	new_table();
	for (i = 0; i < 2048; i++)
		other[i] = root[i];
	struct stage second = { other, g_stage.levels, true };

	/* Another leaf for the same address */
	*entry_of(&second, GPA, 2) = 0;
	map(&second, GPA, OTHER, PTE_ALL | PTE_U, 0);
	for (i = 0; i < 8; i++) {
		csr_write(hgatp, i & 1 ? ATP(8, 1, other) : hgatp);
		key("vmid/%d", (int)i);
		look("sees");
		end_line();
	}
	/* One VMID with another table, and a fence */
	for (i = 0; i < 4; i++) {
		csr_write(hgatp, ATP(8, 2, i & 1 ? other : root));
		fence_all();
		key("vmid/same/%d", (int)i);
		look("sees");
		end_line();
	}
	csr_write(hgatp, hgatp);
	fence_all();
}

void cases_fences(void)
{
	ulong i;
	int level;

	*(volatile ulong *)DATA = 0x1111;
	*(volatile ulong *)OTHER = 0x2222;
	for (level = 0; level < 2; level++) {
		world(SV39, SV39);
		map(&vs_stage, VA, GPA, PTE_ALL, level);
		map(&g_stage, GPA, DATA, PTE_ALL | PTE_U, level);
		map(&g_stage, GPA + 0x200000, OTHER, PTE_ALL | PTE_U, level);
		fence_all();
		for (i = 0; i < COUNT(g_fences); i++)
			change("g", entry_of(&g_stage, GPA, level), OTHER >> 2 | PTE_ALL | PTE_U,
			       &g_fences[i], HS, GPA >> 2, level);
		for (i = 0; i < COUNT(vs_fences); i++)
			change("vs", entry_of(&vs_stage, VA, level),
			       (GPA + 0x200000) >> 2 | PTE_ALL, &vs_fences[i],
			       i < FIRST_OF_VS ? HS : VS, VA, level);
		if (!level)
			vmids();
	}
}
