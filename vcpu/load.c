// SPDX-License-Identifier: GPL-2.0-only
/* Loads a vCPU's CSRs into the hart and saves them, around KVM_RUN and by the scheduler. */
#include <linux/preempt.h>

#include "../guest_mem/atp.h"
#include "../guest_mem/host.h"
#include "../rvhv_vm.h"
#include "exit_registry.h"
#include "fp.h"
#include "isa.h"
#include "load.h"
#include "nested/nested.h"
#include "timer.h"

/* Derives the CSRs that depend on the vCPU's extensions, which change until it first runs. */
void rvhv_vcpu_setup_cfg(struct rvhv_vcpu *vcpu)
{
	struct rvhv_vcpu_cfg *cfg = &vcpu->cfg;

	cfg->henvcfg = 0;
	if (rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_SVPBMT))
		cfg->henvcfg |= ENVCFG_PBMTE;
	if (rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_SSTC))
		cfg->henvcfg |= ENVCFG_STCE;
	if (rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_ZICBOM))
		/* An invalidate could uncover what memory held before the host cleared it. */
		cfg->henvcfg |= ENVCFG_CBIE_FLUSH << ENVCFG_CBIE_SHIFT | ENVCFG_CBCFE;
	if (rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_ZICBOZ))
		cfg->henvcfg |= ENVCFG_CBZE;

	cfg->hstateen0 = 0;
	if (rvhv_isa_available(RISCV_ISA_EXT_SMSTATEEN)) {
		cfg->hstateen0 |= SMSTATEEN0_HSENVCFG;
		if (rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_SMSTATEEN))
			cfg->hstateen0 |= SMSTATEEN0_SSTATEEN0;
	}

	cfg->hedeleg = RVHV_HEDELEG_DEFAULT & ~rvhv_exit_registry_causes();
	if (vcpu->guest_debug)
		cfg->hedeleg &= ~BIT(EXC_BREAKPOINT);

	vcpu->timer.sstc = rvhv_vcpu_has_isa(vcpu, RISCV_ISA_EXT_SSTC);
}

/* The kernel itself runs with the guest's: they matter in U and VU mode only. */
static void swap_user_csrs(struct rvhv_vcpu *vcpu)
{
	vcpu->csr.senvcfg = csr_swap(CSR_SENVCFG, vcpu->csr.senvcfg);
	if (vcpu->cfg.hstateen0 & SMSTATEEN0_SSTATEEN0)
		vcpu->csr.sstateen0 = csr_swap(CSR_SSTATEEN0, vcpu->csr.sstateen0);
}

/* Writes vcpu->cfg to the hart, except henvcfg. */
void rvhv_vcpu_load_cfg(const struct rvhv_vcpu *vcpu)
{
	csr_write(CSR_HEDELEG, vcpu->cfg.hedeleg);
	/* Zero where there is no such CSR */
	if (vcpu->cfg.hstateen0)
		csr_write(CSR_HSTATEEN0, vcpu->cfg.hstateen0);
}

/**
 * rvhv_vcpu_close_atp - end VS-stage translation until the next rvhv_vcpu_tlb_ready()
 * @vcpu: the vCPU, loaded
 *
 * Context: preemption off.
 * Return: vsatp of the mode that runs.
 */
unsigned long rvhv_vcpu_close_atp(struct rvhv_vcpu *vcpu)
{
	if (vcpu->live) {
		vcpu->vsatp = rvhv_atp_close();
		vcpu->live = 0;
	}
	return vcpu->vsatp;
}

static unsigned long load_cfg(struct rvhv_vcpu *vcpu)
{
	if (unlikely(vcpu->nested))
		return rvhv_nested_load(vcpu);
	rvhv_vcpu_load_cfg(vcpu);
	return vcpu->cfg.henvcfg;
}

static void note_cpu(struct rvhv_vcpu *vcpu, int cpu)
{
	if (vcpu->last_cpu != cpu) {
		vcpu->last_cpu = cpu;
		vcpu->moved = true;
		vcpu->own.stale = true;
		rvhv_nested_fence(vcpu);
	}
	WRITE_ONCE(vcpu->cpu, cpu);
}

/* @cpu: this CPU */
void rvhv_vcpu_load(struct rvhv_vcpu *vcpu, int cpu)
{
	const struct rvhv_vcpu_csr *csr = &vcpu->csr;

	rvhv_vs_bank_load(&csr->vs);
	csr_write(CSR_VSIE, csr->vsie);
	csr_write(CSR_HVIP, csr->hvip);
	rvhv_atp_write_henvcfg(load_cfg(vcpu));
	swap_user_csrs(vcpu);
	vcpu->host_hstatus = csr_read(CSR_HSTATUS) & ~HSTATUS_SPV;

	rvhv_timer_load(vcpu);
	if (csr->vs.vsstatus & SR_FS && !rvhv_nested_hides(vcpu, SR_FS))
		rvhv_fp_load(vcpu);

	/* rvhv_vcpu_tlb_ready() writes hgatp and vsatp. */
	vcpu->vsatp = csr->vs.vsatp;
	note_cpu(vcpu, cpu);
}

/* @to_user: the vCPU's thread returns to user mode; otherwise another thread runs next. */
void rvhv_vcpu_put(struct rvhv_vcpu *vcpu, bool to_user)
{
	struct rvhv_vcpu_csr *csr = &vcpu->csr;

	WRITE_ONCE(vcpu->cpu, -1);

	rvhv_fp_put(vcpu, to_user);
	rvhv_timer_put(vcpu);

	rvhv_vs_bank_save(&csr->vs);
	csr->vs.vsatp = rvhv_vcpu_close_atp(vcpu);
	csr->vsie = csr_read(CSR_VSIE);
	/* The host's WFI would not wait with a guest's interrupt pending. */
	csr->hvip = csr_swap(CSR_HVIP, 0);
	/* vstvec is WARL: a hart that refuses the next guest's must not keep this one. */
	csr_write(CSR_VSTVEC, 0);
	swap_user_csrs(vcpu);
	if (unlikely(vcpu->nested))
		rvhv_nested_put(vcpu);
	/* The table that hgatp points to may be freed before this CPU runs a guest again. */
	rvhv_atp_write_hgatp(rvhv_mem_host.parked);
}
