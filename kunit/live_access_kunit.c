// SPDX-License-Identifier: GPL-2.0-only
/*
 * Live KUnit tests of the exported access to guest memory, from a handler of another module: every
 * function, with VS-stage translation on and off, at the limits of pages, slots and permissions.
 */
#include <linux/uaccess.h>
#include <asm/sbi.h>

#include "../guest_mem/change.h"
#include "../guest_mem/fault.h"
#include "../guest_mem/mem.h"
#include "../guest_mem/region.h"
#include "../guest_mem/slots.h"
#include "../vcpu/fence.h"
#include "../vcpu/vcpu.h"
#include "live.h"

#define EID		0x0b100000UL

/* Guest physical: the page table, and the frames of the pages */
#define ROOT		LIVE_DATA
#define MIDDLE		(LIVE_DATA + 0x1000)
#define LEAVES		(LIVE_DATA + 0x2000)
#define FRAMES		(LIVE_DATA + 0x10000)
#define ROM		0x90000000UL
#define ROM_SIZE	0x2000UL

/* Guest virtual address of page 0 */
#define VIRT		0x40000000UL

#define PTE(gpa, bits)	((u64)(gpa) >> 12 << 10 | (bits))
#define V		0x01
#define R		0x02
#define W		0x04
#define X		0x08
#define U		0x10
#define AD		0xc0

enum {
	PG_RW,
	PG_R,
	PG_X,
	PG_USER,
	PG_NONE,
	PG_DEVICE,	/* no slot behind it */
	PG_ROM,
	PG_COLD,	/* in a slot, not mapped yet */
	PG_COLD2,
	PG_EXEC,	/* a 16-bit instruction, and one of 32 that crosses to the next page */
	PG_EXEC2,
	PG_ROUND,	/* its leaf is a pointer to the table it is in */
};

static const u64 leaves[] = {
	[PG_RW] = PTE(FRAMES, V | R | W | AD),
	[PG_R] = PTE(FRAMES + 0x1000, V | R | AD),
	[PG_X] = PTE(FRAMES + 0x2000, V | X | AD),
	[PG_USER] = PTE(FRAMES + 0x3000, V | R | W | U | AD),
	[PG_NONE] = 0,
	[PG_DEVICE] = PTE(LIVE_DEVICE, V | R | W | X | AD),
	[PG_ROM] = PTE(ROM, V | R | W | AD),
	[PG_COLD] = PTE(FRAMES + 0x7000, V | R | W | AD),
	[PG_COLD2] = PTE(FRAMES + 0x8000, V | R | W | AD),
	[PG_EXEC] = PTE(FRAMES + 0x9000, V | R | X | AD),
	[PG_EXEC2] = PTE(FRAMES + 0xa000, V | R | X | AD),
};

enum op {
	LOAD,
	STORE,
	FETCH,
};

/**
 * struct access - an access, and its result
 * @op: which
 * @page: page of the first byte
 * @offset: offset of the first byte in @page
 * @len: bytes
 * @user: the guest is in VU mode
 * @vsstatus: SUM, MXR
 * @cause: the guest's trap, or 0
 * @fault: offset of the byte that faults in @page
 * @insn: the instruction that FETCH reads
 */
struct access {
	enum op op;
	unsigned int page;
	unsigned int offset;
	unsigned int len;
	bool user;
	unsigned long vsstatus;
	unsigned long cause;
	unsigned int fault;
	u32 insn;
};

#define MXR	BIT(19)

