// SPDX-License-Identifier: GPL-2.0-only
/* Short random programs of a guest */
#include "difftest.h"

#define VA	0x2000000000UL
#define GPA	0x100000000UL
#define PAGES	8
#define LENGTH	8

/* CSRs that programs may write: not stvec, satp and hgatp */
static const ulong numbers[] = {
	CSR_SSTATUS, CSR_SCOUNTEREN, CSR_SSCRATCH, CSR_SEPC, CSR_SCAUSE, CSR_STVAL,
	CSR_STIMECMP,
};

static const ulong more_numbers[] = {
	CSR_HSTATUS, CSR_HGATP, CSR_HVIP, CSR_VSSTATUS, CSR_VSATP, CSR_CYCLE, CSR_TIME, CSR_INSTRET,
	CSR_MSTATUS, CSR_SCONTEXT, CSR_HGEIP, CSR_SSTATEEN0,
};

static u32 any_csr(void)
{
	ulong rd = A0 + rnd_below(2) * 5;

	/* In sip and sie only SSIP */
	if (!(rnd() & 7))
		return INSN_CSR((CSR_RS + rnd_below(2)) | CSR_IMM, rd,
				rnd() & 1 ? CSR_SIP : CSR_SIE, 2);
	if (rnd() & 3)
		return INSN_CSR(CSR_RW + rnd_below(3) + (rnd() & CSR_IMM), rd,
				numbers[rnd_below(COUNT(numbers))], A0 + rnd_below(6));
	/* Times and counts are not recorded. */
	return INSN_CSR(CSR_RS, 0, more_numbers[rnd_below(COUNT(more_numbers))], 0);
}

static u32 any_access(void)
{
	switch (rnd_below(4)) {
	case 0:
		return INSN_LOAD(rnd_below(7));
	case 1:
		return INSN_STORE(rnd_below(4));
	case 2:
		return INSN_AMO(rnd_below(8) * 4, 2 + rnd_below(2));
	default:
		/* Move a1 to another page. */
		return RTYPE(0, A4, A3, 0, A1, 0x33);
	}
}

static u32 any_insn(void)
{
	static const u32 others[] = {
		INSN_EBREAK, INSN_ECALL, INSN_SFENCE_VMA(0, 0), INSN_SFENCE_VMA(A1, A2),
		INSN_SFENCE_W_INVAL, INSN_HFENCE_VVMA(0, 0), INSN_HFENCE_GVMA(0, 0),
		HLV_W, HSV_D, INSN_ILLEGAL, INSN_NOP, INSN_FENCE_I,
	};

	switch (rnd_below(3)) {
	case 0:
		return any_csr();
	case 1:
		return any_access();
	default:
		return rnd() & 1 ? INSN_NOP : others[rnd_below(COUNT(others))];
	}
}

static const char *const register_names[] = { "a0", "a1", "a2", "a3", "a4", "a5" };

/* Mostly delegated interrupts: those of HS mode preempt the first instruction. */
static void any_state(void)
{
	ulong hideleg = rnd() & 7 ? IE_VS_ALL : rnd() & IE_VS_ALL;

	csr_write(hstatus, rnd() & (HSTATUS_VTVM | HSTATUS_VTSR | HSTATUS_VTW | HSTATUS_SPVP));
	csr_write(hedeleg, rnd() & 3 ? rnd() & HEDELEG_ALL : 0);
	csr_write(hideleg, hideleg);
	csr_write(hie, rnd());
	csr_write(hvip, rnd() & 1 ? rnd() & hideleg : 0);
	csr_write(hcounteren, rnd() & HCOUNTEREN_TM);
	csr_write(htimedelta, rnd());
	/* Without delegation the comparator would interrupt HS mode at some time. */
	csr_write(henvcfg, hideleg & IE_VSTIE ? ENVCFG_STCE : 0);
	csr_write(vsstatus, rnd() & (SR_SIE | SR_SPIE | SR_SPP | SR_SUM | SR_MXR));
	csr_write(vsscratch, rnd());
	csr_write(vsepc, rnd() & ~3UL);
	csr_write(vscause, rnd() & 31);
	csr_write(vstval, rnd());
}

static void show_csrs(void)
{
	ulong values[NR_CSRS], i;

	snapshot(values);
	for (i = 0; i < NR_CSRS; i++) {
		switch (csrs[i].number) {
		/* Shown by show_trap(), or dependent on the time */
		case CSR_HSTATUS:
		case CSR_HTVAL:
		case CSR_HTINST:
		case CSR_HIP:
		case CSR_STIMECMP:
			continue;
		}
		if (csrs[i].name)
			field(csrs[i].name, values[i]);
	}
}

static void one(int nr)
{
	ulong i, n = 1 + rnd_below(LENGTH);
	enum hart_mode mode = rnd() & 3 ? VS : VU;
	ulong page = rnd_below(PAGES);

	reset_hart();
	use_world();
	any_state();
	code_begin();
	for (i = 0; i < n; i++)
		code(any_insn());
	for (i = A0; i <= A5; i++)
		cpu.x[i] = rnd();
	cpu.x[A1] = VA + page * PAGE + (rnd() & 0xff8);
	cpu.x[A3] = VA + rnd_below(PAGES) * PAGE;
	cpu.x[A4] = rnd() & 0xffc;
	key("random/%d/%s/%d", nr, mode_names[mode], (int)n);
	run(mode);
	show_trap();
	for (i = A0; i <= A5; i++)
		field(register_names[i - A0], cpu.x[i]);
	show_csrs();
	end_line();
}

void cases_random(ulong count)
{
	static const ulong vs[PAGES] = {
		PTE_ALL, PTE_ALL | PTE_U, PTE_ALL & ~PTE_W, PTE_ALL, PTE_ALL & ~PTE_D, PTE_ALL, 0,
		PTE_ALL,
	};
	static const ulong g[PAGES] = {
		PTE_ALL, PTE_ALL, PTE_ALL, PTE_ALL & ~PTE_W, PTE_ALL, 0, PTE_ALL, PTE_ALL,
	};
	ulong i;

	world(SV39, SV39);
	for (i = 0; i < PAGES; i++) {
		map(&vs_stage, VA + i * PAGE, GPA + i * PAGE, vs[i], 0);
		map(&g_stage, GPA + i * PAGE, DATA + i * PAGE, g[i] ? g[i] | PTE_U : 0, 0);
	}
	fence_all();
	for (i = 0; i < count; i++)
		one(i);
}
