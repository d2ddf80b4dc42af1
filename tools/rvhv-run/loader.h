/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel and initrd into guest memory. */
#ifndef LOADER_H
#define LOADER_H

struct vm;

/* Sets the addresses in @vm, that of the device tree included. */
void loader_load(struct vm *vm);

#endif