static const struct access accesses[] = {
	{ LOAD, PG_RW, 0, 8 },
	{ LOAD, PG_RW, 1, 1 },
	{ LOAD, PG_RW, 3, 4096 },
	{ LOAD, PG_RW, 0xfff, 2 },
	{ STORE, PG_RW, 0, 4096 },
	{ STORE, PG_RW, 5, 11 },
	{ STORE, PG_RW, 0xffc, 8, .cause = EXC_STORE_PAGE_FAULT, .fault = 0x1000 },
	{ LOAD, PG_RW, 0, 0 },
	{ LOAD, PG_NONE, 0, 0 },
	{ LOAD, PG_R, 0, 8 },
	{ STORE, PG_R, 16, 8, .cause = EXC_STORE_PAGE_FAULT, .fault = 16 },
	/* MXR makes execute-only pages readable. */
	{ LOAD, PG_X, 0, 8, .cause = EXC_LOAD_PAGE_FAULT },
	{ LOAD, PG_X, 0, 8, .vsstatus = MXR },
	{ STORE, PG_X, 0, 8, .vsstatus = MXR, .cause = EXC_STORE_PAGE_FAULT },
	/* With the guest's privilege */
	{ LOAD, PG_USER, 0, 8, .cause = EXC_LOAD_PAGE_FAULT },
	{ LOAD, PG_USER, 0, 8, .vsstatus = SR_SUM },
	{ LOAD, PG_USER, 0, 8, .user = true },
	{ STORE, PG_USER, 0, 8, .user = true },
	{ STORE, PG_USER, 0, 8, .cause = EXC_STORE_PAGE_FAULT },
	{ STORE, PG_USER, 0, 8, .vsstatus = SR_SUM },
	{ LOAD, PG_RW, 0, 8, .user = true, .cause = EXC_LOAD_PAGE_FAULT },
	{ STORE, PG_RW, 0, 8, .user = true, .cause = EXC_STORE_PAGE_FAULT },
	/* No leaf in one stage or the other */
	{ LOAD, PG_NONE, 8, 8, .cause = EXC_LOAD_PAGE_FAULT, .fault = 8 },
	{ LOAD, PG_USER, 0xff8, 16, .vsstatus = SR_SUM, .cause = EXC_LOAD_PAGE_FAULT,
	  .fault = 0x1000 },
	{ LOAD, PG_DEVICE, 4, 4, .cause = EXC_LOAD_ACCESS, .fault = 4 },
	{ STORE, PG_DEVICE, 4, 4, .cause = EXC_STORE_ACCESS, .fault = 4 },
	{ LOAD, PG_ROM, 0, 4096 },
	{ STORE, PG_ROM, 0, 8, .cause = EXC_STORE_ACCESS },
	{ LOAD, PG_ROUND, 0, 8, .cause = EXC_LOAD_PAGE_FAULT },
	/* Pages that the host has not mapped yet */
	{ STORE, PG_COLD, 0xff0, 32 },
	{ LOAD, PG_COLD, 0xff0, 32 },
	{ FETCH, PG_EXEC, 0xffc, .insn = 0x4501 },
	{ FETCH, PG_EXEC, 0xffe, .insn = 0x00100513 },
	{ FETCH, PG_R, 0, .cause = EXC_INST_PAGE_FAULT },
	{ FETCH, PG_NONE, 0, .cause = EXC_INST_PAGE_FAULT },
	{ FETCH, PG_DEVICE, 0, .cause = EXC_INST_ACCESS },
	{ FETCH, PG_EXEC, 0xffc, .user = true, .cause = EXC_INST_PAGE_FAULT, .fault = 0xffc },
};

static struct {
	struct kunit *test;
	struct live *live;
	void (*body)(struct kunit *test, struct rvhv_vcpu *vcpu);
} now;

static int handle(struct rvhv_vm *vm, struct rvhv_vcpu *vcpu, const struct rvhv_sbi_args *args,
		  struct rvhv_sbi_answer *answer)
{
	now.body(now.test, vcpu);
	answer->value = 1;
	return 0;
}

static void write_gpa(struct kunit *test, u64 gpa, u64 val)
{
	KUNIT_EXPECT_EQ(test, put_user(val, (u64 __user *)live_hva(now.live, gpa)), 0);
}

static u8 pattern(u64 gpa)
{
	return gpa * 7 + (gpa >> 12);
}

