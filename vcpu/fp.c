// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floating point registers, moved only when a side needs them.
 *
 * A guest with vsstatus.FS off is entered with the hart's FS off: its first floating point
 * instruction traps and loads the registers. The VMM thread's registers are in its thread
 * structure, where the scheduler expects them.
 */
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <asm/processor.h>

#include "fp.h"
#include "isa.h"

static bool vcpu_has_fp(const struct rvhv_vcpu *vcpu)
{
	return rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_d) || rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_f);
}

/* Puts the guest's floating point registers into the hart; preemption off. */
void rvhv_fp_load(struct rvhv_vcpu *vcpu)
{
	struct pt_regs *regs = task_pt_regs(current);

	if (vcpu->fp_loaded || !vcpu_has_fp(vcpu))
		return;
	if ((regs->status & SR_FS) == SR_FS_DIRTY) {
		rvhv_fp_regs_save(&current->thread.fstate);
		regs->status = (regs->status & ~SR_FS) | SR_FS_CLEAN;
	}
	rvhv_fp_regs_load(&vcpu->fp);
	vcpu->sw.sstatus = (vcpu->sw.sstatus & ~SR_FS) | SR_FS_CLEAN;
	vcpu->fp_loaded = true;
}

/*
 * Saves the guest's registers if they are dirty; preemption off. @to_user: loads the thread's own,
 * since it returns to user mode; the scheduler loads those of other threads.
 */
void rvhv_fp_put(struct rvhv_vcpu *vcpu, bool to_user)
{
	if (!vcpu->fp_loaded)
		return;
	if ((vcpu->sw.sstatus & SR_FS) == SR_FS_DIRTY)
		rvhv_fp_regs_save(&vcpu->fp);
	vcpu->sw.sstatus &= ~SR_FS;
	vcpu->fp_loaded = false;

	if (to_user && (task_pt_regs(current)->status & SR_FS))
		rvhv_fp_regs_load(&current->thread.fstate);
}

/* Loads the registers if the illegal instruction may need them: it is retried. Interrupts off. */
bool rvhv_fp_enable(struct rvhv_vcpu *vcpu)
{
	if (vcpu->fp_loaded || !vcpu_has_fp(vcpu) || !(csr_read(CSR_VSSTATUS) & SR_FS))
		return false;
	rvhv_fp_load(vcpu);
	return true;
}
