// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctls of /dev/rvhv.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "abi.h"
#include "ioctl_tables.h"

static long get_api_version(struct rvhv_ioctl_call *call)
{
	return KVM_API_VERSION;
}

/* The run page and the coalesced MMIO ring */
static long get_vcpu_mmap_size(struct rvhv_ioctl_call *call)
{
	return 2 * PAGE_SIZE;
}

static const struct rvhv_ioctl rows[] = {
	RVHV_IOCTL(KVM_GET_API_VERSION, RVHV_IOCTL_NONE, get_api_version),
	RVHV_IOCTL(KVM_CREATE_VM, RVHV_IOCTL_VALUE, rvhv_ioctl_create_vm),
	RVHV_IOCTL(KVM_CHECK_EXTENSION, RVHV_IOCTL_VALUE, rvhv_ioctl_check_extension),
	RVHV_IOCTL(KVM_GET_VCPU_MMAP_SIZE, RVHV_IOCTL_NONE, get_vcpu_mmap_size),
};

const struct rvhv_ioctl_table rvhv_dev_ioctls = {
	.name = "/dev/rvhv",
	.rows = rows,
	.nr = ARRAY_SIZE(rows),
	.unknown = -EINVAL,
};

static long dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return rvhv_ioctl(&rvhv_dev_ioctls, NULL, cmd, arg);
}

const struct file_operations rvhv_dev_fops = {
	.owner = THIS_MODULE,
	.open = rvhv_no_compat_open,
	.unlocked_ioctl = dev_ioctl,
	.compat_ioctl = rvhv_no_compat_ioctl,
	.llseek = noop_llseek,
};
