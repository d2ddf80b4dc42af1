/* SPDX-License-Identifier: GPL-2.0-only */
/* rvhv: identifiers and limits. Documentation/locking.rst lists the locks and their order. */
#ifndef _RVHV_TYPES_H
#define _RVHV_TYPES_H

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/types.h>

#include "include/linux/rvhv.h"

struct rvhv_mem;

/* Most vCPUs of a VM; vCPU ids, which are the hart ids, are below it */
#define RVHV_MAX_VCPUS		1024

/* Most memory slots of a VM; slot ids are below it */
#define RVHV_MAX_SLOTS		SHRT_MAX

/* Most pages of a memory slot: as in KVM, page numbers within a slot fit in an int */
#define RVHV_SLOT_MAX_PAGES	((1UL << 31) - 1)

#define RVHV_PAGE_SHIFT		12

enum rvhv_fence_kind {
	RVHV_FENCE_I,		/* fence.i */
	RVHV_FENCE_VVMA,	/* VS-stage translations of all ASIDs: sfence.vma x, x0 */
	RVHV_FENCE_VVMA_ASID,	/* VS-stage translations of one ASID */
	RVHV_FENCE_L2_VVMA,	/* all VS-stage translations of the hart's L2s */
	RVHV_FENCE_L2_GVMA,	/* G-stage translations of the VM's L2s, on all harts */
};

/**
 * struct rvhv_fence - a fence (SBI specification, "RFENCE Extension")
 * @kind: the translations to drop
 * @start: first guest virtual address; for RVHV_FENCE_L2_GVMA guest physical address of the L2
 * @size: bytes; RVHV_FENCE_ALL for the whole address space
 * @asid: for RVHV_FENCE_VVMA_ASID
 * @vmid: for RVHV_FENCE_L2_GVMA; -1 for every VMID
 */
struct rvhv_fence {
	enum rvhv_fence_kind kind;
	unsigned long start;
	unsigned long size;
	unsigned long asid;
	int vmid;
};

#define RVHV_FENCE_ALL	(~0UL)

/* Values of the SBI HSM extension */
enum rvhv_hsm_state {
	RVHV_HSM_STARTED = 0,
	RVHV_HSM_STOPPED = 1,
	RVHV_HSM_SUSPENDED = 4,
};

/*
 * The result of KVM_RUN for the result of another module's handler: the kernel's errnos for a
 * signal become -EINTR, other errnos that userspace does not know -EIO. Non-negative values are
 * returned.
 */
static inline int rvhv_handler_errno(int ret)
{
	switch (ret) {
	case -ERESTARTSYS:
	case -ERESTARTNOINTR:
	case -ERESTARTNOHAND:
	case -ERESTART_RESTARTBLOCK:
		return -EINTR;
	default:
		return ret > -ERESTARTSYS ? ret : -EIO;
	}
}

#endif /* _RVHV_TYPES_H */
