/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The RISC-V constants of the kernel's asm/csr.h, asm/sbi.h and asm/insn.h on any architecture, and
 * what follows from them alone: the pure files are built for UML as well, where <asm/...> means
 * another machine. Needs -I$(srctree).
 */
#ifndef _RVHV_ARCH_H
#define _RVHV_ARCH_H

#include <linux/bits.h>
#include <linux/types.h>

#ifdef CONFIG_RISCV
#include <asm/csr.h>
#include <asm/insn.h>
#include <asm/sbi.h>
#else
/* The headers expect these from the compiler and the configuration */
#define __riscv_xlen 64
#define CONFIG_RISCV_SBI 1
#include <arch/riscv/include/asm/csr.h>
#include <arch/riscv/include/asm/insn.h>
#include <arch/riscv/include/asm/sbi.h>
#endif

/* sstatus.MXR, which the kernel does not name */
#ifndef SR_MXR
#define SR_MXR	BIT(19)
#endif

/* The interrupts of VS level, by their bits in hvip, hip, hie and hideleg */
#define RVHV_VS_IRQS	(BIT(IRQ_VS_SOFT) | BIT(IRQ_VS_TIMER) | BIT(IRQ_VS_EXT))

#define RVHV_GUEST_PAGE_FAULTS	\
	(BIT(EXC_INST_GUEST_PAGE_FAULT) | BIT(EXC_LOAD_GUEST_PAGE_FAULT) |	\
	 BIT(EXC_STORE_GUEST_PAGE_FAULT))

static inline bool rvhv_is_guest_page_fault(unsigned long cause)
{
	return cause < BITS_PER_LONG && BIT(cause) & RVHV_GUEST_PAGE_FAULTS;
}

/* Guest physical address of a guest page fault: htval lacks the two lowest bits. */
static inline u64 rvhv_fault_gpa(unsigned long htval, unsigned long stval)
{
	return ((u64)htval << 2) | (stval & 3);
}

/* The access fault of the same kind as a guest page fault */
static inline unsigned long rvhv_access_fault_of(unsigned long cause)
{
	switch (cause) {
	case EXC_INST_GUEST_PAGE_FAULT:
		return EXC_INST_ACCESS;
	case EXC_LOAD_GUEST_PAGE_FAULT:
		return EXC_LOAD_ACCESS;
	default:
		return EXC_STORE_ACCESS;
	}
}

#endif /* _RVHV_ARCH_H */
