// SPDX-License-Identifier: GPL-2.0-only
/*
 * The debug console in the kernel: RVHV_SET_CONSOLE, DBCN and legacy calls on a tty, flow control
 */
#include "console.h"

#include <stdlib.h>
#include <termios.h>

/* ---- RVHV_SET_CONSOLE ---- */

TEST(bad_arguments)
{
	static const struct {
		uint32_t sink, index;
	} bad[] = {
		{ 3, 0 }, { ~0U, 0 }, { 1U << 31, 0 },
		{ RVHV_CONSOLE_USER, 1 }, { RVHV_CONSOLE_USER, RVHV_CONSOLE_ANY },
		{ RVHV_CONSOLE_PRINTK, 1 }, { RVHV_CONSOLE_PRINTK, RVHV_CONSOLE_ANY },
		{ RVHV_CONSOLE_TTY, TTYS }, { RVHV_CONSOLE_TTY, RVHV_CONSOLE_ANY - 1 },
	};
	struct rvm vm;

	SKIP_ON_KVM(NO_CONSOLES);
	rvm_create_bare(&vm);
	for (int i = 0; i < ARRAY_SIZE(bad); i++) {
		uint32_t index = bad[i].index;

		EXPECT_EQ(-EINVAL, set_console(&vm, bad[i].sink, &index)) {
			TH_LOG("sink %u, index %u", bad[i].sink, bad[i].index);
		}
	}
	EXPECT_EQ(-EFAULT, IOCTL(vm.fd, RVHV_SET_CONSOLE, NULL));
}

/* Writing to the host's log needs a capability; a tty does not. */
TEST(log_takes_capability)
{
	uint32_t index = 0, n = RVHV_CONSOLE_ANY;
	struct rvm vm;

	SKIP_ON_KVM(NO_CONSOLES);
	rvm_create_bare(&vm);
	ASSERT_EQ(0, seteuid(65534));
	EXPECT_EQ(-EPERM, set_console(&vm, RVHV_CONSOLE_PRINTK, &index));
	EXPECT_EQ(0, set_console(&vm, RVHV_CONSOLE_TTY, &n));
	ASSERT_EQ(0, seteuid(0));
	EXPECT_EQ(0, set_console(&vm, RVHV_CONSOLE_PRINTK, &index));
}

TEST(chosen_again)
{
	uint32_t index = 0, n;
	struct rvcpu vcpu;
	struct rvm vm;

	SKIP_ON_KVM(NO_CONSOLES);
	rvm_create_bare(&vm);
	EXPECT_EQ(0, set_console(&vm, RVHV_CONSOLE_USER, &index));
	EXPECT_EQ(0, set_console(&vm, RVHV_CONSOLE_PRINTK, &index));
	EXPECT_EQ(0, index);
	n = RVHV_CONSOLE_ANY;
	ASSERT_EQ(0, set_console(&vm, RVHV_CONSOLE_TTY, &n));
	ASSERT_GT(TTYS, n);
	EXPECT_TRUE(tty_is_there(n));
	/* The VM's own tty */
	index = n;
	EXPECT_EQ(0, set_console(&vm, RVHV_CONSOLE_TTY, &index));
	index = RVHV_CONSOLE_ANY;
	EXPECT_EQ(0, set_console(&vm, RVHV_CONSOLE_TTY, &index));
	EXPECT_EQ(n, index);
	EXPECT_TRUE(tty_is_there(n));
	index = 0;
	EXPECT_EQ(0, set_console(&vm, RVHV_CONSOLE_USER, &index));
	EXPECT_FALSE(tty_is_there(n));
	EXPECT_EQ(-ENOENT, open_tty(n, O_RDWR));

	EXPECT_EQ(0, set_tty_soon(&vm, n));
	rvcpu_create(&vm, 0, &vcpu);
	index = 0;
	EXPECT_EQ(-EBUSY, set_console(&vm, RVHV_CONSOLE_USER, &index));
	EXPECT_EQ(-EBUSY, set_console(&vm, RVHV_CONSOLE_PRINTK, &index));
	index = n;
	EXPECT_EQ(-EBUSY, set_console(&vm, RVHV_CONSOLE_TTY, &index));
	index = RVHV_CONSOLE_ANY;
	EXPECT_EQ(-EBUSY, set_console(&vm, RVHV_CONSOLE_TTY, &index));
	EXPECT_TRUE(tty_is_there(n));
}

