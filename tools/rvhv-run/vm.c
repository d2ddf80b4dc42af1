// SPDX-License-Identifier: GPL-2.0-only
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "devtree.h"
#include "exit_status.h"
#include "finisher.h"
#include "loader.h"
#include "machine.h"
#include "term.h"
#include "util.h"
#include "vcpu.h"

#define MAX_STRAY_REPORTS	8

static void vm_check_device(struct vm *vm)
{
	static const struct {
		const char *name;
		int cap;
	} needed[] = {
		{ "KVM_CAP_USER_MEMORY", KVM_CAP_USER_MEMORY },
		{ "KVM_CAP_ONE_REG", KVM_CAP_ONE_REG },
		{ "KVM_CAP_IMMEDIATE_EXIT", KVM_CAP_IMMEDIATE_EXIT },
	};
	const char *dev = vm->cfg->dev;
	int version, max;
	size_t i;

	version = ioctl(vm->dev_fd, KVM_GET_API_VERSION, 0);
	if (version < 0)
		fatal("%s: no KVM device: %s", dev, strerror(errno));
	if (version != KVM_API_VERSION)
		fatal("%s: API version %d, wanted %d", dev, version, KVM_API_VERSION);
	for (i = 0; i < ARRAY_SIZE(needed); i++)
		if (ioctl(vm->dev_fd, KVM_CHECK_EXTENSION, needed[i].cap) <= 0)
			fatal("%s: %s is missing", dev, needed[i].name);
	max = ioctl(vm->dev_fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS);
	if (max > 0 && vm->cfg->nr_cpus > (unsigned int)max)
		fatal("%s: %u vCPUs wanted, at most %d possible", dev, vm->cfg->nr_cpus, max);
}

static void vm_map_ram(struct vm *vm)
{
	const struct vm_config *cfg = vm->cfg;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	struct kvm_userspace_memory_region region = {
		.slot = 0,
		.guest_phys_addr = RAM_BASE,
		.memory_size = cfg->ram_size,
	};

	vm->map_size = cfg->ram_size;
	if (cfg->hugepage_shift) {
		/* Reserve the pages now: a shortage later would be SIGBUS. */
		flags &= ~MAP_NORESERVE;
		flags |= MAP_HUGETLB | cfg->hugepage_shift << MAP_HUGE_SHIFT;
	} else {
		/* Room to align to 2 MiB, so that transparent huge pages can serve the guest. */
		vm->map_size += SZ_2M;
	}
	vm->map = mmap(NULL, vm->map_size, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (vm->map == MAP_FAILED)
		fatal("cannot map %llu MiB of %s memory: %s",
		      (unsigned long long)(cfg->ram_size >> 20),
		      cfg->hugepage_shift ? "huge page" : "guest", strerror(errno));
	vm->ram = vm->map;
	if (!cfg->hugepage_shift)
		vm->ram = (uint8_t *)align_up((uintptr_t)vm->map, SZ_2M);
	if (cfg->transparent_hugepages && madvise(vm->ram, cfg->ram_size, MADV_HUGEPAGE))
		fatal("cannot use transparent huge pages: %s", strerror(errno));

	region.userspace_addr = (uintptr_t)vm->ram;
	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region))
		fatal("KVM_SET_USER_MEMORY_REGION: %s", strerror(errno));
}

void vm_create(struct vm *vm, const struct vm_config *cfg, int wake_fd)
{
	unsigned int i;
	int size;

	memset(vm, 0, sizeof(*vm));
	vm->cfg = cfg;
	vm->wake_fd = wake_fd;
	pthread_mutex_init(&vm->stop_lock, NULL);

	vm->dev_fd = open(cfg->dev, O_RDWR | O_CLOEXEC);
	if (vm->dev_fd < 0)
		fatal("%s: %s", cfg->dev, strerror(errno));
	vm_check_device(vm);
	vm->fd = ioctl(vm->dev_fd, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		fatal("KVM_CREATE_VM: %s", strerror(errno));
	size = ioctl(vm->dev_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < (int)sizeof(struct kvm_run))
		fatal("KVM_GET_VCPU_MMAP_SIZE: %s", size < 0 ? strerror(errno) : "too small");
	vm->run_size = size;

	vm_map_ram(vm);
	vm->vcpus = calloc(cfg->nr_cpus, sizeof(*vm->vcpus));
	if (!vm->vcpus)
		fatal("out of memory");
	for (i = 0; i < cfg->nr_cpus; i++)
		vcpu_create(&vm->vcpus[i], vm, i);

	plic_init(&vm->plic, vm);
	uart_init(&vm->uart, vm);
	loader_load(vm);
	devtree_build(vm);
	vcpu_set_boot_regs(&vm->vcpus[0], vm->kernel_entry, vm->fdt_addr);
}

void vm_start(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->cfg->nr_cpus; i++)
		vcpu_start(&vm->vcpus[i]);
}

