// SPDX-License-Identifier: GPL-2.0-only
/* Guest page faults: maps memory; mmio.c emulates accesses outside memory slots. */
#include "../guest_mem/fault.h"
#include "../rvhv_vm.h"
#include "exit.h"
#include "fault.h"
#include "insn.h"
#include "mmio.h"
#include "trap.h"

/* Injects the last guest page fault as a load or store access fault. */
enum rvhv_next rvhv_fault_to_access_fault(struct rvhv_vcpu *vcpu)
{
	struct rvhv_trap trap;

	rvhv_trap_last(vcpu, &trap);
	trap.scause = trap.scause == EXC_STORE_GUEST_PAGE_FAULT ? EXC_STORE_ACCESS :
								   EXC_LOAD_ACCESS;
	rvhv_trap_redirect_slow(vcpu, &trap);
	return RVHV_RESUME;
}

enum rvhv_next rvhv_fault_slow(struct rvhv_vcpu *vcpu)
{
	bool write = vcpu->sw.scause == EXC_STORE_GUEST_PAGE_FAULT;
	struct rvhv_fault fault = {
		.gpa = rvhv_fault_gpa(vcpu->sw.htval, vcpu->sw.stval),
		.write = write || rvhv_insn_pseudo_write(vcpu->sw.htinst),
	};

	switch (rvhv_mem_fault(&vcpu->vm->mem, &vcpu->cache, &fault)) {
	case RVHV_FAULT_MAPPED:
		return RVHV_RESUME;
	case RVHV_FAULT_FAILED:
		return rvhv_vcpu_fail(vcpu, fault.error);
	case RVHV_FAULT_MMIO:
		break;
	}
	if (vcpu->sw.scause == EXC_INST_GUEST_PAGE_FAULT)
		return rvhv_exit_unhandled(vcpu);
	return rvhv_mmio_emulate(vcpu, fault.gpa, write);
}
