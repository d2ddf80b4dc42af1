// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fake guest: an implementation of struct rvhv_sbi_ops.
 */
#include <linux/bits.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "../include/rvhv_arch.h"
#include "sbi_fake.h"

static struct sbi_fake_hart *hart_of(const struct rvhv_vcpu *vcpu)
{
	return (struct sbi_fake_hart *)vcpu;
}

static struct rvhv_vcpu *vcpu_of(struct sbi_fake_hart *hart)
{
	return (struct rvhv_vcpu *)hart;
}

static struct sbi_event *record(struct sbi_fake_hart *hart, enum sbi_event_kind kind)
{
	struct sbi_fake_vm *vm = hart->vm;

	if (vm->nr_events == SBI_FAKE_EVENTS) {
		vm->misuse = "more effects than harts";
		vm->nr_events--;
	}
	vm->event[vm->nr_events] = (struct sbi_event) { .kind = kind, .hart = hart->id };
	return &vm->event[vm->nr_events++];
}

static void only_self(struct sbi_fake_hart *hart, const char *misuse)
{
	if (hart != hart->vm->self)
		hart->vm->misuse = misuse;
}

static void not_atomic(struct sbi_fake_hart *hart, const char *misuse)
{
	if (hart->vm->call.atomic)
		hart->vm->misuse = misuse;
}

static struct rvhv_vm *fake_vm(struct rvhv_vcpu *vcpu)
{
	return (struct rvhv_vm *)hart_of(vcpu)->vm;
}

static unsigned long fake_hart_id(const struct rvhv_vcpu *vcpu)
{
	return hart_of(vcpu)->id;
}

static struct rvhv_vcpu *fake_next(struct rvhv_vcpu *vcpu, unsigned long *hart_id)
{
	struct sbi_fake_vm *vm = hart_of(vcpu)->vm;
	unsigned int i;

	only_self(hart_of(vcpu), "next of another hart");
	for (i = 0; i < vm->nr; i++) {
		if (vm->hart[i].id >= *hart_id) {
			*hart_id = vm->hart[i].id;
			return vcpu_of(&vm->hart[i]);
		}
	}
	return NULL;
}

static struct rvhv_vcpu *fake_find(struct rvhv_vcpu *vcpu, unsigned long hart_id)
{
	unsigned long found = hart_id;
	struct rvhv_vcpu *target = fake_next(vcpu, &found);

	return found == hart_id ? target : NULL;
}

static unsigned long fake_machine_id(const struct rvhv_vcpu *vcpu, unsigned int which)
{
	return SBI_FAKE_MACHINE_ID + which;
}

static void fake_set_timer(struct rvhv_vcpu *vcpu, u64 deadline)
{
	only_self(hart_of(vcpu), "timer of another hart");
	record(hart_of(vcpu), SBI_EV_TIMER)->arg[0] = deadline;
}

static void fake_raise_ipi(struct rvhv_vcpu *target)
{
	record(hart_of(target), SBI_EV_IPI);
}

static void fake_clear_ipi(struct rvhv_vcpu *vcpu)
{
	only_self(hart_of(vcpu), "IPI of another hart cleared");
	record(hart_of(vcpu), SBI_EV_CLEAR_IPI);
}

static void fake_fence_self(struct rvhv_vcpu *vcpu, const struct rvhv_fence *fence)
{
	only_self(hart_of(vcpu), "fence_self on another hart");
	record(hart_of(vcpu), SBI_EV_FENCE_SELF)->fence = *fence;
}

static void fake_fence_post(struct rvhv_vcpu *target, const struct rvhv_fence *fence)
{
	not_atomic(hart_of(target), "fence_post with interrupts off");
	if (hart_of(target) == hart_of(target)->vm->self)
		hart_of(target)->vm->misuse = "fence_post to the caller, who would wait for itself";
	record(hart_of(target), SBI_EV_FENCE_POST)->fence = *fence;
}

static bool fake_has_h(const struct rvhv_vcpu *target)
{
	return hart_of(target)->has_h;
}

static void fake_fence_wait(struct rvhv_vcpu *vcpu)
{
	not_atomic(hart_of(vcpu), "fence_wait with interrupts off");
	only_self(hart_of(vcpu), "fence_wait of another hart");
	record(hart_of(vcpu), SBI_EV_FENCE_WAIT);
}

static bool fake_load_word(struct rvhv_vcpu *vcpu, unsigned long gva, unsigned long *val,
			   struct rvhv_trap *trap)
{
	struct sbi_fake_vm *vm = hart_of(vcpu)->vm;
	unsigned long word = (gva - vm->mask_gva) / sizeof(long);

