// SPDX-License-Identifier: GPL-2.0-only
/* The host channel: SBI calls at the guest's end, a file descriptor at the host's */
#include "host_comm.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define RO_GPA		0x90000000UL
#define HOLE_GPA	0x91000000UL	/* in a slot without memory */

FIXTURE(host_comm) {
	struct rvm vm;
	struct rvcpu vcpu;
	int fd;
};

FIXTURE_SETUP(host_comm)
{
	SKIP_ON_KVM("no host channel");
	rvm_create(&self->vm);
	rvm_set_slot(&self->vm, 1, KVM_MEM_READONLY, RO_GPA, 2 * RVM_PAGE, rvm_anon(2 * RVM_PAGE));
	rvcpu_create(&self->vm, 0, &self->vcpu);
	rvcpu_start_at(&self->vcpu, guest_call, 0, 0);
	self->fd = channel(&self->vm);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(host_comm)
{
}

#define CALL(...)	sbi(_metadata, &self->vcpu, (struct call){ HOST, __VA_ARGS__ })
#define SEND_OK(len)	EXPECT_EQ(0, CALL(SEND, { len, BUF_GPA }).error)
#define PROBE()		sbi(_metadata, &self->vcpu, (struct call){ SBI_BASE, 3, { HOST } }).value

/* End the VM but keep the guest's memory mapped. */
static void end_vm(struct rvm *vm, struct rvcpu *vcpu)
{
	rvcpu_destroy(vcpu);
	close(vm->fd);
}

TEST_F(host_comm, probe)
{
	EXPECT_EQ(1, PROBE());
	close(self->fd);
	EXPECT_EQ(0, PROBE());
	for (unsigned long fid = 0; fid < 3; fid++) {
		struct sbiret ret = CALL(fid, { 1, BUF_GPA });

		EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, ret.error);
		EXPECT_EQ(0, ret.value);
	}
	self->fd = channel(&self->vm);
	EXPECT_LE(0, self->fd);
	EXPECT_EQ(1, PROBE());
}

/* The extension can be disabled for a vCPU. */
TEST_F(host_comm, disabled)
{
	struct rvcpu other;

	rvcpu_create(&self->vm, 1, &other);
	EXPECT_EQ(1, rvcpu_get(&other, RVM_REG_SBI(RVHV_SBI_EXT_HOST_COMM)));
	rvcpu_set(&other, RVM_REG_SBI(RVHV_SBI_EXT_HOST_COMM), 0);
	rvcpu_start_at(&other, guest_call, 0, 0);
	rvcpu_set_mp_state(&other, KVM_MP_STATE_RUNNABLE);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED,
		  sbi(_metadata, &other, (struct call){ HOST, SEND, { 1, BUF_GPA } }).error);
	EXPECT_EQ(0, sbi(_metadata, &other, (struct call){ SBI_BASE, 3, { HOST } }).value);
	SEND_OK(1);
}

TEST_F(host_comm, one_at_a_time)
{
	EXPECT_EQ(-EBUSY, channel(&self->vm));
	EXPECT_EQ(-EINVAL, IOCTL(self->vm.fd, RVHV_CREATE_HOST_COMM, 1));
	SEND_OK(3);
	ASSERT_EQ(3, SYS(write(self->fd, "abc", 3)));
	close(self->fd);
	self->fd = channel(&self->vm);
	ASSERT_LE(0, self->fd);
	EXPECT_TRUE(fcntl(self->fd, F_GETFD) & FD_CLOEXEC);
	/* The new channel is empty. */
	EXPECT_EQ(SBI_ERR_FAILED, CALL(RECEIVE, { MAX, BUF_GPA }).error);
	EXPECT_EQ(POLLOUT, poll_now(self->fd));
}

