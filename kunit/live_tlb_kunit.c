// SPDX-License-Identifier: GPL-2.0-only
/*
 * Live KUnit tests of VMIDs and fences.
 */
#include <linux/bitfield.h>

#include "../guest_mem/tlb.h"
#include "live_memory.h"

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

/* Each form executes; whether it flushes cannot be seen on this hart. */
static void fences_execute(struct kunit *test)
{
	struct env *env = start(test);
	unsigned long flags, before, after, vmid;

	load_guest(env, &flags);
	before = csr_read(CSR_HGATP);
	rvhv_hfence_vvma_all_local();
	rvhv_hfence_vvma_asid_local(3);
	rvhv_hfence_vvma_range_local(BASE, SIZE);
	rvhv_hfence_vvma_range_local(BASE, 3 * PAGE_SIZE);
	rvhv_hfence_vvma_range_local(ULONG_MAX - PAGE_SIZE, PAGE_SIZE);
	rvhv_hfence_vvma_range_local(ULONG_MAX, ULONG_MAX);
	rvhv_hfence_vvma_asid_range_local(3, ULONG_MAX & PAGE_MASK, PAGE_SIZE);
	rvhv_hfence_vvma_asid_range_local(3, 0, 0);
	rvhv_hfence_vvma_asid_range_local(3, 0, ULONG_MAX);
	for (vmid = 0; vmid < 2; vmid++) {
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

/* A context that ends gives its VMID back: making many does not end the generation. */
static void vmids_return(struct kunit *test)
{
	struct env *env = start(test);
	struct rvhv_translation *t = &env->mem.translation, other;
	unsigned long i, flags;
	u64 vmid;

	if (!rvhv_mem_host.vmid_bits)
		kunit_skip(test, "no VMID bits");
	load_guest(env, &flags);
	put_guest(flags);
	vmid = t->vmid;
	for (i = 0; i <= BIT(rvhv_mem_host.vmid_bits) + 8; i++) {
		other = (struct rvhv_translation){};
		KUNIT_ASSERT_EQ(test, rvhv_translation_init(&other), 0);
		preempt_disable();
		rvhv_translation_update(&other);
		preempt_enable();
		KUNIT_ASSERT_NE(test, other.vmid, vmid);
		rvhv_translation_destroy(&other);
	}
	KUNIT_EXPECT_EQ(test, t->vmid, vmid);
	KUNIT_EXPECT_TRUE(test, rvhv_translation_is_current(t));
}

/* Between guests the hart translates by an empty table under a VMID that no guest has. */
static void idle_harts_are_parked(struct kunit *test)
{
	unsigned long hgatp, vsatp;

	preempt_disable();
	hgatp = csr_read(CSR_HGATP);
	vsatp = csr_read(CSR_VSATP);
	preempt_enable();
	KUNIT_EXPECT_EQ(test, hgatp, rvhv_mem_host.parked);
	KUNIT_EXPECT_EQ(test, hgatp >> HGATP_MODE_SHIFT, rvhv_mem_host.mode);
	KUNIT_EXPECT_EQ(test, FIELD_GET(HGATP_VMID, hgatp), 0);
	KUNIT_EXPECT_EQ(test, vsatp, 0);
}

static struct kunit_case tlb_cases[] = {
	KUNIT_CASE(vmids_run_out),
	KUNIT_CASE(vmids_return),
	KUNIT_CASE(fences_execute),
	KUNIT_CASE(idle_harts_are_parked),
	{}
};

static struct kunit_suite tlb_suite = {
	.name = "rvhv_live_tlb",
	.init = live_memory_init,
	.exit = live_memory_exit,
	.test_cases = tlb_cases,
};

kunit_test_suite(tlb_suite);
