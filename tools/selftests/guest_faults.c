// SPDX-License-Identifier: GPL-2.0-only
/* Guests that do what they should not: each gets its trap, or the VMM an errno; no host suffers. */
#include "check.h"

static __guest void guest_one_trap(unsigned long insn_at, unsigned long unused)
{
	guest_trap_init(0);
	((void (*)(void))insn_at)();
	guest_done(guest_shared()->trap[0].count);
}

/* The words that follow are put into the guest's memory as they are, and end with ret. */
static void put_code(struct rvm *vm, const uint32_t *code, int n)
{
	memcpy((char *)vm->mem + RVM_FREE_OFF, code, n * sizeof(*code));
}

/* Encodings that no extension will ever use, and privileged ones out of place in VS mode. */
TEST(illegal_instructions)
{
	static const struct {
		uint32_t insn;
		unsigned long cause[2];
	} bad[] = {
		{ 0x00010000, { 2, 2 } },	/* c.unimp, c.nop */
		{ 0xffffffff, { 2, 2 } },
		{ 0xc0001073, { 2, 2 } },	/* csrw cycle, zero */
		{ 0x30002073, { 2, 2 } },	/* csrr zero, mstatus */
		{ 0x30200073, { 2, 2 } },	/* mret */
		{ 0x60002073, { 22, 2 } },	/* csrr zero, hstatus: virtual with H */
		{ 0x20002073, { 22, 2 } },	/* csrr zero, vsstatus */
		{ 0x62000073, { 22, 2 } },	/* hfence.gvma */
		{ 0x64004073, { 22, 2 } },	/* hlv.w zero, (zero) */
		{ 0x0000006b, { 2, 2 } },	/* custom major opcode */
	};
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	for (int i = 0; i < ARRAY_SIZE(bad); i++) {
		uint32_t code[] = { bad[i].insn, 0x00008067 };
		struct guest_shared *s = rvm_shared(&vm);

		memset(s, 0, sizeof(*s));
		put_code(&vm, code, 2);
		rvcpu_start_at(&vcpu, guest_one_trap, RVM_BASE + RVM_FREE_OFF, 0);
		/* Code was written from outside: a new VM would need no fence, a used one does. */
		EXPECT_EQ(1, GUEST_SAYS_DONE(&vcpu)) {
			TH_LOG("instruction %#x", bad[i].insn);
		}
		EXPECT_TRUE(s->trap[0].cause == bad[i].cause[0] ||
			    s->trap[0].cause == bad[i].cause[1]) {
			TH_LOG("instruction %#x: cause %lu", bad[i].insn,
			       (unsigned long)s->trap[0].cause);
		}
		EXPECT_EQ(RVM_BASE + RVM_FREE_OFF, s->trap[0].epc);
	}
}

/* All 4096 CSR numbers are read: each read works, traps, or is the VMM's; nothing else happens. */
TEST(every_csr)
{
	struct rvm vm;
	struct rvcpu vcpu;
	int exits = 0;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	for (uint32_t csr = 0; csr < 4096; csr++) {
		uint32_t code[] = { 0x0000100f /* fence.i */, csr << 20 | 0x2073, 0x00008067 };
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
			TH_LOG("CSR %#x: exit %u", csr, vcpu.run->exit_reason);
		}
		if (s->trap[0].count)
			ASSERT_TRUE(s->trap[0].cause == 2 || s->trap[0].cause == 22) {
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

/* A jump to where nothing is ends KVM_RUN, however often one tries; a new start works. */
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
			/* Beyond the G-stage's reach the guest has its own fault, at stvec 0. */
			EXPECT_TRUE(is_unhandled(&vcpu, ret, CAUSE_FETCH_GUEST_FAULT)) {
				TH_LOG("to %#lx: %d, exit %u", nowhere[i], ret,
				       vcpu.run->exit_reason);
			}
		}
	}
	rvcpu_start_at(&vcpu, guest_jump, RVM_BASE + RVM_FREE_OFF, 0);
	put_code(&vm, (uint32_t[]){ 0x00008067 }, 1);
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
	EXPECT_EQ(3, rvm_shared(&vm)->trap[0].cause);
	/* With debugging on it is the VMM's, and may be stepped over. */
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

/* In VU mode: an ecall is the guest kernel's, whatever it looks like. */
static __guest void guest_user(unsigned long a0, unsigned long a1)
{
	guest_trap_init(0);
	/* Back to VS mode where the trap handler returns to. */
	guest_shared()->trap[0].resume = 0;
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
	EXPECT_EQ(8, rvm_shared(&vm)->trap[0].cause);
	vcpu.run->immediate_exit = 1;
	pthread_kill(t.thread, SIGUSR1);
	EXPECT_EQ(-EINTR, vcpu_thread_join(&t));
	EXPECT_EQ(KVM_RISCV_MODE_U, rvcpu_get(&vcpu, RVM_REG_CORE(mode)));
}

TEST_HARNESS_MAIN
