// SPDX-License-Identifier: GPL-2.0-only
/* CSRs: the effects of writes, and which CSRs exist */
#include "difftest.h"

/* Not in the list of csrs.h: traps change them */
static const struct csr more_csrs[] = {
	{ "sstatus", CSR_SSTATUS }, { "stvec", CSR_STVEC }, { "sepc", CSR_SEPC },
	{ "scause", CSR_SCAUSE }, { "stval", CSR_STVAL },
	/* For XLEN=32, or of extensions that may be missing */
	{ "hedelegh", CSR_HEDELEGH }, { "htimedeltah", CSR_HTIMEDELTAH },
	{ "henvcfgh", CSR_HENVCFGH },
	{ "hstateen0h", CSR_HSTATEEN0H }, { "hvictl", CSR_HVICTL }, { "hvien", CSR_HVIEN },
	{ "hviprio1", CSR_HVIPRIO1 }, { "vstimecmph", CSR_VSTIMECMPH },
	{ "vsiselect", CSR_VSISELECT }, { "vsireg", CSR_VSIREG }, { "vstopei", CSR_VSTOPEI },
	{ "vstopi", CSR_VSTOPI },
};

static ulong before[NR_CSRS], after[NR_CSRS];

static void show_changes(ulong but)
{
	ulong i;

	for (i = 0; i < NR_CSRS; i++)
		if (before[i] != after[i] && csrs[i].number != but)
			field(csrs[i].name, after[i]);
}

/* @val goes to a1 or is the immediate. The CSR is read afterwards. */
static void access(const struct csr *csr, ulong op, ulong val, ulong rd)
{
	snapshot(before);
	code_begin();
	code(INSN_CSR(op, rd, csr->number, op & CSR_IMM ? val & 31 : A1));
	code(INSN_CSR(CSR_RS, A2, csr->number, 0));
	cpu.x[A1] = val;
	cpu.x[A0] = 0;
	cpu.x[A2] = 0;
	run(HS);
	snapshot(after);
	if (cpu.scause != NO_TRAP) {
		field("c", cpu.scause);
		field("tv", cpu.stval);
	}
	field("val", op & CSR_IMM ? val & 31 : val);
	field("old", cpu.x[A0]);
	field("new", cpu.x[A2]);
	show_changes(csr->number);
	end_line();
}

static const char *const ops[] = { "", "rw", "rs", "rc", "", "rwi", "rsi", "rci" };

/*
 * A random value, without bits that differ legitimately: VS interrupts in sip and sie, which QEMU
 * takes for the bits one place to the right, and extensions that guests may lack.
 */
static ulong any_value(const struct csr *csr)
{
	ulong val = rnd_value();

	switch (csr->number) {
	case CSR_SIP:
	case CSR_SIE:
	case CSR_VSIP:
	case CSR_VSIE:
		return val & ~IE_VS_ALL;
	case CSR_SENVCFG:
		return val & SENVCFG_KNOWN;
	case CSR_SSTATUS:
		return val & ~(SR_SPELP | SR_SDT);
	}
	return val;
}

static bool is_comparator(const struct csr *csr)
{
	return csr->number == CSR_STIMECMP || csr->number == CSR_VSTIMECMP;
}

static void write_values(const struct csr *csr)
{
	int bit;

	for (bit = 0; bit < 64; bit++) {
		/* Times near the present */
		if (is_comparator(csr) && bit > 12 && bit < 48)
			continue;
		key("csr/%s/bit%d", csr->name, bit);
		access(csr, CSR_RW, BIT(bit), A0);
		reset_hart();
	}
	key("csr/%s/ones", csr->name);
	access(csr, CSR_RW, ~0UL, A0);
	key("csr/%s/zero", csr->name);
	access(csr, CSR_RW, 0, A0);
	reset_hart();
	for (bit = 0; bit < 6; bit++) {
		ulong val = any_value(csr);

		key("csr/%s/any/%x", csr->name, val);
		access(csr, CSR_RW, val, A0);
	}
	reset_hart();
}

