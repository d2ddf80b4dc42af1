// SPDX-License-Identifier: GPL-2.0-only
/* ONE_REG: listed registers can be read and written back, others give ENOENT or EINVAL. */
#include "check.h"

#include <stdlib.h>

static struct kvm_reg_list *reg_list(struct __test_metadata *_metadata, struct rvcpu *vcpu)
{
	struct kvm_reg_list probe = { .n = 0 }, *list;

	ASSERT_EQ(-E2BIG, IOCTL(vcpu->fd, KVM_GET_REG_LIST, &probe));
	ASSERT_LT(60, probe.n);
	list = calloc(1, sizeof(*list) + probe.n * sizeof(list->reg[0]));
	list->n = probe.n - 1;
	ASSERT_EQ(-E2BIG, IOCTL(vcpu->fd, KVM_GET_REG_LIST, list));
	ASSERT_EQ(probe.n, list->n);
	ASSERT_EQ(0, IOCTL(vcpu->fd, KVM_GET_REG_LIST, list));
	ASSERT_EQ(probe.n, list->n);
	return list;
}

static size_t reg_size(uint64_t id)
{
	return 1UL << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT);
}

TEST(list)
{
	struct kvm_reg_list *list;
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	list = reg_list(_metadata, &vcpu);
	for (int i = 0; i < list->n; i++) {
		unsigned char value[4096] = { 0 }, again[4096] = { 0 };
		uint64_t id = list->reg[i];
		size_t size = reg_size(id);

		EXPECT_EQ(KVM_REG_RISCV, id & KVM_REG_ARCH_MASK);
		for (int j = 0; j < i; j++)
			ASSERT_NE(list->reg[j], id);
		memset(value + size, 0xa5, 16);
		EXPECT_EQ(0, rvcpu_get_raw(&vcpu, id, value)) {
			TH_LOG("get %#llx", (unsigned long long)id);
		}
		for (int j = 0; j < 16; j++)
			EXPECT_EQ(0xa5, value[size + j]);
		/* The time changes, and a timer that is off cannot be disabled. */
		if ((id & KVM_REG_RISCV_TYPE_MASK) == KVM_REG_RISCV_TIMER)
			continue;
		EXPECT_EQ(0, rvcpu_set_raw(&vcpu, id, value)) {
			TH_LOG("set %#llx", (unsigned long long)id);
		}
		EXPECT_EQ(0, rvcpu_get_raw(&vcpu, id, again));
		EXPECT_EQ(0, memcmp(value, again, size));
	}
}

/* After KVM_RUN writing a register back may be EBUSY. */
static __guest void guest_nothing(unsigned long a0, unsigned long a1)
{
	guest_done(0);
}

TEST(list_after_run)
{
	struct kvm_reg_list *list;
	struct rvm vm;
	struct rvcpu vcpu;
	unsigned int n;

	vm_start(&vm, &vcpu, guest_nothing, 0);
	n = reg_list(_metadata, &vcpu)->n;
	GUEST_SAYS_DONE(&vcpu);
	list = reg_list(_metadata, &vcpu);
	EXPECT_EQ(n, list->n);
	for (int i = 0; i < list->n; i++) {
		unsigned char value[4096] = { 0 };
		int ret;

		EXPECT_EQ(0, rvcpu_get_raw(&vcpu, list->reg[i], value));
		if ((list->reg[i] & KVM_REG_RISCV_TYPE_MASK) == KVM_REG_RISCV_TIMER)
			continue;
		ret = rvcpu_set_raw(&vcpu, list->reg[i], value);
		EXPECT_TRUE(!ret || ret == -EBUSY) {
			TH_LOG("set %#llx: %d", (unsigned long long)list->reg[i], ret);
		}
	}
}

