// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU that the VMM stops while its L2 runs: the registers that the VMM reads, and the effect on
 * L1 and L2 of those that it writes.
 */
#include "nested_stop.h"

TEST_F(l2, whose_registers)
{
	struct rvcpu *vcpu = &self->vcpu;

	SKIP_WITHOUT_H();
	rvcpu_start_at(vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	/* The L1's */
	EXPECT_EQ(rvm_guest_addr(l1_from_l2), rvcpu_get(vcpu, RVM_REG_CSR(stvec)));
	EXPECT_EQ(HART_AT(0) + HART_VARS, rvcpu_get(vcpu, RVM_REG_CSR(sscratch)));
	EXPECT_EQ(ATP(ATP_SV39, 9, HART_AT(0) + L1_ROOT),
		  rvcpu_get(vcpu, RVM_REG_CSR(satp)));
	EXPECT_EQ(IE_STIE | IE_SSIE | IE_SEIE, rvcpu_get(vcpu, RVM_REG_CSR(sie)));
	EXPECT_EQ(-1UL, rvcpu_get(vcpu, RVM_REG_TIMER(compare)));
	/* The L2's */
	EXPECT_EQ(L2_VA(rvm_guest_addr(l2_trap_entry)), rvcpu_get(vcpu, RVM_REG_HS(CSR_VSTVEC)));
	EXPECT_EQ(L2_VA(HART_AT(0) + HART_VARS), rvcpu_get(vcpu, RVM_REG_HS(CSR_VSSCRATCH)));
	EXPECT_EQ(self->h->vsatp, rvcpu_get(vcpu, RVM_REG_HS(CSR_VSATP)));
	EXPECT_EQ(self->h->hgatp, rvcpu_get(vcpu, RVM_REG_HS(CSR_HGATP)));
	/* The L2's, as it runs */
	EXPECT_LE(L2_VA(RVM_BASE), rvcpu_get(vcpu, RVM_REG_CORE(regs.pc)));
	EXPECT_EQ(KVM_RISCV_MODE_S, rvcpu_get(vcpu, RVM_REG_CORE(mode)));
	self->h->flag = GO;
	EXPECT_EQ(CAUSE_ECALL_VS, GUEST_SAYS_DONE(vcpu));
	EXPECT_EQ(0, rvcpu_get(vcpu, RVM_REG_VIRT));
}

/* ---- VS CSRs: the L2 writes and the VMM reads, and the reverse ---- */

#define SCOUNT		7
#define PATTERN(i)	(0x1111111111111110UL * ((i) + 1))

static const unsigned int vs_csrs[SCOUNT] = {
	CSR_VSSCRATCH, CSR_VSEPC, CSR_VSCAUSE, CSR_VSTVAL, CSR_VSTVEC, CSR_VSTIMECMP, CSR_VSIE,
};

static __guest void l2_writes(struct hart *h)
{
	volatile uint64_t *val = (void *)L2_VA(RVM_BASE + RVM_SHARED_OFF);

	csr_write(sscratch, PATTERN(0));
	csr_write(sepc, PATTERN(1));
	csr_write(scause, PATTERN(2));
	csr_write(stval, PATTERN(3));
	csr_write(stvec, PATTERN(4));
	csr_write(stimecmp, PATTERN(5));
	csr_write(sie, IE_SSIE | IE_SEIE);
	csr_clear(sip, IE_SSIE);
	while (!(h->flag & GO))
		h->count++;
	val[0] = csr_read(sscratch);
	val[1] = csr_read(sepc);
	val[2] = csr_read(scause);
	val[3] = csr_read(stval);
	val[4] = csr_read(stvec);
	val[5] = csr_read(stimecmp);
	val[6] = csr_read(sie);
	val[7] = csr_read(sip);
	for (;;)
		l2_call(L2_STEP, 0, 0, 0);
}

static __guest void l1_of_l2_writes(unsigned long id, unsigned long a1)
{
	struct hart *h = l1_init(id, (void *)l2_writes);

	csr_write(hideleg, IE_VS_ALL);
	csr_write(henvcfg, ENVCFG_STCE);
	csr_write(hvip, IE_VSSIE | IE_VSEIE);
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
	EXPECT_EQ(IE_SSIE | IE_SEIE, rvcpu_get(vcpu, RVM_REG_HS(CSR_VSIE)));
	EXPECT_EQ(IE_VSSIE | IE_VSEIE, rvcpu_get(vcpu, RVM_REG_HS(CSR_HIE)));
	/* The L2 has cleared its software interrupt; it cannot clear the external one. */
	EXPECT_EQ(IE_VSEIE, rvcpu_get(vcpu, RVM_REG_HS(CSR_HVIP)));
	for (int i = 0; i < SCOUNT - 1; i++)
		rvcpu_set(vcpu, RVM_REG_HS(vs_csrs[i]), PATTERN(i + 7));
	rvcpu_set(vcpu, RVM_REG_HS(CSR_HIE), IE_VSTIE | IE_VSEIE);
	rvcpu_set(vcpu, RVM_REG_HS(CSR_HVIP), IE_VSSIE);
	self->h->flag = GO;
	EXPECT_EQ(CAUSE_ECALL_VS, GUEST_SAYS_DONE(vcpu));
	for (int i = 0; i < SCOUNT - 1; i++)
		EXPECT_EQ(PATTERN(i + 7), s->val[i]);
	EXPECT_EQ(IE_STIE | IE_SEIE, s->val[6]);
	EXPECT_EQ(IE_SSIE, s->val[7]);
}

TEST_F(l2, timer_of_l1)
{
	SKIP_WITHOUT_H();
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	rvcpu_set(&self->vcpu, RVM_REG_TIMER(compare),
		  rvcpu_get(&self->vcpu, RVM_REG_TIMER(time)) + 200000);
	EXPECT_EQ(IRQ_S_TIMER, GUEST_SAYS_DONE(&self->vcpu));
}

/* A vCPU that waits in its L2's WFI has both timers armed. */
TEST_F(l2, timers_asleep)
{
	unsigned long far;

	SKIP_WITHOUT_H();
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	far = rvcpu_get(&self->vcpu, RVM_REG_TIMER(time)) + (1UL << 40);
	rvcpu_set(&self->vcpu, RVM_REG_TIMER(compare), far);
	rvcpu_set(&self->vcpu, RVM_REG_HS(CSR_HENVCFG), ENVCFG_STCE);
	rvcpu_set(&self->vcpu, RVM_REG_HS(CSR_VSTIMECMP), far - 1000);
	self->h->flag = SLEEP;
	STOP_IN_L2();
	EXPECT_EQ(far, rvcpu_get(&self->vcpu, RVM_REG_TIMER(compare)));
	EXPECT_EQ(far - 1000, rvcpu_get(&self->vcpu, RVM_REG_HS(CSR_VSTIMECMP)));
	/* The L2's timer ends the wait. */
	self->h->flag = SLEEP | GO;
	rvcpu_set(&self->vcpu, RVM_REG_HS(CSR_HIE), IE_VSTIE);
	rvcpu_set(&self->vcpu, RVM_REG_HS(CSR_HIDELEG), IE_VSTIE);
	rvcpu_set(&self->vcpu, RVM_REG_HS(CSR_VSTIMECMP),
		  rvcpu_get(&self->vcpu, RVM_REG_TIMER(time)) + 200000);
	EXPECT_EQ(CAUSE_ECALL_VS, GUEST_SAYS_DONE(&self->vcpu));
}

/* hstatus.VTVM, written by the VMM, traps the L2's SFENCE.VMA. */
TEST_F(l2, traps)
{
	SKIP_WITHOUT_H();
	for (unsigned long vtvm = 0; vtvm < 2; vtvm++) {
		rvcpu_set(&self->vcpu, RVM_REG_CSR(satp), 0);
		self->h->flag = 0;
		rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
		STOP_IN_L2();
		rvcpu_set(&self->vcpu, RVM_REG_HS(CSR_HSTATUS), vtvm ? HSTATUS_VTVM : 0);
		self->h->flag = GO | FENCE_AFTER;
		EXPECT_EQ(vtvm ? CAUSE_VIRTUAL_INSN : CAUSE_ECALL_VS,
			  GUEST_SAYS_DONE(&self->vcpu));
	}
}

/* A write of the time makes the L1's timer expire. */
TEST_F(l2, time_of_l1)
{
	unsigned long far = 1UL << 50;

	SKIP_WITHOUT_H();
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	rvcpu_set(&self->vcpu, RVM_REG_TIMER(compare), far);
	STOP_IN_L2();
	rvcpu_set(&self->vcpu, RVM_REG_TIMER(time), far - 200000);
	EXPECT_EQ(IRQ_S_TIMER, GUEST_SAYS_DONE(&self->vcpu));
}

TEST_F(l2, interrupts_of_l1)
{
	struct kvm_interrupt irq = { .irq = KVM_INTERRUPT_SET };

	SKIP_WITHOUT_H();
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	rvcpu_set(&self->vcpu, RVM_REG_CSR(sip), IE_SSIE);
	EXPECT_EQ(IE_SSIE, rvcpu_get(&self->vcpu, RVM_REG_CSR(sip)));
	EXPECT_EQ(IRQ_S_SOFT, GUEST_SAYS_DONE(&self->vcpu));
	rvcpu_set(&self->vcpu, RVM_REG_CSR(sip), 0);
	rvcpu_set(&self->vcpu, RVM_REG_CSR(satp), 0);
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	ASSERT_EQ(0, IOCTL(self->vcpu.fd, KVM_INTERRUPT, &irq));
	EXPECT_EQ(IE_SEIE, rvcpu_get(&self->vcpu, RVM_REG_CSR(sip)));
	EXPECT_EQ(IRQ_S_EXT, GUEST_SAYS_DONE(&self->vcpu));
}

/* Without a stack when another hart starts it */
static __guest void guest_begins(unsigned long a0, unsigned long a1)
{
	guest_done(csr_read(hstatus));
}

/* The VMM switches the vCPU from the L2 to the L1. */
TEST_F(l2, out_of_l2)
{
	SKIP_WITHOUT_H();
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	rvcpu_set(&self->vcpu, RVM_REG_VIRT, 0);
	rvcpu_set(&self->vcpu, RVM_REG_CSR(satp), 0);
	rvcpu_start_at(&self->vcpu, guest_begins, 0, 0);
	EXPECT_EQ(HSTATUS_VSXL_64, GUEST_SAYS_DONE(&self->vcpu) & HSTATUS_VSXL);
}

/* After the VMM changes the L1's tables, a write of hgatp makes the change take effect. */
TEST_F(l2, other_tables)
{
	char *hart = (char *)self->vm.mem + RVM_FREE_OFF, *page = hart + HART_VARS;
	unsigned long copy = 0xc000, vars = HART_AT(0) + HART_VARS - RVM_BASE;
	uint64_t *leaf = (void *)(hart + G_LEAF);

	SKIP_WITHOUT_H();
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	/* Another page for the L2's variables; only the flag there is set. */
	memcpy(hart + copy, page, RVM_PAGE);
	((struct hart *)(hart + copy))->flag = GO;
	leaf[vars / RVM_PAGE] = (HART_AT(0) + copy) >> 12 << 10 | PTE_G_LEAF;
	rvcpu_set(&self->vcpu, RVM_REG_HS(CSR_HGATP), self->h->hgatp);
	EXPECT_EQ(CAUSE_ECALL_VS, GUEST_SAYS_DONE(&self->vcpu));
	EXPECT_EQ(0, self->h->flag);
}

static __guest void l2_reads(struct hart *h)
{
	h->seq = *(volatile uint32_t *)(1UL << 32);
	for (;;)
		l2_call(L2_STEP, 0, 0, 0);
}

/* The device is at 2 GiB of the L2's physical and at 4 GiB of its virtual addresses. */
static __guest void l1_hands_on(unsigned long id, unsigned long a1)
{
	struct hart *h = l1_init(id, (void *)l2_reads);
	unsigned long base = HART_AT(id);

	((volatile uint64_t *)(base + G_ROOT))[2] = PTE_TABLE(base + G_SPARE);
	((volatile uint64_t *)(base + G_SPARE))[0] = RVM_MMIO >> 12 << 10 | PTE_G_LEAF;
	((volatile uint64_t *)(base + VS_ROOT))[4] = 2UL << 30 >> 12 << 10 | PTE_VS_LEAF;
	guest_done(l1_run_l2(h));
}

/* Save during an L2's MMIO load, and continue in another VM. */
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
	EXPECT_EQ(CAUSE_ECALL_VS, GUEST_SAYS_DONE(&other));
	EXPECT_EQ(0x12345678, rvm_hart(vm.mem, 0)->seq);
	rvcpu_destroy(&other);
	rvm_destroy(&vm);
}

