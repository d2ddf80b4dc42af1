/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rvhv: identifiers and limits.
 */
#ifndef _RVHV_TYPES_H
#define _RVHV_TYPES_H

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/types.h>

#include "include/linux/rvhv.h"

struct rvhv_mem;

/* Most vCPUs of one VM, and the bound of a vCPU id, which is also its hart id */
#define RVHV_MAX_VCPUS		1024

/* Most memory slots of one VM; a slot id is below it */
#define RVHV_MAX_SLOTS		SHRT_MAX

/* Most pages of one memory slot: page numbers within a slot fit in an int, as KVM's */
#define RVHV_SLOT_MAX_PAGES	((1UL << 31) - 1)

#define RVHV_PAGE_SHIFT		12

/* What a fence of rvhv_fence drops */
enum rvhv_fence_kind {
	RVHV_FENCE_I,		/* instruction cache: fence.i */
	RVHV_FENCE_VVMA,	/* VS-stage translations of every ASID: sfence.vma x, x0 */
	RVHV_FENCE_VVMA_ASID,	/* VS-stage translations of one ASID */
	RVHV_FENCE_L2_VVMA,	/* VS-stage translations of the guest's own guest, all of them */
	RVHV_FENCE_L2_GVMA,	/* G-stage translations of the guest's own guests; of all harts */
};

/**
 * struct rvhv_fence - a fence one hart asks of others (SBI specification, "RFENCE Extension")
 * @kind: what to drop
 * @start: first guest virtual address; for RVHV_FENCE_L2_GVMA guest physical, of the L2
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

/* States of a hart, the values of the SBI HSM extension */
enum rvhv_hsm_state {
	RVHV_HSM_STARTED = 0,
	RVHV_HSM_STOPPED = 1,
	RVHV_HSM_SUSPENDED = 4,
};

/**
 * rvhv_handler_errno - what KVM_RUN is to give for what a handler of another module returned
 * @ret: the handler's value; not negative, or a negative errno
 *
 * A signal is -EINTR, whatever name a wait has for it; what is no errno of user space is -EIO.
 *
 * Return: @ret or the errno.
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
