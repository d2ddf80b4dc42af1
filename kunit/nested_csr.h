/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites of the L1's CSRs share: two harts, and access that cannot fail.
 */
#ifndef _RVHV_KUNIT_NESTED_CSR_H
#define _RVHV_KUNIT_NESTED_CSR_H

#include <kunit/test.h>

#include "../include/rvhv_arch.h"
#include "../vcpu/nested/csr_table.h"

#define ALL		(~0UL)

#define VSSIP		BIT(IRQ_VS_SOFT)
#define VSTIP		BIT(IRQ_VS_TIMER)
#define VSEIP		BIT(IRQ_VS_EXT)
#define VSIPS		(VSSIP | VSTIP | VSEIP)
#define SGEIE		BIT(IRQ_S_GEXT)

#define ADUE		BIT(61)
#define CBIE(val)	((unsigned long)(val) << ENVCFG_CBIE_SHIFT)
#define CBIE_RESERVED	2

#define MODE(mode)	((unsigned long)(mode) << HGATP_MODE_SHIFT)
#define VMID(vmid)	((unsigned long)(vmid) << HGATP_VMID_SHIFT)
#define ASID(asid)	((unsigned long)(asid) << SATP_ASID_SHIFT)

#define MXR		BIT(19)
#define VSSTATUS_SMALL	(SR_SIE | SR_SPIE | SR_SPP | SR_SUM | MXR)

/* BIG has every extension, SMALL as little as the specification allows. */
enum { BIG, SMALL, NR_HARTS };

extern const struct rvhv_hs_cfg nested_harts[NR_HARTS];

static inline unsigned long get_csr_at(struct kunit *test, const struct rvhv_hs_cfg *cfg,
				       const struct rvhv_hs_state *hs, unsigned int csr, u64 time)
{
	unsigned long val = 0;

	KUNIT_ASSERT_EQ_MSG(test, rvhv_hs_csr_read(cfg, hs, csr, time, &val), 0, "CSR %x", csr);
	return val;
}

static inline unsigned long get_csr(struct kunit *test, const struct rvhv_hs_cfg *cfg,
				    const struct rvhv_hs_state *hs, unsigned int csr)
{
	return get_csr_at(test, cfg, hs, csr, 0);
}

static inline void set_csr(struct kunit *test, const struct rvhv_hs_cfg *cfg,
			   struct rvhv_hs_state *hs, unsigned int csr, unsigned long val)
{
	KUNIT_ASSERT_EQ_MSG(test, rvhv_hs_csr_write(cfg, hs, csr, val, ALL), 0, "CSR %x", csr);
}

#endif /* _RVHV_KUNIT_NESTED_CSR_H */
