/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hart that caches and speculates all that the privileged specification allows.
 */
#ifndef RISCV_HART_H
#define RISCV_HART_H

#include "cpu.h"

/* From the environment, read once. Without them the hart is QEMU's own. */
typedef struct HartOptions {
    int cache;          /* HART_CACHE: 1 keep translations, 2 and fault from them */
    int split;          /* HART_SPLIT: HFENCE.GVMA leaves GVA to GPA alone */
    int neg;            /* HART_NEG: invalid entries are kept too */
    int pwc;            /* HART_PWC: non-leaf entries are kept; address fences leave them */
    int speculate;      /* HART_SPECULATE: 1 at writes of hgatp, vsatp; 2 at more points */
    int start;          /* HART_START: anything in hgatp, vsatp and caches when a hart starts */
    int icache;         /* HART_ICACHE: fetched pages are kept until FENCE.I */
    int htinst0;        /* HART_HTINST0 */
    int htval0;         /* HART_HTVAL0 */
    int stval0;         /* HART_STVAL0 */
    int vstip_us;       /* HART_VSTIP_US: VSTIP late after a write */
    int vmidlen;        /* HART_VMIDLEN, -1: QEMU's 14 */
    int vsatp;          /* HART_VSATP: the widest mode of vsatp, 39, 48 or 57 */
    int skew;           /* HART_SKEW: ticks that the clocks of odd harts are behind */
    int inval;          /* HART_INVAL: xINVAL waits for SFENCE.INVAL.IR */
    int check;          /* HART_CHECK: compare each hit with a walk of now */
    int lint;           /* HART_LINT: report orders of CSR writes */
    FILE *log;          /* HART_LOG: where to, default stderr */
} HartOptions;

extern HartOptions hart_opt;

enum { HART_VS, HART_G, HART_VS_TABLE, HART_G_TABLE, HART_KINDS };

enum {  /* of helper_hart_fence() */
    HART_RS1 = 1, HART_RS2 = 2, HART_SFENCE = 0, HART_VVMA = 4, HART_GVMA = 8,
    HART_FENCE = 12, HART_LATER = 16, HART_W_INVAL = 32, HART_INVAL_IR = 64,
};

/* The leaf of 1 GiB that maps ADDR to itself */
#define HART_IDENTITY(addr) ((addr) >> 30 << 28 | (0xff & ~PTE_G))

typedef struct HartEntry HartEntry;

HartEntry *hart_find(CPURISCVState *env, int kind, uint64_t addr, int shift);
void hart_fill(CPURISCVState *env, int kind, uint64_t addr, uint64_t pte, int shift,
               bool global, bool invalid);
void hart_drop(CPURISCVState *env, HartEntry *e);
uint64_t hart_pte(HartEntry *e, int *shift, bool *global, bool *invalid);
void hart_begin(CPURISCVState *env);
bool hart_speculating(CPURISCVState *env);
bool hart_may_read(CPURISCVState *env, hwaddr addr);

void hart_used(CPURISCVState *env, vaddr va, hwaddr gpa, hwaddr pa, int access_type,
               int mmu_idx);
void hart_written(CPURISCVState *env, int csrno, uint64_t old);
void hart_event(CPURISCVState *env);
void hart_reset(CPURISCVState *env);
bool hart_hides(const char *extension);

void hart_start(CPURISCVState *env);
void hart_wfi(CPURISCVState *env);
void hart_mret(CPURISCVState *env, int priv);
uint64_t hart_time(CPURISCVState *env);
bool hart_vsatp_accepts(uint64_t value);

void *hart_icache_page(CPURISCVState *env, uint64_t ram_addr, void *host);
void hart_icache_changed(uint64_t ram_addr);
void hart_icache_reset(CPURISCVState *env);

/* In cpu_helper.c */
int hart_walk(CPURISCVState *env, vaddr va, int access_type, int mmu_idx, bool debug,
              hwaddr *gpa, hwaddr *pa);
int hart_gwalk(CPURISCVState *env, hwaddr gpa, bool debug, hwaddr *pa);

#endif
