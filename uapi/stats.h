/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KVM's binary statistics: a file of header, name, descriptors and values.
 */
#ifndef _RVHV_STATS_H
#define _RVHV_STATS_H

#include <linux/types.h>

#include "abi.h"

/**
 * struct rvhv_stats_file - what a statistics file shows
 * @header: first bytes of the file
 * @id: name of the VM or vCPU, follows
 * @desc: descriptors, follow; their number is in @header
 * @values: the counters, follow; they change under the reader
 * @nr_values: how many
 */
struct rvhv_stats_file {
	struct kvm_stats_header header;
	char id[KVM_STATS_NAME_SIZE];
	const struct kvm_stats_desc *desc;
	const u64 *values;
	unsigned int nr_values;
};

void rvhv_stats_init(struct rvhv_stats_file *stats, const struct kvm_stats_desc *desc,
		     unsigned int nr_desc, const u64 *values, unsigned int nr_values);
ssize_t rvhv_stats_read(const struct rvhv_stats_file *stats, char __user *user, size_t size,
			loff_t *pos);

#endif /* _RVHV_STATS_H */