TEST_F(host_comm, boundaries)
{
	static const int sizes[] = { 1, MAX, 2, MAX - 1, 7, 8, 9, 1000, 1 };
	uint8_t *guest = BUF(&self->vm), buf[MAX + 1];

	for (int i = 0; i < ARRAY_SIZE(sizes); i++) {
		memset(guest, i + 1, sizes[i]);
		SEND_OK(sizes[i]);
		memset(buf, i + 101, sizes[i]);
		ASSERT_EQ(sizes[i], SYS(write(self->fd, buf, sizes[i])));
	}
	for (int i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct sbiret ret;

		memset(buf, 0, sizeof(buf));
		ASSERT_EQ(sizes[i], SYS(read(self->fd, buf, sizeof(buf))));
		EXPECT_EQ(i + 1, buf[0]);
		EXPECT_EQ(i + 1, buf[sizes[i] - 1]);
		EXPECT_EQ(0, buf[sizes[i]]);
		memset(guest, 0, 2 * MAX);
		ret = CALL(RECEIVE, { MAX, BUF_GPA });
		EXPECT_EQ(0, ret.error);
		EXPECT_EQ(sizes[i], ret.value);
		EXPECT_EQ(i + 101, guest[0]);
		EXPECT_EQ(i + 101, guest[sizes[i] - 1]);
		EXPECT_EQ(0, guest[sizes[i]]);
	}
}

TEST_F(host_comm, bad_lengths)
{
	static const unsigned long bad[] = {
		0, MAX + 1, 1UL << 32, (1UL << 32) + 1, 1UL << 63, -1UL,
	};
	static uint8_t big[2 * MAX];

	ASSERT_EQ(1, SYS(write(self->fd, "x", 1)));
	for (int i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(SBI_ERR_FAILED, CALL(SEND, { bad[i], BUF_GPA }).error);
		EXPECT_EQ(SBI_ERR_FAILED, CALL(RECEIVE, { bad[i], BUF_GPA }).error);
		EXPECT_EQ(0, rvm_shared(&self->vm)->val[11]);
	}
	for (unsigned long fid = 2; fid < 8; fid++)
		EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, CALL(fid, { 1, BUF_GPA }).error);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, CALL(-1UL, { 1, BUF_GPA }).error);
	EXPECT_EQ(-EINVAL, SYS(write(self->fd, big, 0)));
	EXPECT_EQ(-EMSGSIZE, SYS(write(self->fd, big, MAX + 1)));
	EXPECT_EQ(-EMSGSIZE, SYS(write(self->fd, big, sizeof(big))));
	EXPECT_EQ(POLLOUT, poll_now(self->fd));
	EXPECT_EQ(1, CALL(RECEIVE, { 1, BUF_GPA }).value);
}

TEST_F(host_comm, small_buffers)
{
	char buf[8];

	ASSERT_EQ(5, SYS(write(self->fd, "hello", 5)));
	EXPECT_EQ(SBI_ERR_FAILED, CALL(RECEIVE, { 4, BUF_GPA }).error);
	EXPECT_EQ(0, rvm_shared(&self->vm)->val[11]);
	EXPECT_EQ(5, CALL(RECEIVE, { 5, BUF_GPA }).value);
	EXPECT_EQ(0, memcmp(BUF(&self->vm), "hello", 5));
	SEND_OK(5);
	EXPECT_EQ(-EMSGSIZE, SYS(read(self->fd, buf, 4)));
	EXPECT_EQ(-EMSGSIZE, SYS(read(self->fd, buf, 0)));
	EXPECT_EQ(5, SYS(read(self->fd, buf, 5)));
}

TEST_F(host_comm, bad_addresses)
{
	const unsigned long bad[] = {
		0, 8, RVM_BASE - 1, RVM_BASE + RVM_SIZE - 1, RVM_BASE + RVM_SIZE, RVM_MMIO,
		RVM_BASE + (1UL << 32), 1UL << 63, -2UL, -1UL, HOLE_GPA,
	};
	void *hole = rvm_anon(RVM_PAGE);

	rvm_set_slot(&self->vm, 2, 0, HOLE_GPA, RVM_PAGE, hole);
	munmap(hole, RVM_PAGE);
	ASSERT_EQ(2, SYS(write(self->fd, "ab", 2)));
	for (int i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(SBI_ERR_FAILED, CALL(SEND, { 2, bad[i] }).error);
		EXPECT_EQ(SBI_ERR_FAILED, CALL(RECEIVE, { 2, bad[i] }).error);
		EXPECT_EQ(0, rvm_shared(&self->vm)->val[11]);
	}
	EXPECT_EQ(SBI_ERR_FAILED, CALL(SEND, { 2, BUF_GPA, 1 }).error);
	EXPECT_EQ(SBI_ERR_FAILED, CALL(RECEIVE, { 2, BUF_GPA, 1 }).error);
	EXPECT_EQ(SBI_ERR_FAILED, CALL(RECEIVE, { 2, RO_GPA }).error);
	EXPECT_EQ(POLLOUT, poll_now(self->fd));
	EXPECT_EQ(0, CALL(SEND, { MAX, RO_GPA + 1 }).error);
	EXPECT_EQ(2, CALL(RECEIVE, { 2, RVM_BASE + RVM_SIZE - 2 }).value);
}

