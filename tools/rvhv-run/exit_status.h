/* SPDX-License-Identifier: GPL-2.0-only */
/* What rvhv-run returns to its caller; the manual page says the same in words. */
#ifndef EXIT_STATUS_H
#define EXIT_STATUS_H

#define EXIT_POWERED_OFF	0
#define EXIT_GUEST_FAILED	1	/* power off with the SRST reason "system failure" */
#define EXIT_USAGE		2
#define EXIT_GUEST_DIED		3	/* crash, KVM_RUN failed, or an exit nobody understands */
#define EXIT_GUEST_RESET	4	/* reset while --no-reboot */
#define EXIT_MONITOR_FAILED	125	/* rvhv-run could not set the guest up */
#define EXIT_SIGNAL_BASE	128

#endif
