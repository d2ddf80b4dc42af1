// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of SBI extensions of other modules and of forwarded EIDs.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/module.h>

#include "../sbi/sbi_errors.h"
#include "../sbi/sbi_ids.h"
#include "sbi_fake.h"

#define EID	0x0b000000UL

/* ---- an extension to register ---- */

static struct {
	struct rvhv_vm *vm;
	struct rvhv_vcpu *vcpu;
	struct rvhv_sbi_args args;
	unsigned int calls;
	struct rvhv_sbi_answer answer;
	int ret;
	unsigned long probe;
} heard;

static int handle(struct rvhv_vm *vm, struct rvhv_vcpu *vcpu, const struct rvhv_sbi_args *args,
		  struct rvhv_sbi_answer *answer)
{
	heard.vm = vm;
	heard.vcpu = vcpu;
	heard.args = *args;
	heard.calls++;
	if (answer->error || answer->value)
		return -EBADMSG;
	*answer = heard.answer;
	return heard.ret;
}

static unsigned long probe(struct rvhv_vm *vm)
{
	return heard.probe;
}

static struct rvhv_sbi_extension ext_of(unsigned long first, unsigned long last, const char *name)
{
	return (struct rvhv_sbi_extension) {
		.name = name, .first = first, .last = last, .handle = handle,
	};
}

/* Create a guest with the extensions registered now; becomes test->priv. */
static struct sbi_fake_vm *new_guest(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, sbi_fake_test_init(test), 0);
	return test->priv;
}

static long call_error(struct kunit *test, unsigned long eid)
{
	struct sbi_fake_vm *vm = test->priv;

	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, eid, 7, 1, 2, 3, 4, 5), RVHV_SBI_DONE);
	return vm->call.error;
}

static unsigned long probed(struct kunit *test, unsigned long eid)
{
	struct sbi_fake_vm *vm = test->priv;

	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, SBI_EXT_BASE, SBI_EXT_BASE_PROBE_EXT, eid, 0,
					    0, 0, 0), RVHV_SBI_DONE);
	return vm->call.value;
}

static int registry_test_init(struct kunit *test)
{
	memset(&heard, 0, sizeof(heard));
	heard.probe = 1;
	return 0;
}

static void call_and_answer(struct kunit *test)
{
	struct rvhv_sbi_extension ext = ext_of(EID, EID + 3, "test");
	const unsigned long args[6] = { 1, 2, 3, 4, 5, 0 };
	struct sbi_fake_vm *vm;

	KUNIT_ASSERT_EQ(test, rvhv_sbi_register(&ext), 0);
	vm = new_guest(test);
	heard.answer.value = 42;

	/* With interrupts off no handler is called. */
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, EID + 1, 7, 1, 2, 3, 4, 5), RVHV_SBI_DEFER);
	KUNIT_EXPECT_EQ(test, heard.calls, 0);

	KUNIT_EXPECT_EQ(test, call_error(test, EID + 1), SBI_SUCCESS);
	KUNIT_EXPECT_EQ(test, vm->call.value, 42);
	KUNIT_EXPECT_EQ(test, heard.calls, 1);
	KUNIT_EXPECT_PTR_EQ(test, (void *)heard.vcpu, (void *)vm->self);
	KUNIT_EXPECT_PTR_EQ(test, (void *)heard.vm, (void *)vm);
	KUNIT_EXPECT_EQ(test, heard.args.eid, EID + 1);
	KUNIT_EXPECT_EQ(test, heard.args.fid, 7);
	KUNIT_EXPECT_MEMEQ(test, heard.args.arg, args, sizeof(args));

	KUNIT_EXPECT_EQ(test, call_error(test, EID - 1), SBI_ERR_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, call_error(test, EID + 4), SBI_ERR_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, call_error(test, EID + (1UL << 32)), SBI_ERR_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, call_error(test, EID), 0);
	KUNIT_EXPECT_EQ(test, call_error(test, EID + 3), 0);
	KUNIT_EXPECT_EQ(test, heard.calls, 3);

	rvhv_sbi_unregister(&ext);
	KUNIT_EXPECT_EQ(test, call_error(test, EID), SBI_ERR_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, heard.calls, 3);
}

