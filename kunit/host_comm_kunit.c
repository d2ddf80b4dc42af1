// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the host channel: queues, both ends, their closing, and SBI calls.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/prandom.h>
#include <linux/thread_info.h>

#include "../sbi/host_comm.h"
#include "../sbi/sbi_errors.h"
#include "../sbi/sbi_ids.h"
#include "sbi_fake.h"

#define MEM	SBI_FAKE_MEM
#define MEM_RO	(SBI_FAKE_MEM + SBI_FAKE_MEM_RO)
#define MEM_END	(SBI_FAKE_MEM + SBI_FAKE_MEM_SIZE)

/**
 * struct fixture - a guest with a channel
 * @vm: the guest
 * @comm: the channel
 * @closed: the file's end is closed
 * @gone: the guest's end is closed
 * @buf: the host's buffer
 * @error: result of the host's copies
 */
struct fixture {
	struct sbi_fake_vm vm;
	struct rvhv_host_comm *comm;
	bool closed;
	bool gone;
	u8 buf[RVHV_MESSAGE_MAX + 8];
	int error;
};

static int copy_in(void *end, void *buf, size_t len)
{
	struct fixture *f = end;

	if (!f->error)
		memcpy(buf, f->buf, len);
	return f->error;
}

static int copy_out(void *end, void *buf, size_t len)
{
	struct fixture *f = end;

	if (!f->error)
		memcpy(f->buf, buf, len);
	return f->error;
}

static ssize_t host_read(struct fixture *f, size_t size)
{
	return rvhv_host_comm_read(f->comm, size, copy_out, f, false);
}

static ssize_t host_write(struct fixture *f, size_t len)
{
	return rvhv_host_comm_write(f->comm, len, copy_in, f, false);
}

static __poll_t host_poll(struct fixture *f)
{
	return rvhv_host_comm_poll(f->comm, NULL, NULL);
}

static long guest_call(struct fixture *f, unsigned long fid, unsigned long len, unsigned long gpa)
{
	enum rvhv_sbi_result result;

	result = sbi_fake_call(&f->vm, false, RVHV_EID_HOST_COMM, fid, len, gpa, 0, 0, 0);
	return result == RVHV_SBI_DONE && !f->vm.misuse ? f->vm.call.error : 1;
}

static long guest_send(struct fixture *f, unsigned long len)
{
	return guest_call(f, RVHV_FID_SEND, len, MEM);
}

static long guest_receive(struct fixture *f, unsigned long size)
{
	return guest_call(f, RVHV_FID_RECEIVE, size, MEM);
}

static long guest_probe(struct fixture *f)
{
	sbi_fake_call(&f->vm, true, SBI_EXT_BASE, SBI_EXT_BASE_PROBE_EXT, RVHV_EID_HOST_COMM, 0, 0,
		      0, 0);
	return f->vm.call.error ?: f->vm.call.value;
}

static void close_file(struct fixture *f)
{
	if (!f->closed)
		rvhv_host_comm_close(f->comm);
	f->closed = true;
}

static void end_vm(struct fixture *f)
{
	if (!f->gone)
		rvhv_sbi_vm_destroy(&f->vm.sbi);
	f->gone = true;
}

/* ---- sizes and contents ---- */

