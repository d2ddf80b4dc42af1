/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SBI for guests: a table of extensions, one file each.
 *
 * This directory sees a vCPU only as an opaque pointer and through struct rvhv_sbi_ops, so that
 * every argument check runs under KUnit on any architecture.
 */
#ifndef _RVHV_SBI_H
#define _RVHV_SBI_H

#include <linux/maple_tree.h>
#include <linux/mutex.h>

#include "../rvhv_types.h"

struct rvhv_console;
struct rvhv_host_comm;

/* Legacy extensions (SBI specification, "Legacy Extensions"): one function an EID */
#define RVHV_SBI_V01_FIRST	0x0
#define RVHV_SBI_V01_LAST	0x8

/* What became of a call */
enum rvhv_sbi_result {
	RVHV_SBI_DONE,		/* a0 = call->error, a1 = call->value */
	RVHV_SBI_DONE_LEGACY,	/* a0 = call->error; a1 is kept (SBI v0.1) */
	RVHV_SBI_DEFER,		/* call again with call->atomic false */
	RVHV_SBI_VMM,		/* hand the call to the VMM as it is */
	RVHV_SBI_SYSTEM,	/* system event: call->event; the hart does not return */
	RVHV_SBI_SUSPEND,	/* retentive suspend: wait for an interrupt, then a0 = 0 */
	RVHV_SBI_STOP,		/* the hart was stopped (HSM stop or suspend); no return */
	RVHV_SBI_TRAP,		/* redirect call->trap to the guest; pc stays on the ecall */
	RVHV_SBI_HYPERCALL,	/* hand the call to the VMM as a hypercall */
	RVHV_SBI_HOST_ERROR,	/* the host failed: KVM_RUN gives call->host_error; pc stays */
};

/* System events; uapi/ turns them into KVM_SYSTEM_EVENT_* */
enum rvhv_system_event {
	RVHV_SYSTEM_SHUTDOWN,
	RVHV_SYSTEM_RESET,
};

/**
 * struct rvhv_sbi_call - one SBI call and its answer
 * @eid: extension (a7)
 * @fid: function (a6)
 * @args: a0 to a5
 * @atomic: interrupts are off and the handler must not sleep or wait for another CPU; where it has
 *	to, it returns RVHV_SBI_DEFER with nothing changed
 * @error: SBI error, out
 * @value: value, out
 * @event: for RVHV_SBI_SYSTEM
 * @reason: for RVHV_SBI_SYSTEM: the reset reason
 * @trap: for RVHV_SBI_TRAP; its sepc is for the caller to fill, with the pc of the ecall
 * @host_error: for RVHV_SBI_HOST_ERROR: a negative errno
 */
struct rvhv_sbi_call {
	unsigned long eid;
	unsigned long fid;
	unsigned long args[6];
	bool atomic;
	long error;
	unsigned long value;
	enum rvhv_system_event event;
	u64 reason;
	struct rvhv_trap trap;
	int host_error;
};