static void fill(struct kunit *test)
{
	u64 gpa;

	/* PG_COLD and PG_COLD2 stay untouched. */
	for (gpa = FRAMES; gpa < FRAMES + 0x7000; gpa++)
		put_user(pattern(gpa), (u8 __user *)live_hva(now.live, gpa));
	put_user(0x4501, (u16 __user *)live_hva(now.live, FRAMES + 0x9ffc));
	put_user(0x0513, (u16 __user *)live_hva(now.live, FRAMES + 0x9ffe));
	put_user(0x0010, (u16 __user *)live_hva(now.live, FRAMES + 0xa000));
}

static void build_table(struct kunit *test)
{
	unsigned int i;

	write_gpa(test, ROOT + 8 * (VIRT >> 30), PTE(MIDDLE, V));
	write_gpa(test, MIDDLE, PTE(LEAVES, V));
	for (i = 0; i < ARRAY_SIZE(leaves); i++)
		write_gpa(test, LEAVES + 8 * i, leaves[i]);
	/* A pointer at level 0 is invalid. */
	write_gpa(test, LEAVES + 8 * PG_ROUND, PTE(LEAVES, V));
}

/* Run @body in a handler, with vCPU 0 loaded. */
static void run_in_handler(struct kunit *test, void (*body)(struct kunit *, struct rvhv_vcpu *))
{
	struct rvhv_sbi_extension ext = {
		.name = "access", .first = EID, .last = EID, .handle = handle,
	};
	struct rvhv_region rom = { .slot = 5, .gpa = ROM, .size = ROM_SIZE,
				   .flags = RVHV_SLOT_READONLY };
	struct rvhv_vcpu *vcpu;
	unsigned long value = 0;

	KUNIT_ASSERT_EQ(test, rvhv_sbi_register(&ext), 0);
	now.test = test;
	now.body = body;
	now.live = LIVE_START(test, sbi);
	rom.hva = live_hva(now.live, LIVE_DATA + 0x100000);
	KUNIT_EXPECT_EQ(test, rvhv_mem_set_region(&now.live->vm->mem, &rom), 0);
	vcpu = live_vcpu(test, now.live, 0);
	fill(test);
	build_table(test);
	KUNIT_EXPECT_EQ(test, live_sbi(test, now.live, vcpu, EID, 0, 0, 0, 0, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 1);
	rvhv_sbi_unregister(&ext);
}

/* ---- virtual addresses ---- */

static struct {
	u8 buf[4096 + 16];
} *scratch;

struct csrs {
	unsigned long vsatp, vsstatus, sstatus, hstatus, stvec, sie;
};

static struct csrs read_csrs(void)
{
	return (struct csrs) {
		.vsatp = csr_read(CSR_VSATP),
		.vsstatus = csr_read(CSR_VSSTATUS),
		.sstatus = csr_read(CSR_SSTATUS),
		.hstatus = csr_read(CSR_HSTATUS),
		.stvec = csr_read(CSR_STVEC),
		.sie = csr_read(CSR_IE),
	};
}

static int do_access(struct rvhv_vcpu *vcpu, const struct access *a, u32 *insn,
		     struct rvhv_trap *trap)
{
	unsigned long gva = VIRT + a->page * PAGE_SIZE + a->offset;

	switch (a->op) {
	case LOAD:
		return rvhv_vcpu_read_virt(vcpu, scratch->buf, gva, a->len, trap);
	case STORE:
		return rvhv_vcpu_write_virt(vcpu, gva, scratch->buf, a->len, trap);
	default:
		return rvhv_vcpu_fetch_insn(vcpu, gva, insn, trap);
	}
}

/* The RAM behind a virtual address; the ROM shows a part of RAM. */
static u64 frame_of(unsigned int page, unsigned int offset)
{
	u64 gpa = page == PG_ROM ? ROM + offset : FRAMES + page * PAGE_SIZE + offset;

	return gpa >= ROM ? LIVE_DATA + 0x100000 + (gpa - ROM) : gpa;
}

static void check_bytes(struct kunit *test, const struct access *a, unsigned int nr)
{
	unsigned int i, differ = 0;
	u8 byte;

	for (i = 0; i < a->len; i++) {
		u64 gpa = frame_of(a->page, a->offset + i);

		if (get_user(byte, (u8 __user *)live_hva(now.live, gpa)))
			differ++;
		else if (byte != scratch->buf[i])
			differ++;
	}
	KUNIT_EXPECT_EQ_MSG(test, differ, 0, "row %u", nr);
}

static void one_access(struct kunit *test, struct rvhv_vcpu *vcpu, unsigned int nr)
{
	const struct access *a = &accesses[nr];
	unsigned long sstatus = vcpu->sw.sstatus;
	struct rvhv_trap trap = { .scause = -1UL };
	struct csrs before, after;
	unsigned int i;
	u32 insn = 0;
	int ret;

	for (i = 0; i < sizeof(scratch->buf); i++)
		scratch->buf[i] = nr * 31 + i * 5;
	if (a->user)
		vcpu->sw.sstatus &= ~SR_SPP;
	else
		vcpu->sw.sstatus |= SR_SPP;
	csr_clear(CSR_VSSTATUS, SR_SUM | MXR);
	csr_set(CSR_VSSTATUS, a->vsstatus);

	before = read_csrs();
	ret = do_access(vcpu, a, &insn, &trap);
	after = read_csrs();

	vcpu->sw.sstatus = sstatus;
	KUNIT_EXPECT_MEMEQ_MSG(test, &before, &after, sizeof(before), "row %u", nr);
	KUNIT_EXPECT_EQ_MSG(test, ret, a->cause ? 1 : 0, "row %u", nr);
	if (a->cause) {
		KUNIT_EXPECT_EQ_MSG(test, trap.scause, a->cause, "row %u", nr);
		KUNIT_EXPECT_EQ_MSG(test, trap.stval, VIRT + a->page * PAGE_SIZE + a->fault,
				    "row %u", nr);
		KUNIT_EXPECT_EQ_MSG(test, trap.sepc, vcpu->sw.sepc, "row %u", nr);
	} else if (a->op == FETCH) {
		KUNIT_EXPECT_EQ_MSG(test, insn, a->insn, "row %u", nr);
	} else {
		check_bytes(test, a, nr);
	}
}

static void virt_body(struct kunit *test, struct rvhv_vcpu *vcpu)
{
	unsigned int i;

	/* vsatp and vsstatus are the guest's: preemption saves and restores them. */
	csr_write(CSR_VSATP, SATP_MODE_39 | ROOT >> 12);
	for (i = 0; i < ARRAY_SIZE(accesses); i++)
		one_access(test, vcpu, i);
	csr_write(CSR_VSATP, 0);
	csr_clear(CSR_VSSTATUS, SR_SUM | MXR);
}

static void virtual_addresses(struct kunit *test)
{
	scratch = kunit_kzalloc(test, sizeof(*scratch), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, scratch);
	run_in_handler(test, virt_body);
}

/* A fence requested by another hart takes effect before a handler's store. */
static void fence_body(struct kunit *test, struct rvhv_vcpu *vcpu)
{
	const struct rvhv_fence all = { .kind = RVHV_FENCE_VVMA, .size = RVHV_FENCE_ALL };
	unsigned long gva = VIRT + PG_RW * PAGE_SIZE;
	struct rvhv_trap trap;
	u64 val = 1, seen = 0;

	csr_write(CSR_VSATP, SATP_MODE_39 | ROOT >> 12);
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_write_virt(vcpu, gva, &val, sizeof(val), &trap), 0);
	write_gpa(test, LEAVES + 8 * PG_RW, PTE(FRAMES + 0x4000, V | R | W | AD));
	rvhv_fence_post(vcpu, &all);
	val = 2;
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_write_virt(vcpu, gva, &val, sizeof(val), &trap), 0);
	KUNIT_EXPECT_FALSE(test, vcpu->requests & BIT(RVHV_REQ_FENCE));
	KUNIT_EXPECT_EQ(test, vcpu->mode, RVHV_OUTSIDE_GUEST);
	get_user(seen, (u64 __user *)live_hva(now.live, FRAMES));
	KUNIT_EXPECT_EQ(test, seen, 1);
	get_user(seen, (u64 __user *)live_hva(now.live, FRAMES + 0x4000));
	KUNIT_EXPECT_EQ(test, seen, 2);
	csr_write(CSR_VSATP, 0);
}

