/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hgatp, vsatp and henvcfg.PBMTE say together how the hart translates for VS mode. Nothing but
 * rvhv_atp_write() writes these CSRs, except that the HLV routines (access_asm.S) clear vsatp for
 * an access and put it back.
 */
#ifndef _RVHV_ATP_H
#define _RVHV_ATP_H

#include <linux/bits.h>

#include <asm/csr.h>

struct rvhv_atp {
	unsigned long hgatp;
	unsigned long vsatp;
	unsigned long henvcfg;
};

#define RVHV_ATP_HGATP		BIT(0)
#define RVHV_ATP_VSATP		BIT(1)
#define RVHV_ATP_HENVCFG	BIT(2)
#define RVHV_ATP_ALL		(RVHV_ATP_HGATP | RVHV_ATP_VSATP | RVHV_ATP_HENVCFG)

/* Writes what @which names, a constant; preemption off. */
static __always_inline void rvhv_atp_write(const struct rvhv_atp *atp, unsigned int which)
{
	if (which & RVHV_ATP_VSATP)
		csr_write(CSR_VSATP, atp->vsatp);
	if (which & RVHV_ATP_HENVCFG)
		csr_write(CSR_HENVCFG, atp->henvcfg);
	if (which & RVHV_ATP_HGATP)
		csr_write(CSR_HGATP, atp->hgatp);
}

static __always_inline void rvhv_atp_write_hgatp(unsigned long hgatp)
{
	const struct rvhv_atp atp = { .hgatp = hgatp };

	rvhv_atp_write(&atp, RVHV_ATP_HGATP);
}

#endif /* _RVHV_ATP_H */
