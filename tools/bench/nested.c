// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cost of exits of an L1 and its L2: rows "name,unit,value,bound". For each exit of its L2 the
 * L1 makes the CSR accesses of KVM. Its tables map the guest's memory one to one, TOUCH_GPA by
 * pages or by 2 MiB.
 */
#include "bench.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define SIZE_2M		(2UL << 20)
#define TOUCH_SIZE	(4 * SIZE_2M)

/* The L1's root table of 16 KiB, and the tables for TOUCH_GPA */
#define ROOT_OFF	RVM_FREE_OFF
#define MIDDLE_OFF	(ROOT_OFF + 0x4000)
#define LEAVES_OFF	(ROOT_OFF + 0x5000)
#define HGATP_SV39X4	ATP(ATP_SV39, 0, RVM_BASE + ROOT_OFF)

#define PTE_V		0x01UL
#define PTE_LEAF	0xdfUL		/* D A U X W R V */

/* The behaviour of the vector below; in sscratch */
enum l1_kind {
	L1_MINIMAL,		/* skips the ECALL */
	L1_KVM,			/* makes the CSR accesses of KVM */
	L1_ALTERNATE,		/* switches to another VMID */
};

/* ---- the guest's side ---- */

/*
 * The L1's trap vector, for ECALLs of the L2. Calls for the VMM are forwarded and, but for
 * L1_ALTERNATE, followed by a fence of everything. Only the L1 uses gp and tp.
 */
asm("	.pushsection guest_text, \"ax\"\n"
"	.option push\n"
"	.option arch, +h\n"
"	.balign 4\n"
"guest_l1_vector:\n"
"	csrr gp, scause\n"
"	addi gp, gp, -10\n"
"	bnez gp, guest_l1_lost\n"
"	li gp, 0x08000000\n"
"	beq gp, a7, 2f\n"
"	csrr gp, sscratch\n"
"	bnez gp, 3f\n"
"1:	csrr gp, sepc\n"
"	addi gp, gp, 4\n"
"	csrw sepc, gp\n"
"	sret\n"
"2:	ecall\n"
"	csrr gp, sscratch\n"
"	addi gp, gp, -2\n"
"	beqz gp, 1b\n"
"	hfence.gvma\n"
"	j 1b\n"
"3:	addi gp, gp, -1\n"
"	bnez gp, 4f\n"
"	csrrw gp, hstatus, zero\n"
"	csrr tp, htval\n"
"	csrr tp, htinst\n"
"	csrr tp, vsie\n"
"	csrr tp, hvip\n"
"	csrr tp, vstimecmp\n"
"	csrw hvip, zero\n"
"	csrrw tp, hstatus, gp\n"
"	j 1b\n"
"4:	li tp, 1\n"
"	slli tp, tp, 44\n"
"	csrr gp, hgatp\n"
"	xor gp, gp, tp\n"
"	csrw hgatp, gp\n"
"	j 1b\n"
/* Ends the guest with GUEST_FAIL and the exception. */
"guest_l1_lost:\n"
"	li a7, 0x08000000\n"
"	li a6, 2\n"
"	csrr a0, scause\n"
"	csrr a1, htval\n"
"	ecall\n"
"	j guest_l1_lost\n"
"	.option pop\n"
"	.popsection\n"
);

/* Run guest_bench(@fn_addr, @arg) in an L2. */
__guest void guest_bench_l2(unsigned long fn_addr, unsigned long arg)
{
	unsigned long vector, kind = guest_shared()->val[BENCH_L1_KIND];

	asm volatile("lla %0, guest_l1_vector" : "=r"(vector));
	csr_write(stvec, vector);
	csr_write(sscratch, kind);
	csr_write(hgatp, HGATP_SV39X4);
	csr_write(hedeleg, 1UL << CAUSE_ILLEGAL_INSN);
	csr_write(hideleg, IE_VS_ALL);
	csr_write(hcounteren, HCOUNTEREN_TM);
	csr_write(henvcfg, ENVCFG_STCE);
	csr_set(hstatus, HSTATUS_SPV | HSTATUS_SPVP);
	csr_set(sstatus, SR_SPP);
	register unsigned long a0 asm("a0") = fn_addr;
	register unsigned long a1 asm("a1") = arg;

	asm volatile("lla t1, guest_bench\n csrw sepc, t1\n sret\n"
		     :: "r"(a0), "r"(a1) : "t1", "memory");
}

