/* SPDX-License-Identifier: GPL-2.0-only */
/* SBI calls that the kernel forwards: the debug console, and the legacy one. */
#ifndef SBI_H
#define SBI_H

#define SBI_SUCCESS		0UL
#define SBI_ERR_NOT_SUPPORTED	(-2UL)
#define SBI_ERR_INVALID_PARAM	(-3UL)

struct vcpu;

void sbi_configure(struct vcpu *vcpu);
void sbi_handle_call(struct vcpu *vcpu);

#endif
