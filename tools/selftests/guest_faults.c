// SPDX-License-Identifier: GPL-2.0-only
/* Guests that fault: the guest gets a trap, or the VMM an exit or an errno. */
#include "check.h"

static __guest void guest_one_trap(unsigned long insn_at, unsigned long unused)
{
	guest_trap_init(0);
	((void (*)(void))insn_at)();
	guest_done(guest_shared()->trap[0].count);
}

static void put_code(struct rvm *vm, const uint32_t *code, int n)
{
	memcpy((char *)vm->mem + RVM_FREE_OFF, code, n * sizeof(*code));
}

/* Encodings that no extension uses, and instructions that VS mode cannot execute */
TEST(illegal_instructions)
{
	static const struct {
		uint32_t insn;
		bool with_h;	/* a virtual-instruction exception on a hart with H */
	} bad[] = {
		{ 0x00010000, false },	/* c.unimp, c.nop */
		{ INSN_ILLEGAL, false },
		{ INSN_CSRW(CSR_CYCLE), false },
		{ INSN_CSRR(CSR_MSTATUS), false },
		{ INSN_MRET, false },
		{ INSN_CSRR(CSR_HSTATUS), true },
		{ INSN_CSRR(CSR_VSSTATUS), true },
		{ INSN_HFENCE_GVMA(0, 0), true },
		{ RTYPE(0x32, 0, 0, 4, 0, 0x73), true },	/* hlv.h zero, (zero) */
		{ 0x0000006b, false },	/* a custom major opcode */
	};
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	for (int i = 0; i < ARRAY_SIZE(bad); i++) {
		uint32_t code[] = { bad[i].insn, INSN_RET };
		struct guest_shared *s = rvm_shared(&vm);

		memset(s, 0, sizeof(*s));
		put_code(&vm, code, 2);
		rvcpu_start_at(&vcpu, guest_one_trap, RVM_BASE + RVM_FREE_OFF, 0);
		EXPECT_EQ(1, GUEST_SAYS_DONE(&vcpu)) {
			TH_LOG("instruction %#x", bad[i].insn);
		}
		EXPECT_TRUE(s->trap[0].cause == CAUSE_ILLEGAL_INSN ||
			    (bad[i].with_h && s->trap[0].cause == CAUSE_VIRTUAL_INSN)) {
			TH_LOG("instruction %#x: cause %lu", bad[i].insn,
			       (unsigned long)s->trap[0].cause);
		}
		EXPECT_EQ(RVM_BASE + RVM_FREE_OFF, s->trap[0].epc);
	}
}

/* A read of any CSR number succeeds, traps, or exits to the VMM. */
TEST(every_csr)
{
	struct rvm vm;
	struct rvcpu vcpu;
	int exits = 0;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	for (uint32_t csr = 0; csr < 4096; csr++) {
		uint32_t code[] = { INSN_FENCE_I, INSN_CSRR(csr), INSN_RET };
		struct guest_shared *s = rvm_shared(&vm);
		int ret;

		memset(s, 0, sizeof(*s));
		put_code(&vm, code, 3);
		rvcpu_start_at(&vcpu, guest_one_trap, RVM_BASE + RVM_FREE_OFF, 0);
		ret = rvcpu_run(&vcpu);
		ASSERT_EQ(0, ret) {
			TH_LOG("CSR %#x", csr);
		}
		if (vcpu.run->exit_reason == KVM_EXIT_RISCV_CSR) {
			ASSERT_EQ(csr, vcpu.run->riscv_csr.csr_num);
			exits++;
			continue;
		}
		ASSERT_TRUE(is_guest_call(&vcpu, GUEST_DONE)) {
			TH_LOG("CSR %#x: %s", csr, rvcpu_describe(&vcpu));
		}
		if (s->trap[0].count)
			ASSERT_TRUE(s->trap[0].cause == CAUSE_ILLEGAL_INSN ||
				    s->trap[0].cause == CAUSE_VIRTUAL_INSN) {
				TH_LOG("CSR %#x: cause %lu", csr, (unsigned long)s->trap[0].cause);
			}
	}
	EXPECT_LE(exits, 64);
}

