/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_IO_H
#define _RVHV_IO_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

#include "../rvhv_types.h"
#include "io_device.h"

struct rvhv_ioeventfds;
struct rvhv_zones;

/* Address spaces of KVM's ioctls. A RISC-V guest reaches RVHV_IO_MMIO only. */
enum rvhv_io_space {
	RVHV_IO_MMIO,
	RVHV_IO_PIO,
	RVHV_IO_CCW,
	RVHV_IO_SPACES,
};

/* Bounds for each address space of a VM */
#define RVHV_IO_MAX_EVENTFDS	4096
#define RVHV_IO_MAX_ZONES	1000

/**
 * struct rvhv_io - devices of the kernel in one VM
 * @nr_readers: devices that take loads; zero lets a load skip the search
 * @nr_writers: devices that take stores; zero lets a store skip the search
 * @devices: by rank; changed under @device_lock, read under RCU
 * @device_lock: serialises changes of @devices; innermost
 * @lock: serialises changes of ioeventfds and zones
 * @eventfd_device: registered while there is an ioeventfd in RVHV_IO_MMIO
 * @eventfds: ioeventfds of each space, sorted by address; NULL if there is none
 * @zone_device: registered while there is a coalesced zone in RVHV_IO_MMIO
 * @zones: coalesced zones of each space; NULL if there is none
 * @ring_lock: serialises producers of the ring
 * @ring: the coalesced MMIO ring, mapped behind the run structure of each vCPU
 */
struct rvhv_io {
	unsigned int nr_readers;
	unsigned int nr_writers;
	struct list_head devices;
	struct mutex device_lock;
	struct mutex lock;
	struct rvhv_io_device eventfd_device;
	struct rvhv_ioeventfds __rcu *eventfds[RVHV_IO_SPACES];
	struct rvhv_io_device zone_device;
	struct rvhv_zones __rcu *zones[RVHV_IO_SPACES];
	raw_spinlock_t ring_lock;
	struct page *ring;
};

int rvhv_io_init(struct rvhv_io *io);
void rvhv_io_destroy(struct rvhv_io *io);
int rvhv_io_device_add(struct rvhv_io *io, struct rvhv_io_device *dev);
void rvhv_io_device_remove(struct rvhv_io *io, struct rvhv_io_device *dev);

enum rvhv_io_result rvhv_io_read(struct rvhv_io *io, u64 addr, unsigned int len, u64 *val);
enum rvhv_io_result rvhv_io_write(struct rvhv_io *io, u64 addr, unsigned int len, u64 val);

static inline bool rvhv_io_has_readers(const struct rvhv_io *io)
{
	return READ_ONCE(io->nr_readers);
}

static inline bool rvhv_io_has_writers(const struct rvhv_io *io)
{
	return READ_ONCE(io->nr_writers);
}

#endif /* _RVHV_IO_H */