static void fences_come_first(struct kunit *test)
{
	run_in_handler(test, fence_body);
}

/* Tables outside memory, in devices, and pointing to themselves */
static void hostile_body(struct kunit *test, struct rvhv_vcpu *vcpu)
{
	static const u64 roots[] = {
		0, LIVE_DEVICE, ROM, 0x7ffffff000, (1ULL << 56) - 0x1000, LIVE_RAM + LIVE_RAM_SIZE,
	};
	struct rvhv_trap trap;
	unsigned int i;
	u64 val;
	int ret;

	for (i = 0; i < ARRAY_SIZE(roots); i++) {
		csr_write(CSR_VSATP, SATP_MODE_39 | roots[i] >> 12);
		local_flush_tlb_all();
		ret = rvhv_vcpu_read_virt(vcpu, &val, VIRT, sizeof(val), &trap);
		KUNIT_EXPECT_EQ_MSG(test, ret, 1, "root %llx", roots[i]);
		KUNIT_EXPECT_EQ_MSG(test, trap.stval, VIRT, "root %llx", roots[i]);
		KUNIT_EXPECT_TRUE_MSG(test, trap.scause == EXC_LOAD_ACCESS ||
				      trap.scause == EXC_LOAD_PAGE_FAULT, "root %llx", roots[i]);
		ret = rvhv_vcpu_write_virt(vcpu, -8UL, &val, sizeof(val), &trap);
		KUNIT_EXPECT_EQ_MSG(test, ret, 1, "root %llx", roots[i]);
	}
	/* Every entry of the root points to the root. */
	for (i = 0; i < 512; i++)
		write_gpa(test, ROOT + 8 * i, PTE(ROOT, V));
	csr_write(CSR_VSATP, SATP_MODE_39 | ROOT >> 12);
	ret = rvhv_vcpu_read_virt(vcpu, &val, VIRT, sizeof(val), &trap);
	KUNIT_EXPECT_EQ(test, ret, 1);
	KUNIT_EXPECT_EQ(test, trap.scause, EXC_LOAD_PAGE_FAULT);
	/* An address that is not sign-extended */
	ret = rvhv_vcpu_read_virt(vcpu, &val, 1UL << 50, sizeof(val), &trap);
	KUNIT_EXPECT_EQ(test, ret, 1);
	KUNIT_EXPECT_EQ(test, trap.scause, EXC_LOAD_PAGE_FAULT);
	csr_write(CSR_VSATP, 0);
}

