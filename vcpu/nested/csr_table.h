/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of the L1's hypervisor and VS CSRs: look-up, reading and writing.
 */
#ifndef _RVHV_NESTED_CSR_TABLE_H
#define _RVHV_NESTED_CSR_TABLE_H

#include "hs.h"

/**
 * struct rvhv_hs_csr - a row of csr_rows.h
 * @csr: number
 * @offset: of the field in struct rvhv_hs_state; negative for a view of other rows' fields
 * @reroutes_traps: call rvhv_nested_hstatus_changed() after a write
 * @name: the specification's
 * @reset: value of the field out of reset
 * @mask: writable bits
 * @mask_of: writable bits where they depend on the hart or on other CSRs; NULL: @mask
 * @exists: NULL for always
 * @read: NULL: reads the field. @time is the L1's time CSR
 * @write: takes the new value, whose read-only bits are ignored. NULL: writes the field
 */
struct rvhv_hs_csr {
	u16 csr;
	s16 offset;
	bool reroutes_traps;
	const char *name;
	unsigned long reset;
	unsigned long mask;
	unsigned long (*mask_of)(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs);
	bool (*exists)(const struct rvhv_hs_cfg *cfg);
	unsigned long (*read)(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs,
			      u64 time);
	void (*write)(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned long val);
};

enum rvhv_hs_csr_row {
#define CSR_ROW(_name, ...)	RVHV_HS_CSR_##_name,
#include "csr_rows.h"
#undef CSR_ROW
	RVHV_HS_NR_CSRS
};

/* Bits 7:0 and 10 of a number: they differ between any two rows. */
#define RVHV_HS_CSR_KEY(_csr)	(((_csr) & 0xff) | ((_csr) >> 2 & 0x100))
#define RVHV_HS_CSR_KEYS	0x200

extern const struct rvhv_hs_csr rvhv_hs_csrs[RVHV_HS_NR_CSRS];
extern const u8 rvhv_hs_csr_by_key[RVHV_HS_CSR_KEYS];

void rvhv_hs_reset(struct rvhv_hs_state *hs);
void rvhv_hs_legalise(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs);
unsigned long rvhv_hs_hip(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs, u64 time);
bool rvhv_hs_csr_of_l1(const struct rvhv_hs_cfg *cfg, unsigned int csr);
bool rvhv_hs_csr_exists(const struct rvhv_hs_cfg *cfg, unsigned int csr);
int rvhv_hs_csr_read(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs,
		     unsigned int csr, u64 time, unsigned long *val);
int rvhv_hs_csr_write(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned int csr,
		      unsigned long val, unsigned long wmask);
int rvhv_hs_csr_restore(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned int csr,
			unsigned long val);

/* ---- the path of every CSR access that traps ---- */

/* Returns NULL if the hart has no such CSR. */
static inline const struct rvhv_hs_csr *rvhv_hs_csr_find(const struct rvhv_hs_cfg *cfg,
							 unsigned int csr)
{
	/* A key without a row leads to row 0, which has another number. */
	const struct rvhv_hs_csr *row = &rvhv_hs_csrs[rvhv_hs_csr_by_key[RVHV_HS_CSR_KEY(csr)]];

	return row->csr == csr && (!row->exists || row->exists(cfg)) ? row : NULL;
}

/* A write to it is an illegal instruction. */
static inline bool rvhv_hs_csr_read_only(const struct rvhv_hs_csr *row)
{
	return row->csr >> 10 == 3;
}

static inline unsigned long rvhv_hs_csr_get(const struct rvhv_hs_csr *row,
					    const struct rvhv_hs_cfg *cfg,
					    const struct rvhv_hs_state *hs, u64 time)
{
	if (row->read)
		return row->read(cfg, hs, time);
	return *(const unsigned long *)((const char *)hs + row->offset);
}

/*
 * Write a CSR that is not read-only. @old is what rvhv_hs_csr_get() returned. @wmask selects the
 * bits of @val: all for CSRRW, those of rs1 for CSRRS and CSRRC, with @val all ones or zero.
 */
static inline void rvhv_hs_csr_put(const struct rvhv_hs_csr *row, const struct rvhv_hs_cfg *cfg,
				   struct rvhv_hs_state *hs, unsigned long old, unsigned long val,
				   unsigned long wmask)
{
	wmask &= row->mask_of ? row->mask_of(cfg, hs) : row->mask;
	/* The time at which @old was read shows in read-only bits alone. */
	val = (old & ~wmask) | (val & wmask);
	if (row->write)
		row->write(cfg, hs, val);
	else if (row->offset >= 0)
		*(unsigned long *)((char *)hs + row->offset) = val;
}

#endif /* _RVHV_NESTED_CSR_TABLE_H */
