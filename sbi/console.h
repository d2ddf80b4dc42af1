/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RVHV_CONSOLE_H
#define _RVHV_CONSOLE_H

#include <linux/types.h>

struct rvhv_console;

/* uapi/ asserts that the values are RVHV_CONSOLE_* of uapi/linux/rvhv.h */
enum rvhv_console_sink {
	RVHV_SINK_VMM,
	RVHV_SINK_PRINTK,
	RVHV_SINK_TTY,
	RVHV_NR_SINKS,
};

#define RVHV_CONSOLE_TTYS	64
#define RVHV_CONSOLE_ANY_TTY	(~0U)

int rvhv_console_module_init(void);
void rvhv_console_module_exit(void);
struct rvhv_console *rvhv_console_create(enum rvhv_console_sink sink, unsigned int index);
struct rvhv_console *rvhv_console_create_default(void);
void rvhv_console_destroy(struct rvhv_console *console);
bool rvhv_console_is(const struct rvhv_console *console, enum rvhv_console_sink sink,
		     unsigned int index);
unsigned int rvhv_console_index(const struct rvhv_console *console);
size_t rvhv_console_write(struct rvhv_console *console, const u8 *buf, size_t len);
size_t rvhv_console_read(struct rvhv_console *console, u8 *buf, size_t len);
int rvhv_console_wait_room(struct rvhv_console *console);

#endif /* _RVHV_CONSOLE_H */
