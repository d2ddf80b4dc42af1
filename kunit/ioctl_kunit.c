// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the ioctl dispatcher with a fake table: look-up, copies, locks, and new files.
 */
#include <kunit/test.h>
#include <linux/anon_inodes.h>
#include <linux/fcntl.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/uaccess.h>

#include "../uapi/ioctl.h"

#define TYPE	0xfe

struct small {
	u32 a;
	u32 b;
};

struct large {
	u8 bytes[RVHV_IOCTL_MAX_SIZE];
};

#define CMD_NONE	_IO(TYPE, 1)
#define CMD_VALUE	_IO(TYPE, 2)
#define CMD_IN		_IOW(TYPE, 3, struct small)
#define CMD_OUT		_IOR(TYPE, 4, struct small)
#define CMD_INOUT	_IOWR(TYPE, 5, struct small)
#define CMD_LARGE	_IOWR(TYPE, 6, struct large)
#define CMD_USER	_IOWR(TYPE, 7, struct small)
#define CMD_ASYNC	_IO(TYPE, 8)
#define CMD_FILE	_IO(TYPE, 9)
#define CMD_FILE_INOUT	_IOWR(TYPE, 10, struct small)

/* Input and record of the fake handlers and hooks */
struct fake {
	int check;
	int lock;
	long result;
	unsigned int calls;
	unsigned int locked;
	unsigned int unlocked;
	unsigned int released;
	bool was_locked;
	unsigned long arg;
	struct small seen;
	struct small put;
	struct large large;
	bool silent;
	struct file *file;
	int fd;
	u8 __user *user;
};

static struct fake *called(struct rvhv_ioctl_call *call)
{
	struct fake *fake = call->object;

	fake->calls++;
	fake->arg = call->arg;
	fake->was_locked = fake->locked > fake->unlocked;
	return fake;
}

static long plain(struct rvhv_ioctl_call *call)
{
	return called(call)->result;
}

static long with_struct(struct rvhv_ioctl_call *call)
{
	struct fake *fake = called(call);

	fake->seen = *(struct small *)call->data;
	if (!fake->silent)
		*(struct small *)call->data = fake->put;
	return fake->result;
}

static long with_large(struct rvhv_ioctl_call *call)
{
	struct fake *fake = called(call);

	fake->large = *(struct large *)call->data;
	memset(call->data, 0x55, sizeof(struct large));
	return fake->result;
}

static int fake_release(struct inode *inode, struct file *file)
{
	struct fake *fake = file->private_data;

	fake->released++;
	return 0;
}

static const struct file_operations fake_fops = {
	.release = fake_release,
};

static long with_file(struct rvhv_ioctl_call *call)
{
	struct fake *fake = called(call);
	int fd = rvhv_ioctl_file(call, "rvhv-kunit", &fake_fops, fake, O_RDWR);

	if (fd < 0)
		return fd;
	fake->fd = fd;
	fake->file = call->file;
	return fake->result ?: call->data ? 0 : fd;
}

static const struct rvhv_ioctl rows[] = {
	RVHV_IOCTL(CMD_NONE, RVHV_IOCTL_NONE, plain),
	RVHV_IOCTL(CMD_VALUE, RVHV_IOCTL_VALUE, plain),
	RVHV_IOCTL_STRUCT(CMD_IN, RVHV_IOCTL_IN, struct small, with_struct),
	RVHV_IOCTL_STRUCT(CMD_OUT, RVHV_IOCTL_OUT, struct small, with_struct),
	RVHV_IOCTL_STRUCT(CMD_INOUT, RVHV_IOCTL_INOUT, struct small, with_struct),
	RVHV_IOCTL_STRUCT(CMD_LARGE, RVHV_IOCTL_INOUT, struct large, with_large),
	RVHV_IOCTL(CMD_USER, RVHV_IOCTL_USER, plain),
	{ .cmd = CMD_ASYNC, .kind = RVHV_IOCTL_NONE, .flags = RVHV_IOCTL_ASYNC, .handler = plain },
	RVHV_IOCTL(CMD_FILE, RVHV_IOCTL_VALUE, with_file),
	RVHV_IOCTL_STRUCT(CMD_FILE_INOUT, RVHV_IOCTL_INOUT, struct small, with_file),
};

static int fake_check(void *object)
{
	return ((struct fake *)object)->check;
}

static int fake_lock(void *object)
{
	struct fake *fake = object;

	if (!fake->lock)
		fake->locked++;
	return fake->lock;
}

static void fake_unlock(void *object)
{
	((struct fake *)object)->unlocked++;
}

static const struct rvhv_ioctl_table table = {
	.name = "fake", .rows = rows, .nr = ARRAY_SIZE(rows), .unknown = -ENOTTY,
	.check = fake_check, .lock = fake_lock, .unlock = fake_unlock,
};

