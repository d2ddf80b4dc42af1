// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the tables of the userspace interface: commands, capabilities, statistics,
 * register classes. They cover new rows without a change.
 */
#include <kunit/test.h>
#include <linux/kmsg_dump.h>
#include <linux/string.h>

#include "../rvhv_vm.h"
#include "../uapi/abi.h"
#include "../uapi/caps.h"
#include "../uapi/ioctl_device.h"
#include "../uapi/ioctl_tables.h"
#include "../uapi/onereg.h"
#include "../uapi/stats_fd.h"
#include "../uapi/vcpu_file.h"
#include "../vcpu/vcpu.h"

/* ---- commands ---- */

static const struct rvhv_ioctl_table *const tables[] = {
	&rvhv_dev_ioctls, &rvhv_vm_ioctls, &rvhv_vcpu_ioctls, &rvhv_device_ioctls,
};

static void table_name(const struct rvhv_ioctl_table *const *table, char *name)
{
	strscpy(name, (*table)->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(table, tables, table_name);

static const struct rvhv_ioctl_table *table_of(struct kunit *test)
{
	return *(const struct rvhv_ioctl_table *const *)test->param_value;
}

static void rows_are_complete(struct kunit *test)
{
	const struct rvhv_ioctl_table *table = table_of(test);
	unsigned int i;

	for (i = 0; i < table->nr; i++) {
		const struct rvhv_ioctl *row = &table->rows[i];
		unsigned int dir = _IOC_DIR(row->cmd), type = _IOC_TYPE(row->cmd);
		bool in = row->kind == RVHV_IOCTL_IN || row->kind == RVHV_IOCTL_INOUT;
		bool out = row->kind == RVHV_IOCTL_OUT || row->kind == RVHV_IOCTL_INOUT;

		KUNIT_EXPECT_TRUE_MSG(test, type == KVMIO || type == RVHVIO, "row %u", i);
		KUNIT_EXPECT_NOT_NULL_MSG(test, row->handler, "row %u", i);
		KUNIT_EXPECT_PTR_EQ_MSG(test, rvhv_ioctl_find(table, row->cmd), row, "row %u", i);
		if (in || out) {
			KUNIT_EXPECT_EQ_MSG(test, row->size, _IOC_SIZE(row->cmd), "row %u", i);
			KUNIT_EXPECT_LE_MSG(test, row->size, RVHV_IOCTL_MAX_SIZE, "row %u", i);
		} else {
			KUNIT_EXPECT_EQ_MSG(test, row->size, 0, "row %u", i);
			KUNIT_EXPECT_TRUE_MSG(test,
					      row->kind == RVHV_IOCTL_USER || dir == _IOC_NONE,
					      "row %u", i);
		}
		/* The handler copies in the direction that the number states. */
		if (in)
			KUNIT_EXPECT_TRUE_MSG(test, dir & _IOC_WRITE, "row %u", i);
		if (out)
			KUNIT_EXPECT_TRUE_MSG(test, dir & _IOC_READ, "row %u", i);
	}
}

static bool find_is_right(const struct rvhv_ioctl_table *table, unsigned int cmd,
			  unsigned int *found)
{
	const struct rvhv_ioctl *want = NULL;
	unsigned int row;

	for (row = 0; row < table->nr; row++)
		if (table->rows[row].cmd == cmd)
			want = &table->rows[row];
	*found += !!want;
	return rvhv_ioctl_find(table, cmd) == want;
}

/* Numbers that are in no row are unknown, whatever their size. */
static void other_commands_are_unknown(struct kunit *test)
{
	static const unsigned int sizes[] = { 0, 1, 4, 8, 16, 24, 56, 64, 160, 16383 };
	static const unsigned int types[] = { KVMIO, RVHVIO };
	const struct rvhv_ioctl_table *table = table_of(test);
	unsigned int nr, dir, i, found = 0;

	for (nr = 0; nr < 256 * ARRAY_SIZE(types); nr++) {
		for (dir = 0; dir < 4; dir++) {
			for (i = 0; i < ARRAY_SIZE(sizes); i++) {
				unsigned int cmd = _IOC(dir, types[nr / 256], nr % 256, sizes[i]);

				KUNIT_ASSERT_TRUE_MSG(test, find_is_right(table, cmd, &found),
						      "%#x", cmd);
			}
		}
	}
	KUNIT_EXPECT_GT(test, found, 0);
	KUNIT_EXPECT_NULL(test, rvhv_ioctl_find(table, _IO(KVMIO + 1, 0)));
	KUNIT_EXPECT_LT(test, table->unknown, 0);
}

static void locks_come_in_pairs(struct kunit *test)
{
	const struct rvhv_ioctl_table *table = table_of(test);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, !table->lock, !table->unlock);
	for (i = 0; i < table->nr; i++)
		KUNIT_EXPECT_TRUE(test, !table->rows[i].flags || table->lock);
}

/* ---- commands of the device ---- */

static void device_commands(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, rvhv_ioctl(&rvhv_dev_ioctls, NULL, KVM_GET_API_VERSION, 0), 12);
	KUNIT_EXPECT_EQ(test, rvhv_ioctl(&rvhv_dev_ioctls, NULL, KVM_GET_API_VERSION, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, rvhv_ioctl(&rvhv_dev_ioctls, NULL, KVM_GET_VCPU_MMAP_SIZE, 0),
			2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, rvhv_ioctl(&rvhv_dev_ioctls, NULL, KVM_GET_VCPU_MMAP_SIZE, 1),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, rvhv_ioctl(&rvhv_dev_ioctls, NULL, KVM_RUN, 0), -EINVAL);
}

static void other_address_space(struct kunit *test)
{
	struct rvhv_vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, vm);
	vm->mem.mm = (struct mm_struct *)vm;
	KUNIT_EXPECT_EQ(test, rvhv_vm_usable(vm), -EIO);
	KUNIT_EXPECT_EQ(test, rvhv_ioctl(&rvhv_vm_ioctls, vm, KVM_CREATE_VCPU, 0), -EIO);
	KUNIT_EXPECT_EQ(test, rvhv_ioctl(&rvhv_vm_ioctls, vm, _IO(KVMIO, 0), 0), -EIO);
	vm->mem.mm = current->mm;
	KUNIT_EXPECT_EQ(test, rvhv_vm_usable(vm), 0);
	KUNIT_EXPECT_EQ(test, rvhv_ioctl(&rvhv_vm_ioctls, vm, _IO(KVMIO, 0), 0), -EINVAL);
}

