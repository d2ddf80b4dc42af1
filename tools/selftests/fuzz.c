// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random ioctls with random arguments on every kind of object: each returns a value or one of KVM's
 * errnos. RVHV_SEED is the seed, which is printed.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <time.h>

#define SECONDS		30
#define NR_VMS		2
#define NR_VCPUS	3
#define MEM_SIZE	(512UL << 10)

static uint64_t rng_state;

static uint64_t rng(void)
{
	/* xorshift64* */
	rng_state ^= rng_state >> 12;
	rng_state ^= rng_state << 25;
	rng_state ^= rng_state >> 27;
	return rng_state * 0x2545f4914f6cdd1dUL;
}

static uint64_t below(uint64_t n)
{
	return rng() % n;
}

struct world {
	int dev;
	int vm[NR_VMS];
	int vcpu[NR_VMS][NR_VCPUS];
	struct kvm_run *run[NR_VMS][NR_VCPUS];
	size_t run_size;
	char *mem;
	int event;
	struct kvm_reg_list *regs;
};

/* Valid numbers, nearly valid ones, and noise */
static uint64_t number(struct world *w)
{
	switch (below(10)) {
	case 0:
		return below(4);
	case 1:
		return RVM_BASE + below(256) * RVM_PAGE;
	case 2:
		return below(64) * RVM_PAGE;
	case 3:
		return -below(1 << 16);
	case 4:
		return 1UL << below(64);
	case 5:
		return (1UL << below(64)) - 1;
	case 6:
		return (uint64_t)w->mem + below(128) * RVM_PAGE;
	case 7:
		return below(1 << 20);
	case 8:
		return RVM_MMIO + below(64);
	default:
		return rng();
	}
}

static void fill(struct world *w, void *buf, size_t size)
{
	for (size_t i = 0; i < size / 8; i++)
		((uint64_t *)buf)[i] = number(w);
	/* Many fields are 32 bits wide. */
	for (size_t i = 0; i < size / 4; i++)
		if (!below(3))
			((uint32_t *)buf)[i] = below(8);
}

static const unsigned long dev_cmds[] = {
	KVM_GET_API_VERSION, KVM_CHECK_EXTENSION, KVM_GET_VCPU_MMAP_SIZE,
};

static const unsigned long vm_cmds[] = {
	KVM_SET_USER_MEMORY_REGION, KVM_SET_USER_MEMORY_REGION2, KVM_GET_DIRTY_LOG,
	KVM_CLEAR_DIRTY_LOG, KVM_IOEVENTFD, KVM_REGISTER_COALESCED_MMIO,
	KVM_UNREGISTER_COALESCED_MMIO, KVM_CHECK_EXTENSION, KVM_ENABLE_CAP, KVM_CREATE_DEVICE,
	KVM_IRQ_LINE, KVM_SET_GSI_ROUTING, KVM_IRQFD, KVM_SIGNAL_MSI, KVM_SET_DEVICE_ATTR,
	KVM_HAS_DEVICE_ATTR, KVM_GET_STATS_FD,
};

static const unsigned long vcpu_cmds[] = {
	KVM_GET_ONE_REG, KVM_SET_ONE_REG, KVM_GET_REG_LIST, KVM_GET_MP_STATE, KVM_SET_MP_STATE,
	KVM_INTERRUPT, KVM_SET_SIGNAL_MASK, KVM_SET_GUEST_DEBUG, KVM_GET_STATS_FD,
	KVM_ENABLE_CAP, KVM_TRANSLATE, KVM_GET_REGS, KVM_SET_REGS, KVM_GET_FPU, KVM_SET_FPU,
	KVM_SET_DEVICE_ATTR,
};

static const int known_errnos[] = {
	EINVAL, ENOTTY, EFAULT, EBUSY, EEXIST, ENOENT, ENXIO, ENODEV, E2BIG, EOPNOTSUPP, EIO, EINTR,
	EAGAIN, EBADF, ENOSPC, ENOMEM, EMFILE, EPERM,
};

static bool known(long ret)
{
	if (ret >= 0)
		return true;
	for (int i = 0; i < ARRAY_SIZE(known_errnos); i++)
		if (ret == -known_errnos[i])
			return true;
	return false;
}

static void open_vm(struct world *w, int v)
{
	w->vm[v] = ioctl(w->dev, KVM_CREATE_VM, 0);
	if (w->vm[v] < 0)
		rvm_die("KVM_CREATE_VM");
}

