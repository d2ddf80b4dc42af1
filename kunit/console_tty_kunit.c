// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the tty sink: indices, output, input, and the end of a VM. The tests are the line
 * discipline of an open tty.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/string.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <linux/tty_flip.h>
#include <linux/tty_port.h>

#include "../sbi/console_sink.h"

/**
 * struct host - the reader of an open tty
 * @tty: the tty
 * @takes: bytes that it still accepts
 * @len: bytes received
 * @in: the bytes
 */
struct host {
	struct tty_struct *tty;
	size_t takes;
	size_t len;
	u8 in[65536];
};

static u8 pattern(size_t i)
{
	return i * 7 + (i >> 8);
}

static size_t host_receive(struct tty_port *port, const u8 *buf, const u8 *flags, size_t len)
{
	struct host *host = port->client_data;
	size_t n = min3(len, host->takes, sizeof(host->in) - host->len);

	memcpy(host->in + host->len, buf, n);
	host->len += n;
	host->takes -= n;
	return n;
}

static void host_wakeup(struct tty_port *port)
{
}

static const struct tty_port_client_operations host_ops = {
	.receive_buf = host_receive,
	.write_wakeup = host_wakeup,
};

static struct tty_struct *kopen(unsigned int index)
{
	char name[16];
	dev_t dev;
	int ret;

	snprintf(name, sizeof(name), "ttyRVHV%u", index);
	ret = tty_dev_name_to_number(name, &dev);
	return ret ? ERR_PTR(ret) : tty_kopen_exclusive(dev);
}

static void host_open(struct kunit *test, struct host *host, struct rvhv_console *console)
{
	host->tty = kopen(rvhv_console_index(console));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, host->tty);
	host->tty->port->client_data = host;
	host->tty->port->client_ops = &host_ops;
	KUNIT_EXPECT_EQ(test, host->tty->ops->open(host->tty, NULL), 0);
	tty_unlock(host->tty);
}

static void host_close(struct host *host)
{
	tty_lock(host->tty);
	host->tty->ops->close(host->tty, NULL);
	tty_unlock(host->tty);
	tty_kclose(host->tty);
}

/* Output arrives by a work; a full flip buffer is retried later. */
static void host_expect(struct kunit *test, struct host *host, size_t from, size_t len)
{
	unsigned int tries;
	size_t i;

	for (tries = 0; host->len < len && tries < 100; tries++) {
		tty_flip_buffer_push(host->tty->port);
		msleep(20);
	}
	msleep(20);
	KUNIT_ASSERT_EQ(test, host->len, len);
	for (i = 0; i < len; i++)
		KUNIT_ASSERT_EQ_MSG(test, host->in[i], pattern(from + i), "byte %zu", i);
}

/* Write bytes [from, from + len) of the pattern; returns the number taken. */
static size_t guest_write(struct rvhv_console *console, size_t from, size_t len)
{
	u8 buf[256];
	size_t i, n, done = 0;

	while (done < len) {
		for (i = 0; i < sizeof(buf); i++)
			buf[i] = pattern(from + done + i);
		n = rvhv_console_write(console, buf, min(sizeof(buf), len - done));
		done += n;
		if (!n)
			break;
	}
	return done;
}

/* The tty layer frees the index in a work after the last close. */
static struct rvhv_console *create_soon(unsigned int index)
{
	struct rvhv_console *console;
	unsigned int tries;

	for (tries = 0; tries < 200; tries++) {
		console = rvhv_console_create(RVHV_SINK_TTY, index);
		if (!IS_ERR(console) || PTR_ERR(console) != -EBUSY)
			break;
		msleep(20);
	}
	return console;
}

static void bad_index(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, PTR_ERR(rvhv_console_create(RVHV_SINK_TTY, RVHV_CONSOLE_TTYS)),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(rvhv_console_create(RVHV_SINK_TTY, ~0U - 1)), -EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(rvhv_console_create(RVHV_SINK_TTY, 1U << 31)), -EINVAL);
}

static void every_index(struct kunit *test)
{
	struct rvhv_console **ttys;
	unsigned int i;

	ttys = kunit_kcalloc(test, RVHV_CONSOLE_TTYS, sizeof(*ttys), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ttys);
	/* The requested index, then the first free one */
	ttys[2] = rvhv_console_create(RVHV_SINK_TTY, 2);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ttys[2]);
	KUNIT_EXPECT_EQ(test, rvhv_console_index(ttys[2]), 2);
	KUNIT_EXPECT_TRUE(test, rvhv_console_is(ttys[2], RVHV_SINK_TTY, 2));
	KUNIT_EXPECT_TRUE(test, rvhv_console_is(ttys[2], RVHV_SINK_TTY, RVHV_CONSOLE_ANY_TTY));
	KUNIT_EXPECT_FALSE(test, rvhv_console_is(ttys[2], RVHV_SINK_TTY, 3));
	KUNIT_EXPECT_EQ(test, PTR_ERR(rvhv_console_create(RVHV_SINK_TTY, 2)), -EBUSY);
	for (i = 0; i < RVHV_CONSOLE_TTYS; i++) {
		if (ttys[i])
			continue;
		ttys[i] = rvhv_console_create(RVHV_SINK_TTY, RVHV_CONSOLE_ANY_TTY);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ttys[i]);
		KUNIT_EXPECT_EQ(test, rvhv_console_index(ttys[i]), i);
	}
	KUNIT_EXPECT_EQ(test, PTR_ERR(rvhv_console_create(RVHV_SINK_TTY, RVHV_CONSOLE_ANY_TTY)),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, PTR_ERR(rvhv_console_create(RVHV_SINK_TTY, 63)), -EBUSY);
	/* The index of a tty that was never open is free at once */
	rvhv_console_destroy(ttys[40]);
	ttys[40] = rvhv_console_create(RVHV_SINK_TTY, RVHV_CONSOLE_ANY_TTY);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ttys[40]);
	KUNIT_EXPECT_EQ(test, rvhv_console_index(ttys[40]), 40);
	for (i = 0; i < RVHV_CONSOLE_TTYS; i++)
		rvhv_console_destroy(ttys[i]);
}

static void output(struct kunit *test)
{
	struct rvhv_console *console = rvhv_console_create(RVHV_SINK_TTY, RVHV_CONSOLE_ANY_TTY);
	struct host *host = test->priv;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, console);
	/* A closed tty keeps what fits */
	KUNIT_EXPECT_EQ(test, guest_write(console, 0, 1000), 1000);
	host_open(test, host, console);
	host_expect(test, host, 0, 1000);
	KUNIT_EXPECT_EQ(test, guest_write(console, 1000, 500), 500);
	host_expect(test, host, 0, 1500);
	host_close(host);
	rvhv_console_destroy(console);
}

static void newest_output_is_kept(struct kunit *test)
{
	struct rvhv_console *console = rvhv_console_create(RVHV_SINK_TTY, RVHV_CONSOLE_ANY_TTY);
	size_t len = 3 * RVHV_CONSOLE_OUT + 77;
	struct host *host = test->priv;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, console);
	KUNIT_EXPECT_EQ(test, guest_write(console, 0, len), len);
	KUNIT_EXPECT_EQ(test, rvhv_console_wait_room(console), 0);
	host_open(test, host, console);
	host_expect(test, host, len - RVHV_CONSOLE_OUT, RVHV_CONSOLE_OUT);
	host_close(host);
	rvhv_console_destroy(console);
}

/* A write longer than the buffer */
static void output_longer_than_the_fifo(struct kunit *test)
{
	struct rvhv_console *console = rvhv_console_create(RVHV_SINK_TTY, RVHV_CONSOLE_ANY_TTY);
	size_t i, len = RVHV_CONSOLE_OUT + 100;
	struct host *host = test->priv;
	u8 *buf = kunit_kmalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, console);
	KUNIT_ASSERT_NOT_NULL(test, buf);
	for (i = 0; i < len; i++)
		buf[i] = pattern(i);
	KUNIT_EXPECT_EQ(test, guest_write(console, 500, 10), 10);
	KUNIT_EXPECT_EQ(test, rvhv_console_write(console, buf, len), len);
	host_open(test, host, console);
	host_expect(test, host, 100, RVHV_CONSOLE_OUT);
	host_close(host);
	rvhv_console_destroy(console);
}

