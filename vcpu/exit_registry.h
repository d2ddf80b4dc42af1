/* SPDX-License-Identifier: GPL-2.0-only */
/* Exit handlers and observers of other modules. */
#ifndef _RVHV_EXIT_REGISTRY_H
#define _RVHV_EXIT_REGISTRY_H

#include <linux/jump_label.h>

#include "../rvhv_types.h"

/* Number of exception codes; largest number of observers of one */
#define RVHV_EXIT_CAUSES	64
#define RVHV_EXIT_OBSERVERS	8

DECLARE_STATIC_KEY_FALSE(rvhv_exit_observed);

int rvhv_exit_registry_add(struct rvhv_exit_handler *handler, struct module *owner);
void rvhv_exit_registry_remove(struct rvhv_exit_handler *handler);
unsigned long rvhv_exit_registry_causes(void);
int rvhv_exit_registry_call(struct rvhv_vcpu *vcpu, struct rvhv_trap *trap);
void rvhv_exit_registry_observe(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap);

#endif /* _RVHV_EXIT_REGISTRY_H */
