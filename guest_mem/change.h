/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_GUEST_MEM_CHANGE_H
#define _RVHV_GUEST_MEM_CHANGE_H

#include <linux/types.h>

#include "gstage_pt.h"

struct rvhv_mem;
struct rvhv_mem_mirror;

/**
 * struct rvhv_mem_mirror_ops - keep tables that copy frames of the G-stage table in step with it
 * @apply: apply @op to every leaf of the mirror that translates to [@start, @end), whether or not
 *	the G-stage table maps it. Returns @end, or an address to continue from once its own bound
 *	of work is reached; that is @start only if it removed leaves. Sets @c->young as @op does and
 *	leaves the rest of @c alone. Ageing always returns @end: unvisited leaves are reported young
 * @finish: flush the TLBs and free tables after calls of @apply, before pages return to the host.
 *	May come late after ageing
 *
 * Context: mem->mmu_lock is held, interrupts on; must not sleep.
 */
struct rvhv_mem_mirror_ops {
	u64 (*apply)(struct rvhv_mem_mirror *mirror, rvhv_gstage_op op, u64 start, u64 end,
		     struct rvhv_gstage_change *c);
	void (*finish)(struct rvhv_mem_mirror *mirror);
};

/* A mirror of the G-stage table, embedded in its owner */
struct rvhv_mem_mirror {
	const struct rvhv_mem_mirror_ops *ops;
};

u64 rvhv_mem_apply_locked(struct rvhv_mem *mem, rvhv_gstage_op op, u64 start, u64 end,
			  struct rvhv_gstage_change *c);
void rvhv_mem_finish_change_locked(struct rvhv_mem *mem, struct rvhv_gstage_change *c);
void rvhv_mem_resched_locked(struct rvhv_mem *mem, struct rvhv_gstage_change *c);
void rvhv_mem_unmap_range(struct rvhv_mem *mem, u64 start, u64 end);
void rvhv_mem_wrprotect_range(struct rvhv_mem *mem, u64 start, u64 end);

#endif /* _RVHV_GUEST_MEM_CHANGE_H */
