/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hart that caches and speculates all that the privileged specification allows.
 *
 * Translations of V=1 and of HLV, HLVX, HSV go through two side caches per hart, GVA to GPA and GPA
 * to SPA, which only fences empty. QEMU's own TLB, flushed at every CSR write and fence, is refilled
 * from them. Entries hold page-table entries, not permissions: SUM, MXR and the mode are applied at
 * each use. Each is used by its own vCPU thread only.
 */
#include "qemu/osdep.h"
#include "qemu/queue.h"
#include "cpu.h"
#include "internals.h"
#include "exec/exec-all.h"
#include "exec/helper-proto.h"
#include "exec/memory.h"
#include "hart.h"

#define BUCKETS 8192
#define MAX_ENTRIES 65536
#define RECENT 24
#define MAX_HARTS 64

static const int shifts[] = { 12, 16, 21, 30, 39, 48 };

struct HartEntry {
    QTAILQ_ENTRY(HartEntry) all;        /* the oldest first */
    HartEntry *next;
    uint64_t vpn, pte, hgatp, vsatp, pc, seq;
    uint16_t vmid, asid;
    uint8_t kind, shift, priv;
    bool global, invalid, spec;
};

typedef struct Pending {
    uint64_t rs1, rs2;
    int what;
    uint16_t vmid;
} Pending;

typedef struct Hart {
    HartEntry *bucket[BUCKETS];
    QTAILQ_HEAD(, HartEntry) all;
    unsigned count[HART_KINDS][64], live;
    uint64_t seq;
    uint64_t recent[RECENT];
    unsigned next_recent;
    bool spec, w_inval;
    HartEntry *hit[2];                  /* what the last walk took */
    Pending pending[256];
    unsigned n_pending;
    uint64_t n_hits, n_stale, n_foreign, n_spec, n_spec_ok, n_fences;
} Hart;

static Hart *harts[MAX_HARTS];
HartOptions hart_opt;

static int option(const char *name, int def)
{
    const char *s = getenv(name);

    return s && *s ? atoi(s) : def;
}

static void report(void);

static void __attribute__((constructor)) hart_init(void)
{
    const char *log = getenv("HART_LOG");

    hart_opt = (HartOptions) {
        .cache = option("HART_CACHE", 0), .split = option("HART_SPLIT", 0),
        .neg = option("HART_NEG", 0), .pwc = option("HART_PWC", 0),
        .speculate = option("HART_SPECULATE", 0), .htinst0 = option("HART_HTINST0", 0),
        .htval0 = option("HART_HTVAL0", 0), .stval0 = option("HART_STVAL0", 0),
        .vstip_us = option("HART_VSTIP_US", 0), .vmidlen = option("HART_VMIDLEN", -1),
        .inval = option("HART_INVAL", 0), .check = option("HART_CHECK", 0),
        .lint = option("HART_LINT", 0),
    };
    if (hart_opt.check || hart_opt.lint) {
        hart_opt.log = log ? fopen(log, "a") : stderr;
        setvbuf(hart_opt.log, NULL, _IOLBF, 0);
        atexit(report);
    }
}

static Hart *hart_of(CPURISCVState *env)
{
    unsigned i = env_cpu(env)->cpu_index;

    g_assert(i < MAX_HARTS);
    if (!harts[i]) {
        Hart *h = g_new0(Hart, 1);

        QTAILQ_INIT(&h->all);
        harts[i] = h;
    }
    return harts[i];
}

static uint16_t vmid_of(CPURISCVState *env)
{
    return get_field(env->hgatp, SATP64_ASID) & 0x3fff;
}

static uint64_t vsatp_of(CPURISCVState *env)
{
    return env->virt_enabled ? env->satp : env->vsatp;
}

static unsigned bucket_of(int kind, uint16_t vmid, int shift, uint64_t vpn)
{
    uint64_t x = vpn * 0x9e3779b97f4a7c15ull ^ (uint64_t)vmid << 40 ^ kind << 6 ^ shift;

    x *= 0xff51afd7ed558ccdull;
    return x >> 51;
}

static bool is_gstage(int kind)
{
    return kind == HART_G || kind == HART_G_TABLE;
}

/* A leaf of any size that covers ADDR, or the table entry of this SHIFT. The oldest wins. */
HartEntry *hart_find(CPURISCVState *env, int kind, uint64_t addr, int shift)
{
    Hart *h = hart_of(env);
    uint16_t vmid = vmid_of(env), asid = get_field(vsatp_of(env), SATP64_ASID);
    HartEntry *e, *found = NULL;

    for (int i = 0; i < ARRAY_SIZE(shifts); i++) {
        int s = shifts[i];

        if ((shift && s != shift) || !h->count[kind][s]) {
            continue;
        }
        for (e = h->bucket[bucket_of(kind, vmid, s, addr >> s)]; e; e = e->next) {
            if (e->kind == kind && e->vmid == vmid && e->shift == s && e->vpn == addr >> s &&
                (is_gstage(kind) || e->global || e->asid == asid) &&
                (!found || e->seq < found->seq)) {
                found = e;
            }
        }
    }
    if (kind == HART_VS || kind == HART_G) {
        h->hit[kind] = found;
        h->n_hits += !!found;
    }
    return found;
}

void hart_begin(CPURISCVState *env)
{
    Hart *h = hart_of(env);

    h->hit[HART_VS] = h->hit[HART_G] = NULL;
}

uint64_t hart_pte(HartEntry *e, int *shift, bool *global, bool *invalid)
{
    *shift = e->shift;
    *global = e->global;
    *invalid = e->invalid;
    return e->pte;
}

void hart_drop(CPURISCVState *env, HartEntry *e)
{
    Hart *h = hart_of(env);
    HartEntry **p = &h->bucket[bucket_of(e->kind, e->vmid, e->shift, e->vpn)];

    while (*p != e) {
        p = &(*p)->next;
    }
    *p = e->next;
    QTAILQ_REMOVE(&h->all, e, all);
    h->count[e->kind][e->shift]--;
    h->live--;
    for (int i = 0; i < 2; i++) {
        if (h->hit[i] == e) {
            h->hit[i] = NULL;
        }
    }
    g_free(e);
}

void hart_fill(CPURISCVState *env, int kind, uint64_t addr, uint64_t pte, int shift,
               bool global, bool invalid)
{
    Hart *h = hart_of(env);
    uint64_t vsatp = vsatp_of(env);
    HartEntry *e = g_new(HartEntry, 1);
    unsigned b;

    *e = (HartEntry) {
        .kind = kind, .shift = shift, .vpn = addr >> shift, .pte = pte, .vmid = vmid_of(env),
        .asid = get_field(vsatp, SATP64_ASID), .global = global, .invalid = invalid,
        .spec = h->spec, .hgatp = env->hgatp, .vsatp = vsatp, .pc = env->pc, .seq = ++h->seq,
        .priv = env->priv | env->virt_enabled << 2,
    };
    b = bucket_of(kind, e->vmid, shift, e->vpn);
    e->next = h->bucket[b];
    h->bucket[b] = e;
    QTAILQ_INSERT_TAIL(&h->all, e, all);
    h->count[kind][shift]++;
    if (++h->live > MAX_ENTRIES) {
        hart_drop(env, QTAILQ_FIRST(&h->all));
    }
}

/* Fences ----------------------------------------------------------------------------------- */

static bool covers(HartEntry *e, uint64_t addr)
{
    return e->vpn == addr >> e->shift;
}

/* For the VMID given; ASID < 0 and no address: all. */
static void fence_vs(CPURISCVState *env, uint16_t vmid, bool by_addr, uint64_t addr, int asid)
{
    Hart *h = hart_of(env);
    HartEntry *e, *next;

    QTAILQ_FOREACH_SAFE(e, &h->all, all, next) {
        if (is_gstage(e->kind) || e->vmid != vmid ||
            (asid >= 0 && (e->global || e->asid != asid))) {
            continue;
        }
        if (by_addr && (e->kind == HART_VS_TABLE || !covers(e, addr))) {
            continue;
        }
        hart_drop(env, e);
    }
}

