/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shadow tables: G-stage tables that take an L2's guest physical addresses straight to the host's
 * frames, made of the L1's own G-stage tables and of what the host has behind the L1's memory.
 *
 * A VM has one for each value of hgatp that its L1 uses; vCPUs share them. They are a cache: the L1
 * fences what it has changed, the host takes away what it changes (struct rvhv_mem_mirror), and
 * what is missing is filled in by guest page faults.
 *
 * A vCPU whose L1 runs an L2 keeps the shadow of its hgatp:
 *
 *	shadow = rvhv_shadow_get(vm, hgatp);		until hgatp changes; then rvhv_shadow_put()
 *	stage.translation = rvhv_shadow_translation(shadow);
 *
 * A guest page fault of the L2 at l2_gpa:
 *
 *	seq = rvhv_shadow_seq(shadow);			before the walk: see rvhv_shadow_map()
 *	if (rvhv_gstage_walk(&tables, l2_gpa, access, &walk) != RVHV_WALK_DONE)
 *		the L1 takes a fault
 *	fault = { .gpa = walk.gpa, .write = access == RVHV_ACCESS_STORE };
 *	if (rvhv_shadow_map(shadow, seq, cache, l2_gpa, &walk, &fault) == RVHV_FAULT_MMIO)
 *		L1's memory has nothing at walk.gpa
 *
 * HFENCE.GVMA and HINVAL.GVMA: rvhv_nested_fence_gvma(), or rvhv_shadow_fence_vmid() for everything
 * of a VMID, which may leave what the L1's tables still say. Nothing else is due then; the fence is
 * over on every CPU when it returns.
 */
#ifndef _RVHV_NESTED_SHADOW_H
#define _RVHV_NESTED_SHADOW_H

#include <linux/types.h>

#include "../../guest_mem/fault.h"
#include "walk.h"

struct rvhv_pt_cache;
struct rvhv_shadow;
struct rvhv_translation;
struct rvhv_vm;

/* Walks the tables of a value of the L1's hgatp, for a load: rvhv_gstage_walk(). May sleep */
typedef enum rvhv_walk (*rvhv_shadow_walk_fn)(void *arg, unsigned long hgatp, u64 l2_gpa,
					      struct rvhv_walk_result *res);

/* ---- shadow.c ---- */

struct rvhv_shadow *rvhv_shadow_get(struct rvhv_vm *vm, unsigned long hgatp);
void rvhv_shadow_put(struct rvhv_shadow *shadow);

struct rvhv_translation *rvhv_shadow_translation(struct rvhv_shadow *shadow);

void rvhv_shadow_fence_vmid(struct rvhv_vm *vm, int vmid, rvhv_shadow_walk_fn walk, void *arg);

/* ---- shadow_map.c ---- */

unsigned long rvhv_shadow_seq(const struct rvhv_shadow *shadow);
enum rvhv_fault_result rvhv_shadow_map(struct rvhv_shadow *shadow, unsigned long seq,
				       struct rvhv_pt_cache *cache, u64 l2_gpa,
				       const struct rvhv_walk_result *walk,
				       struct rvhv_fault *fault);
void rvhv_shadow_unmap(struct rvhv_shadow *shadow, u64 l2_gpa, u64 size);

#endif /* _RVHV_NESTED_SHADOW_H */
