// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of each SBI extension.
 */
#include <kunit/test.h>

#include "../sbi/sbi_errors.h"
#include "sbi_fake.h"

/* ---- the table ---- */

static void table_is_sane(struct kunit *test)
{
	unsigned int row, always_on = 0;

	for (row = 0; row < rvhv_sbi_table_size; row++) {
		const struct rvhv_sbi_ext *ext = &rvhv_sbi_table[row];

		KUNIT_EXPECT_NOT_NULL(test, ext->name);
		KUNIT_EXPECT_NOT_NULL(test, ext->handle);
		KUNIT_EXPECT_LE(test, ext->first, ext->last);
		/* EIDs are signed 32-bit integers; none is negative so far */
		KUNIT_EXPECT_LE(test, ext->last, 0x7fffffffUL);
		if (row)
			KUNIT_EXPECT_LT(test, ext[-1].last, ext->first);
		always_on += ext->always_on;
		KUNIT_EXPECT_FALSE(test, ext->always_on && ext->off_by_default);
	}
	KUNIT_EXPECT_EQ(test, always_on, 1);
	KUNIT_EXPECT_TRUE(test, rvhv_sbi_table[rvhv_sbi_row(SBI_EXT_BASE)].always_on);
}

static int slow_row(unsigned long eid)
{
	unsigned int row;

	for (row = 0; row < rvhv_sbi_table_size; row++)
		if (eid >= rvhv_sbi_table[row].first && eid <= rvhv_sbi_table[row].last)
			return row;
	return -ENOENT;
}

static void row_finds_every_eid(struct kunit *test)
{
	unsigned int row;
	unsigned long eid;
	int d;

	for (row = 0; row < rvhv_sbi_table_size; row++) {
		for (d = -2; d <= 2; d++) {
			eid = rvhv_sbi_table[row].first + d;
			KUNIT_EXPECT_EQ_MSG(test, rvhv_sbi_row(eid), slow_row(eid), "%#lx", eid);
			eid = rvhv_sbi_table[row].last + d;
			KUNIT_EXPECT_EQ_MSG(test, rvhv_sbi_row(eid), slow_row(eid), "%#lx", eid);
		}
	}
	for (eid = 0; eid < 0x200000000; eid += 0xffff1)
		KUNIT_ASSERT_EQ_MSG(test, rvhv_sbi_row(eid), slow_row(eid), "%#lx", eid);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_row(-1UL), -ENOENT);
}

static void extensions_on_and_off(struct kunit *test)
{
	struct rvhv_sbi_vm vm = {};
	struct rvhv_sbi_state state;
	unsigned int row;
	bool on;

	rvhv_sbi_state_init(&state, &vm);
	for (row = 0; row < rvhv_sbi_table_size; row++) {
		const struct rvhv_sbi_ext *ext = &rvhv_sbi_table[row];

		KUNIT_EXPECT_EQ(test, rvhv_sbi_ext_get(&state, ext->last, &on), 0);
		KUNIT_EXPECT_EQ(test, on, !ext->off_by_default);

		KUNIT_EXPECT_EQ(test, rvhv_sbi_ext_set(&state, ext->first, false),
				ext->always_on ? -EINVAL : 0);
		KUNIT_EXPECT_EQ(test, rvhv_sbi_ext_get(&state, ext->first, &on), 0);
		KUNIT_EXPECT_EQ(test, on, ext->always_on);

		KUNIT_EXPECT_EQ(test, rvhv_sbi_ext_set(&state, ext->first, true), 0);
		KUNIT_EXPECT_EQ(test, rvhv_sbi_ext_get(&state, ext->first, &on), 0);
		KUNIT_EXPECT_TRUE(test, on);

		state.available &= ~BIT_ULL(row);
		KUNIT_EXPECT_EQ(test, rvhv_sbi_ext_get(&state, ext->first, &on), -ENOENT);
		KUNIT_EXPECT_EQ(test, rvhv_sbi_ext_set(&state, ext->first, true), -ENOENT);
	}
	KUNIT_EXPECT_EQ(test, rvhv_sbi_ext_get(&state, 0x9, &on), -ENOENT);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_ext_set(&state, 0x9, true), -ENOENT);
}

