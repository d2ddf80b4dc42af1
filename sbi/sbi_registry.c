// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI extensions of other modules.
 *
 * The slot of an extension outlives it: while its module is replaced, VMs keep the extension and
 * its ONE_REG number. Another extension takes a slot that was used only if no unused one is left;
 * VMs created earlier, which have an earlier generation, do not have that extension.
 */
#include <linux/nospec.h>
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/srcu.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "sbi_ext.h"

/*
 * generation is the registry's when an extension of this name and range first took the slot: VMs of
 * an earlier generation do not have it. 0: unused.
 */
struct sbi_slot {
	char name[RVHV_SBI_NAME_MAX + 1];
	unsigned long first;
	unsigned long last;
	u64 generation;
	bool off_by_default;
	struct rvhv_sbi_extension __rcu *ext;	/* NULL if unregistered; under registry_srcu */
	atomic_t users;				/* calls of ext in progress */
};

static DEFINE_MUTEX(registry_lock);
/* Held for look-ups only: a handler may sleep for long */
DEFINE_STATIC_SRCU(registry_srcu);
static DECLARE_WAIT_QUEUE_HEAD(calls_over);
static struct sbi_slot slots[RVHV_SBI_MAX_SLOTS];
/* Slot + 1 by EID, of registered extensions */
static struct maple_tree by_eid = MTREE_INIT(by_eid, MT_FLAGS_USE_RCU);
struct rvhv_sbi_eid_bounds rvhv_sbi_registered_bounds = { .lowest = ULONG_MAX };
static u64 generation = 1;

static bool range_in_table(unsigned long first, unsigned long last)
{
	unsigned int row;

	for (row = 0; row < rvhv_sbi_table_size; row++)
		if (rvhv_sbi_table[row].first <= last && first <= rvhv_sbi_table[row].last)
			return true;
	return false;
}

static bool slot_was_of(const struct sbi_slot *slot, const struct rvhv_sbi_extension *ext)
{
	return slot->generation && slot->first == ext->first && slot->last == ext->last &&
	       !strcmp(slot->name, ext->name);
}

/* Returns the extension's former slot, else an unused one, else the one of lowest generation. */
static struct sbi_slot *find_slot_locked(const struct rvhv_sbi_extension *ext)
{
	struct sbi_slot *slot, *unused = NULL, *left = NULL;

	lockdep_assert_held(&registry_lock);
	for (slot = slots; slot < slots + ARRAY_SIZE(slots); slot++) {
		if (rcu_access_pointer(slot->ext))
			continue;
		if (slot_was_of(slot, ext))
			return slot;
		if (!slot->generation)
			unused = unused ?: slot;
		else if (!left || slot->generation < left->generation)
			left = slot;
	}
	slot = unused ?: left;
	if (slot) {
		strscpy(slot->name, ext->name, sizeof(slot->name));
		slot->first = ext->first;
		slot->last = ext->last;
		slot->generation = ++generation;
	}
	return slot;
}

static void update_bounds_locked(void)
{
	unsigned long lowest = ULONG_MAX, highest = 0;
	const struct sbi_slot *slot;

	lockdep_assert_held(&registry_lock);
	for (slot = slots; slot < slots + ARRAY_SIZE(slots); slot++) {
		if (!rcu_access_pointer(slot->ext))
			continue;
		lowest = min(lowest, slot->first);
		highest = max(highest, slot->last);
	}
	WRITE_ONCE(rvhv_sbi_registered_bounds.lowest, lowest);
	WRITE_ONCE(rvhv_sbi_registered_bounds.highest, highest);
}

static int register_locked(struct rvhv_sbi_extension *ext)
{
	struct sbi_slot *slot;
	int ret;

	lockdep_assert_held(&registry_lock);
	/* Find a collision before a slot changes its extension */
	ret = mtree_insert_range(&by_eid, ext->first, ext->last, xa_mk_value(0), GFP_KERNEL);
	if (ret)
		return ret == -EEXIST ? -EBUSY : ret;
	slot = find_slot_locked(ext);
	if (!slot) {
		mtree_erase(&by_eid, ext->first);
		return -ENOSPC;
	}
	slot->off_by_default = ext->off_by_default;
	rcu_assign_pointer(slot->ext, ext);
	ret = mtree_store_range(&by_eid, ext->first, ext->last, xa_mk_value(slot - slots + 1),
				GFP_KERNEL);
	if (ret) {
		rcu_assign_pointer(slot->ext, NULL);
		mtree_erase(&by_eid, ext->first);
		return ret;
	}
	update_bounds_locked();
	return 0;
}

