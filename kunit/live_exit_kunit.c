// SPDX-License-Identifier: GPL-2.0-only
/*
 * Live KUnit tests of exits: what the guest sees and what the VMM sees.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/mmu_notifier.h>
#include <linux/unaligned.h>

#include "../guest_mem/access.h"
#include "../include/rvhv_arch.h"
#include "../sbi/sbi_errors.h"
#include "../vcpu/mp.h"
#include "../vcpu/run.h"
#include "live.h"

static void sbi_base(struct kunit *test)
{
	struct live *live = LIVE_START(test, sbi);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);
	unsigned long value;

	KUNIT_EXPECT_EQ(test, live_sbi(test, live, vcpu, SBI_EXT_BASE, 0, 0, 0, 0, &value), 0);
	KUNIT_EXPECT_GE(test, value >> 24, 2);
	KUNIT_EXPECT_EQ(test, live_sbi(test, live, vcpu, SBI_EXT_BASE, SBI_EXT_BASE_PROBE_EXT,
				       SBI_EXT_TIME, 0, 0, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 1);
	KUNIT_EXPECT_EQ(test, vcpu->stats.ecall_exit_stat, 2);
}

struct sbi_case {
	const char *name;
	unsigned long eid, fid, a0, a1, a2;
	long error;
};

/* Calls that the core answers, and the specification's answer for a guest of one hart */
static const struct sbi_case sbi_cases[] = {
	{ "unknown extension", 0x12345678, 0, 0, 0, 0, SBI_ERR_NOT_SUPPORTED },
	{ "unknown function", SBI_EXT_BASE, 77, 0, 0, 0, SBI_ERR_NOT_SUPPORTED },
	{ "set_timer", SBI_EXT_TIME, 0, -1UL, 0, 0, 0 },
	{ "ipi to self", SBI_EXT_IPI, 0, 1, 0, 0, 0 },
	{ "ipi to all", SBI_EXT_IPI, 0, 0, -1UL, 0, 0 },
	{ "ipi to no hart", SBI_EXT_IPI, 0, 2, 0, 0, SBI_ERR_INVALID_PARAM },
	{ "ipi beyond the guest", SBI_EXT_IPI, 0, 1, 5000, 0, SBI_ERR_INVALID_PARAM },
	{ "fence.i", SBI_EXT_RFENCE, 0, 1, 0, 0, 0 },
	{ "sfence.vma", SBI_EXT_RFENCE, 1, 1, 0, 0, 0 },
	{ "sfence.vma of a page", SBI_EXT_RFENCE, 1, 1, 0, 0x1000, 0 },
	{ "sfence.vma with asid", SBI_EXT_RFENCE, 2, 1, 0, 0, 0 },
	{ "hfence.gvma", SBI_EXT_RFENCE, 3, 1, 0, 0, SBI_ERR_NOT_SUPPORTED },
	{ "status of self", SBI_EXT_HSM, SBI_EXT_HSM_HART_STATUS, 0, 0, 0, 0 },
	{ "status of no hart", SBI_EXT_HSM, SBI_EXT_HSM_HART_STATUS, 9, 0, 0,
	  SBI_ERR_INVALID_PARAM },
	{ "start of self", SBI_EXT_HSM, SBI_EXT_HSM_HART_START, 0, LIVE_RAM, 0,
	  SBI_ERR_ALREADY_AVAILABLE },
	{ "start of no hart", SBI_EXT_HSM, SBI_EXT_HSM_HART_START, 9, LIVE_RAM, 0,
	  SBI_ERR_INVALID_PARAM },
	{ "reset of an unknown type", SBI_EXT_SRST, 0, 0x1234, 0, 0, SBI_ERR_INVALID_PARAM },
	{ "console that is off", SBI_EXT_DBCN, 0, 0, 0, 0, SBI_ERR_NOT_SUPPORTED },
};

KUNIT_ARRAY_PARAM_DESC(sbi, sbi_cases, name);

static void sbi_answer(struct kunit *test)
{
	const struct sbi_case *c = test->param_value;
	struct live *live = LIVE_START(test, sbi);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);

	KUNIT_EXPECT_EQ(test, live_sbi(test, live, vcpu, c->eid, c->fid, c->a0, c->a1, c->a2, NULL),
			c->error);
}

/* A range at the top of the address space, whose end wraps */
static void fence_to_the_top(struct kunit *test)
{
	struct live *live = LIVE_START(test, sbi);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);
	const unsigned long regs[8] = { 1, 0, -4096UL, 4096, 0, 0, 1, SBI_EXT_RFENCE };

	KUNIT_ASSERT_EQ(test, rvhv_copy_to_guest(&live->vm->mem, LIVE_ARGS, regs, sizeof(regs)), 0);
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), 0);
}

