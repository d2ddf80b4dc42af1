// SPDX-License-Identifier: GPL-2.0-only
/* A guest's memory, for handlers of this module and of others (include/linux/rvhv.h). */
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/sched/signal.h>

#include "../guest_mem/access.h"
#include "../guest_mem/fault.h"
#include "insn.h"
#include "../rvhv_vm.h"
#include "fence.h"
#include "run.h"
#include "trap.h"

/**
 * rvhv_vcpu_read_phys - read guest physical memory
 * @vcpu: the vCPU for which the caller's handler was called
 * @dst: where the bytes go
 * @gpa: guest physical address
 * @len: bytes; may cross pages and slots
 *
 * Context: the vCPU's thread; may sleep.
 * Return: 0, or -EFAULT if not every byte is in a slot with memory behind it (@dst then holds
 * anything). A range that wraps around is not.
 */
int rvhv_vcpu_read_phys(struct rvhv_vcpu *vcpu, void *dst, u64 gpa, size_t len)
{
	return rvhv_copy_from_guest(&vcpu->vm->mem, dst, gpa, len);
}
EXPORT_SYMBOL_GPL(rvhv_vcpu_read_phys);

/**
 * rvhv_vcpu_write_phys - write guest physical memory
 * @vcpu: the vCPU for which the caller's handler was called
 * @gpa: guest physical address
 * @src: the bytes
 * @len: how many; may cross pages and slots
 *
 * Pages are marked dirty in the dirty log.
 *
 * Context: the vCPU's thread; may sleep.
 * Return: 0, or -EFAULT if not every byte is in a writable slot with memory behind it (some may
 * have been written). A range that wraps around is not.
 */
int rvhv_vcpu_write_phys(struct rvhv_vcpu *vcpu, u64 gpa, const void *src, size_t len)
{
	return rvhv_copy_to_guest(&vcpu->vm->mem, gpa, src, len);
}
EXPORT_SYMBOL_GPL(rvhv_vcpu_write_phys);

/* Interrupts stay off for one page at a time. */
static size_t page_rest(unsigned long addr, size_t len)
{
	return min_t(size_t, len, PAGE_SIZE - offset_in_page(addr));
}

/* One of @dst and @src is set. Returns the bytes done. */
static size_t access_phys_atomic(struct rvhv_vcpu *vcpu, void *dst, const void *src, u64 gpa,
				 size_t len)
{
	size_t done = 0, chunk, got;
	unsigned long flags;

	if (!rvhv_mem_has(&vcpu->vm->mem, gpa, min_t(size_t, len, 1), !!src))
		return 0;
	do {
		chunk = page_rest(gpa + done, len - done);
		local_irq_save(flags);
		got = 0;
		if (rvhv_vcpu_tlb_ready(vcpu))
			got = src ? rvhv_copy_to_guest_atomic(vcpu->sw.hstatus, gpa + done,
							      src + done, chunk) :
				    rvhv_copy_from_guest_atomic(vcpu->sw.hstatus, dst + done,
								gpa + done, chunk);
		local_irq_restore(flags);
		done += got;
	} while (got == chunk && done < len);
	return done;
}

/**
 * rvhv_vcpu_read_phys_atomic - read guest physical memory without sleeping
 * @vcpu: the vCPU for which the caller's handler or observer was called
 * @dst: where the bytes go; not freshly vmalloced memory
 * @gpa: guest physical address
 * @len: bytes; may cross pages and slots
 *
 * Reads pages that are in a slot and mapped in the G-stage. rvhv_vcpu_read_phys() reads the others.
 *
 * Context: the vCPU's thread; interrupts may be off; does not sleep.
 * Return: bytes read; fewer than @len if the next page is not mapped.
 */
size_t rvhv_vcpu_read_phys_atomic(struct rvhv_vcpu *vcpu, void *dst, u64 gpa, size_t len)
{
	return access_phys_atomic(vcpu, dst, NULL, gpa, len);
}
EXPORT_SYMBOL_GPL(rvhv_vcpu_read_phys_atomic);

/**
 * rvhv_vcpu_write_phys_atomic - write guest physical memory without sleeping
 * @vcpu: the vCPU for which the caller's handler or observer was called
 * @gpa: guest physical address
 * @src: the bytes; not freshly vmalloced memory
 * @len: how many; may cross pages and slots
 *
 * Writes pages that are mapped writable in the G-stage, and so in the dirty log already.
 *
 * Context: the vCPU's thread; interrupts may be off; does not sleep.
 * Return: bytes written; fewer than @len if the next page is not mapped writable.
 */
size_t rvhv_vcpu_write_phys_atomic(struct rvhv_vcpu *vcpu, u64 gpa, const void *src, size_t len)
{
	return access_phys_atomic(vcpu, NULL, src, gpa, len);
}
EXPORT_SYMBOL_GPL(rvhv_vcpu_write_phys_atomic);

/* An access at guest virtual addresses; one of the three pointers is set. */
struct virt_access {
	u32 *insn;		/* fetch */
	void *dst;		/* load */
	const void *src;	/* store */
	unsigned long gva;
	size_t len;		/* 1 for a fetch */
};

/* Accesses one page. Returns the bytes done; with fewer than @chunk, @trap is filled. */
static size_t access_once(struct rvhv_vcpu *vcpu, const struct virt_access *a, size_t done,
			  size_t chunk, struct rvhv_trap *trap)
{
	unsigned long hstatus = rvhv_unpriv_hstatus(vcpu);
	unsigned long gva = a->gva + done;

	if (a->insn)
		return rvhv_fetch_guest_insn(hstatus, gva, a->insn, trap);
	if (a->dst)
		return rvhv_load_guest_virt(hstatus, a->dst + done, gva, chunk, trap);
	return rvhv_store_guest_virt(hstatus, gva, a->src + done, chunk, trap);
}

