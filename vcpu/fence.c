// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fences between the harts of a guest (SBI RFENCE).
 *
 * A fence for another vCPU is queued and done by its own thread before it next enters the guest.
 * The caller then waits until no target is still inside the guest from before.
 */
#include <linux/bitfield.h>
#include <linux/smp.h>
#include <asm/cacheflush.h>

#include "../guest_mem/guest_mem.h"
#include "../rvhv_vm.h"
#include "fence.h"
#include "nested/nested.h"
#include "run.h"

#define DROP_ALL	(RVHV_FENCE_QUEUE + 1)

static void drop(struct rvhv_vcpu *vcpu, unsigned long vmid, const struct rvhv_fence *fence)
{
	bool all = fence->size == RVHV_FENCE_ALL;

	if (fence->kind == RVHV_FENCE_L2_VVMA) {
		rvhv_nested_fence(vcpu);
	} else if (fence->kind == RVHV_FENCE_VVMA_ASID) {
		if (all)
			rvhv_hfence_vvma_asid_local(vmid, fence->asid);
		else
			rvhv_hfence_vvma_asid_range_local(vmid, fence->asid, fence->start,
							  fence->size);
	} else {
		if (all)
			rvhv_hfence_vvma_all_local(vmid);
		else
			rvhv_hfence_vvma_range_local(vmid, fence->start, fence->size);
	}
}

static unsigned long vmid_of(const struct rvhv_vcpu *vcpu)
{
	return FIELD_GET(HGATP_VMID, vcpu->own.translation->hgatp);
}

/**
 * rvhv_fence_self - carry out a fence on the calling vCPU
 * @vcpu: the vCPU, loaded
 * @fence: the fence
 *
 * Context: interrupts off or on; for RVHV_FENCE_L2_GVMA on, may sleep.
 */
void rvhv_fence_self(struct rvhv_vcpu *vcpu, const struct rvhv_fence *fence)
{
	unsigned long flags;

	if (fence->kind == RVHV_FENCE_I) {
		local_flush_icache_all();
		return;
	}
	if (fence->kind == RVHV_FENCE_L2_GVMA) {
		rvhv_nested_fence_gvma(vcpu->vm, fence->vmid, fence->start, fence->size);
		return;
	}
	local_irq_save(flags);
	drop(vcpu, vmid_of(vcpu), fence);
	local_irq_restore(flags);
}

/**
 * rvhv_fence_post - queue a fence for another vCPU
 * @target: the vCPU
 * @fence: the fence
 *
 * A full queue becomes "drop everything". Context: any.
 */
void rvhv_fence_post(struct rvhv_vcpu *target, const struct rvhv_fence *fence)
{
	struct rvhv_vcpu_fence *q = &target->fence;
	unsigned long flags;

	if (fence->kind == RVHV_FENCE_I) {
		rvhv_vcpu_request(target, RVHV_REQ_FENCE_I);
		return;
	}
	spin_lock_irqsave(&q->lock, flags);
	if (q->nr < RVHV_FENCE_QUEUE)
		q->queue[q->nr++] = *fence;
	else
		q->nr = DROP_ALL;
	spin_unlock_irqrestore(&q->lock, flags);
	rvhv_vcpu_request(target, RVHV_REQ_FENCE);
}

/* Do what is queued; the vCPU's thread, interrupts on. */
void rvhv_fence_process(struct rvhv_vcpu *vcpu)
{
	struct rvhv_vcpu_fence *q = &vcpu->fence;
	struct rvhv_fence queue[RVHV_FENCE_QUEUE];
	unsigned int nr, i;
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	nr = q->nr;
	if (nr <= RVHV_FENCE_QUEUE)
		memcpy(queue, q->queue, nr * sizeof(queue[0]));
	q->nr = 0;
	spin_unlock_irqrestore(&q->lock, flags);

	/*
	 * On the CPU on which it now runs. Should the thread move before it enters the guest, the
	 * new CPU drops everything anyway (rvhv_vcpu_tlb_ready()).
	 */
	local_irq_save(flags);
	if (nr > RVHV_FENCE_QUEUE) {
		rvhv_hfence_vvma_all_local(vmid_of(vcpu));
		rvhv_nested_fence(vcpu);
	} else {
		for (i = 0; i < nr; i++)
			drop(vcpu, vmid_of(vcpu), &queue[i]);
	}
	local_irq_restore(flags);
}

static void left_the_guest(void *unused)
{
}

/**
 * rvhv_fence_wait - wait until every posted fence of the VM is in force
 * @vcpu: the caller
 *
 * A vCPU outside the guest does its fences before it enters. One that is inside is taken out by an
 * interrupt, and it is the interrupt that is waited for.
 *
 * Context: interrupts on.
 */
void rvhv_fence_wait(struct rvhv_vcpu *vcpu)
{
	cpumask_t *mask = &vcpu->kick_mask;
	struct rvhv_vcpu *target;
	unsigned long id;
	int cpu;

	/* Pairs with the barrier between vcpu->mode and the check of vcpu->requests in run.c */
	smp_mb();
	cpumask_clear(mask);
	preempt_disable();
	xa_for_each(&vcpu->vm->vcpus, id, target) {
		if (target == vcpu || READ_ONCE(target->mode) != RVHV_IN_GUEST ||
		    !READ_ONCE(target->requests))
			continue;
		cpu = READ_ONCE(target->cpu);
		if (cpu >= 0)
			cpumask_set_cpu(cpu, mask);
	}
	smp_call_function_many(mask, left_the_guest, NULL, true);
	preempt_enable();
}
