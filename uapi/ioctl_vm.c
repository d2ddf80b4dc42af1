// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctls of a VM.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/stddef.h>

#include "../guest_mem/dirty.h"
#include "../guest_mem/region.h"
#include "../guest_mem/slots.h"
#include "../irq/coalesced.h"
#include "../irq/ioeventfd.h"
#include "../rvhv_vm.h"
#include "abi.h"
#include "ioctl_tables.h"

/* guest_mem/ and irq/ define these parts of KVM's ABI under their own names */
static_assert(RVHV_SLOT_LOG_DIRTY == KVM_MEM_LOG_DIRTY_PAGES);
static_assert(RVHV_SLOT_READONLY == KVM_MEM_READONLY);
static_assert(sizeof(struct rvhv_coalesced) == sizeof(struct kvm_coalesced_mmio));
static_assert(offsetof(struct rvhv_coalesced, len) == offsetof(struct kvm_coalesced_mmio, len));
static_assert(offsetof(struct rvhv_coalesced, pio) == offsetof(struct kvm_coalesced_mmio, pio));
static_assert(offsetof(struct rvhv_coalesced, data) == offsetof(struct kvm_coalesced_mmio, data));
static_assert(offsetof(struct rvhv_coalesced_ring, last) ==
	      offsetof(struct kvm_coalesced_mmio_ring, last));
static_assert(offsetof(struct rvhv_coalesced_ring, store) ==
	      offsetof(struct kvm_coalesced_mmio_ring, coalesced_mmio));
static_assert(RVHV_COALESCED_MAX == KVM_COALESCED_MMIO_MAX);

#define REGION_V1_FLAGS	(KVM_MEM_LOG_DIRTY_PAGES | KVM_MEM_READONLY)

/* Returns 0, or -EIO if @vm belongs to another address space or is dead. */
int rvhv_vm_usable(const struct rvhv_vm *vm)
{
	return vm->mem.mm != current->mm || READ_ONCE(vm->dead) ? -EIO : 0;
}

/* Version 2 begins with version 1; its other members are ignored. */
static long set_region(struct rvhv_vm *vm, const struct kvm_userspace_memory_region *region)
{
	const struct rvhv_region request = {
		.slot = region->slot,
		.flags = region->flags,
		.gpa = region->guest_phys_addr,
		.size = region->memory_size,
		.hva = region->userspace_addr,
	};

	static_assert(offsetof(struct kvm_userspace_memory_region2, guest_memfd_offset) ==
		      sizeof(struct kvm_userspace_memory_region));
	if (region->flags & ~REGION_V1_FLAGS)
		return -EINVAL;
	return rvhv_mem_set_region(&vm->mem, &request);
}

static long set_user_memory_region(struct rvhv_ioctl_call *call)
{
	return set_region(call->object, call->data);
}

static long get_dirty_log(struct rvhv_ioctl_call *call)
{
	const struct kvm_dirty_log *log = call->data;
	struct rvhv_vm *vm = call->object;

	return rvhv_mem_get_dirty_log(&vm->mem, log->slot, log->dirty_bitmap);
}

static long clear_dirty_log(struct rvhv_ioctl_call *call)
{
	const struct kvm_clear_dirty_log *log = call->data;
	struct rvhv_vm *vm = call->object;

	return rvhv_mem_clear_dirty_log(&vm->mem, log->slot, log->first_page, log->num_pages,
					log->dirty_bitmap);
}

static enum rvhv_io_space ioeventfd_space(u32 flags)
{
	if (flags & KVM_IOEVENTFD_FLAG_PIO)
		return RVHV_IO_PIO;
	if (flags & KVM_IOEVENTFD_FLAG_VIRTIO_CCW_NOTIFY)
		return RVHV_IO_CCW;
	return RVHV_IO_MMIO;
}

static long __cold ioeventfd(struct rvhv_ioctl_call *call)
{
	const struct kvm_ioeventfd *args = call->data;
	const struct rvhv_ioeventfd match = {
		.addr = args->addr,
		.match = args->datamatch,
		.len = args->len,
		.wildcard = !(args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH),
	};
	enum rvhv_io_space space = ioeventfd_space(args->flags);
	struct rvhv_vm *vm = call->object;

	if (args->flags & KVM_IOEVENTFD_FLAG_DEASSIGN)
		return rvhv_ioeventfd_deassign(&vm->io, space, args->fd, &match);
	if (args->flags & ~KVM_IOEVENTFD_VALID_FLAG_MASK)
		return -EINVAL;
	return rvhv_ioeventfd_assign(&vm->io, space, args->fd, &match);
}

static long coalesced_mmio(struct rvhv_ioctl_call *call,
			   int (*change)(struct rvhv_io *io, enum rvhv_io_space space,
					 const struct rvhv_zone *zone))
{
	const struct kvm_coalesced_mmio_zone *args = call->data;
	const struct rvhv_zone zone = { .addr = args->addr, .size = args->size };
	struct rvhv_vm *vm = call->object;

	if (args->pio > 1)
		return -EINVAL;
	return change(&vm->io, args->pio ? RVHV_IO_PIO : RVHV_IO_MMIO, &zone);
}

