// SPDX-License-Identifier: GPL-2.0-only
/* SBI: Base, unknown calls, TIME, IPI, SRST, DBCN, and their errors */
#include "sbi_call.h"

TEST(base)
{
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_call, 0);
	EXPECT_EQ(0, SBI(SBI_BASE, 0).error);
	EXPECT_LE(2UL << 24, SBI(SBI_BASE, 0).value);
	EXPECT_EQ(0, SBI(SBI_BASE, 1).error);
	EXPECT_LT(0, SBI(SBI_BASE, 1).value);
	EXPECT_EQ(0, SBI(SBI_BASE, 2).error);
	EXPECT_EQ(rvcpu_get(&vcpu, RVM_REG_CONFIG(mvendorid)), SBI(SBI_BASE, 4).value);
	EXPECT_EQ(rvcpu_get(&vcpu, RVM_REG_CONFIG(marchid)), SBI(SBI_BASE, 5).value);
	EXPECT_EQ(rvcpu_get(&vcpu, RVM_REG_CONFIG(mimpid)), SBI(SBI_BASE, 6).value);
	for (unsigned long fid = 7; fid < 16; fid++)
		EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(SBI_BASE, fid).error);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(SBI_BASE, -1UL).error);
}

TEST(probe)
{
	static const unsigned long there[] = {
		SBI_BASE, SBI_TIME, SBI_IPI, SBI_RFENCE, SBI_HSM, SBI_SRST,
	};
	static const unsigned long absent[] = {
		SBI_DBCN, 0x0a00dead, 0x11, 0x7fffffff, -2UL, 0x10000000010UL, 0x535345,
	};
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_call, 0);
	for (int i = 0; i < ARRAY_SIZE(there); i++) {
		struct sbiret ret = SBI(SBI_BASE, 3, { there[i] });

		EXPECT_EQ(0, ret.error);
		EXPECT_NE(0, ret.value) {
			TH_LOG("extension %#lx", there[i]);
		}
	}
	for (int i = 0; i < ARRAY_SIZE(absent); i++) {
		struct sbiret ret = SBI(SBI_BASE, 3, { absent[i] });

		EXPECT_EQ(0, ret.error);
		EXPECT_EQ(0, ret.value) {
			TH_LOG("extension %#lx", absent[i]);
		}
	}
}

/* A probe of a forwarded extension goes to the VMM. */
TEST(probe_forwarded)
{
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_call, 0);
	rvm_shared(&vm)->val[0] = SBI_BASE;
	rvm_shared(&vm)->val[1] = 3;
	rvm_shared(&vm)->val[2] = GUEST_EID;
	ASSERT_EQ(0, rvcpu_run(&vcpu));
	ASSERT_EQ(KVM_EXIT_RISCV_SBI, vcpu.run->exit_reason);
	EXPECT_EQ(SBI_BASE, vcpu.run->riscv_sbi.extension_id);
	EXPECT_EQ(3, vcpu.run->riscv_sbi.function_id);
	EXPECT_EQ(GUEST_EID, vcpu.run->riscv_sbi.args[0]);
	vcpu.run->riscv_sbi.ret[0] = 0;
	vcpu.run->riscv_sbi.ret[1] = 42;
	GUEST_SAYS_SYNC(&vcpu);
	EXPECT_EQ(42, rvm_shared(&vm)->val[11]);
}

TEST(unknown)
{
	static const unsigned long ext[] = {
		0x0a00dead, 0x11, 0x9, 0xf, 0x7fffffff, -1UL, 0x0bffffff, 0x535345, SBI_DBCN,
	};
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_call, 0);
	for (int i = 0; i < ARRAY_SIZE(ext); i++)
		for (unsigned long fid = 0; fid < 16; fid++) {
			struct sbiret ret = SBI(ext[i], fid, { 1, 2, 3, 4, 5 });

			EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, ret.error) {
				TH_LOG("extension %#lx function %lu", ext[i], fid);
			}
		}
}

