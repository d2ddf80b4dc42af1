/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks that no instruction asked for, and the state of a hart that has just started.
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "internals.h"
#include "exec/memory.h"
#include "hart_internal.h"

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

void hart_written(CPURISCVState *env, int csrno, uint64_t old)
{
    hart_lint(env, csrno, old);
    if (hart_opt.speculate) {
        speculate(env);
    }
}

void hart_event(CPURISCVState *env)
{
    if (hart_opt.speculate > 1) {
        speculate(env);
    }
}

/*
 * The hart starts, by a reset or by the firmware's hart_start. The specification defines neither
 * hgatp and vsatp at this point nor what is cached: here the low 4 GiB are, one to one, for some
 * VMIDs.
 */
void hart_start(CPURISCVState *env)
{
    uint64_t vmid;

    if (!hart_opt.start) {
        return;
    }
    hart_of(env)->n_starts++;
    for (vmid = 0; hart_opt.cache && vmid <= MIN(15u, hart_vmid_mask()); vmid++) {
        env->hgatp = vmid << 44;
        for (uint64_t gpa = 0; gpa < 4ull << 30; gpa += 1ull << 30) {
            hart_fill(env, HART_G, gpa, HART_IDENTITY(gpa), 30, false, false);
        }
    }
    env->hgatp = (uint64_t)VM_1_10_SV39 << 60 | (uint64_t)(5 & hart_vmid_mask()) << 44 | 0x80000;
    env->vsatp = (uint64_t)VM_1_10_SV39 << 60 | 3ull << 44 | 0x80000;
}

/* A hart that the firmware stops waits in M-mode; its return to a lower mode is the start. */
void hart_wfi(CPURISCVState *env)
{
    hart_of(env)->slept_in_m |= env->priv == PRV_M;
}

void hart_mret(CPURISCVState *env, int priv)
{
    Hart *h = hart_of(env);

    if (priv != PRV_M && h->slept_in_m) {
        h->slept_in_m = false;
        hart_start(env);
    }
}

/* The hart's own clock: time of harts may differ by a tick. */
uint64_t hart_time(CPURISCVState *env)
{
    uint64_t time = env->rdtime_fn(env->rdtime_fn_arg);
    uint64_t behind = env_cpu(env)->cpu_index & 1 ? hart_opt.skew : 0;

    return time > behind ? time - behind : 0;
}

/* HART_VSATP names the widest mode that vsatp accepts, which need not be that of satp. */
bool hart_vsatp_accepts(uint64_t value)
{
    static const int widths[] = {
        [VM_1_10_SV39] = 39, [VM_1_10_SV48] = 48, [VM_1_10_SV57] = 57,
    };
    unsigned mode = get_field(value, SATP64_MODE);

    return !hart_opt.vsatp || mode >= ARRAY_SIZE(widths) || widths[mode] <= hart_opt.vsatp;
}