/* The same defaults as KVM's. */
static void defaults_are_kvms(struct kunit *test)
{
	static const unsigned long on_by_default[] = {
		0x0, SBI_EXT_TIME, SBI_EXT_IPI, SBI_EXT_RFENCE, SBI_EXT_SRST, SBI_EXT_HSM,
		SBI_EXT_EXPERIMENTAL_START, SBI_EXT_VENDOR_START,
	};
	struct rvhv_sbi_vm vm = {};
	struct rvhv_sbi_state state;
	unsigned int i;
	bool on;

	rvhv_sbi_state_init(&state, &vm);
	for (i = 0; i < ARRAY_SIZE(on_by_default); i++) {
		KUNIT_EXPECT_EQ(test, rvhv_sbi_ext_get(&state, on_by_default[i], &on), 0);
		KUNIT_EXPECT_TRUE_MSG(test, on, "%#lx", on_by_default[i]);
	}
	KUNIT_EXPECT_EQ(test, rvhv_sbi_ext_get(&state, SBI_EXT_DBCN, &on), 0);
	KUNIT_EXPECT_FALSE(test, on);
}

/* ---- Base ---- */

static void base_values(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;
	unsigned long fid;

	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, SBI_EXT_BASE, SBI_EXT_BASE_GET_SPEC_VERSION,
					    0, 0, 0, 0, 0), RVHV_SBI_DONE);
	KUNIT_EXPECT_EQ(test, vm->call.error, 0);
	KUNIT_EXPECT_EQ(test, vm->call.value, 0x03000000);

	sbi_fake_call(vm, true, SBI_EXT_BASE, SBI_EXT_BASE_GET_IMP_ID, 0, 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, vm->call.error, 0);
	/* Assigned ids are below 0x100. */
	KUNIT_EXPECT_GT(test, vm->call.value, 0xff);

	sbi_fake_call(vm, true, SBI_EXT_BASE, SBI_EXT_BASE_GET_IMP_VERSION, 0, 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, vm->call.error, 0);

	for (fid = SBI_EXT_BASE_GET_MVENDORID; fid <= SBI_EXT_BASE_GET_MIMPID; fid++) {
		sbi_fake_call(vm, true, SBI_EXT_BASE, fid, 0, 0, 0, 0, 0);
		KUNIT_EXPECT_EQ(test, vm->call.error, 0);
		KUNIT_EXPECT_EQ(test, vm->call.value,
				SBI_FAKE_MACHINE_ID + fid - SBI_EXT_BASE_GET_MVENDORID);
	}

	sbi_fake_call(vm, true, SBI_EXT_BASE, 7, 0, 0, 0, 0, 0);
	sbi_fake_expect_error(test, SBI_ERR_NOT_SUPPORTED);
}

static enum rvhv_sbi_result base_probe(struct kunit *test, unsigned long eid)
{
	struct sbi_fake_vm *vm = test->priv;
	enum rvhv_sbi_result result;

	result = sbi_fake_call(vm, true, SBI_EXT_BASE, SBI_EXT_BASE_PROBE_EXT, eid, 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, vm->call.error, 0);
	return result;
}

static void base_probes(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;
	unsigned int row;

	for (row = 0; row < rvhv_sbi_table_size; row++) {
		const struct rvhv_sbi_ext *ext = &rvhv_sbi_table[row];
		bool vmm = ext->first == SBI_EXT_EXPERIMENTAL_START ||
			   ext->first == SBI_EXT_VENDOR_START;
		bool there = !ext->probe || ext->probe(&vm->state);

		KUNIT_EXPECT_EQ(test, base_probe(test, ext->last),
				vmm ? RVHV_SBI_VMM : RVHV_SBI_DONE);
		KUNIT_EXPECT_EQ(test, !!vm->call.value, there && !vmm);

		if (rvhv_sbi_ext_set(&vm->state, ext->first, false))
			continue;
		KUNIT_EXPECT_EQ(test, base_probe(test, ext->last), RVHV_SBI_DONE);
		KUNIT_EXPECT_EQ(test, vm->call.value, 0);
	}
	base_probe(test, 0x9);
	KUNIT_EXPECT_EQ(test, vm->call.value, 0);
	base_probe(test, SBI_EXT_BASE | 1UL << 32);
	KUNIT_EXPECT_EQ(test, vm->call.value, 0);
	base_probe(test, -1UL);
	KUNIT_EXPECT_EQ(test, vm->call.value, 0);
}

