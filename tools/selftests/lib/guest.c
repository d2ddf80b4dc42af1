// SPDX-License-Identifier: GPL-2.0-only
/* The guest's trap handler. All of this file runs in the guest. */
#include "guest.h"

#define IRQ_SOFT	1UL

__guest void guest_trap_c(unsigned long hart)
{
	struct guest_shared *s = guest_shared();
	unsigned long cause = csr_read(scause);
	unsigned long epc = csr_read(sepc);

	if (cause & CAUSE_IRQ) {
		unsigned long irq = cause & ~CAUSE_IRQ;

		s->irq_cause[hart] = irq;
		s->irq_count[hart]++;
		if (irq == IRQ_SOFT)
			csr_clear(sip, IE_SSIE);
		else if (1UL << irq & IE_VS_ALL)
			csr_clear(hie, 1UL << irq);
		else
			csr_clear(sie, 1UL << irq);
		return;
	}

	s->trap[hart].cause = cause;
	s->trap[hart].epc = epc;
	s->trap[hart].tval = csr_read(stval);
	s->trap[hart].count++;
	if (s->trap[hart].resume)
		epc = s->trap[hart].resume;
	else
		epc += (*(volatile uint16_t *)epc & 3) == 3 ? 4 : 2;
	csr_write(sepc, epc);
}

/* Saves the caller-saved registers on the interrupted function's stack. */
asm("	.pushsection guest_text, \"ax\"\n"
"	.balign 4\n"
"	.globl guest_trap_entry\n"
"guest_trap_entry:\n"
"	addi sp, sp, -144\n"
"	sd ra, 0(sp)\n	sd t0, 8(sp)\n	sd t1, 16(sp)\n	sd t2, 24(sp)\n"
"	sd a0, 32(sp)\n	sd a1, 40(sp)\n	sd a2, 48(sp)\n	sd a3, 56(sp)\n"
"	sd a4, 64(sp)\n	sd a5, 72(sp)\n	sd a6, 80(sp)\n	sd a7, 88(sp)\n"
"	sd t3, 96(sp)\n	sd t4, 104(sp)\n	sd t5, 112(sp)\n	sd t6, 120(sp)\n"
"	csrr a0, sscratch\n"
"	call guest_trap_c\n"
"	ld ra, 0(sp)\n	ld t0, 8(sp)\n	ld t1, 16(sp)\n	ld t2, 24(sp)\n"
"	ld a0, 32(sp)\n	ld a1, 40(sp)\n	ld a2, 48(sp)\n	ld a3, 56(sp)\n"
"	ld a4, 64(sp)\n	ld a5, 72(sp)\n	ld a6, 80(sp)\n	ld a7, 88(sp)\n"
"	ld t3, 96(sp)\n	ld t4, 104(sp)\n	ld t5, 112(sp)\n	ld t6, 120(sp)\n"
"	addi sp, sp, 144\n"
"	sret\n"
"	.popsection\n"
);

__guest void guest_trap_init(unsigned long hart)
{
	unsigned long entry;

	asm("lla %0, guest_trap_entry" : "=r"(entry));
	csr_write(sscratch, hart);
	csr_write(stvec, entry);
}
