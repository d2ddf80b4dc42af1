// SPDX-License-Identifier: GPL-2.0-only
#include "devtree.h"

#include <errno.h>
#include <libfdt.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "isa.h"
#include "machine.h"
#include "plic.h"
#include "term.h"
#include "util.h"
#include "vcpu.h"
#include "vm.h"

#define PHANDLE_PLIC		1
#define PHANDLE_CPU_INTC(cpu)	(2 + (cpu))
#define IRQ_S_EXT		9
#define ISA_STRING_SIZE		1024
#define RNG_SEED_SIZE		64
#define SERIAL_PATH		"/soc/serial@10000000"
#define DEFAULT_BOOTARGS	"console=ttyS0 earlycon=uart8250,mmio,0x10000000"

/* The tree being written; the first error stays, and later calls do nothing. */
struct tree {
	void *buf;
	int err;
};

static __printf(2, 3) void tree_begin(struct tree *t, const char *fmt, ...)
{
	char name[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	if (!t->err)
		t->err = fdt_begin_node(t->buf, name);
}

static void tree_end(struct tree *t)
{
	if (!t->err)
		t->err = fdt_end_node(t->buf);
}

static void tree_put(struct tree *t, const char *name, const void *val, int len)
{
	if (!t->err)
		t->err = fdt_property(t->buf, name, val, len);
}

static void tree_put_empty(struct tree *t, const char *name)
{
	tree_put(t, name, "", 0);
}

static void tree_put_string(struct tree *t, const char *name, const char *val)
{
	tree_put(t, name, val, strlen(val) + 1);
}

static void tree_put_u32(struct tree *t, const char *name, uint32_t val)
{
	if (!t->err)
		t->err = fdt_property_u32(t->buf, name, val);
}

static void tree_put_u64(struct tree *t, const char *name, uint64_t val)
{
	if (!t->err)
		t->err = fdt_property_u64(t->buf, name, val);
}

static void tree_put_reg(struct tree *t, uint64_t base, uint64_t size)
{
	fdt64_t reg[2] = { cpu_to_fdt64(base), cpu_to_fdt64(size) };

	tree_put(t, "reg", reg, sizeof(reg));
}

/* A CONFIG register of the boot vCPU, or 0 where the kernel or the hardware has none. */
static uint64_t config_reg(struct vm *vm, uint64_t index)
{
	uint64_t val = 0;

	if (vcpu_get_reg(&vm->vcpus[0], KVM_REG_RISCV_CONFIG | index, &val))
		return 0;
	return val;
}

static void put_chosen(struct tree *t, struct vm *vm)
{
	const char *append = vm->cfg->append ? vm->cfg->append : "";
	size_t size = sizeof(DEFAULT_BOOTARGS) + 1 + strlen(append);
	uint8_t seed[RNG_SEED_SIZE];
	char *bootargs = malloc(size);

	if (!bootargs)
		fatal("out of memory");
	snprintf(bootargs, size, "%s%s%s", DEFAULT_BOOTARGS, *append ? " " : "", append);
	tree_begin(t, "chosen");
	tree_put_string(t, "bootargs", bootargs);
	tree_put_string(t, "stdout-path", SERIAL_PATH);
	if (vm->initrd_end) {
		tree_put_u64(t, "linux,initrd-start", vm->initrd_start);
		tree_put_u64(t, "linux,initrd-end", vm->initrd_end);
	}
	if (getrandom(seed, sizeof(seed), 0) == sizeof(seed))
		tree_put(t, "rng-seed", seed, sizeof(seed));
	tree_end(t);
	free(bootargs);
}

static void put_memory(struct tree *t, struct vm *vm)
{
	tree_begin(t, "memory@%lx", RAM_BASE);
	tree_put_string(t, "device_type", "memory");
	tree_put_reg(t, RAM_BASE, vm->cfg->ram_size);
	tree_end(t);
}

/* Extensions by name, once as one string and once as a list of strings. */
static void put_isa(struct tree *t, struct vcpu *vcpu)
{
	char string[ISA_STRING_SIZE], list[ISA_STRING_SIZE], letters[32];
	int string_len, list_len = 0;
	const char *name;
	unsigned int i;

	isa_letters(vcpu, letters);
	string_len = snprintf(string, sizeof(string), "rv64%s", letters);
	for (i = 0; letters[i]; i++)
		list_len += sprintf(list + list_len, "%c", letters[i]) + 1;
	/* All the names together are far shorter than the buffers. */
	for (i = 0; i < isa_count(); i++) {
		name = isa_enabled_name(vcpu, i);
		if (!name || !name[1])
			continue;
		string_len += snprintf(string + string_len, sizeof(string) - string_len, "_%s",
				       name);
		list_len += sprintf(list + list_len, "%s", name) + 1;
	}
	tree_put_string(t, "riscv,isa", string);
	tree_put_string(t, "riscv,isa-base", "rv64i");
	tree_put(t, "riscv,isa-extensions", list, list_len);
}

static void put_block_sizes(struct tree *t, struct vm *vm)
{
	static const struct {
		const char *name;
		unsigned int index;
	} sizes[] = {
		{ "riscv,cbom-block-size", KVM_REG_RISCV_CONFIG_REG(zicbom_block_size) },
		{ "riscv,cboz-block-size", KVM_REG_RISCV_CONFIG_REG(zicboz_block_size) },
		/* Newer than the headers of 6.12: the one after satp_mode. */
		{ "riscv,cbop-block-size", KVM_REG_RISCV_CONFIG_REG(satp_mode) + 1 },
	};
	uint64_t size;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size = config_reg(vm, sizes[i].index);
		if (size)
			tree_put_u32(t, sizes[i].name, size);
	}
}

