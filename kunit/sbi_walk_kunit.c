// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests that call every function of every row of the SBI table with boundary values. A new
 * row needs an entry only for its results.
 */
#include <kunit/test.h>
#include <linux/prandom.h>

#include "../sbi/host_comm.h"
#include "../sbi/sbi_errors.h"
#include "../sbi/sbi_ids.h"
#include "sbi_fake.h"

static const unsigned long sparse[] = { 0, 1, 5, 63, 64, 130, 1023 };
static const unsigned long alone[] = { 0 };

/* Address of the fake guest's hart mask, one of the boundary values */
#define MASK_GVA	0x80000000UL

static const unsigned long boundary[] = {
	0, 1, 2, 3, 7, 63, 64, 0xfff, 0x1000, 0x1001,
	RVHV_MAX_VCPUS - 1, RVHV_MAX_VCPUS, RVHV_MAX_VCPUS + 1,
	0x7fffffff, MASK_GVA, MASK_GVA + 1, 0x8fffffff, 0x90000000,
	0xdfffffff, 0xe0000000, 0xf0000000, 0xffffffff,
	1UL << 32, (1UL << 32) + 1, (1UL << 32) + MASK_GVA, 1UL << 63,
	-0x1001UL, -0x1000UL, -0xfffUL, -64UL, -2UL, -1UL,
};

static const unsigned long fids[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
	1UL << 31, 1UL << 32, (1UL << 32) + 1, -1UL,
};

#define RANDOM_CALLS	60

/* Results of an extension besides RVHV_SBI_DONE, and RVHV_SBI_DEFER of an atomic call */
struct results {
	unsigned long first;
	unsigned long last;
	unsigned long mask;
};

static const struct results results[] = {
	{ 0x0, 0x8, BIT(RVHV_SBI_DONE_LEGACY) | BIT(RVHV_SBI_VMM) | BIT(RVHV_SBI_SYSTEM) |
		    BIT(RVHV_SBI_TRAP) },
	{ SBI_EXT_BASE, SBI_EXT_BASE, BIT(RVHV_SBI_VMM) },
	{ RVHV_EID_HVC, RVHV_EID_HVC, BIT(RVHV_SBI_HYPERCALL) },
	{ SBI_EXT_HSM, SBI_EXT_HSM, BIT(RVHV_SBI_SUSPEND) | BIT(RVHV_SBI_STOP) },
	{ SBI_EXT_EXPERIMENTAL_START, SBI_EXT_VENDOR_END, BIT(RVHV_SBI_VMM) },
	{ SBI_EXT_DBCN, SBI_EXT_DBCN, BIT(RVHV_SBI_VMM) },
	{ SBI_EXT_SRST, SBI_EXT_SRST, BIT(RVHV_SBI_SYSTEM) },
};

static bool is_console(unsigned long eid)
{
	return eid == SBI_EXT_DBCN || eid == 0x1 || eid == 0x2;
}

static bool result_allowed(unsigned long eid, enum rvhv_sbi_result result, bool atomic,
			   bool has_console)
{
	unsigned int i;

	if (result == RVHV_SBI_DEFER)
		return atomic;
	/* The kernel has the console, not the VMM */
	if (has_console && is_console(eid))
		return result == (eid > 0x8 ? RVHV_SBI_DONE : RVHV_SBI_DONE_LEGACY);
	if (result == RVHV_SBI_DONE)
		return eid > 0x8;
	for (i = 0; i < ARRAY_SIZE(results); i++)
		if (eid >= results[i].first && eid <= results[i].last)
			return results[i].mask & BIT(result);
	return false;
}

static const char *check_fence(const struct rvhv_fence *fence)
{
	if (fence->kind == RVHV_FENCE_I)
		return fence->start || fence->size || fence->asid ? "fence.i with a range" : NULL;
	if (fence->kind != RVHV_FENCE_VVMA && fence->kind != RVHV_FENCE_VVMA_ASID)
		return "fence of no kind";
	if (fence->kind == RVHV_FENCE_VVMA && fence->asid)
		return "ASID in a fence of every ASID";
	if (fence->asid > SATP_ASID_MASK)
		return "ASID too wide";
	if (fence->size == RVHV_FENCE_ALL)
		return fence->start ? "everything, but not from 0" : NULL;
	if (!fence->size)
		return "empty fence";
	if (fence->start % 0x1000 || fence->size % 0x1000)
		return "fence of broken pages";
	if (fence->start + fence->size - 1 < fence->start)
		return "fence wraps around";
	return NULL;
}

