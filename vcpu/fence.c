// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fences between the harts of a guest (SBI RFENCE).
 *
 * A fence for another vCPU is queued; its own thread executes it before it next enters the guest.
 */
#include <linux/smp.h>
#include <asm/cacheflush.h>

#include "../guest_mem/tlb.h"
#include "../rvhv_vm.h"
#include "fence.h"
#include "nested/nested.h"
#include "run.h"

#define DROP_ALL	(RVHV_FENCE_QUEUE + 1)

/* @fence: NULL for everything. Loaded, interrupts off. */
static void drop(struct rvhv_vcpu *vcpu, const struct rvhv_fence *fence)
{
	bool all = !fence || fence->size == RVHV_FENCE_ALL;

	if (!fence || fence->kind == RVHV_FENCE_L2_VVMA) {
		rvhv_nested_fence(vcpu);
		if (fence)
			return;
	}
	/* hfence.vvma takes the VMID from hgatp. */
	if (vcpu->live != vcpu->own.translation->vmid) {
		vcpu->own.stale = true;
	} else if (fence && fence->kind == RVHV_FENCE_VVMA_ASID) {
		if (all)
			rvhv_hfence_vvma_asid_local(fence->asid);
		else
			rvhv_hfence_vvma_asid_range_local(fence->asid, fence->start, fence->size);
	} else {
		if (all)
			rvhv_hfence_vvma_all_local();
		else
			rvhv_hfence_vvma_range_local(fence->start, fence->size);
	}
}

/* Carries out a fence on the calling vCPU, loaded. RVHV_FENCE_L2_GVMA may sleep. */
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
	drop(vcpu, fence);
	local_irq_restore(flags);
}

/* Queues a fence for another vCPU; any context. A full queue becomes "drop everything". */
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

/* Executes the queued fences; the vCPU's thread, interrupts on. */
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

	/* If the thread moves before the entry, rvhv_vcpu_tlb_ready() drops everything. */
	local_irq_save(flags);
	if (nr > RVHV_FENCE_QUEUE) {
		drop(vcpu, NULL);
	} else {
		for (i = 0; i < nr; i++)
			drop(vcpu, &queue[i]);
	}
	local_irq_restore(flags);
}

static void left_the_guest(void *unused)
{
}

/*
 * Waits until every posted fence of the VM is in force; interrupts on. A vCPU outside the guest
 * executes its fences before it enters. An interrupt takes the others out, and is waited for.
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
		if (target == vcpu || READ_ONCE(target->mode) == RVHV_OUTSIDE_GUEST ||
		    !READ_ONCE(target->requests))
			continue;
		cpu = READ_ONCE(target->cpu);
		if (cpu >= 0)
			cpumask_set_cpu(cpu, mask);
	}
	smp_call_function_many(mask, left_the_guest, NULL, true);
	preempt_enable();
}
