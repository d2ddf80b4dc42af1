// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host channel, on a socket or on standard input and output. One message in each direction is
 * buffered: a side that does not read makes the other side wait.
 */
#include "machine.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rvhv.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define UNIX_PREFIX		"unix:"

struct message {
	size_t len;		/* 0: empty */
	char data[RVHV_HOST_COMM_MAX];
};

static struct {
	int fd;			/* the kernel's end */
	int listener, client;	/* -1: none */
	bool client_takes;	/* false: it has hung up, with messages still to be read */
	const char *path;
	struct message to_guest, to_client;
	pthread_mutex_t moving;	/* held while a message of the guest is forwarded */
} comm = { .fd = -1, .listener = -1, .client = -1, .moving = PTHREAD_MUTEX_INITIALIZER };

bool hostcomm_has_stdio(void)
{
	return vm.host_comm && !strcmp(vm.host_comm, "stdio");
}

/* ---- standard input and output: a thread each, a line a message ---- */

static void send_to_guest(const char *line, size_t len)
{
	if (len && write(comm.fd, line, len) < 0)
		err(EXIT_GUEST_DIED, "host channel: write");
}

/* Moves an unfinished line to the start of @buf and returns its length. */
static size_t send_lines(char *buf, size_t len)
{
	char *line = buf, *end;

	while ((end = memchr(line, '\n', buf + len - line))) {
		send_to_guest(line, end - line);
		line = end + 1;
	}
	len -= line - buf;
	if (len == RVHV_HOST_COMM_MAX) {
		send_to_guest(line, len);
		len = 0;
	}
	memmove(buf, line, len);
	return len;
}

/* Not stdio: exit() would wait for a stream that a thread reads. */
static void *serve_stdin(void *arg)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };
	char buf[RVHV_HOST_COMM_MAX];
	size_t len = 0;
	ssize_t n;

	for (;;) {
		poll(&pfd, 1, -1);
		n = read(STDIN_FILENO, buf + len, sizeof(buf) - len);
		if (n > 0)
			len = send_lines(buf, len + n);
		else if (!n || (errno != EINTR && errno != EAGAIN))
			break;
	}
	send_to_guest(buf, len);
	return NULL;
}

static void *serve_stdout(void *arg)
{
	struct pollfd pfd = { .fd = comm.fd, .events = POLLIN };
	char line[RVHV_HOST_COMM_MAX + 1];
	ssize_t len;

	for (;;) {
		poll(&pfd, 1, -1);
		pthread_mutex_lock(&comm.moving);
		len = read(comm.fd, line, RVHV_HOST_COMM_MAX);
		if (len > 0) {
			line[len] = '\n';
			write_fully(STDOUT_FILENO, line, len + 1);
		}
		pthread_mutex_unlock(&comm.moving);
	}
	return NULL;
}

/* ---- a socket: one thread polls all descriptors ---- */

static void remove_socket(void)
{
	struct stat st;

	if (!lstat(comm.path, &st) && S_ISSOCK(st.st_mode))
		unlink(comm.path);
}

