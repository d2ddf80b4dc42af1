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
 * @parked: hgatp of a hart that runs no guest: VMID 0 and an empty table
 * @vs_levels: levels of the largest mode of vsatp
 * @svpbmt: page-based memory types exist
 * @svinval: fine-grained invalidation exists
 */
struct rvhv_mem_host {
	unsigned long mode;
	unsigned int levels;
	unsigned int gpa_bits;
	unsigned int vmid_bits;
	unsigned long parked;
	unsigned int vs_levels;
	bool svpbmt;
	bool svinval;
};

/* Width of the VMID field of hgatp */
#define RVHV_MAX_VMID_BITS	14U

extern struct rvhv_mem_host rvhv_mem_host;

int rvhv_mem_host_init(void);
void rvhv_mem_host_exit(void);

#endif /* _RVHV_GUEST_MEM_HOST_H */