/* At most one fence for each hart; one wait after the last posted fence. */
static const char *check_events(const struct sbi_fake_vm *vm)
{
	unsigned int i, posted = 0, waited = 0;
	const char *bad = NULL;

	for (i = 0; i < vm->nr_events && !bad; i++) {
		const struct sbi_event *event = &vm->event[i];

		switch (event->kind) {
		case SBI_EV_FENCE_POST:
			posted++;
			fallthrough;
		case SBI_EV_FENCE_SELF:
			bad = check_fence(&event->fence);
			if (waited)
				bad = "fence after the wait";
			if (sbi_fake_count(vm, event->kind, event->hart) > 1)
				bad = "a hart fences twice";
			break;
		case SBI_EV_FENCE_WAIT:
			waited++;
			break;
		default:
			break;
		}
	}
	if (!bad && waited != !!posted)
		bad = "fences and waits do not match";
	return bad;
}

static const char *check_answer(const struct sbi_fake_vm *vm, const struct rvhv_sbi_call *asked,
				enum rvhv_sbi_result result)
{
	const struct rvhv_sbi_call *call = &vm->call;

	if (vm->misuse)
		return vm->misuse;
	if (!result_allowed(call->eid, result, call->atomic, vm->console))
		return "result that the extension does not have";
	if (call->eid != asked->eid || call->fid != asked->fid ||
	    memcmp(call->args, asked->args, sizeof(call->args)))
		return "arguments changed";

	switch (result) {
	case RVHV_SBI_DONE:
	case RVHV_SBI_DONE_LEGACY:
		if (call->error > 0 || call->error < SBI_ERR_DENIED_LOCKED)
			return "error code that the specification does not know";
		if (call->error && (call->value || vm->nr_events))
			return "value or effect beside an error";
		break;
	case RVHV_SBI_DEFER:
	case RVHV_SBI_VMM:
	case RVHV_SBI_HYPERCALL:
	case RVHV_SBI_SUSPEND:
	case RVHV_SBI_SYSTEM:
		if (vm->nr_events)
			return "effect of a call that is not done";
		break;
	case RVHV_SBI_HOST_ERROR:
		return "failure of the host where nothing can fail";
	case RVHV_SBI_STOP:
		if (vm->nr_events != 1)
			return "stopped without having been stopped";
		break;
	case RVHV_SBI_TRAP:
		if (vm->nr_events)
			return "effect before a trap";
		if (call->trap.scause != EXC_LOAD_PAGE_FAULT &&
		    call->trap.scause != EXC_LOAD_MISALIGNED)
			return "trap without cause";
		break;
	}
	return check_events(vm);
}

static const char *call_both(struct sbi_fake_vm *vm, struct sbi_fake_vm *atomic)
{
	struct rvhv_sbi_call asked = vm->call;
	enum rvhv_sbi_result first, second;
	const char *bad;

	atomic->call = asked;
	first = sbi_fake_dispatch(atomic, true);
	bad = check_answer(atomic, &asked, first);
	if (bad)
		return bad;

	vm->call = asked;
	second = sbi_fake_dispatch(vm, false);
	bad = check_answer(vm, &asked, second);
	if (bad || first == RVHV_SBI_DEFER)
		return bad;

	if (first != second || vm->call.error != atomic->call.error ||
	    vm->call.value != atomic->call.value || vm->nr_events != atomic->nr_events ||
	    memcmp(vm->event, atomic->event, vm->nr_events * sizeof(vm->event[0])))
		return "another answer with interrupts off";
	return NULL;
}

/**
 * struct walk - a walk in progress
 * @test: the test
 * @rnd: chooses arguments
 * @vm: guest for calls with interrupts on
 * @atomic: guest for calls with interrupts off
 * @comm: host channel of @vm, or NULL
 * @messages: messages received from the guest
 * @calls: number of calls
 * @failed: the test has failed
 */
struct walk {
	struct kunit *test;
	struct rnd_state rnd;
	struct sbi_fake_vm *vm;
	struct sbi_fake_vm *atomic;
	struct rvhv_host_comm *comm;
	unsigned long messages;
	unsigned long calls;
	bool failed;
};

static int no_copy(void *end, void *buf, size_t len)
{
	return 0;
}

