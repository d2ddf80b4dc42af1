// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypervisor and VS CSRs of a guest that is a hypervisor: a row for each, and the one way to
 * read and write them. The hart has no guest external interrupts: GEILEN is 0.
 */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/stddef.h>

#include "../../include/rvhv_arch.h"
#include "hs.h"

#define VSSIP		BIT(IRQ_VS_SOFT)
#define VSTIP		BIT(IRQ_VS_TIMER)
#define VSEIP		BIT(IRQ_VS_EXT)
#define VS_IRQS		(VSSIP | VSTIP | VSEIP)

/* The encoding of CBIE that is reserved */
#define CBIE_RESERVED	(2UL << ENVCFG_CBIE_SHIFT)

#define HSTATUS_WRITABLE \
	(HSTATUS_VTSR | HSTATUS_VTW | HSTATUS_VTVM | HSTATUS_HU | HSTATUS_SPVP | HSTATUS_SPV | \
	 HSTATUS_GVA)

/* Every mode has a root table of 16 KiB: the two lowest bits of PPN cannot be set. */
#define HGATP_WRITABLE	(~0UL << HGATP_MODE_SHIFT | HGATP_VMID | (HGATP_PPN & ~3UL))

/* Modes of hgatp and vsatp have the same encoding. */
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

/* ---- CSRs that are more than a field ---- */

static unsigned long read_zero(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs,
			       u64 time)
{
	return 0;
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
	return (hs->hie & hs->hideleg) >> VSIP_TO_HVIP_SHIFT;
}

static void vsie_write(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned long val)
{
	hs->hie = (hs->hie & ~hs->hideleg) | (val << VSIP_TO_HVIP_SHIFT & hs->hideleg);
}

static unsigned long vsstatus_legal(const struct rvhv_hs_cfg *cfg, unsigned long val)
{
	val = (val & cfg->vsstatus) | SR_UXL_64;
	if ((val & SR_FS) == SR_FS_DIRTY || (val & SR_VS) == SR_VS_DIRTY)
		val |= SR_SD;
	return val;
}

/* The field may come from a hart that does not keep SD as a summary, or has more bits. */
static unsigned long vsstatus_read(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs,
				   u64 time)
{
	return vsstatus_legal(cfg, hs->vsstatus);
}

static void vsstatus_write(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs,
			   unsigned long val)
{
	hs->vsstatus = vsstatus_legal(cfg, val);
}

static void vsatp_write(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned long val)
{
	if (mode_is_legal(val, cfg->vs_levels))
		hs->vsatp = val;
}

/* Unlike vsatp, an unsupported mode does not keep the other fields from being written. */
static void hgatp_write(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned long val)
{
	unsigned long mode = ~0UL << HGATP_MODE_SHIFT;

	val &= mode | (~(~0UL << cfg->vmid_bits) << HGATP_VMID_SHIFT) | HGATP_PPN;
	if ((val ^ hs->hgatp) & mode && !mode_is_legal(val, cfg->gstage_levels))
		val = (hs->hgatp & mode) | (val & ~mode);
	hs->hgatp = val;
}

static void henvcfg_write(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs,
			  unsigned long val)
{
	if ((val & ENVCFG_CBIE) == CBIE_RESERVED)
		val = (hs->henvcfg & ENVCFG_CBIE) | (val & ~ENVCFG_CBIE);
	hs->henvcfg = val;
}

/* ---- the table ---- */

#define NO_FIELD(_csr, _name)	.csr = (_csr), .name = #_name, .offset = -1
#define FIELD_OF(_csr, _name, _field) \
	.csr = (_csr), .name = #_name, .offset = offsetof(struct rvhv_hs_state, _field)
#define FIELD(_csr, _name)	FIELD_OF(_csr, _name, _name)
#define EFFECT(_effect)		.effects = RVHV_HS_EFFECT_##_effect