static void open_vcpu(struct world *w, int v, int c)
{
	w->vcpu[v][c] = ioctl(w->vm[v], KVM_CREATE_VCPU, c);
	if (w->vcpu[v][c] < 0)
		return;
	w->run[v][c] = mmap(NULL, w->run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			    w->vcpu[v][c], 0);
	if (w->run[v][c] == MAP_FAILED)
		rvm_die("mmap of the run structure");
}

static void close_vm(struct world *w, int v)
{
	for (int c = 0; c < NR_VCPUS; c++) {
		if (w->vcpu[v][c] < 0)
			continue;
		munmap(w->run[v][c], w->run_size);
		close(w->vcpu[v][c]);
		w->vcpu[v][c] = -1;
	}
	close(w->vm[v]);
}

/* Without a valid slot no guest would run. */
static long good_slot(struct world *w, int v)
{
	struct kvm_userspace_memory_region region = {
		.slot = below(3), .flags = below(4), .guest_phys_addr = RVM_BASE,
		.memory_size = below(4) ? MEM_SIZE : 0, .userspace_addr = (unsigned long)w->mem,
	};

	return IOCTL(w->vm[v], KVM_SET_USER_MEMORY_REGION, &region);
}

/*
 * A random value for an existing register. kvm.ko would write CSRs to the hardware unchecked, and
 * warns about a wild steal-time page.
 */
static long one_reg(struct world *w, int v, int c)
{
	uint64_t value[32] = { number(w), number(w) };
	struct kvm_one_reg reg = {
		.id = w->regs->reg[below(w->regs->n)], .addr = (unsigned long)value,
	};
	bool set = below(2);

	if (!below(8))
		reg.id ^= 1UL << below(56);
	if (set && rvm_is_kvm() &&
	    ((reg.id & KVM_REG_RISCV_TYPE_MASK) == KVM_REG_RISCV_CSR ||
	     (reg.id & KVM_REG_RISCV_TYPE_MASK) == KVM_REG_RISCV_SBI_STATE))
		return 0;
	return IOCTL(w->vcpu[v][c], set ? KVM_SET_ONE_REG : KVM_GET_ONE_REG, &reg);
}

/* A timer ends each run: the guest may loop, the vCPU may be stopped. */
static long run_vcpu(struct world *w, int v, int c)
{
	struct itimerval soon = { { .tv_usec = 2000 }, { .tv_usec = 2000 } };
	struct itimerval never = { 0 };
	uint64_t pc = RVM_BASE + below(MEM_SIZE / 4) * 4;
	struct kvm_one_reg reg = { .id = RVM_REG_CORE(regs.pc), .addr = (unsigned long)&pc };
	long ret;

	if (below(2))
		ioctl(w->vcpu[v][c], KVM_SET_ONE_REG, &reg);
	w->run[v][c]->immediate_exit = !below(8);
	setitimer(ITIMER_REAL, &soon, NULL);
	ret = IOCTL(w->vcpu[v][c], KVM_RUN, 0);
	setitimer(ITIMER_REAL, &never, NULL);
	return ret;
}

/* Any number on any object, but for those that have a step of their own */
static long any_ioctl(struct world *w, int v, int c, uint64_t *arg, unsigned long *what)
{
	int fds[] = { w->dev, w->vm[v], w->vcpu[v][c] };

	*what = _IOC(below(4), KVMIO, below(256), below(2) ? below(256) : 8);
	switch (_IOC_NR(*what)) {
	case 0 ... 0x3f:
	case _IOC_NR(KVM_CREATE_VCPU):
	case _IOC_NR(KVM_RUN):
	case _IOC_NR(KVM_SET_ONE_REG):
		return 0;
	}
	return IOCTL(fds[below(3)], *what, below(4) ? (unsigned long)arg : number(w));
}

