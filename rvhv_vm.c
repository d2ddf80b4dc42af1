// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VM object.
 */
#include <linux/err.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <asm/timex.h>

#include "rvhv_vm.h"
#include "vcpu/nested/nested.h"
#include "vcpu/vcpu.h"

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
	vm->halt_poll_ns = ~0U;
	/* Guest time starts at zero */
	vm->time_delta = -get_cycles64();

	ret = rvhv_mem_init(&vm->mem);
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
 * rvhv_vm_get - take a reference, of which the caller already has one
 * @vm: the VM
 *
 * Context: any.
 */
void rvhv_vm_get(struct rvhv_vm *vm)
{
	kref_get(&vm->ref);
}

void rvhv_vm_put(struct rvhv_vm *vm)
{
	kref_put(&vm->ref, vm_release);
}
