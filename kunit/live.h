/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Live suites run real guests, programs of a page or less (live_guest.S), without a VMM.
 */
#ifndef _RVHV_KUNIT_LIVE_H
#define _RVHV_KUNIT_LIVE_H

/* Guest memory: the program, in the next page the arguments of the "sbi" guest */
#define LIVE_RAM	0x80000000
#define LIVE_RAM_SIZE	0x400000
#define LIVE_ARGS	(LIVE_RAM + 0x1000)
#define LIVE_DATA	(LIVE_RAM + 0x200000)
/* A guest reports a value by a store to this address, which has no memory. */
#define LIVE_REPORT	0x10000000
/* Another address without memory */
#define LIVE_DEVICE	0x10001000

#ifndef __ASSEMBLY__

#include <kunit/test.h>

#include "../rvhv_vm.h"
#include "../vcpu/run.h"

struct live {
	struct rvhv_vm *vm;
	unsigned long hva;
};

#define LIVE_START(test, name)	({							\
	extern const char live_guest_##name[], live_guest_##name##_end[];		\
	live_start(test, live_guest_##name, live_guest_##name##_end - live_guest_##name); \
})

/* Create a VM with the program in its memory; the end of the test destroys it. */
struct live *live_start(struct kunit *test, const void *code, size_t size);
/* Create vCPU @id, its pc at the start of the program. */
struct rvhv_vcpu *live_vcpu(struct kunit *test, struct live *live, unsigned int id);
/* Returns the result of rvhv_vcpu_run(). */
int live_run(struct rvhv_vcpu *vcpu);
/* Run until the guest reports a value; any other exit fails the test. */
u64 live_report(struct kunit *test, struct rvhv_vcpu *vcpu);
/* User address of the memory at @gpa */
unsigned long live_hva(const struct live *live, u64 gpa);

/* Make one SBI call in the guest "sbi". Returns a0, and a1 in *value. */
long live_sbi(struct kunit *test, struct live *live, struct rvhv_vcpu *vcpu, unsigned long eid,
	      unsigned long fid, unsigned long a0, unsigned long a1, unsigned long a2,
	      unsigned long *value);

/* Run @vcpu until its next report in a new thread, on CPU @cpu unless negative. */
struct live_thread;
struct live_thread *live_thread_start(struct kunit *test, struct rvhv_vcpu *vcpu, int cpu);
/* The result of its rvhv_vcpu_run() */
int live_thread_join(struct live_thread *thread);
u64 live_thread_report(struct kunit *test, struct live_thread *thread);

#endif /* !__ASSEMBLY__ */
#endif /* _RVHV_KUNIT_LIVE_H */
