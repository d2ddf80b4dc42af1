/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SBI for guests: a table of extensions, one file for each.
 *
 * struct rvhv_sbi_ops is this directory's only access to vCPUs, so that KUnit tests it on any
 * architecture.
 */
#ifndef _RVHV_SBI_H
#define _RVHV_SBI_H

#include <linux/maple_tree.h>
#include <linux/mutex.h>

#include "../rvhv_types.h"

struct rvhv_console;
struct rvhv_host_comm;

/* SBI specification, "Legacy Extensions" */
#define RVHV_SBI_V01_FIRST	0x0
#define RVHV_SBI_V01_LAST	0x8

/* Result of a call, and what remains to be done */
enum rvhv_sbi_result {
	RVHV_SBI_DONE,		/* a0 = call->error, a1 = call->value */
	RVHV_SBI_DONE_LEGACY,	/* a0 = call->error; a1 is kept (SBI v0.1) */
	RVHV_SBI_DEFER,		/* call again with call->atomic false */
	RVHV_SBI_VMM,		/* the VMM answers the call */
	RVHV_SBI_SYSTEM,	/* system event call->event; the hart does not return */
	RVHV_SBI_SUSPEND,	/* retentive suspend: wait for an interrupt, then a0 = 0 */
	RVHV_SBI_STOP,		/* the hart was stopped (HSM stop or suspend); no return */
	RVHV_SBI_TRAP,		/* the ecall takes call->trap */
	RVHV_SBI_HYPERCALL,	/* the VMM answers the call as a hypercall */
	RVHV_SBI_HOST_ERROR,	/* KVM_RUN fails with call->host_error; pc stays on the ecall */
};

/* System events; uapi/ turns them into KVM_SYSTEM_EVENT_* */
enum rvhv_system_event {
	RVHV_SYSTEM_SHUTDOWN,
	RVHV_SYSTEM_RESET,
};

/**
 * struct rvhv_sbi_call - an SBI call and its answer
 * @eid: extension (a7)
 * @fid: function (a6)
 * @args: a0 to a5
 * @atomic: interrupts are off: a handler that has to sleep or to wait for another CPU changes
 *	nothing and returns RVHV_SBI_DEFER
 * @error: SBI error, out
 * @value: value, out
 * @event: for RVHV_SBI_SYSTEM
 * @reason: for RVHV_SBI_SYSTEM: the reset reason
 * @trap: for RVHV_SBI_TRAP; the caller fills in sepc
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
 * struct rvhv_sbi_ops - what SBI can do to a vCPU
 * @vm: VM of @vcpu, for extensions of other modules
 * @hart_id: hart id of @vcpu
 * @find: the vCPU of the same VM with this hart id, or NULL
 * @next: the vCPU of the same VM with the smallest hart id >= @hart_id, or NULL; @hart_id follows
 * @machine_id: 0 mvendorid, 1 marchid, 2 mimpid
 * @set_timer: program the timer of @vcpu; absolute guest time
 * @raise_ipi: make VSSIP of @target pending
 * @clear_ipi: clear VSSIP of the caller
 * @fence_self: fence the caller, which is loaded (RVHV_FENCE_L2_GVMA: may sleep)
 * @fence_post: queue a fence that @target executes before it next enters the guest
 * @fence_wait: wait until every posted fence of the VM takes effect
 * @has_h: @target has the H extension
 * @load_word: read an aligned unsigned long at a guest virtual address of the caller; on a fault
 *	return false with @trap, except its sepc
 * @check_mem: returns true if slots (for @write: writable ones) cover a range of guest physical
 *	memory; false for a range that wraps
 * @read_mem: read guest physical memory: 0 or -EFAULT
 * @write_mem: write guest physical memory: 0 or -EFAULT
 * @hart_start: HSM hart_start: 0, or -EALREADY if not stopped
 * @hart_stop: stop the caller
 * @hart_suspend: non-retentive suspend: stop the caller; an enabled interrupt starts it at @addr
 *	with a0 = hart id, a1 = @opaque
 * @hart_state: HSM state of @target
 *
 * A fence covers whole pages and does not wrap.
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
 * struct rvhv_sbi_vm - SBI state of a VM
 * @lock: serialises changes
 * @forward: ranges of EIDs that the VMM answers
 * @nr_forward: their number
 * @forwarded_rows: rows of the table that @forward covers: new vCPUs begin without them
 * @slots: bit i: registered extension i existed when the VM was created
 * @generation: the registry's when the VM was created
 * @console: the debug console; NULL if it is the VMM's; fixed once there is a vCPU
 * @host_comm: the host channel or NULL
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
 * struct rvhv_sbi_state - extensions of a vCPU
 * @vm: state of its VM
 * @available: bit i: the VMM may enable row i of the table
 * @enabled: bit i: the guest may call row i
 * @slots_enabled: bit i: the guest may call registered extension i if @vm has it
 */
struct rvhv_sbi_state {
	struct rvhv_sbi_vm *vm;
	u64 available;
	u64 enabled;
	u64 slots_enabled;
};

/**
 * struct rvhv_sbi_ext - a row of the table
 * @name: the specification's name
 * @first: first EID
 * @last: last EID
 * @off_by_default: disabled until the VMM enables it
 * @always_on: cannot be disabled
 * @probe: the answer of Base's probe_extension; NULL for 1
 * @handle: answers a call
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

/* sbi.c */
extern const struct rvhv_sbi_ext rvhv_sbi_table[];
extern const unsigned int rvhv_sbi_table_size;

void rvhv_sbi_state_init(struct rvhv_sbi_state *state, struct rvhv_sbi_vm *vm);
int rvhv_sbi_row(unsigned long eid);
int rvhv_sbi_ext_get(const struct rvhv_sbi_state *state, unsigned long eid, bool *on);
int rvhv_sbi_ext_set(struct rvhv_sbi_state *state, unsigned long eid, bool on);
enum rvhv_sbi_result rvhv_sbi_dispatch(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_ops *ops,
				       const struct rvhv_sbi_state *state,
				       struct rvhv_sbi_call *call);

/* sbi_vm.c */
void rvhv_sbi_vm_init(struct rvhv_sbi_vm *vm);
void rvhv_sbi_vm_destroy(struct rvhv_sbi_vm *vm);
int rvhv_sbi_vm_forward(struct rvhv_sbi_vm *vm, unsigned long first, unsigned long last,
			bool has_vcpus);
int rvhv_sbi_vm_unforward(struct rvhv_sbi_vm *vm, unsigned long first, unsigned long last);

/* sbi_registry.c */

/* Description of a registered extension */
struct rvhv_sbi_slot_info {
	char name[RVHV_SBI_NAME_MAX + 1];
	unsigned long first;
	unsigned long last;
	bool available;	/* the VM has it */
	bool present;	/* it is registered now */
};

int rvhv_sbi_slot_describe(const struct rvhv_sbi_vm *vm, unsigned int slot,
			   struct rvhv_sbi_slot_info *info);
int rvhv_sbi_slot_get(const struct rvhv_sbi_state *state, unsigned int slot, bool *on);
int rvhv_sbi_slot_set(struct rvhv_sbi_state *state, unsigned int slot, bool on);

#endif /* _RVHV_SBI_H */
