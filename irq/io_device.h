/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device of the kernel: registers at a range of guest physical addresses.
 */
#ifndef _RVHV_IO_DEVICE_H
#define _RVHV_IO_DEVICE_H

#include <linux/types.h>

struct rvhv_io_device;

enum rvhv_io_result {
	RVHV_IO_UNHANDLED,	/* offer the access to the next device, at last to the VMM */
	RVHV_IO_HANDLED,
};

/**
 * struct rvhv_io_device_ops - a device's side of loads and stores
 * @read: stores the bytes loaded to @val, little endian and zero-extended; NULL without loads
 * @write: takes the bytes stored, little endian and zero-extended; NULL without stores
 *
 * @addr is a guest physical address; @len is 1, 2, 4 or 8. The access is aligned and lies in the
 * device's range.
 *
 * Context: several vCPUs may call at once, with interrupts off, in an RCU read section: must not
 * sleep, and locks must be raw.
 */
struct rvhv_io_device_ops {
	enum rvhv_io_result (*read)(struct rvhv_io_device *dev, u64 addr, unsigned int len,
				    u64 *val);
	enum rvhv_io_result (*write)(struct rvhv_io_device *dev, u64 addr, unsigned int len,
				     u64 val);
};

/* Which of several devices at one address is offered an access first */
enum rvhv_io_rank {
	RVHV_IO_RANK_EVENTFD,
	RVHV_IO_RANK_DEVICE,
	RVHV_IO_RANK_COALESCED,	/* last: a zone only defers the VMM's exits */
};

/**
 * struct rvhv_io_device - a device, embedded in its model
 * @ops: its functions
 * @first: first guest physical address
 * @last: last guest physical address
 * @rank: precedence; devices of the same rank do not overlap
 * @node: in the list of struct rvhv_io
 */
struct rvhv_io_device {
	const struct rvhv_io_device_ops *ops;
	u64 first;
	u64 last;
	enum rvhv_io_rank rank;
	struct list_head node;
};

#endif /* _RVHV_IO_DEVICE_H */
