// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of ioeventfds and coalesced MMIO: the one that a store meets, against naive models,
 * and the ring.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "../irq/coalesced.h"
#include "../irq/io.h"
#include "../irq/ioeventfd.h"

/* Only compared: no test signals or puts it. */
#define CTX(n)	((struct eventfd_ctx *)(0x1000UL + (n)))

static int io_init(struct kunit *test)
{
	struct rvhv_io *io = kunit_kzalloc(test, sizeof(*io), GFP_KERNEL);

	if (!io)
		return -ENOMEM;
	test->priv = io;
	return rvhv_io_init(io);
}

/* rvhv_ioeventfd_destroy() would put the eventfds. */
static void io_exit(struct kunit *test)
{
	struct rvhv_io *io = test->priv;
	unsigned int space;

	if (rcu_access_pointer(io->eventfds[RVHV_IO_MMIO]))
		rvhv_io_device_remove(io, &io->eventfd_device);
	for (space = 0; space < RVHV_IO_SPACES; space++) {
		kvfree(rcu_dereference_protected(io->eventfds[space], true));
		RCU_INIT_POINTER(io->eventfds[space], NULL);
	}
	rvhv_io_destroy(io);
}

static int add(struct rvhv_io *io, enum rvhv_io_space space, const struct rvhv_ioeventfd *e)
{
	int ret;

	mutex_lock(&io->lock);
	ret = rvhv_ioeventfd_add(io, space, e);
	mutex_unlock(&io->lock);
	return ret;
}

static int del(struct rvhv_io *io, enum rvhv_io_space space, const struct rvhv_ioeventfd *e)
{
	int ret;

	mutex_lock(&io->lock);
	ret = rvhv_ioeventfd_remove(io, space, e);
	mutex_unlock(&io->lock);
	return ret;
}

static const struct rvhv_ioeventfds *set_of(struct rvhv_io *io, enum rvhv_io_space space)
{
	return rcu_dereference_protected(io->eventfds[space], true);
}

static unsigned int nr_eventfds(struct rvhv_io *io)
{
	const struct rvhv_ioeventfds *set = set_of(io, RVHV_IO_MMIO);

	return set ? set->nr : 0;
}

static unsigned int nr_zones(struct rvhv_io *io)
{
	const struct rvhv_zones *zones = rcu_dereference_protected(io->zones[RVHV_IO_MMIO], true);

	return zones ? zones->nr : 0;
}

/* ---- ioeventfd: rules ---- */

static void eventfd_lengths(struct kunit *test)
{
	unsigned int len;

	for (len = 0; len < 70; len++) {
		struct rvhv_ioeventfd e = { .addr = 0x1000, .len = len, .wildcard = true };
		bool good = len == 0 || len == 1 || len == 2 || len == 4 || len == 8;

		KUNIT_EXPECT_EQ_MSG(test, rvhv_ioeventfd_valid(&e), good, "length %u", len);
		e.wildcard = false;
		KUNIT_EXPECT_EQ_MSG(test, rvhv_ioeventfd_valid(&e), good && len, "length %u", len);
	}
}

static void eventfd_end_of_memory(struct kunit *test)
{
	struct rvhv_ioeventfd e = { .wildcard = true, .len = 8 };

	e.addr = U64_MAX - 8;
	KUNIT_EXPECT_TRUE(test, rvhv_ioeventfd_valid(&e));
	e.addr = U64_MAX - 7;
	KUNIT_EXPECT_FALSE(test, rvhv_ioeventfd_valid(&e));
	e.addr = U64_MAX;
	KUNIT_EXPECT_FALSE(test, rvhv_ioeventfd_valid(&e));
	e.len = 0;
	KUNIT_EXPECT_TRUE(test, rvhv_ioeventfd_valid(&e));
}