TEST(unknown_functions)
{
	static const struct {
		unsigned long ext, first;
	} known[] = {
		{ SBI_TIME, 1 }, { SBI_IPI, 1 }, { SBI_RFENCE, 7 }, { SBI_HSM, 4 }, { SBI_SRST, 1 },
	};
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_call, 0);
	for (int i = 0; i < ARRAY_SIZE(known); i++) {
		for (unsigned long fid = known[i].first; fid < 16; fid++) {
			EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(known[i].ext, fid).error) {
				TH_LOG("extension %#lx function %lu", known[i].ext, fid);
			}
		}
		EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(known[i].ext, -1UL).error);
		EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(known[i].ext, 1UL << 32 | 1).error);
	}
}

TEST(ipi_masks)
{
	struct rvm vm;
	struct rvcpu vcpu, other;

	vm_start(&vm, &vcpu, guest_call, 0);
	rvcpu_create(&vm, 1, &other);
	EXPECT_EQ(0, SBI(SBI_IPI, 0, { 1, 0 }).error);
	EXPECT_EQ(0, SBI(SBI_IPI, 0, { 3, 0 }).error);
	EXPECT_EQ(0, SBI(SBI_IPI, 0, { 1, 1 }).error);
	EXPECT_EQ(0, SBI(SBI_IPI, 0, { 0, -1UL }).error);
	EXPECT_EQ(0, SBI(SBI_IPI, 0, { 123, -1UL }).error);
	/* Harts that do not exist */
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, SBI(SBI_IPI, 0, { 4, 0 }).error);
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, SBI(SBI_IPI, 0, { 2, 1 }).error);
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, SBI(SBI_IPI, 0, { 1, 2 }).error);
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, SBI(SBI_IPI, 0, { 1, 1UL << 40 }).error);
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, SBI(SBI_IPI, 0, { 1UL << 63, 0 }).error);
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, SBI(SBI_IPI, 0, { 1UL << 63, -2UL }).error);
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, SBI(SBI_IPI, 0, { -1UL, 0 }).error);
}

TEST(ipi_arrives)
{
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_call, 0);
	EXPECT_EQ(0, SBI(SBI_IPI, 0, { 1, 0 }).error);
	EXPECT_EQ(IE_SSIE, rvcpu_get(&vcpu, RVM_REG_CSR(sip)) & IE_SSIE);
}

static __guest void guest_reset(unsigned long type, unsigned long reason)
{
	struct sbiret ret = guest_ecall(SBI_SRST, 0, type, reason, 0, 0, 0);

	guest_done(ret.error);
}

TEST(system_reset)
{
	static const struct {
		unsigned long type, event;
	} good[] = {
		{ 0, KVM_SYSTEM_EVENT_SHUTDOWN },
		{ 1, KVM_SYSTEM_EVENT_RESET },
		{ 2, KVM_SYSTEM_EVENT_RESET },
	};

	for (int i = 0; i < ARRAY_SIZE(good); i++)
		for (unsigned long reason = 0; reason < 2; reason++) {
			struct kvm_mp_state state;
			struct rvm vm;
			struct rvcpu vcpu;

			vm_start(&vm, &vcpu, guest_reset, good[i].type);
			rvcpu_set(&vcpu, RVM_REG_CORE(regs.a1), reason);
			ASSERT_EQ(0, rvcpu_run(&vcpu));
			ASSERT_EQ(KVM_EXIT_SYSTEM_EVENT, vcpu.run->exit_reason);
			EXPECT_EQ(good[i].event, vcpu.run->system_event.type);
			EXPECT_EQ(1, vcpu.run->system_event.ndata);
			EXPECT_EQ(reason, vcpu.run->system_event.data[0]);
			ASSERT_EQ(0, IOCTL(vcpu.fd, KVM_GET_MP_STATE, &state));
			EXPECT_EQ(KVM_MP_STATE_STOPPED, state.mp_state);
			rvcpu_destroy(&vcpu);
			rvm_destroy(&vm);
		}
}