/* Codes that the specification does not define become SBI_ERR_FAILED. */
static void errors_of_the_specification(struct kunit *test)
{
	struct rvhv_sbi_extension ext = ext_of(EID, EID, "test");
	long error;

	KUNIT_ASSERT_EQ(test, rvhv_sbi_register(&ext), 0);
	new_guest(test);
	for (error = 3; error >= -40; error--) {
		heard.answer.error = error;
		KUNIT_EXPECT_EQ(test, call_error(test, EID),
				error <= 0 && error >= -14 ? error : SBI_ERR_FAILURE);
	}
	heard.answer.error = LONG_MIN;
	KUNIT_EXPECT_EQ(test, call_error(test, EID), SBI_ERR_FAILURE);
	rvhv_sbi_unregister(&ext);
}

static void failures_of_the_host(struct kunit *test)
{
	static const int rets[][2] = {
		{ -EINTR, -EINTR }, { -ENOMEM, -ENOMEM }, { -511, -511 }, { -MAX_ERRNO, -EIO },
		/* All errnos of a signal become -EINTR */
		{ -ERESTARTSYS, -EINTR }, { -ERESTARTNOINTR, -EINTR }, { -ERESTARTNOHAND, -EINTR },
		{ -ERESTART_RESTARTBLOCK, -EINTR }, { -ENOIOCTLCMD, -EIO },
		{ 1, -EIO }, { INT_MAX, -EIO }, { -MAX_ERRNO - 1, -EIO }, { INT_MIN, -EIO },
	};
	struct rvhv_sbi_extension ext = ext_of(EID, EID, "test");
	struct sbi_fake_vm *vm;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, rvhv_sbi_register(&ext), 0);
	vm = new_guest(test);
	for (i = 0; i < ARRAY_SIZE(rets); i++) {
		heard.ret = rets[i][0];
		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, EID, 0, 0, 0, 0, 0, 0),
				RVHV_SBI_HOST_ERROR);
		KUNIT_EXPECT_EQ(test, vm->call.host_error, rets[i][1]);
	}
	heard.ret = 0;
	KUNIT_EXPECT_EQ(test, call_error(test, EID), 0);
	rvhv_sbi_unregister(&ext);
}

static void bad_extensions(struct kunit *test)
{
	static const char long_name[] = "12345678901234567890123456789012";
	struct rvhv_sbi_extension ext = ext_of(EID, EID, "test");
	unsigned int row;

	static_assert(sizeof(long_name) - 1 == RVHV_SBI_NAME_MAX + 1);
	ext = ext_of(EID + 1, EID, "test");
	KUNIT_EXPECT_EQ(test, rvhv_sbi_register(&ext), -EINVAL);
	ext = ext_of(EID, EID, NULL);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_register(&ext), -EINVAL);
	ext = ext_of(EID, EID, "");
	KUNIT_EXPECT_EQ(test, rvhv_sbi_register(&ext), -EINVAL);
	ext = ext_of(EID, EID, long_name);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_register(&ext), -EINVAL);
	ext = ext_of(EID, EID, "test");
	ext.handle = NULL;
	KUNIT_EXPECT_EQ(test, rvhv_sbi_register(&ext), -EINVAL);
	/* Removing an unregistered extension does nothing. */
	rvhv_sbi_unregister(&ext);

	/* EIDs of the table are taken. */
	for (row = 0; row < rvhv_sbi_table_size; row++) {
		const struct rvhv_sbi_ext *ours = &rvhv_sbi_table[row];

		ext = ext_of(ours->last, ours->last + 1, "test");
		KUNIT_EXPECT_EQ(test, rvhv_sbi_register(&ext), -EBUSY);
		ext = ext_of(ours->first ?: 0, ours->first, "test");
		KUNIT_EXPECT_EQ(test, rvhv_sbi_register(&ext), -EBUSY);
	}
	ext = ext_of(0, -1UL, "test");
	KUNIT_EXPECT_EQ(test, rvhv_sbi_register(&ext), -EBUSY);
}