/* Across two slots that meet */
TEST_F(host_comm, two_slots)
{
	uint8_t *two = rvm_anon(2 * RVM_PAGE), buf[MAX];

	rvm_set_slot(&self->vm, 2, 0, HOLE_GPA, RVM_PAGE, two + RVM_PAGE);
	rvm_set_slot(&self->vm, 3, 0, HOLE_GPA + RVM_PAGE, RVM_PAGE, two);
	memset(buf, 'x', MAX);
	ASSERT_EQ(MAX, SYS(write(self->fd, buf, MAX)));
	EXPECT_EQ(MAX, CALL(RECEIVE, { MAX, HOLE_GPA + 100 }).value);
	EXPECT_EQ('x', two[RVM_PAGE + 100]);
	EXPECT_EQ('x', two[99]);
	EXPECT_EQ(0, two[100]);
	memset(buf, 0, MAX);
	EXPECT_EQ(0, CALL(SEND, { MAX, HOLE_GPA + 100 }).error);
	EXPECT_EQ(MAX, SYS(read(self->fd, buf, MAX)));
	EXPECT_EQ('x', buf[MAX - 1]);
}

TEST_F(host_comm, faults_keep_messages)
{
	char *page = rvm_anon(2 * RVM_PAGE), buf[8];
	struct iovec iov[2] = { { "on", 2 }, { "ly one", 6 } };

	munmap(page + RVM_PAGE, RVM_PAGE);
	memcpy(BUF(&self->vm), "message", 8);
	SEND_OK(8);
	EXPECT_EQ(-EFAULT, SYS(read(self->fd, page + RVM_PAGE, 100)));
	EXPECT_EQ(-EFAULT, SYS(read(self->fd, page + RVM_PAGE - 4, 100)));
	EXPECT_EQ(8, SYS(read(self->fd, buf, 8)));
	EXPECT_EQ(0, memcmp(buf, "message", 8));
	EXPECT_EQ(-EFAULT, SYS(write(self->fd, page + RVM_PAGE, 8)));
	EXPECT_EQ(-EFAULT, SYS(write(self->fd, page + RVM_PAGE - 4, 8)));
	EXPECT_EQ(SBI_ERR_FAILED, CALL(RECEIVE, { MAX, BUF_GPA }).error);
	/* writev() sends one message. */
	EXPECT_EQ(8, SYS(writev(self->fd, iov, 2)));
	EXPECT_EQ(8, CALL(RECEIVE, { MAX, BUF_GPA }).value);
	EXPECT_EQ(0, memcmp(BUF(&self->vm), "only one", 8));
	EXPECT_EQ(-ESPIPE, SYS(lseek(self->fd, 0, SEEK_SET)));
	EXPECT_EQ(-ESPIPE, SYS(pread(self->fd, buf, 8, 0)));
	EXPECT_EQ(-ENOTTY, IOCTL(self->fd, RVHV_CREATE_HOST_COMM, 0));
}

