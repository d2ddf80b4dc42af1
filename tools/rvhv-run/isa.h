/* SPDX-License-Identifier: GPL-2.0-only */
/* ISA extensions: KVM's numbers, the device tree's names. */
#ifndef ISA_H
#define ISA_H

#include <stdbool.h>
#include <stddef.h>

struct vcpu;
struct vm_config;

/* Parse "NAME" or "NAME=on|off" and append it to the changes of @cfg. */
bool isa_parse_change(struct vm_config *cfg, const char *arg);

/* Apply the changes of @cfg, and turn off what this machine has no use for. */
void isa_configure(struct vcpu *vcpu, const struct vm_config *cfg);

/* The extension's name if @vcpu has the one numbered @ext, else NULL. */
const char *isa_enabled_name(struct vcpu *vcpu, unsigned int ext);
unsigned int isa_count(void);

/* The single letters of @vcpu in canonical order into @buf, of at least 27 bytes. */
void isa_letters(struct vcpu *vcpu, char *buf);

#endif