TEST(unknown)
{
	static const uint64_t enoent[] = {
		RVM_REG(CORE, U64, 33), RVM_REG(CORE, U64, 0xffff), RVM_REG(CONFIG, U64, 0xfff),
		RVM_REG(CSR, U64, KVM_REG_RISCV_CSR_GENERAL | 0xff), RVM_REG(TIMER, U64, 4),
		RVM_REG(TIMER, U64, 0xfffff), RVM_REG(FP_F, U32, 33), RVM_REG(FP_F, U32, 0xffff),
		RVM_REG(FP_D, U64, 0xfff), RVM_REG(ISA_EXT, U64, 0x7fff), RVM_REG_SBI(0x7fff),
		RVM_REG_SBI(KVM_RISCV_SBI_EXT_MAX + 20),
		KVM_REG_RISCV | KVM_REG_SIZE_U64 | 0x7f000000,
		RVM_REG(CSR, U64, 0x00700000), RVM_REG(SBI_EXT, U64, 0x00700000),
	};
	struct rvm vm;
	struct rvcpu vcpu;
	unsigned long value = 0;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	for (int i = 0; i < ARRAY_SIZE(enoent); i++) {
		EXPECT_EQ(-ENOENT, rvcpu_get_raw(&vcpu, enoent[i], &value)) {
			TH_LOG("get %#llx", (unsigned long long)enoent[i]);
		}
		EXPECT_EQ(-ENOENT, rvcpu_set_raw(&vcpu, enoent[i], &value)) {
			TH_LOG("set %#llx", (unsigned long long)enoent[i]);
		}
	}
}

TEST(bad_sizes)
{
	static const uint64_t ids[] = {
		RVM_REG_CORE(regs.pc), RVM_REG_CONFIG(isa), RVM_REG_CSR(satp), RVM_REG_TIMER(time),
		RVM_REG(FP_D, U64, 0), RVM_REG(FP_F, U32, 0), RVM_REG_ISA(KVM_RISCV_ISA_EXT_A),
		RVM_REG_SBI(KVM_RISCV_SBI_EXT_TIME),
	};
	struct rvm vm;
	struct rvcpu vcpu;
	unsigned char value[1 << 15] = { 0 };

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	for (int i = 0; i < ARRAY_SIZE(ids); i++)
		for (uint64_t log = 0; log < 16; log++) {
			uint64_t id = (ids[i] & ~KVM_REG_SIZE_MASK) | log << KVM_REG_SIZE_SHIFT;

			if (id == ids[i])
				continue;
			EXPECT_EQ(-EINVAL, rvcpu_get_raw(&vcpu, id, value)) {
				TH_LOG("get %#llx", (unsigned long long)id);
			}
			EXPECT_EQ(-EINVAL, rvcpu_set_raw(&vcpu, id, value)) {
				TH_LOG("set %#llx", (unsigned long long)id);
			}
		}
}

/* The guest increments every general register that the call does not need. */
extern const char guest_regs[], guest_regs_end[];
asm("	.pushsection guest_text, \"ax\"\n"
"	.globl guest_regs\n"
"guest_regs:\n"
"	.irp r, ra, sp, gp, tp, t0, t1, t2, t3, t4, t5, t6, a0, a1, a2, a3, a4, a5\n"
"	addi \\r, \\r, 1\n"
"	.endr\n"
"	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11\n"
"	addi s\\n, s\\n, 1\n"
"	.endr\n"
"	li a6, 1\n"
"	li a7, 0x08000000\n"
"	ecall\n"
"	.popsection\n"
);

TEST(core)
{
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, (rvm_guest_fn)(void *)guest_regs, 0);
	for (int i = 1; i < 32; i++)
		rvcpu_set(&vcpu, RVM_REG(CORE, U64, i), 0x1111111111111111UL + i * 1000);
	for (int i = 1; i < 32; i++)
		EXPECT_EQ(0x1111111111111111UL + i * 1000, rvcpu_get(&vcpu, RVM_REG(CORE, U64, i)));
	GUEST_SAYS_DONE(&vcpu);
	for (int i = 1; i < 32; i++) {
		if (i == 16 || i == 17)
			continue;
		EXPECT_EQ(0x1111111111111111UL + i * 1000 + 1,
			  rvcpu_get(&vcpu, RVM_REG(CORE, U64, i))) {
			TH_LOG("x%d", i);
		}
	}
}

static __guest void guest_csrs(unsigned long a0, unsigned long a1)
{
	volatile uint64_t *val = guest_shared()->val;

	val[0] = csr_read(stvec);
	val[1] = csr_read(sscratch);
	val[2] = csr_read(sepc);
	val[3] = csr_read(scause);
	val[4] = csr_read(stval);
	val[5] = csr_read(sie);
	val[6] = csr_read(scounteren);
	csr_write(sscratch, 0x77);
	csr_write(sepc, 0x80000100UL);
	csr_write(stval, 0x88);
	csr_write(scause, 5);
	csr_write(stvec, 0x80000200UL);
	guest_done(0);
}

