// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "exit_status.h"
#include "isa.h"
#include "machine.h"
#include "term.h"
#include "util.h"
#include "vm.h"

#ifndef RVHV_RUN_VERSION
#define RVHV_RUN_VERSION	"unknown"
#endif

#define FLUSH_AFTER_MS		5
#define MAX_CPUS		1024
#define MIN_RAM			(16UL << 20)
#define MAX_RAM			BIT(38)	/* within the 41 bits of Sv39x4 */

static const char usage[] =
	"Usage: rvhv-run --kernel IMAGE [OPTION]...\n"
	"Run a RISC-V virtual machine.\n"
	"\n"
	"  --dev PATH           hypervisor device (/dev/rvhv)\n"
	"  --cpus N             virtual CPUs (1)\n"
	"  --mem SIZE           guest memory, with suffix K, M or G (512M)\n"
	"  --kernel FILE        kernel, a flat RISC-V Image\n"
	"  --initrd FILE        initial RAM disk\n"
	"  --append STRING      more kernel parameters\n"
	"  --hugepages[=SIZE]   guest memory in huge pages: 2M (default), 1G or thp\n"
	"  --isa NAME[=on|off]  turn an ISA extension on or off; may be repeated\n"
	"  --nested             the same as --isa h\n"
	"  --no-reboot          end with status 4 where the guest wants a reset\n"
	"  --help               show this and exit\n"
	"  --version            show the version and exit\n"
	"\n"
	"On a terminal: Ctrl-A x quits, Ctrl-A r shows the registers, Ctrl-A Ctrl-A sends Ctrl-A.\n";

enum option_id {
	OPT_DEV = 1, OPT_CPUS, OPT_MEM, OPT_KERNEL, OPT_INITRD, OPT_APPEND,
	OPT_HUGEPAGES, OPT_ISA, OPT_NESTED, OPT_NO_REBOOT, OPT_HELP, OPT_VERSION,
};

static const struct option long_options[] = {
	{ "dev", required_argument, NULL, OPT_DEV },
	{ "cpus", required_argument, NULL, OPT_CPUS },
	{ "mem", required_argument, NULL, OPT_MEM },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "initrd", required_argument, NULL, OPT_INITRD },
	{ "append", required_argument, NULL, OPT_APPEND },
	{ "hugepages", optional_argument, NULL, OPT_HUGEPAGES },
	{ "isa", required_argument, NULL, OPT_ISA },
	{ "nested", no_argument, NULL, OPT_NESTED },
	{ "no-reboot", no_argument, NULL, OPT_NO_REBOOT },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ 0 }
};

static void reject_usage(const char *what, const char *arg)
{
	fprintf(stderr, "rvhv-run: %s%s%s\n%s", what, arg ? ": " : "", arg ? arg : "", usage);
	exit(EXIT_USAGE);
}

static uint64_t parse_number(const char *what, const char *arg, uint64_t min, uint64_t max,
			     bool takes_suffix)
{
	static const char suffixes[] = "KMG";
	const char *suffix;
	uint64_t val;
	char *end;

	errno = 0;
	val = strtoull(arg, &end, 10);
	if (errno || end == arg || *arg == '-')
		reject_usage(what, arg);
	if (takes_suffix && *end) {
		suffix = strchr(suffixes, *end++);
		if (!suffix || val > max)
			reject_usage(what, arg);
		val <<= 10 * (suffix - suffixes + 1);
	}
	if (*end || val < min || val > max)
		reject_usage(what, arg);
	return val;
}

static void parse_hugepages(struct vm_config *cfg, const char *arg)
{
	if (!arg || !strcmp(arg, "2M"))
		cfg->hugepage_shift = 21;
	else if (!strcmp(arg, "1G"))
		cfg->hugepage_shift = 30;
	else if (!strcmp(arg, "thp"))
		cfg->transparent_hugepages = true;
	else
		reject_usage("bad size of huge pages", arg);
}

static void parse_option(struct vm_config *cfg, int opt, const char *arg)
{
	switch (opt) {
	case OPT_DEV:
		cfg->dev = arg;
		break;
	case OPT_CPUS:
		cfg->nr_cpus = parse_number("bad number of CPUs", arg, 1, MAX_CPUS, false);
		break;
	case OPT_MEM:
		cfg->ram_size = parse_number("bad size of memory", arg, MIN_RAM, MAX_RAM, true);
		break;
	case OPT_KERNEL:
		cfg->kernel = arg;
		break;
	case OPT_INITRD:
		cfg->initrd = arg;
		break;
	case OPT_APPEND:
		cfg->append = arg;
		break;
	case OPT_HUGEPAGES:
		parse_hugepages(cfg, arg);
		break;
	case OPT_NESTED:
	case OPT_ISA:
		if (!isa_parse_change(cfg, opt == OPT_NESTED ? "h" : arg))
			reject_usage("bad ISA extension", arg);
		break;
	case OPT_NO_REBOOT:
		cfg->no_reboot = true;
		break;
	case OPT_HELP:
		fputs(usage, stdout);
		exit(0);
	case OPT_VERSION:
		puts("rvhv-run " RVHV_RUN_VERSION);
		exit(0);
	default:
		fputs(usage, stderr);
		exit(EXIT_USAGE);
	}
}