/**
 * struct rvhv_sbi_ops - all that SBI may do to a vCPU
 * @vm: the VM of @vcpu, for extensions of other modules
 * @hart_id: id of @vcpu
 * @find: the vCPU of the same VM with this hart id, or NULL
 * @next: the vCPU of the same VM with the smallest hart id >= @hart_id, or NULL; @hart_id follows
 * @machine_id: 0 mvendorid, 1 marchid, 2 mimpid
 * @set_timer: program the vCPU's timer, absolute guest time
 * @raise_ipi: make VSSIP pending in @target and wake or kick it
 * @clear_ipi: make VSSIP of the calling vCPU not pending
 * @fence_self: carry out a fence on the calling vCPU at once; the vCPU is loaded
 *	(RVHV_FENCE_L2_GVMA: may sleep)
 * @fence_post: queue a fence for @target, to be done before it next enters the guest
 * @fence_wait: wait until no vCPU of @vcpu's VM that had a fence posted runs on old translations
 * @has_h: does @target have the H extension?
 * @load_word: read an aligned unsigned long at a guest virtual address of the calling vCPU; false
 *	and @trap filled, but for sepc, if that faults
 * @check_mem: is every byte of a range of guest physical memory in a slot (for @write: in a
 *	writable one)? The range may wrap, which it is not.
 * @read_mem: read guest physical memory: 0 or -EFAULT
 * @write_mem: write guest physical memory: 0 or -EFAULT
 * @hart_start: HSM hart_start. 0, -EALREADY (not stopped)
 * @hart_stop: stop the calling vCPU
 * @hart_suspend: stop the calling vCPU so that any enabled interrupt starts it at @addr with
 *	a0 = hart id, a1 = @opaque (non-retentive suspend)
 * @hart_state: HSM state of @target
 *
 * Ranges of fences come in whole pages, with start + size - 1 >= start.
 *
 * Context: with interrupts off (a call with @atomic) @hart_id, @find, @next, @machine_id,
 * @set_timer, @raise_ipi, @clear_ipi, @fence_self, @has_h and @hart_state; the others only with
 * interrupts on.
 */
struct rvhv_sbi_ops {
	struct rvhv_vm *(*vm)(struct rvhv_vcpu *vcpu);
	unsigned long (*hart_id)(const struct rvhv_vcpu *vcpu);
	struct rvhv_vcpu *(*find)(struct rvhv_vcpu *vcpu, unsigned long hart_id);
	struct rvhv_vcpu *(*next)(struct rvhv_vcpu *vcpu, unsigned long *hart_id);
	unsigned long (*machine_id)(const struct rvhv_vcpu *vcpu, unsigned int which);
	void (*set_timer)(struct rvhv_vcpu *vcpu, u64 deadline);
	void (*raise_ipi)(struct rvhv_vcpu *target);
	void (*clear_ipi)(struct rvhv_vcpu *vcpu);
	void (*fence_self)(struct rvhv_vcpu *vcpu, const struct rvhv_fence *fence);
	void (*fence_post)(struct rvhv_vcpu *target, const struct rvhv_fence *fence);
	void (*fence_wait)(struct rvhv_vcpu *vcpu);
	bool (*has_h)(const struct rvhv_vcpu *target);
	bool (*load_word)(struct rvhv_vcpu *vcpu, unsigned long gva, unsigned long *val,
			  struct rvhv_trap *trap);
	bool (*check_mem)(struct rvhv_vcpu *vcpu, u64 gpa, u64 len, bool write);
	int (*read_mem)(struct rvhv_vcpu *vcpu, void *dst, u64 gpa, size_t len);
	int (*write_mem)(struct rvhv_vcpu *vcpu, u64 gpa, const void *src, size_t len);
	int (*hart_start)(struct rvhv_vcpu *target, unsigned long addr, unsigned long opaque);
	void (*hart_stop)(struct rvhv_vcpu *vcpu);
	void (*hart_suspend)(struct rvhv_vcpu *vcpu, unsigned long addr, unsigned long opaque);
	enum rvhv_hsm_state (*hart_state)(const struct rvhv_vcpu *target);
};

/* Most extensions that other modules can register */
#define RVHV_SBI_MAX_SLOTS	64

/* Most ranges of EIDs that one VM forwards */
#define RVHV_SBI_MAX_FORWARDS	256

/**
 * struct rvhv_sbi_vm - what a VM has of the SBI
 * @lock: serialises changes
 * @forward: ranges of EIDs that go to the VMM
 * @nr_forward: how many
 * @forwarded_rows: rows of the table that vCPUs begin without, since their EIDs are forwarded
 * @slots: registered extensions that there were when the VM was made, a bit each
 * @generation: of the registry when the VM was made
 * @console: where the debug console goes; NULL for the VMM; settled before the first vCPU
 * @host_comm: the host channel, or NULL
 */
