/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports: orders of CSR writes, and kept translations that differ from the page tables.
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "hart_internal.h"

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

void hart_report(void)
{
    for (int i = 0; i < n_lints; i++) {
        fprintf(hart_opt.log, "hart: lint: %s: pc %" PRIx64 ": %" PRIu64 " times\n",
                lint_text[lints[i].what], lints[i].pc, lints[i].n);
    }
    for (int i = 0; i < MAX_HARTS; i++) {
        Hart *h = hart_number(i);

        if (h) {
            fprintf(hart_opt.log, "hart %d: hits %" PRIu64 " differing %" PRIu64 " foreign %" PRIu64
                    " speculated %" PRIu64 " walked %" PRIu64 " fences %" PRIu64 " starts %" PRIu64
                    " live %u\n", i, h->n_hits, h->n_stale, h->n_foreign, h->n_spec, h->n_spec_ok,
                    h->n_fences, h->n_starts, h->live);
            hart_icache_report(h);
        }
    }
    fflush(hart_opt.log);
}

static bool live(uint64_t atp)
{
    return get_field(atp, SATP64_MODE) != VM_1_10_MBARE;
}

/* hgatp or vsatp was written; the pair in the CSRs is the one that may be walked from now on. */
void hart_lint(CPURISCVState *env, int csrno, uint64_t old)
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
    foreign = (v && v->hgatp != env->hgatp) || (g && g->hgatp != env->hgatp) ||
              (v && v->pte & PTE_PBMT && v->pbmte != !!(env->henvcfg & HENVCFG_PBMTE));
    h->n_stale += differs;
    if (!differs) {
        return;
    }
    h->n_foreign += foreign;
    if ((foreign ? h->n_foreign : h->n_stale) > 40) {
        return;
    }
    fprintf(hart_opt.log, "hart %d: %s: va %" PRIx64 " gpa %" PRIx64 " pa %" PRIx64
            ", now %d gpa %" PRIx64 " pa %" PRIx64 " %s pc %" PRIx64 " V%d priv %d hgatp %" PRIx64
            " vsatp %" PRIx64 "\n", env_cpu(env)->cpu_index, foreign ? "FOREIGN" : "stale",
            (uint64_t)va, (uint64_t)gpa, (uint64_t)pa, ret, (uint64_t)gpa2, (uint64_t)pa2,
            access_type == MMU_INST_FETCH ? "fetch" : access_type == MMU_DATA_STORE ? "store" : "load",
            (uint64_t)env->pc, env->virt_enabled, (int)env->priv, (uint64_t)env->hgatp,
            (uint64_t)hart_vsatp(env));
    for (int i = 0; i < 2; i++) {
        HartEntry *e = h->hit[i];

        if (e) {
            fprintf(hart_opt.log, "    by %s/%d: pte %" PRIx64 " made %s at pc %" PRIx64
                    " V%d PBMTE %d under hgatp %" PRIx64 " vsatp %" PRIx64 ", %" PRIu64 " fills ago\n",
                    i ? "G" : "VS", e->shift, e->pte, e->spec ? "by speculation" : "by a walk",
                    e->pc, e->priv >> 2, e->pbmte, e->hgatp, e->vsatp, h->seq - e->seq);
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
