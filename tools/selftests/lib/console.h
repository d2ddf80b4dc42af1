/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests of the debug console in the kernel */
#ifndef RVM_CONSOLE_H
#define RVM_CONSOLE_H

#include "sbi_call.h"

#include <fcntl.h>
#include <linux/rvhv.h>
#include <poll.h>
#include <stdio.h>

#define DBCN_WRITE		0
#define DBCN_READ		1
#define DBCN_WRITE_BYTE		2
#define LEGACY_PUTCHAR		1
#define LEGACY_GETCHAR		2

#define FREE			(RVM_BASE + RVM_FREE_OFF)
#define TTYS			64

#define NO_CONSOLES		"has no consoles of its own"

static inline char *guest_mem(struct rvm *vm)
{
	return (char *)vm->mem + RVM_FREE_OFF;
}

static inline void put_text(struct rvm *vm, const char *text)
{
	memcpy(guest_mem(vm), text, strlen(text));
}

static inline long set_console(struct rvm *vm, uint32_t sink, uint32_t *index)
{
	struct rvhv_console_config config = { .sink = sink, .index = *index };
	long ret = IOCTL(vm->fd, RVHV_SET_CONSOLE, &config);

	*index = config.index;
	return ret;
}

/* The tty layer releases a closed tty asynchronously. */
static inline long set_tty_soon(struct rvm *vm, uint32_t index)
{
	long ret;

	for (int i = 0; i < 300; i++) {
		ret = set_console(vm, RVHV_CONSOLE_TTY, &index);
		if (ret != -EBUSY)
			break;
		usleep(10000);
	}
	return ret;
}

static inline int open_tty(uint32_t index, int flags)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/dev/ttyRVHV%u", index);
	fd = open(path, flags | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static inline bool tty_is_there(uint32_t index)
{
	int fd = open_tty(index, O_RDWR | O_NONBLOCK);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Read until @len bytes, a second without input, or EOF. Returns the number of bytes. */
static inline size_t read_all(int fd, char *buf, size_t len)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	size_t done = 0;
	ssize_t n;

	while (done < len && poll(&pfd, 1, 1000) > 0) {
		n = read(fd, buf + done, len - done);
		if (n <= 0)
			break;
		done += n;
	}
	return done;
}

static inline void start_with(struct __test_metadata *_metadata, struct rvm *vm, struct rvcpu *vcpu,
			      uint32_t sink, uint32_t *index)
{
	rvm_create(vm);
	*index = sink == RVHV_CONSOLE_TTY ? RVHV_CONSOLE_ANY : 0;
	ASSERT_EQ(0, set_console(vm, sink, index));
	rvcpu_create(vm, 0, vcpu);
	rvcpu_start_at(vcpu, guest_call, 0, 0);
}

static inline void end(struct rvm *vm, struct rvcpu *vcpu)
{
	rvcpu_destroy(vcpu);
	rvm_destroy(vm);
}

static inline char pattern(size_t i)
{
	return i * 7 + (i >> 8);
}

/* Write until no byte is taken. */
static inline size_t fill(struct __test_metadata *_metadata, struct rvm *vm, struct rvcpu *rvcpu)
{
	struct rvcpu vcpu = *rvcpu;
	size_t total = 0;
	int nothing = 0;

	while (nothing < 5 && total < 1 << 20) {
		struct sbiret ret;

		for (int i = 0; i < 4096; i++)
			guest_mem(vm)[i] = pattern(total + i);
		ret = SBI(SBI_DBCN, DBCN_WRITE, { 4096, FREE });
		EXPECT_EQ(0, ret.error);
		EXPECT_GE(4096, ret.value);
		total += ret.value;
		nothing = ret.value ? 0 : nothing + 1;
		/* The host moves output between buffers asynchronously. */
		usleep(ret.value ? 1000 : 30000);
	}
	return total;
}

#endif