/* ---- TIME ---- */

static void time_sets_timer(struct kunit *test)
{
	static const u64 deadlines[] = { 0, 1, 0xffffffff, 0x100000000, 1ULL << 63, -1ULL };
	struct sbi_fake_vm *vm = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(deadlines); i++) {
		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, SBI_EXT_TIME, 0, deadlines[i], 1, 2,
						    3, 4), RVHV_SBI_DONE);
		KUNIT_EXPECT_EQ(test, vm->call.error, 0);
		KUNIT_ASSERT_EQ(test, vm->nr_events, 1);
		KUNIT_EXPECT_EQ(test, vm->event[0].kind, SBI_EV_TIMER);
		KUNIT_EXPECT_EQ(test, vm->event[0].arg[0], deadlines[i]);
	}
	sbi_fake_call(vm, true, SBI_EXT_TIME, 1, 0, 0, 0, 0, 0);
	sbi_fake_expect_error(test, SBI_ERR_NOT_SUPPORTED);
}

/* ---- legacy ---- */

static void legacy_without_harts(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;
	unsigned long eid;

	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, 0x0, 77, 12345, 0, 0, 0, 0),
			RVHV_SBI_DONE_LEGACY);
	KUNIT_EXPECT_EQ(test, vm->call.error, 0);
	KUNIT_EXPECT_EQ(test, vm->event[0].kind, SBI_EV_TIMER);
	KUNIT_EXPECT_EQ(test, vm->event[0].arg[0], 12345);

	for (eid = 0x1; eid <= 0x2; eid++)
		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, eid, 77, 'x', 0, 0, 0, 0),
				RVHV_SBI_VMM);

	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, 0x3, 77, 0, 0, 0, 0, 0),
			RVHV_SBI_DONE_LEGACY);
	KUNIT_EXPECT_EQ(test, vm->call.error, 0);
	KUNIT_EXPECT_EQ(test, vm->event[0].kind, SBI_EV_CLEAR_IPI);

	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, 0x8, 77, 1, 1, 1, 1, 1), RVHV_SBI_SYSTEM);
	KUNIT_EXPECT_EQ(test, vm->call.event, RVHV_SYSTEM_SHUTDOWN);
	KUNIT_EXPECT_EQ(test, vm->call.reason, 0);

	/* 0x9 to 0xf are reserved. */
	for (eid = 0x9; eid <= 0xf; eid++) {
		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, eid, 0, 0, 0, 0, 0, 0),
				RVHV_SBI_DONE);
		sbi_fake_expect_error(test, SBI_ERR_NOT_SUPPORTED);
	}
}

