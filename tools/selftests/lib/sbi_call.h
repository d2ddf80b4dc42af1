/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest that makes the SBI calls that the test asks for */
#ifndef RVM_SBI_CALL_H
#define RVM_SBI_CALL_H

#include "check.h"

/* Endlessly: the call in val[0] to val[6]; its result goes to val[10] and val[11]. */
static __guest void guest_call(unsigned long a0, unsigned long a1)
{
	struct guest_shared *s = guest_shared();

	for (;;) {
		struct sbiret ret = guest_ecall(s->val[0], s->val[1], s->val[2], s->val[3],
						s->val[4], s->val[5], s->val[6]);

		s->val[10] = ret.error;
		s->val[11] = ret.value;
		guest_sync(0);
	}
}

struct call {
	unsigned long ext, fid, arg[5];
};

static struct sbiret sbi(struct __test_metadata *_metadata, struct rvcpu *vcpu, struct call c)
{
	struct guest_shared *s = rvm_shared(vcpu->vm);

	s->val[0] = c.ext;
	s->val[1] = c.fid;
	for (int i = 0; i < 5; i++)
		s->val[2 + i] = c.arg[i];
	GUEST_SAYS_SYNC(vcpu);
	return (struct sbiret){ s->val[10], s->val[11] };
}

#define SBI(...)	sbi(_metadata, &vcpu, (struct call){ __VA_ARGS__ })

#endif
