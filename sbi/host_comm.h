/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_HOST_COMM_H
#define _RVHV_HOST_COMM_H

#include <linux/poll.h>
#include <linux/types.h>

struct rvhv_host_comm;
struct rvhv_sbi_vm;

/* Bytes of a queue; each message takes two for its length */
#define RVHV_HOST_COMM_QUEUE	65536

/* Copy a message between the channel's buffer and the caller's end: 0 or a negative errno. */
typedef int (*rvhv_host_comm_copy)(void *end, void *buf, size_t len);

/* The file's end */
struct rvhv_host_comm *rvhv_host_comm_open(struct rvhv_sbi_vm *vm);
void rvhv_host_comm_close(struct rvhv_host_comm *comm);
ssize_t rvhv_host_comm_read(struct rvhv_host_comm *comm, size_t size, rvhv_host_comm_copy copy,
			    void *end, bool block);
ssize_t rvhv_host_comm_write(struct rvhv_host_comm *comm, size_t len, rvhv_host_comm_copy copy,
			     void *end, bool block);
__poll_t rvhv_host_comm_poll(struct rvhv_host_comm *comm, struct file *file, poll_table *wait);

/* The guest's end */
bool rvhv_host_comm_present(const struct rvhv_sbi_vm *vm);
struct rvhv_host_comm *rvhv_host_comm_get(struct rvhv_sbi_vm *vm);
void rvhv_host_comm_put(struct rvhv_host_comm *comm);
int rvhv_host_comm_send(struct rvhv_host_comm *comm, size_t len, rvhv_host_comm_copy copy,
			void *end);
ssize_t rvhv_host_comm_receive(struct rvhv_host_comm *comm, size_t size, rvhv_host_comm_copy copy,
			       void *end);
void rvhv_host_comm_vm_gone(struct rvhv_sbi_vm *vm);

#endif /* _RVHV_HOST_COMM_H */
