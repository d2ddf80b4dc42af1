/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host channel: messages between a guest and whoever holds the channel's file descriptor.
 */
#ifndef _RVHV_HOST_COMM_H
#define _RVHV_HOST_COMM_H

#include <linux/types.h>

struct rvhv_sbi_vm;

void rvhv_host_comm_vm_gone(struct rvhv_sbi_vm *vm);

#endif /* _RVHV_HOST_COMM_H */
