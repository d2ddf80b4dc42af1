/* SPDX-License-Identifier: GPL-2.0-only */
/* The state of a VM: registers by the vCPUs' lists, MP states, memory */
#ifndef RVM_SNAPSHOT_H
#define RVM_SNAPSHOT_H

#include "check.h"

#include <linux/rvhv.h>
#include <stdio.h>
#include <stdlib.h>

#define SNAP_REGS	512
#define SNAP_BYTES	256	/* the largest register: a vector of 2048 bits */
#define SNAP_VCPUS	2

#define RVM_REG_HS(num)		RVM_REG(CSR, U64, RVHV_REG_RISCV_CSR_HS | (num))
#define RVM_REG_VIRT		RVM_REG_HS(RVHV_REG_RISCV_HS_VIRT)

struct snap_vcpu {
	uint32_t mp_state;
	uint32_t n;
	uint64_t id[SNAP_REGS];
	uint8_t val[SNAP_REGS][SNAP_BYTES];
};

struct snapshot {
	char error[256];
	struct snap_vcpu vcpu[SNAP_VCPUS];
	uint8_t mem[RVM_SIZE];
};

/* In memory that child processes share */
static inline struct snapshot *snap_alloc(void)
{
	void *p = mmap(NULL, sizeof(struct snapshot), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		rvm_die("mmap of a snapshot");
	return p;
}

static inline size_t snap_reg_size(uint64_t id)
{
	return 1UL << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT);
}

static inline void snap_list(struct rvcpu *vcpu, struct snap_vcpu *s)
{
	struct kvm_reg_list *list = calloc(1, sizeof(*list) + sizeof(s->id));

	list->n = SNAP_REGS;
	if (ioctl(vcpu->fd, KVM_GET_REG_LIST, list))
		rvm_die("KVM_GET_REG_LIST: %lu registers", (unsigned long)list->n);
	s->n = list->n;
	memcpy(s->id, list->reg, s->n * sizeof(s->id[0]));
	free(list);
}

static inline void snap_save_vcpu(struct rvcpu *vcpu, struct snap_vcpu *s)
{
	struct kvm_mp_state mp;

	if (ioctl(vcpu->fd, KVM_GET_MP_STATE, &mp))
		rvm_die("KVM_GET_MP_STATE");
	s->mp_state = mp.mp_state;
	snap_list(vcpu, s);
	for (unsigned int i = 0; i < s->n; i++) {
		if (snap_reg_size(s->id[i]) > SNAP_BYTES)
			rvm_die("register %#lx is too large", (unsigned long)s->id[i]);
		if (rvcpu_get_raw(vcpu, s->id[i], s->val[i]))
			rvm_die("KVM_GET_ONE_REG %#lx", (unsigned long)s->id[i]);
	}
}

static inline uint64_t snap_reg(const struct snap_vcpu *s, uint64_t id)
{
	uint64_t val = 0;

	for (unsigned int i = 0; i < s->n; i++)
		if (s->id[i] == id) {
			memcpy(&val, s->val[i], sizeof(val));
			return val;
		}
	rvm_die("register %#lx is not in the list", (unsigned long)id);
}

/* Registers that change with time while no vCPU runs */
static inline bool snap_moves(uint64_t id)
{
	return id == RVM_REG_TIMER(time) || id == RVM_REG_HS(CSR_HIP) || id == RVM_REG_HS(CSR_VSIP);
}

/*
 * Write all registers: @order 0 as listed, 1 reversed, else random with @order as the seed. Then
 * the H extension is enabled first, as other registers depend on it.
 */
static inline void snap_restore_vcpu(struct rvcpu *vcpu, const struct snap_vcpu *s,
				     unsigned int order)
{
	struct kvm_mp_state mp = { .mp_state = s->mp_state };
	unsigned int at[SNAP_REGS];

	for (unsigned int i = 0; i < s->n; i++)
		at[i] = order == 1 ? s->n - 1 - i : i;
	if (order > 1) {
		unsigned int seed = order;

		for (unsigned int i = s->n; i > 1; i--) {
			unsigned int j = rand_r(&seed) % i, k = at[i - 1];

			at[i - 1] = at[j];
			at[j] = k;
		}
	}
	if (order)
		rvcpu_set_isa(vcpu, KVM_RISCV_ISA_EXT_H, true);
	for (unsigned int i = 0; i < s->n; i++) {
		uint64_t id = s->id[at[i]];
		int ret = rvcpu_set_raw(vcpu, id, s->val[at[i]]);

		/*
		 * A timer that is off cannot be disabled. Some registers are fixed after KVM_RUN.
		 */
		if ((ret == -EINVAL && id == RVM_REG_TIMER(state)) || ret == -EBUSY)
			continue;
		if (ret)
			rvm_die("KVM_SET_ONE_REG %#lx: %d", (unsigned long)id, ret);
	}
	if (ioctl(vcpu->fd, KVM_SET_MP_STATE, &mp))
		rvm_die("KVM_SET_MP_STATE");
}

/* The first register that differs, or 0 */
static inline uint64_t snap_differ(const struct snap_vcpu *a, const struct snap_vcpu *b)
{
	if (a->n != b->n || a->mp_state != b->mp_state)
		return -1UL;
	for (unsigned int i = 0; i < a->n; i++)
		if (a->id[i] != b->id[i] ||
		    (!snap_moves(a->id[i]) &&
		     memcmp(a->val[i], b->val[i], snap_reg_size(a->id[i]))))
			return a->id[i];
	return 0;
}

#endif
