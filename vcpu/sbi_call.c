// SPDX-License-Identifier: GPL-2.0-only
/* SBI calls: connects the exit to the extensions in sbi/. */
#include <linux/err.h>
#include <asm/sbi.h>

#include "../guest_mem/access.h"
#include "../sbi/sbi_errors.h"
#include "insn.h"
#include "../rvhv_vm.h"
#include "fence.h"
#include "irq.h"
#include "isa.h"
#include "mp.h"
#include "sbi_call.h"
#include "timer.h"
#include "trap.h"

/* a0 to a7 */
#define A(n)	(10 + (n))

static struct rvhv_vm *op_vm(struct rvhv_vcpu *vcpu)
{
	return vcpu->vm;
}

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

static bool op_load_word(struct rvhv_vcpu *vcpu, unsigned long gva, unsigned long *val,
			 struct rvhv_trap *trap)
{
	int ret = rvhv_vcpu_read_virt(vcpu, val, gva, sizeof(*val), trap);

	if (ret < 0) {
		vcpu->error = ret;
		*trap = (struct rvhv_trap) { .scause = EXC_LOAD_ACCESS, .stval = gva };
	}
	return !ret;
}

static bool op_has_h(const struct rvhv_vcpu *target)
{
	return rvhv_vcpu_has_isa(target, RISCV_ISA_EXT_h);
}

static bool op_check_mem(struct rvhv_vcpu *vcpu, u64 gpa, u64 len, bool write)
{
	return rvhv_mem_has(&vcpu->vm->mem, gpa, len, write);
}

static int op_read_mem(struct rvhv_vcpu *vcpu, void *dst, u64 gpa, size_t len)
{
	return rvhv_copy_from_guest(&vcpu->vm->mem, dst, gpa, len);
}

static int op_write_mem(struct rvhv_vcpu *vcpu, u64 gpa, const void *src, size_t len)
{
	return rvhv_copy_to_guest(&vcpu->vm->mem, gpa, src, len);
}

static const struct rvhv_sbi_ops sbi_ops = {
	.vm = op_vm,
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
	.has_h = op_has_h,
	.load_word = op_load_word,
	.check_mem = op_check_mem,
	.read_mem = op_read_mem,
	.write_mem = op_write_mem,
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

/* Serves an SBI call with interrupts off. RVHV_SLOW: nothing has changed. */
enum rvhv_next rvhv_ecall_fast(struct rvhv_vcpu *vcpu)
{
	struct rvhv_sbi_call call;

	switch (dispatch(vcpu, &call, true)) {
	case RVHV_SBI_DONE:
		vcpu->sw.gpr[A(1)] = call.value;
		fallthrough;
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

static enum rvhv_next to_vmm(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_call *call)
{
	vcpu->exit.reason = RVHV_REASON_SBI;
	vcpu->exit.sbi.eid = call->eid;
	vcpu->exit.sbi.fid = call->fid;
	memcpy(vcpu->exit.sbi.args, call->args, sizeof(call->args));
	/* For a VMM that does not answer */
	vcpu->exit.sbi.ret[0] = SBI_ERR_NOT_SUPPORTED;
	vcpu->exit.sbi.ret[1] = 0;
	vcpu->exit.pending = true;
	return RVHV_TO_VMM;
}

static enum rvhv_next hypercall_to_vmm(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_call *call)
{
	vcpu->exit.reason = RVHV_REASON_HYPERCALL;
	vcpu->exit.hypercall.nr = call->fid;
	memcpy(vcpu->exit.hypercall.args, call->args, sizeof(call->args));
	vcpu->exit.hypercall.ret = SBI_ERR_NOT_SUPPORTED;
	vcpu->exit.pending = true;
	return RVHV_TO_VMM;
}

static void stop_all(struct rvhv_vcpu *vcpu)
{
	struct rvhv_vcpu *other;
	unsigned long id;

	xa_for_each(&vcpu->vm->vcpus, id, other) {
		rvhv_hart_stop(other);
		rvhv_vcpu_kick(other);
	}
}

/*
 * Serves an SBI call that may sleep, or hands it to the VMM. After RVHV_FAILED nothing has changed:
 * the call is made again when the vCPU next runs.
 */
enum rvhv_next rvhv_ecall_slow(struct rvhv_vcpu *vcpu)
{
	struct rvhv_sbi_call call;

	vcpu->error = 0;
	switch (dispatch(vcpu, &call, false)) {
	case RVHV_SBI_DONE:
		vcpu->sw.gpr[A(1)] = call.value;
		fallthrough;
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
		if (vcpu->error)
			return RVHV_FAILED;
		call.trap.sepc = vcpu->sw.sepc;
		rvhv_trap_redirect_slow(vcpu, &call.trap);
		return RVHV_RESUME;
	case RVHV_SBI_SYSTEM:
		vcpu->stats.ecall_exit_stat++;
		stop_all(vcpu);
		vcpu->exit.reason = RVHV_REASON_SYSTEM;
		vcpu->exit.system.event = call.event;
		vcpu->exit.system.reason = call.reason;
		return RVHV_TO_VMM;
	case RVHV_SBI_HOST_ERROR:
		return rvhv_vcpu_fail(vcpu, call.host_error);
	case RVHV_SBI_HYPERCALL:
		vcpu->stats.ecall_exit_stat++;
		return hypercall_to_vmm(vcpu, &call);
	case RVHV_SBI_VMM:
		vcpu->stats.ecall_exit_stat++;
		return to_vmm(vcpu, &call);
	default:
		rvhv_vm_bug(vcpu->vm, "an SBI call without a result");
		return rvhv_vcpu_fail(vcpu, -EIO);
	}
}

/* Gives the guest the VMM's answer, vcpu->exit.sbi.ret. */
void rvhv_sbi_complete(struct rvhv_vcpu *vcpu)
{
	vcpu->sw.gpr[A(0)] = vcpu->exit.sbi.ret[0];
	/* Legacy calls keep a1 */
	if (vcpu->exit.sbi.eid > RVHV_SBI_V01_LAST)
		vcpu->sw.gpr[A(1)] = vcpu->exit.sbi.ret[1];
	vcpu->sw.sepc += 4;
}

/*
 * Gives the guest the VMM's answer to a hypercall. A negative errno-like number is an error: an SBI
 * error as it stands, any other as SBI_ERR_FAILED. Everything else is a value.
 */
void rvhv_hypercall_complete(struct rvhv_vcpu *vcpu)
{
	long ret = vcpu->exit.hypercall.ret;
	bool failed = IS_ERR_VALUE(ret);

	if (failed && ret < SBI_ERR_DENIED_LOCKED)
		ret = SBI_ERR_FAILURE;
	vcpu->sw.gpr[A(0)] = failed ? ret : SBI_SUCCESS;
	vcpu->sw.gpr[A(1)] = failed ? 0 : ret;
	vcpu->sw.sepc += 4;
}
