// SPDX-License-Identifier: GPL-2.0-only
/* The dirty log: it has each written page once and no other. */
#include "check.h"

#define GPA	0x90000000UL
#define PAGES	200UL
#define SIZE	(PAGES * RVM_PAGE)
#define WORDS	((PAGES + 63) / 64)

/* Reads all pages and writes val[0] of them, whose numbers are in val[1] and on. */
static __guest void guest_write(unsigned long a0, unsigned long a1)
{
	volatile uint64_t *val = guest_shared()->val;

	for (;;) {
		for (unsigned long i = 0; i < PAGES; i++)
			(void)*(volatile uint64_t *)(GPA + i * RVM_PAGE);
		for (unsigned long i = 0; i < val[0]; i++)
			++*(volatile uint64_t *)(GPA + val[1 + i] * RVM_PAGE);
		guest_sync(0);
	}
}

FIXTURE(log) {
	struct rvm vm;
	struct rvcpu vcpu;
	char *mem;
	uint64_t bits[WORDS];
};

FIXTURE_VARIANT(log) {
	bool manual;
};

FIXTURE_VARIANT_ADD(log, clear_on_get) {
	.manual = false,
};

FIXTURE_VARIANT_ADD(log, manual) {
	.manual = true,
};

FIXTURE_SETUP(log)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .args = { 1 } };

	vm_start(&self->vm, &self->vcpu, guest_write, 0);
	if (variant->manual)
		ASSERT_EQ(0, IOCTL(self->vm.fd, KVM_ENABLE_CAP, &cap));
	self->mem = rvm_anon(SIZE);
	/* Populate the pages: a guest's read must not allocate one. */
	memset(self->mem, 1, SIZE);
	rvm_set_slot(&self->vm, 1, KVM_MEM_LOG_DIRTY_PAGES, GPA, SIZE, self->mem);
}

FIXTURE_TEARDOWN(log)
{
	rvcpu_destroy(&self->vcpu);
	rvm_destroy(&self->vm);
}

static void get_log(struct __test_metadata *_metadata, struct _test_data_log *self)
{
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = self->bits };

	memset(self->bits, 0x5a, sizeof(self->bits));
	ASSERT_EQ(0, IOCTL(self->vm.fd, KVM_GET_DIRTY_LOG, &log));
}

static int clear_log(struct _test_data_log *self, uint32_t slot, uint64_t first, uint32_t n,
		     uint64_t *bits)
{
	struct kvm_clear_dirty_log log = {
		.slot = slot, .first_page = first, .num_pages = n, .dirty_bitmap = bits,
	};

	return IOCTL(self->vm.fd, KVM_CLEAR_DIRTY_LOG, &log);
}

static void write_pages(struct __test_metadata *_metadata, struct _test_data_log *self, int n,
			const unsigned int *pages)
{
	volatile uint64_t *val = rvm_shared(&self->vm)->val;

	val[0] = n;
	for (int i = 0; i < n; i++)
		val[1 + i] = pages[i];
	GUEST_SAYS_SYNC(&self->vcpu);
}

static void expect_dirty(struct __test_metadata *_metadata, struct _test_data_log *self, int n,
			 const unsigned int *pages)
{
	uint64_t want[WORDS] = { 0 };

	get_log(_metadata, self);
	for (int i = 0; i < n; i++)
		want[pages[i] / 64] |= 1UL << pages[i] % 64;
	for (int i = 0; i < WORDS; i++) {
		EXPECT_EQ(want[i], self->bits[i]) {
			TH_LOG("word %d", i);
		}
	}
}

#define PAGES_OF(...)	(sizeof((unsigned int[]){ __VA_ARGS__ }) / sizeof(int)), \
			(unsigned int[]){ __VA_ARGS__ }

TEST_F(log, written_pages)
{
	write_pages(_metadata, self, 0, NULL);
	expect_dirty(_metadata, self, 0, NULL);
	write_pages(_metadata, self, PAGES_OF(0, 63, 64, 127, 199));
	expect_dirty(_metadata, self, PAGES_OF(0, 63, 64, 127, 199));
	if (variant->manual) {
		/* Reading the log clears nothing. */
		expect_dirty(_metadata, self, PAGES_OF(0, 63, 64, 127, 199));
		ASSERT_EQ(0, clear_log(self, 1, 0, PAGES, self->bits));
	}
	expect_dirty(_metadata, self, 0, NULL);
	/* A page that is written again is dirty again. */
	for (int i = 0; i < 5; i++) {
		write_pages(_metadata, self, PAGES_OF(63, 3, 198));
		expect_dirty(_metadata, self, PAGES_OF(63, 3, 198));
		if (variant->manual)
			ASSERT_EQ(0, clear_log(self, 1, 0, PAGES, self->bits));
	}
	EXPECT_EQ(0x0101010101010101 + 6, *(uint64_t *)(self->mem + 63 * RVM_PAGE));
}