static void other_ways(const struct csr *csr)
{
	ulong op, val, rd;
	int i;

	for (op = CSR_RW; op <= (CSR_RC | CSR_IMM); op++) {
		for (i = 0; op != CSR_IMM && i < 2; i++) {
			/* Start from a random value. */
			cpu.x[A1] = any_value(csr);
			code_begin();
			code(INSN_CSR(CSR_RW, 0, csr->number, A1));
			run(HS);
			val = any_value(csr);
			rd = i ? 0 : A0;
			key("csr/%s/%s/%x/rd%d", csr->name, ops[op], op & CSR_IMM ? val & 31 : val,
			    (int)rd);
			access(csr, op, val, rd);
		}
	}
	for (op = CSR_RS; op <= CSR_RC; op++) {
		key("csr/%s/%s/x0", csr->name, ops[op]);
		access(csr, op | CSR_IMM, 0, A0);
	}
	reset_hart();
}

static void around_vector(const struct csr *csr, void (*f)(const struct csr *csr))
{
	ulong stvec = csr_read(stvec);

	f(csr);
	csr_write(stvec, stvec);
}

void cases_csr(void)
{
	ulong i;

	for (i = 0; i < NR_CSRS; i++) {
		if (!csrs[i].name)
			continue;
		write_values(&csrs[i]);
		other_ways(&csrs[i]);
	}
	for (i = 0; i < COUNT(more_csrs); i++) {
		key("csr/%s/read", more_csrs[i].name);
		access(&more_csrs[i], CSR_RS | CSR_IMM, 0, A0);
		around_vector(&more_csrs[i], other_ways);
	}
}

/* Interrupt CSRs: views of three bits, depending on hideleg */
void cases_alias(void)
{
	static const ulong numbers[] = {
		CSR_HVIP, CSR_HIP, CSR_HIE, CSR_VSIP, CSR_VSIE, CSR_SIP, CSR_SIE, CSR_HIDELEG,
		CSR_VSTIMECMP,
	};
	ulong i, op, val;
	bool stce;

	for (i = 0; i < 500; i++) {
		struct csr csr = { "", numbers[rnd_below(COUNT(numbers))] };

		reset_hart();
		csr_write(hideleg, rnd());
		csr_write(hvip, rnd());
		csr_write(hie, rnd());
		/*
		 * The comparator is in the far future, or long past if STCE is set. QEMU does not
		 * keep its interrupt apart from hvip.
		 */
		stce = rnd() & 1;
		csr_write(henvcfg, stce ? ENVCFG_STCE : 0);
		if (stce && csr.number != CSR_HVIP && rnd() & 1)
			csr_write(vstimecmp, 0);
		op = CSR_RW + rnd_below(3);
		val = any_value(&csr);
		if (csr.number == CSR_VSTIMECMP) {
			op = CSR_RW;
			val = stce && rnd() & 1 ? 0 : ~0UL;
		}
		key("alias/%d/%x/%s/%x", (int)i, csr.number, ops[op], val);
		access(&csr, op, val, A0);
	}
	reset_hart();
}

/* The exception of an access to each CSR number outside M-mode; sixteen a line */
static void scan(enum hart_mode mode, const char *what, ulong op)
{
	char name[2] = "";
	ulong csr, i;

	for (csr = 0; csr < 4096; csr += 16) {
		if ((csr >> 8 & 3) == 3 && csr != CSR_MSTATUS)
			continue;
		key("%s/%s/%s/%x", "scan", mode_names[mode], what, csr);
		reset_hart();
		for (i = 0; i < 16; i++) {
			/* CSRRS with x0 only reads; with a register that is zero it also writes. */
			code_begin();
			code(INSN_CSR(CSR_RS, A0, csr + i, op));
			cpu.x[A1] = 0;
			run(mode);
			/* Show only those that are not illegal. */
			name[0] = "0123456789abcdef"[i];
			if (cpu.scause == NO_TRAP || cpu.sepc != cpu.x[0])
				field(name, 0);
			else if (cpu.scause != 2)
				field(name, cpu.scause);
		}
		end_line();
	}
}

void cases_scan(void)
{
	static const enum hart_mode modes[] = { HS, U, VS, VU };
	ulong i;

	for (i = 0; i < COUNT(modes); i++) {
		scan(modes[i], "read", 0);
		scan(modes[i], "write", A1);
	}
}
