/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fake guest: an implementation of struct rvhv_sbi_ops that records its calls.
 */
#ifndef _RVHV_KUNIT_SBI_FAKE_H
#define _RVHV_KUNIT_SBI_FAKE_H

#include <kunit/test.h>

#include "../sbi/console_sink.h"
#include "../sbi/sbi.h"

#define SBI_FAKE_HARTS	8
#define SBI_FAKE_EVENTS	32

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

/* An effect of a call on a hart */
struct sbi_event {
	enum sbi_event_kind kind;
	unsigned long hart;
	u64 arg[2];
	struct rvhv_fence fence;
};

struct sbi_fake_vm;

struct sbi_fake_hart {
	struct sbi_fake_vm *vm;
	unsigned long id;
	enum rvhv_hsm_state hsm;
	bool has_h;
};

/* Guest physical address and size of the memory, and the offset from which it is read-only */
#define SBI_FAKE_MEM		0x80000000UL
#define SBI_FAKE_MEM_SIZE	0x3000UL
#define SBI_FAKE_MEM_RO		0x2000UL

/* Bytes that struct sbi_fake_console keeps */
#define SBI_FAKE_CONSOLE_MAX	8192

/**
 * struct sbi_fake_console - a console that keeps its output
 * @console: the common part
 * @room: bytes of output that it takes without a wait
 * @more: bytes that each wait adds to @room; 0: waits end by a signal
 * @waits: number of waits
 * @out: output
 * @out_len: its length
 * @in: input
 * @in_len: its length
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
 * @nr: number of harts
 * @hart: harts in the order of their ids
 * @self: the caller
 * @sbi: SBI state of the VM
 * @state: extensions of @self
 * @call: the last call
 * @mask_gva: guest virtual address of @mask
 * @mask: words that load_word() reads
 * @mask_words: number of readable words
 * @loads: number of words read
 * @mem: SBI_FAKE_MEM_SIZE bytes of guest memory, or NULL
 * @mem_behind: bytes of @mem that user memory is behind
 * @console: console of sbi_fake_add_console()
 * @nr_events: number of effects of the last call
 * @event: the effects
 * @misuse: a call that the operations do not allow, or NULL
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

/* mvendorid; marchid and mimpid follow */
#define SBI_FAKE_MACHINE_ID	0x5eed00UL

/* Hart ids of the guest of sbi_fake_test_init(); the caller is the third, SBI_FAKE_SELF */
extern const unsigned long sbi_fake_ids[7];
#define SBI_FAKE_SELF	5UL
#define SBI_FAKE_ALL	GENMASK(ARRAY_SIZE(sbi_fake_ids) - 1, 0)
/* Address of that guest's hart mask */
#define SBI_FAKE_MASK_GVA	0x80000000UL

/* Make test->priv a struct sbi_fake_vm with these harts. */
int sbi_fake_test_init(struct kunit *test);
/* The last call of test->priv ended with @error and did nothing. */
void sbi_fake_expect_error(struct kunit *test, long error);
/* Harts that had an effect of this kind: bit i stands for vm->hart[i] */
unsigned long sbi_fake_effects(const struct sbi_fake_vm *vm, enum sbi_event_kind kind);

/* @ids are in rising order; the caller is @ids[@self]; every extension is enabled. */
void sbi_fake_init(struct sbi_fake_vm *vm, const unsigned long *ids, unsigned int nr,
		   unsigned int self);
void sbi_fake_add_memory(struct kunit *test, struct sbi_fake_vm *vm);
/* Add memory and a console with unlimited room, and reset the extensions. */
void sbi_fake_add_console(struct kunit *test, struct sbi_fake_vm *vm);
/* Make the call in vm->call.{eid,fid,args} and record its effects. */
enum rvhv_sbi_result sbi_fake_dispatch(struct sbi_fake_vm *vm, bool atomic);
enum rvhv_sbi_result sbi_fake_call(struct sbi_fake_vm *vm, bool atomic, unsigned long eid,
				   unsigned long fid, unsigned long a0, unsigned long a1,
				   unsigned long a2, unsigned long a3, unsigned long a4);
/* Number of effects of one kind on one hart */
unsigned int sbi_fake_count(const struct sbi_fake_vm *vm, enum sbi_event_kind kind,
			    unsigned long hart);

#endif /* _RVHV_KUNIT_SBI_FAKE_H */
