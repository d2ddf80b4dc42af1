/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The HS mode of a guest that is a hypervisor (L1; its own guest is L2): state, traps and SRET.
 * Pure: touches no hardware. Privileged specification, "H" Extension for Hypervisor Support.
 */
#ifndef _RVHV_NESTED_HS_H
#define _RVHV_NESTED_HS_H

#include <linux/types.h>

#include "../../include/rvhv_arch.h"
#include "../../rvhv_types.h"
#include "../vs_csrs.h"

/**
 * struct rvhv_hs_cfg - what the L1's hart implements; fixed once the vCPU has run
 * @hedeleg: writable bits
 * @henvcfg: writable bits, without DTE and PMM, whose WARL rules are not implemented; CBIE as a
 *	     whole or not at all
 * @hstateen0: writable bits; 0 without Smstateen
 * @hcounteren: writable bits
 * @vsstatus: writable bits, without SD and UXL, and without SDT, whose rules are not implemented
 * @smstateen: hstateen0 to hstateen3 exist
 * @sstc: vstimecmp exists
 * @gstage_levels: largest mode of hgatp: 3 for Sv39x4, 4 for Sv48x4, 5 for Sv57x4
 * @vs_levels: largest mode of vsatp, likewise
 * @vmid_bits: implemented bits of hgatp.VMID
 */
struct rvhv_hs_cfg {
	unsigned long hedeleg;
	unsigned long henvcfg;
	unsigned long hstateen0;
	unsigned long hcounteren;
	unsigned long vsstatus;
	bool smstateen;
	bool sstc;
	unsigned int gstage_levels;
	unsigned int vs_levels;
	unsigned int vmid_bits;
};

/*
 * The L1's hypervisor CSRs, as it reads them, and the VS CSRs of its L2, which the hart holds while
 * the L2 runs. vsie, vsip and hip are views of hie and hvip (csr_rows.h).
 */
struct rvhv_hs_state {
	unsigned long hstatus;
	unsigned long hedeleg;
	unsigned long hideleg;
	unsigned long hvip;
	unsigned long hie;
	unsigned long hcounteren;
	u64 htimedelta;
	unsigned long htval;
	unsigned long htinst;
	unsigned long henvcfg;
	unsigned long hstateen[4];
	unsigned long hgatp;

	struct rvhv_vs_bank vs;
	u64 vstimecmp;
};

/* VS interrupts that the L1 has delegated to its L2 */
static inline unsigned long rvhv_hs_delegated(const struct rvhv_hs_state *hs)
{
	return hs->hideleg & RVHV_VS_IRQS;
}

/* The CSR vsie: a view of hie */
static inline unsigned long rvhv_hs_vsie(const struct rvhv_hs_state *hs)
{
	return (hs->hie & hs->hideleg) >> VSIP_TO_HVIP_SHIFT;
}

static inline void rvhv_hs_set_vsie(struct rvhv_hs_state *hs, unsigned long vsie)
{
	hs->hie = (hs->hie & ~hs->hideleg) | (vsie << VSIP_TO_HVIP_SHIFT & hs->hideleg);
}

/* What the L2's hart left in hvip of the delegated interrupts: it clears VSSIP by itself. */
static inline void rvhv_hs_set_delegated_hvip(struct rvhv_hs_state *hs, unsigned long hvip)
{
	unsigned long delegated = rvhv_hs_delegated(hs);

	hs->hvip = (hs->hvip & ~delegated) | (hvip & delegated);
}

/* ---- trap.c ---- */

/* U and HS are the L1's privilege modes, VU and VS the L2's. */
enum rvhv_mode {
	RVHV_MODE_U,
	RVHV_MODE_HS,
	RVHV_MODE_VU,
	RVHV_MODE_VS,
};

/* The L1's supervisor CSRs that a trap or SRET reads or writes */
struct rvhv_s_regs {
	unsigned long sstatus;
	unsigned long sepc;
	unsigned long scause;
	unsigned long stval;
	unsigned long stvec;
};

/* Who takes a trap of the L2 */
enum rvhv_trap_level {
	RVHV_TRAP_TO_L2,	/* its own VS mode: delegated */
	RVHV_TRAP_TO_L1,	/* the L1's HS mode */
};

enum rvhv_trap_level rvhv_hs_trap_level(const struct rvhv_hs_state *hs, unsigned long scause);
unsigned long rvhv_hs_take_trap(struct rvhv_hs_state *hs, struct rvhv_s_regs *regs,
				enum rvhv_mode mode, const struct rvhv_trap *trap, bool hlsv);
bool rvhv_hs_trap_gva(const struct rvhv_trap *trap, enum rvhv_mode mode, bool hlsv);
enum rvhv_mode rvhv_hs_sret(struct rvhv_hs_state *hs, struct rvhv_s_regs *regs);

/* Instructions whose privilege checks depend on the H extension */
enum rvhv_hs_insn {
	RVHV_HS_CSR,		/* a CSR that the L1 has; not a write to a read-only one */
	RVHV_HS_SRET,
	RVHV_HS_WFI,
	RVHV_HS_SFENCE,		/* SFENCE.VMA, SINVAL.VMA, satp */
	RVHV_HS_HFENCE,		/* HFENCE and HINVAL, V and G */
	RVHV_HS_HLSV,		/* HLV, HLVX, HSV */
};

unsigned long rvhv_hs_insn_check(const struct rvhv_hs_state *hs, enum rvhv_mode mode,
				 enum rvhv_hs_insn insn, unsigned int csr);

#endif /* _RVHV_NESTED_HS_H */
