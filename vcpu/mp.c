// SPDX-License-Identifier: GPL-2.0-only
/* States of a hart (SBI specification, "Hart State Management Extension") and its reset. */
#include <asm/vector.h>

#include "halt.h"
#include "irq.h"
#include "load.h"
#include "mp.h"
#include "nested/nested.h"
#include "run.h"
#include "timer.h"

enum rvhv_hsm_state rvhv_vcpu_hsm_state(const struct rvhv_vcpu *vcpu)
{
	/* Pairs with the release in rvhv_hart_start() */
	return smp_load_acquire(&vcpu->hsm);
}

static void stop(struct rvhv_vcpu *vcpu, enum rvhv_hsm_state state)
{
	lockdep_assert_held(&vcpu->mp_lock);
	WRITE_ONCE(vcpu->hsm, state);
	rvhv_vcpu_request(vcpu, RVHV_REQ_SLEEP);
}

/**
 * rvhv_vcpu_set_hsm_state - state as the VMM wants it; registers stay as they are
 * @vcpu: the vCPU; the caller holds vcpu->mutex
 * @state: RVHV_HSM_STARTED or RVHV_HSM_STOPPED
 */
void __cold rvhv_vcpu_set_hsm_state(struct rvhv_vcpu *vcpu, enum rvhv_hsm_state state)
{
	spin_lock(&vcpu->mp_lock);
	/* The VMM's registers replace those of a start that it did not see. */
	clear_bit(RVHV_REQ_RESET, &vcpu->requests);
	clear_bit(RVHV_REQ_RESUME, &vcpu->requests);
	if (state == RVHV_HSM_STARTED)
		WRITE_ONCE(vcpu->hsm, state);
	else
		stop(vcpu, state);
	spin_unlock(&vcpu->mp_lock);
}

/* Starts a stopped hart. Returns 0, or -EALREADY if it is not stopped. */
int __cold rvhv_hart_start(struct rvhv_vcpu *target, unsigned long addr, unsigned long opaque)
{
	int ret = -EALREADY;

	spin_lock(&target->mp_lock);
	if (target->hsm == RVHV_HSM_STOPPED) {
		target->reset.pc = addr;
		target->reset.a1 = opaque;
		rvhv_vcpu_request(target, RVHV_REQ_RESET);
		/* After the request, which the thread looks for once it sees the hart started. */
		smp_store_release(&target->hsm, RVHV_HSM_STARTED);
		ret = 0;
	}
	spin_unlock(&target->mp_lock);

	if (!ret)
		rvhv_vcpu_wake(target);
	return ret;
}

void __cold rvhv_hart_stop(struct rvhv_vcpu *vcpu)
{
	spin_lock(&vcpu->mp_lock);
	stop(vcpu, RVHV_HSM_STOPPED);
	spin_unlock(&vcpu->mp_lock);
}

void rvhv_hart_suspend(struct rvhv_vcpu *vcpu, unsigned long addr, unsigned long opaque)
{
	spin_lock(&vcpu->mp_lock);
	vcpu->reset.pc = addr;
	vcpu->reset.a1 = opaque;
	stop(vcpu, RVHV_HSM_SUSPENDED);
	spin_unlock(&vcpu->mp_lock);
}

/* A retentive suspend is a WFI that shows in the hart's state. May sleep. */
void rvhv_hart_suspend_retentive(struct rvhv_vcpu *vcpu)
{
	spin_lock(&vcpu->mp_lock);
	if (vcpu->hsm == RVHV_HSM_STARTED)
		WRITE_ONCE(vcpu->hsm, RVHV_HSM_SUSPENDED);
	spin_unlock(&vcpu->mp_lock);
	rvhv_vcpu_halt(vcpu);
	spin_lock(&vcpu->mp_lock);
	if (vcpu->hsm == RVHV_HSM_SUSPENDED)
		WRITE_ONCE(vcpu->hsm, RVHV_HSM_STARTED);
	spin_unlock(&vcpu->mp_lock);
}

/* An enabled interrupt ends a non-retentive suspend of the calling vCPU. */
void rvhv_hart_resume(struct rvhv_vcpu *vcpu)
{
	spin_lock(&vcpu->mp_lock);
	if (vcpu->hsm == RVHV_HSM_SUSPENDED) {
		rvhv_vcpu_request(vcpu, RVHV_REQ_RESUME);
		/* Only this thread looks for the request. */
		WRITE_ONCE(vcpu->hsm, RVHV_HSM_STARTED);
	}
	spin_unlock(&vcpu->mp_lock);
}

/* The vCPU is not loaded. */
void rvhv_vcpu_reset_state(struct rvhv_vcpu *vcpu)
{
	memset(&vcpu->csr, 0, sizeof(vcpu->csr));
	memset(&vcpu->fp, 0, sizeof(vcpu->fp));
	if (vcpu->v.datap)
		memset(vcpu->v.datap, 0, riscv_v_vsize);
	vcpu->v.vstart = 0;
	vcpu->v.vl = 0;
	vcpu->v.vcsr = 0;
	vcpu->v.vtype = 1UL << (BITS_PER_LONG - 1);
	vcpu->v_used = false;

	memset(vcpu->sw.gpr, 0, sizeof(vcpu->sw.gpr));
	vcpu->sw.sepc = 0;
	vcpu->sw.sstatus = SR_SPP | SR_SPIE;
	/* VSXL 2: XLEN is 64. */
	vcpu->sw.hstatus = HSTATUS_VTW | HSTATUS_SPV | HSTATUS_SPVP | 2UL << HSTATUS_VSXL_SHIFT;
	/* VU mode reads the counters until the guest's kernel forbids it. */
	vcpu->csr.scounteren = 0x7;
}

/*
 * Resets the hart to pc and a1 of vcpu->reset, with its id in a0; loaded. @resume: out of a
 * suspend, which keeps pending interrupts, their enables and the timer, or what woke the hart would
 * be lost.
 */
void __cold rvhv_vcpu_reset(struct rvhv_vcpu *vcpu, bool resume)
{
	unsigned long hvip, vsie;

	preempt_disable();
	rvhv_vcpu_put(vcpu, true);
	hvip = vcpu->csr.hvip;
	vsie = vcpu->csr.vsie;
	rvhv_vcpu_reset_state(vcpu);
	rvhv_nested_reset(vcpu);
	if (resume) {
		vcpu->csr.hvip = hvip;
		vcpu->csr.vsie = vsie;
	} else {
		rvhv_vcpu_write_hvip(vcpu, 0);
		rvhv_timer_cancel(vcpu);
		vcpu->timer.compare = ~0ULL;
	}

	spin_lock(&vcpu->mp_lock);
	vcpu->sw.sepc = vcpu->reset.pc;
	vcpu->sw.gpr[11] = vcpu->reset.a1;
	spin_unlock(&vcpu->mp_lock);
	vcpu->sw.gpr[10] = vcpu->id;

	/* Drops the translations from before the reset. */
	vcpu->last_cpu = -1;
	rvhv_vcpu_load(vcpu, smp_processor_id());
	preempt_enable();
}
