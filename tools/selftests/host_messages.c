// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host channel under load: opened and closed while the guest calls, and RVHV_MESSAGES messages
 * in both directions.
 */
#include "host_comm.h"

FIXTURE(host_messages) {
	struct rvm vm;
	struct rvcpu vcpu;
	int fd;
};

FIXTURE_SETUP(host_messages)
{
	SKIP_ON_KVM("no host channel");
	rvm_create(&self->vm);
	rvcpu_create(&self->vm, 0, &self->vcpu);
	self->fd = channel(&self->vm);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(host_messages)
{
}

/* ---- opened and closed while the guest calls ---- */

/* Words of the shared page; COUNT is indexed by the negated error. */
enum { STOP = 20, COUNT = 24 };

static __guest void guest_calls_on(unsigned long a0, unsigned long a1)
{
	struct guest_shared *s = guest_shared();

	while (!s->val[STOP]) {
		struct sbiret sent = guest_ecall(HOST, SEND, 64, BUF_GPA, 0, 0, 0);
		struct sbiret got = guest_ecall(HOST, RECEIVE, MAX, BUF_GPA + MAX, 0, 0, 0);

		GUEST_ASSERT_LE(-sent.error, -SBI_ERR_NOT_SUPPORTED);
		GUEST_ASSERT_LE(-got.error, -SBI_ERR_NOT_SUPPORTED);
		GUEST_ASSERT_EQ(sent.value, 0);
		GUEST_ASSERT_EQ(got.value, got.error ? 0 : 32);
		s->val[COUNT - sent.error]++;
	}
	guest_done(0);
}

TEST_F_TIMEOUT(host_messages, reopened_under_the_guest, 120)
{
	struct guest_shared *s = rvm_shared(&self->vm);
	struct vcpu_thread thread;
	long answered = 0;
	uint8_t buf[MAX];

	rvcpu_start_at(&self->vcpu, guest_calls_on, 0, 0);
	vcpu_thread_start(&thread, &self->vcpu);
	for (int i = 0; i < 2000; i++) {
		struct pollfd p = { .fd = self->fd, .events = POLLIN };

		ASSERT_EQ(32, SYS(write(self->fd, buf, 32)));
		if (i % 4 == 0 && poll(&p, 1, 10000) == 1 && p.revents == POLLIN &&
		    read(self->fd, buf, MAX) == 64)
			answered++;
		close(self->fd);
		if (i % 16 == 0)
			sleep_ms(1);
		self->fd = channel(&self->vm);
		ASSERT_LE(0, self->fd);
	}
	s->val[STOP] = 1;
	THREAD_SAYS_DONE(&thread);
	EXPECT_EQ(500, answered);
	EXPECT_LT(0, s->val[COUNT]);
	EXPECT_LT(0, s->val[COUNT + 2]);
	TH_LOG("%lu sent, %lu refused, %lu without a channel", s->val[COUNT], s->val[COUNT + 1],
	       s->val[COUNT + 2]);
}

static long available_kib(void)
{
	long kib = -1;
	char line[128];
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %ld", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

/* A closed channel frees its memory; 2000 of them have 280 MiB. */
TEST_F_TIMEOUT(host_messages, nothing_stays_behind, 120)
{
	long before = available_kib();

	rvcpu_start_at(&self->vcpu, guest_call, 0, 0);
	for (int i = 0; i < 2000; i++) {
		close(self->fd);
		self->fd = channel(&self->vm);
		ASSERT_LE(0, self->fd);
		ASSERT_EQ(0, sbi(_metadata, &self->vcpu,
				 (struct call){ HOST, SEND, { MAX, BUF_GPA } }).error);
		if (i % 64 == 0)
			sleep_ms(1);
	}
	/* RCU frees them after a grace period. */
	for (int i = 0; i < 100 && before - available_kib() > 64 << 10; i++)
		sleep_ms(100);
	EXPECT_GT(64 << 10, before - available_kib());
}

/* ---- many messages both ways at once ---- */

/*
 * The first word of a message has its sender and the sender's sequence number. Length and content
 * follow from it.
 */
#define STEP		0x9e3779b97f4a7c15UL
#define SENDER_HOST	2
#define SENDERS		2		/* vCPUs */

enum { TOTAL = 40, SEEN };		/* words of the shared page */

#define SEEN_SIZE	0x100000UL	/* a bit for each of 8 million messages */
#define SEEN_OFF(cpu)	(RVM_FREE_OFF + (cpu) * SEEN_SIZE)
#define MSG_OFF(cpu)	(RVM_FREE_OFF + SENDERS * SEEN_SIZE + (cpu) * 4 * RVM_PAGE)

__guest_inline uint64_t first_word(unsigned long sender, unsigned long seq)
{
	return seq << 8 | sender;
}

/* Half are small, half of any size. Those of the host hold the whole first word (@min). */
__guest_inline unsigned long length(uint64_t first, unsigned long min)
{
	uint64_t x = (first + 1) * STEP;

	x ^= x >> 29;
	return min + (x >> 8) % ((x & 1 ? 64 : MAX) - min + 1);
}

/* @words: room for MAX bytes */
__guest_inline void fill(uint64_t *words, uint64_t first, unsigned long len)
{
	uint64_t word = first;

	for (unsigned long i = 0; i < len; i += 8) {
		*words++ = word;
		word += STEP;
	}
}

__guest_inline int check(const uint64_t *words, uint64_t first, unsigned long len)
{
	uint64_t word = first, diff = 0;
	unsigned long i;

	for (i = 0; i + 8 <= len; i += 8) {
		diff |= *words++ ^ word;
		word += STEP;
	}
	if (len % 8)
		diff |= (*words ^ word) << (64 - len % 8 * 8);
	return !diff;
}

/* Both vCPUs send their quota and share the host's messages. */
static __guest void guest_messages(unsigned long cpu, unsigned long quota)
{
	struct guest_shared *s = guest_shared();
	uint64_t *out = (uint64_t *)(RVM_BASE + MSG_OFF(cpu));
	uint64_t *in = (uint64_t *)(RVM_BASE + MSG_OFF(cpu) + 2 * RVM_PAGE);
	uint8_t *seen = (uint8_t *)(RVM_BASE + SEEN_OFF(cpu));
	unsigned long seq = 0, next = 0, len = 0;

	while (seq < quota || s->val[SEEN] < s->val[TOTAL]) {
		struct sbiret sent = { -1, 0 }, got;

		if (seq < quota) {
			if (!len) {
				len = length(first_word(cpu, seq), 1);
				fill(out, first_word(cpu, seq), len);
			}
			sent = guest_ecall(HOST, SEND, len, (unsigned long)out, 0, 0, 0);
			GUEST_ASSERT_LE(-sent.error, -SBI_ERR_FAILED);
			if (!sent.error) {
				len = 0;
				seq++;
			}
		}
		got = guest_ecall(HOST, RECEIVE, MAX, (unsigned long)in, 0, 0, 0);
		if (!got.error) {
			unsigned long nr = in[0] >> 8;

			GUEST_ASSERT_EQ(in[0] & 0xff, SENDER_HOST);
			/* The other vCPU received those in between. */
			GUEST_ASSERT_LE(next, nr);
			GUEST_ASSERT_LT(nr, s->val[TOTAL]);
			next = nr + 1;
			GUEST_ASSERT_EQ(got.value, length(in[0], 8));
			GUEST_ASSERT(check(in, in[0], got.value));
			seen[nr / 8] |= 1 << nr % 8;
			__atomic_fetch_add((uint64_t *)&s->val[SEEN], 1, __ATOMIC_RELAXED);
		} else {
			GUEST_ASSERT_EQ(got.error, SBI_ERR_FAILED);
			if (sent.error)
				guest_sync(0);
		}
	}
	guest_done(0);
}

struct pump {
	pthread_t thread;
	int fd;
	unsigned long nr;
	unsigned long next[SENDERS];
	const char *wrong;
};

static void *read_all(void *arg)
{
	static uint64_t buf[MAX / 8 + 1];
	struct pump *p = arg;

	for (unsigned long i = 0; i < p->nr && !p->wrong; i++) {
		struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
		unsigned int sender;
		uint64_t first;
		long len;

		if (poll(&pfd, 1, 60000) != 1) {
			p->wrong = "nothing comes any more";
			break;
		}
		len = SYS(read(p->fd, buf, sizeof(buf)));
		sender = *(uint8_t *)buf;
		if (len < 1 || sender >= SENDERS) {
			p->wrong = "no such sender";
			break;
		}
		first = first_word(sender, p->next[sender]++);
		if (len != length(first, 1))
			p->wrong = "lost, doubled or out of order";
		else if (!check(buf, first, len))
			p->wrong = "changed on the way";
	}
	return NULL;
}

static void *write_all(void *arg)
{
	static uint64_t buf[MAX / 8];
	struct pump *p = arg;

	for (unsigned long i = 0; i < p->nr; i++) {
		struct pollfd pfd = { .fd = p->fd, .events = POLLOUT };
		uint64_t first = first_word(SENDER_HOST, i);
		long len = length(first, 8);

		fill(buf, first, len);
		/* Wait by poll() and by write() in turn. */
		if (i % 2 && poll(&pfd, 1, 60000) != 1) {
			p->wrong = "no room any more";
			break;
		}
		if (SYS(write(p->fd, buf, len)) != len) {
			p->wrong = "write failed";
			break;
		}
	}
	return NULL;
}

struct runner {
	pthread_t thread;
	struct rvcpu *vcpu;
	bool done;
};

static void *run_guest(void *arg)
{
	struct runner *r = arg;

	/* The guest could neither send nor receive. */
	while (!rvcpu_run(r->vcpu) && is_guest_call(r->vcpu, GUEST_SYNC))
		usleep(300);
	r->done = is_guest_call(r->vcpu, GUEST_DONE);
	return NULL;
}

TEST_F_TIMEOUT(host_messages, both_ways, 3600)
{
	unsigned long nr = env_number("RVHV_MESSAGES", 20000) & ~1UL;
	struct guest_shared *s = rvm_shared(&self->vm);
	struct pump reader = { .fd = self->fd, .nr = nr }, writer = reader;
	struct runner runner[SENDERS];
	struct timespec t0, t1;
	struct rvcpu other;
	uint8_t *seen[2];

	ASSERT_LT(0, nr);
	ASSERT_GE(SEEN_SIZE * 8, nr);
	rvcpu_create(&self->vm, 1, &other);
	rvcpu_set_mp_state(&other, KVM_MP_STATE_RUNNABLE);
	runner[0] = (struct runner){ .vcpu = &self->vcpu };
	runner[1] = (struct runner){ .vcpu = &other };
	s->val[TOTAL] = nr;
	clock_gettime(CLOCK_MONOTONIC, &t0);
	pthread_create(&reader.thread, NULL, read_all, &reader);
	pthread_create(&writer.thread, NULL, write_all, &writer);
	for (int i = 0; i < SENDERS; i++) {
		rvcpu_start_at(runner[i].vcpu, guest_messages, i, nr / SENDERS);
		pthread_create(&runner[i].thread, NULL, run_guest, &runner[i]);
	}
	for (int i = 0; i < SENDERS; i++) {
		pthread_join(runner[i].thread, NULL);
		ASSERT_TRUE(runner[i].done) {
			TH_LOG("%s", rvcpu_describe(runner[i].vcpu));
		}
	}
	pthread_join(writer.thread, NULL);
	pthread_join(reader.thread, NULL);
	clock_gettime(CLOCK_MONOTONIC, &t1);
	ASSERT_EQ(NULL, writer.wrong) {
		TH_LOG("writer: %s", writer.wrong);
	}
	ASSERT_EQ(NULL, reader.wrong) {
		TH_LOG("reader: %s", reader.wrong);
	}
	EXPECT_EQ(nr / 2, reader.next[0]);
	EXPECT_EQ(nr / 2, reader.next[1]);
	for (int i = 0; i < SENDERS; i++)
		seen[i] = (uint8_t *)self->vm.mem + SEEN_OFF(i);
	for (unsigned long i = 0; i < nr; i++) {
		ASSERT_EQ(1, (seen[0][i / 8] >> i % 8 & 1) + (seen[1][i / 8] >> i % 8 & 1)) {
			TH_LOG("message %lu of the host", i);
		}
	}
	EXPECT_EQ(nr, s->val[SEEN]);
	EXPECT_EQ(POLLOUT, poll_now(self->fd));
	TH_LOG("%lu messages each way in %.1f s", nr,
	       t1.tv_sec - t0.tv_sec + (t1.tv_nsec - t0.tv_nsec) / 1e9);
}

TEST_HARNESS_MAIN
