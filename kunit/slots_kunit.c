// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the memory slots' rules: arithmetic against a naive model, and the sorted set.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "../guest_mem/mem.h"
#include "../guest_mem/region.h"
#include "../guest_mem/slots.h"

static struct rvhv_slots *empty_set(struct kunit *test)
{
	struct rvhv_slots *set = kvzalloc(struct_size(set, slot, 0), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, set);
	return set;
}

/* ---- arithmetic ---- */

/* Each exponent stands for the power of two, and 1 and a page below and above it. */
static const unsigned int exponents[] = { 12, 16, 21, 31, 32, 38, 41, 43, 47, 50, 59, 63 };
static const long offsets[] = { -SZ_4K, -1, 0, 1, SZ_4K };

#define NR_VALUES	(ARRAY_SIZE(exponents) * ARRAY_SIZE(offsets) + 4)

static u64 value(unsigned int i)
{
	static const u64 ends[] = { 0, 1, U64_MAX, U64_MAX - SZ_4K + 1 };

	if (i < ARRAY_SIZE(ends))
		return ends[i];
	i -= ARRAY_SIZE(ends);
	return BIT_ULL(exponents[i / ARRAY_SIZE(offsets)]) + offsets[i % ARRAY_SIZE(offsets)];
}

static const u32 slot_ids[] = {
	0, 1, RVHV_MAX_SLOTS - 1, RVHV_MAX_SLOTS, U16_MAX, U16_MAX + 1, U16_MAX + 2, U32_MAX,
};

static const u32 flag_sets[] = {
	0, RVHV_SLOT_LOG_DIRTY, RVHV_SLOT_READONLY, RVHV_SLOT_LOG_DIRTY | RVHV_SLOT_READONLY,
	BIT(2), BIT(31), U32_MAX,
};

/* The rules of KVM's api.rst, without arithmetic that could overflow */
static int naive_check(const struct rvhv_region *r, unsigned int gpa_bits)
{
	if (r->flags > 3 || r->slot >= RVHV_MAX_SLOTS)
		return -EINVAL;
	if (r->gpa % SZ_4K || r->size % SZ_4K || r->hva % SZ_4K)
		return -EINVAL;
	if (r->gpa > U64_MAX - r->size || r->hva > U64_MAX - r->size)
		return -EINVAL;
	if (r->size / SZ_4K > 0x7fffffff)
		return -EINVAL;
	if (!r->size)
		return -EINVAL;
	if (r->gpa + r->size >= BIT_ULL(gpa_bits))
		return -EFAULT;
	return RVHV_REGION_CREATE;
}

static void compare_one(struct kunit *test, const struct rvhv_slots *set,
			const struct rvhv_region *r, unsigned int gpa_bits)
{
	struct rvhv_region_limits limits = { .gpa_bits = gpa_bits };
	int got = rvhv_region_check(set, NULL, r, &limits);
	int want = naive_check(r, gpa_bits);

	if (got != want)
		KUNIT_FAIL(test, "slot %x flags %x gpa %llx size %llx hva %llx: %d, not %d",
			   r->slot, r->flags, r->gpa, r->size, r->hva, got, want);
}

static void addresses_of_one_request(struct kunit *test)
{
	struct rvhv_slots *set = empty_set(test);
	unsigned int i, j, k, bits;

	for (bits = 41; bits <= 59; bits += 9)
		for (i = 0; i < NR_VALUES; i++)
			for (j = 0; j < NR_VALUES; j++)
				for (k = 0; k < NR_VALUES; k++) {
					const struct rvhv_region r = {
						.gpa = value(i), .size = value(j),
						.hva = value(k),
					};

					compare_one(test, set, &r, bits);
				}
	kvfree(set);
}

