// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctls of in-kernel devices, and KVM_CREATE_DEVICE.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/slab.h>

#include "../rvhv_vm.h"
#include "abi.h"
#include "ioctl_device.h"
#include "ioctl_tables.h"

/* By KVM_DEV_TYPE_*; there is none so far */
static const struct rvhv_device_ops *const device_types[KVM_DEV_TYPE_MAX];

typedef int (*device_attr_fn)(struct rvhv_device *dev, const struct kvm_device_attr *attr);

static long device_attr(struct rvhv_ioctl_call *call, device_attr_fn fn)
{
	return fn ? fn(call->object, call->data) : -EPERM;
}

static long set_device_attr(struct rvhv_ioctl_call *call)
{
	struct rvhv_device *dev = call->object;

	return device_attr(call, dev->ops->set_attr);
}

static long get_device_attr(struct rvhv_ioctl_call *call)
{
	struct rvhv_device *dev = call->object;

	return device_attr(call, dev->ops->get_attr);
}

static long has_device_attr(struct rvhv_ioctl_call *call)
{
	struct rvhv_device *dev = call->object;

	return device_attr(call, dev->ops->has_attr);
}

static const struct rvhv_ioctl rows[] = {
	RVHV_IOCTL_STRUCT(KVM_SET_DEVICE_ATTR, RVHV_IOCTL_IN, struct kvm_device_attr,
			  set_device_attr),
	RVHV_IOCTL_STRUCT(KVM_GET_DEVICE_ATTR, RVHV_IOCTL_IN, struct kvm_device_attr,
			  get_device_attr),
	RVHV_IOCTL_STRUCT(KVM_HAS_DEVICE_ATTR, RVHV_IOCTL_IN, struct kvm_device_attr,
			  has_device_attr),
};

static int device_check(void *object)
{
	struct rvhv_device *dev = object;

	return rvhv_vm_usable(dev->vm);
}

const struct rvhv_ioctl_table rvhv_device_ioctls = {
	.name = "device",
	.rows = rows,
	.nr = ARRAY_SIZE(rows),
	.unknown = -ENOTTY,
	.check = device_check,
};

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return rvhv_ioctl(&rvhv_device_ioctls, file->private_data, cmd, arg);
}

/* The file has no device if creating it failed. */
static int device_release(struct inode *inode, struct file *file)
{
	struct rvhv_device *dev = file->private_data;

	if (!dev)
		return 0;
	mutex_lock(&dev->vm->lock);
	dev->ops->destroy(dev);
	mutex_unlock(&dev->vm->lock);
	rvhv_vm_put(dev->vm);
	kfree(dev);
	return 0;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = rvhv_no_compat_ioctl,
	.llseek = noop_llseek,
};

/* KVM_CREATE_DEVICE: returns the descriptor in the structure. */
long rvhv_ioctl_create_device(struct rvhv_ioctl_call *call)
{
	struct kvm_create_device *args = call->data;
	const struct rvhv_device_ops *ops;
	struct rvhv_vm *vm = call->object;
	struct rvhv_device *dev;
	int fd, ret;

	if (args->type >= ARRAY_SIZE(device_types))
		return -ENODEV;
	ops = device_types[array_index_nospec(args->type, ARRAY_SIZE(device_types))];
	if (!ops)
		return -ENODEV;
	if (args->flags & KVM_CREATE_DEVICE_TEST)
		return 0;

	dev = kzalloc(sizeof(*dev), GFP_KERNEL_ACCOUNT);
	if (!dev)
		return -ENOMEM;
	dev->ops = ops;
	dev->vm = vm;
	fd = rvhv_ioctl_file(call, ops->name, &device_fops, NULL, O_RDWR);
	if (fd < 0) {
		ret = fd;
		goto free_dev;
	}
	mutex_lock(&vm->lock);
	ret = ops->create(dev);
	mutex_unlock(&vm->lock);
	if (ret)
		goto free_dev;

	rvhv_vm_get(vm);
	call->file->private_data = dev;
	args->fd = fd;
	return 0;

free_dev:
	kfree(dev);
	return ret;
}