static unsigned int lines_in_log(const char *text)
{
	static char line[512];
	struct kmsg_dump_iter iter;
	unsigned int lines = 0;
	size_t len;

	kmsg_dump_rewind(&iter);
	while (kmsg_dump_get_line(&iter, false, line, sizeof(line), &len))
		lines += !!strnstr(line, text, len);
	return lines;
}

static void expect_dead(struct kunit *test, const struct rvhv_ioctl_table *table, void *object)
{
	unsigned int i;

	for (i = 0; i < table->nr; i++)
		KUNIT_EXPECT_EQ_MSG(test, rvhv_ioctl(table, object, table->rows[i].cmd, 0), -EIO,
				    "%s row %u", table->name, i);
}

/* Every ioctl of a dead VM, its vCPUs and its devices returns -EIO; one line says why. */
static void dead_vm(struct kunit *test)
{
	struct rvhv_vcpu *vcpu = kunit_kzalloc(test, sizeof(*vcpu), GFP_KERNEL);
	struct rvhv_vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);
	struct rvhv_vcpu_file vf = { .vcpu = vcpu };
	struct rvhv_device dev = { .vm = vm };
	unsigned int before;

	KUNIT_ASSERT_NOT_NULL(test, vm);
	KUNIT_ASSERT_NOT_NULL(test, vcpu);
	vm->mem.mm = current->mm;
	xa_init(&vm->vcpus);
	vcpu->vm = vm;

	before = lines_in_log("KUnit kills a VM");
	rvhv_vm_bug(vm, "KUnit kills a VM");
	rvhv_vm_bug(vm, "KUnit kills a VM again");
	KUNIT_EXPECT_EQ(test, lines_in_log("KUnit kills a VM"), before + 1);
	expect_dead(test, &rvhv_vm_ioctls, vm);
	expect_dead(test, &rvhv_vcpu_ioctls, &vf);
	expect_dead(test, &rvhv_device_ioctls, &dev);
}

/* Ids are not truncated to 32 bits. */
static void vcpu_ids(struct kunit *test)
{
	static const unsigned long ids[] = {
		RVHV_MAX_VCPUS, RVHV_MAX_VCPUS + 1, INT_MAX, UINT_MAX, BIT(32), ULONG_MAX,
	};
	struct rvhv_vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, vm);
	vm->mem.mm = current->mm;
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		KUNIT_EXPECT_EQ(test, rvhv_ioctl(&rvhv_vm_ioctls, vm, KVM_CREATE_VCPU, ids[i]),
				-EINVAL);
}

