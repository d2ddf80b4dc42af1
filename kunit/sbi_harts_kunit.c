// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of SBI calls to other harts: sets of harts and ranges of fences.
 */
#include <kunit/test.h>

#include "../sbi/sbi_errors.h"
#include "sbi_fake.h"

/* ---- sets of harts: IPI and RFENCE ---- */

struct hart_case {
	const char *name;
	unsigned long mask;
	unsigned long base;
	long error;
	unsigned long set;	/* bit i for sbi_fake_ids[i] */
};

#define INVALID	SBI_ERR_INVALID_PARAM

static const struct hart_case hart_cases[] = {
	{ "caller alone", BIT(5), 0, 0, BIT(2) },
	{ "caller alone, by base", BIT(0), SBI_FAKE_SELF, 0, BIT(2) },
	{ "another alone", BIT(0), 0, 0, BIT(0) },
	{ "caller and others", BIT(5) | BIT(1) | BIT(0), 0, 0, BIT(2) | BIT(1) | BIT(0) },
	{ "highest bit", BIT(63), 0, 0, BIT(3) },
	{ "second word", BIT(0), 64, 0, BIT(4) },
	{ "across words", BIT(0) | BIT(1), 63, 0, BIT(3) | BIT(4) },
	{ "base that does not exist", BIT(2), 3, 0, BIT(2) },
	{ "last hart by base", BIT(0), 1023, 0, BIT(6) },
	{ "last hart by bit", BIT(63), 960, 0, BIT(6) },
	{ "empty", 0, 0, 0, 0 },
	{ "empty at the last hart", 0, 1023, 0, 0 },
	{ "empty beyond the last hart", 0, 1024, INVALID, 0 },
	{ "missing hart", BIT(2), 0, INVALID, 0 },
	{ "missing beside existing", BIT(5) | BIT(2) | BIT(0), 0, INVALID, 0 },
	{ "missing after existing", BIT(6) | BIT(5), 0, INVALID, 0 },
	{ "every bit", -1UL, 0, INVALID, 0 },
	{ "beyond the last hart", BIT(0), 1024, INVALID, 0 },
	{ "bits beyond the last hart", BIT(0) | BIT(1), 1023, INVALID, 0 },
	{ "base with a high half", BIT(0), 1UL << 32, INVALID, 0 },
	{ "negative base", BIT(0), 1UL << 63, INVALID, 0 },
	{ "wraps to hart 0", BIT(2), -2UL, INVALID, 0 },
	{ "wraps to the caller", BIT(63), -58UL, INVALID, 0 },
	{ "all", 0, -1UL, 0, SBI_FAKE_ALL },
	{ "all, mask ignored", BIT(2), -1UL, 0, SBI_FAKE_ALL },
};

KUNIT_ARRAY_PARAM_DESC(hart, hart_cases, name);

static void ipi_reaches_harts(struct kunit *test)
{
	const struct hart_case *param = test->param_value;
	struct sbi_fake_vm *vm = test->priv;

	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI,
					    param->mask, param->base, 0, 0, 0), RVHV_SBI_DONE);
	if (param->error) {
		sbi_fake_expect_error(test, param->error);
		return;
	}
	KUNIT_EXPECT_EQ(test, vm->call.error, 0);
	KUNIT_EXPECT_EQ(test, sbi_fake_effects(vm, SBI_EV_IPI), param->set);
	KUNIT_EXPECT_EQ(test, vm->nr_events, hweight_long(param->set));
}

static void fence_reaches_harts(struct kunit *test)
{
	const struct hart_case *param = test->param_value;
	struct sbi_fake_vm *vm = test->priv;
	bool self = param->set == BIT(2);
	unsigned long fid;

	for (fid = SBI_EXT_RFENCE_REMOTE_FENCE_I; fid <= SBI_EXT_RFENCE_REMOTE_SFENCE_VMA_ASID;
	     fid++) {
		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, SBI_EXT_RFENCE, fid, param->mask,
						    param->base, 0x1000, 0x1000, 7),
				self ? RVHV_SBI_DONE : RVHV_SBI_DEFER);
		KUNIT_EXPECT_EQ(test, vm->nr_events, self);

		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, SBI_EXT_RFENCE, fid, param->mask,
						    param->base, 0x1000, 0x1000, 7),
				RVHV_SBI_DONE);
		if (param->error) {
			sbi_fake_expect_error(test, param->error);
			continue;
		}
		KUNIT_EXPECT_NULL(test, vm->misuse);
		KUNIT_EXPECT_EQ(test, sbi_fake_effects(vm, SBI_EV_FENCE_SELF), param->set & BIT(2));
		KUNIT_EXPECT_EQ(test, sbi_fake_effects(vm, SBI_EV_FENCE_POST),
				param->set & ~BIT(2));
		KUNIT_EXPECT_EQ(test, sbi_fake_count(vm, SBI_EV_FENCE_WAIT, SBI_FAKE_SELF),
				!!(param->set & ~BIT(2)));
		if (param->set & ~BIT(2))
			KUNIT_EXPECT_EQ(test, vm->event[vm->nr_events - 1].kind,
					SBI_EV_FENCE_WAIT);
	}
}

