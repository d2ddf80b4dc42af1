/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In-kernel devices. A new type is a row of the table in ioctl_device.c.
 */
#ifndef _RVHV_IOCTL_DEVICE_H
#define _RVHV_IOCTL_DEVICE_H

struct kvm_device_attr;
struct rvhv_device_ops;
struct rvhv_vm;

/**
 * struct rvhv_device - a device
 * @ops: its type
 * @vm: its VM, with a reference
 * @private: data of the type
 */
struct rvhv_device {
	const struct rvhv_device_ops *ops;
	struct rvhv_vm *vm;
	void *private;
};

/**
 * struct rvhv_device_ops - a type of devices
 * @name: class of its files, shown in /proc
 * @create: set dev->private; the caller holds vm->lock. 0 or a negative errno
 * @destroy: undo @create; the caller holds vm->lock
 * @set_attr: KVM_SET_DEVICE_ATTR; NULL for -EPERM. Takes locks itself, as do the others
 * @get_attr: KVM_GET_DEVICE_ATTR; NULL for -EPERM
 * @has_attr: KVM_HAS_DEVICE_ATTR; NULL for -EPERM
 */
struct rvhv_device_ops {
	const char *name;
	int (*create)(struct rvhv_device *dev);
	void (*destroy)(struct rvhv_device *dev);
	int (*set_attr)(struct rvhv_device *dev, const struct kvm_device_attr *attr);
	int (*get_attr)(struct rvhv_device *dev, const struct kvm_device_attr *attr);
	int (*has_attr)(struct rvhv_device *dev, const struct kvm_device_attr *attr);
};

#endif /* _RVHV_IOCTL_DEVICE_H */
