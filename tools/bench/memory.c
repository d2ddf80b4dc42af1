// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel memory of an idle VM: the decrease of free memory per VM while many exist. All VMs share
 * one user mapping. The first VMs fill slabs and per-CPU lists and are not counted.
 */
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GROUPS		5
#define GROUP_VMS	32

static void write_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		rvm_die("%s", path);
	close(fd);
}

/* Free pages of the zones and of the per-CPU lists, after folding the per-CPU counters */
static double free_bytes(void)
{
	unsigned long pages = 0, n;
	char line[256];
	FILE *f;

	/* Wait for RCU and work queues, and drop caches. */
	sleep(1);
	sync();
	write_file("/proc/sys/vm/drop_caches", "3");
	sleep(1);
	write_file("/proc/sys/vm/stat_refresh", "1");
	f = fopen("/proc/zoneinfo", "r");
	if (!f)
		rvm_die("/proc/zoneinfo");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " pages free %lu", &n) == 1 ||
		    sscanf(line, " count: %lu", &n) == 1)
			pages += n;
	fclose(f);
	return pages * (double)RVM_PAGE;
}

static void make_idle_vm(struct rvm *code)
{
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create_bare(&vm);
	rvm_set_slot(&vm, 0, 0, RVM_BASE, code->size, code->mem);
	rvcpu_create(&vm, 0, &vcpu);
	rvcpu_start_at(&vcpu, guest_idle, 0, 0);
	if (rvcpu_run(&vcpu) || vcpu.run->exit_reason != KVM_EXIT_RISCV_SBI)
		rvm_die("the idle VM does not run: exit %u", vcpu.run->exit_reason);
	close(vm.dev);
}

/* The median of several groups: other allocations disturb one or two. */
double bench_vm_memory(void)
{
	double per_vm[GROUPS];
	struct rvm code;

	rvm_create(&code);
	for (int g = -1; g < GROUPS; g++) {
		double before = free_bytes();

		for (int i = 0; i < GROUP_VMS; i++)
			make_idle_vm(&code);
		if (g >= 0)
			per_vm[g] = (before - free_bytes()) / GROUP_VMS;
	}
	return bench_median(per_vm, GROUPS);
}
