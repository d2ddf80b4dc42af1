// SPDX-License-Identifier: GPL-2.0-only
/*
 * RAM from the bottom: the kernel at its text offset, then, each at the next 2 MiB, the device tree
 * (room of 2 MiB) and the initrd.
 */
#include "loader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine.h"
#include "term.h"
#include "util.h"
#include "vm.h"

/* Documentation/arch/riscv/boot-image-header.rst */
struct image_header {
	uint32_t code[2];
	uint64_t text_offset;
	uint64_t image_size;
	uint64_t flags;
	uint32_t version;
	uint32_t res1;
	uint64_t res2;
	uint64_t magic;
	uint32_t magic2;
	uint32_t res3;
};

#define IMAGE_MAGIC2		0x05435352U	/* "RSC\x05" */
#define IMAGE_BIG_ENDIAN	1

static int open_file(const char *path, uint64_t *size)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st))
		fatal("%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		fatal("%s: not a regular file", path);
	*size = st.st_size;
	return fd;
}

static void read_file(struct vm *vm, const char *path, int fd, uint64_t gpa, uint64_t size)
{
	uint8_t *dst = vm_guest_ptr(vm, gpa, size);
	ssize_t n;

	if (!dst)
		fatal("%s: does not fit into %llu MiB of guest memory", path,
		      (unsigned long long)(vm->cfg->ram_size >> 20));
	while (size) {
		n = read(fd, dst, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			fatal("%s: %s", path, n ? strerror(errno) : "file became shorter");
		dst += n;
		size -= n;
	}
}

static void check_header(const char *path, const struct image_header *h, uint64_t file_size)
{
	const uint8_t *first = (const uint8_t *)h->code;

	if (file_size >= sizeof(*h) && h->magic2 == IMAGE_MAGIC2) {
		if (h->flags & IMAGE_BIG_ENDIAN)
			fatal("%s: a big-endian kernel", path);
		if (h->text_offset % SZ_4K)
			fatal("%s: text offset 0x%llx is not aligned", path,
			      (unsigned long long)h->text_offset);
		return;
	}
	if (first[0] == 0x1f && first[1] == 0x8b)
		fatal("%s: compressed; give the flat Image (gunzip it first)", path);
	fatal("%s: not a RISC-V kernel Image", path);
}

/* Returns the end of the kernel, BSS included. */
static uint64_t load_kernel(struct vm *vm, const char *path)
{
	struct image_header h = { 0 };
	uint64_t file_size, size;
	int fd = open_file(path, &file_size);

	if (pread(fd, &h, sizeof(h), 0) < 0)
		fatal("%s: %s", path, strerror(errno));
	check_header(path, &h, file_size);
	size = h.image_size > file_size ? h.image_size : file_size;
	if (h.text_offset > vm->cfg->ram_size ||
	    !vm_guest_ptr(vm, RAM_BASE + h.text_offset, size))
		fatal("%s: does not fit into %llu MiB of guest memory", path,
		      (unsigned long long)(vm->cfg->ram_size >> 20));
	vm->kernel_entry = RAM_BASE + h.text_offset;
	read_file(vm, path, fd, vm->kernel_entry, file_size);
	close(fd);
	return vm->kernel_entry + size;
}

void loader_load(struct vm *vm)
{
	const char *initrd = vm->cfg->initrd;
	uint64_t size;
	int fd;

	vm->fdt_addr = align_up(load_kernel(vm, vm->cfg->kernel), SZ_2M);
	if (!initrd)
		return;
	fd = open_file(initrd, &size);
	vm->initrd_start = vm->fdt_addr + SZ_2M;
	vm->initrd_end = vm->initrd_start + size;
	read_file(vm, initrd, fd, vm->initrd_start, size);
	close(fd);
}
