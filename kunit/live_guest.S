/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guests of the live suites: position-independent programs that begin at their first byte, in VS
 * mode with translation off. They report values by stores to LIVE_REPORT.
 */
#include <asm/csr.h>

#include "live.h"

.macro guest name
	.section .rodata, "a"
	.balign	8
	.globl	live_guest_\name
	.globl	live_guest_\name\()_end
live_guest_\name:
	.option push
	.option norvc
	.option norelax
.endm

.macro guest_end name
	.option pop
live_guest_\name\()_end:
.endm

/* Clobbers t6 */
.macro report reg
	li	t6, LIVE_REPORT
	sd	\reg, (t6)
.endm

.macro sbi eid, fid
	li	a7, \eid
	li	a6, \fid
	ecall
.endm

/* Forever: load a0..a7 from LIVE_ARGS, call, report a0 and a1 */
guest sbi
1:	li	t0, LIVE_ARGS
	ld	a0, 0(t0)
	ld	a1, 8(t0)
	ld	a2, 16(t0)
	ld	a3, 24(t0)
	ld	a4, 32(t0)
	ld	a5, 40(t0)
	ld	a6, 48(t0)
	ld	a7, 56(t0)
	ecall
	report	a0
	report	a1
	j	1b
guest_end sbi

/* Each kind of load from a device, then each kind of store, plain and compressed */
guest mmio
	li	s0, LIVE_DEVICE
	lb	s1, 0(s0)
	report	s1
	lbu	s1, 0(s0)
	report	s1
	lh	s1, 2(s0)
	report	s1
	lhu	s1, 2(s0)
	report	s1
	lw	s1, 4(s0)
	report	s1
	lwu	s1, 4(s0)
	report	s1
	ld	s1, 8(s0)
	report	s1
	.option push
	.option rvc
	c.lw	s1, 4(s0)
	.option norvc
	report	s1
	.option rvc
	c.ld	s1, 8(s0)
	.option norvc
	report	s1
	.option pop
	lw	zero, 4(s0)
	report	zero
	li	s1, 0x8182838485868788
	sb	s1, 0(s0)
	sh	s1, 2(s0)
	sw	s1, 4(s0)
	sd	s1, 8(s0)
	.option push
	.option rvc
	c.sw	s1, 4(s0)
	c.sd	s1, 8(s0)
	.option pop
	report	zero
guest_end mmio

/* a0: address, a1: pages. Store a number into each, then report the sum of what is read back */
guest touch
1:	mv	t0, a0
	mv	t1, a1
	li	t2, 4096
2:	sd	t1, (t0)
	add	t0, t0, t2
	addi	t1, t1, -1
	bnez	t1, 2b
	mv	t0, a0
	mv	t1, a1
	li	s1, 0
3:	ld	t3, (t0)
	add	s1, s1, t3
	add	t0, t0, t2
	addi	t1, t1, -1
	bnez	t1, 3b
	report	s1
	j	1b
guest_end touch

/* a0: address. Forever: report the word there */
guest peek
1:	ld	s1, (a0)
	report	s1
	j	1b
guest_end peek

/* a0: address. Jump there */
guest jump
	jr	a0
guest_end jump

/* Take one timer interrupt a little later; report its cause, then sip once the next event is far */
guest timer
	la	t0, 2f
	csrw	stvec, t0
	li	t0, 1 << IRQ_S_TIMER
	csrw	sie, t0
	rdtime	a0
	addi	a0, a0, 1000
	sbi	0x54494d45, 0
	csrsi	sstatus, 2
1:	wfi
	j	1b
	.balign	4
2:	csrr	s1, scause
	li	a0, -1
	sbi	0x54494d45, 0
	csrr	s2, sip
	report	s1
	report	s2
guest_end timer

/* An illegal instruction: report cause, tval, and epc's distance from it */
guest illegal
	la	t0, 2f
	csrw	stvec, t0
1:	.word	0
	report	zero
	.balign	4
2:	csrr	s1, scause
	report	s1
	csrr	s1, sepc
	la	t0, 1b
	sub	s1, s1, t0
	report	s1
	csrr	s1, sstatus
	report	s1
guest_end illegal

/* A misaligned load from a device: report the cause and tval */
guest misaligned
	la	t0, 2f
	csrw	stvec, t0
	li	s0, LIVE_DEVICE
	lw	s1, 1(s0)
	report	zero
	.balign	4
2:	csrr	s1, scause
	report	s1
	csrr	s1, stval
	report	s1
guest_end misaligned

/* Counters that guests lack, and one CSR that does not exist */
guest csr
	la	t0, 2f
	csrw	stvec, t0
	li	s1, -1
	rdcycle	s1
	report	s1
	li	s1, -1
	rdinstret s1
	report	s1
	csrr	s1, 0x7c0
	report	zero
	.balign	4
2:	csrr	s1, scause
	report	s1
guest_end csr

guest ebreak
	ebreak
	report	zero
guest_end ebreak

/* WFI with an enabled interrupt pending goes on at once: report sip */
guest wfi_pending
	li	t0, 1 << IRQ_S_SOFT
	csrw	sie, t0
	csrw	sip, t0
	wfi
	csrr	s1, sip
	report	s1
