/* SPDX-License-Identifier: GPL-2.0-only */
/* Differences between the supported kernels: Debian 13's 6.12, and 7.2. */
#ifndef _RVHV_COMPAT_H
#define _RVHV_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/mmu_notifier.h>
#include <linux/syscore_ops.h>
#include <linux/version.h>

/* ---- vCPU and module ---- */

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#include <linux/entry-virt.h>
#else
#include <linux/entry-kvm.h>
#endif

/* Handle pending work of the thread before it enters a guest: 0, or -EINTR for a signal. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define rvhv_xfer_to_guest_mode_handle_work	xfer_to_guest_mode_handle_work
#else
int rvhv_xfer_to_guest_mode_handle_work(void);
#endif

static inline void rvhv_hrtimer_setup(struct hrtimer *timer,
				      enum hrtimer_restart (*function)(struct hrtimer *),
				      clockid_t clock, enum hrtimer_mode mode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, function, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = function;
#endif
}

/*
 * struct syscore was added in 6.19 and backported to stable kernels, so Kbuild looks for it.
 */
#ifdef RVHV_SYSCORE_HAS_DATA
#define RVHV_SYSCORE_ARG	void *unused
#define RVHV_DEFINE_SYSCORE(name, suspend_fn, resume_fn)				\
	static const struct syscore_ops name##_ops = {					\
		.suspend = suspend_fn, .resume = resume_fn,				\
	};										\
	static struct syscore name = { .ops = &name##_ops }
#define rvhv_register_syscore	register_syscore
#define rvhv_unregister_syscore	unregister_syscore
#else
#define RVHV_SYSCORE_ARG	void
#define RVHV_DEFINE_SYSCORE(name, suspend_fn, resume_fn)				\
	static struct syscore_ops name = { .suspend = suspend_fn, .resume = resume_fn }
#define rvhv_register_syscore	register_syscore_ops
#define rvhv_unregister_syscore	unregister_syscore_ops
#endif

/* Rows of vcpu/isa.c for extensions that 6.12 lacks */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define RVHV_COMPAT_ISA_ROWS								\
	{ RISCV_ISA_EXT_SVVPTC }, { RISCV_ISA_EXT_ZAAMO }, { RISCV_ISA_EXT_ZABHA },	\
	{ RISCV_ISA_EXT_ZALASR }, { RISCV_ISA_EXT_ZALRSC }, { RISCV_ISA_EXT_ZICBOP },	\
	{ RISCV_ISA_EXT_ZICCRSE }, { RISCV_ISA_EXT_ZFBFMIN }, { RISCV_ISA_EXT_ZVFBFMIN }, \
	{ RISCV_ISA_EXT_ZVFBFWMA },
#else
#define RVHV_COMPAT_ISA_ROWS
#endif

/* ---- userspace interface ---- */

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
#include <linux/rseq.h>
#endif

/* Before KVM_RUN returns to user mode */
static inline void rvhv_compat_rseq_exit(void)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
	rseq_virt_userspace_exit();
#endif
}

/* Added to KVM's ABI after 6.12: uapi/onereg_core.c, onereg_isa.c */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define RVHV_COMPAT_BLOCK_SIZES_ALWAYS	true
#define RVHV_COMPAT_CONFIG_REGS								\
	[KVM_REG_RISCV_CONFIG_REG(zicbop_block_size)] = {				\
		.ext = RISCV_ISA_EXT_ZICBOP, .block = &riscv_cbop_block_size,		\
	},
#define RVHV_COMPAT_ISA_EXTS								\
	/* Smnpm of a guest's VS-mode is Ssnpm of the host */				\
	[KVM_RISCV_ISA_EXT_SMNPM] = { RISCV_ISA_EXT_SMNPM, RISCV_ISA_EXT_SSNPM },	\
	ISA_EXT(SSNPM) ISA_EXT(SVADE) ISA_EXT(SVADU) ISA_EXT(SVVPTC) ISA_EXT(ZABHA)	\
	ISA_EXT(ZICCRSE) ISA_EXT(ZAAMO) ISA_EXT(ZALRSC) ISA_EXT(ZICBOP) ISA_EXT(ZFBFMIN) \
	ISA_EXT(ZVFBFMIN) ISA_EXT(ZVFBFWMA) ISA_EXT(ZCLSD) ISA_EXT(ZILSD) ISA_EXT(ZALASR)
#else
#define RVHV_COMPAT_BLOCK_SIZES_ALWAYS	false
#define RVHV_COMPAT_CONFIG_REGS
#define RVHV_COMPAT_ISA_EXTS
#endif

/* ---- guest memory ---- */

/* Result of an mmu_notifier's ageing operations: int in 6.12, bool in 7.2 */
#define rvhv_young_t typeof(((struct mmu_notifier_ops *)NULL)->test_young(NULL, NULL, 0))

#endif /* _RVHV_COMPAT_H */
