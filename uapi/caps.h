/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_CAPS_H
#define _RVHV_CAPS_H

#include <linux/types.h>

struct rvhv_vm;

/**
 * struct rvhv_cap - one capability
 * @nr: KVM_CAP_*
 * @value: answer of KVM_CHECK_EXTENSION
 * @get: returns the answer; NULL for @value
 * @enable: KVM_ENABLE_CAP: 0 or a negative errno; NULL if the capability cannot be enabled
 */
struct rvhv_cap {
	unsigned int nr;
	int value;
	int (*get)(void);
	int (*enable)(struct rvhv_vm *vm, const u64 *args);
};

extern const struct rvhv_cap rvhv_caps[];
extern const unsigned int rvhv_nr_caps;

#endif /* _RVHV_CAPS_H */
