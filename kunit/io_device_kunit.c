// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the devices of the kernel: the device of an access, and interrupt lines.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "../irq/coalesced.h"
#include "../irq/io.h"
#include "../irq/irq_line.h"

#define BASE		0x10000000ULL
#define PATTERN		0x8877665544332211ULL

/* The last register drives the interrupt line; the others are memory. */
#define FAKE_REGS	4
#define FAKE_SIZE	(8 * FAKE_REGS)
#define FAKE_IRQ	(FAKE_SIZE - 8)

struct fake {
	struct rvhv_io_device dev;
	struct rvhv_irq_line line;
	u8 regs[FAKE_SIZE];
	bool pass;		/* answers RVHV_IO_UNHANDLED */
	bool removed;		/* a call is a use after removal */
	unsigned int reads;
	unsigned int writes;
	unsigned int late;
};

static struct fake *to_fake(struct rvhv_io_device *dev)
{
	return container_of(dev, struct fake, dev);
}

static enum rvhv_io_result fake_read(struct rvhv_io_device *dev, u64 addr, unsigned int len,
				     u64 *val)
{
	struct fake *fake = to_fake(dev);
	u64 offset = addr - dev->first;
	__le64 bytes = 0;

	fake->reads++;
	fake->late += READ_ONCE(fake->removed);
	if (fake->pass || offset + len > FAKE_SIZE)
		return RVHV_IO_UNHANDLED;
	memcpy(&bytes, &fake->regs[offset], len);
	*val = le64_to_cpu(bytes);
	return RVHV_IO_HANDLED;
}

static enum rvhv_io_result fake_write(struct rvhv_io_device *dev, u64 addr, unsigned int len,
				      u64 val)
{
	struct fake *fake = to_fake(dev);
	u64 offset = addr - dev->first;
	__le64 bytes = cpu_to_le64(val);

	fake->writes++;
	fake->late += READ_ONCE(fake->removed);
	if (fake->pass || offset + len > FAKE_SIZE)
		return RVHV_IO_UNHANDLED;
	memcpy(&fake->regs[offset], &bytes, len);
	if (offset == FAKE_IRQ)
		rvhv_irq_line_set(&fake->line, val);
	return RVHV_IO_HANDLED;
}

static const struct rvhv_io_device_ops fake_ops = {
	.read = fake_read,
	.write = fake_write,
};

static const struct rvhv_io_device_ops fake_write_only_ops = {
	.write = fake_write,
};

static void io_destroy(void *io)
{
	rvhv_io_destroy(io);
}

static int io_device_init(struct kunit *test)
{
	struct rvhv_io *io = kunit_kzalloc(test, sizeof(*io), GFP_KERNEL);
	int ret;

	if (!io)
		return -ENOMEM;
	test->priv = io;
	ret = rvhv_io_init(io);
	return ret ?: kunit_add_action_or_reset(test, io_destroy, io);
}

static struct fake *fake_at(struct kunit *test, u64 first)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fake);
	fake->dev = (struct rvhv_io_device) {
		.ops = &fake_ops,
		.first = first,
		.last = first + FAKE_SIZE - 1,
		.rank = RVHV_IO_RANK_DEVICE,
	};
	return fake;
}

/* Every length at every aligned offset, against the array of bytes that the device is */
static void loads_and_stores(struct kunit *test)
{
	struct fake *fake = fake_at(test, BASE);
	struct rvhv_io *io = test->priv;
	u64 mask, val;
	unsigned int len, offset;

	KUNIT_ASSERT_EQ(test, rvhv_io_device_add(io, &fake->dev), 0);
	for (len = 1; len <= 8; len *= 2) {
		mask = len == 8 ? U64_MAX : BIT_ULL(8 * len) - 1;
		for (offset = 0; offset < FAKE_IRQ; offset += len) {
			memset(fake->regs, 0, sizeof(fake->regs));
			KUNIT_EXPECT_EQ(test, rvhv_io_write(io, BASE + offset, len, PATTERN & mask),
					RVHV_IO_HANDLED);
			KUNIT_EXPECT_EQ(test, fake->regs[offset], 0x11);
			KUNIT_EXPECT_EQ(test, fake->regs[offset + len - 1], 0x11 * len);
			KUNIT_EXPECT_EQ(test, fake->regs[offset + len], 0);
			KUNIT_EXPECT_EQ(test, rvhv_io_read(io, BASE + offset, len, &val),
					RVHV_IO_HANDLED);
			KUNIT_EXPECT_EQ(test, val, PATTERN & mask);
		}
	}
	rvhv_io_device_remove(io, &fake->dev);
}

