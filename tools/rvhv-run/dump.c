// SPDX-License-Identifier: GPL-2.0-only
/* Prints the last exit and the registers of a vCPU. */
#include "csr.h"
#include "machine.h"

#include <err.h>
#include <linux/kvm.h>
#include <linux/rvhv.h>
#include <stdio.h>
#include <string.h>

/* In the order of struct kvm_riscv_core and struct kvm_riscv_csr */
static const char * const core_names[] = {
	"pc", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1",
	"a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7",
	"s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11",
	"t3", "t4", "t5", "t6", "mode",
};

static const char * const csr_names[] = {
	"sstatus", "sie", "stvec", "sscratch", "sepc", "scause", "stval", "sip", "satp",
	"scounteren", "senvcfg",
};

/* With the H extension */
static const struct {
	uint16_t num;
	const char *name;
} hs_regs[] = {
	{ RVHV_REG_RISCV_HS_VIRT, "virt" },
#define CSR_ROW(name, number, ...)	{ number, #name },
#include "../../vcpu/nested/csr_rows.h"
#undef CSR_ROW
};

static_assert(ARRAY_SIZE(core_names) == sizeof(struct kvm_riscv_core) / 8, "core registers");
static_assert(ARRAY_SIZE(csr_names) == sizeof(struct kvm_riscv_csr) / 8, "CSRs");

static const char * const exit_names[] = {
	[KVM_EXIT_UNKNOWN] = "UNKNOWN", [KVM_EXIT_EXCEPTION] = "EXCEPTION",
	[KVM_EXIT_DEBUG] = "DEBUG", [KVM_EXIT_SHUTDOWN] = "SHUTDOWN",
	[KVM_EXIT_FAIL_ENTRY] = "FAIL_ENTRY", [KVM_EXIT_INTR] = "INTR",
	[KVM_EXIT_INTERNAL_ERROR] = "INTERNAL_ERROR", [KVM_EXIT_SYSTEM_EVENT] = "SYSTEM_EVENT",
	[KVM_EXIT_RISCV_CSR] = "RISCV_CSR", [KVM_EXIT_MEMORY_FAULT] = "MEMORY_FAULT",
};

static void dump_class(struct vcpu *vcpu, uint64_t class, const char * const *names, size_t count)
{
	uint64_t val;
	size_t i;

	for (i = 0; i < count; i++) {
		if (vcpu_get_reg(vcpu, class | i, &val))
			fprintf(stderr, " %10s %16s", names[i], "-");
		else
			fprintf(stderr, " %10s %016lx", names[i], val);
		if (i % 4 == 3 || i == count - 1)
			fputc('\n', stderr);
	}
}

static void dump_hypervisor(struct vcpu *vcpu)
{
	const uint64_t class = KVM_REG_RISCV_CSR | RVHV_REG_RISCV_CSR_HS;
	uint64_t val;
	size_t i;

	if (vcpu_get_reg(vcpu, class | RVHV_REG_RISCV_HS_VIRT, &val))
		return;
	for (i = 0; i < ARRAY_SIZE(hs_regs); i++) {
		if (vcpu_get_reg(vcpu, class | hs_regs[i].num, &val))
			fprintf(stderr, " %10s %16s", hs_regs[i].name, "-");
		else
			fprintf(stderr, " %10s %016lx", hs_regs[i].name, val);
		if (i % 4 == 3 || i == ARRAY_SIZE(hs_regs) - 1)
			fputc('\n', stderr);
	}
}

static void dump_data(const __u64 *data, size_t count, size_t max)
{
	size_t i;

	for (i = 0; i < count && i < max; i++)
		warnx("data[%zu] 0x%llx", i, data[i]);
}

static void dump_exit(const struct kvm_run *run)
{
	const struct rvhv_exit_unhandled *u = (const void *)&run->hw;

	switch (run->exit_reason) {
	case KVM_EXIT_UNKNOWN:		/* rvhv's unhandled exit */
		warnx("scause 0x%llx sepc 0x%llx stval 0x%llx", u->scause, u->sepc, u->stval);
		warnx("htval 0x%llx htinst 0x%llx insn 0x%08x", u->htval, u->htinst, u->insn);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		warnx("hardware entry failure 0x%llx on CPU %u",
		      run->fail_entry.hardware_entry_failure_reason, run->fail_entry.cpu);
		break;
	case KVM_EXIT_RISCV_CSR:
		warnx("CSR 0x%lx", run->riscv_csr.csr_num);
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		warnx("suberror %u", run->internal.suberror);
		dump_data(run->internal.data, run->internal.ndata, ARRAY_SIZE(run->internal.data));
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		warnx("system event %u%s", run->system_event.type,
		      run->system_event.type == KVM_SYSTEM_EVENT_CRASH ? " (crash)" : "");
		dump_data(run->system_event.data, run->system_event.ndata,
			  ARRAY_SIZE(run->system_event.data));
		break;
	}
}

/* Called by the vCPU's thread. @error: errno of KVM_RUN, or 0 after an exit */
void dump_death(struct vcpu *vcpu, int error)
{
	uint32_t reason = vcpu->run->exit_reason;
	const char *name = reason < ARRAY_SIZE(exit_names) ? exit_names[reason] : NULL;

	if (error)
		warnx("KVM_RUN on vCPU %u failed: %s", vcpu->id, strerror(error));
	warnx("exit reason of vCPU %u: %u (%s)", vcpu->id, reason,
	      name ? name : "not known to rvhv-run");
	if (!error)
		dump_exit(vcpu->run);
	warnx("registers of vCPU %u:", vcpu->id);
	dump_class(vcpu, KVM_REG_RISCV_CORE, core_names, ARRAY_SIZE(core_names));
	dump_class(vcpu, KVM_REG_RISCV_CSR | KVM_REG_RISCV_CSR_GENERAL, csr_names,
		   ARRAY_SIZE(csr_names));
	dump_hypervisor(vcpu);
}
