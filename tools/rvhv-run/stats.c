// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's statistics, at each SIGUSR1 and at the guest's end: lines "vm NAME VALUES" and
 * "vcpuN NAME VALUES" for values other than zero, then an empty line.
 */
#include "machine.h"

#include <err.h>
#include <errno.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *out;
/* Opened before the vCPUs run: the ioctl waits for a running vCPU. */
static int vm_fd, vcpu_fds[MAX_CPUS];
static sigset_t signals;

static bool read_at(int fd, void *data, size_t len, size_t off)
{
	return pread(fd, data, len, off) == (ssize_t)len;
}

static void write_one(int fd, const char *who, const struct kvm_stats_desc *desc, size_t off)
{
	uint64_t *values = calloc(desc->size, sizeof(*values));
	bool zero = true;
	unsigned int i;

	if (!values || !read_at(fd, values, desc->size * sizeof(*values), off))
		errx(EXIT_GUEST_DIED, "cannot read the statistic %s", desc->name);
	for (i = 0; i < desc->size; i++)
		zero &= !values[i];
	if (!zero) {
		fprintf(out, "%s %s", who, desc->name);
		for (i = 0; i < desc->size; i++)
			fprintf(out, " %llu", (unsigned long long)values[i]);
		fputc('\n', out);
	}
	free(values);
}

/* Without statistics the block is empty. */
static void write_all(int fd, const char *who)
{
	struct kvm_stats_header header;
	struct kvm_stats_desc *desc;
	size_t desc_size, i;

	if (fd < 0 || !read_at(fd, &header, sizeof(header), 0))
		return;
	desc_size = sizeof(*desc) + header.name_size;
	desc = malloc(desc_size);
	for (i = 0; desc && i < header.num_desc; i++)
		if (read_at(fd, desc, desc_size, header.desc_offset + i * desc_size))
			write_one(fd, who, desc, header.data_offset + desc->offset);
	free(desc);
}

void stats_write(void)
{
	char who[16];
	unsigned int i;

	if (!out)
		return;
	pthread_mutex_lock(&lock);
	write_all(vm_fd, "vm");
	for (i = 0; i < vm.nr_cpus; i++) {
		snprintf(who, sizeof(who), "vcpu%u", i);
		write_all(vcpu_fds[i], who);
	}
	fputc('\n', out);
	fflush(out);
	pthread_mutex_unlock(&lock);
}

static void *serve_signal(void *arg)
{
	int sig;

	for (;;)
		if (!sigwait(&signals, &sig))
			stats_write();
	return NULL;
}

/* Before other threads start: they inherit the blocked signal. */
void stats_start(void)
{
	pthread_t thread;
	unsigned int i;

	if (!vm.stats)
		return;
	vm_fd = ioctl(vm.fd, KVM_GET_STATS_FD, 0);
	for (i = 0; i < vm.nr_cpus; i++)
		vcpu_fds[i] = ioctl(vm.vcpus[i].fd, KVM_GET_STATS_FD, 0);
	out = fopen(vm.stats, "ae");
	if (!out)
		err(EXIT_SETUP, "%s", vm.stats);
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	errno = pthread_create(&thread, NULL, serve_signal, NULL);
	if (errno)
		err(EXIT_SETUP, "cannot start a thread");
}