static void fence_g(CPURISCVState *env, int vmid, bool by_addr, uint64_t gpa)
{
    Hart *h = hart_of(env);
    HartEntry *e, *next;
    uint64_t first = gpa & TARGET_PAGE_MASK, last = first + TARGET_PAGE_SIZE - 1;

    QTAILQ_FOREACH_SAFE(e, &h->all, all, next) {
        if (!is_gstage(e->kind) || (vmid >= 0 && e->vmid != vmid)) {
            continue;
        }
        if (by_addr && (e->kind == HART_G_TABLE || !covers(e, gpa))) {
            continue;
        }
        /* The whole leaf goes, and so does what was derived from it. */
        if (by_addr && e->shift < 39) {
            first = MIN(first, e->vpn << e->shift);
            last = MAX(last, ((e->vpn + 1) << e->shift) - 1);
        }
        hart_drop(env, e);
    }
    if (hart_opt.split) {
        return;
    }
    QTAILQ_FOREACH_SAFE(e, &h->all, all, next) {
        uint64_t page;

        if (is_gstage(e->kind) || (vmid >= 0 && e->vmid != vmid)) {
            continue;
        }
        page = (e->pte & PTE_PPN_MASK) >> PTE_PPN_SHIFT << TARGET_PAGE_BITS;
        page &= ~((1ull << e->shift) - 1);
        if (by_addr && (e->kind == HART_VS_TABLE || page > last ||
                        page + (1ull << e->shift) <= first)) {
            continue;
        }
        hart_drop(env, e);
    }
}

static void fence(CPURISCVState *env, Pending *p)
{
    int bits = hart_opt.vmidlen >= 0 ? hart_opt.vmidlen : 14;

    hart_of(env)->n_fences++;
    if ((p->what & HART_FENCE) == HART_GVMA) {
        fence_g(env, p->what & HART_RS2 ? (int)(p->rs2 & ((1 << bits) - 1)) : -1,
                p->what & HART_RS1, p->rs1 << 2);
    } else {
        fence_vs(env, p->vmid, p->what & HART_RS1, p->rs1,
                 p->what & HART_RS2 ? (int)(p->rs2 & 0xffff) : -1);
    }
}

/* After QEMU's own helper, which raises what must be raised. */
void HELPER(hart_fence)(CPURISCVState *env, target_ulong rs1, target_ulong rs2, uint32_t what)
{
    Hart *h;

    if (!hart_opt.cache) {
        return;
    }
    h = hart_of(env);
    if (what & HART_W_INVAL) {
        h->w_inval = true;
    } else if (what & HART_INVAL_IR) {
        for (int i = 0; i < h->n_pending; i++) {
            fence(env, &h->pending[i]);
        }
        h->n_pending = 0;
        h->w_inval = false;
    } else {
        Pending p = { rs1, rs2, what, vmid_of(env) };

        /* Of HS-mode's own translations */
        if ((what & HART_FENCE) == HART_SFENCE && !env->virt_enabled) {
            return;
        }
        if (!(what & HART_LATER) || !hart_opt.inval) {
            fence(env, &p);
        } else if (h->w_inval) {
            if (h->n_pending == ARRAY_SIZE(h->pending)) {
                fence(env, &h->pending[--h->n_pending]);
            }
            h->pending[h->n_pending++] = p;
        }
    }
    hart_event(env);
}

/* Speculation ------------------------------------------------------------------------------ */

bool hart_speculating(CPURISCVState *env)
{
    return hart_of(env)->spec;
}

/* Speculation reads no device. */
bool hart_may_read(CPURISCVState *env, hwaddr addr)
{
    hwaddr len = 8, at;

    return memory_region_is_ram(address_space_translate(env_cpu(env)->as, addr, &at, &len, false,
                                                        MEMTXATTRS_UNSPECIFIED));
}

