// SPDX-License-Identifier: GPL-2.0-only
/* What an L1 leaves to its L2, and how it makes its harts forget: devices, WFI, remote fences. */
#include "lib/check.h"
#include "lib/l2.h"

#define TABLES		(RVM_BASE + RVM_FREE_OFF)
#define TABLES_END	(TABLES + 0x80000)
#define DATA		(RVM_BASE + 0x200000)	/* two pages of the L1's for the L2 */
#define TARGET		0x40000000UL		/* where the L2 looks */
#define IRQ_STIMER	(CAUSE_IRQ | 5)
#define CAUSE_LOAD_ACCESS	5

/* The L1's result words, behind the jobs */
#define RESULT		200

FIXTURE(nested) {
	struct rvm vm;
	struct rvcpu vcpu;
	struct l2_tables t;
	struct l2_job *job;
};

FIXTURE_SETUP(nested)
{
	if (rvm_is_kvm())
		return;
	rvm_create(&self->vm);
	l2_vcpu(&self->vm, 0, &self->vcpu, l2_worker);
	l2_tables_init(&self->t, &self->vm, SV39X4, TABLES, TABLES_END);
	l2_map_code(&self->t);
	self->job = l2_job(&self->vm, 0);
	self->job->hgatp = HGATP(SV39X4, 5, TABLES);
}

FIXTURE_TEARDOWN(nested)
{
	if (rvm_is_kvm())
		return;
	rvcpu_destroy(&self->vcpu);
	rvm_destroy(&self->vm);
}

/* ---- a device of the VMM's that the L1 maps into its L2 ---- */

static void begin(struct l2_job *job, void (*fn)(void), unsigned long a0, unsigned long a1)
{
	job->pc = rvm_guest_addr((const void *)fn);
	job->a0 = a0;
	job->a1 = a1;
}

TEST_F(nested, device)
{
	struct kvm_run *run;
	uint64_t data;

	SKIP_ON_KVM("guests have no H");
	run = self->vcpu.run;
	GUEST_SAYS_SYNC(&self->vcpu);
	l2_map(&self->t, TARGET, RVM_MMIO, 0, PTE_LEAF);
	begin(self->job, l2_load, TARGET + 8, 0);
	ASSERT_EQ(0, rvcpu_run(&self->vcpu));
	ASSERT_EQ(KVM_EXIT_MMIO, run->exit_reason);
	EXPECT_EQ(RVM_MMIO + 8, run->mmio.phys_addr);
	EXPECT_EQ(8, run->mmio.len);
	EXPECT_EQ(0, run->mmio.is_write);
	data = 0x1122334455667788;
	memcpy(run->mmio.data, &data, sizeof(data));
	GUEST_SAYS_SYNC(&self->vcpu);
	EXPECT_EQ(CAUSE_ECALL_VS, self->job->cause);
	EXPECT_EQ(data, self->job->ret);

	begin(self->job, l2_store, TARGET + 16, 77);
	ASSERT_EQ(0, rvcpu_run(&self->vcpu));
	ASSERT_EQ(KVM_EXIT_MMIO, run->exit_reason);
	EXPECT_EQ(RVM_MMIO + 16, run->mmio.phys_addr);
	EXPECT_EQ(1, run->mmio.is_write);
	memcpy(&data, run->mmio.data, sizeof(data));
	EXPECT_EQ(77, data);
	GUEST_SAYS_SYNC(&self->vcpu);
	EXPECT_EQ(CAUSE_ECALL_VS, self->job->cause);
}

/* The L1's HLV.W, HLV.WU and HSV.H */
static __guest void guest_hlsv(unsigned long addr, unsigned long hgatp)
{
	struct guest_shared *s = guest_shared();
	unsigned long val[2] = { 0 };

	guest_trap_init(0);
	csr_write(0x680, hgatp);
	csr_set(0x600, HSTATUS_SPVP);
	asm volatile(H_INSN("4", "0x34", "%0", "%1", "x0") : "+r"(val[0]) : "r"(addr) : "memory");
	asm volatile(H_INSN("4", "0x34", "%0", "%1", "x1") : "+r"(val[1]) : "r"(addr) : "memory");
	s->val[RESULT] = val[0];
	s->val[RESULT + 1] = val[1];
	asm volatile(H_INSN("4", "0x33", "x0", "%0", "%1") :: "r"(addr + 2), "r"(0x12345678)
		     : "memory");
	/* No bus takes this one */
	hlv_d(addr);
	guest_done(0);
}

