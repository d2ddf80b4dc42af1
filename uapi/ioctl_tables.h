/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables of commands, and handlers that are not defined beside their table.
 */
#ifndef _RVHV_IOCTL_TABLES_H
#define _RVHV_IOCTL_TABLES_H

#include "ioctl.h"

struct rvhv_vcpu;
struct rvhv_vm;

extern const struct rvhv_ioctl_table rvhv_dev_ioctls;
extern const struct rvhv_ioctl_table rvhv_vm_ioctls;
extern const struct rvhv_ioctl_table rvhv_vcpu_ioctls;
extern const struct rvhv_ioctl_table rvhv_device_ioctls;

extern const struct file_operations rvhv_dev_fops;

long rvhv_ioctl_create_vm(struct rvhv_ioctl_call *call);
long rvhv_ioctl_create_vcpu(struct rvhv_ioctl_call *call);
long rvhv_ioctl_create_device(struct rvhv_ioctl_call *call);
long rvhv_ioctl_check_extension(struct rvhv_ioctl_call *call);
long rvhv_ioctl_enable_cap(struct rvhv_ioctl_call *call);
long rvhv_ioctl_sbi_forward(struct rvhv_ioctl_call *call);
long rvhv_ioctl_get_sbi_ext(struct rvhv_ioctl_call *call);
long rvhv_ioctl_set_console(struct rvhv_ioctl_call *call);
long rvhv_ioctl_create_host_comm(struct rvhv_ioctl_call *call);
long rvhv_ioctl_vm_stats(struct rvhv_ioctl_call *call);
long rvhv_ioctl_vcpu_stats(struct rvhv_ioctl_call *call);

int rvhv_vm_usable(const struct rvhv_vm *vm);

#endif /* _RVHV_IOCTL_TABLES_H */
