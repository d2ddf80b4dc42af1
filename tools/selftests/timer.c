// SPDX-License-Identifier: GPL-2.0-only
/* The guest's timer by SBI and by stimecmp, on hosts with and without Sstc */
#include "check.h"

#define TICKS	20000UL		/* 2 ms at 10 MHz */

__guest_inline void guest_set_timer(unsigned long when)
{
	guest_ecall(SBI_TIME, 0, when, 0, 0, 0, 0);
}

/* Each timer gives one interrupt, not before its time, in a loop and in WFI. */
static __guest void guest_timer(unsigned long rounds, unsigned long wfi)
{
	struct guest_shared *s = guest_shared();

	guest_trap_init(0);
	for (unsigned long i = 1; i <= rounds; i++) {
		unsigned long start = csr_read(time);

		guest_set_timer(start + TICKS);
		csr_set(sie, IE_STIE);
		/* Interrupts are enabled after WFI: one taken before it would leave WFI waiting. */
		while (s->irq_count[0] < i) {
			if (wfi)
				asm volatile("wfi");
			csr_set(sstatus, SR_SIE);
			csr_clear(sstatus, SR_SIE);
		}
		GUEST_ASSERT_LE(TICKS, csr_read(time) - start);
		GUEST_ASSERT_EQ(s->irq_cause[0], IRQ_S_TIMER & ~CAUSE_IRQ);
		GUEST_ASSERT_EQ(s->irq_count[0], i);
	}
	guest_done(s->irq_count[0]);
}

TEST(interrupt_in_loop)
{
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_timer, 50);
	EXPECT_EQ(50, GUEST_SAYS_DONE(&vcpu));
}

TEST(interrupt_in_wfi)
{
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_timer, 50);
	rvcpu_set(&vcpu, RVM_REG_CORE(regs.a1), 1);
	EXPECT_EQ(50, GUEST_SAYS_DONE(&vcpu));
}

/* Setting the timer to a later time clears the pending interrupt. */
static __guest void guest_retract(unsigned long a0, unsigned long a1)
{
	guest_set_timer(-1UL);
	GUEST_ASSERT_EQ(csr_read(sip) & IE_STIE, 0);
	guest_set_timer(0);
	GUEST_WAIT_FOR(csr_read(sip) & IE_STIE);
	guest_sync(0);
	GUEST_ASSERT_EQ(csr_read(sip) & IE_STIE, IE_STIE);
	guest_set_timer(csr_read(time) + (1UL << 40));
	GUEST_ASSERT_EQ(csr_read(sip) & IE_STIE, 0);
	guest_set_timer(1);
	GUEST_WAIT_FOR(csr_read(sip) & IE_STIE);
	guest_set_timer(-1UL);
	GUEST_ASSERT_EQ(csr_read(sip) & IE_STIE, 0);
	guest_done(0);
}

TEST(retract)
{
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_retract, 0);
	GUEST_SAYS_SYNC(&vcpu);
	GUEST_SAYS_DONE(&vcpu);
}

/* stimecmp exists only with Sstc. */
static __guest void guest_stimecmp(unsigned long a0, unsigned long a1)
{
	guest_trap_init(0);
	csr_write(stimecmp, -1UL);
	if (guest_shared()->trap[0].count)
		guest_done(guest_shared()->trap[0].cause);
	csr_write(stimecmp, csr_read(time) + TICKS);
	csr_set(sie, IE_STIE);
	while (!(csr_read(sip) & IE_STIE))
		asm volatile("wfi");
	guest_done(0);
}

TEST(stimecmp)
{
	unsigned long sstc = 0, seen;
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_stimecmp, 0);
	rvcpu_get_raw(&vcpu, RVM_REG_ISA(KVM_RISCV_ISA_EXT_SSTC), &sstc);
	seen = GUEST_SAYS_DONE(&vcpu);
	EXPECT_TRUE(sstc ? !seen : seen == CAUSE_ILLEGAL_INSN || seen == CAUSE_VIRTUAL_INSN);
}

/* Guest time starts near zero and never decreases. */
static __guest void guest_time(unsigned long a0, unsigned long a1)
{
	unsigned long last = csr_read(time);

	for (;;) {
		for (int i = 0; i < 1000; i++) {
			unsigned long now = csr_read(time);

			GUEST_ASSERT_LE(last, now);
			last = now;
		}
		guest_sync(last);
	}
}

TEST(guest_time_goes_on)
{
	struct rvm vm;
	struct rvcpu vcpu;
	unsigned long hz, guest, reg;

	vm_start(&vm, &vcpu, guest_time, 0);
	hz = rvcpu_get(&vcpu, RVM_REG_TIMER(frequency));
	for (int i = 0; i < 20; i++) {
		guest = GUEST_SAYS_SYNC(&vcpu);
		EXPECT_LT(guest, 30 * hz);
		reg = rvcpu_get(&vcpu, RVM_REG_TIMER(time));
		EXPECT_LE(guest, reg);
		EXPECT_LT(reg, guest + 10 * hz);
	}
	rvcpu_set(&vcpu, RVM_REG_TIMER(time), 1UL << 45);
	guest = GUEST_SAYS_SYNC(&vcpu);
	EXPECT_LE(1UL << 45, guest);
	EXPECT_LT(guest, (1UL << 45) + 30 * hz);
}

TEST_HARNESS_MAIN