static void ids_and_flags_of_one_request(struct kunit *test)
{
	struct rvhv_slots *set = empty_set(test);
	unsigned int i, j, k;

	for (i = 0; i < ARRAY_SIZE(slot_ids); i++)
		for (j = 0; j < ARRAY_SIZE(flag_sets); j++)
			for (k = 0; k < NR_VALUES; k++) {
				const struct rvhv_region r = {
					.slot = slot_ids[i], .flags = flag_sets[j],
					.gpa = SZ_1G, .size = value(k), .hva = SZ_1G,
				};

				compare_one(test, set, &r, 41);
			}
	kvfree(set);
}

static void pages_of_all_slots(struct kunit *test)
{
	const struct rvhv_region r = { .gpa = SZ_1G, .size = 2 * SZ_4K, .hva = SZ_1G };
	struct rvhv_region_limits limits = { .gpa_bits = 41 };
	struct rvhv_slots *set = empty_set(test);

	limits.nr_pages = U64_MAX - 2;
	KUNIT_EXPECT_EQ(test, rvhv_region_check(set, NULL, &r, &limits), RVHV_REGION_CREATE);
	limits.nr_pages = U64_MAX - 1;
	KUNIT_EXPECT_EQ(test, rvhv_region_check(set, NULL, &r, &limits), -EINVAL);
	limits.nr_pages = U64_MAX;
	KUNIT_EXPECT_EQ(test, rvhv_region_check(set, NULL, &r, &limits), -EINVAL);
	kvfree(set);
}

/* ---- changes of an existing slot ---- */

struct change_case {
	const char *name;
	struct rvhv_region region;
	u32 old_flags;
	int want;
};

