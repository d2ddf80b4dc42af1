/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The RISC-V constants of the kernel's asm/csr.h, asm/sbi.h and asm/insn.h, on any architecture:
 * the pure files are built for UML as well, where <asm/...> means another machine. Needs
 * -I$(srctree).
 */
#ifndef _RVHV_ARCH_H
#define _RVHV_ARCH_H

#ifdef CONFIG_RISCV
#include <asm/csr.h>
#include <asm/insn.h>
#include <asm/sbi.h>
#else
/* What the headers take from the compiler and the configuration of a RISC-V kernel */
#define __riscv_xlen 64
#define CONFIG_RISCV_SBI 1
#include <arch/riscv/include/asm/csr.h>
#include <arch/riscv/include/asm/insn.h>
#include <arch/riscv/include/asm/sbi.h>
#endif

#endif /* _RVHV_ARCH_H */