/* While throttled, writes become short and no byte is lost. */
static void throttled(struct kunit *test)
{
	struct rvhv_console *console = rvhv_console_create(RVHV_SINK_TTY, RVHV_CONSOLE_ANY_TTY);
	struct host *host = test->priv;
	struct tty_struct *tty;
	size_t taken;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, console);
	host_open(test, host, console);
	tty = host->tty;
	tty->ops->throttle(tty);
	taken = guest_write(console, 0, 65536);
	KUNIT_EXPECT_EQ(test, taken, RVHV_CONSOLE_OUT);
	KUNIT_EXPECT_EQ(test, guest_write(console, taken, 1), 0);
	host_expect(test, host, 0, 0);
	tty->ops->unthrottle(tty);
	KUNIT_EXPECT_EQ(test, rvhv_console_wait_room(console), 0);
	host_expect(test, host, 0, taken);
	KUNIT_EXPECT_EQ(test, guest_write(console, taken, 100), 100);
	host_expect(test, host, 0, taken + 100);
	host_close(host);
	rvhv_console_destroy(console);
}

/* The flip buffer is bounded even if the line discipline neither reads nor throttles. */
static void flip_buffer_full(struct kunit *test)
{
	struct rvhv_console *console = rvhv_console_create(RVHV_SINK_TTY, RVHV_CONSOLE_ANY_TTY);
	struct host *host = test->priv;
	size_t taken;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, console);
	host_open(test, host, console);
	host->takes = 0;
	taken = guest_write(console, 0, 10 * 65536);
	KUNIT_EXPECT_GT(test, taken, RVHV_CONSOLE_OUT);
	KUNIT_EXPECT_LT(test, taken, 65536);
	host->takes = SIZE_MAX;
	host_expect(test, host, 0, taken);
	KUNIT_EXPECT_EQ(test, rvhv_console_wait_room(console), 0);
	host_close(host);
	rvhv_console_destroy(console);
}

static void input(struct kunit *test)
{
	struct rvhv_console *console = rvhv_console_create(RVHV_SINK_TTY, RVHV_CONSOLE_ANY_TTY);
	struct host *host = test->priv;
	const struct tty_operations *ops;
	struct tty_struct *tty;
	size_t i;
	u8 byte;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, console);
	KUNIT_EXPECT_EQ(test, rvhv_console_read(console, &byte, 1), 0);
	host_open(test, host, console);
	tty = host->tty;
	ops = tty->ops;
	KUNIT_EXPECT_EQ(test, ops->write_room(tty), RVHV_CONSOLE_IN);
	for (i = 0; i < sizeof(host->in); i++)
		host->in[i] = pattern(i);
	KUNIT_EXPECT_EQ(test, ops->write(tty, host->in, 10), 10);
	KUNIT_EXPECT_EQ(test, ops->write_room(tty), RVHV_CONSOLE_IN - 10);
	KUNIT_EXPECT_EQ(test, ops->chars_in_buffer(tty), 10);
	KUNIT_EXPECT_EQ(test, ops->write(tty, host->in + 10, RVHV_CONSOLE_IN),
			RVHV_CONSOLE_IN - 10);
	KUNIT_EXPECT_EQ(test, ops->write(tty, host->in, 1), 0);
	KUNIT_EXPECT_EQ(test, ops->write_room(tty), 0);

	/* tcflow(TCOOFF) */
	tty->flow.stopped = true;
	KUNIT_EXPECT_EQ(test, rvhv_console_read(console, &byte, 1), 0);
	tty->flow.stopped = false;
	for (i = 0; i < RVHV_CONSOLE_IN - 3; i++) {
		KUNIT_ASSERT_EQ(test, rvhv_console_read(console, &byte, 1), 1);
		KUNIT_ASSERT_EQ(test, byte, pattern(i));
	}
	KUNIT_EXPECT_EQ(test, ops->chars_in_buffer(tty), 3);

	/* Input from before the close still reaches the guest */
	host_close(host);
	KUNIT_EXPECT_EQ(test, rvhv_console_read(console, host->in, 100), 3);
	KUNIT_EXPECT_EQ(test, rvhv_console_read(console, host->in, 100), 0);

	host_open(test, host, console);
	KUNIT_EXPECT_EQ(test, ops->write(host->tty, host->in, 10), 10);
	ops->flush_buffer(host->tty);
	KUNIT_EXPECT_EQ(test, ops->chars_in_buffer(host->tty), 0);
	KUNIT_EXPECT_EQ(test, rvhv_console_read(console, &byte, 1), 0);
	host_close(host);
	rvhv_console_destroy(console);
}