static void eventfd_hit(struct kunit *test)
{
	struct rvhv_ioeventfd e = { .addr = 0x1000, .len = 4, .match = 7 };

	KUNIT_EXPECT_TRUE(test, rvhv_ioeventfd_hit(&e, 0x1000, 4, 7));
	KUNIT_EXPECT_FALSE(test, rvhv_ioeventfd_hit(&e, 0x1000, 4, 8));
	KUNIT_EXPECT_FALSE(test, rvhv_ioeventfd_hit(&e, 0x1000, 2, 7));
	KUNIT_EXPECT_FALSE(test, rvhv_ioeventfd_hit(&e, 0x1000, 8, 7));
	KUNIT_EXPECT_FALSE(test, rvhv_ioeventfd_hit(&e, 0x0fff, 4, 7));
	KUNIT_EXPECT_FALSE(test, rvhv_ioeventfd_hit(&e, 0x1001, 4, 7));
	e.wildcard = true;
	KUNIT_EXPECT_TRUE(test, rvhv_ioeventfd_hit(&e, 0x1000, 4, 8));
	KUNIT_EXPECT_FALSE(test, rvhv_ioeventfd_hit(&e, 0x1000, 1, 8));
	e.len = 0;
	KUNIT_EXPECT_TRUE(test, rvhv_ioeventfd_hit(&e, 0x1000, 1, 8));
	KUNIT_EXPECT_TRUE(test, rvhv_ioeventfd_hit(&e, 0x1000, 8, 0));
	KUNIT_EXPECT_FALSE(test, rvhv_ioeventfd_hit(&e, 0x1004, 1, 8));
}

/* All ioeventfds of 2 addresses, 3 lengths, and 2 values or any */
#define NR_KINDS	(2 * 3 * 3)

static struct rvhv_ioeventfd kind(unsigned int i)
{
	static const unsigned int lens[] = { 0, 4, 8 };

	return (struct rvhv_ioeventfd) {
		.addr = i % 2 ? 0x2000 : 0x1000,
		.len = lens[i / 2 % 3],
		.wildcard = i / 6 == 2 || !lens[i / 2 % 3],
		.match = i / 6 % 2,
	};
}

/* Two clash if and only if some store hits both. */
static void eventfd_clash(struct kunit *test)
{
	unsigned int i, j, store;

	for (i = 0; i < NR_KINDS; i++) {
		for (j = 0; j < NR_KINDS; j++) {
			struct rvhv_ioeventfd a = kind(i), b = kind(j);
			bool both = false;

			for (store = 0; store < 2 * 2 * 2; store++) {
				u64 addr = store & 1 ? 0x2000 : 0x1000;
				unsigned int len = store & 2 ? 4 : 8;
				u64 val = store / 4;

				both |= rvhv_ioeventfd_hit(&a, addr, len, val) &&
					rvhv_ioeventfd_hit(&b, addr, len, val);
			}
			KUNIT_EXPECT_EQ_MSG(test, rvhv_ioeventfd_clash(&a, &b), both, "%u, %u",
					    i, j);
		}
	}
}

/* ---- ioeventfd: the set ---- */

static void eventfd_exists(struct kunit *test)
{
	struct rvhv_ioeventfd e = { .addr = 0x1000, .len = 4, .match = 1, .ctx = CTX(1) };
	struct rvhv_ioeventfd any = { .addr = 0x1000, .wildcard = true, .ctx = CTX(2) };
	struct rvhv_io *io = test->priv;

	KUNIT_EXPECT_EQ(test, add(io, RVHV_IO_MMIO, &e), 0);
	KUNIT_EXPECT_EQ(test, add(io, RVHV_IO_MMIO, &e), -EEXIST);
	KUNIT_EXPECT_EQ(test, add(io, RVHV_IO_MMIO, &any), -EEXIST);
	KUNIT_EXPECT_EQ(test, add(io, RVHV_IO_PIO, &any), 0);
	e.match = 2;
	KUNIT_EXPECT_EQ(test, add(io, RVHV_IO_MMIO, &e), 0);
	KUNIT_EXPECT_EQ(test, nr_eventfds(io), 2);
	KUNIT_EXPECT_EQ(test, io->nr_writers, 1);
	KUNIT_EXPECT_EQ(test, io->nr_readers, 0);
}

