// SPDX-License-Identifier: GPL-2.0-only
#include "isa.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "term.h"
#include "util.h"
#include "vcpu.h"
#include "vm.h"

/*
 * By number, which is KVM's ABI. A table of one's own, since the headers of a build may know fewer
 * extensions than the kernel that the program meets.
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

static uint64_t isa_reg(unsigned int ext)
{
	return KVM_REG_RISCV_ISA_EXT | KVM_REG_RISCV_ISA_SINGLE | ext;
}

unsigned int isa_count(void)
{
	return ARRAY_SIZE(isa_names);
}

static int isa_find(const char *name, size_t len)
{
	unsigned int ext;

	for (ext = 0; ext < ARRAY_SIZE(isa_names); ext++)
		if (!strncmp(isa_names[ext], name, len) && !isa_names[ext][len])
			return ext;
	return -1;
}

bool isa_parse_change(struct vm_config *cfg, const char *arg)
{
	size_t len = strcspn(arg, "=");
	int ext = isa_find(arg, len);
	struct isa_change *change;

	if (ext < 0 || cfg->nr_isa_changes == MAX_ISA_CHANGES)
		return false;
	change = &cfg->isa_changes[cfg->nr_isa_changes++];
	change->ext = ext;
	change->enable = !arg[len] || !strcmp(arg + len, "=on");
	return change->enable || !strcmp(arg + len, "=off");
}

void isa_configure(struct vcpu *vcpu, const struct vm_config *cfg)
{
	const struct isa_change *change = cfg->isa_changes;
	unsigned int i;

	for (i = 0; i < cfg->nr_isa_changes; i++, change++)
		if (vcpu_set_reg(vcpu, isa_reg(change->ext), change->enable))
			fatal("%s: cannot turn %s %s: %s", cfg->dev, isa_names[change->ext],
			      change->enable ? "on" : "off", strerror(errno));
	/* Not all hosts can turn it off; then it is just not in the device tree. */
	vcpu_set_reg(vcpu, isa_reg(KVM_RISCV_ISA_EXT_SSAIA), 0);
}

const char *isa_enabled_name(struct vcpu *vcpu, unsigned int ext)
{
	uint64_t enabled;

	/* This machine has a PLIC, and no AIA. */
	if (ext == KVM_RISCV_ISA_EXT_SSAIA)
		return NULL;
	if (vcpu_get_reg(vcpu, isa_reg(ext), &enabled) || !enabled)
		return NULL;
	return isa_names[ext];
}

void isa_letters(struct vcpu *vcpu, char *buf)
{
	static const char order[] = "imafdqlcbkjtpvnsuh";
	const char *letter;
	uint64_t isa;

	if (vcpu_get_reg(vcpu, KVM_REG_RISCV_CONFIG | KVM_REG_RISCV_CONFIG_REG(isa), &isa))
		fatal("cannot read the ISA of vCPU %u: %s", vcpu->id, strerror(errno));
	for (letter = order; *letter; letter++)
		if (isa & 1UL << (*letter - 'a'))
			*buf++ = *letter;
	*buf = '\0';
}
