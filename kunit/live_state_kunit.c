// SPDX-License-Identifier: GPL-2.0-only
/*
 * Live suite rvhv_live_state: memory, interrupts, timers, and registers that must survive other
 * guests.
 */
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/uaccess.h>
#include <asm/vector.h>

#include "../guest_mem/access.h"
#include "../guest_mem/dirty.h"
#include "../guest_mem/region.h"
#include "../guest_mem/slots.h"
#include "../include/rvhv_arch.h"
#include "../vcpu/irq.h"
#include "../vcpu/isa.h"
#include "../vcpu/mp.h"
#include "live.h"

static void first_touch(struct kunit *test)
{
	struct live *live = LIVE_START(test, touch);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);
	u64 first;

	vcpu->sw.gpr[10] = LIVE_DATA;
	vcpu->sw.gpr[11] = 100;
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), 100 * 101 / 2);
	/* The stores have reached user memory. */
	KUNIT_ASSERT_EQ(test, 0,
			copy_from_user(&first, (void __user *)live_hva(live, LIVE_DATA), 8));
	KUNIT_EXPECT_EQ(test, first, 100);
}

/* The host unmaps a page while the guest uses it, and maps another with other contents. */
static void remapped_page(struct kunit *test)
{
	struct live *live = LIVE_START(test, peek);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);
	unsigned long hva = live_hva(live, LIVE_DATA);
	u64 val = 0x1111;
	unsigned int i;

	vcpu->sw.gpr[10] = LIVE_DATA;
	for (i = 0; i < 10; i++, val++) {
		KUNIT_ASSERT_EQ(test, copy_to_user((void __user *)hva, &val, sizeof(val)), 0);
		KUNIT_EXPECT_EQ(test, live_report(test, vcpu), val);
		KUNIT_ASSERT_EQ(test, vm_mmap(NULL, hva, PAGE_SIZE, PROT_READ | PROT_WRITE,
					      MAP_ANONYMOUS | MAP_PRIVATE | MAP_FIXED, 0), hva);
		KUNIT_EXPECT_EQ(test, live_report(test, vcpu), 0);
	}
}

static void unmapped_page(struct kunit *test)
{
	struct live *live = LIVE_START(test, peek);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);

	vcpu->sw.gpr[10] = LIVE_DATA;
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), 0);
	KUNIT_ASSERT_EQ(test, vm_munmap(live_hva(live, LIVE_DATA), PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, live_run(vcpu), -EFAULT);
}

static void deleted_slot(struct kunit *test)
{
	struct live *live = LIVE_START(test, peek);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);
	struct rvhv_region extra = {
		.slot = 1, .gpa = 0xa0000000, .size = PAGE_SIZE,
		.hva = live_hva(live, LIVE_DATA),
	};

	KUNIT_ASSERT_EQ(test, rvhv_mem_set_region(&live->vm->mem, &extra), 0);
	vcpu->sw.gpr[10] = extra.gpa;
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), 0);
	extra.size = 0;
	KUNIT_ASSERT_EQ(test, rvhv_mem_set_region(&live->vm->mem, &extra), 0);
	KUNIT_ASSERT_EQ(test, live_run(vcpu), 0);
	KUNIT_EXPECT_EQ(test, vcpu->exit.reason, RVHV_REASON_MMIO);
	KUNIT_EXPECT_FALSE(test, vcpu->exit.mmio.write);
}

static void readonly_slot(struct kunit *test)
{
	struct live *live = LIVE_START(test, touch);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);
	struct rvhv_region rom = {
		.slot = 1, .flags = RVHV_SLOT_READONLY, .gpa = 0xa0000000, .size = PAGE_SIZE,
		.hva = live_hva(live, LIVE_DATA),
	};
	u64 val = 77;

	KUNIT_ASSERT_EQ(test, copy_to_user((void __user *)(unsigned long)rom.hva, &val, 8), 0);
	KUNIT_ASSERT_EQ(test, rvhv_mem_set_region(&live->vm->mem, &rom), 0);
	vcpu->sw.gpr[10] = rom.gpa;
	vcpu->sw.gpr[11] = 1;
	KUNIT_ASSERT_EQ(test, live_run(vcpu), 0);
	KUNIT_EXPECT_EQ(test, vcpu->exit.reason, RVHV_REASON_MMIO);
	KUNIT_EXPECT_TRUE(test, vcpu->exit.mmio.write);
	KUNIT_EXPECT_EQ(test, vcpu->exit.mmio.addr, rom.gpa);
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), val);
}

