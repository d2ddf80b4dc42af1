/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests of the host channel */
#ifndef RVM_HOST_COMM_H
#define RVM_HOST_COMM_H

#include <linux/rvhv.h>
#include <poll.h>
#include <time.h>

#include "sbi_call.h"

#define HOST		RVHV_SBI_EID_HOST_COMM
#define SEND		RVHV_HOST_COMM_SEND
#define RECEIVE		RVHV_HOST_COMM_RECEIVE
#define MAX		RVHV_HOST_COMM_MAX

/* The guest's buffer */
#define BUF_GPA		(RVM_BASE + RVM_FREE_OFF)
#define BUF(vm)		((uint8_t *)(vm)->mem + RVM_FREE_OFF)

/* A system call's value, or -errno */
#define SYS(call)	({ long _r = (call); _r < 0 ? -(long)errno : _r; })

static inline int channel(struct rvm *vm)
{
	return IOCTL(vm->fd, RVHV_CREATE_HOST_COMM, 0);
}

static inline short poll_now(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP };

	return poll(&p, 1, 0) < 0 ? -1 : p.revents;
}

static inline void sleep_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

#endif
