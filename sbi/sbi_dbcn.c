// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI specification, "Debug Console Extension". The console is one of the kernel's sinks, or the
 * VMM's.
 */
#include <linux/minmax.h>

#include "console.h"
#include "sbi_ext.h"

/* Most bytes of one call, which may do less than asked: the guest calls again */
#define BYTES_MAX	4096
#define BOUNCE		256

/* Write to the console: bytes done, or an errno if the first could not be read from memory. */
static long write_bytes(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
			struct rvhv_console *console, u64 gpa, size_t len)
{
	size_t n, taken, done = 0;
	u8 buf[BOUNCE];
	int ret;

	while (done < len) {
		n = min(len - done, sizeof(buf));
		ret = ops->read_mem(vcpu, buf, gpa + done, n);
		if (ret)
			return done ?: ret;
		taken = rvhv_console_write(console, buf, n);
		done += taken;
		if (taken < n)
			break;
	}
	return done;
}

/* Read from the console: bytes done, or an errno if the first ones could not be stored. */
static long read_bytes(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
		       struct rvhv_console *console, u64 gpa, size_t len)
{
	size_t n, done = 0;
	u8 buf[BOUNCE];
	int ret;

	while (done < len) {
		n = rvhv_console_read(console, buf, min(len - done, sizeof(buf)));
		if (!n)
			break;
		ret = ops->write_mem(vcpu, gpa + done, buf, n);
		if (ret)
			return done ?: ret;
		done += n;
	}
	return done;
}

static enum rvhv_sbi_result transfer(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				     const struct rvhv_sbi_state *state, struct rvhv_sbi_call *call)
{
	bool input = call->fid == SBI_EXT_DBCN_CONSOLE_READ;
	struct rvhv_console *console = state->vm->console;
	unsigned long len = call->args[0];
	u64 gpa = call->args[1];
	long done;

	/* The upper half of the address is for harts whose registers are shorter than addresses. */
	if (BITS_PER_LONG == 32)
		gpa |= (u64)call->args[2] << 32;
	else if (call->args[2])
		return rvhv_sbi_error(call, SBI_ERR_INVALID_PARAM);
	if (!len)
		return RVHV_SBI_DONE;
	if (!ops->check_mem(vcpu, gpa, len, input))
		return rvhv_sbi_error(call, SBI_ERR_INVALID_PARAM);

	len = min(len, BYTES_MAX);
	done = input ? read_bytes(vcpu, ops, console, gpa, len) :
	       write_bytes(vcpu, ops, console, gpa, len);
	/* There is a slot, and the VMM has nothing behind it */
	if (done < 0)
		return rvhv_sbi_error(call, SBI_ERR_FAILURE);
	call->value = done;
	return RVHV_SBI_DONE;
}

/**
 * rvhv_sbi_put_byte - write the byte in a0 to the console, however long it takes
 * @state: extensions of the caller; its VM has a console
 * @call: the call
 * @done: what to return when it is written
 *
 * Context: process context, sleeps until there is room or a signal.
 * Return: @done, or RVHV_SBI_HOST_ERROR with -EINTR and nothing written.
 */
enum rvhv_sbi_result rvhv_sbi_put_byte(const struct rvhv_sbi_state *state,
				       struct rvhv_sbi_call *call, enum rvhv_sbi_result done)
{
	struct rvhv_console *console = state->vm->console;
	u8 byte = call->args[0];

	while (!rvhv_console_write(console, &byte, 1)) {
		call->host_error = rvhv_console_wait_room(console);
		if (call->host_error)
			return RVHV_SBI_HOST_ERROR;
	}
	return done;
}

/**
 * rvhv_sbi_dbcn - the DBCN extension
 * @vcpu: the caller
 * @ops: how to reach vCPUs
 * @state: extensions of @vcpu
 * @call: the call
 *
 * Return: what became of the call.
 */
enum rvhv_sbi_result rvhv_sbi_dbcn(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				   const struct rvhv_sbi_state *state, struct rvhv_sbi_call *call)
{
	if (call->fid > SBI_EXT_DBCN_CONSOLE_WRITE_BYTE)
		return rvhv_sbi_error(call, SBI_ERR_NOT_SUPPORTED);
	if (!state->vm->console)
		return RVHV_SBI_VMM;
	/* Memory of the VMM and locks that sleep */
	if (call->atomic)
		return RVHV_SBI_DEFER;
	if (call->fid == SBI_EXT_DBCN_CONSOLE_WRITE_BYTE)
		return rvhv_sbi_put_byte(state, call, RVHV_SBI_DONE);
	return transfer(vcpu, ops, state, call);
}
