// SPDX-License-Identifier: GPL-2.0-only
/* The world switch of nested_guest.h. All of this file runs in the guest. */
#include "nested_guest.h"

static_assert(offsetof(struct hart, l2_regs) == 0, "l1_enter_l2");
static_assert(offsetof(struct hart, l1_regs) == 256, "l1_enter_l2");

asm("	.pushsection guest_text, \"ax\"\n"
"	.globl l1_enter_l2\n"
"l1_enter_l2:\n"
"	sd ra, 256(a0)\n	sd sp, 264(a0)\n"
"	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11\n"
"	sd s\\n, (272 + 8 * \\n)(a0)\n"
"	.endr\n"
"	csrw sscratch, a0\n"
"	.irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20\n"
"	ld x\\n, (8 * \\n)(a0)\n"
"	.endr\n"
"	.irp n, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 10\n"
"	ld x\\n, (8 * \\n)(a0)\n"
"	.endr\n"
"	sret\n"
"	.balign 4\n"
"	.globl l1_from_l2\n"
"l1_from_l2:\n"
"	csrrw a0, sscratch, a0\n"
"	.irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20\n"
"	sd x\\n, (8 * \\n)(a0)\n"
"	.endr\n"
"	.irp n, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n"
"	sd x\\n, (8 * \\n)(a0)\n"
"	.endr\n"
"	csrr t0, sscratch\n"
"	sd t0, 80(a0)\n"
"	ld ra, 256(a0)\n	ld sp, 264(a0)\n"
"	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11\n"
"	ld s\\n, (272 + 8 * \\n)(a0)\n"
"	.endr\n"
"	ret\n"
/* Saves the caller-saved registers on the L2's stack. */
"	.balign 4\n"
"	.globl l2_trap_entry\n"
"l2_trap_entry:\n"
"	addi sp, sp, -256\n"
"	.irp n, 1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31\n"
"	sd x\\n, (8 * \\n)(sp)\n"
"	.endr\n"
"	csrr a0, sscratch\n"
"	call l2_trap_c\n"
"	.irp n, 1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31\n"
"	ld x\\n, (8 * \\n)(sp)\n"
"	.endr\n"
"	addi sp, sp, 256\n"
"	sret\n"
"	.popsection\n"
);

__guest __attribute__((weak)) void l2_trap_c(struct hart *h)
{
	L2_FAIL_AT("unexpected trap of the L2: scause", csr_read(scause));
}
