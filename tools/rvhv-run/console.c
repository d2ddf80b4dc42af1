// SPDX-License-Identifier: GPL-2.0-only
/* The guest's debug console in the kernel: host's log or tty */
#include "machine.h"

#include <err.h>
#include <errno.h>
#include <linux/rvhv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* After a restart the last reader may still have the tty open. */
#define BUSY_WAIT_US	50000
#define BUSY_WAITS	60

static struct rvhv_console_config config;
static bool is_chosen;

void console_choose(const char *arg)
{
	char *end;

	is_chosen = true;
	if (!strcmp(arg, "user")) {
		config.sink = RVHV_CONSOLE_USER;
	} else if (!strcmp(arg, "printk")) {
		config.sink = RVHV_CONSOLE_PRINTK;
	} else if (!strcmp(arg, "tty")) {
		config.sink = RVHV_CONSOLE_TTY;
		config.index = RVHV_CONSOLE_ANY;
	} else {
		if (strncmp(arg, "tty:", 4) || arg[4] < '0' || arg[4] > '9')
			errx(EXIT_USAGE, "bad console: %s", arg);
		errno = 0;
		config.sink = RVHV_CONSOLE_TTY;
		config.index = strtoul(arg + 4, &end, 10);
		if (errno || *end || strlen(arg + 4) > 3)
			errx(EXIT_USAGE, "bad console: %s", arg);
	}
}

/* Before the first vCPU is created */
void console_create(void)
{
	unsigned int tries = 0;

	if (!is_chosen)
		return;
	while (ioctl(vm.fd, RVHV_SET_CONSOLE, &config)) {
		if (errno == ENOTTY)
			errx(EXIT_SETUP, "%s has no consoles of its own", vm.dev);
		if (errno != EBUSY || ++tries == BUSY_WAITS)
			err(EXIT_SETUP, "cannot have this console");
		usleep(BUSY_WAIT_US);
	}
	if (config.sink == RVHV_CONSOLE_TTY)
		warnx("the guest's debug console is /dev/ttyRVHV%u", config.index);
}