/* Leave a message for the guest and room for one from it. */
static void serve_channel(struct walk *walk)
{
	while (rvhv_host_comm_read(walk->comm, RVHV_MESSAGE_MAX, no_copy, NULL, false) > 0)
		walk->messages++;
	rvhv_host_comm_write(walk->comm, 8, no_copy, NULL, false);
}

static void one_call(struct walk *walk)
{
	struct rvhv_sbi_call *call = &walk->vm->call;
	const char *bad = call_both(walk->vm, walk->atomic);

	walk->calls++;
	if (walk->comm)
		serve_channel(walk);
	if (!bad || walk->failed)
		return;
	/* Report only the first failure: there may be a million. */
	walk->failed = true;
	KUNIT_FAIL(walk->test, "EID %#lx FID %#lx (%#lx, %#lx, %#lx, %#lx, %#lx): %s", call->eid,
		   call->fid, call->args[0], call->args[1], call->args[2], call->args[3],
		   call->args[4], bad);
}

static void walk_function(struct walk *walk, unsigned long eid, unsigned long fid)
{
	struct rvhv_sbi_call *call = &walk->vm->call;
	unsigned int arg, i, j;

	for (arg = 0; arg < 5; arg++) {
		for (i = 0; i < ARRAY_SIZE(boundary); i++) {
			*call = (struct rvhv_sbi_call) { .eid = eid, .fid = fid };
			/* A valid set of harts, hart 0: else later arguments do not matter. */
			call->args[0] = 1;
			call->args[arg] = boundary[i];
			one_call(walk);
		}
	}
	for (i = 0; i < RANDOM_CALLS; i++) {
		*call = (struct rvhv_sbi_call) { .eid = eid, .fid = fid };
		for (j = 0; j < ARRAY_SIZE(call->args); j++)
			call->args[j] = boundary[prandom_u32_state(&walk->rnd) %
						 ARRAY_SIZE(boundary)];
		one_call(walk);
	}
}

static void walk_eid(struct walk *walk, unsigned long eid)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fids); i++)
		walk_function(walk, eid, fids[i]);
}

static struct walk *new_walk(struct kunit *test, const unsigned long *ids, unsigned int nr,
			     unsigned int self, unsigned int mask_words)
{
	struct walk *walk = kunit_kzalloc(test, sizeof(*walk), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, walk);
	walk->test = test;
	prandom_seed_state(&walk->rnd, 0x72766876);
	walk->vm = kunit_kzalloc(test, sizeof(*walk->vm), GFP_KERNEL);
	walk->atomic = kunit_kzalloc(test, sizeof(*walk->atomic), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, walk->vm);
	KUNIT_ASSERT_NOT_NULL(test, walk->atomic);
	sbi_fake_init(walk->vm, ids, nr, self);
	walk->vm->mask_gva = MASK_GVA;
	walk->vm->mask_words = mask_words;
	for (i = 0; i < mask_words; i++)
		walk->vm->mask[i] = -1UL;
	sbi_fake_init(walk->atomic, ids, nr, self);
	return walk;
}

static void walk_rows(struct walk *walk)
{
	unsigned int row;

	for (row = 0; row < rvhv_sbi_table_size; row++) {
		const struct rvhv_sbi_ext *ext = &rvhv_sbi_table[row];
		unsigned long eid, last = min(ext->last, ext->first + 15);

		for (eid = ext->first; eid <= last; eid++)
			walk_eid(walk, eid);
		if (last != ext->last)
			walk_eid(walk, ext->last);
	}
	kunit_info(walk->test, "%lu calls", walk->calls);
}

static void walk_table(struct kunit *test, const unsigned long *ids, unsigned int nr,
		       unsigned int self, unsigned int mask_words)
{
	walk_rows(new_walk(test, ids, nr, self, mask_words));
}

static void walk_all_mask_readable(struct kunit *test)
{
	walk_table(test, sparse, ARRAY_SIZE(sparse), 1, BITS_TO_LONGS(RVHV_MAX_VCPUS));
}

static void walk_all_mask_faults(struct kunit *test)
{
	walk_table(test, sparse, ARRAY_SIZE(sparse), 6, 15);
}

static void walk_all_one_hart(struct kunit *test)
{
	walk_table(test, alone, ARRAY_SIZE(alone), 0, 1);
}

