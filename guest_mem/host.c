// SPDX-License-Identifier: GPL-2.0-only
/*
 * Properties of the host's G-stage. All harts are assumed to be alike.
 */
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/smp.h>

#include <asm/cpufeature.h>
#include <asm/csr.h>

#include "atp.h"
#include "gstage_pt.h"
#include "host.h"
#include "tlb.h"

struct rvhv_mem_host rvhv_mem_host __ro_after_init;

static unsigned int vmid_bits_limit = 14;
module_param_named(vmid_bits, vmid_bits_limit, uint, 0444);
MODULE_PARM_DESC(vmid_bits, "Most VMID bits to use (default: all; 0: flush at every change of VM)");

static const struct {
	unsigned long mode;
	unsigned int levels;
} gstage_modes[] = {
	{ HGATP_MODE_SV57X4, 5 },
	{ HGATP_MODE_SV48X4, 4 },
	{ HGATP_MODE_SV39X4, 3 },
};

/* hgatp ignores writes of an unsupported mode. */
static bool probe_mode(struct rvhv_mem_host *host)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(gstage_modes); i++) {
		rvhv_atp_write_hgatp(gstage_modes[i].mode << HGATP_MODE_SHIFT);
		if (csr_read(CSR_HGATP) >> HGATP_MODE_SHIFT == gstage_modes[i].mode) {
			host->mode = gstage_modes[i].mode;
			host->levels = gstage_modes[i].levels;
			return true;
		}
	}
	return false;
}

static unsigned int probe_vmid_bits(const struct rvhv_mem_host *host)
{
	rvhv_atp_write_hgatp((host->mode << HGATP_MODE_SHIFT) | HGATP_VMID);
	return hweight64(csr_read(CSR_HGATP) & HGATP_VMID);
}

/*
 * With fewer VMIDs than CPUs, CPUs could end each other's generations for ever. VMID 0 is the
 * host's.
 */
static unsigned int usable_vmid_bits(unsigned int bits)
{
	bits = min(bits, vmid_bits_limit);
	return BIT(bits) > nr_cpu_ids ? bits : 0;
}

/**
 * rvhv_mem_host_init - probe the host's G-stage, at module load
 *
 * Return: 0, or -ENODEV without the H extension or a supported mode.
 */
int __init rvhv_mem_host_init(void)
{
	struct rvhv_mem_host *host = &rvhv_mem_host;
	unsigned long flags;
	bool found;

	if (!riscv_isa_extension_available(NULL, h))
		return -ENODEV;

	local_irq_save(flags);
	found = probe_mode(host);
	if (found)
		host->vmid_bits = usable_vmid_bits(probe_vmid_bits(host));
	rvhv_atp_write_hgatp(0);
	rvhv_hfence_gvma_all_local();
	local_irq_restore(flags);
	if (!found)
		return -ENODEV;

	host->gpa_bits = rvhv_gstage_gpa_bits(host->levels);
	host->svpbmt = riscv_isa_extension_available(NULL, SVPBMT);
	host->svinval = riscv_isa_extension_available(NULL, SVINVAL);
	return 0;
}
