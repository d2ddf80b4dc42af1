// SPDX-License-Identifier: GPL-2.0-only
/* An extension by another module, samples/rvhv_sample: calls, loading and unloading */
#include <fcntl.h>
#include <linux/rvhv.h>
#include <sys/syscall.h>

#include "lib/sbi_call.h"

#define MODULE			"rvhv_sample"
#define SAMPLE_EID		0x0A766876UL
#define SAMPLE_SYSCALL		0x72766876UL

enum { SAMPLE_COUNT, SAMPLE_SUM, SAMPLE_DESCRIBE };

#define INVALID_ADDRESS		SBI_ERR_INVALID_ADDRESS

static int load(void)
{
	int fd = open("./" MODULE ".ko", O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return ret;
}

/* A guest's call holds a reference of the module: try again. */
static int unload(void)
{
	int tries = 0;

	while (syscall(SYS_delete_module, MODULE, O_NONBLOCK))
		if ((errno != EAGAIN && errno != EBUSY) || tries++ == 100000)
			return -errno;
	return 0;
}

static bool has_reg(struct __test_metadata *_metadata, struct rvcpu *vcpu, uint64_t id)
{
	struct {
		struct kvm_reg_list list;
		uint64_t ids[1024];
	} regs = { .list.n = 1024 };

	ASSERT_EQ(0, ioctl(vcpu->fd, KVM_GET_REG_LIST, &regs.list));
	for (uint64_t i = 0; i < regs.list.n; i++)
		if (regs.list.reg[i] == id)
			return true;
	return false;
}

/* The number of the sample's register, or -1 */
static long reg_of(struct rvm *vm, uint32_t *flags)
{
	struct rvhv_sbi_ext_info info = {};

	for (; !ioctl(vm->fd, RVHV_GET_SBI_EXT, &info); info.index++) {
		if (strcmp(info.name, "sample") || info.first != SAMPLE_EID)
			continue;
		*flags = info.flags;
		return RVHV_SBI_EXT_REGISTERED + info.index;
	}
	return -1;
}

FIXTURE(sample)
{
	struct rvm vm;
	struct rvcpu vcpu;
};

FIXTURE_SETUP(sample)
{
	if (rvm_is_kvm())
		SKIP(return, "kvm.ko: no other module can extend it");
	ASSERT_EQ(0, load());
	vm_start(&self->vm, &self->vcpu, guest_call, 0);
}

FIXTURE_TEARDOWN(sample)
{
	if (!rvm_is_kvm())
		unload();
}

#define CALL(...)	sbi(_metadata, &self->vcpu, (struct call){ __VA_ARGS__ })

TEST_F(sample, called)
{
	unsigned long count = CALL(SAMPLE_EID, SAMPLE_COUNT).value;

	EXPECT_EQ(1, CALL(SBI_BASE, 3, { SAMPLE_EID }).value);
	for (int i = 1; i < 100; i++) {
		struct sbiret ret = CALL(SAMPLE_EID, SAMPLE_COUNT);

		EXPECT_EQ(0, ret.error);
		EXPECT_EQ(count + i, ret.value);
	}
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, CALL(SAMPLE_EID, 3).error);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, CALL(SAMPLE_EID, -1UL).error);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, CALL(SAMPLE_EID + 1, 0).error);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, CALL(SAMPLE_EID - 1, 0).error);
}

