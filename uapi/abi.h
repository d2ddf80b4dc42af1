/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The userspace ABI: KVM's for RISC-V and rvhv's additions. User Mode Linux has another
 * architecture's <asm/kvm.h>, which is replaced by RISC-V's.
 */
#ifndef _RVHV_ABI_H
#define _RVHV_ABI_H

#include <linux/kvm_types.h>
#ifndef CONFIG_RISCV
#include <asm/ptrace.h>
#define _ASM_X86_KVM_H
#define user_regs_struct rvhv_riscv_regs
#include <arch/riscv/include/uapi/asm/ptrace.h>
#include <arch/riscv/include/uapi/asm/kvm.h>
#undef user_regs_struct
#endif
#include <linux/kvm.h>

#include "linux/rvhv.h"

#endif /* _RVHV_ABI_H */
