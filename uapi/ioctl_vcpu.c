// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctls of a vCPU.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/csr.h>

#include "../include/compat.h"
#include "../rvhv_vm.h"
#include "../vcpu/halt.h"
#include "../vcpu/irq.h"
#include "../vcpu/mp.h"
#include "../vcpu/run.h"
#include "../vcpu/vcpu.h"
#include "abi.h"
#include "ioctl_tables.h"
#include "onereg.h"
#include "run_page.h"
#include "vcpu_file.h"

static struct rvhv_vcpu *vcpu_of(const struct rvhv_ioctl_call *call)
{
	const struct rvhv_vcpu_file *vf = call->object;

	return vf->vcpu;
}

static void activate_sigset(struct rvhv_vcpu_file *vf)
{
	/* real_blocked holds the old mask, as in other interruptible system calls */
	if (vf->sigset_active)
		sigprocmask(SIG_SETMASK, &vf->sigset, &current->real_blocked);
}

static void deactivate_sigset(const struct rvhv_vcpu_file *vf)
{
	if (!vf->sigset_active)
		return;
	sigprocmask(SIG_SETMASK, &current->real_blocked, NULL);
	sigemptyset(&current->real_blocked);
}

static long run(struct rvhv_ioctl_call *call)
{
	struct rvhv_vcpu_file *vf = call->object;
	struct rvhv_vcpu *vcpu = vf->vcpu;
	bool immediate_exit;
	int ret;

	rvhv_vcpu_set_thread(vcpu);
	immediate_exit = rvhv_run_page_answer(vf->run, &vcpu->exit);
	activate_sigset(vf);
	ret = rvhv_vcpu_run(vcpu, immediate_exit);
	deactivate_sigset(vf);
	/*
	 * If nothing ran, the page keeps the last exit: VMMs complete an exit by immediate_exit and
	 * read it afterwards. Likewise if the VMM's answer was invalid.
	 */
	if (!immediate_exit && !(ret == -EINVAL && vcpu->exit.pending))
		rvhv_run_page_store(vf->run, &vcpu->exit, ret);
	rvhv_compat_rseq_exit();
	return ret;
}

static long get_one_reg(struct rvhv_ioctl_call *call)
{
	const struct kvm_one_reg *reg = call->data;

	return rvhv_onereg_get(&rvhv_regs, vcpu_of(call), reg->id, (void __user *)reg->addr);
}

static long set_one_reg(struct rvhv_ioctl_call *call)
{
	const struct kvm_one_reg *reg = call->data;

	return rvhv_onereg_set(&rvhv_regs, vcpu_of(call), reg->id, (void __user *)reg->addr);
}

static long get_reg_list(struct rvhv_ioctl_call *call)
{
	struct kvm_reg_list __user *user = (void __user *)call->arg;
	unsigned int n = rvhv_onereg_list(&rvhv_regs, vcpu_of(call), NULL, 0);
	struct kvm_reg_list list;
	u64 room, *ids;
	long ret = 0;

	if (copy_from_user(&list, user, sizeof(list)))
		return -EFAULT;
	room = list.n;
	list.n = n;
	if (copy_to_user(user, &list, sizeof(list)))
		return -EFAULT;
	if (room < n)
		return -E2BIG;

	ids = kvcalloc(n, sizeof(*ids), GFP_KERNEL);
	if (!ids)
		return -ENOMEM;
	/* An extension of another module that vanished since the first call leaves a zero */
	rvhv_onereg_list(&rvhv_regs, vcpu_of(call), ids, n);
	if (copy_to_user(user->reg, ids, n * sizeof(*ids)))
		ret = -EFAULT;
	kvfree(ids);
	return ret;
}

/* For the VMM a suspended hart is runnable: it waits inside KVM_RUN. */
static long get_mp_state(struct rvhv_ioctl_call *call)
{
	struct kvm_mp_state *state = call->data;

	state->mp_state = rvhv_vcpu_hsm_state(vcpu_of(call)) == RVHV_HSM_STOPPED ?
			  KVM_MP_STATE_STOPPED : KVM_MP_STATE_RUNNABLE;
	return 0;
}