/* With one hart, "all" is the caller: the call stays on the fast path. */
static void fence_all_of_one(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;

	sbi_fake_init(vm, sbi_fake_ids, 1, 0);
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, SBI_EXT_RFENCE,
					    SBI_EXT_RFENCE_REMOTE_SFENCE_VMA, 0, -1UL, 0, -1UL, 0),
			RVHV_SBI_DONE);
	KUNIT_EXPECT_EQ(test, vm->nr_events, 1);
	KUNIT_EXPECT_EQ(test, vm->event[0].kind, SBI_EV_FENCE_SELF);
}

static void rfence_not_supported(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;
	unsigned long fid;

	for (fid = SBI_EXT_RFENCE_REMOTE_HFENCE_GVMA_VMID; fid < 16; fid++) {
		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, SBI_EXT_RFENCE, fid, BIT(5), 0, 0, 0,
						    0), RVHV_SBI_DONE);
		sbi_fake_expect_error(test, SBI_ERR_NOT_SUPPORTED);
	}
}

/* ---- HFENCE ---- */

static const unsigned long hfence_fids[] = {
	SBI_EXT_RFENCE_REMOTE_HFENCE_GVMA_VMID, SBI_EXT_RFENCE_REMOTE_HFENCE_GVMA,
	SBI_EXT_RFENCE_REMOTE_HFENCE_VVMA_ASID, SBI_EXT_RFENCE_REMOTE_HFENCE_VVMA,
};

static void give_h(struct sbi_fake_vm *vm, unsigned int but)
{
	unsigned int i;

	for (i = 0; i < vm->nr; i++)
		vm->hart[i].has_h = i != but;
}

/*
 * Refused without effect if caller or target lacks H; a hart that does not exist takes precedence.
 */
static void hfence_needs_h(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;
	unsigned int i, without;

	for (i = 0; i < ARRAY_SIZE(hfence_fids); i++) {
		unsigned long fid = hfence_fids[i];

		for (without = 0; without < vm->nr; without++) {
			give_h(vm, without);
			sbi_fake_call(vm, false, SBI_EXT_RFENCE, fid, 0, -1UL, 0, 0, 0);
			sbi_fake_expect_error(test, SBI_ERR_NOT_SUPPORTED);
			KUNIT_EXPECT_EQ(test, vm->nr_events, 0);
		}
		give_h(vm, vm->nr);
		sbi_fake_call(vm, false, SBI_EXT_RFENCE, fid, 1, RVHV_MAX_VCPUS, 0, 0, 0);
		sbi_fake_expect_error(test, SBI_ERR_INVALID_PARAM);
		KUNIT_EXPECT_EQ(test, RVHV_SBI_DEFER,
				sbi_fake_call(vm, true, SBI_EXT_RFENCE, fid, 0, -1UL, 0, 0, 0));
		KUNIT_EXPECT_EQ(test, vm->nr_events, 0);
	}
}

/* A G-stage fence is executed once for all harts; a VS-stage fence on each, with a wait. */
static void hfence_reaches_the_harts(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;
	unsigned int i;

	give_h(vm, vm->nr);
	for (i = 0; i < ARRAY_SIZE(hfence_fids); i++) {
		unsigned long fid = hfence_fids[i];
		bool gstage = fid == SBI_EXT_RFENCE_REMOTE_HFENCE_GVMA_VMID ||
			      fid == SBI_EXT_RFENCE_REMOTE_HFENCE_GVMA;
		int vmid = fid == SBI_EXT_RFENCE_REMOTE_HFENCE_GVMA_VMID ? 0x2345 : -1;
		const struct rvhv_fence *fence = &vm->event[0].fence;

		vm->nr_events = 0;
		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, SBI_EXT_RFENCE, fid, 0, -1UL, 0x5008,
						    0x1000, 0xf2345), RVHV_SBI_DONE);
		KUNIT_EXPECT_EQ(test, vm->call.error, SBI_SUCCESS);
		if (gstage) {
			KUNIT_EXPECT_EQ(test, vm->nr_events, 1);
			KUNIT_EXPECT_EQ(test, vm->event[0].kind, SBI_EV_FENCE_SELF);
			KUNIT_EXPECT_EQ(test, fence->kind, RVHV_FENCE_L2_GVMA);
			KUNIT_EXPECT_EQ(test, fence->vmid, vmid);
			KUNIT_EXPECT_EQ(test, fence->start, 0x5000);
			KUNIT_EXPECT_EQ(test, fence->size, 0x2000);
			continue;
		}
		KUNIT_EXPECT_EQ(test, vm->nr_events, vm->nr + 1);
		KUNIT_EXPECT_EQ(test, fence->kind, RVHV_FENCE_L2_VVMA);
		KUNIT_EXPECT_EQ(test, vm->event[vm->nr_events - 1].kind, SBI_EV_FENCE_WAIT);
	}
}

/* ---- ranges of fences ---- */

