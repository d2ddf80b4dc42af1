// SPDX-License-Identifier: GPL-2.0-only
/* Stores that the kernel handles: ioeventfd and coalesced MMIO */
#include "check.h"

#include <sys/eventfd.h>

#define ADDR	(RVM_MMIO + 0x100)

/* Store val[2] of val[1] bytes to the address in val[0], endlessly. */
static __guest void guest_store(unsigned long a0, unsigned long a1)
{
	volatile uint64_t *val = guest_shared()->val;

	for (;;) {
		unsigned long addr = val[0], data = val[2];

		if (val[1] == 1)
			*(volatile uint8_t *)addr = data;
		else if (val[1] == 2)
			*(volatile uint16_t *)addr = data;
		else if (val[1] == 4)
			*(volatile uint32_t *)addr = data;
		else if (val[1] == 8)
			*(volatile uint64_t *)addr = data;
		guest_sync(0);
	}
}

FIXTURE(io) {
	struct rvm vm;
	struct rvcpu vcpu;
	int event;
};

FIXTURE_SETUP(io)
{
	vm_start(&self->vm, &self->vcpu, guest_store, 0);
	GUEST_SAYS_SYNC(&self->vcpu);
	self->event = eventfd(0, EFD_NONBLOCK);
	ASSERT_LE(0, self->event);
}

FIXTURE_TEARDOWN(io)
{
	close(self->event);
	rvcpu_destroy(&self->vcpu);
	rvm_destroy(&self->vm);
}

/* True if the store exited to the VMM */
static bool store(struct __test_metadata *_metadata, struct _test_data_io *self, uint64_t addr,
		  int len, uint64_t data)
{
	volatile uint64_t *val = rvm_shared(&self->vm)->val;
	bool out;

	val[0] = addr;
	val[1] = len;
	val[2] = data;
	ASSERT_EQ(0, rvcpu_run(&self->vcpu));
	out = self->vcpu.run->exit_reason == KVM_EXIT_MMIO;
	if (out) {
		EXPECT_EQ(addr, self->vcpu.run->mmio.phys_addr);
		EXPECT_EQ(len, self->vcpu.run->mmio.len);
		EXPECT_EQ(0, memcmp(&data, self->vcpu.run->mmio.data, len));
		GUEST_SAYS_SYNC(&self->vcpu);
	} else {
		EXPECT_TRUE(is_guest_call(&self->vcpu, GUEST_SYNC));
	}
	return out;
}

#define STORE(...)	store(_metadata, self, __VA_ARGS__)

static int ioeventfd(struct _test_data_io *self, uint64_t addr, int len, uint32_t flags,
		     uint64_t datamatch)
{
	struct kvm_ioeventfd ev = {
		.addr = addr, .len = len, .flags = flags, .datamatch = datamatch,
		.fd = self->event,
	};

	return IOCTL(self->vm.fd, KVM_IOEVENTFD, &ev);
}