static void legacy_mask(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;
	unsigned long eid;

	/* Harts 1, 5, 64, 1023, and some that do not exist */
	vm->mask[0] = BIT(1) | BIT(2) | BIT(5);
	vm->mask[1] = BIT(0) | BIT(7);
	vm->mask[15] = BIT(63) | BIT(62);

	for (eid = 0x4; eid <= 0x7; eid++) {
		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, eid, 0, SBI_FAKE_MASK_GVA, 0x1000,
						    1, 0, 0), RVHV_SBI_DEFER);
		KUNIT_EXPECT_EQ(test, vm->nr_events, 0);
		KUNIT_EXPECT_EQ(test, vm->loads, 0);

		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, eid, 0, SBI_FAKE_MASK_GVA, 0x1000,
						    1, 0, 0), RVHV_SBI_DONE_LEGACY);
		KUNIT_EXPECT_EQ(test, vm->call.error, 0);
		KUNIT_EXPECT_NULL(test, vm->misuse);
		KUNIT_EXPECT_EQ(test, vm->loads, 16);
		if (eid == 0x4) {
			KUNIT_EXPECT_EQ(test, sbi_fake_effects(vm, SBI_EV_IPI),
					BIT(1) | BIT(2) | BIT(4) | BIT(6));
			continue;
		}
		KUNIT_EXPECT_EQ(test, sbi_fake_effects(vm, SBI_EV_FENCE_SELF), BIT(2));
		KUNIT_EXPECT_EQ(test, sbi_fake_effects(vm, SBI_EV_FENCE_POST),
				BIT(1) | BIT(4) | BIT(6));
		KUNIT_EXPECT_EQ(test, vm->nr_events, 5);
		KUNIT_EXPECT_EQ(test, vm->event[4].kind, SBI_EV_FENCE_WAIT);
	}
}

/* The first word of many has all harts to wait for. */
static void legacy_waits_for_first_word(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;

	vm->mask[0] = BIT(1);
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, 0x5, 0, SBI_FAKE_MASK_GVA, 0, 0, 0, 0),
			RVHV_SBI_DONE_LEGACY);
	KUNIT_EXPECT_EQ(test, vm->nr_events, 2);
	KUNIT_EXPECT_EQ(test, vm->event[0].kind, SBI_EV_FENCE_POST);
	KUNIT_EXPECT_EQ(test, vm->event[1].kind, SBI_EV_FENCE_WAIT);
}

static void legacy_mask_null(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;

	sbi_fake_call(vm, false, 0x4, 0, 0, 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, sbi_fake_effects(vm, SBI_EV_IPI), SBI_FAKE_ALL);
	sbi_fake_call(vm, false, 0x5, 0, 0, 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, sbi_fake_effects(vm, SBI_EV_FENCE_POST), SBI_FAKE_ALL & ~BIT(2));
	KUNIT_EXPECT_EQ(test, sbi_fake_effects(vm, SBI_EV_FENCE_SELF), BIT(2));
	KUNIT_EXPECT_EQ(test, vm->loads, 0);
}

/* With at most 64 harts only the first word of the mask is read. */
static void legacy_mask_of_one_word(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;

	sbi_fake_init(vm, sbi_fake_ids, 4, 2);
	vm->mask_gva = SBI_FAKE_MASK_GVA;
	vm->mask_words = 1;
	vm->mask[0] = BIT(63);
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, 0x4, 0, SBI_FAKE_MASK_GVA, 0, 0, 0, 0),
			RVHV_SBI_DONE_LEGACY);
	KUNIT_EXPECT_EQ(test, sbi_fake_effects(vm, SBI_EV_IPI), BIT(3));
	KUNIT_EXPECT_EQ(test, vm->loads, 1);
}

static void legacy_mask_faults(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;
	unsigned long eid;

	memset(vm->mask, 0xff, sizeof(vm->mask));
	for (eid = 0x4; eid <= 0x7; eid++) {
		vm->mask_words = 15;
		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, eid, 0, SBI_FAKE_MASK_GVA, 0, 0, 0,
						    0), RVHV_SBI_TRAP);
		KUNIT_EXPECT_EQ(test, vm->call.trap.scause, EXC_LOAD_PAGE_FAULT);
		KUNIT_EXPECT_EQ(test, vm->call.trap.stval, SBI_FAKE_MASK_GVA + 15 * 8);
		KUNIT_EXPECT_EQ(test, vm->nr_events, 0);

		vm->mask_words = 16;
		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, eid, 0, SBI_FAKE_MASK_GVA + 4, 0, 0,
						    0, 0), RVHV_SBI_TRAP);
		KUNIT_EXPECT_EQ(test, vm->call.trap.scause, EXC_LOAD_MISALIGNED);
		KUNIT_EXPECT_EQ(test, vm->call.trap.stval, SBI_FAKE_MASK_GVA + 4);
		KUNIT_EXPECT_EQ(test, vm->nr_events, 0);
		KUNIT_EXPECT_EQ(test, vm->loads, 0);

		/* The last word of the address space */
		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, eid, 0, -8UL, 0, 0, 0, 0),
				RVHV_SBI_TRAP);
		KUNIT_EXPECT_EQ(test, vm->nr_events, 0);
	}
}