static void speculate(CPURISCVState *env)
{
    Hart *h = hart_of(env);

    /* HS-mode, where HLV may be speculated; firmware is left alone. */
    if (env->virt_enabled || env->priv != PRV_S || h->spec) {
        return;
    }
    h->spec = true;
    for (int i = 0; i < RECENT; i++) {
        hwaddr gpa, pa;

        if (h->recent[i]) {
            h->n_spec++;
            h->n_spec_ok += !hart_walk(env, h->recent[i], MMU_DATA_LOAD,
                                       MMUIdx_S_SUM | MMU_2STAGE_BIT, false, &gpa, &pa);
        }
    }
    h->spec = false;
}

void hart_event(CPURISCVState *env)
{
    if (hart_opt.speculate > 1) {
        speculate(env);
    }
}

void hart_reset(CPURISCVState *env)
{
    Hart *h = hart_of(env);

    while (!QTAILQ_EMPTY(&h->all)) {
        hart_drop(env, QTAILQ_FIRST(&h->all));
    }
    h->n_pending = 0;
}

/* Reports ---------------------------------------------------------------------------------- */

enum { LINT_VSATP_UNDER_BARE, LINT_HGATP_UNDER_VSATP, LINT_BARE_NOT_ZERO, LINT_MODE, LINTS };

static const char *const lint_text[] = {
    "vsatp made live while hgatp is Bare", "hgatp changed while vsatp is live",
    "hgatp Bare with a VMID or a PPN", "vsatp of another value with hgatp live and vsatp live",
};

static struct { int what; uint64_t pc, n, old, new, other; } lints[256];
static unsigned n_lints;
static pthread_mutex_t lint_lock = PTHREAD_MUTEX_INITIALIZER;

static void lint(int what, uint64_t pc, uint64_t old, uint64_t new, uint64_t other)
{
    unsigned i;

    pthread_mutex_lock(&lint_lock);
    for (i = 0; i < n_lints && (lints[i].what != what || lints[i].pc != pc); i++) {
    }
    if (i < ARRAY_SIZE(lints)) {
        if (i == n_lints) {
            n_lints++;
            lints[i].what = what;
            lints[i].pc = pc;
            fprintf(hart_opt.log, "hart: lint: %s: pc %" PRIx64 " %" PRIx64 " -> %" PRIx64
                    " other %" PRIx64 "\n", lint_text[what], pc, old, new, other);
        }
        lints[i].n++;
    }
    pthread_mutex_unlock(&lint_lock);
}

static void report(void)
{
    for (int i = 0; i < n_lints; i++) {
        fprintf(hart_opt.log, "hart: lint: %s: pc %" PRIx64 ": %" PRIu64 " times\n",
                lint_text[lints[i].what], lints[i].pc, lints[i].n);
    }
    for (int i = 0; i < MAX_HARTS; i++) {
        Hart *h = harts[i];

        if (h) {
            fprintf(hart_opt.log, "hart %d: hits %" PRIu64 " differing %" PRIu64 " foreign %" PRIu64
                    " speculated %" PRIu64 " walked %" PRIu64 " fences %" PRIu64 " live %u\n",
                    i, h->n_hits, h->n_stale, h->n_foreign, h->n_spec, h->n_spec_ok, h->n_fences,
                    h->live);
        }
    }
    fflush(hart_opt.log);
}

static bool live(uint64_t atp)
{
    return get_field(atp, SATP64_MODE) != VM_1_10_MBARE;
}