static void dirty_page(struct kunit *test)
{
	struct live *live = LIVE_START(test, touch);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);
	struct rvhv_region log = {
		.flags = RVHV_SLOT_LOG_DIRTY, .gpa = LIVE_RAM, .size = LIVE_RAM_SIZE,
		.hva = live->hva,
	};
	unsigned long user = live->hva + LIVE_RAM_SIZE / 2 + SZ_1M;
	u64 bits[LIVE_RAM_SIZE / PAGE_SIZE / 64];
	unsigned int i, set = 0;

	vcpu->sw.gpr[10] = LIVE_DATA;
	vcpu->sw.gpr[11] = 3;
	live_report(test, vcpu);
	KUNIT_ASSERT_EQ(test, rvhv_mem_set_region(&live->vm->mem, &log), 0);
	vcpu->sw.gpr[10] = LIVE_DATA;
	vcpu->sw.gpr[11] = 3;
	live_report(test, vcpu);
	KUNIT_ASSERT_EQ(test, rvhv_mem_get_dirty_log(&live->vm->mem, 0, (void __user *)user), 0);
	KUNIT_ASSERT_EQ(test, copy_from_user(bits, (void __user *)user, sizeof(bits)), 0);
	for (i = 0; i < ARRAY_SIZE(bits); i++)
		set += hweight64(bits[i]);
	KUNIT_EXPECT_EQ(test, set, 3);
	i = (LIVE_DATA - LIVE_RAM) / PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, bits[i / 64] >> (i % 64) & 7, 7);
	/* No stores since */
	KUNIT_ASSERT_EQ(test, rvhv_mem_get_dirty_log(&live->vm->mem, 0, (void __user *)user), 0);
	KUNIT_ASSERT_EQ(test, copy_from_user(bits, (void __user *)user, sizeof(bits)), 0);
	for (i = 0, set = 0; i < ARRAY_SIZE(bits); i++)
		set += hweight64(bits[i]);
	KUNIT_EXPECT_EQ(test, set, 0);
}

/* With Sstc by the hart's comparator, else by the hrtimer */
static const bool timer_params[] = { true, false };

static void timer_desc(const bool *sstc, char *desc)
{
	strscpy(desc, *sstc ? "sstc" : "hrtimer", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(timer, timer_params, timer_desc);

static void timer(struct kunit *test)
{
	const bool *sstc = test->param_value;
	struct live *live = LIVE_START(test, timer);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);

	if (*sstc && !rvhv_isa_available(RISCV_ISA_EXT_SSTC))
		kunit_skip(test, "the host has no Sstc");
	if (!*sstc)
		clear_bit(RISCV_ISA_EXT_SSTC, vcpu->isa);
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), CAUSE_IRQ_FLAG | IRQ_S_TIMER);
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu) & BIT(IRQ_S_TIMER), 0);
}

static void wfi_pending(struct kunit *test)
{
	struct live *live = LIVE_START(test, wfi_pending);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);

	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), BIT(IRQ_S_SOFT));
	KUNIT_EXPECT_EQ(test, vcpu->stats.wfi_exit_stat, 1);
}

/* The interrupt that ends a suspend is pending afterwards. */
static void suspend_keeps_interrupt(struct kunit *test)
{
	struct live *live = LIVE_START(test, suspend);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);

	rvhv_vcpu_set_irq(vcpu, IRQ_VS_SOFT, true);
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), 0);
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), 0x77);
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), BIT(IRQ_S_SOFT));
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), BIT(IRQ_S_SOFT));
}

static void user_wfi(struct kunit *test)
{
	struct live *live = LIVE_START(test, user_wfi);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);

	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), EXC_INST_ILLEGAL);
}

/* A hart that ignores a reserved value keeps another guest's: the vCPU must not get that. */
static void refused_csrs_are_not_inherited(struct kunit *test)
{
	struct live *live[2] = { LIVE_START(test, peek), LIVE_START(test, peek) };
	struct rvhv_vcpu *vcpu[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		vcpu[i] = live_vcpu(test, live[i], 0);
		vcpu[i]->sw.gpr[10] = LIVE_DATA;
	}
	vcpu[0]->csr.vs.vstvec = LIVE_RAM + 0x100;
	live_report(test, vcpu[0]);
	KUNIT_EXPECT_EQ(test, vcpu[0]->csr.vs.vstvec, LIVE_RAM + 0x100);
	/* MODE 15 is reserved */
	vcpu[1]->csr.vs.vsatp = 15UL << 60 | 0x123;
	vcpu[1]->csr.vs.vstvec = LIVE_RAM + 0x203;
	live_run(vcpu[1]);
	KUNIT_EXPECT_NE(test, vcpu[1]->csr.vs.vstvec, LIVE_RAM + 0x100);
}

