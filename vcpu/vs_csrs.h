/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The VS CSRs, named once: load, put, the switch between an L1 and its L2, the state of an L2 and
 * ONE_REG are made from this list.
 */
#ifndef _RVHV_VS_CSRS_H
#define _RVHV_VS_CSRS_H

#include "../include/rvhv_arch.h"

/*
 * X(vs, s, csr): a VS CSR, the supervisor CSR for which it stands in VS mode, and its number. vsatp
 * is not here, since it changes together with hgatp (guest_mem/atp.h); vsie and vsip are views of
 * hie and hip.
 */
#define RVHV_VS_CSRS(X)					\
	X(vsstatus,	sstatus,	CSR_VSSTATUS)	\
	X(vstvec,	stvec,		CSR_VSTVEC)	\
	X(vsscratch,	sscratch,	CSR_VSSCRATCH)	\
	X(vsepc,	sepc,		CSR_VSEPC)	\
	X(vscause,	scause,		CSR_VSCAUSE)	\
	X(vstval,	stval,		CSR_VSTVAL)

/* struct rvhv_vs_bank - VS CSRs in memory, under the specification's names */
struct rvhv_vs_bank {
#define RVHV_VS_MEMBER(_vs, _s, _csr)	unsigned long _vs;
	RVHV_VS_CSRS(RVHV_VS_MEMBER)
#undef RVHV_VS_MEMBER
	unsigned long vsatp;
};

#ifdef CONFIG_RISCV

/* Copies the hart's VS CSRs but vsatp; preemption off. */
static __always_inline void rvhv_vs_bank_save(struct rvhv_vs_bank *bank)
{
#define RVHV_VS_SAVE(_vs, _s, _csr)	bank->_vs = csr_read(_csr);
	RVHV_VS_CSRS(RVHV_VS_SAVE)
#undef RVHV_VS_SAVE
	/* A hart may keep bits that no address has. */
	bank->vsepc &= ~1UL;
}

/* Writes all but vsatp; preemption off. */
static __always_inline void rvhv_vs_bank_load(const struct rvhv_vs_bank *bank)
{
#define RVHV_VS_LOAD(_vs, _s, _csr)	csr_write(_csr, bank->_vs);
	RVHV_VS_CSRS(RVHV_VS_LOAD)
#undef RVHV_VS_LOAD
}

#endif /* CONFIG_RISCV */
#endif /* _RVHV_VS_CSRS_H */
