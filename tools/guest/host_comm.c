// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's end of rvhv's host channel as a device file: a write to /dev/host_comm sends a
 * message to the host, a read receives one.
 *
 * This is an example of a guest that calls the SBI extension HOST. The extension has no interrupt:
 * a waiting caller polls, at growing intervals.
 */
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/sbi.h>

#define EID_HOST	0x484F5354
#define FID_SEND	0	/* a0: length, a1 and a2: physical address */
#define FID_RECEIVE	1	/* a0: size, a1 and a2: physical address; returns the length */
#define MESSAGE_MAX	4096

#define LONGEST_SLEEP_MS	64

/**
 * struct end - one direction
 * @lock: one caller at a time
 * @message: buffer, contiguous in physical memory
 * @len: length of a received message that did not fit the reader's buffer; 0: none
 */
struct end {
	struct mutex lock;
	u8 *message;
	size_t len;
};

static struct end in, out;

static bool channel_is_open(void)
{
	return sbi_probe_extension(EID_HOST) > 0;
}

/* The result, -EAGAIN, or -ENXIO: the host has closed its end */
static long call_host(unsigned long fid, const void *message, size_t len)
{
	unsigned long gpa = virt_to_phys((void *)message);
	struct sbiret ret = sbi_ecall(EID_HOST, fid, len, gpa, 0, 0, 0, 0);

	switch (ret.error) {
	case SBI_SUCCESS:
		return ret.value;
	case SBI_ERR_NOT_SUPPORTED:
		return -ENXIO;
	default:
		/* Length and address are valid, so the queue is full or empty. */
		return -EAGAIN;
	}
}

static long call_host_waiting(unsigned long fid, const void *message, size_t len, bool block)
{
	unsigned int ms = 1;
	long ret;

	for (;;) {
		ret = call_host(fid, message, len);
		if (ret != -EAGAIN || !block)
			return ret;
		if (msleep_interruptible(ms) || signal_pending(current))
			return -ERESTARTSYS;
		ms = min(2 * ms, LONGEST_SLEEP_MS);
	}
}

static ssize_t send(const char __user *from, size_t len, bool block)
{
	long ret;

	if (copy_from_user(out.message, from, len))
		return -EFAULT;
	ret = call_host_waiting(FID_SEND, out.message, len, block);
	if (ret == -ENXIO)
		return -EPIPE;
	return ret < 0 ? ret : len;
}

static ssize_t host_comm_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	ssize_t ret;

	if (!len)
		return -EINVAL;
	if (len > MESSAGE_MAX)
		return -EMSGSIZE;
	if (mutex_lock_interruptible(&out.lock))
		return -ERESTARTSYS;
	ret = send(from, len, !(file->f_flags & O_NONBLOCK));
	mutex_unlock(&out.lock);
	return ret;
}

/* The message stays here until a reader has taken it. */
static ssize_t receive(char __user *to, size_t size, bool block)
{
	size_t len;
	long ret;

	if (!in.len) {
		ret = call_host_waiting(FID_RECEIVE, in.message, MESSAGE_MAX, block);
		if (ret < 0)
			return ret;
		in.len = min_t(size_t, ret, MESSAGE_MAX);
	}
	if (in.len > size)
		return -EMSGSIZE;
	if (copy_to_user(to, in.message, in.len))
		return -EFAULT;
	len = in.len;
	in.len = 0;
	return len;
}

static ssize_t host_comm_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	ssize_t ret;

	if (mutex_lock_interruptible(&in.lock))
		return -ERESTARTSYS;
	ret = receive(to, size, !(file->f_flags & O_NONBLOCK));
	mutex_unlock(&in.lock);
	return ret;
}

static int host_comm_open(struct inode *inode, struct file *file)
{
	return channel_is_open() ? stream_open(inode, file) : -ENXIO;
}

static const struct file_operations host_comm_fops = {
	.owner = THIS_MODULE,
	.open = host_comm_open,
	.read = host_comm_read,
	.write = host_comm_write,
};

static struct miscdevice host_comm_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "host_comm",
	.fops = &host_comm_fops,
	.mode = 0600,
};

static int __init host_comm_init(void)
{
	int ret = -ENOMEM;

	if (!channel_is_open())
		return -ENODEV;
	mutex_init(&in.lock);
	mutex_init(&out.lock);
	in.message = kmalloc(MESSAGE_MAX, GFP_KERNEL);
	out.message = kmalloc(MESSAGE_MAX, GFP_KERNEL);
	if (in.message && out.message)
		ret = misc_register(&host_comm_device);
	if (ret) {
		kfree(in.message);
		kfree(out.message);
	}
	return ret;
}

static void __exit host_comm_exit(void)
{
	misc_deregister(&host_comm_device);
	kfree(in.message);
	kfree(out.message);
}

module_init(host_comm_init);
module_exit(host_comm_exit);

MODULE_DESCRIPTION("Guest's end of rvhv's host channel");
MODULE_LICENSE("GPL");
