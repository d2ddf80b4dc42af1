/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the sinks of the debug console have in common. Each is a file: console_printk.c,
 * console_tty.c.
 */
#ifndef _RVHV_CONSOLE_SINK_H
#define _RVHV_CONSOLE_SINK_H

#include "console.h"

/**
 * struct rvhv_console_ops - a sink
 * @create: make one; @index is the caller's, RVHV_CONSOLE_ANY_TTY or a number that the sink checks.
 *	An ERR_PTR() if that fails.
 * @destroy: the VM ends: no other call comes after this, and none is in progress
 * @write: take bytes of the guest's and do not wait; gives how many were taken
 * @read: give the guest what there is and do not wait; NULL where nothing ever comes
 * @wait_room: wait until @write has room: 0, or -EINTR for a signal; NULL where it always has
 * @index: which one of its kind; NULL where there is no number
 *
 * Context: process context, may sleep; several vCPUs at once, but for @create and @destroy.
 */
struct rvhv_console_ops {
	struct rvhv_console *(*create)(unsigned int index);
	void (*destroy)(struct rvhv_console *console);
	size_t (*write)(struct rvhv_console *console, const u8 *buf, size_t len);
	size_t (*read)(struct rvhv_console *console, u8 *buf, size_t len);
	int (*wait_room)(struct rvhv_console *console);
	unsigned int (*index)(const struct rvhv_console *console);
};

/**
 * struct rvhv_console - the part that every sink begins with
 * @sink: which
 * @ops: what it does
 */
struct rvhv_console {
	enum rvhv_console_sink sink;
	const struct rvhv_console_ops *ops;
};

/* console_printk.c */
extern const struct rvhv_console_ops rvhv_console_printk_ops;

/*
 * Bytes of a line; a longer one is broken. Each may become four characters, and the host's log has
 * no records of more than 1024 with what stands in front.
 */
#define RVHV_CONSOLE_LINE	240
#define RVHV_CONSOLE_LINE_TEXT	(4 * RVHV_CONSOLE_LINE + 1)

/**
 * struct rvhv_console_line - a line in the making
 * @len: bytes so far
 * @bytes: as the guest wrote them
 */
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

/* Output that is kept while nobody reads, and input that the guest has not read */
#define RVHV_CONSOLE_OUT	16384
#define RVHV_CONSOLE_IN		4096

int rvhv_console_tty_init(void);
void rvhv_console_tty_exit(void);

#endif /* _RVHV_CONSOLE_SINK_H */
