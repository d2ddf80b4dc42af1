// SPDX-License-Identifier: GPL-2.0-only
/* MMIO: loads and stores of every size and encoding, and those that cannot be emulated */
#include "check.h"

/* Positive at every size; see sign_extension. */
#define PATTERN		0x7172737475767778UL
#define NEGATIVE	0x8182838485868788UL

/* Data in a4, address in a5. The option keeps the assembler from choosing the encoding. */
#define GUEST_LOAD(name, opt, insn)						\
	static __guest void guest_##name(unsigned long gpa, unsigned long unused)	\
	{									\
		register unsigned long a4 asm("a4") = -1UL;			\
		register unsigned long a5 asm("a5") = gpa;			\
										\
		asm volatile(".option push\n .option " opt "\n" insn "\n .option pop"	\
			     : "+r"(a4) : "r"(a5) : "t6", "memory");		\
		guest_done(a4);							\
	}

#define WITH_SP(insn)	"mv t6, sp\n mv sp, a5\n" insn "\n mv sp, t6"

GUEST_LOAD(lb, "norvc", "lb a4, 0(a5)")
GUEST_LOAD(lbu, "norvc", "lbu a4, 0(a5)")
GUEST_LOAD(lh, "norvc", "lh a4, 0(a5)")
GUEST_LOAD(lhu, "norvc", "lhu a4, 0(a5)")
GUEST_LOAD(lw, "norvc", "lw a4, 0(a5)")
GUEST_LOAD(lwu, "norvc", "lwu a4, 0(a5)")
GUEST_LOAD(ld, "norvc", "ld a4, 0(a5)")
GUEST_LOAD(ld_offset, "norvc", "ld a4, -2048(a5)")
GUEST_LOAD(c_lw, "rvc", "c.lw a4, 124(a5)")
GUEST_LOAD(c_ld, "rvc", "c.ld a4, 248(a5)")
GUEST_LOAD(c_lwsp, "rvc", WITH_SP("c.lwsp a4, 252(sp)"))
GUEST_LOAD(c_ldsp, "rvc", WITH_SP("c.ldsp a4, 504(sp)"))
GUEST_LOAD(lw_zero, "norvc", "lw zero, 0(a5)\n mv a4, zero")
GUEST_LOAD(sb, "norvc", "li a4, 0xa5\n sb a4, 0(a5)")
GUEST_LOAD(sh, "norvc", "li a4, 0xa5a6\n sh a4, 0(a5)")
GUEST_LOAD(sw, "norvc", "li a4, 0x75a6a7a8\n sw a4, 0(a5)")
GUEST_LOAD(sd, "norvc", "li a4, 0x75a6a7a8a9aaabac\n sd a4, 0(a5)")
GUEST_LOAD(sd_offset, "norvc", "li a4, 0x75a6a7a8a9aaabac\n sd a4, 2040(a5)")
GUEST_LOAD(c_sw, "rvc", "li a4, 0x75a6a7a8\n c.sw a4, 124(a5)")
GUEST_LOAD(c_sd, "rvc", "li a4, 0x75a6a7a8a9aaabac\n c.sd a4, 248(a5)")
GUEST_LOAD(c_swsp, "rvc", "li a4, 0x75a6a7a8\n" WITH_SP("c.swsp a4, 252(sp)"))
GUEST_LOAD(c_sdsp, "rvc", "li a4, 0x75a6a7a8a9aaabac\n" WITH_SP("c.sdsp a4, 504(sp)"))
GUEST_LOAD(sd_zero, "norvc", "sd zero, 0(a5)")
GUEST_LOAD(fld, "norvc", "li t6, 0x2000\n csrs sstatus, t6\n fld fa0, 0(a5)")
GUEST_LOAD(fsw, "norvc", "li t6, 0x2000\n csrs sstatus, t6\n fsw fa0, 0(a5)")
GUEST_LOAD(c_fld, "rvc", "li t6, 0x2000\n csrs sstatus, t6\n c.fld fa0, 0(a5)")
GUEST_LOAD(amo, "norvc", "li a4, 1\n amoadd.w a4, a4, (a5)")
GUEST_LOAD(lr, "norvc", "lr.w a4, (a5)")

struct form {
	const char *name;
	rvm_guest_fn fn;
	long offset;
	int len;
	bool write;
	/* The guest's a4 after a load, the VMM's data of a store */
	uint64_t value;
};

