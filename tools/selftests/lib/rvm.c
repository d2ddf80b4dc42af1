// SPDX-License-Identifier: GPL-2.0-only
#include "guest.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const char *device_path;

void rvm_die(const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "# ");
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, " (errno %d: %s)\n", err, strerror(err));
	exit(1);
}

const char *rvm_path(void)
{
	if (!device_path)
		device_path = getenv("RVHV_DEV");
	if (!device_path)
		device_path = "/dev/rvhv";
	return device_path;
}

void rvm_set_path(const char *path)
{
	device_path = path;
}

bool rvm_is_kvm(void)
{
	return !strcmp(rvm_path(), "/dev/kvm");
}

int rvm_open(void)
{
	int fd = open(rvm_path(), O_RDWR | O_CLOEXEC);

	if (fd < 0)
		rvm_die("open %s", rvm_path());
	return fd;
}

size_t rvm_run_size(int dev)
{
	int size = ioctl(dev, KVM_GET_VCPU_MMAP_SIZE, 0);

	if (size < (int)sizeof(struct kvm_run))
		rvm_die("KVM_GET_VCPU_MMAP_SIZE gives %d", size);
	return size;
}

void *rvm_anon(size_t size)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mem == MAP_FAILED)
		rvm_die("mmap of %zu bytes", size);
	return mem;
}

void rvm_create_bare(struct rvm *vm)
{
	memset(vm, 0, sizeof(*vm));
	vm->dev = rvm_open();
	vm->fd = ioctl(vm->dev, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		rvm_die("KVM_CREATE_VM");
}

void rvm_create(struct rvm *vm)
{
	rvm_create_bare(vm);
	vm->size = RVM_SIZE;
	vm->mem = rvm_anon(vm->size);
	/* Small pages: tests count faults by the page. */
	madvise(vm->mem, vm->size, MADV_NOHUGEPAGE);
	if (__stop_guest_text - __start_guest_text > (long)RVM_SHARED_OFF)
		rvm_die("guest code does not fit");
	memcpy(vm->mem, __start_guest_text, __stop_guest_text - __start_guest_text);
	rvm_set_slot(vm, 0, 0, RVM_BASE, vm->size, vm->mem);
}

void rvm_destroy(struct rvm *vm)
{
	if (vm->mem)
		munmap(vm->mem, vm->size);
	close(vm->fd);
	close(vm->dev);
}

int rvm_set_slot_raw(struct rvm *vm, uint32_t slot, uint32_t flags, uint64_t gpa, uint64_t size,
		     void *hva)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (unsigned long)hva,
	};

	return ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region) < 0 ? -errno : 0;
}

void rvm_set_slot(struct rvm *vm, uint32_t slot, uint32_t flags, uint64_t gpa, uint64_t size,
		  void *hva)
{
	if (rvm_set_slot_raw(vm, slot, flags, gpa, size, hva))
		rvm_die("KVM_SET_USER_MEMORY_REGION of slot %u", slot);
}

int rvm_check_extension(struct rvm *vm, long cap)
{
	return ioctl(vm->fd, KVM_CHECK_EXTENSION, cap);
}

