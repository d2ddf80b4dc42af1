// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_STATS_FD: the statistics of a VM and of a vCPU.
 */
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "../rvhv_vm.h"
#include "../vcpu/exit.h"
#include "../vcpu/vcpu.h"
#include "ioctl_tables.h"
#include "stats.h"
#include "stats_fd.h"
#include "vcpu_file.h"

#define DESC(_struct, _field, _flags, _exponent)				\
	{									\
		.name = #_field,						\
		.flags = (_flags),						\
		.exponent = (_exponent),					\
		.size = sizeof_field(_struct, _field) / sizeof(u64),		\
		.offset = offsetof(_struct, _field),				\
	}

#define VM_COUNTER(_field)							\
	DESC(struct rvhv_mem_stats, _field,					\
	     KVM_STATS_TYPE_CUMULATIVE | KVM_STATS_UNIT_NONE | KVM_STATS_BASE_POW10, 0)
/* In the file's second block, after struct rvhv_mem_stats */
#define SHADOW_COUNTER(_field)							\
	{									\
		.name = "shadow_" #_field,					\
		.flags = KVM_STATS_TYPE_CUMULATIVE | KVM_STATS_UNIT_NONE |	\
			 KVM_STATS_BASE_POW10,					\
		.size = 1,							\
		.offset = sizeof(struct rvhv_mem_stats) +			\
			  offsetof(struct rvhv_shadow_stats, _field),		\
	}
#define COUNTER(_field)								\
	DESC(struct rvhv_vcpu_stats, _field,					\
	     KVM_STATS_TYPE_CUMULATIVE | KVM_STATS_UNIT_NONE | KVM_STATS_BASE_POW10, 0)
#define TIME(_field)								\
	DESC(struct rvhv_vcpu_stats, _field,					\
	     KVM_STATS_TYPE_CUMULATIVE | KVM_STATS_UNIT_SECONDS | KVM_STATS_BASE_POW10, -9)
#define TIME_HISTOGRAM(_field)							\
	DESC(struct rvhv_vcpu_stats, _field,					\
	     KVM_STATS_TYPE_LOG_HIST | KVM_STATS_UNIT_SECONDS | KVM_STATS_BASE_POW10, -9)
/* Named by rvhv_stats_module_init() */
#define CAUSE_COUNTERS(_field)							\
	[FIRST(_field) ... FIRST(_field) + RVHV_NESTED_HIST_COUNT - 1] = {	\
		.flags = KVM_STATS_TYPE_CUMULATIVE | KVM_STATS_UNIT_NONE |	\
			 KVM_STATS_BASE_POW10,					\
		.size = 1,							\
	}
#define BOOLEAN(_field)								\
	DESC(struct rvhv_vcpu_stats, _field,					\
	     KVM_STATS_TYPE_INSTANT | KVM_STATS_UNIT_BOOLEAN | KVM_STATS_BASE_POW10, 0)

const struct kvm_stats_desc rvhv_vm_stats_desc[] = {
	VM_COUNTER(remote_tlb_flush),
	VM_COUNTER(remote_tlb_flush_requests),
	SHADOW_COUNTER(created),
	SHADOW_COUNTER(reclaimed),
	SHADOW_COUNTER(leaves_mapped),
	SHADOW_COUNTER(leaves_dropped),
};

const unsigned int rvhv_nr_vm_stats = ARRAY_SIZE(rvhv_vm_stats_desc);

/* Index of the descriptor of the first counter of an array by cause */
#define FIRST_nested_l1_exit_hist	20
#define FIRST_nested_l2_exit_hist	(FIRST_nested_l1_exit_hist + RVHV_NESTED_HIST_COUNT)
#define FIRST(_field)			FIRST_##_field

struct kvm_stats_desc rvhv_vcpu_stats_desc[] __ro_after_init = {
	COUNTER(halt_successful_poll),
	COUNTER(halt_attempted_poll),
	COUNTER(halt_poll_invalid),
	COUNTER(halt_wakeup),
	TIME(halt_poll_success_ns),
	TIME(halt_poll_fail_ns),
	TIME(halt_wait_ns),
	TIME_HISTOGRAM(halt_poll_success_hist),
	TIME_HISTOGRAM(halt_poll_fail_hist),
	TIME_HISTOGRAM(halt_wait_hist),
	BOOLEAN(blocking),
	COUNTER(ecall_exit_stat),
	COUNTER(wfi_exit_stat),
	COUNTER(wrs_exit_stat),
	COUNTER(mmio_exit_user),
	COUNTER(mmio_exit_kernel),
	COUNTER(csr_exit_user),
	COUNTER(csr_exit_kernel),
	COUNTER(signal_exits),
	COUNTER(exits),
	CAUSE_COUNTERS(nested_l1_exit_hist),
	CAUSE_COUNTERS(nested_l2_exit_hist),
	COUNTER(nested_enter),
	COUNTER(nested_trap_l1),
	COUNTER(nested_trap_l2),
	COUNTER(nested_csr),
	COUNTER(nested_sret),
	COUNTER(nested_hfence_vvma),
	COUNTER(nested_hfence_gvma),
	COUNTER(nested_hlsv),
	COUNTER(nested_fault),
	COUNTER(nested_fault_l1),
};

