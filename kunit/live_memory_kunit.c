// SPDX-License-Identifier: GPL-2.0-only
/*
 * Live KUnit tests of guest memory: real user mappings, the host's own page table, the G-stage in
 * hardware by hypervisor loads and stores. No guest runs.
 */
#include <kunit/test.h>
#include <linux/bitfield.h>
#include <linux/bitfield.h>
#include <linux/kthread.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <asm/csr.h>

#include "../guest_mem/change.h"
#include "../guest_mem/internal.h"

#define BASE	0x80000000UL
#define PAGES	1024UL
#define SIZE	(PAGES * PAGE_SIZE)

#define RWX	(RVHV_PTE_R | RVHV_PTE_W | RVHV_PTE_X)

struct env {
	struct rvhv_mem mem;
	struct rvhv_pt_cache cache;
	unsigned long hva;
	bool ready;
};

static int set_region(struct env *env, u32 slot, u32 flags, u64 gpa, u64 size, u64 hva)
{
	const struct rvhv_region region = {
		.slot = slot, .flags = flags, .gpa = gpa, .size = size, .hva = hva,
	};

	return rvhv_mem_set_region(&env->mem, &region);
}

/* At an address that is @offset beyond a multiple of 2 MiB. */
static void map_user(struct kunit *test, struct env *env, unsigned long offset)
{
	env->hva = kunit_vm_mmap(test, NULL, 0, SIZE + SZ_4M, PROT_READ | PROT_WRITE,
				 MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, env->hva, 0);
	env->hva = ALIGN(env->hva, SZ_2M) + offset;
}

/* Throw the pages away, as the host may at any time. */
static void zap_user(struct kunit *test, unsigned long hva, unsigned long size)
{
	KUNIT_ASSERT_EQ(test, vm_mmap(NULL, hva, size, PROT_READ | PROT_WRITE,
				      MAP_ANONYMOUS | MAP_PRIVATE | MAP_FIXED, 0), hva);
}

/* The user's mm exists in the thread of the test only: here, not in the suite's init. */
static struct env *start_at(struct kunit *test, unsigned long offset)
{
	struct env *env = test->priv;

	map_user(test, env, offset);
	KUNIT_ASSERT_EQ(test, rvhv_mem_init(&env->mem), 0);
	env->ready = true;
	KUNIT_ASSERT_EQ(test, set_region(env, 0, 0, BASE, SIZE, env->hva), 0);
	return env;
}

/* User memory that no huge leaf fits */
static struct env *start(struct kunit *test)
{
	return start_at(test, PAGE_SIZE);
}

static int memory_init(struct kunit *test)
{
	if (!rvhv_mem_host.levels)
		kunit_skip(test, "no H extension");
	test->priv = kunit_kzalloc(test, sizeof(struct env), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static void memory_exit(struct kunit *test)
{
	struct env *env = test->priv;

	if (!env || !env->ready)
		return;
	rvhv_pt_cache_free(&env->cache);
	rvhv_mem_destroy(&env->mem);
}

static u64 leaf_at(struct env *env, u64 gpa)
{
	unsigned int level;
	u64 pte;

	spin_lock(&env->mem.mmu_lock);
	rvhv_gstage_lookup(&env->mem.translation.gstage, gpa, &pte, &level);
	spin_unlock(&env->mem.mmu_lock);
	return pte;
}

static enum rvhv_fault_result fault(struct env *env, u64 gpa, bool write)
{
	struct rvhv_fault fault = { .gpa = gpa, .write = write };

	return rvhv_mem_fault(&env->mem, &env->cache, &fault);
}

/* The errno of a fault that must fail; 0 if it did not. */
static int fault_error(struct env *env, u64 gpa, bool write)
{
	struct rvhv_fault fault = { .gpa = gpa, .write = write };

	if (rvhv_mem_fault(&env->mem, &env->cache, &fault) != RVHV_FAULT_FAILED)
		return 0;
	return fault.error;
}

/* As the run loop does before it enters the guest. */
static void load_guest(struct env *env, unsigned long *flags)
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
	csr_write(CSR_HGATP, env->mem.translation.hgatp);
	rvhv_translation_enter_cpu(&env->mem.translation, 0, true);
}

static void put_guest(unsigned long flags)
{
	csr_write(CSR_HGATP, 0);
	local_irq_restore(flags);
	preempt_enable();
}

static size_t read_guest(struct env *env, void *dst, u64 gpa, size_t len)
{
	unsigned long flags;
	size_t done;

	load_guest(env, &flags);
	done = rvhv_copy_from_guest_atomic(csr_read(CSR_HSTATUS), dst, gpa, len);
	put_guest(flags);
	return done;
}

static size_t write_guest(struct env *env, u64 gpa, const void *src, size_t len)
{
	unsigned long flags;
	size_t done;

	load_guest(env, &flags);
	done = rvhv_copy_to_guest_atomic(csr_read(CSR_HSTATUS), gpa, src, len);
	put_guest(flags);
	return done;
}

static u64 user_word(struct kunit *test, unsigned long hva)
{
	u64 val = 0;

	KUNIT_EXPECT_EQ(test, copy_from_user(&val, (void __user *)hva, sizeof(val)), 0);
	return val;
}

static void set_user_word(struct kunit *test, unsigned long hva, u64 val)
{
	KUNIT_ASSERT_EQ(test, copy_to_user((void __user *)hva, &val, sizeof(val)), 0);
}

static void fault_without_slot(struct kunit *test)
{
	struct env *env = start(test);

	KUNIT_EXPECT_EQ(test, fault(env, 0, false), RVHV_FAULT_MMIO);
	KUNIT_EXPECT_EQ(test, fault(env, BASE - 1, true), RVHV_FAULT_MMIO);
	KUNIT_EXPECT_EQ(test, fault(env, BASE + SIZE, true), RVHV_FAULT_MMIO);
	KUNIT_EXPECT_EQ(test, fault(env, U64_MAX, false), RVHV_FAULT_MMIO);
	KUNIT_EXPECT_EQ(test, fault(env, BASE + SIZE - 1, true), RVHV_FAULT_MAPPED);
}

static void load_then_store(struct kunit *test)
{
	struct env *env = start(test);
	u64 val = 1;

	/* An untouched page reads as the zero page, which must not become writable. */
	KUNIT_EXPECT_EQ(test, fault(env, BASE, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RVHV_PTE_R | RVHV_PTE_X);
	KUNIT_EXPECT_EQ(test, read_guest(env, &val, BASE, 8), 8);
	KUNIT_EXPECT_EQ(test, val, 0);
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE, &val, 8), 0);

	KUNIT_EXPECT_EQ(test, fault(env, BASE + 5, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RWX);
	val = 0x1122334455667788;
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE, &val, 8), 8);
	KUNIT_EXPECT_EQ(test, user_word(test, env->hva), val);
	/* Once more: nothing to do, and nothing lost. */
	KUNIT_EXPECT_EQ(test, fault(env, BASE, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RWX);
}