static void eventfd_remove_needs_equality(struct kunit *test)
{
	const struct rvhv_ioeventfd e = { .addr = 8, .len = 4, .match = 1, .ctx = CTX(1) };
	struct rvhv_io *io = test->priv;
	struct rvhv_ioeventfd other;

	KUNIT_EXPECT_EQ(test, del(io, RVHV_IO_MMIO, &e), -ENOENT);
	KUNIT_ASSERT_EQ(test, add(io, RVHV_IO_MMIO, &e), 0);
	other = e;
	other.addr = 9;
	KUNIT_EXPECT_EQ(test, del(io, RVHV_IO_MMIO, &other), -ENOENT);
	other = e;
	other.len = 8;
	KUNIT_EXPECT_EQ(test, del(io, RVHV_IO_MMIO, &other), -ENOENT);
	other = e;
	other.match = 2;
	KUNIT_EXPECT_EQ(test, del(io, RVHV_IO_MMIO, &other), -ENOENT);
	other = e;
	other.wildcard = true;
	KUNIT_EXPECT_EQ(test, del(io, RVHV_IO_MMIO, &other), -ENOENT);
	other = e;
	other.ctx = CTX(2);
	KUNIT_EXPECT_EQ(test, del(io, RVHV_IO_MMIO, &other), -ENOENT);
	KUNIT_EXPECT_EQ(test, del(io, RVHV_IO_PIO, &e), -ENOENT);
	KUNIT_EXPECT_EQ(test, nr_eventfds(io), 1);
	KUNIT_EXPECT_EQ(test, del(io, RVHV_IO_MMIO, &e), 0);
	KUNIT_EXPECT_FALSE(test, rvhv_io_has_writers(io));
	KUNIT_EXPECT_NULL(test, set_of(io, RVHV_IO_MMIO));
}

static void eventfd_only_mmio_is_searched(struct kunit *test)
{
	struct rvhv_ioeventfd e = { .addr = 0x1000, .wildcard = true, .ctx = CTX(1) };
	struct rvhv_io *io = test->priv;

	KUNIT_EXPECT_EQ(test, add(io, RVHV_IO_PIO, &e), 0);
	KUNIT_EXPECT_EQ(test, add(io, RVHV_IO_CCW, &e), 0);
	KUNIT_EXPECT_FALSE(test, rvhv_io_has_writers(io));
	KUNIT_EXPECT_EQ(test, rvhv_io_write(io, 0x1000, 4, 0), RVHV_IO_UNHANDLED);
}

static void eventfd_limit(struct kunit *test)
{
	struct rvhv_ioeventfd e = { .wildcard = true, .len = 1, .ctx = CTX(1) };
	struct rvhv_ioeventfds *full;
	struct rvhv_io *io = test->priv;
	unsigned int i;

	full = kvzalloc(struct_size(full, e, RVHV_IO_MAX_EVENTFDS - 1), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, full);
	full->nr = RVHV_IO_MAX_EVENTFDS - 1;
	for (i = 0; i < full->nr; i++) {
		full->e[i] = e;
		full->e[i].addr = i;
	}
	rcu_assign_pointer(io->eventfds[RVHV_IO_MMIO], full);
	KUNIT_ASSERT_EQ(test, rvhv_io_device_add(io, &io->eventfd_device), 0);
	e.addr = U64_MAX - 8;
	KUNIT_EXPECT_EQ(test, add(io, RVHV_IO_MMIO, &e), 0);
	KUNIT_EXPECT_EQ(test, set_of(io, RVHV_IO_MMIO)->nr, RVHV_IO_MAX_EVENTFDS);
	e.addr--;
	KUNIT_EXPECT_EQ(test, add(io, RVHV_IO_MMIO, &e), -ENOSPC);
}

