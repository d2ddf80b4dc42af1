// SPDX-License-Identifier: GPL-2.0-only
/*
 * The debug console in the host's log: whole lines with the VM as a prefix and control characters
 * escaped.
 */
#include <linux/atomic.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "console_sink.h"

/* Bounds what a guest can log; enough for its boot */
#define LINES_MAX	500
#define LINES_INTERVAL	(5 * HZ)

struct printk_console {
	struct rvhv_console console;
	struct mutex lock;			/* guards all below; printk() is called with it */
	unsigned int id;			/* counts the consoles of this kind */
	pid_t pid;				/* the VM's creator, in the initial namespace */
	struct rvhv_console_line line;		/* unfinished */
	char text[RVHV_CONSOLE_LINE_TEXT];	/* line as printed */
	struct ratelimit_state limit;
	unsigned int suppressed;		/* lines not printed */
};

static struct printk_console *printk_of(struct rvhv_console *console)
{
	return container_of(console, struct printk_console, console);
}

static void end_line(struct rvhv_console_line *line, rvhv_console_emit_fn emit)
{
	emit(line);
	line->len = 0;
}

/*
 * Call @emit for each line that @buf completes. A carriage return before the end of a line is
 * dropped.
 */
void __cold rvhv_console_line_feed(struct rvhv_console_line *line, const u8 *buf, size_t len,
				   rvhv_console_emit_fn emit)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (buf[i] == '\n') {
			if (line->len && line->bytes[line->len - 1] == '\r')
				line->len--;
			end_line(line, emit);
			continue;
		}
		/* Not earlier: the line may end here */
		if (line->len == sizeof(line->bytes))
			end_line(line, emit);
		line->bytes[line->len++] = buf[i];
	}
}

void rvhv_console_line_flush(struct rvhv_console_line *line, rvhv_console_emit_fn emit)
{
	if (line->len)
		end_line(line, emit);
}

void rvhv_console_line_text(const struct rvhv_console_line *line,
			    char text[RVHV_CONSOLE_LINE_TEXT])
{
	snprintf(text, RVHV_CONSOLE_LINE_TEXT, "%*pE", (int)line->len, line->bytes);
}

static void say_suppressed(struct printk_console *pc)
{
	if (pc->suppressed)
		pr_info("vm %u (pid %d): [%u lines suppressed]\n", pc->id, pc->pid, pc->suppressed);
	pc->suppressed = 0;
}

static void print_line(struct rvhv_console_line *line)
{
	struct printk_console *pc = container_of(line, struct printk_console, line);

	lockdep_assert_held(&pc->lock);
	if (!__ratelimit(&pc->limit)) {
		pc->suppressed++;
		return;
	}
	say_suppressed(pc);
	rvhv_console_line_text(line, pc->text);
	pr_info("vm %u (pid %d): %s\n", pc->id, pc->pid, pc->text);
}

static size_t printk_write(struct rvhv_console *console, const u8 *buf, size_t len)
{
	struct printk_console *pc = printk_of(console);

	mutex_lock(&pc->lock);
	rvhv_console_line_feed(&pc->line, buf, len, print_line);
	mutex_unlock(&pc->lock);
	return len;
}

static __cold __cold struct rvhv_console *printk_create(unsigned int index)
{
	static atomic_t last_id;
	struct printk_console *pc;

	pc = kzalloc(sizeof(*pc), GFP_KERNEL_ACCOUNT);
	if (!pc)
		return ERR_PTR(-ENOMEM);
	mutex_init(&pc->lock);
	ratelimit_state_init(&pc->limit, LINES_INTERVAL, LINES_MAX);
	/* say_suppressed() reports missing lines with the VM's prefix */
	ratelimit_set_flags(&pc->limit, RATELIMIT_MSG_ON_RELEASE);
	pc->id = atomic_inc_return(&last_id);
	pc->pid = task_tgid_nr(current);
	return &pc->console;
}

static void printk_destroy(struct rvhv_console *console)
{
	struct printk_console *pc = printk_of(console);

	mutex_lock(&pc->lock);
	rvhv_console_line_flush(&pc->line, print_line);
	say_suppressed(pc);
	mutex_unlock(&pc->lock);
	mutex_destroy(&pc->lock);
	kfree(pc);
}

const struct rvhv_console_ops rvhv_console_printk_ops = {
	.create = printk_create,
	.destroy = printk_destroy,
	.write = printk_write,
};
