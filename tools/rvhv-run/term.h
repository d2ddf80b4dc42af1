/* SPDX-License-Identifier: GPL-2.0-only */
/* The person's side of the guest's consoles: standard input and output, raw on a terminal. */
#ifndef TERM_H
#define TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util.h"

enum term_request {
	TERM_NONE,
	TERM_QUIT,		/* Ctrl-A x */
	TERM_DUMP,		/* Ctrl-A r */
};

void term_open(int wake_fd);
void term_close(void);

/* Guest output: gathered, and written at a newline, when full, or by term_flush(). */
void term_write(const void *data, size_t len);
void term_flush(void);
bool term_output_pending(void);
void term_flush_if_ready(void);
void term_discard_output(void);

/* Guest input. */
bool term_wants_input(void);
enum term_request term_take_input(void);
bool term_has_input(void);
size_t term_read(void *data, size_t len);

/* The monitor's own messages, one line each, on standard error. */
void report(const char *fmt, ...) __printf(1, 2);
void report_plain(const char *fmt, ...) __printf(1, 2);
void fatal(const char *fmt, ...) __printf(1, 2) __noreturn;

#endif
