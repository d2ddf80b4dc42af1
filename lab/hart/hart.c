/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hart that caches and speculates all that the privileged specification allows.
 *
 * Translations of V=1 and of HLV, HLVX, HSV go through two side caches per hart, GVA to GPA and GPA
 * to SPA, which only fences empty. QEMU's own TLB, flushed at every CSR write and fence, is refilled
 * from them. Entries hold page-table entries, not permissions: SUM, MXR and the mode are applied at
 * each use.
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "exec/helper-proto.h"
#include "hart_internal.h"

#define MAX_ENTRIES 65536

static const int shifts[] = { 12, 16, 21, 30, 39, 48 };
static Hart *harts[MAX_HARTS];
HartOptions hart_opt = { .vmidlen = -1 };

static const struct {
    const char *name;
    int *value;
} options[] = {
    { "HART_CACHE", &hart_opt.cache }, { "HART_SPLIT", &hart_opt.split },
    { "HART_NEG", &hart_opt.neg }, { "HART_PWC", &hart_opt.pwc },
    { "HART_SPECULATE", &hart_opt.speculate }, { "HART_START", &hart_opt.start },
    { "HART_ICACHE", &hart_opt.icache }, { "HART_INVAL", &hart_opt.inval },
    { "HART_VMIDLEN", &hart_opt.vmidlen }, { "HART_VSATP", &hart_opt.vsatp },
    { "HART_HTINST0", &hart_opt.htinst0 }, { "HART_HTVAL0", &hart_opt.htval0 },
    { "HART_STVAL0", &hart_opt.stval0 }, { "HART_VSTIP_US", &hart_opt.vstip_us },
    { "HART_SKEW", &hart_opt.skew }, { "HART_CHECK", &hart_opt.check },
    { "HART_LINT", &hart_opt.lint },
};

static void __attribute__((constructor)) hart_init(void)
{
    const char *name = getenv("HART_LOG");

    for (int i = 0; i < ARRAY_SIZE(options); i++) {
        const char *value = getenv(options[i].name);

        if (value && *value) {
            *options[i].value = atoi(value);
        }
    }
    hart_opt.log = name && *name ? fopen(name, "a") : stderr;
    if (!hart_opt.log) {
        fprintf(stderr, "HART_LOG=%s: %s\n", name, strerror(errno));
        exit(1);
    }
    setvbuf(hart_opt.log, NULL, _IOLBF, 0);
    if (hart_opt.check || hart_opt.lint) {
        atexit(hart_report);
    }
}

Hart *hart_number(unsigned i)
{
    return i < MAX_HARTS ? harts[i] : NULL;
}

Hart *hart_of(CPURISCVState *env)
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

unsigned hart_vmid_mask(void)
{
    return (1u << (hart_opt.vmidlen >= 0 ? hart_opt.vmidlen : 14)) - 1;
}

static uint16_t vmid_of(CPURISCVState *env)
{
    return get_field(env->hgatp, SATP64_ASID) & 0x3fff;
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
    uint16_t vmid = vmid_of(env), asid = get_field(hart_vsatp(env), SATP64_ASID);
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
    uint64_t vsatp = hart_vsatp(env);
    HartEntry *e = g_new(HartEntry, 1);
    unsigned b;

    *e = (HartEntry) {
        .kind = kind, .shift = shift, .vpn = addr >> shift, .pte = pte, .vmid = vmid_of(env),
        .asid = get_field(vsatp, SATP64_ASID), .global = global, .invalid = invalid,
        .pbmte = env->henvcfg & HENVCFG_PBMTE, .spec = h->spec, .hgatp = env->hgatp, .vsatp = vsatp, .pc = env->pc, .seq = ++h->seq,
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
    hart_of(env)->n_fences++;
    if ((p->what & HART_FENCE) == HART_GVMA) {
        fence_g(env, p->what & HART_RS2 ? (int)(p->rs2 & hart_vmid_mask()) : -1,
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

/* A reset: nothing is cached, or anything (HART_START). */
void hart_reset(CPURISCVState *env)
{
    Hart *h = hart_of(env);

    while (!QTAILQ_EMPTY(&h->all)) {
        hart_drop(env, QTAILQ_FIRST(&h->all));
    }
    h->n_pending = 0;
    h->slept_in_m = false;
    hart_icache_reset(env);
    hart_start(env);
}
