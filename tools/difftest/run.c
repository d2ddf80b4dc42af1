// SPDX-License-Identifier: GPL-2.0-only
/* Runs code that is written at run time, in each mode. */
#include "difftest.h"

#define CODE_WORDS	(PAGE / sizeof(u32))

struct cpu cpu;
const char *const mode_names[] = { "hs", "hs-sret", "u", "vs", "vu" };
u32 code_page[CODE_WORDS] __attribute__((aligned(4096)));
static unsigned short *code_end;

void reset_hart(void)
{
	int i;

	reset_csrs();
	csr_write(vstvec, vs_trap);
	csr_write(sstatus, SR_UXL_64);
	for (i = 0; i < 32; i++)
		cpu.x[i] = 0;
}

void code_begin(void)
{
	code_end = (unsigned short *)code_page;
}

void code16(u32 insn)
{
	*code_end++ = insn;
}

void code(u32 insn)
{
	code16(insn);
	code16(insn >> 16);
}

static bool is_virtual(enum hart_mode mode)
{
	return mode == VS || mode == VU;
}

ulong code_pc(enum hart_mode mode)
{
	ulong pc = (ulong)code_page;

	if (mode == VU ? vs_stage.levels : mode == U && csr_read(satp))
		pc += U_ALIAS;
	return pc;
}

static void run_with(enum hart_mode mode, bool spie)
{
	/* The end of the code; never an ECALL to the firmware */
	code(mode == HS ? INSN_RET : mode == HS_SRET ? INSN_EBREAK : INSN_ECALL);
	asm volatile("fence.i" ::: "memory");
	cpu.x[0] = code_pc(mode);
	cpu.x[RA] = (ulong)hs_return;
	if (mode != HS) {
		csr_clear(sstatus, SR_SPP | SR_SPIE);
		csr_set(sstatus, (mode == U || mode == VU ? 0 : SR_SPP) | (spie ? SR_SPIE : 0));
		if (is_virtual(mode))
			csr_set(hstatus, HSTATUS_SPV);
		else
			csr_clear(hstatus, HSTATUS_SPV);
	}
	enter(&cpu, mode != HS);
	csr_clear(sstatus, SR_SIE);
}

void run(enum hart_mode mode)
{
	run_with(mode, false);
}

void run_interruptible(enum hart_mode mode)
{
	run_with(mode, true);
}

void run_insn(enum hart_mode mode, u32 insn, ulong a1, ulong a2)
{
	code_begin();
	if ((insn & 3) == 3)
		code(insn);
	else
		code16(insn);
	cpu.x[A0] = 0;
	cpu.x[A1] = a1;
	cpu.x[A2] = a2;
	run(mode);
}

/* A pc: an offset within the code, an address elsewhere */
static void show_pc(const char *name, ulong pc)
{
	ulong off = pc - cpu.x[0];

	put(" ");
	put(name);
	put("=");
	if (off < PAGE)
		put("+");
	put_hex(off < PAGE ? off : pc);
}

void show_trap(void)
{
	bool from_vs = cpu.scause == 10 && cpu.sepc == (ulong)vs_trap;

	if (cpu.scause == NO_TRAP) {
		put(" c=-");
	} else {
		field("c", cpu.scause);
		show_pc("e", cpu.sepc);
		field("tv", cpu.stval);
		field("gv", cpu.htval);
		field("ti", cpu.htinst);
	}
	field("hs", cpu.hstatus);
	field("ss", cpu.sstatus);
	if (!from_vs)
		return;
	field("vc", csr_read(vscause));
	show_pc("ve", csr_read(vsepc));
	field("vtv", csr_read(vstval));
	field("vss", csr_read(vsstatus));
}
