// SPDX-License-Identifier: GPL-2.0-only
/*
 * The exit table: one row for each exception cause. A cause without a slow handler is offered to
 * handlers of other modules (exit_registry.c), then to the VMM.
 */
#include <linux/nospec.h>

#include <linux/errno.h>
#include <linux/export.h>

#include "exit.h"
#include "exit_registry.h"
#include "fault.h"
#include "fp.h"
#include "insn.h"
#include "load.h"
#include "mmio.h"
#include "nested/nested.h"
#include "sbi_call.h"
#include "trap.h"
#include "vector.h"
#include "virtual_insn.h"

/*
 * @fast runs in the inner loop with interrupts off, and changes nothing where it returns RVHV_SLOW;
 * NULL returns RVHV_SLOW. @slow may sleep; NULL: handlers of other modules, then the VMM. @l2_fast
 * and @l2_slow are their counterparts while an L2 runs; @l2_slow NULL: the VMM.
 */
struct exit_row {
	const char *name;
	enum rvhv_next (*fast)(struct rvhv_vcpu *vcpu);
	enum rvhv_next (*slow)(struct rvhv_vcpu *vcpu);
	enum rvhv_next (*l2_fast)(struct rvhv_vcpu *vcpu);
	enum rvhv_next (*l2_slow)(struct rvhv_vcpu *vcpu);
} __aligned(64);	/* a shift finds the row */

/* The guest takes the trap itself. */
static enum rvhv_next redirect_fast(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap trap;

	rvhv_trap_last(vcpu, &trap);
	rvhv_trap_redirect(vcpu, &trap);
	return RVHV_RESUME;
}

/* The guest's first use of floating point or vectors traps as an illegal instruction. */
static enum rvhv_next illegal_fast(struct rvhv_vcpu *vcpu)
{
	if (rvhv_fp_enable(vcpu) || rvhv_vector_enable(vcpu))
		return RVHV_RESUME;
	return redirect_fast(vcpu);
}

/* Without guest debug it exits only where a module observes it. */
static enum rvhv_next breakpoint_fast(struct rvhv_vcpu *vcpu)
{
	return vcpu->guest_debug ? RVHV_SLOW : redirect_fast(vcpu);
}

static enum rvhv_next breakpoint_slow(struct rvhv_vcpu *vcpu)
{
	vcpu->exit.reason = RVHV_REASON_DEBUG;
	vcpu->exit.debug.pc = vcpu->sw.sepc;
	return RVHV_TO_VMM;
}

/* A cause that the core does not handle; the L1 or the L2 takes that of an L2. */
#define UNHANDLED(_name)	{ .name = _name, .l2_fast = rvhv_nested_forward_fast }
/* A cause that is reserved, or that no guest exits by */
#define RESERVED(_cause)	UNHANDLED("cause_" #_cause)
/* The hart complains about the guest's instruction: the guest takes the trap. */
#define REDIRECTED(_name)							\
	{ .name = _name, .fast = redirect_fast, .l2_fast = rvhv_nested_forward_fast }

#define NR_CAUSES		(EXC_STORE_GUEST_PAGE_FAULT + 1)

