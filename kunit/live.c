// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shared by the live suites: a VM in the test's address space, and its vCPUs.
 */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/uaccess.h>
#include <linux/unaligned.h>

#include "../guest_mem/access.h"
#include "../guest_mem/region.h"
#include "../vcpu/run.h"
#include "live.h"

KUNIT_DEFINE_ACTION_WRAPPER(vm_put, rvhv_vm_put, struct rvhv_vm *);

struct live *live_start(struct kunit *test, const void *code, size_t size)
{
	struct live *live = kunit_kzalloc(test, sizeof(*live), GFP_KERNEL);
	struct rvhv_region region = {
		.gpa = LIVE_RAM,
		.size = LIVE_RAM_SIZE,
	};

	KUNIT_ASSERT_NOT_NULL(test, live);
	live->hva = kunit_vm_mmap(test, NULL, 0, LIVE_RAM_SIZE + SZ_2M, PROT_READ | PROT_WRITE,
				  MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, live->hva, 0);
	live->hva = ALIGN(live->hva, SZ_2M);

	live->vm = rvhv_vm_create();
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, live->vm);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, vm_put, live->vm), 0);

	region.hva = live->hva;
	KUNIT_ASSERT_EQ(test, rvhv_mem_set_region(&live->vm->mem, &region), 0);
	KUNIT_ASSERT_EQ(test, copy_to_user((void __user *)live->hva, code, size), 0);
	return live;
}

struct rvhv_vcpu *live_vcpu(struct kunit *test, struct live *live, unsigned int id)
{
	struct rvhv_vcpu *vcpu;

	mutex_lock(&live->vm->lock);
	vcpu = rvhv_vcpu_create(live->vm, id);
	mutex_unlock(&live->vm->lock);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vcpu);
	vcpu->sw.sepc = LIVE_RAM;
	return vcpu;
}

int live_run(struct rvhv_vcpu *vcpu)
{
	int ret;

	mutex_lock(&vcpu->mutex);
	ret = rvhv_vcpu_run(vcpu, false);
	mutex_unlock(&vcpu->mutex);
	return ret;
}

static bool reported(const struct rvhv_vcpu *vcpu)
{
	return vcpu->exit.reason == RVHV_REASON_MMIO && vcpu->exit.mmio.write &&
	       vcpu->exit.mmio.addr == LIVE_REPORT;
}

u64 live_report(struct kunit *test, struct rvhv_vcpu *vcpu)
{
	KUNIT_ASSERT_EQ(test, live_run(vcpu), 0);
	if (!reported(vcpu))
		kunit_info(test, "exit %d, cause %#lx, pc %#lx, stval %#lx", vcpu->exit.reason,
			   vcpu->sw.scause, vcpu->sw.sepc, vcpu->sw.stval);
	KUNIT_ASSERT_TRUE(test, reported(vcpu));
	return get_unaligned_le64(vcpu->exit.mmio.data);
}

unsigned long live_hva(const struct live *live, u64 gpa)
{
	return live->hva + (gpa - LIVE_RAM);
}

long live_sbi(struct kunit *test, struct live *live, struct rvhv_vcpu *vcpu, unsigned long eid,
	      unsigned long fid, unsigned long a0, unsigned long a1, unsigned long a2,
	      unsigned long *value)
{
	const unsigned long regs[8] = { a0, a1, a2, 0, 0, 0, fid, eid };
	long error;
	u64 second;

	KUNIT_ASSERT_EQ(test, rvhv_copy_to_guest(&live->vm->mem, LIVE_ARGS, regs, sizeof(regs)), 0);
	error = live_report(test, vcpu);
	second = live_report(test, vcpu);
	if (value)
		*value = second;
	return error;
}

struct live_thread {
	struct rvhv_vcpu *vcpu;
	struct mm_struct *mm;
	struct completion done;
	int ret;
};

static int thread_fn(void *data)
{
	struct live_thread *thread = data;

	kthread_use_mm(thread->mm);
	thread->ret = live_run(thread->vcpu);
	kthread_unuse_mm(thread->mm);
	complete(&thread->done);
	return 0;
}

struct live_thread *live_thread_start(struct kunit *test, struct rvhv_vcpu *vcpu, int cpu)
{
	struct live_thread *thread = kunit_kzalloc(test, sizeof(*thread), GFP_KERNEL);
	struct task_struct *task;

	KUNIT_ASSERT_NOT_NULL(test, thread);
	thread->vcpu = vcpu;
	thread->mm = current->mm;
	init_completion(&thread->done);
	task = kthread_create(thread_fn, thread, "rvhv-live/%u", vcpu->id);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	if (cpu >= 0)
		kthread_bind(task, cpu);
	wake_up_process(task);
	return thread;
}

int live_thread_join(struct live_thread *thread)
{
	wait_for_completion(&thread->done);
	return thread->ret;
}

u64 live_thread_report(struct kunit *test, struct live_thread *thread)
{
	KUNIT_ASSERT_EQ(test, live_thread_join(thread), 0);
	KUNIT_ASSERT_TRUE(test, reported(thread->vcpu));
	return get_unaligned_le64(thread->vcpu->exit.mmio.data);
}
