// SPDX-License-Identifier: GPL-2.0-only
/* File descriptors: use by another process, every order of closing, and the module's references */
#include "check.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static __guest void guest_count(unsigned long a0, unsigned long a1)
{
	for (;;)
		guest_sync(guest_shared()->val[0]++);
}

/* A child has its parent's descriptors but not its memory: every ioctl fails. */
TEST(another_process)
{
	static const unsigned long vm_cmds[] = {
		KVM_CREATE_VCPU, KVM_SET_USER_MEMORY_REGION, KVM_CHECK_EXTENSION, KVM_GET_DIRTY_LOG,
		KVM_IOEVENTFD, KVM_ENABLE_CAP, KVM_CREATE_DEVICE,
	};
	static const unsigned long vcpu_cmds[] = {
		KVM_RUN, KVM_GET_ONE_REG, KVM_SET_ONE_REG, KVM_GET_REG_LIST, KVM_GET_MP_STATE,
		KVM_SET_MP_STATE, KVM_INTERRUPT, KVM_SET_SIGNAL_MASK, KVM_GET_STATS_FD,
	};
	struct rvm vm;
	struct rvcpu vcpu;
	pid_t pid;

	vm_start(&vm, &vcpu, guest_count, 0);
	GUEST_SAYS_SYNC(&vcpu);
	pid = fork();
	if (!pid) {
		char buf[4096] = { 0 };

		for (int i = 0; i < ARRAY_SIZE(vm_cmds); i++)
			CHILD_ASSERT(IOCTL(vm.fd, vm_cmds[i], buf) == -EIO);
		for (int i = 0; i < ARRAY_SIZE(vcpu_cmds); i++)
			CHILD_ASSERT(IOCTL(vcpu.fd, vcpu_cmds[i], i ? buf : NULL) == -EIO);
		_exit(0);
	}
	EXPECT_CHILD_OK(pid);
	EXPECT_EQ(1, GUEST_SAYS_SYNC(&vcpu));
}

/* The VM's process has ended; its descriptors are still open here. */
TEST(owner_gone)
{
	int sv[2], fds[2];
	char byte = 0;
	union {
		struct cmsghdr hdr;
		char buf[CMSG_SPACE(sizeof(fds))];
	} control = { 0 };
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.buf,
			      .msg_controllen = sizeof(control.buf) };
	struct kvm_mp_state state;
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	pid = fork();
	if (!pid) {
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
		struct rvm vm;
		struct rvcpu vcpu;

		vm_start(&vm, &vcpu, guest_count, 0);
		rvcpu_run(&vcpu);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fds));
		memcpy(CMSG_DATA(c), (int[]){ vm.fd, vcpu.fd }, sizeof(fds));
		CHILD_ASSERT(sendmsg(sv[1], &msg, 0) == 1);
		_exit(0);
	}
	EXPECT_CHILD_OK(pid);
	ASSERT_EQ(1, recvmsg(sv[0], &msg, 0));
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fds));
	EXPECT_EQ(-EIO, IOCTL(fds[1], KVM_RUN, 0));
	EXPECT_EQ(-EIO, IOCTL(fds[1], KVM_GET_MP_STATE, &state));
	EXPECT_EQ(-EIO, IOCTL(fds[0], KVM_CREATE_VCPU, 7));
	close(fds[0]);
	close(fds[1]);
}

enum { VM, VCPU0, VCPU1, VM_STATS, VCPU_STATS, NR_FDS };

