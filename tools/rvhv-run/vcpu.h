/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU: its file descriptor, its thread, and what to do about each of its exits. */
#ifndef VCPU_H
#define VCPU_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct kvm_run;
struct vm;

struct vcpu {
	struct vm *vm;
	unsigned int id;		/* also the hart id */
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	atomic_bool wants_dump;
};

void vcpu_create(struct vcpu *vcpu, struct vm *vm, unsigned int id);
void vcpu_destroy(struct vcpu *vcpu);
void vcpu_set_boot_regs(struct vcpu *vcpu, uint64_t pc, uint64_t fdt_addr);
void vcpu_start(struct vcpu *vcpu);
void vcpu_kick(struct vcpu *vcpu);
void vcpu_join(struct vcpu *vcpu);
void vcpu_request_dump(struct vcpu *vcpu);
void vcpu_set_external_interrupt(struct vcpu *vcpu, bool asserted);

/* ONE_REG; @id without architecture and size. Both return 0 or -1 with errno. */
int vcpu_get_reg(struct vcpu *vcpu, uint64_t id, uint64_t *val);
int vcpu_set_reg(struct vcpu *vcpu, uint64_t id, uint64_t val);

#endif
