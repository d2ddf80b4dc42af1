// SPDX-License-Identifier: GPL-2.0-only
/* Memory slots: the errno of each bad argument, and the guest's view of changes */
#include "check.h"

#define GPA	0x90000000UL
#define MiB	(1UL << 20)

static int set_slot2(struct rvm *vm, struct kvm_userspace_memory_region2 *region)
{
	return IOCTL(vm->fd, KVM_SET_USER_MEMORY_REGION2, region);
}

TEST(refused)
{
	struct rvm vm;
	char *mem = rvm_anon(MiB);
	int nr;

	rvm_create_bare(&vm);
	nr = rvm_check_extension(&vm, KVM_CAP_NR_MEMSLOTS);
	/* Unaligned address, size or memory */
	EXPECT_EQ(-EINVAL, rvm_set_slot_raw(&vm, 0, 0, GPA + 1, MiB, mem));
	EXPECT_EQ(-EINVAL, rvm_set_slot_raw(&vm, 0, 0, GPA + RVM_PAGE / 2, MiB, mem));
	EXPECT_EQ(-EINVAL, rvm_set_slot_raw(&vm, 0, 0, GPA, MiB - 1, mem));
	EXPECT_EQ(-EINVAL, rvm_set_slot_raw(&vm, 0, 0, GPA, MiB, mem + 8));
	/* Wrapping, too large, not in user space, nothing to delete */
	EXPECT_EQ(-EINVAL, rvm_set_slot_raw(&vm, 0, 0, -MiB, 2 * MiB, mem));
	EXPECT_EQ(-EINVAL, rvm_set_slot_raw(&vm, 0, 0, 0, -RVM_PAGE, mem));
	EXPECT_EQ(-EINVAL, rvm_set_slot_raw(&vm, 0, 0, 0, 1UL << 43, NULL));
	EXPECT_EQ(-EINVAL, rvm_set_slot_raw(&vm, 0, 0, GPA, MiB, (void *)-MiB));
	EXPECT_EQ(-EINVAL, rvm_set_slot_raw(&vm, 0, 0, GPA, 0, mem));
	/* Beyond the G-stage's width */
	EXPECT_NE(0, rvm_set_slot_raw(&vm, 0, 0, 1UL << 62, MiB, mem));
	/* Unknown flags and slot numbers */
	for (int bit = 0; bit < 32; bit++) {
		if ((1U << bit) & (KVM_MEM_LOG_DIRTY_PAGES | KVM_MEM_READONLY))
			continue;
		EXPECT_EQ(-EINVAL, rvm_set_slot_raw(&vm, 0, 1U << bit, GPA, MiB, mem)) {
			TH_LOG("flag %d", bit);
		}
	}
	EXPECT_EQ(-EINVAL, rvm_set_slot_raw(&vm, 1 << 16, 0, GPA, MiB, mem));
	EXPECT_EQ(-EINVAL, rvm_set_slot_raw(&vm, 0xffffffff, 0, GPA, MiB, mem));
	EXPECT_EQ(0, rvm_set_slot_raw(&vm, nr - 1, 0, GPA, MiB, mem));
	/* The failures have left nothing behind. */
	EXPECT_EQ(0, rvm_set_slot_raw(&vm, 0, 0, GPA + MiB, MiB, mem));
}

TEST(overlap)
{
	struct rvm vm;
	char *mem = rvm_anon(4 * MiB);

	rvm_create_bare(&vm);
	EXPECT_EQ(0, rvm_set_slot_raw(&vm, 0, 0, GPA, MiB, mem));
	for (unsigned long gpa = GPA - MiB + RVM_PAGE; gpa < GPA + MiB; gpa += MiB / 4) {
		EXPECT_EQ(-EEXIST, rvm_set_slot_raw(&vm, 1, 0, gpa, MiB, mem + MiB)) {
			TH_LOG("address %#lx", gpa);
		}
	}
	EXPECT_EQ(-EEXIST, rvm_set_slot_raw(&vm, 1, 0, GPA + 4 * RVM_PAGE, RVM_PAGE, mem + MiB));
	EXPECT_EQ(-EEXIST, rvm_set_slot_raw(&vm, 1, 0, GPA - MiB, 4 * MiB, mem));
	EXPECT_EQ(0, rvm_set_slot_raw(&vm, 1, 0, GPA + MiB, MiB, mem + MiB));
	EXPECT_EQ(0, rvm_set_slot_raw(&vm, 2, 0, GPA - MiB, MiB, mem + 2 * MiB));
	/* A slot can move onto its own old place but not onto another slot. */
	EXPECT_EQ(-EEXIST, rvm_set_slot_raw(&vm, 2, 0, GPA, MiB, mem + 2 * MiB));
	EXPECT_EQ(0, rvm_set_slot_raw(&vm, 2, 0, GPA - MiB - RVM_PAGE, MiB, mem + 2 * MiB));
}

