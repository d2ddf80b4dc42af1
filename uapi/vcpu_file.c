// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file of a vCPU: creation, mapping and release.
 */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "../rvhv_vm.h"
#include "../vcpu/vcpu.h"
#include "abi.h"
#include "ioctl_tables.h"
#include "run_page.h"
#include "vcpu_file.h"

static long vcpu_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return rvhv_ioctl(&rvhv_vcpu_ioctls, file->private_data, cmd, arg);
}

static vm_fault_t vcpu_fault(struct vm_fault *vmf)
{
	struct rvhv_vcpu_file *vf = vmf->vma->vm_file->private_data;
	struct page *page;

	if (vmf->pgoff == 0)
		page = virt_to_page(vf->run);
	else if (vmf->pgoff == KVM_COALESCED_MMIO_PAGE_OFFSET)
		page = vf->vcpu->vm->io.ring;
	else
		return VM_FAULT_SIGBUS;
	get_page(page);
	vmf->page = page;
	return 0;
}

static const struct vm_operations_struct vcpu_vm_ops = {
	.fault = vcpu_fault,
};

static int vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &vcpu_vm_ops;
	return 0;
}

static void vcpu_file_free(struct rvhv_vcpu_file *vf)
{
	rvhv_run_page_free(vf->run);
	kfree(vf);
}

static struct rvhv_vcpu_file *vcpu_file_alloc(void)
{
	struct rvhv_vcpu_file *vf = kmalloc(sizeof(*vf), GFP_KERNEL_ACCOUNT);

	if (!vf)
		return NULL;
	vf->vcpu = NULL;
	vf->sigset_active = false;
	vf->run = rvhv_run_page_alloc();
	if (!vf->run) {
		kfree(vf);
		return NULL;
	}
	return vf;
}

static int vcpu_release(struct inode *inode, struct file *file)
{
	struct rvhv_vcpu_file *vf = file->private_data;

	if (vf->vcpu)
		rvhv_vm_put(vf->vcpu->vm);
	vcpu_file_free(vf);
	return 0;
}

static const struct file_operations vcpu_fops = {
	.owner = THIS_MODULE,
	.release = vcpu_release,
	.unlocked_ioctl = vcpu_ioctl,
	.compat_ioctl = rvhv_no_compat_ioctl,
	.mmap = vcpu_mmap,
	.llseek = noop_llseek,
};

/* The vCPU is created last, when nothing else can fail: other vCPUs see it at once. */
long rvhv_ioctl_create_vcpu(struct rvhv_ioctl_call *call)
{
	struct rvhv_vm *vm = call->object;
	struct rvhv_vcpu_file *vf;
	struct rvhv_vcpu *vcpu;
	char name[32];
	int fd;

	if (call->arg >= RVHV_MAX_VCPUS)
		return -EINVAL;
	vf = vcpu_file_alloc();
	if (!vf)
		return -ENOMEM;
	snprintf(name, sizeof(name), "rvhv-vcpu:%lu", call->arg);
	fd = rvhv_ioctl_file(call, name, &vcpu_fops, vf, O_RDWR);
	if (fd < 0) {
		vcpu_file_free(vf);
		return fd;
	}

	mutex_lock(&vm->lock);
	vcpu = rvhv_vcpu_create(vm, call->arg);
	mutex_unlock(&vm->lock);
	/* The dispatcher drops the file, which frees vf */
	if (IS_ERR(vcpu))
		return PTR_ERR(vcpu);
	rvhv_vm_get(vm);
	vf->vcpu = vcpu;
	return fd;
}