/* Execute-only: readable with MXR */
#define X_ONLY		(3UL << 30)

static __guest void guest_peeks(unsigned long a0, unsigned long a1)
{
	guest_trap_init(0);
	(void)*(volatile uint64_t *)(X_ONLY + RVM_SHARED_OFF);
	guest_done(guest_shared()->trap[0].count);
}

/* A write of sstatus after the switch clears the MXR that the hart had in the L2. */
TEST_F(l2, out_of_l2_without_mxr)
{
	uint64_t *root = (void *)((char *)self->vm.mem + RVM_FREE_OFF + L1_ROOT);

	SKIP_WITHOUT_H();
	root[X_ONLY >> 30] = RVM_BASE >> 12 << 10 | (PTE_VS_LEAF & ~6UL);
	rvcpu_start_at(&self->vcpu, l1_once, 0, SR_MXR);
	STOP_IN_L2();
	rvcpu_set(&self->vcpu, RVM_REG_VIRT, 0);
	rvcpu_set(&self->vcpu, RVM_REG_CSR(sstatus), 0);
	rvcpu_start_at(&self->vcpu, guest_peeks, 0, 0);
	EXPECT_EQ(1, GUEST_SAYS_DONE(&self->vcpu));
}

/* A stopped vCPU keeps all registers. */
TEST_F(l2, stopped)
{
	static struct snap_vcpu before, after;
	struct vcpu_thread t;

	SKIP_WITHOUT_H();
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	rvcpu_set(&self->vcpu, RVM_REG_HS(CSR_VSTIMECMP), 0x5555);
	rvcpu_set(&self->vcpu, RVM_REG_HS(CSR_HENVCFG), ENVCFG_STCE);
	rvcpu_set_mp_state(&self->vcpu, KVM_MP_STATE_STOPPED);
	snap_save_vcpu(&self->vcpu, &before);
	vcpu_thread_start(&t, &self->vcpu);
	usleep(50000);
	EXPECT_EQ(1, t.ret);
	EXPECT_EQ(-EINTR, vcpu_thread_stop(&t));
	snap_save_vcpu(&self->vcpu, &after);
	EXPECT_EQ(0, snap_differ(&before, &after)) {
		TH_LOG("register %#lx", (unsigned long)snap_differ(&before, &after));
	}
	rvcpu_set_mp_state(&self->vcpu, KVM_MP_STATE_RUNNABLE);
	STOP_IN_L2();
	self->h->flag = GO;
	EXPECT_EQ(CAUSE_ECALL_VS, GUEST_SAYS_DONE(&self->vcpu));
}

