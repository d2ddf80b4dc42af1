/* SPDX-License-Identifier: GPL-2.0-only */
/* The device tree that tells the guest of its machine. */
#ifndef DEVTREE_H
#define DEVTREE_H

struct vm;

/* Build it, and put it at vm->fdt_addr. */
void devtree_build(struct vm *vm);

#endif