static long __cold register_coalesced_mmio(struct rvhv_ioctl_call *call)
{
	return coalesced_mmio(call, rvhv_coalesced_add);
}

static long __cold unregister_coalesced_mmio(struct rvhv_ioctl_call *call)
{
	return coalesced_mmio(call, rvhv_coalesced_remove);
}

/* No in-kernel interrupt controller has lines. */
static long irq_line(struct rvhv_ioctl_call *call)
{
	return -ENXIO;
}

static const struct rvhv_ioctl rows[] = {
	RVHV_IOCTL_STRUCT(KVM_CLEAR_DIRTY_LOG, RVHV_IOCTL_IN, struct kvm_clear_dirty_log,
			  clear_dirty_log),
	RVHV_IOCTL_STRUCT(KVM_GET_DIRTY_LOG, RVHV_IOCTL_IN, struct kvm_dirty_log, get_dirty_log),
	RVHV_IOCTL_STRUCT(KVM_SET_USER_MEMORY_REGION, RVHV_IOCTL_IN,
			  struct kvm_userspace_memory_region, set_user_memory_region),
	RVHV_IOCTL_STRUCT(KVM_SET_USER_MEMORY_REGION2, RVHV_IOCTL_IN,
			  struct kvm_userspace_memory_region2, set_user_memory_region),
	RVHV_IOCTL_STRUCT(KVM_IOEVENTFD, RVHV_IOCTL_IN, struct kvm_ioeventfd, ioeventfd),
	RVHV_IOCTL_STRUCT(KVM_REGISTER_COALESCED_MMIO, RVHV_IOCTL_IN,
			  struct kvm_coalesced_mmio_zone, register_coalesced_mmio),
	RVHV_IOCTL_STRUCT(KVM_UNREGISTER_COALESCED_MMIO, RVHV_IOCTL_IN,
			  struct kvm_coalesced_mmio_zone, unregister_coalesced_mmio),
	RVHV_IOCTL(KVM_CHECK_EXTENSION, RVHV_IOCTL_VALUE, rvhv_ioctl_check_extension),
	RVHV_IOCTL_STRUCT(KVM_ENABLE_CAP, RVHV_IOCTL_IN, struct kvm_enable_cap,
			  rvhv_ioctl_enable_cap),
	RVHV_IOCTL(KVM_CREATE_VCPU, RVHV_IOCTL_VALUE, rvhv_ioctl_create_vcpu),
	RVHV_IOCTL_STRUCT(KVM_CREATE_DEVICE, RVHV_IOCTL_INOUT, struct kvm_create_device,
			  rvhv_ioctl_create_device),
	RVHV_IOCTL(KVM_GET_STATS_FD, RVHV_IOCTL_VALUE, rvhv_ioctl_vm_stats),
	RVHV_IOCTL_STRUCT(RVHV_SBI_FORWARD, RVHV_IOCTL_IN, struct rvhv_sbi_forward,
			  rvhv_ioctl_sbi_forward),
	RVHV_IOCTL_STRUCT(RVHV_GET_SBI_EXT, RVHV_IOCTL_INOUT, struct rvhv_sbi_ext_info,
			  rvhv_ioctl_get_sbi_ext),
	RVHV_IOCTL_STRUCT(RVHV_SET_CONSOLE, RVHV_IOCTL_INOUT, struct rvhv_console_config,
			  rvhv_ioctl_set_console),
	RVHV_IOCTL(RVHV_CREATE_HOST_COMM, RVHV_IOCTL_NONE, rvhv_ioctl_create_host_comm),
	RVHV_IOCTL_STRUCT(KVM_IRQ_LINE, RVHV_IOCTL_IN, struct kvm_irq_level, irq_line),
	RVHV_IOCTL_STRUCT(KVM_IRQ_LINE_STATUS, RVHV_IOCTL_INOUT, struct kvm_irq_level, irq_line),
};

static int vm_check(void *object)
{
	return rvhv_vm_usable(object);
}

const struct rvhv_ioctl_table rvhv_vm_ioctls = {
	.name = "VM",
	.rows = rows,
	.nr = ARRAY_SIZE(rows),
	.unknown = -EINVAL,
	.check = vm_check,
};

static long vm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return rvhv_ioctl(&rvhv_vm_ioctls, file->private_data, cmd, arg);
}

static int vm_release(struct inode *inode, struct file *file)
{
	rvhv_vm_put(file->private_data);
	return 0;
}

static const struct file_operations vm_fops = {
	.owner = THIS_MODULE,
	.release = vm_release,
	.unlocked_ioctl = vm_ioctl,
	.compat_ioctl = rvhv_no_compat_ioctl,
	.llseek = noop_llseek,
};

/* KVM_CREATE_VM: the machine type is ignored, as in KVM. */
long rvhv_ioctl_create_vm(struct rvhv_ioctl_call *call)
{
	struct rvhv_vm *vm;
	int fd;

	vm = rvhv_vm_create();
	if (IS_ERR(vm))
		return PTR_ERR(vm);
	fd = rvhv_ioctl_file(call, "rvhv-vm", &vm_fops, vm, O_RDWR);
	if (fd < 0)
		rvhv_vm_put(vm);
	return fd;
}
