// SPDX-License-Identifier: GPL-2.0-only
/*
 * rvhv's own ioctls of a VM.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include "../rvhv_vm.h"
#include "../sbi/console.h"
#include "../sbi/sbi_ids.h"
#include "abi.h"
#include "ioctl_tables.h"

static_assert(RVHV_SBI_EID_HVC == RVHV_EID_HVC);
static_assert(RVHV_SBI_EID_HOST_COMM == RVHV_EID_HOST_COMM);
static_assert(RVHV_HOST_COMM_SEND == RVHV_FID_SEND);
static_assert(RVHV_HOST_COMM_RECEIVE == RVHV_FID_RECEIVE);
static_assert(RVHV_HOST_COMM_MAX == RVHV_MESSAGE_MAX);
static_assert(RVHV_CONSOLE_USER == RVHV_SINK_VMM);
static_assert(RVHV_CONSOLE_PRINTK == RVHV_SINK_PRINTK);
static_assert(RVHV_CONSOLE_TTY == RVHV_SINK_TTY);
static_assert(RVHV_CONSOLE_ANY == RVHV_CONSOLE_ANY_TTY);
static_assert(sizeof_field(struct rvhv_sbi_ext_info, name) == RVHV_SBI_NAME_MAX + 1);
static_assert(sizeof(struct rvhv_sbi_forward) == 24);
static_assert(sizeof(struct rvhv_sbi_ext_info) == 56);
static_assert(sizeof(struct rvhv_console_config) == 8);

long rvhv_ioctl_sbi_forward(struct rvhv_ioctl_call *call)
{
	const struct rvhv_sbi_forward *args = call->data;
	struct rvhv_vm *vm = call->object;
	int ret;

	if (args->flags & ~RVHV_SBI_FORWARD_REMOVE || args->pad)
		return -EINVAL;
	if (args->flags & RVHV_SBI_FORWARD_REMOVE)
		return rvhv_sbi_vm_unforward(&vm->sbi, args->first, args->last);
	/* Keeps nr_vcpus as it is */
	mutex_lock(&vm->lock);
	ret = rvhv_sbi_vm_forward(&vm->sbi, args->first, args->last, vm->nr_vcpus);
	mutex_unlock(&vm->lock);
	return ret;
}

long rvhv_ioctl_get_sbi_ext(struct rvhv_ioctl_call *call)
{
	struct rvhv_sbi_ext_info *args = call->data;
	struct rvhv_vm *vm = call->object;
	struct rvhv_sbi_slot_info info;
	u32 index = args->index;
	int ret;

	ret = rvhv_sbi_slot_describe(&vm->sbi, index, &info);
	if (ret)
		return ret;
	*args = (struct rvhv_sbi_ext_info) {
		.index = index,
		.flags = (info.available ? RVHV_SBI_EXT_AVAILABLE : 0) |
			 (info.present ? RVHV_SBI_EXT_PRESENT : 0),
		.first = info.first,
		.last = info.last,
	};
	memcpy(args->name, info.name, sizeof(args->name));
	return 0;
}

/* If this fails, the VM keeps its console. Choosing the VM's present console succeeds. */
long __cold rvhv_ioctl_set_console(struct rvhv_ioctl_call *call)
{
	struct rvhv_console_config *args = call->data;
	struct rvhv_console *console, *old;
	struct rvhv_vm *vm = call->object;
	int ret = 0;

	/* Filling the log is a privilege */
	if (args->sink == RVHV_CONSOLE_PRINTK && !capable(CAP_SYSLOG))
		return -EPERM;
	if (args->sink >= RVHV_NR_SINKS || (args->sink != RVHV_CONSOLE_TTY && args->index))
		return -EINVAL;
	mutex_lock(&vm->lock);
	old = vm->sbi.console;
	if (vm->nr_vcpus) {
		ret = -EBUSY;
	} else if (!rvhv_console_is(old, args->sink, args->index)) {
		console = rvhv_console_create(args->sink, args->index);
		if (IS_ERR(console))
			ret = PTR_ERR(console);
		else
			vm->sbi.console = console;
	}
	console = vm->sbi.console;
	if (!ret)
		args->index = console ? rvhv_console_index(console) : 0;
	mutex_unlock(&vm->lock);
	if (old != console)
		rvhv_console_destroy(old);
	return ret;
}