/* The last row stands for all causes beyond. */
static const struct exit_row exit_table[NR_CAUSES + 1] = {
	[EXC_INST_MISALIGNED]		= UNHANDLED("inst_misaligned"),
	[EXC_INST_ACCESS]		= REDIRECTED("inst_access"),
	[EXC_INST_ILLEGAL]		= {
		.name = "illegal",
		.fast = illegal_fast,
		.l2_fast = rvhv_nested_illegal_fast,
	},
	[EXC_BREAKPOINT]		= {
		.name = "breakpoint",
		.fast = breakpoint_fast,
		.slow = breakpoint_slow,
		.l2_fast = rvhv_nested_forward_fast,
	},
	[EXC_LOAD_MISALIGNED]		= REDIRECTED("load_misaligned"),
	[EXC_LOAD_ACCESS]		= REDIRECTED("load_access"),
	[EXC_STORE_MISALIGNED]		= REDIRECTED("store_misaligned"),
	[EXC_STORE_ACCESS]		= REDIRECTED("store_access"),
	[EXC_SYSCALL]			= UNHANDLED("vu_ecall"),
	[EXC_HYPERVISOR_SYSCALL]	= UNHANDLED("hs_ecall"),
	[EXC_SUPERVISOR_SYSCALL]	= {
		.name = "vs_ecall",
		.fast = rvhv_ecall_fast,
		.slow = rvhv_ecall_slow,
		.l2_fast = rvhv_nested_forward_fast,
	},
	[11]				= RESERVED(11),
	[EXC_INST_PAGE_FAULT]		= UNHANDLED("inst_page_fault"),
	[EXC_LOAD_PAGE_FAULT]		= UNHANDLED("load_page_fault"),
	[14]				= RESERVED(14),
	[EXC_STORE_PAGE_FAULT]		= UNHANDLED("store_page_fault"),
	[16]				= RESERVED(16),
	[17]				= RESERVED(17),
	[18]				= RESERVED(18),
	[19]				= RESERVED(19),
	[EXC_INST_GUEST_PAGE_FAULT]	= {
		.name = "inst_guest_page_fault",
		.slow = rvhv_fault_slow,
		.l2_slow = rvhv_nested_fault_slow,
	},
	[EXC_LOAD_GUEST_PAGE_FAULT]	= {
		.name = "load_guest_page_fault",
		.slow = rvhv_fault_slow,
		.l2_slow = rvhv_nested_fault_slow,
	},
	[EXC_VIRTUAL_INST_FAULT]	= {
		.name = "virtual_inst",
		.fast = rvhv_virtual_insn_fast,
		.slow = rvhv_virtual_insn_slow,
		.l2_fast = rvhv_nested_virtual_insn_fast,
		.l2_slow = rvhv_nested_wfi_slow,
	},
	[EXC_STORE_GUEST_PAGE_FAULT]	= {
		.name = "store_guest_page_fault",
		.fast = rvhv_mmio_fast,
		.slow = rvhv_fault_slow,
		.l2_slow = rvhv_nested_fault_slow,
	},
	[NR_CAUSES]			= UNHANDLED("other"),
};

static_assert(ARRAY_SIZE(exit_table) == RVHV_NESTED_HIST_COUNT);

static __always_inline unsigned long exit_index(unsigned long cause)
{
	return cause < NR_CAUSES ? array_index_nospec(cause, NR_CAUSES) : NR_CAUSES;
}

static __always_inline const struct exit_row *exit_row(unsigned long cause)
{
	return &exit_table[exit_index(cause)];
}

/* Unique among the rows: statistics are named after it. */
const char *rvhv_exit_name(unsigned long scause)
{
	return scause & CAUSE_IRQ_FLAG ? "interrupt" : exit_row(scause)->name;
}

/* Shows the last exit to the observers of other modules; loaded, interrupts off. */
void rvhv_exit_observe(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap trap;

	rvhv_trap_last(vcpu, &trap);
	rvhv_exit_registry_observe(vcpu, &trap);
}

/* Serves the last exit with interrupts off. RVHV_SLOW: call rvhv_exit_slow(). */
enum rvhv_next rvhv_exit_fast(struct rvhv_vcpu *vcpu)
{
	unsigned long index = exit_index(vcpu->sw.scause);
	const struct exit_row *row = &exit_table[index];

	if (unlikely(vcpu->nested)) {
		if (vcpu->virt) {
			vcpu->stats.nested_l2_exit_hist[index]++;
			return row->l2_fast ? row->l2_fast(vcpu) : RVHV_SLOW;
		}
		vcpu->stats.nested_l1_exit_hist[index]++;
	}
	return row->fast ? row->fast(vcpu) : RVHV_SLOW;
}

/* No handler claimed the trap. The guest takes it if it is one that the hart delegates. */
static enum rvhv_next exit_unclaimed(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap)
{
	if (trap->scause >= RVHV_EXIT_CAUSES || !(BIT(trap->scause) & RVHV_HEDELEG_DEFAULT))
		return rvhv_exit_unhandled(vcpu);
	rvhv_trap_redirect_slow(vcpu, trap);
	return RVHV_RESUME;
}

static bool injectable(unsigned long scause)
{
	return scause < RVHV_EXIT_CAUSES;
}

/*
 * Continues after the instruction that trapped. Its length is read from memory, except that of an
 * ecall; if that faults, the guest takes the fault.
 */