static __guest void guest_starts(unsigned long hart, unsigned long fn)
{
	guest_done(guest_ecall(SBI_HSM, 0, hart, fn, 0, 0, 0).error);
}

/* A hart that was stopped in its L2 starts in the L1 with reset registers. */
TEST_F(l2, started_anew)
{
	struct rvcpu second;

	SKIP_WITHOUT_H();
	rvcpu_create(&self->vm, 1, &second);
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	rvcpu_set_mp_state(&self->vcpu, KVM_MP_STATE_STOPPED);
	rvcpu_set_mp_state(&second, KVM_MP_STATE_RUNNABLE);
	rvcpu_start_at(&second, guest_starts, 0, rvm_guest_addr(guest_begins));
	EXPECT_EQ(0, GUEST_SAYS_DONE(&second));
	EXPECT_EQ(HSTATUS_VSXL_64, GUEST_SAYS_DONE(&self->vcpu));
	EXPECT_EQ(0, rvcpu_get(&self->vcpu, RVM_REG_VIRT));
	EXPECT_EQ(0, rvcpu_get(&self->vcpu, RVM_REG_HS(CSR_HGATP)));
	rvcpu_destroy(&second);
}

static bool has_v(struct rvcpu *vcpu)
{
	return rvcpu_get(vcpu, RVM_REG_CONFIG(isa)) & 1UL << ('V' - 'A');
}