static const struct rvhv_ioctl_table bare = {
	.name = "bare", .rows = rows, .nr = ARRAY_SIZE(rows), .unknown = -EINVAL,
};

static int ioctl_init(struct kunit *test)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	unsigned long user;

	if (!fake)
		return -ENOMEM;
	user = kunit_vm_mmap(test, NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_ANONYMOUS | MAP_PRIVATE, 0);
	if (!user || user >= TASK_SIZE)
		return -ENOMEM;
	fake->user = (u8 __user *)user;
	test->priv = fake;
	return 0;
}

static long call(struct fake *fake, unsigned int cmd, unsigned long arg)
{
	return rvhv_ioctl(&table, fake, cmd, arg);
}

static long call_user(struct fake *fake, unsigned int cmd)
{
	return call(fake, cmd, (unsigned long)fake->user);
}

static void put_small(struct kunit *test, u32 a, u32 b)
{
	struct fake *fake = test->priv;
	struct small val = { a, b };

	KUNIT_ASSERT_EQ(test, copy_to_user(fake->user, &val, sizeof(val)), 0);
}

static struct small get_small(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct small val = {};

	KUNIT_EXPECT_EQ(test, copy_from_user(&val, fake->user, sizeof(val)), 0);
	return val;
}

static void every_row_is_found(struct kunit *test)
{
	unsigned int i, bit;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_EXPECT_PTR_EQ(test, rvhv_ioctl_find(&table, rows[i].cmd), &rows[i]);
		/* A number that differs in one bit is another command or unknown. */
		for (bit = 0; bit < 32; bit++)
			KUNIT_EXPECT_PTR_NE(test, rvhv_ioctl_find(&table, rows[i].cmd ^ BIT(bit)),
					    &rows[i]);
	}
}

static void unknown_commands(struct kunit *test)
{
	static const unsigned int cmds[] = {
		0, U32_MAX, _IO(TYPE, 0), _IO(TYPE, 11), _IO(TYPE + 1, 1), _IOR(TYPE, 1, u32),
		_IOW(TYPE, 3, struct large), _IOR(TYPE, 3, struct small), _IO(TYPE, 3),
	};
	struct fake *fake = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		KUNIT_EXPECT_EQ(test, call(fake, cmds[i], 0), -ENOTTY);
		KUNIT_EXPECT_EQ(test, rvhv_ioctl(&bare, fake, cmds[i], 0), -EINVAL);
	}
	KUNIT_EXPECT_EQ(test, fake->calls, 0);
	KUNIT_EXPECT_EQ(test, fake->locked, 0);
}