TEST_F(sample, guest_physical_memory)
{
	uint32_t *words = (void *)((char *)self->vm.mem + RVM_FREE_OFF);
	unsigned long gpa = RVM_BASE + RVM_FREE_OFF, end = RVM_BASE + RVM_SIZE;
	uint32_t *last = (void *)((char *)self->vm.mem + RVM_SIZE) - 16;
	struct sbiret ret;

	for (int i = 0; i < 3000; i++)
		words[i] = i * i;
	/* Across pages */
	for (unsigned long first = 0; first < 1024; first += 93) {
		unsigned long sum = 0;

		for (int i = 0; i < 1024; i++)
			sum += words[first + i];
		ret = CALL(SAMPLE_EID, SAMPLE_SUM, { 1024, gpa + 4 * first });
		EXPECT_EQ(0, ret.error);
		EXPECT_EQ(sum, ret.value);
	}
	EXPECT_EQ(0, CALL(SAMPLE_EID, SAMPLE_SUM, { 0, 0 }).error);
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, CALL(SAMPLE_EID, SAMPLE_SUM, { 1025, gpa }).error);
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, CALL(SAMPLE_EID, SAMPLE_SUM, { -1UL, gpa }).error);
	EXPECT_EQ(SBI_ERR_INVALID_PARAM, CALL(SAMPLE_EID, SAMPLE_SUM, { 1, gpa + 1 }).error);

	/* At the end of memory */
	for (int i = 0; i < 4; i++)
		last[i] = 1000;
	EXPECT_EQ(4000, CALL(SAMPLE_EID, SAMPLE_SUM, { 4, end - 16 }).value);
	ret = CALL(SAMPLE_EID, SAMPLE_SUM, { 5, end - 16 });
	EXPECT_EQ(INVALID_ADDRESS, ret.error);
	EXPECT_EQ(0, ret.value);
	EXPECT_EQ(INVALID_ADDRESS, CALL(SAMPLE_EID, SAMPLE_SUM, { 1, end }).error);
	EXPECT_EQ(INVALID_ADDRESS, CALL(SAMPLE_EID, SAMPLE_SUM, { 1, RVM_BASE - 4 }).error);
	EXPECT_EQ(INVALID_ADDRESS, CALL(SAMPLE_EID, SAMPLE_SUM, { 1, RVM_MMIO }).error);
	EXPECT_EQ(INVALID_ADDRESS, CALL(SAMPLE_EID, SAMPLE_SUM, { 1024, -4UL }).error);
	EXPECT_EQ(INVALID_ADDRESS, CALL(SAMPLE_EID, SAMPLE_SUM, { 1, 1UL << 63 }).error);
}

TEST_F(sample, guest_virtual_memory)
{
	char *text = (char *)self->vm.mem + RVM_FREE_OFF;
	unsigned long gva = RVM_BASE + RVM_FREE_OFF;
	struct sbiret ret;

	memset(text, 'x', 2 * RVM_PAGE);
	/* Across the end of a page that the guest has not accessed */
	ret = CALL(SAMPLE_EID, SAMPLE_DESCRIBE, { gva + RVM_PAGE - 3, 1000 });
	EXPECT_EQ(0, ret.error);
	ASSERT_EQ(strlen("hart 0 of a guest of rvhv"), ret.value);
	EXPECT_EQ(0, memcmp(text + RVM_PAGE - 4, "xhart 0 of a guest of rvhvx", 27));
	ret = CALL(SAMPLE_EID, SAMPLE_DESCRIBE, { gva, 4 });
	EXPECT_EQ(4, ret.value);
	EXPECT_EQ(0, memcmp(text, "hartx", 5));
	EXPECT_EQ(0, CALL(SAMPLE_EID, SAMPLE_DESCRIBE, { -1UL, 0 }).value);
	EXPECT_EQ(INVALID_ADDRESS, CALL(SAMPLE_EID, SAMPLE_DESCRIBE, { RVM_MMIO, 9 }).error);
	EXPECT_EQ(INVALID_ADDRESS, CALL(SAMPLE_EID, SAMPLE_DESCRIBE, { 8, 9 }).error);
	EXPECT_EQ(INVALID_ADDRESS, CALL(SAMPLE_EID, SAMPLE_DESCRIBE, { -1UL, 9 }).error);
	EXPECT_EQ(INVALID_ADDRESS,
		  CALL(SAMPLE_EID, SAMPLE_DESCRIBE, { RVM_BASE + RVM_SIZE - 3, 9 }).error);
}

/* VU mode: one ECALL for the host, one for the guest's kernel; a0 of each is stored as MMIO. */
static __guest void guest_user(unsigned long number, unsigned long a1)
{
	guest_trap_init(0);
	asm volatile("	lla	t0, 1f\n"
		     "	csrw	sepc, t0\n"
		     "	li	t0, 0x100\n"
		     "	csrc	sstatus, t0\n"
		     "	mv	a7, %0\n"
		     "	li	a0, 55\n"
		     "	li	s2, %1\n"
		     "	sret\n"
		     "1:	ecall\n"
		     "	sd	a0, 0(s2)\n"
		     "	li	a7, 64\n"
		     "	li	a0, 66\n"
		     "	ecall\n"
		     "	sd	a0, 0(s2)\n"
		     "2:	j	2b\n"
		     :: "r"(number), "i"(RVM_MMIO) : "a0", "a7", "s2", "t0", "memory");
}