/* An ioctl of the object, with random arguments */
static long known_ioctl(struct world *w, int fd, uint64_t *arg, unsigned long what)
{
	long ret;

	/* See one_reg(). */
	if (what == KVM_SET_ONE_REG && rvm_is_kvm())
		return 0;
	/* The timer's signal must not be blocked. */
	if (what == KVM_SET_SIGNAL_MASK) {
		arg[0] = below(2) ? 8 : below(100);
		arg[1] = 0;
	}
	/* The kernel must not write to this program's own data. */
	if (what == KVM_GET_ONE_REG || what == KVM_SET_ONE_REG || what == KVM_GET_DIRTY_LOG)
		arg[1] = (unsigned long)w->mem + below(64) * RVM_PAGE;
	if (what == KVM_GET_REG_LIST)
		arg[0] = below(60);
	ret = IOCTL(fd, what, below(16) ? (unsigned long)arg : number(w) & ~0xffffffffUL);
	if (what == KVM_GET_STATS_FD && ret >= 0)
		close(ret);
	return ret;
}

/* One random ioctl; its number goes to *what. */
static long step(struct world *w, unsigned long *what)
{
	int v = below(NR_VMS), c = below(NR_VCPUS), kind = below(100);
	uint64_t arg[64];

	fill(w, arg, sizeof(arg));
	if (!below(4))
		arg[1] = w->event;
	if (kind < 1) {
		*what = KVM_CREATE_VM;
		close_vm(w, v);
		open_vm(w, v);
		return 0;
	}
	if (kind < 4 || w->vcpu[v][c] < 0) {
		*what = KVM_CREATE_VCPU;
		if (w->vcpu[v][c] < 0)
			open_vcpu(w, v, c);
		return 0;
	}
	if (kind < 10) {
		*what = KVM_SET_USER_MEMORY_REGION;
		return good_slot(w, v);
	}
	if (kind < 25) {
		*what = KVM_SET_ONE_REG;
		return one_reg(w, v, c);
	}
	if (kind < 35) {
		*what = KVM_RUN;
		return run_vcpu(w, v, c);
	}
	if (kind < 40) {
		*what = dev_cmds[below(ARRAY_SIZE(dev_cmds))];
		return IOCTL(w->dev, *what, number(w));
	}
	if (kind < 45)
		return any_ioctl(w, v, c, arg, what);
	if (kind < 70) {
		*what = vm_cmds[below(ARRAY_SIZE(vm_cmds))];
		return known_ioctl(w, w->vm[v], arg, *what);
	}
	*what = vcpu_cmds[below(ARRAY_SIZE(vcpu_cmds))];
	return known_ioctl(w, w->vcpu[v][c], arg, *what);
}

FIXTURE(fuzz) {
	struct world w;
};

FIXTURE_SETUP(fuzz)
{
	struct kvm_reg_list probe = { 0 };
	struct world *w = &self->w;

	catch_signal(SIGALRM);
	w->dev = rvm_open();
	w->run_size = rvm_run_size(w->dev);
	w->mem = rvm_anon(MEM_SIZE);
	w->event = eventfd(0, EFD_NONBLOCK);
	for (int v = 0; v < NR_VMS; v++) {
		open_vm(w, v);
		for (int c = 0; c < NR_VCPUS; c++)
			open_vcpu(w, v, c);
	}
	ioctl(w->vcpu[0][0], KVM_GET_REG_LIST, &probe);
	w->regs = calloc(1, sizeof(probe) + probe.n * 8);
	w->regs->n = probe.n;
	ASSERT_EQ(0, IOCTL(w->vcpu[0][0], KVM_GET_REG_LIST, w->regs));
}

FIXTURE_TEARDOWN(fuzz)
{
	for (int v = 0; v < NR_VMS; v++)
		close_vm(&self->w, v);
	close(self->w.dev);
}

TEST_F_TIMEOUT(fuzz, sequences, 120)
{
	time_t end = time(NULL) + SECONDS;
	unsigned long n = 0, good = 0;

	rng_state = env_number("RVHV_SEED", 0x72766876);
	TH_LOG("seed %#lx", rng_state);
	/* Random words, and an ECALL in every fourth place */
	for (size_t i = 0; i < MEM_SIZE / 4; i++)
		((uint32_t *)self->w.mem)[i] = below(4) ? (uint32_t)rng() | 3 : 0x73;
	for (; time(NULL) < end; n++) {
		unsigned long what = 0;
		long ret = step(&self->w, &what);

		good += ret >= 0;
		ASSERT_TRUE(known(ret)) {
			TH_LOG("step %lu, ioctl %#lx: %ld", n, what, ret);
		}
	}
	TH_LOG("%lu steps, %lu of them succeeded", n, good);
	EXPECT_LT(100, n);
	EXPECT_LT(n / 10, good);
}

TEST_HARNESS_MAIN
