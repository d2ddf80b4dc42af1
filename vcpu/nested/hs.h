/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The HS mode of a guest that is a hypervisor: its CSRs as data, the way of traps into it and of
 * SRET out of it. Pure: no hardware is touched here.
 *
 * L1 is the guest, L2 its own guest. Privileged specification, "H" Extension for Hypervisor
 * Support.
 */
#ifndef _RVHV_NESTED_HS_H
#define _RVHV_NESTED_HS_H

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/stddef.h>

#include "../../rvhv_types.h"

/**
 * struct rvhv_hs_cfg - what the L1's hart has; fixed once the vCPU runs
 *
 * Neither double traps (henvcfg.DTE, vsstatus.SDT) nor pointer masking (henvcfg.PMM) can be
 * offered: their fields have rules that the table does not know.
 *
 * @hedeleg: bits of hedeleg that can be set
 * @henvcfg: bits of henvcfg that can be set; CBIE is a field, all of it or none
 * @hstateen0: bits of hstateen0 that can be set; 0 without Smstateen
 * @hcounteren: bits of hcounteren that can be set
 * @vsstatus: bits of vsstatus that can be set, without SD and UXL
 * @smstateen: hstateen0 to 3 exist
 * @sstc: vstimecmp exists
 * @gstage_levels: largest mode of hgatp: 3 for Sv39x4, 4 for Sv48x4, 5 for Sv57x4
 * @vs_levels: largest mode of vsatp, in the same way
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

/**
 * struct rvhv_hs_state - the L1's hypervisor CSRs, and the VS CSRs of its L2
 * @hstatus: as the L1 reads it
 * @hedeleg: as the L1 reads it
 * @hideleg: VS interrupts, bits 2, 6, 10
 * @hvip: VSSIP, VSTIP, VSEIP, bits 2, 6, 10
 * @hie: bits 2, 6, 10, 12; vsie is a view of it
 * @hcounteren: as the L1 reads it
 * @htimedelta: as the L1 reads it
 * @htval: as the L1 reads it
 * @htinst: as the L1 reads it
 * @henvcfg: as the L1 reads it
 * @hstateen: hstateen0 to hstateen3
 * @hgatp: as the L1 reads it
 * @vsstatus: of the L2, as are all that follow; the hart has them while the L2 runs. With SD and
 *            UXL, so that it can be written to a hart as it is
 * @vstvec: see @vsstatus
 * @vsscratch: see @vsstatus
 * @vsepc: see @vsstatus
 * @vscause: see @vsstatus
 * @vstval: see @vsstatus
 * @vsatp: see @vsstatus
 * @vstimecmp: see @vsstatus
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

	unsigned long vsstatus;
	unsigned long vstvec;
	unsigned long vsscratch;
	unsigned long vsepc;
	unsigned long vscause;
	unsigned long vstval;
	unsigned long vsatp;
	u64 vstimecmp;
};

/* What a write of a CSR is to be followed by */
#define RVHV_HS_EFFECT_HSTATUS	BIT(0)	/* which SRETs and exceptions come to us */
#define RVHV_HS_EFFECT_IRQ	BIT(1)	/* an interrupt may be pending for the L1 or the L2 */
#define RVHV_HS_EFFECT_HGATP	BIT(2)	/* another G-stage */

/**
 * struct rvhv_hs_csr - one row of the table of CSRs
 * @csr: number
 * @name: the specification's
 * @offset: of the field in struct rvhv_hs_state; -1 if only @read and @write know
 * @effects: RVHV_HS_EFFECT_*, of any write
 * @mask: bits that a write changes
 * @mask_of: those bits where they depend on the hart or on other CSRs; NULL: @mask
 * @exists: NULL for always
 * @read: the value; NULL: the field. @time is the L1's
 * @write: called with the new value; its bits outside the mask mean nothing. NULL: the field is
 *         written
 */
struct rvhv_hs_csr {
	u16 csr;
	const char *name;
	int offset;
	unsigned int effects;
	unsigned long mask;
	unsigned long (*mask_of)(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs);
	bool (*exists)(const struct rvhv_hs_cfg *cfg);
	unsigned long (*read)(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs,
			      u64 time);
	void (*write)(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned long val);
};

/* csr_table.c: sorted by number */
extern const struct rvhv_hs_csr rvhv_hs_csrs[];
extern const unsigned int rvhv_hs_nr_csrs;

void rvhv_hs_reset(struct rvhv_hs_state *hs);
bool rvhv_hs_csr_of_l1(const struct rvhv_hs_cfg *cfg, unsigned int csr);
int rvhv_hs_csr_read(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs,
		     unsigned int csr, u64 time, unsigned long *val);
int rvhv_hs_csr_write(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned int csr,
		      unsigned long val, unsigned long wmask);
unsigned long rvhv_hs_hip(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs, u64 time);
bool rvhv_hs_csr_exists(const struct rvhv_hs_cfg *cfg, unsigned int csr);
int rvhv_hs_csr_restore(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned int csr,
			unsigned long val);
void rvhv_hs_legalise(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs);

/* The rows by what is different in the numbers of the CSRs that exist; for rvhv_hs_csr_find() */
#define RVHV_HS_CSR_KEY(_csr)	(((_csr) & 0xff) | ((_csr) >> 2 & 0x100))
#define RVHV_HS_CSR_KEYS	0x200

