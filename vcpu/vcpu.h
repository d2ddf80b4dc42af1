/* SPDX-License-Identifier: GPL-2.0-only */
/* The vCPU: its state and life cycle. */
#ifndef _RVHV_VCPU_H
#define _RVHV_VCPU_H

#include <linux/hrtimer.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rcuwait.h>
#include <linux/spinlock.h>
#include <asm/hwcap.h>
#include <asm/ptrace.h>

#include "../guest_mem/gstage_pt.h"
#include "../rvhv_types.h"
#include "../sbi/sbi.h"
#include "exit_record.h"
#include "switch.h"
#include "vs_csrs.h"

/*
 * Guest CSRs, in the hart while the vCPU is loaded. Code outside the run loop accesses them under
 * vcpu->mutex.
 */
struct rvhv_vcpu_csr {
	struct rvhv_vs_bank vs;
	unsigned long vsie;
	unsigned long hvip;
	unsigned long scounteren;
	unsigned long senvcfg;
	unsigned long sstateen0;
};

struct rvhv_nested;

/* CSRs derived from the vCPU's extensions when it first runs */
struct rvhv_vcpu_cfg {
	unsigned long henvcfg;
	unsigned long hedeleg;
	unsigned long hstateen0;
};

#define RVHV_HALT_POLL_HIST_COUNT	32

/* Exception causes 0 to 23, and one for all others */
#define RVHV_NESTED_HIST_COUNT		25

/* Counters of one vCPU, in the order of KVM's binary statistics */
struct rvhv_vcpu_stats {
	u64 halt_successful_poll;
	u64 halt_attempted_poll;
	u64 halt_poll_invalid;
	u64 halt_wakeup;
	u64 halt_poll_success_ns;
	u64 halt_poll_fail_ns;
	u64 halt_wait_ns;
	u64 halt_poll_success_hist[RVHV_HALT_POLL_HIST_COUNT];
	u64 halt_poll_fail_hist[RVHV_HALT_POLL_HIST_COUNT];
	u64 halt_wait_hist[RVHV_HALT_POLL_HIST_COUNT];
	u64 blocking;
	u64 ecall_exit_stat;
	u64 wfi_exit_stat;
	u64 wrs_exit_stat;
	u64 mmio_exit_user;
	u64 mmio_exit_kernel;
	u64 csr_exit_user;
	u64 csr_exit_kernel;
	u64 signal_exits;
	u64 exits;
	u64 nested_l1_exit_hist[RVHV_NESTED_HIST_COUNT];
	u64 nested_l2_exit_hist[RVHV_NESTED_HIST_COUNT];
	u64 nested_enter;
	u64 nested_trap_l1;
	u64 nested_trap_l2;
	u64 nested_csr;
	u64 nested_sret;
	u64 nested_hfence_vvma;
	u64 nested_hfence_gvma;
	u64 nested_hlsv;
	u64 nested_fault;
	u64 nested_fault_l1;
};

/**
 * struct rvhv_vcpu_irq - interrupts on their way to the guest
 * @lock: guards both words; a leaf, interrupts off
 * @level: new values of the bits in @changed
 * @changed: hvip bits to change at the next entry
 */
struct rvhv_vcpu_irq {
	raw_spinlock_t lock;
	unsigned long level;
	unsigned long changed;
};

/**
 * struct rvhv_vcpu_timer - the guest's supervisor timer
 * @hrt: fires for the guest while it is not loaded or the host has no Sstc
 * @due: absolute guest time for which @hrt was last started
 * @compare: absolute guest time of the next event; with Sstc valid while not loaded
 * @armed: ONE_REG's timer state
 * @sstc: vstimecmp is the timer; else @hrt is
 */
struct rvhv_vcpu_timer {
	struct hrtimer hrt;
	u64 due;
	u64 compare;
	bool armed;
	bool sstc;
};

/* Capacity of a vCPU's fence queue */
#define RVHV_FENCE_QUEUE	8

/**
 * struct rvhv_vcpu_fence - fences that other harts asked of this vCPU
 * @lock: guards the rest; a leaf
 * @nr: entries used; RVHV_FENCE_QUEUE + 1: drop every VS-stage translation
 * @queue: the ranges
 */
struct rvhv_vcpu_fence {
	spinlock_t lock;
	unsigned int nr;
	struct rvhv_fence queue[RVHV_FENCE_QUEUE];
};

/**
 * struct rvhv_vcpu_stage - a G-stage that a vCPU runs on
 * @translation: its context
 * @stale: this CPU may hold outdated VS-stage translations of the vCPU
 */
struct rvhv_vcpu_stage {
	struct rvhv_translation *translation;
	bool stale;
};

/* vcpu->mode */
enum rvhv_vcpu_mode {
	RVHV_OUTSIDE_GUEST,
	RVHV_IN_GUEST,
	RVHV_ACCESSING,	/* an access with HLV, HLVX or HSV, interrupts off */
};