	not_atomic(hart_of(vcpu), "load_word with interrupts off");
	only_self(hart_of(vcpu), "load_word of another hart");
	if (gva % sizeof(long))
		vm->misuse = "load_word at a misaligned address";
	vm->loads++;
	if (gva < vm->mask_gva || word >= vm->mask_words) {
		*trap = (struct rvhv_trap) { .scause = EXC_LOAD_PAGE_FAULT, .stval = gva };
		return false;
	}
	*val = vm->mask[word];
	return true;
}

static bool fake_check_mem(struct rvhv_vcpu *vcpu, u64 gpa, u64 len, bool write)
{
	struct sbi_fake_vm *vm = hart_of(vcpu)->vm;
	u64 size = write ? SBI_FAKE_MEM_RO : SBI_FAKE_MEM_SIZE;

	not_atomic(hart_of(vcpu), "check_mem with interrupts off");
	only_self(hart_of(vcpu), "check_mem of another hart");
	return vm->mem && gpa >= SBI_FAKE_MEM && gpa - SBI_FAKE_MEM <= size &&
	       len <= size - (gpa - SBI_FAKE_MEM);
}

/* Returns the address of a range, or NULL if no user memory is behind it. */
static u8 *mem_at(struct rvhv_vcpu *vcpu, u64 gpa, size_t len, bool write)
{
	struct sbi_fake_vm *vm = hart_of(vcpu)->vm;

	if (!fake_check_mem(vcpu, gpa, len, write)) {
		vm->misuse = "memory that was not checked";
		return NULL;
	}
	return gpa - SBI_FAKE_MEM + len <= vm->mem_behind ? vm->mem + (gpa - SBI_FAKE_MEM) : NULL;
}

static int fake_read_mem(struct rvhv_vcpu *vcpu, void *dst, u64 gpa, size_t len)
{
	u8 *mem = mem_at(vcpu, gpa, len, false);

	if (!mem)
		return -EFAULT;
	memcpy(dst, mem, len);
	return 0;
}

static int fake_write_mem(struct rvhv_vcpu *vcpu, u64 gpa, const void *src, size_t len)
{
	u8 *mem = mem_at(vcpu, gpa, len, true);

	if (!mem)
		return -EFAULT;
	memcpy(mem, src, len);
	return 0;
}

static int fake_hart_start(struct rvhv_vcpu *target, unsigned long addr, unsigned long opaque)
{
	struct sbi_event *event;

	not_atomic(hart_of(target), "hart_start with interrupts off");
	if (hart_of(target)->hsm != RVHV_HSM_STOPPED)
		return -EALREADY;
	event = record(hart_of(target), SBI_EV_START);
	event->arg[0] = addr;
	event->arg[1] = opaque;
	return 0;
}

static void fake_hart_stop(struct rvhv_vcpu *vcpu)
{
	not_atomic(hart_of(vcpu), "hart_stop with interrupts off");
	only_self(hart_of(vcpu), "hart_stop of another hart");
	record(hart_of(vcpu), SBI_EV_STOP);
}

static void fake_hart_suspend(struct rvhv_vcpu *vcpu, unsigned long addr, unsigned long opaque)
{
	struct sbi_event *event;

	not_atomic(hart_of(vcpu), "hart_suspend with interrupts off");
	only_self(hart_of(vcpu), "hart_suspend of another hart");
	event = record(hart_of(vcpu), SBI_EV_SUSPEND);
	event->arg[0] = addr;
	event->arg[1] = opaque;
}

static enum rvhv_hsm_state fake_hart_state(const struct rvhv_vcpu *target)
{
	return hart_of(target)->hsm;
}

static const struct rvhv_sbi_ops fake_ops = {
	.vm = fake_vm,
	.hart_id = fake_hart_id,
	.find = fake_find,
	.next = fake_next,
	.machine_id = fake_machine_id,
	.set_timer = fake_set_timer,
	.raise_ipi = fake_raise_ipi,
	.clear_ipi = fake_clear_ipi,
	.fence_self = fake_fence_self,
	.fence_post = fake_fence_post,
	.fence_wait = fake_fence_wait,
	.has_h = fake_has_h,
	.load_word = fake_load_word,
	.check_mem = fake_check_mem,
	.read_mem = fake_read_mem,
	.write_mem = fake_write_mem,
	.hart_start = fake_hart_start,
	.hart_stop = fake_hart_stop,
	.hart_suspend = fake_hart_suspend,
	.hart_state = fake_hart_state,
};

void sbi_fake_init(struct sbi_fake_vm *vm, const unsigned long *ids, unsigned int nr,
		   unsigned int self)
{
	unsigned int i;

	memset(vm, 0, sizeof(*vm));
	vm->nr = nr;
	for (i = 0; i < nr; i++) {
		vm->hart[i].vm = vm;
		vm->hart[i].id = ids[i];
		vm->hart[i].hsm = i == self ? RVHV_HSM_STARTED : RVHV_HSM_STOPPED;
	}
	vm->self = &vm->hart[self];
	rvhv_sbi_vm_init(&vm->sbi);
	rvhv_sbi_state_init(&vm->state, &vm->sbi);
	vm->state.enabled = vm->state.available;
	vm->state.slots_enabled = vm->sbi.slots;
}