static void boundaries_are_kept(struct kunit *test)
{
	static const unsigned int sizes[] = { 1, 4096, 2, 4095, 7, 8, 9, 1024, 1 };
	struct fixture *f = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		memset(f->vm.mem, i + 1, sizes[i]);
		KUNIT_EXPECT_EQ(test, guest_send(f, sizes[i]), 0);
		KUNIT_EXPECT_EQ(test, f->vm.call.value, 0);
		memset(f->buf, i + 101, sizes[i]);
		KUNIT_EXPECT_EQ(test, host_write(f, sizes[i]), sizes[i]);
	}
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		memset(f->buf, 0, sizeof(f->buf));
		KUNIT_EXPECT_EQ(test, host_read(f, sizeof(f->buf)), sizes[i]);
		KUNIT_EXPECT_NULL(test, memchr_inv(f->buf, i + 1, sizes[i]));
		KUNIT_EXPECT_EQ(test, f->buf[sizes[i]], 0);

		memset(f->vm.mem, 0, SBI_FAKE_MEM_SIZE);
		KUNIT_EXPECT_EQ(test, guest_receive(f, RVHV_MESSAGE_MAX), 0);
		KUNIT_EXPECT_EQ(test, f->vm.call.value, sizes[i]);
		KUNIT_EXPECT_NULL(test, memchr_inv(f->vm.mem, i + 101, sizes[i]));
		KUNIT_EXPECT_EQ(test, f->vm.mem[sizes[i]], 0);
	}
	KUNIT_EXPECT_EQ(test, host_read(f, sizeof(f->buf)), -EAGAIN);
	KUNIT_EXPECT_EQ(test, guest_receive(f, RVHV_MESSAGE_MAX), SBI_ERR_FAILURE);
}

static void bad_lengths(struct kunit *test)
{
	static const unsigned long bad[] = {
		0, RVHV_MESSAGE_MAX + 1, 1UL << 32, (1UL << 32) + 1, 1UL << 63, -1UL,
	};
	struct fixture *f = test->priv;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, host_write(f, 1), 1);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ(test, guest_send(f, bad[i]), SBI_ERR_FAILURE);
		KUNIT_EXPECT_EQ(test, f->vm.call.value, 0);
		KUNIT_EXPECT_EQ(test, guest_receive(f, bad[i]), SBI_ERR_FAILURE);
		KUNIT_EXPECT_EQ(test, f->vm.call.value, 0);
		KUNIT_EXPECT_EQ(test, host_write(f, bad[i]), bad[i] ? -EMSGSIZE : -EINVAL);
	}
	KUNIT_EXPECT_EQ(test, guest_receive(f, 1), 0);
	KUNIT_EXPECT_EQ(test, guest_receive(f, 1), SBI_ERR_FAILURE);
	KUNIT_EXPECT_EQ(test, host_read(f, 1), -EAGAIN);
}

static void small_buffers(struct kunit *test)
{
	struct fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, host_write(f, 100), 100);
	KUNIT_EXPECT_EQ(test, guest_send(f, 100), 0);
	KUNIT_EXPECT_EQ(test, guest_receive(f, 99), SBI_ERR_FAILURE);
	KUNIT_EXPECT_EQ(test, f->vm.call.value, 0);
	KUNIT_EXPECT_EQ(test, host_read(f, 99), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, host_read(f, 0), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, guest_receive(f, 100), 0);
	KUNIT_EXPECT_EQ(test, f->vm.call.value, 100);
	KUNIT_EXPECT_EQ(test, host_read(f, 100), 100);
	KUNIT_EXPECT_EQ(test, host_read(f, 0), -EAGAIN);
}

/* ---- memory that cannot be accessed ---- */

static void bad_addresses(struct kunit *test)
{
	static const unsigned long bad[] = {
		0, MEM - 1, MEM_END - 1, MEM_END, MEM_END + 1, MEM + (1UL << 32), 1UL << 63, -2UL,
		-1UL,
	};
	struct fixture *f = test->priv;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, host_write(f, 2), 2);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ(test, guest_call(f, RVHV_FID_SEND, 2, bad[i]), SBI_ERR_FAILURE);
		KUNIT_EXPECT_EQ(test, guest_call(f, RVHV_FID_RECEIVE, 2, bad[i]), SBI_ERR_FAILURE);
	}
	for (i = 0; i < 2; i++) {
		sbi_fake_call(&f->vm, false, RVHV_EID_HOST_COMM, i, 2, MEM, 1, 0, 0);
		KUNIT_EXPECT_EQ(test, f->vm.call.error, SBI_ERR_FAILURE);
	}
	KUNIT_EXPECT_EQ(test, guest_call(f, RVHV_FID_RECEIVE, 2, MEM_RO), SBI_ERR_FAILURE);
	KUNIT_EXPECT_EQ(test, guest_call(f, RVHV_FID_RECEIVE, 2, MEM_RO - 1), SBI_ERR_FAILURE);
	KUNIT_EXPECT_EQ(test, guest_call(f, RVHV_FID_SEND, 2, MEM_END - 2), 0);
	KUNIT_EXPECT_EQ(test, guest_call(f, RVHV_FID_RECEIVE, 2, MEM_RO - 2), 0);
	KUNIT_EXPECT_EQ(test, host_read(f, 2), 2);
	KUNIT_EXPECT_EQ(test, host_read(f, 2), -EAGAIN);
}

