/* SPDX-License-Identifier: GPL-2.0-only */
/* What the two sides of the exit-cost client and its parts agree on. */
#ifndef BENCH_H
#define BENCH_H

#include "guest.h"

#define BENCH_NR_BATCHES	21
#define BENCH_MAX_BATCHES	64

/* Words of the shared page: the results come first. */
#define BENCH_ROUNDS		(BENCH_MAX_BATCHES)
#define BENCH_BATCHES		(BENCH_MAX_BATCHES + 1)

typedef void guest_op(unsigned long n, unsigned long arg);

guest_op guest_empty, guest_sbi_null, guest_sbi_unknown, guest_set_timer, guest_mmio_read;
guest_op guest_sbi_registered;
guest_op guest_mmio_write, guest_sbi_forward, guest_dbcn_write_byte, guest_touch, guest_ipi_self;
guest_op guest_fence_i, guest_sfence_vma, guest_wfi_pending, guest_illegal;

void guest_bench(unsigned long fn_addr, unsigned long arg);
void guest_bench_wfi(unsigned long fn_addr, unsigned long arg);
void guest_idle(unsigned long a0, unsigned long a1);

/* memory.c: bytes of kernel memory that one more idle VM costs. */
double bench_vm_memory(void);

/* Orders values; the middle one is the answer. */
double bench_median(double *values, int n);

#endif
