// SPDX-License-Identifier: GPL-2.0-only
/* The guest's side of the exit-cost client: for each operation a loop, in VS mode on one vCPU */
#include "bench.h"

#define SBI(ext, fid)	"li a7, " ext "\n li a6, " fid "\n"

GUEST_OP(empty, "")
GUEST_OP(sbi_null, SBI("0x10", "0") "ecall\n")
GUEST_OP(sbi_unknown, SBI("0x0a00dead", "0") "ecall\n")
GUEST_OP(sbi_registered, SBI("0x0a766876", "0") "ecall\n")
GUEST_OP(set_timer, SBI("0x54494d45", "0") "li a0, -1\n ecall\n")
GUEST_OP(mmio_read, "lw t1, 0(s1)\n")
GUEST_OP(mmio_write, "sw t1, 0(s1)\n")
GUEST_OP(sbi_forward, SBI("0x08000000", "16") "ecall\n")
GUEST_OP(dbcn_write_byte, SBI("0x4442434e", "2") "li a0, 'x'\n ecall\n")
GUEST_OP(touch, "sb zero, 0(s1)\n add s1, s1, t0\n")
GUEST_OP(ipi_self, SBI("0x735049", "0") "li a0, 1\n li a1, 0\n ecall\n"
	 "2: csrr t1, sip\n andi t1, t1, 2\n beqz t1, 2b\n csrci sip, 2\n")
GUEST_OP(fence_i, SBI("0x52464e43", "0") "li a0, 1\n li a1, 0\n ecall\n")
GUEST_OP(sfence_vma, SBI("0x52464e43", "1")
	 "li a0, 1\n li a1, 0\n li a2, 0\n li a3, -1\n ecall\n")
GUEST_OP(wfi_pending, "wfi\n")
GUEST_OP(illegal, ASM_ILLEGAL "\n")

/* Skip the instruction that trapped, of four bytes. */
asm("	.pushsection guest_text, \"ax\"\n"
"	.balign 4\n"
"guest_skip_insn:\n"
"	csrr t1, sepc\n"
"	addi t1, t1, 4\n"
"	csrw sepc, t1\n"
"	sret\n"
"	.popsection\n"
);

/* Time val[BENCH_BATCHES] batches. A guest_sync() before each lets the VMM prepare it. */
__guest void guest_bench(unsigned long fn_addr, unsigned long arg)
{
	void (*fn)(unsigned long n, unsigned long arg) = (void *)fn_addr;
	struct guest_shared *s = guest_shared();
	unsigned long n = s->val[BENCH_ROUNDS];
	unsigned long batches = s->val[BENCH_BATCHES];
	unsigned long skip;

	asm("lla %0, guest_skip_insn" : "=r"(skip));
	csr_write(stvec, skip);
	csr_write(sie, IE_SSIE);
	for (unsigned long b = 0; b < batches; b++) {
		unsigned long start, end;

		guest_sync(b);
		start = guest_rdtime();
		fn(n, arg);
		end = guest_rdtime();
		s->val[b] = end - start;
	}
	guest_done(0);
}

/* With an interrupt pending and enabled in sie */
__guest void guest_bench_wfi(unsigned long fn_addr, unsigned long arg)
{
	csr_set(sip, IE_SSIE);
	guest_bench(fn_addr, arg);
}

__guest void guest_idle(unsigned long a0, unsigned long a1)
{
	(void)a0;
	(void)a1;
	guest_done(0);
}
