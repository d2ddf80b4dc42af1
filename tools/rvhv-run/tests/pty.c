// SPDX-License-Identifier: GPL-2.0-only
/* pty CMD [ARG]...: run CMD on a pseudoterminal that is connected to standard input and output. */
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* False at the end of @from */
static int relay(int from, int to)
{
	char buf[512];
	ssize_t n = read(from, buf, sizeof(buf));

	return n > 0 && write(to, buf, n) == n;
}

int main(int argc, char **argv)
{
	struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .events = POLLIN } };
	int status;
	pid_t pid;

	if (argc < 2)
		return 2;
	pid = forkpty(&fds[1].fd, NULL, NULL, NULL);
	if (pid < 0) {
		perror("forkpty");
		return 125;
	}
	if (!pid) {
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(126);
	}
	while (poll(fds, 2, -1) >= 0) {
		if (fds[0].revents && !relay(STDIN_FILENO, fds[1].fd))
			fds[0].fd = -1;
		if (fds[1].revents && !relay(fds[1].fd, STDOUT_FILENO))
			break;
	}
	if (waitpid(pid, &status, 0) < 0)
		return 125;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
