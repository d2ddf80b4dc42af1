// SPDX-License-Identifier: GPL-2.0-only
/* MMIO: loads and stores served by devices of the kernel or of the VMM. */
#include <asm/byteorder.h>

#include "../guest_mem/slots.h"
#include "../irq/io.h"
#include "../rvhv_vm.h"
#include "exit.h"
#include "fault.h"
#include "insn.h"
#include "mmio.h"
#include "trap.h"

/* Not inlined: keeps struct rvhv_trap out of the frame of harts that write htinst. */
static noinline enum rvhv_decode fetch_access(struct rvhv_vcpu *vcpu, struct rvhv_insn_access *acc)
{
	struct rvhv_trap trap;
	u32 insn;

	if (rvhv_fetch_insn(vcpu, &insn, &trap))
		return rvhv_insn_decode_access(insn, acc);

	/* If the host unmapped the code page, retrying the instruction maps it again. */
	if (trap.scause != EXC_INST_GUEST_PAGE_FAULT)
		rvhv_trap_redirect_slow(vcpu, &trap);
	return RVHV_DECODE_NO_INSN;
}

/*
 * Decodes the faulting access from htinst, or from memory if the hart left htinst zero.
 * RVHV_DECODE_NO_INSN: fetching the instruction faulted; the guest takes the trap or retries.
 */
static enum rvhv_decode decode_access(struct rvhv_vcpu *vcpu, struct rvhv_insn_access *acc)
{
	enum rvhv_decode result;
	bool compressed;
	u32 insn;

	result = rvhv_insn_from_htinst(vcpu->sw.htinst, &insn, &compressed);
	if (result == RVHV_DECODED) {
		result = rvhv_insn_decode_access(insn, acc);
		acc->insn_len = compressed ? 2 : 4;
		return result;
	}
	return result == RVHV_DECODE_NO_INSN ? fetch_access(vcpu, acc) : result;
}

static u64 low_bytes(u64 val, unsigned int len)
{
	return len == 8 ? val : val & (BIT_ULL(len * 8) - 1);
}

static u64 store_value(const struct rvhv_vcpu *vcpu, const struct rvhv_insn_access *acc)
{
	return low_bytes(vcpu->sw.gpr[acc->rd_rs2], acc->len);
}

static bool in_slot(struct rvhv_mem *mem, u64 gpa)
{
	int idx = srcu_read_lock(&mem->srcu);
	bool found = rvhv_slot_find(mem, gpa >> RVHV_PAGE_SHIFT);

	srcu_read_unlock(&mem->srcu, idx);
	return found;
}

/* Completes a store to a device of the kernel; interrupts off. */
enum rvhv_next rvhv_mmio_fast(struct rvhv_vcpu *vcpu)
{
	u64 gpa = rvhv_fault_gpa(vcpu->sw.htval, vcpu->sw.stval);
	struct rvhv_insn_access acc;
	bool compressed;
	u32 insn;

	if (!rvhv_io_has_writers(&vcpu->vm->io) ||
	    rvhv_insn_from_htinst(vcpu->sw.htinst, &insn, &compressed) != RVHV_DECODED ||
	    rvhv_insn_decode_access(insn, &acc) != RVHV_DECODED || acc.fp || !acc.write ||
	    !IS_ALIGNED(gpa, acc.len) || in_slot(&vcpu->vm->mem, gpa) ||
	    rvhv_io_write(&vcpu->vm->io, gpa, acc.len, store_value(vcpu, &acc)) !=
	    RVHV_IO_HANDLED)
		return RVHV_SLOW;

	vcpu->stats.mmio_exit_kernel++;
	vcpu->sw.sepc += compressed ? 2 : 4;
	return RVHV_RESUME;
}

static __le64 *mmio_bytes(struct rvhv_vcpu *vcpu)
{
	return (__le64 *)vcpu->exit.mmio.data;
}