static void outside_of_the_range(struct kunit *test)
{
	struct fake *fake = fake_at(test, BASE);
	struct rvhv_io *io = test->priv;
	u64 val;

	fake->dev.last = BASE + 5;
	KUNIT_ASSERT_EQ(test, rvhv_io_device_add(io, &fake->dev), 0);
	KUNIT_EXPECT_EQ(test, rvhv_io_read(io, BASE - 1, 1, &val), RVHV_IO_UNHANDLED);
	KUNIT_EXPECT_EQ(test, rvhv_io_read(io, BASE + 6, 1, &val), RVHV_IO_UNHANDLED);
	/* Half inside */
	KUNIT_EXPECT_EQ(test, rvhv_io_read(io, BASE + 4, 4, &val), RVHV_IO_UNHANDLED);
	KUNIT_EXPECT_EQ(test, rvhv_io_write(io, BASE, 8, 0), RVHV_IO_UNHANDLED);
	KUNIT_EXPECT_EQ(test, rvhv_io_write(io, U64_MAX - 7, 8, 0), RVHV_IO_UNHANDLED);
	KUNIT_EXPECT_EQ(test, fake->reads + fake->writes, 0);
	KUNIT_EXPECT_EQ(test, rvhv_io_read(io, BASE + 4, 2, &val), RVHV_IO_HANDLED);
	rvhv_io_device_remove(io, &fake->dev);
}

static void last_byte_of_memory(struct kunit *test)
{
	struct fake *fake = fake_at(test, U64_MAX - 7);
	struct rvhv_io *io = test->priv;
	u64 val;

	fake->dev.last = U64_MAX;
	KUNIT_ASSERT_EQ(test, rvhv_io_device_add(io, &fake->dev), 0);
	KUNIT_EXPECT_EQ(test, rvhv_io_read(io, U64_MAX - 7, 8, &val), RVHV_IO_HANDLED);
	KUNIT_EXPECT_EQ(test, rvhv_io_read(io, U64_MAX, 1, &val), RVHV_IO_HANDLED);
	KUNIT_EXPECT_EQ(test, rvhv_io_read(io, 0, 1, &val), RVHV_IO_UNHANDLED);
	rvhv_io_device_remove(io, &fake->dev);
}

static void ranges_of_a_rank(struct kunit *test)
{
	struct fake *one = fake_at(test, BASE), *two = fake_at(test, BASE + FAKE_SIZE - 1);
	struct rvhv_io *io = test->priv;

	KUNIT_ASSERT_EQ(test, rvhv_io_device_add(io, &one->dev), 0);
	KUNIT_EXPECT_EQ(test, rvhv_io_device_add(io, &two->dev), -EEXIST);
	two->dev.first++;
	KUNIT_EXPECT_EQ(test, rvhv_io_device_add(io, &two->dev), 0);
	KUNIT_EXPECT_EQ(test, io->nr_readers, 2);
	rvhv_io_device_remove(io, &two->dev);
	two->dev.first = BASE + 1;
	two->dev.last = BASE + 1;
	KUNIT_EXPECT_EQ(test, rvhv_io_device_add(io, &two->dev), -EEXIST);
	two->dev.rank = RVHV_IO_RANK_COALESCED;
	KUNIT_EXPECT_EQ(test, rvhv_io_device_add(io, &two->dev), 0);
	rvhv_io_device_remove(io, &two->dev);
	two->dev.first = BASE + 2;
	KUNIT_EXPECT_EQ(test, rvhv_io_device_add(io, &two->dev), -EINVAL);
	rvhv_io_device_remove(io, &one->dev);
}

/* The counts that spare an access the search */
static void counts_by_function(struct kunit *test)
{
	struct fake *fake = fake_at(test, BASE);
	struct rvhv_io *io = test->priv;
	u64 val;

	KUNIT_EXPECT_FALSE(test, rvhv_io_has_readers(io));
	KUNIT_EXPECT_FALSE(test, rvhv_io_has_writers(io));
	fake->dev.ops = &fake_write_only_ops;
	KUNIT_ASSERT_EQ(test, rvhv_io_device_add(io, &fake->dev), 0);
	KUNIT_EXPECT_FALSE(test, rvhv_io_has_readers(io));
	KUNIT_EXPECT_TRUE(test, rvhv_io_has_writers(io));
	KUNIT_EXPECT_EQ(test, rvhv_io_read(io, BASE, 4, &val), RVHV_IO_UNHANDLED);
	rvhv_io_device_remove(io, &fake->dev);
	KUNIT_EXPECT_FALSE(test, rvhv_io_has_writers(io));
}

