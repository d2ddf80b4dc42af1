// SPDX-License-Identifier: GPL-2.0-only
/*
 * ONE_REG: the register classes, in the order of LIST.
 */
#include <linux/kernel.h>

#include "onereg_classes.h"

static const struct rvhv_reg_class *const classes[] = {
	&rvhv_regs_config,
	&rvhv_regs_core,
	&rvhv_regs_csr,
	&rvhv_regs_csr_smstateen,
	&rvhv_regs_timer,
	&rvhv_regs_fp_f,
	&rvhv_regs_fp_d,
	&rvhv_regs_vector,
	&rvhv_regs_isa,
	&rvhv_regs_isa_en,
	&rvhv_regs_isa_dis,
	&rvhv_regs_sbi,
	&rvhv_regs_sbi_en,
	&rvhv_regs_sbi_dis,
	/* After the ISA extensions: a VMM that writes all registers in order must enable H first */
	&rvhv_regs_hs,
};

const struct rvhv_reg_set rvhv_regs = {
	.classes = classes,
	.nr = ARRAY_SIZE(classes),
};
