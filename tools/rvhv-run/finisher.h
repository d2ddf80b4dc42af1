/* SPDX-License-Identifier: GPL-2.0-only */
/* The SiFive test finisher: one register by which a guest ends itself with a status. */
#ifndef FINISHER_H
#define FINISHER_H

#include <stdint.h>

struct vm;

uint64_t finisher_mmio_read(struct vm *vm, uint64_t off, unsigned int len);
void finisher_mmio_write(struct vm *vm, uint64_t off, uint64_t val, unsigned int len);

#endif
