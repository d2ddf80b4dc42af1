// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file of the host channel.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/uio.h>

#include "../rvhv_vm.h"
#include "../sbi/host_comm.h"
#include "ioctl_tables.h"

static int copy_in(void *end, void *buf, size_t len)
{
	return copy_from_iter_full(buf, len, end) ? 0 : -EFAULT;
}

static int copy_out(void *end, void *buf, size_t len)
{
	return copy_to_iter(buf, len, end) == len ? 0 : -EFAULT;
}

static bool may_block(const struct kiocb *iocb)
{
	return !(iocb->ki_flags & IOCB_NOWAIT) && !(iocb->ki_filp->f_flags & O_NONBLOCK);
}

static ssize_t host_comm_read(struct kiocb *iocb, struct iov_iter *to)
{
	return rvhv_host_comm_read(iocb->ki_filp->private_data, iov_iter_count(to), copy_out, to,
				   may_block(iocb));
}

static ssize_t host_comm_write(struct kiocb *iocb, struct iov_iter *from)
{
	return rvhv_host_comm_write(iocb->ki_filp->private_data, iov_iter_count(from), copy_in,
				    from, may_block(iocb));
}

static __poll_t host_comm_poll(struct file *file, poll_table *wait)
{
	return rvhv_host_comm_poll(file->private_data, file, wait);
}

static int host_comm_release(struct inode *inode, struct file *file)
{
	rvhv_host_comm_close(file->private_data);
	return 0;
}

/* Iterators: readv() and writev() transfer one message. */
static const struct file_operations host_comm_fops = {
	.owner = THIS_MODULE,
	.read_iter = host_comm_read,
	.write_iter = host_comm_write,
	.poll = host_comm_poll,
	.release = host_comm_release,
};

long rvhv_ioctl_create_host_comm(struct rvhv_ioctl_call *call)
{
	struct rvhv_vm *vm = call->object;
	struct rvhv_host_comm *comm;
	int fd;

	comm = rvhv_host_comm_open(&vm->sbi);
	if (IS_ERR(comm))
		return PTR_ERR(comm);
	fd = rvhv_ioctl_file(call, "rvhv-host-comm", &host_comm_fops, comm, O_RDWR);
	if (fd < 0) {
		rvhv_host_comm_close(comm);
		return fd;
	}
	stream_open(file_inode(call->file), call->file);
	return fd;
}