/* The old slot: id 3, 16 pages at 1 GiB, user address 2 MiB. Another slot is at 1 GiB + 128K. */
static const struct change_case change_cases[] = {
	{ "nothing", { 3, 0, SZ_1G, SZ_64K, SZ_2M }, 0, RVHV_REGION_NOTHING },
	{ "nothing, read-only", { 3, 2, SZ_1G, SZ_64K, SZ_2M }, 2, RVHV_REGION_NOTHING },
	{ "log on", { 3, 1, SZ_1G, SZ_64K, SZ_2M }, 0, RVHV_REGION_FLAGS },
	{ "log off", { 3, 0, SZ_1G, SZ_64K, SZ_2M }, 1, RVHV_REGION_FLAGS },
	{ "log on, read-only", { 3, 3, SZ_1G, SZ_64K, SZ_2M }, 2, RVHV_REGION_FLAGS },
	{ "read-only on", { 3, 2, SZ_1G, SZ_64K, SZ_2M }, 0, -EINVAL },
	{ "read-only off", { 3, 0, SZ_1G, SZ_64K, SZ_2M }, 2, -EINVAL },
	{ "unknown flag", { 3, 4, SZ_1G, SZ_64K, SZ_2M }, 0, -EINVAL },
	{ "larger", { 3, 0, SZ_1G, SZ_128K, SZ_2M }, 0, -EINVAL },
	{ "smaller", { 3, 0, SZ_1G, SZ_4K, SZ_2M }, 0, -EINVAL },
	{ "other user address", { 3, 0, SZ_1G, SZ_64K, SZ_1M }, 0, -EINVAL },
	{ "move away", { 3, 0, 0, SZ_64K, SZ_2M }, 0, RVHV_REGION_MOVE },
	{ "move over itself", { 3, 0, SZ_1G + SZ_4K, SZ_64K, SZ_2M }, 0, RVHV_REGION_MOVE },
	{ "move up to the next", { 3, 0, SZ_1G + SZ_64K, SZ_64K, SZ_2M }, 0, RVHV_REGION_MOVE },
	{ "move into the next", { 3, 0, SZ_1G + SZ_64K + SZ_4K, SZ_64K, SZ_2M }, 0, -EEXIST },
	{ "move onto the next", { 3, 0, SZ_1G + SZ_128K, SZ_64K, SZ_2M }, 0, -EEXIST },
	{ "move and log", { 3, 1, SZ_2M, SZ_64K, SZ_2M }, 0, RVHV_REGION_MOVE },
	{ "move and read-only", { 3, 2, SZ_2M, SZ_64K, SZ_2M }, 0, -EINVAL },
	{ "move unaligned", { 3, 0, SZ_1G + 1, SZ_64K, SZ_2M }, 0, -EINVAL },
	{ "move out of bounds", { 3, 0, BIT_ULL(41) - SZ_32K, SZ_64K, SZ_2M }, 0, -EFAULT },
	{ "move to the very end", { 3, 0, BIT_ULL(41) - SZ_64K, SZ_64K, SZ_2M }, 0, -EFAULT },
	{ "delete", { 3, 0, SZ_1G, 0, SZ_2M }, 0, RVHV_REGION_DELETE },
	{ "delete, other addresses", { 3, 1, 0, 0, 0 }, 0, RVHV_REGION_DELETE },
	{ "delete unaligned", { 3, 0, 1, 0, 0 }, 0, -EINVAL },
	{ "delete, unknown flag", { 3, 4, 0, 0, 0 }, 0, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(change, change_cases, name);

static void change_of_a_slot(struct kunit *test)
{
	struct rvhv_slot old = { .base_gfn = SZ_1G >> 12, .npages = 16, .hva = SZ_2M, .id = 3 };
	struct rvhv_slot next = { .base_gfn = (SZ_1G + SZ_128K) >> 12, .npages = 16, .id = 4 };
	const struct rvhv_region_limits limits = { .nr_pages = 32, .gpa_bits = 41 };
	const struct change_case *c = test->param_value;
	struct rvhv_slots *none = empty_set(test);
	struct rvhv_slots *one, *two;

	old.flags = c->old_flags;
	one = rvhv_slots_replace(none, NULL, &next);
	KUNIT_ASSERT_NOT_NULL(test, one);
	two = rvhv_slots_replace(one, NULL, &old);
	KUNIT_ASSERT_NOT_NULL(test, two);
	KUNIT_EXPECT_EQ(test, rvhv_region_check(two, &old, &c->region, &limits), c->want);
	kvfree(none);
	kvfree(one);
	kvfree(two);
}

/* ---- the set ---- */

#define UNIVERSE	256	/* guest frames */
#define MOST_SLOTS	32

struct world {
	struct rvhv_slots *set;
	struct rvhv_slot slot[MOST_SLOTS];
	bool used[MOST_SLOTS];
	struct rvhv_slot *owner[UNIVERSE];
};

static struct world *new_world(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->set = empty_set(test);
	return w;
}

static void world_replace(struct kunit *test, struct world *w, struct rvhv_slot *remove,
			  struct rvhv_slot *add)
{
	struct rvhv_slots *set = rvhv_slots_replace(w->set, remove, add);

	KUNIT_ASSERT_NOT_NULL(test, set);
	kvfree(w->set);
	w->set = set;
}

static void world_own(struct world *w, struct rvhv_slot *slot, struct rvhv_slot *owner)
{
	u64 i;

	for (i = 0; i < slot->npages; i++)
		w->owner[slot->base_gfn + i] = owner;
}

static void world_compare(struct kunit *test, struct world *w)
{
	unsigned int i;

	for (i = 0; i < UNIVERSE; i++)
		KUNIT_ASSERT_PTR_EQ(test, rvhv_slots_search(w->set, i), w->owner[i]);
	KUNIT_EXPECT_PTR_EQ(test, rvhv_slots_search(w->set, U64_MAX), NULL);
	for (i = 1; i < w->set->nr; i++)
		KUNIT_ASSERT_GE(test, w->set->slot[i]->base_gfn,
				w->set->slot[i - 1]->base_gfn + w->set->slot[i - 1]->npages);
}

/* One random request for slot @id; the owners of the frames are the oracle. */
static void world_step(struct kunit *test, struct world *w, struct rnd_state *rnd)
{
	const struct rvhv_region_limits limits = { .gpa_bits = 41 };
	unsigned int id = prandom_u32_state(rnd) % MOST_SLOTS;
	struct rvhv_slot *slot = &w->slot[id];
	struct rvhv_slot *old = w->used[id] ? slot : NULL;
	struct rvhv_region r = {
		.slot = id,
		.gpa = (u64)(prandom_u32_state(rnd) % (UNIVERSE - 16)) * SZ_4K,
		.size = old ? slot->npages * SZ_4K : (1 + prandom_u32_state(rnd) % 16) * SZ_4K,
		.hva = SZ_2M,
	};
	bool clash = false;
	unsigned int i;
	int got;

	if (old && prandom_u32_state(rnd) % 3 == 0) {
		r.size = 0;
		KUNIT_ASSERT_EQ(test, rvhv_region_check(w->set, old, &r, &limits),
				RVHV_REGION_DELETE);
		world_replace(test, w, slot, NULL);
		world_own(w, slot, NULL);
		w->used[id] = false;
		return;
	}
	for (i = 0; i < r.size / SZ_4K; i++)
		clash |= w->owner[r.gpa / SZ_4K + i] && w->owner[r.gpa / SZ_4K + i] != old;
	got = rvhv_region_check(w->set, old, &r, &limits);
	if (old && r.gpa == slot->base_gfn * SZ_4K) {
		KUNIT_ASSERT_EQ(test, got, RVHV_REGION_NOTHING);
		return;
	}
	KUNIT_ASSERT_EQ(test, got, clash ? -EEXIST :
			old ? RVHV_REGION_MOVE : RVHV_REGION_CREATE);
	if (clash)
		return;
	if (old) {
		world_replace(test, w, slot, NULL);
		world_own(w, slot, NULL);
	}
	*slot = (struct rvhv_slot) {
		.base_gfn = r.gpa / SZ_4K, .npages = r.size / SZ_4K, .hva = r.hva, .id = id,
	};
	if (!rvhv_slots_append(w->set, slot))
		world_replace(test, w, NULL, slot);
	world_own(w, slot, slot);
	w->used[id] = true;
}

static void random_requests(struct kunit *test)
{
	struct world *w = new_world(test);
	struct rnd_state rnd;
	unsigned int i;

	prandom_seed_state(&rnd, 1);
	for (i = 0; i < 5000; i++) {
		world_step(test, w, &rnd);
		world_compare(test, w);
	}
	kvfree(w->set);
}

static void replace_in_place(struct kunit *test)
{
	struct rvhv_slot a = { .base_gfn = 0, .npages = 1 }, b = { .base_gfn = 1, .npages = 1 };
	struct rvhv_slot c = { .base_gfn = 2, .npages = 1 }, b2 = b;
	struct world *w = new_world(test);

	world_replace(test, w, NULL, &c);
	world_replace(test, w, NULL, &a);
	world_replace(test, w, NULL, &b);
	KUNIT_ASSERT_EQ(test, w->set->nr, 3);
	KUNIT_EXPECT_PTR_EQ(test, w->set->slot[0], &a);
	KUNIT_EXPECT_PTR_EQ(test, w->set->slot[1], &b);
	KUNIT_EXPECT_PTR_EQ(test, w->set->slot[2], &c);
	world_replace(test, w, &b, &b2);
	KUNIT_ASSERT_EQ(test, w->set->nr, 3);
	KUNIT_EXPECT_PTR_EQ(test, w->set->slot[1], &b2);
	world_replace(test, w, &a, NULL);
	world_replace(test, w, &c, NULL);
	KUNIT_ASSERT_EQ(test, w->set->nr, 1);
	KUNIT_EXPECT_PTR_EQ(test, w->set->slot[0], &b2);
	world_replace(test, w, &b2, NULL);
	KUNIT_EXPECT_EQ(test, w->set->nr, 0);
	KUNIT_EXPECT_PTR_EQ(test, rvhv_slots_search(w->set, 0), NULL);
	kvfree(w->set);
}

static void append_in_place(struct kunit *test)
{
	struct rvhv_slot low = { .base_gfn = 0, .npages = 1 };
	struct world *w = new_world(test);
	struct rvhv_slot *slot;
	unsigned int i, room;

	slot = kunit_kcalloc(test, 64, sizeof(*slot), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, slot);
	for (i = 0; i < 64; i++)
		slot[i] = (struct rvhv_slot) { .base_gfn = 2 * i + 2, .npages = 2 };

	/* The empty set has no capacity. */
	KUNIT_EXPECT_FALSE(test, rvhv_slots_append(w->set, &slot[0]));
	world_replace(test, w, NULL, &slot[0]);
	room = w->set->capacity - w->set->nr;
	KUNIT_EXPECT_GT(test, room, 0);
	/* A slot below the others cannot be appended. */
	KUNIT_EXPECT_FALSE(test, rvhv_slots_append(w->set, &low));
	for (i = 1; i <= room; i++) {
		KUNIT_EXPECT_PTR_EQ(test, w->set->slot[i], NULL);
		KUNIT_EXPECT_PTR_EQ(test, rvhv_slots_search(w->set, 2 * i + 3), NULL);
		KUNIT_EXPECT_TRUE(test, rvhv_slots_append(w->set, &slot[i]));
		KUNIT_EXPECT_PTR_EQ(test, rvhv_slots_search(w->set, 2 * i + 3), &slot[i]);
	}
	KUNIT_EXPECT_FALSE(test, rvhv_slots_append(w->set, &slot[i]));
	KUNIT_EXPECT_EQ(test, w->set->nr, room + 1);
	kvfree(w->set);
}

/* A reader may see the new count before the new slot. */
static void search_beside_append(struct kunit *test)
{
	struct rvhv_slot slot = { .base_gfn = 8, .npages = 8 };
	struct world *w = new_world(test);

	world_replace(test, w, NULL, &slot);
	w->set->nr = 3;
	KUNIT_EXPECT_PTR_EQ(test, rvhv_slots_search(w->set, 8), &slot);
	KUNIT_EXPECT_PTR_EQ(test, rvhv_slots_search(w->set, 15), &slot);
	KUNIT_EXPECT_PTR_EQ(test, rvhv_slots_search(w->set, 0), NULL);
	KUNIT_EXPECT_PTR_EQ(test, rvhv_slots_search(w->set, 16), NULL);
	kvfree(w->set);
}

static void find_with_any_hint(struct kunit *test)
{
	struct rvhv_mem *mem = kunit_kzalloc(test, sizeof(*mem), GFP_KERNEL);
	struct rvhv_slot slot[3] = {
		{ .base_gfn = 16, .npages = 16 },
		{ .base_gfn = 32, .npages = 1 },
		{ .base_gfn = BIT_ULL(29), .npages = 512 },
	};
	static const u64 gfn[] = { 0, 15, 16, 31, 32, 33, BIT_ULL(29) - 1, BIT_ULL(29),
				   BIT_ULL(29) + 511, BIT_ULL(29) + 512, U64_MAX };
	struct world *w = new_world(test);
	unsigned int i, hint;
	int idx;

	KUNIT_ASSERT_NOT_NULL(test, mem);
	KUNIT_ASSERT_EQ(test, init_srcu_struct(&mem->srcu), 0);
	mutex_init(&mem->slots_lock);
	for (i = 0; i < ARRAY_SIZE(slot); i++)
		world_replace(test, w, NULL, &slot[i]);
	rcu_assign_pointer(mem->slots, w->set);

	idx = srcu_read_lock(&mem->srcu);
	for (hint = 0; hint < 5; hint++)
		for (i = 0; i < ARRAY_SIZE(gfn); i++) {
			mem->slot_hint = hint < 4 ? hint : UINT_MAX;
			KUNIT_EXPECT_PTR_EQ(test, rvhv_slot_find(mem, gfn[i]),
					    rvhv_slots_search(w->set, gfn[i]));
			/* Again, with the hint that the first search set */
			KUNIT_EXPECT_PTR_EQ(test, rvhv_slot_find(mem, gfn[i]),
					    rvhv_slots_search(w->set, gfn[i]));
		}
	srcu_read_unlock(&mem->srcu, idx);
	cleanup_srcu_struct(&mem->srcu);
	kvfree(w->set);
}

/* ---- dirty log ---- */

struct range_case {
	const char *name;
	u64 npages, first;
	u32 num;
	int want;
};

static const struct range_case range_cases[] = {
	{ "all of 64", 64, 0, 64, 0 },
	{ "all of 100", 100, 0, 100, 0 },
	{ "none", 100, 0, 0, 0 },
	{ "a word", 100, 0, 64, 0 },
	{ "the rest", 100, 64, 36, 0 },
	{ "none at the end", 128, 128, 0, 0 },
	{ "part of a word", 100, 0, 63, -EINVAL },
	{ "part of the rest", 100, 64, 35, -EINVAL },
	{ "beyond", 100, 64, 37, -EINVAL },
	{ "rounded up", 100, 0, 128, -EINVAL },
	{ "unaligned", 200, 1, 64, -EINVAL },
	{ "unaligned by 32", 200, 32, 64, -EINVAL },
	{ "first beyond", 100, 128, 0, -EINVAL },
	{ "first at the top", 100, U64_MAX - 63, 64, -EINVAL },
	{ "huge count", 100, 0, U32_MAX, -EINVAL },
	{ "largest slot", RVHV_SLOT_MAX_PAGES, 0, RVHV_SLOT_MAX_PAGES, 0 },
};

KUNIT_ARRAY_PARAM_DESC(range, range_cases, name);

static void range_to_clear(struct kunit *test)
{
	const struct range_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, rvhv_dirty_check_range(c->npages, c->first, c->num), c->want);
}

static void mark_dirty(struct kunit *test)
{
	DECLARE_BITMAP(bits, 128) = {};
	struct rvhv_slot slot = { .base_gfn = 1000, .npages = 100 };

	/* Does nothing without a log. */
	rvhv_slot_mark_dirty(&slot, 1000);
	slot.dirty = bits;
	rvhv_slot_mark_dirty(&slot, 1000);
	rvhv_slot_mark_dirty(&slot, 1063);
	rvhv_slot_mark_dirty(&slot, 1099);
	rvhv_slot_mark_dirty(&slot, 1099);
	KUNIT_EXPECT_EQ(test, bitmap_weight(bits, 128), 3);
	KUNIT_EXPECT_TRUE(test, test_bit(0, bits));
	KUNIT_EXPECT_TRUE(test, test_bit(63, bits));
	KUNIT_EXPECT_TRUE(test, test_bit(99, bits));
}

static struct kunit_case slots_cases[] = {
	KUNIT_CASE(addresses_of_one_request),
	KUNIT_CASE(ids_and_flags_of_one_request),
	KUNIT_CASE(pages_of_all_slots),
	KUNIT_CASE_PARAM(change_of_a_slot, change_gen_params),
	KUNIT_CASE(random_requests),
	KUNIT_CASE(replace_in_place),
	KUNIT_CASE(append_in_place),
	KUNIT_CASE(search_beside_append),
	KUNIT_CASE(find_with_any_hint),
	KUNIT_CASE_PARAM(range_to_clear, range_gen_params),
	KUNIT_CASE(mark_dirty),
	{}
};

static struct kunit_suite slots_suite = {
	.name = "rvhv_slots",
	.test_cases = slots_cases,
};

kunit_test_suite(slots_suite);
