// SPDX-License-Identifier: GPL-2.0-only
#include "vcpu.h"

#include <errno.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "dump.h"
#include "exit_status.h"
#include "isa.h"
#include "sbi.h"
#include "term.h"
#include "util.h"
#include "vm.h"

#define KICK_SIGNAL		SIGUSR1
#define KICK_AGAIN_NS		20000000L

#define CSR_SEED		0x015
#define SEED_OPST_ES16		(2UL << 30)

/* What SRST's vendor-specific reasons mean here: the status of the guest. */
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

void vcpu_create(struct vcpu *vcpu, struct vm *vm, unsigned int id)
{
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->fd = ioctl(vm->fd, KVM_CREATE_VCPU, (unsigned long)id);
	if (vcpu->fd < 0)
		fatal("KVM_CREATE_VCPU %u: %s", id, strerror(errno));
	vcpu->run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		fatal("cannot map the run structure of vCPU %u: %s", id, strerror(errno));
	isa_configure(vcpu, vm->cfg);
	sbi_configure(vcpu);
}

void vcpu_destroy(struct vcpu *vcpu)
{
	munmap(vcpu->run, vcpu->vm->run_size);
	close(vcpu->fd);
}

void vcpu_set_boot_regs(struct vcpu *vcpu, uint64_t pc, uint64_t fdt_addr)
{
	const struct {
		uint64_t reg, val;
	} boot[] = {
		{ KVM_REG_RISCV_CORE_REG(regs.pc), pc },
		{ KVM_REG_RISCV_CORE_REG(regs.a0), vcpu->id },
		{ KVM_REG_RISCV_CORE_REG(regs.a1), fdt_addr },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(boot); i++)
		if (vcpu_set_reg(vcpu, KVM_REG_RISCV_CORE | boot[i].reg, boot[i].val))
			fatal("cannot set the boot registers: %s", strerror(errno));
}

/* Needs no lock: KVM takes this ioctl while the vCPU runs, from any thread. */
void vcpu_set_external_interrupt(struct vcpu *vcpu, bool asserted)
{
	struct kvm_interrupt irq = { .irq = asserted ? KVM_INTERRUPT_SET : KVM_INTERRUPT_UNSET };

	if (ioctl(vcpu->fd, KVM_INTERRUPT, &irq)) {
		report("KVM_INTERRUPT on vCPU %u: %s", vcpu->id, strerror(errno));
		vm_stop(vcpu->vm, VM_ENDED, EXIT_GUEST_DIED);
	}
}

/* Handlers of exits return true if the guest can go on (or was stopped in good order). */
static bool handle_mmio(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	uint64_t gpa = run->mmio.phys_addr, val = 0;
	unsigned int len = run->mmio.len;

	if (len > sizeof(val))
		return false;
	if (run->mmio.is_write) {
		memcpy(&val, run->mmio.data, len);
		vm_mmio_write(vcpu->vm, gpa, val, len);
	} else {
		val = vm_mmio_read(vcpu->vm, gpa, len);
		memcpy(run->mmio.data, &val, len);
	}
	return true;
}

static bool handle_sbi(struct vcpu *vcpu)
{
	sbi_handle_call(vcpu);
	return true;
}

static bool handle_csr(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	uint16_t entropy;

	if (run->riscv_csr.csr_num != CSR_SEED ||
	    getrandom(&entropy, sizeof(entropy), 0) != sizeof(entropy))
		return false;
	run->riscv_csr.ret_value = SEED_OPST_ES16 | entropy;
	return true;
}

/* rvhv hands EID_HVC calls over this way; this monitor offers none. */
static bool handle_hypercall(struct vcpu *vcpu)
{
	vcpu->run->hypercall.ret = SBI_ERR_NOT_SUPPORTED;
	return true;
}