static void hostile_tables(struct kunit *test)
{
	run_in_handler(test, hostile_body);
}

/* ---- physical addresses ---- */

static void phys_body(struct kunit *test, struct rvhv_vcpu *vcpu)
{
	const u64 end = LIVE_RAM + LIVE_RAM_SIZE;
	u8 buf[64], byte;
	unsigned int i;

	/* VS-stage translation is on; it does not matter and stays. */
	csr_write(CSR_VSATP, SATP_MODE_39 | ROOT >> 12);
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_read_phys(vcpu, buf, FRAMES + 0xff0, 32), 0);
	for (i = 0; i < 32; i++)
		KUNIT_EXPECT_EQ(test, buf[i], pattern(FRAMES + 0xff0 + i));
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_read_phys(vcpu, buf, end - 8, 8), 0);
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_read_phys(vcpu, buf, end - 8, 9), -EFAULT);
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_read_phys(vcpu, buf, end, 1), -EFAULT);
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_read_phys(vcpu, buf, -4ULL, 8), -EFAULT);
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_read_phys(vcpu, buf, FRAMES, -1UL), -EFAULT);
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_read_phys(vcpu, buf, -1ULL, 0), 0);
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_read_phys(vcpu, buf, ROM, 8), 0);
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_write_phys(vcpu, ROM, buf, 8), -EFAULT);
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_write_phys(vcpu, LIVE_DEVICE, buf, 1), -EFAULT);
	memset(buf, 0xa5, sizeof(buf));
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_write_phys(vcpu, FRAMES + 0x1fe0, buf, 64), 0);
	for (i = 0; i < 64; i++) {
		KUNIT_EXPECT_EQ(test, get_user(byte, (u8 __user *)live_hva(now.live, FRAMES +
									   0x1fe0 + i)), 0);
		KUNIT_EXPECT_EQ(test, byte, 0xa5);
	}
	KUNIT_EXPECT_EQ(test, csr_read(CSR_VSATP), SATP_MODE_39 | ROOT >> 12);
	csr_write(CSR_VSATP, 0);
}