static struct sbi_fake_console *fake_console(struct rvhv_console *console)
{
	return container_of(console, struct sbi_fake_console, console);
}

static size_t fake_console_write(struct rvhv_console *console, const u8 *buf, size_t len)
{
	struct sbi_fake_console *fc = fake_console(console);
	size_t n = min(len, fc->room);

	/* sbi_walk does not read the output */
	if (n > SBI_FAKE_CONSOLE_MAX - fc->out_len)
		fc->out_len = 0;
	memcpy(fc->out + fc->out_len, buf, n);
	fc->out_len += n;
	fc->room -= n;
	return n;
}

static size_t fake_console_read(struct rvhv_console *console, u8 *buf, size_t len)
{
	struct sbi_fake_console *fc = fake_console(console);
	size_t n = min(len, fc->in_len);

	memcpy(buf, fc->in, n);
	fc->in += n;
	fc->in_len -= n;
	return n;
}

static int fake_console_wait_room(struct rvhv_console *console)
{
	struct sbi_fake_console *fc = fake_console(console);

	fc->waits++;
	fc->room += fc->more;
	return fc->more ? 0 : -EINTR;
}

static const struct rvhv_console_ops fake_console_ops = {
	.write = fake_console_write,
	.read = fake_console_read,
	.wait_room = fake_console_wait_room,
};

void sbi_fake_add_memory(struct kunit *test, struct sbi_fake_vm *vm)
{
	vm->mem = kunit_kzalloc(test, SBI_FAKE_MEM_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, vm->mem);
	vm->mem_behind = SBI_FAKE_MEM_SIZE;
}

void sbi_fake_add_console(struct kunit *test, struct sbi_fake_vm *vm)
{
	struct sbi_fake_console *fc = kunit_kzalloc(test, sizeof(*fc), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fc);
	sbi_fake_add_memory(test, vm);
	fc->console.sink = RVHV_SINK_PRINTK;
	fc->console.ops = &fake_console_ops;
	fc->room = SIZE_MAX;
	vm->console = fc;
	vm->sbi.console = &fc->console;
	rvhv_sbi_state_init(&vm->state, &vm->sbi);
}

enum rvhv_sbi_result sbi_fake_dispatch(struct sbi_fake_vm *vm, bool atomic)
{
	vm->nr_events = 0;
	vm->loads = 0;
	vm->misuse = NULL;
	vm->call.atomic = atomic;
	return rvhv_sbi_dispatch(vcpu_of(vm->self), &fake_ops, &vm->state, &vm->call);
}

enum rvhv_sbi_result sbi_fake_call(struct sbi_fake_vm *vm, bool atomic, unsigned long eid,
				   unsigned long fid, unsigned long a0, unsigned long a1,
				   unsigned long a2, unsigned long a3, unsigned long a4)
{
	vm->call = (struct rvhv_sbi_call) {
		.eid = eid,
		.fid = fid,
		.args = { a0, a1, a2, a3, a4 },
	};
	return sbi_fake_dispatch(vm, atomic);
}

unsigned int sbi_fake_count(const struct sbi_fake_vm *vm, enum sbi_event_kind kind,
			    unsigned long hart)
{
	unsigned int i, nr = 0;

	for (i = 0; i < vm->nr_events; i++)
		nr += vm->event[i].kind == kind && vm->event[i].hart == hart;
	return nr;
}

const unsigned long sbi_fake_ids[7] = { 0, 1, 5, 63, 64, 130, 1023 };

int sbi_fake_test_init(struct kunit *test)
{
	struct sbi_fake_vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);

	if (!vm)
		return -ENOMEM;
	sbi_fake_init(vm, sbi_fake_ids, ARRAY_SIZE(sbi_fake_ids), 2);
	vm->mask_gva = SBI_FAKE_MASK_GVA;
	vm->mask_words = ARRAY_SIZE(vm->mask);
	test->priv = vm;
	return 0;
}

void sbi_fake_expect_error(struct kunit *test, long error)
{
	struct sbi_fake_vm *vm = test->priv;

	KUNIT_EXPECT_EQ(test, vm->call.error, error);
	KUNIT_EXPECT_EQ(test, vm->call.value, 0);
	KUNIT_EXPECT_EQ(test, vm->nr_events, 0);
	KUNIT_EXPECT_NULL(test, vm->misuse);
}

unsigned long sbi_fake_effects(const struct sbi_fake_vm *vm, enum sbi_event_kind kind)
{
	unsigned long set = 0;
	unsigned int i;

	for (i = 0; i < vm->nr; i++)
		if (sbi_fake_count(vm, kind, vm->hart[i].id))
			set |= BIT(i);
	return set;
}