/* ---- HSM ---- */

static void hsm_start(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;

	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, SBI_EXT_HSM, SBI_EXT_HSM_HART_START, 64,
					    0x80200000, 99, 0, 0), RVHV_SBI_DEFER);
	KUNIT_EXPECT_EQ(test, vm->nr_events, 0);

	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, SBI_EXT_HSM, SBI_EXT_HSM_HART_START, 64,
					    0x80200000, 99, 0, 0), RVHV_SBI_DONE);
	KUNIT_EXPECT_EQ(test, vm->call.error, 0);
	KUNIT_ASSERT_EQ(test, vm->nr_events, 1);
	KUNIT_EXPECT_EQ(test, vm->event[0].kind, SBI_EV_START);
	KUNIT_EXPECT_EQ(test, vm->event[0].hart, 64);
	KUNIT_EXPECT_EQ(test, vm->event[0].arg[0], 0x80200000);
	KUNIT_EXPECT_EQ(test, vm->event[0].arg[1], 99);
}

struct start_case {
	const char *name;
	unsigned long hart;
	unsigned long addr;
	long error;
};

static const struct start_case start_cases[] = {
	{ "missing", 2, 0, SBI_ERR_INVALID_PARAM },
	{ "too high", RVHV_MAX_VCPUS, 0, SBI_ERR_INVALID_PARAM },
	{ "all", -1UL, 0, SBI_ERR_INVALID_PARAM },
	{ "hart ids have 64 bits", 1UL << 32 | 64, 0, SBI_ERR_INVALID_PARAM },
	{ "odd address", 64, 0x80200001, SBI_ERR_INVALID_ADDRESS },
	{ "caller", SBI_FAKE_SELF, 0x80200000, SBI_ERR_ALREADY_AVAILABLE },
	{ "suspended", 63, 0x80200000, SBI_ERR_ALREADY_AVAILABLE },
};

KUNIT_ARRAY_PARAM_DESC(start, start_cases, name);

static void hsm_start_errors(struct kunit *test)
{
	const struct start_case *param = test->param_value;
	struct sbi_fake_vm *vm = test->priv;

	vm->hart[3].hsm = RVHV_HSM_SUSPENDED;
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, SBI_EXT_HSM, SBI_EXT_HSM_HART_START,
					    param->hart, param->addr, 0, 0, 0), RVHV_SBI_DONE);
	sbi_fake_expect_error(test, param->error);
}

static void hsm_status(struct kunit *test)
{
	static const unsigned long bad[] = { 2, 6, 1024, 1UL << 32, -1UL };
	struct sbi_fake_vm *vm = test->priv;
	unsigned int i;

	vm->hart[3].hsm = RVHV_HSM_SUSPENDED;
	for (i = 0; i < ARRAY_SIZE(sbi_fake_ids); i++) {
		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, SBI_EXT_HSM, SBI_EXT_HSM_HART_STATUS,
						    sbi_fake_ids[i], 0, 0, 0, 0), RVHV_SBI_DONE);
		KUNIT_EXPECT_EQ(test, vm->call.error, 0);
		KUNIT_EXPECT_EQ(test, vm->call.value,
				i == 2 ? SBI_HSM_STATE_STARTED :
				i == 3 ? SBI_HSM_STATE_SUSPENDED : SBI_HSM_STATE_STOPPED);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		sbi_fake_call(vm, true, SBI_EXT_HSM, SBI_EXT_HSM_HART_STATUS, bad[i], 0, 0, 0, 0);
		sbi_fake_expect_error(test, SBI_ERR_INVALID_PARAM);
	}
}

