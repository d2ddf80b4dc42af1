/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Error codes of SBI 3.0 that asm/sbi.h of older kernels lacks (SBI specification 3.0, "Binary
 * Encoding", table of standard errors). The kernel spells SBI_ERR_FAILED as SBI_ERR_FAILURE.
 */
#ifndef _RVHV_SBI_ERRORS_H
#define _RVHV_SBI_ERRORS_H

#include "../include/rvhv_arch.h"

#ifndef SBI_ERR_INVALID_STATE
#define SBI_ERR_INVALID_STATE	-10
#define SBI_ERR_BAD_RANGE	-11
#define SBI_ERR_TIMEOUT		-12
#define SBI_ERR_IO		-13
#define SBI_ERR_DENIED_LOCKED	-14
#endif

#endif /* _RVHV_SBI_ERRORS_H */
