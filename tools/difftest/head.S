/* SPDX-License-Identifier: GPL-2.0-only */
/* The header of a flat Image, entry to the code under test, trap vectors of HS and VS mode */
#include "image.h"

	image_header start

/*
 * Firmware starts any hart. QEMU's other harts have other modes of satp and hgatp, so hart 0
 * continues (SBI HSM, hart_start and hart_stop).
 */
start:
	beqz	a0, 1f
	mv	a2, a1
	la	a1, start
	li	a0, 0
	li	a6, 0
	li	a7, 0x48534d
	ecall
	li	a6, 1
	ecall
	j	.
1:	la	sp, stack_end
	la	t0, hs_trap
	csrw	stvec, t0
	csrw	sscratch, zero
	csrw	satp, zero
	tail	program

/* struct cpu: x[0] is the pc, then CSRs after the trap, then the caller's sp */
#define PC	0
#define X(n)	((n) * 8)
#define SSTATUS	X(32)
#define HSTATUS	X(33)
#define SCAUSE	X(34)
#define SEPC	X(35)
#define STVAL	X(36)
#define HTVAL	X(37)
#define HTINST	X(38)
#define SP	X(39)

	.macro	load_all
	.irp	n, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	x\n, X(\n)(a0)
	.endr
	ld	a0, X(10)(a0)
	.endm

	.macro	save_all
	.irp	n, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	sd	x\n, X(\n)(a0)
	.endr
	csrr	t0, sscratch
	sd	t0, X(10)(a0)
	.endm

	.macro	save_csr csr, where
	csrr	t0, \csr
	sd	t0, \where(a0)
	.endm

	.macro	callee_saved op
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11
	\op	s\n, 8 * \n(sp)
	.endr
	\op	ra, 96(sp)
	.endm

/* enter(cpu, sret): run the code at cpu->x[0], by SRET or by a jump; x31 gets its address. */
	.globl	enter
enter:
	addi	sp, sp, -112
	callee_saved sd
	sd	sp, SP(a0)
	csrw	sscratch, a0
	ld	t0, PC(a0)
	sd	t0, X(31)(a0)
	beqz	a1, 1f
	csrw	sepc, t0
	load_all
	sret
1:	load_all
	jr	t6

/* A trap of the code: enter() returns. */
	.balign	4
hs_trap:
	csrrw	a0, sscratch, a0
	beqz	a0, 1f
	save_all
	save_csr scause, SCAUSE
	j	leave
1:	csrr	a0, scause
	csrr	a1, sepc
	csrr	a2, stval
	la	sp, stack_end
	tail	died

/* The return address (ra) of code in HS mode that ends without a trap */
	.globl	hs_return
hs_return:
	csrrw	a0, sscratch, a0
	save_all
	li	t0, -1
	sd	t0, SCAUSE(a0)
leave:
	csrw	sscratch, zero
	save_csr sepc, SEPC
	save_csr stval, STVAL
	save_csr sstatus, SSTATUS
	save_csr htval, HTVAL
	save_csr htinst, HTINST
	save_csr hstatus, HSTATUS
	ld	sp, SP(a0)
	callee_saved ld
	addi	sp, sp, 112
	ret

/* VS mode's vector traps to HS mode, which reads the VS CSRs. */
	.balign	4
	.globl	vs_trap
vs_trap:
	ecall
	j	vs_trap

	.bss
	.balign	16
	.skip	16384
stack_end:
