// SPDX-License-Identifier: GPL-2.0-only
/*
 * The L1's hypervisor and VS CSRs: what csr_rows.h refers to, and access by number. GEILEN is 0.
 */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/stddef.h>

#include "../../include/rvhv_arch.h"
#include "csr_table.h"

#define VSSIP		BIT(IRQ_VS_SOFT)
#define VSTIP		BIT(IRQ_VS_TIMER)

#define CBIE_RESERVED	(2UL << ENVCFG_CBIE_SHIFT)

#define HSTATUS_VSXL_64	(2UL << HSTATUS_VSXL_SHIFT)
#define HSTATUS_WRITABLE \
	(HSTATUS_VTSR | HSTATUS_VTW | HSTATUS_VTVM | HSTATUS_HU | HSTATUS_SPVP | HSTATUS_SPV | \
	 HSTATUS_GVA)

#define HGATP_MODE	(~0UL << HGATP_MODE_SHIFT)
/* Root tables are 16 KiB: PPN[1:0] is read-only zero. */
#define HGATP_WRITABLE	(HGATP_MODE | HGATP_VMID | (HGATP_PPN & ~3UL))

/* hgatp and vsatp encode MODE in the same way. */
static bool mode_is_legal(unsigned long atp, unsigned int levels)
{
	unsigned long mode = atp >> HGATP_MODE_SHIFT;

	return mode == HGATP_MODE_OFF ||
	       (mode >= HGATP_MODE_SV39X4 && mode - HGATP_MODE_SV39X4 + 3 <= levels);
}

static bool has_smstateen(const struct rvhv_hs_cfg *cfg)
{
	return cfg->smstateen;
}

static bool has_sstc(const struct rvhv_hs_cfg *cfg)
{
	return cfg->sstc;
}

/* ---- masks ---- */

static unsigned long hedeleg_mask(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs)
{
	return cfg->hedeleg;
}

static unsigned long hcounteren_mask(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs)
{
	return cfg->hcounteren;
}

static unsigned long henvcfg_mask(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs)
{
	return cfg->henvcfg;
}

static unsigned long hstateen0_mask(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs)
{
	return cfg->hstateen0;
}

static unsigned long vsstatus_mask(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs)
{
	return cfg->vsstatus;
}

static unsigned long vsie_mask(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs)
{
	return hs->hideleg >> VSIP_TO_HVIP_SHIFT;
}

static unsigned long vsip_mask(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs)
{
	return (hs->hideleg & VSSIP) >> VSIP_TO_HVIP_SHIFT;
}

/* ---- reads and writes ---- */

static unsigned long read_zero(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs,
			       u64 time)
{
	return 0;
}

/* The CSR hip: the pending VS-level interrupts. @time is the L1's time CSR. */
unsigned long rvhv_hs_hip(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs, u64 time)
{
	unsigned long hip = hs->hvip;

	if (cfg->sstc && (hs->henvcfg & ENVCFG_STCE) && time + hs->htimedelta >= hs->vstimecmp)
		hip |= VSTIP;
	return hip;
}

static void hip_write(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned long val)
{
	hs->hvip = (hs->hvip & ~VSSIP) | (val & VSSIP);
}

static unsigned long vsip_read(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs,
			       u64 time)
{
	return (rvhv_hs_hip(cfg, hs, time) & hs->hideleg) >> VSIP_TO_HVIP_SHIFT;
}

static void vsip_write(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned long val)
{
	if (hs->hideleg & VSSIP)
		hip_write(cfg, hs, val << VSIP_TO_HVIP_SHIFT);
}

static unsigned long vsie_read(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs,
			       u64 time)
{
	return rvhv_hs_vsie(hs);
}

static void vsie_write(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned long val)
{
	rvhv_hs_set_vsie(hs, val);
}

static unsigned long vsstatus_legal(const struct rvhv_hs_cfg *cfg, unsigned long val)
{
	val = (val & cfg->vsstatus) | SR_UXL_64;
	if ((val & SR_FS) == SR_FS_DIRTY || (val & SR_VS) == SR_VS_DIRTY)
		val |= SR_SD;
	return val;
}

/* A value saved from the hart may have more bits than the L1's, and SD may be stale in it. */
static unsigned long vsstatus_read(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs,
				   u64 time)
{
	return vsstatus_legal(cfg, hs->vs.vsstatus);
}

static void vsstatus_write(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs,
			   unsigned long val)
{
	hs->vs.vsstatus = vsstatus_legal(cfg, val);
}

static void vsatp_write(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned long val)
{
	if (mode_is_legal(val, cfg->vs_levels))
		hs->vs.vsatp = val;
}

/* Unlike with vsatp, a write with an unsupported MODE changes the other fields. */
static void hgatp_write(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned long val)
{
	val &= HGATP_MODE | (~(~0UL << cfg->vmid_bits) << HGATP_VMID_SHIFT) | HGATP_PPN;
	if ((val ^ hs->hgatp) & HGATP_MODE && !mode_is_legal(val, cfg->gstage_levels))
		val = (hs->hgatp & HGATP_MODE) | (val & ~HGATP_MODE);
	hs->hgatp = val;
}

static void henvcfg_write(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs,
			  unsigned long val)
{
	if ((val & ENVCFG_CBIE) == CBIE_RESERVED)
		val = (hs->henvcfg & ENVCFG_CBIE) | (val & ~ENVCFG_CBIE);
	hs->henvcfg = val;
}

/* ---- the table, and its index ---- */