TEST(system_reset_bad_type)
{
	static const unsigned long types[] = { 3, 4, 0x7fffffff, 0xefffffff };
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_call, 0);
	for (int i = 0; i < ARRAY_SIZE(types); i++) {
		long error = SBI(SBI_SRST, 0, { types[i], 0 }).error;

		EXPECT_TRUE(error == SBI_ERR_INVALID_PARAM || error == SBI_ERR_NOT_SUPPORTED) {
			TH_LOG("type %#lx: %ld", types[i], error);
		}
	}
}

/* With DBCN enabled its calls go to the VMM. */
TEST(dbcn_forwarded)
{
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_call, 0);
	ASSERT_EQ(0, rvcpu_enable_sbi(&vcpu, KVM_RISCV_SBI_EXT_DBCN));
	for (unsigned long fid = 0; fid < 3; fid++) {
		struct guest_shared *s = rvm_shared(&vm);

		s->val[0] = SBI_DBCN;
		s->val[1] = fid;
		for (int i = 0; i < 3; i++)
			s->val[2 + i] = 100 + i;
		ASSERT_EQ(0, rvcpu_run(&vcpu));
		ASSERT_EQ(KVM_EXIT_RISCV_SBI, vcpu.run->exit_reason);
		EXPECT_EQ(SBI_DBCN, vcpu.run->riscv_sbi.extension_id);
		EXPECT_EQ(fid, vcpu.run->riscv_sbi.function_id);
		for (int i = 0; i < 3; i++)
			EXPECT_EQ(100 + i, vcpu.run->riscv_sbi.args[i]);
		vcpu.run->riscv_sbi.ret[0] = SBI_ERR_DENIED;
		vcpu.run->riscv_sbi.ret[1] = 77 + fid;
		GUEST_SAYS_SYNC(&vcpu);
		EXPECT_EQ(SBI_ERR_DENIED, (long)s->val[10]);
		EXPECT_EQ(77 + fid, s->val[11]);
	}
	for (unsigned long fid = 3; fid < 16; fid++)
		EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(SBI_DBCN, fid).error);
}

/* The default answer of a forwarded call is SBI_ERR_NOT_SUPPORTED. */
TEST(forwarded_default_answer)
{
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_call, 0);
	rvm_shared(&vm)->val[0] = GUEST_EID;
	rvm_shared(&vm)->val[1] = 99;
	ASSERT_EQ(0, rvcpu_run(&vcpu));
	ASSERT_TRUE(is_guest_call(&vcpu, 99));
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, (long)vcpu.run->riscv_sbi.ret[0]);
	GUEST_SAYS_SYNC(&vcpu);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, (long)rvm_shared(&vm)->val[10]);
}

/* A disabled extension cannot be probed nor called. */
TEST(disabled)
{
	unsigned long off = 0;
	struct rvm vm;
	struct rvcpu vcpu;

	vm_start(&vm, &vcpu, guest_call, 0);
	ASSERT_EQ(0, rvcpu_set_raw(&vcpu, RVM_REG_SBI(KVM_RISCV_SBI_EXT_IPI), &off));
	ASSERT_EQ(0, rvcpu_set_raw(&vcpu, RVM_REG_SBI(KVM_RISCV_SBI_EXT_SRST), &off));
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(SBI_IPI, 0, { 1, 0 }).error);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(SBI_SRST, 0, { 0, 0 }).error);
	EXPECT_EQ(0, SBI(SBI_BASE, 3, { SBI_IPI }).value);
	EXPECT_EQ(0, SBI(SBI_TIME, 0, { -1UL }).error);
	EXPECT_EQ(-EBUSY, rvcpu_enable_sbi(&vcpu, KVM_RISCV_SBI_EXT_IPI));
}

TEST_HARNESS_MAIN
