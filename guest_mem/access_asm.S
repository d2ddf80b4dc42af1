/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypervisor loads and stores with a trap fix-up.
 *
 * Each routine loads the guest's hstatus, points stvec at its own fix-up, accesses, and restores
 * both, so that no compiled code, instrumented or not, runs in between. Interrupts are off and the
 * host's own memory is present, so a trap here is the guest's. It is taken from HS mode: the fix-up
 * continues where the trap lands and restores only sstatus.
 *
 * The caller has read sepc, scause, stval, htval and htinst of an exit before.
 *
 * Privileged specification, "Hypervisor Virtual Machine Load and Store Instructions".
 */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/csr.h>
#include <asm/insn-def.h>

#include "access_asm.h"

/* HLV_D and HLVX_HU are the kernel's. */
#define HLV_BU(dest, addr)						\
	INSN_R(OPCODE_SYSTEM, FUNC3(4), FUNC7(48), RD(dest), RS1(addr), __RS2(1))
#define HLV_HU(dest, addr)						\
	INSN_R(OPCODE_SYSTEM, FUNC3(4), FUNC7(50), RD(dest), RS1(addr), __RS2(1))
#define HLV_WU(dest, addr)						\
	INSN_R(OPCODE_SYSTEM, FUNC3(4), FUNC7(52), RD(dest), RS1(addr), __RS2(1))
#define HLVX_WU(dest, addr)						\
	INSN_R(OPCODE_SYSTEM, FUNC3(4), FUNC7(52), RD(dest), RS1(addr), __RS2(3))
#define HSV_B(src, addr)						\
	INSN_R(OPCODE_SYSTEM, FUNC3(4), FUNC7(49), __RD(0), RS1(addr), RS2(src))
#define HSV_H(src, addr)						\
	INSN_R(OPCODE_SYSTEM, FUNC3(4), FUNC7(51), __RD(0), RS1(addr), RS2(src))
#define HSV_W(src, addr)						\
	INSN_R(OPCODE_SYSTEM, FUNC3(4), FUNC7(53), __RD(0), RS1(addr), RS2(src))
#define HSV_D(src, addr)						\
	INSN_R(OPCODE_SYSTEM, FUNC3(4), FUNC7(55), __RD(0), RS1(addr), RS2(src))

/* hstatus from a0; the host's hstatus, stvec and sstatus stay in t0, t1 and t2. */
.macro guest_begin fixup
	csrr	t2, CSR_SSTATUS
	la	t1, \fixup
	csrrw	t0, CSR_HSTATUS, a0
	csrrw	t1, CSR_STVEC, t1
.endm

.macro guest_end
	csrw	CSR_STVEC, t1
	csrw	CSR_HSTATUS, t0
.endm

.macro save_trap trap
	csrr	t3, CSR_SEPC
	REG_S	t3, RVHV_TRAP_SEPC(\trap)
	csrr	t3, CSR_SCAUSE
	REG_S	t3, RVHV_TRAP_SCAUSE(\trap)
	csrr	t3, CSR_STVAL
	REG_S	t3, RVHV_TRAP_STVAL(\trap)
	csrr	t3, CSR_HTVAL
	REG_S	t3, RVHV_TRAP_HTVAL(\trap)
	csrr	t3, CSR_HTINST
	REG_S	t3, RVHV_TRAP_HTINST(\trap)
.endm

/*
 * A routine that copies a3 bytes from a2 to a1, one of which is the guest's. a4 holds the vsatp to
 * use, a5 a struct rvhv_trap or NULL.
 */
.macro copy from_guest
	guest_begin 5f
	csrrw	t4, CSR_VSATP, a4
	/* By doublewords if both sides are aligned. */
	or	t5, a1, a2
	andi	t5, t5, 7
	li	t6, 8
1:	beqz	a3, 4f
	bnez	t5, 3f
	bltu	a3, t6, 3f
	.if	\from_guest
	HLV_D(t3, a2)
	REG_S	t3, 0(a1)
	.else
	REG_L	t3, 0(a2)
	HSV_D(t3, a1)
	.endif
	addi	a1, a1, 8
	addi	a2, a2, 8
	addi	a3, a3, -8
	j	1b
