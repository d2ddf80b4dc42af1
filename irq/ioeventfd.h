/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ioeventfd: a guest's store to one address signals an eventfd.
 */
#ifndef _RVHV_IOEVENTFD_H
#define _RVHV_IOEVENTFD_H

#include <linux/rcupdate.h>

#include "io.h"

struct eventfd_ctx;

/**
 * struct rvhv_ioeventfd - what to signal, and on which store
 * @addr: guest physical address of the store
 * @match: value it must store, unless @wildcard
 * @ctx: the eventfd, one reference
 * @len: its length: 1, 2, 4 or 8; 0 for any
 * @wildcard: any value will do
 */
struct rvhv_ioeventfd {
	u64 addr;
	u64 match;
	struct eventfd_ctx *ctx;
	u32 len;
	bool wildcard;
};

/**
 * struct rvhv_ioeventfds - the published ioeventfds of one address space
 * @rcu: frees the array after its last reader
 * @nr: number of entries
 * @e: entries, ascending addresses
 */
struct rvhv_ioeventfds {
	struct rcu_head rcu;
	unsigned int nr;
	struct rvhv_ioeventfd e[];
};

bool rvhv_ioeventfd_valid(const struct rvhv_ioeventfd *e);
bool rvhv_ioeventfd_hit(const struct rvhv_ioeventfd *e, u64 addr, unsigned int len, u64 val);
bool rvhv_ioeventfd_clash(const struct rvhv_ioeventfd *a, const struct rvhv_ioeventfd *b);
const struct rvhv_ioeventfd *rvhv_ioeventfd_find(const struct rvhv_ioeventfds *set, u64 addr,
						 unsigned int len, u64 val);
int rvhv_ioeventfd_add(struct rvhv_io *io, enum rvhv_io_space space,
		       const struct rvhv_ioeventfd *new);
int rvhv_ioeventfd_remove(struct rvhv_io *io, enum rvhv_io_space space,
			  const struct rvhv_ioeventfd *old);
int rvhv_ioeventfd_assign(struct rvhv_io *io, enum rvhv_io_space space, int fd,
			  const struct rvhv_ioeventfd *match);
int rvhv_ioeventfd_deassign(struct rvhv_io *io, enum rvhv_io_space space, int fd,
			    const struct rvhv_ioeventfd *match);
void rvhv_ioeventfd_destroy(struct rvhv_io *io);

#endif /* _RVHV_IOEVENTFD_H */
