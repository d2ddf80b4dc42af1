/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the live suites of guest memory. They use real user mappings, the host's page table and
 * hypervisor loads and stores through the hart's G-stage. No guest runs.
 */
#ifndef _RVHV_KUNIT_LIVE_MEMORY_H
#define _RVHV_KUNIT_LIVE_MEMORY_H

#include <kunit/test.h>
#include <linux/mman.h>
#include <linux/uaccess.h>

#include <asm/csr.h>

#include "../guest_mem/access.h"
#include "../guest_mem/fault.h"
#include "../guest_mem/host.h"
#include "../guest_mem/mem.h"
#include "../guest_mem/region.h"

#define BASE	0x80000000UL
#define PAGES	1024UL
#define SIZE	(PAGES * PAGE_SIZE)

#define RX	(RVHV_PTE_R | RVHV_PTE_X)
#define RWX	(RX | RVHV_PTE_W)

struct env {
	struct rvhv_mem mem;
	struct rvhv_mem_owner owner;
	struct rvhv_pt_cache cache;
	unsigned long hva;
	bool ready;
};

static inline int set_region(struct env *env, u32 slot, u32 flags, u64 gpa, u64 size, u64 hva)
{
	const struct rvhv_region region = {
		.slot = slot, .flags = flags, .gpa = gpa, .size = size, .hva = hva,
	};

	return rvhv_mem_set_region(&env->mem, &region);
}

static inline unsigned long map_anon(struct kunit *test, unsigned long size)
{
	unsigned long hva = kunit_vm_mmap(test, NULL, 0, size, PROT_READ | PROT_WRITE,
					  MAP_ANONYMOUS | MAP_PRIVATE, 0);

	KUNIT_ASSERT_NE(test, hva, 0);
	return hva;
}

/* The memory begins @offset after a multiple of 2 MiB. */
static inline void map_user(struct kunit *test, struct env *env, unsigned long offset)
{
	env->hva = ALIGN(map_anon(test, SIZE + SZ_4M), SZ_2M) + offset;
}

/* Drop the pages, as the host may at any time. */
static inline void zap_user(struct kunit *test, unsigned long hva, unsigned long size)
{
	KUNIT_ASSERT_EQ(test, vm_mmap(NULL, hva, size, PROT_READ | PROT_WRITE,
				      MAP_ANONYMOUS | MAP_PRIVATE | MAP_FIXED, 0), hva);
}

static inline void mem_bug(struct rvhv_mem_owner *owner, const char *what)
{
	WARN_ONCE(1, "%s", what);
}

/* Not in the suite's init: only the test's thread has a user mm. */
static inline struct env *start_at(struct kunit *test, unsigned long offset)
{
	struct env *env = test->priv;

	map_user(test, env, offset);
	env->owner.bug = mem_bug;
	KUNIT_ASSERT_EQ(test, rvhv_mem_init(&env->mem, &env->owner), 0);
	env->ready = true;
	KUNIT_ASSERT_EQ(test, set_region(env, 0, 0, BASE, SIZE, env->hva), 0);
	return env;
}

/* User memory at an offset that rules out huge leaves */
static inline struct env *start(struct kunit *test)
{
	return start_at(test, PAGE_SIZE);
}

static inline int live_memory_init(struct kunit *test)
{
	if (!rvhv_mem_host.levels)
		kunit_skip(test, "no H extension");
	test->priv = kunit_kzalloc(test, sizeof(struct env), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static inline void live_memory_exit(struct kunit *test)
{
	struct env *env = test->priv;

	if (!env || !env->ready)
		return;
	rvhv_pt_cache_free(&env->cache);
	rvhv_mem_destroy(&env->mem);
}

static inline u64 leaf_at(struct env *env, u64 gpa)
{
	unsigned int level;
	u64 pte;

	spin_lock(&env->mem.mmu_lock);
	rvhv_gstage_lookup(&env->mem.translation.gstage, gpa, &pte, &level);
	spin_unlock(&env->mem.mmu_lock);
	return pte;
}

static inline enum rvhv_fault_result fault(struct env *env, u64 gpa, bool write)
{
	struct rvhv_fault fault = { .gpa = gpa, .write = write };

	return rvhv_mem_fault(&env->mem, &env->cache, &fault);
}

/* The errno of a fault that must fail; 0 if it did not. */
static inline int fault_error(struct env *env, u64 gpa, bool write)
{
	struct rvhv_fault fault = { .gpa = gpa, .write = write };

	if (rvhv_mem_fault(&env->mem, &env->cache, &fault) != RVHV_FAULT_FAILED)
		return 0;
	return fault.error;
}

/* As the run loop does before it enters the guest. */
static inline void load_guest(struct env *env, unsigned long *flags)
{
	for (;;) {
		preempt_disable();
		if (!rvhv_translation_is_current(&env->mem.translation))
			rvhv_translation_update(&env->mem.translation);
		local_irq_save(*flags);
		if (rvhv_translation_is_current(&env->mem.translation))
			break;
		local_irq_restore(*flags);
		preempt_enable();
	}
	rvhv_translation_enter_cpu(&env->mem.translation, 0, true);
}

static inline void put_guest(unsigned long flags)
{
	csr_write(CSR_HGATP, rvhv_mem_host.parked);
	local_irq_restore(flags);
	preempt_enable();
}

static inline size_t read_guest(struct env *env, void *dst, u64 gpa, size_t len)
{
	unsigned long flags;
	size_t done;

	load_guest(env, &flags);
	done = rvhv_copy_from_guest_atomic(csr_read(CSR_HSTATUS), dst, gpa, len);
	put_guest(flags);
	return done;
}

static inline size_t write_guest(struct env *env, u64 gpa, const void *src, size_t len)
{
	unsigned long flags;
	size_t done;

	load_guest(env, &flags);
	done = rvhv_copy_to_guest_atomic(csr_read(CSR_HSTATUS), gpa, src, len);
	put_guest(flags);
	return done;
}

static inline u64 user_word(struct kunit *test, unsigned long hva)
{
	u64 val = 0;

	KUNIT_EXPECT_EQ(test, copy_from_user(&val, (void __user *)hva, sizeof(val)), 0);
	return val;
}

static inline void set_user_word(struct kunit *test, unsigned long hva, u64 val)
{
	KUNIT_ASSERT_EQ(test, copy_to_user((void __user *)hva, &val, sizeof(val)), 0);
}

static inline unsigned int level_at(struct env *env, u64 gpa)
{
	unsigned int level;
	u64 pte;

	spin_lock(&env->mem.mmu_lock);
	rvhv_gstage_lookup(&env->mem.translation.gstage, gpa, &pte, &level);
	spin_unlock(&env->mem.mmu_lock);
	return pte ? level : UINT_MAX;
}

#endif /* _RVHV_KUNIT_LIVE_MEMORY_H */
