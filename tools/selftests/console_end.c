// SPDX-License-Identifier: GPL-2.0-only
/*
 * The debug console in the kernel: the end of a VM whose tty is open, the host's log, the default
 */
#include "console.h"

/* ---- the end of a VM ---- */

/* After the VM's end: reads return the last output, then EOF; writes and opens fail. */
TEST(hangup)
{
	struct pollfd pfd = { .events = POLLIN };
	char buf[8192];
	struct rvcpu vcpu;
	struct rvm vm, vm2;
	uint32_t index, again;
	int fd, fd2;

	SKIP_ON_KVM(NO_CONSOLES);
	start_with(_metadata, &vm, &vcpu, RVHV_CONSOLE_TTY, &index);
	fd = open_tty(index, O_RDWR);
	fd2 = open_tty(index, O_RDWR);
	ASSERT_LE(0, fd);
	ASSERT_LE(0, fd2);
	memset(guest_mem(&vm), 'w', 4096);
	EXPECT_EQ(4096, SBI(SBI_DBCN, DBCN_WRITE, { 4096, FREE }).value);
	EXPECT_EQ(4096, SBI(SBI_DBCN, DBCN_WRITE, { 4096, FREE }).value);
	end(&vm, &vcpu);
	EXPECT_EQ(-ENOENT, open_tty(index, O_RDWR));
	EXPECT_EQ(-1, write(fd, "x", 1));
	EXPECT_EQ(EIO, errno);
	EXPECT_EQ(8192, read_all(fd, buf, 8192));
	EXPECT_EQ(0, read(fd, buf, 1));
	EXPECT_EQ(0, read(fd2, buf, 1));
	pfd.fd = fd;
	EXPECT_EQ(1, poll(&pfd, 1, 0));
	EXPECT_TRUE(pfd.revents & POLLHUP);
	EXPECT_EQ(-1, write(fd, "x", 1));
	EXPECT_EQ(EIO, errno);

	/* An open tty is not assigned to another VM. */
	rvm_create_bare(&vm2);
	again = index;
	EXPECT_EQ(-EBUSY, set_console(&vm2, RVHV_CONSOLE_TTY, &again));
	close(fd);
	close(fd2);
	EXPECT_EQ(0, set_tty_soon(&vm2, index));
	EXPECT_TRUE(tty_is_there(index));
}

static void *reader(void *arg)
{
	char byte;

	return (void *)(long)read(*(int *)arg, &byte, 1);
}

static void *writer(void *arg)
{
	static char buf[16384];
	ssize_t n;

	while ((n = write(*(int *)arg, buf, sizeof(buf))) > 0)
		;
	return (void *)(long)(n < 0 ? -errno : n);
}

/* The VM's end wakes waiting threads. Output that is not read in time is discarded. */
TEST(hangup_wakes)
{
	pthread_t threads[2];
	struct rvcpu vcpu;
	void *result[2];
	struct rvm vm;
	uint32_t index;
	char byte;
	int fd;

	SKIP_ON_KVM(NO_CONSOLES);
	start_with(_metadata, &vm, &vcpu, RVHV_CONSOLE_TTY, &index);
	fd = open_tty(index, O_RDWR);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pthread_create(&threads[0], NULL, reader, &fd));
	ASSERT_EQ(0, pthread_create(&threads[1], NULL, writer, &fd));
	usleep(200000);
	end(&vm, &vcpu);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], &result[i]);
	EXPECT_EQ(0, (long)result[0]);
	EXPECT_EQ(-EIO, (long)result[1]);
	close(fd);

	start_with(_metadata, &vm, &vcpu, RVHV_CONSOLE_TTY, &index);
	fd = open_tty(index, O_RDWR);
	ASSERT_LE(0, fd);
	fill(_metadata, &vm, &vcpu);
	end(&vm, &vcpu);
	usleep(3500000);
	EXPECT_EQ(0, read(fd, &byte, 1));
}

struct opener {
	uint32_t index;
	volatile bool stop;
	unsigned long opens;
};

static void *opener(void *arg)
{
	struct opener *o = arg;
	char byte;

	while (!o->stop) {
		int fd = open_tty(o->index, O_RDWR | O_NONBLOCK);

		if (fd < 0)
			continue;
		o->opens++;
		(void)!write(fd, "x", 1);
		(void)!read(fd, &byte, 1);
		close(fd);
	}
	return NULL;
}

/* The tty is opened and closed while VMs are created, write and end. */
TEST(open_while_vms_end)
{
	struct opener o = { .index = 5 };
	pthread_t threads[2];
	int vms = 0;

	SKIP_ON_KVM(NO_CONSOLES);
	for (int i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, opener, &o));
	for (int i = 0; i < 40; i++) {
		struct rvcpu vcpu;
		struct rvm vm;

		rvm_create(&vm);
		ASSERT_EQ(0, set_tty_soon(&vm, 5));
		rvcpu_create(&vm, 0, &vcpu);
		rvcpu_start_at(&vcpu, guest_call, 0, 0);
		for (int j = 0; j < 3; j++)
			EXPECT_EQ(0, SBI(SBI_DBCN, DBCN_WRITE, { 4096, FREE }).error);
		end(&vm, &vcpu);
		vms++;
	}
	o.stop = true;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(40, vms);
	EXPECT_LT(0, o.opens);
}