TEST(all_ttys_taken)
{
	struct rvm vm[TTYS + 1];
	uint32_t index, n;

	SKIP_ON_KVM(NO_CONSOLES);
	for (int i = 0; i <= TTYS; i++)
		rvm_create_bare(&vm[i]);
	for (int i = 0; i < TTYS; i++)
		ASSERT_EQ(0, set_tty_soon(&vm[i], i));
	for (n = 0; n < TTYS; n++) {
		index = n;
		EXPECT_EQ(-EBUSY, set_console(&vm[TTYS], RVHV_CONSOLE_TTY, &index));
	}
	index = RVHV_CONSOLE_ANY;
	EXPECT_EQ(-ENOSPC, set_console(&vm[TTYS], RVHV_CONSOLE_TTY, &index));
	/* A failure keeps the VM's own tty. */
	index = 3;
	EXPECT_EQ(-EBUSY, set_console(&vm[17], RVHV_CONSOLE_TTY, &index));
	EXPECT_TRUE(tty_is_there(17));
	rvm_destroy(&vm[33]);
	EXPECT_EQ(0, set_tty_soon(&vm[TTYS], 33));
}

TEST(dbcn_is_on)
{
	struct rvcpu vcpu;
	struct rvm vm;
	uint32_t index;

	SKIP_ON_KVM(NO_CONSOLES);
	start_with(_metadata, &vm, &vcpu, RVHV_CONSOLE_TTY, &index);
	EXPECT_EQ(1, rvcpu_get(&vcpu, RVM_REG_SBI(KVM_RISCV_SBI_EXT_DBCN)));
	EXPECT_EQ(1, SBI(SBI_BASE, 3, { SBI_DBCN }).value);
	for (unsigned long fid = 3; fid < 16; fid++)
		EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(SBI_DBCN, fid).error);
	EXPECT_EQ(SBI_ERR_NOT_SUPPORTED, SBI(SBI_DBCN, -1UL).error);
}

/* ---- DBCN and the tty ---- */

/* A VM with a tty that is open here */
FIXTURE(tty) {
	struct rvm vm;
	struct rvcpu vcpu;
	uint32_t index;
	int fd;
};

