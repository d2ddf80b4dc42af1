/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shadow tables: G-stage tables from the L2's guest physical addresses to the host's frames. A VM
 * has one for each value of hgatp that its L1 uses. Documentation/nested.rst, "G-stage".
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

/* Translates a load of the L2 by the tables of @hgatp; may sleep. */
typedef enum rvhv_walk (*rvhv_shadow_walk_fn)(void *arg, unsigned long hgatp, u64 l2_gpa,
					      struct rvhv_walk_result *res);

/* shadow.c */
struct rvhv_shadow *rvhv_shadow_get(struct rvhv_vm *vm, unsigned long hgatp);
void rvhv_shadow_put(struct rvhv_shadow *shadow);
struct rvhv_translation *rvhv_shadow_translation(struct rvhv_shadow *shadow);
void rvhv_shadow_fence_vmid(struct rvhv_vm *vm, int vmid, rvhv_shadow_walk_fn walk, void *arg);

/* shadow_map.c */
unsigned long rvhv_shadow_seq(const struct rvhv_shadow *shadow);
enum rvhv_fault_result rvhv_shadow_map(struct rvhv_shadow *shadow, unsigned long seq,
				       struct rvhv_pt_cache *cache, u64 l2_gpa,
				       const struct rvhv_walk_result *walk,
				       struct rvhv_fault *fault);

#endif /* _RVHV_NESTED_SHADOW_H */