TEST(csr)
{
	volatile uint64_t *val;
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_csrs, 0);
	rvcpu_set(&vcpu, RVM_REG_CSR(stvec), 0x80001000);
	rvcpu_set(&vcpu, RVM_REG_CSR(sscratch), 0x1234567812345678);
	rvcpu_set(&vcpu, RVM_REG_CSR(sepc), 0x80002000);
	rvcpu_set(&vcpu, RVM_REG_CSR(scause), 13);
	rvcpu_set(&vcpu, RVM_REG_CSR(stval), 0xdeadbeef000);
	rvcpu_set(&vcpu, RVM_REG_CSR(sie), IE_S_ALL);
	rvcpu_set(&vcpu, RVM_REG_CSR(scounteren), 2);
	GUEST_SAYS_DONE(&vcpu);
	val = rvm_shared(&vm)->val;
	EXPECT_EQ(0x80001000, val[0]);
	EXPECT_EQ(0x1234567812345678, val[1]);
	EXPECT_EQ(0x80002000, val[2]);
	EXPECT_EQ(13, val[3]);
	EXPECT_EQ(0xdeadbeef000, val[4]);
	EXPECT_EQ(IE_S_ALL, val[5]);
	EXPECT_EQ(2, val[6]);
	EXPECT_EQ(0x80000200, rvcpu_get(&vcpu, RVM_REG_CSR(stvec)));
	EXPECT_EQ(0x77, rvcpu_get(&vcpu, RVM_REG_CSR(sscratch)));
	EXPECT_EQ(0x80000100, rvcpu_get(&vcpu, RVM_REG_CSR(sepc)));
	EXPECT_EQ(5, rvcpu_get(&vcpu, RVM_REG_CSR(scause)));
	EXPECT_EQ(0x88, rvcpu_get(&vcpu, RVM_REG_CSR(stval)));
}

TEST(sip)
{
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	rvcpu_set(&vcpu, RVM_REG_CSR(sip), IE_SSIE);
	EXPECT_EQ(IE_SSIE, rvcpu_get(&vcpu, RVM_REG_CSR(sip)));
	rvcpu_set(&vcpu, RVM_REG_CSR(sip), 0);
	EXPECT_EQ(0, rvcpu_get(&vcpu, RVM_REG_CSR(sip)));
	/* Other bits are read-only zero. */
	rvcpu_set(&vcpu, RVM_REG_CSR(sip), -1UL);
	EXPECT_EQ(0, rvcpu_get(&vcpu, RVM_REG_CSR(sip)) & 0xfff & ~IE_S_ALL);
}

/* Bits that vsstatus does not have must not reach the hardware. */
TEST(wild_sstatus)
{
	struct rvm vm;
	struct rvcpu vcpu;

	SKIP_ON_KVM("loads it as it is, and QEMU 10 merges it into the host's mstatus");
	vm_start(&vm, &vcpu, guest_nothing, 0);
	for (int bit = 0; bit < 64; bit++) {
		rvcpu_set(&vcpu, RVM_REG_CSR(sstatus), 1UL << bit);
		rvcpu_start_at(&vcpu, guest_nothing, 0, 0);
		GUEST_SAYS_DONE(&vcpu);
	}
	rvcpu_set(&vcpu, RVM_REG_CSR(sstatus), -1UL);
	/* SIE, SPIE, UBE, SPP, VS, FS, XS, SUM, MXR, UXL, SD; SPELP and SDT */
	EXPECT_EQ(0, rvcpu_get(&vcpu, RVM_REG_CSR(sstatus)) & ~0x80000003018de762UL &
		     ~(SR_SDT | SR_SPELP));
	rvcpu_start_at(&vcpu, guest_nothing, 0, 0);
	rvcpu_set(&vcpu, RVM_REG_CSR(sstatus), 0x7fffffffffffffddUL);
	ASSERT_EQ(0, rvcpu_run(&vcpu));
}

