// SPDX-License-Identifier: GPL-2.0-only
#include "dump.h"

#include <linux/kvm.h>
#include <linux/rvhv.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "term.h"
#include "util.h"
#include "vcpu.h"

/* Any number of vCPUs may be asked at once. */
static pthread_mutex_t dump_lock = PTHREAD_MUTEX_INITIALIZER;

/* By number: struct kvm_riscv_core, struct kvm_riscv_csr. */
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

static_assert(ARRAY_SIZE(core_names) == sizeof(struct kvm_riscv_core) / 8, "core registers");
static_assert(ARRAY_SIZE(csr_names) == sizeof(struct kvm_riscv_csr) / 8, "CSRs");

static const char * const exit_names[] = {
	[KVM_EXIT_UNKNOWN] = "UNKNOWN",
	[KVM_EXIT_EXCEPTION] = "EXCEPTION",
	[KVM_EXIT_HYPERCALL] = "HYPERCALL",
	[KVM_EXIT_DEBUG] = "DEBUG",
	[KVM_EXIT_HLT] = "HLT",
	[KVM_EXIT_MMIO] = "MMIO",
	[KVM_EXIT_SHUTDOWN] = "SHUTDOWN",
	[KVM_EXIT_FAIL_ENTRY] = "FAIL_ENTRY",
	[KVM_EXIT_INTR] = "INTR",
	[KVM_EXIT_INTERNAL_ERROR] = "INTERNAL_ERROR",
	[KVM_EXIT_SYSTEM_EVENT] = "SYSTEM_EVENT",
	[KVM_EXIT_RISCV_SBI] = "RISCV_SBI",
	[KVM_EXIT_RISCV_CSR] = "RISCV_CSR",
	[KVM_EXIT_MEMORY_FAULT] = "MEMORY_FAULT",
};

static const char *exit_name(uint32_t reason)
{
	if (reason < ARRAY_SIZE(exit_names) && exit_names[reason])
		return exit_names[reason];
	return "not known to rvhv-run";
}

static void dump_class(struct vcpu *vcpu, uint64_t class, const char * const *names, size_t count)
{
	char line[256];
	uint64_t val;
	int used = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (vcpu_get_reg(vcpu, class | i, &val))
			used += snprintf(line + used, sizeof(line) - used, " %10s %16s", names[i],
					 "-");
		else
			used += snprintf(line + used, sizeof(line) - used, " %10s %016llx",
					 names[i], (unsigned long long)val);
		if (i % 4 == 3 || i == count - 1) {
			report_plain("%s", line);
			used = 0;
		}
	}
}

static void dump_registers_locked(struct vcpu *vcpu)
{
	report("registers of vCPU %u:", vcpu->id);
	dump_class(vcpu, KVM_REG_RISCV_CORE, core_names, ARRAY_SIZE(core_names));
	dump_class(vcpu, KVM_REG_RISCV_CSR | KVM_REG_RISCV_CSR_GENERAL, csr_names,
		   ARRAY_SIZE(csr_names));
}

void dump_registers(struct vcpu *vcpu)
{
	pthread_mutex_lock(&dump_lock);
	dump_registers_locked(vcpu);
	pthread_mutex_unlock(&dump_lock);
}

static void dump_internal_error(const struct kvm_run *run)
{
	uint32_t i;

	report("suberror %u", run->internal.suberror);
	for (i = 0; i < run->internal.ndata && i < ARRAY_SIZE(run->internal.data); i++)
		report("data[%u] 0x%llx", i, (unsigned long long)run->internal.data[i]);
}

static void dump_system_event(const struct kvm_run *run)
{
	uint32_t i;

	report("system event %u%s", run->system_event.type,
	       run->system_event.type == KVM_SYSTEM_EVENT_CRASH ? " (crash)" : "");
	for (i = 0; i < run->system_event.ndata && i < ARRAY_SIZE(run->system_event.data); i++)
		report("data[%u] 0x%llx", i, (unsigned long long)run->system_event.data[i]);
}

/* rvhv's record; KVM makes no such exit. */
static void dump_unknown(const struct rvhv_exit_unknown *u)
{
	report("scause 0x%llx sepc 0x%llx stval 0x%llx", (unsigned long long)u->scause,
	       (unsigned long long)u->sepc, (unsigned long long)u->stval);
	report("htval 0x%llx htinst 0x%llx insn 0x%08x", (unsigned long long)u->htval,
	       (unsigned long long)u->htinst, u->insn);
}

static void dump_exit(const struct kvm_run *run)
{
	switch (run->exit_reason) {
	case KVM_EXIT_UNKNOWN:
		dump_unknown((const struct rvhv_exit_unknown *)&run->hw);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		report("hardware entry failure 0x%llx on CPU %u",
		       (unsigned long long)run->fail_entry.hardware_entry_failure_reason,
		       run->fail_entry.cpu);
		break;
	case KVM_EXIT_MMIO:
		report("%u bytes at 0x%llx", run->mmio.len,
		       (unsigned long long)run->mmio.phys_addr);
		break;
	case KVM_EXIT_RISCV_CSR:
		report("CSR 0x%lx", run->riscv_csr.csr_num);
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		dump_internal_error(run);
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		dump_system_event(run);
		break;
	}
}

void dump_death(struct vcpu *vcpu, int err)
{
	const struct kvm_run *run = vcpu->run;

	pthread_mutex_lock(&dump_lock);
	if (err)
		report("KVM_RUN on vCPU %u failed: %s", vcpu->id, strerror(err));
	report("exit reason of vCPU %u: %u (%s)", vcpu->id, run->exit_reason,
	       exit_name(run->exit_reason));
	if (!err)
		dump_exit(run);
	dump_registers_locked(vcpu);
	pthread_mutex_unlock(&dump_lock);
}
