/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine: what main.c configures, and what the vCPUs and devices share. */
#ifndef VM_H
#define VM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plic.h"
#include "uart.h"

#define MAX_ISA_CHANGES	32

struct isa_change {
	unsigned int ext;
	bool enable;
};

struct vm_config {
	const char *dev;
	const char *kernel;
	const char *initrd;
	const char *append;
	unsigned int nr_cpus;
	uint64_t ram_size;
	unsigned int hugepage_shift;		/* 0: ordinary pages */
	bool transparent_hugepages;
	bool no_reboot;
	unsigned int nr_isa_changes;
	struct isa_change isa_changes[MAX_ISA_CHANGES];
};

enum vm_outcome {
	VM_RUNNING,
	VM_ENDED,		/* with vm->status */
	VM_RESET,
};

struct vcpu;

struct vm {
	const struct vm_config *cfg;
	int dev_fd;
	int fd;
	int wake_fd;				/* an eventfd that main.c polls */
	uint8_t *ram;
	void *map;				/* what ram lies in, for munmap() */
	size_t map_size;
	size_t run_size;
	struct vcpu *vcpus;
	struct plic plic;
	struct uart uart;

	uint64_t kernel_entry;
	uint64_t initrd_start, initrd_end;
	uint64_t fdt_addr;

	pthread_mutex_t stop_lock;
	atomic_int outcome;		/* enum vm_outcome; the first to stop the guest wins */
	int status;
	atomic_uint nr_stray_accesses;
};

void vm_create(struct vm *vm, const struct vm_config *cfg, int wake_fd);
void vm_start(struct vm *vm);
void vm_stop(struct vm *vm, enum vm_outcome outcome, int status);
void vm_join(struct vm *vm);
void vm_destroy(struct vm *vm);
void vm_wake_main(struct vm *vm);
void vm_dump_vcpus(struct vm *vm);

static inline bool vm_is_stopping(struct vm *vm)
{
	return atomic_load(&vm->outcome) != VM_RUNNING;
}

/* The guest's memory at [@gpa, @gpa + @len), or NULL if any of it is not RAM. */
void *vm_guest_ptr(struct vm *vm, uint64_t gpa, uint64_t len);

/* Loads and stores of the guest outside RAM; unknown addresses read as zero. */
uint64_t vm_mmio_read(struct vm *vm, uint64_t gpa, unsigned int len);
void vm_mmio_write(struct vm *vm, uint64_t gpa, uint64_t val, unsigned int len);

#endif