/* ---- capabilities ---- */

static long check_extension(unsigned long nr)
{
	return rvhv_ioctl(&rvhv_dev_ioctls, NULL, KVM_CHECK_EXTENSION, nr);
}

static void caps_are_told_once(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < rvhv_nr_caps; i++) {
		KUNIT_EXPECT_GT_MSG(test, check_extension(rvhv_caps[i].nr), 0, "capability %u",
				    rvhv_caps[i].nr);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE(test, rvhv_caps[j].nr, rvhv_caps[i].nr);
	}
}

static void other_caps_are_zero(struct kunit *test)
{
	unsigned long nr, told = 0;

	for (nr = 0; nr < 1024; nr++)
		told += check_extension(nr) != 0;
	KUNIT_EXPECT_EQ(test, told, rvhv_nr_caps);
	KUNIT_EXPECT_EQ(test, check_extension(BIT(32) + KVM_CAP_ONE_REG), 0);
	KUNIT_EXPECT_EQ(test, check_extension(ULONG_MAX), 0);
	/* Features of KVM that rvhv lacks */
	KUNIT_EXPECT_EQ(test, check_extension(KVM_CAP_IRQCHIP), 0);
	KUNIT_EXPECT_EQ(test, check_extension(KVM_CAP_IRQFD), 0);
	KUNIT_EXPECT_EQ(test, check_extension(KVM_CAP_SIGNAL_MSI), 0);
	KUNIT_EXPECT_EQ(test, check_extension(KVM_CAP_GUEST_MEMFD), 0);
}

static int enable(struct rvhv_vm *vm, u32 nr, u32 flags, u64 arg)
{
	struct kvm_enable_cap cap = { .cap = nr, .flags = flags, .args = { arg } };
	struct rvhv_ioctl_call call = { .object = vm, .data = &cap };

	return rvhv_ioctl_enable_cap(&call);
}