static unsigned long user_reports(struct __test_metadata *_metadata, struct rvcpu *vcpu)
{
	unsigned long value;

	ASSERT_EQ(0, rvcpu_run(vcpu));
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu->run->exit_reason) {
		TH_LOG("%s", rvcpu_describe(vcpu));
	}
	memcpy(&value, vcpu->run->mmio.data, sizeof(value));
	return value;
}

TEST_F(sample, exit_handler)
{
	struct guest_shared *s = rvm_shared(&self->vm);
	unsigned long first;

	rvcpu_start_at(&self->vcpu, guest_user, SAMPLE_SYSCALL, 0);
	first = user_reports(_metadata, &self->vcpu);
	EXPECT_LT(0, first);
	EXPECT_NE(55, first);
	EXPECT_EQ(0, s->trap[0].count);
	/* The guest's kernel handles the other call. */
	EXPECT_EQ(66, user_reports(_metadata, &self->vcpu));
	EXPECT_EQ(1, s->trap[0].count);
	EXPECT_EQ(CAUSE_ECALL_U, s->trap[0].cause);
}

/* Unloading the module gives the calls back to the guest's kernel. */
TEST_F(sample, exit_handler_goes)
{
	struct guest_shared *s = rvm_shared(&self->vm);

	rvcpu_start_at(&self->vcpu, guest_user, SAMPLE_SYSCALL, 0);
	EXPECT_NE(55, user_reports(_metadata, &self->vcpu));
	EXPECT_EQ(66, user_reports(_metadata, &self->vcpu));
	EXPECT_EQ(1, s->trap[0].count);
	ASSERT_EQ(0, unload());
	rvcpu_start_at(&self->vcpu, guest_user, SAMPLE_SYSCALL, 0);
	EXPECT_EQ(55, user_reports(_metadata, &self->vcpu));
	EXPECT_EQ(2, s->trap[0].count);
	EXPECT_EQ(CAUSE_ECALL_U, s->trap[0].cause);
	EXPECT_EQ(66, user_reports(_metadata, &self->vcpu));
	ASSERT_EQ(0, load());
	rvcpu_start_at(&self->vcpu, guest_user, SAMPLE_SYSCALL, 0);
	EXPECT_NE(55, user_reports(_metadata, &self->vcpu));
	EXPECT_EQ(3, s->trap[0].count);
}

static unsigned long observed(struct __test_metadata *_metadata)
{
	char buf[32] = "";
	int fd = open("/sys/module/" MODULE "/parameters/ecalls", O_RDONLY);

	ASSERT_LE(0, fd);
	ASSERT_LT(0, read(fd, buf, sizeof(buf) - 1));
	close(fd);
	return strtoul(buf, NULL, 0);
}

/* The observer sees each call once, also those that the core handles. */
TEST_F(sample, observer)
{
	unsigned long before = observed(_metadata);

	for (int i = 0; i < 10; i++)
		EXPECT_EQ(0, CALL(SBI_BASE, 0).error);
	/* Each with a guest_sync() */
	EXPECT_LE(before + 19, observed(_metadata));
	EXPECT_GE(before + 21, observed(_metadata));
}

