// SPDX-License-Identifier: GPL-2.0-only
/* Instructions that may be denied, in each mode */
#include "difftest.h"

static const enum hart_mode modes[] = { HS, U, VS, VU };

#define ANY_CSR(name, csr)	{ name ".r", INSN_CSR(CSR_RS, A0, csr, 0) }, \
				{ name ".w", INSN_CSR(CSR_RS, A0, csr, A3) }

/* a1 is the address of word[]; a2 and a3 are zero. */
static const struct named_insn insns[] = {
	{ "sret", INSN_SRET }, { "wfi", INSN_WFI },
	{ "sfence.vma", INSN_SFENCE_VMA(0, 0) }, { "sfence.vma.r", INSN_SFENCE_VMA(A1, A2) },
	{ "sinval.vma", INSN_SINVAL_VMA(A1, A2) },
	{ "sfence.w.inval", INSN_SFENCE_W_INVAL }, { "sfence.inval.ir", INSN_SFENCE_INVAL_IR },
	{ "hfence.vvma", INSN_HFENCE_VVMA(0, 0) }, { "hfence.vvma.r", INSN_HFENCE_VVMA(A1, A2) },
	{ "hfence.gvma", INSN_HFENCE_GVMA(0, 0) }, { "hfence.gvma.r", INSN_HFENCE_GVMA(A1, A2) },
	{ "hinval.vvma", INSN_HINVAL_VVMA(A1, A2) }, { "hinval.gvma", INSN_HINVAL_GVMA(A1, A2) },
	{ "hlv.b", INSN_HLV(0x30, 0) }, { "hlv.bu", INSN_HLV(0x30, 1) },
	{ "hlv.h", INSN_HLV(0x32, 0) }, { "hlv.hu", INSN_HLV(0x32, 1) },
	{ "hlvx.hu", INSN_HLV(0x32, 3) }, { "hlv.w", HLV_W }, { "hlv.wu", HLV_WU },
	{ "hlvx.wu", HLVX_WU }, { "hlv.d", HLV_D }, { "hsv.b", INSN_HSV(0x31) },
	{ "hsv.h", INSN_HSV(0x33) }, { "hsv.w", HSV_W }, { "hsv.d", HSV_D },
	{ "hlv.res", INSN_HLV(0x36, 1) }, { "hsv.res", RTYPE(0x37, A2, A1, 4, A0, 0x73) },
	{ "illegal", INSN_ILLEGAL }, { "c.unimp", 0 }, { "ebreak", INSN_EBREAK },
	{ "c.ebreak", INSN_C_EBREAK },
	{ "fence.i", INSN_FENCE_I }, { "fadd.s", RTYPE(0, 1, 2, 0, 3, 0x53) },
	{ "vsetvli", RTYPE(0, 0, 0, 7, A0, 0x57) },
	ANY_CSR("satp", CSR_SATP), ANY_CSR("sstatus", CSR_SSTATUS), ANY_CSR("sie", CSR_SIE),
	ANY_CSR("sip", CSR_SIP), ANY_CSR("scounteren", CSR_SCOUNTEREN),
	ANY_CSR("senvcfg", CSR_SENVCFG), ANY_CSR("stimecmp", CSR_STIMECMP),
	ANY_CSR("sscratch", CSR_SSCRATCH), ANY_CSR("hstatus", CSR_HSTATUS),
	ANY_CSR("hgatp", CSR_HGATP), ANY_CSR("hvip", CSR_HVIP), ANY_CSR("vsatp", CSR_VSATP),
	ANY_CSR("vsstatus", CSR_VSSTATUS), ANY_CSR("vstimecmp", CSR_VSTIMECMP),
	ANY_CSR("hgeip", CSR_HGEIP), ANY_CSR("vstopi", CSR_VSTOPI),
	ANY_CSR("mstatus", CSR_MSTATUS), ANY_CSR("henvcfgh", CSR_HENVCFGH),
	ANY_CSR("fcsr", CSR_FCSR), ANY_CSR("sstateen0", CSR_SSTATEEN0),
};

static ulong word[2] = { 0x8182838485868788UL, 0x7172737475767778UL };

/* SRET returns behind itself in the same mode. WFI finds a pending interrupt. */
static void prepare(enum hart_mode mode, u32 insn)
{
	ulong next = (ulong)code_page + 4;

	if (insn == INSN_SRET && mode == HS) {
		csr_write(sepc, next);
		csr_set(sstatus, SR_SPP);
	}
	if (insn == INSN_SRET) {
		csr_write(vsepc, next);
		csr_set(vsstatus, SR_SPP | (rnd() & SR_SPIE));
	}
	if (insn == INSN_WFI && mode == HS) {
		csr_set(sie, IE_SSIE);
		csr_set(sip, IE_SSIE);
	}
	if (insn == INSN_WFI && mode == VS) {
		csr_write(hideleg, IE_VSSIE);
		csr_write(hie, IE_VSSIE);
		csr_write(hvip, IE_VSSIE);
	}
}

static void one(enum hart_mode mode, const struct named_insn *insn, ulong hstatus, bool delegate)
{
	reset_hart();
	prepare(mode, insn->insn);
	/* As after a trap from a guest */
	csr_write(hstatus, hstatus | HSTATUS_GVA);
	csr_write(htval, 0x1234);
	if (delegate)
		csr_write(hedeleg, ~0UL);
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

/* Show whether the counter can be read, not its value. */
void cases_counters(void)
{
	static const ulong numbers[] = {
		CSR_CYCLE, CSR_TIME, CSR_INSTRET, CSR_HPMCOUNTER3, CSR_HPMCOUNTER31,
	};
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
				csr_write(hcounteren, hcounteren);
				csr_write(scounteren, scounteren);
				key("counter/%s/%x/%d/", mode_names[modes[m]], numbers[i], (int)j);
				key("%d%d", !!(hcounteren & bit), !!(scounteren & bit));
				run_insn(modes[m], INSN_CSR(CSR_RS, A0, numbers[i], 0), 0, 0);
				show_trap();
				end_line();
			}
		}
	}
}