TEST_F(host_comm, nonblocking)
{
	static uint8_t buf[MAX];
	int sent = 0, written = 0;

	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-EAGAIN, SYS(read(self->fd, buf, MAX)));
	while (CALL(SEND, { MAX, BUF_GPA }).error == 0)
		sent++;
	EXPECT_LT(1, sent);
	EXPECT_EQ(SBI_ERR_FAILED, rvm_shared(&self->vm)->val[10]);
	while (poll_now(self->fd) & POLLOUT) {
		ASSERT_EQ(MAX, SYS(write(self->fd, buf, MAX)));
		written++;
	}
	EXPECT_EQ(sent, written);
	EXPECT_EQ(-EAGAIN, SYS(write(self->fd, buf, MAX)));
	EXPECT_EQ(POLLIN, poll_now(self->fd));
	while (SYS(read(self->fd, buf, MAX)) == MAX)
		sent--;
	EXPECT_EQ(0, sent);
	EXPECT_EQ(0, poll_now(self->fd));
	EXPECT_EQ(MAX, CALL(RECEIVE, { MAX, BUF_GPA }).value);
	EXPECT_EQ(POLLOUT, poll_now(self->fd));
}

/* ---- waiting ---- */

enum waiting { WAIT_READ, WAIT_WRITE, WAIT_POLL };

struct waiter {
	pthread_t thread;
	enum waiting how;
	int fd;
	volatile bool done;
	long ret;
};

static void *waiter_fn(void *arg)
{
	static uint8_t buf[MAX];
	struct waiter *w = arg;
	struct pollfd p = { .fd = w->fd, .events = POLLIN };

	if (w->how == WAIT_READ)
		w->ret = SYS(read(w->fd, buf, MAX));
	else if (w->how == WAIT_WRITE)
		w->ret = SYS(write(w->fd, buf, MAX));
	else
		w->ret = poll(&p, 1, 20000) == 1 ? p.revents : -1;
	w->done = true;
	return NULL;
}

static void wait_for(struct waiter *w, enum waiting how, int fd)
{
	*w = (struct waiter){ .how = how, .fd = fd };
	if (pthread_create(&w->thread, NULL, waiter_fn, w))
		rvm_die("pthread_create");
	sleep_ms(50);
}

static void fill_to_guest(int fd)
{
	static uint8_t buf[MAX];

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (write(fd, buf, MAX) == MAX)
		;
	fcntl(fd, F_SETFL, 0);
}

static void wait_all(struct __test_metadata *_metadata, int fd, struct waiter *reader,
		     struct waiter *writer, struct waiter *poller)
{
	fill_to_guest(fd);
	wait_for(reader, WAIT_READ, fd);
	wait_for(writer, WAIT_WRITE, fd);
	wait_for(poller, WAIT_POLL, fd);
	EXPECT_FALSE(reader->done || writer->done || poller->done);
}

#define WAIT_ALL(...)	wait_all(_metadata, self->fd, __VA_ARGS__)

TEST_F(host_comm, blocking)
{
	struct waiter reader, writer, poller;

	WAIT_ALL(&reader, &writer, &poller);
	SEND_OK(77);
	pthread_join(reader.thread, NULL);
	EXPECT_EQ(77, reader.ret);
	/* The reader may take the message before poll() sees it. */
	if (!poller.done)
		SEND_OK(1);
	pthread_join(poller.thread, NULL);
	EXPECT_EQ(POLLIN, poller.ret);
	EXPECT_FALSE(writer.done);
	EXPECT_EQ(MAX, CALL(RECEIVE, { MAX, BUF_GPA }).value);
	pthread_join(writer.thread, NULL);
	EXPECT_EQ(MAX, writer.ret);
}

TEST_F(host_comm, signals)
{
	struct waiter reader, writer;

	catch_signal(SIGUSR1);
	fill_to_guest(self->fd);
	wait_for(&reader, WAIT_READ, self->fd);
	wait_for(&writer, WAIT_WRITE, self->fd);
	pthread_kill(reader.thread, SIGUSR1);
	pthread_kill(writer.thread, SIGUSR1);
	pthread_join(reader.thread, NULL);
	pthread_join(writer.thread, NULL);
	EXPECT_EQ(-EINTR, reader.ret);
	EXPECT_EQ(-EINTR, writer.ret);
}

/* ---- ends ---- */

