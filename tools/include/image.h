/* SPDX-License-Identifier: GPL-2.0-only */
/* For assembler sources: the header of a flat RISC-V Image, whose first instruction skips it */
#ifndef TOOLS_IMAGE_H
#define TOOLS_IMAGE_H

	.macro	image_header entry
	.section .head, "ax"
	.option	norvc
	.option	norelax
	j	\entry
	nop
	.quad	0x200000, _end - _head, 0	/* text offset, size, flags */
	.word	2, 0				/* version 0.2 */
	.quad	0, 0x5643534952			/* "RISCV" */
	.ascii	"RSC\x05"
	.word	0
	.endm

#endif /* TOOLS_IMAGE_H */
