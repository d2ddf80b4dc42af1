/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_GUEST_MEM_HOST_H
#define _RVHV_GUEST_MEM_HOST_H

#include <linux/types.h>

/**
 * struct rvhv_mem_host - properties of the host's G-stage, constant after module load
 * @mode: HGATP_MODE_* of the largest mode
 * @levels: levels of that mode
 * @gpa_bits: width of a guest physical address
 * @vmid_bits: implemented VMID bits, after the module parameter
 * @svpbmt: page-based memory types exist
 * @svinval: fine-grained invalidation exists
 */
struct rvhv_mem_host {
	unsigned long mode;
	unsigned int levels;
	unsigned int gpa_bits;
	unsigned int vmid_bits;
	bool svpbmt;
	bool svinval;
};

extern struct rvhv_mem_host rvhv_mem_host;

int rvhv_mem_host_init(void);

#endif /* _RVHV_GUEST_MEM_HOST_H */
