// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads and stores that meet no memory: devices of the kernel and of the VMM.
 */
#include <linux/unaligned.h>

#include "../irq/io.h"
#include "insn.h"
#include "internal.h"
#include "nested/nested.h"

/*
 * The faulting load or store, from htinst where the hart gives it, else from the guest's memory.
 * RVHV_SLOW: decoded; RVHV_RESUME: the guest has been given a trap, or runs the instruction again;
 * -EOPNOTSUPP: not an access that can be emulated.
 */
static int decode_access(struct rvhv_vcpu *vcpu, struct rvhv_insn_access *acc)
{
	struct rvhv_trap trap;
	bool compressed;
	u32 insn;
	int ret;

	ret = rvhv_insn_from_htinst(vcpu->sw.htinst, &insn, &compressed);
	if (ret == -ENODATA) {
		if (!rvhv_fetch_insn(vcpu, &insn, &trap)) {
			/* The host took the page of the code away: run it again to have it back */
			if (trap.scause == EXC_INST_GUEST_PAGE_FAULT)
				return RVHV_RESUME;
			preempt_disable();
			rvhv_trap_redirect(vcpu, &trap);
			preempt_enable();
			return RVHV_RESUME;
		}
		return rvhv_insn_decode_access(insn, acc) ? -EOPNOTSUPP : RVHV_SLOW;
	}
	/* The guest's own page table is not in memory */
	if (ret)
		return rvhv_fault_to_access_fault(vcpu);
	if (rvhv_insn_decode_access(insn, acc))
		return -EOPNOTSUPP;
	acc->insn_len = compressed ? 2 : 4;
	return RVHV_SLOW;
}

static u64 store_value(const struct rvhv_vcpu *vcpu, const struct rvhv_insn_access *acc)
{
	u64 val = vcpu->sw.gpr[acc->rd_rs2];

	return acc->len == 8 ? val : val & (BIT_ULL(acc->len * 8) - 1);
}

/**
 * rvhv_mmio_fast - complete a store to a device of the kernel
 * @vcpu: the vCPU, loaded
 * @gpa: guest physical address of the last guest page fault, in no memory slot
 *
 * Context: interrupts off.
 * Return: RVHV_RESUME, or RVHV_SLOW with nothing done.
 */
enum rvhv_next rvhv_mmio_fast(struct rvhv_vcpu *vcpu, u64 gpa)
{
	struct rvhv_insn_access acc;
	bool compressed;
	u32 insn;

	if (rvhv_insn_from_htinst(vcpu->sw.htinst, &insn, &compressed) ||
	    rvhv_insn_decode_access(insn, &acc) || acc.fp || !acc.write ||
	    !IS_ALIGNED(gpa, acc.len) ||
	    !rvhv_io_write(&vcpu->vm->io, gpa, acc.len, store_value(vcpu, &acc)))
		return RVHV_SLOW;

	vcpu->stats.mmio_exit_kernel++;
	vcpu->sw.sepc += compressed ? 2 : 4;
	return RVHV_RESUME;
}

/* Inlined, since a call of its own takes 26 instructions of an exit. */
static __always_inline int to_device(struct rvhv_vcpu *vcpu, u64 gpa,
				     const struct rvhv_insn_access *acc)
{
	vcpu->mmio.rd = acc->rd_rs2;
	vcpu->mmio.shift = acc->sign_extend ? 64 - acc->len * 8 : 0;
	vcpu->mmio.insn_len = acc->insn_len;
	vcpu->mmio.write = acc->write;

	if (acc->write) {
		u64 val = store_value(vcpu, acc);

		if (rvhv_io_write(&vcpu->vm->io, gpa, acc->len, val)) {
			vcpu->stats.mmio_exit_kernel++;
			vcpu->sw.sepc += acc->insn_len;
			return RVHV_RESUME;
		}
		put_unaligned_le64(val, vcpu->exit.mmio.data);
	} else {
		memset(vcpu->exit.mmio.data, 0, sizeof(vcpu->exit.mmio.data));
	}

	vcpu->stats.mmio_exit_user++;
	vcpu->exit.reason = RVHV_REASON_MMIO;
	vcpu->exit.mmio.addr = gpa;
	vcpu->exit.mmio.len = acc->len;
	vcpu->exit.mmio.write = acc->write;
	vcpu->exit_pending = true;
	return RVHV_TO_USER;
}

/**
 * rvhv_mmio_access - a load or store, known already, goes to a device of the VMM's
 * @vcpu: the vCPU
 * @gpa: guest physical address, aligned to @acc->len; where there is an L2, of its L1
 * @acc: what the instruction at sepc does, with an integer register
 *
 * Context: the vCPU's thread, may sleep.
 * Return: RVHV_RESUME or RVHV_TO_USER.
 */
int rvhv_mmio_access(struct rvhv_vcpu *vcpu, u64 gpa, const struct rvhv_insn_access *acc)
{
	return to_device(vcpu, gpa, acc);
}

/**
 * rvhv_mmio_emulate - the load or store of the last exit meets no memory
 * @vcpu: the vCPU
 * @gpa: guest physical address; where an L2 runs, of its L1
 * @write: a store
 *
 * It goes to a device of the VMM's, unless it is one that no device on a bus can serve.
 *
 * Context: the vCPU's thread, may sleep.
 * Return: RVHV_RESUME or RVHV_TO_USER.
 */
int rvhv_mmio_emulate(struct rvhv_vcpu *vcpu, u64 gpa, bool write)
{
	struct rvhv_insn_access acc;
	int ret;

	ret = decode_access(vcpu, &acc);
	if (ret == RVHV_RESUME)
		return ret;
	/* The guest of a guest must not stop its host's VMM. */
	if (ret < 0 || acc.fp || acc.write != write)
		return rvhv_nested_virt(vcpu) ? rvhv_fault_to_access_fault(vcpu) :
					       rvhv_exit_unhandled(vcpu);
	/* Physical memory attributes: no misaligned access to I/O */
	if (!IS_ALIGNED(gpa, acc.len))
		return rvhv_fault_to_access_fault(vcpu);
	return to_device(vcpu, gpa, &acc);
}

/**
 * rvhv_mmio_complete - finish the access that the VMM has emulated
 * @vcpu: the vCPU; for a load vcpu->exit.mmio.data holds the VMM's bytes
 */
void rvhv_mmio_complete(struct rvhv_vcpu *vcpu)
{
	u64 val;

	vcpu->sw.sepc += vcpu->mmio.insn_len;
	if (vcpu->mmio.write || !vcpu->mmio.rd)
		return;

	val = get_unaligned_le64(vcpu->exit.mmio.data);
	if (vcpu->exit.mmio.len < 8)
		val &= BIT_ULL(vcpu->exit.mmio.len * 8) - 1;
	vcpu->sw.gpr[vcpu->mmio.rd] = (s64)(val << vcpu->mmio.shift) >> vcpu->mmio.shift;
}
