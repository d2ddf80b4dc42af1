// SPDX-License-Identifier: GPL-2.0-only
#include "machine.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef RVHV_RUN_VERSION
#define RVHV_RUN_VERSION	"unknown"
#endif

#define MIN_RAM			(16UL << 20)
#define MAX_RAM			(1UL << 38)	/* within the 41 bits of Sv39x4 */

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
	"  --console WHERE      debug console: user (here), printk, tty or tty:N\n"
	"  --host-comm WHERE    messages with the guest: stdio or unix:PATH\n"
	"  --nested             the guest may be a hypervisor itself\n"
	"  --without EXT,...    extensions that the guest does not have\n"
	"  --stats FILE         append the kernel's statistics at the end and at SIGUSR1\n"
	"  --help               show this and exit\n"
	"  --version            show the version and exit\n"
	"\n"
	"On a terminal: Ctrl-A x quits, Ctrl-A Ctrl-A sends Ctrl-A.\n";

static const struct option long_options[] = {
	{ "dev", required_argument, NULL, 'd' },
	{ "cpus", required_argument, NULL, 'c' },
	{ "mem", required_argument, NULL, 'm' },
	{ "kernel", required_argument, NULL, 'k' },
	{ "initrd", required_argument, NULL, 'i' },
	{ "append", required_argument, NULL, 'a' },
	{ "hugepages", optional_argument, NULL, 'p' },
	{ "console", required_argument, NULL, 'o' },
	{ "host-comm", required_argument, NULL, 'H' },
	{ "nested", no_argument, NULL, 'n' },
	{ "without", required_argument, NULL, 'w' },
	{ "stats", required_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'v' },
	{ 0 }
};

/* A number from @min to @max. The n-th of @suffixes multiplies by 1024^n. */
static uint64_t parse_number(const char *what, const char *arg, uint64_t min, uint64_t max,
			     const char *suffixes)
{
	const char *suffix;
	uint64_t val;
	char *end;

	errno = 0;
	val = strtoull(arg, &end, 10);
	suffix = *end ? strchr(suffixes, *end) : NULL;
	if (suffix && val <= max) {
		val <<= 10 * (suffix - suffixes + 1);
		end++;
	}
	if (errno || end == arg || *end || *arg == '-' || val < min || val > max)
		errx(EXIT_USAGE, "bad %s: %s", what, arg);
	return val;
}

static void parse_hugepages(const char *arg)
{
	if (!arg || !strcmp(arg, "2M"))
		vm.hugepage_shift = 21;
	else if (!strcmp(arg, "1G"))
		vm.hugepage_shift = 30;
	else if (!strcmp(arg, "thp"))
		vm.transparent_hugepages = true;
	else
		errx(EXIT_USAGE, "bad size of huge pages: %s", arg);
}

static void parse_option(int opt, const char *arg)
{
	switch (opt) {
	case 'd':
		vm.dev = arg;
		break;
	case 'c':
		vm.nr_cpus = parse_number("number of CPUs", arg, 1, MAX_CPUS, "");
		break;
	case 'm':
		vm.ram_size = parse_number("size of memory", arg, MIN_RAM, MAX_RAM, "KMG");
		break;
	case 'k':
		vm.kernel = arg;
		break;
	case 'i':
		vm.initrd = arg;
		break;
	case 'a':
		vm.append = arg;
		break;
	case 'p':
		parse_hugepages(arg);
		break;
	case 'o':
		console_choose(arg);
		break;
	case 'H':
		vm.host_comm = arg;
		break;
	case 'n':
		vm.nested = true;
		break;
	case 'w':
		vm.without = arg;
		break;
	case 's':
		vm.stats = arg;
		break;
	case 'h':
		fputs(usage, stdout);
		exit(0);
	case 'v':
		puts("rvhv-run " RVHV_RUN_VERSION);
		exit(0);
	default:
		exit(EXIT_USAGE);	/* getopt_long() has printed the reason */
	}
}

int main(int argc, char **argv)
{
	unsigned int i;
	int opt;

	vm.argv = argv;
	while ((opt = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		parse_option(opt, optarg);
	if (optind < argc)
		errx(EXIT_USAGE, "unexpected argument: %s", argv[optind]);
	if (!vm.kernel)
		errx(EXIT_USAGE, "--kernel is missing; see rvhv-run --help");
	if (vm.ram_size % (vm.hugepage_shift ? 1UL << vm.hugepage_shift : SZ_4K))
		errx(EXIT_USAGE, "the size of memory is not a multiple of the page size");

	vm_create();
	hostcomm_open();
	loader_load();
	devtree_build();
	stats_start();
	term_open();
	hostcomm_start();
	for (i = 0; i < vm.nr_cpus; i++)
		vcpu_start(&vm.vcpus[i]);
	term_serve_input();
}
