// SPDX-License-Identifier: GPL-2.0-only
/* Instructions that a mode may not be allowed, in each mode. */
#include "difftest.h"

static const enum hart_mode modes[] = { HS, U, VS, VU };

#define ANY_CSR(name, csr)	{ name ".r", INSN_CSR(CSR_RS, A0, csr, 0) }, \
				{ name ".w", INSN_CSR(CSR_RS, A0, csr, A3) }

/* a1 is the address of a word, a2 and a3 are zero. */
static const struct named_insn insns[] = {
	{ "sret", INSN_SRET }, { "wfi", INSN_WFI },
	{ "sfence.vma", 0x12000073 }, { "sfence.vma.r", 0x12c58073 }, { "sinval.vma", 0x16c58073 },
	{ "sfence.w.inval", 0x18000073 }, { "sfence.inval.ir", 0x18100073 },
	{ "hfence.vvma", 0x22000073 }, { "hfence.vvma.r", 0x22c58073 },
	{ "hfence.gvma", 0x62000073 }, { "hfence.gvma.r", 0x62c58073 },
	{ "hinval.vvma", 0x26c58073 }, { "hinval.gvma", 0x66c58073 },
	{ "hlv.b", INSN_HLV(0x30, 0) }, { "hlv.bu", INSN_HLV(0x30, 1) },
	{ "hlv.h", INSN_HLV(0x32, 0) }, { "hlv.hu", INSN_HLV(0x32, 1) },
	{ "hlvx.hu", INSN_HLV(0x32, 3) }, { "hlv.w", HLV_W }, { "hlv.wu", HLV_WU },
	{ "hlvx.wu", HLVX_WU }, { "hlv.d", HLV_D }, { "hsv.b", INSN_HSV(0x31) },
	{ "hsv.h", INSN_HSV(0x33) }, { "hsv.w", HSV_W }, { "hsv.d", HSV_D },
	{ "hlv.res", INSN_HLV(0x36, 1) }, { "hsv.res", RTYPE(0x37, A2, A1, 4, A0, 0x73) },
	{ "illegal", 0xffffffff }, { "c.unimp", 0 }, { "ebreak", INSN_EBREAK },
	{ "c.ebreak", 0x9002 },
	{ "fence.i", 0x0000100f }, { "fadd.s", RTYPE(0, 1, 2, 0, 3, 0x53) },
	{ "vsetvli", RTYPE(0, 0, 0, 7, A0, 0x57) },
	ANY_CSR("satp", SATP), ANY_CSR("sstatus", SSTATUS), ANY_CSR("sie", SIE),
	ANY_CSR("sip", SIP), ANY_CSR("scounteren", SCOUNTEREN), ANY_CSR("senvcfg", SENVCFG),
	ANY_CSR("stimecmp", STIMECMP),
	ANY_CSR("sscratch", 0x140), ANY_CSR("hstatus", HSTATUS), ANY_CSR("hgatp", HGATP),
	ANY_CSR("hvip", HVIP), ANY_CSR("vsatp", VSATP), ANY_CSR("vsstatus", VSSTATUS),
	ANY_CSR("vstimecmp", VSTIMECMP), ANY_CSR("hgeip", 0xe12), ANY_CSR("vstopi", 0xeb0),
	ANY_CSR("mstatus", 0x300), ANY_CSR("henvcfgh", 0x61a), ANY_CSR("fcsr", 3),
	ANY_CSR("sstateen0", 0x10c),
};

static ulong word[2] = { 0x8182838485868788UL, 0x7172737475767778UL };

/* SRET goes on behind itself, in the same mode; WFI finds an interrupt that is pending. */
static void prepare(enum hart_mode mode, u32 insn)
{
	ulong next = (ulong)code_page + 4;

	if (insn == INSN_SRET && mode == HS) {
		csr_write(SEPC, next);
		csr_set(SSTATUS, SR_SPP);
	}
	if (insn == INSN_SRET) {
		csr_write(VSEPC, next);
		csr_set(VSSTATUS, SR_SPP | (rnd() & SR_SPIE));
	}
	if (insn == INSN_WFI && mode == HS) {
		csr_set(SIE, SSI);
		csr_set(SIP, SSI);
	}
	if (insn == INSN_WFI && mode == VS) {
		csr_write(HIDELEG, VSSI);
		csr_write(HIE, VSSI);
		csr_write(HVIP, VSSI);
	}
}

static void one(enum hart_mode mode, const struct named_insn *insn, ulong hstatus, bool delegate)
{
	reset_hart();
	prepare(mode, insn->insn);
	/* HS and U have seen a trap from a guest before. */
	csr_write(HSTATUS, hstatus | HSTATUS_GVA);
	csr_write(HTVAL, 0x1234);
	if (delegate)
		csr_write(HEDELEG, ~0UL);
	key("insn/%s/%s/%x%s", mode_names[mode], insn->name, hstatus, delegate ? "/d" : "");
	run_insn(mode, insn->insn, (ulong)word, 0);
	show_trap();
	field("a0", cpu.x[A0]);
	end_line();
	word[0] = 0x8182838485868788UL;
}

void cases_insn(void)
{
	static const ulong configs[] = {
		0, HSTATUS_VTSR, HSTATUS_VTW, HSTATUS_VTVM, HSTATUS_HU | HSTATUS_SPVP,
		HSTATUS_VTSR | HSTATUS_VTW | HSTATUS_VTVM,
	};
	ulong m, i, c;

	for (m = 0; m < COUNT(modes); m++) {
		for (i = 0; i < COUNT(insns); i++) {
			for (c = 0; c < COUNT(configs); c++)
				one(modes[m], &insns[i], configs[c], false);
			if (modes[m] == VS || modes[m] == VU)
				one(modes[m], &insns[i], 0, true);
		}
	}
}

/* Time is shown only by whether it can be read. */
void cases_counters(void)
{
	static const ulong numbers[] = { 0xc00, 0xc01, 0xc02, 0xc03, 0xc1f };
	ulong m, i, j, hcounteren, scounteren;

	for (m = 0; m < COUNT(modes); m++) {
		for (i = 0; i < COUNT(numbers); i++) {
			for (j = 0; j < 6; j++) {
				ulong bit = BIT(numbers[i] & 31);

				reset_hart();
				hcounteren = j & 1 ? bit : ~bit;
				scounteren = j & 2 ? bit : ~bit;
				if (j & 4) {
					hcounteren = rnd();
					scounteren = rnd();
				}
				csr_write(HCOUNTEREN, hcounteren);
				csr_write(SCOUNTEREN, scounteren);
				key("counter/%s/%x/%d/", mode_names[modes[m]], numbers[i], (int)j);
				key("%d%d", !!(hcounteren & bit), !!(scounteren & bit));
				run_insn(modes[m], INSN_CSR(CSR_RS, A0, numbers[i], 0), 0, 0);
				show_trap();
				end_line();
			}
		}
	}
}
