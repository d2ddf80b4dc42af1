/* SPDX-License-Identifier: GPL-2.0-only */
/* The VM object: what it owns and how long it lives. */
#ifndef _RVHV_VM_H
#define _RVHV_VM_H

#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/xarray.h>

#include "guest_mem/mem.h"
#include "irq/io.h"
#include "rvhv_types.h"
#include "sbi/sbi.h"

struct rvhv_shadows;

/**
 * struct rvhv_shadow_stats - counters of a VM's shadow tables, guarded by mem->mmu_lock
 * @created: tables made
 * @reclaimed: unused tables freed to make room
 * @leaves_mapped: leaves added
 * @leaves_dropped: leaves removed by L1's fences, changes of the host, or bounds
 */
struct rvhv_shadow_stats {
	u64 created;
	u64 reclaimed;
	u64 leaves_mapped;
	u64 leaves_dropped;
};

/**
 * struct rvhv_vm - one virtual machine
 * @ref: one reference for each fd: the VM's own, each vCPU's, each device's, each statistics fd's
 * @lock: serialises creation of vCPUs and devices
 * @mem: guest memory
 * @mem_owner: receives contradictions that @mem finds
 * @io: addresses of in-kernel devices
 * @sbi: SBI state
 * @vcpus: vCPUs by id; entries are added under @lock and stay until the VM ends
 * @nr_vcpus: number of entries; read without a lock after an acquire
 * @shadows: shadow tables for L2s, or NULL; set once, under @lock
 * @shadow_stats: their counters
 * @time_delta: guest time = host time + time_delta
 * @halt_poll_ns: longest halt poll of its vCPUs; ~0U until KVM_CAP_HALT_POLL sets it
 * @pid: the process that created it, in the initial PID namespace
 * @dead: 1 once rvhv_vm_bug() was called: ioctls and KVM_RUN return -EIO
 */
struct rvhv_vm {
	struct kref ref;
	struct mutex lock;
	struct rvhv_mem mem;
	struct rvhv_mem_owner mem_owner;
	struct rvhv_io io;
	struct rvhv_sbi_vm sbi;
	struct xarray vcpus;
	unsigned int nr_vcpus;
	struct rvhv_shadows *shadows;
	struct rvhv_shadow_stats shadow_stats;
	u64 time_delta;
	unsigned int halt_poll_ns;
	pid_t pid;
	unsigned int dead;
};

struct rvhv_vm *rvhv_vm_create(void);
void rvhv_vm_get(struct rvhv_vm *vm);
void rvhv_vm_put(struct rvhv_vm *vm);
void rvhv_vm_bug(struct rvhv_vm *vm, const char *what);

#endif /* _RVHV_VM_H */