static const struct form forms[] = {
	{ "lb", guest_lb, 0, 1, false, (int8_t)PATTERN },
	{ "lbu", guest_lbu, 0, 1, false, (uint8_t)PATTERN },
	{ "lh", guest_lh, 0, 2, false, (int16_t)PATTERN },
	{ "lhu", guest_lhu, 0, 2, false, (uint16_t)PATTERN },
	{ "lw", guest_lw, 0, 4, false, (int32_t)PATTERN },
	{ "lwu", guest_lwu, 0, 4, false, (uint32_t)PATTERN },
	{ "ld", guest_ld, 0, 8, false, PATTERN },
	{ "ld with an offset", guest_ld_offset, -2048, 8, false, PATTERN },
	{ "c.lw", guest_c_lw, 124, 4, false, (int32_t)PATTERN },
	{ "c.ld", guest_c_ld, 248, 8, false, PATTERN },
	{ "c.lwsp", guest_c_lwsp, 252, 4, false, (int32_t)PATTERN },
	{ "c.ldsp", guest_c_ldsp, 504, 8, false, PATTERN },
	{ "sb", guest_sb, 0, 1, true, 0xa5 },
	{ "sh", guest_sh, 0, 2, true, 0xa5a6 },
	{ "sw", guest_sw, 0, 4, true, 0x75a6a7a8 },
	{ "sd", guest_sd, 0, 8, true, 0x75a6a7a8a9aaabac },
	{ "sd with an offset", guest_sd_offset, 2040, 8, true, 0x75a6a7a8a9aaabac },
	{ "c.sw", guest_c_sw, 124, 4, true, 0x75a6a7a8 },
	{ "c.sd", guest_c_sd, 248, 8, true, 0x75a6a7a8a9aaabac },
	{ "c.swsp", guest_c_swsp, 252, 4, true, 0x75a6a7a8 },
	{ "c.sdsp", guest_c_sdsp, 504, 8, true, 0x75a6a7a8a9aaabac },
	{ "sd of zero", guest_sd_zero, 0, 8, true, 0 },
	{ "lw to zero", guest_lw_zero, 0, 4, false, 0 },
};

static void check_data(struct __test_metadata *_metadata, struct rvcpu *vcpu,
		       const struct form *form, unsigned long gpa, uint64_t data)
{
	struct kvm_run *run = vcpu->run;

	rvcpu_start_at(vcpu, form->fn, gpa, 0);
	ASSERT_EQ(0, rvcpu_run(vcpu)) {
		TH_LOG("%s", form->name);
	}
	ASSERT_EQ(KVM_EXIT_MMIO, run->exit_reason) {
		TH_LOG("%s", form->name);
	}
	EXPECT_EQ(gpa + form->offset, run->mmio.phys_addr);
	EXPECT_EQ(form->len, run->mmio.len);
	EXPECT_EQ(form->write, run->mmio.is_write);
	if (form->write) {
		data = 0;
		memcpy(&data, run->mmio.data, form->len);
		EXPECT_EQ(form->value, data) {
			TH_LOG("%s", form->name);
		}
	} else {
		memcpy(run->mmio.data, &data, sizeof(data));
	}
	data = GUEST_SAYS_DONE(vcpu);
	if (!form->write)
		EXPECT_EQ(form->value, data) {
			TH_LOG("%s", form->name);
		}
}

static void check_form(struct __test_metadata *_metadata, struct rvcpu *vcpu,
		       const struct form *form, unsigned long gpa)
{
	check_data(_metadata, vcpu, form, gpa, PATTERN);
}

TEST(every_form)
{
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	for (int i = 0; i < ARRAY_SIZE(forms); i++)
		check_form(_metadata, &vcpu, &forms[i], RVM_MMIO + RVM_PAGE);
}

TEST(sign_extension)
{
	static const struct form negative[] = {
		{ "lb", guest_lb, 0, 1, false, (int8_t)NEGATIVE },
		{ "lbu", guest_lbu, 0, 1, false, (uint8_t)NEGATIVE },
		{ "lh", guest_lh, 0, 2, false, (int16_t)NEGATIVE },
		{ "lhu", guest_lhu, 0, 2, false, (uint16_t)NEGATIVE },
		{ "lw", guest_lw, 0, 4, false, (int32_t)NEGATIVE },
		{ "lwu", guest_lwu, 0, 4, false, (uint32_t)NEGATIVE },
		{ "ld", guest_ld, 0, 8, false, NEGATIVE },
		{ "c.lw", guest_c_lw, 124, 4, false, (int32_t)NEGATIVE },
		{ "c.lwsp", guest_c_lwsp, 252, 4, false, (int32_t)NEGATIVE },
	};
	struct rvm vm;
	struct rvcpu vcpu;

	SKIP_ON_KVM("6.12 extends lb, lh and lw with zeroes (mended in 7.2)");
	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	for (int i = 0; i < ARRAY_SIZE(negative); i++)
		check_data(_metadata, &vcpu, &negative[i], RVM_MMIO, NEGATIVE);
}

/* A load to x0 leaves no data behind. */
TEST(zero_stays_zero)
{
	static const struct form load = { "lw to zero", guest_lw_zero, 0, 4, false, 0 };
	static const struct form store = { "sd of zero", guest_sd_zero, 0, 8, true, 0 };
	struct rvm vm;
	struct rvcpu vcpu;

	SKIP_ON_KVM("keeps what was loaded to x0 and stores it the next time");
	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	check_form(_metadata, &vcpu, &load, RVM_MMIO);
	check_form(_metadata, &vcpu, &store, RVM_MMIO);
}