static void present_page_is_writable_at_once(struct kunit *test)
{
	struct env *env = start(test);
	u64 val;

	set_user_word(test, env->hva + PAGE_SIZE, 42);
	KUNIT_EXPECT_EQ(test, fault(env, BASE + PAGE_SIZE, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + PAGE_SIZE) & RWX, RWX);
	KUNIT_EXPECT_EQ(test, read_guest(env, &val, BASE + PAGE_SIZE, 8), 8);
	KUNIT_EXPECT_EQ(test, val, 42);
}

static void read_only_slot(struct kunit *test)
{
	const u64 gpa = BASE + 2 * SIZE;
	struct env *env = start(test);

	KUNIT_ASSERT_EQ(test, set_region(env, 1, RVHV_SLOT_READONLY, gpa, SIZE, env->hva), 0);
	set_user_word(test, env->hva, 1);
	KUNIT_EXPECT_EQ(test, fault(env, gpa, true), RVHV_FAULT_MMIO);
	KUNIT_EXPECT_EQ(test, fault(env, gpa, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, leaf_at(env, gpa) & RWX, RVHV_PTE_R | RVHV_PTE_X);
	KUNIT_EXPECT_EQ(test, rvhv_copy_to_guest(&env->mem, gpa, "x", 1), -EFAULT);
}

/* Some kernels' access_ok() lets them pass: the host's table must not be indexed by them. */
static void user_addresses_beyond_the_task(struct kunit *test)
{
	static const u64 hva[] = {
		BIT_ULL(38), BIT_ULL(39), BIT_ULL(47), BIT_ULL(48), BIT_ULL(56), BIT_ULL(62),
	};
	struct env *env = start(test);
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(hva); i++) {
		u64 bad = hva[i] + env->hva;
		u64 gpa = 2 * BASE + i * SIZE;

		set_user_word(test, env->hva, 1);
		if (bad < TASK_SIZE)
			continue;
		ret = set_region(env, 1 + i, 0, gpa, SIZE, bad);
		if (ret == -EINVAL)
			continue;
		KUNIT_ASSERT_EQ(test, ret, 0);
		KUNIT_EXPECT_EQ(test, fault_error(env, gpa, false), -EFAULT);
		KUNIT_EXPECT_EQ(test, fault_error(env, gpa, true), -EFAULT);
		KUNIT_EXPECT_EQ(test, leaf_at(env, gpa), 0);
	}
	KUNIT_EXPECT_EQ(test, set_region(env, 100, 0, BASE * 4, SIZE, PAGE_OFFSET), -EINVAL);
}