/* Random changes, against an unsorted list */
static void eventfd_set_against_model(struct kunit *test)
{
	struct rvhv_io *io = test->priv;
	unsigned int nr = 0, step, i;
	struct rvhv_ioeventfd *model;
	struct rnd_state rnd;

	/* Room for every kind at four offsets: equal ones clash. */
	model = kunit_kcalloc(test, 4 * NR_KINDS, sizeof(*model), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, model);
	prandom_seed_state(&rnd, 1);
	for (step = 0; step < 2000; step++) {
		struct rvhv_ioeventfd e = kind(prandom_u32_state(&rnd) % NR_KINDS);
		const struct rvhv_ioeventfds *set;
		int want = 0;

		e.addr += prandom_u32_state(&rnd) % 4 * 0x100;
		e.ctx = CTX(1);
		for (i = 0; i < nr; i++)
			if (rvhv_ioeventfd_clash(&model[i], &e))
				want = -EEXIST;
		if (nr && prandom_u32_state(&rnd) % 2) {
			i = prandom_u32_state(&rnd) % nr;
			KUNIT_ASSERT_EQ(test, del(io, RVHV_IO_MMIO, &model[i]), 0);
			model[i] = model[--nr];
		} else {
			KUNIT_ASSERT_EQ(test, add(io, RVHV_IO_MMIO, &e), want);
			if (!want)
				model[nr++] = e;
		}

		set = set_of(io, RVHV_IO_MMIO);
		KUNIT_ASSERT_EQ(test, nr_eventfds(io), nr);
		KUNIT_ASSERT_EQ(test, rvhv_io_has_writers(io), nr > 0);
		for (i = 1; i < nr; i++)
			KUNIT_ASSERT_LE(test, set->e[i - 1].addr, set->e[i].addr);
		for (i = 0; i < nr; i++)
			KUNIT_ASSERT_NOT_NULL(test, rvhv_ioeventfd_find(set, model[i].addr,
									model[i].len ?: 1,
									model[i].match));
	}
}

static void eventfd_find_against_model(struct kunit *test)
{
	struct rvhv_io *io = test->priv;
	unsigned int i, j, len, hits;
	u64 val;

	for (i = 0; i < NR_KINDS; i++) {
		struct rvhv_ioeventfd e = kind(i);

		e.ctx = CTX(i);
		add(io, RVHV_IO_MMIO, &e);
	}
	for (i = 0; i < 4 * 4 * 3; i++) {
		const struct rvhv_ioeventfds *set = set_of(io, RVHV_IO_MMIO);
		u64 addr = 0x0fff + i % 4 * 0x800;

		addr += i % 2;
		len = 1 << i / 4 % 4;
		val = i / 16;
		for (j = 0, hits = 0; j < set->nr; j++)
			hits += rvhv_ioeventfd_hit(&set->e[j], addr, len, val);
		KUNIT_EXPECT_LE(test, hits, 1);
		KUNIT_EXPECT_EQ(test, !!rvhv_ioeventfd_find(set, addr, len, val), hits);
	}
}

/* ---- coalesced MMIO ---- */

static void zone_contains(struct kunit *test)
{
	const struct rvhv_zone zone = { .addr = 0x1000, .size = 8 };
	const struct rvhv_zone top = { .addr = U64_MAX - 7, .size = 16 };

	KUNIT_EXPECT_TRUE(test, rvhv_zone_contains(&zone, 0x1000, 8));
	KUNIT_EXPECT_TRUE(test, rvhv_zone_contains(&zone, 0x1007, 1));
	KUNIT_EXPECT_TRUE(test, rvhv_zone_contains(&zone, 0x1008, 0));
	KUNIT_EXPECT_FALSE(test, rvhv_zone_contains(&zone, 0x1008, 1));
	KUNIT_EXPECT_FALSE(test, rvhv_zone_contains(&zone, 0x1001, 8));
	KUNIT_EXPECT_FALSE(test, rvhv_zone_contains(&zone, 0x0fff, 1));
	KUNIT_EXPECT_FALSE(test, rvhv_zone_contains(&zone, 0x0fff, 2));
	KUNIT_EXPECT_FALSE(test, rvhv_zone_contains(&zone, 0x1004, U64_MAX));
	KUNIT_EXPECT_TRUE(test, rvhv_zone_contains(&top, U64_MAX - 7, 7));
	KUNIT_EXPECT_FALSE(test, rvhv_zone_contains(&top, U64_MAX - 3, 8));
	KUNIT_EXPECT_FALSE(test, rvhv_zone_contains(&top, 0, 1));
}