int __cold __rvhv_sbi_register(struct rvhv_sbi_extension *ext, struct module *owner)
{
	int ret;

	if (!ext->handle || !ext->name || !*ext->name || ext->first > ext->last ||
	    strlen(ext->name) > RVHV_SBI_NAME_MAX)
		return -EINVAL;
	if (range_in_table(ext->first, ext->last))
		return -EBUSY;
	ext->owner = owner;
	mutex_lock(&registry_lock);
	ret = register_locked(ext);
	mutex_unlock(&registry_lock);
	return ret;
}
EXPORT_SYMBOL_GPL(__rvhv_sbi_register);

/**
 * rvhv_sbi_unregister - undo rvhv_sbi_register()
 * @ext: the extension; nothing happens if it is not registered
 *
 * Waits for calls in progress; later ones get SBI_ERR_NOT_SUPPORTED.
 *
 * Context: process context, may sleep; not from a handler.
 */
void __cold rvhv_sbi_unregister(struct rvhv_sbi_extension *ext)
{
	struct sbi_slot *slot;

	mutex_lock(&registry_lock);
	for (slot = slots; slot < slots + ARRAY_SIZE(slots); slot++) {
		if (rcu_access_pointer(slot->ext) != ext)
			continue;
		mtree_erase(&by_eid, ext->first);
		rcu_assign_pointer(slot->ext, NULL);
		update_bounds_locked();
		break;
	}
	/* Under the lock: the slot is not taken again before its last call has ended. */
	synchronize_srcu(&registry_srcu);
	if (slot < slots + ARRAY_SIZE(slots))
		wait_event(calls_over, !atomic_read(&slot->users));
	mutex_unlock(&registry_lock);
}
EXPORT_SYMBOL_GPL(rvhv_sbi_unregister);

/* Returns the slot of @eid if the vCPU may call it, else -ENOENT. */
static int find_eid(const struct rvhv_sbi_state *state, unsigned long eid)
{
	unsigned long nr;
	void *entry;

	if (!rvhv_sbi_maybe_registered(eid))
		return -ENOENT;
	entry = mtree_load(&by_eid, eid);
	nr = entry ? xa_to_value(entry) : 0;
	if (!nr--)
		return -ENOENT;
	return state->slots_enabled & BIT_ULL(nr) ? nr : -ENOENT;
}

/* The slot may have got another extension since it was looked up. */
static bool usable(const struct rvhv_sbi_state *state, const struct sbi_slot *slot,
		   const struct rvhv_sbi_extension *ext, unsigned long eid)
{
	if (!ext || eid < ext->first || eid > ext->last)
		return false;
	/* Read the generation after the extension; pairs with rcu_assign_pointer() */
	smp_rmb();
	return READ_ONCE(slot->generation) <= state->vm->generation;
}

/* Returns the slot's extension with a reference to its module, or NULL. */
static struct rvhv_sbi_extension *get_ext(const struct rvhv_sbi_state *state, int nr,
					  unsigned long eid)
{
	struct rvhv_sbi_extension *ext;
	struct sbi_slot *slot = &slots[nr];
	int idx;

	idx = srcu_read_lock(&registry_srcu);
	ext = srcu_dereference(slot->ext, &registry_srcu);
	if (usable(state, slot, ext, eid) && try_module_get(ext->owner))
		atomic_inc(&slot->users);
	else
		ext = NULL;
	srcu_read_unlock(&registry_srcu, idx);
	return ext;
}

static void put_ext(struct rvhv_sbi_extension *ext, int nr)
{
	struct module *owner = ext->owner;

	/* @ext may be freed from here on */
	if (atomic_dec_and_test(&slots[nr].users))
		wake_up(&calls_over);
	module_put(owner);
}

static void call_ext(const struct rvhv_sbi_extension *ext, struct rvhv_vcpu *vcpu,
		     struct rvhv_vm *vm, struct rvhv_sbi_call *call)
{
	struct rvhv_sbi_args args = { .eid = call->eid, .fid = call->fid };
	struct rvhv_sbi_answer answer = {};

	memcpy(args.arg, call->args, sizeof(args.arg));
	if (ext->probe && !ext->probe(vm))
		return;
	call->host_error = ext->handle(vm, vcpu, &args, &answer);
	call->error = rvhv_sbi_error_known(answer.error) ? answer.error : SBI_ERR_FAILURE;
	call->value = answer.value;
}

enum rvhv_sbi_result rvhv_sbi_registered(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
					 const struct rvhv_sbi_state *state,
					 struct rvhv_sbi_call *call)
{
	int slot = find_eid(state, call->eid);
	struct rvhv_sbi_extension *ext;

	if (slot < 0)
		return rvhv_sbi_error(call, SBI_ERR_NOT_SUPPORTED);
	if (call->atomic)
		return RVHV_SBI_DEFER;
	call->host_error = 0;
	call->error = SBI_ERR_NOT_SUPPORTED;
	ext = get_ext(state, slot, call->eid);
	if (ext) {
		call_ext(ext, vcpu, ops->vm(vcpu), call);
		put_ext(ext, slot);
	}
	/* A positive result is the extension's mistake; KVM_RUN must not return it */
	call->host_error = call->host_error > 0 ? -EIO : rvhv_handler_errno(call->host_error);
	return call->host_error ? RVHV_SBI_HOST_ERROR : RVHV_SBI_DONE;
}

