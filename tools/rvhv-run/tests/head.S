/* SPDX-License-Identifier: GPL-2.0-only */
/* The header of a flat Image, and the harts' entry points */
#include "image.h"

	image_header start

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