static void no_memory_behind_the_slot(struct kunit *test)
{
	struct env *env = start(test);
	char byte;

	KUNIT_ASSERT_EQ(test, vm_munmap(env->hva, SIZE), 0);
	KUNIT_EXPECT_EQ(test, fault_error(env, BASE, false), -EFAULT);
	KUNIT_EXPECT_EQ(test, fault_error(env, BASE, true), -EFAULT);
	KUNIT_EXPECT_EQ(test, rvhv_copy_from_guest(&env->mem, &byte, BASE, 1), -EFAULT);
}

static void slot_over_read_only_mapping(struct kunit *test)
{
	struct env *env = start(test);
	unsigned long hva = env->hva + SIZE / 2;

	KUNIT_ASSERT_EQ(test, vm_mmap(NULL, hva, PAGE_SIZE, PROT_READ,
				      MAP_ANONYMOUS | MAP_PRIVATE | MAP_FIXED, 0), hva);
	KUNIT_EXPECT_EQ(test, set_region(env, 1, 0, BASE * 2, SIZE, env->hva), -EPERM);
	KUNIT_EXPECT_EQ(test, set_region(env, 1, RVHV_SLOT_READONLY, BASE * 2, SIZE, env->hva), 0);
	KUNIT_EXPECT_EQ(test, fault_error(env, BASE + SIZE / 2, true), -EFAULT);
	KUNIT_EXPECT_EQ(test, fault(env, BASE + SIZE / 2, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + SIZE / 2) & RWX, RVHV_PTE_R | RVHV_PTE_X);
}

static void host_takes_a_page_away(struct kunit *test)
{
	struct env *env = start(test);
	unsigned int i;
	u64 val = 77;

	for (i = 0; i < 8; i++)
		KUNIT_ASSERT_EQ(test, fault(env, BASE + i * PAGE_SIZE, true), RVHV_FAULT_MAPPED);
	KUNIT_ASSERT_EQ(test, fault(env, BASE + SZ_2M, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE + PAGE_SIZE, &val, 8), 8);
	KUNIT_EXPECT_EQ(test, read_guest(env, &val, BASE + PAGE_SIZE, 8), 8);

	/* If it is part of a huge page, the host splits that first. */
	zap_user(test, env->hva + PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + PAGE_SIZE), 0);
	KUNIT_EXPECT_NE(test, leaf_at(env, BASE + SZ_2M), 0);
	KUNIT_EXPECT_EQ(test, read_guest(env, &val, BASE + PAGE_SIZE, 8), 0);

	KUNIT_ASSERT_EQ(test, fault(env, BASE + PAGE_SIZE, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, read_guest(env, &val, BASE + PAGE_SIZE, 8), 8);
	KUNIT_EXPECT_EQ(test, val, 0);
}

static void host_takes_all_away(struct kunit *test)
{
	struct env *env = start(test);
	unsigned long i;

	for (i = 0; i < PAGES; i++)
		KUNIT_ASSERT_EQ(test, fault(env, BASE + i * PAGE_SIZE, true), RVHV_FAULT_MAPPED);
	zap_user(test, env->hva, SIZE);
	for (i = 0; i < PAGES; i++)
		KUNIT_ASSERT_EQ(test, leaf_at(env, BASE + i * PAGE_SIZE), 0);
}

static void one_page_in_two_slots(struct kunit *test)
{
	struct env *env = start(test);

	KUNIT_ASSERT_EQ(test, set_region(env, 1, 0, BASE * 2, SIZE, env->hva), 0);
	KUNIT_ASSERT_EQ(test, fault(env, BASE, true), RVHV_FAULT_MAPPED);
	KUNIT_ASSERT_EQ(test, fault(env, BASE * 2, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, rvhv_pte_pfn(leaf_at(env, BASE)),
			rvhv_pte_pfn(leaf_at(env, BASE * 2)));
	zap_user(test, env->hva, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE * 2), 0);
}

