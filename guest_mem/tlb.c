// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hypervisor fences on this CPU.
 *
 * Privileged specification, "Hypervisor Memory-Management Fence Instructions".
 */
#include <linux/mm.h>

#include <asm/csr.h>
#include <asm/insn-def.h>

#include "host.h"
#include "tlb.h"

/* The operands of hfence.gvma and hinval.gvma are shifted right by two. */
#define GPA_OPERAND_SHIFT	2

/* One instruction each. Operands are registers by name, as x0 means "all". */
static __always_inline void hfence_gvma(u64 gpa, unsigned long vmid)
{
	register unsigned long rs1 asm("a0") = gpa >> GPA_OPERAND_SHIFT;
	register unsigned long rs2 asm("a1") = vmid;

	asm volatile(HFENCE_GVMA(a0, a1) : : "r" (rs1), "r" (rs2) : "memory");
}

static __always_inline void hinval_gvma(u64 gpa, unsigned long vmid)
{
	register unsigned long rs1 asm("a0") = gpa >> GPA_OPERAND_SHIFT;
	register unsigned long rs2 asm("a1") = vmid;

	asm volatile(HINVAL_GVMA(a0, a1) : : "r" (rs1), "r" (rs2) : "memory");
}

static __always_inline void hfence_vvma(unsigned long gva)
{
	register unsigned long rs1 asm("a0") = gva;

	asm volatile(HFENCE_VVMA(a0, zero) : : "r" (rs1) : "memory");
}

static __always_inline void hinval_vvma(unsigned long gva)
{
	register unsigned long rs1 asm("a0") = gva;

	asm volatile(HINVAL_VVMA(a0, zero) : : "r" (rs1) : "memory");
}

static __always_inline void hfence_vvma_asid(unsigned long gva, unsigned long asid)
{
	register unsigned long rs1 asm("a0") = gva;
	register unsigned long rs2 asm("a1") = asid;

	asm volatile(HFENCE_VVMA(a0, a1) : : "r" (rs1), "r" (rs2) : "memory");
}

static __always_inline void hinval_vvma_asid(unsigned long gva, unsigned long asid)
{
	register unsigned long rs1 asm("a0") = gva;
	register unsigned long rs2 asm("a1") = asid;

	asm volatile(HINVAL_VVMA(a0, a1) : : "r" (rs1), "r" (rs2) : "memory");
}

static __always_inline void hfence_vvma_all_of_asid(unsigned long asid)
{
	register unsigned long rs2 asm("a0") = asid;

	asm volatile(HFENCE_VVMA(zero, a0) : : "r" (rs2) : "memory");
}

static __always_inline void sfence_w_inval(void)
{
	asm volatile(SFENCE_W_INVAL() : : : "memory");
}

static __always_inline void sfence_inval_ir(void)
{
	asm volatile(SFENCE_INVAL_IR() : : : "memory");
}

/**
 * rvhv_hfence_gvma_all_local - drop every G-stage translation of this CPU
 */
void rvhv_hfence_gvma_all_local(void)
{
	asm volatile(HFENCE_GVMA(zero, zero) : : : "memory");
}

void rvhv_hfence_gvma_vmid_local(unsigned long vmid)
{
	register unsigned long rs2 asm("a0") = vmid;

	asm volatile(HFENCE_GVMA(zero, a0) : : "r" (rs2) : "memory");
}

void rvhv_hfence_gvma_page_local(unsigned long vmid, u64 gpa)
{
	hfence_gvma(gpa, vmid);
}

/**
 * rvhv_hfence_gvma_range_local - drop the G-stage translations of a range on this CPU
 * @vmid: the VMID
 * @gpa: guest physical address, page-aligned
 * @npages: pages; over RVHV_FENCE_MAX_PAGES everything of @vmid is dropped
 */
void rvhv_hfence_gvma_range_local(unsigned long vmid, u64 gpa, u64 npages)
{
	if (npages > RVHV_FENCE_MAX_PAGES) {
		rvhv_hfence_gvma_vmid_local(vmid);
		return;
	}
	if (!rvhv_mem_host.svinval) {
		for (; npages; npages--, gpa += PAGE_SIZE)
			hfence_gvma(gpa, vmid);
		return;
	}
	sfence_w_inval();
	for (; npages; npages--, gpa += PAGE_SIZE)
		hinval_gvma(gpa, vmid);
	sfence_inval_ir();
}

/**
 * rvhv_hfence_vvma_all_local - drop every VS-stage translation of the VMID in hgatp on this CPU
 *
 * Context: interrupts off, as for the other rvhv_hfence_vvma_*().
 */
void rvhv_hfence_vvma_all_local(void)
{
	asm volatile(HFENCE_VVMA(zero, zero) : : : "memory");
}

/**
 * rvhv_hfence_vvma_asid_local - drop those of one ASID
 * @asid: the ASID
 */
void rvhv_hfence_vvma_asid_local(unsigned long asid)
{
	hfence_vvma_all_of_asid(asid);
}

/* Pages of [gva, gva + size), or 0 if it is empty, wraps or is too long to fence by pages. */
static unsigned long fence_pages(unsigned long gva, unsigned long size)
{
	unsigned long last = gva + size - 1;
	unsigned long npages;

	if (!size || last < gva)
		return 0;
	npages = (last >> PAGE_SHIFT) - (gva >> PAGE_SHIFT) + 1;
	return npages <= RVHV_FENCE_MAX_PAGES ? npages : 0;
}

/* Of all ASIDs if @asid is NULL. */
static __always_inline void hfence_vvma_pages(const unsigned long *asid, unsigned long gva,
					      unsigned long npages)
{
	if (rvhv_mem_host.svinval) {
		sfence_w_inval();
		for (; npages; npages--, gva += PAGE_SIZE) {
			if (asid)
				hinval_vvma_asid(gva, *asid);
			else
				hinval_vvma(gva);
		}
		sfence_inval_ir();
	} else {
		for (; npages; npages--, gva += PAGE_SIZE) {
			if (asid)
				hfence_vvma_asid(gva, *asid);
			else
				hfence_vvma(gva);
		}
	}
}

/**
 * rvhv_hfence_vvma_range_local - drop the VS-stage translations of a range on this CPU
 * @gva: guest virtual address
 * @size: bytes; for a range that is long, empty or wraps everything is dropped
 */
void rvhv_hfence_vvma_range_local(unsigned long gva, unsigned long size)
{
	unsigned long npages = fence_pages(gva, size);

	if (npages)
		hfence_vvma_pages(NULL, gva, npages);
	else
		rvhv_hfence_vvma_all_local();
}

/**
 * rvhv_hfence_vvma_asid_range_local - drop those of one ASID
 * @asid: the ASID
 * @gva: guest virtual address
 * @size: bytes; for a range that is long, empty or wraps everything of @asid is dropped
 */
void rvhv_hfence_vvma_asid_range_local(unsigned long asid, unsigned long gva, unsigned long size)
{
	unsigned long npages = fence_pages(gva, size);

	if (npages)
		hfence_vvma_pages(&asid, gva, npages);
	else
		rvhv_hfence_vvma_asid_local(asid);
}
