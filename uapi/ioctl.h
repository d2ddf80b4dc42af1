/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The dispatcher of all ioctls. A new command is a new row.
 */
#ifndef _RVHV_IOCTL_H
#define _RVHV_IOCTL_H

#include <linux/build_bug.h>
#include <linux/fs.h>
#include <linux/ioctl.h>
#include <linux/types.h>

/* Bytes of the largest structure that the dispatcher copies */
#define RVHV_IOCTL_MAX_SIZE	256

/* Argument of a command */
enum rvhv_ioctl_kind {
	RVHV_IOCTL_NONE,	/* must be zero */
	RVHV_IOCTL_VALUE,	/* a value */
	RVHV_IOCTL_IN,		/* address of a structure that is copied in */
	RVHV_IOCTL_OUT,		/* address of a structure that is copied out after success */
	RVHV_IOCTL_INOUT,	/* both */
	RVHV_IOCTL_USER,	/* address of variable length data: the handler copies */
};

/* Flags of a row */
#define RVHV_IOCTL_ASYNC	1	/* runs without the table's lock */

/**
 * struct rvhv_ioctl_call - an ioctl in progress
 * @object: private data of the file: struct rvhv_vm, rvhv_vcpu_file or rvhv_device
 * @arg: argument
 * @data: kernel copy of the structure, for RVHV_IOCTL_IN, _OUT and _INOUT
 * @file: file that the call creates; set by rvhv_ioctl_file()
 * @fd: its descriptor
 */
struct rvhv_ioctl_call {
	void *object;
	unsigned long arg;
	void *data;
	struct file *file;
	int fd;
};

/**
 * struct rvhv_ioctl - a command
 * @cmd: command number, with direction, type and size
 * @size: bytes of its structure, for RVHV_IOCTL_IN, _OUT and _INOUT
 * @kind: enum rvhv_ioctl_kind
 * @flags: RVHV_IOCTL_ASYNC or 0
 * @handler: returns the ioctl's result or a negative errno
 */
struct rvhv_ioctl {
	unsigned int cmd;
	u16 size;
	u8 kind;
	u8 flags;
	long (*handler)(struct rvhv_ioctl_call *call);
};

/**
 * struct rvhv_ioctl_table - the commands of one kind of file
 * @name: for tests
 * @rows: the commands, the most frequent first
 * @nr: number of rows
 * @unknown: errno for other commands
 * @check: returns 0 or an errno if the caller may not use the object; NULL if it always may
 * @lock: taken around a handler without RVHV_IOCTL_ASYNC: 0 or a negative errno; or NULL
 * @unlock: undoes @lock
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

/* A row without a structure */
#define RVHV_IOCTL(_cmd, _kind, _handler)					\
	{ .cmd = (_cmd), .kind = (_kind), .handler = (_handler) }

/* A row with a structure, of the size that the command number contains */
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

/* For all file_operations: there is no 32-bit interface */
long rvhv_no_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
int rvhv_no_compat_open(struct inode *inode, struct file *file);

#endif /* _RVHV_IOCTL_H */
