// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads kernel and initrd. RAM has the kernel at its text offset, then the device tree (2 MiB) and
 * the initrd, each aligned to 2 MiB.
 */
#include "machine.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Documentation/arch/riscv/boot-image-header.rst */
struct image_header {
	uint8_t code[8];
	uint64_t text_offset, image_size, flags;
	uint32_t version, res1;
	uint64_t res2, magic;
	uint32_t magic2, res3;
};

#define IMAGE_MAGIC2		0x05435352U	/* "RSC\x05" */

static int open_file(const char *path, uint64_t *size)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st))
		err(EXIT_SETUP, "%s", path);
	if (!S_ISREG(st.st_mode))
		errx(EXIT_SETUP, "%s: not a regular file", path);
	*size = st.st_size;
	return fd;
}

/* @room: the file's size in memory, at least @size */
static void read_file(const char *path, int fd, uint64_t gpa, uint64_t size, uint64_t room)
{
	uint8_t *dst = vm_guest_ptr(gpa, room);
	ssize_t n;

	if (!dst)
		errx(EXIT_SETUP, "%s: does not fit into %lu MiB of guest memory", path,
		     vm.ram_size >> 20);
	for (; size; size -= n, dst += n) {
		n = read(fd, dst, size);
		if (n < 0)
			err(EXIT_SETUP, "%s", path);
		if (!n)
			errx(EXIT_SETUP, "%s: the file became shorter", path);
	}
	close(fd);
}

static void check_header(const char *path, const struct image_header *h)
{
	if (h->code[0] == 0x1f && h->code[1] == 0x8b)
		errx(EXIT_SETUP, "%s: compressed; give the flat Image (gunzip it first)", path);
	if (h->magic2 != IMAGE_MAGIC2)
		errx(EXIT_SETUP, "%s: not a RISC-V kernel Image", path);
	if (h->text_offset % SZ_4K || h->text_offset > vm.ram_size)
		errx(EXIT_SETUP, "%s: bad text offset 0x%lx", path, h->text_offset);
}

void loader_load(void)
{
	struct image_header h = { 0 };
	uint64_t size, room;
	int fd;

	fd = open_file(vm.kernel, &size);
	if (pread(fd, &h, sizeof(h), 0) < 0)
		err(EXIT_SETUP, "%s", vm.kernel);
	check_header(vm.kernel, &h);
	room = h.image_size > size ? h.image_size : size;	/* with BSS */
	vm.kernel_entry = RAM_BASE + h.text_offset;
	read_file(vm.kernel, fd, vm.kernel_entry, size, room);
	vm.fdt_addr = (vm.kernel_entry + room + SZ_2M - 1) & -SZ_2M;
	if (!vm.initrd)
		return;
	fd = open_file(vm.initrd, &size);
	vm.initrd_start = vm.fdt_addr + SZ_2M;
	vm.initrd_end = vm.initrd_start + size;
	read_file(vm.initrd, fd, vm.initrd_start, size, size);
}