static unsigned long access_cause(const struct virt_access *a)
{
	if (a->insn)
		return EXC_INST_ACCESS;
	return a->dst ? EXC_LOAD_ACCESS : EXC_STORE_ACCESS;
}

/*
 * Maps a page that is not mapped yet, as if the guest had accessed it. Returns 0: try again; 1: the
 * guest would take @trap; or a negative errno.
 */
static int resolve(struct rvhv_vcpu *vcpu, const struct virt_access *a, size_t done,
		   struct rvhv_trap *trap)
{
	unsigned long gva = a->gva + done;
	struct rvhv_fault fault;

	trap->sepc = vcpu->sw.sepc;
	if (!rvhv_is_guest_page_fault(trap->scause))
		return 1;
	fault.gpa = (u64)trap->htval << 2;
	fault.write = trap->scause == EXC_STORE_GUEST_PAGE_FAULT ||
		      rvhv_insn_pseudo_write(trap->htinst);
	switch (rvhv_mem_fault(&vcpu->vm->mem, &vcpu->cache, &fault)) {
	case RVHV_FAULT_MAPPED:
		return 0;
	case RVHV_FAULT_FAILED:
		return fault.error;
	case RVHV_FAULT_MMIO:
		break;
	}
	*trap = (struct rvhv_trap) {
		.sepc = vcpu->sw.sepc,
		.scause = access_cause(a),
		.stval = gva,
	};
	return 1;
}

static int access_virt(struct rvhv_vcpu *vcpu, const struct virt_access *a, struct rvhv_trap *trap)
{
	size_t done = 0, chunk, got;
	bool ready;
	int ret;

	might_sleep();
	while (done < a->len) {
		chunk = page_rest(a->gva + done, a->len - done);
		got = 0;
		local_irq_disable();
		ready = rvhv_vcpu_begin_access(vcpu);
		if (ready) {
			got = access_once(vcpu, a, done, chunk, trap);
			rvhv_vcpu_end_access(vcpu);
		}
		local_irq_enable();
		if (!ready) {
			if (signal_pending(current))
				return -EINTR;
			rvhv_vcpu_prepare_access(vcpu, vcpu->stage);
			continue;
		}
		done += got;
		if (got == chunk)
			continue;
		ret = resolve(vcpu, a, done, trap);
		if (ret)
			return ret;
		/*
		 * The host or another hart of the guest may unmap the page as often as it is
		 * mapped here.
		 */
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/**
 * rvhv_vcpu_fetch_insn - read an instruction at a guest virtual address
 * @vcpu: the vCPU for which the caller's handler was called
 * @gva: guest virtual address, even
 * @insn: 16 or 32 bits, zero-extended
 * @trap: filled where 1 is returned
 *
 * With the guest's own privilege and permission to execute. Maps pages that are not mapped yet.
 *
 * Context: the vCPU's thread; may sleep.
 * Return: 0; 1 if the guest itself would fault: @trap is what it would take (instruction page fault
 * or access fault), for RVHV_VERDICT_INJECT; or a negative errno for KVM_RUN: -EFAULT, -ENOMEM,
 * -EINTR.
 */
int rvhv_vcpu_fetch_insn(struct rvhv_vcpu *vcpu, unsigned long gva, u32 *insn,
			 struct rvhv_trap *trap)
{
	const struct virt_access a = { .insn = insn, .gva = gva, .len = 1 };

	return access_virt(vcpu, &a, trap);
}
EXPORT_SYMBOL_GPL(rvhv_vcpu_fetch_insn);

/**
 * rvhv_vcpu_read_virt - load from guest virtual addresses
 * @vcpu: the vCPU for which the caller's handler was called
 * @dst: where the bytes go; not freshly vmalloced memory
 * @gva: guest virtual address
 * @len: bytes; may cross pages
 * @trap: filled where 1 is returned
 *
 * With the guest's own privilege and permissions. Maps pages that are not mapped yet.
 *
 * Context: the vCPU's thread; may sleep.
 * Return: 0; 1 if the guest itself would fault at @trap->stval: @trap is what it would take (load
 * page fault or access fault), for RVHV_VERDICT_INJECT; or a negative errno for KVM_RUN: -EFAULT,
 * -ENOMEM, -EINTR.
 */
int rvhv_vcpu_read_virt(struct rvhv_vcpu *vcpu, void *dst, unsigned long gva, size_t len,
			struct rvhv_trap *trap)
{
	const struct virt_access a = { .dst = dst, .gva = gva, .len = len };

	return access_virt(vcpu, &a, trap);
}
EXPORT_SYMBOL_GPL(rvhv_vcpu_read_virt);

/**
 * rvhv_vcpu_write_virt - store to guest virtual addresses
 * @vcpu: the vCPU for which the caller's handler was called
 * @gva: guest virtual address
 * @src: the bytes; not freshly vmalloced memory
 * @len: how many; may cross pages
 * @trap: filled where 1 is returned
 *
 * As rvhv_vcpu_read_virt(), with store page faults and access faults. The bytes before @trap->stval
 * have been written.
 *
 * Context: the vCPU's thread; may sleep.
 * Return: as rvhv_vcpu_read_virt().
 */
int rvhv_vcpu_write_virt(struct rvhv_vcpu *vcpu, unsigned long gva, const void *src, size_t len,
			 struct rvhv_trap *trap)
{
	const struct virt_access a = { .src = src, .gva = gva, .len = len };

	return access_virt(vcpu, &a, trap);
}
EXPORT_SYMBOL_GPL(rvhv_vcpu_write_virt);
