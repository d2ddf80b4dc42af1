// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI calls: the exit on one side, the extensions in sbi/ on the other.
 */
#include <asm/sbi.h>

#include "insn.h"
#include "internal.h"

/* a0 to a7 */
#define A(n)	(10 + (n))

static unsigned long op_hart_id(const struct rvhv_vcpu *vcpu)
{
	return vcpu->id;
}

static struct rvhv_vcpu *op_find(struct rvhv_vcpu *vcpu, unsigned long hart_id)
{
	if (hart_id == vcpu->id)
		return vcpu;
	return hart_id < RVHV_MAX_VCPUS ? xa_load(&vcpu->vm->vcpus, hart_id) : NULL;
}

static struct rvhv_vcpu *op_next(struct rvhv_vcpu *vcpu, unsigned long *hart_id)
{
	return xa_find(&vcpu->vm->vcpus, hart_id, ULONG_MAX, XA_PRESENT);
}

static unsigned long op_machine_id(const struct rvhv_vcpu *vcpu, unsigned int which)
{
	switch (which) {
	case 0:
		return vcpu->mvendorid;
	case 1:
		return vcpu->marchid;
	default:
		return vcpu->mimpid;
	}
}

static void op_raise_ipi(struct rvhv_vcpu *target)
{
	rvhv_vcpu_set_irq(target, IRQ_VS_SOFT, true);
}

static void op_clear_ipi(struct rvhv_vcpu *vcpu)
{
	rvhv_vcpu_set_irq(vcpu, IRQ_VS_SOFT, false);
}

/*
 * A page of the guest's that is not mapped yet is mapped, as if the guest had read the word itself.
 * Only called with interrupts on.
 */
static bool op_load_word(struct rvhv_vcpu *vcpu, unsigned long gva, unsigned long *val,
			 struct rvhv_trap *trap)
{
	struct rvhv_mem *mem = &vcpu->vm->mem;
	unsigned int tries;
	bool ready, ok;
	int ret;

	/* Two stages of up to five levels each and the word may be missing, one after the other */
	for (tries = 0; tries < 64; tries++) {
		ok = false;
		local_irq_disable();
		ready = rvhv_vcpu_tlb_ready(vcpu);
		if (ready)
			ok = rvhv_load_guest_word(rvhv_unpriv_hstatus(vcpu), gva, val, trap);
		local_irq_enable();
		if (!ready) {
			preempt_disable();
			rvhv_vmid_update(mem);
			preempt_enable();
			continue;
		}
		if (ok || trap->scause != EXC_LOAD_GUEST_PAGE_FAULT)
			return ok;
		ret = rvhv_mem_fault(mem, &vcpu->cache, trap->htval << 2,
				     rvhv_insn_pseudo_write(trap->htinst));
		if (ret < 0)
			vcpu->sbi_error = ret;
		if (ret)
			break;
	}
	trap->stval = gva;
	trap->scause = EXC_LOAD_ACCESS;
	return false;
}

static const struct rvhv_sbi_ops sbi_ops = {
	.hart_id = op_hart_id,
	.find = op_find,
	.next = op_next,
	.machine_id = op_machine_id,
	.set_timer = rvhv_timer_set,
	.raise_ipi = op_raise_ipi,
	.clear_ipi = op_clear_ipi,
	.fence_self = rvhv_fence_self,
	.fence_post = rvhv_fence_post,
	.fence_wait = rvhv_fence_wait,
	.load_word = op_load_word,
	.hart_start = rvhv_hart_start,
	.hart_stop = rvhv_hart_stop,
	.hart_suspend = rvhv_hart_suspend,
	.hart_state = rvhv_vcpu_hsm_state,
};

static enum rvhv_sbi_result dispatch(struct rvhv_vcpu *vcpu, struct rvhv_sbi_call *call,
				     bool atomic)
{
	const unsigned long *gpr = vcpu->sw.gpr;

	call->eid = gpr[A(7)];
	call->fid = gpr[A(6)];
	memcpy(call->args, &gpr[A(0)], sizeof(call->args));
	call->atomic = atomic;
	return rvhv_sbi_dispatch(vcpu, &sbi_ops, &vcpu->sbi, call);
}

static void finish(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_call *call)
{
	vcpu->stats.ecall_exit_stat++;
	vcpu->sw.gpr[A(0)] = call->error;
	vcpu->sw.sepc += 4;
}