static void hsm_stop(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;

	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, SBI_EXT_HSM, SBI_EXT_HSM_HART_STOP, 0, 0, 0,
					    0, 0), RVHV_SBI_DEFER);
	KUNIT_EXPECT_EQ(test, vm->nr_events, 0);
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, SBI_EXT_HSM, SBI_EXT_HSM_HART_STOP, 0, 0, 0,
					    0, 0), RVHV_SBI_STOP);
	KUNIT_EXPECT_EQ(test, vm->nr_events, 1);
	KUNIT_EXPECT_EQ(test, vm->event[0].kind, SBI_EV_STOP);
}

struct suspend_case {
	const char *name;
	unsigned long type;
	unsigned long addr;
	enum rvhv_sbi_result result;
	long error;
};

static const struct suspend_case suspend_cases[] = {
	{ "retentive", 0, 1, RVHV_SBI_SUSPEND, 0 },
	{ "retentive, 32 bits", 1UL << 32, 1, RVHV_SBI_SUSPEND, 0 },
	{ "reserved", 1, 0, RVHV_SBI_DONE, SBI_ERR_INVALID_PARAM },
	{ "last reserved", 0x0fffffff, 0, RVHV_SBI_DONE, SBI_ERR_INVALID_PARAM },
	{ "platform", 0x10000000, 0, RVHV_SBI_DONE, SBI_ERR_INVALID_PARAM },
	{ "last platform", 0x7fffffff, 0, RVHV_SBI_DONE, SBI_ERR_INVALID_PARAM },
	{ "non-retentive", 0x80000000, 0x80200000, RVHV_SBI_STOP, 0 },
	{ "non-retentive, sign-extended", 0xffffffff80000000, 2, RVHV_SBI_STOP, 0 },
	{ "odd address", 0x80000000, 0x80200001, RVHV_SBI_DONE, SBI_ERR_INVALID_ADDRESS },
	{ "reserved non-retentive", 0x80000001, 0, RVHV_SBI_DONE, SBI_ERR_INVALID_PARAM },
	{ "platform non-retentive", 0x90000000, 0, RVHV_SBI_DONE, SBI_ERR_INVALID_PARAM },
	{ "last", 0xffffffff, 0, RVHV_SBI_DONE, SBI_ERR_INVALID_PARAM },
};

KUNIT_ARRAY_PARAM_DESC(suspend, suspend_cases, name);

static void hsm_suspend(struct kunit *test)
{
	const struct suspend_case *param = test->param_value;
	struct sbi_fake_vm *vm = test->priv;

	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, SBI_EXT_HSM, SBI_EXT_HSM_HART_SUSPEND,
					    param->type, param->addr, 99, 0, 0), param->result);
	if (param->result != RVHV_SBI_STOP) {
		sbi_fake_expect_error(test, param->error);
		return;
	}
	KUNIT_ASSERT_EQ(test, vm->nr_events, 1);
	KUNIT_EXPECT_EQ(test, vm->event[0].kind, SBI_EV_SUSPEND);
	KUNIT_EXPECT_EQ(test, vm->event[0].arg[0], param->addr);
	KUNIT_EXPECT_EQ(test, vm->event[0].arg[1], 99);
}

/* ---- SRST ---- */

struct reset_case {
	const char *name;
	unsigned long type;
	unsigned long reason;
	long error;
	enum rvhv_system_event event;
	u32 want_reason;
};

