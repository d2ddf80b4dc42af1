// SPDX-License-Identifier: GPL-2.0-only
/*
 * Properties of the host's G-stage. All harts are assumed to be alike.
 */
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/minmax.h>
#include <linux/mm.h>
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

static unsigned int vmid_bits_limit = RVHV_MAX_VMID_BITS;
module_param_named(vmid_bits, vmid_bits_limit, uint, 0444);
MODULE_PARM_DESC(vmid_bits, "Most VMID bits to use (default: all; 0: flush at each load of a vCPU)");

static const struct {
	unsigned long mode;
	unsigned int levels;
} gstage_modes[] = {
	{ HGATP_MODE_SV57X4, 5 },
	{ HGATP_MODE_SV48X4, 4 },
	{ HGATP_MODE_SV39X4, 3 },
};

static const struct {
	unsigned long mode;
	unsigned int levels;
} vs_modes[] = {
	{ SATP_MODE_57 >> SATP_MODE_SHIFT, 5 },
	{ SATP_MODE_48 >> SATP_MODE_SHIFT, 4 },
	{ SATP_MODE_39 >> SATP_MODE_SHIFT, 3 },
};

static void *parked_root;

/* hgatp ignores writes of an unsupported mode. */
static bool probe_mode(struct rvhv_mem_host *host)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(gstage_modes); i++) {
		unsigned long hgatp = (gstage_modes[i].mode << HGATP_MODE_SHIFT) |
				      PHYS_PFN(__pa(parked_root));

		rvhv_atp_write_hgatp(hgatp);
		if (csr_read(CSR_HGATP) >> HGATP_MODE_SHIFT == gstage_modes[i].mode) {
			host->mode = gstage_modes[i].mode;
			host->levels = gstage_modes[i].levels;
			host->parked = hgatp;
			return true;
		}
	}
	return false;
}

static unsigned int probe_vmid_bits(const struct rvhv_mem_host *host)
{
	unsigned int bits;

	rvhv_atp_write_hgatp(host->parked | HGATP_VMID);
	bits = hweight64(csr_read(CSR_HGATP) & HGATP_VMID);
	rvhv_atp_write_hgatp(host->parked);
	return bits;
}

/* vsatp ignores them too. Its modes are not those that the host's kernel uses. */
static unsigned int probe_vs_levels(void)
{
	unsigned int i, levels = 0;

	for (i = 0; i < ARRAY_SIZE(vs_modes) && !levels; i++) {
		rvhv_atp_open((vs_modes[i].mode << SATP_MODE_SHIFT) | PHYS_PFN(__pa(parked_root)));
		if (rvhv_atp_close() >> SATP_MODE_SHIFT == vs_modes[i].mode)
			levels = vs_modes[i].levels;
	}
	return levels;
}

/*
 * With fewer VMIDs than CPUs, CPUs could end each other's generations for ever. VMID 0 is that of
 * parked harts.
 */
static unsigned int usable_vmid_bits(unsigned int bits)
{
	bits = min3(bits, vmid_bits_limit, RVHV_MAX_VMID_BITS);
	return BIT(bits) > nr_cpu_ids ? bits : 0;
}

/**
 * rvhv_mem_host_init - probe the host's G-stage, at module load
 *
 * Return: 0, -ENOMEM, or -ENODEV without the H extension or a supported mode.
 */
int __init rvhv_mem_host_init(void)
{
	struct rvhv_mem_host *host = &rvhv_mem_host;
	unsigned long flags;
	bool found;

	if (!riscv_isa_extension_available(NULL, h))
		return -ENODEV;
	parked_root = (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, RVHV_GSTAGE_ROOT_ORDER);
	if (!parked_root)
		return -ENOMEM;

	local_irq_save(flags);
	rvhv_atp_close();
	found = probe_mode(host);
	if (found) {
		host->vmid_bits = usable_vmid_bits(probe_vmid_bits(host));
		host->vs_levels = probe_vs_levels();
	}
	rvhv_atp_write_hgatp(0);
	rvhv_hfence_gvma_all_local();
	local_irq_restore(flags);
	if (!found) {
		rvhv_mem_host_exit();
		return -ENODEV;
	}

	host->gpa_bits = rvhv_gstage_gpa_bits(host->levels);
	host->svpbmt = riscv_isa_extension_available(NULL, SVPBMT);
	host->svinval = riscv_isa_extension_available(NULL, SVINVAL);
	return 0;
}

/**
 * rvhv_mem_host_exit - undo rvhv_mem_host_init()
 *
 * Context: no CPU is enabled.
 */
void rvhv_mem_host_exit(void)
{
	free_pages((unsigned long)parked_root, RVHV_GSTAGE_ROOT_ORDER);
}
