// SPDX-License-Identifier: GPL-2.0-only
/*
 * seqpacket PATH [COUNT]: a client of --host-comm unix:PATH. Sends each line of standard input as a
 * packet and prints each received packet as a line. Ends after COUNT packets or at EOF.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int tries, fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	for (tries = 0; tries < 100; tries++) {
		if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
			return fd;
		usleep(100000);
	}
	perror(path);
	exit(1);
}

int main(int argc, char **argv)
{
	struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .events = POLLIN } };
	long left = argc > 2 ? atol(argv[2]) : -1;
	char buf[4097];
	ssize_t n;

	if (argc < 2)
		return 2;
	/* Unbuffered, so that poll() reports all input */
	setvbuf(stdin, NULL, _IONBF, 0);
	fds[1].fd = connect_to(argv[1]);
	while (left && poll(fds, 2, -1) > 0) {
		if (fds[0].revents && !fgets(buf, sizeof(buf), stdin))
			fds[0].fd = -1;
		else if (fds[0].revents && send(fds[1].fd, buf, strcspn(buf, "\n"), 0) < 0)
			return 1;
		if (!fds[1].revents)
			continue;
		n = recv(fds[1].fd, buf, sizeof(buf), 0);
		if (n <= 0)
			break;
		printf("%.*s\n", (int)n, buf);
		fflush(stdout);
		left--;
	}
	return left > 0;
}
