/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The world switch: general registers, sstatus, hstatus, sepc, stvec and sscratch. VS CSRs stay in
 * the hart while the vCPU is loaded (load.c); floating point and vector registers move when needed.
 */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/csr.h>

#include "switch.h"

/* Frame on the host's stack, 16-byte aligned */
#define FRAME_RA	0
#define FRAME_GP	8
#define FRAME_TP	16
#define FRAME_S(n)	(24 + (n) * 8)
#define FRAME_SSTATUS	120
#define FRAME_STVEC	128
#define FRAME_SIZE	144

/* Guest registers except x0 and a0 (x10), which holds struct rvhv_switch */
.macro guest_gprs op
	\op	x1, RVHV_SW_GPR(1)(a0)
	\op	x2, RVHV_SW_GPR(2)(a0)
	\op	x3, RVHV_SW_GPR(3)(a0)
	\op	x4, RVHV_SW_GPR(4)(a0)
	\op	x5, RVHV_SW_GPR(5)(a0)
	\op	x6, RVHV_SW_GPR(6)(a0)
	\op	x7, RVHV_SW_GPR(7)(a0)
	\op	x8, RVHV_SW_GPR(8)(a0)
	\op	x9, RVHV_SW_GPR(9)(a0)
	\op	x11, RVHV_SW_GPR(11)(a0)
	\op	x12, RVHV_SW_GPR(12)(a0)
	\op	x13, RVHV_SW_GPR(13)(a0)
	\op	x14, RVHV_SW_GPR(14)(a0)
	\op	x15, RVHV_SW_GPR(15)(a0)
	\op	x16, RVHV_SW_GPR(16)(a0)
	\op	x17, RVHV_SW_GPR(17)(a0)
	\op	x18, RVHV_SW_GPR(18)(a0)
	\op	x19, RVHV_SW_GPR(19)(a0)
	\op	x20, RVHV_SW_GPR(20)(a0)
	\op	x21, RVHV_SW_GPR(21)(a0)
	\op	x22, RVHV_SW_GPR(22)(a0)
	\op	x23, RVHV_SW_GPR(23)(a0)
	\op	x24, RVHV_SW_GPR(24)(a0)
	\op	x25, RVHV_SW_GPR(25)(a0)
	\op	x26, RVHV_SW_GPR(26)(a0)
	\op	x27, RVHV_SW_GPR(27)(a0)
	\op	x28, RVHV_SW_GPR(28)(a0)
	\op	x29, RVHV_SW_GPR(29)(a0)
	\op	x30, RVHV_SW_GPR(30)(a0)
	\op	x31, RVHV_SW_GPR(31)(a0)
.endm

/* The callee-saved registers, ra, gp and tp */
.macro host_gprs op
	\op	ra, FRAME_RA(sp)
	\op	gp, FRAME_GP(sp)
	\op	tp, FRAME_TP(sp)
	\op	s0, FRAME_S(0)(sp)
	\op	s1, FRAME_S(1)(sp)
	\op	s2, FRAME_S(2)(sp)
	\op	s3, FRAME_S(3)(sp)
	\op	s4, FRAME_S(4)(sp)
	\op	s5, FRAME_S(5)(sp)
	\op	s6, FRAME_S(6)(sp)
	\op	s7, FRAME_S(7)(sp)
	\op	s8, FRAME_S(8)(sp)
	\op	s9, FRAME_S(9)(sp)
	\op	s10, FRAME_S(10)(sp)
	\op	s11, FRAME_S(11)(sp)
.endm

	.section .noinstr.text, "ax"
	.option norelax

/* void rvhv_switch_to_guest(struct rvhv_switch *sw), interrupts off */
SYM_FUNC_START(rvhv_switch_to_guest)
	addi	sp, sp, -FRAME_SIZE
	host_gprs REG_S
	REG_S	sp, RVHV_SW_HOST_SP(a0)

	REG_L	t0, RVHV_SW_SSTATUS(a0)
	REG_L	t1, RVHV_SW_HSTATUS(a0)
	REG_L	t2, RVHV_SW_SEPC(a0)
	la	t3, .Lguest_exit
	csrrw	t3, CSR_STVEC, t3
	csrrw	t0, CSR_SSTATUS, t0
	csrw	CSR_HSTATUS, t1
	csrw	CSR_SEPC, t2
	csrw	CSR_SSCRATCH, a0
	REG_S	t0, FRAME_SSTATUS(sp)
	REG_S	t3, FRAME_STVEC(sp)

	guest_gprs REG_L
	REG_L	x10, RVHV_SW_GPR(10)(a0)
	sret

	.balign 4
.Lguest_exit:
	csrrw	a0, CSR_SSCRATCH, a0
	guest_gprs REG_S
	/* The kernel runs with sscratch zero, which marks a trap from kernel mode. */
	csrrw	t0, CSR_SSCRATCH, zero
	csrr	t1, CSR_SEPC
	REG_S	t0, RVHV_SW_GPR(10)(a0)
	REG_S	t1, RVHV_SW_SEPC(a0)

	REG_L	sp, RVHV_SW_HOST_SP(a0)
	REG_L	t0, FRAME_SSTATUS(sp)
	REG_L	t1, FRAME_STVEC(sp)
	csrrw	t0, CSR_SSTATUS, t0
	csrw	CSR_STVEC, t1
	csrr	t1, CSR_SCAUSE
	csrr	t2, CSR_STVAL
	REG_S	t0, RVHV_SW_SSTATUS(a0)
	REG_S	t1, RVHV_SW_TRAP_SCAUSE(a0)
	REG_S	t2, RVHV_SW_TRAP_STVAL(a0)

	/* htval and htinst are valid for guest page faults. */
	addi	t1, t1, -EXC_INST_GUEST_PAGE_FAULT
	sltiu	t1, t1, EXC_STORE_GUEST_PAGE_FAULT - EXC_INST_GUEST_PAGE_FAULT + 1
	beqz	t1, 1f
	csrr	t1, CSR_HTVAL
	csrr	t2, CSR_HTINST
	REG_S	t1, RVHV_SW_TRAP_HTVAL(a0)
	REG_S	t2, RVHV_SW_TRAP_HTINST(a0)
1:
	host_gprs REG_L
	addi	sp, sp, FRAME_SIZE
	ret
SYM_FUNC_END(rvhv_switch_to_guest)
