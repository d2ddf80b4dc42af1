// SPDX-License-Identifier: GPL-2.0-only
/* Unhandled exits, and the VMM's answers to them */
#include <linux/rvhv.h>

#include "lib/check.h"

#define NOTHING		0x20000000UL	/* no memory, but for a slot of one test */

/* An AMO on MMIO cannot be emulated. */
static __guest void guest_amo(unsigned long gpa, unsigned long a1)
{
	unsigned long old = 77;

	guest_trap_init(0);
	asm volatile(".option push\n.option norvc\namoadd.d %0, %2, (%1)\n.option pop"
		     : "+&r"(old) : "r"(gpa), "r"(5UL) : "memory");
	guest_done(old);
}

/* Nor can a floating point load, here of two bytes. */
static __guest void guest_c_fld(unsigned long gpa, unsigned long a1)
{
	guest_trap_init(0);
	csr_set(sstatus, SR_FS_INITIAL);
	asm volatile("mv a5, %0\n.option push\n.option rvc\nc.fld fa5, 0(a5)\n.option pop"
		     :: "r"(gpa) : "a5", "memory");
	guest_done(1);
}

static __guest void guest_jump(unsigned long gpa, unsigned long a1)
{
	guest_trap_init(0);
	((void (*)(void))gpa)();
	guest_done(1);
}

static struct rvhv_exit_unhandled *record_of(struct rvcpu *vcpu)
{
	return (void *)&vcpu->run->hw;
}

/* Run to the unhandled exit and check the record. */
static struct rvhv_exit_unhandled *meet(struct __test_metadata *_metadata, struct rvcpu *vcpu,
					unsigned long cause)
{
	struct rvhv_exit_unhandled *record = record_of(vcpu);

	/* All but the answer to the previous exit */
	memset(record, 0xff, offsetof(struct rvhv_exit_unhandled, action));
	record->inject_scause = -1UL;
	record->inject_stval = -1UL;
	ASSERT_EQ(0, rvcpu_run(vcpu));
	ASSERT_EQ(RVHV_EXIT_UNHANDLED, vcpu->run->exit_reason);
	EXPECT_EQ(cause, record->scause);
	EXPECT_EQ(cause, vcpu->run->hw.hardware_exit_reason);
	EXPECT_EQ(rvcpu_get(vcpu, RVM_REG_CORE(regs.pc)), record->sepc);
	EXPECT_EQ(NOTHING, record->stval);
	EXPECT_EQ(NOTHING, record->htval << 2);
	EXPECT_EQ(RVHV_UNHANDLED_RETRY, record->action);
	EXPECT_EQ(0, record->inject_scause);
	EXPECT_EQ(0, record->inject_stval);
	EXPECT_EQ(0, record->reserved[0]);
	EXPECT_EQ(0, record->reserved[1]);
	return record;
}

#define MEET(vcpu, cause)	meet(_metadata, vcpu, cause)

/* Skip an instruction of @len bytes; returns the instruction in the record. */
static uint32_t skip_one(struct __test_metadata *_metadata, rvm_guest_fn fn, unsigned long cause,
			 int len, unsigned long result)
{
	struct rvhv_exit_unhandled *record;
	unsigned long pc;
	struct rvcpu vcpu;
	struct rvm vm;
	uint32_t insn;

	vm_start(&vm, &vcpu, fn, NOTHING);
	record = MEET(&vcpu, cause);
	insn = record->insn;
	pc = record->sepc;
	record->action = RVHV_UNHANDLED_SKIP;
	vcpu.run->immediate_exit = 1;
	EXPECT_EQ(-EINTR, rvcpu_run_raw(&vcpu));
	vcpu.run->immediate_exit = 0;
	EXPECT_EQ(pc + len, rvcpu_get(&vcpu, RVM_REG_CORE(regs.pc)));
	EXPECT_EQ(result, GUEST_SAYS_DONE(&vcpu));
	EXPECT_EQ(0, rvm_shared(&vm)->trap[0].count);
	return insn;
}

TEST(skip)
{
	SKIP_ON_KVM("KVM_RUN fails instead");
	/* The opcode of AMOs */
	EXPECT_EQ(0x2f, skip_one(_metadata, guest_amo, CAUSE_STORE_GUEST_FAULT, 4, 77) & 0x7f);
}

TEST(skip_compressed)
{
	SKIP_ON_KVM("KVM_RUN fails instead");
	EXPECT_NE(3, skip_one(_metadata, guest_c_fld, CAUSE_LOAD_GUEST_FAULT, 2, 1) & 3);
}

