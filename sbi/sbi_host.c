// SPDX-License-Identifier: GPL-2.0-only
/*
 * rvhv's extension "HOST": messages between the guest and the host channel's file.
 */
#include "host_comm.h"
#include "sbi_ext.h"

/* A message in guest memory, for the copy functions */
struct guest_buffer {
	struct rvhv_vcpu *vcpu;
	const struct rvhv_sbi_ops *ops;
	u64 gpa;
};

static int copy_in(void *end, void *buf, size_t len)
{
	const struct guest_buffer *guest = end;

	return guest->ops->read_mem(guest->vcpu, buf, guest->gpa, len);
}

static int copy_out(void *end, void *buf, size_t len)
{
	const struct guest_buffer *guest = end;

	return guest->ops->write_mem(guest->vcpu, guest->gpa, buf, len);
}

long rvhv_sbi_host_probe(const struct rvhv_sbi_state *state)
{
	return rvhv_host_comm_present(state->vm);
}

static enum rvhv_sbi_result transfer(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				     struct rvhv_host_comm *comm, struct rvhv_sbi_call *call)
{
	struct guest_buffer guest = { .vcpu = vcpu, .ops = ops, .gpa = call->args[1] };
	bool receive = call->fid == RVHV_FID_RECEIVE;
	size_t size = call->args[0];
	ssize_t ret;

	if (!ops->check_mem(vcpu, guest.gpa, size, receive))
		return rvhv_sbi_error(call, SBI_ERR_FAILURE);
	if (receive)
		ret = rvhv_host_comm_receive(comm, size, copy_out, &guest);
	else
		ret = rvhv_host_comm_send(comm, size, copy_in, &guest);
	if (ret == -EINTR) {
		call->host_error = ret;
		return RVHV_SBI_HOST_ERROR;
	}
	if (ret < 0)
		return rvhv_sbi_error(call, SBI_ERR_FAILURE);
	call->value = ret;
	return RVHV_SBI_DONE;
}

enum rvhv_sbi_result rvhv_sbi_host(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				   const struct rvhv_sbi_state *state, struct rvhv_sbi_call *call)
{
	enum rvhv_sbi_result result;
	struct rvhv_host_comm *comm;

	if (call->fid > RVHV_FID_RECEIVE || !rvhv_host_comm_present(state->vm))
		return rvhv_sbi_error(call, SBI_ERR_NOT_SUPPORTED);
	/* a2 is the upper half of the address on RV32 */
	if (!call->args[0] || call->args[0] > RVHV_MESSAGE_MAX || call->args[2])
		return rvhv_sbi_error(call, SBI_ERR_FAILURE);
	if (call->atomic)
		return RVHV_SBI_DEFER;

	comm = rvhv_host_comm_get(state->vm);
	if (!comm)
		return rvhv_sbi_error(call, SBI_ERR_NOT_SUPPORTED);
	result = transfer(vcpu, ops, comm, call);
	rvhv_host_comm_put(comm);
	return result;
}
