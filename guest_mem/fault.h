/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_GUEST_MEM_FAULT_H
#define _RVHV_GUEST_MEM_FAULT_H

#include <linux/types.h>

struct rvhv_mem;
struct rvhv_pt_cache;

/**
 * enum rvhv_fault_result - what became of a guest page fault
 * @RVHV_FAULT_MAPPED: the access may be retried; it may fault again
 * @RVHV_FAULT_MMIO: no slot, or a store to a read-only one
 * @RVHV_FAULT_FAILED: rvhv_fault.error says why
 */
enum rvhv_fault_result {
	RVHV_FAULT_MAPPED,
	RVHV_FAULT_MMIO,
	RVHV_FAULT_FAILED,
};

/**
 * struct rvhv_fault - a guest page fault
 * @gpa: guest physical address
 * @write: the access is a store
 * @error: set with RVHV_FAULT_FAILED: -EFAULT (no host memory behind the slot), -ENOMEM, or -EINTR
 *	(a fatal signal is pending, or SIGBUS for a poisoned page)
 */
struct rvhv_fault {
	u64 gpa;
	bool write;
	int error;
};

enum rvhv_fault_result rvhv_mem_fault(struct rvhv_mem *mem, struct rvhv_pt_cache *cache,
				      struct rvhv_fault *fault);

/**
 * struct rvhv_host_leaf - the host's memory behind a guest physical address
 * @gpa: the address, page-aligned
 * @pfn: the host's frame of that page
 * @pbmt: page-based memory type, in its place in a PTE
 * @level: level of the largest leaf that may hold @gpa, 0 to RVHV_GSTAGE_MAX_LEAF: one slot and one
 *	leaf of the host cover it, and both are aligned to it
 * @write: stores are allowed
 */
struct rvhv_host_leaf {
	u64 gpa;
	u64 pfn;
	u64 pbmt;
	unsigned int level;
	bool write;
};

/**
 * enum rvhv_install_result - results of rvhv_mem_install_fn
 * @RVHV_INSTALL_DONE: the leaf is mapped, or the access is to be retried without it
 * @RVHV_INSTALL_RETRY: read the host's table again
 * @RVHV_INSTALL_FAILED: the table cannot hold the leaf
 */
enum rvhv_install_result {
	RVHV_INSTALL_DONE,
	RVHV_INSTALL_RETRY,
	RVHV_INSTALL_FAILED,
};

/* Maps @leaf, or a smaller one within it. Context: mem->mmu_lock is held; must not sleep. */
typedef enum rvhv_install_result (*rvhv_mem_install_fn)(struct rvhv_mem *mem,
							const struct rvhv_host_leaf *leaf,
							void *arg);

enum rvhv_fault_result rvhv_mem_translate(struct rvhv_mem *mem, struct rvhv_pt_cache *cache,
					  struct rvhv_fault *fault, rvhv_mem_install_fn install,
					  void *arg);

#endif /* _RVHV_GUEST_MEM_FAULT_H */