static void no_argument_means_none(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->result = 12;
	KUNIT_EXPECT_EQ(test, call(fake, CMD_NONE, 0), 12);
	KUNIT_EXPECT_EQ(test, call(fake, CMD_NONE, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, call(fake, CMD_NONE, ULONG_MAX), -EINVAL);
	KUNIT_EXPECT_EQ(test, fake->calls, 1);
	KUNIT_EXPECT_EQ(test, fake->locked, fake->unlocked);
}

static void values_pass(struct kunit *test)
{
	struct fake *fake = test->priv;

	KUNIT_EXPECT_EQ(test, call(fake, CMD_VALUE, ULONG_MAX), 0);
	KUNIT_EXPECT_EQ(test, fake->arg, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, call(fake, CMD_USER, 77), 0);
	KUNIT_EXPECT_EQ(test, fake->arg, 77);
}

static void struct_in(struct kunit *test)
{
	struct fake *fake = test->priv;

	put_small(test, 1, 2);
	fake->put = (struct small) { 8, 9 };
	KUNIT_EXPECT_EQ(test, call_user(fake, CMD_IN), 0);
	KUNIT_EXPECT_EQ(test, fake->seen.a, 1);
	KUNIT_EXPECT_EQ(test, fake->seen.b, 2);
	/* Nothing is copied back. */
	KUNIT_EXPECT_EQ(test, get_small(test).a, 1);
}

static void struct_out(struct kunit *test)
{
	struct fake *fake = test->priv;

	put_small(test, 1, 2);
	fake->put = (struct small) { 8, 9 };
	KUNIT_EXPECT_EQ(test, call_user(fake, CMD_OUT), 0);
	KUNIT_EXPECT_EQ(test, fake->seen.a, 0);
	KUNIT_EXPECT_EQ(test, get_small(test).a, 8);
	KUNIT_EXPECT_EQ(test, get_small(test).b, 9);
}

/* A handler that writes nothing does not leak the kernel's stack. */
static void struct_out_is_zeroed(struct kunit *test)
{
	struct fake *fake = test->priv;

	put_small(test, U32_MAX, U32_MAX);
	fake->silent = true;
	KUNIT_EXPECT_EQ(test, call_user(fake, CMD_OUT), 0);
	KUNIT_EXPECT_EQ(test, get_small(test).a, 0);
	KUNIT_EXPECT_EQ(test, get_small(test).b, 0);
}

static void struct_inout(struct kunit *test)
{
	struct fake *fake = test->priv;

	put_small(test, 1, 2);
	fake->put = (struct small) { 8, 9 };
	KUNIT_EXPECT_EQ(test, call_user(fake, CMD_INOUT), 0);
	KUNIT_EXPECT_EQ(test, fake->seen.b, 2);
	KUNIT_EXPECT_EQ(test, get_small(test).b, 9);
}

static void struct_of_the_largest_size(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct large *large = kunit_kzalloc(test, sizeof(*large), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, large);
	for (i = 0; i < sizeof(large->bytes); i++)
		large->bytes[i] = i;
	KUNIT_ASSERT_EQ(test, copy_to_user(fake->user, large, sizeof(*large)), 0);
	KUNIT_EXPECT_EQ(test, call_user(fake, CMD_LARGE), 0);
	KUNIT_EXPECT_MEMEQ(test, &fake->large, large, sizeof(*large));
	KUNIT_ASSERT_EQ(test, copy_from_user(large, fake->user, sizeof(*large)), 0);
	for (i = 0; i < sizeof(large->bytes); i++)
		KUNIT_EXPECT_EQ(test, large->bytes[i], 0x55);
}

static void nothing_comes_out_of_a_failure(struct kunit *test)
{
	struct fake *fake = test->priv;

	put_small(test, 1, 2);
	fake->put = (struct small) { 8, 9 };
	fake->result = -EBUSY;
	KUNIT_EXPECT_EQ(test, call_user(fake, CMD_OUT), -EBUSY);
	KUNIT_EXPECT_EQ(test, call_user(fake, CMD_INOUT), -EBUSY);
	KUNIT_EXPECT_EQ(test, get_small(test).a, 1);
	KUNIT_EXPECT_EQ(test, fake->calls, 2);
}

static void bad_addresses(struct kunit *test)
{
	static const unsigned long addrs[] = { 0, PAGE_SIZE, ULONG_MAX, ULONG_MAX - 3 };
	struct fake *fake = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(addrs); i++) {
		KUNIT_EXPECT_EQ(test, call(fake, CMD_IN, addrs[i]), -EFAULT);
		KUNIT_EXPECT_EQ(test, call(fake, CMD_INOUT, addrs[i]), -EFAULT);
		KUNIT_EXPECT_EQ(test, fake->calls, i);
		KUNIT_EXPECT_EQ(test, call(fake, CMD_OUT, addrs[i]), -EFAULT);
	}
	KUNIT_EXPECT_EQ(test, fake->locked, 3 * ARRAY_SIZE(addrs));
	KUNIT_EXPECT_EQ(test, fake->locked, fake->unlocked);
}

/* Faults at the end of the structure */
static void struct_across_the_end_of_the_mapping(struct kunit *test)
{
	struct fake *fake = test->priv;
	unsigned long end = (unsigned long)fake->user + PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, call(fake, CMD_IN, end - 8), 0);
	KUNIT_EXPECT_EQ(test, call(fake, CMD_IN, end - 4), -EFAULT);
}

static void check_comes_first(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->check = -EIO;
	KUNIT_EXPECT_EQ(test, call(fake, CMD_NONE, 1), -EIO);
	KUNIT_EXPECT_EQ(test, call(fake, CMD_IN, 0), -EIO);
	KUNIT_EXPECT_EQ(test, call(fake, CMD_ASYNC, 0), -EIO);
	KUNIT_EXPECT_EQ(test, call(fake, _IO(TYPE, 99), 0), -EIO);
	KUNIT_EXPECT_EQ(test, fake->calls, 0);
	KUNIT_EXPECT_EQ(test, fake->locked, 0);
}

static void lock_surrounds_the_handler(struct kunit *test)
{
	struct fake *fake = test->priv;

	KUNIT_EXPECT_EQ(test, call(fake, CMD_NONE, 0), 0);
	KUNIT_EXPECT_TRUE(test, fake->was_locked);
	KUNIT_EXPECT_EQ(test, fake->locked, 1);
	KUNIT_EXPECT_EQ(test, fake->unlocked, 1);
	fake->result = -ENOMEM;
	KUNIT_EXPECT_EQ(test, call(fake, CMD_NONE, 0), -ENOMEM);
	KUNIT_EXPECT_EQ(test, fake->unlocked, 2);
}

