/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Extension ids of rvhv's own, and the functions of the host channel. uapi/linux/rvhv.h has the
 * same for VMMs; uapi/ asserts that.
 */
#ifndef _RVHV_SBI_IDS_H
#define _RVHV_SBI_IDS_H

#define RVHV_EID_HVC		0x485643
#define RVHV_EID_HOST_COMM	0x484F5354

#define RVHV_FID_SEND		0
#define RVHV_FID_RECEIVE	1

/* Most bytes of a message of the host channel; the least is 1 */
#define RVHV_MESSAGE_MAX	4096

#endif /* _RVHV_SBI_IDS_H */
