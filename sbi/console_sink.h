/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interface of the debug console's sinks: console_printk.c, console_tty.c.
 */
#ifndef _RVHV_CONSOLE_SINK_H
#define _RVHV_CONSOLE_SINK_H

#include "console.h"

/**
 * struct rvhv_console_ops - a sink
 * @create: create a console, or return an ERR_PTR(); checks @index
 * @destroy: destroy it; no other call is in progress or follows
 * @write: take output of the guest without waiting; returns the number of bytes taken
 * @read: return input for the guest without waiting; NULL if there is never any
 * @wait_room: wait until @write has room: 0, or -EINTR for a signal; NULL if it always has
 * @index: returns the console's index; NULL if it has none
 *
 * Context: process context, may sleep; several vCPUs call @write, @read and @wait_room at once.
 */
struct rvhv_console_ops {
	struct rvhv_console *(*create)(unsigned int index);
	void (*destroy)(struct rvhv_console *console);
	size_t (*write)(struct rvhv_console *console, const u8 *buf, size_t len);
	size_t (*read)(struct rvhv_console *console, u8 *buf, size_t len);
	int (*wait_room)(struct rvhv_console *console);
	unsigned int (*index)(const struct rvhv_console *console);
};

/* The part common to all sinks */
struct rvhv_console {
	enum rvhv_console_sink sink;
	const struct rvhv_console_ops *ops;
};

/* console_printk.c */
extern const struct rvhv_console_ops rvhv_console_printk_ops;

/*
 * Longer lines are split. A byte becomes up to four characters; a record of the log has at most
 * 1024 with its prefix.
 */
#define RVHV_CONSOLE_LINE	240
#define RVHV_CONSOLE_LINE_TEXT	(4 * RVHV_CONSOLE_LINE + 1)

struct rvhv_console_line {
	unsigned int len;
	u8 bytes[RVHV_CONSOLE_LINE];
};

typedef void (*rvhv_console_emit_fn)(struct rvhv_console_line *line);

void rvhv_console_line_feed(struct rvhv_console_line *line, const u8 *buf, size_t len,
			    rvhv_console_emit_fn emit);
void rvhv_console_line_flush(struct rvhv_console_line *line, rvhv_console_emit_fn emit);
void rvhv_console_line_text(const struct rvhv_console_line *line,
			    char text[RVHV_CONSOLE_LINE_TEXT]);

/* console_tty.c */
extern const struct rvhv_console_ops rvhv_console_tty_ops;

/* Bytes of buffered output and input */
#define RVHV_CONSOLE_OUT	16384
#define RVHV_CONSOLE_IN		4096

int rvhv_console_tty_init(void);
void rvhv_console_tty_exit(void);

#endif /* _RVHV_CONSOLE_SINK_H */