static void parse_options(struct vm_config *cfg, int argc, char **argv)
{
	uint64_t granule = SZ_4K;
	int opt;

	while ((opt = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		parse_option(cfg, opt, optarg);
	if (optind < argc)
		reject_usage("unexpected argument", argv[optind]);
	if (!cfg->kernel)
		reject_usage("--kernel is missing", NULL);
	if (cfg->hugepage_shift)
		granule = BIT(cfg->hugepage_shift);
	if (cfg->ram_size % granule)
		reject_usage("the size of memory is not a multiple of the page size", NULL);
}

/*
 * The signals that end or ask. They are blocked, and come by a file descriptor, while the guest
 * runs; otherwise each ends the program at once, so that nothing that blocks can prevent it.
 */
static sigset_t served_signals;

static int open_signals(void)
{
	int fd;

	sigemptyset(&served_signals);
	sigaddset(&served_signals, SIGINT);
	sigaddset(&served_signals, SIGTERM);
	sigaddset(&served_signals, SIGHUP);
	sigaddset(&served_signals, SIGQUIT);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &served_signals, SFD_CLOEXEC);
	if (fd < 0)
		fatal("signalfd: %s", strerror(errno));
	return fd;
}

static void quit(struct vm *vm, int status)
{
	term_discard_output();
	vm_stop(vm, VM_ENDED, status);
}

static void take_signal(struct vm *vm, int signal_fd)
{
	struct signalfd_siginfo info;

	if (read(signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGQUIT)
		vm_dump_vcpus(vm);
	else
		quit(vm, EXIT_SIGNAL_BASE + info.ssi_signo);
}

static void take_input(struct vm *vm)
{
	switch (term_take_input()) {
	case TERM_QUIT:
		quit(vm, EXIT_POWERED_OFF);
		break;
	case TERM_DUMP:
		vm_dump_vcpus(vm);
		break;
	case TERM_NONE:
		break;
	}
	uart_notice_input(&vm->uart);
}

static void serve_until_stopped(struct vm *vm, int signal_fd)
{
	struct pollfd fds[] = {
		{ .fd = vm->wake_fd, .events = POLLIN },
		{ .fd = signal_fd, .events = POLLIN },
		{ .events = POLLIN },
	};
	uint64_t count;
	int n;

	while (!vm_is_stopping(vm)) {
		fds[2].fd = term_wants_input() ? STDIN_FILENO : -1;
		n = poll(fds, ARRAY_SIZE(fds), term_output_pending() ? FLUSH_AFTER_MS : -1);
		if (n < 0) {
			if (errno != EINTR)
				fatal("poll: %s", strerror(errno));
			continue;
		}
		if (n == 0)
			term_flush_if_ready();
		if (fds[0].revents && read(vm->wake_fd, &count, sizeof(count)) < 0)
			fatal("eventfd: %s", strerror(errno));
		if (fds[1].revents)
			take_signal(vm, signal_fd);
		if (fds[2].revents)
			take_input(vm);
	}
}

/* Returns the status of a guest that ended, or -1 for one to start again. */
static int run_guest(const struct vm_config *cfg, int signal_fd, int wake_fd)
{
	struct vm vm;
	int status;

	vm_create(&vm, cfg, wake_fd);
	/* Before any vCPU's thread exists: they inherit it. */
	pthread_sigmask(SIG_BLOCK, &served_signals, NULL);
	vm_start(&vm);
	serve_until_stopped(&vm, signal_fd);
	pthread_sigmask(SIG_UNBLOCK, &served_signals, NULL);
	vm_join(&vm);
	status = vm.status;
	if (atomic_load(&vm.outcome) == VM_RESET)
		status = cfg->no_reboot ? EXIT_GUEST_RESET : -1;
	vm_destroy(&vm);
	return status;
}

int main(int argc, char **argv)
{
	struct vm_config cfg = {
		.dev = "/dev/rvhv",
		.nr_cpus = 1,
		.ram_size = 512UL << 20,
	};
	int signal_fd, wake_fd, status;

	parse_options(&cfg, argc, argv);
	signal_fd = open_signals();
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake_fd < 0)
		fatal("eventfd: %s", strerror(errno));
	term_open(wake_fd);
	do
		status = run_guest(&cfg, signal_fd, wake_fd);
	while (status < 0);
	term_close();
	return status;
}