extern const u8 rvhv_hs_csr_by_key[RVHV_HS_CSR_KEYS];

/**
 * rvhv_hs_csr_find - the row of a CSR
 * @cfg: the L1's hart
 * @csr: number
 *
 * This and the next two are the way of every trapped access, which is what an L1 does most.
 *
 * Context: any.
 * Return: the row, or NULL: the hart has no such CSR.
 */
static inline const struct rvhv_hs_csr *rvhv_hs_csr_find(const struct rvhv_hs_cfg *cfg,
							 unsigned int csr)
{
	const struct rvhv_hs_csr *row = &rvhv_hs_csrs[rvhv_hs_csr_by_key[RVHV_HS_CSR_KEY(csr)]];

	return row->csr == csr && (!row->exists || row->exists(cfg)) ? row : NULL;
}

/**
 * rvhv_hs_csr_get - the value of a CSR as the L1's HS mode reads it
 * @row: the CSR
 * @cfg: the L1's hart
 * @hs: its state
 * @time: the time CSR of the L1
 *
 * Context: any; the caller owns @hs.
 * Return: the value.
 */
static inline unsigned long rvhv_hs_csr_get(const struct rvhv_hs_csr *row,
					    const struct rvhv_hs_cfg *cfg,
					    const struct rvhv_hs_state *hs, u64 time)
{
	if (row->read)
		return row->read(cfg, hs, time);
	return *(const unsigned long *)((const char *)hs + row->offset);
}

/**
 * rvhv_hs_csr_put - write a CSR as the L1's HS mode does
 * @row: the CSR
 * @cfg: the L1's hart
 * @hs: its state
 * @old: its value as rvhv_hs_csr_get() has it
 * @val: new bits
 * @wmask: which bits to write: CSRRW has all, CSRRS and CSRRC those of rs1, with @val all ones or 0
 *
 * Context: any; the caller owns @hs.
 * Return: RVHV_HS_EFFECT_*, or -EACCES: its number is one of the read-only CSRs, which is an
 * illegal instruction.
 */
static inline int rvhv_hs_csr_put(const struct rvhv_hs_csr *row, const struct rvhv_hs_cfg *cfg,
				  struct rvhv_hs_state *hs, unsigned long old, unsigned long val,
				  unsigned long wmask)
{
	if (row->csr >> 10 == 3)
		return -EACCES;
	wmask &= row->mask_of ? row->mask_of(cfg, hs) : row->mask;
	/* Time shows in bits of @old alone that cannot be written. */
	val = (old & ~wmask) | (val & wmask);
	if (row->write)
		row->write(cfg, hs, val);
	else if (row->offset >= 0)
		*(unsigned long *)((char *)hs + row->offset) = val;
	return row->effects;
}

/* ---- trap.c ---- */

/* Privilege modes that a trap can come from */
enum rvhv_mode {
	RVHV_MODE_U,	/* of the L1 */
	RVHV_MODE_HS,
	RVHV_MODE_VU,	/* of the L2 */
	RVHV_MODE_VS,
};

/**
 * struct rvhv_s_regs - the L1's supervisor registers that traps and SRET change
 * @sstatus: SIE, SPIE, SPP and the rest
 * @sepc: see the specification
 * @scause: see the specification
 * @stval: see the specification
 * @stvec: see the specification
 */
struct rvhv_s_regs {
	unsigned long sstatus;
	unsigned long sepc;
	unsigned long scause;
	unsigned long stval;
	unsigned long stvec;
};

/* Where an exception or interrupt of an L2 goes by the L1's delegation */
enum rvhv_trap_level {
	RVHV_TRAP_TO_L2,	/* delegated: to the L2's own VS mode */
	RVHV_TRAP_TO_L1,	/* to the L1's HS mode */
};

enum rvhv_trap_level rvhv_hs_trap_level(const struct rvhv_hs_state *hs, unsigned long scause);
unsigned long rvhv_hs_take_trap(struct rvhv_hs_state *hs, struct rvhv_s_regs *regs,
				enum rvhv_mode mode, const struct rvhv_trap *trap, bool hlsv);
bool rvhv_hs_trap_gva(const struct rvhv_trap *trap, enum rvhv_mode mode, bool hlsv);
enum rvhv_mode rvhv_hs_sret(struct rvhv_hs_state *hs, struct rvhv_s_regs *regs);

/* Instructions of the H extension and others that trap for a guest that is a hypervisor */
enum rvhv_hs_insn {
	RVHV_HS_CSR,		/* a CSR that the L1 has, an access that its HS mode may make */
	RVHV_HS_SRET,
	RVHV_HS_WFI,
	RVHV_HS_SFENCE,		/* SFENCE.VMA, SINVAL.VMA, satp */
	RVHV_HS_HFENCE,		/* HFENCE and HINVAL, V and G */
	RVHV_HS_HLSV,		/* HLV, HLVX, HSV */
};

unsigned long rvhv_hs_insn_check(const struct rvhv_hs_state *hs, enum rvhv_mode mode,
				 enum rvhv_hs_insn insn, unsigned int csr);

#endif /* _RVHV_NESTED_HS_H */
