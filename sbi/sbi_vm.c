// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI state of a VM: forwarded EIDs, console and host channel.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/xarray.h>

#include "console.h"
#include "host_comm.h"
#include "sbi_ext.h"

/**
 * rvhv_sbi_vm_init - initialise the SBI state of a new VM
 * @vm: zeroed
 *
 * Context: process context, may sleep.
 */
void rvhv_sbi_vm_init(struct rvhv_sbi_vm *vm)
{
	mutex_init(&vm->lock);
	/* rvhv_sbi_forwarded() takes no lock */
	mt_init_flags(&vm->forward, MT_FLAGS_USE_RCU);
	rvhv_sbi_registry_snapshot(vm);
	vm->console = rvhv_console_create_default();
}

/**
 * rvhv_sbi_vm_destroy - undo rvhv_sbi_vm_init()
 * @vm: state of a VM without vCPUs
 *
 * Context: process context, may sleep.
 */
void rvhv_sbi_vm_destroy(struct rvhv_sbi_vm *vm)
{
	rvhv_host_comm_vm_gone(vm);
	rvhv_console_destroy(vm->console);
	mtree_destroy(&vm->forward);
	mutex_destroy(&vm->lock);
}

/* Returns true if the VMM answers calls to an EID that has no enabled row in the table. */
bool rvhv_sbi_forwarded(const struct rvhv_sbi_vm *vm, unsigned long eid)
{
	return READ_ONCE(vm->nr_forward) && mtree_load((struct maple_tree *)&vm->forward, eid);
}

/* Collect the rows of the table that a range covers; -EINVAL if it may not be forwarded. */
static int rows_in_range(unsigned long first, unsigned long last, u64 *rows)
{
	unsigned int row;

	*rows = 0;
	for (row = 0; row < rvhv_sbi_table_size; row++) {
		const struct rvhv_sbi_ext *ext = &rvhv_sbi_table[row];

		if (ext->last < first || ext->first > last || ext->handle == rvhv_sbi_forward)
			continue;
		if (ext->always_on || ext->first < first || ext->last > last)
			return -EINVAL;
		*rows |= BIT_ULL(row);
	}
	return 0;
}

/**
 * rvhv_sbi_vm_forward - let the VMM answer a range of EIDs
 * @vm: state of the VM
 * @first: first EID
 * @last: last EID
 * @has_vcpus: the VM has vCPUs, whose extensions do not change any more
 *
 * Context: process context, may sleep; takes vm->lock.
 * Return: 0; -EINVAL: no range, part of an extension, or Base; -EBUSY: forwarded already, or covers
 * an extension of the table with @has_vcpus; -ENOSPC; -ENOMEM.
 */
int __cold rvhv_sbi_vm_forward(struct rvhv_sbi_vm *vm, unsigned long first, unsigned long last,
			       bool has_vcpus)
{
	u64 rows;
	int ret;

	if (first > last)
		return -EINVAL;
	ret = rows_in_range(first, last, &rows);
	if (ret)
		return ret;
	if (rows && has_vcpus)
		return -EBUSY;

	mutex_lock(&vm->lock);
	if (vm->nr_forward == RVHV_SBI_MAX_FORWARDS) {
		ret = -ENOSPC;
	} else {
		ret = mtree_insert_range(&vm->forward, first, last, xa_mk_value(1),
					 GFP_KERNEL_ACCOUNT);
		if (ret == -EEXIST)
			ret = -EBUSY;
	}
	if (!ret) {
		vm->forwarded_rows |= rows;
		WRITE_ONCE(vm->nr_forward, vm->nr_forward + 1);
	}
	mutex_unlock(&vm->lock);
	return ret;
}

/**
 * rvhv_sbi_vm_unforward - undo rvhv_sbi_vm_forward()
 * @vm: state of the VM
 * @first: first EID of a forwarded range
 * @last: its last EID
 *
 * Extensions of the table that the range covered stay disabled in existing vCPUs.
 *
 * Context: process context, may sleep; takes vm->lock.
 * Return: 0, or -ENOENT if there is no such range.
 */
int rvhv_sbi_vm_unforward(struct rvhv_sbi_vm *vm, unsigned long first, unsigned long last)
{
	MA_STATE(mas, &vm->forward, first, first);
	int ret = -ENOENT;
	u64 rows;

	mutex_lock(&vm->lock);
	mtree_lock(&vm->forward);
	if (first <= last && mas_walk(&mas) && mas.index == first && mas.last == last) {
		mas_erase(&mas);
		ret = 0;
	}
	mtree_unlock(&vm->forward);
	if (!ret && !rows_in_range(first, last, &rows)) {
		vm->forwarded_rows &= ~rows;
		WRITE_ONCE(vm->nr_forward, vm->nr_forward - 1);
	}
	mutex_unlock(&vm->lock);
	return ret;
}