/* The L1 finds the unit dirty that the L2 has used, even after the vCPU was stopped. */
TEST_F(l2, fp_is_dirty)
{
	SKIP_WITHOUT_H();
	self->h->flag = FP_BEFORE;
	rvcpu_start_at(&self->vcpu, l1_once, 0, SR_FS_CLEAN);
	STOP_IN_L2();
	EXPECT_EQ(SR_FS, rvcpu_get(&self->vcpu, RVM_REG_CSR(sstatus)) & SR_FS);
	self->h->flag = GO;
	EXPECT_EQ(CAUSE_ECALL_VS, GUEST_SAYS_DONE(&self->vcpu));
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
	EXPECT_EQ(CAUSE_ECALL_VS, GUEST_SAYS_DONE(&self->vcpu));
	EXPECT_EQ(SR_VS, self->h->deadline & SR_VS);
}

/* A unit that is off in the L1 is off in the L2, even after the vCPU was stopped. */
TEST_F(l2, fp_is_off)
{
	SKIP_WITHOUT_H();
	rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
	STOP_IN_L2();
	self->h->flag = GO | FP_AFTER;
	EXPECT_EQ(CAUSE_ILLEGAL_INSN, GUEST_SAYS_DONE(&self->vcpu));
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
		EXPECT_EQ(CAUSE_ILLEGAL_INSN, GUEST_SAYS_DONE(&self->vcpu));
	}
}

TEST_HARNESS_MAIN
