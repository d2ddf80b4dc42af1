// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices of the kernel in one VM: registration, and the search for the device of an access.
 */
#include <linux/errno.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>

#include "coalesced.h"
#include "io.h"
#include "ioeventfd.h"

/**
 * rvhv_io_init - prepare a VM's devices
 * @io: the devices
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int rvhv_io_init(struct rvhv_io *io)
{
	io->nr_readers = 0;
	io->nr_writers = 0;
	INIT_LIST_HEAD(&io->devices);
	mutex_init(&io->device_lock);
	mutex_init(&io->lock);
	rvhv_ioeventfd_init(io);
	return rvhv_coalesced_init(io);
}

/**
 * rvhv_io_destroy - undo rvhv_io_init()
 * @io: the devices; no vCPU uses them, and whoever added one has removed it
 *
 * Context: may sleep.
 */
void rvhv_io_destroy(struct rvhv_io *io)
{
	rvhv_ioeventfd_destroy(io);
	rvhv_coalesced_destroy(io);
	WARN_ON_ONCE(!list_empty(&io->devices));
	mutex_destroy(&io->lock);
	mutex_destroy(&io->device_lock);
}

static void count(struct rvhv_io *io, const struct rvhv_io_device *dev, int change)
{
	if (dev->ops->read)
		WRITE_ONCE(io->nr_readers, io->nr_readers + change);
	if (dev->ops->write)
		WRITE_ONCE(io->nr_writers, io->nr_writers + change);
}

/**
 * rvhv_io_device_add - offer a device the accesses to its range
 * @io: the VM's devices
 * @dev: the device; stays the caller's
 *
 * Context: may sleep; vCPUs may run.
 * Return: 0; -EINVAL if the range is empty; -EEXIST if it overlaps that of a device of its rank.
 */
int __cold rvhv_io_device_add(struct rvhv_io *io, struct rvhv_io_device *dev)
{
	struct list_head *before = &io->devices;
	struct rvhv_io_device *other;

	if (dev->first > dev->last)
		return -EINVAL;

	mutex_lock(&io->device_lock);
	list_for_each_entry(other, &io->devices, node) {
		if (other->rank > dev->rank) {
			before = &other->node;
			break;
		}
		if (other->rank == dev->rank && other->first <= dev->last &&
		    dev->first <= other->last) {
			mutex_unlock(&io->device_lock);
			return -EEXIST;
		}
	}
	list_add_tail_rcu(&dev->node, before);
	count(io, dev, 1);
	mutex_unlock(&io->device_lock);
	return 0;
}

/**
 * rvhv_io_device_remove - undo rvhv_io_device_add()
 * @io: the VM's devices
 * @dev: one of them; no vCPU is inside its functions on return
 *
 * Context: may sleep; vCPUs may run.
 */
void __cold rvhv_io_device_remove(struct rvhv_io *io, struct rvhv_io_device *dev)
{
	mutex_lock(&io->device_lock);
	list_del_rcu(&dev->node);
	count(io, dev, -1);
	mutex_unlock(&io->device_lock);
	synchronize_rcu_expedited();
}

/* The access is aligned, so its end does not wrap. */
static bool covers(const struct rvhv_io_device *dev, u64 addr, unsigned int len)
{
	return addr >= READ_ONCE(dev->first) && addr + len - 1 <= READ_ONCE(dev->last);
}

/**
 * rvhv_io_read - offer a load to the devices
 * @io: the VM's devices
 * @addr: guest physical address, aligned to @len
 * @len: 1, 2, 4 or 8
 * @val: the bytes loaded, little endian; bytes beyond @len are undefined
 *
 * Context: process context, interrupts may be off, never sleeps.
 * Return: RVHV_IO_HANDLED, or RVHV_IO_UNHANDLED with @val undefined.
 */
enum rvhv_io_result rvhv_io_read(struct rvhv_io *io, u64 addr, unsigned int len, u64 *val)
{
	enum rvhv_io_result result = RVHV_IO_UNHANDLED;
	struct rvhv_io_device *dev;

	rcu_read_lock();
	list_for_each_entry_rcu(dev, &io->devices, node) {
		if (covers(dev, addr, len) && dev->ops->read &&
		    dev->ops->read(dev, addr, len, val) != RVHV_IO_UNHANDLED) {
			result = RVHV_IO_HANDLED;
			break;
		}
	}
	rcu_read_unlock();
	return result;
}

/**
 * rvhv_io_write - offer a store to the devices
 * @io: the VM's devices
 * @addr: guest physical address, aligned to @len
 * @len: 1, 2, 4 or 8
 * @val: the bytes stored, little endian; bytes beyond @len are zero
 *
 * Context: process context, interrupts may be off, never sleeps.
 * Return: RVHV_IO_HANDLED or RVHV_IO_UNHANDLED.
 */
enum rvhv_io_result rvhv_io_write(struct rvhv_io *io, u64 addr, unsigned int len, u64 val)
{
	enum rvhv_io_result result = RVHV_IO_UNHANDLED;
	struct rvhv_io_device *dev;

	rcu_read_lock();
	list_for_each_entry_rcu(dev, &io->devices, node) {
		if (covers(dev, addr, len) && dev->ops->write &&
		    dev->ops->write(dev, addr, len, val) != RVHV_IO_UNHANDLED) {
			result = RVHV_IO_HANDLED;
			break;
		}
	}
	rcu_read_unlock();
	return result;
}
