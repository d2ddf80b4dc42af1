// SPDX-License-Identifier: GPL-2.0-only
#include "machine.h"

#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_STRAY_REPORTS	8

#define FINISHER_FAIL		0x3333		/* status in the upper half */
#define FINISHER_PASS		0x5555
#define FINISHER_RESET		0x7777

struct vm vm = {
	.dev = "/dev/rvhv",
	.append = "",
	.without = "",
	.nr_cpus = 1,
	.ram_size = 512UL << 20,
	.device_lock = PTHREAD_MUTEX_INITIALIZER,
};

static int open_device(void)
{
	int max, fd = open(vm.dev, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		err(EXIT_SETUP, "%s", vm.dev);
	if (ioctl(fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
		errx(EXIT_SETUP, "%s: no KVM device of API version %d", vm.dev, KVM_API_VERSION);
	max = ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS);
	if (max > 0 && vm.nr_cpus > (unsigned int)max)
		errx(EXIT_SETUP, "%s: %u vCPUs wanted, at most %d possible", vm.dev, vm.nr_cpus,
		     max);
	return fd;
}

static void map_ram(void)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = RAM_BASE,
		.memory_size = vm.ram_size,
	};
	int pages = vm.hugepage_shift ? MAP_HUGETLB | vm.hugepage_shift << MAP_HUGE_SHIFT :
		    MAP_NORESERVE;
	/* Aligned to 2 MiB for transparent huge pages */
	size_t slack = vm.hugepage_shift ? 0 : SZ_2M;

	vm.ram = mmap(NULL, vm.ram_size + slack, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | pages, -1, 0);
	if (vm.ram == MAP_FAILED)
		err(EXIT_SETUP, "cannot map %lu MiB of %s memory", vm.ram_size >> 20,
		    vm.hugepage_shift ? "huge page" : "guest");
	vm.ram += -(uintptr_t)vm.ram % SZ_2M;
	if (vm.transparent_hugepages && madvise(vm.ram, vm.ram_size, MADV_HUGEPAGE))
		err(EXIT_SETUP, "cannot use transparent huge pages");
	region.userspace_addr = (uintptr_t)vm.ram;
	if (ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &region))
		err(EXIT_SETUP, "KVM_SET_USER_MEMORY_REGION");
}

void vm_create(void)
{
	int size, dev_fd = open_device();
	unsigned int i;

	vm.fd = ioctl(dev_fd, KVM_CREATE_VM, 0);
	if (vm.fd < 0)
		err(EXIT_SETUP, "KVM_CREATE_VM");
	console_create();
	size = ioctl(dev_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < (int)sizeof(struct kvm_run))
		errx(EXIT_SETUP, "%s: a run structure of %d bytes", vm.dev, size);
	vm.run_size = size;
	map_ram();
	for (i = 0; i < vm.nr_cpus; i++)
		vcpu_create(&vm.vcpus[i], i);
}

/* Returns in one thread only, which must end the process. */
void vm_win_the_end(void)
{
	static pthread_mutex_t end_lock = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&end_lock);
}

void vm_end(int status)
{
	vm_win_the_end();
	hostcomm_finish();
	stats_write();
	exit(status);
}

/* Execute this program anew, which frees all of the machine. */
void vm_reset(void)
{
	vm_win_the_end();
	term_restore();
	stats_write();
	execv("/proc/self/exe", vm.argv);
	err(EXIT_SETUP, "cannot start again: /proc/self/exe");
}

void *vm_guest_ptr(uint64_t gpa, uint64_t len)
{
	uint64_t off = gpa - RAM_BASE;

	if (gpa < RAM_BASE || len > vm.ram_size || off > vm.ram_size - len)
		return NULL;
	return vm.ram + off;
}

static void finisher_write(uint64_t off, uint32_t val)
{
	if (off)
		return;
	switch (val & 0xffff) {
	case FINISHER_PASS:
		vm_end(EXIT_POWERED_OFF);
	case FINISHER_FAIL:
		vm_end((val >> 16) & 0xff);
	case FINISHER_RESET:
		vm_reset();
	}
}

/* The busiest first. Devices without read() read as zero. */
static const struct device {
	uint64_t base, size;
	uint32_t (*read)(uint64_t off);
	void (*write)(uint64_t off, uint32_t val);
} devices[] = {
	{ UART_BASE, UART_SIZE, uart_read, uart_write },
	{ PLIC_BASE, PLIC_SIZE, plic_read, plic_write },
	{ FINISHER_BASE, FINISHER_SIZE, NULL, finisher_write },
};

/* An access outside RAM; addresses without a device read as zero. */
void vm_access_device(uint64_t gpa, void *data, unsigned int len, bool is_write)
{
	const struct device *d = devices, *end = devices + ARRAY_SIZE(devices);
	static unsigned int nr_strays;
	uint64_t val = 0;

	if (is_write)
		memcpy(&val, data, len);
	pthread_mutex_lock(&vm.device_lock);
	while (d < end && gpa - d->base >= d->size)
		d++;
	if (d < end && is_write)
		d->write(gpa - d->base, val);
	else if (d < end && d->read)
		val = d->read(gpa - d->base);
	else if (d == end && nr_strays++ < MAX_STRAY_REPORTS)
		warnx("guest %s of %u bytes at 0x%lx: no device there",
		      is_write ? "store" : "load", len, gpa);
	pthread_mutex_unlock(&vm.device_lock);
	if (!is_write)
		memcpy(data, &val, len);
}
