// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traps into the L1's HS mode, its SRET, and the privilege checks of instructions of the L1 and L2.
 */
#include <linux/bits.h>

#include "../../include/rvhv_arch.h"
#include "hs.h"

/* Of a load, store or AMO */
#define ACCESS_EXCEPTIONS \
	(BIT(EXC_LOAD_MISALIGNED) | BIT(EXC_LOAD_ACCESS) | BIT(EXC_STORE_MISALIGNED) | \
	 BIT(EXC_STORE_ACCESS) | BIT(EXC_LOAD_PAGE_FAULT) | BIT(EXC_STORE_PAGE_FAULT) | \
	 BIT(EXC_LOAD_GUEST_PAGE_FAULT) | BIT(EXC_STORE_GUEST_PAGE_FAULT))

/* Of an instruction fetch */
#define FETCH_EXCEPTIONS \
	(BIT(EXC_INST_MISALIGNED) | BIT(EXC_INST_ACCESS) | BIT(EXC_INST_PAGE_FAULT) | \
	 BIT(EXC_INST_GUEST_PAGE_FAULT))

#define CAUSES		64	/* bits of hedeleg and hideleg */

static bool is_interrupt(unsigned long scause)
{
	return scause & CAUSE_IRQ_FLAG;
}

static bool is_one_of(unsigned long scause, unsigned long exceptions)
{
	return scause < CAUSES && exceptions & BIT(scause);
}

static bool is_virtual(enum rvhv_mode mode)
{
	return mode == RVHV_MODE_VU || mode == RVHV_MODE_VS;
}

/* Who takes a trap of the L2? In @scause, VS-level interrupts are 2, 6 and 10. */
enum rvhv_trap_level rvhv_hs_trap_level(const struct rvhv_hs_state *hs, unsigned long scause)
{
	unsigned long deleg = is_interrupt(scause) ? hs->hideleg : hs->hedeleg;

	return is_one_of(scause & ~CAUSE_IRQ_FLAG, deleg) ? RVHV_TRAP_TO_L2 : RVHV_TRAP_TO_L1;
}

/*
 * hstatus.GVA: whether stval holds a guest virtual address. @hlsv: the trap is the one of a memory
 * access by HLV, HLVX or HSV.
 */
bool rvhv_hs_trap_gva(const struct rvhv_trap *trap, enum rvhv_mode mode, bool hlsv)
{
	/* For EBREAK, a hart may write zero to stval. */
	if (trap->scause == EXC_BREAKPOINT)
		return trap->stval && (hlsv || is_virtual(mode));
	if (is_virtual(mode))
		return is_one_of(trap->scause, FETCH_EXCEPTIONS | ACCESS_EXCEPTIONS);
	/* A guest page fault in HS or U mode is always due to HLV, HLVX or HSV. */
	return is_one_of(trap->scause, hlsv ? ACCESS_EXCEPTIONS :
					      ACCESS_EXCEPTIONS & RVHV_GUEST_PAGE_FAULTS);
}

/*
 * Bits 1:0 are 01 or 11 for a transformed instruction and 00 for a pseudoinstruction. A value that
 * the cause cannot have is one that a hart left of an earlier trap, and becomes 0.
 */
static unsigned long htinst_of(const struct rvhv_trap *trap)
{
	bool fits;

	if (trap->htinst & 1)
		fits = is_one_of(trap->scause, ACCESS_EXCEPTIONS);
	else
		fits = !(trap->htinst & 2) && rvhv_is_guest_page_fault(trap->scause);
	return fits ? trap->htinst : 0;
}

/* Take a trap from @mode into the L1's HS mode; @hlsv as above. Returns the new pc. */
unsigned long rvhv_hs_take_trap(struct rvhv_hs_state *hs, struct rvhv_s_regs *regs,
				enum rvhv_mode mode, const struct rvhv_trap *trap, bool hlsv)
{
	bool super = mode == RVHV_MODE_HS || mode == RVHV_MODE_VS;
	bool irq = is_interrupt(trap->scause);
	unsigned long hstatus = hs->hstatus & ~(HSTATUS_SPV | HSTATUS_GVA);
	unsigned long sstatus = regs->sstatus & ~(SR_SPP | SR_SPIE | SR_SIE);
	unsigned long vector = regs->stvec & ~3UL;

