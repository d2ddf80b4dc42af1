/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_STATS_H
#define _RVHV_STATS_H

#include <linux/types.h>

#include "abi.h"

/* Most arrays of counters in a file */
#define RVHV_STATS_BLOCKS	2

/* An array of counters, which change while they are read */
struct rvhv_stats_block {
	const u64 *values;
	unsigned int nr;
};

/* Contents of a statistics file, in order */
struct rvhv_stats_file {
	struct kvm_stats_header header;
	char id[KVM_STATS_NAME_SIZE];	/* name of the VM or vCPU */
	const struct kvm_stats_desc *desc;
	struct rvhv_stats_block block[RVHV_STATS_BLOCKS];
	unsigned int nr_values;
};

void rvhv_stats_init(struct rvhv_stats_file *stats, const struct kvm_stats_desc *desc,
		     unsigned int nr_desc, const u64 *values, unsigned int nr_values);
void rvhv_stats_append(struct rvhv_stats_file *stats, const u64 *values, unsigned int nr_values);
ssize_t rvhv_stats_read(const struct rvhv_stats_file *stats, char __user *user, size_t size,
			loff_t *pos);

#endif /* _RVHV_STATS_H */
