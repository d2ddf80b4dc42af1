/* SPDX-License-Identifier: GPL-2.0-only */
/* The header of a flat Image, whose first instruction jumps over it, and where the harts start. */
	.section .head, "ax"
	.option	norvc
	.option	norelax
	j	start
	nop
	.quad	0x200000, _end - _head, 0
	.word	2, 0
	.quad	0, 0x5643534952
	.ascii	"RSC\x05"
	.word	0

	.macro	enter main
	la	t0, stacks
	addi	t1, a0, 1
	slli	t1, t1, 12
	add	sp, t0, t1
	j	\main
	.endm

start:
	enter	guest_main
	.globl	second
second:
	enter	second_main
