/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Access to a guest's memory.
 *
 * Through the slots, by guest physical address, with a struct rvhv_mem: may sleep. By HLV and HSV,
 * with the hstatus of the guest that is loaded on this CPU: interrupts off, never sleeps.
 */
#ifndef _RVHV_GUEST_MEM_ACCESS_H
#define _RVHV_GUEST_MEM_ACCESS_H

#include <linux/types.h>

struct rvhv_mem;
struct rvhv_trap;

bool rvhv_mem_has(struct rvhv_mem *mem, u64 gpa, u64 len, bool write);
int rvhv_read_guest_u64(struct rvhv_mem *mem, u64 *val, u64 gpa);
int rvhv_copy_from_guest(struct rvhv_mem *mem, void *dst, u64 gpa, size_t len);
int rvhv_copy_to_guest(struct rvhv_mem *mem, u64 gpa, const void *src, size_t len);

size_t rvhv_copy_from_guest_atomic(unsigned long hstatus, void *dst, u64 gpa, size_t len);
size_t rvhv_copy_to_guest_atomic(unsigned long hstatus, u64 gpa, const void *src, size_t len);
bool rvhv_fetch_guest_insn(unsigned long hstatus, unsigned long gva, u32 *insn,
			   struct rvhv_trap *trap);
size_t rvhv_load_guest_virt(unsigned long hstatus, void *dst, unsigned long gva, size_t len,
			    struct rvhv_trap *trap);
size_t rvhv_store_guest_virt(unsigned long hstatus, unsigned long gva, const void *src, size_t len,
			     struct rvhv_trap *trap);

/* Instructions of rvhv_guest_hlsv(), in the order of its table in access_asm.S */
enum rvhv_hlsv {
	RVHV_HLV_BU, RVHV_HLV_HU, RVHV_HLV_WU, RVHV_HLV_D,
	RVHV_HLVX_HU, RVHV_HLVX_WU,
	RVHV_HSV_B, RVHV_HSV_H, RVHV_HSV_W, RVHV_HSV_D,
};

bool rvhv_guest_hlsv(unsigned long hstatus, unsigned long gva, u64 *val, enum rvhv_hlsv op,
		     unsigned long sstatus, struct rvhv_trap *trap);

#endif /* _RVHV_GUEST_MEM_ACCESS_H */