static void delete_and_move_slots(struct kunit *test)
{
	struct env *env = start(test);

	KUNIT_ASSERT_EQ(test, fault(env, BASE, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, set_region(env, 0, 0, BASE + PAGE_SIZE, SIZE, env->hva), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE), 0);
	KUNIT_EXPECT_EQ(test, fault(env, BASE, true), RVHV_FAULT_MMIO);
	KUNIT_EXPECT_EQ(test, fault(env, BASE + PAGE_SIZE, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, set_region(env, 0, 0, 0, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, fault(env, BASE + PAGE_SIZE, true), RVHV_FAULT_MMIO);
	KUNIT_EXPECT_EQ(test, set_region(env, 0, 0, 0, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, env->mem.nr_pages, 0);
	KUNIT_EXPECT_EQ(test, set_region(env, 0, 0, BASE, SIZE, env->hva), 0);
	KUNIT_EXPECT_EQ(test, fault(env, BASE, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, env->mem.nr_pages, PAGES);
}

static void copies_through_the_slots(struct kunit *test)
{
	struct env *env = start(test);
	char *out = kunit_kzalloc(test, 4 * PAGE_SIZE, GFP_KERNEL);
	char *in = kunit_kzalloc(test, 4 * PAGE_SIZE, GFP_KERNEL);
	u64 gpa = BASE + SIZE - PAGE_SIZE - 3;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, out);
	KUNIT_ASSERT_NOT_NULL(test, in);
	for (i = 0; i < 3 * PAGE_SIZE; i++)
		out[i] = i * 7 + 1;
	/* The second slot follows the first, but its memory is before it. */
	KUNIT_ASSERT_EQ(test, set_region(env, 1, 0, BASE + SIZE, 2 * PAGE_SIZE, env->hva), 0);
	KUNIT_EXPECT_EQ(test, rvhv_copy_to_guest(&env->mem, gpa, out, 3 * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, rvhv_copy_from_guest(&env->mem, in, gpa, 3 * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, memcmp(in, out, 3 * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, rvhv_copy_to_guest(&env->mem, gpa, out, 3 * PAGE_SIZE + 4), -EFAULT);
	KUNIT_EXPECT_EQ(test, rvhv_copy_from_guest(&env->mem, in, BASE - 1, 2), -EFAULT);
	KUNIT_EXPECT_EQ(test, rvhv_copy_from_guest(&env->mem, in, U64_MAX, 2), -EFAULT);
	KUNIT_EXPECT_EQ(test, rvhv_copy_from_guest(&env->mem, in, U64_MAX - 1, 1), -EFAULT);
	KUNIT_EXPECT_EQ(test, rvhv_copy_from_guest(&env->mem, in, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, rvhv_copy_from_guest(&env->mem, in, BASE, SIZE_MAX), -EFAULT);
}

static void atomic_copies(struct kunit *test)
{
	struct env *env = start(test);
	char *out = kunit_kzalloc(test, 256, GFP_KERNEL);
	char *in = kunit_kzalloc(test, 256, GFP_KERNEL);
	unsigned int from, to, len;

	KUNIT_ASSERT_NOT_NULL(test, out);
	KUNIT_ASSERT_NOT_NULL(test, in);
	KUNIT_ASSERT_EQ(test, fault(env, BASE, true), RVHV_FAULT_MAPPED);
	KUNIT_ASSERT_EQ(test, fault(env, BASE + PAGE_SIZE, true), RVHV_FAULT_MAPPED);
	get_random_bytes(out, 256);
	/* Every alignment of both sides, across the end of a page. */
	for (from = 0; from < 8; from++)
		for (to = 0; to < 8; to++)
			for (len = 0; len < 40; len++) {
				u64 gpa = BASE + PAGE_SIZE - 24 + to;

				memset(in, 0xaa, 256);
				KUNIT_ASSERT_EQ(test, write_guest(env, gpa, out + from, len), len);
				KUNIT_ASSERT_EQ(test, read_guest(env, in + from, gpa, len), len);
				KUNIT_ASSERT_EQ(test, memcmp(in + from, out + from, len), 0);
				KUNIT_ASSERT_EQ(test, (u8)in[from + len], 0xaa);
			}
	/* The page after is not mapped. */
	KUNIT_EXPECT_EQ(test, read_guest(env, in, BASE + 2 * PAGE_SIZE - 8, 64), 8);
	KUNIT_EXPECT_EQ(test, read_guest(env, in, BASE + 2 * PAGE_SIZE - 3, 64), 3);
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE + 2 * PAGE_SIZE - 16, out, 64), 16);
	KUNIT_EXPECT_EQ(test, read_guest(env, in, BASE + 2 * PAGE_SIZE, 64), 0);
	KUNIT_EXPECT_EQ(test, read_guest(env, in, U64_MAX - 7, 8), 0);
	KUNIT_EXPECT_EQ(test, read_guest(env, in, U64_MAX - 7, 9), 0);
	KUNIT_EXPECT_EQ(test, read_guest(env, in, BIT_ULL(rvhv_mem_host.gpa_bits), 8), 0);
}

/* Bits that an access must leave as they were */
static void atomic_copies_restore_the_csrs(struct kunit *test)
{
	const unsigned long marker = 0x1234;
	struct env *env = start(test);
	unsigned long flags, before[3], after[3];
	size_t done;
	u64 val;

	load_guest(env, &flags);
	csr_write(CSR_VSATP, SATP_MODE_39 | marker);
	before[0] = csr_read(CSR_HSTATUS);
	before[1] = csr_read(CSR_STVEC);
	before[2] = csr_read(CSR_SSTATUS);
	done = rvhv_copy_from_guest_atomic(before[0] | HSTATUS_VTVM, &val, BASE, 8);
	after[0] = csr_read(CSR_HSTATUS);
	after[1] = csr_read(CSR_STVEC);
	after[2] = csr_read(CSR_SSTATUS);
	val = csr_read(CSR_VSATP);
	csr_write(CSR_VSATP, 0);
	put_guest(flags);

	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_EQ(test, before[0], after[0]);
	KUNIT_EXPECT_EQ(test, before[1], after[1]);
	KUNIT_EXPECT_EQ(test, before[2], after[2]);
	KUNIT_EXPECT_EQ(test, val, SATP_MODE_39 | marker);
}

static bool fetch(struct env *env, unsigned long gva, u32 *insn, struct rvhv_trap *trap)
{
	unsigned long flags;
	bool ok;

	load_guest(env, &flags);
	ok = rvhv_fetch_guest_insn(csr_read(CSR_HSTATUS) | HSTATUS_SPVP, gva, insn, trap);
	put_guest(flags);
	return ok;
}

static void fetch_instructions(struct kunit *test)
{
	struct env *env = start(test);
	struct rvhv_trap trap = {};
	u32 insn = 0;

	/* c.nop; nop; then c.nop and the first half of a nop at the end of the page. */
	set_user_word(test, env->hva, 0x0000001300010001);
	set_user_word(test, env->hva + PAGE_SIZE - 8, 0x0013000100010001);
	KUNIT_ASSERT_EQ(test, fault(env, BASE, false), RVHV_FAULT_MAPPED);

	KUNIT_EXPECT_TRUE(test, fetch(env, BASE, &insn, &trap));
	KUNIT_EXPECT_EQ(test, insn, 0x0001);
	KUNIT_EXPECT_TRUE(test, fetch(env, BASE + 4, &insn, &trap));
	KUNIT_EXPECT_EQ(test, insn, 0x00000013);
	KUNIT_EXPECT_TRUE(test, fetch(env, BASE + PAGE_SIZE - 4, &insn, &trap));
	KUNIT_EXPECT_EQ(test, insn, 0x0001);

	/* The second half is on a page without a leaf. */
	KUNIT_EXPECT_FALSE(test, fetch(env, BASE + PAGE_SIZE - 2, &insn, &trap));
	KUNIT_EXPECT_EQ(test, trap.scause, EXC_INST_GUEST_PAGE_FAULT);
	KUNIT_EXPECT_EQ(test, trap.stval, BASE + PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, trap.htval, (BASE + PAGE_SIZE) >> 2);
	KUNIT_EXPECT_EQ(test, trap.sepc, BASE + PAGE_SIZE - 2);
	KUNIT_ASSERT_EQ(test, fault(env, trap.htval << 2, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_TRUE(test, fetch(env, BASE + PAGE_SIZE - 2, &insn, &trap));
	KUNIT_EXPECT_EQ(test, insn, 0x00000013);
}

static void load_words(struct kunit *test)
{
	struct env *env = start(test);
	struct rvhv_trap trap = {};
	unsigned long hstatus, flags, val = 0;
	bool ok[2];

	set_user_word(test, env->hva + 8, 0x123456789abcdef0);
	KUNIT_ASSERT_EQ(test, fault(env, BASE, false), RVHV_FAULT_MAPPED);
	load_guest(env, &flags);
	hstatus = csr_read(CSR_HSTATUS) | HSTATUS_SPVP;
	ok[0] = rvhv_load_guest_virt(hstatus, &val, BASE + 8, sizeof(val), &trap) == sizeof(val);
	ok[1] = rvhv_load_guest_virt(hstatus, &val, BASE + PAGE_SIZE, sizeof(val), &trap);
	put_guest(flags);
	KUNIT_EXPECT_TRUE(test, ok[0]);
	KUNIT_EXPECT_EQ(test, val, 0x123456789abcdef0);
	KUNIT_EXPECT_FALSE(test, ok[1]);
	KUNIT_EXPECT_EQ(test, trap.scause, EXC_LOAD_GUEST_PAGE_FAULT);
	KUNIT_EXPECT_EQ(test, trap.htval << 2, BASE + PAGE_SIZE);
}

/* Read the log of slot 0 into *word0; user memory for the bitmap is behind the slot's last page. */
static int get_log(struct kunit *test, struct env *env, unsigned long bitmap, u64 *word0)
{
	int ret = rvhv_mem_get_dirty_log(&env->mem, 0, (void __user *)bitmap);

	*word0 = ret ? 0 : user_word(test, bitmap);
	return ret;
}

static void dirty_log(struct kunit *test)
{
	struct env *env = start(test);
	unsigned long bitmap;
	u64 bits;

	bitmap = kunit_vm_mmap(test, NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
			       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, bitmap, 0);
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), -ENOENT);
	KUNIT_ASSERT_EQ(test, fault(env, BASE, true), RVHV_FAULT_MAPPED);
	KUNIT_ASSERT_EQ(test, set_region(env, 0, RVHV_SLOT_LOG_DIRTY, BASE, SIZE, env->hva), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RVHV_PTE_R | RVHV_PTE_X);
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), 0);
	KUNIT_EXPECT_EQ(test, bits, 0);

	/* Loads do not dirty, stores and copies do. */
	KUNIT_ASSERT_EQ(test, fault(env, BASE, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RVHV_PTE_R | RVHV_PTE_X);
	KUNIT_ASSERT_EQ(test, fault(env, BASE + 3 * PAGE_SIZE, true), RVHV_FAULT_MAPPED);
	KUNIT_ASSERT_EQ(test, rvhv_copy_to_guest(&env->mem, BASE + 6 * PAGE_SIZE - 1, "ab", 2), 0);
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), 0);
	KUNIT_EXPECT_EQ(test, bits, BIT(3) | BIT(5) | BIT(6));
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), 0);
	KUNIT_EXPECT_EQ(test, bits, 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + 3 * PAGE_SIZE) & RWX, RVHV_PTE_R | RVHV_PTE_X);
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE + 3 * PAGE_SIZE, &bits, 8), 0);
	KUNIT_ASSERT_EQ(test, fault(env, BASE + 3 * PAGE_SIZE, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE + 3 * PAGE_SIZE, &bits, 8), 8);
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), 0);
	KUNIT_EXPECT_EQ(test, bits, BIT(3));

	KUNIT_EXPECT_EQ(test, rvhv_mem_get_dirty_log(&env->mem, 0, NULL), -EFAULT);
	KUNIT_EXPECT_EQ(test, rvhv_mem_get_dirty_log(&env->mem, 1, NULL), -ENOENT);
	KUNIT_EXPECT_EQ(test, rvhv_mem_get_dirty_log(&env->mem, RVHV_MAX_SLOTS, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, rvhv_mem_get_dirty_log(&env->mem, 1 << 16, NULL), -EINVAL);
	KUNIT_ASSERT_EQ(test, set_region(env, 0, 0, BASE, SIZE, env->hva), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + 3 * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), -ENOENT);
}