/* The mask is in a page that the guest has not touched. */
static void legacy_mask_in_fresh_page(struct kunit *test)
{
	struct live *live = LIVE_START(test, legacy_mask);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);

	vcpu->sw.gpr[10] = LIVE_RAM + LIVE_RAM_SIZE - 8;
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), 0);
}

static void legacy_mask_in_nothing(struct kunit *test)
{
	struct live *live = LIVE_START(test, legacy_mask);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);

	vcpu->sw.gpr[10] = LIVE_DEVICE;
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), EXC_LOAD_ACCESS);
	/* The ecall follows two loads of a constant. */
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), 8);
}

/* A VMM cannot emulate a page-table walk into a device. */
static void walk_into_device(struct kunit *test)
{
	struct live *live = LIVE_START(test, walk);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);
	int ret;

	vcpu->sw.gpr[10] = LIVE_DEVICE;
	ret = live_run(vcpu);
	/* The fetch after the write of satp walks. */
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_NE(test, vcpu->exit.reason, RVHV_REASON_MMIO);
}

static void sbi_forwarded(struct kunit *test)
{
	struct live *live = LIVE_START(test, sbi);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);
	const unsigned long regs[8] = { 1, 2, 3, 4, 5, 6, 7, SBI_EXT_EXPERIMENTAL_START };

	KUNIT_ASSERT_EQ(test, rvhv_copy_to_guest(&live->vm->mem, LIVE_ARGS, regs, sizeof(regs)), 0);
	KUNIT_ASSERT_EQ(test, rvhv_sbi_ext_set(&vcpu->sbi, SBI_EXT_EXPERIMENTAL_START, false), 0);
	KUNIT_EXPECT_EQ(test, (long)live_report(test, vcpu), SBI_ERR_NOT_SUPPORTED);
	live_report(test, vcpu);

	KUNIT_ASSERT_EQ(test, rvhv_sbi_ext_set(&vcpu->sbi, SBI_EXT_EXPERIMENTAL_START, true), 0);
	KUNIT_ASSERT_EQ(test, live_run(vcpu), 0);
	KUNIT_ASSERT_EQ(test, vcpu->exit.reason, RVHV_REASON_SBI);
	KUNIT_EXPECT_EQ(test, vcpu->exit.sbi.eid, SBI_EXT_EXPERIMENTAL_START);
	KUNIT_EXPECT_EQ(test, vcpu->exit.sbi.fid, 7);
	KUNIT_EXPECT_EQ(test, vcpu->exit.sbi.args[0], 1);
	KUNIT_EXPECT_EQ(test, vcpu->exit.sbi.args[5], 6);
	vcpu->exit.sbi.ret[0] = -3;
	vcpu->exit.sbi.ret[1] = 42;
	KUNIT_EXPECT_EQ(test, (long)live_report(test, vcpu), -3);
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), 42);
}

static void system_shutdown(struct kunit *test)
{
	struct live *live = LIVE_START(test, sbi);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);
	const unsigned long regs[8] = { 0, 1, 0, 0, 0, 0, 0, SBI_EXT_SRST };

	KUNIT_ASSERT_EQ(test, rvhv_copy_to_guest(&live->vm->mem, LIVE_ARGS, regs, sizeof(regs)), 0);
	KUNIT_ASSERT_EQ(test, live_run(vcpu), 0);
	KUNIT_EXPECT_EQ(test, vcpu->exit.reason, RVHV_REASON_SYSTEM);
	KUNIT_EXPECT_EQ(test, vcpu->exit.system.event, RVHV_SYSTEM_SHUTDOWN);
	KUNIT_EXPECT_EQ(test, vcpu->exit.system.reason, 1);
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_hsm_state(vcpu), RVHV_HSM_STOPPED);
}

static void answer_load(struct kunit *test, struct rvhv_vcpu *vcpu, u64 addr, u32 len, u64 data)
{
	KUNIT_ASSERT_EQ(test, live_run(vcpu), 0);
	KUNIT_ASSERT_EQ(test, vcpu->exit.reason, RVHV_REASON_MMIO);
	KUNIT_EXPECT_FALSE(test, vcpu->exit.mmio.write);
	KUNIT_EXPECT_EQ(test, vcpu->exit.mmio.addr, addr);
	KUNIT_EXPECT_EQ(test, vcpu->exit.mmio.len, len);
	put_unaligned_le64(data, vcpu->exit.mmio.data);
}

