/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changes of a VM's G-stage table that remove leaves or permissions.
 */
#ifndef _RVHV_CHANGE_H
#define _RVHV_CHANGE_H

#include <linux/types.h>

#include "guest_mem.h"

u64 rvhv_mem_apply_locked(struct rvhv_mem *mem, rvhv_gstage_op op, u64 start, u64 end,
			  struct rvhv_gstage_change *c);
void rvhv_mem_finish_change_locked(struct rvhv_mem *mem, struct rvhv_gstage_change *c);
void rvhv_mem_resched_locked(struct rvhv_mem *mem, struct rvhv_gstage_change *c);
void rvhv_mem_unmap_range(struct rvhv_mem *mem, u64 start, u64 end);
void rvhv_mem_wrprotect_range(struct rvhv_mem *mem, u64 start, u64 end);

#endif /* _RVHV_CHANGE_H */
