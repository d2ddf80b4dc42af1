// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts by mode and delegation; timers far from the present */
#include "difftest.h"

static const enum hart_mode modes[] = { HS_SRET, U, VS, VU };

/* Spread three bits to the VS interrupts. */
static ulong vs_irqs(ulong bits)
{
	return (bits & 1 ? IE_VSSIE : 0) | (bits & 2 ? IE_VSTIE : 0) | (bits & 4 ? IE_VSEIE : 0);
}

static void show(void)
{
	show_trap();
	field("hip", csr_read(hip));
	field("vsip", csr_read(vsip));
	field("vsie", csr_read(vsie));
	end_line();
}

static void run_nops(enum hart_mode mode, bool spie)
{
	code_begin();
	code(INSN_NOP);
	code(INSN_NOP);
	if (spie)
		run_interruptible(mode);
	else
		run(mode);
}

static void vs_level(void)
{
	ulong m, pending, deleg, sie;

	for (m = 0; m < COUNT(modes); m++) {
		for (pending = 0; pending < 8; pending++) {
			for (deleg = 0; deleg < 8; deleg++) {
				for (sie = 0; sie < 4; sie++) {
					reset_hart();
					csr_write(hideleg, vs_irqs(deleg));
					csr_write(hvip, vs_irqs(pending));
					csr_write(hie, IE_VS_ALL);
					csr_write(vsstatus, sie & 1 ? SR_SIE : 0);
					key("irq/%s/%x/%x/%x", mode_names[modes[m]], pending,
					    deleg, sie);
					run_nops(modes[m], sie & 2);
					show();
				}
			}
		}
	}
}

/* With software and timer interrupts of HS mode */
static void hs_level(void)
{
	ulong i, own, enabled, pending, deleg;
	enum hart_mode mode;
	bool spie;

	for (i = 0; i < 256; i++) {
		reset_hart();
		mode = modes[rnd_below(COUNT(modes))];
		own = rnd_below(4);
		enabled = rnd();
		pending = rnd_below(8);
		deleg = rnd_below(8);
		spie = rnd() & 1;
		csr_write(hideleg, vs_irqs(deleg));
		csr_write(hvip, vs_irqs(pending));
		csr_write(hie, enabled);
		csr_write(sie, enabled & (IE_SSIE | IE_STIE));
		csr_write(vsstatus, rnd() & (SR_SIE | SR_SPIE | SR_SPP));
		if (own & 1)
			csr_set(sip, IE_SSIE);
		if (own & 2)
			csr_write(stimecmp, 0);
		key("own-irq/%d/%s/%x/%x/%x/%x/%d", (int)i, mode_names[mode], own,
		    enabled & (IE_SSIE | IE_STIE | IE_VS_ALL), pending, deleg, (int)spie);
		run_nops(mode, spie);
		show();
	}
}

/* The guest's sip, sie and sstatus */
static void guest_view(void)
{
	static const ulong numbers[] = { CSR_SIP, CSR_SIE, CSR_SSTATUS };
	ulong i, csr, op, val;

	for (i = 0; i < 300; i++) {
		reset_hart();
		csr_write(hideleg, vs_irqs(rnd()));
		csr_write(hvip, vs_irqs(rnd()));
		csr_write(hie, vs_irqs(rnd()) & csr_read(hideleg));
		csr = numbers[rnd_below(COUNT(numbers))];
		op = CSR_RW + rnd_below(3);
		val = csr == CSR_SSTATUS ? rnd() & (SR_SIE | SR_SPIE | SR_SPP | SR_SUM | SR_MXR) :
				       rnd() & ~IE_VS_ALL;
		key("view/%d/%x/%d/%x", (int)i, csr, (int)op, val);
		code_begin();
		code(INSN_CSR(op, A0, csr, A1));
		code(INSN_CSR(CSR_RS, A2, csr, 0));
		code(INSN_CSR(CSR_RS, A3, CSR_SIP, 0));
		code(INSN_CSR(CSR_RS, A4, CSR_SIE, 0));
		cpu.x[A1] = val;
		run(VS);
		field("old", cpu.x[A0]);
		field("new", cpu.x[A2]);
		field("sip", cpu.x[A3]);
		field("sie", cpu.x[A4]);
		field("hie", csr_read(hie));
		field("hvip", csr_read(hvip));
		show();
	}
}

void cases_irqs(void)
{
	vs_level();
	hs_level();
	guest_view();
}

/* ---- timers ---- */

#define FAR	BIT(62)		/* unreachable for the clock */

static void timer(int nr, enum hart_mode mode, ulong bits)
{
	static const ulong deltas[] = { 0, FAR, -FAR, BIT(63) };

	reset_hart();
	csr_write(henvcfg, bits & 1 ? ENVCFG_STCE : 0);
	csr_write(hideleg, bits & 2 ? IE_VS_ALL : 0);
	csr_write(hie, bits & 4 ? IE_VS_ALL : 0);
	csr_write(hvip, bits & 8 ? IE_VSTIE : 0);
	csr_write(hcounteren, bits & 16 ? ~0UL : 0);
	csr_write(vsstatus, bits & 32 ? SR_SIE : 0);
	csr_write(htimedelta, deltas[bits >> 6 & 3]);
	if (bits & 1)
		csr_write(vstimecmp, bits >> 8 & 1 ? FAR / 2 : 3 * (FAR / 2));
	key("%s/%d/%s/%x", "timer", nr, mode_names[mode], bits);
	field("before", csr_read(hip));
	code_begin();
	/* An interrupt of HS mode that the guest causes may arrive late, at another pc. */
	if ((bits & 7) == 5)
		bits &= ~512UL;
	if (bits & 512) {
		/* The guest swaps its comparator. */
		code(INSN_CSR(CSR_RW, A0, CSR_STIMECMP, A1));
		cpu.x[A1] = bits & 1024 ? 0 : ~0UL;
	}
	code(INSN_CSR(CSR_RS, A2, CSR_SIP, 0));
	cpu.x[A0] = 0;
	cpu.x[A2] = 0;
	run(mode);
	show_trap();
	field("a0", cpu.x[A0]);
	field("sip", cpu.x[A2]);
	field("hip", csr_read(hip));
	field("cmp", csr_read(vstimecmp));
	end_line();
}

/* Show whether guest and hypervisor agree on the time, not its value. */
static void time_of_guest(ulong delta)
{
	ulong now;

	reset_hart();
	csr_write(hcounteren, ~0UL);
	csr_write(htimedelta, delta);
	key("time/%x", delta);
	now = csr_read(time);
	run_insn(VS, INSN_CSR(CSR_RS, A0, CSR_TIME, 0), 0, 0);
	field("agrees", cpu.x[A0] - delta - now < BIT(32));
	end_line();
}

void cases_timers(void)
{
	ulong i;

	for (i = 0; i < 300; i++)
		timer(i, rnd() & 1 ? VS : VU, rnd_below(2048));
	for (i = 0; i < 20; i++)
		time_of_guest(rnd_value());
}