guest_end wfi_pending

/* Hart 0 starts hart 1 and sends it an interrupt; hart 1 reports its id, opaque, and the cause */
guest ipi
	bnez	a0, 1f
	li	a0, 1
	la	a1, 2f
	li	a2, 0x1234
	sbi	0x48534d, 0
	report	a0
	li	t0, LIVE_DATA
3:	ld	t1, (t0)
	beqz	t1, 3b
	li	a0, 2
	li	a1, 0
	sbi	0x735049, 0
	report	a0
1:	j	1b
	.balign	4
2:	mv	s2, a0
	mv	s3, a1
	la	t0, 4f
	csrw	stvec, t0
	li	t0, 1 << IRQ_S_SOFT
	csrw	sie, t0
	li	t0, LIVE_DATA
	sd	s3, (t0)
	csrsi	sstatus, 2
5:	wfi
	j	5b
	.balign	4
4:	csrr	s1, scause
	report	s2
	report	s3
	report	s1
guest_end ipi

/*
 * a0: seed, a1: rounds. Fill every floating point register from the seed, leave by a report of
 * zero, then a1 times compare them all; report the number of differences.
 */
guest fp
	li	t0, SR_FS
	csrs	sstatus, t0
	mv	t0, a0
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, \
		16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	fmv.d.x	f\n, t0
	addi	t0, t0, 1
	.endr
	fsrmi	2
	report	zero
	li	s1, 0
1:	mv	t0, a0
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, \
		16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	fmv.x.d	t1, f\n
	xor	t1, t1, t0
	snez	t1, t1
	add	s1, s1, t1
	addi	t0, t0, 1
	.endr
	frrm	t1
	addi	t1, t1, -2
	snez	t1, t1
	add	s1, s1, t1
	addi	a1, a1, -1
	bnez	a1, 1b
	report	s1
guest_end fp

/* The same for the vector registers, through memory: a2 is a buffer of 16 KiB of the guest's own */
guest vector
	li	t0, SR_VS
	csrs	sstatus, t0
	.option push
	.option arch, +v
	vsetvli	t1, zero, e8, m8, ta, ma
	vmv.v.x	v0, a0
	addi	t0, a0, 1
	vmv.v.x	v8, t0
	addi	t0, a0, 2
	vmv.v.x	v16, t0
	addi	t0, a0, 3
	vmv.v.x	v24, t0
	report	zero
	li	s1, 0
1:	csrr	t2, vl
	bne	t2, t1, 3f
	mv	t3, a2
	vse8.v	v0, (t3)
	add	t3, t3, t1
	vse8.v	v8, (t3)
	add	t3, t3, t1
	vse8.v	v16, (t3)
	add	t3, t3, t1
	vse8.v	v24, (t3)
	.option pop
	mv	t3, a2
	li	t4, 0
2:	lbu	t5, (t3)
	add	t2, a0, t4
	andi	t2, t2, 0xff
	xor	t5, t5, t2
	snez	t5, t5
	add	s1, s1, t5
	add	t3, t3, t1
	addi	t3, t3, -1
	lbu	t5, (t3)
	xor	t5, t5, t2
	snez	t5, t5
	add	s1, s1, t5
	addi	t3, t3, 1
	addi	t4, t4, 1
	li	t5, 4
	bne	t4, t5, 2b
	addi	a1, a1, -1
	bnez	a1, 1b
	report	s1
3:	li	s1, -1
	report	s1
guest_end vector

/* a0: pointer to a hart mask. A legacy remote fence.i: report its a0, or its trap's cause and pc */
guest legacy_mask
	la	t0, 2f
	csrw	stvec, t0
1:	sbi	5, 0
	report	a0
	.balign	4
2:	csrr	s1, scause
	report	s1
	csrr	s1, sepc
	la	t0, 1b
	sub	s1, s1, t0
	report	s1
guest_end legacy_mask

/* a0: address of a page table. Turn translation on: its walk meets whatever is there */
guest walk
	srli	a0, a0, 12
	li	t0, 8 << 60
	or	a0, a0, t0
	la	t0, 2f
	csrw	stvec, t0
	csrw	satp, a0
	.balign	4
2:	csrw	satp, zero
	csrr	s1, scause
	report	s1
guest_end walk

/* Suspend non-retentively; where it goes on: report a0, a1, sip and sie */
guest suspend
	li	t0, 1 << IRQ_S_SOFT
	csrw	sie, t0
	li	a0, 0x80000000
	la	a1, 2f
	li	a2, 0x77
	sbi	0x48534d, 3
	report	zero
	.balign	4
2:	report	a0
	report	a1
	csrr	s1, sip
	report	s1
	csrr	s1, sie
	report	s1
guest_end suspend

/* WFI in VU mode: report the cause of its trap */
guest user_wfi
	la	t0, 2f
	csrw	stvec, t0
	li	t0, SR_SPP
	csrc	sstatus, t0
	la	t0, 1f
	csrw	sepc, t0
	sret
	.balign	4
1:	wfi
	j	1b
	.balign	4
2:	csrr	s1, scause
	report	s1
guest_end user_wfi

guest spin
1:	j	1b
guest_end spin