const unsigned int rvhv_nr_vcpu_stats = ARRAY_SIZE(rvhv_vcpu_stats_desc);

static void __init name_causes(struct kvm_stats_desc *desc, const char *prefix, size_t offset)
{
	unsigned int i;

	for (i = 0; i < RVHV_NESTED_HIST_COUNT; i++) {
		desc[i].offset = offset + i * sizeof(u64);
		snprintf(desc[i].name, sizeof(desc[i].name), "%s%s", prefix, rvhv_exit_name(i));
	}
}

/**
 * rvhv_stats_module_init - name the counters of exits by the exit table
 *
 * Context: module load.
 */
void __init rvhv_stats_module_init(void)
{
	name_causes(&rvhv_vcpu_stats_desc[FIRST(nested_l1_exit_hist)], "nested_l1_exit_",
		    offsetof(struct rvhv_vcpu_stats, nested_l1_exit_hist));
	name_causes(&rvhv_vcpu_stats_desc[FIRST(nested_l2_exit_hist)], "nested_l2_exit_",
		    offsetof(struct rvhv_vcpu_stats, nested_l2_exit_hist));
}

struct stats_fd {
	struct rvhv_vm *vm;	/* with a reference, which keeps the counters */
	struct rvhv_stats_file stats;
};

static ssize_t stats_fd_read(struct file *file, char __user *user, size_t size, loff_t *pos)
{
	struct stats_fd *fd = file->private_data;

	return rvhv_stats_read(&fd->stats, user, size, pos);
}

static int stats_fd_release(struct inode *inode, struct file *file)
{
	struct stats_fd *fd = file->private_data;

	rvhv_vm_put(fd->vm);
	kfree(fd);
	return 0;
}

static const struct file_operations stats_fops = {
	.owner = THIS_MODULE,
	.read = stats_fd_read,
	.release = stats_fd_release,
	.llseek = noop_llseek,
};

static struct stats_fd *new_stats_fd(struct rvhv_vm *vm)
{
	struct stats_fd *stats = kzalloc(sizeof(*stats), GFP_KERNEL_ACCOUNT);

	if (!stats)
		return NULL;
	rvhv_vm_get(vm);
	stats->vm = vm;
	return stats;
}

static long open_stats_fd(struct rvhv_ioctl_call *call, const char *name, struct stats_fd *stats)
{
	int fd = rvhv_ioctl_file(call, name, &stats_fops, stats, O_RDONLY);

	if (fd < 0) {
		rvhv_vm_put(stats->vm);
		kfree(stats);
		return fd;
	}
	call->file->f_mode |= FMODE_PREAD;
	return fd;
}

long __cold rvhv_ioctl_vm_stats(struct rvhv_ioctl_call *call)
{
	struct rvhv_vm *vm = call->object;
	struct stats_fd *stats = new_stats_fd(vm);

	if (!stats)
		return -ENOMEM;
	rvhv_stats_init(&stats->stats, rvhv_vm_stats_desc, ARRAY_SIZE(rvhv_vm_stats_desc),
			(const u64 *)&vm->mem.stats, sizeof(vm->mem.stats) / sizeof(u64));
	rvhv_stats_append(&stats->stats, (const u64 *)&vm->shadow_stats,
			  sizeof(vm->shadow_stats) / sizeof(u64));
	snprintf(stats->stats.id, sizeof(stats->stats.id), "kvm-%d", task_tgid_nr(current));
	return open_stats_fd(call, "rvhv-vm-stats", stats);
}

long __cold rvhv_ioctl_vcpu_stats(struct rvhv_ioctl_call *call)
{
	const struct rvhv_vcpu_file *vf = call->object;
	struct rvhv_vcpu *vcpu = vf->vcpu;
	struct stats_fd *stats = new_stats_fd(vcpu->vm);
	char name[32];

	if (!stats)
		return -ENOMEM;
	rvhv_stats_init(&stats->stats, rvhv_vcpu_stats_desc, ARRAY_SIZE(rvhv_vcpu_stats_desc),
			(const u64 *)&vcpu->stats, sizeof(vcpu->stats) / sizeof(u64));
	snprintf(stats->stats.id, sizeof(stats->stats.id), "kvm-%d/vcpu-%u",
		 task_tgid_nr(current), vcpu->id);
	snprintf(name, sizeof(name), "rvhv-vcpu-stats:%u", vcpu->id);
	return open_stats_fd(call, name, stats);
}
