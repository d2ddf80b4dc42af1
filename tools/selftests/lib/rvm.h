/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A thin library over the KVM ABI for small flat guests. The self-tests and the exit-cost client
 * use it on /dev/rvhv and on /dev/kvm.
 *
 * Functions whose name ends in _raw return -errno. The others end the process with a message on
 * failure.
 */
#ifndef RVM_H
#define RVM_H

#include <errno.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>

#define RVM_PAGE		4096UL
#define RVM_BASE		0x80000000UL	/* start of the guest's memory */
#define RVM_SIZE		(4UL << 20)	/* and its size */
#define RVM_SHARED_OFF		0x40000UL	/* struct guest_shared */
#define RVM_STACK_OFF		0x50000UL	/* stacks of the vCPUs */
#define RVM_STACK_SIZE		0x4000UL
#define RVM_FREE_OFF		0x100000UL	/* from here on: the test's own */
#define RVM_MAX_VCPUS		8

#define RVM_MMIO		0x10000000UL	/* never memory */

struct rvm {
	int dev;
	int fd;
	void *mem;
	size_t size;
};

struct rvcpu {
	struct rvm *vm;
	int id;
	int fd;
	struct kvm_run *run;
	bool random;	/* runs random code: its failed checks mean nothing */
};

void rvm_die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

const char *rvm_path(void);
void rvm_set_path(const char *path);
bool rvm_is_kvm(void);

int rvm_open(void);
size_t rvm_run_size(int dev);

/* A VM without memory, and one with RVM_SIZE bytes at RVM_BASE that hold the guest code */
void rvm_create_bare(struct rvm *vm);
void rvm_create(struct rvm *vm);
void rvm_destroy(struct rvm *vm);

int rvm_set_slot_raw(struct rvm *vm, uint32_t slot, uint32_t flags, uint64_t gpa, uint64_t size,
		     void *hva);
void rvm_set_slot(struct rvm *vm, uint32_t slot, uint32_t flags, uint64_t gpa, uint64_t size,
		  void *hva);
void *rvm_anon(size_t size);
int rvm_check_extension(struct rvm *vm, long cap);

void rvcpu_create(struct rvm *vm, int id, struct rvcpu *vcpu);
void rvcpu_destroy(struct rvcpu *vcpu);

/*
 * KVM_RUN: 0 or -errno; a failed check of the guest is printed. rvcpu_run() runs again after EINTR,
 * until rvm_set_deadline()'s time is over.
 */
int rvcpu_run_raw(struct rvcpu *vcpu);
int rvcpu_run(struct rvcpu *vcpu);
/* For the calling thread, once in a process; later calls do nothing. */
void rvm_set_deadline(unsigned int seconds);
bool rvm_deadline_passed(void);

/* The last exit and the guest's registers, for a message. Not while another thread runs it. */
const char *rvcpu_describe(struct rvcpu *vcpu);

void rvcpu_set_mp_state(struct rvcpu *vcpu, uint32_t state);

/* @fn is a guest function; it starts with @a0 and @a1. */
typedef void (*rvm_guest_fn)(unsigned long a0, unsigned long a1);
uint64_t rvm_guest_addr(const void *fn);
void rvcpu_start_at(struct rvcpu *vcpu, rvm_guest_fn fn, unsigned long a0, unsigned long a1);

int rvcpu_get_raw(struct rvcpu *vcpu, uint64_t id, void *value);
int rvcpu_set_raw(struct rvcpu *vcpu, uint64_t id, const void *value);
unsigned long rvcpu_get(struct rvcpu *vcpu, uint64_t id);
void rvcpu_set(struct rvcpu *vcpu, uint64_t id, unsigned long value);

/* Both return -errno where the host or the module lacks the extension. */
int rvcpu_enable_sbi(struct rvcpu *vcpu, unsigned long ext);
int rvcpu_set_isa(struct rvcpu *vcpu, unsigned long ext, bool on);

/* Enable the H extension; false where the host or the module cannot. */
bool rvcpu_enable_h(struct rvcpu *vcpu);

/* The first value of a statistic */
uint64_t rvcpu_stat(struct rvcpu *vcpu, const char *name);

#define RVM_REG(type, size, index) \
	(KVM_REG_RISCV | KVM_REG_SIZE_##size | KVM_REG_RISCV_##type | (index))
#define RVM_REG_CONFIG(name)	RVM_REG(CONFIG, U64, KVM_REG_RISCV_CONFIG_REG(name))
#define RVM_REG_CORE(name)	RVM_REG(CORE, U64, KVM_REG_RISCV_CORE_REG(name))
#define RVM_REG_CSR(name) \
	RVM_REG(CSR, U64, KVM_REG_RISCV_CSR_GENERAL | KVM_REG_RISCV_CSR_REG(name))
#define RVM_REG_TIMER(name)	RVM_REG(TIMER, U64, KVM_REG_RISCV_TIMER_REG(name))
#define RVM_REG_ISA(ext)	RVM_REG(ISA_EXT, U64, KVM_REG_RISCV_ISA_SINGLE | (ext))
#define RVM_REG_SBI(ext)	RVM_REG(SBI_EXT, U64, KVM_REG_RISCV_SBI_SINGLE | (ext))

#endif