static void manual_dirty_log(struct kunit *test)
{
	struct env *env = start(test);
	unsigned long bitmap;
	u64 bits;

	bitmap = kunit_vm_mmap(test, NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
			       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, bitmap, 0);
	env->mem.manual_dirty = 3;
	KUNIT_ASSERT_EQ(test, fault(env, BASE, true), RVHV_FAULT_MAPPED);
	KUNIT_ASSERT_EQ(test, set_region(env, 0, RVHV_SLOT_LOG_DIRTY, BASE, SIZE, env->hva), 0);
	/* All set, and nothing protected until userspace asks. */
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RWX);
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), 0);
	KUNIT_EXPECT_EQ(test, bits, U64_MAX);
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), 0);
	KUNIT_EXPECT_EQ(test, bits, U64_MAX);

	set_user_word(test, bitmap, BIT(0) | BIT(63));
	KUNIT_EXPECT_EQ(test, rvhv_mem_clear_dirty_log(&env->mem, 0, 0, 64,
						       (void __user *)bitmap), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RVHV_PTE_R | RVHV_PTE_X);
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), 0);
	KUNIT_EXPECT_EQ(test, bits, ~(BIT(0) | BIT(63)));
	KUNIT_ASSERT_EQ(test, fault(env, BASE, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, get_log(test, env, bitmap, &bits), 0);
	KUNIT_EXPECT_EQ(test, bits, ~BIT(63));

	KUNIT_EXPECT_EQ(test, rvhv_mem_clear_dirty_log(&env->mem, 0, 1, 64,
						       (void __user *)bitmap), -EINVAL);
	KUNIT_EXPECT_EQ(test, rvhv_mem_clear_dirty_log(&env->mem, 0, 0, PAGES + 64,
						       (void __user *)bitmap), -EINVAL);
	KUNIT_EXPECT_EQ(test, rvhv_mem_clear_dirty_log(&env->mem, 0, 0, 64, NULL), -EFAULT);
	KUNIT_EXPECT_EQ(test, rvhv_mem_clear_dirty_log(&env->mem, 1, 0, 64, NULL), -ENOENT);
}

