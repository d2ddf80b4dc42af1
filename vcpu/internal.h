/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interfaces between the files of vcpu/. Unless a function says otherwise, it runs in the vCPU's
 * own thread with vcpu->mutex held.
 */
#ifndef _RVHV_VCPU_INTERNAL_H
#define _RVHV_VCPU_INTERNAL_H

#include <asm/csr.h>

#include "../rvhv_vm.h"
#include "vcpu.h"

struct rvhv_insn_access;

/*
 * What an exit handler tells the run loop; a negative errno ends KVM_RUN with it.
 * With interrupts off a handler returns one of the first three.
 */
enum rvhv_next {
	RVHV_RESUME,	/* enter the guest again */
	RVHV_SLOW,	/* not to be done with interrupts off: call the slow handler */
	RVHV_LEAVE,	/* done, but a request of the vCPU's own is to be looked at first */
	RVHV_TO_USER,	/* vcpu->exit is filled */
};

/* exit.c */
void rvhv_exit_observe(struct rvhv_vcpu *vcpu);
enum rvhv_next rvhv_exit_fast(struct rvhv_vcpu *vcpu);
int rvhv_exit_slow(struct rvhv_vcpu *vcpu);
int rvhv_exit_unhandled(struct rvhv_vcpu *vcpu);
int rvhv_exit_complete(struct rvhv_vcpu *vcpu);

/* load.c: preemption off */
void rvhv_vcpu_load(struct rvhv_vcpu *vcpu, int cpu);
void rvhv_vcpu_put(struct rvhv_vcpu *vcpu, bool to_user);
void rvhv_vcpu_setup_cfg(struct rvhv_vcpu *vcpu);
/* The CSRs of vcpu->cfg into the hart */
void rvhv_vcpu_load_cfg(const struct rvhv_vcpu *vcpu);

/* hcounteren of every guest: the time. Everything else that counts traps. */
#define RVHV_HCOUNTEREN	BIT(1)

/* Exceptions that the guest's own kernel takes without us, unless a module wants to see them */
/* sstatus.MXR, which the kernel has no use for (privileged specification, "Memory Privilege") */
#ifndef SR_MXR
#define SR_MXR	BIT(19)
#endif

#define RVHV_HEDELEG_DEFAULT								\
	(BIT(EXC_INST_MISALIGNED) | BIT(EXC_BREAKPOINT) | BIT(EXC_SYSCALL) |		\
	 BIT(EXC_INST_PAGE_FAULT) | BIT(EXC_LOAD_PAGE_FAULT) | BIT(EXC_STORE_PAGE_FAULT))

/* fp.c, vector.c: preemption off */
void rvhv_fp_regs_save(struct __riscv_d_ext_state *to);
void rvhv_fp_regs_load(const struct __riscv_d_ext_state *from);
void rvhv_fp_load(struct rvhv_vcpu *vcpu);
void rvhv_fp_put(struct rvhv_vcpu *vcpu, bool to_user);
bool rvhv_fp_enable(struct rvhv_vcpu *vcpu);
int rvhv_vector_create(struct rvhv_vcpu *vcpu);
void rvhv_vector_destroy(struct rvhv_vcpu *vcpu);
void rvhv_vector_load(struct rvhv_vcpu *vcpu);
void rvhv_vector_put(struct rvhv_vcpu *vcpu);
void rvhv_vector_hide(struct rvhv_vcpu *vcpu);
void rvhv_vector_show(struct rvhv_vcpu *vcpu);
bool rvhv_vector_enable(struct rvhv_vcpu *vcpu);

/* irq.c: loaded, interrupts off */
void rvhv_irq_flush(struct rvhv_vcpu *vcpu);
/* irq.c: is an enabled interrupt pending? Loaded; preemption off. */
bool rvhv_irq_pending(struct rvhv_vcpu *vcpu);

/* timer.c */
void rvhv_timer_init(struct rvhv_vcpu *vcpu);
void rvhv_timer_destroy(struct rvhv_vcpu *vcpu);
void rvhv_timer_load(struct rvhv_vcpu *vcpu);
void rvhv_timer_put(struct rvhv_vcpu *vcpu);
void rvhv_timer_block(struct rvhv_vcpu *vcpu);
void rvhv_timer_unblock(struct rvhv_vcpu *vcpu);
/* The comparator is the L2's from here on, and the L1's an hrtimer; or the L1's again. Loaded. */
void rvhv_timer_to_l2(struct rvhv_vcpu *vcpu);
void rvhv_timer_to_l1(struct rvhv_vcpu *vcpu);
void rvhv_timer_resume_l2(struct rvhv_vcpu *vcpu);
void rvhv_timer_keep(struct rvhv_vcpu *vcpu);

