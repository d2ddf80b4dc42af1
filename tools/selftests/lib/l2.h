/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that is a hypervisor (L1) with a guest of its own (L2). The test builds the L1's G-stage
 * tables. The L1 runs the L2 by l2_run(), which stores the trap in struct l2.
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

/* Tables of one hgatp, allocated from [root, end) of slot 0; the root takes 16 KiB */
struct l2_tables {
	struct rvm *vm;
	int levels;
	uint64_t root, next, end;
};

void l2_tables_init(struct l2_tables *t, struct rvm *vm, unsigned long mode, uint64_t root,
		    uint64_t end);
/* The entry for @l2_gpa at @level (0 for 4 KiB). Makes missing tables. */
volatile uint64_t *l2_entry(struct l2_tables *t, uint64_t l2_gpa, int level);
void l2_map(struct l2_tables *t, uint64_t l2_gpa, uint64_t gpa, int level, uint64_t bits);
/* The address of a new table */
uint64_t l2_new_table(struct l2_tables *t);
/* The test's view of an address of slot 0 */
uint64_t *l2_at(struct l2_tables *t, uint64_t gpa);
/* Map the first RVM_SIZE bytes of slot 0 one to one: code, stacks, the shared page. */
void l2_map_code(struct l2_tables *t);

/* ---- the L1 ---- */

struct l2 {
	uint64_t gpr[32];
	uint64_t pc, cause, tval, htval, htinst, hstatus;
	uint64_t l1_sp, l1_stvec, l1_sscratch;
};

/* Run the L2 in VS mode from l2->pc until it traps to the L1. */
void l2_run(struct l2 *l2);

/* Code for the L2; each ends with an ECALL to the L1. */
void l2_load(void);		/* a0 = *a0 */
void l2_store(void);		/* *a0 = a1 */
void l2_amo(void);		/* a0 = *a0, *a0 += a1 */
void l2_fetch(void);		/* jump to a0 */
void l2_touch(void);		/* load a3 from a0, a2 times, a1 bytes apart */
void l2_fill(void);		/* store a3 to a0, a2 times, a1 bytes apart */

/* An L1 that, endlessly, makes a SYNC call and runs the L2 as its hart's struct l2_job says. */
#define L2_FENCE_ALL	1UL	/* for @fence; else an address, or 0 for no fence */

struct l2_job {
	volatile uint64_t fence, hgatp, vsatp, pc, a0, a1, a2, a3;
	volatile uint64_t cause, tval, htval, htinst, hstatus, ret, ret3;
};

#define l2_job(vm, hart)	((struct l2_job *)&rvm_shared(vm)->val[16 + 16 * (hart)])
#define guest_job(hart)		((struct l2_job *)&guest_shared()->val[16 + 16 * (hart)])

void l2_worker(unsigned long hart, unsigned long a1);

/* A vCPU with the H extension that will run fn(hart) */
void l2_vcpu(struct rvm *vm, int id, struct rvcpu *vcpu, rvm_guest_fn fn);

void l2_set_job(struct rvcpu *vcpu, const void *fn, const unsigned long arg[4]);

/* The worker's next job: fn(a0, a1, a2, a3) in the L2 */
#define L2_SET(vcpu, fn, ...) \
	do { \
		const unsigned long _arg[4] = { __VA_ARGS__ }; \
		l2_set_job(vcpu, (const void *)(fn), _arg); \
	} while (0)

/* Run a job; returns the cause of the trap that ended it. */
#define L2_DO(vcpu, fn, ...) \
	({ \
		L2_SET(vcpu, fn, __VA_ARGS__); \
		GUEST_SAYS_SYNC(vcpu); \
		l2_job((vcpu)->vm, (vcpu)->id)->cause; \
	})

/* Run the job, answering the L2's MMIO loads with @value. Returns the number of MMIO exits. */
unsigned int l2_run_job(struct rvcpu *vcpu, unsigned long value);

#endif
