// SPDX-License-Identifier: GPL-2.0-only
/* Exceptions of a guest by delegation, exceptions of HS and U mode, SRET */
#include "difftest.h"

#define VA		0x2000000000UL
#define GPA		0x100000000UL
#define GOOD		VA			/* both stages */
#define NO_VS		(VA + 1 * PAGE)
#define NO_G		(VA + 2 * PAGE)
#define NO_MEMORY	(VA + 3 * PAGE)		/* both stages, without memory */
#define READ_ONLY	(VA + 4 * PAGE)
#define G_READ_ONLY	(VA + 5 * PAGE)
#define BAD_TABLE	(VA + 0x40000000UL)	/* its table is not in memory */

struct event {
	const char *name;
	u32 insn;
	ulong a1;
};

static const struct event events[] = {
	{ "ecall", INSN_ECALL, 0 }, { "ebreak", INSN_EBREAK, 0 }, { "c.ebreak", INSN_C_EBREAK, 0 },
	{ "illegal", INSN_ILLEGAL, 0 }, { "c.unimp", 0, 0 },
	{ "mstatus", INSN_CSR(CSR_RS, A0, CSR_MSTATUS, 0), 0 },
	{ "hgatp", INSN_CSR(CSR_RS, A0, CSR_HGATP, 0), 0 },
	{ "fp-off", RTYPE(0, 1, 2, 0, 3, 0x53), 0 },
	{ "amo-misaligned", INSN_AMO(0, 2), GOOD + 2 }, { "lr-misaligned", INSN_LR(2), GOOD + 1 },
	{ "sc-misaligned", INSN_AMO(3, 2), GOOD + 1 },
	{ "lw/no-vs", INSN_LOAD(2), NO_VS }, { "sw/no-vs", INSN_STORE(2), NO_VS + 4 },
	{ "amo/no-vs", INSN_AMO(0, 2), NO_VS + 8 }, { "fetch/no-vs", INSN_JALR, NO_VS + 12 },
	{ "lr/no-vs", INSN_LR(2), NO_VS + 8 }, { "sc/no-vs", INSN_AMO(3, 2), NO_VS + 8 },
	{ "lw/no-g", INSN_LOAD(2), NO_G }, { "sw/no-g", INSN_STORE(2), NO_G + 4 },
	{ "amo/no-g", INSN_AMO(0, 2), NO_G + 8 }, { "fetch/no-g", INSN_JALR, NO_G + 12 },
	{ "lr/no-g", INSN_LR(2), NO_G + 8 }, { "sc/no-g", INSN_AMO(3, 2), NO_G + 8 },
	{ "c.lw/no-g", INSN_C_LW, NO_G }, { "c.sd/no-g", INSN_C_SD, NO_G },
	{ "fetch/no-memory", INSN_JALR, NO_MEMORY + 12 },
	{ "sw/ro", INSN_STORE(2), READ_ONLY }, { "amo/ro", INSN_AMO(0, 2), READ_ONLY + 8 },
	{ "sw/g-ro", INSN_STORE(2), G_READ_ONLY }, { "amo/g-ro", INSN_AMO(0, 2), G_READ_ONLY + 8 },
	{ "ld/across-vs", INSN_LOAD(3), NO_VS - 4 }, { "sd/across-vs", INSN_STORE(3), NO_VS - 4 },
	{ "ld/across-g", INSN_LOAD(3), VA + 7 * PAGE - 4 },
	{ "sd/across-g", INSN_STORE(3), VA + 7 * PAGE - 4 },
	{ "ld/across-g-1", INSN_LOAD(3), VA + 7 * PAGE - 1 },
	{ "lw/bad-table", INSN_LOAD(2), BAD_TABLE }, { "sw/bad-table", INSN_STORE(2), BAD_TABLE },
	{ "fetch/bad-table", INSN_JALR, BAD_TABLE },
	/* Misaligned: an access fault on a device, too */
	{ "hlv/no-memory", HLV_W, NO_MEMORY + 2 }, { "hsv/no-memory", HSV_W, NO_MEMORY + 2 },
	{ "hlv/bad-table", HLV_W, BAD_TABLE }, { "hlv/across", HLV_D, VA + 7 * PAGE - 4 },
	{ "hsv/across", HSV_D, VA + 7 * PAGE - 4 },
};

static void make_world(int vs_mode)
{
	static const struct page {
		ulong va, gpa, pa, vs, g;
	} pages[] = {
		{ GOOD, GPA, DATA, PTE_ALL, PTE_ALL },
		{ NO_G, GPA + 2 * PAGE, 0, PTE_ALL, 0 },
		{ NO_MEMORY, GPA + 3 * PAGE, NOWHERE, PTE_ALL, PTE_ALL },
		{ READ_ONLY, GPA + 4 * PAGE, DATA, PTE_ALL & ~PTE_W, PTE_ALL },
		{ G_READ_ONLY, GPA + 5 * PAGE, DATA, PTE_ALL, PTE_ALL & ~PTE_W },
		{ VA + 6 * PAGE, GPA + 6 * PAGE, DATA, PTE_ALL, PTE_ALL },
		{ VA + 7 * PAGE, GPA + 7 * PAGE, 0, PTE_ALL, 0 },
	};
	ulong i, g;

	world(vs_mode, SV39);
	for (i = 0; i < COUNT(pages); i++) {
		map(&vs_stage, pages[i].va, pages[i].gpa, pages[i].vs, 0);
		g = pages[i].g ? pages[i].g | PTE_U : 0;
		map(&g_stage, pages[i].gpa, pages[i].pa, g, 0);
	}
	map(&g_stage, GPA + 9 * PAGE, NOWHERE, PTE_ALL | PTE_U, 0);
	if (vs_mode)
		*entry_of(&vs_stage, BAD_TABLE, 2) = (GPA + 9 * PAGE) >> 2 | PTE_V;
	fence_all();
}

