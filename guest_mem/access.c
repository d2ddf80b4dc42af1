// SPDX-License-Identifier: GPL-2.0-only
#include <linux/minmax.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/stddef.h>
#include <linux/uaccess.h>

#include <asm/csr.h>

#include "access.h"
#include "access_asm.h"
#include "mem.h"
#include "slots.h"

static_assert(offsetof(struct rvhv_trap, sepc) == RVHV_TRAP_SEPC);
static_assert(offsetof(struct rvhv_trap, scause) == RVHV_TRAP_SCAUSE);
static_assert(offsetof(struct rvhv_trap, stval) == RVHV_TRAP_STVAL);
static_assert(offsetof(struct rvhv_trap, htval) == RVHV_TRAP_HTVAL);
static_assert(offsetof(struct rvhv_trap, htinst) == RVHV_TRAP_HTINST);

/* User address of @gpa, which is in @slot; bounded under speculation too. */
static void __user *slot_user_address(const struct rvhv_slot *slot, u64 gpa)
{
	u64 offset = array_index_nospec(gpa - rvhv_slot_gpa(slot), rvhv_slot_size(slot));

	return (void __user *)(slot->hva + offset);
}

static void mark_range_dirty(const struct rvhv_slot *slot, u64 gpa, u64 len)
{
	u64 gfn = gpa >> PAGE_SHIFT;
	u64 last = (gpa + len - 1) >> PAGE_SHIFT;

	if (!slot->dirty)
		return;
	/* The stores go before the test of a bit that may be set already. */
	smp_mb();
	for (; gfn <= last; gfn++)
		rvhv_slot_mark_dirty(slot, gfn);
}

/* Copy the first part of [gpa, gpa + len), within one slot. Returns its length, or -EFAULT. */
static long copy_in_slot(struct rvhv_mem *mem, u64 gpa, void *to, const void *from, size_t len)
{
	struct rvhv_slot *slot = rvhv_slot_find(mem, gpa >> PAGE_SHIFT);
	void __user *user;
	u64 rest;

	if (!slot || (from && (slot->flags & RVHV_SLOT_READONLY)))
		return -EFAULT;
	rest = rvhv_slot_gpa(slot) + rvhv_slot_size(slot) - gpa;
	len = min_t(u64, len, rest);
	user = slot_user_address(slot, gpa);
	if (to)
		return copy_from_user(to, user, len) ? -EFAULT : (long)len;
	if (copy_to_user(user, from, len))
		return -EFAULT;
	mark_range_dirty(slot, gpa, len);
	return len;
}

/**
 * rvhv_mem_has - do slots cover a range?
 * @mem: the VM's memory
 * @gpa: guest physical address
 * @len: bytes; a range that wraps is not covered, an empty one is
 * @write: only writable slots count
 *
 * Context: any; takes mem->srcu. At most one step for each slot.
 * Return: true if they do, even without host memory behind them.
 */
bool rvhv_mem_has(struct rvhv_mem *mem, u64 gpa, u64 len, bool write)
{
	u64 end;
	int idx;

	if (check_add_overflow(gpa, len, &end))
		return false;
	idx = srcu_read_lock(&mem->srcu);
	while (gpa < end) {
		struct rvhv_slot *slot = rvhv_slot_find(mem, gpa >> PAGE_SHIFT);

		if (!slot || (write && (slot->flags & RVHV_SLOT_READONLY)))
			break;
		gpa = rvhv_slot_gpa(slot) + rvhv_slot_size(slot);
	}
	srcu_read_unlock(&mem->srcu, idx);
	return gpa >= end;
}

/* Reads to @to, or writes from @from; the other one is NULL. */
static int copy_guest(struct rvhv_mem *mem, u64 gpa, void *to, const void *from, size_t len)
{
	int ret = 0;
	u64 end;
	int idx;

	if (current->mm != mem->mm || check_add_overflow(gpa, (u64)len, &end))
		return -EFAULT;

	idx = srcu_read_lock(&mem->srcu);
	while (len) {
		long done = copy_in_slot(mem, gpa, to, from, len);

		if (done < 0) {
			ret = done;
			break;
		}
		gpa += done;
		len -= done;
		if (to)
			to += done;
		else
			from += done;
	}
	srcu_read_unlock(&mem->srcu, idx);
	return ret;
}