static void clashes(struct kunit *test)
{
	static const unsigned long taken[][2] = {
		{ EID, EID + 9 }, { EID + 9, EID + 9 }, { EID, EID }, { EID - 5, EID + 20 },
		{ EID + 5, EID + 20 }, { EID - 5, EID },
	};
	struct rvhv_sbi_extension ext = ext_of(EID, EID + 9, "one"), other;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, rvhv_sbi_register(&ext), 0);
	for (i = 0; i < ARRAY_SIZE(taken); i++) {
		other = ext_of(taken[i][0], taken[i][1], "two");
		KUNIT_EXPECT_EQ(test, rvhv_sbi_register(&other), -EBUSY);
	}
	new_guest(test);
	KUNIT_EXPECT_EQ(test, call_error(test, EID + 9), 0);
	other = ext_of(EID + 10, EID + 10, "two");
	KUNIT_EXPECT_EQ(test, rvhv_sbi_register(&other), 0);
	rvhv_sbi_unregister(&ext);
	rvhv_sbi_unregister(&other);
	other = ext_of(EID - 5, EID + 20, "two");
	KUNIT_EXPECT_EQ(test, rvhv_sbi_register(&other), 0);
	rvhv_sbi_unregister(&other);
}

/* Older VMs do not have it; newer ones keep it while its module is replaced. */
static void only_new_vms(struct kunit *test)
{
	struct rvhv_sbi_extension ext = ext_of(EID, EID, "test"), other = ext_of(EID, EID, "other");
	struct sbi_fake_vm *old, *new;
	unsigned int slot;
	bool on;

	old = new_guest(test);
	KUNIT_ASSERT_EQ(test, rvhv_sbi_register(&ext), 0);
	KUNIT_EXPECT_EQ(test, call_error(test, EID), SBI_ERR_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, probed(test, EID), 0);

	new = new_guest(test);
	KUNIT_EXPECT_EQ(test, call_error(test, EID), 0);
	KUNIT_EXPECT_EQ(test, probed(test, EID), 1);
	slot = __ffs64(new->sbi.slots);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_slot_get(&new->state, slot, &on), 0);
	KUNIT_EXPECT_TRUE(test, on);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_slot_get(&old->state, slot, &on), -ENOENT);

	rvhv_sbi_unregister(&ext);
	KUNIT_EXPECT_EQ(test, probed(test, EID), 0);
	KUNIT_ASSERT_EQ(test, rvhv_sbi_register(&ext), 0);
	KUNIT_EXPECT_EQ(test, call_error(test, EID), 0);
	rvhv_sbi_unregister(&ext);

	/* The VM does not get another extension with the same EID. */
	KUNIT_ASSERT_EQ(test, rvhv_sbi_register(&other), 0);
	KUNIT_EXPECT_EQ(test, call_error(test, EID), SBI_ERR_NOT_SUPPORTED);
	rvhv_sbi_unregister(&other);
}

static void on_and_off(struct kunit *test)
{
	struct rvhv_sbi_extension ext = ext_of(EID, EID, "test");
	struct rvhv_sbi_state state;
	struct sbi_fake_vm *vm;
	unsigned int slot;
	bool on;

	ext.off_by_default = true;
	KUNIT_ASSERT_EQ(test, rvhv_sbi_register(&ext), 0);
	vm = new_guest(test);
	rvhv_sbi_state_init(&state, &vm->sbi);
	vm->state.slots_enabled = state.slots_enabled;
	slot = __ffs64(vm->sbi.slots);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_slot_get(&vm->state, slot, &on), 0);
	KUNIT_EXPECT_FALSE(test, on);
	KUNIT_EXPECT_EQ(test, call_error(test, EID), SBI_ERR_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, probed(test, EID), 0);

	KUNIT_EXPECT_EQ(test, rvhv_sbi_slot_set(&vm->state, slot, true), 0);
	KUNIT_EXPECT_EQ(test, call_error(test, EID), 0);
	KUNIT_EXPECT_EQ(test, probed(test, EID), 1);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_slot_set(&vm->state, slot, false), 0);
	KUNIT_EXPECT_EQ(test, call_error(test, EID), SBI_ERR_NOT_SUPPORTED);

	KUNIT_EXPECT_EQ(test, rvhv_sbi_slot_set(&vm->state, RVHV_SBI_MAX_SLOTS - 1, true), -ENOENT);
	rvhv_sbi_unregister(&ext);
}

