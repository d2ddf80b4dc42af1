// SPDX-License-Identifier: GPL-2.0-only
/* The debug console of a VM and its sinks */
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
	const struct rvhv_console_ops *ops;	/* NULL: the VMM is the sink */
} sinks[RVHV_NR_SINKS] = {
	[RVHV_SINK_VMM] = { "user", NULL },
	[RVHV_SINK_PRINTK] = { "printk", &rvhv_console_printk_ops },
	[RVHV_SINK_TTY] = { "tty", &rvhv_console_tty_ops },
};

static enum rvhv_console_sink default_sink = RVHV_SINK_VMM;

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
MODULE_PARM_DESC(console, "Default debug console of VMs: user (the VMM; default), printk or tty");

/**
 * rvhv_console_create - create a console
 * @sink: its sink, below RVHV_NR_SINKS
 * @index: for RVHV_SINK_TTY the tty's index or RVHV_CONSOLE_ANY_TTY; else ignored
 *
 * Context: process context, may sleep.
 * Return: the console; NULL for RVHV_SINK_VMM; ERR_PTR: -EINVAL: no such tty; -EBUSY: it is taken;
 * -ENOSPC: all are taken; -ENOMEM, or an errno of the tty layer.
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

/* A VM whose default console cannot be created has the VMM's. */
__cold struct rvhv_console *rvhv_console_create_default(void)
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
 * rvhv_console_destroy - undo rvhv_console_create()
 * @console: the console or NULL
 *
 * Context: process context, may sleep.
 */
void rvhv_console_destroy(struct rvhv_console *console)
{
	if (console)
		console->ops->destroy(console);
}

/**
 * rvhv_console_index - n of /dev/ttyRVHVn
 * @console: the console
 *
 * Context: any.
 * Return: the index; 0 for other sinks.
 */
unsigned int rvhv_console_index(const struct rvhv_console *console)
{
	return console->ops->index ? console->ops->index(console) : 0;
}

/**
 * rvhv_console_is - does a console have a sink and an index?
 * @console: the console or NULL
 * @sink: as for rvhv_console_create()
 * @index: as for rvhv_console_create()
 *
 * Context: any.
 * Return: true if it has both.
 */
bool rvhv_console_is(const struct rvhv_console *console, enum rvhv_console_sink sink,
		     unsigned int index)
{
	if (!console)
		return sink == RVHV_SINK_VMM;
	return console->sink == sink &&
	       (!console->ops->index || index == RVHV_CONSOLE_ANY_TTY ||
		index == console->ops->index(console));
}

/* Returns the number of bytes taken, without waiting for a reader. */
size_t rvhv_console_write(struct rvhv_console *console, const u8 *buf, size_t len)
{
	return console->ops->write(console, buf, len);
}

/* Returns the number of bytes read, without waiting for input. */
size_t rvhv_console_read(struct rvhv_console *console, u8 *buf, size_t len)
{
	return console->ops->read ? console->ops->read(console, buf, len) : 0;
}

/* Wait until a write can succeed: 0, or -EINTR if a signal is pending. */
int rvhv_console_wait_room(struct rvhv_console *console)
{
	return console->ops->wait_room ? console->ops->wait_room(console) : 0;
}

int rvhv_console_module_init(void)
{
	return rvhv_console_tty_init();
}

void rvhv_console_module_exit(void)
{
	rvhv_console_tty_exit();
}
