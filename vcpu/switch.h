/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of a vCPU that the world switch (switch.S) reads and writes. */
#ifndef _RVHV_SWITCH_H
#define _RVHV_SWITCH_H

/* Byte offsets into struct rvhv_switch; vcpu.c asserts them. */
#define RVHV_SW_GPR(n)		((n) * 8)
#define RVHV_SW_SEPC		(32 * 8)
#define RVHV_SW_SSTATUS		(33 * 8)
#define RVHV_SW_HSTATUS		(34 * 8)
#define RVHV_SW_TRAP_SCAUSE	(35 * 8)
#define RVHV_SW_TRAP_STVAL	(36 * 8)
#define RVHV_SW_TRAP_HTVAL	(37 * 8)
#define RVHV_SW_TRAP_HTINST	(38 * 8)
#define RVHV_SW_HOST_SP		(39 * 8)

#ifndef __ASSEMBLY__

#include <linux/types.h>

/**
 * struct rvhv_switch - guest registers that every entry loads and every exit saves
 * @gpr: x0 to x31; x0 is always zero
 * @sepc: guest pc
 * @sstatus: the HS-level sstatus in force while the guest runs: SPP is the guest's privilege, FS
 *	and VS gate its floating point and vector unit
 * @hstatus: loaded at entry
 * @scause: cause of the last exit
 * @stval: its stval
 * @htval: its htval; valid for guest page faults alone
 * @htinst: its htinst, likewise
 * @host_sp: the host's stack pointer while the guest runs
 */
struct rvhv_switch {
	unsigned long gpr[32];
	unsigned long sepc;
	unsigned long sstatus;
	unsigned long hstatus;
	unsigned long scause;
	unsigned long stval;
	unsigned long htval;
	unsigned long htinst;
	unsigned long host_sp;
};

/*
 * Runs the guest until its next exit; interrupts off, noinstr, VS CSRs and hgatp loaded. Leaves
 * hstatus as the exit made it: the caller writes the host's before a return to user mode.
 */
void rvhv_switch_to_guest(struct rvhv_switch *sw);

#endif /* !__ASSEMBLY__ */
#endif /* _RVHV_SWITCH_H */