static void probing(struct kunit *test)
{
	struct rvhv_sbi_extension ext = ext_of(EID, EID, "test");
	struct sbi_fake_vm *vm;

	ext.probe = probe;
	KUNIT_ASSERT_EQ(test, rvhv_sbi_register(&ext), 0);
	vm = new_guest(test);
	heard.probe = 77;
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, SBI_EXT_BASE, SBI_EXT_BASE_PROBE_EXT, EID, 0,
					    0, 0, 0), RVHV_SBI_DEFER);
	KUNIT_EXPECT_EQ(test, probed(test, EID), 77);
	/* An extension that probes as 0 cannot be called. */
	heard.probe = 0;
	KUNIT_EXPECT_EQ(test, probed(test, EID), 0);
	KUNIT_EXPECT_EQ(test, call_error(test, EID), SBI_ERR_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, heard.calls, 0);
	rvhv_sbi_unregister(&ext);
}

/* A disabled extension stays disabled while its module is replaced. */
static void off_while_away(struct kunit *test)
{
	struct rvhv_sbi_extension ext = ext_of(EID, EID, "test");
	struct rvhv_sbi_state state;
	struct sbi_fake_vm *vm;

	ext.off_by_default = true;
	KUNIT_ASSERT_EQ(test, rvhv_sbi_register(&ext), 0);
	vm = new_guest(test);
	rvhv_sbi_unregister(&ext);
	rvhv_sbi_state_init(&state, &vm->sbi);
	KUNIT_EXPECT_EQ(test, state.slots_enabled & vm->sbi.slots, 0);
}

/* When all slots are used, the oldest unregistered one is reused, and older VMs lose it. */
static void slots_run_out(struct kunit *test)
{
	struct rvhv_sbi_extension *ext;
	struct rvhv_sbi_extension extra = ext_of(EID + 0x1000, EID + 0x1000, "extra");
	struct rvhv_sbi_slot_info info;
	struct sbi_fake_vm *vm;
	unsigned int i, given = 0;

	ext = kunit_kcalloc(test, RVHV_SBI_MAX_SLOTS, sizeof(*ext), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ext);
	for (i = 0; i < RVHV_SBI_MAX_SLOTS; i++) {
		ext[i] = ext_of(EID + i, EID + i, "many");
		KUNIT_ASSERT_EQ(test, rvhv_sbi_register(&ext[i]), 0);
	}
	KUNIT_EXPECT_EQ(test, rvhv_sbi_register(&extra), -ENOSPC);
	vm = new_guest(test);
	for (i = 0; i < RVHV_SBI_MAX_SLOTS; i++) {
		KUNIT_EXPECT_EQ(test, call_error(test, EID + i), 0);
		KUNIT_EXPECT_EQ(test, rvhv_sbi_slot_describe(&vm->sbi, i, &info), 0);
		KUNIT_EXPECT_STREQ(test, info.name, "many");
		KUNIT_EXPECT_TRUE(test, info.available && info.present);
	}
	KUNIT_EXPECT_EQ(test, rvhv_sbi_slot_describe(&vm->sbi, RVHV_SBI_MAX_SLOTS, &info), -ENOENT);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_slot_describe(&vm->sbi, -1U, &info), -ENOENT);

	rvhv_sbi_unregister(&ext[3]);
	rvhv_sbi_unregister(&ext[5]);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_register(&extra), 0);
	KUNIT_EXPECT_EQ(test, call_error(test, EID + 0x1000), SBI_ERR_NOT_SUPPORTED);
	/* [5] still has its slot. */
	KUNIT_EXPECT_EQ(test, rvhv_sbi_register(&ext[5]), 0);
	KUNIT_EXPECT_EQ(test, call_error(test, EID + 5), 0);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_register(&ext[3]), -ENOSPC);

	for (i = 0; i < RVHV_SBI_MAX_SLOTS; i++) {
		KUNIT_EXPECT_EQ(test, rvhv_sbi_slot_describe(&vm->sbi, i, &info), 0);
		if (info.first == extra.first) {
			KUNIT_EXPECT_FALSE(test, info.available);
			given++;
		}
	}
	KUNIT_EXPECT_EQ(test, given, 1);
	rvhv_sbi_unregister(&extra);
	for (i = 0; i < RVHV_SBI_MAX_SLOTS; i++)
		rvhv_sbi_unregister(&ext[i]);
}

