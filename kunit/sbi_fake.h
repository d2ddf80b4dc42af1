/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that is nothing but its side of struct rvhv_sbi_ops, and a record of all that SBI did to
 * it.
 */
#ifndef _RVHV_KUNIT_SBI_FAKE_H
#define _RVHV_KUNIT_SBI_FAKE_H

#include <kunit/test.h>

#include "../sbi/console_sink.h"
#include "../sbi/sbi.h"

#define SBI_FAKE_HARTS	8
#define SBI_FAKE_EVENTS	32

/* The guest's memory */

enum sbi_event_kind {
	SBI_EV_TIMER,
	SBI_EV_IPI,
	SBI_EV_CLEAR_IPI,
	SBI_EV_FENCE_SELF,
	SBI_EV_FENCE_POST,
	SBI_EV_FENCE_WAIT,
	SBI_EV_START,
	SBI_EV_STOP,
	SBI_EV_SUSPEND,
};

/**
 * struct sbi_event - one effect
 * @kind: which
 * @hart: on which hart
 * @arg: operands
 * @fence: for fences
 */
struct sbi_event {
	enum sbi_event_kind kind;
	unsigned long hart;
	u64 arg[2];
	struct rvhv_fence fence;
};

struct sbi_fake_vm;

/**
 * struct sbi_fake_hart - a vCPU
 * @vm: its VM
 * @id: hart id
 * @hsm: its state
 * @has_h: it has the H extension
 */
struct sbi_fake_hart {
	struct sbi_fake_vm *vm;
	unsigned long id;
	enum rvhv_hsm_state hsm;
	bool has_h;
};

/* Where the guest's memory begins, what it has of it, and from where on it cannot be written */
#define SBI_FAKE_MEM		0x80000000UL
#define SBI_FAKE_MEM_SIZE	0x3000UL
#define SBI_FAKE_MEM_RO		0x2000UL

/* Most that struct sbi_fake_console takes */
#define SBI_FAKE_CONSOLE_MAX	8192

/**
 * struct sbi_fake_console - a console that keeps what it gets
 * @console: the common part
 * @room: bytes that it takes before somebody has to wait
 * @more: what every wait adds to @room; with 0, waits end by a signal
 * @waits: how often somebody waited
 * @out: what it took
 * @out_len: bytes of it
 * @in: what it gives
 * @in_len: bytes of it that are left
 */
struct sbi_fake_console {
	struct rvhv_console console;
	size_t room;
	size_t more;
	unsigned int waits;
	u8 out[SBI_FAKE_CONSOLE_MAX];
	size_t out_len;
	const u8 *in;
	size_t in_len;
};

/**
 * struct sbi_fake_vm - a guest
 * @nr: harts
 * @hart: by rising id
 * @self: the hart that calls
 * @sbi: what the VM has of the SBI
 * @state: extensions of @self
 * @call: the last call
 * @mask_gva: where load_word finds @mask
 * @mask: words in the guest's memory
 * @mask_words: how many of them can be read
 * @loads: words read
 * @mem: SBI_FAKE_MEM_SIZE bytes of guest memory, or NULL for none
 * @mem_behind: bytes of @mem that the VMM has something behind
 * @console: of the VM, once sbi_fake_add_console() was called
 * @nr_events: effects of the last call
 * @event: the effects
 * @misuse: what SBI did that the operations do not allow, or NULL
 */
struct sbi_fake_vm {
	unsigned int nr;
	struct sbi_fake_hart hart[SBI_FAKE_HARTS];
	struct sbi_fake_hart *self;
	struct rvhv_sbi_vm sbi;
	struct rvhv_sbi_state state;
	struct rvhv_sbi_call call;
	unsigned long mask_gva;
	unsigned long mask[BITS_TO_LONGS(RVHV_MAX_VCPUS)];
	unsigned int mask_words;
	unsigned int loads;
	u8 *mem;
	size_t mem_behind;
	struct sbi_fake_console *console;
	unsigned int nr_events;
	struct sbi_event event[SBI_FAKE_EVENTS];
	const char *misuse;
};

/* What the three machine ids are, plus the number of the id */
#define SBI_FAKE_MACHINE_ID	0x5eed00UL

/* Ids of the harts of sbi_fake_test_init's guest; the third calls, whose id is SBI_FAKE_SELF */
extern const unsigned long sbi_fake_ids[7];
#define SBI_FAKE_SELF	5UL
#define SBI_FAKE_ALL	GENMASK(ARRAY_SIZE(sbi_fake_ids) - 1, 0)
/* Where that guest has its hart mask */
#define SBI_FAKE_MASK_GVA	0x80000000UL

/* Make test->priv a struct sbi_fake_vm with the harts above. */
int sbi_fake_test_init(struct kunit *test);
/* The last call of test->priv ended with @error and did nothing. */
void sbi_fake_expect_error(struct kunit *test, long error);
/* Which harts had an effect of this kind: bit i for vm->hart[i] */
unsigned long sbi_fake_effects(const struct sbi_fake_vm *vm, enum sbi_event_kind kind);

/* Hart ids are @ids, rising; the caller is @ids[@self]; every extension is on. */
void sbi_fake_init(struct sbi_fake_vm *vm, const unsigned long *ids, unsigned int nr,
		   unsigned int self);
/* Give the guest memory. */
void sbi_fake_add_memory(struct kunit *test, struct sbi_fake_vm *vm);
/* Give the guest memory and a console with room for all, and its vCPU what it begins with then. */
void sbi_fake_add_console(struct kunit *test, struct sbi_fake_vm *vm);
/* The caller calls with vm->call.{eid,fid,args}; what it records is of this call alone. */
enum rvhv_sbi_result sbi_fake_dispatch(struct sbi_fake_vm *vm, bool atomic);
/* The same, for a few arguments */
enum rvhv_sbi_result sbi_fake_call(struct sbi_fake_vm *vm, bool atomic, unsigned long eid,
				   unsigned long fid, unsigned long a0, unsigned long a1,
				   unsigned long a2, unsigned long a3, unsigned long a4);
/* Number of effects of one kind on one hart */
unsigned int sbi_fake_count(const struct sbi_fake_vm *vm, enum sbi_event_kind kind,
			    unsigned long hart);

#endif /* _RVHV_KUNIT_SBI_FAKE_H */
