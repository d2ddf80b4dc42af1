// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI specification, "Legacy Extensions": one function for each EID; the FID is ignored, a1 is
 * kept. asm/sbi.h names the EIDs only with CONFIG_RISCV_SBI_V01, which is about calls of the host.
 */
#include <linux/bitops.h>

#include "console.h"
#include "sbi_ext.h"

enum {
	V01_SET_TIMER,
	V01_CONSOLE_PUTCHAR,
	V01_CONSOLE_GETCHAR,
	V01_CLEAR_IPI,
	V01_SEND_IPI,
	V01_REMOTE_FENCE_I,
	V01_REMOTE_SFENCE_VMA,
	V01_REMOTE_SFENCE_VMA_ASID,
	V01_SHUTDOWN,
};

static_assert(V01_SHUTDOWN == RVHV_SBI_V01_LAST);

/* The hart mask of a legacy call: bit i of word j stands for hart j * BITS_PER_LONG + i */
struct v01_harts {
	unsigned int nr;
	unsigned long word[BITS_TO_LONGS(RVHV_MAX_VCPUS)];
};

/* The highest hart id determines the length. Bits of harts that do not exist are ignored. */
static bool read_mask(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
		      struct rvhv_sbi_call *call, struct v01_harts *harts)
{
	unsigned long gva = call->args[0];
	unsigned long hart;

	if (gva % sizeof(long)) {
		call->trap = (struct rvhv_trap) {
			.scause = EXC_LOAD_MISALIGNED,
			.stval = gva,
		};
		return false;
	}

	for (harts->nr = 0; harts->nr < ARRAY_SIZE(harts->word); harts->nr++) {
		hart = harts->nr * BITS_PER_LONG;
		if (!ops->next(vcpu, &hart))
			break;
		if (!ops->load_word(vcpu, gva + harts->nr * sizeof(long),
				    &harts->word[harts->nr], &call->trap))
			return false;
	}
	return true;
}

static void send_ipi(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
		     struct rvhv_sbi_harts harts)
{
	struct rvhv_vcpu *target;

	while ((target = rvhv_sbi_harts_next(vcpu, ops, &harts)))
		ops->raise_ipi(target);
}

/* Carry out @call for one set of harts; returns true if ops->fence_wait must follow. */
static bool act_on(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
		   const struct rvhv_sbi_call *call, struct rvhv_sbi_harts harts)
{
	struct rvhv_fence fence = {};

	switch (call->eid) {
	case V01_SEND_IPI:
		send_ipi(vcpu, ops, harts);
		return false;
	case V01_REMOTE_FENCE_I:
		fence.kind = RVHV_FENCE_I;
		break;
	case V01_REMOTE_SFENCE_VMA_ASID:
		fence.kind = RVHV_FENCE_VVMA_ASID;
		fence.asid = call->args[3] & SATP_ASID_MASK;
		break;
	default:
		fence.kind = RVHV_FENCE_VVMA;
		break;
	}
	if (fence.kind != RVHV_FENCE_I &&
	    !rvhv_sbi_fence_range(&fence, call->args[1], call->args[2]))
		return false;
	return rvhv_sbi_fence_harts(vcpu, ops, harts, &fence);
}

static enum rvhv_sbi_result __cold to_harts(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
					    struct rvhv_sbi_call *call)
{
	struct rvhv_sbi_harts set = { .base = RVHV_SBI_ALL_HARTS };
	struct v01_harts harts;
	bool wait = false;
	unsigned int i;

	/* Too rare for a fast path */
	if (call->atomic)
		return RVHV_SBI_DEFER;

	if (!call->args[0]) {
		wait = act_on(vcpu, ops, call, set);
	} else {
		/* Read all words before the first effect: any of them may fault */
		if (!read_mask(vcpu, ops, call, &harts))
			return RVHV_SBI_TRAP;
		for (i = 0; i < harts.nr; i++) {
			set.mask = harts.word[i];
			set.base = i * BITS_PER_LONG;
			wait |= act_on(vcpu, ops, call, set);
		}
	}
	if (wait)
		ops->fence_wait(vcpu);
	return RVHV_SBI_DONE_LEGACY;
}

static enum rvhv_sbi_result console(const struct rvhv_sbi_state *state, struct rvhv_sbi_call *call)
{
	u8 byte;

	if (!state->vm->console)
		return RVHV_SBI_VMM;
	if (call->atomic)
		return RVHV_SBI_DEFER;
	if (call->eid == V01_CONSOLE_PUTCHAR)
		return rvhv_sbi_put_byte(state, call, RVHV_SBI_DONE_LEGACY);
	/* The byte, or -1 */
	call->error = rvhv_console_read(state->vm->console, &byte, 1) ? byte : -1;
	return RVHV_SBI_DONE_LEGACY;
}

enum rvhv_sbi_result rvhv_sbi_v01(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				  const struct rvhv_sbi_state *state, struct rvhv_sbi_call *call)
{
	u64 deadline = call->args[0];

	switch (call->eid) {
	case V01_SET_TIMER:
		if (BITS_PER_LONG == 32)
			deadline |= (u64)call->args[1] << 32;
		ops->set_timer(vcpu, deadline);
		return RVHV_SBI_DONE_LEGACY;
	case V01_CONSOLE_PUTCHAR:
	case V01_CONSOLE_GETCHAR:
		return console(state, call);
	case V01_CLEAR_IPI:
		ops->clear_ipi(vcpu);
		return RVHV_SBI_DONE_LEGACY;
	case V01_SHUTDOWN:
		call->event = RVHV_SYSTEM_SHUTDOWN;
		call->reason = SBI_SRST_RESET_REASON_NONE;
		return RVHV_SBI_SYSTEM;
	default:
		return to_harts(vcpu, ops, call);
	}
}