/**
 * rvhv_copy_from_guest - read guest physical memory
 * @mem: the VM's memory
 * @dst: destination; undefined after -EFAULT
 * @gpa: guest physical address
 * @len: bytes; may cross pages and slots
 *
 * Context: process context of a thread of @mem->mm; may sleep; takes mem->srcu.
 * Return: 0, or -EFAULT if a byte is in no slot or has no host memory.
 */
int rvhv_copy_from_guest(struct rvhv_mem *mem, void *dst, u64 gpa, size_t len)
{
	return copy_guest(mem, gpa, dst, NULL, len);
}

/**
 * rvhv_read_guest_u64 - read a doubleword, such as a page-table entry, by a single load
 * @mem: the VM's memory
 * @val: the value
 * @gpa: guest physical address, a multiple of 8
 *
 * Context: as rvhv_copy_from_guest().
 * Return: as rvhv_copy_from_guest().
 */
int rvhv_read_guest_u64(struct rvhv_mem *mem, u64 *val, u64 gpa)
{
	struct rvhv_slot *slot;
	int ret = -EFAULT;
	int idx;

	if (current->mm != mem->mm || gpa % sizeof(*val))
		return -EFAULT;
	idx = srcu_read_lock(&mem->srcu);
	slot = rvhv_slot_find(mem, gpa >> PAGE_SHIFT);
	if (slot)
		ret = get_user(*val, (u64 __user *)slot_user_address(slot, gpa));
	srcu_read_unlock(&mem->srcu, idx);
	return ret;
}

/**
 * rvhv_copy_to_guest - write guest physical memory and mark it dirty
 * @mem: the VM's memory
 * @gpa: guest physical address
 * @src: source
 * @len: bytes; may cross pages and slots
 *
 * Context: process context of a thread of @mem->mm; may sleep; takes mem->srcu.
 * Return: 0, or -EFAULT if a byte is in no writable slot or has no host memory; the bytes before it
 * may have been written.
 */
int rvhv_copy_to_guest(struct rvhv_mem *mem, u64 gpa, const void *src, size_t len)
{
	return copy_guest(mem, gpa, NULL, src, len);
}

/**
 * rvhv_copy_from_guest_atomic - read guest physical memory of the loaded guest
 * @hstatus: the guest's hstatus
 * @dst: destination; not freshly vmalloced memory
 * @gpa: guest physical address
 * @len: bytes
 *
 * Context: interrupts off, the guest's hgatp loaded; clobbers the trap CSRs.
 * Return: bytes copied; fewer than @len if the G-stage table does not map the next one.
 */
size_t rvhv_copy_from_guest_atomic(unsigned long hstatus, void *dst, u64 gpa, size_t len)
{
	u64 end;

	lockdep_assert_irqs_disabled();
	if (check_add_overflow(gpa, (u64)len, &end))
		return 0;
	return len - rvhv_asm_copy_from_guest(hstatus | HSTATUS_SPVP, dst, gpa, len, 0, NULL);
}

/**
 * rvhv_copy_to_guest_atomic - write guest physical memory of the loaded guest
 * @hstatus: the guest's hstatus
 * @gpa: guest physical address
 * @src: source; not freshly vmalloced memory
 * @len: bytes
 *
 * A page that is writable in the G-stage table is marked dirty already.
 *
 * Context: as rvhv_copy_from_guest_atomic().
 * Return: as rvhv_copy_from_guest_atomic().
 */
size_t rvhv_copy_to_guest_atomic(unsigned long hstatus, u64 gpa, const void *src, size_t len)
{
	u64 end;

	lockdep_assert_irqs_disabled();
	if (check_add_overflow(gpa, (u64)len, &end))
		return 0;
	return len - rvhv_asm_copy_to_guest(hstatus | HSTATUS_SPVP, gpa, src, len, 0, NULL);
}

/*
 * Turn the load fault of an HLVX into that of an instruction fetch. QEMU reports every fault of
 * HLVX as an instruction page fault; htval tells those of the G-stage.
 */
static unsigned long fetch_cause(const struct rvhv_trap *trap)
{
	switch (trap->scause) {
	case EXC_INST_PAGE_FAULT:
		return trap->htval ? EXC_INST_GUEST_PAGE_FAULT : EXC_INST_PAGE_FAULT;
	case EXC_LOAD_ACCESS:
		return EXC_INST_ACCESS;
	case EXC_LOAD_PAGE_FAULT:
		return EXC_INST_PAGE_FAULT;
	case EXC_LOAD_GUEST_PAGE_FAULT:
		return EXC_INST_GUEST_PAGE_FAULT;
	default:
		return trap->scause;
	}
}

