// SPDX-License-Identifier: GPL-2.0-only
/*
 * The debug console of a VM: which sink it has, and the default for VMs whose VMM does not say.
 */
#include <linux/array_size.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/moduleparam.h>
#include <linux/nospec.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "console_sink.h"

static const struct {
	const char *name;
	const struct rvhv_console_ops *ops;	/* NULL: the VMM has the console */
} sinks[RVHV_NR_SINKS] = {
	[RVHV_SINK_USER] = { "user", NULL },
	[RVHV_SINK_PRINTK] = { "printk", &rvhv_console_printk_ops },
	[RVHV_SINK_TTY] = { "tty", &rvhv_console_tty_ops },
};

static enum rvhv_console_sink default_sink = RVHV_SINK_USER;

static int default_sink_set(const char *val, const struct kernel_param *kp)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sinks); i++) {
		if (sysfs_streq(val, sinks[i].name)) {
			WRITE_ONCE(default_sink, i);
			return 0;
		}
	}
	return -EINVAL;
}

static int default_sink_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", sinks[READ_ONCE(default_sink)].name);
}

static const struct kernel_param_ops default_sink_ops = {
	.set = default_sink_set,
	.get = default_sink_get,
};

module_param_cb(console, &default_sink_ops, NULL, 0644);
MODULE_PARM_DESC(console, "Debug console of VMs whose VMM says nothing: user (default), printk or tty");

/**
 * rvhv_console_create - make a console for a VM
 * @sink: where it goes, below RVHV_NR_SINKS
 * @index: for RVHV_SINK_TTY which one, or RVHV_CONSOLE_ANY_TTY; otherwise nothing
 *
 * Context: process context, may sleep.
 * Return: the console; NULL for RVHV_SINK_USER; an ERR_PTR(): -EINVAL: no such tty; -EBUSY: it is
 * taken; -ENOSPC: all are; -ENOMEM, or what the tty layer says.
 */
struct rvhv_console *rvhv_console_create(enum rvhv_console_sink sink, unsigned int index)
{
	const struct rvhv_console_ops *ops = sinks[array_index_nospec(sink, RVHV_NR_SINKS)].ops;
	struct rvhv_console *console;

	if (!ops)
		return NULL;
	console = ops->create(index);
	if (!IS_ERR(console)) {
		console->sink = sink;
		console->ops = ops;
	}
	return console;
}

/**
 * rvhv_console_create_default - make the console of a VM whose VMM has not chosen
 *
 * Where there is none to be had the VMM gets the console, so that the VM can be made.
 *
 * Context: process context, may sleep.
 * Return: the console, or NULL.
 */
struct rvhv_console *rvhv_console_create_default(void)
{
	enum rvhv_console_sink sink = READ_ONCE(default_sink);
	struct rvhv_console *console = rvhv_console_create(sink, RVHV_CONSOLE_ANY_TTY);

	if (!IS_ERR(console))
		return console;
	pr_warn_ratelimited("no %s for the console of a new VM (%pe): it goes to the VMM\n",
			    sinks[sink].name, console);
	return NULL;
}

/**
 * rvhv_console_destroy - end a console
 * @console: the console, or NULL; nobody else uses it any more
 *
 * Context: process context, may sleep.
 */
void rvhv_console_destroy(struct rvhv_console *console)
{
	if (console)
		console->ops->destroy(console);
}

/**
 * rvhv_console_index - number of a console among those of its kind
 * @console: the console
 *
 * Context: any.
 * Return: n of /dev/ttyRVHVn; 0 for a console that is no tty.
 */
unsigned int rvhv_console_index(const struct rvhv_console *console)
{
	return console->ops->index ? console->ops->index(console) : 0;
}

/**
 * rvhv_console_is - is this the console that rvhv_console_create() would be asked for?
 * @console: the console, or NULL
 * @sink: as there
 * @index: as there
 *
 * Context: any.
 * Return: true if there is nothing to change.
 */
bool rvhv_console_is(const struct rvhv_console *console, enum rvhv_console_sink sink,
		     unsigned int index)
{
	if (!console)
		return sink == RVHV_SINK_USER;
	return console->sink == sink &&
	       (!console->ops->index || index == RVHV_CONSOLE_ANY_TTY ||
		index == console->ops->index(console));
}

/**
 * rvhv_console_write - take output of the guest
 * @console: the console
 * @buf: the bytes
 * @len: how many
 *
 * Context: process context, may sleep, does not wait for a reader.
 * Return: how many were taken, from the first on.
 */
size_t rvhv_console_write(struct rvhv_console *console, const u8 *buf, size_t len)
{
	return console->ops->write(console, buf, len);
}

/**
 * rvhv_console_read - get input for the guest
 * @console: the console
 * @buf: where to
 * @len: how many bytes at most
 *
 * Context: process context, may sleep, does not wait for input.
 * Return: how many there were.
 */
size_t rvhv_console_read(struct rvhv_console *console, u8 *buf, size_t len)
{
	return console->ops->read ? console->ops->read(console, buf, len) : 0;
}

/**
 * rvhv_console_wait_room - wait until rvhv_console_write() takes a byte
 * @console: the console
 *
 * Another vCPU may be quicker to use the room.
 *
 * Context: process context, sleeps.
 * Return: 0, or -EINTR: a signal is pending.
 */
int rvhv_console_wait_room(struct rvhv_console *console)
{
	return console->ops->wait_room ? console->ops->wait_room(console) : 0;
}

/**
 * rvhv_console_module_init - get ready for VMs
 *
 * Context: process context, may sleep.
 * Return: 0 or an errno.
 */
int rvhv_console_module_init(void)
{
	return rvhv_console_tty_init();
}

/**
 * rvhv_console_module_exit - undo rvhv_console_module_init()
 *
 * Context: process context, may sleep; there are no VMs and no open ttys.
 */
void rvhv_console_module_exit(void)
{
	rvhv_console_tty_exit();
}
