/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_GUEST_MEM_TLB_H
#define _RVHV_GUEST_MEM_TLB_H

#include <linux/types.h>

/* Longer ranges are fenced as a whole VMID or ASID. */
#define RVHV_FENCE_MAX_PAGES	64

void rvhv_hfence_gvma_all_local(void);
void rvhv_hfence_gvma_vmid_local(unsigned long vmid);
void rvhv_hfence_gvma_page_local(unsigned long vmid, u64 gpa);
void rvhv_hfence_gvma_range_local(unsigned long vmid, u64 gpa, u64 npages);
void rvhv_hfence_vvma_all_local(void);
void rvhv_hfence_vvma_asid_local(unsigned long asid);
void rvhv_hfence_vvma_range_local(unsigned long gva, unsigned long size);
void rvhv_hfence_vvma_asid_range_local(unsigned long asid, unsigned long gva, unsigned long size);

#endif /* _RVHV_GUEST_MEM_TLB_H */