/* hgatp or vsatp was written; the pair in the CSRs is the one that may be walked from now on. */
void hart_written(CPURISCVState *env, int csrno, uint64_t old)
{
    if (hart_opt.lint && !env->virt_enabled && env->priv == PRV_S) {
        uint64_t hgatp = env->hgatp, vsatp = env->vsatp;

        if (csrno == CSR_VSATP && live(vsatp) && !live(hgatp)) {
            lint(LINT_VSATP_UNDER_BARE, env->pc, old, vsatp, hgatp);
        }
        if (csrno == CSR_VSATP && live(vsatp) && live(old) && live(hgatp) && vsatp != old) {
            lint(LINT_MODE, env->pc, old, vsatp, hgatp);
        }
        if (csrno == CSR_HGATP && hgatp != old && live(vsatp)) {
            lint(LINT_HGATP_UNDER_VSATP, env->pc, old, hgatp, vsatp);
        }
        if (csrno == CSR_HGATP && !live(hgatp) && hgatp) {
            lint(LINT_BARE_NOT_ZERO, env->pc, old, hgatp, vsatp);
        }
    }
    if (hart_opt.speculate) {
        speculate(env);
    }
}

/* How an entry that was made under another root or mode differs from what is there now. */
static void check(CPURISCVState *env, Hart *h, vaddr va, hwaddr gpa, hwaddr pa, int access_type,
                  int mmu_idx)
{
    HartEntry *v = h->hit[HART_VS], *g = h->hit[HART_G];
    hwaddr gpa2 = -1, pa2 = -1;
    bool foreign, differs;
    int ret;

    if (!v && !g) {
        return;
    }
    ret = hart_walk(env, va, access_type, mmu_idx, true, &gpa2, &pa2);
    differs = ret || gpa >> 12 != gpa2 >> 12 || pa >> 12 != pa2 >> 12;
    foreign = (v && v->hgatp != env->hgatp) || (g && g->hgatp != env->hgatp);
    h->n_stale += differs;
    if (!differs) {
        return;
    }
    h->n_foreign += foreign;
    if ((foreign ? h->n_foreign : h->n_stale) > 40) {
        return;
    }
    fprintf(hart_opt.log, "hart %d: %s: va %" PRIx64 " gpa %" PRIx64 " pa %" PRIx64
            ", now %d gpa %" PRIx64 " pa %" PRIx64 " pc %" PRIx64 " V%d priv %d hgatp %" PRIx64
            " vsatp %" PRIx64 "\n", env_cpu(env)->cpu_index, foreign ? "FOREIGN" : "stale",
            (uint64_t)va, (uint64_t)gpa, (uint64_t)pa, ret, (uint64_t)gpa2, (uint64_t)pa2,
            (uint64_t)env->pc, env->virt_enabled, (int)env->priv, (uint64_t)env->hgatp,
            (uint64_t)vsatp_of(env));
    for (int i = 0; i < 2; i++) {
        HartEntry *e = h->hit[i];

        if (e) {
            fprintf(hart_opt.log, "    by %s/%d: pte %" PRIx64 " made %s at pc %" PRIx64
                    " V%d under hgatp %" PRIx64 " vsatp %" PRIx64 ", %" PRIu64 " fills ago\n",
                    i ? "G" : "VS", e->shift, e->pte, e->spec ? "by speculation" : "by a walk",
                    e->pc, e->priv >> 2, e->hgatp, e->vsatp, h->seq - e->seq);
        }
    }
}

/* A translation with two stages was used. */
void hart_used(CPURISCVState *env, vaddr va, hwaddr gpa, hwaddr pa, int access_type, int mmu_idx)
{
    Hart *h = hart_of(env);
    uint64_t page = va & TARGET_PAGE_MASK;

    if (hart_opt.check) {
        check(env, h, va, gpa, pa, access_type, mmu_idx);
    }
    for (int i = 0; i < RECENT; i++) {
        if (h->recent[i] == page) {
            return;
        }
    }
    h->recent[h->next_recent++ % RECENT] = page;
}

/* What such a hart cannot announce. */
bool hart_hides(const char *extension)
{
    return ((hart_opt.htval0 && !strcmp(extension, "shtvala")) ||
            (hart_opt.stval0 && (!strcmp(extension, "sstvala") || !strcmp(extension, "shvstvala"))) ||
            (hart_opt.neg && !strcmp(extension, "svvptc")));
}