/* The access of vcpu->mmio is done; a load read @val. */
static __always_inline void finish_access(struct rvhv_vcpu *vcpu, unsigned int len, u64 val)
{
	unsigned int shift = vcpu->mmio.shift;

	vcpu->sw.sepc += vcpu->mmio.insn_len;
	if (!vcpu->mmio.write && vcpu->mmio.rd)
		vcpu->sw.gpr[vcpu->mmio.rd] = (s64)(low_bytes(val, len) << shift) >> shift;
}

static noinline bool load_from_kernel(struct rvhv_vcpu *vcpu, u64 gpa, unsigned int len)
{
	u64 val;

	if (rvhv_io_read(&vcpu->vm->io, gpa, len, &val) != RVHV_IO_HANDLED)
		return false;
	vcpu->stats.mmio_exit_kernel++;
	finish_access(vcpu, len, val);
	return true;
}

/* Inlined: a call costs an exit 26 instructions. */
static __always_inline enum rvhv_next to_device(struct rvhv_vcpu *vcpu, u64 gpa,
						const struct rvhv_insn_access *acc)
{
	vcpu->mmio.rd = acc->rd_rs2;
	vcpu->mmio.shift = acc->sign_extend ? 64 - acc->len * 8 : 0;
	vcpu->mmio.insn_len = acc->insn_len;
	vcpu->mmio.write = acc->write;

	if (acc->write) {
		u64 val = store_value(vcpu, acc);

		if (rvhv_io_has_writers(&vcpu->vm->io) &&
		    rvhv_io_write(&vcpu->vm->io, gpa, acc->len, val) == RVHV_IO_HANDLED) {
			vcpu->stats.mmio_exit_kernel++;
			vcpu->sw.sepc += acc->insn_len;
			return RVHV_RESUME;
		}
		*mmio_bytes(vcpu) = cpu_to_le64(val);
	} else {
		if (rvhv_io_has_readers(&vcpu->vm->io) && load_from_kernel(vcpu, gpa, acc->len))
			return RVHV_RESUME;
		*mmio_bytes(vcpu) = 0;
	}

	vcpu->stats.mmio_exit_user++;
	vcpu->exit.reason = RVHV_REASON_MMIO;
	vcpu->exit.mmio.addr = gpa;
	vcpu->exit.mmio.len = acc->len;
	vcpu->exit.mmio.write = acc->write;
	vcpu->exit.pending = true;
	return RVHV_TO_VMM;
}

/* @gpa is L1's, not L2's, and aligned to @acc->len; @acc is not floating point. May sleep. */
enum rvhv_next rvhv_mmio_access(struct rvhv_vcpu *vcpu, u64 gpa, const struct rvhv_insn_access *acc)
{
	return to_device(vcpu, gpa, acc);
}

/* The faulting access is to @gpa, in no memory slot; L1's address, not L2's. May sleep. */
enum rvhv_next rvhv_mmio_emulate(struct rvhv_vcpu *vcpu, u64 gpa, bool write)
{
	struct rvhv_insn_access acc;
	enum rvhv_decode result;

	result = decode_access(vcpu, &acc);
	if (result == RVHV_DECODE_NO_INSN)
		return RVHV_RESUME;
	/* The guest's page table is outside of memory. */
	if (result == RVHV_DECODE_PSEUDO)
		return rvhv_fault_to_access_fault(vcpu);
	/* An L2 must not stop L1's VMM. */
	if (result != RVHV_DECODED || acc.fp || acc.write != write)
		return vcpu->virt ? rvhv_fault_to_access_fault(vcpu) : rvhv_exit_unhandled(vcpu);
	/* Physical memory attributes: I/O allows no misaligned access. */
	if (!IS_ALIGNED(gpa, acc.len))
		return rvhv_fault_to_access_fault(vcpu);
	return to_device(vcpu, gpa, &acc);
}

/* Completes the access that the VMM emulated; vcpu->exit.mmio.data holds the bytes of a load. */
void rvhv_mmio_complete(struct rvhv_vcpu *vcpu)
{
	finish_access(vcpu, vcpu->exit.mmio.len, le64_to_cpu(*mmio_bytes(vcpu)));
}
