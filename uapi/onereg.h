/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ONE_REG: a table of register classes.
 */
#ifndef _RVHV_ONEREG_H
#define _RVHV_ONEREG_H

#include <linux/types.h>

/**
 * struct rvhv_reg_class - registers of one type and subtype, numbered from 0
 * @name: for tests
 * @type: KVM_REG_RISCV_* type and subtype
 * @nr: largest number + 1
 * @bytes: size of each register; 0 if @size returns it
 * @unlisted: LIST omits the class
 * @present: returns true if the vCPU has the class; NULL if it always has
 * @exists: returns true if it has register @num; NULL if it has all
 * @size: returns the size of register @num
 * @get: read a register into @val
 * @set: write a register from @val
 *
 * @get and @set are called for existing registers, with a number that is a safe index under
 * speculation; they return 0 or a negative errno. The caller holds the vCPU's mutex; the vCPU is
 * not loaded.
 */
struct rvhv_reg_class {
	const char *name;
	u64 type;
	unsigned int nr;
	unsigned int bytes;
	bool unlisted;
	bool (*present)(const void *vcpu);
	bool (*exists)(const void *vcpu, unsigned int num);
	unsigned int (*size)(const void *vcpu, unsigned int num);
	int (*get)(void *vcpu, unsigned int num, void *val);
	int (*set)(void *vcpu, unsigned int num, const void *val);
};

/* The classes, in the order of LIST */
struct rvhv_reg_set {
	const struct rvhv_reg_class *const *classes;
	unsigned int nr;
};

/* An existing register; @num is a safe index under speculation */
struct rvhv_reg {
	const struct rvhv_reg_class *class;
	unsigned int num;
	unsigned int bytes;
};

/* All registers of a vCPU */
extern const struct rvhv_reg_set rvhv_regs;

int rvhv_onereg_find(const struct rvhv_reg_set *set, const void *vcpu, u64 id,
		     struct rvhv_reg *reg);
unsigned int rvhv_onereg_list(const struct rvhv_reg_set *set, const void *vcpu, u64 *ids,
			      unsigned int room);
int rvhv_onereg_get(const struct rvhv_reg_set *set, void *vcpu, u64 id, void __user *user);
int rvhv_onereg_set(const struct rvhv_reg_set *set, void *vcpu, u64 id, void __user *user);

#endif /* _RVHV_ONEREG_H */