static struct rvhv_coalesced_ring *ring_of(struct rvhv_io *io)
{
	return page_address(io->ring);
}

/* A full ring has one free entry, wherever it starts. */
static void ring_keeps_one_free(struct kunit *test)
{
	struct rvhv_coalesced_ring *ring = ring_of(test->priv);
	u32 start, i;

	for (start = 0; start < RVHV_COALESCED_MAX; start++) {
		ring->first = start;
		ring->last = start;
		for (i = 0; i < RVHV_COALESCED_MAX - 1; i++)
			KUNIT_ASSERT_TRUE(test, rvhv_coalesced_queue(ring, i, 4, i));
		KUNIT_ASSERT_FALSE(test, rvhv_coalesced_queue(ring, i, 4, i));
		KUNIT_ASSERT_EQ(test, (ring->last + 1) % RVHV_COALESCED_MAX, start);
		ring->first = (start + 1) % RVHV_COALESCED_MAX;
		KUNIT_ASSERT_TRUE(test, rvhv_coalesced_queue(ring, i, 4, i));
	}
}

static void ring_distrusts_the_vmm(struct kunit *test)
{
	static const u32 wild[] = { RVHV_COALESCED_MAX, RVHV_COALESCED_MAX + 1, S32_MAX, U32_MAX };
	struct rvhv_coalesced_ring *ring = ring_of(test->priv);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wild); i++) {
		ring->first = 0;
		ring->last = wild[i];
		KUNIT_EXPECT_FALSE(test, rvhv_coalesced_queue(ring, 0, 4, 0));
		KUNIT_EXPECT_EQ(test, ring->last, wild[i]);
		/* The ring counts as full only if first is the next index. */
		ring->first = wild[i];
		ring->last = RVHV_COALESCED_MAX - 1;
		KUNIT_EXPECT_TRUE(test, rvhv_coalesced_queue(ring, 0, 4, 0));
		KUNIT_EXPECT_EQ(test, ring->last, 0);
	}
}

static void ring_entry(struct kunit *test)
{
	struct rvhv_coalesced_ring *ring = ring_of(test->priv);
	const struct rvhv_zone zone = { .addr = 0x1000, .size = 0x100 };
	static const u8 bytes[8] = { 0x11, 0x22 };
	struct rvhv_io *io = test->priv;

	KUNIT_ASSERT_EQ(test, rvhv_coalesced_add(io, RVHV_IO_MMIO, &zone), 0);
	memset(ring->store, 0xaa, sizeof(ring->store[0]));
	KUNIT_EXPECT_EQ(test, rvhv_io_write(io, 0x1010, 2, 0x2211), RVHV_IO_HANDLED);
	KUNIT_EXPECT_EQ(test, ring->last, 1);
	KUNIT_EXPECT_EQ(test, ring->store[0].addr, 0x1010);
	KUNIT_EXPECT_EQ(test, ring->store[0].len, 2);
	KUNIT_EXPECT_EQ(test, ring->store[0].pio, 0);
	KUNIT_EXPECT_MEMEQ(test, ring->store[0].data, bytes, sizeof(bytes));
	KUNIT_EXPECT_EQ(test, rvhv_io_write(io, 0x10ff, 2, 0), RVHV_IO_UNHANDLED);
	KUNIT_EXPECT_EQ(test, ring->last, 1);
}

