// SPDX-License-Identifier: GPL-2.0-only
/*
 * Capabilities: KVM_CHECK_EXTENSION and KVM_ENABLE_CAP.
 */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>

#include "../guest_mem/host.h"
#include "../rvhv_vm.h"
#include "abi.h"
#include "caps.h"
#include "ioctl_tables.h"

#define DIRTY_LOG_CAPS	(KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE | KVM_DIRTY_LOG_INITIALLY_SET)

/* The recommended maximum: vCPUs that can run at the same time */
static int nr_vcpus(void)
{
	return min_t(unsigned int, num_online_cpus(), RVHV_MAX_VCPUS);
}

static int gpa_bits(void)
{
	return rvhv_mem_host.gpa_bits;
}

static int enable_dirty_log_protect(struct rvhv_vm *vm, const u64 *args)
{
	u64 allowed = KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE;

	if (args[0] & KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE)
		allowed = DIRTY_LOG_CAPS;
	if (args[0] & ~allowed)
		return -EINVAL;
	/* WRITE_ONCE: slots that begin to log read it without the lock */
	mutex_lock(&vm->mem.slots_lock);
	WRITE_ONCE(vm->mem.manual_dirty, args[0]);
	mutex_unlock(&vm->mem.slots_lock);
	return 0;
}

static int enable_halt_poll(struct rvhv_vm *vm, const u64 *args)
{
	if (args[0] > U32_MAX)
		return -EINVAL;
	WRITE_ONCE(vm->halt_poll_ns, args[0]);
	return 0;
}

/* KVM_CHECK_EXTENSION returns 0 for others */
const struct rvhv_cap rvhv_caps[] = {
	{ KVM_CAP_USER_MEMORY, 1 },
	{ KVM_CAP_USER_MEMORY2, 1 },
	{ KVM_CAP_DESTROY_MEMORY_REGION_WORKS, 1 },
	{ KVM_CAP_JOIN_MEMORY_REGIONS_WORKS, 1 },
	{ KVM_CAP_READONLY_MEM, 1 },
	{ KVM_CAP_SYNC_MMU, 1 },
	{ KVM_CAP_NR_MEMSLOTS, RVHV_MAX_SLOTS },
	{ KVM_CAP_VM_GPA_BITS, .get = gpa_bits },
	{ KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, DIRTY_LOG_CAPS, .enable = enable_dirty_log_protect },
	{ KVM_CAP_NR_VCPUS, .get = nr_vcpus },
	{ KVM_CAP_MAX_VCPUS, RVHV_MAX_VCPUS },
	{ KVM_CAP_MP_STATE, 1 },
	{ KVM_CAP_ONE_REG, 1 },
	{ KVM_CAP_IMMEDIATE_EXIT, 1 },
	{ KVM_CAP_SET_GUEST_DEBUG, 1 },
	{ KVM_CAP_HALT_POLL, 1, .enable = enable_halt_poll },
	{ KVM_CAP_IOEVENTFD, 1 },
	{ KVM_CAP_IOEVENTFD_ANY_LENGTH, 1 },
	{ KVM_CAP_COALESCED_MMIO, KVM_COALESCED_MMIO_PAGE_OFFSET },
	{ KVM_CAP_COALESCED_PIO, 1 },
	{ KVM_CAP_SYSTEM_EVENT_DATA, 1 },
	{ KVM_CAP_INTERNAL_ERROR_DATA, 1 },
	{ KVM_CAP_BINARY_STATS_FD, 1 },
	{ KVM_CAP_DEVICE_CTRL, 1 },
	{ KVM_CAP_CHECK_EXTENSION_VM, 1 },
	{ KVM_CAP_ENABLE_CAP_VM, 1 },
};

const unsigned int rvhv_nr_caps = ARRAY_SIZE(rvhv_caps);

static const struct rvhv_cap *find_cap(unsigned long nr)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rvhv_caps); i++)
		if (rvhv_caps[i].nr == nr)
			return &rvhv_caps[i];
	return NULL;
}

long rvhv_ioctl_check_extension(struct rvhv_ioctl_call *call)
{
	const struct rvhv_cap *cap = find_cap(call->arg);

	if (!cap)
		return 0;
	return cap->get ? cap->get() : cap->value;
}

long rvhv_ioctl_enable_cap(struct rvhv_ioctl_call *call)
{
	const struct kvm_enable_cap *args = call->data;
	const struct rvhv_cap *cap = find_cap(args->cap);

	if (!cap || !cap->enable || args->flags)
		return -EINVAL;
	return cap->enable(call->object, args->args);
}