void vm_wake_main(struct vm *vm)
{
	uint64_t one = 1;

	if (write(vm->wake_fd, &one, sizeof(one)) < 0)
		return;		/* already awake: the counter is full */
}

/* May be called by any thread; the main thread then kicks and joins the vCPUs. */
void vm_stop(struct vm *vm, enum vm_outcome outcome, int status)
{
	pthread_mutex_lock(&vm->stop_lock);
	if (!vm_is_stopping(vm)) {
		vm->status = status;
		atomic_store(&vm->outcome, outcome);
	}
	pthread_mutex_unlock(&vm->stop_lock);
	vm_wake_main(vm);
}

void vm_join(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->cfg->nr_cpus; i++)
		vcpu_kick(&vm->vcpus[i]);
	for (i = 0; i < vm->cfg->nr_cpus; i++)
		vcpu_join(&vm->vcpus[i]);
}

void vm_destroy(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->cfg->nr_cpus; i++)
		vcpu_destroy(&vm->vcpus[i]);
	free(vm->vcpus);
	plic_destroy(&vm->plic);
	uart_destroy(&vm->uart);
	close(vm->fd);
	close(vm->dev_fd);
	munmap(vm->map, vm->map_size);
	pthread_mutex_destroy(&vm->stop_lock);
}

void vm_dump_vcpus(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->cfg->nr_cpus; i++)
		vcpu_request_dump(&vm->vcpus[i]);
}

void *vm_guest_ptr(struct vm *vm, uint64_t gpa, uint64_t len)
{
	uint64_t off = gpa - RAM_BASE;

	if (gpa < RAM_BASE || len > vm->cfg->ram_size || off > vm->cfg->ram_size - len)
		return NULL;
	return vm->ram + off;
}

struct mmio_region {
	uint64_t base;
	uint64_t size;
	uint64_t (*read)(struct vm *vm, uint64_t off, unsigned int len);
	void (*write)(struct vm *vm, uint64_t off, uint64_t val, unsigned int len);
};

/* The busiest first. */
static const struct mmio_region mmio_regions[] = {
	{ UART_BASE, UART_SIZE, uart_mmio_read, uart_mmio_write },
	{ PLIC_BASE, PLIC_SIZE, plic_mmio_read, plic_mmio_write },
	{ FINISHER_BASE, FINISHER_SIZE, finisher_mmio_read, finisher_mmio_write },
};

static const struct mmio_region *find_region(struct vm *vm, const char *what, uint64_t gpa,
					     unsigned int len)
{
	const struct mmio_region *r;

	for (r = mmio_regions; r < mmio_regions + ARRAY_SIZE(mmio_regions); r++)
		if (gpa >= r->base && gpa - r->base <= r->size - len)
			return r;
	if (atomic_fetch_add(&vm->nr_stray_accesses, 1) < MAX_STRAY_REPORTS)
		report("guest %s of %u bytes at 0x%llx: no device there", what, len,
		       (unsigned long long)gpa);
	return NULL;
}

uint64_t vm_mmio_read(struct vm *vm, uint64_t gpa, unsigned int len)
{
	const struct mmio_region *r = find_region(vm, "load", gpa, len);

	return r ? r->read(vm, gpa - r->base, len) : 0;
}

void vm_mmio_write(struct vm *vm, uint64_t gpa, uint64_t val, unsigned int len)
{
	const struct mmio_region *r = find_region(vm, "store", gpa, len);

	if (r)
		r->write(vm, gpa - r->base, val, len);
}