const struct rvhv_hs_csr rvhv_hs_csrs[] = {
	{ FIELD(CSR_VSSTATUS, vsstatus), .mask_of = vsstatus_mask, .read = vsstatus_read,
	  .write = vsstatus_write },
	{ NO_FIELD(CSR_VSIE, vsie), EFFECT(IRQ), .mask_of = vsie_mask, .read = vsie_read,
	  .write = vsie_write },
	/* Modes 2 and 3 are reserved. */
	{ FIELD(CSR_VSTVEC, vstvec), .mask = ~2UL },
	{ FIELD(CSR_VSSCRATCH, vsscratch), .mask = ~0UL },
	{ FIELD(CSR_VSEPC, vsepc), .mask = ~1UL },
	{ FIELD(CSR_VSCAUSE, vscause), .mask = ~0UL },
	{ FIELD(CSR_VSTVAL, vstval), .mask = ~0UL },
	{ NO_FIELD(CSR_VSIP, vsip), EFFECT(IRQ), .mask_of = vsip_mask, .read = vsip_read,
	  .write = vsip_write },
	{ FIELD(CSR_VSTIMECMP, vstimecmp), EFFECT(IRQ), .mask = ~0UL, .exists = has_sstc },
	{ FIELD(CSR_VSATP, vsatp), .mask = ~0UL, .write = vsatp_write },
	{ FIELD(CSR_HSTATUS, hstatus), EFFECT(HSTATUS), .mask = HSTATUS_WRITABLE },
	{ FIELD(CSR_HEDELEG, hedeleg), .mask_of = hedeleg_mask },
	{ FIELD(CSR_HIDELEG, hideleg), EFFECT(IRQ), .mask = VS_IRQS },
	/*
	 * SGEIE is writable though its interrupt never comes: the specification asks for zeros only
	 * in bits that cannot be written.
	 */
	{ FIELD(CSR_HIE, hie), EFFECT(IRQ), .mask = VS_IRQS | BIT(IRQ_S_GEXT) },
	{ FIELD(CSR_HTIMEDELTA, htimedelta), EFFECT(IRQ), .mask = ~0UL },
	{ FIELD(CSR_HCOUNTEREN, hcounteren), .mask_of = hcounteren_mask },
	{ NO_FIELD(CSR_HGEIE, hgeie), .read = read_zero },
	{ FIELD(CSR_HENVCFG, henvcfg), EFFECT(IRQ), .mask_of = henvcfg_mask,
	  .write = henvcfg_write },
	{ FIELD_OF(CSR_HSTATEEN0, hstateen0, hstateen[0]), .mask_of = hstateen0_mask,
	  .exists = has_smstateen },
	{ FIELD_OF(CSR_HSTATEEN0 + 1, hstateen1, hstateen[1]), .exists = has_smstateen },
	{ FIELD_OF(CSR_HSTATEEN0 + 2, hstateen2, hstateen[2]), .exists = has_smstateen },
	{ FIELD_OF(CSR_HSTATEEN0 + 3, hstateen3, hstateen[3]), .exists = has_smstateen },
	{ FIELD(CSR_HTVAL, htval), EFFECT(HSTATUS), .mask = ~0UL },
	{ NO_FIELD(CSR_HIP, hip), EFFECT(IRQ), .mask = VSSIP, .read = rvhv_hs_hip,
	  .write = hip_write },
	{ FIELD(CSR_HVIP, hvip), EFFECT(IRQ), .mask = VS_IRQS },
	{ FIELD(CSR_HTINST, htinst), EFFECT(HSTATUS), .mask = ~0UL },
	{ FIELD(CSR_HGATP, hgatp), EFFECT(HGATP), .mask = HGATP_WRITABLE, .write = hgatp_write },
	{ NO_FIELD(CSR_HGEIP, hgeip), .read = read_zero },
};

const unsigned int rvhv_hs_nr_csrs = ARRAY_SIZE(rvhv_hs_csrs);

/* ---- reading and writing ---- */

/* What is not listed leads to a row that does not fit. */
#define KEY(_csr)	RVHV_HS_CSR_KEY(_csr)

const u8 rvhv_hs_csr_by_key[RVHV_HS_CSR_KEYS] = {
	[KEY(CSR_VSSTATUS)] = 0, [KEY(CSR_VSIE)] = 1, [KEY(CSR_VSTVEC)] = 2,
	[KEY(CSR_VSSCRATCH)] = 3, [KEY(CSR_VSEPC)] = 4, [KEY(CSR_VSCAUSE)] = 5,
	[KEY(CSR_VSTVAL)] = 6, [KEY(CSR_VSIP)] = 7, [KEY(CSR_VSTIMECMP)] = 8,
	[KEY(CSR_VSATP)] = 9, [KEY(CSR_HSTATUS)] = 10, [KEY(CSR_HEDELEG)] = 11,
	[KEY(CSR_HIDELEG)] = 12, [KEY(CSR_HIE)] = 13, [KEY(CSR_HTIMEDELTA)] = 14,
	[KEY(CSR_HCOUNTEREN)] = 15, [KEY(CSR_HGEIE)] = 16, [KEY(CSR_HENVCFG)] = 17,
	[KEY(CSR_HSTATEEN0)] = 18, [KEY(CSR_HSTATEEN0 + 1)] = 19,
	[KEY(CSR_HSTATEEN0 + 2)] = 20, [KEY(CSR_HSTATEEN0 + 3)] = 21, [KEY(CSR_HTVAL)] = 22,
	[KEY(CSR_HIP)] = 23, [KEY(CSR_HVIP)] = 24, [KEY(CSR_HTINST)] = 25,
	[KEY(CSR_HGATP)] = 26, [KEY(CSR_HGEIP)] = 27,
};

/* Supervisor CSRs of an L1, which are the hart's own */
static const u16 supervisor_csrs[] = {
	CSR_SSTATUS, CSR_SIE, CSR_STVEC, CSR_SCOUNTEREN, CSR_SENVCFG, CSR_SSCRATCH, CSR_SEPC,
	CSR_SCAUSE, CSR_STVAL, CSR_SIP, CSR_SATP,
};

