/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_ONEREG_CLASSES_H
#define _RVHV_ONEREG_CLASSES_H

#include "onereg.h"

/* onereg_core.c */
extern const struct rvhv_reg_class rvhv_regs_config;
extern const struct rvhv_reg_class rvhv_regs_core;
extern const struct rvhv_reg_class rvhv_regs_csr;
extern const struct rvhv_reg_class rvhv_regs_csr_smstateen;
extern const struct rvhv_reg_class rvhv_regs_timer;

/* onereg_fp.c */
extern const struct rvhv_reg_class rvhv_regs_fp_f;
extern const struct rvhv_reg_class rvhv_regs_fp_d;
extern const struct rvhv_reg_class rvhv_regs_vector;

/* onereg_isa.c */
extern const struct rvhv_reg_class rvhv_regs_isa;
extern const struct rvhv_reg_class rvhv_regs_isa_en;
extern const struct rvhv_reg_class rvhv_regs_isa_dis;

struct rvhv_vcpu;
int rvhv_isa_set_letters(struct rvhv_vcpu *vcpu, unsigned long letters);
unsigned long rvhv_isa_letters(const struct rvhv_vcpu *vcpu);

/* onereg_sbi.c */
extern const struct rvhv_reg_class rvhv_regs_sbi;
extern const struct rvhv_reg_class rvhv_regs_sbi_en;
extern const struct rvhv_reg_class rvhv_regs_sbi_dis;

/* onereg_hs.c */
extern const struct rvhv_reg_class rvhv_regs_hs;

#endif /* _RVHV_ONEREG_CLASSES_H */
