/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CSRs that are compared after each case, as CSR(name, number): the hypervisor and VS CSRs of
 * the module's own table, and some supervisor CSRs. There is no include guard: each user defines
 * CSR() first.
 */
#define CSR_ROW(name, number, ...)	CSR(name, number)
#include "../../vcpu/nested/csr_rows.h"
#undef CSR_ROW
CSR(sie, CSR_SIE)
CSR(sip, CSR_SIP)
CSR(scounteren, CSR_SCOUNTEREN)
CSR(senvcfg, CSR_SENVCFG)
CSR(stimecmp, CSR_STIMECMP)
#undef CSR
