// SPDX-License-Identifier: GPL-2.0-only
/* The guest's device tree */
#include "machine.h"

#include <err.h>
#include <libfdt.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define PHANDLE_PLIC		1
#define PHANDLE_CPU_INTC(cpu)	(2 + (cpu))
#define CONFIG_REG(name)	(KVM_REG_RISCV_CONFIG | KVM_REG_RISCV_CONFIG_REG(name))
#define IRQ_S_EXT		9
#define DEFAULT_BOOTARGS	"console=ttyS0 earlycon=uart8250,mmio,0x10000000"

/*
 * Indexed by KVM's numbers. Single letters are in another register. The build's headers may lack
 * extensions of the running kernel, so this table does not use their names.
 */
static const char * const isa_names[] = {
	"a", "c", "d", "f", "h", "i", "m",
	"svpbmt", "sstc", "svinval", "zihintpause", "zicbom", "zicboz", "zbb", "ssaia",
	"v", "svnapot", "zba", "zbs", "zicntr", "zicsr", "zifencei", "zihpm",
	"smstateen", "zicond", "zbc", "zbkb", "zbkc", "zbkx", "zknd", "zkne", "zknh", "zkr",
	"zksed", "zksh", "zkt", "zvbb", "zvbc", "zvkb", "zvkg", "zvkned", "zvknha", "zvknhb",
	"zvksed", "zvksh", "zvkt", "zfh", "zfhmin", "zihintntl", "zvfh", "zvfhmin", "zfa",
	"ztso", "zacas", "sscofpmf", "zimop", "zca", "zcb", "zcd", "zcf", "zcmop", "zawrs",
	"smnpm", "ssnpm", "svade", "svadu", "svvptc", "zabha", "ziccrse", "zaamo", "zalrsc",
	"zicbop", "zfbfmin", "zvfbfmin", "zvfbfwma", "zclsd", "zilsd", "zalasr",
};

static_assert(ARRAY_SIZE(isa_names) >= KVM_RISCV_ISA_EXT_MAX, "an extension has no name");

static void *fdt;

static void check(int error)
{
	if (error)
		errx(EXIT_SETUP, "cannot build the device tree: %s", fdt_strerror(error));
}

static void put(const char *name, const void *val, int len)
{
	check(fdt_property(fdt, name, val, len));
}

static void put_string(const char *name, const char *val)
{
	put(name, val, strlen(val) + 1);
}

static void put_u32(const char *name, uint32_t val)
{
	check(fdt_property_u32(fdt, name, val));
}

static void begin(const char *name)
{
	check(fdt_begin_node(fdt, name));
}

static void begin_at(const char *name, uint64_t base, uint64_t size)
{
	fdt64_t reg[2] = { cpu_to_fdt64(base), cpu_to_fdt64(size) };
	char full_name[64];

	snprintf(full_name, sizeof(full_name), "%s@%lx", name, base);
	begin(full_name);
	put("reg", reg, sizeof(reg));
}

static void end(void)
{
	check(fdt_end_node(fdt));
}

/* 0 where the register does not exist */
static uint64_t config_reg(struct vcpu *vcpu, uint64_t id)
{
	uint64_t val;

	return vcpu_get_reg(vcpu, id, &val) ? 0 : val;
}

static void put_chosen(void)
{
	uint8_t seed[64];
	char *bootargs;

	if (asprintf(&bootargs, "%s%s%s", DEFAULT_BOOTARGS, *vm.append ? " " : "", vm.append) < 0)
		err(EXIT_SETUP, "kernel parameters");
	begin("chosen");
	put_string("bootargs", bootargs);
	put_string("stdout-path", "/serial@10000000");
	if (vm.initrd) {
		check(fdt_property_u64(fdt, "linux,initrd-start", vm.initrd_start));
		check(fdt_property_u64(fdt, "linux,initrd-end", vm.initrd_end));
	}
	if (getrandom(seed, sizeof(seed), 0) == sizeof(seed))
		put("rng-seed", seed, sizeof(seed));
	end();
	free(bootargs);
}

/* Is the extension, a name of @len characters, in --without? */
static bool is_left_out(const char *name, size_t len)
{
	const char *p;

	for (p = vm.without; *p; p += strcspn(p, ","), p += *p == ',') {
		if (strcspn(p, ",") == len && !strncmp(p, name, len))
			return true;
	}
	return false;
}

static bool is_extension(const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(isa_names); i++) {
		if (strlen(isa_names[i]) == len && !strncmp(name, isa_names[i], len))
			return true;
	}
	return false;
}

static void check_left_out(void)
{
	const char *p;
	int len;

	for (p = vm.without; *p; p += len, p += *p == ',') {
		len = strcspn(p, ",");
		if (!is_extension(p, len))
			errx(EXIT_USAGE, "no such extension: %.*s", len, p);
	}
}

/* The device may be unable to disable it. The device tree omits it anyway. */
static void leave_out(struct vcpu *vcpu)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(isa_names); i++) {
		if (is_left_out(isa_names[i], strlen(isa_names[i])))
			vcpu_set_reg(vcpu, KVM_REG_RISCV_ISA_EXT | KVM_REG_RISCV_ISA_SINGLE | i, 0);
	}
}

