// SPDX-License-Identifier: GPL-2.0-only
#include "l2.h"

#include <string.h>

/* ---- tables ---- */

uint64_t *l2_at(struct l2_tables *t, uint64_t gpa)
{
	return (uint64_t *)((char *)t->vm->mem + (gpa - RVM_BASE));
}

uint64_t l2_new_table(struct l2_tables *t)
{
	uint64_t gpa = t->next;

	t->next += RVM_PAGE;
	if (t->next > t->end)
		rvm_die("no room for the L1's tables");
	memset(l2_at(t, gpa), 0, RVM_PAGE);
	return gpa;
}

void l2_tables_init(struct l2_tables *t, struct rvm *vm, unsigned long mode, uint64_t root,
		    uint64_t end)
{
	*t = (struct l2_tables){
		.vm = vm, .levels = 3 + mode - ATP_SV39, .root = root, .next = root, .end = end,
	};
	for (int i = 0; i < 4; i++)
		l2_new_table(t);
}

volatile uint64_t *l2_entry(struct l2_tables *t, uint64_t l2_gpa, int level)
{
	uint64_t table = t->root;

	for (int cur = t->levels - 1;; cur--) {
		int bits = cur == t->levels - 1 ? 11 : 9;
		uint64_t *e = l2_at(t, table) + ((l2_gpa >> (12 + 9 * cur)) & ((1UL << bits) - 1));

		if (cur == level)
			return e;
		if (!*e)
			*e = PTE_TO(l2_new_table(t)) | PTE_V;
		table = *e >> 10 << 12;
	}
}

void l2_map(struct l2_tables *t, uint64_t l2_gpa, uint64_t gpa, int level, uint64_t bits)
{
	*l2_entry(t, l2_gpa, level) = PTE_TO(gpa) | bits;
}

void l2_map_code(struct l2_tables *t)
{
	for (uint64_t gpa = RVM_BASE; gpa < RVM_BASE + RVM_SIZE; gpa += 2UL << 20)
		l2_map(t, gpa, gpa, 1, PTE_LEAF);
}

void l2_vcpu(struct rvm *vm, int id, struct rvcpu *vcpu, rvm_guest_fn fn)
{
	rvcpu_create(vm, id, vcpu);
	if (!rvcpu_enable_h(vcpu))
		rvm_die("a vCPU with the H extension");
	rvcpu_set_mp_state(vcpu, KVM_MP_STATE_RUNNABLE);
	rvcpu_start_at(vcpu, fn, id, 0);
}

void l2_set_job(struct rvcpu *vcpu, const void *fn, const unsigned long arg[4])
{
	struct l2_job *job = l2_job(vcpu->vm, vcpu->id);

	job->pc = rvm_guest_addr(fn);
	job->a0 = arg[0];
	job->a1 = arg[1];
	job->a2 = arg[2];
	job->a3 = arg[3];
}

unsigned int l2_run_job(struct rvcpu *vcpu, unsigned long value)
{
	struct kvm_run *run = vcpu->run;
	unsigned int n;

	for (n = 0; n < 1000; n++) {
		if (run->exit_reason == KVM_EXIT_MMIO && !run->mmio.is_write)
			memcpy(run->mmio.data, &value, sizeof(value));
		if (rvcpu_run(vcpu))
			rvm_die("KVM_RUN; %s", rvcpu_describe(vcpu));
		if (run->exit_reason != KVM_EXIT_MMIO)
			return n;
	}
	rvm_die("MMIO exits without end");
}

/* ---- guest code ---- */

/* All but x0 and a0 */
#define L2_GPRS \
	"1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31"

static_assert(offsetof(struct l2, pc) == 256, "l2_run");
static_assert(offsetof(struct l2, cause) == 264, "l2_run");
static_assert(offsetof(struct l2, tval) == 272, "l2_run");
static_assert(offsetof(struct l2, htval) == 280, "l2_run");
static_assert(offsetof(struct l2, htinst) == 288, "l2_run");
static_assert(offsetof(struct l2, hstatus) == 296, "l2_run");
static_assert(offsetof(struct l2, l1_sp) == 304, "l2_run");
static_assert(offsetof(struct l2, l1_stvec) == 312, "l2_run");
static_assert(offsetof(struct l2, l1_sscratch) == 320, "l2_run");