/* trap.c: give @trap to the guest, or to the VS mode that is in the hart; loaded, preemption off */
void rvhv_trap_redirect(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap);
void rvhv_trap_to_vs(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap);
/* The trap of the last exit */
void rvhv_trap_last(const struct rvhv_vcpu *vcpu, struct rvhv_trap *trap);
/* hstatus for HLV, HLVX and HSV with the guest's present privilege */
unsigned long rvhv_unpriv_hstatus(const struct rvhv_vcpu *vcpu);
/* Read the instruction of the last exit; false: @trap is the fault of doing so */
bool rvhv_fetch_insn(struct rvhv_vcpu *vcpu, u32 *insn, struct rvhv_trap *trap);

/* htinst of a fault that a read of a VS-stage page-table entry met */
#define RVHV_HTINST_PTE_READ	0x3000

/*
 * run.c: make this CPU's TLB fit for HLV, HLVX and HSV as this vCPU, or for entering the guest;
 * loaded, interrupts off until the access is done. False: the VMID is of an old generation.
 */
bool rvhv_vcpu_tlb_ready(struct rvhv_vcpu *vcpu);

/* fault.c */
enum rvhv_next rvhv_fault_fast(struct rvhv_vcpu *vcpu);
int rvhv_fault_slow(struct rvhv_vcpu *vcpu);
int rvhv_fault_to_access_fault(struct rvhv_vcpu *vcpu);

/* mmio.c */
enum rvhv_next rvhv_mmio_fast(struct rvhv_vcpu *vcpu, u64 gpa);
int rvhv_mmio_emulate(struct rvhv_vcpu *vcpu, u64 gpa, bool write);
int rvhv_mmio_access(struct rvhv_vcpu *vcpu, u64 gpa, const struct rvhv_insn_access *acc);
void rvhv_mmio_complete(struct rvhv_vcpu *vcpu);

/* virtual_insn.c */
enum rvhv_next rvhv_virtual_insn_fast(struct rvhv_vcpu *vcpu);
int rvhv_virtual_insn_slow(struct rvhv_vcpu *vcpu);
void rvhv_csr_complete(struct rvhv_vcpu *vcpu);

/* sbi_call.c */
enum rvhv_next rvhv_ecall_fast(struct rvhv_vcpu *vcpu);
int rvhv_ecall_slow(struct rvhv_vcpu *vcpu);
void rvhv_sbi_complete(struct rvhv_vcpu *vcpu);
void rvhv_hypercall_complete(struct rvhv_vcpu *vcpu);

/* fence.c */
void rvhv_fence_self(struct rvhv_vcpu *vcpu, const struct rvhv_fence *fence);
void rvhv_fence_post(struct rvhv_vcpu *target, const struct rvhv_fence *fence);
void rvhv_fence_wait(struct rvhv_vcpu *vcpu);
void rvhv_fence_process(struct rvhv_vcpu *vcpu);

/* halt.c: sleep until an enabled interrupt, a request or a signal; may sleep */
void rvhv_vcpu_halt(struct rvhv_vcpu *vcpu);
/* Wait while the hart is stopped; 0, or -EINTR */
int rvhv_vcpu_wait_started(struct rvhv_vcpu *vcpu);
void rvhv_vcpu_yield(struct rvhv_vcpu *vcpu);

/* mp.c */
int rvhv_hart_start(struct rvhv_vcpu *target, unsigned long addr, unsigned long opaque);
void rvhv_hart_stop(struct rvhv_vcpu *vcpu);
void rvhv_hart_suspend(struct rvhv_vcpu *vcpu, unsigned long addr, unsigned long opaque);
void rvhv_hart_suspend_retentive(struct rvhv_vcpu *vcpu);
void rvhv_hart_resume(struct rvhv_vcpu *vcpu);
void rvhv_vcpu_reset_state(struct rvhv_vcpu *vcpu);
void rvhv_vcpu_reset(struct rvhv_vcpu *vcpu, bool resume);

static inline void rvhv_vcpu_request(struct rvhv_vcpu *vcpu, unsigned int req)
{
	/* What the request is about goes first; pairs with rvhv_vcpu_take_request() */
	smp_mb__before_atomic();
	set_bit(req, &vcpu->requests);
}

static inline bool rvhv_vcpu_take_request(struct rvhv_vcpu *vcpu, unsigned int req)
{
	return test_and_clear_bit(req, &vcpu->requests);
}

#endif /* _RVHV_VCPU_INTERNAL_H */
