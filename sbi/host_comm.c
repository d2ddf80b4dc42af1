// SPDX-License-Identifier: GPL-2.0-only
#include "host_comm.h"

void rvhv_host_comm_vm_gone(struct rvhv_sbi_vm *vm)
{
}