TEST_F(sample, registers)
{
	struct rvcpu other;
	struct rvm vm;
	unsigned long val = 0;
	uint32_t flags = 0;
	uint64_t reg;
	long num;

	num = reg_of(&self->vm, &flags);
	ASSERT_LE(0, num);
	EXPECT_EQ(RVHV_SBI_EXT_AVAILABLE | RVHV_SBI_EXT_PRESENT, flags);
	reg = RVM_REG_SBI(num);
	EXPECT_TRUE(has_reg(_metadata, &self->vcpu, reg));
	EXPECT_EQ(1, rvcpu_get(&self->vcpu, reg));

	/* Disabled for one vCPU, enabled for another */
	rvcpu_create(&self->vm, 1, &other);
	val = 2;
	EXPECT_EQ(-EINVAL, rvcpu_set_raw(&self->vcpu, reg, &val));
	val = 0;
	EXPECT_EQ(0, rvcpu_set_raw(&self->vcpu, reg, &val));
	EXPECT_EQ(0, rvcpu_get(&self->vcpu, reg));
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, CALL(SAMPLE_EID, SAMPLE_COUNT).error);
	EXPECT_EQ(0, CALL(SBI_BASE, 3, { SAMPLE_EID }).value);
	val = 1;
	EXPECT_EQ(-EBUSY, rvcpu_set_raw(&self->vcpu, reg, &val));
	EXPECT_EQ(1, rvcpu_get(&other, reg));

	ASSERT_EQ(0, unload());
	EXPECT_EQ(num, reg_of(&self->vm, &flags));
	EXPECT_EQ(RVHV_SBI_EXT_AVAILABLE, flags);
	/* A VM created now does not have it, even if the module is loaded again. */
	rvm_create(&vm);
	rvcpu_create(&vm, 0, &other);
	EXPECT_FALSE(has_reg(_metadata, &other, reg));
	EXPECT_EQ(-ENOENT, rvcpu_get_raw(&other, reg, &val));
	ASSERT_EQ(0, load());
	EXPECT_EQ(num, reg_of(&vm, &flags));
	EXPECT_EQ(RVHV_SBI_EXT_PRESENT, flags);
	EXPECT_FALSE(has_reg(_metadata, &other, reg));
}

/* ---- insmod and rmmod while guests call ---- */

/* Call until told to stop, and count the answers by kind. */
static __guest void guest_calls(unsigned long hart, unsigned long a1)
{
	struct guest_shared *s = guest_shared();

	guest_trap_init(hart);
	while (!s->val[8 * hart]) {
		struct sbiret ret = guest_ecall(SAMPLE_EID, SAMPLE_SUM, 4, RVM_BASE, 0, 0, 0);

		if (!ret.error)
			s->val[8 * hart + 1]++;
		else if (ret.error == SBI_ERR_NOT_SUPPORTED && !ret.value)
			s->val[8 * hart + 2]++;
		else
			GUEST_FAIL_AT("unexpected SBI error", ret.error);
		ret = guest_ecall(SBI_BASE, 0, 0, 0, 0, 0, 0);
		GUEST_ASSERT_EQ(ret.error, 0);
	}
	guest_done(0);
}

TEST_F_TIMEOUT(sample, under_load, 3000)
{
	unsigned long cycles = env_number("RVHV_CYCLES", 25), ok[4], none[4];
	struct vcpu_thread thread[4];
	struct rvcpu vcpu[4];
	struct rvm vm[2];

	for (int i = 0; i < 4; i++) {
		if (i % 2 == 0)
			rvm_create(&vm[i / 2]);
		rvcpu_create(&vm[i / 2], i % 2, &vcpu[i]);
		rvcpu_start_at(&vcpu[i], guest_calls, i % 2, 0);
		rvcpu_set_mp_state(&vcpu[i], KVM_MP_STATE_RUNNABLE);
	}
	for (int i = 0; i < 4; i++)
		vcpu_thread_start(&thread[i], &vcpu[i]);
	for (unsigned long n = 0; n < cycles; n++) {
		ASSERT_EQ(0, unload()) {
			TH_LOG("cycle %lu", n);
		}
		usleep(1000 * (n % 3));
		ASSERT_EQ(0, load()) {
			TH_LOG("cycle %lu", n);
		}
		usleep(1000 * (n % 5));
	}
	/* Every vCPU has called with the module loaded and unloaded. */
	for (int tries = 0; tries < 1000; tries++) {
		int met = 0;

		for (int i = 0; i < 4; i++) {
			struct guest_shared *s = rvm_shared(&vm[i / 2]);

			ok[i] = s->val[8 * (i % 2) + 1];
			none[i] = s->val[8 * (i % 2) + 2];
			met += ok[i] && none[i];
		}
		if (met == 4)
			break;
		usleep(10000);
	}
	for (int i = 0; i < 4; i++)
		rvm_shared(&vm[i / 2])->val[8 * (i % 2)] = 1;
	for (int i = 0; i < 4; i++) {
		THREAD_SAYS_DONE(&thread[i]);
		EXPECT_LT(0, ok[i]);
		EXPECT_LT(0, none[i]);
		TH_LOG("vCPU %d: %lu calls answered, %lu not", i, ok[i], none[i]);
	}
}

TEST_HARNESS_MAIN