TEST_F(nested, device_by_hlv)
{
	struct guest_shared *s;
	struct kvm_run *run;

	SKIP_ON_KVM("guests have no H");
	run = self->vcpu.run;
	s = rvm_shared(&self->vm);
	l2_map(&self->t, TARGET, RVM_MMIO, 0, PTE_LEAF);
	rvcpu_start_at(&self->vcpu, guest_hlsv, TARGET + 4, self->job->hgatp);
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, rvcpu_run(&self->vcpu));
		ASSERT_EQ(KVM_EXIT_MMIO, run->exit_reason);
		EXPECT_EQ(RVM_MMIO + 4, run->mmio.phys_addr);
		EXPECT_EQ(4, run->mmio.len);
		EXPECT_EQ(0, run->mmio.is_write);
		memcpy(run->mmio.data, &(uint32_t){ 0x87654321 }, 4);
	}
	ASSERT_EQ(0, rvcpu_run(&self->vcpu));
	ASSERT_EQ(KVM_EXIT_MMIO, run->exit_reason);
	EXPECT_EQ(RVM_MMIO + 6, run->mmio.phys_addr);
	EXPECT_EQ(2, run->mmio.len);
	EXPECT_EQ(1, run->mmio.is_write);
	EXPECT_EQ(0, memcmp(run->mmio.data, &(uint16_t){ 0x5678 }, 2));
	EXPECT_EQ(0, s->trap[0].count);
	GUEST_SAYS_DONE(&self->vcpu);
	EXPECT_EQ(0xffffffff87654321, s->val[RESULT]);
	EXPECT_EQ(0x87654321, s->val[RESULT + 1]);
	EXPECT_EQ(1, s->trap[0].count);
	EXPECT_EQ(CAUSE_LOAD_ACCESS, s->trap[0].cause);
	EXPECT_EQ(TARGET + 4, s->trap[0].tval);
}

/* ---- WFI that the L1 does not trap ---- */

#define NAP	100000UL	/* ticks: 10 ms */

static __guest void l2_wfi(void)
{
	asm volatile("wfi\n ecall\n");
}

/* The L1's timer, then the L2's own, end the WFI of an L2 that has its interrupts off. */
static __guest void guest_naps(unsigned long wfi, unsigned long hgatp)
{
	struct guest_shared *s = guest_shared();
	struct l2 l2;
	unsigned long start;

	guest_trap_init(0);
	csr_write(0x680, hgatp);
	csr_write(0x60a, 1UL << 63);		/* henvcfg.STCE */
	csr_write(0x603, 0x444);		/* hideleg */
	csr_write(0x606, 2);			/* hcounteren.TM */
	csr_write(0x24d, -1UL);			/* vstimecmp */

	start = guest_rdtime();
	csr_write(0x14d, start + NAP);
	csr_set(sie, IE_STIE);
	l2.pc = wfi;
	l2_run(&l2);
	s->val[RESULT] = l2.cause;
	s->val[RESULT + 1] = guest_rdtime() - start;
	csr_write(0x14d, -1UL);

	start = guest_rdtime();
	csr_write(0x204, IE_STIE);		/* vsie */
	csr_write(0x24d, start + NAP);
	l2.pc = wfi;
	l2_run(&l2);
	s->val[RESULT + 2] = l2.cause;
	s->val[RESULT + 3] = guest_rdtime() - start;
	guest_done(0);
}

TEST_F(nested, wfi)
{
	struct guest_shared *s;

	SKIP_ON_KVM("guests have no H");
	s = rvm_shared(&self->vm);
	rvcpu_start_at(&self->vcpu, guest_naps, rvm_guest_addr((const void *)l2_wfi),
		       HGATP(SV39X4, 5, TABLES));
	GUEST_SAYS_DONE(&self->vcpu);
	EXPECT_EQ(IRQ_STIMER, s->val[RESULT]);
	EXPECT_LE(NAP, s->val[RESULT + 1]);
	EXPECT_EQ(CAUSE_ECALL_VS, s->val[RESULT + 2]);
	EXPECT_LE(NAP, s->val[RESULT + 3]);
	/* It slept, and did not come back at once to sleep again */
	EXPECT_EQ(2, rvcpu_stat(&self->vcpu, "wfi_exit_stat"));
}

/* ---- the L2's timer, which the L1 keeps for itself ---- */