	if (is_virtual(mode)) {
		hstatus = (hstatus & ~HSTATUS_SPVP) | HSTATUS_SPV;
		if (super)
			hstatus |= HSTATUS_SPVP;
	}
	if (rvhv_hs_trap_gva(trap, mode, hlsv))
		hstatus |= HSTATUS_GVA;
	hs->hstatus = hstatus;
	hs->htval = rvhv_is_guest_page_fault(trap->scause) ? trap->htval : 0;
	hs->htinst = htinst_of(trap);

	if (super)
		sstatus |= SR_SPP;
	if (regs->sstatus & SR_SIE)
		sstatus |= SR_SPIE;
	regs->sstatus = sstatus;
	regs->sepc = trap->sepc;
	regs->scause = trap->scause;
	regs->stval = irq ? 0 : trap->stval;

	if (irq && (regs->stvec & 3) == 1)
		vector += 4 * (trap->scause & ~CAUSE_IRQ_FLAG);
	return vector;
}

/* Returns the new mode; the new pc is @regs->sepc. */
enum rvhv_mode rvhv_hs_sret(struct rvhv_hs_state *hs, struct rvhv_s_regs *regs)
{
	bool super = regs->sstatus & SR_SPP;
	bool virt = hs->hstatus & HSTATUS_SPV;
	unsigned long sstatus = regs->sstatus & ~(SR_SPP | SR_SIE);

	if (sstatus & SR_SPIE)
		sstatus |= SR_SIE;
	regs->sstatus = sstatus | SR_SPIE;
	hs->hstatus &= ~HSTATUS_SPV;
	if (virt)
		return super ? RVHV_MODE_VS : RVHV_MODE_VU;
	return super ? RVHV_MODE_HS : RVHV_MODE_U;
}

#define ALWAYS	~0UL

/* The bit of hstatus that makes an instruction trap in VS mode */
static const unsigned long vs_traps[] = {
	[RVHV_HS_SRET] = HSTATUS_VTSR,
	[RVHV_HS_WFI] = HSTATUS_VTW,
	[RVHV_HS_SFENCE] = HSTATUS_VTVM,
	[RVHV_HS_HFENCE] = ALWAYS,
	[RVHV_HS_HLSV] = ALWAYS,
};

/* The same for an access to an S or HS CSR */
static unsigned long csr_traps(unsigned int level, unsigned int csr)
{
	if (level == 2)
		return ALWAYS;
	return csr == CSR_SATP ? HSTATUS_VTVM : 0;
}

/*
 * May an instruction be executed in @mode? Returns 0 or the exception that the hart raises,
 * EXC_INST_ILLEGAL or EXC_VIRTUAL_INST_FAULT. @csr is for RVHV_HS_CSR. User-level CSRs are always
 * allowed: the enables of counters (hcounteren, scounteren) are not checked here.
 */
unsigned long rvhv_hs_insn_check(const struct rvhv_hs_state *hs, enum rvhv_mode mode,
				 enum rvhv_hs_insn insn, unsigned int csr)
{
	bool is_csr = insn == RVHV_HS_CSR;
	/* The lowest privilege that may access the CSR: U, S, HS, M */
	unsigned int level = csr >> 8 & 3;
	unsigned long traps;

	if (is_csr && !level)
		return 0;
	if (is_csr && level == 3)
		return EXC_INST_ILLEGAL;
	switch (mode) {
	case RVHV_MODE_U:
		return insn == RVHV_HS_HLSV && hs->hstatus & HSTATUS_HU ? 0 : EXC_INST_ILLEGAL;
	case RVHV_MODE_HS:
		return 0;
	case RVHV_MODE_VU:
		return EXC_VIRTUAL_INST_FAULT;
	case RVHV_MODE_VS:
		break;
	}
	traps = is_csr ? csr_traps(level, csr) : vs_traps[insn];
	return traps == ALWAYS || hs->hstatus & traps ? EXC_VIRTUAL_INST_FAULT : 0;
}