static void async_needs_no_lock(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->lock = -EINTR;
	KUNIT_EXPECT_EQ(test, call(fake, CMD_ASYNC, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->calls, 1);
	KUNIT_EXPECT_EQ(test, call(fake, CMD_NONE, 0), -EINTR);
	KUNIT_EXPECT_EQ(test, fake->calls, 1);
	KUNIT_EXPECT_EQ(test, fake->unlocked, 0);
}

static void hooks_are_optional(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->result = 3;
	KUNIT_EXPECT_EQ(test, rvhv_ioctl(&bare, fake, CMD_NONE, 0), 3);
	KUNIT_EXPECT_EQ(test, rvhv_ioctl(&bare, fake, CMD_ASYNC, 0), 3);
	KUNIT_EXPECT_EQ(test, fake->locked, 0);
}

static struct file *file_at(int fd)
{
	struct file *file = fget(fd);

	if (file)
		fput(file);
	return file;
}

static void file_is_installed(struct kunit *test)
{
	struct fake *fake = test->priv;
	long fd = call(fake, CMD_FILE, 0);

	KUNIT_ASSERT_GE(test, fd, 0);
	KUNIT_EXPECT_EQ(test, fd, fake->fd);
	KUNIT_EXPECT_PTR_EQ(test, file_at(fd), fake->file);
	KUNIT_EXPECT_EQ(test, close_fd(fd), 0);
	flush_delayed_fput();
	KUNIT_EXPECT_EQ(test, fake->released, 1);
}

static void file_goes_with_the_failure(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->result = -EEXIST;
	KUNIT_EXPECT_EQ(test, call(fake, CMD_FILE, 0), -EEXIST);
	flush_delayed_fput();
	KUNIT_EXPECT_EQ(test, fake->released, 1);
	KUNIT_EXPECT_NULL(test, file_at(fake->fd));
	/* The descriptor is free again. */
	fake->result = 0;
	KUNIT_EXPECT_EQ(test, call(fake, CMD_FILE, 0), fake->fd);
	KUNIT_EXPECT_EQ(test, close_fd(fake->fd), 0);
	flush_delayed_fput();
}

/* A failed copy to the caller drops the new file. */
static void file_goes_with_a_failed_copy(struct kunit *test)
{
	struct fake *fake = test->priv;
	unsigned long ro;

	put_small(test, 1, 2);
	KUNIT_EXPECT_EQ(test, call_user(fake, CMD_FILE_INOUT), 0);
	KUNIT_EXPECT_PTR_EQ(test, file_at(fake->fd), fake->file);
	KUNIT_EXPECT_EQ(test, close_fd(fake->fd), 0);
	flush_delayed_fput();
	KUNIT_EXPECT_EQ(test, fake->released, 1);

	ro = kunit_vm_mmap(test, NULL, 0, PAGE_SIZE, PROT_READ, MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, ro, 0);
	KUNIT_ASSERT_LT(test, ro, (unsigned long)TASK_SIZE);
	KUNIT_EXPECT_EQ(test, call(fake, CMD_FILE_INOUT, ro), -EFAULT);
	flush_delayed_fput();
	KUNIT_EXPECT_EQ(test, fake->calls, 2);
	KUNIT_EXPECT_EQ(test, fake->released, 2);
	KUNIT_EXPECT_NULL(test, file_at(fake->fd));
}

static void no_32_bit_interface(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, rvhv_no_compat_ioctl(NULL, CMD_NONE, 0), -EINVAL);
}

static struct kunit_case ioctl_cases[] = {
	KUNIT_CASE(every_row_is_found),
	KUNIT_CASE(unknown_commands),
	KUNIT_CASE(no_argument_means_none),
	KUNIT_CASE(values_pass),
	KUNIT_CASE(struct_in),
	KUNIT_CASE(struct_out),
	KUNIT_CASE(struct_out_is_zeroed),
	KUNIT_CASE(struct_inout),
	KUNIT_CASE(struct_of_the_largest_size),
	KUNIT_CASE(nothing_comes_out_of_a_failure),
	KUNIT_CASE(bad_addresses),
	KUNIT_CASE(struct_across_the_end_of_the_mapping),
	KUNIT_CASE(check_comes_first),
	KUNIT_CASE(lock_surrounds_the_handler),
	KUNIT_CASE(async_needs_no_lock),
	KUNIT_CASE(hooks_are_optional),
	KUNIT_CASE(file_is_installed),
	KUNIT_CASE(file_goes_with_the_failure),
	KUNIT_CASE(file_goes_with_a_failed_copy),
	KUNIT_CASE(no_32_bit_interface),
	{}
};

static struct kunit_suite ioctl_suite = {
	.name = "rvhv_ioctl",
	.init = ioctl_init,
	.test_cases = ioctl_cases,
};

kunit_test_suite(ioctl_suite);

MODULE_LICENSE("GPL");
