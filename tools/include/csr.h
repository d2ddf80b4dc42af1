/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CSR numbers, fields and trap causes for the programs of tools/, in C and in assembler sources.
 * Instructions name a CSR in lower case, as the assembler does: csr_read(hstatus). Everything else
 * (ONE_REG, tables, encodings) takes the number: CSR_HSTATUS.
 */
#ifndef TOOLS_CSR_H
#define TOOLS_CSR_H

#define CSR_FCSR	0x003
#define CSR_SEED	0x015
#define CSR_SSTATUS	0x100
#define CSR_SIE		0x104
#define CSR_STVEC	0x105
#define CSR_SCOUNTEREN	0x106
#define CSR_SENVCFG	0x10a
#define CSR_SSTATEEN0	0x10c
#define CSR_SSCRATCH	0x140
#define CSR_SEPC	0x141
#define CSR_SCAUSE	0x142
#define CSR_STVAL	0x143
#define CSR_SIP		0x144
#define CSR_STIMECMP	0x14d
#define CSR_SATP	0x180
#define CSR_VSSTATUS	0x200
#define CSR_VSIE	0x204
#define CSR_VSTVEC	0x205
#define CSR_VSSCRATCH	0x240
#define CSR_VSEPC	0x241
#define CSR_VSCAUSE	0x242
#define CSR_VSTVAL	0x243
#define CSR_VSIP	0x244
#define CSR_VSTIMECMP	0x24d
#define CSR_VSISELECT	0x250
#define CSR_VSIREG	0x251
#define CSR_VSTOPEI	0x25c
#define CSR_VSTIMECMPH	0x25d
#define CSR_VSATP	0x280
#define CSR_MSTATUS	0x300
#define CSR_SCONTEXT	0x5a8
#define CSR_HSTATUS	0x600
#define CSR_HEDELEG	0x602
#define CSR_HIDELEG	0x603
#define CSR_HIE		0x604
#define CSR_HTIMEDELTA	0x605
#define CSR_HCOUNTEREN	0x606
#define CSR_HGEIE	0x607
#define CSR_HVIEN	0x608
#define CSR_HVICTL	0x609
#define CSR_HENVCFG	0x60a
#define CSR_HSTATEEN0	0x60c
#define CSR_HSTATEEN1	0x60d
#define CSR_HSTATEEN2	0x60e
#define CSR_HSTATEEN3	0x60f
#define CSR_HEDELEGH	0x612
#define CSR_HTIMEDELTAH	0x615
#define CSR_HENVCFGH	0x61a
#define CSR_HSTATEEN0H	0x61c
#define CSR_HTVAL	0x643
#define CSR_HIP		0x644
#define CSR_HVIP	0x645
#define CSR_HVIPRIO1	0x646
#define CSR_HTINST	0x64a
#define CSR_HGATP	0x680
#define CSR_CYCLE	0xc00
#define CSR_TIME	0xc01
#define CSR_INSTRET	0xc02
#define CSR_HPMCOUNTER3	0xc03
#define CSR_HPMCOUNTER31	0xc1f
#define CSR_VLENB	0xc22
#define CSR_HGEIP	0xe12
#define CSR_VSTOPI	0xeb0

#ifndef __ASSEMBLER__

/* sstatus and vsstatus */
#define SR_SIE		(1UL << 1)
#define SR_SPIE		(1UL << 5)
#define SR_SPP		(1UL << 8)
#define SR_VS		(3UL << 9)
#define SR_VS_INITIAL	(1UL << 9)
#define SR_VS_CLEAN	(2UL << 9)
#define SR_FS		(3UL << 13)
#define SR_FS_INITIAL	(1UL << 13)
#define SR_FS_CLEAN	(2UL << 13)
#define SR_SUM		(1UL << 18)
#define SR_MXR		(1UL << 19)
#define SR_SPELP	(1UL << 23)
#define SR_SDT		(1UL << 24)
#define SR_UXL_64	(2UL << 32)