static void put_mmu_type(struct tree *t, struct vm *vm)
{
	static const char * const types[] = {
		[8] = "riscv,sv39", [9] = "riscv,sv48", [10] = "riscv,sv57",
	};
	uint64_t mode = config_reg(vm, KVM_REG_RISCV_CONFIG_REG(satp_mode));

	if (mode < ARRAY_SIZE(types) && types[mode])
		tree_put_string(t, "mmu-type", types[mode]);
}

static void put_cpu(struct tree *t, struct vm *vm, unsigned int cpu)
{
	tree_begin(t, "cpu@%x", cpu);
	tree_put_string(t, "device_type", "cpu");
	tree_put_string(t, "compatible", "riscv");
	tree_put_string(t, "status", "okay");
	tree_put_u32(t, "reg", cpu);
	put_mmu_type(t, vm);
	put_isa(t, &vm->vcpus[cpu]);
	put_block_sizes(t, vm);
	tree_begin(t, "interrupt-controller");
	tree_put_string(t, "compatible", "riscv,cpu-intc");
	tree_put_u32(t, "#interrupt-cells", 1);
	tree_put_empty(t, "interrupt-controller");
	tree_put_u32(t, "phandle", PHANDLE_CPU_INTC(cpu));
	tree_end(t);
	tree_end(t);
}

static void put_cpus(struct tree *t, struct vm *vm)
{
	uint64_t frequency;
	unsigned int i;

	if (vcpu_get_reg(&vm->vcpus[0], KVM_REG_RISCV_TIMER |
			 KVM_REG_RISCV_TIMER_REG(frequency), &frequency))
		fatal("cannot read the timer's frequency: %s", strerror(errno));
	tree_begin(t, "cpus");
	tree_put_u32(t, "#address-cells", 1);
	tree_put_u32(t, "#size-cells", 0);
	tree_put_u32(t, "timebase-frequency", frequency);
	for (i = 0; i < vm->cfg->nr_cpus; i++)
		put_cpu(t, vm, i);
	tree_end(t);
}

static void put_plic(struct tree *t, struct vm *vm)
{
	unsigned int i, nr_cpus = vm->cfg->nr_cpus;
	fdt32_t *outputs = calloc(nr_cpus, 2 * sizeof(*outputs));

	if (!outputs)
		fatal("out of memory");
	for (i = 0; i < nr_cpus; i++) {
		outputs[2 * i] = cpu_to_fdt32(PHANDLE_CPU_INTC(i));
		outputs[2 * i + 1] = cpu_to_fdt32(IRQ_S_EXT);
	}
	tree_begin(t, "interrupt-controller@%lx", PLIC_BASE);
	tree_put(t, "compatible", "sifive,plic-1.0.0\0riscv,plic0", 30);
	tree_put_reg(t, PLIC_BASE, PLIC_SIZE);
	tree_put_u32(t, "#address-cells", 0);
	tree_put_u32(t, "#interrupt-cells", 1);
	tree_put_empty(t, "interrupt-controller");
	tree_put(t, "interrupts-extended", outputs, nr_cpus * 2 * sizeof(*outputs));
	tree_put_u32(t, "riscv,ndev", PLIC_NR_SOURCES);
	tree_put_u32(t, "phandle", PHANDLE_PLIC);
	tree_end(t);
	free(outputs);
}

static void put_uart(struct tree *t)
{
	tree_begin(t, "serial@%lx", UART_BASE);
	tree_put_string(t, "compatible", "ns16550a");
	tree_put_reg(t, UART_BASE, UART_SIZE);
	tree_put_u32(t, "clock-frequency", UART_CLOCK);
	tree_put_u32(t, "current-speed", UART_DEFAULT_BAUD);
	tree_put_u32(t, "interrupt-parent", PHANDLE_PLIC);
	tree_put_u32(t, "interrupts", UART_IRQ);
	tree_end(t);
}

static void put_finisher(struct tree *t)
{
	tree_begin(t, "test@%lx", FINISHER_BASE);
	tree_put(t, "compatible", "sifive,test1\0sifive,test0", 26);
	tree_put_reg(t, FINISHER_BASE, FINISHER_SIZE);
	tree_end(t);
}

static void put_root(struct tree *t, struct vm *vm)
{
	tree_begin(t, "%s", "");
	tree_put_u32(t, "#address-cells", 2);
	tree_put_u32(t, "#size-cells", 2);
	tree_put_string(t, "compatible", "linux,dummy-virt");
	tree_put_string(t, "model", "rvhv-run");
	put_chosen(t, vm);
	put_memory(t, vm);
	put_cpus(t, vm);
	tree_begin(t, "soc");
	tree_put_string(t, "compatible", "simple-bus");
	tree_put_u32(t, "#address-cells", 2);
	tree_put_u32(t, "#size-cells", 2);
	tree_put_empty(t, "ranges");
	put_plic(t, vm);
	put_uart(t);
	put_finisher(t);
	tree_end(t);
	tree_end(t);
}

void devtree_build(struct vm *vm)
{
	/* The loader leaves this much before the initrd. */
	struct tree t = { .buf = vm_guest_ptr(vm, vm->fdt_addr, SZ_2M) };

	if (!t.buf)
		fatal("no room for the device tree in %llu MiB of guest memory",
		      (unsigned long long)(vm->cfg->ram_size >> 20));
	t.err = fdt_create(t.buf, SZ_2M);
	if (!t.err)
		t.err = fdt_finish_reservemap(t.buf);
	put_root(&t, vm);
	if (!t.err)
		t.err = fdt_finish(t.buf);
	if (t.err)
		fatal("cannot build the device tree: %s", fdt_strerror(t.err));
}