/* ---- registration during calls ---- */

static int call_loop(void *data)
{
	struct sbi_fake_vm *vm = data;
	unsigned long ok = 0;

	while (!kthread_should_stop()) {
		enum rvhv_sbi_result ret = sbi_fake_call(vm, false, EID, 0, 0, 0, 0, 0, 0);

		if (ret != RVHV_SBI_DONE ||
		    (vm->call.error && vm->call.error != SBI_ERR_NOT_SUPPORTED))
			return -EINVAL;
		ok += !vm->call.error;
		cond_resched();
	}
	vm->mask[0] = ok;
	return 0;
}

static void register_under_load(struct kunit *test)
{
	struct rvhv_sbi_extension *ext = kunit_kzalloc(test, sizeof(*ext), GFP_KERNEL);
	struct task_struct *task;
	struct sbi_fake_vm *vm;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, ext);
	*ext = ext_of(EID, EID, "load");
	KUNIT_ASSERT_EQ(test, rvhv_sbi_register(ext), 0);
	vm = new_guest(test);
	task = kthread_run(call_loop, vm, "rvhv-calls");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	for (i = 0; i < 200; i++) {
		rvhv_sbi_unregister(ext);
		/* No call uses it any more: overwrite it. */
		memset(ext, 0x6b, sizeof(*ext));
		cond_resched();
		*ext = ext_of(EID, EID, "load");
		KUNIT_EXPECT_EQ(test, rvhv_sbi_register(ext), 0);
		if (i % 16 == 0)
			schedule_timeout_uninterruptible(1);
	}
	schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_EQ(test, kthread_stop(task), 0);
	KUNIT_EXPECT_GT(test, vm->mask[0], 0);
	rvhv_sbi_unregister(ext);
}

/* ---- forwarded EIDs ---- */

static void forward(struct kunit *test)
{
	struct rvhv_sbi_extension ext = ext_of(EID, EID, "test");
	struct sbi_fake_vm *vm = new_guest(test);
	struct rvhv_sbi_vm *sbi = &vm->sbi;

	KUNIT_ASSERT_EQ(test, rvhv_sbi_vm_forward(sbi, EID, EID + 9, true), 0);
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, EID, 1, 0, 0, 0, 0, 0), RVHV_SBI_VMM);
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, EID + 9, -1UL, 0, 0, 0, 0, 0),
			RVHV_SBI_VMM);
	KUNIT_EXPECT_EQ(test, call_error(test, EID + 10), SBI_ERR_NOT_SUPPORTED);
	/* The VMM answers the probe. */
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, SBI_EXT_BASE, SBI_EXT_BASE_PROBE_EXT, EID, 0,
					    0, 0, 0), RVHV_SBI_VMM);

	KUNIT_EXPECT_EQ(test, rvhv_sbi_vm_forward(sbi, EID + 9, EID + 20, true), -EBUSY);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_vm_forward(sbi, EID + 1, EID, true), -EINVAL);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_vm_unforward(sbi, EID, EID + 8), -ENOENT);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_vm_unforward(sbi, EID + 1, EID + 9), -ENOENT);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_vm_unforward(sbi, 1, 0), -ENOENT);

	/* Forwarding takes precedence over other modules. */
	KUNIT_ASSERT_EQ(test, rvhv_sbi_register(&ext), 0);
	vm->sbi.slots = -1ULL;
	vm->sbi.generation = -1ULL;
	vm->state.slots_enabled = -1ULL;
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, EID, 0, 0, 0, 0, 0, 0), RVHV_SBI_VMM);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_vm_unforward(sbi, EID, EID + 9), 0);
	KUNIT_EXPECT_EQ(test, call_error(test, EID), 0);
	KUNIT_EXPECT_EQ(test, heard.calls, 1);
	rvhv_sbi_unregister(&ext);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_vm_unforward(sbi, EID, EID + 9), -ENOENT);
	rvhv_sbi_vm_destroy(sbi);
}