/* The VM ends with the tty open: it is hung up; its index is free after the close. */
static void vm_ends(struct kunit *test)
{
	struct rvhv_console *console = rvhv_console_create(RVHV_SINK_TTY, RVHV_CONSOLE_ANY_TTY);
	struct host *host = test->priv;
	unsigned int index, tries;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, console);
	index = rvhv_console_index(console);
	host_open(test, host, console);
	host->tty->ops->throttle(host->tty);
	KUNIT_EXPECT_EQ(test, guest_write(console, 0, 10000), 10000);
	rvhv_console_destroy(console);
	KUNIT_EXPECT_EQ(test, host->tty->ops->write(host->tty, "x", 1), -EIO);
	KUNIT_EXPECT_TRUE(test, IS_ERR(kopen(index)));
	msleep(100);
	KUNIT_EXPECT_FALSE(test, test_bit(TTY_HUPPED, &host->tty->flags));
	/* Remaining output is read before the hangup */
	host->tty->ops->unthrottle(host->tty);
	host_expect(test, host, 0, 10000);
	for (tries = 0; !test_bit(TTY_HUPPED, &host->tty->flags) && tries < 100; tries++)
		msleep(20);
	KUNIT_EXPECT_TRUE(test, test_bit(TTY_HUPPED, &host->tty->flags));

	KUNIT_EXPECT_EQ(test, PTR_ERR(rvhv_console_create(RVHV_SINK_TTY, index)), -EBUSY);
	tty_kclose(host->tty);
	console = create_soon(index);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, console);
	rvhv_console_destroy(console);
}

/* The tty is closed between the end of the VM and the hangup. */
static void vm_ends_and_host_closes(struct kunit *test)
{
	struct rvhv_console *console = rvhv_console_create(RVHV_SINK_TTY, RVHV_CONSOLE_ANY_TTY);
	struct host *host = test->priv;
	unsigned int index;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, console);
	index = rvhv_console_index(console);
	host_open(test, host, console);
	host->takes = 0;
	KUNIT_EXPECT_EQ(test, guest_write(console, 0, 100), 100);
	rvhv_console_destroy(console);
	host_close(host);
	console = create_soon(index);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, console);
	/* without output of the other VM */
	host->takes = SIZE_MAX;
	host_open(test, host, console);
	host_expect(test, host, 0, 0);
	host_close(host);
	rvhv_console_destroy(console);
}

static int tty_test_init(struct kunit *test)
{
	struct host *host = kunit_kzalloc(test, sizeof(*host), GFP_KERNEL);

	if (!host)
		return -ENOMEM;
	host->takes = SIZE_MAX;
	test->priv = host;
	return 0;
}

/* On RISC-V the module's init does this. */
static int tty_suite_init(struct kunit_suite *suite)
{
	return IS_ENABLED(CONFIG_RISCV) ? 0 : rvhv_console_module_init();
}

static struct kunit_case console_tty_cases[] = {
	KUNIT_CASE(bad_index),
	KUNIT_CASE(every_index),
	KUNIT_CASE(output),
	KUNIT_CASE(newest_output_is_kept),
	KUNIT_CASE(output_longer_than_the_fifo),
	KUNIT_CASE(throttled),
	KUNIT_CASE(flip_buffer_full),
	KUNIT_CASE(input),
	KUNIT_CASE(vm_ends),
	KUNIT_CASE(vm_ends_and_host_closes),
	{}
};

static struct kunit_suite console_tty_suite = {
	.name = "rvhv_console_tty",
	.suite_init = tty_suite_init,
	.init = tty_test_init,
	.test_cases = console_tty_cases,
};

kunit_test_suite(console_tty_suite);
