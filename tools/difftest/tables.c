// SPDX-License-Identifier: GPL-2.0-only
/* Page tables of both stages */
#include "difftest.h"

#define TABLES		96
#define ENTRIES		512
#define ROOT_TABLES	4		/* of the G-stage: 16 KiB */
#define PROGRAM		0x80200000UL
#define INDEX(addr, level, mask)	((addr) >> (12 + 9 * (level)) & (mask))

static ulong g_root[ENTRIES * ROOT_TABLES] __attribute__((aligned(16384)));
static ulong tables[TABLES][ENTRIES] __attribute__((aligned(4096)));
static int nr_tables;
static ulong vsatp, hgatp;
struct stage vs_stage, g_stage;

int mode_levels(int mode)
{
	return mode == BARE ? 0 : mode - SV39 + 3;
}

ulong *new_table(void)
{
	ulong *table = tables[nr_tables++];
	int i;

	if (nr_tables == TABLES) {
		put("difftest: no more tables\n");
		power_off();
	}
	for (i = 0; i < ENTRIES; i++)
		table[i] = 0;
	return table;
}

/* The entry for @addr at @level. Makes missing tables. */
ulong *entry_of(struct stage *stage, ulong addr, int level)
{
	ulong *table = stage->root;
	int at = stage->levels - 1;
	ulong mask = stage->gstage ? ENTRIES * ROOT_TABLES - 1 : ENTRIES - 1;

	for (; at > level; at--, mask = ENTRIES - 1) {
		ulong *entry = &table[INDEX(addr, at, mask)];

		if (!*entry)
			*entry = (ulong)new_table() >> 2 | PTE_V;
		table = (ulong *)(*entry << 2 & ~(PAGE - 1));
	}
	return &table[INDEX(addr, level, mask)];
}

void map(struct stage *stage, ulong addr, ulong target, ulong flags, int level)
{
	if (stage->levels > level)
		*entry_of(stage, addr, level) = target >> 2 | flags;
}

void fence_all(void)
{
	hfence_vvma_all();
	hfence_gvma_all();
}

void world(int vs_mode, int g_mode)
{
	int i;

	for (i = 0; i < ENTRIES * ROOT_TABLES; i++)
		g_root[i] = 0;
	nr_tables = 0;
	g_stage = (struct stage){ g_root, mode_levels(g_mode), true };
	vs_stage = (struct stage){ new_table(), mode_levels(vs_mode), false };
	map(&g_stage, PROGRAM, PROGRAM, PTE_ALL | PTE_U, 1);
	map(&vs_stage, PROGRAM, PROGRAM, PTE_ALL, 1);
	map(&vs_stage, PROGRAM + U_ALIAS, PROGRAM, PTE_ALL | PTE_U, 1);
	vsatp = vs_mode ? ATP(vs_mode, 0, vs_stage.root) : 0;
	hgatp = g_mode ? ATP(g_mode, 0, g_root) : 0;
	reset_hart();
	use_world();
	fence_all();
}

void use_world(void)
{
	csr_write(vsatp, vsatp);
	csr_write(hgatp, hgatp);
}

void no_world(void)
{
	vs_stage = (struct stage){};
	g_stage = (struct stage){};
	vsatp = 0;
	hgatp = 0;
	reset_hart();
	fence_all();
}
