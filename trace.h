/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints rvhv:*, with the field names of KVM's.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rvhv

#if !defined(_RVHV_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _RVHV_TRACE_H

#include <linux/tracepoint.h>

#include "vcpu/vcpu.h"

TRACE_EVENT(rvhv_entry,
	TP_PROTO(const struct rvhv_vcpu *vcpu),
	TP_ARGS(vcpu),

	TP_STRUCT__entry(
		__field(unsigned int, vcpu_id)
		__field(unsigned long, pc)
	),

	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->pc = vcpu->sw.sepc;
	),

	TP_printk("VCPU %u: PC: 0x%016lx", __entry->vcpu_id, __entry->pc)
);

TRACE_EVENT(rvhv_exit,
	TP_PROTO(const struct rvhv_vcpu *vcpu),
	TP_ARGS(vcpu),

	TP_STRUCT__entry(
		__field(unsigned int, vcpu_id)
		__field(unsigned long, sepc)
		__field(unsigned long, scause)
		__field(unsigned long, stval)
		__field(unsigned long, htval)
		__field(unsigned long, htinst)
	),

	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->sepc = vcpu->sw.sepc;
		__entry->scause = vcpu->sw.scause;
		__entry->stval = vcpu->sw.stval;
		__entry->htval = vcpu->sw.htval;
		__entry->htinst = vcpu->sw.htinst;
	),

	TP_printk("VCPU %u: SEPC:0x%lx, SCAUSE:0x%lx, STVAL:0x%lx, HTVAL:0x%lx, HTINST:0x%lx",
		  __entry->vcpu_id, __entry->sepc, __entry->scause, __entry->stval,
		  __entry->htval, __entry->htinst)
);

#endif /* _RVHV_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace

/* This part must be outside protection */
#include <trace/define_trace.h>
