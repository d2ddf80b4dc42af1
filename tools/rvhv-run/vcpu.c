// SPDX-License-Identifier: GPL-2.0-only
#include "csr.h"
#include "machine.h"

#include <err.h>
#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>

#define CORE_REG(name)		(KVM_REG_RISCV_CORE | KVM_REG_RISCV_CORE_REG(name))

#define SEED_OPST_ES16		(2UL << 30)

/* Vendor-specific reasons of SRST: the guest's exit status */
#define SRST_REASON_FAILURE	1
#define SRST_REASON_STATUS	0xf0000000UL

int vcpu_get_reg(struct vcpu *vcpu, uint64_t id, uint64_t *val)
{
	struct kvm_one_reg reg = {
		.id = KVM_REG_RISCV | KVM_REG_SIZE_U64 | id,
		.addr = (uintptr_t)val,
	};

	return ioctl(vcpu->fd, KVM_GET_ONE_REG, &reg);
}

int vcpu_set_reg(struct vcpu *vcpu, uint64_t id, uint64_t val)
{
	struct kvm_one_reg reg = {
		.id = KVM_REG_RISCV | KVM_REG_SIZE_U64 | id,
		.addr = (uintptr_t)&val,
	};

	return ioctl(vcpu->fd, KVM_SET_ONE_REG, &reg);
}

void vcpu_create(struct vcpu *vcpu, unsigned int id)
{
	vcpu->id = id;
	vcpu->fd = ioctl(vm.fd, KVM_CREATE_VCPU, (unsigned long)id);
	if (vcpu->fd < 0)
		err(EXIT_SETUP, "KVM_CREATE_VCPU %u", id);
	vcpu->run = mmap(NULL, vm.run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		err(EXIT_SETUP, "cannot map the run structure of vCPU %u", id);
	if (vm.nested && vcpu_set_reg(vcpu, KVM_REG_RISCV_ISA_EXT | KVM_REG_RISCV_ISA_SINGLE |
				      KVM_RISCV_ISA_EXT_H, 1))
		err(EXIT_SETUP, "%s gives guests no H extension", vm.dev);
	/*
	 * A device may refuse either. Without the debug console the guest still has its UART, and
	 * an AIA that stays on is just not in the device tree.
	 */
	vcpu_set_reg(vcpu, KVM_REG_RISCV_SBI_EXT | KVM_REG_RISCV_SBI_SINGLE |
		     KVM_RISCV_SBI_EXT_DBCN, 1);
	vcpu_set_reg(vcpu, KVM_REG_RISCV_ISA_EXT | KVM_REG_RISCV_ISA_SINGLE |
		     KVM_RISCV_ISA_EXT_SSAIA, 0);
}

/* Allowed from any thread while the vCPU runs */
void vcpu_set_external_interrupt(struct vcpu *vcpu, bool asserted)
{
	struct kvm_interrupt irq = { .irq = asserted ? KVM_INTERRUPT_SET : KVM_INTERRUPT_UNSET };

	if (ioctl(vcpu->fd, KVM_INTERRUPT, &irq))
		err(EXIT_GUEST_DIED, "KVM_INTERRUPT on vCPU %u", vcpu->id);
}

static int status_of_shutdown(const struct kvm_run *run)
{
	uint64_t reason = run->system_event.ndata ? run->system_event.data[0] : 0;

	if (reason >= SRST_REASON_STATUS && reason <= SRST_REASON_STATUS + 0xff)
		return reason - SRST_REASON_STATUS;
	return reason == SRST_REASON_FAILURE ? EXIT_GUEST_FAILED : EXIT_POWERED_OFF;
}

/* False if the guest cannot continue */
static bool handle_exit(struct kvm_run *run)
{
	switch (run->exit_reason) {
	case KVM_EXIT_MMIO:
		vm_access_device(run->mmio.phys_addr, run->mmio.data, run->mmio.len,
				 run->mmio.is_write);
		return true;
	case KVM_EXIT_RISCV_SBI:
		sbi_handle_call(run);
		return true;
	case KVM_EXIT_RISCV_CSR:
		run->riscv_csr.ret_value = SEED_OPST_ES16;	/* and 16 bits of entropy */
		return run->riscv_csr.csr_num == CSR_SEED &&
		       getrandom(&run->riscv_csr.ret_value, 2, 0) == 2;
	case KVM_EXIT_HYPERCALL:
		/* No hypercalls here */
		run->hypercall.ret = SBI_ERR_NOT_SUPPORTED;
		return true;
	case KVM_EXIT_SYSTEM_EVENT:
		if (run->system_event.type == KVM_SYSTEM_EVENT_SHUTDOWN)
			vm_end(status_of_shutdown(run));
		if (run->system_event.type == KVM_SYSTEM_EVENT_RESET)
			vm_reset();
		return false;		/* a crash, or an unknown exit */
	default:
		return false;
	}
}

static void *vcpu_loop(void *arg)
{
	struct vcpu *vcpu = arg;
	int error;

	for (;;) {
		error = ioctl(vcpu->fd, KVM_RUN, 0) ? errno : 0;
		if (error == EINTR || error == EAGAIN)
			continue;
		if (!error && handle_exit(vcpu->run))
			continue;
		vm_win_the_end();
		dump_death(vcpu, error);
		exit(EXIT_GUEST_DIED);
	}
}

void vcpu_start(struct vcpu *vcpu)
{
	pthread_t thread;

	/* The kernel ignores these for all but the first vCPU. */
	if (vcpu_set_reg(vcpu, CORE_REG(regs.pc), vm.kernel_entry) ||
	    vcpu_set_reg(vcpu, CORE_REG(regs.a0), vcpu->id) ||
	    vcpu_set_reg(vcpu, CORE_REG(regs.a1), vm.fdt_addr))
		err(EXIT_SETUP, "cannot set the boot registers of vCPU %u", vcpu->id);
	errno = pthread_create(&thread, NULL, vcpu_loop, vcpu);
	if (errno)
		err(EXIT_SETUP, "cannot start the thread of vCPU %u", vcpu->id);
}