static int status_of_shutdown(const struct kvm_run *run)
{
	uint64_t reason = run->system_event.ndata ? run->system_event.data[0] : 0;

	if (reason >= SRST_REASON_STATUS && reason <= SRST_REASON_STATUS + 0xff)
		return reason - SRST_REASON_STATUS;
	return reason == SRST_REASON_FAILURE ? EXIT_GUEST_FAILED : EXIT_POWERED_OFF;
}

static bool handle_system_event(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	switch (run->system_event.type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		vm_stop(vcpu->vm, VM_ENDED, status_of_shutdown(run));
		return true;
	case KVM_SYSTEM_EVENT_RESET:
		vm_stop(vcpu->vm, VM_RESET, 0);
		return true;
	default:
		return false;		/* a crash, or something newer */
	}
}

static bool handle_intr(struct vcpu *vcpu)
{
	return true;
}

typedef bool (*exit_handler)(struct vcpu *vcpu);

static const exit_handler exit_handlers[] = {
	[KVM_EXIT_MMIO] = handle_mmio,
	[KVM_EXIT_HYPERCALL] = handle_hypercall,
	[KVM_EXIT_INTR] = handle_intr,
	[KVM_EXIT_SYSTEM_EVENT] = handle_system_event,
	[KVM_EXIT_RISCV_SBI] = handle_sbi,
	[KVM_EXIT_RISCV_CSR] = handle_csr,
};

static bool vcpu_handle_exit(struct vcpu *vcpu)
{
	uint32_t reason = vcpu->run->exit_reason;

	if (reason < ARRAY_SIZE(exit_handlers) && exit_handlers[reason])
		return exit_handlers[reason](vcpu);
	return false;
}

/* @err: errno of KVM_RUN, or 0 if it returned an exit that cannot be handled. */
static void vcpu_die(struct vcpu *vcpu, int err)
{
	struct vm *vm = vcpu->vm;

	if (vm_is_stopping(vm))
		return;
	vm_stop(vm, VM_ENDED, EXIT_GUEST_DIED);
	term_flush();
	dump_death(vcpu, err);
}

static void *vcpu_loop(void *arg)
{
	struct vcpu *vcpu = arg;

	while (!vm_is_stopping(vcpu->vm)) {
		if (atomic_exchange(&vcpu->wants_dump, false))
			dump_registers(vcpu);
		if (ioctl(vcpu->fd, KVM_RUN, 0)) {
			if (errno != EINTR && errno != EAGAIN) {
				vcpu_die(vcpu, errno);
				break;
			}
			/* Kicked: forget that before looking at why. */
			__atomic_store_n(&vcpu->run->immediate_exit, 0, __ATOMIC_SEQ_CST);
		} else if (!vcpu_handle_exit(vcpu)) {
			vcpu_die(vcpu, 0);
			break;
		}
	}
	return NULL;
}

static void handle_kick(int sig)
{
}

void vcpu_start(struct vcpu *vcpu)
{
	/* No SA_RESTART: a kick must end a blocked write(), too. */
	struct sigaction kick = { .sa_handler = handle_kick };
	int err;

	sigaction(KICK_SIGNAL, &kick, NULL);
	err = pthread_create(&vcpu->thread, NULL, vcpu_loop, vcpu);
	if (err)
		fatal("cannot start the thread of vCPU %u: %s", vcpu->id, strerror(err));
}

void vcpu_kick(struct vcpu *vcpu)
{
	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	pthread_kill(vcpu->thread, KICK_SIGNAL);
}

void vcpu_join(struct vcpu *vcpu)
{
	struct timespec until;

	for (;;) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += KICK_AGAIN_NS;
		if (until.tv_nsec >= 1000000000L) {
			until.tv_nsec -= 1000000000L;
			until.tv_sec++;
		}
		if (!pthread_timedjoin_np(vcpu->thread, NULL, &until))
			return;
		vcpu_kick(vcpu);
	}
}

void vcpu_request_dump(struct vcpu *vcpu)
{
	atomic_store(&vcpu->wants_dump, true);
	vcpu_kick(vcpu);
}
