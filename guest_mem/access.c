// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only way to a guest's bytes.
 */
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

/* User address of @gpa, which is in @slot, also under speculation. */
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
	/* The bytes go before the look at a bit that may be set already. */
	smp_mb();
	for (; gfn <= last; gfn++)
		rvhv_slot_mark_dirty(slot, gfn);
}

/* Copy what one slot has of [gpa, gpa + len). Returns the bytes copied, or -EFAULT. */
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
 * rvhv_mem_has - is a range of guest physical memory there?
 * @mem: the VM's memory
 * @gpa: guest physical address
 * @len: bytes; the range may cross slots, and a range that wraps is not there
 * @write: only writable slots count
 *
 * That memory is behind the slots is not said.
 *
 * Context: any; takes mem->srcu. As many steps as the VM has slots, at most.
 * Return: true if every byte is in a slot; also for no byte at all.
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

/* One of @to and @from is NULL: the guest's side. */
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
 * @dst: where the bytes go
 * @gpa: guest physical address
 * @len: bytes; may cross pages and slots
 *
 * Context: process context of a thread of @mem->mm; may sleep; takes mem->srcu.
 * Return: 0, or -EFAULT if not every byte is in a slot with memory behind it (@dst then holds
 * anything).
 */
int rvhv_copy_from_guest(struct rvhv_mem *mem, void *dst, u64 gpa, size_t len)
{
	return copy_guest(mem, gpa, dst, NULL, len);
}

/**
 * rvhv_read_guest_u64 - read a doubleword of guest physical memory at once
 * @mem: the VM's memory
 * @val: the value
 * @gpa: guest physical address, a multiple of 8
 *
 * For page table entries, which the guest may change meanwhile: the value is one that was there.
 *
 * Context: process context of a thread of @mem->mm; may sleep; takes mem->srcu.
 * Return: 0, or -EFAULT if it is not in a slot with memory behind it.
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
 * rvhv_copy_to_guest - write guest physical memory
 * @mem: the VM's memory
 * @gpa: guest physical address
 * @src: the bytes
 * @len: how many; may cross pages and slots
 *
 * Marks the pages dirty.
 *
 * Context: process context of a thread of @mem->mm; may sleep; takes mem->srcu.
 * Return: 0, or -EFAULT if not every byte is in a writable slot with memory behind it (some may
 * have been written).
 */
int rvhv_copy_to_guest(struct rvhv_mem *mem, u64 gpa, const void *src, size_t len)
{
	return copy_guest(mem, gpa, NULL, src, len);
}

/**
 * rvhv_copy_from_guest_atomic - read memory of the loaded guest without sleeping
 * @hstatus: the guest's hstatus
 * @dst: where the bytes go; not freshly vmalloced memory
 * @gpa: guest physical address
 * @len: bytes
 *
 * Context: interrupts off, the guest's hgatp loaded; clobbers the trap CSRs.
 * Return: bytes copied; fewer than @len where the G-stage maps nothing.
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
 * rvhv_copy_to_guest_atomic - write memory of the loaded guest without sleeping
 * @hstatus: the guest's hstatus
 * @gpa: guest physical address
 * @src: the bytes; not freshly vmalloced memory
 * @len: how many
 *
 * A page that the G-stage lets the guest write is marked dirty already.
 *
 * Context: interrupts off, the guest's hgatp loaded; clobbers the trap CSRs.
 * Return: bytes copied; fewer than @len where the G-stage lets nothing be written.
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
 * HLVX reports load faults; an instruction fetch has causes of its own. QEMU reports every fault of
 * HLVX as an instruction page fault: that the G-stage is at fault shows in htval alone.
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
 * @trap: filled if the fetch faults: scause (12, 1 or 20), stval (of the half that faulted), htval,
 *	htinst; sepc = @gva. A cause of 20 with a slot behind it is for rvhv_mem_fault(), not for
 *	the guest.
 *
 * Context: interrupts off, the guest's vsatp, vsstatus and hgatp loaded; clobbers the trap CSRs.
 * Return: true if @insn was read, false if @trap was filled.
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
 * rvhv_load_guest_virt - read memory of the loaded guest at guest virtual addresses
 * @hstatus: the guest's hstatus; SPVP selects the privilege
 * @dst: where the bytes go; not freshly vmalloced memory
 * @gva: guest virtual address
 * @len: bytes
 * @trap: filled if a load faults: scause (5, 13 or 21), stval, htval, htinst. A cause of 21 with a
 *	slot behind it is for rvhv_mem_fault(), not for the guest. sepc is the host's.
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
 * rvhv_store_guest_virt - write memory of the loaded guest at guest virtual addresses
 * @hstatus: the guest's hstatus; SPVP selects the privilege
 * @gva: guest virtual address
 * @src: the bytes; not freshly vmalloced memory
 * @len: how many
 * @trap: filled if a store faults: scause (7, 15 or 23), stval, htval, htinst. A cause of 23, or of
 *	21 for a read of the guest's page table, with a slot behind it is for rvhv_mem_fault().
 *
 * Context: interrupts off, the guest's vsatp, vsstatus and hgatp loaded; clobbers the trap CSRs.
 * Return: bytes copied; fewer than @len if @trap was filled.
 */
size_t rvhv_store_guest_virt(unsigned long hstatus, unsigned long gva, const void *src, size_t len,
			     struct rvhv_trap *trap)
{
	lockdep_assert_irqs_disabled();
	return len - rvhv_asm_copy_to_guest(hstatus, gva, src, len, csr_read(CSR_VSATP), trap);
}

/*
 * HLVX reports what a load would, where it lacks the permission to execute, too. QEMU reports every
 * fault of it as an instruction page fault.
 */
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
 * rvhv_guest_hlsv - one HLV, HLVX or HSV in the loaded guest's place
 * @hstatus: the guest's hstatus; SPVP selects the privilege
 * @gva: guest virtual address, aligned or not
 * @val: what is stored, or where what is loaded goes, zero-extended
 * @op: the instruction
 * @sstatus: bits of sstatus to be set meanwhile: SR_MXR or 0
 * @trap: filled if it faults, as the guest's own instruction would, but for sepc and for the
 *	instruction in htinst
 *
 * Context: interrupts off, the guest's vsatp, vsstatus and hgatp loaded; clobbers the trap CSRs.
 * Return: true if it was carried out, false if @trap was filled.
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