static long set_mp_state(struct rvhv_ioctl_call *call)
{
	const struct kvm_mp_state *state = call->data;

	switch (state->mp_state) {
	case KVM_MP_STATE_RUNNABLE:
		rvhv_vcpu_set_hsm_state(vcpu_of(call), RVHV_HSM_STARTED);
		return 0;
	case KVM_MP_STATE_STOPPED:
		rvhv_vcpu_set_hsm_state(vcpu_of(call), RVHV_HSM_STOPPED);
		return 0;
	default:
		return -EINVAL;
	}
}

/* As in KVM, any other value lowers the line. */
static long interrupt(struct rvhv_ioctl_call *call)
{
	const struct rvhv_irq_line line = rvhv_vcpu_ext_line(vcpu_of(call));
	const struct kvm_interrupt *irq = call->data;

	rvhv_irq_line_set(&line, irq->irq == KVM_INTERRUPT_SET);
	return 0;
}

static long set_guest_debug(struct rvhv_ioctl_call *call)
{
	const struct kvm_guest_debug *debug = call->data;

	rvhv_vcpu_set_guest_debug(vcpu_of(call), debug->control & KVM_GUESTDBG_ENABLE);
	return 0;
}

static long set_signal_mask(struct rvhv_ioctl_call *call)
{
	struct kvm_signal_mask __user *user = (void __user *)call->arg;
	struct rvhv_vcpu_file *vf = call->object;
	struct kvm_signal_mask mask;
	sigset_t sigset;

	if (!user) {
		vf->sigset_active = false;
		return 0;
	}
	if (copy_from_user(&mask, user, sizeof(mask)))
		return -EFAULT;
	if (mask.len != sizeof(sigset))
		return -EINVAL;
	if (copy_from_user(&sigset, user->sigset, sizeof(sigset)))
		return -EFAULT;
	sigdelsetmask(&sigset, sigmask(SIGKILL) | sigmask(SIGSTOP));
	vf->sigset = sigset;
	vf->sigset_active = true;
	return 0;
}

static const struct rvhv_ioctl rows[] = {
	RVHV_IOCTL(KVM_RUN, RVHV_IOCTL_NONE, run),
	{
		.cmd = KVM_INTERRUPT,
		.size = sizeof(struct kvm_interrupt),
		.kind = RVHV_IOCTL_IN,
		.flags = RVHV_IOCTL_ASYNC,
		.handler = interrupt,
	},
	RVHV_IOCTL_STRUCT(KVM_GET_ONE_REG, RVHV_IOCTL_IN, struct kvm_one_reg, get_one_reg),
	RVHV_IOCTL_STRUCT(KVM_SET_ONE_REG, RVHV_IOCTL_IN, struct kvm_one_reg, set_one_reg),
	RVHV_IOCTL(KVM_GET_REG_LIST, RVHV_IOCTL_USER, get_reg_list),
	RVHV_IOCTL_STRUCT(KVM_GET_MP_STATE, RVHV_IOCTL_OUT, struct kvm_mp_state, get_mp_state),
	RVHV_IOCTL_STRUCT(KVM_SET_MP_STATE, RVHV_IOCTL_IN, struct kvm_mp_state, set_mp_state),
	RVHV_IOCTL_STRUCT(KVM_SET_GUEST_DEBUG, RVHV_IOCTL_IN, struct kvm_guest_debug,
			  set_guest_debug),
	RVHV_IOCTL(KVM_SET_SIGNAL_MASK, RVHV_IOCTL_USER, set_signal_mask),
	RVHV_IOCTL(KVM_GET_STATS_FD, RVHV_IOCTL_VALUE, rvhv_ioctl_vcpu_stats),
};

static int vcpu_check(void *object)
{
	const struct rvhv_vcpu_file *vf = object;

	return rvhv_vm_usable(vf->vcpu->vm);
}

static int vcpu_lock(void *object)
{
	struct rvhv_vcpu_file *vf = object;

	return mutex_lock_killable(&vf->vcpu->mutex) ? -EINTR : 0;
}

static void vcpu_unlock(void *object)
{
	struct rvhv_vcpu_file *vf = object;

	mutex_unlock(&vf->vcpu->mutex);
}

const struct rvhv_ioctl_table rvhv_vcpu_ioctls = {
	.name = "vCPU",
	.rows = rows,
	.nr = ARRAY_SIZE(rows),
	.unknown = -EINVAL,
	.check = vcpu_check,
	.lock = vcpu_lock,
	.unlock = vcpu_unlock,
};