void rvcpu_create(struct rvm *vm, int id, struct rvcpu *vcpu)
{
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->random = false;
	vcpu->fd = ioctl(vm->fd, KVM_CREATE_VCPU, id);
	if (vcpu->fd < 0)
		rvm_die("KVM_CREATE_VCPU %d", id);
	vcpu->run = mmap(NULL, rvm_run_size(vm->dev), PROT_READ | PROT_WRITE, MAP_SHARED,
			 vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		rvm_die("mmap of the run structure");
	rvcpu_enable_sbi(vcpu, KVM_RISCV_SBI_EXT_EXPERIMENTAL);
}

void rvcpu_destroy(struct rvcpu *vcpu)
{
	munmap(vcpu->run, rvm_run_size(vcpu->vm->dev));
	close(vcpu->fd);
}

static void print_failed_check(struct rvcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	const char *at = (const char *)run->riscv_sbi.args[0];
	const struct guest_check *check = (const void *)at;
	unsigned long left = run->riscv_sbi.args[1], right = run->riscv_sbi.args[2];

	if (vcpu->random || run->exit_reason != KVM_EXIT_RISCV_SBI ||
	    run->riscv_sbi.extension_id != GUEST_EID || run->riscv_sbi.function_id != GUEST_FAIL)
		return;
	if (at < __start_guest_checks || at >= __stop_guest_checks ||
	    (at - __start_guest_checks) % sizeof(*check))
		return;
	fprintf(stderr, "# %s:%d: vCPU %d: guest check failed: ", check->file, check->line,
		vcpu->id);
	if (check->op)
		fprintf(stderr, "%s %s %s (%#lx %s %#lx)\n", check->left, check->op, check->right,
			left, check->op, right);
	else
		fprintf(stderr, "%s (%#lx)\n", check->left, left);
}

int rvcpu_run_raw(struct rvcpu *vcpu)
{
	if (ioctl(vcpu->fd, KVM_RUN, 0) < 0)
		return -errno;
	print_failed_check(vcpu);
	return 0;
}

int rvcpu_run(struct rvcpu *vcpu)
{
	int ret;

	do {
		ret = rvcpu_run_raw(vcpu);
	} while (ret == -EINTR && !rvm_deadline_passed());
	return ret;
}

static volatile sig_atomic_t deadline_passed;

static void pass_deadline(int sig)
{
	(void)sig;
	deadline_passed = 1;
}

bool rvm_deadline_passed(void)
{
	return deadline_passed;
}

void rvm_set_deadline(unsigned int seconds)
{
	/* Again and again, should the first signal come just before KVM_RUN */
	struct itimerspec spec = { .it_value = { seconds, 0 }, .it_interval = { 0, 100000000 } };
	struct sigaction sa = { .sa_handler = pass_deadline };
	struct sigevent ev = {
		.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMAX,
		._sigev_un._tid = syscall(SYS_gettid),
	};
	static pid_t owner;
	timer_t timer;

	if (owner == getpid())
		return;
	owner = getpid();
	if (sigaction(SIGRTMAX, &sa, NULL) || timer_create(CLOCK_MONOTONIC, &ev, &timer) ||
	    timer_settime(timer, 0, &spec, NULL))
		rvm_die("a timer");
}

const char *rvcpu_describe(struct rvcpu *vcpu)
{
	static char text[256];
	struct kvm_run *run = vcpu->run;
	int n;

	n = snprintf(text, sizeof(text),
		     "vCPU %d: exit %u, pc %#lx, scause %#lx, sepc %#lx, stval %#lx", vcpu->id,
		     run->exit_reason, rvcpu_get(vcpu, RVM_REG_CORE(regs.pc)),
		     rvcpu_get(vcpu, RVM_REG_CSR(scause)), rvcpu_get(vcpu, RVM_REG_CSR(sepc)),
		     rvcpu_get(vcpu, RVM_REG_CSR(stval)));
	if (run->exit_reason == KVM_EXIT_RISCV_SBI)
		snprintf(text + n, sizeof(text) - n, ", SBI call %#lx %#lx (%#lx, %#lx)",
			 run->riscv_sbi.extension_id, run->riscv_sbi.function_id,
			 run->riscv_sbi.args[0], run->riscv_sbi.args[1]);
	else if (run->exit_reason == KVM_EXIT_MMIO)
		snprintf(text + n, sizeof(text) - n, ", %s of %u bytes at %#llx",
			 run->mmio.is_write ? "store" : "load", run->mmio.len,
			 (unsigned long long)run->mmio.phys_addr);
	else if (run->exit_reason == KVM_EXIT_UNKNOWN)
		snprintf(text + n, sizeof(text) - n, ", cause %#llx",
			 (unsigned long long)run->hw.hardware_exit_reason);
	return text;
}

void rvcpu_set_mp_state(struct rvcpu *vcpu, uint32_t state)
{
	struct kvm_mp_state mp = { .mp_state = state };

	if (ioctl(vcpu->fd, KVM_SET_MP_STATE, &mp))
		rvm_die("KVM_SET_MP_STATE");
}

uint64_t rvm_guest_addr(const void *fn)
{
	return RVM_BASE + ((const char *)fn - __start_guest_text);
}

/*
 * The next KVM_RUN completes such an exit by writing registers. It has to happen before registers
 * are set.
 */
static void complete_exit(struct rvcpu *vcpu)
{
	switch (vcpu->run->exit_reason) {
	case KVM_EXIT_MMIO:
	case KVM_EXIT_RISCV_SBI:
	case KVM_EXIT_RISCV_CSR:
		vcpu->run->immediate_exit = 1;
		rvcpu_run_raw(vcpu);
		vcpu->run->immediate_exit = 0;
	}
}

void rvcpu_start_at(struct rvcpu *vcpu, rvm_guest_fn fn, unsigned long a0, unsigned long a1)
{
	complete_exit(vcpu);
	rvcpu_set(vcpu, RVM_REG_CORE(regs.pc), rvm_guest_addr((const void *)fn));
	rvcpu_set(vcpu, RVM_REG_CORE(regs.sp),
		  RVM_BASE + RVM_STACK_OFF + (vcpu->id + 1) * RVM_STACK_SIZE);
	rvcpu_set(vcpu, RVM_REG_CORE(regs.a0), a0);
	rvcpu_set(vcpu, RVM_REG_CORE(regs.a1), a1);
	rvcpu_set(vcpu, RVM_REG_CORE(mode), KVM_RISCV_MODE_S);
}

int rvcpu_get_raw(struct rvcpu *vcpu, uint64_t id, void *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (unsigned long)value };

	return ioctl(vcpu->fd, KVM_GET_ONE_REG, &reg) < 0 ? -errno : 0;
}

