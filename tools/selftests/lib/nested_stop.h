/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU that the VMM stops while its L2 runs: the fixture of tests of its registers */
#ifndef RVM_NESTED_STOP_H
#define RVM_NESTED_STOP_H

#include "nested_guest.h"
#include "snapshot.h"

#define VSETVLI		ASM_EXT("+v", "vsetvli t0, zero, e64, m1, ta, ma")

/* Bits of struct hart's flag, which the test sets */
#define GO		1UL	/* end the wait */
#define FP_BEFORE	2UL	/* the L2 uses the unit before the wait */
#define FP_AFTER	4UL	/* the L2 uses the unit after the wait */
#define V_BEFORE	8UL
#define V_AFTER		16UL
#define V_BY_L1		32UL	/* the L1 uses the unit, then turns it off */
#define SLEEP		64UL	/* wait in WFI */
#define FENCE_AFTER	128UL	/* SFENCE.VMA after the wait */

static __guest void l2_waits(struct hart *h)
{
	csr_write(stvec, (unsigned long)l2_trap_entry);
	csr_set(sstatus, SR_VS_INITIAL);
	if (h->flag & FP_BEFORE)
		asm volatile("fcvt.d.l f0, %0" :: "r"(1));
	if (h->flag & V_BEFORE)
		asm volatile(VSETVLI ::: "t0");
	while (!(h->flag & GO)) {
		h->count++;
		if (h->flag & SLEEP)
			asm volatile("wfi");
	}
	if (h->flag & FENCE_AFTER)
		asm volatile("sfence.vma" ::: "memory");
	if (h->flag & FP_AFTER)
		asm volatile("fadd.d f0, f0, f0");
	if (h->flag & V_AFTER)
		asm volatile(VSETVLI ::: "t0");
	for (;;)
		l2_call(L2_STEP, 0, 0, 0);
}

/* One run of the L2 with sstatus.@units set: the cause, and sstatus in h->deadline. */
static __guest void l1_once(unsigned long id, unsigned long units)
{
	struct hart *h = l1_init(id, (void *)l2_waits);
	unsigned long cause;

	csr_write(stimecmp, -1UL);
	csr_write(sie, IE_STIE | IE_SSIE | IE_SEIE);
	if (h->flag & V_BY_L1) {
		csr_set(sstatus, SR_VS_INITIAL);
		asm volatile(VSETVLI ::: "t0");
	}
	csr_clear(sstatus, SR_FS | SR_VS);
	csr_set(sstatus, units);
	cause = l1_run_l2(h);
	h->deadline = csr_read(sstatus);
	guest_done(cause);
}

FIXTURE(l2) {
	struct rvm vm;
	struct rvcpu vcpu;
	struct hart *h;
	bool skip;
};

FIXTURE_SETUP(l2)
{
	catch_signal(SIGUSR1);
	rvm_create(&self->vm);
	rvcpu_create(&self->vm, 0, &self->vcpu);
	self->skip = !rvcpu_enable_h(&self->vcpu) ||
		     !rvcpu_get(&self->vcpu, RVM_REG_ISA(KVM_RISCV_ISA_EXT_SSTC));
	self->h = rvm_hart(self->vm.mem, 0);
}

FIXTURE_TEARDOWN(l2)
{
	rvcpu_destroy(&self->vcpu);
	rvm_destroy(&self->vm);
}

#define SKIP_WITHOUT_H() \
	do { if (self->skip) SKIP(return, "no H extension, or no Sstc"); } while (0)

/* Run until the L2 counts, then stop. */
static inline void stop_in_l2(struct __test_metadata *_metadata, struct rvcpu *vcpu, struct hart *h)
{
	uint64_t before = h->count;
	struct vcpu_thread t;

	vcpu->run->immediate_exit = 0;
	vcpu_thread_start(&t, vcpu);
	for (int i = 0; i < 10000 && h->count == before && t.ret > 0; i++)
		usleep(1000);
	ASSERT_EQ(-EINTR, vcpu_thread_stop(&t));
	ASSERT_LT(before, h->count);
	ASSERT_EQ(1, rvcpu_get(vcpu, RVM_REG_VIRT));
}

#define STOP_IN_L2()	stop_in_l2(_metadata, &self->vcpu, self->h)

#endif