/**
 * rvhv_ecall_fast - serve an SBI call with interrupts off
 * @vcpu: the vCPU, loaded
 *
 * Context: interrupts off.
 * Return: RVHV_RESUME, RVHV_LEAVE, or RVHV_SLOW with nothing changed.
 */
enum rvhv_next rvhv_ecall_fast(struct rvhv_vcpu *vcpu)
{
	struct rvhv_sbi_call call;

	switch (dispatch(vcpu, &call, true)) {
	case RVHV_SBI_DONE:
		vcpu->sw.gpr[A(1)] = call.value;
		finish(vcpu, &call);
		return RVHV_RESUME;
	case RVHV_SBI_DONE_LEGACY:
		finish(vcpu, &call);
		return RVHV_RESUME;
	case RVHV_SBI_STOP:
		vcpu->stats.ecall_exit_stat++;
		return RVHV_LEAVE;
	default:
		return RVHV_SLOW;
	}
}

static int to_user(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_call *call)
{
	vcpu->exit.reason = RVHV_EXIT_SBI;
	vcpu->exit.sbi.eid = call->eid;
	vcpu->exit.sbi.fid = call->fid;
	memcpy(vcpu->exit.sbi.args, call->args, sizeof(call->args));
	/* What the guest gets from a VMM that answers nothing */
	vcpu->exit.sbi.ret[0] = SBI_ERR_NOT_SUPPORTED;
	vcpu->exit.sbi.ret[1] = 0;
	vcpu->exit_pending = true;
	return RVHV_TO_USER;
}

/* Stop every other hart of the guest: it gave the machine up. */
static void stop_all(struct rvhv_vcpu *vcpu)
{
	struct rvhv_vcpu *other;
	unsigned long id;

	xa_for_each(&vcpu->vm->vcpus, id, other) {
		rvhv_hart_stop(other);
		rvhv_vcpu_kick(other);
	}
}

/**
 * rvhv_ecall_slow - serve an SBI call that may wait, or hand it to the VMM
 * @vcpu: the vCPU
 *
 * Return: RVHV_RESUME or RVHV_TO_USER, or an errno of rvhv_mem_fault() with nothing changed.
 */
int rvhv_ecall_slow(struct rvhv_vcpu *vcpu)
{
	struct rvhv_sbi_call call;
	int ret;

	switch (dispatch(vcpu, &call, false)) {
	case RVHV_SBI_DONE:
		vcpu->sw.gpr[A(1)] = call.value;
		finish(vcpu, &call);
		return RVHV_RESUME;
	case RVHV_SBI_DONE_LEGACY:
		finish(vcpu, &call);
		return RVHV_RESUME;
	case RVHV_SBI_SUSPEND:
		call.error = SBI_SUCCESS;
		vcpu->sw.gpr[A(1)] = 0;
		finish(vcpu, &call);
		rvhv_hart_suspend_retentive(vcpu);
		return RVHV_RESUME;
	case RVHV_SBI_STOP:
		vcpu->stats.ecall_exit_stat++;
		return RVHV_RESUME;
	case RVHV_SBI_TRAP:
		ret = vcpu->sbi_error;
		vcpu->sbi_error = 0;
		if (ret)
			return ret;
		call.trap.sepc = vcpu->sw.sepc;
		preempt_disable();
		rvhv_trap_redirect(vcpu, &call.trap);
		preempt_enable();
		return RVHV_RESUME;
	case RVHV_SBI_SYSTEM:
		vcpu->stats.ecall_exit_stat++;
		stop_all(vcpu);
		vcpu->exit.reason = RVHV_EXIT_SYSTEM;
		vcpu->exit.system.event = call.event;
		vcpu->exit.system.reason = call.reason;
		return RVHV_TO_USER;
	default:
		vcpu->stats.ecall_exit_stat++;
		return to_user(vcpu, &call);
	}
}

/**
 * rvhv_sbi_complete - give the guest the VMM's answer
 * @vcpu: the vCPU; vcpu->exit.sbi.ret holds it
 */
void rvhv_sbi_complete(struct rvhv_vcpu *vcpu)
{
	vcpu->sw.gpr[A(0)] = vcpu->exit.sbi.ret[0];
	/* Legacy calls keep a1 */
	if (vcpu->exit.sbi.eid > RVHV_SBI_V01_LAST)
		vcpu->sw.gpr[A(1)] = vcpu->exit.sbi.ret[1];
	vcpu->sw.sepc += 4;
}