static void expect_store(struct kunit *test, struct rvhv_vcpu *vcpu, u64 addr, u32 len, u64 data)
{
	KUNIT_ASSERT_EQ(test, live_run(vcpu), 0);
	KUNIT_ASSERT_EQ(test, vcpu->exit.reason, RVHV_REASON_MMIO);
	KUNIT_EXPECT_TRUE(test, vcpu->exit.mmio.write);
	KUNIT_EXPECT_EQ(test, vcpu->exit.mmio.addr, addr);
	KUNIT_EXPECT_EQ(test, vcpu->exit.mmio.len, len);
	KUNIT_EXPECT_EQ(test, get_unaligned_le64(vcpu->exit.mmio.data), data);
}

/* Loads of the guest "mmio", where the device holds MMIO_BYTES at every offset */
#define MMIO_BYTES	0x8182838485868788ULL

static const struct {
	unsigned int offset, len;
	u64 seen;
} mmio_loads[] = {
	{ 0, 1, 0xffffffffffffff88 }, { 0, 1, 0x88 },
	{ 2, 2, 0xffffffffffff8788 }, { 2, 2, 0x8788 },
	{ 4, 4, 0xffffffff85868788 }, { 4, 4, 0x85868788 },
	{ 8, 8, MMIO_BYTES },
	{ 4, 4, 0xffffffff85868788 }, { 8, 8, MMIO_BYTES },
	{ 4, 4, 0 },
};

static const struct {
	unsigned int offset, len;
	u64 bytes;
} mmio_stores[] = {
	{ 0, 1, 0x88 }, { 2, 2, 0x8788 }, { 4, 4, 0x85868788 }, { 8, 8, MMIO_BYTES },
	{ 4, 4, 0x85868788 }, { 8, 8, MMIO_BYTES },
};

static void mmio(struct kunit *test)
{
	struct live *live = LIVE_START(test, mmio);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mmio_loads); i++) {
		answer_load(test, vcpu, LIVE_DEVICE + mmio_loads[i].offset, mmio_loads[i].len,
			    MMIO_BYTES);
		KUNIT_EXPECT_EQ_MSG(test, live_report(test, vcpu), mmio_loads[i].seen, "load %u",
				    i);
	}
	for (i = 0; i < ARRAY_SIZE(mmio_stores); i++)
		expect_store(test, vcpu, LIVE_DEVICE + mmio_stores[i].offset, mmio_stores[i].len,
			     mmio_stores[i].bytes);
	live_report(test, vcpu);
}

/* A device of the kernel that checks the accesses of the guest "mmio" */
struct mmio_device {
	struct rvhv_io_device dev;
	struct kunit *test;
	unsigned int loads;
	unsigned int stores;
};

static enum rvhv_io_result mmio_read(struct rvhv_io_device *dev, u64 addr, unsigned int len,
				     u64 *val)
{
	struct mmio_device *device = container_of(dev, struct mmio_device, dev);
	unsigned int i = device->loads++;

	KUNIT_EXPECT_LT(device->test, i, ARRAY_SIZE(mmio_loads));
	if (i < ARRAY_SIZE(mmio_loads)) {
		KUNIT_EXPECT_EQ(device->test, addr - dev->first, mmio_loads[i].offset);
		KUNIT_EXPECT_EQ(device->test, len, mmio_loads[i].len);
	}
	*val = MMIO_BYTES;
	return RVHV_IO_HANDLED;
}

static enum rvhv_io_result mmio_write(struct rvhv_io_device *dev, u64 addr, unsigned int len,
				      u64 val)
{
	struct mmio_device *device = container_of(dev, struct mmio_device, dev);
	unsigned int i = device->stores++;

	KUNIT_EXPECT_LT(device->test, i, ARRAY_SIZE(mmio_stores));
	if (i < ARRAY_SIZE(mmio_stores)) {
		KUNIT_EXPECT_EQ(device->test, addr - dev->first, mmio_stores[i].offset);
		KUNIT_EXPECT_EQ(device->test, len, mmio_stores[i].len);
		KUNIT_EXPECT_EQ(device->test, val, mmio_stores[i].bytes);
	}
	return RVHV_IO_HANDLED;
}