#define H_OP(name, body) \
	GUEST_OP(name, ".option push\n .option arch, +h\n" body ".option pop\n")

H_OP(htval_read, "csrr t1, htval\n")
H_OP(hvip_write, "csrw hvip, zero\n")
H_OP(hstatus_swap, "csrrw t1, hstatus, zero\n")
H_OP(vsie_read, "csrr t1, vsie\n")
H_OP(vstimecmp_read, "csrr t1, vstimecmp\n")
H_OP(hgatp_write, "csrw hgatp, s1\n")
H_OP(hfence_vvma, "hfence.vvma\n")
H_OP(hfence_gvma, "li t1, 0x40000000\n hfence.gvma t1\n")
H_OP(hlv, "hlv.w t1, (s1)\n")
H_OP(l2_csrs, "csrw stimecmp, s1\n csrr t1, sie\n csrw sie, t1\n csrsi sip, 2\n csrci sip, 2\n")
GUEST_OP(touch_64, "li t1, 64\n mv t2, s1\n 2: sb zero, 0(t2)\n add t2, t2, t0\n addi t1, t1, -1\n"
	 "bnez t1, 2b\n li a7, 0x10\n ecall\n")

/* ---- the VMM's side ---- */

static uint64_t *l1_table(struct bench *b, unsigned long off)
{
	return (uint64_t *)((char *)b->vm.mem + off);
}

static uint64_t l1_branch(unsigned long off)
{
	return (RVM_BASE + off) >> 12 << 10 | PTE_V;
}

static void fill_l1_tables(struct bench *b)
{
	uint64_t *middle = l1_table(b, MIDDLE_OFF), *leaves = l1_table(b, LEAVES_OFF);

	memset(l1_table(b, ROOT_OFF), 0, 0x4000);
	l1_table(b, ROOT_OFF)[RVM_BASE >> 30] = RVM_BASE >> 2 | PTE_LEAF;
	l1_table(b, ROOT_OFF)[TOUCH_GPA >> 30] = l1_branch(MIDDLE_OFF);
	for (unsigned long i = 0; i < TOUCH_SIZE / SIZE_2M; i++)
		middle[i] = b->l1_huge ?
			(TOUCH_GPA + (i ^ b->l1_swap) * SIZE_2M) >> 2 | PTE_LEAF :
			l1_branch(LEAVES_OFF + i * RVM_PAGE);
	for (unsigned long i = 0; i < TOUCH_SIZE / RVM_PAGE; i++)
		leaves[i] = (TOUCH_GPA + (i ^ b->l1_swap) * RVM_PAGE) >> 2 | PTE_LEAF;
}

/* Change every leaf; the next batch fences. */
static void prepare_swapped(struct bench *b)
{
	b->l1_swap ^= 1;
	fill_l1_tables(b);
}

enum unit {
	INSTRUCTIONS,	/* a round */
	EXITS,		/* a thousand rounds */
	FAULTS,		/* shadow faults of the last batch */
};

static const char * const unit_names[] = { "instructions", "exits", "faults" };

struct nested_row {
	struct row row;
	enum unit unit;
	double bound;		/* 0: none, -1: 0 */
	enum l1_kind kind;
	bool huge;
};

#define L2	.main = guest_bench_l2
#define SWAPPED	.prepare = prepare_swapped

