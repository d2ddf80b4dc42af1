// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random SBI calls of a guest with two vCPUs: valid numbers, boundaries and noise. All errors are
 * those of the specification. RVHV_CALLS is the number of calls, RVHV_SEED the seed.
 */
#include <fcntl.h>
#include <linux/rvhv.h>
#include <poll.h>
#include <sys/syscall.h>

#include "lib/check.h"

#define NR_VCPUS	2
#define LOOK_US		500	/* the watchdog's interval */
#define STUCK		8	/* intervals without progress; doubled each time */

/* Words of the shared page, for each hart */
#define CALLS(hart)	(8 * (hart))
#define STATE(hart)	(8 * (hart) + 1)	/* of the random numbers */
#define BAD(hart)	(8 * (hart) + 2)	/* 1 after a wrong answer */
#define BAD_AT(hart)	(8 * (hart) + 3)	/* eid, fid, a0, error, value */
#define STOP		64

/* A random number. One within the guest's code and stacks is moved. */
static __guest unsigned long guest_number(unsigned long r, unsigned long hart)
{
	unsigned long free = RVM_BASE + RVM_FREE_OFF, end = RVM_BASE + RVM_SIZE, n = r >> 8, v;

	switch (r & 15) {
	case 0: case 1:
		v = n & 7;
		break;
	case 2:
		v = 1UL << (n & 63);
		break;
	case 3:
		v = (1UL << (n & 63)) - 1;
		break;
	case 4:
		v = -(n & 0x1fff);
		break;
	case 5: case 6: case 7:
		v = free + (n & 0xfffff);
		break;
	case 8:
		v = end - (n & 31);
		break;
	case 9:
		v = (free + (n & 0xfffff)) & ~0xfffUL;
		break;
	case 10:
		v = n & 0x1fff;
		break;
	case 11:
		v = 0;
		break;
	case 12:
		v = RVM_MMIO + (n & 0xfff);
		break;
	case 13:
		v = n & 0xffffffff;
		break;
	default:
		v = n ^ n << 20;
		break;
	}
	return v - RVM_BASE < RVM_FREE_OFF ? v + RVM_FREE_OFF : v;
}

/* By comparisons: guest code has no tables. */
static __guest unsigned long guest_eid(unsigned long r)
{
	unsigned long n = r >> 8, k = r & 31;

#define ONE_OF(weight, eid)	do { if (k < (weight)) return eid; k -= (weight); } while (0)
	ONE_OF(2, n & 1 ? SBI_HSM : SBI_BASE);
	ONE_OF(2, SBI_TIME);
	ONE_OF(2, SBI_IPI);
	ONE_OF(2, SBI_RFENCE);
	ONE_OF(2, SBI_DBCN);
	ONE_OF(2, RVHV_SBI_EID_HOST_COMM);
	ONE_OF(2, 0x0A766876);
	ONE_OF(1, RVHV_SBI_EID_HVC);
	/* Resets are rare: they restart the guest. */
	ONE_OF(1, n % 512 ? SBI_BASE : SBI_SRST);
	ONE_OF(2, n % 9 == 8 && n % 512 ? 7 : n % 9);
	ONE_OF(1, 0x08000000 + (n & 0xffffff));
	ONE_OF(1, 0x09000000 + (n & 0xffffff));
	ONE_OF(1, 0x0A000000 + (n & 0xffffff));
	/* PMU, STA, NACL, FWFT and SUSP of the specification */
	ONE_OF(1, 0x504D55);
	ONE_OF(1, 0x535441);
	ONE_OF(1, 0x4E41434C);
	ONE_OF(1, 0x46574654);
	ONE_OF(1, 0x53555350);
	ONE_OF(1, SBI_BASE + (n & 3) - 1);
	ONE_OF(1, 1UL << (n & 63));
	ONE_OF(1, -(n & 3));
	ONE_OF(1, SBI_TIME | 1UL << (32 + (n & 31)));
#undef ONE_OF
	return n & 0xffffffff;
}

