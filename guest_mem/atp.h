/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hgatp and vsatp say together how the hart translates for VS mode. The hart may walk and cache at
 * any time, in HS mode too, what the pair in the two CSRs reaches. So the pair changes in the order
 * that the privileged specification advises: vsatp is zeroed, hgatp is written, the fences are
 * executed, the new vsatp is written. henvcfg.PBMTE changes while vsatp is zero.
 *
 * Nothing else writes these CSRs, except that the HLV routines (access_asm.S) zero vsatp for an
 * access and put it back.
 */
#ifndef _RVHV_ATP_H
#define _RVHV_ATP_H

#include <asm/csr.h>

/* Zeroes vsatp and returns its value; preemption off. */
static __always_inline unsigned long rvhv_atp_close(void)
{
	return csr_swap(CSR_VSATP, 0);
}

/* While vsatp is zero */
static __always_inline void rvhv_atp_write_hgatp(unsigned long hgatp)
{
	csr_write(CSR_HGATP, hgatp);
}

/* While vsatp is zero */
static __always_inline void rvhv_atp_write_henvcfg(unsigned long henvcfg)
{
	csr_write(CSR_HENVCFG, henvcfg);
}

/* The pair is complete, and this hart's stale translations of its VMID are dropped. */
static __always_inline void rvhv_atp_open(unsigned long vsatp)
{
	csr_write(CSR_VSATP, vsatp);
}

#endif /* _RVHV_ATP_H */
