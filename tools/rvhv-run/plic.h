/* SPDX-License-Identifier: GPL-2.0-only */
/* A platform-level interrupt controller: level sources, one S-mode context for each hart. */
#ifndef PLIC_H
#define PLIC_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define PLIC_NR_SOURCES	31		/* numbered from 1 */

struct vm;

struct plic_context {
	uint32_t enabled;
	uint32_t threshold;
	bool asserted;
};

struct plic {
	pthread_mutex_t lock;
	struct vm *vm;
	uint32_t level;			/* one bit for each source, here and below */
	uint32_t claimed;
	uint32_t priority[PLIC_NR_SOURCES + 1];
	struct plic_context *contexts;
};

void plic_init(struct plic *plic, struct vm *vm);
void plic_destroy(struct plic *plic);
void plic_set_level(struct plic *plic, unsigned int source, bool level);
uint64_t plic_mmio_read(struct vm *vm, uint64_t off, unsigned int len);
void plic_mmio_write(struct vm *vm, uint64_t off, uint64_t val, unsigned int len);

#endif