static void kernel_device(struct kunit *test)
{
	static const struct rvhv_io_device_ops ops = { .read = mmio_read, .write = mmio_write };
	struct live *live = LIVE_START(test, mmio);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);
	struct mmio_device device = {
		.dev = {
			.ops = &ops,
			.first = LIVE_DEVICE,
			.last = LIVE_DEVICE + 15,
			.rank = RVHV_IO_RANK_DEVICE,
		},
		.test = test,
	};
	unsigned int i;
	int ret;

	KUNIT_ASSERT_EQ(test, rvhv_io_device_add(&live->vm->io, &device.dev), 0);
	for (i = 0; i < ARRAY_SIZE(mmio_loads); i++) {
		ret = live_run(vcpu);
		KUNIT_EXPECT_EQ(test, ret, 0);
		KUNIT_EXPECT_EQ(test, vcpu->exit.mmio.addr, LIVE_REPORT);
		KUNIT_EXPECT_EQ_MSG(test, get_unaligned_le64(vcpu->exit.mmio.data),
				    mmio_loads[i].seen, "load %u", i);
	}
	ret = live_run(vcpu);
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, vcpu->exit.mmio.addr, LIVE_REPORT);
	rvhv_io_device_remove(&live->vm->io, &device.dev);
	KUNIT_EXPECT_EQ(test, device.stores, ARRAY_SIZE(mmio_stores));
	KUNIT_EXPECT_EQ(test, vcpu->stats.mmio_exit_kernel,
			ARRAY_SIZE(mmio_loads) + ARRAY_SIZE(mmio_stores));
}

static void illegal_insn(struct kunit *test)
{
	struct live *live = LIVE_START(test, illegal);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);

	vcpu->csr.vs.vsstatus = SR_SIE;
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), EXC_INST_ILLEGAL);
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), 0);
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu) & (SR_SPP | SR_SPIE | SR_SIE),
			SR_SPP | SR_SPIE);
}

static void misaligned_device(struct kunit *test)
{
	struct live *live = LIVE_START(test, misaligned);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);

	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), EXC_LOAD_ACCESS);
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), LIVE_DEVICE + 1);
}

static void counters(struct kunit *test)
{
	struct live *live = LIVE_START(test, csr);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);

	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), 0);
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), 0);
	KUNIT_EXPECT_EQ(test, live_report(test, vcpu), EXC_INST_ILLEGAL);
	KUNIT_EXPECT_EQ(test, vcpu->stats.csr_exit_kernel, 2);
}

static void jump_to_nothing(struct kunit *test)
{
	struct live *live = LIVE_START(test, jump);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);

	vcpu->sw.gpr[10] = 0x40000000;
	KUNIT_ASSERT_EQ(test, live_run(vcpu), 0);
	KUNIT_EXPECT_EQ(test, vcpu->exit.reason, RVHV_REASON_UNHANDLED);
	KUNIT_EXPECT_EQ(test, vcpu->exit.unhandled.trap.scause, EXC_INST_GUEST_PAGE_FAULT);
	KUNIT_EXPECT_EQ(test, vcpu->exit.unhandled.trap.sepc, 0x40000000);
	KUNIT_EXPECT_EQ(test, vcpu->exit.unhandled.trap.htval << 2, 0x40000000);
}

static void ebreak_to_user(struct kunit *test)
{
	struct live *live = LIVE_START(test, ebreak);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);

	mutex_lock(&vcpu->mutex);
	rvhv_vcpu_set_guest_debug(vcpu, true);
	mutex_unlock(&vcpu->mutex);
	KUNIT_ASSERT_EQ(test, live_run(vcpu), 0);
	KUNIT_EXPECT_EQ(test, vcpu->exit.reason, RVHV_REASON_DEBUG);
	KUNIT_EXPECT_EQ(test, vcpu->exit.debug.pc, LIVE_RAM);
}

static void immediate_exit(struct kunit *test)
{
	struct live *live = LIVE_START(test, spin);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);
	int ret;

	mutex_lock(&vcpu->mutex);
	ret = rvhv_vcpu_run(vcpu, true);
	mutex_unlock(&vcpu->mutex);
	KUNIT_EXPECT_EQ(test, ret, -EINTR);
	KUNIT_EXPECT_EQ(test, vcpu->exit.reason, RVHV_REASON_INTR);
	KUNIT_EXPECT_EQ(test, vcpu->stats.exits, 0);
}

static int pass(struct rvhv_vcpu *vcpu, struct rvhv_trap *trap)
{
	return RVHV_VERDICT_PASS;
}

