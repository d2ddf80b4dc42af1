// SPDX-License-Identifier: GPL-2.0-only
#include "finisher.h"

#include "exit_status.h"
#include "vm.h"

#define FINISHER_FAIL	0x3333		/* status in the upper half */
#define FINISHER_PASS	0x5555
#define FINISHER_RESET	0x7777

uint64_t finisher_mmio_read(struct vm *vm, uint64_t off, unsigned int len)
{
	return 0;
}

void finisher_mmio_write(struct vm *vm, uint64_t off, uint64_t val, unsigned int len)
{
	if (off)
		return;
	switch (val & 0xffff) {
	case FINISHER_PASS:
		vm_stop(vm, VM_ENDED, EXIT_POWERED_OFF);
		break;
	case FINISHER_FAIL:
		vm_stop(vm, VM_ENDED, (val >> 16) & 0xff);
		break;
	case FINISHER_RESET:
		vm_stop(vm, VM_RESET, 0);
		break;
	}
}
