// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI for guests: the table of extensions and the dispatcher.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>

#include "sbi_ext.h"

/*
 * Sorted by EID. KVM's extensions are on or off by default as in KVM, since VMMs rely on that.
 * The legacy extensions do not depend on the host's CONFIG_RISCV_SBI_V01.
 */
const struct rvhv_sbi_ext rvhv_sbi_table[] = {
	{
		.name = "legacy",
		.first = RVHV_SBI_V01_FIRST,
		.last = RVHV_SBI_V01_LAST,
		.handle = rvhv_sbi_v01,
	},
	{
		.name = "Base",
		.first = SBI_EXT_BASE,
		.last = SBI_EXT_BASE,
		.always_on = true,
		.handle = rvhv_sbi_base,
	},
	{
		.name = "HSM",
		.first = SBI_EXT_HSM,
		.last = SBI_EXT_HSM,
		.handle = rvhv_sbi_hsm,
	},
	{
		.name = "HVC",
		.first = RVHV_EID_HVC,
		.last = RVHV_EID_HVC,
		.off_by_default = true,
		.handle = rvhv_sbi_hvc,
	},
	{
		.name = "IPI",
		.first = SBI_EXT_IPI,
		.last = SBI_EXT_IPI,
		.handle = rvhv_sbi_ipi,
	},
	{
		.name = "experimental",
		.first = SBI_EXT_EXPERIMENTAL_START,
		.last = SBI_EXT_EXPERIMENTAL_END,
		.handle = rvhv_sbi_forward,
	},
	{
		.name = "vendor",
		.first = SBI_EXT_VENDOR_START,
		.last = SBI_EXT_VENDOR_END,
		.handle = rvhv_sbi_forward,
	},
	{
		.name = "DBCN",
		.first = SBI_EXT_DBCN,
		.last = SBI_EXT_DBCN,
		.off_by_default = true,
		.handle = rvhv_sbi_dbcn,
	},
	{
		.name = "HOST",
		.first = RVHV_EID_HOST_COMM,
		.last = RVHV_EID_HOST_COMM,
		.probe = rvhv_sbi_host_probe,
		.handle = rvhv_sbi_host,
	},
	{
		.name = "RFENCE",
		.first = SBI_EXT_RFENCE,
		.last = SBI_EXT_RFENCE,
		.handle = rvhv_sbi_rfence,
	},
	{
		.name = "SRST",
		.first = SBI_EXT_SRST,
		.last = SBI_EXT_SRST,
		.handle = rvhv_sbi_srst,
	},
	{
		.name = "TIME",
		.first = SBI_EXT_TIME,
		.last = SBI_EXT_TIME,
		.handle = rvhv_sbi_time,
	},
};

const unsigned int rvhv_sbi_table_size = ARRAY_SIZE(rvhv_sbi_table);

static_assert(ARRAY_SIZE(rvhv_sbi_table) <= 64, "struct rvhv_sbi_state has one bit for each row");

/*
 * The last row that does not begin after @eid. The binary search does not test for equality: it
 * takes the same number of steps for each @eid, and no @eid leads out of the table, not even under
 * speculation. The first step leaves a power of two of rows, so that the compiler unrolls the rest.
 */
static __always_inline unsigned int row_at_or_below(unsigned long eid)
{
	const unsigned int rows = ARRAY_SIZE(rvhv_sbi_table);
	const unsigned int most = rounddown_pow_of_two(rows);
	const struct rvhv_sbi_ext *ext = rvhv_sbi_table;
	unsigned int half, row = 0;

	if (most < rows && ext[most].first <= eid) {
		row = rows - most;
		ext += rows - most;
	}
#pragma GCC unroll 8
	for (half = most / 2; half; half /= 2) {
		if (ext[half].first <= eid) {
			row += half;
			ext += half;
		}
	}
	return row;
}

/* Returns the extension's row of the table or -ENOENT. */
int rvhv_sbi_row(unsigned long eid)
{
	unsigned int row = row_at_or_below(eid);

	return eid <= rvhv_sbi_table[row].last ? row : -ENOENT;
}

