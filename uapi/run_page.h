/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page that a vCPU shares with the VMM, struct kvm_run.
 */
#ifndef _RVHV_RUN_PAGE_H
#define _RVHV_RUN_PAGE_H

#include "../vcpu/exit_record.h"

void *rvhv_run_page_alloc(void);
void rvhv_run_page_free(void *page);
bool rvhv_run_page_answer(const void *page, struct rvhv_exit *exit);
void rvhv_run_page_store(void *page, const struct rvhv_exit *exit, int ret);

#endif /* _RVHV_RUN_PAGE_H */