struct range_case {
	const char *name;
	unsigned long start;
	unsigned long size;
	unsigned long want_start;
	unsigned long want_size;	/* 0: no fence */
};

#define ALL	RVHV_FENCE_ALL

static const struct range_case range_cases[] = {
	{ "zero and zero", 0, 0, 0, ALL },
	{ "size -1", 0, -1UL, 0, ALL },
	{ "size -1 from a page", 0x5000, -1UL, 0, ALL },
	{ "size -1 from the last byte", -1UL, -1UL, 0, ALL },
	{ "no bytes", 0x1000, 0, 0, 0 },
	{ "no bytes, last address", -1UL, 0, 0, 0 },
	{ "first byte", 0, 1, 0, 0x1000 },
	{ "a page", 0x1000, 0x1000, 0x1000, 0x1000 },
	{ "last byte of a page", 0xfff, 1, 0, 0x1000 },
	{ "across pages", 0xfff, 2, 0, 0x2000 },
	{ "a page, misaligned", 0x1001, 0x1000, 0x1000, 0x2000 },
	{ "last page", -0x1000UL, 0x1000, -0x1000UL, 0x1000 },
	{ "last byte", -1UL, 1, -0x1000UL, 0x1000 },
	{ "last pages", -0x3000UL, 0x3000, -0x3000UL, 0x3000 },
	{ "beyond the last byte", -0x1000UL, 0x1001, 0, ALL },
	{ "wraps to 0", -1UL, 2, 0, ALL },
	{ "all but the first page", 0x1000, -0x1000UL, 0x1000, -0x1000UL },
	{ "all but the first page, wraps", 0x1000, -0xfffUL, 0, ALL },
	{ "all but the last page", 0, -0x1000UL, 0, -0x1000UL },
	{ "all but one byte", 0, -2UL, 0, ALL },
	{ "upper half", 1UL << 63, 1UL << 63, 1UL << 63, 1UL << 63 },
	{ "size of the sign bit", 1, 1UL << 63, 0, (1UL << 63) + 0x1000 },
};

KUNIT_ARRAY_PARAM_DESC(range, range_cases, name);

static void expect_range(struct kunit *test, enum rvhv_fence_kind kind, unsigned long asid)
{
	const struct range_case *param = test->param_value;
	struct sbi_fake_vm *vm = test->priv;

	KUNIT_EXPECT_EQ(test, vm->call.error, 0);
	KUNIT_EXPECT_EQ(test, vm->nr_events, !!param->want_size);
	if (!vm->nr_events)
		return;
	KUNIT_EXPECT_EQ(test, vm->event[0].kind, SBI_EV_FENCE_SELF);
	KUNIT_EXPECT_EQ(test, vm->event[0].fence.kind, kind);
	KUNIT_EXPECT_EQ(test, vm->event[0].fence.start, param->want_start);
	KUNIT_EXPECT_EQ(test, vm->event[0].fence.size, param->want_size);
	KUNIT_EXPECT_EQ(test, vm->event[0].fence.asid, asid);
}

static void fence_ranges(struct kunit *test)
{
	const struct range_case *param = test->param_value;
	struct sbi_fake_vm *vm = test->priv;

	sbi_fake_call(vm, true, SBI_EXT_RFENCE, SBI_EXT_RFENCE_REMOTE_SFENCE_VMA, BIT(5), 0,
		      param->start, param->size, 0x1234);
	expect_range(test, RVHV_FENCE_VVMA, 0);

	/* An ASID has at most 16 bits; the others are ignored. */
	sbi_fake_call(vm, true, SBI_EXT_RFENCE, SBI_EXT_RFENCE_REMOTE_SFENCE_VMA_ASID, BIT(5), 0,
		      param->start, param->size, 0xfffffffffff1234);
	expect_range(test, RVHV_FENCE_VVMA_ASID, 0x1234);

	vm->mask[0] = BIT(5);
	sbi_fake_call(vm, false, 0x6, 0, SBI_FAKE_MASK_GVA, param->start, param->size, 0, 0);
	expect_range(test, RVHV_FENCE_VVMA, 0);

	sbi_fake_call(vm, false, 0x7, 0, SBI_FAKE_MASK_GVA, param->start, param->size, 0xabcd4321,
		      0);
	expect_range(test, RVHV_FENCE_VVMA_ASID, 0x4321);
}

static struct kunit_case sbi_harts_cases[] = {
	KUNIT_CASE_PARAM(ipi_reaches_harts, hart_gen_params),
	KUNIT_CASE_PARAM(fence_reaches_harts, hart_gen_params),
	KUNIT_CASE(fence_all_of_one),
	KUNIT_CASE(rfence_not_supported),
	KUNIT_CASE(hfence_needs_h),
	KUNIT_CASE(hfence_reaches_the_harts),
	KUNIT_CASE_PARAM(fence_ranges, range_gen_params),
	{}
};

static struct kunit_suite sbi_harts_suite = {
	.name = "rvhv_sbi_harts",
	.init = sbi_fake_test_init,
	.test_cases = sbi_harts_cases,
};

kunit_test_suite(sbi_harts_suite);
