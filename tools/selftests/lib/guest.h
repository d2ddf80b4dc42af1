/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What guest code may use. A guest function is C marked __guest: it is compiled into the test,
 * copied as it is to the start of the guest's memory and runs there in VS mode with translation
 * off. It may call other __guest functions, and may not touch globals, string literals or libc.
 */
#ifndef RVM_GUEST_H
#define RVM_GUEST_H

#include <assert.h>
#include <stdint.h>

#include "rvm.h"

#define __guest		__attribute__((section("guest_text"), noinline, used))
#define __guest_inline	static inline __attribute__((always_inline))

/* One page that the test sees as rvm_shared(vm) and the guest as guest_shared(). */
struct guest_shared {
	volatile uint64_t val[256];
	struct {
		volatile uint64_t count, cause, epc, tval;
		/* What the trap handler does to sepc: 0 adds the instruction's length. */
		volatile uint64_t resume;
		uint64_t pad[3];
	} trap[RVM_MAX_VCPUS];
	volatile uint64_t irq_count[RVM_MAX_VCPUS];
	volatile uint64_t irq_cause[RVM_MAX_VCPUS];
};

static_assert(sizeof(struct guest_shared) <= RVM_PAGE, "one page");

#define rvm_shared(vm)	((struct guest_shared *)((char *)(vm)->mem + RVM_SHARED_OFF))
#define guest_shared()	((struct guest_shared *)(RVM_BASE + RVM_SHARED_OFF))

struct sbiret {
	long error;
	long value;
};

__guest_inline struct sbiret guest_ecall(unsigned long ext, unsigned long fid, unsigned long arg0,
					 unsigned long arg1, unsigned long arg2,
					 unsigned long arg3, unsigned long arg4)
{
	register unsigned long a0 asm("a0") = arg0;
	register unsigned long a1 asm("a1") = arg1;
	register unsigned long a2 asm("a2") = arg2;
	register unsigned long a3 asm("a3") = arg3;
	register unsigned long a4 asm("a4") = arg4;
	register unsigned long a5 asm("a5") = 0;
	register unsigned long a6 asm("a6") = fid;
	register unsigned long a7 asm("a7") = ext;

	asm volatile("ecall" : "+r"(a0), "+r"(a1)
		     : "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a6), "r"(a7) : "memory");
	return (struct sbiret){ .error = a0, .value = a1 };
}

/* Of the experimental range: every function goes to the VMM. */
#define GUEST_EID		0x08000000UL

enum { GUEST_SYNC, GUEST_DONE, GUEST_FAIL };

/* Hand control to the test, with one number; what the test puts in ret[0] comes back. */
__guest_inline unsigned long guest_sync(unsigned long value)
{
	return guest_ecall(GUEST_EID, GUEST_SYNC, value, 0, 0, 0, 0).error;
}

__guest_inline __attribute__((noreturn)) void guest_done(unsigned long value)
{
	for (;;)
		guest_ecall(GUEST_EID, GUEST_DONE, value, 0, 0, 0, 0);
}

__guest_inline __attribute__((noreturn)) void guest_fail(unsigned long line, unsigned long value)
{
	for (;;)
		guest_ecall(GUEST_EID, GUEST_FAIL, line, value, 0, 0, 0);
}

#define GUEST_ASSERT(cond)		do { if (!(cond)) guest_fail(__LINE__, 0); } while (0)
#define GUEST_ASSERT_EQ(a, b) \
	do { unsigned long _a = (a); if (_a != (unsigned long)(b)) guest_fail(__LINE__, _a); } \
	while (0)

#define csr_read(csr) \
	({ unsigned long _v; asm volatile("csrr %0, " #csr : "=r"(_v) :: "memory"); _v; })
#define csr_op(op, csr, v) \
	asm volatile(op " " #csr ", %0" :: "r"((unsigned long)(v)) : "memory")
#define csr_write(csr, v)	csr_op("csrw", csr, v)
#define csr_set(csr, v)		csr_op("csrs", csr, v)
#define csr_clear(csr, v)	csr_op("csrc", csr, v)
#define guest_rdtime()		csr_read(time)

#define SR_SIE			(1UL << 1)
#define SR_FS_INITIAL		(1UL << 13)
#define SR_VS_INITIAL		(1UL << 9)
#define SR_SUM			(1UL << 18)
#define IE_SSIE			(1UL << 1)
#define IE_STIE			(1UL << 5)
#define IE_SEIE			(1UL << 9)
#define CAUSE_IRQ		(1UL << 63)

/*
 * Take traps: exceptions are recorded in trap[hart] and skipped (or resumed at .resume),
 * interrupts counted, and switched off at their source so that they do not come again.
 */
void guest_trap_init(unsigned long hart);

/* SBI, by the names of the specification */
#define SBI_BASE	0x10UL
#define SBI_TIME	0x54494D45UL
#define SBI_IPI		0x735049UL
#define SBI_RFENCE	0x52464E43UL
#define SBI_HSM		0x48534DUL
#define SBI_SRST	0x53525354UL
#define SBI_DBCN	0x4442434EUL

#define SBI_SUCCESS			0
#define SBI_ERR_FAILED			-1
#define SBI_ERR_NOT_SUPPORTED		-2
#define SBI_ERR_INVALID_PARAM		-3
#define SBI_ERR_DENIED			-4
#define SBI_ERR_INVALID_ADDRESS		-5
#define SBI_ERR_ALREADY_AVAILABLE	-6
#define SBI_ERR_ALREADY_STARTED		-7
#define SBI_ERR_ALREADY_STOPPED		-8

#endif