/* The extensions: as one string, and as a list of strings */
static void put_isa(struct vcpu *vcpu)
{
	char string[1024] = "rv64", list[1024];		/* room for all of isa_names[] */
	uint64_t enabled, isa = config_reg(vcpu, CONFIG_REG(isa));
	int string_len = strlen(string), list_len = 0;
	const char *letter;
	unsigned int i;

	for (letter = "imafdqcbvh"; *letter; letter++) {
		if (!(isa & 1UL << (*letter - 'a')) || is_left_out(letter, 1))
			continue;
		string_len += sprintf(string + string_len, "%c", *letter);
		list_len += sprintf(list + list_len, "%c", *letter) + 1;
	}
	for (i = 0; i < ARRAY_SIZE(isa_names); i++) {
		/* No AIA: this machine has a PLIC. */
		if (!isa_names[i][1] || i == KVM_RISCV_ISA_EXT_SSAIA ||
		    is_left_out(isa_names[i], strlen(isa_names[i])) ||
		    vcpu_get_reg(vcpu, KVM_REG_RISCV_ISA_EXT | KVM_REG_RISCV_ISA_SINGLE | i,
				 &enabled) || !enabled)
			continue;
		string_len += sprintf(string + string_len, "_%s", isa_names[i]);
		list_len += sprintf(list + list_len, "%s", isa_names[i]) + 1;
	}
	put_string("riscv,isa", string);
	put_string("riscv,isa-base", "rv64i");
	put("riscv,isa-extensions", list, list_len);
}

static void put_block_size(const char *name, struct vcpu *vcpu, uint64_t id)
{
	uint64_t size = config_reg(vcpu, id);

	if (size)
		put_u32(name, size);
}

static void put_cpu(struct vcpu *vcpu)
{
	uint64_t satp_mode = config_reg(vcpu, CONFIG_REG(satp_mode));
	char name[16], mmu_type[32];

	snprintf(name, sizeof(name), "cpu@%x", vcpu->id);
	begin(name);
	put_string("device_type", "cpu");
	put_string("compatible", "riscv");
	put_u32("reg", vcpu->id);
	leave_out(vcpu);
	put_isa(vcpu);
	put_block_size("riscv,cbom-block-size", vcpu, CONFIG_REG(zicbom_block_size));
	put_block_size("riscv,cboz-block-size", vcpu, CONFIG_REG(zicboz_block_size));
	/* The register after satp_mode; headers of 6.12 lack it. */
	put_block_size("riscv,cbop-block-size", vcpu, CONFIG_REG(satp_mode) + 1);
	if (satp_mode >= 8 && satp_mode <= 10) {	/* Sv39, Sv48, Sv57 */
		snprintf(mmu_type, sizeof(mmu_type), "riscv,sv%lu", 39 + 9 * (satp_mode - 8));
		put_string("mmu-type", mmu_type);
	}
	begin("interrupt-controller");
	put_string("compatible", "riscv,cpu-intc");
	put_u32("#interrupt-cells", 1);
	put("interrupt-controller", NULL, 0);
	put_u32("phandle", PHANDLE_CPU_INTC(vcpu->id));
	end();
	end();
}

static void put_cpus(void)
{
	uint64_t frequency;
	unsigned int i;

	if (vcpu_get_reg(&vm.vcpus[0], KVM_REG_RISCV_TIMER | KVM_REG_RISCV_TIMER_REG(frequency),
			 &frequency))
		err(EXIT_SETUP, "cannot read the timer's frequency");
	begin("cpus");
	put_u32("#address-cells", 1);
	put_u32("#size-cells", 0);
	put_u32("timebase-frequency", frequency);
	for (i = 0; i < vm.nr_cpus; i++)
		put_cpu(&vm.vcpus[i]);
	end();
}

static void put_plic(void)
{
	fdt32_t outputs[MAX_CPUS][2];
	unsigned int i;

	for (i = 0; i < vm.nr_cpus; i++) {
		outputs[i][0] = cpu_to_fdt32(PHANDLE_CPU_INTC(i));
		outputs[i][1] = cpu_to_fdt32(IRQ_S_EXT);
	}
	begin_at("interrupt-controller", PLIC_BASE, PLIC_SIZE);
	put("compatible", "sifive,plic-1.0.0\0riscv,plic0", 30);
	put_u32("#address-cells", 0);
	put_u32("#interrupt-cells", 1);
	put("interrupt-controller", NULL, 0);
	put("interrupts-extended", outputs, vm.nr_cpus * sizeof(outputs[0]));
	put_u32("riscv,ndev", PLIC_NR_SOURCES);
	put_u32("phandle", PHANDLE_PLIC);
	end();
}

static void put_devices(void)
{
	begin_at("serial", UART_BASE, UART_SIZE);
	put_string("compatible", "ns16550a");
	put_u32("clock-frequency", UART_CLOCK);
	put_u32("interrupt-parent", PHANDLE_PLIC);
	put_u32("interrupts", UART_IRQ);
	end();
	begin_at("test", FINISHER_BASE, FINISHER_SIZE);
	put("compatible", "sifive,test1\0sifive,test0", 26);
	end();
}

void devtree_build(void)
{
	fdt = vm_guest_ptr(vm.fdt_addr, SZ_2M);
	if (!fdt)
		errx(EXIT_SETUP, "no room for the device tree in %lu MiB of guest memory",
		     vm.ram_size >> 20);
	check_left_out();
	check(fdt_create(fdt, SZ_2M));
	check(fdt_finish_reservemap(fdt));
	begin("");
	put_u32("#address-cells", 2);
	put_u32("#size-cells", 2);
	put_string("compatible", "linux,dummy-virt");
	put_string("model", "rvhv-run");
	put_chosen();
	begin_at("memory", RAM_BASE, vm.ram_size);
	put_string("device_type", "memory");
	end();
	put_cpus();
	put_plic();
	put_devices();
	end();
	check(fdt_finish(fdt));
}