/* Ranks decide, whatever the order of registration; who passes leaves it to the next. */
static void precedence(struct kunit *test)
{
	static const struct rvhv_zone zone = { .addr = BASE, .size = FAKE_SIZE };
	struct fake *eventfd = fake_at(test, BASE), *device = fake_at(test, BASE);
	struct rvhv_io *io = test->priv;
	const struct rvhv_coalesced_ring *ring = page_address(io->ring);

	eventfd->dev.rank = RVHV_IO_RANK_EVENTFD;
	KUNIT_ASSERT_EQ(test, rvhv_coalesced_add(io, RVHV_IO_MMIO, &zone), 0);
	KUNIT_ASSERT_EQ(test, rvhv_io_device_add(io, &device->dev), 0);
	KUNIT_ASSERT_EQ(test, rvhv_io_device_add(io, &eventfd->dev), 0);

	KUNIT_EXPECT_EQ(test, rvhv_io_write(io, BASE, 4, 1), RVHV_IO_HANDLED);
	KUNIT_EXPECT_EQ(test, eventfd->writes, 1);
	KUNIT_EXPECT_EQ(test, device->writes, 0);

	eventfd->pass = true;
	KUNIT_EXPECT_EQ(test, rvhv_io_write(io, BASE, 4, 1), RVHV_IO_HANDLED);
	KUNIT_EXPECT_EQ(test, eventfd->writes, 2);
	KUNIT_EXPECT_EQ(test, device->writes, 1);
	KUNIT_EXPECT_EQ(test, ring->last, 0);

	device->pass = true;
	KUNIT_EXPECT_EQ(test, rvhv_io_write(io, BASE, 4, 1), RVHV_IO_HANDLED);
	KUNIT_EXPECT_EQ(test, device->writes, 2);
	KUNIT_EXPECT_EQ(test, ring->last, 1);

	KUNIT_EXPECT_EQ(test, rvhv_coalesced_remove(io, RVHV_IO_MMIO, &zone), 0);
	KUNIT_EXPECT_EQ(test, rvhv_io_write(io, BASE, 4, 1), RVHV_IO_UNHANDLED);
	rvhv_io_device_remove(io, &eventfd->dev);
	rvhv_io_device_remove(io, &device->dev);
}

static void irq_raise(void *owner)
{
	*(int *)owner = 1;
}

static void irq_lower(void *owner)
{
	*(int *)owner = 0;
}

static void irq_line(struct kunit *test)
{
	static const struct rvhv_irq_line_ops ops = { .raise = irq_raise, .lower = irq_lower };
	struct fake *fake = fake_at(test, BASE);
	struct rvhv_io *io = test->priv;
	int level = -1;

	fake->line = (struct rvhv_irq_line) { .ops = &ops, .owner = &level };
	KUNIT_ASSERT_EQ(test, rvhv_io_device_add(io, &fake->dev), 0);
	rvhv_io_write(io, BASE, 4, 1);
	KUNIT_EXPECT_EQ(test, level, -1);
	rvhv_io_write(io, BASE + FAKE_IRQ, 4, 1);
	KUNIT_EXPECT_EQ(test, level, 1);
	rvhv_io_write(io, BASE + FAKE_IRQ, 4, 0);
	KUNIT_EXPECT_EQ(test, level, 0);
	rvhv_io_device_remove(io, &fake->dev);
}

struct caller {
	struct rvhv_io *io;
	unsigned int rounds;
};

static int use_device(void *data)
{
	struct caller *caller = data;
	u64 val;

	while (!kthread_should_stop()) {
		rvhv_io_read(caller->io, BASE, 4, &val);
		rvhv_io_write(caller->io, BASE, 4, 0);
		WRITE_ONCE(caller->rounds, caller->rounds + 1);
		cond_resched();
	}
	return 0;
}

static void wait_a_round(const struct caller *caller)
{
	unsigned int rounds = READ_ONCE(caller->rounds);

	while (READ_ONCE(caller->rounds) - rounds < 2)
		schedule_timeout_uninterruptible(1);
}

/* After removal no vCPU calls a device, and it can be added again. */
static void removal_while_in_use(struct kunit *test)
{
	struct fake *fake = fake_at(test, BASE);
	struct caller caller = { .io = test->priv };
	struct task_struct *task;
	unsigned int i;

	task = kthread_run(use_device, &caller, "rvhv-io-device");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	for (i = 0; i < 20; i++) {
		unsigned int reads = fake->reads, writes = fake->writes;

		WRITE_ONCE(fake->removed, false);
		KUNIT_EXPECT_EQ(test, rvhv_io_device_add(caller.io, &fake->dev), 0);
		wait_a_round(&caller);
		KUNIT_EXPECT_GT(test, fake->reads, reads);
		KUNIT_EXPECT_GT(test, fake->writes, writes);
		rvhv_io_device_remove(caller.io, &fake->dev);
		WRITE_ONCE(fake->removed, true);
		wait_a_round(&caller);
	}
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, fake->late, 0);
}

static struct kunit_case io_device_cases[] = {
	KUNIT_CASE(loads_and_stores),
	KUNIT_CASE(outside_of_the_range),
	KUNIT_CASE(last_byte_of_memory),
	KUNIT_CASE(ranges_of_a_rank),
	KUNIT_CASE(counts_by_function),
	KUNIT_CASE(precedence),
	KUNIT_CASE(irq_line),
	KUNIT_CASE(removal_while_in_use),
	{}
};

static struct kunit_suite io_device_suite = {
	.name = "rvhv_io_device",
	.init = io_device_init,
	.test_cases = io_device_cases,
};

kunit_test_suite(io_device_suite);