static void physical_addresses(struct kunit *test)
{
	run_in_handler(test, phys_body);
}

/* With dirty logging, leaves are single pages. */
static void log_dirty(struct kunit *test)
{
	struct rvhv_region region = {
		.gpa = LIVE_RAM, .size = LIVE_RAM_SIZE, .hva = now.live->hva,
		.flags = RVHV_SLOT_LOG_DIRTY,
	};

	KUNIT_EXPECT_EQ(test, rvhv_mem_set_region(&now.live->vm->mem, &region), 0);
}

/* An atomic access copies up to the first byte that is not mapped. */
static void atomic_body(struct kunit *test, struct rvhv_vcpu *vcpu)
{
	struct rvhv_mem *mem = &now.live->vm->mem;
	const u64 base = FRAMES + 0x4000, cold = FRAMES + 0x5000;
	struct rvhv_fault fault = { .gpa = base, .write = true };
	struct csrs before, after;
	unsigned long flags;
	unsigned int i;
	u8 buf[64];
	size_t n[10];

	log_dirty(test);
	rvhv_mem_unmap_range(mem, base, base + 0x2000);
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_read_phys_atomic(vcpu, buf, base, 64), 0);
	KUNIT_EXPECT_EQ(test, rvhv_mem_fault(mem, &vcpu->cache, &fault), RVHV_FAULT_MAPPED);
	rvhv_mem_unmap_range(mem, cold, cold + 0x1000);
	csr_write(CSR_VSATP, SATP_MODE_39 | ROOT >> 12);

	memset(buf, 0, sizeof(buf));
	local_irq_save(flags);
	before = read_csrs();
	n[0] = rvhv_vcpu_read_phys_atomic(vcpu, buf, base + 3, 33);
	n[1] = rvhv_vcpu_read_phys_atomic(vcpu, buf, cold - 24, 64);
	n[2] = rvhv_vcpu_write_phys_atomic(vcpu, base, buf, 64);
	n[3] = rvhv_vcpu_write_phys_atomic(vcpu, cold - 5, buf, 64);
	n[4] = rvhv_vcpu_read_phys_atomic(vcpu, buf, cold, 1);
	n[5] = rvhv_vcpu_read_phys_atomic(vcpu, buf, -8ULL, 64);
	n[6] = rvhv_vcpu_read_phys_atomic(vcpu, buf, LIVE_DEVICE, 8);
	n[7] = rvhv_vcpu_write_phys_atomic(vcpu, ROM, buf, 8);
	n[8] = rvhv_vcpu_read_phys_atomic(vcpu, buf, base, 0);
	n[9] = rvhv_vcpu_read_phys_atomic(vcpu, buf, 1ULL << 62, 8);
	after = read_csrs();
	local_irq_restore(flags);

	KUNIT_EXPECT_EQ(test, n[0], 33);
	KUNIT_EXPECT_EQ(test, n[1], 24);
	for (i = 0; i < 24; i++)
		KUNIT_EXPECT_EQ(test, buf[i], pattern(cold - 24 + i));
	KUNIT_EXPECT_EQ(test, n[2], 64);
	KUNIT_EXPECT_EQ(test, n[3], 5);
	for (i = 4; i < ARRAY_SIZE(n); i++)
		KUNIT_EXPECT_EQ_MSG(test, n[i], 0, "access %u", i);
	KUNIT_EXPECT_MEMEQ(test, &before, &after, sizeof(before));
	csr_write(CSR_VSATP, 0);
}