TEST(modify)
{
	struct rvm vm;
	char *mem = rvm_anon(4 * MiB);

	rvm_create_bare(&vm);
	EXPECT_EQ(0, rvm_set_slot_raw(&vm, 0, 0, GPA, MiB, mem));
	EXPECT_EQ(0, rvm_set_slot_raw(&vm, 0, 0, GPA, MiB, mem));
	/* Size, memory and KVM_MEM_READONLY cannot change. */
	EXPECT_EQ(-EINVAL, rvm_set_slot_raw(&vm, 0, 0, GPA, 2 * MiB, mem));
	EXPECT_EQ(-EINVAL, rvm_set_slot_raw(&vm, 0, 0, GPA, MiB, mem + MiB));
	EXPECT_EQ(-EINVAL, rvm_set_slot_raw(&vm, 0, KVM_MEM_READONLY, GPA, MiB, mem));
	EXPECT_EQ(0, rvm_set_slot_raw(&vm, 0, KVM_MEM_LOG_DIRTY_PAGES, GPA, MiB, mem));
	EXPECT_EQ(0, rvm_set_slot_raw(&vm, 0, 0, GPA, MiB, mem));
	EXPECT_EQ(0, rvm_set_slot_raw(&vm, 0, 0, GPA, 0, mem));
	EXPECT_EQ(-EINVAL, rvm_set_slot_raw(&vm, 0, 0, GPA, 0, mem));
	EXPECT_EQ(0, rvm_set_slot_raw(&vm, 0, KVM_MEM_READONLY, GPA, 2 * MiB, mem));
}

TEST(region2)
{
	struct rvm vm;
	char *mem = rvm_anon(MiB);
	struct kvm_userspace_memory_region2 region = {
		.guest_phys_addr = GPA, .memory_size = MiB, .userspace_addr = (unsigned long)mem,
	};

	rvm_create_bare(&vm);
	region.flags = KVM_MEM_GUEST_MEMFD;
	EXPECT_EQ(-EINVAL, set_slot2(&vm, &region));
	region.flags = 1 << 30;
	EXPECT_EQ(-EINVAL, set_slot2(&vm, &region));
	region.flags = 0;
	EXPECT_EQ(0, set_slot2(&vm, &region));
	region.memory_size = 2 * MiB;
	EXPECT_EQ(-EINVAL, set_slot2(&vm, &region));
	region.memory_size = 0;
	EXPECT_EQ(0, set_slot2(&vm, &region));
	/* Without the flag the guest_memfd fields are ignored. */
	region.memory_size = MiB;
	region.guest_memfd = 12345;
	EXPECT_EQ(0, set_slot2(&vm, &region));
}

/* Increments the word at @gpa; val[] gets the old and the new value. */
static __guest void guest_touch(unsigned long gpa, unsigned long unused)
{
	for (;;) {
		volatile uint64_t *p = (uint64_t *)gpa;
		uint64_t old = *p;

		*p = old + 1;
		guest_shared()->val[0] = old;
		guest_shared()->val[1] = *p;
		gpa = guest_sync(0);
	}
}

static void next_address(struct rvcpu *vcpu, unsigned long gpa)
{
	vcpu->run->riscv_sbi.ret[0] = gpa;
}

TEST(move)
{
	struct rvm vm;
	struct rvcpu vcpu;
	uint64_t *mem = rvm_anon(MiB);

	vm_start(&vm, &vcpu, guest_touch, GPA);
	mem[0] = 100;
	rvm_set_slot(&vm, 1, 0, GPA, MiB, mem);
	GUEST_SAYS_SYNC(&vcpu);
	EXPECT_EQ(100, rvm_shared(&vm)->val[0]);
	EXPECT_EQ(101, mem[0]);
	/* The same memory at another address */
	rvm_set_slot(&vm, 1, 0, GPA + 16 * MiB, MiB, mem);
	next_address(&vcpu, GPA + 16 * MiB);
	GUEST_SAYS_SYNC(&vcpu);
	EXPECT_EQ(101, rvm_shared(&vm)->val[0]);
	EXPECT_EQ(102, mem[0]);
	next_address(&vcpu, GPA);
	EXPECT_EQ(0, rvcpu_run(&vcpu));
	EXPECT_EQ(KVM_EXIT_MMIO, vcpu.run->exit_reason);
	EXPECT_EQ(GPA, vcpu.run->mmio.phys_addr);
}

