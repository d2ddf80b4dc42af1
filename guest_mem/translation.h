/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_TRANSLATION_H
#define _RVHV_TRANSLATION_H

#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/types.h>

#include "gstage_pt.h"

/* rvhv_translation.vmid is (generation << RVHV_VMID_SHIFT) | VMID */
#define RVHV_VMID_SHIFT		16
#define RVHV_VMID_MASK		GENMASK_ULL(RVHV_VMID_SHIFT - 1, 0)

/**
 * struct rvhv_translation - a G-stage table, and the translations that harts may hold of it
 * @gstage: the G-stage table; its owner's lock guards it
 * @vmid: generation and VMID; 0 before the first rvhv_translation_update()
 * @hgatp: the hgatp CSR for @gstage and the VMID of @vmid
 * @cpus: CPUs that may hold translations tagged with that VMID
 * @last_vcpu: per CPU, id + 1 of the vCPU that last used the context there; 0 for none
 */
struct rvhv_translation {
	struct rvhv_gstage gstage;
	u64 vmid;
	unsigned long hgatp;
	cpumask_var_t cpus;
	int __percpu *last_vcpu;
};

int rvhv_translation_init(struct rvhv_translation *t);
void rvhv_translation_destroy(struct rvhv_translation *t);
bool rvhv_translation_is_current(const struct rvhv_translation *t);
void rvhv_translation_update(struct rvhv_translation *t);
void rvhv_translation_enable_cpu(void);
void rvhv_translation_disable_cpu(void);
void rvhv_translation_enter_cpu(struct rvhv_translation *t, unsigned int id, bool stale);
bool rvhv_translation_flush_range(const struct rvhv_translation *t, u64 gpa, u64 size);

#endif /* _RVHV_TRANSLATION_H */
