// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of exit handlers and observers of other modules.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/string.h>

#include "../vcpu/exit_registry.h"

static struct {
	struct rvhv_trap trap;
	unsigned int handled;
	unsigned int observed;
	int ret;
} exits;

static int handle(struct rvhv_vcpu *vcpu, struct rvhv_trap *trap)
{
	exits.handled++;
	exits.trap = *trap;
	trap->stval++;
	return exits.ret;
}

static void observe(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap)
{
	exits.observed++;
	exits.trap = *trap;
}

static void handlers(struct kunit *test)
{
	struct rvhv_exit_handler handler = { .cause = 24, .handle = handle };
	struct rvhv_exit_handler other = { .cause = 24, .handle = handle };
	struct rvhv_trap trap = { .scause = 24, .stval = 6, .sepc = 0x100 };
	static const int rets[][2] = {
		{ RVHV_VERDICT_PASS, RVHV_VERDICT_PASS }, { RVHV_VERDICT_VMM, RVHV_VERDICT_VMM },
		{ RVHV_VERDICT_VMM + 1, -EIO }, { -EINTR, -EINTR }, { -MAX_ERRNO - 1, -EIO },
		{ -ERESTARTSYS, -EINTR },
	};
	unsigned int i;

	memset(&exits, 0, sizeof(exits));
	KUNIT_EXPECT_EQ(test, rvhv_exit_registry_call(NULL, &trap), RVHV_VERDICT_PASS);
	KUNIT_ASSERT_EQ(test, rvhv_exit_registry_add(&handler, THIS_MODULE), 0);
	KUNIT_EXPECT_EQ(test, rvhv_exit_registry_causes(), BIT_ULL(24));
	KUNIT_EXPECT_EQ(test, rvhv_exit_registry_add(&other, THIS_MODULE), -EBUSY);
	rvhv_exit_registry_remove(&other);

	for (i = 0; i < ARRAY_SIZE(rets); i++) {
		exits.ret = rets[i][0];
		KUNIT_EXPECT_EQ(test, rvhv_exit_registry_call(NULL, &trap), rets[i][1]);
	}
	KUNIT_EXPECT_EQ(test, exits.handled, ARRAY_SIZE(rets));
	/* What it did to the trap, its caller sees. */
	KUNIT_EXPECT_EQ(test, trap.stval, 6 + ARRAY_SIZE(rets));
	trap.scause = 25;
	KUNIT_EXPECT_EQ(test, rvhv_exit_registry_call(NULL, &trap), RVHV_VERDICT_PASS);
	for (i = 0; i < 4; i++) {
		trap.scause = 24 + (1UL << (63 - i));
		KUNIT_EXPECT_EQ(test, rvhv_exit_registry_call(NULL, &trap), RVHV_VERDICT_PASS);
	}
	rvhv_exit_registry_remove(&handler);
	trap.scause = 24;
	KUNIT_EXPECT_EQ(test, rvhv_exit_registry_call(NULL, &trap), RVHV_VERDICT_PASS);
	KUNIT_EXPECT_EQ(test, exits.handled, ARRAY_SIZE(rets));
	KUNIT_EXPECT_EQ(test, rvhv_exit_registry_causes(), 0);
}

static void observers(struct kunit *test)
{
	struct rvhv_exit_handler observer[RVHV_EXIT_OBSERVERS + 1] = {};
	struct rvhv_trap trap = { .scause = 10, .sepc = 0x123 };
	unsigned int i;

	memset(&exits, 0, sizeof(exits));
	for (i = 0; i < ARRAY_SIZE(observer); i++)
		observer[i] = (struct rvhv_exit_handler) { .cause = 10, .observe = observe };
	for (i = 0; i < RVHV_EXIT_OBSERVERS; i++)
		KUNIT_ASSERT_EQ(test, rvhv_exit_registry_add(&observer[i], THIS_MODULE), 0);
	KUNIT_EXPECT_EQ(test, rvhv_exit_registry_add(&observer[i], THIS_MODULE), -ENOSPC);
	KUNIT_EXPECT_EQ(test, rvhv_exit_registry_add(&observer[2], THIS_MODULE), -EBUSY);
	KUNIT_EXPECT_TRUE(test, static_key_enabled(&rvhv_exit_observed));
	KUNIT_EXPECT_EQ(test, rvhv_exit_registry_causes(), BIT_ULL(10));

	rvhv_exit_registry_observe(NULL, &trap);
	KUNIT_EXPECT_EQ(test, exits.observed, RVHV_EXIT_OBSERVERS);
	KUNIT_EXPECT_EQ(test, exits.trap.sepc, 0x123);
	trap.scause = 11;
	rvhv_exit_registry_observe(NULL, &trap);
	trap.scause = 10 | 1UL << 63;
	rvhv_exit_registry_observe(NULL, &trap);
	KUNIT_EXPECT_EQ(test, exits.observed, RVHV_EXIT_OBSERVERS);

	/* From the middle, the end and the beginning of the list */
	trap.scause = 10;
	for (i = 0; i < RVHV_EXIT_OBSERVERS; i++) {
		rvhv_exit_registry_remove(&observer[(i + 3) % RVHV_EXIT_OBSERVERS]);
		exits.observed = 0;
		rvhv_exit_registry_observe(NULL, &trap);
		KUNIT_EXPECT_EQ(test, exits.observed, RVHV_EXIT_OBSERVERS - 1 - i);
	}
	KUNIT_EXPECT_FALSE(test, static_key_enabled(&rvhv_exit_observed));
}

static void bad_handlers(struct kunit *test)
{
	struct rvhv_exit_handler handler = { .cause = 24 };

	KUNIT_EXPECT_EQ(test, rvhv_exit_registry_add(&handler, THIS_MODULE), -EINVAL);
	handler.handle = handle;
	handler.observe = observe;
	KUNIT_EXPECT_EQ(test, rvhv_exit_registry_add(&handler, THIS_MODULE), -EINVAL);
	handler.observe = NULL;
	handler.cause = RVHV_EXIT_CAUSES;
	KUNIT_EXPECT_EQ(test, rvhv_exit_registry_add(&handler, THIS_MODULE), -EINVAL);
	handler.cause = 1UL << 63 | 5;
	KUNIT_EXPECT_EQ(test, rvhv_exit_registry_add(&handler, THIS_MODULE), -EINVAL);
	rvhv_exit_registry_remove(&handler);
	handler.cause = RVHV_EXIT_CAUSES - 1;
	KUNIT_EXPECT_EQ(test, rvhv_exit_registry_add(&handler, THIS_MODULE), 0);
	rvhv_exit_registry_remove(&handler);
}

static struct kunit_case exit_registry_cases[] = {
	KUNIT_CASE(handlers),
	KUNIT_CASE(observers),
	KUNIT_CASE(bad_handlers),
	{}
};

static struct kunit_suite exit_registry_suite = {
	.name = "rvhv_exit_registry",
	.test_cases = exit_registry_cases,
};

kunit_test_suite(exit_registry_suite);
