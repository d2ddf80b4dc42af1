// SPDX-License-Identifier: GPL-2.0-only
/* Standard input and output for the guest's consoles; raw mode on a terminal */
#include "machine.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#define IN_SIZE		4096
#define ESCAPE		0x01	/* Ctrl-A */

static struct {
	bool is_raw, has_no_input;
	int out_fd;
	struct termios saved;

	/* Input that the guest has not read; vm.device_lock protects it. */
	pthread_cond_t has_room;
	unsigned char in[IN_SIZE];
	size_t head, tail;	/* free-running; the difference is the fill level */
} term = { .has_room = PTHREAD_COND_INITIALIZER };

void term_restore(void)
{
	if (term.is_raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &term.saved);
}

static void die_by_signal(int sig)
{
	term_restore();
	signal(sig, SIG_DFL);
	raise(sig);
}

void term_open(void)
{
	static const int deadly[] = {
		SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT,
	};
	struct termios raw;
	unsigned int i;

	term.has_no_input = hostcomm_has_stdio();
	term.out_fd = hostcomm_has_stdio() ? STDERR_FILENO : STDOUT_FILENO;
	if (term.has_no_input)
		return;
	if (tcgetattr(STDIN_FILENO, &term.saved))
		return;
	/* A background job must not touch its terminal. */
	term.has_no_input = tcgetpgrp(STDIN_FILENO) != getpgrp();
	if (term.has_no_input)
		return;
	for (i = 0; i < ARRAY_SIZE(deadly); i++)
		signal(deadly[i], die_by_signal);
	atexit(term_restore);
	raw = term.saved;
	cfmakeraw(&raw);
	raw.c_oflag = term.saved.c_oflag;	/* for messages of this program */
	term.is_raw = true;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

/* Unbuffered */
void write_fully(int fd, const void *data, size_t len)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	ssize_t n;

	while (len) {
		n = write(fd, data, len);
		if (n >= 0) {
			data += n;
			len -= n;
		} else if (errno == EAGAIN) {
			poll(&pfd, 1, -1);
		} else if (errno != EINTR) {
			return;
		}
	}
}

void term_write(const void *data, size_t len)
{
	write_fully(term.out_fd, data, len);
}

/* False for a byte that the guest does not get: an escape, on a terminal only */
static bool filter_escape(unsigned char byte)
{
	static bool is_escaped;
	bool was_escaped = is_escaped;

	if (!term.is_raw)
		return true;
	is_escaped = byte == ESCAPE && !was_escaped;
	if (was_escaped && byte == 'x')
		vm_end(EXIT_POWERED_OFF);
	return was_escaped ? byte == ESCAPE : !is_escaped;
}

static void take_byte(unsigned char byte)
{
	pthread_mutex_lock(&vm.device_lock);
	while (term.head - term.tail == IN_SIZE)
		pthread_cond_wait(&term.has_room, &vm.device_lock);
	term.in[term.head++ % IN_SIZE] = byte;
	uart_update();
	pthread_mutex_unlock(&vm.device_lock);
}

/* The main thread's loop while the guest runs */
void term_serve_input(void)
{
	struct pollfd pfd = { .fd = term.has_no_input ? -1 : STDIN_FILENO, .events = POLLIN };
	unsigned char buf[256];
	ssize_t i, n;

	for (;;) {
		if (poll(&pfd, 1, -1) <= 0)
			continue;
		n = read(STDIN_FILENO, buf, sizeof(buf));
		if (!n || (n < 0 && errno != EINTR && errno != EAGAIN))
			pfd.fd = -1;	/* EOF: wait for the guest's end */
		for (i = 0; i < n; i++)
			if (filter_escape(buf[i]))
				take_byte(buf[i]);
	}
}

bool term_has_input(void)
{
	return term.head != term.tail;
}

size_t term_read(void *data, size_t len)
{
	unsigned char *d = data;
	size_t n = 0;

	while (n < len && term.tail != term.head)
		d[n++] = term.in[term.tail++ % IN_SIZE];
	pthread_cond_signal(&term.has_room);
	return n;
}
