/* SPDX-License-Identifier: GPL-2.0-only */
/* rvhv: the version of the module, told by modinfo and to guests by SBI. */
#ifndef _RVHV_VERSION_H
#define _RVHV_VERSION_H

#include <linux/stringify.h>

#define RVHV_VERSION_MAJOR	0
#define RVHV_VERSION_MINOR	1
#define RVHV_VERSION		__stringify(RVHV_VERSION_MAJOR) "." __stringify(RVHV_VERSION_MINOR)

#endif /* _RVHV_VERSION_H */
