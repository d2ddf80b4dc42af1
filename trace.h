/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints rvhv:*, with the field names of KVM's. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rvhv

#if !defined(_RVHV_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _RVHV_TRACE_H

#include <linux/tracepoint.h>

#include "rvhv_types.h"

/* The file that defines the tracepoints includes what the assignments look at. */
struct rvhv_vcpu;

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
		__field(unsigned int, level)
		__string(cause, rvhv_exit_name(vcpu->sw.scause))
	),

	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->sepc = vcpu->sw.sepc;
		__entry->scause = vcpu->sw.scause;
		__entry->stval = vcpu->sw.stval;
		__entry->htval = vcpu->sw.htval;
		__entry->htinst = vcpu->sw.htinst;
		__entry->level = vcpu->virt ? 2 : 1;
		__assign_str(cause);
	),

	TP_printk("VCPU %u: SEPC:0x%lx, SCAUSE:0x%lx, STVAL:0x%lx, HTVAL:0x%lx, HTINST:0x%lx, L%u, %s",
		  __entry->vcpu_id, __entry->sepc, __entry->scause, __entry->stval,
		  __entry->htval, __entry->htinst, __entry->level, __get_str(cause))
);

/* An L1 enters its L2. */
TRACE_EVENT(rvhv_nested_enter,
	TP_PROTO(const struct rvhv_vcpu *vcpu, unsigned long hgatp, bool user),
	TP_ARGS(vcpu, hgatp, user),

	TP_STRUCT__entry(
		__field(unsigned int, vcpu_id)
		__field(unsigned long, pc)
		__field(unsigned long, hgatp)
		__field(bool, user)
	),

	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->pc = vcpu->sw.sepc;
		__entry->hgatp = hgatp;
		__entry->user = user;
	),

	TP_printk("VCPU %u: PC:0x%lx, HGATP:0x%lx, %s", __entry->vcpu_id, __entry->pc,
		  __entry->hgatp, __entry->user ? "VU" : "VS")
);

/* A trap of an L2 that does not end here: to its L1, or by the L1's delegation to itself. */
TRACE_EVENT(rvhv_nested_trap,
	TP_PROTO(const struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap, bool delegated),
	TP_ARGS(vcpu, trap, delegated),

	TP_STRUCT__entry(
		__field(unsigned int, vcpu_id)
		__field(unsigned long, sepc)
		__field(unsigned long, scause)
		__field(unsigned long, stval)
		__field(unsigned long, htval)
		__field(unsigned long, htinst)
		__field(bool, delegated)
	),

	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->sepc = trap->sepc;
		__entry->scause = trap->scause;
		__entry->stval = trap->stval;
		__entry->htval = trap->htval;
		__entry->htinst = trap->htinst;
		__entry->delegated = delegated;
	),

	TP_printk("VCPU %u: to L%u, SEPC:0x%lx, SCAUSE:0x%lx, STVAL:0x%lx, HTVAL:0x%lx, HTINST:0x%lx",
		  __entry->vcpu_id, __entry->delegated ? 2 : 1, __entry->sepc, __entry->scause,
		  __entry->stval, __entry->htval, __entry->htinst)
);

/* A shadow table gets a leaf. */
TRACE_EVENT(rvhv_nested_fault,
	TP_PROTO(const struct rvhv_vcpu *vcpu, u64 l2_gpa, u64 l1_gpa, bool write),
	TP_ARGS(vcpu, l2_gpa, l1_gpa, write),

	TP_STRUCT__entry(
		__field(unsigned int, vcpu_id)
		__field(u64, l2_gpa)
		__field(u64, l1_gpa)
		__field(bool, write)
	),

	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->l2_gpa = l2_gpa;
		__entry->l1_gpa = l1_gpa;
		__entry->write = write;
	),

	TP_printk("VCPU %u: L2 GPA:0x%llx, L1 GPA:0x%llx, %s", __entry->vcpu_id, __entry->l2_gpa,
		  __entry->l1_gpa, __entry->write ? "store" : "load or fetch")
);

/* A shadow table loses a range: a fence of the L1, or the bounds. */
TRACE_EVENT(rvhv_shadow_unmap,
	TP_PROTO(unsigned long hgatp, u64 l2_gpa, u64 size),
	TP_ARGS(hgatp, l2_gpa, size),

	TP_STRUCT__entry(
		__field(unsigned long, hgatp)
		__field(u64, l2_gpa)
		__field(u64, size)
	),

	TP_fast_assign(
		__entry->hgatp = hgatp;
		__entry->l2_gpa = l2_gpa;
		__entry->size = size;
	),

	TP_printk("HGATP:0x%lx, L2 GPA:0x%llx, 0x%llx bytes", __entry->hgatp, __entry->l2_gpa,
		  __entry->size)
);

#endif /* _RVHV_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace

/* This part must be outside protection */
#include <trace/define_trace.h>
