// SPDX-License-Identifier: GPL-2.0-only
/* The CSRs of csrs.h: names, values at one moment, values between cases. */
#include "difftest.h"

/* M mode may deny access to hstateen1 to hstateen3. */
#define SKIPPED(number)		((number) > CSR_HSTATEEN0 && (number) <= CSR_HSTATEEN3)
#define READ_ONLY(number)	((number) >> 10 == 3)

const struct csr csrs[NR_CSRS] = {
#define CSR(name, number)	{ SKIPPED(number) ? NULL : #name, number },
#include "csrs.h"
};

void snapshot(ulong *values)
{
#define CSR(name, number)	{ *values++ = SKIPPED(number) ? 0 : csr_read(number); }
#include "csrs.h"
}

static inline ulong between_cases(ulong number)
{
	switch (number) {
	case CSR_VSSTATUS:
		return SR_UXL_64;
	case CSR_HSTATEEN0:
	case CSR_VSTIMECMP:
	case CSR_STIMECMP:
		return ~0UL;
	}
	return 0;
}

void reset_csrs(void)
{
#define CSR(name, number)							\
	{									\
		if (!SKIPPED(number) && !READ_ONLY(number))			\
			csr_write(number, between_cases(number));		\
	}
#include "csrs.h"
}