/* It ends a WFI of the L1's, and interrupts it in a loop without exits. */
static __guest void guest_keeps_timer(unsigned long a0, unsigned long a1)
{
	struct guest_shared *s = guest_shared();
	unsigned long start = guest_rdtime();

	guest_trap_init(0);
	csr_write(0x60a, 1UL << 63);		/* henvcfg.STCE */
	csr_write(0x605, 12345678);		/* htimedelta */
	csr_write(0x14d, start + 100 * NAP);	/* the end, should nothing else come */
	csr_set(sie, IE_STIE);
	csr_write(0x604, 1UL << 6);		/* hie.VSTIE */
	csr_write(0x24d, start + NAP + 12345678);
	asm volatile("wfi" ::: "memory");
	s->val[RESULT] = guest_rdtime() - start;

	start = guest_rdtime();
	csr_write(0x14d, start + 100 * NAP);
	csr_write(0x24d, start + NAP + 12345678);
	csr_set(sstatus, SR_SIE);
	while (!s->irq_count[0])
		;
	s->val[RESULT + 1] = guest_rdtime() - start;
	guest_done(s->irq_cause[0]);
}

TEST_F(nested, kept_timer)
{
	struct guest_shared *s;

	SKIP_ON_KVM("guests have no H");
	s = rvm_shared(&self->vm);
	rvcpu_start_at(&self->vcpu, guest_keeps_timer, 0, 0);
	EXPECT_EQ(6, GUEST_SAYS_DONE(&self->vcpu));
	for (int i = 0; i < 2; i++) {
		EXPECT_LE(NAP, s->val[RESULT + i]);
		EXPECT_GT(50 * NAP, s->val[RESULT + i]);
	}
	EXPECT_EQ(1, s->irq_count[0]);
	EXPECT_EQ(1, rvcpu_stat(&self->vcpu, "wfi_exit_stat"));
}

/* ---- SBI's remote HFENCE ---- */

#define HFENCE_GVMA_VMID	3
#define HFENCE_VVMA		6

/* An L1 that fences by SBI: function a0, VMID a1. */
static __guest void guest_fences(unsigned long hart, unsigned long a1)
{
	struct l2_job *job = guest_job(0);
	struct l2 l2;

	guest_trap_init(hart);
	csr_write(0x680, job->hgatp);
	for (;;) {
		guest_shared()->val[RESULT] =
			guest_ecall(SBI_RFENCE, job->a2, 0, -1UL, TARGET, RVM_PAGE, job->a3).error;
		l2.pc = job->pc;
		l2.gpr[10] = job->a0;
		l2_run(&l2);
		job->ret = l2.gpr[10];
		job->cause = l2.cause;
		guest_sync(0);
	}
}

TEST_F(nested, remote_hfence)
{
	struct guest_shared *s;
	uint64_t *data;

	SKIP_ON_KVM("guests have no H");
	s = rvm_shared(&self->vm);
	data = (void *)((char *)self->vm.mem + DATA - RVM_BASE);
	data[0] = 1;
	data[RVM_PAGE / 8] = 2;
	begin(self->job, l2_load, TARGET, 0);
	self->job->a3 = 5;
	rvcpu_start_at(&self->vcpu, guest_fences, 0, 0);
	for (unsigned long fid = HFENCE_GVMA_VMID; fid <= HFENCE_GVMA_VMID + 1; fid++) {
		self->job->a2 = fid;
		for (int page = 0; page < 2; page++) {
			l2_map(&self->t, TARGET, DATA + page * RVM_PAGE, 0, PTE_LEAF);
			GUEST_SAYS_SYNC(&self->vcpu);
			EXPECT_EQ(0, s->val[RESULT]);
			EXPECT_EQ(CAUSE_ECALL_VS, self->job->cause);
			EXPECT_EQ(page + 1, self->job->ret);
		}
	}
	for (unsigned long fid = HFENCE_VVMA - 1; fid <= HFENCE_VVMA; fid++) {
		self->job->a2 = fid;
		GUEST_SAYS_SYNC(&self->vcpu);
		EXPECT_EQ(0, s->val[RESULT]);
	}
	EXPECT_EQ(0, s->trap[0].count);
}

/* One hart of the set has no H. */
TEST_F(nested, remote_hfence_without_h)
{
	struct rvcpu other;

	SKIP_ON_KVM("guests have no H");
	rvcpu_create(&self->vm, 1, &other);
	begin(self->job, l2_load, RVM_BASE, 0);
	self->job->a2 = HFENCE_VVMA;
	rvcpu_start_at(&self->vcpu, guest_fences, 0, 0);
	GUEST_SAYS_SYNC(&self->vcpu);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, (long)rvm_shared(&self->vm)->val[RESULT]);
	rvcpu_destroy(&other);
}

TEST_HARNESS_MAIN
