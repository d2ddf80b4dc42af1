/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the hostile hart share. A Hart is used by its own vCPU thread only.
 */
#ifndef RISCV_HART_INTERNAL_H
#define RISCV_HART_INTERNAL_H

#include "qemu/queue.h"
#include "hart.h"

#define BUCKETS 8192
#define RECENT 24
#define MAX_HARTS 64

struct HartEntry {
    QTAILQ_ENTRY(HartEntry) all;        /* the oldest first */
    HartEntry *next;
    uint64_t vpn, pte, hgatp, vsatp, pc, seq;
    uint16_t vmid, asid;
    uint8_t kind, shift, priv;
    bool global, invalid, spec, pbmte;
};

typedef struct Pending {
    uint64_t rs1, rs2;
    int what;
    uint16_t vmid;
} Pending;

typedef struct HartICache HartICache;

typedef struct Hart {
    HartEntry *bucket[BUCKETS];
    QTAILQ_HEAD(, HartEntry) all;
    unsigned count[HART_KINDS][64], live;
    uint64_t seq;
    uint64_t recent[RECENT];
    unsigned next_recent;
    bool spec, w_inval, slept_in_m;
    HartEntry *hit[2];                  /* what the last walk took */
    Pending pending[256];
    unsigned n_pending;
    uint64_t n_hits, n_stale, n_foreign, n_spec, n_spec_ok, n_fences, n_starts;
    HartICache *icache;
} Hart;

Hart *hart_of(CPURISCVState *env);
Hart *hart_number(unsigned i);
unsigned hart_vmid_mask(void);

static inline uint64_t hart_vsatp(CPURISCVState *env)
{
    return env->virt_enabled ? env->satp : env->vsatp;
}

void hart_report(void);
void hart_lint(CPURISCVState *env, int csrno, uint64_t old);
void hart_icache_report(Hart *h);

#endif
