// SPDX-License-Identifier: GPL-2.0-only
/* An L2's devices, WFI and timer, and the L1's remote fences */
#include "lib/check.h"
#include "lib/l2.h"

#define TABLES		(RVM_BASE + RVM_FREE_OFF)
#define TABLES_END	(TABLES + 0x80000)
#define DATA		(RVM_BASE + 0x200000)	/* two pages that the L1 maps to TARGET */
#define TARGET		0x40000000UL		/* the address that the L2 accesses */

/* The L1's results in val[], behind the jobs */
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
	l2_tables_init(&self->t, &self->vm, ATP_SV39, TABLES, TABLES_END);
	l2_map_code(&self->t);
	self->job = l2_job(&self->vm, 0);
	self->job->hgatp = ATP(ATP_SV39, 5, TABLES);
}

FIXTURE_TEARDOWN(nested)
{
	if (rvm_is_kvm())
		return;
	rvcpu_destroy(&self->vcpu);
	rvm_destroy(&self->vm);
}

/* ---- a device that the L1 maps for its L2 ---- */

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

	SKIP_ON_KVM(NO_H);
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

static __guest void guest_hlsv(unsigned long addr, unsigned long hgatp)
{
	struct guest_shared *s = guest_shared();

	guest_trap_init(0);
	csr_write(hgatp, hgatp);
	csr_set(hstatus, HSTATUS_SPVP);
	s->val[RESULT] = hlv_w(addr);
	s->val[RESULT + 1] = hlv_wu(addr);
	hsv_h(addr + 2, 0x12345678);
	/* Misaligned: an access fault */
	hlv_d(addr);
	guest_done(0);
}