static enum rvhv_next skip_insn(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap fault;
	u32 insn;
	int ret;

	if (vcpu->sw.scause == EXC_SYSCALL) {
		vcpu->sw.sepc += 4;
		return RVHV_RESUME;
	}
	ret = rvhv_vcpu_fetch_insn(vcpu, vcpu->sw.sepc, &insn, &fault);
	if (ret < 0)
		return rvhv_vcpu_fail(vcpu, ret);
	if (ret)
		rvhv_trap_redirect_slow(vcpu, &fault);
	else
		vcpu->sw.sepc += rvhv_insn_len(insn);
	return RVHV_RESUME;
}

static enum rvhv_next registered_slow(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap last, trap;
	int ret;

	rvhv_trap_last(vcpu, &last);
	trap = last;
	ret = rvhv_exit_registry_call(vcpu, &trap);
	switch (ret) {
	case RVHV_VERDICT_PASS:
		return exit_unclaimed(vcpu, &last);
	case RVHV_VERDICT_RETRY:
		return RVHV_RESUME;
	case RVHV_VERDICT_SKIP:
		return skip_insn(vcpu);
	case RVHV_VERDICT_INJECT:
		if (!injectable(trap.scause))
			return rvhv_vcpu_fail(vcpu, -EIO);
		rvhv_trap_redirect_slow(vcpu, &trap);
		return RVHV_RESUME;
	case RVHV_VERDICT_VMM:
		return rvhv_exit_unhandled(vcpu);
	default:
		return rvhv_vcpu_fail(vcpu, ret);
	}
}

/* Interrupts on; may sleep. Never returns RVHV_SLOW. */
enum rvhv_next rvhv_exit_slow(struct rvhv_vcpu *vcpu)
{
	const struct exit_row *row = exit_row(vcpu->sw.scause);

	if (unlikely(vcpu->virt))
		return row->l2_slow ? row->l2_slow(vcpu) : rvhv_exit_unhandled(vcpu);
	return row->slow ? row->slow(vcpu) : registered_slow(vcpu);
}

enum rvhv_next rvhv_exit_unhandled(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap fault;
	u32 insn;

	vcpu->exit.reason = RVHV_REASON_UNHANDLED;
	rvhv_trap_last(vcpu, &vcpu->exit.unhandled.trap);
	vcpu->exit.unhandled.insn = rvhv_fetch_insn(vcpu, &insn, &fault) ? insn : 0;
	vcpu->exit.pending = true;
	return RVHV_TO_VMM;
}

/*
 * Carries out the VMM's answer to an unhandled exit; the vCPU is not loaded. Returns 0, or -EINVAL
 * with nothing changed.
 */
int rvhv_exit_complete(struct rvhv_vcpu *vcpu)
{
	const struct rvhv_trap *inject = &vcpu->exit.unhandled.inject;
	u32 insn = vcpu->exit.unhandled.insn;

	if (vcpu->exit.unhandled.bad)
		return -EINVAL;
	switch (vcpu->exit.unhandled.action) {
	case RVHV_VERDICT_SKIP:
		if (!insn)
			return -EINVAL;
		vcpu->sw.sepc += rvhv_insn_len(insn);
		return 0;
	case RVHV_VERDICT_INJECT:
		if (!injectable(inject->scause))
			return -EINVAL;
		preempt_disable();
		rvhv_vcpu_load(vcpu, smp_processor_id());
		rvhv_trap_redirect(vcpu, inject);
		rvhv_vcpu_put(vcpu, true);
		preempt_enable();
		return 0;
	default:
		return 0;
	}
}

/**
 * __rvhv_exit_register - handle or observe a cause of exits
 * @handler: the handler
 * @owner: the module that has its code
 *
 * Context: process context, may sleep.
 * Return: as rvhv_exit_register(), which is the macro for callers.
 */
int __rvhv_exit_register(struct rvhv_exit_handler *handler, struct module *owner)
{
	const struct exit_row *row = exit_row(handler->cause);

	if (handler->handle && (row->fast || row->slow))
		return -EBUSY;
	return rvhv_exit_registry_add(handler, owner);
}
EXPORT_SYMBOL_GPL(__rvhv_exit_register);

/**
 * rvhv_exit_unregister - undo rvhv_exit_register()
 * @handler: the handler; may be one that was not registered
 *
 * Waits until no vCPU is in it.
 *
 * Context: process context, may sleep; not from a handler.
 */
void rvhv_exit_unregister(struct rvhv_exit_handler *handler)
{
	rvhv_exit_registry_remove(handler);
}
EXPORT_SYMBOL_GPL(rvhv_exit_unregister);