/**
 * rvhv_fetch_guest_insn - read one instruction of the loaded guest at a guest virtual address
 * @hstatus: the guest's hstatus; SPVP selects the privilege
 * @gva: guest virtual address, even
 * @insn: the instruction, 16 or 32 bits, zero-extended
 * @trap: the trap of a failed fetch; stval is the address of the half that faulted, sepc is @gva
 *
 * Context: interrupts off, the guest's vsatp, vsstatus and hgatp loaded; clobbers the trap CSRs.
 * Return: true if @insn was read, false if @trap was filled; the caller resolves guest page faults.
 */
bool rvhv_fetch_guest_insn(unsigned long hstatus, unsigned long gva, u32 *insn,
			   struct rvhv_trap *trap)
{
	lockdep_assert_irqs_disabled();
	if (!rvhv_asm_fetch_insn(hstatus, gva, insn, trap))
		return true;
	trap->sepc = gva;
	trap->scause = fetch_cause(trap);
	return false;
}

/**
 * rvhv_load_guest_virt - read memory of the loaded guest at a guest virtual address
 * @hstatus: the guest's hstatus; SPVP selects the privilege
 * @dst: destination; not freshly vmalloced memory
 * @gva: guest virtual address
 * @len: bytes
 * @trap: the trap of a failed load, with the host's sepc; the caller resolves guest page faults
 *
 * Context: interrupts off, the guest's vsatp, vsstatus and hgatp loaded; clobbers the trap CSRs.
 * Return: bytes copied; fewer than @len if @trap was filled.
 */
size_t rvhv_load_guest_virt(unsigned long hstatus, void *dst, unsigned long gva, size_t len,
			    struct rvhv_trap *trap)
{
	lockdep_assert_irqs_disabled();
	return len - rvhv_asm_copy_from_guest(hstatus, dst, gva, len, csr_read(CSR_VSATP), trap);
}

/**
 * rvhv_store_guest_virt - write memory of the loaded guest at a guest virtual address
 * @hstatus: the guest's hstatus; SPVP selects the privilege
 * @gva: guest virtual address
 * @src: source; not freshly vmalloced memory
 * @len: bytes
 * @trap: as for rvhv_load_guest_virt(). Reading the guest's page table may raise a load guest-page
 *	fault
 *
 * Context: as rvhv_load_guest_virt().
 * Return: as rvhv_load_guest_virt().
 */
size_t rvhv_store_guest_virt(unsigned long hstatus, unsigned long gva, const void *src, size_t len,
			     struct rvhv_trap *trap)
{
	lockdep_assert_irqs_disabled();
	return len - rvhv_asm_copy_to_guest(hstatus, gva, src, len, csr_read(CSR_VSATP), trap);
}

/* QEMU reports every fault of HLVX as an instruction page fault; the causes are those of loads. */
static unsigned long hlvx_cause(const struct rvhv_trap *trap)
{
	switch (trap->scause) {
	case EXC_INST_PAGE_FAULT:
		return trap->htval ? EXC_LOAD_GUEST_PAGE_FAULT : EXC_LOAD_PAGE_FAULT;
	case EXC_INST_GUEST_PAGE_FAULT:
		return EXC_LOAD_GUEST_PAGE_FAULT;
	case EXC_INST_ACCESS:
		return EXC_LOAD_ACCESS;
	default:
		return trap->scause;
	}
}

/**
 * rvhv_guest_hlsv - execute one HLV, HLVX or HSV for the loaded guest
 * @hstatus: the guest's hstatus; SPVP selects the privilege
 * @gva: guest virtual address, of any alignment
 * @val: the value to store, or loaded, zero-extended
 * @op: the instruction
 * @sstatus: bits of sstatus to set for the access: SR_MXR or 0
 * @trap: the trap of a failed access; sepc and htinst are not those of a guest's instruction
 *
 * Context: interrupts off, the guest's vsatp, vsstatus and hgatp loaded; clobbers the trap CSRs.
 * Return: true on success, false if @trap was filled.
 */
bool rvhv_guest_hlsv(unsigned long hstatus, unsigned long gva, u64 *val, enum rvhv_hlsv op,
		     unsigned long sstatus, struct rvhv_trap *trap)
{
	lockdep_assert_irqs_disabled();
	if (!rvhv_asm_hlsv(hstatus, gva, val, op, sstatus, trap))
		return true;
	if (op == RVHV_HLVX_HU || op == RVHV_HLVX_WU)
		trap->scause = hlvx_cause(trap);
	return false;
}