static void walk_all_console(struct kunit *test)
{
	struct walk *walk = new_walk(test, sparse, ARRAY_SIZE(sparse), 1,
				     BITS_TO_LONGS(RVHV_MAX_VCPUS));

	sbi_fake_add_console(test, walk->vm);
	sbi_fake_add_console(test, walk->atomic);
	walk_rows(walk);
}

static void walk_all_channel_open(struct kunit *test)
{
	struct walk *walk = new_walk(test, alone, ARRAY_SIZE(alone), 0, 1);
	struct rvhv_host_comm *twin = rvhv_host_comm_open(&walk->atomic->sbi);

	sbi_fake_add_memory(test, walk->vm);
	sbi_fake_add_memory(test, walk->atomic);
	walk->comm = rvhv_host_comm_open(&walk->vm->sbi);
	KUNIT_ASSERT_FALSE(test, IS_ERR(twin));
	KUNIT_ASSERT_FALSE(test, IS_ERR(walk->comm));
	serve_channel(walk);
	walk_rows(walk);
	/* Two of these addresses are in the guest's memory */
	KUNIT_EXPECT_GE(test, walk->messages, 2);
	rvhv_host_comm_close(walk->comm);
	rvhv_host_comm_close(twin);
}

static void unknown_eids(struct kunit *test)
{
	struct sbi_fake_vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);
	struct rnd_state rnd;
	unsigned int i, fid;

	KUNIT_ASSERT_NOT_NULL(test, vm);
	sbi_fake_init(vm, sparse, ARRAY_SIZE(sparse), 1);
	prandom_seed_state(&rnd, 1);
	for (i = 0; i < 4000; i++) {
		unsigned long eid = prandom_u32_state(&rnd) >> (i % 32);

		/* EIDs wider than 32 bits do not exist. */
		if (i % 2)
			eid = rvhv_sbi_table[i % rvhv_sbi_table_size].first | 1UL << (32 + i % 32);
		else if (rvhv_sbi_row(eid) >= 0)
			continue;
		for (fid = 0; fid < 16; fid++) {
			KUNIT_ASSERT_EQ(test, sbi_fake_call(vm, fid % 2, eid, fid, 1, 0, 0, 0, 0),
					RVHV_SBI_DONE);
			KUNIT_ASSERT_EQ(test, vm->call.error, SBI_ERR_NOT_SUPPORTED);
			KUNIT_ASSERT_EQ(test, vm->call.value, 0);
			KUNIT_ASSERT_EQ(test, vm->nr_events, 0);
		}
	}
}

/* A disabled extension answers SBI_ERR_NOT_SUPPORTED. */
static void disabled_extensions(struct kunit *test)
{
	struct sbi_fake_vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);
	unsigned int row, fid;

	KUNIT_ASSERT_NOT_NULL(test, vm);
	sbi_fake_init(vm, sparse, ARRAY_SIZE(sparse), 1);
	for (row = 0; row < rvhv_sbi_table_size; row++) {
		const struct rvhv_sbi_ext *ext = &rvhv_sbi_table[row];

		if (ext->always_on)
			continue;
		KUNIT_ASSERT_EQ(test, rvhv_sbi_ext_set(&vm->state, ext->last, false), 0);
		for (fid = 0; fid < 16; fid++) {
			KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, fid % 2, ext->first, fid, 2, 0, 0,
							    0, 0), RVHV_SBI_DONE);
			KUNIT_EXPECT_EQ(test, vm->call.error, SBI_ERR_NOT_SUPPORTED);
			KUNIT_EXPECT_EQ(test, vm->call.value, 0);
			KUNIT_EXPECT_EQ(test, vm->nr_events, 0);
		}
		KUNIT_ASSERT_EQ(test, rvhv_sbi_ext_set(&vm->state, ext->first, true), 0);
	}
}

static struct kunit_case sbi_walk_cases[] = {
	KUNIT_CASE_SLOW(walk_all_mask_readable),
	KUNIT_CASE_SLOW(walk_all_mask_faults),
	KUNIT_CASE_SLOW(walk_all_one_hart),
	KUNIT_CASE_SLOW(walk_all_console),
	KUNIT_CASE_SLOW(walk_all_channel_open),
	KUNIT_CASE(unknown_eids),
	KUNIT_CASE(disabled_extensions),
	{}
};

static struct kunit_suite sbi_walk_suite = {
	.name = "rvhv_sbi_walk",
	.test_cases = sbi_walk_cases,
};

kunit_test_suite(sbi_walk_suite);
