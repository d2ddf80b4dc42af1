/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ONE_REG: one table of register classes, walked by GET, SET and LIST alike.
 */
#ifndef _RVHV_ONEREG_H
#define _RVHV_ONEREG_H

#include <linux/types.h>

/**
 * struct rvhv_reg_class - registers of one type and subtype, numbered from 0
 * @name: for messages and tests
 * @type: KVM_REG_RISCV_* type and subtype
 * @nr: one more than the largest number
 * @bytes: size of every register; 0 if @size tells
 * @unlisted: GET and SET know them, LIST does not
 * @present: does the vCPU have the class at all? NULL for always
 * @exists: does it have number @num? NULL for always
 * @size: bytes of number @num
 * @get: read a register into @val, which has room for its size
 * @set: write a register from @val
 *
 * @get and @set are called for existing registers only, with a number that is safe to index with
 * under speculation, and return 0 or a negative errno. The caller holds the vCPU's mutex, and the
 * vCPU is not loaded.
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

/**
 * struct rvhv_reg_set - all classes of a vCPU, in the order of the list
 * @classes: the classes
 * @nr: how many
 */
struct rvhv_reg_set {
	const struct rvhv_reg_class *const *classes;
	unsigned int nr;
};

/**
 * struct rvhv_reg - one register that exists
 * @class: its class
 * @num: its number
 * @bytes: its size
 */
struct rvhv_reg {
	const struct rvhv_reg_class *class;
	unsigned int num;
	unsigned int bytes;
};

/* Every register of a vCPU */
extern const struct rvhv_reg_set rvhv_regs;

int rvhv_onereg_find(const struct rvhv_reg_set *set, const void *vcpu, u64 id,
		     struct rvhv_reg *reg);
unsigned int rvhv_onereg_list(const struct rvhv_reg_set *set, const void *vcpu, u64 *ids,
			      unsigned int room);
int rvhv_onereg_get(const struct rvhv_reg_set *set, void *vcpu, u64 id, void __user *user);
int rvhv_onereg_set(const struct rvhv_reg_set *set, void *vcpu, u64 id, const void __user *user);

#endif /* _RVHV_ONEREG_H */