static bool is_hs_access(u32 insn)
{
	return (insn & 0x707f) == 0x4073;
}

/* Set or clear U in the VS-stage. */
static void set_user(bool user)
{
	ulong i;

	for (i = 0; vs_stage.levels && i < 8; i++) {
		ulong *entry = entry_of(&vs_stage, VA + i * PAGE, 0);

		if (*entry)
			*entry = user ? *entry | PTE_U : *entry & ~PTE_U;
	}
	fence_all();
}

static void event(const struct event *e, enum hart_mode mode, const char *name, ulong hedeleg)
{
	if (is_hs_access(e->insn))
		mode = HS;
	reset_hart();
	use_world();
	csr_write(hedeleg, hedeleg);
	csr_write(vsstatus, rnd() & (SR_SIE | SR_SPIE | SR_SPP | SR_SUM));
	csr_write(hstatus, HSTATUS_SPVP | (rnd() & HSTATUS_GVA));
	key("trap/%s/%s/%d/%s", mode_names[mode], e->name, vs_stage.levels, name);
	run_insn(mode, e->insn, vs_stage.levels ? e->a1 : e->a1 - VA + GPA, 3);
	show_trap();
	field("m", *(volatile ulong *)DATA);
	end_line();
	*(volatile ulong *)DATA = 0x123456789abcdef0UL;
}

void cases_traps(void)
{
	static const enum hart_mode modes[] = { VS, VU };
	static const int vs_modes[] = { SV39, BARE };
	ulong v, m, i, j;

	for (v = 0; v < COUNT(vs_modes); v++) {
		make_world(vs_modes[v]);
		for (m = 0; m < COUNT(modes); m++) {
			set_user(modes[m] == VU);
			for (i = 0; i < COUNT(events); i++) {
				event(&events[i], modes[m], "none", 0);
				event(&events[i], modes[m], "all", ~0UL);
				/* Implementations differ in the cause for BAD_TABLE. */
				for (j = 0; events[i].a1 != BAD_TABLE && j < 2; j++)
					event(&events[i], modes[m], j ? "any1" : "any0", rnd());
			}
		}
	}
}

/* ---- exceptions of HS and U mode ---- */

static void own_trap(const struct event *e, enum hart_mode mode, ulong bits)
{
	ulong satp = ATP(SV39, 0, vs_stage.root);

	reset_hart();
	/* State as after a trap of a guest */
	csr_write(htval, bits & 1 ? 0x1234567 : 0);
	csr_write(htinst, bits & 2 ? 0x3000 : 0);
	csr_write(hstatus, (bits & 4 ? HSTATUS_GVA : 0) | (bits & 8 ? HSTATUS_SPV : 0) |
			   (bits & 16 ? HSTATUS_SPVP : 0));
	key("own/%s/%s/%x", mode_names[mode], e->name, bits);
	csr_write(satp, satp);
	asm volatile("sfence.vma" ::: "memory");
	run_insn(mode, e->insn, e->a1, 0);
	csr_write(satp, 0);
	asm volatile("sfence.vma" ::: "memory");
	show_trap();
	end_line();
}

static void sret(ulong bits)
{
	reset_hart();
	code_begin();
	code(INSN_SRET);
	csr_write(sepc, (ulong)code_page + 4);
	csr_clear(sstatus, SR_SPP | SR_SPIE);
	csr_set(sstatus, (bits & 1 ? SR_SPP : 0) | (bits & 2 ? SR_SPIE : 0));
	csr_write(hstatus, (bits & 4 ? HSTATUS_SPV : 0) | (bits & 8 ? HSTATUS_SPVP : 0) |
			   (bits & 16 ? HSTATUS_GVA : 0) | (bits & 32 ? HSTATUS_VTSR : 0));
	csr_write(vsstatus, bits & 64 ? SR_SPP | SR_SPIE : SR_SIE);
	key("%s/%x", "sret", bits);
	/* Only HS mode reaches the return that run() appends. */
	code(INSN_EBREAK);
	run(HS);
	show_trap();
	field("vss", csr_read(vsstatus));
	end_line();
}

void cases_own_traps(void)
{
	static const struct event own[] = {
		{ "ebreak", INSN_EBREAK, 0 }, { "illegal", INSN_ILLEGAL, 0 },
		{ "lw", INSN_LOAD(2), VA }, { "sw", INSN_STORE(2), VA }, { "fetch", INSN_JALR, VA },
		{ "mstatus", INSN_CSR(CSR_RS, A0, CSR_MSTATUS, 0), 0 },
		{ "hlv", HLV_W, VA + 2 },
	};
	static const struct event ecall = { "ecall", INSN_ECALL, 0 };
	ulong i, bits;

	world(SV39, SV39);
	for (i = 0; i < COUNT(own); i++)
		for (bits = 0; bits < 32; bits++)
			own_trap(&own[i], HS, bits);
	no_world();
	for (bits = 0; bits < 128; bits++)
		sret(bits);
	world(SV39, SV39);
	for (bits = 0; bits < 8; bits++)
		own_trap(&ecall, U, bits);
	for (i = 0; i < COUNT(own); i++)
		for (bits = 0; bits < 8; bits++)
			own_trap(&own[i], U, bits);
}