static void ipi_between_harts(struct kunit *test)
{
	struct live *live = LIVE_START(test, ipi);
	struct rvhv_vcpu *one = live_vcpu(test, live, 0);
	struct rvhv_vcpu *two = live_vcpu(test, live, 1);
	struct live_thread *thread = live_thread_start(test, two, -1);

	KUNIT_EXPECT_EQ(test, live_report(test, one), 0);	/* hart_start */
	KUNIT_EXPECT_EQ(test, live_report(test, one), 0);	/* send_ipi */
	KUNIT_EXPECT_EQ(test, live_thread_report(test, thread), 1);
	KUNIT_EXPECT_EQ(test, live_report(test, two), 0x1234);
	KUNIT_EXPECT_EQ(test, live_report(test, two), CAUSE_IRQ_FLAG | IRQ_S_SOFT);
}

/* Two guests with different register values alternate on one CPU, by exits and by the scheduler. */
static void registers_survive(struct kunit *test, struct rvhv_vcpu *vcpu[2], unsigned long rounds)
{
	struct live_thread *thread[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		vcpu[i]->sw.gpr[10] = i ? 0x55 : 0x1122334455667700;
		vcpu[i]->sw.gpr[11] = rounds;
		vcpu[i]->sw.gpr[12] = LIVE_DATA + i * SZ_64K;
	}
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, live_report(test, vcpu[i]), 0);
	for (i = 0; i < 2; i++)
		thread[i] = live_thread_start(test, vcpu[i], 0);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, live_thread_report(test, thread[i]), 0);
}

static void fp_survives(struct kunit *test)
{
	struct live *live = LIVE_START(test, fp);
	struct rvhv_vcpu *vcpu[2] = { live_vcpu(test, live, 0), live_vcpu(test, live, 1) };

	rvhv_vcpu_set_hsm_state(vcpu[1], RVHV_HSM_STARTED);
	registers_survive(test, vcpu, 30000);
}

static void vector_survives(struct kunit *test)
{
	struct live *live = LIVE_START(test, vector);
	struct rvhv_vcpu *vcpu[2];
	unsigned int i;

	if (!has_vector())
		kunit_skip(test, "the host has no vectors");
	/* Guests may use the units that their VMM's thread may: be like a user program. */
	current->thread.vstate_ctrl = PR_RISCV_V_VSTATE_CTRL_ON;
	for (i = 0; i < 2; i++) {
		vcpu[i] = live_vcpu(test, live, i);
		KUNIT_ASSERT_TRUE(test, rvhv_vcpu_has_isa(vcpu[i], RISCV_ISA_EXT_v));
	}
	rvhv_vcpu_set_hsm_state(vcpu[1], RVHV_HSM_STARTED);
	registers_survive(test, vcpu, 30000);
}

/* Every VM and every vCPU has its own mapping of the same guest addresses. */
static void two_vms(struct kunit *test)
{
	struct live *live[2] = { LIVE_START(test, peek), LIVE_START(test, peek) };
	struct rvhv_vcpu *vcpu[2];
	unsigned int i, round;

	for (i = 0; i < 2; i++) {
		u64 val = 100 + i;

		vcpu[i] = live_vcpu(test, live[i], 0);
		vcpu[i]->sw.gpr[10] = LIVE_DATA;
		KUNIT_ASSERT_EQ(test, rvhv_copy_to_guest(&live[i]->vm->mem, LIVE_DATA, &val, 8), 0);
	}
	for (round = 0; round < 100; round++)
		for (i = 0; i < 2; i++)
			KUNIT_EXPECT_EQ(test, live_report(test, vcpu[i]), 100 + i);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(first_touch),
	KUNIT_CASE(remapped_page),
	KUNIT_CASE(unmapped_page),
	KUNIT_CASE(deleted_slot),
	KUNIT_CASE(readonly_slot),
	KUNIT_CASE(dirty_page),
	KUNIT_CASE_PARAM(timer, timer_gen_params),
	KUNIT_CASE(wfi_pending),
	KUNIT_CASE(suspend_keeps_interrupt),
	KUNIT_CASE(user_wfi),
	KUNIT_CASE(refused_csrs_are_not_inherited),
	KUNIT_CASE(ipi_between_harts),
	KUNIT_CASE(fp_survives),
	KUNIT_CASE(vector_survives),
	KUNIT_CASE(two_vms),
	{}
};

static struct kunit_suite suite = {
	.name = "rvhv_live_state",
	.test_cases = cases,
};

kunit_test_suite(suite);