/* Handlers cannot be registered for the causes that the core handles. */
static void exit_causes(struct kunit *test)
{
	static const unsigned long core[] = {
		EXC_INST_ACCESS, EXC_INST_ILLEGAL, EXC_BREAKPOINT, EXC_LOAD_MISALIGNED,
		EXC_LOAD_ACCESS, EXC_STORE_MISALIGNED, EXC_STORE_ACCESS, EXC_SUPERVISOR_SYSCALL,
		EXC_INST_GUEST_PAGE_FAULT, EXC_LOAD_GUEST_PAGE_FAULT, EXC_VIRTUAL_INST_FAULT,
		EXC_STORE_GUEST_PAGE_FAULT,
	};
	struct rvhv_exit_handler handler = { .handle = pass };
	unsigned long cause, taken = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(core); i++)
		taken |= BIT(core[i]);
	for (cause = 0; cause < 64; cause++) {
		handler.cause = cause;
		KUNIT_EXPECT_EQ_MSG(test, rvhv_exit_register(&handler),
				    taken & BIT(cause) ? -EBUSY : 0, "cause %lu", cause);
		rvhv_exit_unregister(&handler);
	}
	handler.cause = 64;
	KUNIT_EXPECT_EQ(test, rvhv_exit_register(&handler), -EINVAL);
	handler.cause = 1UL << 63 | 9;
	KUNIT_EXPECT_EQ(test, rvhv_exit_register(&handler), -EINVAL);
}

/* Wait until @vcpu is in the guest, or sleeps for it. */
static void wait_running(struct kunit *test, struct rvhv_vcpu *vcpu)
{
	unsigned long end = jiffies + 10 * HZ;

	while (READ_ONCE(vcpu->mode) != RVHV_IN_GUEST && !READ_ONCE(vcpu->blocking) &&
	       time_before(jiffies, end))
		usleep_range(100, 1000);
	KUNIT_ASSERT_TRUE(test, time_before(jiffies, end));
}

/* vCPU 0 runs in the guest, vCPU 1 is a stopped hart: both come back from a dead VM. */
static void dead_vm(struct kunit *test)
{
	struct live *live = LIVE_START(test, spin);
	struct live_thread *thread[2];
	struct rvhv_vcpu *vcpu[2];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vcpu); i++)
		vcpu[i] = live_vcpu(test, live, i);
	for (i = 0; i < ARRAY_SIZE(vcpu); i++)
		thread[i] = live_thread_start(test, vcpu[i], -1);
	for (i = 0; i < ARRAY_SIZE(vcpu); i++)
		wait_running(test, vcpu[i]);
	rvhv_vm_bug(live->vm, "KUnit kills a VM that runs");
	for (i = 0; i < ARRAY_SIZE(vcpu); i++) {
		KUNIT_EXPECT_EQ(test, live_thread_join(thread[i]), -EIO);
		KUNIT_EXPECT_EQ(test, live_run(vcpu[i]), -EIO);
	}
	KUNIT_EXPECT_EQ(test, vcpu[1]->stats.exits, 0);
}

/* The end of an invalidation that never began */
static void contradiction_in_memory(struct kunit *test)
{
	struct live *live = LIVE_START(test, spin);
	struct rvhv_vcpu *vcpu = live_vcpu(test, live, 0);
	struct mmu_notifier *notifier = &live->vm->mem.notifier;
	struct mmu_notifier_range range = { .start = live->hva, .end = live->hva + PAGE_SIZE };

	notifier->ops->invalidate_range_end(notifier, &range);
	KUNIT_EXPECT_EQ(test, live->vm->mem.invalidate_count, 0);
	KUNIT_EXPECT_EQ(test, live->vm->dead, 1);
	KUNIT_EXPECT_EQ(test, live_run(vcpu), -EIO);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(sbi_base),
	KUNIT_CASE_PARAM(sbi_answer, sbi_gen_params),
	KUNIT_CASE(fence_to_the_top),
	KUNIT_CASE(legacy_mask_in_fresh_page),
	KUNIT_CASE(legacy_mask_in_nothing),
	KUNIT_CASE(walk_into_device),
	KUNIT_CASE(sbi_forwarded),
	KUNIT_CASE(system_shutdown),
	KUNIT_CASE(mmio),
	KUNIT_CASE(kernel_device),
	KUNIT_CASE(illegal_insn),
	KUNIT_CASE(misaligned_device),
	KUNIT_CASE(counters),
	KUNIT_CASE(jump_to_nothing),
	KUNIT_CASE(ebreak_to_user),
	KUNIT_CASE(immediate_exit),
	KUNIT_CASE(exit_causes),
	KUNIT_CASE(dead_vm),
	KUNIT_CASE(contradiction_in_memory),
	{}
};

static struct kunit_suite suite = {
	.name = "rvhv_live_exit",
	.test_cases = cases,
};

kunit_test_suite(suite);