/* Answer Base's probe_extension for such an EID. */
enum rvhv_sbi_result rvhv_sbi_registered_probe(struct rvhv_vcpu *vcpu,
					       const struct rvhv_sbi_ops *ops,
					       const struct rvhv_sbi_state *state,
					       struct rvhv_sbi_call *call)
{
	int slot = find_eid(state, call->args[0]);
	struct rvhv_sbi_extension *ext;

	if (slot < 0)
		return RVHV_SBI_DONE;
	if (call->atomic)
		return RVHV_SBI_DEFER;
	ext = get_ext(state, slot, call->args[0]);
	if (ext) {
		call->value = ext->probe ? ext->probe(ops->vm(vcpu)) : 1;
		put_ext(ext, slot);
	}
	return RVHV_SBI_DONE;
}

/* Give a new VM the extensions that are registered now. */
void rvhv_sbi_registry_snapshot(struct rvhv_sbi_vm *vm)
{
	unsigned int i;

	mutex_lock(&registry_lock);
	vm->generation = generation;
	for (i = 0; i < ARRAY_SIZE(slots); i++)
		if (rcu_access_pointer(slots[i].ext))
			vm->slots |= BIT_ULL(i);
	mutex_unlock(&registry_lock);
}

static bool vm_has_slot_locked(const struct rvhv_sbi_vm *vm, unsigned int slot)
{
	lockdep_assert_held(&registry_lock);
	return (vm->slots & BIT_ULL(slot)) && slots[slot].generation <= vm->generation;
}

/* Bit i: vCPUs of the VM begin with registered extension i enabled. */
u64 rvhv_sbi_registry_defaults(const struct rvhv_sbi_vm *vm)
{
	u64 enabled = 0;
	unsigned int i;

	mutex_lock(&registry_lock);
	for (i = 0; i < ARRAY_SIZE(slots); i++)
		if (vm_has_slot_locked(vm, i) && !slots[i].off_by_default)
			enabled |= BIT_ULL(i);
	mutex_unlock(&registry_lock);
	return enabled;
}

/**
 * rvhv_sbi_slot_describe - describe a registered extension
 * @vm: state of the VM that asks
 * @slot: number of the extension
 * @info: the description
 *
 * Context: process context, may sleep.
 * Return: 0, or -ENOENT for an unused slot.
 */
int rvhv_sbi_slot_describe(const struct rvhv_sbi_vm *vm, unsigned int slot,
			   struct rvhv_sbi_slot_info *info)
{
	int ret = -ENOENT;

	if (slot >= ARRAY_SIZE(slots))
		return ret;
	slot = array_index_nospec(slot, ARRAY_SIZE(slots));
	mutex_lock(&registry_lock);
	if (slots[slot].generation) {
		*info = (struct rvhv_sbi_slot_info) {
			.first = slots[slot].first,
			.last = slots[slot].last,
			.available = vm_has_slot_locked(vm, slot),
			.present = rcu_access_pointer(slots[slot].ext),
		};
		strscpy_pad(info->name, slots[slot].name, sizeof(info->name));
		ret = 0;
	}
	mutex_unlock(&registry_lock);
	return ret;
}

static bool has_slot(const struct rvhv_sbi_state *state, unsigned int slot)
{
	bool has;

	mutex_lock(&registry_lock);
	has = vm_has_slot_locked(state->vm, slot);
	mutex_unlock(&registry_lock);
	return has;
}

/**
 * rvhv_sbi_slot_get - is a registered extension enabled?
 * @state: state of the vCPU
 * @slot: number of the extension, below RVHV_SBI_MAX_SLOTS
 * @on: the answer
 *
 * Context: process context, may sleep.
 * Return: 0, or -ENOENT if the VM does not have it.
 */
int __cold rvhv_sbi_slot_get(const struct rvhv_sbi_state *state, unsigned int slot, bool *on)
{
	if (!has_slot(state, slot))
		return -ENOENT;
	*on = state->slots_enabled & BIT_ULL(slot);
	return 0;
}

/**
 * rvhv_sbi_slot_set - enable or disable a registered extension
 * @state: state of the vCPU
 * @slot: number of the extension, below RVHV_SBI_MAX_SLOTS
 * @on: enable it
 *
 * Context: process context, may sleep.
 * Return: 0, or -ENOENT if the VM does not have it.
 */
int __cold rvhv_sbi_slot_set(struct rvhv_sbi_state *state, unsigned int slot, bool on)
{
	if (!has_slot(state, slot))
		return -ENOENT;
	if (on)
		state->slots_enabled |= BIT_ULL(slot);
	else
		state->slots_enabled &= ~BIT_ULL(slot);
	return 0;
}
