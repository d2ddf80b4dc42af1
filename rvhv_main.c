// SPDX-License-Identifier: GPL-2.0-only
/* Module init and exit, the device nodes, and hypervisor mode on each CPU. */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <asm/cpufeature.h>
#include <asm/sbi.h>

#include "guest_mem/host.h"
#include "guest_mem/translation.h"
#include "include/compat.h"
#include "include/rvhv_arch.h"
#include "rvhv_version.h"
#include "sbi/console.h"
#include "uapi/ioctl_tables.h"
#include "uapi/stats_fd.h"
#include "vcpu/exit.h"
#include "vcpu/load.h"
#include "vcpu/vcpu.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static bool kvm_node;
module_param(kvm_node, bool, 0444);
MODULE_PARM_DESC(kvm_node, "Also provide /dev/kvm");

static void hypervisor_mode_enable(void)
{
	rvhv_translation_enable_cpu();
	csr_write(CSR_HIDELEG, RVHV_VS_IRQS);
	csr_write(CSR_HCOUNTEREN, RVHV_HCOUNTEREN);
	csr_write(CSR_HVIP, 0);
}

static void hypervisor_mode_disable(void)
{
	/* First: with hideleg clear, a pending enabled VS interrupt would trap to the host */
	csr_write(CSR_VSIE, 0);
	csr_write(CSR_HVIP, 0);
	rvhv_translation_disable_cpu();
	csr_write(CSR_HEDELEG, 0);
	csr_write(CSR_HIDELEG, 0);
}

static int cpu_start(unsigned int cpu)
{
	hypervisor_mode_enable();
	return 0;
}

static int cpu_stop(unsigned int cpu)
{
	hypervisor_mode_disable();
	return 0;
}

/* Suspend takes the other CPUs through hotplug. */
static int last_cpu_suspend(RVHV_SYSCORE_ARG)
{
	hypervisor_mode_disable();
	return 0;
}

static void last_cpu_resume(RVHV_SYSCORE_ARG)
{
	hypervisor_mode_enable();
}

RVHV_DEFINE_SYSCORE(rvhv_syscore, last_cpu_suspend, last_cpu_resume);

static struct miscdevice rvhv_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "rvhv",
	.mode = 0660,
	.fops = &rvhv_dev_fops,
};

/* Initialisation is complete: files may be opened */
static bool ready;

static int kvm_minor_open(struct inode *inode, struct file *file)
{
	/* Pairs with the end of rvhv_init() */
	if (!kvm_node || !smp_load_acquire(&ready))
		return -EBUSY;
	/* replace_fops() drops the reference that kvm_minor_fops holds to the module */
	replace_fops(file, fops_get(&rvhv_dev_fops));
	return file->f_op->open(inode, file);
}

static const struct file_operations kvm_minor_fops = {
	.owner = THIS_MODULE,
	.open = kvm_minor_open,
};

/*
 * rvhv.ko and kvm.ko would use the same VMIDs and CSRs. Both register KVM's minor, which succeeds
 * for one of them.
 */
static struct miscdevice kvm_misc = {
	.minor = KVM_MINOR,
	.name = "rvhv-kvm-minor",
	.mode = 0600,
	.fops = &kvm_minor_fops,
};

static void print_host(void)
{
	static const char * const modes[] = { "?", "?", "?", "Sv39x4", "Sv48x4", "Sv57x4" };

#define HAS(ext)	(riscv_isa_extension_available(NULL, ext) ? " " #ext : "")
	pr_info("H%s%s%s%s%s%s%s%s, G-stage %s, %u VMID bits\n",
		HAS(SSTC), HAS(v), HAS(f), HAS(d), HAS(SVPBMT), HAS(SVINVAL), HAS(ZICBOM),
		HAS(ZICBOZ), modes[rvhv_mem_host.levels], rvhv_mem_host.vmid_bits);
#undef HAS
}

static int check_host(void)
{
	if (!riscv_isa_extension_available(NULL, h)) {
		pr_err("this host has no H extension\n");
		return -ENODEV;
	}
	if (sbi_spec_is_0_1() || !sbi_probe_extension(SBI_EXT_RFENCE)) {
		pr_err("the firmware lacks SBI RFENCE\n");
		return -ENODEV;
	}
	return 0;
}

static int __init rvhv_init(void)
{
	int ret;

	ret = check_host();
	if (ret)
		return ret;

	if (kvm_node) {
		kvm_misc.name = "kvm";
		kvm_misc.mode = 0660;
	}
	ret = misc_register(&kvm_misc);
	if (ret) {
		if (ret == -EBUSY)
			pr_err("KVM owns this host's hypervisor extension: unload kvm first\n");
		return ret;
	}

	ret = rvhv_mem_host_init();
	if (ret)
		goto err_host;
	rvhv_stats_module_init();
	ret = rvhv_vcpu_module_init();
	if (ret)
		goto err_vcpu;
	ret = rvhv_console_module_init();
	if (ret)
		goto err_console;

	/*
	 * KVM's hotplug state: its teardown runs when no thread is left on the CPU. kvm.ko
	 * registers its minor last, but fails here, before it writes CSRs.
	 */
	ret = cpuhp_setup_state(CPUHP_AP_KVM_ONLINE, "virt/rvhv:online", cpu_start, cpu_stop);
	if (ret)
		goto err_cpuhp;
	rvhv_register_syscore(&rvhv_syscore);

	ret = misc_register(&rvhv_misc);
	if (ret)
		goto err_misc;
	print_host();
	/* Pairs with kvm_minor_open() */
	smp_store_release(&ready, true);
	return 0;

err_misc:
	rvhv_unregister_syscore(&rvhv_syscore);
	cpuhp_remove_state(CPUHP_AP_KVM_ONLINE);
err_cpuhp:
	rvhv_console_module_exit();
err_console:
	rvhv_vcpu_module_exit();
err_vcpu:
	rvhv_mem_host_exit();
err_host:
	misc_deregister(&kvm_misc);
	return ret;
}

static void __exit rvhv_exit(void)
{
	misc_deregister(&rvhv_misc);
	rvhv_unregister_syscore(&rvhv_syscore);
	cpuhp_remove_state(CPUHP_AP_KVM_ONLINE);
	rvhv_console_module_exit();
	rvhv_vcpu_module_exit();
	rvhv_mem_host_exit();
	misc_deregister(&kvm_misc);
}

module_init(rvhv_init);
module_exit(rvhv_exit);

MODULE_DESCRIPTION("Hypervisor for RISC-V hosts with the H extension, with KVM's ioctls");
MODULE_AUTHOR("The rvhv authors");
MODULE_LICENSE("GPL");