/* Close the descriptors in this order. The others keep working. */
static void close_in_order(struct __test_metadata *_metadata, const int *order)
{
	bool open[NR_FDS];
	struct rvm vm;
	struct rvcpu vcpu[2];
	int fd[NR_FDS];
	char byte;

	vm_start(&vm, &vcpu[0], guest_count, 0);
	rvcpu_create(&vm, 1, &vcpu[1]);
	fd[VM] = vm.fd;
	fd[VCPU0] = vcpu[0].fd;
	fd[VCPU1] = vcpu[1].fd;
	fd[VM_STATS] = IOCTL(vm.fd, KVM_GET_STATS_FD, 0);
	fd[VCPU_STATS] = IOCTL(vcpu[0].fd, KVM_GET_STATS_FD, 0);
	ASSERT_LE(0, fd[VM_STATS]);
	ASSERT_LE(0, fd[VCPU_STATS]);
	if (order[0] & 1)
		close(vm.dev);
	memset(open, true, sizeof(open));
	for (int i = 0; i < NR_FDS; i++) {
		ASSERT_EQ(0, close(fd[order[i]]));
		open[order[i]] = false;
		if (open[VCPU0])
			EXPECT_EQ(i, GUEST_SAYS_SYNC(&vcpu[0]));
		if (open[VM])
			EXPECT_LT(0, IOCTL(vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY));
		for (int s = VM_STATS; s <= VCPU_STATS; s++)
			if (open[s])
				EXPECT_EQ(1, pread(fd[s], &byte, 1, 0));
	}
	/* The mappings of the run structures outlive the descriptors. */
	vcpu[0].run->immediate_exit = 1;
	vcpu[1].run->immediate_exit = 1;
	munmap(vcpu[0].run, 4096);
	munmap(vcpu[1].run, 4096);
	munmap(vm.mem, vm.size);
	if (!(order[0] & 1))
		close(vm.dev);
}

static int permute(struct __test_metadata *_metadata, int *order, int n)
{
	int count = 0;

	if (n == NR_FDS) {
		close_in_order(_metadata, order);
		return 1;
	}
	for (int i = n; i < NR_FDS; i++) {
		int first = order[n];

		order[n] = order[i];
		order[i] = first;
		count += permute(_metadata, order, n + 1);
		order[i] = order[n];
		order[n] = first;
	}
	return count;
}

FIXTURE(orders) {
};

FIXTURE_SETUP(orders)
{
}

FIXTURE_TEARDOWN(orders)
{
}

TEST_F_TIMEOUT(orders, every_one, 300)
{
	int order[NR_FDS] = { VM, VCPU0, VCPU1, VM_STATS, VCPU_STATS };

	EXPECT_EQ(120, permute(_metadata, order, 0));
}

static int unload(void)
{
	return syscall(SYS_delete_module, rvm_is_kvm() ? "kvm" : "rvhv", O_NONBLOCK) ? -errno : 0;
}

/* The module cannot be unloaded while a descriptor or a mapping exists. */
TEST(unload_refused)
{
	struct rvm vm;
	struct rvcpu vcpu;
	int stats;

	vm.dev = rvm_open();
	EXPECT_EQ(-EWOULDBLOCK, unload());
	vm.fd = IOCTL(vm.dev, KVM_CREATE_VM, 0);
	ASSERT_LE(0, vm.fd);
	close(vm.dev);
	EXPECT_EQ(-EWOULDBLOCK, unload());
	vcpu.fd = IOCTL(vm.fd, KVM_CREATE_VCPU, 0);
	ASSERT_LE(0, vcpu.fd);
	close(vm.fd);
	EXPECT_EQ(-EWOULDBLOCK, unload());
	stats = IOCTL(vcpu.fd, KVM_GET_STATS_FD, 0);
	ASSERT_LE(0, stats);
	vcpu.run = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu.fd, 0);
	ASSERT_NE(MAP_FAILED, vcpu.run);
	close(vcpu.fd);
	EXPECT_EQ(-EWOULDBLOCK, unload());
	munmap(vcpu.run, 4096);
	EXPECT_EQ(-EWOULDBLOCK, unload());
	EXPECT_EQ(0, close(stats));
}

TEST(out_of_fds)
{
	struct rlimit none = { 0 }, old;
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &old));
	none.rlim_max = old.rlim_max;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	EXPECT_EQ(-EMFILE, IOCTL(vm.dev, KVM_CREATE_VM, 0));
	EXPECT_EQ(-EMFILE, IOCTL(vm.fd, KVM_CREATE_VCPU, 1));
	EXPECT_EQ(-EMFILE, IOCTL(vm.fd, KVM_GET_STATS_FD, 0));
	EXPECT_EQ(-EMFILE, IOCTL(vcpu.fd, KVM_GET_STATS_FD, 0));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &old));
	/* A vCPU without a descriptor is not created. */
	EXPECT_LE(0, IOCTL(vm.fd, KVM_CREATE_VCPU, 1));
}

TEST_HARNESS_MAIN