static uint64_t events(struct _test_data_io *self)
{
	uint64_t n;

	return read(self->event, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

TEST_F(io, lengths)
{
	static const int lens[] = { 1, 2, 4, 8 };

	for (int i = 0; i < 4; i++) {
		ASSERT_EQ(0, ioeventfd(self, ADDR, lens[i], 0, 0));
		for (int j = 0; j < 4; j++) {
			EXPECT_EQ(i != j, STORE(ADDR, lens[j], 0x1234567890abcdef));
			EXPECT_EQ(i == j, events(self));
		}
		EXPECT_TRUE(STORE(ADDR + 8, lens[i], 1));
		EXPECT_EQ(0, events(self));
		ASSERT_EQ(0, ioeventfd(self, ADDR, lens[i], KVM_IOEVENTFD_FLAG_DEASSIGN, 0));
		EXPECT_TRUE(STORE(ADDR, lens[i], 1));
	}
}

TEST_F(io, any_length)
{
	ASSERT_EQ(0, ioeventfd(self, ADDR, 0, 0, 0));
	for (int len = 1; len <= 8; len *= 2)
		EXPECT_FALSE(STORE(ADDR, len, len));
	EXPECT_EQ(4, events(self));
	EXPECT_TRUE(STORE(ADDR + 1, 1, 0));
	ASSERT_EQ(0, ioeventfd(self, ADDR, 0, KVM_IOEVENTFD_FLAG_DEASSIGN, 0));
	EXPECT_TRUE(STORE(ADDR, 4, 0));
}

TEST_F(io, datamatch)
{
	uint32_t match = KVM_IOEVENTFD_FLAG_DATAMATCH;

	ASSERT_EQ(0, ioeventfd(self, ADDR, 4, match, 0x11223344));
	ASSERT_EQ(0, ioeventfd(self, ADDR, 4, match, 0x55667788));
	EXPECT_TRUE(STORE(ADDR, 4, 0x11223345));
	EXPECT_FALSE(STORE(ADDR, 4, 0x11223344));
	EXPECT_FALSE(STORE(ADDR, 4, 0x55667788));
	EXPECT_EQ(2, events(self));
	ASSERT_EQ(0, ioeventfd(self, ADDR, 4, match | KVM_IOEVENTFD_FLAG_DEASSIGN, 0x11223344));
	EXPECT_TRUE(STORE(ADDR, 4, 0x11223344));
	EXPECT_FALSE(STORE(ADDR, 4, 0x55667788));
	EXPECT_EQ(1, events(self));
}

TEST_F(io, ioeventfd_errors)
{
	uint32_t match = KVM_IOEVENTFD_FLAG_DATAMATCH;
	int good = self->event;

	for (int len = 3; len < 20; len++)
		if (len != 4 && len != 8)
			EXPECT_EQ(-EINVAL, ioeventfd(self, ADDR, len, 0, 0));
	EXPECT_EQ(-EINVAL, ioeventfd(self, ADDR, -1, 0, 0));
	EXPECT_EQ(-EINVAL, ioeventfd(self, -1UL, 4, 0, 0));
	EXPECT_EQ(-EINVAL, ioeventfd(self, ADDR, 4, 1 << 10, 0));
	EXPECT_EQ(-EINVAL, ioeventfd(self, ADDR, 4, 1U << 31, 0));
	EXPECT_EQ(-EINVAL, ioeventfd(self, ADDR, 0, match, 0));
	EXPECT_EQ(-ENOENT, ioeventfd(self, ADDR, 4, KVM_IOEVENTFD_FLAG_DEASSIGN, 0));
	self->event = -1;
	EXPECT_EQ(-EBADF, ioeventfd(self, ADDR, 4, 0, 0));
	self->event = self->vm.fd;
	EXPECT_EQ(-EINVAL, ioeventfd(self, ADDR, 4, 0, 0));
	self->event = good;
	EXPECT_EQ(0, ioeventfd(self, ADDR, 4, 0, 0));
	EXPECT_EQ(-EEXIST, ioeventfd(self, ADDR, 4, 0, 0));
	EXPECT_EQ(-EEXIST, ioeventfd(self, ADDR, 4, match, 7));
	EXPECT_EQ(-EEXIST, ioeventfd(self, ADDR, 0, 0, 0));
	EXPECT_EQ(0, ioeventfd(self, ADDR, 8, match, 7));
	EXPECT_EQ(0, ioeventfd(self, ADDR, 8, match, 8));
	EXPECT_EQ(-EEXIST, ioeventfd(self, ADDR, 8, match, 8));
	EXPECT_EQ(-ENOENT, ioeventfd(self, ADDR, 8, KVM_IOEVENTFD_FLAG_DEASSIGN, 0));
	EXPECT_EQ(-ENOENT, ioeventfd(self, ADDR, 8, match | KVM_IOEVENTFD_FLAG_DEASSIGN, 9));
	EXPECT_EQ(-ENOENT, ioeventfd(self, ADDR + 1, 4, KVM_IOEVENTFD_FLAG_DEASSIGN, 0));
}

TEST_F(io, many_ioeventfds)
{
	int n;

	/* KVM allows a thousand devices. */
	for (n = 0; n < 2000; n++)
		if (ioeventfd(self, RVM_MMIO + n * 8, 8, 0, 0))
			break;
	EXPECT_LE(512, n);
	if (n < 2000)
		EXPECT_EQ(-ENOSPC, ioeventfd(self, RVM_MMIO + n * 8, 8, 0, 0));
	for (int i = 0; i < n; i += 97) {
		EXPECT_FALSE(STORE(RVM_MMIO + i * 8, 8, 0));
		EXPECT_EQ(1, events(self));
	}
}

static int coalesce(struct _test_data_io *self, unsigned long cmd, uint64_t addr, uint32_t size)
{
	struct kvm_coalesced_mmio_zone zone = { .addr = addr, .size = size };

	return IOCTL(self->vm.fd, cmd, &zone);
}

TEST_F(io, coalesced)
{
	int page = rvm_check_extension(&self->vm, KVM_CAP_COALESCED_MMIO);
	struct kvm_coalesced_mmio_ring *ring;
	unsigned int max = (RVM_PAGE - sizeof(*ring)) / sizeof(struct kvm_coalesced_mmio);
	unsigned int n;

	ASSERT_LT(0, page);
	ring = (void *)((char *)self->vcpu.run + page * RVM_PAGE);
	ASSERT_EQ(0, coalesce(self, KVM_REGISTER_COALESCED_MMIO, ADDR, 16));
	EXPECT_FALSE(STORE(ADDR, 4, 0xabcd1234));
	EXPECT_FALSE(STORE(ADDR + 8, 8, 0x1122334455667788));
	EXPECT_FALSE(STORE(ADDR + 15, 1, 0x99));
	EXPECT_EQ(0, ring->first);
	EXPECT_EQ(3, ring->last);
	EXPECT_EQ(ADDR, ring->coalesced_mmio[0].phys_addr);
	EXPECT_EQ(4, ring->coalesced_mmio[0].len);
	EXPECT_EQ(0, memcmp(ring->coalesced_mmio[0].data, "\x34\x12\xcd\xab", 4));
	EXPECT_EQ(8, ring->coalesced_mmio[1].len);
	EXPECT_EQ(ADDR + 15, ring->coalesced_mmio[2].phys_addr);
	/* A store beside the zone, or partly in it, exits. */
	EXPECT_TRUE(STORE(ADDR + 16, 1, 0));
	EXPECT_TRUE(STORE(ADDR - 1, 1, 0));
	/* With a full ring the store exits. */
	ring->first = ring->last;
	for (n = 0; n < 2 * max; n++)
		if (STORE(ADDR, 4, n))
			break;
	EXPECT_EQ(max - 1, n);
	ring->first = ring->last;
	EXPECT_FALSE(STORE(ADDR, 4, 1));
	ASSERT_EQ(0, coalesce(self, KVM_UNREGISTER_COALESCED_MMIO, ADDR, 16));
	EXPECT_TRUE(STORE(ADDR, 4, 1));
}

TEST_F(io, coalesced_errors)
{
	struct kvm_coalesced_mmio_zone zone = { .addr = ADDR, .size = 16, .pio = 2 };

	EXPECT_EQ(-EINVAL, IOCTL(self->vm.fd, KVM_REGISTER_COALESCED_MMIO, &zone));
	EXPECT_EQ(-EINVAL, IOCTL(self->vm.fd, KVM_UNREGISTER_COALESCED_MMIO, &zone));
	EXPECT_EQ(0, coalesce(self, KVM_UNREGISTER_COALESCED_MMIO, ADDR, 16));
}

/* With any index in the ring the kernel writes inside the ring or not at all. */
TEST_F(io, coalesced_wild_ring)
{
	static const uint32_t wild[] = { 0xffffffff, 0x80000000, 4096, 171, 170, 169, 1000000 };
	int page = rvm_check_extension(&self->vm, KVM_CAP_COALESCED_MMIO);
	volatile struct kvm_coalesced_mmio_ring *ring;

	ring = (void *)((char *)self->vcpu.run + page * RVM_PAGE);
	ASSERT_EQ(0, coalesce(self, KVM_REGISTER_COALESCED_MMIO, ADDR, 16));
	for (int i = 0; i < ARRAY_SIZE(wild); i++)
		for (int j = 0; j < ARRAY_SIZE(wild); j++) {
			ring->first = wild[i];
			ring->last = wild[j];
			STORE(ADDR, 4, 1);
		}
	ring->first = 0;
	ring->last = 0;
	EXPECT_FALSE(STORE(ADDR, 4, 1));
}

TEST_HARNESS_MAIN