TEST_F(log, off_and_on)
{
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = self->bits };

	write_pages(_metadata, self, PAGES_OF(1, 2));
	rvm_set_slot(&self->vm, 1, 0, GPA, SIZE, self->mem);
	EXPECT_EQ(-ENOENT, IOCTL(self->vm.fd, KVM_GET_DIRTY_LOG, &log));
	EXPECT_EQ(-ENOENT, clear_log(self, 1, 0, PAGES, self->bits));
	write_pages(_metadata, self, PAGES_OF(5));
	rvm_set_slot(&self->vm, 1, KVM_MEM_LOG_DIRTY_PAGES, GPA, SIZE, self->mem);
	expect_dirty(_metadata, self, 0, NULL);
	write_pages(_metadata, self, PAGES_OF(5, 6));
	expect_dirty(_metadata, self, PAGES_OF(5, 6));
}

TEST_F(log, errors)
{
	struct kvm_dirty_log log = { .slot = 2, .dirty_bitmap = self->bits };

	EXPECT_EQ(-ENOENT, IOCTL(self->vm.fd, KVM_GET_DIRTY_LOG, &log));
	log.slot = 1 << 16 | 1;
	EXPECT_EQ(-EINVAL, IOCTL(self->vm.fd, KVM_GET_DIRTY_LOG, &log));
	log.slot = 0xffff;
	EXPECT_EQ(-EINVAL, IOCTL(self->vm.fd, KVM_GET_DIRTY_LOG, &log));
	log.slot = 1;
	log.dirty_bitmap = (void *)8;
	EXPECT_EQ(-EFAULT, IOCTL(self->vm.fd, KVM_GET_DIRTY_LOG, &log));
	memset(self->bits, 0xff, sizeof(self->bits));
	EXPECT_EQ(-EINVAL, clear_log(self, 1, 1, 64, self->bits));
	EXPECT_EQ(-EINVAL, clear_log(self, 1, 0, 63, self->bits));
	EXPECT_EQ(-EINVAL, clear_log(self, 1, 0, PAGES + 1, self->bits));
	EXPECT_EQ(-EINVAL, clear_log(self, 1, 256, 64, self->bits));
	EXPECT_EQ(-EINVAL, clear_log(self, 1, -64UL, 128, self->bits));
	EXPECT_EQ(-EINVAL, clear_log(self, 1 << 16, 0, 64, self->bits));
	EXPECT_EQ(-ENOENT, clear_log(self, 0, 0, 64, self->bits));
	EXPECT_EQ(-EFAULT, clear_log(self, 1, 0, 64, (uint64_t *)8));
	EXPECT_EQ(0, clear_log(self, 1, 0, 64, self->bits));
	EXPECT_EQ(0, clear_log(self, 1, 192, PAGES - 192, self->bits));
	EXPECT_EQ(0, clear_log(self, 1, 0, PAGES, self->bits));
}

TEST_F(log, partial_clear)
{
	uint64_t bits[WORDS] = { 0 };

	write_pages(_metadata, self, PAGES_OF(10, 70, 71, 130));
	bits[0] = 1UL << (70 - 64);
	EXPECT_EQ(0, clear_log(self, 1, 64, 64, bits));
	expect_dirty(_metadata, self, PAGES_OF(10, 71, 130));
	/* Only the page that was cleared needs a new write to be dirty. */
	write_pages(_metadata, self, PAGES_OF(70));
	if (variant->manual)
		expect_dirty(_metadata, self, PAGES_OF(10, 70, 71, 130));
	else
		expect_dirty(_metadata, self, PAGES_OF(70));
}

/* With INITIALLY_SET all pages are dirty until they are cleared. */
TEST(initially_set)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .args = { 3 } };
	struct kvm_dirty_log log = { .slot = 1 };
	uint64_t bits[WORDS] = { 0 };
	struct rvm vm;

	log.dirty_bitmap = bits;
	rvm_create(&vm);
	if (!(rvm_check_extension(&vm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2) & 2)) {
		EXPECT_EQ(-EINVAL, IOCTL(vm.fd, KVM_ENABLE_CAP, &cap));
		return;
	}
	ASSERT_EQ(0, IOCTL(vm.fd, KVM_ENABLE_CAP, &cap));
	rvm_set_slot(&vm, 1, KVM_MEM_LOG_DIRTY_PAGES, GPA, SIZE, rvm_anon(SIZE));
	ASSERT_EQ(0, IOCTL(vm.fd, KVM_GET_DIRTY_LOG, &log));
	for (unsigned int i = 0; i < PAGES; i++)
		ASSERT_TRUE(bits[i / 64] >> i % 64 & 1);
}

TEST_HARNESS_MAIN