static __guest void guest_fuzz(unsigned long hart, unsigned long a1)
{
	struct guest_shared *s = guest_shared();

	guest_trap_init(hart);
	csr_write(sie, IE_SSIE | IE_STIE | IE_SEIE);
	while (!s->val[STOP]) {
		unsigned long eid = guest_eid(guest_random(&s->val[STATE(hart)]));
		unsigned long r = guest_random(&s->val[STATE(hart)]), fid, arg[5];
		struct sbiret ret;

		fid = r & 3 ? (r >> 2) % 8 : guest_number(r >> 2, hart);
		for (int i = 0; i < 5; i++)
			arg[i] = guest_number(guest_random(&s->val[STATE(hart)]), hart);
		/* Mostly a valid upper half of an address */
		if (r >> 32 & 3)
			arg[2] = 0;
		s->val[BAD_AT(hart)] = eid;
		s->val[BAD_AT(hart) + 1] = fid;
		s->val[BAD_AT(hart) + 2] = arg[0];
		ret = guest_ecall(eid, fid, arg[0], arg[1], arg[2], arg[3], arg[4]);
		s->val[CALLS(hart)]++;
		/* Legacy calls keep a1, and getchar returns a character in a0. */
		if (eid <= 8 ? (unsigned long)ret.value != arg[1] && eid != 1 && eid != 2 :
		    ret.error > 0 || ret.error < -14) {
			s->val[BAD_AT(hart) + 3] = ret.error;
			s->val[BAD_AT(hart) + 4] = ret.value;
			s->val[BAD(hart)] = 1;
			GUEST_FAIL_AT("wrong answer of the SBI: EID", eid);
		}
		/* A pending interrupt would end every wait. */
		csr_clear(sip, IE_SSIE);
	}
	guest_done(hart);
}

struct worker {
	struct rvm *vm;
	struct rvcpu vcpu;
	pthread_t thread;
	unsigned long hart;
	volatile bool stuck;
	unsigned long revived, to_user, failed;
	int error;
};

/* Restart the guest on this vCPU. */
static void revive(struct worker *w)
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_RUNNABLE };
	unsigned long zero = 0;

	w->revived++;
	if (ioctl(w->vcpu.fd, KVM_SET_MP_STATE, &state))
		w->failed++;
	rvcpu_set_raw(&w->vcpu, RVM_REG_CSR(satp), &zero);
	rvcpu_start_at(&w->vcpu, guest_fuzz, w->hart, 0);
}