/* ---- the host's log ---- */

static int open_log(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

/* Read the log up to the record that contains @text. */
static bool log_has(int fd, const char *text)
{
	char record[8192];
	ssize_t n;

	while ((n = read(fd, record, sizeof(record) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		if (n < 0)
			continue;
		record[n] = 0;
		if (strstr(record, text))
			return true;
	}
	return false;
}

/* /dev/kmsg has \x5c for a backslash. */
TEST(printk_lines)
{
	static const char text[] = "hello \033[31mred\r\n\none\ttwo\n%s%n\nunfinished \001";
	char prefix[64], line[128];
	struct rvcpu vcpu;
	struct rvm vm;
	uint32_t index;
	int fd;

	SKIP_ON_KVM(NO_CONSOLES);
	start_with(_metadata, &vm, &vcpu, RVHV_CONSOLE_PRINTK, &index);
	fd = open_log();
	ASSERT_LE(0, fd);
	put_text(&vm, text);
	EXPECT_EQ(strlen(text), SBI(SBI_DBCN, DBCN_WRITE, { strlen(text), FREE }).value);
	snprintf(prefix, sizeof(prefix), "(pid %d): ", getpid());
	snprintf(line, sizeof(line), "%shello \\x5ce[31mred\n", prefix);
	EXPECT_TRUE(log_has(fd, line));
	snprintf(line, sizeof(line), "%s\n", prefix);
	EXPECT_TRUE(log_has(fd, line));
	snprintf(line, sizeof(line), "%sone\\x5cttwo\n", prefix);
	EXPECT_TRUE(log_has(fd, line));
	snprintf(line, sizeof(line), "%s%%s%%n\n", prefix);
	EXPECT_TRUE(log_has(fd, line));
	EXPECT_FALSE(log_has(fd, "unfinished"));
	EXPECT_EQ(0, SBI(SBI_DBCN, DBCN_READ, { 1, FREE }).value);
	EXPECT_EQ(-1, SBI(LEGACY_GETCHAR, 0).error);
	EXPECT_EQ(0, SBI(SBI_DBCN, DBCN_WRITE_BYTE, { '!' }).error);
	end(&vm, &vcpu);
	snprintf(line, sizeof(line), "%sunfinished \\x5c001!\n", prefix);
	EXPECT_TRUE(log_has(fd, line));
}

TEST(printk_limit)
{
	struct rvcpu vcpu;
	struct rvm vm;
	uint32_t index;
	int fd;

	SKIP_ON_KVM(NO_CONSOLES);
	start_with(_metadata, &vm, &vcpu, RVHV_CONSOLE_PRINTK, &index);
	fd = open_log();
	ASSERT_LE(0, fd);
	memset(guest_mem(&vm), '\n', 4096);
	EXPECT_EQ(4096, SBI(SBI_DBCN, DBCN_WRITE, { 4096, FREE }).value);
	end(&vm, &vcpu);
	EXPECT_TRUE(log_has(fd, "lines suppressed]"));
}

/* ---- the default ---- */

#define PARAMETER	"/sys/module/rvhv/parameters/console"

static long set_default(const char *value)
{
	int fd = open(PARAMETER, O_WRONLY | O_CLOEXEC);
	long ret = write(fd, value, strlen(value)) < 0 ? -errno : 0;

	close(fd);
	return ret;
}

TEST(default_console)
{
	struct rvcpu vcpu;
	uint32_t index;
	struct rvm vm;
	int fd;

	SKIP_ON_KVM(NO_CONSOLES);
	EXPECT_EQ(-EINVAL, set_default("teletype"));
	EXPECT_EQ(-EINVAL, set_default("\n"));
	ASSERT_EQ(0, set_default("tty\n"));
	rvm_create(&vm);
	/* A VM without a vCPU can still choose. */
	index = RVHV_CONSOLE_ANY;
	EXPECT_EQ(0, set_console(&vm, RVHV_CONSOLE_TTY, &index));
	EXPECT_EQ(0, set_default("user"));
	rvcpu_create(&vm, 0, &vcpu);
	rvcpu_start_at(&vcpu, guest_call, 0, 0);
	fd = open_tty(index, O_RDWR);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, SBI(SBI_DBCN, DBCN_WRITE_BYTE, { 'd' }).error);
	rvcpu_destroy(&vcpu);
	rvm_destroy(&vm);

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	EXPECT_EQ(0, rvcpu_get(&vcpu, RVM_REG_SBI(KVM_RISCV_SBI_EXT_DBCN)));
}

TEST_HARNESS_MAIN
