// SPDX-License-Identifier: GPL-2.0-only
#include "plic.h"

#include <stdlib.h>
#include <string.h>

#include "term.h"
#include "vcpu.h"
#include "vm.h"

#define PLIC_PENDING		0x001000
#define PLIC_ENABLE		0x002000
#define PLIC_ENABLE_STRIDE	0x80
#define PLIC_CONTEXT		0x200000
#define PLIC_CONTEXT_STRIDE	0x1000
#define PLIC_CLAIM		4
#define PLIC_MAX_PRIORITY	7
#define PLIC_SOURCES		(~UINT32_C(1))	/* source 0 does not exist */

void plic_init(struct plic *plic, struct vm *vm)
{
	memset(plic, 0, sizeof(*plic));
	pthread_mutex_init(&plic->lock, NULL);
	plic->vm = vm;
	plic->contexts = calloc(vm->cfg->nr_cpus, sizeof(*plic->contexts));
	if (!plic->contexts)
		fatal("out of memory");
}

void plic_destroy(struct plic *plic)
{
	free(plic->contexts);
	pthread_mutex_destroy(&plic->lock);
}

/* Sources are levels, so one is pending exactly while it is high and not being served. */
static uint32_t plic_pending(const struct plic *plic)
{
	return plic->level & ~plic->claimed;
}

static unsigned int plic_best_source(const struct plic *plic, const struct plic_context *ctx)
{
	uint32_t ready = plic_pending(plic) & ctx->enabled;
	uint32_t best_priority = ctx->threshold;
	unsigned int source, best = 0;

	for (; ready; ready &= ready - 1) {
		source = __builtin_ctz(ready);
		if (plic->priority[source] > best_priority) {
			best_priority = plic->priority[source];
			best = source;
		}
	}
	return best;
}

static void plic_update_locked(struct plic *plic)
{
	struct plic_context *ctx;
	bool asserted;
	unsigned int i;

	for (i = 0; i < plic->vm->cfg->nr_cpus; i++) {
		ctx = &plic->contexts[i];
		asserted = plic_best_source(plic, ctx) != 0;
		if (asserted != ctx->asserted) {
			ctx->asserted = asserted;
			vcpu_set_external_interrupt(&plic->vm->vcpus[i], asserted);
		}
	}
}

void plic_set_level(struct plic *plic, unsigned int source, bool level)
{
	uint32_t old;

	pthread_mutex_lock(&plic->lock);
	old = plic->level;
	plic->level = level ? old | UINT32_C(1) << source : old & ~(UINT32_C(1) << source);
	if (plic->level != old)
		plic_update_locked(plic);
	pthread_mutex_unlock(&plic->lock);
}

/* The context that @off lies in, counted from the first of an array of them; *@reg: where in it. */
static struct plic_context *plic_find_context(struct plic *plic, uint64_t off, uint64_t stride,
					      uint64_t *reg)
{
	*reg = off % stride;
	off /= stride;
	return off < plic->vm->cfg->nr_cpus ? &plic->contexts[off] : NULL;
}

static uint32_t plic_claim(struct plic *plic, struct plic_context *ctx)
{
	unsigned int source = plic_best_source(plic, ctx);

	if (source)
		plic->claimed |= UINT32_C(1) << source;
	return source;
}

static uint32_t plic_read_locked(struct plic *plic, uint64_t off)
{
	struct plic_context *ctx;
	uint32_t val = 0;
	uint64_t reg;

	if (off < PLIC_PENDING)
		return off / 4 <= PLIC_NR_SOURCES ? plic->priority[off / 4] : 0;
	if (off < PLIC_ENABLE)
		return off == PLIC_PENDING ? plic_pending(plic) : 0;
	if (off < PLIC_CONTEXT) {
		ctx = plic_find_context(plic, off - PLIC_ENABLE, PLIC_ENABLE_STRIDE, &reg);
		return ctx && !reg ? ctx->enabled : 0;
	}
	ctx = plic_find_context(plic, off - PLIC_CONTEXT, PLIC_CONTEXT_STRIDE, &reg);
	if (ctx && reg == 0)
		val = ctx->threshold;
	else if (ctx && reg == PLIC_CLAIM)
		val = plic_claim(plic, ctx);
	return val;
}

static void plic_write_locked(struct plic *plic, uint64_t off, uint32_t val)
{
	struct plic_context *ctx;
	uint64_t reg;

	if (off < PLIC_PENDING) {
		if (off && off / 4 <= PLIC_NR_SOURCES)
			plic->priority[off / 4] = val & PLIC_MAX_PRIORITY;
	} else if (off < PLIC_ENABLE) {
		return;			/* pending bits are read-only */
	} else if (off < PLIC_CONTEXT) {
		ctx = plic_find_context(plic, off - PLIC_ENABLE, PLIC_ENABLE_STRIDE, &reg);
		if (ctx && !reg)
			ctx->enabled = val & PLIC_SOURCES;
	} else {
		ctx = plic_find_context(plic, off - PLIC_CONTEXT, PLIC_CONTEXT_STRIDE, &reg);
		if (ctx && reg == 0)
			ctx->threshold = val & PLIC_MAX_PRIORITY;
		/* A completion counts only if the context has the source enabled. */
		else if (ctx && reg == PLIC_CLAIM && val && val <= PLIC_NR_SOURCES &&
			 ctx->enabled & UINT32_C(1) << val)
			plic->claimed &= ~(UINT32_C(1) << val);
	}
}

uint64_t plic_mmio_read(struct vm *vm, uint64_t off, unsigned int len)
{
	struct plic *plic = &vm->plic;
	uint32_t val;

	if (len != 4 || off % 4)
		return 0;
	pthread_mutex_lock(&plic->lock);
	val = plic_read_locked(plic, off);
	plic_update_locked(plic);
	pthread_mutex_unlock(&plic->lock);
	return val;
}

void plic_mmio_write(struct vm *vm, uint64_t off, uint64_t val, unsigned int len)
{
	struct plic *plic = &vm->plic;

	if (len != 4 || off % 4)
		return;
	pthread_mutex_lock(&plic->lock);
	plic_write_locked(plic, off, val);
	plic_update_locked(plic);
	pthread_mutex_unlock(&plic->lock);
}