static void vmids_run_out(struct kunit *test)
{
	struct env *env = start(test);
	struct rvhv_translation *t = &env->mem.translation, other = {};
	unsigned long i, flags;
	u64 old, val = 5;

	if (!rvhv_mem_host.vmid_bits)
		kunit_skip(test, "no VMID bits");
	KUNIT_ASSERT_EQ(test, rvhv_translation_init(&other), 0);
	KUNIT_ASSERT_EQ(test, fault(env, BASE, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE, &val, 8), 8);
	old = t->vmid;
	KUNIT_EXPECT_NE(test, old & RVHV_VMID_MASK, 0);
	for (i = 0; i <= BIT(rvhv_mem_host.vmid_bits) && rvhv_translation_is_current(t); i++) {
		other.vmid = 0;
		preempt_disable();
		rvhv_translation_update(&other);
		KUNIT_EXPECT_TRUE(test, rvhv_translation_is_current(&other));
		preempt_enable();
		KUNIT_ASSERT_NE(test, other.vmid & RVHV_VMID_MASK, 0);
		KUNIT_ASSERT_LT(test, other.vmid & RVHV_VMID_MASK, BIT(rvhv_mem_host.vmid_bits));
		KUNIT_ASSERT_NE(test, other.vmid, old);
	}
	rvhv_translation_destroy(&other);
	KUNIT_EXPECT_FALSE(test, rvhv_translation_is_current(t));
	KUNIT_EXPECT_EQ(test, read_guest(env, &val, BASE, 8), 8);
	KUNIT_EXPECT_EQ(test, val, 5);
	KUNIT_EXPECT_NE(test, t->vmid, old);
	KUNIT_EXPECT_EQ(test, cpumask_weight(t->cpus), 1);

	load_guest(env, &flags);
	val = csr_read(CSR_HGATP);
	put_guest(flags);
	KUNIT_EXPECT_EQ(test, val, t->hgatp);
	KUNIT_EXPECT_EQ(test, val & HGATP_PPN, PHYS_PFN(__pa(t->gstage.root)));
	KUNIT_EXPECT_EQ(test, FIELD_GET(HGATP_VMID, val), t->vmid & RVHV_VMID_MASK);
}

