/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For guest code. A guest function is C marked __guest: it is compiled into the test, copied to the
 * start of the guest's memory and runs there in VS mode with translation off. It may call other
 * __guest functions; it must not access globals, string literals or libc.
 */
#ifndef RVM_GUEST_H
#define RVM_GUEST_H

#include <assert.h>
#include <stdint.h>

#include "csr.h"
#include "insn.h"
#include "rvm.h"

#define __guest		__attribute__((section("guest_text"), noinline, used))
#define __guest_inline	static inline __attribute__((always_inline))

/* One page that the test accesses by rvm_shared(vm) and the guest by guest_shared(). */
struct guest_shared {
	volatile uint64_t val[256];
	struct {
		volatile uint64_t count, cause, epc, tval;
		/* Where the trap handler returns to; 0: the next instruction */
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

/* An EID of the experimental range: every function of it is forwarded to the VMM. */
#define GUEST_EID		0x08000000UL

enum { GUEST_SYNC, GUEST_DONE, GUEST_FAIL };

/* Report @value to the test. Returns what the test has written to ret[0]. */
__guest_inline unsigned long guest_sync(unsigned long value)
{
	return guest_ecall(GUEST_EID, GUEST_SYNC, value, 0, 0, 0, 0).error;
}

__guest_inline __attribute__((noreturn)) void guest_done(unsigned long value)
{
	for (;;)
		guest_ecall(GUEST_EID, GUEST_DONE, value, 0, 0, 0, 0);
}

/* xorshift64* */
__guest_inline unsigned long guest_random(volatile unsigned long *state)
{
	unsigned long x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	return x * 0x2545f4914f6cdd1dUL;
}

/* ---- checks in guest code ---- */

/*
 * What a check is, for the test to print. It lies in the test's memory: the guest passes its
 * address, which does not depend on where the guest code was copied to.
 */
struct guest_check {
	const char *file;
	int line;
	const char *left, *op, *right;	/* @op is NULL where the check has no right side */
};

/* From the linker. A program without checks has no guest_checks. */
extern const char __start_guest_text[], __stop_guest_text[];
extern const char __start_guest_checks[], __stop_guest_checks[];
#pragma weak __start_guest_checks
#pragma weak __stop_guest_checks

#define GUEST_CHECK(l, o, r) \
	({ \
		static const struct guest_check _check \
			__attribute__((section("guest_checks"), used)) = { \
			.file = __FILE__, .line = __LINE__, .left = l, .op = o, .right = r, \
		}; \
		unsigned long _addr; \
		asm("lui %0, %%hi(%1)\n addi %0, %0, %%lo(%1)" : "=r"(_addr) : "S"(&_check)); \
		_addr; \
	})

/* End the guest. @check: from GUEST_CHECK(), or what an L2 has passed on */
__guest_inline __attribute__((noreturn)) void guest_fail(unsigned long check, unsigned long left,
							 unsigned long right)
{
	for (;;)
		guest_ecall(GUEST_EID, GUEST_FAIL, check, left, right, 0, 0);
}

/* @fail: guest_fail(), or l2_fail() in an L2 whose L1 passes it on */
#define GUEST_COMPARE(fail, l, op, r) \
	do { \
		unsigned long _l = (unsigned long)(l), _r = (unsigned long)(r); \
		if (!(_l op _r)) \
			fail(GUEST_CHECK(#l, #op, #r), _l, _r); \
	} while (0)

#define GUEST_ASSERT(cond) \
	do { if (!(cond)) guest_fail(GUEST_CHECK(#cond, NULL, NULL), 0, 0); } while (0)
#define GUEST_ASSERT_EQ(l, r)	GUEST_COMPARE(guest_fail, l, ==, r)
#define GUEST_ASSERT_NE(l, r)	GUEST_COMPARE(guest_fail, l, !=, r)
#define GUEST_ASSERT_LE(l, r)	GUEST_COMPARE(guest_fail, l, <=, r)
#define GUEST_ASSERT_LT(l, r)	GUEST_COMPARE(guest_fail, l, <, r)
/* What must not happen, with a value that tells more */
#define GUEST_FAIL_AT(what, value) \
	guest_fail(GUEST_CHECK(what, NULL, NULL), (unsigned long)(value), 0)

/* Spin until @cond, for some 20 seconds at most; the clock of the hosts runs at 10 MHz. */
#define GUEST_WAIT_TICKS	200000000UL
#define GUEST_WAIT_FOR(cond) \
	do { \
		unsigned long _start = csr_read(time); \
		while (!(cond)) \
			if (csr_read(time) - _start > GUEST_WAIT_TICKS) \
				GUEST_FAIL_AT("timeout: " #cond, csr_read(time) - _start); \
	} while (0)

#define guest_rdtime()		csr_read(time)

/*
 * Install a trap handler. It records an exception in trap[hart] and skips the instruction, or
 * resumes at .resume. It counts an interrupt and disables or clears it.
 */
void guest_trap_init(unsigned long hart);

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
