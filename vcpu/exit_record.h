/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The exit record: why KVM_RUN returns, and the VMM's answer. Only uapi/run_page.c converts it to
 * and from struct kvm_run.
 */
#ifndef _RVHV_EXIT_RECORD_H
#define _RVHV_EXIT_RECORD_H

#include "../rvhv_types.h"

enum rvhv_exit_reason {
	RVHV_REASON_NONE,		/* no exit */
	RVHV_REASON_INTR,		/* a signal, or immediate_exit */
	RVHV_REASON_MMIO,
	RVHV_REASON_SBI,
	RVHV_REASON_HYPERCALL,
	RVHV_REASON_CSR,
	RVHV_REASON_SYSTEM,
	RVHV_REASON_DEBUG,
	RVHV_REASON_UNHANDLED,	/* a trap that nothing in the kernel handles */
};

/**
 * struct rvhv_exit - exit record
 * @reason: which member of the union holds
 * @pending: the VMM has not yet answered the exit
 * @mmio: access to guest physical memory without a slot; @mmio.data is filled by the VMM for a load
 * @sbi: forwarded call; @sbi.ret is the VMM's answer
 * @hypercall: EID_HVC call; @hypercall.ret is the VMM's answer
 * @csr: access to an emulated CSR; @csr.ret is the VMM's answer
 * @system: reset or shutdown; @system.event is enum rvhv_system_event
 * @debug: ebreak under guest debug
 * @unhandled: the trap and its instruction (zero if it could not be read); the VMM's answer is
 *	@unhandled.action with @unhandled.inject, or @unhandled.bad if invalid
 */
struct rvhv_exit {
	enum rvhv_exit_reason reason;
	bool pending;
	union {
		struct {
			u64 addr;
			u8 data[8] __aligned(8);	/* accessed as one __le64 */
			u32 len;
			bool write;
		} mmio;
		struct {
			unsigned long eid;
			unsigned long fid;
			unsigned long args[6];
			unsigned long ret[2];
		} sbi;
		struct {
			unsigned long nr;
			unsigned long args[6];
			unsigned long ret;
		} hypercall;
		struct {
			unsigned long num;
			unsigned long new;
			unsigned long mask;
			unsigned long ret;
		} csr;
		struct {
			u32 event;
			u64 reason;
		} system;
		struct {
			unsigned long pc;
		} debug;
		struct {
			struct rvhv_trap trap;
			u32 insn;
			enum rvhv_verdict action;
			struct rvhv_trap inject;
			bool bad;
		} unhandled;
	};
};

#endif /* _RVHV_EXIT_RECORD_H */
