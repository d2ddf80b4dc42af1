// SPDX-License-Identifier: GPL-2.0-only
/* Floating point and vector registers of vCPUs that share one CPU */
#include "check.h"

#define NR		3
#define ROUNDS		400UL

#define FP_REGS		"0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15," \
			"16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31"

/* Load f0 to f31, spin, and check them. */
static __guest void guest_fp(unsigned long seed, unsigned long rounds)
{
	uint64_t *area = (uint64_t *)(RVM_BASE + RVM_FREE_OFF + (seed >> 32) * RVM_PAGE);

	csr_set(sstatus, SR_FS_INITIAL);
	for (unsigned long i = 0; i < 32; i++)
		area[i] = seed + i;
	for (unsigned long r = 0; r < rounds; r++) {
		asm volatile(".irp n," FP_REGS "\n fld f\\n, 8*\\n(%0)\n .endr\n"
			"li t0, 20000\n"
			"1: addi t0, t0, -1\n"
			"bnez t0, 1b\n"
			".irp n," FP_REGS "\n fsd f\\n, 256+8*\\n(%0)\n .endr\n"
			:: "r"(area) : "t0", "memory");
		for (unsigned long i = 0; i < 32; i++)
			GUEST_ASSERT_EQ(((volatile uint64_t *)area)[32 + i], seed + i);
	}
	guest_done(seed);
}

/* Load v0 to v31, spin, and check them. */
static __guest void guest_vector(unsigned long seed, unsigned long rounds)
{
	uint64_t *area = (uint64_t *)(RVM_BASE + RVM_FREE_OFF + 8 * (seed >> 32) * RVM_PAGE);
	unsigned long vlenb;

	csr_set(sstatus, SR_VS_INITIAL);
	vlenb = csr_read(vlenb);
	for (unsigned long i = 0; i < 4 * vlenb; i++)
		area[i] = seed * 0x9e3779b97f4a7c15UL + i;
	for (unsigned long r = 0; r < rounds; r++) {
		asm volatile(".option push\n .option arch, +v\n"
			"mv t1, %0\n"
			"slli t2, %1, 3\n"
			"vl8r.v v0, (t1)\n add t1, t1, t2\n"
			"vl8r.v v8, (t1)\n add t1, t1, t2\n"
			"vl8r.v v16, (t1)\n add t1, t1, t2\n"
			"vl8r.v v24, (t1)\n add t1, t1, t2\n"
			"li t0, 20000\n"
			"1: addi t0, t0, -1\n"
			"bnez t0, 1b\n"
			"vs8r.v v0, (t1)\n add t1, t1, t2\n"
			"vs8r.v v8, (t1)\n add t1, t1, t2\n"
			"vs8r.v v16, (t1)\n add t1, t1, t2\n"
			"vs8r.v v24, (t1)\n"
			".option pop\n"
			:: "r"(area), "r"(vlenb) : "t0", "t1", "t2", "memory");
		for (unsigned long i = 0; i < 4 * vlenb; i++)
			GUEST_ASSERT_EQ(((volatile uint64_t *)area)[4 * vlenb + i], area[i]);
	}
	guest_done(seed);
}

static void run_together(struct __test_metadata *_metadata, rvm_guest_fn fn, bool one_vm)
{
	struct vcpu_thread t[NR];
	struct rvm vm[NR];
	struct rvcpu vcpu[NR];

	/* Threads inherit the CPU affinity. */
	pin_to_cpu(0);
	for (int i = 0; i < NR; i++) {
		struct rvm *m = one_vm ? &vm[0] : &vm[i];

		if (!i || !one_vm)
			rvm_create(m);
		rvcpu_create(m, i, &vcpu[i]);
		rvcpu_start_at(&vcpu[i], fn, (i + 1) * 0x100000000UL + 0x1000 * i, ROUNDS);
		rvcpu_set_mp_state(&vcpu[i], KVM_MP_STATE_RUNNABLE);
	}
	for (int i = 0; i < NR; i++)
		vcpu_thread_start(&t[i], &vcpu[i]);
	for (int i = 0; i < NR; i++)
		THREAD_SAYS_DONE(&t[i]);
}

TEST(fp_one_vm)
{
	run_together(_metadata, guest_fp, true);
}

TEST(fp_several_vms)
{
	run_together(_metadata, guest_fp, false);
}

static bool have_vector(void)
{
	unsigned long v = 0;
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	rvcpu_get_raw(&vcpu, RVM_REG_ISA(KVM_RISCV_ISA_EXT_V), &v);
	rvcpu_destroy(&vcpu);
	rvm_destroy(&vm);
	return v;
}

TEST(vector_one_vm)
{
	if (!have_vector())
		SKIP(return, "the host has no vector extension");
	run_together(_metadata, guest_vector, true);
}

TEST(vector_several_vms)
{
	if (!have_vector())
		SKIP(return, "the host has no vector extension");
	run_together(_metadata, guest_vector, false);
}

/* KVM_RUN preserves the VMM's floating point registers. */
static __guest void guest_clobber(unsigned long a0, unsigned long a1)
{
	csr_set(sstatus, SR_FS_INITIAL);
	for (;;) {
		asm volatile("fmv.d.x fs0, %0\n fmv.d.x fs5, %0\n"
			     "fmv.d.x fs11, %0\n fmv.d.x ft0, %0\n"
			     :: "r"(0xdeadbeefUL));
		guest_sync(0);
	}
}

TEST(host_fp)
{
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_clobber, 0);
	for (int i = 0; i < 100; i++) {
		register double a asm("fs0") = i + 0.5;
		register double b asm("fs11") = i * 3.25;
		int reason;

		asm volatile("" : "+f"(a), "+f"(b));
		reason = rvcpu_run(&vcpu) ? -1 : (int)vcpu.run->exit_reason;
		asm volatile("" : "+f"(a), "+f"(b));
		ASSERT_EQ(KVM_EXIT_RISCV_SBI, reason);
		ASSERT_TRUE(a == i + 0.5 && b == i * 3.25);
	}
}

TEST_HARNESS_MAIN