/* The fences cannot be seen to work here; that each form executes, and gives hgatp back, can. */
static void fences_execute(struct kunit *test)
{
	struct env *env = start(test);
	unsigned long flags, before, after, vmid;

	load_guest(env, &flags);
	before = csr_read(CSR_HGATP);
	for (vmid = 0; vmid < 2; vmid++) {
		rvhv_hfence_vvma_all_local(vmid);
		rvhv_hfence_vvma_asid_local(vmid, 3);
		rvhv_hfence_vvma_range_local(vmid, BASE, SIZE);
		rvhv_hfence_vvma_range_local(vmid, BASE, 3 * PAGE_SIZE);
		rvhv_hfence_vvma_range_local(vmid, ULONG_MAX - PAGE_SIZE, PAGE_SIZE);
		rvhv_hfence_vvma_range_local(vmid, ULONG_MAX, ULONG_MAX);
		rvhv_hfence_vvma_asid_range_local(vmid, 3, ULONG_MAX & PAGE_MASK, PAGE_SIZE);
		rvhv_hfence_vvma_asid_range_local(vmid, 3, 0, 0);
		rvhv_hfence_vvma_asid_range_local(vmid, 3, 0, ULONG_MAX);
		rvhv_hfence_gvma_vmid_local(vmid);
		rvhv_hfence_gvma_range_local(vmid, BASE, 64);
		rvhv_hfence_gvma_range_local(vmid, BASE, U64_MAX);
	}
	rvhv_hfence_gvma_all_local();
	after = csr_read(CSR_HGATP);
	put_guest(flags);
	KUNIT_EXPECT_EQ(test, before, after);
	KUNIT_EXPECT_NE(test, before, 0);
}

static unsigned int level_at(struct env *env, u64 gpa)
{
	unsigned int level;
	u64 pte;

	spin_lock(&env->mem.mmu_lock);
	rvhv_gstage_lookup(&env->mem.translation.gstage, gpa, &pte, &level);
	spin_unlock(&env->mem.mmu_lock);
	return pte ? level : UINT_MAX;
}

static void huge_pages(struct kunit *test)
{
	struct env *env = start_at(test, 0);
	u64 val = 9;

	KUNIT_ASSERT_EQ(test, fault(env, BASE + 5 * PAGE_SIZE, true), RVHV_FAULT_MAPPED);
	if (level_at(env, BASE + 5 * PAGE_SIZE) != 1)
		kunit_skip(test, "the host gave no huge page");
	KUNIT_EXPECT_EQ(test, level_at(env, BASE), 1);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE + SZ_2M), UINT_MAX);
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE + 7 * PAGE_SIZE, &val, 8), 8);
	KUNIT_EXPECT_EQ(test, user_word(test, env->hva + 7 * PAGE_SIZE), 9);

	/* Logging protects the leaf; a store then splits it, and the rest can still be read. */
	KUNIT_ASSERT_EQ(test, set_region(env, 0, RVHV_SLOT_LOG_DIRTY, BASE, SIZE, env->hva), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RVHV_PTE_R | RVHV_PTE_X);
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE + 7 * PAGE_SIZE, &val, 8), 0);
	KUNIT_ASSERT_EQ(test, fault(env, BASE + 7 * PAGE_SIZE, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE + 7 * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + 7 * PAGE_SIZE) & RWX, RWX);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + 6 * PAGE_SIZE) & RWX, RVHV_PTE_R | RVHV_PTE_X);
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE + 6 * PAGE_SIZE, &val, 8), 0);
	KUNIT_EXPECT_EQ(test, read_guest(env, &val, BASE + 7 * PAGE_SIZE, 8), 8);
	KUNIT_EXPECT_EQ(test, val, 9);

	/* Without logging the huge leaf comes back. */
	KUNIT_ASSERT_EQ(test, set_region(env, 0, 0, BASE, SIZE, env->hva), 0);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE), UINT_MAX);
	KUNIT_ASSERT_EQ(test, fault(env, BASE + 6 * PAGE_SIZE, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE), 1);
	KUNIT_EXPECT_EQ(test, leaf_at(env, BASE) & RWX, RWX);

	/* The host splits its own page: no part of the leaf may stay. */
	zap_user(test, env->hva + PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE + PAGE_SIZE), UINT_MAX);
	KUNIT_EXPECT_EQ(test, read_guest(env, &val, BASE + PAGE_SIZE, 8), 0);
	KUNIT_ASSERT_EQ(test, fault(env, BASE + 7 * PAGE_SIZE, false), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE + 7 * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, read_guest(env, &val, BASE + 7 * PAGE_SIZE, 8), 8);
	KUNIT_EXPECT_EQ(test, val, 9);
}

