/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor and VS CSRs, one row each, sorted by number:
 *
 *	CSR_ROW(name, number, initialisers of struct rvhv_hs_csr)
 *
 * There is no include guard: each user defines CSR_ROW() for what it takes from a row, includes
 * this file and undefines CSR_ROW(). csr_table.c takes everything, programs in tools/ take the name
 * and the number. A row has FIELD(member of struct rvhv_hs_state), or VIEW if its @read and @write
 * use fields of other rows.
 */
CSR_ROW(vsstatus, CSR_VSSTATUS, FIELD(vs.vsstatus), .reset = SR_UXL_64, .mask_of = vsstatus_mask,
	.read = vsstatus_read, .write = vsstatus_write)
CSR_ROW(vsie, CSR_VSIE, VIEW, .mask_of = vsie_mask, .read = vsie_read, .write = vsie_write)
/* Modes 2 and 3 are reserved. */
CSR_ROW(vstvec, CSR_VSTVEC, FIELD(vs.vstvec), .mask = ~2UL)
CSR_ROW(vsscratch, CSR_VSSCRATCH, FIELD(vs.vsscratch), .mask = ~0UL)
CSR_ROW(vsepc, CSR_VSEPC, FIELD(vs.vsepc), .mask = ~1UL)
CSR_ROW(vscause, CSR_VSCAUSE, FIELD(vs.vscause), .mask = ~0UL)
CSR_ROW(vstval, CSR_VSTVAL, FIELD(vs.vstval), .mask = ~0UL)
CSR_ROW(vsip, CSR_VSIP, VIEW, .mask_of = vsip_mask, .read = vsip_read, .write = vsip_write)
CSR_ROW(vstimecmp, CSR_VSTIMECMP, FIELD(vstimecmp), .reset = ~0UL, .mask = ~0UL, .exists = has_sstc)
CSR_ROW(vsatp, CSR_VSATP, FIELD(vs.vsatp), .mask = ~0UL, .write = vsatp_write)
CSR_ROW(hstatus, CSR_HSTATUS, FIELD(hstatus), .reset = HSTATUS_VSXL_64, .mask = HSTATUS_WRITABLE,
	.reroutes_traps = true)
CSR_ROW(hedeleg, CSR_HEDELEG, FIELD(hedeleg), .mask_of = hedeleg_mask)
CSR_ROW(hideleg, CSR_HIDELEG, FIELD(hideleg), .mask = RVHV_VS_IRQS)
/* SGEIE is writable although GEILEN is 0 and its interrupt never pending. */
CSR_ROW(hie, CSR_HIE, FIELD(hie), .mask = RVHV_VS_IRQS | BIT(IRQ_S_GEXT))
CSR_ROW(htimedelta, CSR_HTIMEDELTA, FIELD(htimedelta), .mask = ~0UL)
CSR_ROW(hcounteren, CSR_HCOUNTEREN, FIELD(hcounteren), .mask_of = hcounteren_mask)
CSR_ROW(hgeie, CSR_HGEIE, VIEW, .read = read_zero)
CSR_ROW(henvcfg, CSR_HENVCFG, FIELD(henvcfg), .mask_of = henvcfg_mask, .write = henvcfg_write)
CSR_ROW(hstateen0, CSR_HSTATEEN0, FIELD(hstateen[0]), .mask_of = hstateen0_mask,
	.exists = has_smstateen)
CSR_ROW(hstateen1, CSR_HSTATEEN0 + 1, FIELD(hstateen[1]), .exists = has_smstateen)
CSR_ROW(hstateen2, CSR_HSTATEEN0 + 2, FIELD(hstateen[2]), .exists = has_smstateen)
CSR_ROW(hstateen3, CSR_HSTATEEN0 + 3, FIELD(hstateen[3]), .exists = has_smstateen)
CSR_ROW(htval, CSR_HTVAL, FIELD(htval), .mask = ~0UL, .reroutes_traps = true)
CSR_ROW(hip, CSR_HIP, VIEW, .mask = VSSIP, .read = rvhv_hs_hip, .write = hip_write)
CSR_ROW(hvip, CSR_HVIP, FIELD(hvip), .mask = RVHV_VS_IRQS)
CSR_ROW(htinst, CSR_HTINST, FIELD(htinst), .mask = ~0UL, .reroutes_traps = true)
CSR_ROW(hgatp, CSR_HGATP, FIELD(hgatp), .mask = HGATP_WRITABLE, .write = hgatp_write)
CSR_ROW(hgeip, CSR_HGEIP, VIEW, .read = read_zero)
