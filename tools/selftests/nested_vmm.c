// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VMM stops a vCPU whose L2 runs: what it finds in ONE_REG, and what L1 and L2 do about what it
 * writes there.
 */
#include "lib/snapshot.h"
#include "lib/nested_guest.h"

#define ILLEGAL			2
#define CAUSE_VIRTUAL_INSN	22

__guest void l2_trap_c(struct hart *h)
{
	l2_fail(__LINE__, csr_read(scause));
}

/* vsetvli t0, zero, e64, m1, ta, ma */
#define VSETVLI		".4byte 0x0d8072d7"

#define SR_FS		(3UL << 13)
#define SR_FS_CLEAN	(2UL << 13)
#define SR_VS		(3UL << 9)
#define SR_VS_CLEAN	(2UL << 9)

/* What the test asks for in struct hart's flag */
#define GO		1UL	/* wait no longer */
#define FP_BEFORE	2UL	/* the L2 changes the unit before it waits */
#define FP_AFTER	4UL	/* or uses it after that */
#define V_BEFORE	8UL
#define V_AFTER		16UL
#define V_BY_L1		32UL	/* the L1 has used it before it turned it off */
#define SLEEP		64UL	/* wait in WFI */
#define FENCE_AFTER	128UL	/* an SFENCE.VMA */

/* Use units, wait for the test, use them once more, and back to the L1. */
static __guest void l2_waits(struct hart *h)
{
	wr(stvec, (unsigned long)l2_trap_entry);
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
		l2_call(L2_STEP, 0, 0);
}

