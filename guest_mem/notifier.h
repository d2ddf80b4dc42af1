/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_GUEST_MEM_NOTIFIER_H
#define _RVHV_GUEST_MEM_NOTIFIER_H

struct rvhv_mem;

int rvhv_mem_notifier_register(struct rvhv_mem *mem);

#endif /* _RVHV_GUEST_MEM_NOTIFIER_H */
