/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One dispatcher for the ioctls of every kind of file descriptor. A new command is a new row.
 */
#ifndef _RVHV_IOCTL_H
#define _RVHV_IOCTL_H

#include <linux/build_bug.h>
#include <linux/fs.h>
#include <linux/ioctl.h>
#include <linux/types.h>

/* Bytes of the largest structure that the dispatcher copies for a handler */
#define RVHV_IOCTL_MAX_SIZE	256

/* What the argument of a command is */
enum rvhv_ioctl_kind {
	RVHV_IOCTL_NONE,	/* nothing: it must be zero */
	RVHV_IOCTL_VALUE,	/* a value */
	RVHV_IOCTL_IN,		/* address of a structure, copied in */
	RVHV_IOCTL_OUT,		/* address of a structure, copied out after success */
	RVHV_IOCTL_INOUT,	/* both */
	RVHV_IOCTL_USER,	/* address that the handler looks after: variable length */
};

/* Flags of a row */
#define RVHV_IOCTL_ASYNC	1	/* does not wait for another ioctl of the same vCPU */

/**
 * struct rvhv_ioctl_call - one ioctl in progress
 * @object: what the file descriptor stands for: a VM, a vCPU, a device
 * @arg: the argument as it came
 * @data: the structure, for RVHV_IOCTL_IN, _OUT and _INOUT
 * @file: set by rvhv_ioctl_file(): file that the call creates
 * @fd: its descriptor; @file is reachable by it only after the call has succeeded
 */
struct rvhv_ioctl_call {
	void *object;
	unsigned long arg;
	void *data;
	struct file *file;
	int fd;
};

/**
 * struct rvhv_ioctl - one command
 * @cmd: full command number
 * @size: bytes of its structure, for RVHV_IOCTL_IN, _OUT and _INOUT
 * @kind: enum rvhv_ioctl_kind
 * @flags: RVHV_IOCTL_ASYNC
 * @handler: carries the command out; returns its result or a negative errno
 */
struct rvhv_ioctl {
	unsigned int cmd;
	u16 size;
	u8 kind;
	u8 flags;
	long (*handler)(struct rvhv_ioctl_call *call);
};

/**
 * struct rvhv_ioctl_table - the commands of one kind of file descriptor
 * @name: for messages and tests
 * @rows: the commands, those in a hurry first
 * @nr: how many
 * @unknown: errno of any other command
 * @check: may this process use @object now? 0 or a negative errno; NULL for always
 * @lock: begin a command, unless its row has RVHV_IOCTL_ASYNC; 0 or a negative errno; NULL for
 *	nothing to do
 * @unlock: end it
 */
struct rvhv_ioctl_table {
	const char *name;
	const struct rvhv_ioctl *rows;
	unsigned int nr;
	int unknown;
	int (*check)(void *object);
	int (*lock)(void *object);
	void (*unlock)(void *object);
};

/* A row whose argument is not a structure */
#define RVHV_IOCTL(_cmd, _kind, _handler)					\
	{ .cmd = (_cmd), .kind = (_kind), .handler = (_handler) }

/* A row whose argument is a structure: its size must be the one in the command number */
#define RVHV_IOCTL_STRUCT(_cmd, _kind, _type, _handler)				\
	{									\
		.cmd = (_cmd),							\
		.size = sizeof(_type) +						\
			BUILD_BUG_ON_ZERO(sizeof(_type) != _IOC_SIZE(_cmd)) +	\
			BUILD_BUG_ON_ZERO(sizeof(_type) > RVHV_IOCTL_MAX_SIZE),	\
		.kind = (_kind),						\
		.handler = (_handler),						\
	}

const struct rvhv_ioctl *rvhv_ioctl_find(const struct rvhv_ioctl_table *table, unsigned int cmd);
long rvhv_ioctl(const struct rvhv_ioctl_table *table, void *object, unsigned int cmd,
		unsigned long arg);
int rvhv_ioctl_file(struct rvhv_ioctl_call *call, const char *name,
		    const struct file_operations *fops, void *private, int flags);

/* For the file_operations of every file descriptor: there is no 32-bit interface. */
long rvhv_no_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
int rvhv_no_compat_open(struct inode *inode, struct file *file);

#endif /* _RVHV_IOCTL_H */
