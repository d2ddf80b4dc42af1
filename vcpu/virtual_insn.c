// SPDX-License-Identifier: GPL-2.0-only
/* Virtual-instruction exceptions: WFI, WRS and emulated CSRs. */
#include "insn.h"
#include "halt.h"
#include "irq.h"
#include "isa.h"
#include "nested/nested.h"
#include "trap.h"
#include "virtual_insn.h"

/* An emulated CSR: the VMM answers accesses if @user is set, otherwise it is read-only zero. */
struct csr_row {
	u16 num;
	bool user;
	unsigned int isa;
};

/* cycle and instret read as zero, as with KVM without a virtual PMU. */
static const struct csr_row csr_table[] = {
	{ .num = CSR_SEED, .user = true, .isa = RISCV_ISA_EXT_ZKR },
	{ .num = CSR_CYCLE, .isa = RISCV_ISA_EXT_ZICNTR },
	{ .num = CSR_INSTRET, .isa = RISCV_ISA_EXT_ZICNTR },
};

static const struct csr_row *csr_find(const struct rvhv_vcpu *vcpu, unsigned int num)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(csr_table); i++)
		if (csr_table[i].num == num)
			return rvhv_vcpu_has_isa(vcpu, csr_table[i].isa) ? &csr_table[i] : NULL;
	return NULL;
}

static enum rvhv_next illegal(struct rvhv_vcpu *vcpu, u32 insn)
{
	struct rvhv_trap trap = {
		.sepc = vcpu->sw.sepc,
		.scause = EXC_INST_ILLEGAL,
		.stval = insn,
	};

	rvhv_trap_redirect_slow(vcpu, &trap);
	return RVHV_RESUME;
}

/*
 * Reads the instruction: from stval on harts that report it there, else from the guest's memory.
 * Returns false if reading it faulted: the guest has the trap, or runs the instruction again.
 */
static bool trapped_insn(struct rvhv_vcpu *vcpu, u32 *insn)
{
	struct rvhv_trap trap;

	*insn = vcpu->sw.stval;
	if (*insn || rvhv_fetch_insn(vcpu, insn, &trap))
		return true;
	if (trap.scause != EXC_INST_GUEST_PAGE_FAULT)
		rvhv_trap_redirect_slow(vcpu, &trap);
	return false;
}

/* Serves a WFI with an interrupt pending, and instructions of the H extension; interrupts off. */
enum rvhv_next rvhv_virtual_insn_fast(struct rvhv_vcpu *vcpu)
{
	if (vcpu->sw.stval != RVHV_INSN_WFI)
		return unlikely(vcpu->nested) ? rvhv_nested_insn_fast(vcpu) : RVHV_SLOW;
	if (!(vcpu->sw.sstatus & SR_SPP) ||
	    !rvhv_irq_pending(vcpu))
		return RVHV_SLOW;
	vcpu->stats.wfi_exit_stat++;
	vcpu->sw.sepc += 4;
	return RVHV_RESUME;
}

static bool is_closed_counter(const struct rvhv_vcpu *vcpu, unsigned int csr)
{
	return (csr & ~31U) == CSR_CYCLE && !(vcpu->sw.sstatus & SR_SPP) &&
	       !(vcpu->csr.scounteren & BIT(csr & 31));
}

static enum rvhv_next csr_access(struct rvhv_vcpu *vcpu, u32 insn,
				 const struct rvhv_insn_system *sys)
{
	const struct csr_row *row = csr_find(vcpu, sys->csr);
	unsigned long src = sys->imm ? sys->rs1 : vcpu->sw.gpr[sys->rs1];
	/* A set or clear with x0 or immediate 0 does not write. */
	bool writes = sys->op == RVHV_CSR_RW || sys->rs1;

	/* Bits 11 and 10 of the number mark a read-only CSR. */
	if (!row || (writes && (sys->csr >> 10) == 3) || is_closed_counter(vcpu, sys->csr))
		return illegal(vcpu, insn);
	if (!row->user) {
		vcpu->stats.csr_exit_kernel++;
		if (sys->rd)
			vcpu->sw.gpr[sys->rd] = 0;
		vcpu->sw.sepc += 4;
		return RVHV_RESUME;
	}

	vcpu->stats.csr_exit_user++;
	vcpu->exit.reason = RVHV_REASON_CSR;
	vcpu->exit.csr.num = sys->csr;
	vcpu->exit.csr.new = sys->op == RVHV_CSR_RC ? 0 : src;
	vcpu->exit.csr.mask = sys->op == RVHV_CSR_RW ? ~0UL : src;
	vcpu->exit.csr.ret = 0;
	vcpu->csr_rd = sys->rd;
	vcpu->exit.pending = true;
	return RVHV_TO_VMM;
}

/* Serves every other virtual-instruction exception; may sleep. */
enum rvhv_next rvhv_virtual_insn_slow(struct rvhv_vcpu *vcpu)
{
	struct rvhv_insn_system sys;
	enum rvhv_next next;
	u32 insn;

	if (!trapped_insn(vcpu, &insn))
		return RVHV_RESUME;
	if (vcpu->nested) {
		vcpu->sw.stval = insn;
		next = rvhv_nested_insn_slow(vcpu);
		if (next != RVHV_SLOW)
			return next;
	}
	if (rvhv_insn_decode_system(insn, &sys) != RVHV_DECODED)
		return illegal(vcpu, insn);

	switch (sys.kind) {
	case RVHV_SYS_CSR:
		return csr_access(vcpu, insn, &sys);
	case RVHV_SYS_WFI:
		/* VU mode may not sleep. */
		if (!(vcpu->sw.sstatus & SR_SPP))
			return illegal(vcpu, insn);
		vcpu->stats.wfi_exit_stat++;
		vcpu->sw.sepc += 4;
		rvhv_vcpu_halt(vcpu);
		return RVHV_RESUME;
	case RVHV_SYS_WRS:
		vcpu->stats.wrs_exit_stat++;
		vcpu->sw.sepc += 4;
		rvhv_vcpu_yield(vcpu);
		return RVHV_RESUME;
	default:
		return illegal(vcpu, insn);
	}
}

/* Completes the CSR access that the VMM answered by vcpu->exit.csr.ret. */
void rvhv_csr_complete(struct rvhv_vcpu *vcpu)
{
	if (vcpu->csr_rd)
		vcpu->sw.gpr[vcpu->csr_rd] = vcpu->exit.csr.ret;
	vcpu->sw.sepc += 4;
}
