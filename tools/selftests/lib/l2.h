/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that is a hypervisor (L1) with a guest of its own (L2). The test builds the L1's G-stage
 * tables in the guest's memory; the L1 runs the L2 by l2_run() and finds in struct l2 why it came
 * back.
 */
#ifndef RVM_L2_H
#define RVM_L2_H

#include "guest.h"

/* ---- G-stage tables in the L1's memory, made by the test ---- */

#define PTE_V		(1UL << 0)
#define PTE_R		(1UL << 1)
#define PTE_W		(1UL << 2)
#define PTE_X		(1UL << 3)
#define PTE_U		(1UL << 4)
#define PTE_A		(1UL << 6)
#define PTE_D		(1UL << 7)
#define PTE_RWX		(PTE_R | PTE_W | PTE_X)
#define PTE_LEAF	(PTE_V | PTE_RWX | PTE_U | PTE_A | PTE_D)
#define PTE_TO(gpa)	((gpa) >> 12 << 10)

#define HGATP(mode, vmid, root) \
	((unsigned long)(mode) << 60 | (unsigned long)(vmid) << 44 | (root) >> 12)
#define SV39X4		8UL
#define SV57X4		10UL

/* Tables of one hgatp, out of [root, end) of slot 0; the root takes 16 KiB */
struct l2_tables {
	struct rvm *vm;
	int levels;
	uint64_t root, next, end;
};

void l2_tables_init(struct l2_tables *t, struct rvm *vm, unsigned long mode, uint64_t root,
		    uint64_t end);
/* The entry for l2_gpa at a level (0 for 4 KiB), with tables made on the way to it */
volatile uint64_t *l2_entry(struct l2_tables *t, uint64_t l2_gpa, int level);
void l2_map(struct l2_tables *t, uint64_t l2_gpa, uint64_t gpa, int level, uint64_t bits);
/* A new table: its address */
uint64_t l2_new_table(struct l2_tables *t);
/* All of slot 0's first RVM_SIZE bytes at their own address: code, stacks, the shared page */
void l2_map_code(struct l2_tables *t);

/* ---- the L1 ---- */

struct l2 {
	uint64_t gpr[32];
	uint64_t pc, cause, tval, htval, htinst, hstatus;
	uint64_t l1_sp, l1_stvec, l1_sscratch;
};

#define HSTATUS_SPV	(1UL << 7)
#define HSTATUS_SPVP	(1UL << 8)
#define HSTATUS_GVA	(1UL << 6)
#define SR_SPP		(1UL << 8)
#define CAUSE_ECALL_VS	10

/* Run the L2 in VS mode from l2->pc until it traps to the L1. */
void l2_run(struct l2 *l2);

#define H_INSN(f3, f7, rd, rs1, rs2) \
	".insn r 0x73, " f3 ", " f7 ", " rd ", " rs1 ", " rs2 "\n"

__guest_inline void hfence_gvma_all(void)
{
	asm volatile(H_INSN("0", "0x31", "x0", "x0", "x0") ::: "memory");
}

/* One address of the L2's, in all VMIDs */
__guest_inline void hfence_gvma(unsigned long l2_gpa)
{
	asm volatile(H_INSN("0", "0x31", "x0", "%0", "x0") :: "r"(l2_gpa >> 2) : "memory");
}

__guest_inline unsigned long hlv_d(unsigned long addr)
{
	unsigned long val = 0;

	asm volatile(H_INSN("4", "0x36", "%0", "%1", "x0") : "+r"(val) : "r"(addr) : "memory");
	return val;
}

__guest_inline void hsv_d(unsigned long addr, unsigned long val)
{
	asm volatile(H_INSN("4", "0x37", "x0", "%0", "%1") :: "r"(addr), "r"(val) : "memory");
}

/* What the L2 may run: each ends with an ecall, which goes to the L1. */
void l2_load(void);		/* a0 = *a0 */
void l2_store(void);		/* *a0 = a1 */
void l2_amo(void);		/* a0 = *a0, *a0 += a1, at once */
void l2_fetch(void);		/* jump to a0 */
void l2_touch(void);		/* load from a0 on every a1 bytes, a2 times; a3: what was there */
void l2_fill(void);		/* store a3 to a0 on every a1 bytes, a2 times */

/*
 * An L1 that does what the shared page of its hart says, again and again: SYNC, then run the L2
 * with the values there.
 */
#define L2_FENCE_ALL	1UL	/* before the L2 runs; otherwise an address, or 0 for no fence */

struct l2_job {
	volatile uint64_t fence, hgatp, vsatp, pc, a0, a1, a2, a3;
	volatile uint64_t cause, tval, htval, htinst, hstatus, ret, ret3;
};

#define l2_job(vm, hart)	((struct l2_job *)&rvm_shared(vm)->val[16 + 16 * (hart)])
#define guest_job(hart)		((struct l2_job *)&guest_shared()->val[16 + 16 * (hart)])

void l2_worker(unsigned long hart, unsigned long a1);

/* A vCPU with H about to run fn(hart). */
void l2_vcpu(struct rvm *vm, int id, struct rvcpu *vcpu, rvm_guest_fn fn);

void l2_set_job(struct rvcpu *vcpu, const void *fn, const unsigned long arg[4]);

/* What the worker is to do next: fn(a0, a1, a2, a3) as the L2 */
#define L2_SET(vcpu, fn, ...) \
	do { \
		const unsigned long _arg[4] = { __VA_ARGS__ }; \
		l2_set_job(vcpu, (const void *)(fn), _arg); \
	} while (0)

/* Have it done. Gives the cause of the trap that ended it. */
#define L2_DO(vcpu, fn, ...) \
	({ \
		L2_SET(vcpu, fn, __VA_ARGS__); \
		GUEST_SAYS_SYNC(vcpu); \
		l2_job((vcpu)->vm, (vcpu)->id)->cause; \
	})

/* The same, the L2's loads from devices of the VMM answered by @value. Gives their number. */
unsigned int l2_run_job(struct rvcpu *vcpu, unsigned long value);

#endif
