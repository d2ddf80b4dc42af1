// SPDX-License-Identifier: GPL-2.0-only
/* A platform-level interrupt controller: level sources, one S-mode context for each hart. */
#include "machine.h"

#define PLIC_PENDING		0x001000
#define PLIC_ENABLE		0x002000
#define PLIC_ENABLE_STRIDE	0x80
#define PLIC_CONTEXT		0x200000
#define PLIC_CONTEXT_STRIDE	0x1000
#define PLIC_CLAIM		(PLIC_CONTEXT + 4)
#define PLIC_MAX_PRIORITY	7
#define PLIC_SOURCES		(~UINT32_C(1))	/* source 0 does not exist */

struct context {
	uint32_t enabled;
	uint32_t threshold;
	bool asserted;
};

static struct {
	uint32_t level;			/* a bit a source, here and below */
	uint32_t claimed;
	uint32_t priority[PLIC_NR_SOURCES + 1];
	struct context contexts[MAX_CPUS];
} plic;

/* A level source is pending while it is high and not claimed. */
static uint32_t pending(void)
{
	return plic.level & ~plic.claimed;
}

static unsigned int best_source(const struct context *ctx)
{
	uint32_t ready = pending() & ctx->enabled;
	uint32_t best_priority = ctx->threshold;
	unsigned int source, best = 0;

	for (; ready; ready &= ready - 1) {
		source = __builtin_ctz(ready);
		if (plic.priority[source] > best_priority) {
			best_priority = plic.priority[source];
			best = source;
		}
	}
	return best;
}

static void update_contexts(void)
{
	struct context *ctx = plic.contexts;
	unsigned int i;
	bool asserted;

	for (i = 0; i < vm.nr_cpus; i++, ctx++) {
		asserted = best_source(ctx) != 0;
		if (asserted != ctx->asserted)
			vcpu_set_external_interrupt(&vm.vcpus[i], asserted);
		ctx->asserted = asserted;
	}
}

void plic_set_level(unsigned int source, bool level)
{
	uint32_t old = plic.level;

	plic.level = level ? old | UINT32_C(1) << source : old & ~(UINT32_C(1) << source);
	if (plic.level != old)
		update_contexts();
}

static uint32_t claim(struct context *ctx)
{
	unsigned int source = best_source(ctx);

	if (source)
		plic.claimed |= UINT32_C(1) << source;
	update_contexts();
	return source;
}

/* A completion of a disabled source is ignored. */
static void complete(struct context *ctx, uint32_t source)
{
	if (source <= PLIC_NR_SOURCES && ctx->enabled & UINT32_C(1) << source)
		plic.claimed &= ~(UINT32_C(1) << source);
}

/* The context whose registers @off is in, of an array with @stride; or NULL */
static struct context *find_context(uint64_t off, uint64_t stride)
{
	return off % stride || off / stride >= vm.nr_cpus ? NULL : &plic.contexts[off / stride];
}

/* A register without side effects, and its writable bits in *@mask; or NULL */
static uint32_t *find_register(uint64_t off, uint32_t *mask)
{
	struct context *ctx;

	*mask = PLIC_MAX_PRIORITY;
	if (off < PLIC_PENDING)
		return off / 4 && off / 4 <= PLIC_NR_SOURCES ? &plic.priority[off / 4] : NULL;
	if (off >= PLIC_CONTEXT) {
		ctx = find_context(off - PLIC_CONTEXT, PLIC_CONTEXT_STRIDE);
		return ctx ? &ctx->threshold : NULL;
	}
	*mask = PLIC_SOURCES;
	ctx = off < PLIC_ENABLE ? NULL : find_context(off - PLIC_ENABLE, PLIC_ENABLE_STRIDE);
	return ctx ? &ctx->enabled : NULL;
}

uint32_t plic_read(uint64_t off)
{
	struct context *ctx = find_context(off - PLIC_CLAIM, PLIC_CONTEXT_STRIDE);
	uint32_t mask, *reg = find_register(off, &mask);

	if (ctx)
		return claim(ctx);
	if (off == PLIC_PENDING)
		return pending();
	return reg ? *reg : 0;
}

void plic_write(uint64_t off, uint32_t val)
{
	struct context *ctx = find_context(off - PLIC_CLAIM, PLIC_CONTEXT_STRIDE);
	uint32_t mask, *reg = find_register(off, &mask);

	if (ctx)
		complete(ctx, val);
	else if (reg)
		*reg = val & mask;
	update_contexts();
}