static void faults_keep_messages(struct kunit *test)
{
	struct fixture *f = test->priv;

	memset(f->vm.mem, 0x11, 64);
	memset(f->buf, 0x22, 64);
	KUNIT_EXPECT_EQ(test, guest_send(f, 64), 0);
	KUNIT_EXPECT_EQ(test, host_write(f, 64), 64);

	f->error = -EFAULT;
	KUNIT_EXPECT_EQ(test, host_read(f, 64), -EFAULT);
	KUNIT_EXPECT_EQ(test, host_write(f, 32), -EFAULT);
	f->error = 0;
	f->vm.mem_behind = 0;
	KUNIT_EXPECT_EQ(test, guest_receive(f, 64), SBI_ERR_FAILURE);
	KUNIT_EXPECT_EQ(test, guest_send(f, 32), SBI_ERR_FAILURE);
	f->vm.mem_behind = SBI_FAKE_MEM_SIZE;

	KUNIT_EXPECT_EQ(test, host_read(f, 64), 64);
	KUNIT_EXPECT_NULL(test, memchr_inv(f->buf, 0x11, 64));
	KUNIT_EXPECT_EQ(test, guest_receive(f, 64), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(f->vm.mem, 0x22, 64));
	KUNIT_EXPECT_EQ(test, host_read(f, 64), -EAGAIN);
	KUNIT_EXPECT_EQ(test, guest_receive(f, 64), SBI_ERR_FAILURE);
}

/* ---- full queues ---- */

static void full_to_host(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned int i, nr = RVHV_HOST_COMM_QUEUE / (RVHV_MESSAGE_MAX + 2);

	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, guest_send(f, RVHV_MESSAGE_MAX), 0);
	KUNIT_EXPECT_EQ(test, guest_send(f, RVHV_MESSAGE_MAX), SBI_ERR_FAILURE);
	/* A smaller message may still fit */
	KUNIT_EXPECT_EQ(test, guest_send(f, 1), 0);
	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, host_read(f, sizeof(f->buf)), RVHV_MESSAGE_MAX);
	KUNIT_EXPECT_EQ(test, host_read(f, sizeof(f->buf)), 1);
	KUNIT_EXPECT_EQ(test, host_read(f, sizeof(f->buf)), -EAGAIN);
	KUNIT_EXPECT_EQ(test, guest_send(f, RVHV_MESSAGE_MAX), 0);
}

static void full_to_guest(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned int nr;

	for (nr = 0; host_poll(f) & EPOLLOUT; nr++)
		KUNIT_ASSERT_EQ(test, host_write(f, RVHV_MESSAGE_MAX), RVHV_MESSAGE_MAX);
	KUNIT_EXPECT_EQ(test, nr, RVHV_HOST_COMM_QUEUE / (RVHV_MESSAGE_MAX + 2));
	KUNIT_EXPECT_EQ(test, host_write(f, RVHV_MESSAGE_MAX), -EAGAIN);
	KUNIT_EXPECT_EQ(test, guest_receive(f, RVHV_MESSAGE_MAX), 0);
	KUNIT_EXPECT_TRUE(test, host_poll(f) & EPOLLOUT);
	for (nr = 0; host_write(f, 1) == 1; nr++)
		;
	KUNIT_EXPECT_GT(test, nr, 1000);
	KUNIT_EXPECT_EQ(test, host_write(f, 1), -EAGAIN);
	while (!guest_receive(f, RVHV_MESSAGE_MAX))
		nr--;
	KUNIT_EXPECT_EQ(test, host_write(f, RVHV_MESSAGE_MAX), RVHV_MESSAGE_MAX);
}