static __guest void guest_jump(unsigned long to, unsigned long unused)
{
	((void (*)(void))to)();
	guest_done(0);
}

/* A fetch from an address without memory ends KVM_RUN, each time. A new pc works. */
TEST(jump_to_nowhere)
{
	static const unsigned long nowhere[] = { 0, 0x10000000, 0xfffffffffffff000, 1UL << 40 };
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	for (int i = 0; i < ARRAY_SIZE(nowhere); i++) {
		int ret;

		rvcpu_start_at(&vcpu, guest_jump, nowhere[i], 0);
		for (int n = 0; n < 3; n++) {
			ret = rvcpu_run(&vcpu);
			/* Beyond the G-stage's width the guest takes the fault, at stvec 0. */
			EXPECT_TRUE(is_unhandled(&vcpu, ret, CAUSE_FETCH_GUEST_FAULT)) {
				TH_LOG("to %#lx: %d; %s", nowhere[i], ret, rvcpu_describe(&vcpu));
			}
		}
	}
	rvcpu_start_at(&vcpu, guest_jump, RVM_BASE + RVM_FREE_OFF, 0);
	put_code(&vm, (uint32_t[]){ INSN_RET }, 1);
	GUEST_SAYS_DONE(&vcpu);
}

static __guest void guest_breakpoint(unsigned long a0, unsigned long a1)
{
	guest_trap_init(0);
	asm volatile(".option push\n .option norvc\n ebreak\n .option pop");
	asm volatile("c.ebreak");
	guest_done(guest_shared()->trap[0].count);
}

TEST(breakpoint)
{
	struct kvm_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE };
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_breakpoint, 0);
	EXPECT_EQ(2, GUEST_SAYS_DONE(&vcpu));
	EXPECT_EQ(CAUSE_BREAKPOINT, rvm_shared(&vm)->trap[0].cause);
	/* With KVM_GUESTDBG_ENABLE it exits to the VMM. */
	ASSERT_EQ(0, IOCTL(vcpu.fd, KVM_SET_GUEST_DEBUG, &debug));
	rvcpu_start_at(&vcpu, guest_breakpoint, 0, 0);
	ASSERT_EQ(0, rvcpu_run(&vcpu));
	EXPECT_EQ(KVM_EXIT_DEBUG, vcpu.run->exit_reason);
	rvcpu_set(&vcpu, RVM_REG_CORE(regs.pc), rvcpu_get(&vcpu, RVM_REG_CORE(regs.pc)) + 4);
	ASSERT_EQ(0, rvcpu_run(&vcpu));
	EXPECT_EQ(KVM_EXIT_DEBUG, vcpu.run->exit_reason);
	debug.control = 0;
	ASSERT_EQ(0, IOCTL(vcpu.fd, KVM_SET_GUEST_DEBUG, &debug));
	EXPECT_EQ(3, GUEST_SAYS_DONE(&vcpu));
}

/* An ECALL of VU mode is the guest kernel's. */
static __guest void guest_user(unsigned long a0, unsigned long a1)
{
	guest_trap_init(0);
	asm volatile("lla t0, 1f\n csrw sepc, t0\n li t0, 0x100\n csrc sstatus, t0\n"
		     "sret\n 1: ecall\n 2: j 2b\n" ::: "t0");
}

TEST(user_ecall)
{
	struct vcpu_thread t;
	struct rvm vm;
	struct rvcpu vcpu;

	catch_signal(SIGUSR1);
	vm_start(&vm, &vcpu, guest_user, 0);
	vcpu_thread_start(&t, &vcpu);
	for (int i = 0; i < 1000 && !rvm_shared(&vm)->trap[0].count; i++)
		usleep(10000);
	EXPECT_EQ(1, rvm_shared(&vm)->trap[0].count);
	EXPECT_EQ(CAUSE_ECALL_U, rvm_shared(&vm)->trap[0].cause);
	EXPECT_EQ(-EINTR, vcpu_thread_stop(&t));
	EXPECT_EQ(KVM_RISCV_MODE_U, rvcpu_get(&vcpu, RVM_REG_CORE(mode)));
}

TEST_HARNESS_MAIN