int rvcpu_set_raw(struct rvcpu *vcpu, uint64_t id, const void *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (unsigned long)value };

	return ioctl(vcpu->fd, KVM_SET_ONE_REG, &reg) < 0 ? -errno : 0;
}

unsigned long rvcpu_get(struct rvcpu *vcpu, uint64_t id)
{
	unsigned long value = 0;

	if (rvcpu_get_raw(vcpu, id, &value))
		rvm_die("KVM_GET_ONE_REG %#lx", (unsigned long)id);
	return value;
}

void rvcpu_set(struct rvcpu *vcpu, uint64_t id, unsigned long value)
{
	if (rvcpu_set_raw(vcpu, id, &value))
		rvm_die("KVM_SET_ONE_REG %#lx", (unsigned long)id);
}

int rvcpu_enable_sbi(struct rvcpu *vcpu, unsigned long ext)
{
	unsigned long on = 1;

	return rvcpu_set_raw(vcpu, RVM_REG_SBI(ext), &on);
}

int rvcpu_set_isa(struct rvcpu *vcpu, unsigned long ext, bool on)
{
	unsigned long value = on;

	return rvcpu_set_raw(vcpu, RVM_REG_ISA(ext), &value);
}

bool rvcpu_enable_h(struct rvcpu *vcpu)
{
	return !rvm_is_kvm() && !rvcpu_set_isa(vcpu, KVM_RISCV_ISA_EXT_H, true);
}

uint64_t rvcpu_stat(struct rvcpu *vcpu, const char *name)
{
	struct kvm_stats_header header;
	struct kvm_stats_desc *desc;
	size_t desc_size;
	uint64_t value;
	int fd;

	fd = ioctl(vcpu->fd, KVM_GET_STATS_FD, 0);
	if (fd < 0 || pread(fd, &header, sizeof(header), 0) != sizeof(header))
		rvm_die("KVM_GET_STATS_FD");
	desc_size = sizeof(*desc) + header.name_size;
	desc = malloc(desc_size);
	for (uint32_t i = 0; desc && i < header.num_desc; i++) {
		if (pread(fd, desc, desc_size, header.desc_offset + i * desc_size) !=
		    (ssize_t)desc_size)
			break;
		if (strcmp(desc->name, name))
			continue;
		if (pread(fd, &value, sizeof(value), header.data_offset + desc->offset) !=
		    sizeof(value))
			break;
		free(desc);
		close(fd);
		return value;
	}
	rvm_die("no statistic %s", name);
}
