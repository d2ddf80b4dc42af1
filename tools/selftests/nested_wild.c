// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random values in random registers of a vCPU, between runs in its L2 and its L1. RVHV_CYCLES
 * scales the test.
 */
#include "nested_stop.h"

/* Few bits, addresses of the guest's memory, values of atp CSRs, noise */
static uint64_t wild(uint64_t *state)
{
	uint64_t r = guest_random(state);

	switch (r & 7) {
	case 0:
		return 0;
	case 1:
		return -1UL;
	case 2:
		return 1UL << (r >> 8 & 63);
	case 3:
		return RVM_BASE + (r >> 8 & 0x3ffffe);
	case 4:
		return (r >> 8 & 15) << 60 | (HART_AT(0) + (r >> 16 & 0xf000)) >> 12;
	default:
		return r;
	}
}

struct ticker {
	pthread_t target;
	volatile bool stop;
};

static void *tick(void *arg)
{
	struct ticker *t = arg;

	while (!t->stop) {
		usleep(1000);
		pthread_kill(t->target, SIGUSR1);
	}
	return NULL;
}

TEST_F_TIMEOUT(l2, wild, 300)
{
	static const uint64_t core[] = {
		RVM_REG_CORE(regs.pc), RVM_REG_CORE(mode), RVM_REG_TIMER(compare),
		RVM_REG_TIMER(time), RVM_REG_VIRT, RVM_REG_VIRT,
	};
	static struct snap_vcpu list;
	unsigned long rounds = env_number("RVHV_CYCLES", 90) * 20 + 200, ran = 0, virt = 0;
	struct ticker ticker = { .target = pthread_self() };
	uint64_t state = 0x9E3779B97F4A7C15UL;
	pthread_t thread;

	SKIP_WITHOUT_H();
	self->vcpu.random = true;
	snap_list(&self->vcpu, &list);
	ASSERT_EQ(0, pthread_create(&thread, NULL, tick, &ticker));
	for (unsigned long i = 0; i < rounds; i++) {
		int ret;

		for (int j = guest_random(&state) % 8; j >= 0; j--) {
			uint64_t r = guest_random(&state);
			uint64_t id = list.id[(r >> 8) % list.n], val;

			if (r & 1)
				id = core[(r >> 8) % ARRAY_SIZE(core)];
			else if ((id & KVM_REG_RISCV_TYPE_MASK) != KVM_REG_RISCV_CSR)
				continue;
			val = id == RVM_REG_VIRT ? r >> 32 & 1 : wild(&state);
			ret = rvcpu_set_raw(&self->vcpu, id, &val);
			ASSERT_EQ(0, ret) {
				TH_LOG("set %#lx: %d", (unsigned long)id, ret);
			}
		}
		/* Now and then a valid L2 */
		if (i % 16 == 0) {
			rvcpu_set(&self->vcpu, RVM_REG_VIRT, 0);
			rvcpu_set(&self->vcpu, RVM_REG_CSR(satp), 0);
			rvcpu_set(&self->vcpu, RVM_REG_CSR(sie), 0);
			rvcpu_start_at(&self->vcpu, l1_once, 0, 0);
		}
		ret = rvcpu_run_raw(&self->vcpu);
		ASSERT_TRUE(!ret || ret == -EINTR || ret == -EFAULT) {
			TH_LOG("KVM_RUN: %d", ret);
		}
		ran += !ret;
		virt += rvcpu_get(&self->vcpu, RVM_REG_VIRT);
	}
	ticker.stop = true;
	pthread_join(thread, NULL);
	TH_LOG("%lu runs, %lu ended in an L2, %lu with an exit", rounds, virt, ran);
	EXPECT_LT(0, virt);
	EXPECT_LT(0, ran);
}

TEST_HARNESS_MAIN