/**
 * rvhv_hs_csr_of_l1 - has the L1's hart a CSR, of any level?
 * @cfg: the hart
 * @csr: number
 *
 * Context: any.
 * Return: false for one of supervisor or hypervisor level that it has not; of others nothing is
 * known here, which is true.
 */
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

/**
 * rvhv_hs_csr_read - read a CSR as the L1's HS mode does
 * @cfg: the L1's hart
 * @hs: its state
 * @csr: number
 * @time: the time CSR of the L1
 * @val: where the value goes
 *
 * Context: any; the caller owns @hs.
 * Return: 0, or -ENOENT: the hart has no such CSR.
 */
int rvhv_hs_csr_read(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs,
		     unsigned int csr, u64 time, unsigned long *val)
{
	const struct rvhv_hs_csr *row = rvhv_hs_csr_find(cfg, csr);

	if (!row)
		return -ENOENT;
	*val = rvhv_hs_csr_get(row, cfg, hs, time);
	return 0;
}

/**
 * rvhv_hs_csr_write - write a CSR, by number
 * @cfg: the L1's hart
 * @hs: its state
 * @csr: number
 * @val: new bits
 * @wmask: which bits to write, as for rvhv_hs_csr_put()
 *
 * Context: any; the caller owns @hs.
 * Return: as rvhv_hs_csr_put(), or -ENOENT: the hart has no such CSR.
 */
int rvhv_hs_csr_write(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned int csr,
		      unsigned long val, unsigned long wmask)
{
	const struct rvhv_hs_csr *row = rvhv_hs_csr_find(cfg, csr);

	BUILD_BUG_ON(sizeof(hs->htimedelta) != sizeof(unsigned long));
	if (!row)
		return -ENOENT;
	return rvhv_hs_csr_put(row, cfg, hs, rvhv_hs_csr_get(row, cfg, hs, 0), val, wmask);
}

/**
 * rvhv_hs_hip - the CSR hip
 * @cfg: the L1's hart
 * @hs: its state
 * @time: the time CSR of the L1
 *
 * Context: any; the caller owns @hs.
 * Return: the pending VS-level interrupts, as the L1 reads them.
 */
unsigned long rvhv_hs_hip(const struct rvhv_hs_cfg *cfg, const struct rvhv_hs_state *hs, u64 time)
{
	unsigned long hip = hs->hvip;

	if (cfg->sstc && (hs->henvcfg & ENVCFG_STCE) && time + hs->htimedelta >= hs->vstimecmp)
		hip |= VSTIP;
	return hip;
}

/**
 * rvhv_hs_reset - the state of a hart out of reset
 * @hs: the state
 *
 * The specification leaves most of it open: delegation, interrupts and translation are off, and no
 * timer is set.
 *
 * Context: any; the caller owns @hs.
 */
void rvhv_hs_reset(struct rvhv_hs_state *hs)
{
	*hs = (struct rvhv_hs_state) {
		.hstatus = 2UL << HSTATUS_VSXL_SHIFT,
		.vsstatus = SR_UXL_64,
		.vstimecmp = -1ULL,
	};
}

/**
 * rvhv_hs_csr_exists - whether a hart has a CSR
 * @cfg: the L1's hart
 * @csr: number
 *
 * Context: any.
 * Return: true if it does.
 */
bool rvhv_hs_csr_exists(const struct rvhv_hs_cfg *cfg, unsigned int csr)
{
	return rvhv_hs_csr_find(cfg, csr);
}

/**
 * rvhv_hs_csr_restore - write a CSR as who restores a saved state does
 * @cfg: the L1's hart
 * @hs: its state
 * @csr: number
 * @val: what rvhv_hs_csr_read() gave, or anything
 *
 * As a write by the L1, but what is a view of other CSRs is left to those: the order of writes does
 * not matter.
 *
 * Context: any; the caller owns @hs.
 * Return: 0, or -ENOENT: the hart has no such CSR.
 */
int rvhv_hs_csr_restore(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs, unsigned int csr,
			unsigned long val)
{
	const struct rvhv_hs_csr *row = rvhv_hs_csr_find(cfg, csr);

	if (!row)
		return -ENOENT;
	if (row->offset >= 0)
		rvhv_hs_csr_write(cfg, hs, csr, val, ~0UL);
	return 0;
}

/**
 * rvhv_hs_legalise - make a state one that the hart can have
 * @cfg: the L1's hart
 * @hs: the state, of another hart
 *
 * Context: any; the caller owns @hs.
 */
void rvhv_hs_legalise(const struct rvhv_hs_cfg *cfg, struct rvhv_hs_state *hs)
{
	const struct rvhv_hs_state old = *hs;
	unsigned int i;

	rvhv_hs_reset(hs);
	for (i = 0; i < rvhv_hs_nr_csrs; i++) {
		const struct rvhv_hs_csr *row = &rvhv_hs_csrs[i];

		if (row->offset >= 0)
			rvhv_hs_csr_restore(cfg, hs, row->csr,
					    *(const unsigned long *)((const char *)&old +
								     row->offset));
	}
}
