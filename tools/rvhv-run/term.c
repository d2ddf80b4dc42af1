// SPDX-License-Identifier: GPL-2.0-only
#include "term.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "exit_status.h"

#define OUT_SIZE	4096	/* no more than PIPE_BUF: a ready pipe takes it whole */
#define IN_SIZE		4096
#define ESCAPE		0x01	/* Ctrl-A */

static struct {
	int wake_fd;
	bool is_tty;
	bool is_eof;
	bool saw_escape;
	struct termios saved;
	atomic_bool is_raw;
	atomic_bool discards;

	pthread_mutex_t out_lock;
	char out[OUT_SIZE];
	size_t out_len;
	atomic_bool out_pending;

	pthread_mutex_t in_lock;
	unsigned char in[IN_SIZE];
	size_t in_head, in_tail;	/* both run free; their difference is what is held */
	atomic_size_t in_held;
} term = {
	.wake_fd = -1,
	.out_lock = PTHREAD_MUTEX_INITIALIZER,
	.in_lock = PTHREAD_MUTEX_INITIALIZER,
};

static void term_restore(void)
{
	if (atomic_exchange(&term.is_raw, false))
		tcsetattr(STDIN_FILENO, TCSANOW, &term.saved);
}

static void term_die_by_signal(int sig)
{
	term_restore();
	signal(sig, SIG_DFL);
	raise(sig);
}

void term_open(int wake_fd)
{
	static const int deadly[] = {
		SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT,
	};
	struct termios raw;
	unsigned int i;

	term.wake_fd = wake_fd;
	if (!isatty(STDIN_FILENO))
		return;
	/* A background job must not touch its terminal. */
	if (tcgetpgrp(STDIN_FILENO) != getpgrp() || tcgetattr(STDIN_FILENO, &term.saved)) {
		term.is_eof = true;
		return;
	}
	term.is_tty = true;
	for (i = 0; i < ARRAY_SIZE(deadly); i++)
		signal(deadly[i], term_die_by_signal);
	atexit(term_restore);
	raw = term.saved;
	cfmakeraw(&raw);
	if (!tcsetattr(STDIN_FILENO, TCSANOW, &raw))
		atomic_store(&term.is_raw, true);
}

void term_close(void)
{
	term_flush();
	term_restore();
}

static void term_wake(void)
{
	uint64_t one = 1;

	/* The counter of an eventfd is all that is needed; it cannot overflow from ones. */
	if (term.wake_fd >= 0 && write(term.wake_fd, &one, sizeof(one)) < 0)
		return;
}

static void write_fully(int fd, const char *data, size_t len)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	ssize_t n;

	while (len && !atomic_load(&term.discards)) {
		n = write(fd, data, len);
		if (n >= 0) {
			data += n;
			len -= n;
		} else if (errno == EAGAIN) {
			poll(&pfd, 1, 100);
		} else if (errno != EINTR) {
			return;
		}
	}
}

static void flush_locked(void)
{
	write_fully(STDOUT_FILENO, term.out, term.out_len);
	term.out_len = 0;
	atomic_store(&term.out_pending, false);
}

void term_write(const void *data, size_t len)
{
	const char *s = data;
	bool must_wake;

	pthread_mutex_lock(&term.out_lock);
	while (len--) {
		term.out[term.out_len++] = *s;
		if (*s++ == '\n' || term.out_len == OUT_SIZE)
			flush_locked();
	}
	/* What stays behind is flushed by the main thread a little later. */
	must_wake = term.out_len && !atomic_exchange(&term.out_pending, true);
	pthread_mutex_unlock(&term.out_lock);
	if (must_wake)
		term_wake();
}

void term_flush(void)
{
	pthread_mutex_lock(&term.out_lock);
	flush_locked();
	pthread_mutex_unlock(&term.out_lock);
}

bool term_output_pending(void)
{
	return atomic_load(&term.out_pending);
}

/* Flush, unless that could block: the main thread must stay able to quit. */
void term_flush_if_ready(void)
{
	struct pollfd pfd = { .fd = STDOUT_FILENO, .events = POLLOUT };

	if (poll(&pfd, 1, 0) <= 0 || pthread_mutex_trylock(&term.out_lock))
		return;
	flush_locked();
	pthread_mutex_unlock(&term.out_lock);
}

/* Let go of any thread that is blocked on standard output; it needs a signal besides. */
void term_discard_output(void)
{
	term_flush_if_ready();
	atomic_store(&term.discards, true);
}

bool term_wants_input(void)
{
	return !term.is_eof && atomic_load(&term.in_held) < IN_SIZE;
}

/* Strip the escapes from @buf, in place; they exist on a terminal only, so that pipes are clean. */
static size_t filter_escapes(unsigned char *buf, size_t len, enum term_request *request)
{
	size_t i, kept = 0;

	for (i = 0; i < len; i++) {
		if (!term.saw_escape && buf[i] == ESCAPE) {
			term.saw_escape = true;
			continue;
		}
		if (term.saw_escape) {
			term.saw_escape = false;
			if (buf[i] == 'x' || buf[i] == 'X') {
				*request = TERM_QUIT;
				continue;
			}
			if (buf[i] == 'r' || buf[i] == 'R') {
				*request = TERM_DUMP;
				continue;
			}
			if (buf[i] != ESCAPE)
				continue;
		}
		buf[kept++] = buf[i];
	}
	return kept;
}

/* Called by the main thread when standard input is readable and term_wants_input(). */
enum term_request term_take_input(void)
{
	enum term_request request = TERM_NONE;
	unsigned char buf[256];
	size_t i, room;
	ssize_t n;

	room = IN_SIZE - atomic_load(&term.in_held);
	n = read(STDIN_FILENO, buf, room < sizeof(buf) ? room : sizeof(buf));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return TERM_NONE;
	if (n <= 0) {
		term.is_eof = true;
		return TERM_NONE;
	}
	if (term.is_tty)
		n = filter_escapes(buf, n, &request);

	pthread_mutex_lock(&term.in_lock);
	for (i = 0; i < (size_t)n; i++)
		term.in[term.in_head++ % IN_SIZE] = buf[i];
	atomic_store(&term.in_held, term.in_head - term.in_tail);
	pthread_mutex_unlock(&term.in_lock);
	return request;
}

bool term_has_input(void)
{
	return atomic_load(&term.in_held) != 0;
}

size_t term_read(void *data, size_t len)
{
	unsigned char *d = data;
	bool was_full;
	size_t n = 0;

	pthread_mutex_lock(&term.in_lock);
	was_full = term.in_head - term.in_tail == IN_SIZE;
	while (n < len && term.in_tail != term.in_head)
		d[n++] = term.in[term.in_tail++ % IN_SIZE];
	atomic_store(&term.in_held, term.in_head - term.in_tail);
	pthread_mutex_unlock(&term.in_lock);
	if (was_full && n)
		term_wake();
	return n;
}

static void vreport(const char *prefix, const char *fmt, va_list ap)
{
	char line[512];

	vsnprintf(line, sizeof(line), fmt, ap);
	fprintf(stderr, "%s%s%s\n", prefix, line, atomic_load(&term.is_raw) ? "\r" : "");
}

void report(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vreport("rvhv-run: ", fmt, ap);
	va_end(ap);
}

void report_plain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vreport("", fmt, ap);
	va_end(ap);
}

/* For the main thread, while no vCPU runs. */
void fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vreport("rvhv-run: ", fmt, ap);
	va_end(ap);
	exit(EXIT_MONITOR_FAILED);
}
