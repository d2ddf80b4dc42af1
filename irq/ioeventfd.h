/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_IOEVENTFD_H
#define _RVHV_IOEVENTFD_H

#include <linux/rcupdate.h>

#include "io.h"

struct eventfd_ctx;

/* An eventfd, and the stores that signal it */
struct rvhv_ioeventfd {
	u64 addr;
	u64 match;		/* the value stored, unless wildcard */
	struct eventfd_ctx *ctx;	/* holds a reference */
	u32 len;		/* 1, 2, 4 or 8; 0: any */
	bool wildcard;
};

/* The ioeventfds of one address space, published under RCU, by ascending address */
struct rvhv_ioeventfds {
	struct rcu_head rcu;
	unsigned int nr;
	struct rvhv_ioeventfd e[];
};

void rvhv_ioeventfd_init(struct rvhv_io *io);
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