static void enable_dirty_log_protect(struct kunit *test)
{
	struct rvhv_vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);
	u32 nr = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2;

	KUNIT_ASSERT_NOT_NULL(test, vm);
	mutex_init(&vm->mem.slots_lock);
	KUNIT_EXPECT_EQ(test, enable(vm, nr, 0, 1), 0);
	KUNIT_EXPECT_EQ(test, vm->mem.manual_dirty, 1);
	KUNIT_EXPECT_EQ(test, enable(vm, nr, 0, 3), 0);
	KUNIT_EXPECT_EQ(test, enable(vm, nr, 0, 2), -EINVAL);
	KUNIT_EXPECT_EQ(test, enable(vm, nr, 0, 4), -EINVAL);
	KUNIT_EXPECT_EQ(test, enable(vm, nr, 0, BIT_ULL(32) | 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, enable(vm, nr, 1, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, vm->mem.manual_dirty, 3);
	KUNIT_EXPECT_EQ(test, enable(vm, nr, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, vm->mem.manual_dirty, 0);
}

static void enable_halt_poll(struct kunit *test)
{
	struct rvhv_vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, vm);
	KUNIT_EXPECT_EQ(test, enable(vm, KVM_CAP_HALT_POLL, 0, 1000), 0);
	KUNIT_EXPECT_EQ(test, vm->halt_poll_ns, 1000);
	KUNIT_EXPECT_EQ(test, enable(vm, KVM_CAP_HALT_POLL, 0, BIT_ULL(32)), -EINVAL);
	KUNIT_EXPECT_EQ(test, enable(vm, KVM_CAP_HALT_POLL, 1, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, vm->halt_poll_ns, 1000);
}

static void other_caps_cannot_be_enabled(struct kunit *test)
{
	u32 nr;

	for (nr = 0; nr < 1024; nr++)
		if (nr != KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 && nr != KVM_CAP_HALT_POLL)
			KUNIT_EXPECT_EQ(test, enable(NULL, nr, 0, 0), -EINVAL);
}

/* ---- devices ---- */

static void no_device_types(struct kunit *test)
{
	struct kvm_create_device args = {};
	struct rvhv_ioctl_call call = { .data = &args };
	unsigned int i;

	for (i = 0; i < 64; i++) {
		args.type = i;
		args.flags = 0;
		KUNIT_EXPECT_EQ(test, rvhv_ioctl_create_device(&call), -ENODEV);
		args.flags = KVM_CREATE_DEVICE_TEST;
		KUNIT_EXPECT_EQ(test, rvhv_ioctl_create_device(&call), -ENODEV);
	}
	args.type = U32_MAX;
	KUNIT_EXPECT_EQ(test, rvhv_ioctl_create_device(&call), -ENODEV);
}

/* ---- statistics: descriptors cover all counters once and in order ---- */

static void check_stats(struct kunit *test, const struct kvm_stats_desc *desc, unsigned int nr,
			size_t bytes)
{
	unsigned int i, j, end = 0;

	for (i = 0; i < nr; i++) {
		u32 unit = desc[i].flags & KVM_STATS_UNIT_MASK;
		u32 type = desc[i].flags & KVM_STATS_TYPE_MASK;

		KUNIT_EXPECT_EQ_MSG(test, desc[i].offset, end, "%s", desc[i].name);
		KUNIT_EXPECT_GT_MSG(test, desc[i].size, 0, "%s", desc[i].name);
		end += desc[i].size * sizeof(u64);
		KUNIT_EXPECT_GT(test, strlen(desc[i].name), 0);
		KUNIT_EXPECT_LT(test, strnlen(desc[i].name, KVM_STATS_NAME_SIZE),
				KVM_STATS_NAME_SIZE);
		KUNIT_EXPECT_LE(test, desc[i].flags & KVM_STATS_TYPE_MASK, KVM_STATS_TYPE_MAX);
		KUNIT_EXPECT_LE(test, unit, KVM_STATS_UNIT_MAX);
		KUNIT_EXPECT_LE(test, desc[i].flags & KVM_STATS_BASE_MASK, KVM_STATS_BASE_MAX);
		KUNIT_EXPECT_EQ(test, desc[i].exponent, unit == KVM_STATS_UNIT_SECONDS ? -9 : 0);
		KUNIT_EXPECT_EQ(test, desc[i].bucket_size, type == KVM_STATS_TYPE_LINEAR_HIST);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, desc[i].name, desc[j].name);
	}
	KUNIT_EXPECT_EQ(test, end, bytes);
}

static void stats_cover_the_counters(struct kunit *test)
{
	check_stats(test, rvhv_vm_stats_desc, rvhv_nr_vm_stats,
		    sizeof(struct rvhv_mem_stats) + sizeof(struct rvhv_shadow_stats));
	check_stats(test, rvhv_vcpu_stats_desc, rvhv_nr_vcpu_stats,
		    sizeof(struct rvhv_vcpu_stats));
}

/* ---- register classes ---- */

static void classes_are_complete(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < rvhv_regs.nr; i++) {
		const struct rvhv_reg_class *class = rvhv_regs.classes[i];

		KUNIT_EXPECT_GT_MSG(test, class->nr, 0, "%s", class->name);
		KUNIT_EXPECT_EQ_MSG(test, !class->bytes, !!class->size, "%s", class->name);
		KUNIT_EXPECT_NOT_NULL_MSG(test, class->get, "%s", class->name);
		KUNIT_EXPECT_NOT_NULL_MSG(test, class->set, "%s", class->name);
		KUNIT_EXPECT_EQ_MSG(test, class->type & ~(u64)(KVM_REG_RISCV_TYPE_MASK |
							       KVM_REG_RISCV_SUBTYPE_MASK), 0,
				    "%s", class->name);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE(test, rvhv_regs.classes[j]->type, class->type);
	}
}

static struct kunit_case abi_cases[] = {
	KUNIT_CASE_PARAM(rows_are_complete, table_gen_params),
	KUNIT_CASE_PARAM(other_commands_are_unknown, table_gen_params),
	KUNIT_CASE_PARAM(locks_come_in_pairs, table_gen_params),
	KUNIT_CASE(device_commands),
	KUNIT_CASE(other_address_space),
	KUNIT_CASE(dead_vm),
	KUNIT_CASE(vcpu_ids),
	KUNIT_CASE(caps_are_told_once),
	KUNIT_CASE(other_caps_are_zero),
	KUNIT_CASE(enable_dirty_log_protect),
	KUNIT_CASE(enable_halt_poll),
	KUNIT_CASE(other_caps_cannot_be_enabled),
	KUNIT_CASE(no_device_types),
	KUNIT_CASE(stats_cover_the_counters),
	KUNIT_CASE(classes_are_complete),
	{}
};

static struct kunit_suite abi_suite = {
	.name = "rvhv_abi",
	.test_cases = abi_cases,
};

kunit_test_suite(abi_suite);

MODULE_LICENSE("GPL");
