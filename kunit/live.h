/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Live suites: real guests, programs of a page or less (live_guest.S), run by the vCPU code itself
 * without a VMM in between.
 */
#ifndef _RVHV_KUNIT_LIVE_H
#define _RVHV_KUNIT_LIVE_H

/* The guest's memory: code at its start, arguments of the "sbi" guest in the next page */
#define LIVE_RAM	0x80000000
#define LIVE_RAM_SIZE	0x400000
#define LIVE_ARGS	(LIVE_RAM + 0x1000)
#define LIVE_DATA	(LIVE_RAM + 0x200000)
/* A store here is how a guest reports a value; no memory is behind it */
#define LIVE_REPORT	0x10000000
/* Another address without memory */
#define LIVE_DEVICE	0x10001000

#ifndef __ASSEMBLY__

#include <kunit/test.h>

#include "../rvhv_vm.h"
#include "../vcpu/vcpu.h"

struct live {
	struct rvhv_vm *vm;
	unsigned long hva;
};

#define LIVE_START(test, name)	({							\
	extern const char live_guest_##name[], live_guest_##name##_end[];		\
	live_start(test, live_guest_##name, live_guest_##name##_end - live_guest_##name); \
})

/* A VM with LIVE_RAM_SIZE of memory and the program in it; ends with the test. */
struct live *live_start(struct kunit *test, const void *code, size_t size);
/* Create vCPU @id, its pc at the start of the program. */
struct rvhv_vcpu *live_vcpu(struct kunit *test, struct live *live, unsigned int id);
/* KVM_RUN; the result of rvhv_vcpu_run(). */
int live_run(struct rvhv_vcpu *vcpu);
/* Run until the guest reports a value; anything else fails the test. */
u64 live_report(struct kunit *test, struct rvhv_vcpu *vcpu);
/* User memory as the guest sees it at @gpa */
unsigned long live_hva(const struct live *live, u64 gpa);

/* One SBI call by the guest "sbi"; returns a0, and a1 in *value. */
long live_sbi(struct kunit *test, struct live *live, struct rvhv_vcpu *vcpu, unsigned long eid,
	      unsigned long fid, unsigned long a0, unsigned long a1, unsigned long a2,
	      unsigned long *value);

/* Run @vcpu until its next report in a thread of its own, on CPU @cpu if that is not negative. */
struct live_thread;
struct live_thread *live_thread_start(struct kunit *test, struct rvhv_vcpu *vcpu, int cpu);
u64 live_thread_report(struct kunit *test, struct live_thread *thread);

#endif /* !__ASSEMBLY__ */
#endif /* _RVHV_KUNIT_LIVE_H */
