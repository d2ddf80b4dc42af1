/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An instruction cache: each hart executes from a copy of a physical page, made when it first
 * fetched from the page. FENCE.I on that hart, and nothing else, brings its copies up to date. Each
 * hart translates its own code: the cluster number keeps QEMU's translations of harts apart. A
 * store still removes translations, and the next one is made from the copy.
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "exec/exec-all.h"
#include "exec/helper-proto.h"
#include "accel/tcg/tb-context.h"
#include "hart_internal.h"

#define MAX_PAGES 2048
#define LINE 64

typedef struct Page {
    uint64_t ram_addr;
    uint64_t owner;             /* hgatp of the fetch that found it up to date; 0: V=0 */
    void *host;
    uint32_t seen;              /* changes_of() at the last translation */
    bool settled;               /* a store to the page would be seen in changes_of() */
    uint8_t *copy;
} Page;

struct HartICache {
    Page pages[MAX_PAGES];
    unsigned n;
    GHashTable *by_addr;
    unsigned tb_flushes;
    uint64_t n_fences, n_compared, n_pages, n_refreshed, n_stale, n_foreign;
};

/*
 * QEMU removes a page's translations at a store to it. Several pages may share a number. As long as
 * there are translations and the number is the same, FENCE.I need not compare the page.
 */
static uint32_t changes[1 << 16];

static uint32_t *changes_of(uint64_t ram_addr)
{
    return &changes[(ram_addr >> TARGET_PAGE_BITS) % ARRAY_SIZE(changes)];
}

void hart_icache_changed(uint64_t ram_addr)
{
    qatomic_inc(changes_of(ram_addr));
}

static HartICache *icache_of(CPURISCVState *env)
{
    Hart *h = hart_of(env);

    if (!h->icache) {
        h->icache = g_new0(HartICache, 1);
        h->icache->by_addr = g_hash_table_new(g_int64_hash, g_int64_equal);
    }
    return h->icache;
}

static uint64_t owner_now(CPURISCVState *env)
{
    return env->virt_enabled ? env->hgatp : 0;
}

static void report_stale(CPURISCVState *env, HartICache *c, Page *p, unsigned line)
{
    uint64_t owner = owner_now(env), was, is;
    bool foreign = owner && p->owner != owner;

    c->n_stale++;
    c->n_foreign += foreign;
    if (!hart_opt.check || (foreign ? c->n_foreign : c->n_stale) > 40) {
        return;
    }
    memcpy(&was, p->copy + line, 8);
    memcpy(&is, p->host + line, 8);
    fprintf(hart_opt.log, "hart %d: %s code: pc %" PRIx64 " V%d priv %d ram %" PRIx64 " kept %016" PRIx64
            " memory %016" PRIx64 " fetched under hgatp %" PRIx64 ", now %" PRIx64 "\n",
            env_cpu(env)->cpu_index, foreign ? "FOREIGN" : "stale", (uint64_t)env->pc,
            env->virt_enabled, (int)env->priv, p->ram_addr + line, was, is, p->owner, owner);
}

/* Returns NULL if the cache is full; FENCE.I then empties it. */
static Page *add(HartICache *c, uint64_t ram_addr, void *host, uint64_t owner)
{
    Page *p = &c->pages[c->n];

    if (c->n == MAX_PAGES) {
        return NULL;
    }
    c->n++;
    c->n_pages++;
    if (!p->copy) {
        p->copy = g_malloc(TARGET_PAGE_SIZE);
    }
    p->ram_addr = ram_addr;
    p->owner = owner;
    p->host = host;
    memcpy(p->copy, host, TARGET_PAGE_SIZE);
    g_hash_table_insert(c->by_addr, &p->ram_addr, p);
    return p;
}

static void empty(HartICache *c)
{
    g_hash_table_remove_all(c->by_addr);
    c->n = 0;
}

/* The hart translates code from HOST, at RAM_ADDR: return where it fetches from. */
void *hart_icache_page(CPURISCVState *env, uint64_t ram_addr, void *host)
{
    unsigned offset = ram_addr & ~TARGET_PAGE_MASK, line = offset & -LINE;
    uint64_t key = ram_addr & TARGET_PAGE_MASK;
    HartICache *c;
    Page *p;

    if (!hart_opt.icache) {
        return host;
    }
    c = icache_of(env);
    p = g_hash_table_lookup(c->by_addr, &key);
    if (!p) {
        p = add(c, key, host - offset, owner_now(env));
    }
    if (!p) {
        return host;
    }
    p->settled = false;
    p->seen = qatomic_read(changes_of(key));
    if (memcmp(p->copy + line, p->host + line, LINE)) {
        report_stale(env, c, p, line);
    } else if (!memcmp(p->copy, p->host, TARGET_PAGE_SIZE)) {
        p->owner = owner_now(env);
    }
    return p->copy + offset;
}

/* Returns true if the copy was stale. */
static bool refresh(HartICache *c, Page *p, bool flushed)
{
    uint32_t now = qatomic_read(changes_of(p->ram_addr));

    if (p->settled && p->seen == now && !flushed) {
        return false;
    }
    p->settled = p->seen == now && !flushed;
    c->n_compared++;
    if (!memcmp(p->copy, p->host, TARGET_PAGE_SIZE)) {
        return false;
    }
    memcpy(p->copy, p->host, TARGET_PAGE_SIZE);
    tb_invalidate_phys_range(p->ram_addr, p->ram_addr + TARGET_PAGE_SIZE - 1);
    p->settled = false;
    return true;
}

/*
 * A copy that is up to date stays, as if the hart had fetched it again at once. Otherwise a later
 * execution of code that is translated already would leave no copy.
 */
void HELPER(hart_fence_i)(CPURISCVState *env)
{
    HartICache *c;
    unsigned flushes;
    bool flushed;

    if (!hart_opt.icache) {
        return;
    }
    c = icache_of(env);
    c->n_fences++;
    flushes = qatomic_read(&tb_ctx.tb_flush_count);
    flushed = flushes != c->tb_flushes;
    c->tb_flushes = flushes;
    for (unsigned i = 0; i < c->n; i++) {
        c->n_refreshed += refresh(c, &c->pages[i], flushed);
    }
    if (c->n == MAX_PAGES) {
        empty(c);
    }
}

void hart_icache_reset(CPURISCVState *env)
{
    CPUState *cs = env_cpu(env);

    if (hart_opt.icache) {
        cs->tcg_cflags = (cs->tcg_cflags & ~CF_CLUSTER_MASK) | cs->cpu_index << CF_CLUSTER_SHIFT;
        empty(icache_of(env));
    }
}

void hart_icache_report(Hart *h)
{
    HartICache *c = h->icache;

    if (c) {
        fprintf(hart_opt.log, "    icache: pages %" PRIu64 " fences %" PRIu64 " compared %" PRIu64
                " refreshed %" PRIu64 " stale %" PRIu64 " foreign %" PRIu64 "\n", c->n_pages, c->n_fences, c->n_compared,
                c->n_refreshed, c->n_stale, c->n_foreign);
    }
}