TEST_F(nested, device_by_hlv)
{
	struct guest_shared *s;
	struct kvm_run *run;

	SKIP_ON_KVM(NO_H);
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

/* ---- an L1 that turns floating point off for its L2 ---- */

#define FP_OF_VMM	0x3ff123456789abcdUL

static __guest void guest_hides_fp(unsigned long load, unsigned long hgatp)
{
	struct l2 l2;

	guest_trap_init(0);
	csr_write(hgatp, hgatp);
	csr_set(sstatus, SR_FS_INITIAL);
	asm volatile("fmv.d.x fs0, %0\n fmv.d.x fs11, %0" : : "r"(-1UL));
	csr_clear(sstatus, SR_FS);
	l2.pc = load;
	l2.gpr[10] = TARGET;
	l2_run(&l2);
	guest_done(l2.cause);
}

/* Its registers must not stay in the hart when KVM_RUN returns. */
TEST_F(nested, fp_of_the_vmm)
{
	unsigned long fs0, fs11;
	int ret;

	SKIP_ON_KVM(NO_H);
	l2_map(&self->t, TARGET, RVM_MMIO, 0, PTE_LEAF);
	rvcpu_start_at(&self->vcpu, guest_hides_fp, rvm_guest_addr((const void *)l2_load),
		       self->job->hgatp);
	asm volatile("fmv.d.x fs0, %0\n fmv.d.x fs11, %0" : : "r"(FP_OF_VMM) : "fs0", "fs11");
	ret = rvcpu_run(&self->vcpu);
	asm volatile("fmv.x.d %0, fs0\n fmv.x.d %1, fs11" : "=r"(fs0), "=r"(fs11));
	ASSERT_EQ(0, ret);
	EXPECT_EQ(KVM_EXIT_MMIO, self->vcpu.run->exit_reason);
	EXPECT_EQ(FP_OF_VMM, fs0);
	EXPECT_EQ(FP_OF_VMM, fs11);
}

/* ---- WFI that the L1 does not trap ---- */

#define NAP	100000UL	/* ticks: 10 ms */

static __guest void l2_wfi(void)
{
	asm volatile("wfi\n ecall\n");
}

/* The L1's timer, then the L2's own, end a WFI of the L2, whose interrupts are disabled. */
static __guest void guest_naps(unsigned long wfi, unsigned long hgatp)
{
	struct guest_shared *s = guest_shared();
	struct l2 l2;
	unsigned long start;

	guest_trap_init(0);
	csr_write(hgatp, hgatp);
	csr_write(henvcfg, ENVCFG_STCE);
	csr_write(hideleg, IE_VS_ALL);
	csr_write(hcounteren, HCOUNTEREN_TM);
	csr_write(vstimecmp, -1UL);

	start = guest_rdtime();
	csr_write(stimecmp, start + NAP);
	csr_set(sie, IE_STIE);
	l2.pc = wfi;
	l2_run(&l2);
	s->val[RESULT] = l2.cause;
	s->val[RESULT + 1] = guest_rdtime() - start;
	csr_write(stimecmp, -1UL);

	start = guest_rdtime();
	csr_write(vsie, IE_STIE);
	csr_write(vstimecmp, start + NAP);
	l2.pc = wfi;
	l2_run(&l2);
	s->val[RESULT + 2] = l2.cause;
	s->val[RESULT + 3] = guest_rdtime() - start;
	guest_done(0);
}

TEST_F(nested, wfi)
{
	struct guest_shared *s;

	SKIP_ON_KVM(NO_H);
	s = rvm_shared(&self->vm);
	rvcpu_start_at(&self->vcpu, guest_naps, rvm_guest_addr((const void *)l2_wfi),
		       ATP(ATP_SV39, 5, TABLES));
	GUEST_SAYS_DONE(&self->vcpu);
	EXPECT_EQ(IRQ_S_TIMER, s->val[RESULT]);
	EXPECT_LE(NAP, s->val[RESULT + 1]);
	EXPECT_EQ(CAUSE_ECALL_VS, s->val[RESULT + 2]);
	EXPECT_LE(NAP, s->val[RESULT + 3]);
	/* Each WFI exited once. */
	EXPECT_EQ(2, rvcpu_stat(&self->vcpu, "wfi_exit_stat"));
}

/* ---- an L2's timer that the L1 does not delegate ---- */

/* It ends a WFI of the L1 and interrupts a loop without exits. */
static __guest void guest_keeps_timer(unsigned long a0, unsigned long a1)
{
	struct guest_shared *s = guest_shared();
	unsigned long start = guest_rdtime();

	guest_trap_init(0);
	csr_write(henvcfg, ENVCFG_STCE);
	csr_write(htimedelta, 12345678);
	csr_write(stimecmp, start + 100 * NAP);	/* a fallback */
	csr_set(sie, IE_STIE);
	csr_write(hie, IE_VSTIE);
	csr_write(vstimecmp, start + NAP + 12345678);
	asm volatile("wfi" ::: "memory");
	s->val[RESULT] = guest_rdtime() - start;

	start = guest_rdtime();
	csr_write(stimecmp, start + 100 * NAP);
	csr_write(vstimecmp, start + NAP + 12345678);
	csr_set(sstatus, SR_SIE);
	GUEST_WAIT_FOR(s->irq_count[0]);
	s->val[RESULT + 1] = guest_rdtime() - start;
	guest_done(s->irq_cause[0]);
}

TEST_F(nested, kept_timer)
{
	struct guest_shared *s;

	SKIP_ON_KVM(NO_H);
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

/* ---- remote HFENCE by SBI ---- */

#define HFENCE_GVMA_VMID	3
#define HFENCE_VVMA		6

/* Fence by SBI (function a2, VMID a3 of the job), then run the L2. */
static __guest void guest_fences(unsigned long hart, unsigned long a1)
{
	struct l2_job *job = guest_job(0);
	struct l2 l2;

	guest_trap_init(hart);
	csr_write(hgatp, job->hgatp);
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

	SKIP_ON_KVM(NO_H);
	s = rvm_shared(&self->vm);
	data = l2_at(&self->t, DATA);
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

TEST_F(nested, remote_hfence_without_h)
{
	struct rvcpu other;

	SKIP_ON_KVM(NO_H);
	rvcpu_create(&self->vm, 1, &other);
	begin(self->job, l2_load, RVM_BASE, 0);
	self->job->a2 = HFENCE_VVMA;
	rvcpu_start_at(&self->vcpu, guest_fences, 0, 0);
	GUEST_SAYS_SYNC(&self->vcpu);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, (long)rvm_shared(&self->vm)->val[RESULT]);
	rvcpu_destroy(&other);
}

TEST_HARNESS_MAIN
