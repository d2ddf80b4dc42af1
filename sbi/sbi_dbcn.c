// SPDX-License-Identifier: GPL-2.0-only
/*
 * SBI specification, "Debug Console Extension".
 */
#include <linux/minmax.h>

#include "console.h"
#include "sbi_ext.h"

/* A call may transfer fewer bytes than it asks for */
#define BYTES_MAX	4096
#define BOUNCE		256

/* Returns the bytes written, or an errno if the first could not be read from guest memory. */
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

/* Returns the bytes read, or an errno if the first could not be stored in guest memory. */
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

	/* a2 is the upper half of the address on RV32 */
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
	/* The slot has no user memory behind it */
	if (done < 0)
		return rvhv_sbi_error(call, SBI_ERR_FAILURE);
	call->value = done;
	return RVHV_SBI_DONE;
}

/* Write the byte in a0; sleeps until it is written (returns @done) or a signal is pending. */
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

enum rvhv_sbi_result rvhv_sbi_dbcn(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				   const struct rvhv_sbi_state *state, struct rvhv_sbi_call *call)
{
	if (call->fid > SBI_EXT_DBCN_CONSOLE_WRITE_BYTE)
		return rvhv_sbi_error(call, SBI_ERR_NOT_SUPPORTED);
	if (!state->vm->console)
		return RVHV_SBI_VMM;
	/* User memory and mutexes */
	if (call->atomic)
		return RVHV_SBI_DEFER;
	if (call->fid == SBI_EXT_DBCN_CONSOLE_WRITE_BYTE)
		return rvhv_sbi_put_byte(state, call, RVHV_SBI_DONE);
	return transfer(vcpu, ops, state, call);
}
