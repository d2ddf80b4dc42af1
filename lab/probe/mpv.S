/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Run by lab/qemu.sh in M-mode: set mstatus.GVA and MPV, read them back, and end QEMU by the
 * virt machine's test device: status 0 if both stayed, 1 if not.
 */
	.globl	_start
_start:
	li	t0, (1 << 39) | (1 << 38)	/* MPV, GVA */
	csrs	mstatus, t0
	csrr	t1, mstatus
	and	t1, t1, t0
	li	t2, 0x100000			/* sifive_test */
	li	t3, 0x5555			/* pass */
	beq	t1, t0, 1f
	li	t3, 0x13333			/* fail, status 1 */
1:	sw	t3, 0(t2)
2:	j	2b