#define FIELD(_member)	.offset = offsetof(struct rvhv_hs_state, _member)
#define VIEW		.offset = -1

const struct rvhv_hs_csr rvhv_hs_csrs[RVHV_HS_NR_CSRS] = {
#define CSR_ROW(_name, _csr, ...) \
	[RVHV_HS_CSR_##_name] = { .name = #_name, .csr = (_csr), __VA_ARGS__ },
#include "csr_rows.h"
#undef CSR_ROW
};

const u8 rvhv_hs_csr_by_key[RVHV_HS_CSR_KEYS] = {
#define CSR_ROW(_name, _csr, ...) \
	[RVHV_HS_CSR_KEY(_csr)] = RVHV_HS_CSR_##_name,
#include "csr_rows.h"
#undef CSR_ROW
};

/* Never called: two rows with one key are a duplicate case, which no compiler accepts. */
static void __maybe_unused assert_keys_differ(unsigned int key)
{
	switch (key) {
#define CSR_ROW(_name, _csr, ...) \
	case RVHV_HS_CSR_KEY(_csr):
#include "csr_rows.h"
#undef CSR_ROW
		break;
	}
}

/* Every field is read and written as an unsigned long. A row is found by a shift. */
static_assert(sizeof_field(struct rvhv_hs_state, htimedelta) == sizeof(unsigned long));
static_assert(sizeof(struct rvhv_hs_csr) == 64);

static unsigned long *field_of(const struct rvhv_hs_csr *row, struct rvhv_hs_state *hs)
{
	return (unsigned long *)((char *)hs + row->offset);
}

/* Delegation, interrupts and translation are off. The specification leaves most fields open. */
void rvhv_hs_reset(struct rvhv_hs_state *hs)
{
	unsigned int i;

	*hs = (struct rvhv_hs_state){};
	for (i = 0; i < RVHV_HS_NR_CSRS; i++)
		if (rvhv_hs_csrs[i].offset >= 0)
			*field_of(&rvhv_hs_csrs[i], hs) = rvhv_hs_csrs[i].reset;
}

/* Change the state of another hart to one that the hart of @cfg can have. */
void rvhv_hs_legalise(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs)
{
	struct rvhv_hs_state old = *hs;
	unsigned int i;

	rvhv_hs_reset(hs);
	for (i = 0; i < RVHV_HS_NR_CSRS; i++) {
		const struct rvhv_hs_csr *row = &rvhv_hs_csrs[i];

		if (row->offset >= 0)
			rvhv_hs_csr_restore(cfg, hs, row->csr, *field_of(row, &old));
	}
}

/* ---- by number ---- */

/* An L1's supervisor CSRs are the hart's VS CSRs. */
static const u16 supervisor_csrs[] = {
	CSR_SSTATUS, CSR_SIE, CSR_STVEC, CSR_SCOUNTEREN, CSR_SENVCFG, CSR_SSCRATCH, CSR_SEPC,
	CSR_SCAUSE, CSR_STVAL, CSR_SIP, CSR_SATP,
};

/* Whether the L1's hart has a CSR. Returns true for any user-level or machine-level number. */
bool rvhv_hs_csr_of_l1(const struct rvhv_hs_cfg *cfg, unsigned int csr)
{
	unsigned int level = csr >> 8 & 3, i;

	if (level != 1 && level != 2)
		return true;
	if (csr == CSR_STIMECMP)
		return cfg->sstc;
	if (csr >= CSR_SSTATEEN0 && csr < CSR_SSTATEEN0 + 4)
		return cfg->smstateen;
	for (i = 0; i < ARRAY_SIZE(supervisor_csrs); i++)
		if (csr == supervisor_csrs[i])
			return true;
	return rvhv_hs_csr_find(cfg, csr);
}

bool rvhv_hs_csr_exists(const struct rvhv_hs_cfg *cfg, unsigned int csr)
{
	return rvhv_hs_csr_find(cfg, csr);
}

/* Read a CSR as the L1's HS mode does. Returns -ENOENT if the hart has no such CSR. */
int rvhv_hs_csr_read(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs,
		     unsigned int csr, u64 time, unsigned long *val)
{
	const struct rvhv_hs_csr *row = rvhv_hs_csr_find(cfg, csr);

	if (!row)
		return -ENOENT;
	*val = rvhv_hs_csr_get(row, cfg, hs, time);
	return 0;
}

/*
 * Write a CSR as the L1's HS mode does; @wmask as for rvhv_hs_csr_put(). Returns -ENOENT if the
 * hart has no such CSR, -EACCES if it is read-only.
 */
int rvhv_hs_csr_write(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned int csr,
		      unsigned long val, unsigned long wmask)
{
	const struct rvhv_hs_csr *row = rvhv_hs_csr_find(cfg, csr);

	if (!row)
		return -ENOENT;
	if (rvhv_hs_csr_read_only(row))
		return -EACCES;
	rvhv_hs_csr_put(row, cfg, hs, rvhv_hs_csr_get(row, cfg, hs, 0), val, wmask);
	return 0;
}

/*
 * Write any value to a CSR of a saved state: like a write by the L1, except that views of other
 * CSRs are not written, so that the order of the CSRs does not matter. Returns -ENOENT if the hart
 * has no such CSR.
 */
int rvhv_hs_csr_restore(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned int csr,
			unsigned long val)
{
	const struct rvhv_hs_csr *row = rvhv_hs_csr_find(cfg, csr);

	if (!row)
		return -ENOENT;
	return row->offset < 0 ? 0 : rvhv_hs_csr_write(cfg, hs, csr, val, ~0UL);
}