static void listen_at(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (!*path || strlen(path) >= sizeof(addr.sun_path))
		errx(EXIT_USAGE, "bad path of a socket: %s", path);
	memcpy(addr.sun_path, path, strlen(path));
	comm.path = path;
	comm.listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* Left by a guest that was restarted or killed */
	remove_socket();
	if (comm.listener < 0 || bind(comm.listener, (struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(comm.listener, 1))
		err(EXIT_SETUP, "%s", path);
	atexit(remove_socket);
}

static void accept_client(void)
{
	comm.client = accept4(comm.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	comm.client_takes = comm.client >= 0;
}

static bool client_has_gone(void)
{
	struct pollfd pfd = { .fd = comm.client, .events = POLLRDHUP };

	return poll(&pfd, 1, 0) > 0 && pfd.revents & (POLLRDHUP | POLLHUP | POLLERR);
}

static void from_client(void)
{
	ssize_t n = recv(comm.client, comm.to_guest.data, sizeof(comm.to_guest.data), MSG_TRUNC);

	if (n > (ssize_t)sizeof(comm.to_guest.data))
		warnx("host channel: a message of %zd bytes is dropped, %zu are the most", n,
		      sizeof(comm.to_guest.data));
	else if (n > 0)
		comm.to_guest.len = n;
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	/* An empty packet is ignored. */
	if (!n && !client_has_gone())
		return;
	close(comm.client);
	comm.client = -1;
	comm.client_takes = false;
}

/* The next client receives messages that this one has not taken. */
static void to_client(void)
{
	if (send(comm.client, comm.to_client.data, comm.to_client.len, MSG_NOSIGNAL) >= 0)
		comm.to_client.len = 0;
	else if (errno != EAGAIN && errno != EINTR)
		comm.client_takes = false;
}

static void to_guest(void)
{
	if (write(comm.fd, comm.to_guest.data, comm.to_guest.len) >= 0)
		comm.to_guest.len = 0;
	else if (errno != EAGAIN && errno != EINTR)
		err(EXIT_GUEST_DIED, "host channel: write");
}

static void from_guest(void)
{
	ssize_t n = read(comm.fd, comm.to_client.data, sizeof(comm.to_client.data));

	if (n > 0)
		comm.to_client.len = n;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		err(EXIT_GUEST_DIED, "host channel: read");
}

/* For poll(): without events the descriptor is left out, as POLLHUP would be reported endlessly. */
static struct pollfd wanted(int fd, bool in, bool out)
{
	return (struct pollfd){
		.fd = in || out ? fd : -1,
		.events = (in ? POLLIN : 0) | (out ? POLLOUT : 0),
	};
}

/* Read from a side only when its previous message has been forwarded. */
static void serve_once(void)
{
	bool to_guest_waits = comm.to_guest.len, to_client_waits = comm.to_client.len;
	struct pollfd fds[3] = {
		wanted(comm.listener, comm.client < 0, false),
		wanted(comm.client, !to_guest_waits, to_client_waits && comm.client_takes),
		wanted(comm.fd, !to_client_waits && comm.client_takes, to_guest_waits),
	};

	if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
		return;
	pthread_mutex_lock(&comm.moving);
	if (fds[0].revents)
		accept_client();
	if (fds[1].revents && to_client_waits && comm.client_takes)
		to_client();
	if (fds[1].revents & ~POLLOUT && !to_guest_waits)
		from_client();
	if (fds[2].revents & POLLOUT)
		to_guest();
	if (fds[2].revents & POLLIN)
		from_guest();
	pthread_mutex_unlock(&comm.moving);
}

static void *serve_socket(void *arg)
{
	for (;;)
		serve_once();
	return NULL;
}

/* ---- socket and stdio ---- */

void hostcomm_open(void)
{
	bool is_socket;

	if (!vm.host_comm)
		return;
	is_socket = !strncmp(vm.host_comm, UNIX_PREFIX, strlen(UNIX_PREFIX));
	if (!is_socket && !hostcomm_has_stdio())
		errx(EXIT_USAGE, "bad host channel: %s; it is stdio or unix:PATH", vm.host_comm);
	comm.fd = ioctl(vm.fd, RVHV_CREATE_HOST_COMM, 0);
	if (comm.fd < 0)
		err(EXIT_SETUP, "%s: no host channel", vm.dev);
	if (!is_socket)
		return;
	if (fcntl(comm.fd, F_SETFL, O_NONBLOCK))
		err(EXIT_SETUP, "host channel");
	listen_at(vm.host_comm + strlen(UNIX_PREFIX));
}

static void start(void *(*serve)(void *arg))
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, serve, NULL);
	if (errno)
		err(EXIT_SETUP, "no thread for the host channel");
}

void hostcomm_start(void)
{
	if (comm.listener >= 0) {
		start(serve_socket);
	} else if (comm.fd >= 0) {
		start(serve_stdin);
		start(serve_stdout);
	}
}

static bool has_handed_all_on(void)
{
	struct pollfd pfd = { .fd = comm.fd, .events = POLLIN };
	bool done;

	if (pthread_mutex_trylock(&comm.moving))
		return false;
	done = (comm.listener >= 0 && !comm.client_takes) ||
	       (!comm.to_client.len && poll(&pfd, 1, 0) <= 0);
	pthread_mutex_unlock(&comm.moving);
	return done;
}

/* Forward the guest's last messages, without waiting for a reader. */
void hostcomm_finish(void)
{
	int ms;

	for (ms = 0; comm.fd >= 0 && ms < 1000 && !has_handed_all_on(); ms++)
		usleep(1000);
}