/* Bits of vcpu->requests */
#define RVHV_REQ_FENCE		0	/* work in vcpu->fence */
#define RVHV_REQ_FENCE_I	1
#define RVHV_REQ_SLEEP		2	/* the hart was stopped */
#define RVHV_REQ_RESET		3	/* HSM started the hart: load reset.{pc,a1} */
#define RVHV_REQ_RESUME		4	/* likewise after a suspend; interrupts stay */
#define RVHV_REQ_DEAD		5	/* the VM is dead: KVM_RUN returns -EIO; never cleared */

/**
 * struct rvhv_vcpu - one virtual hart
 * @sw: registers of the world switch; first, so that its address is the vCPU's
 * @requests: RVHV_REQ_*, set by any thread
 * @mode: written by the vCPU's thread, read by kickers
 * @cpu: CPU it is loaded on, or -1
 * @irq: interrupts on their way
 * @vm: its VM
 * @id: hart id
 * @mutex: one ioctl at a time
 * @csr: guest CSRs
 * @cfg: derived CSRs
 * @isa: host kernel's ids (RISCV_ISA_EXT_*) of what the guest has; fixed once @ran
 * @mvendorid: ONE_REG config
 * @marchid: likewise
 * @mimpid: likewise
 * @ran: KVM_RUN was called at least once
 * @guest_debug: ebreak exits to the VMM
 * @last_cpu: CPU it was last loaded on, or -1
 * @moved: it moved and has not entered the guest since: the instruction cache may be stale
 * @own: the VM's own G-stage
 * @stage: the G-stage that the vCPU runs on: @own, or while @virt that of its L2
 * @virt: the L2 runs
 * @live: VMID, with its generation, of the context in hgatp and vsatp; 0: neither is the vCPU's
 * @vsatp: vsatp of the mode that runs, while @live is 0
 * @host_hstatus: the host's hstatus
 * @notifier: preemption notifier, registered while KVM_RUN is in progress
 * @wait: where its thread sleeps
 * @blocking: it sleeps or is about to: kickers wake @wait
 * @halt_poll_ns: present length of a halt poll
 * @mp_lock: guards @hsm and @reset
 * @hsm: HSM state
 * @reset: where a started hart begins
 * @timer: the guest's timer
 * @fence: fences from other harts
 * @kick_mask: CPUs that rvhv_fence_wait() interrupts
 * @fp: guest floating point registers while @fp_loaded is false; 64 bits wide, as in the hart
 * @fp_loaded: the hart holds the guest's floating point registers
 * @v: guest vector CSRs; v.datap holds the registers (riscv_v_vsize bytes) or is NULL
 * @v_used: the guest has touched the vector unit
 * @nested: state of the H extension, or NULL
 * @sbi: extensions of this vCPU
 * @error: errno that KVM_RUN returns with RVHV_FAILED
 * @exit: record of the last exit, and the VMM's answer
 * @mmio: how a load completes: destination, shift for sign extension, instruction length
 * @csr_rd: destination register of a CSR exit
 * @cache: pages for G-stage tables
 * @pid: thread that last called KVM_RUN
 * @stats: counters
 */
struct rvhv_vcpu {
	struct rvhv_switch sw;

	unsigned long requests;
	int mode;
	int cpu;
	struct rvhv_vcpu_irq irq;

	struct rvhv_vm *vm;
	unsigned int id;
	struct mutex mutex;

	struct rvhv_vcpu_csr csr;
	struct rvhv_vcpu_cfg cfg;
	DECLARE_BITMAP(isa, RISCV_ISA_EXT_MAX);
	unsigned long mvendorid;
	unsigned long marchid;
	unsigned long mimpid;
	bool ran;
	bool guest_debug;
	int last_cpu;
	bool moved;
	bool virt;
	struct rvhv_vcpu_stage own;
	struct rvhv_vcpu_stage *stage;
	u64 live;
	unsigned long vsatp;
	unsigned long host_hstatus;

	struct preempt_notifier notifier;
	struct rcuwait wait;
	bool blocking;
	unsigned int halt_poll_ns;

	spinlock_t mp_lock;
	enum rvhv_hsm_state hsm;
	struct {
		unsigned long pc;
		unsigned long a1;
	} reset;

	struct rvhv_vcpu_timer timer;
	struct rvhv_vcpu_fence fence;

	cpumask_t kick_mask;

	struct __riscv_d_ext_state fp;
	bool fp_loaded;
	struct __riscv_v_ext_state v;
	bool v_used;

	struct rvhv_nested *nested;
	struct rvhv_sbi_state sbi;
	int error;
	struct rvhv_exit exit;
	struct {
		u8 rd;
		u8 shift;
		u8 insn_len;
		bool write;
	} mmio;
	u8 csr_rd;

	struct rvhv_pt_cache cache;
	struct pid __rcu *pid;

	struct rvhv_vcpu_stats stats;
};

int rvhv_vcpu_module_init(void);
void rvhv_vcpu_module_exit(void);
struct rvhv_vcpu *rvhv_vcpu_create(struct rvhv_vm *vm, unsigned int id);
void rvhv_vcpu_destroy(struct rvhv_vcpu *vcpu);
void rvhv_vcpu_set_guest_debug(struct rvhv_vcpu *vcpu, bool on);

#endif /* _RVHV_VCPU_H */
