// SPDX-License-Identifier: GPL-2.0-only
/* All cases; the order and the random numbers depend only on the kernel parameters. */
#include "difftest.h"

#define SEED		1UL
#define PROGRAMS	600UL

/* A trap in HS mode outside of a case */
void died(ulong scause, ulong sepc, ulong stval)
{
	key("\n%s: %s", "difftest", "died");
	field("scause", scause);
	field("sepc", sepc);
	field("stval", stval);
	end_line();
	power_off();
}

static ulong fdt_size(const char *fdt)
{
	const unsigned char *p = (const unsigned char *)fdt + 4;

	return (ulong)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* The decimal number behind @name in the device tree's bootargs */
static ulong parameter(const char *fdt, const char *name, ulong otherwise)
{
	ulong size = fdt_size(fdt), at, i, val = 0;

	for (at = 0; at < size; at++) {
		for (i = 0; name[i] && at + i < size && fdt[at + i] == name[i]; i++)
			;
		if (!name[i])
			break;
	}
	if (at == size)
		return otherwise;
	for (at += i; fdt[at] >= '0' && fdt[at] <= '9'; at++)
		val = val * 10 + fdt[at] - '0';
	return val;
}

static void (*const groups[])(void) = {
	cases_csr, cases_alias, cases_scan, cases_insn, cases_counters, cases_pages, cases_stages,
	cases_fences, cases_traps, cases_own_traps, cases_irqs, cases_timers,
};

void program(ulong hart, const char *fdt)
{
	ulong seed = parameter(fdt, "difftest.seed=", SEED);
	ulong programs = parameter(fdt, "difftest.programs=", PROGRAMS);
	ulong chosen = parameter(fdt, "difftest.groups=", ~0UL);
	ulong i;

	(void)hart;
	/* The firmware's last line may lack a newline. */
	put("\ndifftest: begin\n");
	for (i = 0; i < COUNT(groups); i++) {
		if (!(chosen >> i & 1))
			continue;
		seed_random(seed + i);
		no_world();
		groups[i]();
		flush();
	}
	if (chosen >> i & 1) {
		seed_random(seed + i);
		no_world();
		cases_random(programs);
	}
	put("difftest: end\n");
	power_off();
}