static void atomic_access(struct kunit *test)
{
	run_in_handler(test, atomic_body);
}

/* A handler's store is in the dirty log, like the guest's. */
static void dirty_body(struct kunit *test, struct rvhv_vcpu *vcpu)
{
	struct rvhv_slot *slot;
	struct rvhv_trap trap;
	u64 first, val = 1;

	log_dirty(test);
	mutex_lock(&now.live->vm->mem.slots_lock);
	slot = rvhv_slot_by_id(&now.live->vm->mem, 0);
	mutex_unlock(&now.live->vm->mem.slots_lock);
	first = (LIVE_DATA - LIVE_RAM) >> 12;
	KUNIT_EXPECT_FALSE(test, test_bit(first + 0x110, slot->dirty));
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_read_virt(vcpu, &val, LIVE_DATA + 0x110000, 8, &trap), 0);
	KUNIT_EXPECT_FALSE(test, test_bit(first + 0x110, slot->dirty));
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_write_virt(vcpu, LIVE_DATA + 0x110ffc, &val, 8, &trap), 0);
	KUNIT_EXPECT_TRUE(test, test_bit(first + 0x110, slot->dirty));
	KUNIT_EXPECT_TRUE(test, test_bit(first + 0x111, slot->dirty));
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_write_phys(vcpu, LIVE_DATA + 0x112000, &val, 8), 0);
	KUNIT_EXPECT_TRUE(test, test_bit(first + 0x112, slot->dirty));
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_write_phys_atomic(vcpu, LIVE_DATA + 0x113000, &val, 8), 0);
	KUNIT_EXPECT_FALSE(test, test_bit(first + 0x113, slot->dirty));
}

static void dirty_log(struct kunit *test)
{
	run_in_handler(test, dirty_body);
}

static void register_body(struct kunit *test, struct rvhv_vcpu *vcpu)
{
	unsigned long saved = rvhv_vcpu_get_gpr(vcpu, 27);

	KUNIT_EXPECT_PTR_EQ(test, rvhv_vcpu_vm(vcpu), now.live->vm);
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_hart_id(vcpu), 0);
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_get_gpr(vcpu, 17), EID);
	rvhv_vcpu_set_gpr(vcpu, 0, 5);
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_get_gpr(vcpu, 0), 0);
	rvhv_vcpu_set_gpr(vcpu, 27, 0x123);
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_get_gpr(vcpu, 27), 0x123);
	KUNIT_EXPECT_EQ(test, rvhv_vcpu_get_gpr(vcpu, 32 + 27), 0x123);
	rvhv_vcpu_set_gpr(vcpu, 27, saved);
}

static void registers(struct kunit *test)
{
	run_in_handler(test, register_body);
}

static struct kunit_case live_access_cases[] = {
	KUNIT_CASE(virtual_addresses),
	KUNIT_CASE(fences_come_first),
	KUNIT_CASE(hostile_tables),
	KUNIT_CASE(physical_addresses),
	KUNIT_CASE(atomic_access),
	KUNIT_CASE(dirty_log),
	KUNIT_CASE(registers),
	{}
};

static int live_access_init(struct kunit *test)
{
	if (!riscv_isa_extension_available(NULL, h))
		kunit_skip(test, "no H extension");
	return 0;
}

static struct kunit_suite live_access_suite = {
	.name = "rvhv_live_access",
	.init = live_access_init,
	.test_cases = live_access_cases,
};

kunit_test_suite(live_access_suite);