static void forward_ours(struct kunit *test)
{
	struct sbi_fake_vm *vm = new_guest(test);
	struct rvhv_sbi_vm *sbi = &vm->sbi;

	/* Not Base, no part of an extension, and not after the first vCPU. */
	KUNIT_EXPECT_EQ(test, rvhv_sbi_vm_forward(sbi, SBI_EXT_BASE, SBI_EXT_BASE, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_vm_forward(sbi, 0, -1UL, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_vm_forward(sbi, 1, 2, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_vm_forward(sbi, SBI_EXT_TIME, SBI_EXT_TIME, true), -EBUSY);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_vm_forward(sbi, SBI_EXT_TIME, SBI_EXT_TIME, false), 0);
	rvhv_sbi_state_init(&vm->state, sbi);
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, SBI_EXT_TIME, 0, 5, 0, 0, 0, 0),
			RVHV_SBI_VMM);
	KUNIT_EXPECT_EQ(test, vm->nr_events, 0);
	/* Part of a range that the VMM answers anyway. */
	KUNIT_EXPECT_EQ(test, rvhv_sbi_vm_forward(sbi, SBI_EXT_VENDOR_START + 1,
						  SBI_EXT_VENDOR_START + 2, true), 0);

	/* Enabled again, the kernel answers. */
	KUNIT_EXPECT_EQ(test, rvhv_sbi_ext_set(&vm->state, SBI_EXT_TIME, true), 0);
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, SBI_EXT_TIME, 0, 5, 0, 0, 0, 0),
			RVHV_SBI_DONE);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_vm_unforward(sbi, SBI_EXT_TIME, SBI_EXT_TIME), 0);
	rvhv_sbi_state_init(&vm->state, sbi);
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, SBI_EXT_TIME, 0, 5, 0, 0, 0, 0),
			RVHV_SBI_DONE);
	rvhv_sbi_vm_destroy(sbi);
}

static void forward_many(struct kunit *test)
{
	struct sbi_fake_vm *vm = new_guest(test);
	unsigned long eid = EID;
	unsigned int i;

	for (i = 0; i < RVHV_SBI_MAX_FORWARDS; i++, eid += 2)
		KUNIT_ASSERT_EQ(test, rvhv_sbi_vm_forward(&vm->sbi, eid, eid, true), 0);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_vm_forward(&vm->sbi, eid, eid, true), -ENOSPC);
	for (eid = EID; eid < EID + 2 * RVHV_SBI_MAX_FORWARDS; eid++)
		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, eid, 0, 0, 0, 0, 0, 0),
				(eid - EID) % 2 ? RVHV_SBI_DONE : RVHV_SBI_VMM);
	rvhv_sbi_vm_destroy(&vm->sbi);
}

static struct kunit_case registry_cases[] = {
	KUNIT_CASE(call_and_answer),
	KUNIT_CASE(errors_of_the_specification),
	KUNIT_CASE(failures_of_the_host),
	KUNIT_CASE(bad_extensions),
	KUNIT_CASE(clashes),
	KUNIT_CASE(only_new_vms),
	KUNIT_CASE(on_and_off),
	KUNIT_CASE(probing),
	KUNIT_CASE(off_while_away),
	KUNIT_CASE(slots_run_out),
	KUNIT_CASE(register_under_load),
	KUNIT_CASE(forward),
	KUNIT_CASE(forward_ours),
	KUNIT_CASE(forward_many),
	{}
};

static struct kunit_suite registry_suite = {
	.name = "rvhv_registry",
	.init = registry_test_init,
	.test_cases = registry_cases,
};

kunit_test_suite(registry_suite);