3:	.if	\from_guest
	HLV_BU(t3, a2)
	sb	t3, 0(a1)
	.else
	lbu	t3, 0(a2)
	HSV_B(t3, a1)
	.endif
	addi	a1, a1, 1
	addi	a2, a2, 1
	addi	a3, a3, -1
	/* Bytes to the end: the rest is unaligned or shorter than 8. */
	bnez	a3, 3b
4:	csrw	CSR_VSATP, t4
	guest_end
	mv	a0, a3
	ret
	.balign	4
5:	csrw	CSR_SSTATUS, t2
	csrw	CSR_VSATP, t4
	guest_end
	beqz	a5, 6f
	save_trap a5
6:	mv	a0, a3
	ret
.endm

/*
 * size_t rvhv_asm_copy_from_guest(unsigned long hstatus, void *dst, unsigned long addr, size_t len,
 *				   unsigned long vsatp, struct rvhv_trap *trap)
 *
 * Uses the given vsatp; with 0 @addr is a guest physical address. Returns the bytes left.
 */
SYM_FUNC_START(rvhv_asm_copy_from_guest)
	copy 1
SYM_FUNC_END(rvhv_asm_copy_from_guest)

/*
 * size_t rvhv_asm_copy_to_guest(unsigned long hstatus, unsigned long addr, const void *src,
 *				 size_t len, unsigned long vsatp, struct rvhv_trap *trap)
 */
SYM_FUNC_START(rvhv_asm_copy_to_guest)
	copy 0
SYM_FUNC_END(rvhv_asm_copy_to_guest)

/*
 * int rvhv_asm_fetch_insn(unsigned long hstatus, unsigned long gva, u32 *insn,
 *			   struct rvhv_trap *trap)
 */
SYM_FUNC_START(rvhv_asm_fetch_insn)
	guest_begin 5f
	HLVX_HU(t4, a1)
	/* Both bits set: a second halfword follows, maybe on another page. */
	andi	t5, t4, 3
	addi	t5, t5, -3
	bnez	t5, 3f
	addi	a1, a1, 2
	HLVX_HU(t5, a1)
	slli	t5, t5, 16
	or	t4, t4, t5
3:	guest_end
	sw	t4, 0(a2)
	li	a0, 0
	ret
	.balign	4
5:	csrw	CSR_SSTATUS, t2
	guest_end
	save_trap a3
	li	a0, 1
	ret
SYM_FUNC_END(rvhv_asm_fetch_insn)

/*
 * int rvhv_asm_hlsv(unsigned long hstatus, unsigned long gva, u64 *val, unsigned int op,
 *		     unsigned long sstatus, struct rvhv_trap *trap)
 *
 * Executes instruction op of enum rvhv_hlsv with more bits of sstatus set.
 */
SYM_FUNC_START(rvhv_asm_hlsv)
	REG_L	t3, 0(a2)
	la	t5, 1f
	slli	a3, a3, 3
	add	t5, t5, a3
	guest_begin 5f
	csrs	CSR_SSTATUS, a4
	jr	t5
	.option	push
	.option	norvc
1:	HLV_BU(t3, a1)
	j	2f
	HLV_HU(t3, a1)
	j	2f
	HLV_WU(t3, a1)
	j	2f
	HLV_D(t3, a1)
	j	2f
	HLVX_HU(t3, a1)
	j	2f
	HLVX_WU(t3, a1)
	j	2f
	HSV_B(t3, a1)
	j	2f
	HSV_H(t3, a1)
	j	2f
	HSV_W(t3, a1)
	j	2f
	HSV_D(t3, a1)
	.option	pop
2:	csrw	CSR_SSTATUS, t2
	guest_end
	REG_S	t3, 0(a2)
	li	a0, 0
	ret
	.balign	4
5:	csrw	CSR_SSTATUS, t2
	guest_end
	save_trap a5
	li	a0, 1
	ret
SYM_FUNC_END(rvhv_asm_hlsv)
