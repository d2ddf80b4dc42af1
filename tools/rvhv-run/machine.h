/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine, one a process, and the functions of its parts */
#ifndef MACHINE_H
#define MACHINE_H

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Physical addresses and interrupt numbers */
#define FINISHER_BASE		0x00100000UL
#define FINISHER_SIZE		0x1000UL
#define PLIC_BASE		0x0c000000UL
#define PLIC_SIZE		0x04000000UL
#define PLIC_NR_SOURCES		31		/* numbered from 1 */
#define UART_BASE		0x10000000UL
#define UART_SIZE		0x100UL
#define UART_IRQ		1
#define UART_CLOCK		1843200
#define RAM_BASE		0x80000000UL

#define MAX_CPUS		1024
#define SZ_4K			0x1000UL
#define SZ_2M			0x200000UL

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define __noreturn		__attribute__((__noreturn__))

/* Exit statuses; the manual page lists them */
#define EXIT_POWERED_OFF	0
#define EXIT_GUEST_FAILED	1	/* power off with the SRST reason "system failure" */
#define EXIT_USAGE		2
#define EXIT_GUEST_DIED		3	/* crash, failed KVM_RUN, or unknown exit */
#define EXIT_SETUP		125	/* rvhv-run could not set the guest up */

#define SBI_ERR_NOT_SUPPORTED	(-2UL)

struct vcpu {
	unsigned int id;		/* also the hart id */
	int fd;
	struct kvm_run *run;
};

extern struct vm {
	/* From the command line */
	char **argv;
	const char *dev, *kernel, *initrd, *append;
	const char *host_comm;		/* NULL: none */
	const char *without;		/* extensions, with commas */
	unsigned int nr_cpus;
	uint64_t ram_size;
	unsigned int hugepage_shift;	/* 0: ordinary pages */
	bool transparent_hugepages;
	bool nested;
	const char *stats;		/* file for statistics; NULL: none */

	int fd;
	size_t run_size;
	uint8_t *ram;
	struct vcpu vcpus[MAX_CPUS];
	pthread_mutex_t device_lock;	/* protects uart_*() and plic_*() */

	/* Set by loader_load(); the device tree has 2 MiB of RAM. */
	uint64_t kernel_entry, fdt_addr, initrd_start, initrd_end;
} vm;

/* Any thread may end or reset the guest; the first one does. */
void vm_create(void);
void *vm_guest_ptr(uint64_t gpa, uint64_t len);		/* NULL if any of it is not RAM */
void vm_access_device(uint64_t gpa, void *data, unsigned int len, bool is_write);
void vm_win_the_end(void);
void __noreturn vm_end(int status);
void __noreturn vm_reset(void);

/* @id lacks architecture and size. Both return 0, or -1 with errno. */
void vcpu_create(struct vcpu *vcpu, unsigned int id);
void vcpu_start(struct vcpu *vcpu);
int vcpu_get_reg(struct vcpu *vcpu, uint64_t id, uint64_t *val);
int vcpu_set_reg(struct vcpu *vcpu, uint64_t id, uint64_t val);
void vcpu_set_external_interrupt(struct vcpu *vcpu, bool asserted);

void console_choose(const char *arg);
void console_create(void);

void loader_load(void);
void devtree_build(void);
void dump_death(struct vcpu *vcpu, int err);
void stats_start(void);
void stats_write(void);
void sbi_handle_call(struct kvm_run *run);

/* The host channel, if configured. With stdio the console uses stderr. */
void hostcomm_open(void);
void hostcomm_start(void);
void hostcomm_finish(void);
bool hostcomm_has_stdio(void);

void term_open(void);
void term_restore(void);
void __noreturn term_serve_input(void);
void write_fully(int fd, const void *data, size_t len);
void term_write(const void *data, size_t len);
bool term_has_input(void);
size_t term_read(void *data, size_t len);

uint32_t plic_read(uint64_t off);
void plic_write(uint64_t off, uint32_t val);
void plic_set_level(unsigned int source, bool level);

uint32_t uart_read(uint64_t off);
void uart_write(uint64_t off, uint32_t val);
void uart_update(void);

#endif
