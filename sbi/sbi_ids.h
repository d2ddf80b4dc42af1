/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ids of rvhv's own extensions and their functions; uapi/ asserts that uapi/linux/rvhv.h has the
 * same.
 */
#ifndef _RVHV_SBI_IDS_H
#define _RVHV_SBI_IDS_H

#define RVHV_EID_HVC		0x485643
#define RVHV_EID_HOST_COMM	0x484F5354

#define RVHV_FID_SEND		0
#define RVHV_FID_RECEIVE	1

/* Bytes of a message of the host channel: from 1 to this */
#define RVHV_MESSAGE_MAX	4096

#endif /* _RVHV_SBI_IDS_H */