TEST(busy_after_run)
{
	unsigned long isa, value;
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_nothing, 0);
	isa = rvcpu_get(&vcpu, RVM_REG_CONFIG(isa));
	/* I, M and A cannot be disabled; an unknown bit cannot be set. */
	EXPECT_EQ(1 << 8 | 1 << 12 | 1, isa & (1 << 8 | 1 << 12 | 1));
	value = 1UL << 28;
	EXPECT_EQ(-EINVAL, rvcpu_set_raw(&vcpu, RVM_REG_CONFIG(isa), &value));
	GUEST_SAYS_DONE(&vcpu);
	EXPECT_EQ(0, rvcpu_set_raw(&vcpu, RVM_REG_CONFIG(isa), &isa));
	value = isa ^ 4;
	EXPECT_EQ(-EBUSY, rvcpu_set_raw(&vcpu, RVM_REG_CONFIG(isa), &value));
	value = rvcpu_get(&vcpu, RVM_REG_CONFIG(mimpid)) + 1;
	EXPECT_EQ(-EBUSY, rvcpu_set_raw(&vcpu, RVM_REG_CONFIG(mimpid), &value));
}

TEST(config)
{
	unsigned long value;
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	value = 0x1234;
	EXPECT_EQ(0, rvcpu_set_raw(&vcpu, RVM_REG_CONFIG(mvendorid), &value));
	EXPECT_EQ(0x1234, rvcpu_get(&vcpu, RVM_REG_CONFIG(mvendorid)));
	value = rvcpu_get(&vcpu, RVM_REG_CONFIG(satp_mode));
	EXPECT_TRUE(value >= 8 && value <= 10);
	EXPECT_EQ(0, rvcpu_set_raw(&vcpu, RVM_REG_CONFIG(satp_mode), &value));
	value = 3;
	EXPECT_EQ(-EINVAL, rvcpu_set_raw(&vcpu, RVM_REG_CONFIG(satp_mode), &value));
	value = 2;
	EXPECT_EQ(-EINVAL, rvcpu_set_raw(&vcpu, RVM_REG_SBI(KVM_RISCV_SBI_EXT_TIME), &value));
	/* I cannot be disabled. */
	EXPECT_NE(0, rvcpu_set_isa(&vcpu, KVM_RISCV_ISA_EXT_I, false));
	EXPECT_EQ(0, rvcpu_set_isa(&vcpu, KVM_RISCV_ISA_EXT_I, true));
}

TEST(timer)
{
	unsigned long hz, value, t0, t1;
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	hz = rvcpu_get(&vcpu, RVM_REG_TIMER(frequency));
	EXPECT_LT(0, hz);
	value = hz + 1;
	EXPECT_EQ(-EINVAL, rvcpu_set_raw(&vcpu, RVM_REG_TIMER(frequency), &value));
	EXPECT_EQ(0, rvcpu_set_raw(&vcpu, RVM_REG_TIMER(frequency), &hz));
	t0 = rvcpu_get(&vcpu, RVM_REG_TIMER(time));
	t1 = rvcpu_get(&vcpu, RVM_REG_TIMER(time));
	EXPECT_LE(t0, t1);
	/* The VM's time can be set. */
	rvcpu_set(&vcpu, RVM_REG_TIMER(time), 1UL << 50);
	t1 = rvcpu_get(&vcpu, RVM_REG_TIMER(time));
	EXPECT_LE(1UL << 50, t1);
	EXPECT_LT(t1, (1UL << 50) + 60 * hz);
	rvcpu_set(&vcpu, RVM_REG_TIMER(compare), 12345);
	EXPECT_EQ(12345, rvcpu_get(&vcpu, RVM_REG_TIMER(compare)));
}

TEST(floating_point)
{
	struct rvm vm;
	struct rvcpu vcpu;
	uint32_t fcsr = 0x1f;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	for (int i = 0; i < 32; i++)
		rvcpu_set(&vcpu, RVM_REG(FP_D, U64, i), 0x4000000000000000UL + i);
	for (int i = 0; i < 32; i++)
		EXPECT_EQ(0x4000000000000000UL + i, rvcpu_get(&vcpu, RVM_REG(FP_D, U64, i)));
	EXPECT_EQ(0, rvcpu_set_raw(&vcpu, RVM_REG(FP_D, U32, 32), &fcsr));
	fcsr = 0;
	EXPECT_EQ(0, rvcpu_get_raw(&vcpu, RVM_REG(FP_D, U32, 32), &fcsr));
	EXPECT_EQ(0x1f, fcsr);
}

TEST_HARNESS_MAIN
