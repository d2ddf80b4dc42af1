/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor and VS CSRs, one row each, sorted by number:
 *
 *	HS_CSR(name, number, initialisers of struct rvhv_hs_csr)
 *
 * There is no include guard: each user defines HS_CSR() for what it takes from a row, includes this
 * file and undefines HS_CSR(). csr_table.c takes everything, programs in tools/ the name and the
 * number. Every row begins with FIELD(member of struct rvhv_hs_state), or with VIEW if @read and
 * @write work on other rows' fields.
 */
HS_CSR(vsstatus, CSR_VSSTATUS, FIELD(vs.vsstatus), .reset = SR_UXL_64, .mask_of = vsstatus_mask,
       .read = vsstatus_read, .write = vsstatus_write)
HS_CSR(vsie, CSR_VSIE, VIEW, .mask_of = vsie_mask, .read = vsie_read, .write = vsie_write)
/* Modes 2 and 3 are reserved. */
HS_CSR(vstvec, CSR_VSTVEC, FIELD(vs.vstvec), .mask = ~2UL)
HS_CSR(vsscratch, CSR_VSSCRATCH, FIELD(vs.vsscratch), .mask = ~0UL)
HS_CSR(vsepc, CSR_VSEPC, FIELD(vs.vsepc), .mask = ~1UL)
HS_CSR(vscause, CSR_VSCAUSE, FIELD(vs.vscause), .mask = ~0UL)
HS_CSR(vstval, CSR_VSTVAL, FIELD(vs.vstval), .mask = ~0UL)
HS_CSR(vsip, CSR_VSIP, VIEW, .mask_of = vsip_mask, .read = vsip_read, .write = vsip_write)
HS_CSR(vstimecmp, CSR_VSTIMECMP, FIELD(vstimecmp), .reset = ~0UL, .mask = ~0UL, .exists = has_sstc)
HS_CSR(vsatp, CSR_VSATP, FIELD(vs.vsatp), .mask = ~0UL, .write = vsatp_write)
HS_CSR(hstatus, CSR_HSTATUS, FIELD(hstatus), .reset = HSTATUS_VSXL_64, .mask = HSTATUS_WRITABLE,
       .reroutes_traps = true)
HS_CSR(hedeleg, CSR_HEDELEG, FIELD(hedeleg), .mask_of = hedeleg_mask)
HS_CSR(hideleg, CSR_HIDELEG, FIELD(hideleg), .mask = RVHV_VS_IRQS)
/* SGEIE is writable although GEILEN is 0 and its interrupt never pending. */
HS_CSR(hie, CSR_HIE, FIELD(hie), .mask = RVHV_VS_IRQS | BIT(IRQ_S_GEXT))
HS_CSR(htimedelta, CSR_HTIMEDELTA, FIELD(htimedelta), .mask = ~0UL)
HS_CSR(hcounteren, CSR_HCOUNTEREN, FIELD(hcounteren), .mask_of = hcounteren_mask)
HS_CSR(hgeie, CSR_HGEIE, VIEW, .read = read_zero)
HS_CSR(henvcfg, CSR_HENVCFG, FIELD(henvcfg), .mask_of = henvcfg_mask, .write = henvcfg_write)
HS_CSR(hstateen0, CSR_HSTATEEN0, FIELD(hstateen[0]), .mask_of = hstateen0_mask,
       .exists = has_smstateen)
HS_CSR(hstateen1, CSR_HSTATEEN0 + 1, FIELD(hstateen[1]), .exists = has_smstateen)
HS_CSR(hstateen2, CSR_HSTATEEN0 + 2, FIELD(hstateen[2]), .exists = has_smstateen)
HS_CSR(hstateen3, CSR_HSTATEEN0 + 3, FIELD(hstateen[3]), .exists = has_smstateen)
HS_CSR(htval, CSR_HTVAL, FIELD(htval), .mask = ~0UL, .reroutes_traps = true)
HS_CSR(hip, CSR_HIP, VIEW, .mask = VSSIP, .read = rvhv_hs_hip, .write = hip_write)
HS_CSR(hvip, CSR_HVIP, FIELD(hvip), .mask = RVHV_VS_IRQS)
HS_CSR(htinst, CSR_HTINST, FIELD(htinst), .mask = ~0UL, .reroutes_traps = true)
HS_CSR(hgatp, CSR_HGATP, FIELD(hgatp), .mask = HGATP_WRITABLE, .write = hgatp_write)
HS_CSR(hgeip, CSR_HGEIP, VIEW, .read = read_zero)