/* One run of the L2 with these units on: why it came back, and what sstatus was then. */
static __guest void l1_once(unsigned long id, unsigned long units)
{
	struct hart *h = l1_init(id, (void *)l2_waits);
	unsigned long cause;

	wr(STIMECMP, -1UL);
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
	self->skip = !rvcpu_give_h(&self->vcpu) ||
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

/* Run until the L2 counts, and stop it there. */
static void stop_in_l2(struct __test_metadata *_metadata, struct rvcpu *vcpu, struct hart *h)
{
	uint64_t before = h->count;
	struct vcpu_thread t;

	vcpu->run->immediate_exit = 0;
	vcpu_thread_start(&t, vcpu);
	for (int i = 0; i < 10000 && h->count == before && t.ret > 0; i++)
		usleep(1000);
	vcpu->run->immediate_exit = 1;
	pthread_kill(t.thread, SIGUSR1);
	ASSERT_EQ(-EINTR, vcpu_thread_join(&t));
	vcpu->run->immediate_exit = 0;
	ASSERT_LT(before, h->count);
	ASSERT_EQ(1, rvcpu_get(vcpu, RVM_REG_VIRT));
}

#define STOP_IN_L2()	stop_in_l2(_metadata, &self->vcpu, self->h)

TEST_F(l2, whose_registers)
{
	struct rvcpu *vcpu = &self->vcpu;

	SKIP_WITHOUT_H();
	rvcpu_start_at(vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	/* The L1's */
	EXPECT_EQ(rvm_guest_addr(l1_from_l2), rvcpu_get(vcpu, RVM_REG_CSR(stvec)));
	EXPECT_EQ(HART_AT(0) + HART_VARS, rvcpu_get(vcpu, RVM_REG_CSR(sscratch)));
	EXPECT_EQ((HART_AT(0) + L1_ROOT) >> 12 | SV39 | 9UL << 44,
		  rvcpu_get(vcpu, RVM_REG_CSR(satp)));
	EXPECT_EQ(IE_STIE | IE_SSIE | IE_SEIE, rvcpu_get(vcpu, RVM_REG_CSR(sie)));
	EXPECT_EQ(-1UL, rvcpu_get(vcpu, RVM_REG_TIMER(compare)));
	/* The L2's */
	EXPECT_EQ(L2_VA(rvm_guest_addr(l2_trap_entry)), rvcpu_get(vcpu, RVM_REG_HS(VSTVEC)));
	EXPECT_EQ(L2_VA(HART_AT(0) + HART_VARS), rvcpu_get(vcpu, RVM_REG_HS(VSSCRATCH)));
	EXPECT_EQ(self->h->vsatp, rvcpu_get(vcpu, RVM_REG_HS(VSATP)));
	EXPECT_EQ(self->h->hgatp, rvcpu_get(vcpu, RVM_REG_HS(HGATP)));
	/* Of whichever runs */
	EXPECT_LE(L2_VA(RVM_BASE), rvcpu_get(vcpu, RVM_REG_CORE(regs.pc)));
	EXPECT_EQ(KVM_RISCV_MODE_S, rvcpu_get(vcpu, RVM_REG_CORE(mode)));
	self->h->flag = GO;
	EXPECT_EQ(CAUSE_VS_ECALL, GUEST_SAYS_DONE(vcpu));
	EXPECT_EQ(0, rvcpu_get(vcpu, RVM_REG_VIRT));
}

/* ---- the CSRs of the L2: what it writes the VMM reads, and what that writes it reads ---- */

#define SCOUNT		7
#define PATTERN(i)	(0x1111111111111110UL * ((i) + 1))

static const unsigned int vs_csrs[SCOUNT] = {
	0x240, 0x241, 0x242, 0x243, 0x205, 0x24d, 0x204,
};

static __guest void l2_writes(struct hart *h)
{
	volatile uint64_t *val = (void *)L2_VA(RVM_BASE + RVM_SHARED_OFF);

	csr_write(sscratch, PATTERN(0));
	csr_write(sepc, PATTERN(1));
	csr_write(scause, PATTERN(2));
	csr_write(stval, PATTERN(3));
	csr_write(stvec, PATTERN(4));
	wr(STIMECMP, PATTERN(5));
	csr_write(sie, IE_SSIE | IE_SEIE);
	csr_clear(sip, IE_SSIE);
	while (!(h->flag & GO))
		h->count++;
	val[0] = csr_read(sscratch);
	val[1] = csr_read(sepc);
	val[2] = csr_read(scause);
	val[3] = csr_read(stval);
	val[4] = csr_read(stvec);
	val[5] = rd(STIMECMP);
	val[6] = csr_read(sie);
	val[7] = csr_read(sip);
	for (;;)
		l2_call(L2_STEP, 0, 0);
}

static __guest void l1_of_l2_writes(unsigned long id, unsigned long a1)
{
	struct hart *h = l1_init(id, (void *)l2_writes);

	wr(HIDELEG, 0x444);
	wr(HENVCFG, HENVCFG_STCE);
	wr(HVIP, VSSIP | 1UL << 10);
	guest_done(l1_run_l2(h));
}

TEST_F(l2, csrs_of_l2)
{
	struct guest_shared *s = rvm_shared(&self->vm);
	struct rvcpu *vcpu = &self->vcpu;

	SKIP_WITHOUT_H();
	rvcpu_start_at(vcpu, l1_of_l2_writes, 0, 0);
	STOP_IN_L2();
	for (int i = 0; i < SCOUNT - 1; i++)
		EXPECT_EQ(PATTERN(i), rvcpu_get(vcpu, RVM_REG_HS(vs_csrs[i])));
	EXPECT_EQ(0x202, rvcpu_get(vcpu, RVM_REG_HS(0x204)));
	EXPECT_EQ(0x404, rvcpu_get(vcpu, RVM_REG_HS(HIE)));
	/* It has cleared its software interrupt; the external one is its L1's to clear */
	EXPECT_EQ(1UL << 10, rvcpu_get(vcpu, RVM_REG_HS(HVIP)));
	for (int i = 0; i < SCOUNT - 1; i++)
		rvcpu_set(vcpu, RVM_REG_HS(vs_csrs[i]), PATTERN(i + 7));
	rvcpu_set(vcpu, RVM_REG_HS(HIE), 0x440);
	rvcpu_set(vcpu, RVM_REG_HS(HVIP), VSSIP);
	self->h->flag = GO;
	EXPECT_EQ(CAUSE_VS_ECALL, GUEST_SAYS_DONE(vcpu));
	for (int i = 0; i < SCOUNT - 1; i++)
		EXPECT_EQ(PATTERN(i + 7), s->val[i]);
	EXPECT_EQ(0x220, s->val[6]);
	EXPECT_EQ(IE_SSIE, s->val[7]);
}

TEST_F(l2, timer_of_l1)
{
	SKIP_WITHOUT_H();
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	rvcpu_set(&self->vcpu, RVM_REG_TIMER(compare),
		  rvcpu_get(&self->vcpu, RVM_REG_TIMER(time)) + 200000);
	EXPECT_EQ(IRQ_TIMER, GUEST_SAYS_DONE(&self->vcpu));
}

/* Asleep in the L2, the vCPU waits for both timers; they stay whose they are. */
TEST_F(l2, timers_asleep)
{
	unsigned long far;

	SKIP_WITHOUT_H();
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	far = rvcpu_get(&self->vcpu, RVM_REG_TIMER(time)) + (1UL << 40);
	rvcpu_set(&self->vcpu, RVM_REG_TIMER(compare), far);
	rvcpu_set(&self->vcpu, RVM_REG_HS(HENVCFG), HENVCFG_STCE);
	rvcpu_set(&self->vcpu, RVM_REG_HS(VSTIMECMP), far - 1000);
	self->h->flag = SLEEP;
	STOP_IN_L2();
	EXPECT_EQ(far, rvcpu_get(&self->vcpu, RVM_REG_TIMER(compare)));
	EXPECT_EQ(far - 1000, rvcpu_get(&self->vcpu, RVM_REG_HS(VSTIMECMP)));
	/* The L2 wakes up by its own */
	self->h->flag = SLEEP | GO;
	rvcpu_set(&self->vcpu, RVM_REG_HS(HIE), VSTIP);
	rvcpu_set(&self->vcpu, RVM_REG_HS(HIDELEG), VSTIP);
	rvcpu_set(&self->vcpu, RVM_REG_HS(VSTIMECMP),
		  rvcpu_get(&self->vcpu, RVM_REG_TIMER(time)) + 200000);
	EXPECT_EQ(CAUSE_VS_ECALL, GUEST_SAYS_DONE(&self->vcpu));
}

/* What the VMM has the L1 forbid is forbidden in the L2. */
TEST_F(l2, traps)
{
	SKIP_WITHOUT_H();
	for (unsigned long vtvm = 0; vtvm < 2; vtvm++) {
		rvcpu_set(&self->vcpu, RVM_REG_CSR(satp), 0);
		self->h->flag = 0;
		rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
		STOP_IN_L2();
		rvcpu_set(&self->vcpu, RVM_REG_HS(HSTATUS), vtvm << 20);
		self->h->flag = GO | FENCE_AFTER;
		EXPECT_EQ(vtvm ? CAUSE_VIRTUAL_INSN : CAUSE_VS_ECALL,
			  GUEST_SAYS_DONE(&self->vcpu));
	}
}

/* The time jumps over what the L1 waits for. */
TEST_F(l2, time_of_l1)
{
	unsigned long far = 1UL << 50;

	SKIP_WITHOUT_H();
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	rvcpu_set(&self->vcpu, RVM_REG_TIMER(compare), far);
	STOP_IN_L2();
	rvcpu_set(&self->vcpu, RVM_REG_TIMER(time), far - 200000);
	EXPECT_EQ(IRQ_TIMER, GUEST_SAYS_DONE(&self->vcpu));
}

TEST_F(l2, interrupts_of_l1)
{
	struct kvm_interrupt irq = { .irq = KVM_INTERRUPT_SET };

	SKIP_WITHOUT_H();
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	rvcpu_set(&self->vcpu, RVM_REG_CSR(sip), IE_SSIE);
	EXPECT_EQ(IE_SSIE, rvcpu_get(&self->vcpu, RVM_REG_CSR(sip)));
	EXPECT_EQ(CAUSE_IRQ | 1, GUEST_SAYS_DONE(&self->vcpu));
	rvcpu_set(&self->vcpu, RVM_REG_CSR(sip), 0);
	rvcpu_set(&self->vcpu, RVM_REG_CSR(satp), 0);
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	ASSERT_EQ(0, IOCTL(self->vcpu.fd, KVM_INTERRUPT, &irq));
	EXPECT_EQ(IE_SEIE, rvcpu_get(&self->vcpu, RVM_REG_CSR(sip)));
	EXPECT_EQ(CAUSE_IRQ | 9, GUEST_SAYS_DONE(&self->vcpu));
}

/* Of a hart that another one starts, too: it has no stack. */
static __guest void guest_begins(unsigned long a0, unsigned long a1)
{
	guest_done(rd(HSTATUS));
}

/* The L1 goes on where its L2 was: the VMM may say so. */
TEST_F(l2, out_of_l2)
{
	SKIP_WITHOUT_H();
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	rvcpu_set(&self->vcpu, RVM_REG_VIRT, 0);
	rvcpu_set(&self->vcpu, RVM_REG_CSR(satp), 0);
	rvcpu_start_at(&self->vcpu, guest_begins, 0, 0);
	EXPECT_EQ(2UL << 32, GUEST_SAYS_DONE(&self->vcpu) & 3UL << 32);
}

/* The VMM changes the L1's tables: with hgatp written, what was made of the old ones is gone. */
TEST_F(l2, other_tables)
{
	char *hart = (char *)self->vm.mem + RVM_FREE_OFF, *page = hart + HART_VARS;
	unsigned long copy = 0xc000, vars = HART_AT(0) + HART_VARS - RVM_BASE;
	uint64_t *leaf = (void *)(hart + G_LEAF);

	SKIP_WITHOUT_H();
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	/* The L2's variables have another place, and only there may it go on */
	memcpy(hart + copy, page, RVM_PAGE);
	((struct hart *)(hart + copy))->flag = GO;
	leaf[vars / RVM_PAGE] = (HART_AT(0) + copy) >> 12 << 10 | PTE_G_LEAF;
	rvcpu_set(&self->vcpu, RVM_REG_HS(HGATP), self->h->hgatp);
	EXPECT_EQ(CAUSE_VS_ECALL, GUEST_SAYS_DONE(&self->vcpu));
	EXPECT_EQ(0, self->h->flag);
}

static __guest void l2_reads(struct hart *h)
{
	h->seq = *(volatile uint32_t *)(1UL << 32);
	for (;;)
		l2_call(L2_STEP, 0, 0);
}

/* The device is at the start of the L2's second GiB of physical addresses, and virtual 4 GiB. */
static __guest void l1_hands_on(unsigned long id, unsigned long a1)
{
	struct hart *h = l1_init(id, (void *)l2_reads);
	unsigned long base = HART_AT(id);

	((volatile uint64_t *)(base + G_ROOT))[2] = PTE_TABLE(base + G_SPARE);
	((volatile uint64_t *)(base + G_SPARE))[0] = RVM_MMIO >> 12 << 10 | PTE_G_LEAF;
	((volatile uint64_t *)(base + VS_ROOT))[4] = 2UL << 30 >> 12 << 10 | PTE_VS_LEAF;
	guest_done(l1_run_l2(h));
}

/* An L2's load from a device: the VMM answers, saves, and another VM goes on. */
TEST_F(l2, device_read)
{
	static struct snap_vcpu s;
	struct rvcpu other;
	struct rvm vm;

	SKIP_WITHOUT_H();
	rvcpu_start_at(&self->vcpu, l1_hands_on, 0, 0);
	ASSERT_EQ(0, rvcpu_run(&self->vcpu));
	ASSERT_EQ(KVM_EXIT_MMIO, self->vcpu.run->exit_reason);
	EXPECT_EQ(RVM_MMIO, self->vcpu.run->mmio.phys_addr);
	EXPECT_EQ(1, rvcpu_get(&self->vcpu, RVM_REG_VIRT));
	memcpy(self->vcpu.run->mmio.data, (uint32_t[]){ 0x12345678 }, 4);
	self->vcpu.run->immediate_exit = 1;
	ASSERT_EQ(-EINTR, rvcpu_run_raw(&self->vcpu));
	EXPECT_EQ(1, rvcpu_get(&self->vcpu, RVM_REG_VIRT));
	EXPECT_EQ(rvm_guest_addr(l1_from_l2), rvcpu_get(&self->vcpu, RVM_REG_CSR(stvec)));

	snap_save_vcpu(&self->vcpu, &s);
	rvm_create(&vm);
	memcpy(vm.mem, self->vm.mem, RVM_SIZE);
	rvcpu_create(&vm, 0, &other);
	snap_restore_vcpu(&other, &s, 0);
	EXPECT_EQ(CAUSE_VS_ECALL, GUEST_SAYS_DONE(&other));
	EXPECT_EQ(0x12345678, rvm_hart(vm.mem, 0)->seq);
	rvcpu_destroy(&other);
	rvm_destroy(&vm);
}

/* An execute-only page, where no MXR lets it be read */
#define X_ONLY		(3UL << 30)

static __guest void guest_peeks(unsigned long a0, unsigned long a1)
{
	guest_trap_init(0);
	(void)*(volatile uint64_t *)(X_ONLY + RVM_SHARED_OFF);
	guest_done(guest_shared()->trap[0].count);
}

/* Nor is the L1's MXR, which the hart had for its L2, there any more. */
TEST_F(l2, out_of_l2_without_mxr)
{
	uint64_t *root = (void *)((char *)self->vm.mem + RVM_FREE_OFF + L1_ROOT);

	SKIP_WITHOUT_H();
	root[X_ONLY >> 30] = RVM_BASE >> 12 << 10 | (PTE_VS_LEAF & ~6UL);
	rvcpu_start_at(&self->vcpu, l1_once, 0, 1UL << 19);
	STOP_IN_L2();
	rvcpu_set(&self->vcpu, RVM_REG_VIRT, 0);
	rvcpu_set(&self->vcpu, RVM_REG_CSR(sstatus), 0);
	rvcpu_start_at(&self->vcpu, guest_peeks, 0, 0);
	EXPECT_EQ(1, GUEST_SAYS_DONE(&self->vcpu));
}

/* A hart that the VMM stops keeps everything. */
TEST_F(l2, stopped)
{
	struct kvm_mp_state mp = { .mp_state = KVM_MP_STATE_STOPPED };
	static struct snap_vcpu before, after;
	struct vcpu_thread t;

	SKIP_WITHOUT_H();
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	rvcpu_set(&self->vcpu, RVM_REG_HS(VSTIMECMP), 0x5555);
	rvcpu_set(&self->vcpu, RVM_REG_HS(HENVCFG), HENVCFG_STCE);
	ASSERT_EQ(0, IOCTL(self->vcpu.fd, KVM_SET_MP_STATE, &mp));
	snap_save_vcpu(&self->vcpu, &before);
	vcpu_thread_start(&t, &self->vcpu);
	usleep(50000);
	EXPECT_EQ(1, t.ret);
	self->vcpu.run->immediate_exit = 1;
	pthread_kill(t.thread, SIGUSR1);
	EXPECT_EQ(-EINTR, vcpu_thread_join(&t));
	self->vcpu.run->immediate_exit = 0;
	snap_save_vcpu(&self->vcpu, &after);
	EXPECT_EQ(0, snap_differ(&before, &after)) {
		TH_LOG("%#lx", (unsigned long)snap_differ(&before, &after));
	}
	mp.mp_state = KVM_MP_STATE_RUNNABLE;
	ASSERT_EQ(0, IOCTL(self->vcpu.fd, KVM_SET_MP_STATE, &mp));
	STOP_IN_L2();
	self->h->flag = GO;
	EXPECT_EQ(CAUSE_VS_ECALL, GUEST_SAYS_DONE(&self->vcpu));
}

static __guest void guest_starts(unsigned long hart, unsigned long fn)
{
	guest_done(guest_ecall(SBI_HSM, 0, hart, fn, 0, 0, 0).error);
}

/* A hart that was stopped in its L2 and is started by another one begins anew. */
TEST_F(l2, started_anew)
{
	struct kvm_mp_state mp = { .mp_state = KVM_MP_STATE_STOPPED };
	struct rvcpu second;

	SKIP_WITHOUT_H();
	rvcpu_create(&self->vm, 1, &second);
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	ASSERT_EQ(0, IOCTL(self->vcpu.fd, KVM_SET_MP_STATE, &mp));
	mp.mp_state = KVM_MP_STATE_RUNNABLE;
	ASSERT_EQ(0, IOCTL(second.fd, KVM_SET_MP_STATE, &mp));
	rvcpu_start_at(&second, guest_starts, 0, rvm_guest_addr(guest_begins));
	EXPECT_EQ(0, GUEST_SAYS_DONE(&second));
	EXPECT_EQ(2UL << 32, GUEST_SAYS_DONE(&self->vcpu));
	EXPECT_EQ(0, rvcpu_get(&self->vcpu, RVM_REG_VIRT));
	EXPECT_EQ(0, rvcpu_get(&self->vcpu, RVM_REG_HS(HGATP)));
	rvcpu_destroy(&second);
}

static bool has_v(struct rvcpu *vcpu)
{
	return rvcpu_get(vcpu, RVM_REG_CONFIG(isa)) & 1UL << ('V' - 'A');
}

/* What the L2 has changed the L1 finds dirty, though the vCPU was out of the hart in between. */
TEST_F(l2, fp_is_dirty)
{
	SKIP_WITHOUT_H();
	self->h->flag = FP_BEFORE;
	rvcpu_start_at(&self->vcpu, l1_once, 0, SR_FS_CLEAN);
	STOP_IN_L2();
	EXPECT_EQ(SR_FS, rvcpu_get(&self->vcpu, RVM_REG_CSR(sstatus)) & SR_FS);
	self->h->flag = GO;
	EXPECT_EQ(CAUSE_VS_ECALL, GUEST_SAYS_DONE(&self->vcpu));
	EXPECT_EQ(SR_FS, self->h->deadline & SR_FS);
}

TEST_F(l2, vectors_are_dirty)
{
	SKIP_WITHOUT_H();
	if (!has_v(&self->vcpu))
		SKIP(return, "no vectors");
	self->h->flag = V_BEFORE;
	rvcpu_start_at(&self->vcpu, l1_once, 0, SR_VS_CLEAN);
	STOP_IN_L2();
	EXPECT_EQ(SR_VS, rvcpu_get(&self->vcpu, RVM_REG_CSR(sstatus)) & SR_VS);
	self->h->flag = GO;
	EXPECT_EQ(CAUSE_VS_ECALL, GUEST_SAYS_DONE(&self->vcpu));
	EXPECT_EQ(SR_VS, self->h->deadline & SR_VS);
}

/* Off in the L1 is off in the L2, whatever that has; also after the vCPU was out of the hart. */
TEST_F(l2, fp_is_off)
{
	SKIP_WITHOUT_H();
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	self->h->flag = GO | FP_AFTER;
	EXPECT_EQ(ILLEGAL, GUEST_SAYS_DONE(&self->vcpu));
}

TEST_F(l2, vectors_are_off)
{
	SKIP_WITHOUT_H();
	if (!has_v(&self->vcpu))
		SKIP(return, "no vectors");
	for (int stop = 0; stop < 2; stop++) {
		rvcpu_set(&self->vcpu, RVM_REG_CSR(satp), 0);
		self->h->flag = V_BY_L1 | (stop ? 0 : GO | V_AFTER);
		rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
		if (stop)
			STOP_IN_L2();
		self->h->flag = V_BY_L1 | GO | V_AFTER;
		EXPECT_EQ(ILLEGAL, GUEST_SAYS_DONE(&self->vcpu));
	}
}

/* ---- anything ---- */

static uint64_t random64(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x2545F4914F6CDD1DUL;
}

/* Few bits, addresses of the guest's memory, modes of hgatp, noise */
static uint64_t wild(uint64_t *state)
{
	uint64_t r = random64(state);

	switch (r & 7) {
	case 0:
		return 0;
	case 1:
		return -1UL;
	case 2:
		return 1UL << (r >> 8 & 63);
	case 3:
		return RVM_BASE + (r >> 8 & 0x3ffffe);
	case 4:
		return (r >> 8 & 15) << 60 | (HART_AT(0) + (r >> 16 & 0xf000)) >> 12;
	default:
		return r;
	}
}

struct ticker {
	pthread_t target;
	volatile bool stop;
};

static void *tick(void *arg)
{
	struct ticker *t = arg;

	while (!t->stop) {
		usleep(1000);
		pthread_kill(t->target, SIGUSR1);
	}
	return NULL;
}

/* Any value in any register between runs, with an L2 and without: the host goes on. */
TEST_F_TIMEOUT(l2, wild, 300)
{
	static const uint64_t core[] = {
		RVM_REG_CORE(regs.pc), RVM_REG_CORE(mode), RVM_REG_TIMER(compare),
		RVM_REG_TIMER(time), RVM_REG_VIRT, RVM_REG_VIRT,
	};
	static struct snap_vcpu list;
	const char *env = getenv("RVHV_CYCLES");
	unsigned long rounds = env ? strtoul(env, NULL, 0) * 20 + 200 : 2000, ran = 0, virt = 0;
	struct ticker ticker = { .target = pthread_self() };
	uint64_t state = 0x9E3779B97F4A7C15UL;
	pthread_t thread;

	SKIP_WITHOUT_H();
	snap_list(&self->vcpu, &list);
	ASSERT_EQ(0, pthread_create(&thread, NULL, tick, &ticker));
	for (unsigned long i = 0; i < rounds; i++) {
		int ret;

		for (int j = random64(&state) % 8; j >= 0; j--) {
			uint64_t r = random64(&state);
			uint64_t id = list.id[(r >> 8) % list.n], val;

			if (r & 1)
				id = core[(r >> 8) % ARRAY_SIZE(core)];
			else if ((id & KVM_REG_RISCV_TYPE_MASK) != KVM_REG_RISCV_CSR)
				continue;
			val = id == RVM_REG_VIRT ? r >> 32 & 1 : wild(&state);
			ret = rvcpu_set_raw(&self->vcpu, id, &val);
			ASSERT_EQ(0, ret) {
				TH_LOG("set %#lx: %d", (unsigned long)id, ret);
			}
		}
		/* Now and then an L2 that is one */
		if (i % 16 == 0) {
			rvcpu_set(&self->vcpu, RVM_REG_VIRT, 0);
			rvcpu_set(&self->vcpu, RVM_REG_CSR(satp), 0);
			rvcpu_set(&self->vcpu, RVM_REG_CSR(sie), 0);
			rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
		}
		ret = rvcpu_run_raw(&self->vcpu);
		ASSERT_TRUE(!ret || ret == -EINTR || ret == -EFAULT) {
			TH_LOG("KVM_RUN: %d", ret);
		}
		ran += !ret;
		virt += rvcpu_get(&self->vcpu, RVM_REG_VIRT);
	}
	ticker.stop = true;
	pthread_join(thread, NULL);
	TH_LOG("%lu runs, %lu ended in an L2, %lu with an exit", rounds, virt, ran);
	EXPECT_LT(0, virt);
	EXPECT_LT(0, ran);
}

TEST_HARNESS_MAIN