/* The VMM adds a slot, and the guest repeats the access. */
TEST(retry)
{
	uint64_t *mem = rvm_anon(RVM_PAGE);
	struct rvm vm;
	struct rvcpu vcpu;

	SKIP_ON_KVM("KVM_RUN fails instead");
	vm_start(&vm, &vcpu, guest_amo, NOTHING);
	MEET(&vcpu, CAUSE_STORE_GUEST_FAULT);
	/* Without a slot it exits again. */
	MEET(&vcpu, CAUSE_STORE_GUEST_FAULT);
	mem[0] = 1000;
	rvm_set_slot(&vm, 7, 0, NOTHING, RVM_PAGE, mem);
	EXPECT_EQ(1000, GUEST_SAYS_DONE(&vcpu));
	EXPECT_EQ(1005, mem[0]);
}

TEST(inject)
{
	static const unsigned long causes[] = { 0, 2, 5, 7, 13, 15, 19, 24, 63 };

	SKIP_ON_KVM("KVM_RUN fails instead");
	for (int i = 0; i < ARRAY_SIZE(causes); i++) {
		struct rvhv_exit_unhandled *record;
		struct rvm vm;
		struct rvcpu vcpu;
		unsigned long pc;

		vm_start(&vm, &vcpu, guest_amo, NOTHING);
		record = MEET(&vcpu, CAUSE_STORE_GUEST_FAULT);
		pc = record->sepc;
		record->action = RVHV_UNHANDLED_INJECT;
		record->inject_scause = causes[i];
		record->inject_stval = 0x1234567 + i;
		EXPECT_EQ(77, GUEST_SAYS_DONE(&vcpu));
		EXPECT_EQ(1, rvm_shared(&vm)->trap[0].count);
		EXPECT_EQ(causes[i], rvm_shared(&vm)->trap[0].cause);
		EXPECT_EQ(pc, rvm_shared(&vm)->trap[0].epc);
		EXPECT_EQ(0x1234567 + i, rvm_shared(&vm)->trap[0].tval);
		rvcpu_destroy(&vcpu);
		rvm_destroy(&vm);
	}
}

/* An invalid answer gives EINVAL and changes nothing. */
TEST(bad_answers)
{
	static const struct rvhv_exit_unhandled bad[] = {
		{ .action = 3 },
		{ .action = -1U },
		{ .action = RVHV_UNHANDLED_INJECT, .inject_scause = 64 },
		{ .action = RVHV_UNHANDLED_INJECT, .inject_scause = 1UL << 63 | 5 },
		{ .action = RVHV_UNHANDLED_INJECT, .inject_scause = -1UL },
		{ .action = RVHV_UNHANDLED_RETRY, .reserved = { 1 } },
		{ .action = RVHV_UNHANDLED_SKIP, .reserved = { 0, 1 } },
	};
	struct rvhv_exit_unhandled *record;
	struct rvm vm;
	struct rvcpu vcpu;
	unsigned long pc;

	SKIP_ON_KVM("KVM_RUN fails instead");
	vm_start(&vm, &vcpu, guest_amo, NOTHING);
	record = MEET(&vcpu, CAUSE_STORE_GUEST_FAULT);
	pc = record->sepc;
	for (int i = 0; i < ARRAY_SIZE(bad); i++) {
		record->action = bad[i].action;
		record->inject_scause = bad[i].inject_scause;
		memcpy(record->reserved, bad[i].reserved, sizeof(record->reserved));
		EXPECT_EQ(-EINVAL, rvcpu_run_raw(&vcpu));
		EXPECT_EQ(pc, rvcpu_get(&vcpu, RVM_REG_CORE(regs.pc)));
		EXPECT_EQ(CAUSE_STORE_GUEST_FAULT, record->scause);
		EXPECT_EQ(pc, record->sepc);
	}
	memset(record->reserved, 0, sizeof(record->reserved));
	record->action = RVHV_UNHANDLED_SKIP;
	EXPECT_EQ(77, GUEST_SAYS_DONE(&vcpu));
}

/* A failed fetch cannot be skipped; an exception can be injected. */
TEST(no_instruction)
{
	struct rvhv_exit_unhandled *record;
	struct rvm vm;
	struct rvcpu vcpu;

	SKIP_ON_KVM("KVM_RUN fails instead");
	vm_start(&vm, &vcpu, guest_jump, NOTHING);
	record = MEET(&vcpu, CAUSE_FETCH_GUEST_FAULT);
	EXPECT_EQ(0, record->insn);
	EXPECT_EQ(NOTHING, record->sepc);
	record->action = RVHV_UNHANDLED_SKIP;
	EXPECT_EQ(-EINVAL, rvcpu_run_raw(&vcpu));
	/* The trap handler returns to the caller. */
	rvm_shared(&vm)->trap[0].resume = rvcpu_get(&vcpu, RVM_REG_CORE(regs.ra));
	record->action = RVHV_UNHANDLED_INJECT;
	record->inject_scause = 1;
	record->inject_stval = NOTHING;
	EXPECT_EQ(1, GUEST_SAYS_DONE(&vcpu));
	EXPECT_EQ(1, rvm_shared(&vm)->trap[0].cause);
	EXPECT_EQ(NOTHING, rvm_shared(&vm)->trap[0].epc);
}

TEST_HARNESS_MAIN