/* ---- the ends ---- */

static void poll_tells_the_state(struct kunit *test)
{
	const __poll_t in = EPOLLIN | EPOLLRDNORM, out = EPOLLOUT | EPOLLWRNORM;
	const __poll_t hup = EPOLLHUP | EPOLLRDHUP;
	struct fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, host_poll(f), out);
	KUNIT_EXPECT_EQ(test, guest_send(f, 1), 0);
	KUNIT_EXPECT_EQ(test, host_poll(f), out | in);
	end_vm(f);
	KUNIT_EXPECT_EQ(test, host_poll(f), in | hup);
	KUNIT_EXPECT_EQ(test, host_read(f, 1), 1);
	KUNIT_EXPECT_EQ(test, host_poll(f), hup);
}

static void vm_ends_first(struct kunit *test)
{
	struct fixture *f = test->priv;

	f->vm.mem[0] = 1;
	KUNIT_EXPECT_EQ(test, guest_send(f, 1), 0);
	f->vm.mem[0] = 2;
	KUNIT_EXPECT_EQ(test, guest_send(f, 5), 0);
	end_vm(f);
	KUNIT_EXPECT_EQ(test, host_write(f, 1), -EPIPE);
	KUNIT_EXPECT_EQ(test, host_write(f, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, host_read(f, 9), 1);
	KUNIT_EXPECT_EQ(test, f->buf[0], 1);
	KUNIT_EXPECT_EQ(test, host_read(f, 4), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, host_read(f, 9), 5);
	KUNIT_EXPECT_EQ(test, f->buf[0], 2);
	KUNIT_EXPECT_EQ(test, host_read(f, 9), 0);
	KUNIT_EXPECT_EQ(test, rvhv_host_comm_read(f->comm, 9, copy_out, f, true), 0);
	KUNIT_EXPECT_EQ(test, rvhv_host_comm_write(f->comm, 9, copy_in, f, true), -EPIPE);
}

static void file_closes_first(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned long fid;

	KUNIT_EXPECT_EQ(test, host_write(f, 1), 1);
	KUNIT_EXPECT_EQ(test, guest_send(f, 1), 0);
	KUNIT_EXPECT_EQ(test, guest_probe(f), 1);
	close_file(f);
	KUNIT_EXPECT_EQ(test, guest_probe(f), 0);
	for (fid = 0; fid < 4; fid++) {
		KUNIT_EXPECT_EQ(test, guest_call(f, fid, 1, MEM), SBI_ERR_NOT_SUPPORTED);
		KUNIT_EXPECT_EQ(test, f->vm.call.value, 0);
		KUNIT_EXPECT_EQ(test, sbi_fake_call(&f->vm, true, RVHV_EID_HOST_COMM, fid, 1, MEM,
						    0, 0, 0), RVHV_SBI_DONE);
		KUNIT_EXPECT_EQ(test, f->vm.call.error, SBI_ERR_NOT_SUPPORTED);
	}
}

static void opened_again_it_is_empty(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, PTR_ERR(rvhv_host_comm_open(&f->vm.sbi)), -EBUSY);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, host_write(f, 1), 1);
		KUNIT_EXPECT_EQ(test, guest_send(f, 1), 0);
		rvhv_host_comm_close(f->comm);
		f->comm = rvhv_host_comm_open(&f->vm.sbi);
		KUNIT_ASSERT_FALSE(test, IS_ERR(f->comm));
		KUNIT_EXPECT_EQ(test, guest_probe(f), 1);
		KUNIT_EXPECT_EQ(test, guest_receive(f, 1), SBI_ERR_FAILURE);
		KUNIT_EXPECT_EQ(test, host_read(f, 1), -EAGAIN);
	}
}