TEST(delete_and_replace)
{
	struct rvm vm;
	struct rvcpu vcpu;
	uint64_t *mem = rvm_anon(MiB), *other = rvm_anon(MiB);

	vm_start(&vm, &vcpu, guest_touch, GPA);
	mem[0] = 1;
	other[0] = 1000;
	rvm_set_slot(&vm, 1, 0, GPA, MiB, mem);
	GUEST_SAYS_SYNC(&vcpu);
	EXPECT_EQ(2, mem[0]);
	rvm_set_slot(&vm, 1, 0, GPA, 0, mem);
	rvm_set_slot(&vm, 7, 0, GPA, MiB, other);
	next_address(&vcpu, GPA);
	GUEST_SAYS_SYNC(&vcpu);
	EXPECT_EQ(1000, rvm_shared(&vm)->val[0]);
	EXPECT_EQ(1001, other[0]);
	EXPECT_EQ(2, mem[0]);
	rvm_set_slot(&vm, 7, 0, GPA, 0, other);
	next_address(&vcpu, GPA);
	EXPECT_EQ(0, rvcpu_run(&vcpu));
	EXPECT_EQ(KVM_EXIT_MMIO, vcpu.run->exit_reason);
}

/* Loads read the memory; stores are MMIO and do not change it. */
TEST(read_only)
{
	struct rvm vm;
	struct rvcpu vcpu;
	uint64_t *mem = rvm_anon(MiB);

	vm_start(&vm, &vcpu, guest_touch, GPA);
	mem[0] = 7;
	rvm_set_slot(&vm, 1, KVM_MEM_READONLY, GPA, MiB, mem);
	ASSERT_EQ(0, rvcpu_run(&vcpu));
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu.run->exit_reason);
	EXPECT_EQ(GPA, vcpu.run->mmio.phys_addr);
	EXPECT_EQ(1, vcpu.run->mmio.is_write);
	EXPECT_EQ(8, vcpu.run->mmio.len);
	EXPECT_EQ(8, *(uint64_t *)vcpu.run->mmio.data);
	GUEST_SAYS_SYNC(&vcpu);
	EXPECT_EQ(7, rvm_shared(&vm)->val[0]);
	EXPECT_EQ(7, rvm_shared(&vm)->val[1]);
	EXPECT_EQ(7, mem[0]);
}

/* Two slots with the same memory */
TEST(alias)
{
	struct rvm vm;
	struct rvcpu vcpu;
	uint64_t *mem = rvm_anon(MiB);

	vm_start(&vm, &vcpu, guest_touch, GPA);
	rvm_set_slot(&vm, 1, 0, GPA, MiB, mem);
	rvm_set_slot(&vm, 2, 0, GPA + MiB, MiB, mem);
	GUEST_SAYS_SYNC(&vcpu);
	next_address(&vcpu, GPA + MiB);
	GUEST_SAYS_SYNC(&vcpu);
	EXPECT_EQ(1, rvm_shared(&vm)->val[0]);
	EXPECT_EQ(2, mem[0]);
}

TEST(many_slots)
{
	struct rvm vm;
	struct rvcpu vcpu;
	char *mem = rvm_anon(256 * RVM_PAGE);

	vm_start(&vm, &vcpu, guest_touch, GPA);
	/* Every second page, in a mixed order */
	for (unsigned int i = 0; i < 256; i++) {
		unsigned int n = (i * 77) % 256;

		*(uint64_t *)(mem + n * RVM_PAGE) = n * 10;
		rvm_set_slot(&vm, n + 1, 0, GPA + 2 * n * RVM_PAGE, RVM_PAGE, mem + n * RVM_PAGE);
	}
	for (unsigned int n = 0; n < 256; n++) {
		GUEST_SAYS_SYNC(&vcpu);
		ASSERT_EQ(n * 10, rvm_shared(&vm)->val[0]);
		ASSERT_EQ(n * 10 + 1, *(uint64_t *)(mem + n * RVM_PAGE));
		next_address(&vcpu, GPA + 2 * (n + 1) * RVM_PAGE);
	}
	ASSERT_EQ(0, rvcpu_run(&vcpu));
	EXPECT_EQ(KVM_EXIT_MMIO, vcpu.run->exit_reason);
}

TEST_HARNESS_MAIN
