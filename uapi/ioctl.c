// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dispatcher of all ioctls: finds the row, checks the caller, copies structures, and installs
 * new file descriptors.
 */
#include <linux/anon_inodes.h>
#include <linux/compat.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "ioctl.h"

/* A linear search: tables are short and begin with the most frequent commands. */
const struct rvhv_ioctl *rvhv_ioctl_find(const struct rvhv_ioctl_table *table, unsigned int cmd)
{
	unsigned int i;

	for (i = 0; i < table->nr; i++)
		if (table->rows[i].cmd == cmd)
			return &table->rows[i];
	return NULL;
}

static long call_with_struct(const struct rvhv_ioctl *row, struct rvhv_ioctl_call *call)
{
	void __user *user = (void __user *)call->arg;
	u64 data[RVHV_IOCTL_MAX_SIZE / sizeof(u64)];
	long ret;

	if (row->kind == RVHV_IOCTL_OUT)
		memset(data, 0, row->size);
	else if (copy_from_user(data, user, row->size))
		return -EFAULT;

	call->data = data;
	ret = row->handler(call);
	if (!ret && row->kind != RVHV_IOCTL_IN && copy_to_user(user, data, row->size))
		ret = -EFAULT;
	return ret;
}

static long call_handler(const struct rvhv_ioctl *row, struct rvhv_ioctl_call *call)
{
	switch (row->kind) {
	case RVHV_IOCTL_NONE:
		if (call->arg)
			return -EINVAL;
		return row->handler(call);
	case RVHV_IOCTL_IN:
	case RVHV_IOCTL_OUT:
	case RVHV_IOCTL_INOUT:
		return call_with_struct(row, call);
	default:
		return row->handler(call);
	}
}

static void finish_file(struct rvhv_ioctl_call *call, long ret)
{
	if (ret < 0) {
		put_unused_fd(call->fd);
		fput(call->file);
	} else {
		fd_install(call->fd, call->file);
	}
}

/* Carry out command @cmd of the file that stands for @object, with the table's lock. */
long rvhv_ioctl(const struct rvhv_ioctl_table *table, void *object, unsigned int cmd,
		unsigned long arg)
{
	struct rvhv_ioctl_call call = { .object = object, .arg = arg };
	const struct rvhv_ioctl *row;
	bool locked;
	long ret;

	if (table->check) {
		ret = table->check(object);
		if (ret)
			return ret;
	}
	row = rvhv_ioctl_find(table, cmd);
	if (!row)
		return table->unknown;

	locked = table->lock && !(row->flags & RVHV_IOCTL_ASYNC);
	if (locked) {
		ret = table->lock(object);
		if (ret)
			return ret;
	}
	ret = call_handler(row, &call);
	if (locked)
		table->unlock(object);
	if (call.file)
		finish_file(&call, ret);
	return ret;
}

/*
 * Create the file that an ioctl returns, and reserve its descriptor. The dispatcher installs it if
 * the handler succeeds; else it drops the file, and @fops->release frees @private.
 */
int rvhv_ioctl_file(struct rvhv_ioctl_call *call, const char *name,
		    const struct file_operations *fops, void *private, int flags)
{
	struct file *file;
	int fd;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	file = anon_inode_getfile(name, fops, private, flags);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	call->file = file;
	call->fd = fd;
	return fd;
}

long rvhv_no_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return -EINVAL;
}

int rvhv_no_compat_open(struct inode *inode, struct file *file)
{
	return in_compat_syscall() ? -ENODEV : 0;
}
