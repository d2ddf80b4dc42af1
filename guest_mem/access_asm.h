/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_ACCESS_ASM_H
#define _RVHV_ACCESS_ASM_H

#define RVHV_TRAP_SEPC		0
#define RVHV_TRAP_SCAUSE	8
#define RVHV_TRAP_STVAL		16
#define RVHV_TRAP_HTVAL		24
#define RVHV_TRAP_HTINST	32

#ifndef __ASSEMBLER__
#include <linux/types.h>

struct rvhv_trap;

/* The copies return the bytes left; if that is not 0, @trap is filled unless it is NULL. */
size_t rvhv_asm_copy_from_guest(unsigned long hstatus, void *dst, unsigned long addr, size_t len,
				unsigned long vsatp, struct rvhv_trap *trap);
size_t rvhv_asm_copy_to_guest(unsigned long hstatus, unsigned long addr, const void *src,
			      size_t len, unsigned long vsatp, struct rvhv_trap *trap);
/* These return 0, or 1 with the trap filled. */
int rvhv_asm_fetch_insn(unsigned long hstatus, unsigned long gva, u32 *insn,
			struct rvhv_trap *trap);
int rvhv_asm_hlsv(unsigned long hstatus, unsigned long gva, u64 *val, unsigned int op,
		  unsigned long sstatus, struct rvhv_trap *trap);
#endif

#endif /* _RVHV_ACCESS_ASM_H */
