// SPDX-License-Identifier: GPL-2.0-only
/* The VM object. */
#include <linux/err.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <asm/timex.h>

#include "rvhv_vm.h"
#include "vcpu/nested/nested.h"
#include "vcpu/run.h"
#include "vcpu/vcpu.h"

static void mem_bug(struct rvhv_mem_owner *owner, const char *what)
{
	rvhv_vm_bug(container_of(owner, struct rvhv_vm, mem_owner), what);
}

/**
 * rvhv_vm_create - create a VM for current's address space
 *
 * Context: process context, may sleep.
 * Return: the VM with one reference, or ERR_PTR: -ENOMEM, -EINTR (a signal is pending).
 */
struct rvhv_vm *rvhv_vm_create(void)
{
	struct rvhv_vm *vm;
	int ret;

	vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	if (!vm)
		return ERR_PTR(-ENOMEM);
	kref_init(&vm->ref);
	mutex_init(&vm->lock);
	xa_init(&vm->vcpus);
	vm->mem_owner.bug = mem_bug;
	vm->halt_poll_ns = ~0U;
	vm->pid = task_tgid_nr(current);
	/* Guest time starts at zero */
	vm->time_delta = -get_cycles64();

	ret = rvhv_mem_init(&vm->mem, &vm->mem_owner);
	if (ret)
		goto err_free;
	ret = rvhv_io_init(&vm->io);
	if (ret)
		goto err_mem;
	rvhv_sbi_vm_init(&vm->sbi);
	preempt_notifier_inc();
	return vm;

err_mem:
	rvhv_mem_destroy(&vm->mem);
err_free:
	kfree(vm);
	return ERR_PTR(ret);
}

static void vm_release(struct kref *ref)
{
	struct rvhv_vm *vm = container_of(ref, struct rvhv_vm, ref);
	struct rvhv_vcpu *vcpu;
	unsigned long id;

	preempt_notifier_dec();
	/* The notifier of vm->mem outlives the vCPUs: mem_bug() must not reach them */
	spin_lock(&vm->mem.mmu_lock);
	WRITE_ONCE(vm->dead, 1);
	spin_unlock(&vm->mem.mmu_lock);
	xa_for_each(&vm->vcpus, id, vcpu)
		rvhv_vcpu_destroy(vcpu);
	xa_destroy(&vm->vcpus);
	rvhv_sbi_vm_destroy(&vm->sbi);
	rvhv_io_destroy(&vm->io);
	rvhv_nested_vm_destroy(vm);
	rvhv_mem_destroy(&vm->mem);
	mutex_destroy(&vm->lock);
	kfree(vm);
}

/**
 * rvhv_vm_get - take another reference
 * @vm: the VM, of which the caller holds a reference
 *
 * Context: any.
 */
void rvhv_vm_get(struct rvhv_vm *vm)
{
	kref_get(&vm->ref);
}

/**
 * rvhv_vm_put - drop a reference; the last one destroys the VM and its vCPUs
 * @vm: the VM
 *
 * Context: process context, may sleep.
 */
void rvhv_vm_put(struct rvhv_vm *vm)
{
	kref_put(&vm->ref, vm_release);
}

/**
 * rvhv_vm_bug - mark a VM dead: its state contradicts itself
 * @vm: the VM
 * @what: the contradiction, for the log
 *
 * Every later ioctl of the VM returns -EIO, and so does each KVM_RUN in progress. The host is not
 * warned: its own state is sound.
 *
 * Context: any.
 */
void __cold rvhv_vm_bug(struct rvhv_vm *vm, const char *what)
{
	struct rvhv_vcpu *vcpu;
	unsigned long id;

	if (xchg(&vm->dead, 1))
		return;
	pr_err_ratelimited("the VM of process %d is dead: %s\n", vm->pid, what);
	xa_for_each(&vm->vcpus, id, vcpu) {
		rvhv_vcpu_request(vcpu, RVHV_REQ_DEAD);
		rvhv_vcpu_kick(vcpu);
	}
}