/* Answer an exit; false ends the thread. */
static bool answer(struct worker *w)
{
	struct kvm_run *run = w->vcpu.run;

	w->to_user++;
	switch (run->exit_reason) {
	case KVM_EXIT_RISCV_SBI:
		if (is_guest_call(&w->vcpu, GUEST_DONE) && rvm_shared(w->vm)->val[STOP])
			return false;
		if (is_guest_call(&w->vcpu, GUEST_FAIL) && rvm_shared(w->vm)->val[BAD(w->hart)])
			return false;
		run->riscv_sbi.ret[0] = -(long)(w->to_user % 15);
		run->riscv_sbi.ret[1] = w->to_user;
		return true;
	case KVM_EXIT_HYPERCALL:
		run->hypercall.ret = w->to_user * 0x9E3779B97F4A7C15UL >> w->to_user % 64;
		return true;
	case KVM_EXIT_SYSTEM_EVENT:
	case RVHV_EXIT_UNHANDLED:
		revive(w);
		return true;
	case KVM_EXIT_MMIO:
		return true;
	default:
		w->failed++;
		return false;
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;
	int ret;

	for (;;) {
		ret = rvcpu_run_raw(&w->vcpu);
		if (ret == -EINTR) {
			if (w->stuck) {
				w->stuck = false;
				revive(w);
			}
		} else if (ret || !answer(w)) {
			w->error = ret;
			w->failed += !!ret;
			return NULL;
		}
	}
}

/* Restart a hart that makes no calls: it may be stopped, waiting or lost. */
static void watch(struct worker *w, unsigned long *seen, unsigned int *still)
{
	struct kvm_interrupt irq = { .irq = KVM_INTERRUPT_SET };
	unsigned long calls = rvm_shared(w->vm)->val[CALLS(w->hart)];

	if (calls != *seen) {
		*seen = calls;
		*still = 0;
		return;
	}
	if (++*still % STUCK || *still & (*still - 1))
		return;
	ioctl(w->vcpu.fd, KVM_INTERRUPT, &irq);
	irq.irq = KVM_INTERRUPT_UNSET;
	ioctl(w->vcpu.fd, KVM_INTERRUPT, &irq);
	w->stuck = true;
	pthread_kill(w->thread, SIGUSR1);
}

static void fuzz(struct __test_metadata *_metadata, struct rvm *vm, unsigned int share)
{
	unsigned long want = env_number("RVHV_CALLS", 200000) * share / 100;
	unsigned long seed = env_number("RVHV_SEED", 1);
	unsigned long seen[NR_VCPUS] = {}, total = 0, revived = 0, to_user = 0;
	unsigned int still[NR_VCPUS] = {};
	struct worker w[NR_VCPUS] = {};

	catch_signal(SIGUSR1);
	for (int i = 0; i < NR_VCPUS; i++) {
		w[i].vm = vm;
		w[i].hart = i;
		rvcpu_create(vm, i, &w[i].vcpu);
		w[i].vcpu.random = true;
		rvcpu_enable_sbi(&w[i].vcpu, KVM_RISCV_SBI_EXT_DBCN);
		rvcpu_enable_sbi(&w[i].vcpu, RVHV_SBI_EXT_HVC);
		rvm_shared(vm)->val[STATE(i)] = seed * 0x9E3779B97F4A7C15UL + i + 1;
		revive(&w[i]);
	}
	for (int i = 0; i < NR_VCPUS; i++)
		ASSERT_EQ(0, pthread_create(&w[i].thread, NULL, work, &w[i]));
	while (total < want && !w[0].failed && !w[1].failed) {
		usleep(LOOK_US);
		total = 0;
		for (int i = 0; i < NR_VCPUS; i++) {
			watch(&w[i], &seen[i], &still[i]);
			total += rvm_shared(vm)->val[CALLS(i)];
			if (rvm_shared(vm)->val[BAD(i)])
				want = 0;
		}
	}
	rvm_shared(vm)->val[STOP] = 1;
	for (int i = 0; i < NR_VCPUS; i++) {
		struct guest_shared *s = rvm_shared(vm);

		while (pthread_tryjoin_np(w[i].thread, NULL)) {
			watch(&w[i], &seen[i], &still[i]);
			usleep(LOOK_US);
		}
		EXPECT_EQ(0, s->val[BAD(i)]) {
			TH_LOG("hart %d: eid %#lx fid %#lx a0 %#lx: error %ld value %#lx", i,
			       s->val[BAD_AT(i)], s->val[BAD_AT(i) + 1], s->val[BAD_AT(i) + 2],
			       (long)s->val[BAD_AT(i) + 3], s->val[BAD_AT(i) + 4]);
		}
		EXPECT_EQ(0, w[i].failed) {
			TH_LOG("vCPU %d: KVM_RUN %d, exit %u; eid %#lx fid %#lx a0 %#lx", i,
			       w[i].error, w[i].vcpu.run->exit_reason, s->val[BAD_AT(i)],
			       s->val[BAD_AT(i) + 1], s->val[BAD_AT(i) + 2]);
		}
		revived += w[i].revived;
		to_user += w[i].to_user;
	}
	TH_LOG("%lu calls with seed %lu, %lu reached the VMM, %lu times a vCPU began anew", total,
	       seed, to_user, revived);
}

/* ---- the test's end of a console and of a channel ---- */

/* The sample module, if the file is there */
static int sample(bool load)
{
	int fd, ret;

	if (!load)
		return syscall(SYS_delete_module, "rvhv_sample", O_NONBLOCK);
	fd = open("./rvhv_sample.ko", O_RDONLY | O_CLOEXEC);
	ret = fd < 0 ? -1 : syscall(SYS_finit_module, fd, "", 0);
	close(fd);
	return ret;
}

/* A thread that reads and writes the other end of a console or of a channel */
struct peer {
	int fd;
	pthread_t thread;
	volatile bool stop;
	unsigned long got;
};

static void *peer_work(void *arg)
{
	struct pollfd pfd = { .events = POLLIN };
	static const char noise[64] = "noise\n";
	struct peer *peer = arg;
	char buf[4096];
	ssize_t n;

	pfd.fd = peer->fd;
	while (!peer->stop) {
		poll(&pfd, 1, 10);
		n = read(peer->fd, buf, sizeof(buf));
		if (n > 0)
			peer->got += n;
		if (write(peer->fd, noise, 1 + peer->got % sizeof(noise)) < 0 && errno != EAGAIN)
			break;
	}
	return NULL;
}

static void peer_start(struct peer *peer, int fd)
{
	peer->fd = fd;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	if (pthread_create(&peer->thread, NULL, peer_work, peer))
		rvm_die("pthread_create");
}

static void peer_end(struct peer *peer)
{
	peer->stop = true;
	pthread_join(peer->thread, NULL);
	close(peer->fd);
}

FIXTURE(guest)
{
	struct rvm vm;
};

FIXTURE_VARIANT(guest)
{
	uint32_t sink;
	unsigned int share;	/* of all calls, in percent */
};

FIXTURE_VARIANT_ADD(guest, user)
{
	.sink = RVHV_CONSOLE_USER,
	.share = 60,
};

FIXTURE_VARIANT_ADD(guest, tty)
{
	.sink = RVHV_CONSOLE_TTY,
	.share = 30,
};

FIXTURE_VARIANT_ADD(guest, printk)
{
	.sink = RVHV_CONSOLE_PRINTK,
	.share = 10,
};

FIXTURE_SETUP(guest)
{
	if (!rvm_is_kvm())
		sample(true);
	rvm_create(&self->vm);
}

FIXTURE_TEARDOWN(guest)
{
	rvm_destroy(&self->vm);
	if (!rvm_is_kvm())
		sample(false);
}

TEST_F_TIMEOUT(guest, random_calls, 3000)
{
	struct rvhv_console_config config = { .sink = variant->sink };
	struct peer channel = {}, console = {};
	char path[32];
	int fd;

	SKIP_ON_KVM("faults of its own that this finds");
	if (config.sink == RVHV_CONSOLE_TTY)
		config.index = RVHV_CONSOLE_ANY;
	ASSERT_EQ(0, IOCTL(self->vm.fd, RVHV_SET_CONSOLE, &config));
	fd = ioctl(self->vm.fd, RVHV_CREATE_HOST_COMM, 0);
	ASSERT_LE(0, fd);
	peer_start(&channel, fd);
	if (config.sink == RVHV_CONSOLE_TTY) {
		snprintf(path, sizeof(path), "/dev/ttyRVHV%u", config.index);
		fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
		ASSERT_LE(0, fd);
		peer_start(&console, fd);
	}
	fuzz(_metadata, &self->vm, variant->share);
	if (config.sink == RVHV_CONSOLE_TTY) {
		peer_end(&console);
		EXPECT_LT(0, console.got);
	}
	peer_end(&channel);
	EXPECT_LT(0, channel.got);
}

TEST_HARNESS_MAIN