/* The VM ends during a call */
static void calls_in_progress(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct rvhv_host_comm *call = rvhv_host_comm_get(&f->vm.sbi);

	KUNIT_ASSERT_PTR_EQ(test, call, f->comm);
	close_file(f);
	KUNIT_EXPECT_NULL(test, rvhv_host_comm_get(&f->vm.sbi));
	KUNIT_EXPECT_EQ(test, rvhv_host_comm_send(call, 1, copy_in, f), 0);
	KUNIT_EXPECT_EQ(test, rvhv_host_comm_receive(call, 1, copy_out, f), -EAGAIN);
	rvhv_host_comm_put(call);
}

static void functions(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned long fid;

	for (fid = 0; fid < 2; fid++)
		KUNIT_EXPECT_EQ(test, sbi_fake_call(&f->vm, true, RVHV_EID_HOST_COMM, fid, 1, MEM,
						    0, 0, 0), RVHV_SBI_DEFER);
	for (fid = 2; fid < 16; fid++)
		KUNIT_EXPECT_EQ(test, guest_call(f, fid, 1, MEM), SBI_ERR_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, guest_call(f, 1UL << 32, 1, MEM), SBI_ERR_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, guest_call(f, -1UL, 1, MEM), SBI_ERR_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_ext_set(&f->vm.state, RVHV_EID_HOST_COMM, false), 0);
	KUNIT_EXPECT_EQ(test, guest_send(f, 1), SBI_ERR_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, guest_probe(f), 0);
}

/* ---- concurrent calls ---- */

/**
 * struct slow - a send whose copy blocks
 * @comm: the channel
 * @begun: it holds the queue's lock
 * @go: it may continue
 * @done: it has ended
 */
struct slow {
	struct rvhv_host_comm *comm;
	struct completion begun;
	struct completion go;
	struct completion done;
};

static int slow_copy(void *end, void *buf, size_t len)
{
	struct slow *slow = end;

	complete(&slow->begun);
	wait_for_completion(&slow->go);
	return -EFAULT;
}

static int slow_send(void *arg)
{
	struct slow *slow = arg;

	rvhv_host_comm_send(slow->comm, 1, slow_copy, slow);
	complete(&slow->done);
	return 0;
}

static void signals_end_waiting(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct slow *slow = kunit_kzalloc(test, sizeof(*slow), GFP_KERNEL);
	enum rvhv_sbi_result result;

	KUNIT_ASSERT_NOT_NULL(test, slow);
	slow->comm = f->comm;
	init_completion(&slow->begun);
	init_completion(&slow->go);
	init_completion(&slow->done);
	KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(slow_send, slow, "rvhv-slow-send")));
	wait_for_completion(&slow->begun);

	/* mutex_lock_interruptible() sees a signal */
	set_thread_flag(TIF_SIGPENDING);
	result = sbi_fake_call(&f->vm, false, RVHV_EID_HOST_COMM, RVHV_FID_SEND, 1, MEM, 0, 0, 0);
	clear_thread_flag(TIF_SIGPENDING);
	KUNIT_EXPECT_EQ(test, result, RVHV_SBI_HOST_ERROR);
	KUNIT_EXPECT_EQ(test, f->vm.call.host_error, -EINTR);
	/* The other direction has its own locks. */
	KUNIT_EXPECT_EQ(test, host_write(f, 1), 1);
	KUNIT_EXPECT_EQ(test, guest_receive(f, 1), 0);

	complete(&slow->go);
	wait_for_completion(&slow->done);
	KUNIT_EXPECT_EQ(test, guest_send(f, 1), 0);
	KUNIT_EXPECT_EQ(test, host_read(f, 1), 1);
}

/* ---- against a model ---- */

#define MODEL_MOST	256

/**
 * struct model - expected contents of a queue
 * @len: lengths of the messages, oldest first
 * @nr: number of messages
 * @bytes: bytes that they occupy
 * @first: number of the oldest
 */
