/* SPDX-License-Identifier: GPL-2.0-only */
/* Floating point registers to and from struct __riscv_d_ext_state: f0 to f31, then fcsr. */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/csr.h>

#define FCSR_OFFSET	256

.macro all_fprs op
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, \
		16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\op	f\n, (\n * 8)(a0)
	.endr
.endm

	.text

/* void rvhv_fp_regs_save(struct __riscv_d_ext_state *to) */
SYM_FUNC_START(rvhv_fp_regs_save)
	li	t1, SR_FS
	csrrs	t2, CSR_SSTATUS, t1
	all_fprs fsd
	frcsr	t0
	sw	t0, FCSR_OFFSET(a0)
	csrw	CSR_SSTATUS, t2
	ret
SYM_FUNC_END(rvhv_fp_regs_save)

/* void rvhv_fp_regs_load(const struct __riscv_d_ext_state *from) */
SYM_FUNC_START(rvhv_fp_regs_load)
	li	t1, SR_FS
	csrrs	t2, CSR_SSTATUS, t1
	all_fprs fld
	lw	t0, FCSR_OFFSET(a0)
	fscsr	t0
	csrw	CSR_SSTATUS, t2
	ret
SYM_FUNC_END(rvhv_fp_regs_load)