/* Removal takes every zone that contains the range, and succeeds if there is none. */
static void zones_removed_by_range(struct kunit *test)
{
	const struct rvhv_zone small = { .addr = 0x1000, .size = 8 };
	const struct rvhv_zone large = { .addr = 0x1000, .size = 0x1000 };
	const struct rvhv_zone in_large = { .addr = 0x1800, .size = 4 };
	const struct rvhv_zone in_both = { .addr = 0x1004, .size = 4 };
	struct rvhv_io *io = test->priv;

	KUNIT_EXPECT_EQ(test, rvhv_coalesced_remove(io, RVHV_IO_MMIO, &small), 0);
	KUNIT_EXPECT_EQ(test, rvhv_coalesced_add(io, RVHV_IO_MMIO, &small), 0);
	KUNIT_EXPECT_EQ(test, rvhv_coalesced_add(io, RVHV_IO_MMIO, &large), 0);
	KUNIT_EXPECT_EQ(test, rvhv_coalesced_add(io, RVHV_IO_MMIO, &small), 0);
	KUNIT_EXPECT_EQ(test, rvhv_coalesced_add(io, RVHV_IO_PIO, &small), 0);
	KUNIT_EXPECT_EQ(test, nr_zones(io), 3);
	KUNIT_EXPECT_EQ(test, io->nr_writers, 1);
	KUNIT_EXPECT_EQ(test, rvhv_coalesced_remove(io, RVHV_IO_MMIO, &in_large), 0);
	KUNIT_EXPECT_EQ(test, nr_zones(io), 2);
	KUNIT_EXPECT_EQ(test, rvhv_io_write(io, 0x1800, 4, 0), RVHV_IO_UNHANDLED);
	KUNIT_EXPECT_EQ(test, rvhv_io_write(io, 0x1000, 8, 0), RVHV_IO_HANDLED);
	KUNIT_EXPECT_EQ(test, rvhv_coalesced_remove(io, RVHV_IO_MMIO, &in_both), 0);
	KUNIT_EXPECT_FALSE(test, rvhv_io_has_writers(io));
	KUNIT_EXPECT_EQ(test, rvhv_io_write(io, 0x1000, 8, 0), RVHV_IO_UNHANDLED);
}

static void zones_limit(struct kunit *test)
{
	const struct rvhv_zone zone = { .addr = 0x1000, .size = 8 };
	struct rvhv_io *io = test->priv;
	unsigned int i;

	for (i = 0; i < RVHV_IO_MAX_ZONES; i++)
		KUNIT_ASSERT_EQ(test, rvhv_coalesced_add(io, RVHV_IO_MMIO, &zone), 0);
	KUNIT_EXPECT_EQ(test, rvhv_coalesced_add(io, RVHV_IO_MMIO, &zone), -ENOSPC);
	KUNIT_EXPECT_EQ(test, rvhv_coalesced_add(io, RVHV_IO_PIO, &zone), 0);
	KUNIT_EXPECT_EQ(test, rvhv_coalesced_remove(io, RVHV_IO_MMIO, &zone), 0);
	KUNIT_EXPECT_FALSE(test, rvhv_io_has_writers(io));
}

static struct kunit_case io_cases[] = {
	KUNIT_CASE(eventfd_lengths),
	KUNIT_CASE(eventfd_end_of_memory),
	KUNIT_CASE(eventfd_hit),
	KUNIT_CASE(eventfd_clash),
	KUNIT_CASE(eventfd_exists),
	KUNIT_CASE(eventfd_remove_needs_equality),
	KUNIT_CASE(eventfd_only_mmio_is_searched),
	KUNIT_CASE(eventfd_limit),
	KUNIT_CASE_SLOW(eventfd_set_against_model),
	KUNIT_CASE(eventfd_find_against_model),
	KUNIT_CASE(zone_contains),
	KUNIT_CASE(ring_keeps_one_free),
	KUNIT_CASE(ring_distrusts_the_vmm),
	KUNIT_CASE(ring_entry),
	KUNIT_CASE(zones_removed_by_range),
	KUNIT_CASE(zones_limit),
	{}
};

static struct kunit_suite io_suite = {
	.name = "rvhv_io",
	.init = io_init,
	.exit = io_exit,
	.test_cases = io_cases,
};

kunit_test_suite(io_suite);

MODULE_LICENSE("GPL");