static const struct reset_case reset_cases[] = {
	{ "shutdown", 0, 0, 0, RVHV_SYSTEM_SHUTDOWN, 0 },
	{ "shutdown, failure", 0, 1, 0, RVHV_SYSTEM_SHUTDOWN, 1 },
	{ "cold", 1, 0, 0, RVHV_SYSTEM_RESET, 0 },
	{ "warm", 2, 1, 0, RVHV_SYSTEM_RESET, 1 },
	{ "32 bits", 1UL << 32 | 1, 1UL << 63, 0, RVHV_SYSTEM_RESET, 0 },
	{ "reserved type", 3, 0, SBI_ERR_INVALID_PARAM },
	{ "last reserved type", 0xefffffff, 0, SBI_ERR_INVALID_PARAM },
	{ "platform type", 0xf0000000, 0, SBI_ERR_INVALID_PARAM },
	{ "last type", -1UL, 0, SBI_ERR_INVALID_PARAM },
	{ "reserved reason", 0, 2, SBI_ERR_INVALID_PARAM },
	{ "last reserved reason", 0, 0xdfffffff, SBI_ERR_INVALID_PARAM },
	{ "implementation's reason", 0, 0xe0000000, SBI_ERR_INVALID_PARAM },
	{ "platform's reason", 0, 0xf0000000, 0, RVHV_SYSTEM_SHUTDOWN, 0xf0000000 },
	{ "platform's last reason", 1, 0xffffffff, 0, RVHV_SYSTEM_RESET, 0xffffffff },
};

KUNIT_ARRAY_PARAM_DESC(reset, reset_cases, name);

static void srst_reset(struct kunit *test)
{
	const struct reset_case *param = test->param_value;
	struct sbi_fake_vm *vm = test->priv;

	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, SBI_EXT_SRST, 0, param->type, param->reason,
					    0, 0, 0),
			param->error ? RVHV_SBI_DONE : RVHV_SBI_SYSTEM);
	sbi_fake_expect_error(test, param->error);
	if (!param->error) {
		KUNIT_EXPECT_EQ(test, vm->call.event, param->event);
		KUNIT_EXPECT_EQ(test, vm->call.reason, param->want_reason);
	}
}

/* ---- calls that the VMM answers ---- */

static void forwarded(struct kunit *test)
{
	static const unsigned long eids[] = {
		SBI_EXT_EXPERIMENTAL_START, SBI_EXT_EXPERIMENTAL_END,
		SBI_EXT_VENDOR_START, SBI_EXT_VENDOR_END,
	};
	struct sbi_fake_vm *vm = test->priv;
	unsigned long fid;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(eids); i++) {
		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, eids[i], -1UL, 1, 2, 3, 4, 5),
				RVHV_SBI_VMM);
		KUNIT_EXPECT_EQ(test, vm->call.eid, eids[i]);
		KUNIT_EXPECT_EQ(test, vm->call.fid, -1UL);
		KUNIT_EXPECT_EQ(test, vm->call.args[4], 5);
	}
	for (fid = 0; fid < 16; fid++) {
		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, SBI_EXT_DBCN, fid, 1, 2, 3, 4, 5),
				fid < 3 ? RVHV_SBI_VMM : RVHV_SBI_DONE);
		sbi_fake_expect_error(test, fid < 3 ? 0 : SBI_ERR_NOT_SUPPORTED);
	}
}

static struct kunit_case sbi_cases[] = {
	KUNIT_CASE(table_is_sane),
	KUNIT_CASE(row_finds_every_eid),
	KUNIT_CASE(extensions_on_and_off),
	KUNIT_CASE(defaults_are_kvms),
	KUNIT_CASE(base_values),
	KUNIT_CASE(base_probes),
	KUNIT_CASE(time_sets_timer),
	KUNIT_CASE(legacy_without_harts),
	KUNIT_CASE(legacy_mask),
	KUNIT_CASE(legacy_waits_for_first_word),
	KUNIT_CASE(legacy_mask_null),
	KUNIT_CASE(legacy_mask_of_one_word),
	KUNIT_CASE(legacy_mask_faults),
	KUNIT_CASE(hsm_start),
	KUNIT_CASE_PARAM(hsm_start_errors, start_gen_params),
	KUNIT_CASE(hsm_status),
	KUNIT_CASE(hsm_stop),
	KUNIT_CASE_PARAM(hsm_suspend, suspend_gen_params),
	KUNIT_CASE_PARAM(srst_reset, reset_gen_params),
	KUNIT_CASE(forwarded),
	{}
};

static struct kunit_suite sbi_suite = {
	.name = "rvhv_sbi",
	.init = sbi_fake_test_init,
	.test_cases = sbi_cases,
};

kunit_test_suite(sbi_suite);