TEST_F(host_comm, vm_ends)
{
	char buf[8];

	memcpy(BUF(&self->vm), "last", 4);
	SEND_OK(4);
	ASSERT_EQ(1, SYS(write(self->fd, "x", 1)));
	end_vm(&self->vm, &self->vcpu);
	EXPECT_EQ(POLLIN | POLLHUP | POLLRDHUP, poll_now(self->fd));
	EXPECT_EQ(-EPIPE, SYS(write(self->fd, "x", 1)));
	EXPECT_EQ(-EMSGSIZE, SYS(read(self->fd, buf, 3)));
	EXPECT_EQ(4, SYS(read(self->fd, buf, 8)));
	EXPECT_EQ(0, memcmp(buf, "last", 4));
	EXPECT_EQ(0, SYS(read(self->fd, buf, 8)));
	EXPECT_EQ(0, SYS(read(self->fd, buf, 8)));
	EXPECT_EQ(POLLHUP | POLLRDHUP, poll_now(self->fd));
	EXPECT_EQ(0, close(self->fd));
}

TEST_F(host_comm, vm_ends_while_waiting)
{
	struct waiter reader, writer, poller;

	WAIT_ALL(&reader, &writer, &poller);
	end_vm(&self->vm, &self->vcpu);
	pthread_join(reader.thread, NULL);
	pthread_join(writer.thread, NULL);
	pthread_join(poller.thread, NULL);
	EXPECT_EQ(0, reader.ret);
	EXPECT_EQ(-EPIPE, writer.ret);
	EXPECT_EQ(POLLHUP, poller.ret);
}

/* VM, vCPU and channel are closed in any order; each keeps the module loaded. */
TEST_F(host_comm, orders)
{
	static const int orders[][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};

	close(self->fd);
	end_vm(&self->vm, &self->vcpu);
	close(self->vm.dev);
	for (int i = 0; i < ARRAY_SIZE(orders); i++) {
		bool open[3] = { true, true, true };
		struct rvcpu vcpu;
		struct rvm vm;
		int fd[3];

		vm_start(&vm, &vcpu, guest_call, 0);
		fd[0] = vm.fd;
		fd[1] = vcpu.fd;
		fd[2] = channel(&vm);
		ASSERT_LE(0, fd[2]);
		munmap(vcpu.run, rvm_run_size(vm.dev));
		close(vm.dev);
		for (int j = 0; j < 3; j++) {
			EXPECT_EQ(-1, syscall(SYS_delete_module, "rvhv", O_NONBLOCK));
			close(fd[orders[i][j]]);
			open[orders[i][j]] = false;
			if (open[2])
				EXPECT_EQ(open[0] || open[1] ? POLLOUT : POLLHUP | POLLRDHUP,
					  poll_now(fd[2]));
		}
		munmap(vm.mem, vm.size);
	}
}

/* A channel can be passed to another process; the VM cannot. */
TEST_F(host_comm, another_process)
{
	union {
		struct cmsghdr hdr;
		char buf[CMSG_SPACE(sizeof(int))];
	} control = { .hdr = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.buf,
			      .msg_controllen = sizeof(control.buf) };
	int sv[2];
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	pid = fork();
	if (!pid) {
		char buf[64];
		int fd;

		close(self->fd);
		end_vm(&self->vm, &self->vcpu);
		CHILD_ASSERT(recvmsg(sv[0], &msg, 0) == 1);
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
		CHILD_ASSERT(read(fd, buf, sizeof(buf)) == 8);
		CHILD_ASSERT(!memcmp(buf, "to child", 8));
		CHILD_ASSERT(write(fd, "to guest", 8) == 8);
		CHILD_ASSERT(write(sv[0], "", 1) == 1);
		/* The parent has ended the VM. */
		CHILD_ASSERT(read(fd, buf, sizeof(buf)) == 0);
		CHILD_ASSERT(write(fd, "x", 1) == -1 && errno == EPIPE);
		_exit(0);
	}
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), &self->fd, sizeof(int));
	ASSERT_EQ(1, SYS(sendmsg(sv[1], &msg, 0)));
	close(self->fd);
	memcpy(BUF(&self->vm), "to child", 8);
	SEND_OK(8);
	ASSERT_EQ(1, SYS(read(sv[1], &byte, 1)));
	EXPECT_EQ(8, CALL(RECEIVE, { MAX, BUF_GPA }).value);
	EXPECT_EQ(0, memcmp(BUF(&self->vm), "to guest", 8));
	end_vm(&self->vm, &self->vcpu);
	EXPECT_CHILD_OK(pid);
}

TEST_HARNESS_MAIN