/* The ends of memory and of the address space */
TEST(places)
{
	static const struct form ld = { "ld", guest_ld, 0, 8, false, PATTERN };
	struct rvm vm;
	struct rvcpu vcpu;
	unsigned long top;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	top = 1UL << rvm_check_extension(&vm, KVM_CAP_VM_GPA_BITS);
	check_form(_metadata, &vcpu, &ld, 0);
	check_form(_metadata, &vcpu, &ld, RVM_BASE - 8);
	check_form(_metadata, &vcpu, &ld, RVM_BASE + vm.size);
	check_form(_metadata, &vcpu, &ld, top - 8);
}

/* An access that cannot be emulated exits as unhandled; the vCPU stays usable. */
TEST(no_emulation)
{
	static const struct {
		const char *name;
		rvm_guest_fn fn;
		unsigned long scause;
	} bad[] = {
		{ "fld", guest_fld, CAUSE_LOAD_GUEST_FAULT },
		{ "fsw", guest_fsw, CAUSE_STORE_GUEST_FAULT },
		{ "c.fld", guest_c_fld, CAUSE_LOAD_GUEST_FAULT },
		{ "amoadd.w", guest_amo, CAUSE_STORE_GUEST_FAULT },
		{ "lr.w", guest_lr, CAUSE_LOAD_GUEST_FAULT },
	};
	static const struct form lw = { "lw", guest_lw, 0, 4, false, (int32_t)PATTERN };
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	for (int i = 0; i < ARRAY_SIZE(bad); i++) {
		int ret;

		rvcpu_start_at(&vcpu, bad[i].fn, RVM_MMIO, 0);
		ret = rvcpu_run(&vcpu);
		EXPECT_TRUE(is_unhandled(&vcpu, ret, bad[i].scause)) {
			TH_LOG("%s: %d; %s", bad[i].name, ret, rvcpu_describe(&vcpu));
		}
		check_form(_metadata, &vcpu, &lw, RVM_MMIO);
	}
}

/* kvm.ko ends KVM_RUN with EIO; rvhv injects an access fault. */
static __guest void guest_misaligned(unsigned long gpa, unsigned long store)
{
	guest_trap_init(0);
	if (store)
		asm volatile("sd zero, 0(%0)" :: "r"(gpa) : "memory");
	else
		asm volatile("lw zero, 0(%0)" :: "r"(gpa) : "memory");
	guest_done(guest_shared()->trap[0].cause);
}

TEST(misaligned)
{
	for (unsigned long store = 0; store < 2; store++) {
		struct rvm vm;
		struct rvcpu vcpu;

		vm_start(&vm, &vcpu, guest_misaligned, RVM_MMIO + 1);
		rvcpu_set(&vcpu, RVM_REG_CORE(regs.a1), store);
		if (rvm_is_kvm()) {
			EXPECT_EQ(-EIO, rvcpu_run(&vcpu));
			continue;
		}
		EXPECT_EQ(store ? CAUSE_STORE_ACCESS : CAUSE_LOAD_ACCESS, GUEST_SAYS_DONE(&vcpu));
	}
}

/* An access across the end of memory: any outcome, but the vCPU stays usable. */
TEST(page_crossing)
{
	static const struct form lw = { "lw", guest_lw, 0, 4, false, (int32_t)PATTERN };
	static const rvm_guest_fn fns[] = { guest_ld, guest_sd };
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	for (int i = 0; i < ARRAY_SIZE(fns); i++)
		for (int back = 1; back < 8; back++) {
			int ret;

			rvcpu_start_at(&vcpu, fns[i], RVM_BASE + vm.size - back, 0);
			ret = rvcpu_run(&vcpu);
			/* A guest that takes a fault has no handler, and faults at stvec 0. */
			EXPECT_TRUE(ret == -EIO ||
				    is_unhandled(&vcpu, ret, CAUSE_FETCH_GUEST_FAULT) ||
				    (!ret && vcpu.run->exit_reason == KVM_EXIT_MMIO)) {
				TH_LOG("%d bytes before the end: %d; %s", back, ret,
				       rvcpu_describe(&vcpu));
			}
			check_form(_metadata, &vcpu, &lw, RVM_MMIO);
		}
}

TEST(completion_by_immediate_exit)
{
	struct rvm vm;
	struct rvcpu vcpu;
	uint64_t data = PATTERN;

	vm_start(&vm, &vcpu, guest_ld, RVM_MMIO);
	ASSERT_EQ(0, rvcpu_run(&vcpu));
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu.run->exit_reason);
	memcpy(vcpu.run->mmio.data, &data, sizeof(data));
	vcpu.run->immediate_exit = 1;
	EXPECT_EQ(-EINTR, rvcpu_run_raw(&vcpu));
	EXPECT_EQ(PATTERN, rvcpu_get(&vcpu, RVM_REG_CORE(regs.a4)));
	vcpu.run->immediate_exit = 0;
	EXPECT_EQ(PATTERN, GUEST_SAYS_DONE(&vcpu));
}

TEST_HARNESS_MAIN