#define HSTATUS_GVA	(1UL << 6)
#define HSTATUS_SPV	(1UL << 7)
#define HSTATUS_SPVP	(1UL << 8)
#define HSTATUS_HU	(1UL << 9)
#define HSTATUS_VTVM	(1UL << 20)
#define HSTATUS_VTW	(1UL << 21)
#define HSTATUS_VTSR	(1UL << 22)
#define HSTATUS_VSXL	(3UL << 32)
#define HSTATUS_VSXL_64	(2UL << 32)

#define HCOUNTEREN_TM	(1UL << 1)
#define ENVCFG_FIOM	(1UL << 0)
#define ENVCFG_PBMTE	(1UL << 62)
#define ENVCFG_STCE	(1UL << 63)

/* sie, sip, hie, hip, hvip, hideleg */
#define IE_SSIE		(1UL << 1)
#define IE_VSSIE	(1UL << 2)
#define IE_STIE		(1UL << 5)
#define IE_VSTIE	(1UL << 6)
#define IE_SEIE		(1UL << 9)
#define IE_VSEIE	(1UL << 10)
#define IE_SGEIE	(1UL << 12)
#define IE_S_ALL	(IE_SSIE | IE_STIE | IE_SEIE)
#define IE_VS_ALL	(IE_VSSIE | IE_VSTIE | IE_VSEIE)

/* hedeleg: the causes that every hart can delegate, and those that KVM delegates */
#define HEDELEG_ALL	0xb1ffUL
#define HEDELEG_KVM	0xb100UL

#define ATP_MODE_SHIFT	60
#define ATP_BARE	0UL
#define ATP_SV39	8UL
#define ATP_SV48	9UL
#define ATP_SV57	10UL
/* satp, vsatp, hgatp; @id is an ASID or a VMID */
#define ATP(mode, id, root) \
	((unsigned long)(mode) << ATP_MODE_SHIFT | (unsigned long)(id) << 44 | \
	 (unsigned long)(root) >> 12)

/* scause */
#define CAUSE_IRQ		(1UL << 63)
#define IRQ_S_SOFT		(CAUSE_IRQ | 1)
#define IRQ_S_TIMER		(CAUSE_IRQ | 5)
#define IRQ_S_EXT		(CAUSE_IRQ | 9)
#define CAUSE_FETCH_ACCESS	1
#define CAUSE_ILLEGAL_INSN	2
#define CAUSE_BREAKPOINT	3
#define CAUSE_LOAD_MISALIGNED	4
#define CAUSE_LOAD_ACCESS	5
#define CAUSE_STORE_ACCESS	7
#define CAUSE_ECALL_U		8
#define CAUSE_ECALL_VS		10
#define CAUSE_FETCH_PAGE_FAULT	12
#define CAUSE_LOAD_PAGE_FAULT	13
#define CAUSE_STORE_PAGE_FAULT	15
#define CAUSE_FETCH_GUEST_FAULT	20
#define CAUSE_LOAD_GUEST_FAULT	21
#define CAUSE_VIRTUAL_INSN	22
#define CAUSE_STORE_GUEST_FAULT	23

/* @csr: a name that the assembler knows, or a CSR_ number */
#define ASM_STR_(x)	#x
#define ASM_STR(x)	ASM_STR_(x)

#define csr_read(csr) \
	({ \
		unsigned long _v; \
		asm volatile("csrr %0, " ASM_STR(csr) : "=r"(_v) :: "memory"); \
		_v; \
	})
#define csr_op(op, csr, v) \
	asm volatile(op " " ASM_STR(csr) ", %0" :: "r"((unsigned long)(v)) : "memory")
#define csr_write(csr, v)	csr_op("csrw", csr, v)
#define csr_set(csr, v)		csr_op("csrs", csr, v)
#define csr_clear(csr, v)	csr_op("csrc", csr, v)

#endif /* __ASSEMBLER__ */
#endif /* TOOLS_CSR_H */