struct model {
	unsigned int len[MODEL_MOST];
	unsigned int nr;
	unsigned int bytes;
	unsigned int first;
};

static bool model_put(struct model *m, unsigned int len)
{
	if (m->bytes + len + 2 > RVHV_HOST_COMM_QUEUE)
		return false;
	m->len[m->nr++] = len;
	m->bytes += len + 2;
	return true;
}

static bool model_take(struct model *m, unsigned int size, unsigned int *len)
{
	if (!m->nr || m->len[0] > size)
		return false;
	*len = m->len[0];
	m->bytes -= *len + 2;
	m->first++;
	memmove(m->len, m->len + 1, --m->nr * sizeof(m->len[0]));
	return true;
}

static void model_step(struct kunit *test, struct model *m, struct rnd_state *rnd, bool to_host)
{
	struct fixture *f = test->priv;
	u8 *put_buf = to_host ? f->vm.mem : f->buf, *take_buf = to_host ? f->buf : f->vm.mem;
	unsigned int size = 1 + prandom_u32_state(rnd) % RVHV_MESSAGE_MAX, len;
	bool ok;

	if (m->nr < MODEL_MOST && prandom_u32_state(rnd) % 2) {
		/* Mostly small messages, so that queues grow long */
		if (prandom_u32_state(rnd) % 2)
			size = 1 + size % 300;
		memset(put_buf, m->first + m->nr, size);
		ok = to_host ? !guest_send(f, size) : host_write(f, size) == size;
		KUNIT_ASSERT_EQ(test, ok, model_put(m, size));
		return;
	}
	ok = to_host ? host_read(f, size) > 0 : !guest_receive(f, size);
	KUNIT_ASSERT_EQ(test, ok, model_take(m, size, &len));
	if (ok) {
		if (!to_host)
			KUNIT_ASSERT_EQ(test, f->vm.call.value, len);
		KUNIT_ASSERT_NULL(test, memchr_inv(take_buf, (u8)(m->first - 1), len));
	}
}

static void random_messages(struct kunit *test)
{
	struct model *m = kunit_kcalloc(test, 2, sizeof(*m), GFP_KERNEL);
	struct rnd_state rnd;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, m);
	prandom_seed_state(&rnd, 0x484f5354);
	for (i = 0; i < 40000; i++)
		model_step(test, &m[i % 2], &rnd, i % 2);
	KUNIT_EXPECT_GT(test, m[0].first, 5000);
	KUNIT_EXPECT_GT(test, m[1].first, 5000);
}

static int host_comm_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	test->priv = f;
	sbi_fake_init(&f->vm, sbi_fake_ids, ARRAY_SIZE(sbi_fake_ids), 2);
	sbi_fake_add_memory(test, &f->vm);
	f->comm = rvhv_host_comm_open(&f->vm.sbi);
	return PTR_ERR_OR_ZERO(f->comm);
}

static void host_comm_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	if (!f || IS_ERR(f->comm))
		return;
	end_vm(f);
	close_file(f);
}

static struct kunit_case host_comm_cases[] = {
	KUNIT_CASE(boundaries_are_kept),
	KUNIT_CASE(bad_lengths),
	KUNIT_CASE(small_buffers),
	KUNIT_CASE(bad_addresses),
	KUNIT_CASE(faults_keep_messages),
	KUNIT_CASE(full_to_host),
	KUNIT_CASE(full_to_guest),
	KUNIT_CASE(poll_tells_the_state),
	KUNIT_CASE(vm_ends_first),
	KUNIT_CASE(file_closes_first),
	KUNIT_CASE(opened_again_it_is_empty),
	KUNIT_CASE(calls_in_progress),
	KUNIT_CASE(functions),
	KUNIT_CASE(signals_end_waiting),
	KUNIT_CASE(random_messages),
	{}
};

static struct kunit_suite host_comm_suite = {
	.name = "rvhv_host_comm",
	.init = host_comm_init,
	.exit = host_comm_exit,
	.test_cases = host_comm_cases,
};

kunit_test_suite(host_comm_suite);