struct rvhv_sbi_vm {
	struct mutex lock;
	struct maple_tree forward;
	unsigned int nr_forward;
	u64 forwarded_rows;
	u64 slots;
	u64 generation;
	struct rvhv_console *console;
	struct rvhv_host_comm __rcu *host_comm;
};

/**
 * struct rvhv_sbi_state - which extensions one vCPU has
 * @vm: its VM's
 * @available: bit i: row i of the table exists for this vCPU
 * @enabled: bit i: the guest may call it
 * @slots_enabled: bit i: the guest may call registered extension i, if @vm has it
 */
struct rvhv_sbi_state {
	struct rvhv_sbi_vm *vm;
	u64 available;
	u64 enabled;
	u64 slots_enabled;
};

/**
 * struct rvhv_sbi_ext - one row of the table
 * @name: the specification's
 * @first: first EID
 * @last: last EID
 * @off_by_default: the VMM must enable it
 * @always_on: may not be disabled (Base)
 * @probe: value of Base's probe_extension when enabled, NULL for 1; while it is 0, the extension is
 *	not there
 * @handle: answer one call
 */
struct rvhv_sbi_ext {
	const char *name;
	unsigned long first;
	unsigned long last;
	bool off_by_default;
	bool always_on;
	long (*probe)(const struct rvhv_sbi_state *state);
	enum rvhv_sbi_result (*handle)(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				       const struct rvhv_sbi_state *state,
				       struct rvhv_sbi_call *call);
};

/* sbi.c: the table, sorted by EID */
extern const struct rvhv_sbi_ext rvhv_sbi_table[];
extern const unsigned int rvhv_sbi_table_size;

void rvhv_sbi_state_init(struct rvhv_sbi_state *state, struct rvhv_sbi_vm *vm);
/* Row of @eid (index) or -ENOENT */
int rvhv_sbi_row(unsigned long eid);
/* For ONE_REG: 0 and *on, or -ENOENT; set: 0, -ENOENT, -EINVAL (Base off) */
int rvhv_sbi_ext_get(const struct rvhv_sbi_state *state, unsigned long eid, bool *on);
int rvhv_sbi_ext_set(struct rvhv_sbi_state *state, unsigned long eid, bool on);
/* Carry out @call for @vcpu; unknown or disabled extensions answer SBI_ERR_NOT_SUPPORTED. */
enum rvhv_sbi_result rvhv_sbi_dispatch(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				       const struct rvhv_sbi_state *state,
				       struct rvhv_sbi_call *call);

/* sbi_vm.c: what a VM has of the SBI */
void rvhv_sbi_vm_init(struct rvhv_sbi_vm *vm);
void rvhv_sbi_vm_destroy(struct rvhv_sbi_vm *vm);
int rvhv_sbi_vm_forward(struct rvhv_sbi_vm *vm, unsigned long first, unsigned long last,
			bool has_vcpus);
int rvhv_sbi_vm_unforward(struct rvhv_sbi_vm *vm, unsigned long first, unsigned long last);

/* sbi_registry.c: extensions of other modules */

/**
 * struct rvhv_sbi_slot_info - a registered extension, for the VMM
 * @name: its name
 * @first: first EID
 * @last: last EID
 * @available: the VM has it
 * @present: its module is there now
 */
struct rvhv_sbi_slot_info {
	char name[RVHV_SBI_NAME_MAX + 1];
	unsigned long first;
	unsigned long last;
	bool available;
	bool present;
};

int rvhv_sbi_slot_describe(const struct rvhv_sbi_vm *vm, unsigned int slot,
			   struct rvhv_sbi_slot_info *info);
int rvhv_sbi_slot_get(const struct rvhv_sbi_state *state, unsigned int slot, bool *on);
int rvhv_sbi_slot_set(struct rvhv_sbi_state *state, unsigned int slot, bool on);

#endif /* _RVHV_SBI_H */