/* While the L2 runs, sscratch points to struct l2, and the L1's registers are on its stack. */
asm("	.pushsection guest_text, \"ax\"\n"
"	.balign 4\n"
"	.globl l2_run\n"
"l2_run:\n"
"	addi sp, sp, -224\n"
"	.irp r, 1,3,4,8,9,18,19,20,21,22,23,24,25,26,27\n"
"	sd x\\r, (\\r * 8)(sp)\n"
"	.endr\n"
"	sd sp, 304(a0)\n"
"	csrr t0, stvec\n	sd t0, 312(a0)\n"
"	csrr t0, sscratch\n	sd t0, 320(a0)\n"
"	csrw sscratch, a0\n"
"	lla t0, 1f\n	csrw stvec, t0\n"
"	ld t0, 256(a0)\n	csrw sepc, t0\n"
"	li t0, 0x180\n	csrs hstatus, t0\n"	/* SPV, SPVP */
"	li t0, 0x100\n	csrs sstatus, t0\n"	/* SPP */
"	.irp r, " L2_GPRS "\n	ld x\\r, (\\r * 8)(a0)\n	.endr\n"
"	ld a0, 80(a0)\n"
"	sret\n"
"	.balign 4\n"
"1:	csrrw a0, sscratch, a0\n"
"	.irp r, " L2_GPRS "\n	sd x\\r, (\\r * 8)(a0)\n	.endr\n"
"	csrr t0, sscratch\n	sd t0, 80(a0)\n"
"	csrr t0, sepc\n		sd t0, 256(a0)\n"
"	csrr t0, scause\n	sd t0, 264(a0)\n"
"	csrr t0, stval\n	sd t0, 272(a0)\n"
"	csrr t0, htval\n	sd t0, 280(a0)\n"
"	csrr t0, htinst\n	sd t0, 288(a0)\n"
"	csrr t0, hstatus\n	sd t0, 296(a0)\n"
"	li t0, 0x80\n	csrc hstatus, t0\n"
"	ld t0, 312(a0)\n	csrw stvec, t0\n"
"	ld t0, 320(a0)\n	csrw sscratch, t0\n"
"	ld sp, 304(a0)\n"
"	.irp r, 1,3,4,8,9,18,19,20,21,22,23,24,25,26,27\n"
"	ld x\\r, (\\r * 8)(sp)\n"
"	.endr\n"
"	addi sp, sp, 224\n"
"	ret\n"
"	.popsection\n");

asm("	.pushsection guest_text, \"ax\"\n"
"	.option push\n	.option norvc\n	.balign 4\n"
"	.globl l2_load, l2_store, l2_amo, l2_fetch, l2_touch, l2_fill\n"
"l2_load:\n"
"	ld a0, (a0)\n	ecall\n"
"l2_store:\n"
"	sd a1, (a0)\n	ecall\n"
"l2_amo:\n"
"	amoadd.d a0, a1, (a0)\n	ecall\n"
"l2_fetch:\n"
"	jr a0\n"
"l2_touch:\n"
"	ld a3, (a0)\n	add a0, a0, a1\n	addi a2, a2, -1\n	bnez a2, l2_touch\n"
"	ecall\n"
"l2_fill:\n"
"	sd a3, (a0)\n	add a0, a0, a1\n	addi a2, a2, -1\n	bnez a2, l2_fill\n"
"	ecall\n"
"	.option pop\n	.popsection\n");

__guest void l2_worker(unsigned long hart, unsigned long a1)
{
	struct l2_job *job = guest_job(hart);
	struct l2 l2;

	guest_trap_init(hart);
	l2.gpr[2] = RVM_BASE + RVM_STACK_OFF + (RVM_MAX_VCPUS - hart) * RVM_STACK_SIZE;
	for (;;) {
		guest_sync(0);
		csr_write(hgatp, job->hgatp);
		csr_write(vsatp, job->vsatp);
		if (job->fence == L2_FENCE_ALL)
			hfence_gvma_all();
		else if (job->fence)
			hfence_gvma(job->fence);
		l2.pc = job->pc;
		l2.gpr[10] = job->a0;
		l2.gpr[11] = job->a1;
		l2.gpr[12] = job->a2;
		l2.gpr[13] = job->a3;
		l2_run(&l2);
		job->cause = l2.cause;
		job->tval = l2.tval;
		job->htval = l2.htval;
		job->htinst = l2.htinst;
		job->hstatus = l2.hstatus;
		job->ret = l2.gpr[10];
		job->ret3 = l2.gpr[13];
	}
}
