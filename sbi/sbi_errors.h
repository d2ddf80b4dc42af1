/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Errors of SBI 3.0 ("Binary Encoding") that asm/sbi.h of older kernels lacks. The kernel's name
 * for SBI_ERR_FAILED is SBI_ERR_FAILURE.
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
