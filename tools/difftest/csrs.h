/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CSRs that the program looks at after each write, for C and for the assembler: name, number,
 * value between cases; vstvec has its own.
 */
#ifndef DIFFTEST_CSRS_H
#define DIFFTEST_CSRS_H

#define FOR_EACH_CSR(X)				\
	X(hstatus,	0x600, 0)		\
	X(hedeleg,	0x602, 0)		\
	X(hideleg,	0x603, 0)		\
	X(hie,		0x604, 0)		\
	X(htimedelta,	0x605, 0)		\
	X(hcounteren,	0x606, 0)		\
	X(hgeie,	0x607, 0)		\
	X(henvcfg,	0x60a, 0)		\
	X(hstateen0,	0x60c, -1)		\
	X(htval,	0x643, 0)		\
	X(hvip,		0x645, 0)		\
	X(hip,		0x644, 0)		\
	X(htinst,	0x64a, 0)		\
	X(hgatp,	0x680, 0)		\
	X(vsstatus,	0x200, 2 << 32)		\
	X(vsie,		0x204, 0)		\
	X(vstvec,	0x205, 0)		\
	X(vsscratch,	0x240, 0)		\
	X(vsepc,	0x241, 0)		\
	X(vscause,	0x242, 0)		\
	X(vstval,	0x243, 0)		\
	X(vsip,		0x244, 0)		\
	X(vstimecmp,	0x24d, -1)		\
	X(vsatp,	0x280, 0)		\
	X(sie,		0x104, 0)		\
	X(sip,		0x144, 0)		\
	X(scounteren,	0x106, 0)		\
	X(senvcfg,	0x10a, 0)		\
	X(stimecmp,	0x14d, -1)

#endif /* DIFFTEST_CSRS_H */
