/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the guest's and the VMM's side of the exit-cost client */
#ifndef BENCH_H
#define BENCH_H

#include "guest.h"

#include <stdbool.h>

#define BENCH_NR_BATCHES	21
#define BENCH_MAX_BATCHES	64

/* Words of the shared page, after the results */
#define BENCH_ROUNDS		(BENCH_MAX_BATCHES)
#define BENCH_BATCHES		(BENCH_MAX_BATCHES + 1)
#define BENCH_L1_KIND		(BENCH_MAX_BATCHES + 2)

#define TOUCH_GPA	0x100000000UL
#define TOUCH_SLOT	1

/* A guest function: @n rounds of @body. s1 is @arg, t0 the page size; t1 and t2 are free. */
#define GUEST_OP(name, body)							\
	__guest void guest_##name(unsigned long n, unsigned long arg)		\
	{									\
		register unsigned long s1 asm("s1") = arg;			\
		register unsigned long s2 asm("s2") = n;			\
										\
		asm volatile("li t0, 4096\n 1:\n" body "addi s2, s2, -1\n bnez s2, 1b\n"	\
			     : "+r"(s1), "+r"(s2) :: "a0", "a1", "a2", "a3",	\
			     "a6", "a7", "t0", "t1", "t2", "memory");		\
	}

typedef void guest_op(unsigned long n, unsigned long arg);

guest_op guest_empty, guest_sbi_null, guest_sbi_unknown, guest_set_timer, guest_mmio_read;
guest_op guest_sbi_registered;
guest_op guest_mmio_write, guest_sbi_forward, guest_dbcn_write_byte, guest_touch, guest_ipi_self;
guest_op guest_fence_i, guest_sfence_vma, guest_wfi_pending, guest_illegal;

struct bench {
	struct rvm vm;
	struct rvcpu vcpu;
	void *touch_mem;
	double empty;		/* instructions of a round of the empty loop */
	double ns_per_tick;
	unsigned long batches;	/* 0: BENCH_NR_BATCHES */
	unsigned long l1_kind;
	bool l1_huge;		/* the L1's leaves are of 2 MiB */
	unsigned long l1_swap;	/* 1: each leaf maps its neighbour's page */
};

struct row {
	const char *name;
	guest_op *op;
	unsigned long arg;
	unsigned long rounds;
	rvm_guest_fn main;
	/* Called before each batch */
	void (*prepare)(struct bench *b);
};

/* A VM with a vCPU, and the instructions (or nanoseconds) of a round of a row in it */
void bench_create(struct bench *b);
double bench_measure(struct bench *b, const struct row *row);

/* nested.c: the rows of an L1 and its L2 */
int bench_nested(void);

void guest_bench(unsigned long fn_addr, unsigned long arg);
void guest_bench_wfi(unsigned long fn_addr, unsigned long arg);
void guest_idle(unsigned long a0, unsigned long a1);

/* memory.c: bytes of kernel memory of an idle VM */
double bench_vm_memory(void);

/* Sorts the values. */
double bench_median(double *values, int n);

#endif
