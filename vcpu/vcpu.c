// SPDX-License-Identifier: GPL-2.0-only
/* Life cycle of vCPUs. */
#include <linux/pid.h>
#include <linux/slab.h>
#include <asm/sbi.h>

#include "exit_registry.h"
#include "../rvhv_vm.h"
#include "isa.h"
#include "load.h"
#include "mp.h"
#include "nested/nested.h"
#include "timer.h"
#include "vcpu.h"
#include "vector.h"

static_assert(offsetof(struct rvhv_vcpu, sw) == 0);
static_assert(offsetof(struct rvhv_switch, gpr[31]) == RVHV_SW_GPR(31));
static_assert(offsetof(struct rvhv_switch, sepc) == RVHV_SW_SEPC);
static_assert(offsetof(struct rvhv_switch, sstatus) == RVHV_SW_SSTATUS);
static_assert(offsetof(struct rvhv_switch, hstatus) == RVHV_SW_HSTATUS);
static_assert(offsetof(struct rvhv_switch, scause) == RVHV_SW_TRAP_SCAUSE);
static_assert(offsetof(struct rvhv_switch, stval) == RVHV_SW_TRAP_STVAL);
static_assert(offsetof(struct rvhv_switch, htval) == RVHV_SW_TRAP_HTVAL);
static_assert(offsetof(struct rvhv_switch, htinst) == RVHV_SW_TRAP_HTINST);
static_assert(offsetof(struct rvhv_switch, host_sp) == RVHV_SW_HOST_SP);

static struct kmem_cache *vcpu_cache;

/* Ids that a vCPU begins with; the firmware is asked once */
static unsigned long host_mvendorid, host_marchid, host_mimpid;

/**
 * rvhv_vcpu_module_init - create the slab cache of vCPUs
 *
 * Context: module load.
 * Return: 0 or -ENOMEM.
 */
int __init rvhv_vcpu_module_init(void)
{
	host_mvendorid = sbi_get_mvendorid();
	host_marchid = sbi_get_marchid();
	host_mimpid = sbi_get_mimpid();
	vcpu_cache = KMEM_CACHE(rvhv_vcpu, SLAB_ACCOUNT);
	return vcpu_cache ? 0 : -ENOMEM;
}

/**
 * rvhv_vcpu_module_exit - undo rvhv_vcpu_module_init()
 */
void rvhv_vcpu_module_exit(void)
{
	kmem_cache_destroy(vcpu_cache);
}

static void sched_in(struct preempt_notifier *notifier, int cpu)
{
	rvhv_vcpu_load(container_of(notifier, struct rvhv_vcpu, notifier), cpu);
}

static void sched_out(struct preempt_notifier *notifier, struct task_struct *next)
{
	rvhv_vcpu_put(container_of(notifier, struct rvhv_vcpu, notifier), false);
}

static struct preempt_ops preempt_ops = {
	.sched_in = sched_in,
	.sched_out = sched_out,
};

static void vcpu_init(struct rvhv_vcpu *vcpu, struct rvhv_vm *vm, unsigned int id)
{
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->cpu = -1;
	vcpu->last_cpu = -1;
	vcpu->mode = RVHV_OUTSIDE_GUEST;
	vcpu->own.translation = &vm->mem.translation;
	vcpu->own.stale = true;
	vcpu->stage = &vcpu->own;
	mutex_init(&vcpu->mutex);
	raw_spin_lock_init(&vcpu->irq.lock);
	spin_lock_init(&vcpu->mp_lock);
	spin_lock_init(&vcpu->fence.lock);
	rcuwait_init(&vcpu->wait);
	preempt_notifier_init(&vcpu->notifier, &preempt_ops);

	vcpu->mvendorid = host_mvendorid;
	vcpu->marchid = host_marchid;
	vcpu->mimpid = host_mimpid;
	rvhv_isa_init(vcpu);
	rvhv_sbi_state_init(&vcpu->sbi, &vm->sbi);
	rvhv_timer_init(vcpu);
}

/**
 * rvhv_vcpu_create - create a vCPU and publish it in vm->vcpus
 * @vm: the VM
 * @id: hart id
 *
 * As with KVM the first one starts runnable, the others stopped.
 *
 * Context: may sleep; the caller holds vm->lock.
 * Return: the vCPU or ERR_PTR: -EEXIST, -EINVAL (id or number out of bounds), -ENOMEM.
 */
struct rvhv_vcpu *rvhv_vcpu_create(struct rvhv_vm *vm, unsigned int id)
{
	struct rvhv_vcpu *vcpu;
	int ret;

	lockdep_assert_held(&vm->lock);
	if (id >= RVHV_MAX_VCPUS || vm->nr_vcpus >= RVHV_MAX_VCPUS)
		return ERR_PTR(-EINVAL);
	if (xa_load(&vm->vcpus, id))
		return ERR_PTR(-EEXIST);

	vcpu = kmem_cache_zalloc(vcpu_cache, GFP_KERNEL_ACCOUNT);
	if (!vcpu)
		return ERR_PTR(-ENOMEM);
	vcpu_init(vcpu, vm, id);
	ret = rvhv_vector_create(vcpu);
	if (ret)
		goto err_free;
	rvhv_vcpu_reset_state(vcpu);
	vcpu->sw.gpr[10] = id;
	rvhv_vcpu_set_hsm_state(vcpu, vm->nr_vcpus ? RVHV_HSM_STOPPED : RVHV_HSM_STARTED);

	ret = xa_err(xa_store(&vm->vcpus, id, vcpu, GFP_KERNEL_ACCOUNT));
	if (ret)
		goto err_vector;
	/* A reader of the number finds as many vCPUs in the array. */
	smp_store_release(&vm->nr_vcpus, vm->nr_vcpus + 1);
	return vcpu;

err_vector:
	rvhv_vector_destroy(vcpu);
err_free:
	kmem_cache_free(vcpu_cache, vcpu);
	return ERR_PTR(ret);
}

/**
 * rvhv_vcpu_destroy - undo rvhv_vcpu_create()
 * @vcpu: the vCPU; no reference to it is left
 *
 * Context: may sleep.
 */
void rvhv_vcpu_destroy(struct rvhv_vcpu *vcpu)
{
	if (xa_cmpxchg(&vcpu->vm->vcpus, vcpu->id, vcpu, NULL, 0) == vcpu)
		vcpu->vm->nr_vcpus--;
	rvhv_timer_destroy(vcpu);
	rvhv_nested_destroy(vcpu);
	rvhv_vector_destroy(vcpu);
	rvhv_pt_cache_free(&vcpu->cache);
	put_pid(rcu_access_pointer(vcpu->pid));
	mutex_destroy(&vcpu->mutex);
	kmem_cache_free(vcpu_cache, vcpu);
}

/**
 * rvhv_vcpu_set_guest_debug - let ebreak exit to the VMM, or not
 * @vcpu: the vCPU, not loaded
 * @on: true for the VMM
 *
 * Context: the caller holds vcpu->mutex.
 */
void rvhv_vcpu_set_guest_debug(struct rvhv_vcpu *vcpu, bool on)
{
	lockdep_assert_held(&vcpu->mutex);
	vcpu->guest_debug = on;
	if (on)
		vcpu->cfg.hedeleg &= ~BIT(EXC_BREAKPOINT);
	else if (vcpu->ran && !(rvhv_exit_registry_causes() & BIT(EXC_BREAKPOINT)))
		vcpu->cfg.hedeleg |= BIT(EXC_BREAKPOINT);
}