/**
 * rvhv_sbi_state_init - give a vCPU the extensions that are on by default
 * @state: state of the vCPU
 * @vm: state of its VM
 *
 * Context: process context, may sleep.
 */
void rvhv_sbi_state_init(struct rvhv_sbi_state *state, struct rvhv_sbi_vm *vm)
{
	unsigned int row;

	*state = (struct rvhv_sbi_state) { .vm = vm };
	for (row = 0; row < ARRAY_SIZE(rvhv_sbi_table); row++) {
		state->available |= BIT_ULL(row);
		if (!rvhv_sbi_table[row].off_by_default)
			state->enabled |= BIT_ULL(row);
	}
	/* A VMM that chose a console need not know DBCN */
	if (vm->console)
		state->enabled |= BIT_ULL(rvhv_sbi_row(SBI_EXT_DBCN));
	state->enabled &= ~vm->forwarded_rows;
	state->slots_enabled = rvhv_sbi_registry_defaults(vm);
}

/**
 * rvhv_sbi_ext_get - is an extension enabled?
 * @state: state of the vCPU
 * @eid: the extension
 * @on: the answer
 *
 * Context: any.
 * Return: 0, or -ENOENT if there is no such extension.
 */
int rvhv_sbi_ext_get(const struct rvhv_sbi_state *state, unsigned long eid, bool *on)
{
	int row = rvhv_sbi_row(eid);

	if (row < 0 || !(state->available & BIT_ULL(row)))
		return -ENOENT;
	*on = state->enabled & BIT_ULL(row);
	return 0;
}

/**
 * rvhv_sbi_ext_set - enable or disable an extension
 * @state: state of the vCPU
 * @eid: the extension
 * @on: enable it
 *
 * Context: any.
 * Return: 0; -ENOENT if there is no such extension; -EINVAL if it cannot be disabled.
 */
int __cold rvhv_sbi_ext_set(struct rvhv_sbi_state *state, unsigned long eid, bool on)
{
	int row = rvhv_sbi_row(eid);

	if (row < 0 || !(state->available & BIT_ULL(row)))
		return -ENOENT;
	if (!on && rvhv_sbi_table[row].always_on)
		return -EINVAL;

	if (on)
		state->enabled |= BIT_ULL(row);
	else
		state->enabled &= ~BIT_ULL(row);
	return 0;
}

/*
 * An EID without an enabled row: one of the VMM, of another module, or unknown to all. Out of line,
 * so that the fast path saves fewer registers.
 */
static noinline
enum rvhv_sbi_result dispatch_other(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				    const struct rvhv_sbi_state *state, struct rvhv_sbi_call *call)
{
	if (rvhv_sbi_forwarded(state->vm, call->eid))
		return RVHV_SBI_VMM;
	return rvhv_sbi_registered(vcpu, ops, state, call);
}

/**
 * rvhv_sbi_dispatch - carry out an SBI call
 * @vcpu: the caller
 * @ops: access to vCPUs
 * @state: extensions of @vcpu
 * @call: the call; RVHV_SBI_DEFER changes only @call->error and @call->value
 *
 * Context: the vCPU's thread; interrupts off if @call->atomic, else may sleep.
 * Return: the result, and what the caller must do.
 */
enum rvhv_sbi_result rvhv_sbi_dispatch(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				       const struct rvhv_sbi_state *state,
				       struct rvhv_sbi_call *call)
{
	unsigned int row = row_at_or_below(call->eid);

	call->error = SBI_SUCCESS;
	call->value = 0;
	if (likely(call->eid <= rvhv_sbi_table[row].last && (state->enabled & BIT_ULL(row))))
		return rvhv_sbi_table[row].handle(vcpu, ops, state, call);
	if (likely(!READ_ONCE(state->vm->nr_forward) && !rvhv_sbi_maybe_registered(call->eid)))
		return rvhv_sbi_error(call, SBI_ERR_NOT_SUPPORTED);
	return dispatch_other(vcpu, ops, state, call);
}