/* A leaf must not reach beyond its slot on either side. */
static void huge_pages_end_with_the_slot(struct kunit *test)
{
	struct env *env = start_at(test, 0);

	KUNIT_ASSERT_EQ(test, set_region(env, 0, 0, 0, 0, 0), 0);
	KUNIT_ASSERT_EQ(test, set_region(env, 0, 0, BASE + PAGE_SIZE, SZ_2M,
					 env->hva + PAGE_SIZE), 0);
	KUNIT_ASSERT_EQ(test, fault(env, BASE + PAGE_SIZE, true), RVHV_FAULT_MAPPED);
	KUNIT_ASSERT_EQ(test, fault(env, BASE + SZ_2M, true), RVHV_FAULT_MAPPED);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE + PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE), UINT_MAX);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE + SZ_2M), 0);
	KUNIT_EXPECT_EQ(test, level_at(env, BASE + SZ_2M + PAGE_SIZE), UINT_MAX);
}

struct zapper {
	struct mm_struct *mm;
	unsigned long hva;
	bool failed;
};

static int zap_thread(void *data)
{
	struct zapper *z = data;

	kthread_use_mm(z->mm);
	while (!kthread_should_stop()) {
		if (vm_mmap(NULL, z->hva, 16 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			    MAP_ANONYMOUS | MAP_PRIVATE | MAP_FIXED, 0) != z->hva)
			z->failed = true;
		cond_resched();
	}
	kthread_unuse_mm(z->mm);
	return 0;
}

/* What is mapped must be what the host has, whatever it does meanwhile. */
static void faults_race_with_the_host(struct kunit *test)
{
	struct env *env = start(test);
	struct zapper z = { .mm = current->mm, .hva = env->hva };
	struct task_struct *task;
	unsigned int i;

	task = kthread_run(zap_thread, &z, "rvhv-zap");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	for (i = 0; i < 3000; i++) {
		struct rvhv_fault fault = {
			.gpa = BASE + (i % 16) * PAGE_SIZE, .write = i & 16,
		};

		/* Between the unmapping and the mapping there may be nothing. */
		if (rvhv_mem_fault(&env->mem, &env->cache, &fault) == RVHV_FAULT_MMIO ||
		    (fault.error && fault.error != -EFAULT))
			break;
		cond_resched();
	}
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, i, 3000);
	KUNIT_EXPECT_FALSE(test, z.failed);
	zap_user(test, env->hva, SIZE);
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_EQ(test, leaf_at(env, BASE + i * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, env->mem.invalidate_count, 0);
}

static struct kunit_case memory_cases[] = {
	KUNIT_CASE(fault_without_slot),
	KUNIT_CASE(load_then_store),
	KUNIT_CASE(present_page_is_writable_at_once),
	KUNIT_CASE(read_only_slot),
	KUNIT_CASE(user_addresses_beyond_the_task),
	KUNIT_CASE(no_memory_behind_the_slot),
	KUNIT_CASE(slot_over_read_only_mapping),
	KUNIT_CASE(host_takes_a_page_away),
	KUNIT_CASE(host_takes_all_away),
	KUNIT_CASE(one_page_in_two_slots),
	KUNIT_CASE(delete_and_move_slots),
	KUNIT_CASE(copies_through_the_slots),
	KUNIT_CASE(atomic_copies),
	KUNIT_CASE(atomic_copies_restore_the_csrs),
	KUNIT_CASE(fetch_instructions),
	KUNIT_CASE(load_words),
	KUNIT_CASE(dirty_log),
	KUNIT_CASE(manual_dirty_log),
	KUNIT_CASE(vmids_run_out),
	KUNIT_CASE(fences_execute),
	KUNIT_CASE(huge_pages),
	KUNIT_CASE(huge_pages_end_with_the_slot),
	KUNIT_CASE(faults_race_with_the_host),
	{}
};

static struct kunit_suite memory_suite = {
	.name = "rvhv_live_memory",
	.init = memory_init,
	.exit = memory_exit,
	.test_cases = memory_cases,
};

kunit_test_suite(memory_suite);

MODULE_LICENSE("GPL");
