// SPDX-License-Identifier: GPL-2.0-only
/* Binary statistics: the layout and the counts */
#include "check.h"

#include <stdlib.h>

static __guest void guest_exits(unsigned long a0, unsigned long a1)
{
	for (;;) {
		for (int i = 0; i < 100; i++)
			guest_ecall(SBI_BASE, 0, 0, 0, 0, 0, 0);
		guest_sync(0);
	}
}

struct stats {
	struct kvm_stats_header header;
	struct kvm_stats_desc *desc;
	char *raw;
	size_t raw_size, desc_size;
};

static struct kvm_stats_desc *desc_of(struct stats *s, int i)
{
	return (void *)(s->raw + s->header.desc_offset + i * s->desc_size);
}

static void read_stats(struct __test_metadata *_metadata, int fd, struct stats *s)
{
	ssize_t n;

	ASSERT_EQ(sizeof(s->header), pread(fd, &s->header, sizeof(s->header), 0));
	ASSERT_LT(0, s->header.name_size);
	ASSERT_GE(256, s->header.name_size);
	s->desc_size = sizeof(struct kvm_stats_desc) + s->header.name_size;
	s->raw = calloc(1, 1 << 16);
	n = pread(fd, s->raw, 1 << 16, 0);
	ASSERT_LT(0, n);
	s->raw_size = n;
}

static void check_layout(struct __test_metadata *_metadata, struct stats *s)
{
	struct kvm_stats_header *h = &s->header;
	size_t values = 0;

	EXPECT_LT(0, h->num_desc);
	EXPECT_LE(sizeof(*h), h->id_offset);
	EXPECT_LE(h->id_offset + h->name_size, h->desc_offset);
	EXPECT_LE(h->desc_offset + h->num_desc * s->desc_size, h->data_offset);
	EXPECT_LT(0, strnlen(s->raw + h->id_offset, h->name_size));
	EXPECT_GT(h->name_size, strnlen(s->raw + h->id_offset, h->name_size));
	for (int i = 0; i < h->num_desc; i++) {
		struct kvm_stats_desc *d = desc_of(s, i);

		EXPECT_GE(KVM_STATS_TYPE_MAX, d->flags & KVM_STATS_TYPE_MASK);
		EXPECT_GE(KVM_STATS_UNIT_MAX, d->flags & KVM_STATS_UNIT_MASK);
		EXPECT_GE(KVM_STATS_BASE_MAX, d->flags & KVM_STATS_BASE_MASK);
		EXPECT_EQ(0, d->flags >> 12);
		EXPECT_LT(0, d->size);
		EXPECT_EQ(0, d->offset % 8);
		EXPECT_LE(h->data_offset + d->offset + d->size * 8, s->raw_size);
		EXPECT_LT(0, strnlen(d->name, h->name_size));
		EXPECT_GT(h->name_size, strnlen(d->name, h->name_size));
		for (int j = 0; j < i; j++)
			EXPECT_NE(0, strcmp(d->name, desc_of(s, j)->name));
		values += d->size * 8;
	}
	/* No bytes that are not described */
	EXPECT_EQ(h->data_offset + values, s->raw_size);
}

static long value_of(struct stats *s, const char *name)
{
	for (int i = 0; i < s->header.num_desc; i++) {
		struct kvm_stats_desc *d = desc_of(s, i);

		if (!strcmp(d->name, name))
			return *(uint64_t *)(s->raw + s->header.data_offset + d->offset);
	}
	return -1;
}

TEST(vm_and_vcpu)
{
	struct stats vm_stats, before, after;
	struct rvm vm;
	struct rvcpu vcpu;
	int vm_fd, vcpu_fd;

	vm_start(&vm, &vcpu, guest_exits, 0);
	vm_fd = IOCTL(vm.fd, KVM_GET_STATS_FD, 0);
	vcpu_fd = IOCTL(vcpu.fd, KVM_GET_STATS_FD, 0);
	ASSERT_LE(0, vm_fd);
	ASSERT_LE(0, vcpu_fd);
	read_stats(_metadata, vm_fd, &vm_stats);
	check_layout(_metadata, &vm_stats);
	read_stats(_metadata, vcpu_fd, &before);
	check_layout(_metadata, &before);
	ASSERT_LE(0, value_of(&before, "exits"));
	GUEST_SAYS_SYNC(&vcpu);
	GUEST_SAYS_SYNC(&vcpu);
	read_stats(_metadata, vcpu_fd, &after);
	EXPECT_LE(value_of(&before, "exits") + 200, value_of(&after, "exits"));
	/* Writes fail; reads past the end return 0. */
	EXPECT_GT(0, pwrite(vcpu_fd, &vm_stats, 8, 0));
	EXPECT_EQ(0, pread(vcpu_fd, &vm_stats, 8, 1 << 20));
	EXPECT_NE(0, strcmp(before.raw + before.header.id_offset,
			    vm_stats.raw + vm_stats.header.id_offset));
}

/* Bytes read one at a time are the same. */
TEST(in_pieces)
{
	struct stats s;
	struct rvm vm;
	char byte;
	int fd;

	rvm_create(&vm);
	fd = IOCTL(vm.fd, KVM_GET_STATS_FD, 0);
	read_stats(_metadata, fd, &s);
	for (size_t i = 0; i < s.header.data_offset; i++) {
		ASSERT_EQ(1, pread(fd, &byte, 1, i));
		ASSERT_EQ(s.raw[i], byte);
	}
}

TEST_HARNESS_MAIN