static const struct nested_row rows[] = {
	{ { "L1: read of htval", guest_htval_read }, .bound = 400 },
	{ { "L1: write of hvip", guest_hvip_write }, .bound = 400 },
	{ { "L1: swap of hstatus", guest_hstatus_swap }, .bound = 400 },
	{ { "L1: read of vsie", guest_vsie_read }, .bound = 400 },
	{ { "L1: read of vstimecmp", guest_vstimecmp_read }, .bound = 400 },
	{ { "L1: write of hgatp", guest_hgatp_write, .arg = HGATP_SV39X4 }, .bound = 400 },
	{ { "L1: HFENCE.VVMA", guest_hfence_vvma } },
	{ { "L1: HFENCE.GVMA of a page not mapped", guest_hfence_gvma } },
	{ { "L1: HLV.W", guest_hlv, .arg = RVM_BASE } },
	{ { "L2: ecall to the L1 and back", guest_sbi_null, L2 } },
	{ { "L2: null SBI call with the accesses of KVM", guest_sbi_null, L2 }, .bound = 5000,
	  .kind = L1_KVM },
	{ { "L2: stimecmp and sie and sip accessed", guest_l2_csrs, .arg = -1UL, L2 },
	  .bound = 10 },
	{ { "L2: a thousand of the same", guest_l2_csrs, .arg = -1UL, L2 },
	  .unit = EXITS, .bound = 10 },
	{ { "L2: first touch with both stages present", guest_touch, .arg = TOUCH_GPA,
	    .rounds = 500, L2, SWAPPED }, .bound = 3500 },
	{ { "L2: first touch with both stages 2 MiB", guest_touch, .arg = TOUCH_GPA,
	    .rounds = 2048, L2, SWAPPED }, .huge = true },
	{ { "L2: 8 MiB touched with both stages 2 MiB", guest_touch, .arg = TOUCH_GPA,
	    .rounds = 2048, L2, SWAPPED }, .huge = true, .unit = FAULTS, .bound = 8 },
	{ { "two L2s by turns with 64 pages each", guest_touch_64, .arg = TOUCH_GPA, L2 },
	  .kind = L1_ALTERNATE },
	{ { "two L2s by turns once warm", guest_touch_64, .arg = TOUCH_GPA, L2 },
	  .kind = L1_ALTERNATE, .unit = FAULTS, .bound = -1 },
};

/* Populated memory, in pages of 2 MiB if @huge */
static void set_touch_memory(struct bench *b, bool huge)
{
	rvm_set_slot(&b->vm, TOUCH_SLOT, 0, TOUCH_GPA, 0, b->touch_mem);
	/* Map anew: the host does not replace a table of small pages by a huge page. */
	if (mmap(b->touch_mem, TOUCH_SIZE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		rvm_die("mmap");
	madvise(b->touch_mem, TOUCH_SIZE, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	memset(b->touch_mem, 1, TOUCH_SIZE);
	rvm_set_slot(&b->vm, TOUCH_SLOT, 0, TOUCH_GPA, TOUCH_SIZE, b->touch_mem);
}

static void setup(struct bench *b)
{
	char *mem;

	bench_create(b);
	if (rvcpu_set_isa(&b->vcpu, KVM_RISCV_ISA_EXT_H, true))
		rvm_die("the H extension cannot be enabled");
	mem = rvm_anon(TOUCH_SIZE + SIZE_2M);
	b->touch_mem = (void *)(((unsigned long)mem + SIZE_2M - 1) & ~(SIZE_2M - 1));
	rvm_set_slot(&b->vm, TOUCH_SLOT, 0, TOUCH_GPA, TOUCH_SIZE, b->touch_mem);
}

/* The increase of a statistic while a row runs @batches batches */
static double growth(struct bench *b, const struct nested_row *r, const char *stat,
		     unsigned long batches)
{
	uint64_t before = rvcpu_stat(&b->vcpu, stat);

	b->batches = batches;
	bench_measure(b, &r->row);
	b->batches = 0;
	return rvcpu_stat(&b->vcpu, stat) - before;
}

static double measure_row(struct bench *b, const struct nested_row *r)
{
	const char *stat = r->unit == FAULTS ? "nested_fault" : "exits";
	double fewer;

	set_touch_memory(b, r->huge);
	b->l1_huge = r->huge;
	b->l1_swap = 0;
	fill_l1_tables(b);
	b->l1_kind = r->kind;
	if (r->unit == INSTRUCTIONS)
		return bench_measure(b, &r->row) - b->empty;
	/* The last of three batches, when all is warm */
	growth(b, r, stat, 2);
	fewer = growth(b, r, stat, 2);
	return growth(b, r, stat, 3) - fewer;
}

int bench_nested(void)
{
	static const struct row empty = { "empty loop", guest_empty };
	struct bench b = { 0 };

	setup(&b);
	b.empty = bench_measure(&b, &empty);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct nested_row *r = &rows[i];

		printf("%s,%s,%.0f,", r->row.name, unit_names[r->unit], measure_row(&b, r));
		if (r->bound)
			printf("%.0f", r->bound > 0 ? r->bound : 0);
		putchar('\n');
		fflush(stdout);
	}
	rvcpu_destroy(&b.vcpu);
	rvm_destroy(&b.vm);
	return 0;
}
