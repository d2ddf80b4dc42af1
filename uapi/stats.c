// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM's binary statistics: layout and reading of the file.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "stats.h"

/* Fill in @stats, except its id. */
void rvhv_stats_init(struct rvhv_stats_file *stats, const struct kvm_stats_desc *desc,
		     unsigned int nr_desc, const u64 *values, unsigned int nr_values)
{
	stats->header = (struct kvm_stats_header) {
		.name_size = sizeof(stats->id),
		.num_desc = nr_desc,
		.id_offset = sizeof(stats->header),
		.desc_offset = sizeof(stats->header) + sizeof(stats->id),
		.data_offset = sizeof(stats->header) + sizeof(stats->id) +
			       nr_desc * sizeof(*desc),
	};
	stats->desc = desc;
	stats->block[0] = (struct rvhv_stats_block) { values, nr_values };
	stats->block[1] = (struct rvhv_stats_block) { };
	stats->nr_values = nr_values;
}

void rvhv_stats_append(struct rvhv_stats_file *stats, const u64 *values, unsigned int nr_values)
{
	stats->block[1] = (struct rvhv_stats_block) { values, nr_values };
	stats->nr_values += nr_values;
}

/* Copy the part of a block at @offset of the file that overlaps [*pos, *pos + *left). */
static int read_block(const void *block, size_t bytes, size_t offset, char __user **user,
		      size_t *left, loff_t *pos)
{
	size_t skip = *pos - offset, n;

	if (*pos < offset || skip >= bytes || !*left)
		return 0;
	n = min(bytes - skip, *left);
	if (copy_to_user(*user, block + skip, n))
		return -EFAULT;
	*user += n;
	*left -= n;
	*pos += n;
	return 0;
}

static u64 *snapshot(const struct rvhv_stats_file *stats)
{
	u64 *values = kmalloc_array(stats->nr_values, sizeof(*values), GFP_KERNEL);
	const struct rvhv_stats_block *block;
	unsigned int i, n = 0;

	if (!values)
		return NULL;
	for (block = stats->block; block < stats->block + RVHV_STATS_BLOCKS; block++) {
		for (i = 0; i < block->nr; i++)
			values[n++] = READ_ONCE(block->values[i]);
	}
	return values;
}

ssize_t __cold rvhv_stats_read(const struct rvhv_stats_file *stats, char __user *user, size_t size,
			       loff_t *pos)
{
	const struct kvm_stats_header *header = &stats->header;
	size_t bytes = stats->nr_values * sizeof(u64), left = size;
	loff_t at = *pos;
	u64 *values;
	int ret;

	if (at < 0)
		return -EINVAL;
	ret = read_block(header, sizeof(*header), 0, &user, &left, &at);
	if (!ret)
		ret = read_block(stats->id, sizeof(stats->id), header->id_offset, &user, &left,
				 &at);
	if (!ret)
		ret = read_block(stats->desc, header->num_desc * sizeof(*stats->desc),
				 header->desc_offset, &user, &left, &at);
	if (!ret && left && at < header->data_offset + bytes) {
		values = snapshot(stats);
		if (!values)
			return -ENOMEM;
		ret = read_block(values, bytes, header->data_offset, &user, &left, &at);
		kfree(values);
	}
	if (ret)
		return ret;
	*pos = at;
	return size - left;
}
