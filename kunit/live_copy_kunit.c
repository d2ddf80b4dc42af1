// SPDX-License-Identifier: GPL-2.0-only
/*
 * Live KUnit tests of access to guest memory through the slots and by hypervisor loads and stores.
 */
#include <linux/random.h>

#include "live_memory.h"

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
	/* The second slot follows the first; its user memory does not. */
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
	/* Every alignment of both sides, across the end of a page */
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
	/* The next page is not mapped. */
	KUNIT_EXPECT_EQ(test, read_guest(env, in, BASE + 2 * PAGE_SIZE - 8, 64), 8);
	KUNIT_EXPECT_EQ(test, read_guest(env, in, BASE + 2 * PAGE_SIZE - 3, 64), 3);
	KUNIT_EXPECT_EQ(test, write_guest(env, BASE + 2 * PAGE_SIZE - 16, out, 64), 16);
	KUNIT_EXPECT_EQ(test, read_guest(env, in, BASE + 2 * PAGE_SIZE, 64), 0);
	KUNIT_EXPECT_EQ(test, read_guest(env, in, U64_MAX - 7, 8), 0);
	KUNIT_EXPECT_EQ(test, read_guest(env, in, U64_MAX - 7, 9), 0);
	KUNIT_EXPECT_EQ(test, read_guest(env, in, BIT_ULL(rvhv_mem_host.gpa_bits), 8), 0);
}

/* An access that faults restores hstatus, stvec, sstatus and vsatp. */
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

	/* c.nop, nop; at the end of the page c.nop and the first half of a nop */
	set_user_word(test, env->hva, 0x0000001300010001);
	set_user_word(test, env->hva + PAGE_SIZE - 8, 0x0013000100010001);
	KUNIT_ASSERT_EQ(test, fault(env, BASE, false), RVHV_FAULT_MAPPED);

	KUNIT_EXPECT_TRUE(test, fetch(env, BASE, &insn, &trap));
	KUNIT_EXPECT_EQ(test, insn, 0x0001);
	KUNIT_EXPECT_TRUE(test, fetch(env, BASE + 4, &insn, &trap));
	KUNIT_EXPECT_EQ(test, insn, 0x00000013);
	KUNIT_EXPECT_TRUE(test, fetch(env, BASE + PAGE_SIZE - 4, &insn, &trap));
	KUNIT_EXPECT_EQ(test, insn, 0x0001);

	/* The page with the second half is not mapped. */
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

static struct kunit_case copy_cases[] = {
	KUNIT_CASE(copies_through_the_slots),
	KUNIT_CASE(atomic_copies),
	KUNIT_CASE(atomic_copies_restore_the_csrs),
	KUNIT_CASE(fetch_instructions),
	KUNIT_CASE(load_words),
	{}
};

static struct kunit_suite copy_suite = {
	.name = "rvhv_live_copy",
	.init = live_memory_init,
	.exit = live_memory_exit,
	.test_cases = copy_cases,
};

kunit_test_suite(copy_suite);