FIXTURE_SETUP(tty)
{
	SKIP_ON_KVM(NO_CONSOLES);
	start_with(_metadata, &self->vm, &self->vcpu, RVHV_CONSOLE_TTY, &self->index);
	self->fd = open_tty(self->index, O_RDWR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(tty)
{
}

#define CALL(...)	sbi(_metadata, &self->vcpu, (struct call){ __VA_ARGS__ })

TEST(output)
{
	const unsigned long n = strlen("before a reader comes\r\n"), m = strlen("and after\r\n");
	char buf[256] = "";
	struct rvcpu vcpu;
	struct sbiret ret;
	struct rvm vm;
	uint32_t index;
	int fd;

	SKIP_ON_KVM(NO_CONSOLES);
	start_with(_metadata, &vm, &vcpu, RVHV_CONSOLE_TTY, &index);
	put_text(&vm, "before a reader comes\r\nand after\r\n");
	ret = SBI(SBI_DBCN, DBCN_WRITE, { n, FREE });
	EXPECT_EQ(0, ret.error);
	EXPECT_EQ(n, ret.value);
	fd = open_tty(index, O_RDWR);
	ASSERT_LE(0, fd);
	EXPECT_EQ(n, read_all(fd, buf, n));
	EXPECT_EQ(m, SBI(SBI_DBCN, DBCN_WRITE, { m, FREE + n }).value);
	EXPECT_EQ(m, read_all(fd, buf + n, m));
	EXPECT_STREQ("before a reader comes\r\nand after\r\n", buf);

	EXPECT_EQ(0, SBI(SBI_DBCN, DBCN_WRITE_BYTE, { -256UL + 'x', -1UL, -1UL }).error);
	EXPECT_EQ(0, SBI(SBI_DBCN, DBCN_WRITE_BYTE, { 'y' }).value);
	EXPECT_EQ(2, read_all(fd, buf, 2));
	EXPECT_EQ(0, memcmp(buf, "xy", 2));
}

/* All bytes arrive unchanged in both directions. Nothing is echoed. */
TEST_F(tty, all_bytes)
{
	unsigned char bytes[256], buf[512];
	struct sbiret ret;

	for (int i = 0; i < 256; i++)
		bytes[i] = i;
	memcpy(guest_mem(&self->vm), bytes, 256);
	EXPECT_EQ(256, CALL(SBI_DBCN, DBCN_WRITE, { 256, FREE }).value);
	ASSERT_EQ(256, read_all(self->fd, (char *)buf, 256));
	EXPECT_EQ(0, memcmp(bytes, buf, 256));

	EXPECT_EQ(0, CALL(SBI_DBCN, DBCN_READ, { 4096, FREE }).value);
	ASSERT_EQ(256, write(self->fd, bytes, 256));
	memset(guest_mem(&self->vm), 0xaa, 4096);
	ret = CALL(SBI_DBCN, DBCN_READ, { 100, FREE + 1 });
	EXPECT_EQ(0, ret.error);
	EXPECT_EQ(100, ret.value);
	EXPECT_EQ(156, CALL(SBI_DBCN, DBCN_READ, { 4096, FREE + 101 }).value);
	EXPECT_EQ(0, memcmp(bytes, guest_mem(&self->vm) + 1, 256));
	EXPECT_EQ(0xaa, (unsigned char)guest_mem(&self->vm)[0]);
	EXPECT_EQ(0xaa, (unsigned char)guest_mem(&self->vm)[257]);
	EXPECT_EQ(0, CALL(SBI_DBCN, DBCN_READ, { 1, FREE }).value);
	fcntl(self->fd, F_SETFL, O_NONBLOCK);
	EXPECT_EQ(-1, read(self->fd, buf, 1));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(tty, legacy)
{
	struct sbiret ret;
	char byte = 0;

	ret = CALL(LEGACY_PUTCHAR, 77, { 'p', 1234 });
	EXPECT_EQ(0, ret.error);
	EXPECT_EQ(1234, ret.value);
	EXPECT_EQ(1, read_all(self->fd, &byte, 1));
	EXPECT_EQ('p', byte);
	EXPECT_EQ(-1, CALL(LEGACY_GETCHAR, 0, { 0, 1234 }).error);
	ASSERT_EQ(1, write(self->fd, "\xff", 1));
	ret = CALL(LEGACY_GETCHAR, 0, { 0, 1234 });
	EXPECT_EQ(0xff, ret.error);
	EXPECT_EQ(1234, ret.value);
}

/* A read-only page follows the guest's memory. */
#define MEM_END		(RVM_BASE + RVM_SIZE)
#define RO_END		(MEM_END + RVM_PAGE)

TEST_F(tty, ranges)
{
	static const struct {
		unsigned long len, lo, hi;
		long write, read;
	} range[] = {
		{ 0, FREE, 0, 0, 0 },
		{ 0, 0, 0, 0, 0 },
		{ 0, -1UL, 0, 0, 0 },
		{ 0, FREE, 1, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
		{ 1, FREE, 1, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
		{ 1, FREE, 1UL << 63, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
		{ 1, 0, 0, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
		{ 1, RVM_MMIO, 0, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
		{ 1, RVM_BASE - 1, 0, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
		{ 2, RVM_BASE - 1, 0, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
		{ 1, MEM_END - 1, 0, 1, 1 },
		{ 2, MEM_END - 1, 0, 2, SBI_ERR_INVALID_PARAM },
		{ 1, MEM_END, 0, 1, SBI_ERR_INVALID_PARAM },
		{ 1, RO_END - 1, 0, 1, SBI_ERR_INVALID_PARAM },
		{ 2, RO_END - 1, 0, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
		{ 1, RO_END, 0, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
		{ 1, -1UL, 0, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
		{ -1UL, FREE, 0, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
		{ -FREE, FREE, 0, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
		{ -1UL, 1, 0, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
		{ 1UL << 63, 1UL << 63, 0, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
	};
	struct sbiret ret;
	char byte;

	rvm_set_slot(&self->vm, 1, KVM_MEM_READONLY, MEM_END, RVM_PAGE, rvm_anon(RVM_PAGE));
	for (int i = 0; i < ARRAY_SIZE(range); i++) {
		struct call call = { SBI_DBCN, DBCN_WRITE,
				     { range[i].len, range[i].lo, range[i].hi } };

		ret = sbi(_metadata, &self->vcpu, call);
		EXPECT_EQ(range[i].write < 0 ? range[i].write : 0, ret.error) {
			TH_LOG("write, range %d", i);
		}
		EXPECT_EQ(range[i].write < 0 ? 0 : range[i].write, ret.value);
		for (long n = 0; n < range[i].write; n++)
			EXPECT_EQ(1, read_all(self->fd, &byte, 1));

		/* Input that could not be stored stays queued. */
		ASSERT_EQ(2, write(self->fd, "ab", 2));
		call.fid = DBCN_READ;
		ret = sbi(_metadata, &self->vcpu, call);
		EXPECT_EQ(range[i].read < 0 ? range[i].read : 0, ret.error) {
			TH_LOG("read, range %d", i);
		}
		EXPECT_EQ(range[i].read < 0 ? 0 : range[i].read, ret.value);
		EXPECT_EQ(2, ret.value + CALL(SBI_DBCN, DBCN_READ, { 16, FREE }).value);
	}
	fcntl(self->fd, F_SETFL, O_NONBLOCK);
	EXPECT_EQ(-1, read(self->fd, &byte, 1));
}

/* A slot whose memory the VMM has unmapped */
TEST_F(tty, nothing_behind_the_slot)
{
	munmap(guest_mem(&self->vm) + RVM_PAGE, RVM_PAGE);
	EXPECT_EQ(SBI_ERR_FAILED, CALL(SBI_DBCN, DBCN_WRITE, { 16, FREE + RVM_PAGE }).error);
	EXPECT_EQ(16, CALL(SBI_DBCN, DBCN_WRITE, { 16, FREE }).value);
	ASSERT_EQ(4, write(self->fd, "lost", 4));
	EXPECT_EQ(SBI_ERR_FAILED, CALL(SBI_DBCN, DBCN_READ, { 16, FREE + RVM_PAGE }).error);
}

/* ---- flow control ---- */

/* Without a reader writes become short, then empty. Nothing is lost. */
TEST_F(tty, reader_stalls)
{
	size_t total, rest, i;
	char *buf;

	total = fill(_metadata, &self->vm, &self->vcpu);
	EXPECT_LT(16384, total);
	EXPECT_GT(65536, total);
	buf = malloc(total + 16);
	ASSERT_EQ(total, read_all(self->fd, buf, total));
	for (i = 0; i < total && buf[i] == pattern(i); i++)
		;
	EXPECT_EQ(total, i);
	put_text(&self->vm, "next");
	EXPECT_EQ(4, CALL(SBI_DBCN, DBCN_WRITE, { 4, FREE }).value);
	rest = read_all(self->fd, buf, 4);
	ASSERT_EQ(4, rest);
	EXPECT_EQ(0, memcmp(buf, "next", 4));
}

/* While the tty is closed writes do not wait, and the newest output is kept. */
TEST(no_reader)
{
	static char buf[65536];
	size_t i, n, total = 0;
	struct rvcpu vcpu;
	struct rvm vm;
	uint32_t index;
	int fd;

	SKIP_ON_KVM(NO_CONSOLES);
	start_with(_metadata, &vm, &vcpu, RVHV_CONSOLE_TTY, &index);
	while (total < 50000) {
		for (int j = 0; j < 1000; j++)
			guest_mem(&vm)[j] = pattern(total + j);
		ASSERT_EQ(1000, SBI(SBI_DBCN, DBCN_WRITE, { 1000, FREE }).value);
		total += 1000;
	}
	EXPECT_EQ(0, SBI(SBI_DBCN, DBCN_WRITE_BYTE, { pattern(total) }).error);
	total++;
	fd = open_tty(index, O_RDWR);
	ASSERT_LE(0, fd);
	n = read_all(fd, buf, 16384);
	ASSERT_EQ(16384, n);
	for (i = 0; i < n && buf[i] == pattern(total - n + i); i++)
		;
	EXPECT_EQ(n, i);
}

/* write_byte waits for the reader. A signal ends KVM_RUN; the call is repeated. */
TEST_F(tty, write_byte_waits)
{
	struct vcpu_thread thread;
	struct guest_shared *s;
	size_t total;
	char *buf;

	catch_signal(SIGUSR1);
	total = fill(_metadata, &self->vm, &self->vcpu);
	s = rvm_shared(&self->vm);
	s->val[1] = DBCN_WRITE_BYTE;
	s->val[2] = 'z';
	s->val[10] = 55;
	vcpu_thread_start(&thread, &self->vcpu);
	usleep(200000);
	EXPECT_EQ(1, thread.ret);
	EXPECT_EQ(-EINTR, vcpu_thread_stop(&thread));
	EXPECT_EQ(55, s->val[10]);

	vcpu_thread_start(&thread, &self->vcpu);
	usleep(200000);
	EXPECT_EQ(1, thread.ret);
	buf = malloc(total + 1);
	EXPECT_EQ(total + 1, read_all(self->fd, buf, total + 1));
	EXPECT_EQ('z', buf[total]);
	EXPECT_EQ(0, vcpu_thread_join(&thread));
	EXPECT_EQ(0, s->val[10]);
	EXPECT_EQ(0, s->val[11]);
}

/* Closing the tty ends the wait: new output replaces old output. */
TEST_F(tty, write_byte_ends_at_close)
{
	struct vcpu_thread thread;
	struct guest_shared *s;

	fill(_metadata, &self->vm, &self->vcpu);
	s = rvm_shared(&self->vm);
	s->val[1] = DBCN_WRITE_BYTE;
	vcpu_thread_start(&thread, &self->vcpu);
	usleep(100000);
	EXPECT_EQ(1, thread.ret);
	close(self->fd);
	EXPECT_EQ(0, vcpu_thread_join(&thread));
	EXPECT_EQ(0, s->val[10]);
}

TEST(input_flow)
{
	static char buf[8192];
	struct rvcpu vcpu;
	struct rvm vm;
	uint32_t index;
	ssize_t n;
	int fd;

	SKIP_ON_KVM(NO_CONSOLES);
	start_with(_metadata, &vm, &vcpu, RVHV_CONSOLE_TTY, &index);
	fd = open_tty(index, O_RDWR | O_NONBLOCK);
	ASSERT_LE(0, fd);
	/* Flow control stops the host's output. */
	ASSERT_EQ(0, tcflow(fd, TCOOFF));
	ASSERT_EQ(1, write(fd, "x", 1));
	EXPECT_EQ(0, SBI(SBI_DBCN, DBCN_READ, { 1, FREE }).value);
	EXPECT_EQ(-1, SBI(LEGACY_GETCHAR, 0).error);
	ASSERT_EQ(0, tcflow(fd, TCOON));
	EXPECT_EQ(1, SBI(SBI_DBCN, DBCN_READ, { 1, FREE }).value);
	memset(buf, 'i', sizeof(buf));
	n = write(fd, buf, sizeof(buf));
	EXPECT_EQ(4096, n);
	EXPECT_EQ(-1, write(fd, buf, 1));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(100, SBI(SBI_DBCN, DBCN_READ, { 100, FREE }).value);
	EXPECT_EQ(100, write(fd, buf, sizeof(buf)));
	ASSERT_EQ(0, tcflush(fd, TCOFLUSH));
	EXPECT_EQ(0, SBI(SBI_DBCN, DBCN_READ, { 100, FREE }).value);
	/* Input before a close arrives. */
	ASSERT_EQ(3, write(fd, "bye", 3));
	close(fd);
	EXPECT_EQ(3, SBI(SBI_DBCN, DBCN_READ, { 100, FREE }).value);
}

/* ---- several at once ---- */

#define CHUNK	100
#define CHUNKS	300

/* Write one letter many times. Writes may be short. */
static __guest void guest_writer(unsigned long addr, unsigned long letter)
{
	struct sbiret ret;

	for (unsigned long i = 0; i < CHUNKS; i++) {
		for (unsigned long done = 0; done < CHUNK; done += ret.value) {
			ret = guest_ecall(SBI_DBCN, DBCN_WRITE, CHUNK - done, addr, 0, 0, 0);
			GUEST_ASSERT_EQ(ret.error, 0);
		}
		if (i % 3 == 0)
			guest_ecall(SBI_DBCN, DBCN_WRITE_BYTE, letter, 0, 0, 0, 0);
	}
	guest_done(0);
}

TEST(two_vcpus)
{
	size_t count[2] = {}, want = CHUNK * CHUNKS + CHUNKS / 3;
	struct vcpu_thread thread[2];
	struct rvcpu vcpu[2];
	char buf[1000];
	struct rvm vm;
	uint32_t index;
	int fd;

	SKIP_ON_KVM(NO_CONSOLES);
	start_with(_metadata, &vm, &vcpu[0], RVHV_CONSOLE_TTY, &index);
	rvcpu_create(&vm, 1, &vcpu[1]);
	fd = open_tty(index, O_RDWR);
	ASSERT_LE(0, fd);
	for (int i = 0; i < 2; i++) {
		memset(guest_mem(&vm) + i * RVM_PAGE, 'a' + i, CHUNK);
		rvcpu_set_mp_state(&vcpu[i], KVM_MP_STATE_RUNNABLE);
		rvcpu_start_at(&vcpu[i], guest_writer, FREE + i * RVM_PAGE, 'a' + i);
		vcpu_thread_start(&thread[i], &vcpu[i]);
	}
	while (count[0] + count[1] < 2 * want) {
		size_t n, rest = 2 * want - count[0] - count[1];

		n = read_all(fd, buf, rest < sizeof(buf) ? rest : sizeof(buf));
		if (!n)
			break;
		for (size_t i = 0; i < n; i++)
			count[buf[i] == 'b']++;
	}
	EXPECT_EQ(want, count[0]);
	EXPECT_EQ(want, count[1]);
	for (int i = 0; i < 2; i++)
		THREAD_SAYS_DONE(&thread[i]);
}

TEST(two_vms)
{
	struct call two = { SBI_DBCN, DBCN_WRITE_BYTE, { '2' } };
	struct rvcpu vcpu, other;
	struct rvm vm, vm2;
	uint32_t index, index2;
	char buf[8] = "";
	int fd, fd2;

	SKIP_ON_KVM(NO_CONSOLES);
	start_with(_metadata, &vm, &vcpu, RVHV_CONSOLE_TTY, &index);
	start_with(_metadata, &vm2, &other, RVHV_CONSOLE_TTY, &index2);
	ASSERT_NE(index, index2);
	fd = open_tty(index, O_RDWR);
	fd2 = open_tty(index2, O_RDWR);
	ASSERT_LE(0, fd);
	ASSERT_LE(0, fd2);
	EXPECT_EQ(0, SBI(SBI_DBCN, DBCN_WRITE_BYTE, { '1' }).error);
	ASSERT_EQ(1, write(fd, "i", 1));
	ASSERT_EQ(1, write(fd2, "I", 1));
	EXPECT_EQ(0, sbi(_metadata, &other, two).error);
	EXPECT_EQ(1, read_all(fd, buf, 1));
	EXPECT_EQ(1, read_all(fd2, buf + 1, 1));
	EXPECT_STREQ("12", buf);
	EXPECT_EQ('i', SBI(LEGACY_GETCHAR, 0).error);
	/* The end of one VM does not affect the other. */
	end(&vm2, &other);
	EXPECT_EQ(0, read(fd2, buf, 1));
	EXPECT_EQ(0, SBI(SBI_DBCN, DBCN_WRITE_BYTE, { '3' }).error);
	EXPECT_EQ(1, read_all(fd, buf, 1));
	EXPECT_EQ('3', buf[0]);
}

TEST_HARNESS_MAIN
