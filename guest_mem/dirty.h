/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_GUEST_MEM_DIRTY_H
#define _RVHV_GUEST_MEM_DIRTY_H

#include <linux/types.h>

struct rvhv_mem;

int rvhv_mem_get_dirty_log(struct rvhv_mem *mem, u32 slot, void __user *bitmap);
int rvhv_mem_clear_dirty_log(struct rvhv_mem *mem, u32 slot, u64 first_page, u32 num_pages,
			     const void __user *bitmap);

#endif /* _RVHV_GUEST_MEM_DIRTY_H */
