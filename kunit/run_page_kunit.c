// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the run page and the statistics file.
 */
#include <kunit/test.h>
#include <linux/mman.h>
#include <linux/uaccess.h>

#include "../include/rvhv_arch.h"
#include "../sbi/sbi.h"
#include "../uapi/abi.h"
#include "../uapi/run_page.h"
#include "../uapi/stats.h"

static int run_page_init(struct kunit *test)
{
	test->priv = rvhv_run_page_alloc();
	return test->priv ? 0 : -ENOMEM;
}

static void run_page_exit(struct kunit *test)
{
	rvhv_run_page_free(test->priv);
}

/* Store @exit on a page filled with @poison; only struct kvm_run's union may change. */
static struct kvm_run *store(struct kunit *test, const struct rvhv_exit *exit, int ret, u8 poison)
{
	struct kvm_run *run = test->priv;
	size_t end = offsetof(struct kvm_run, padding) + sizeof(run->padding);
	u8 *bytes = test->priv;
	size_t i;

	memset(run, poison, PAGE_SIZE);
	rvhv_run_page_store(run, exit, ret);
	for (i = end; i < PAGE_SIZE; i++)
		KUNIT_ASSERT_EQ_MSG(test, bytes[i], poison, "offset %zu", i);
	KUNIT_EXPECT_EQ(test, run->flags, 0);
	return run;
}

static void fresh_page_is_zero(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, memchr_inv(test->priv, 0, PAGE_SIZE));
}

static void store_mmio_write(struct kunit *test)
{
	struct rvhv_exit exit = {
		.reason = RVHV_REASON_MMIO,
		.mmio = { .addr = 0x10000000, .len = 4, .write = true,
			  .data = { 1, 2, 3, 4, 0xee, 0xee, 0xee, 0xee } },
	};
	static const u8 want[8] = { 1, 2, 3, 4 };
	struct kvm_run *run = store(test, &exit, 0, 0xaa);

	KUNIT_EXPECT_EQ(test, run->exit_reason, KVM_EXIT_MMIO);
	KUNIT_EXPECT_EQ(test, run->mmio.phys_addr, 0x10000000);
	KUNIT_EXPECT_EQ(test, run->mmio.len, 4);
	KUNIT_EXPECT_EQ(test, run->mmio.is_write, 1);
	KUNIT_EXPECT_MEMEQ(test, run->mmio.data, want, sizeof(want));
}

static void store_mmio_read(struct kunit *test)
{
	struct rvhv_exit exit = {
		.reason = RVHV_REASON_MMIO,
		.mmio = { .addr = 0x10000005, .len = 1, .data = { 0xee, 0xee } },
	};
	struct kvm_run *run = store(test, &exit, 0, 0xaa);

	KUNIT_EXPECT_EQ(test, run->mmio.is_write, 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(run->mmio.data, 0, sizeof(run->mmio.data)));
}

static void store_sbi(struct kunit *test)
{
	struct rvhv_exit exit = {
		.reason = RVHV_REASON_SBI,
		.sbi = { .eid = 0x08000001, .fid = 2, .args = { 10, 11, 12, 13, 14, 15 },
			 .ret = { 0xbad, 0xbad } },
	};
	struct kvm_run *run = store(test, &exit, 0, 0xaa);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, run->exit_reason, KVM_EXIT_RISCV_SBI);
	KUNIT_EXPECT_EQ(test, run->riscv_sbi.extension_id, 0x08000001);
	KUNIT_EXPECT_EQ(test, run->riscv_sbi.function_id, 2);
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, run->riscv_sbi.args[i], 10 + i);
	KUNIT_EXPECT_EQ(test, (long)run->riscv_sbi.ret[0], SBI_ERR_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, run->riscv_sbi.ret[1], 0);
}

static void store_csr(struct kunit *test)
{
	struct rvhv_exit exit = {
		.reason = RVHV_REASON_CSR,
		.csr = { .num = 0x15, .new = 5, .mask = 7, .ret = 0xbad },
	};
	struct kvm_run *run = store(test, &exit, 0, 0xaa);

	KUNIT_EXPECT_EQ(test, run->exit_reason, KVM_EXIT_RISCV_CSR);
	KUNIT_EXPECT_EQ(test, run->riscv_csr.csr_num, 0x15);
	KUNIT_EXPECT_EQ(test, run->riscv_csr.new_value, 5);
	KUNIT_EXPECT_EQ(test, run->riscv_csr.write_mask, 7);
	KUNIT_EXPECT_EQ(test, run->riscv_csr.ret_value, 0);
}

static void store_system_event(struct kunit *test)
{
	struct rvhv_exit exit = {
		.reason = RVHV_REASON_SYSTEM,
		.system = { .event = RVHV_SYSTEM_SHUTDOWN, .reason = 1 },
	};
	struct kvm_run *run = store(test, &exit, 0, 0xaa);

	KUNIT_EXPECT_EQ(test, run->exit_reason, KVM_EXIT_SYSTEM_EVENT);
	KUNIT_EXPECT_EQ(test, run->system_event.type, KVM_SYSTEM_EVENT_SHUTDOWN);
	KUNIT_EXPECT_EQ(test, run->system_event.ndata, 1);
	KUNIT_EXPECT_EQ(test, run->system_event.data[0], 1);
	KUNIT_EXPECT_NULL(test, memchr_inv(&run->system_event.data[1], 0,
					   sizeof(run->system_event.data) - 8));
	exit.system.event = RVHV_SYSTEM_RESET;
	run = store(test, &exit, 0, 0x55);
	KUNIT_EXPECT_EQ(test, run->system_event.type, KVM_SYSTEM_EVENT_RESET);
}

static void store_unhandled_cause(struct kunit *test)
{
	struct rvhv_exit exit = {
		.reason = RVHV_REASON_UNHANDLED,
		.unhandled = {
			.trap = { .sepc = 1, .scause = 2, .stval = 3, .htval = 4, .htinst = 5 },
			.insn = 6,
		},
	};
	struct kvm_run *run = store(test, &exit, 0, 0xaa);
	struct rvhv_exit_unhandled *record = (void *)&run->hw;

	KUNIT_EXPECT_EQ(test, run->exit_reason, KVM_EXIT_UNKNOWN);
	KUNIT_EXPECT_EQ(test, run->hw.hardware_exit_reason, 2);
	KUNIT_EXPECT_EQ(test, record->sepc, 1);
	KUNIT_EXPECT_EQ(test, record->stval, 3);
	KUNIT_EXPECT_EQ(test, record->htval, 4);
	KUNIT_EXPECT_EQ(test, record->htinst, 5);
	KUNIT_EXPECT_EQ(test, record->insn, 6);
	KUNIT_EXPECT_EQ(test, record->action, RVHV_UNHANDLED_RETRY);
	KUNIT_EXPECT_EQ(test, record->inject_scause, 0);
	KUNIT_EXPECT_EQ(test, record->inject_stval, 0);
	KUNIT_EXPECT_EQ(test, record->reserved[0], 0);
	KUNIT_EXPECT_EQ(test, record->reserved[1], 0);
}

static void store_hypercall(struct kunit *test)
{
	struct rvhv_exit exit = {
		.reason = RVHV_REASON_HYPERCALL,
		.hypercall = { .nr = 9, .args = { 1, 2, 3, 4, 5, -1UL } },
	};
	struct kvm_run *run = store(test, &exit, 0, 0xaa);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, run->exit_reason, KVM_EXIT_HYPERCALL);
	KUNIT_EXPECT_EQ(test, run->hypercall.nr, 9);
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, run->hypercall.args[i], i < 5 ? i + 1 : -1ULL);
	KUNIT_EXPECT_EQ(test, (s64)run->hypercall.ret, SBI_ERR_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, run->hypercall.flags, 0);
}

static void store_debug_and_signal(struct kunit *test)
{
	struct rvhv_exit exit = { .reason = RVHV_REASON_DEBUG };

	KUNIT_EXPECT_EQ(test, store(test, &exit, 0, 0)->exit_reason, KVM_EXIT_DEBUG);
	exit.reason = RVHV_REASON_INTR;
	KUNIT_EXPECT_EQ(test, store(test, &exit, -EINTR, 0)->exit_reason, KVM_EXIT_INTR);
	/* -EINTR is a signal, whatever the record holds. */
	exit.reason = RVHV_REASON_MMIO;
	KUNIT_EXPECT_EQ(test, store(test, &exit, -EINTR, 0)->exit_reason, KVM_EXIT_INTR);
}

/* After an error the record is ignored, and no old one stays on the page. */
static void store_error(struct kunit *test)
{
	struct rvhv_exit exit = { .reason = RVHV_REASON_UNHANDLED, .unhandled.insn = 6 };
	static const int errors[] = { -EFAULT, -EINVAL, -ENOMEM, -EHWPOISON };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		struct kvm_run *run = store(test, &exit, errors[i], 0xaa);

		KUNIT_EXPECT_EQ(test, run->exit_reason, KVM_EXIT_UNKNOWN);
		KUNIT_EXPECT_NULL(test, memchr_inv(&run->hw, 0,
						   sizeof(struct rvhv_exit_unhandled)));
	}
	exit.reason = 99;
	KUNIT_EXPECT_EQ(test, store(test, &exit, 0, 0xaa)->exit_reason, KVM_EXIT_UNKNOWN);
}

static void answer_mmio(struct kunit *test)
{
	static const u8 data[8] = { 8, 7, 6, 5, 4, 3, 2, 1 };
	struct rvhv_exit exit = { .reason = RVHV_REASON_MMIO, .pending = true, .mmio.len = 8 };
	struct kvm_run *run = test->priv;

	memcpy(run->mmio.data, data, sizeof(data));
	KUNIT_EXPECT_FALSE(test, rvhv_run_page_answer(run, &exit));
	KUNIT_EXPECT_MEMEQ(test, exit.mmio.data, data, sizeof(data));

	/* A store has no answer. */
	exit.mmio.write = true;
	memset(exit.mmio.data, 0xaa, sizeof(exit.mmio.data));
	rvhv_run_page_answer(run, &exit);
	KUNIT_EXPECT_NULL(test, memchr_inv(exit.mmio.data, 0xaa, sizeof(exit.mmio.data)));
}

static void answer_hypercall(struct kunit *test)
{
	struct rvhv_exit exit = { .reason = RVHV_REASON_HYPERCALL, .pending = true };
	struct kvm_run *run = test->priv;

	run->hypercall.ret = 0x8000000000000001;
	rvhv_run_page_answer(run, &exit);
	KUNIT_EXPECT_EQ(test, exit.hypercall.ret, 0x8000000000000001);
}

static void answer_unhandled_cause(struct kunit *test)
{
	static const enum rvhv_verdict verdicts[] = {
		RVHV_VERDICT_RETRY, RVHV_VERDICT_SKIP, RVHV_VERDICT_INJECT,
	};
	struct kvm_run *run = test->priv;
	struct rvhv_exit_unhandled *record = (void *)&run->hw;
	unsigned int i;

	for (i = 0; i < 40; i++) {
		struct rvhv_exit exit = {
			.reason = RVHV_REASON_UNHANDLED,
			.pending = true,
			.unhandled.trap.sepc = 0x100,
		};

		record->action = i < 8 ? i : BIT(i - 8);
		record->inject_scause = 24;
		record->inject_stval = 99;
		/* The VMM cannot change the trap. */
		record->sepc = -1ULL;
		rvhv_run_page_answer(run, &exit);
		KUNIT_EXPECT_EQ(test, exit.unhandled.bad, record->action >= ARRAY_SIZE(verdicts));
		if (exit.unhandled.bad)
			continue;
		KUNIT_EXPECT_EQ(test, exit.unhandled.action, verdicts[record->action]);
		KUNIT_EXPECT_EQ(test, exit.unhandled.inject.scause, 24);
		KUNIT_EXPECT_EQ(test, exit.unhandled.inject.stval, 99);
		KUNIT_EXPECT_EQ(test, exit.unhandled.inject.sepc, 0x100);
		KUNIT_EXPECT_EQ(test, exit.unhandled.inject.htval, 0);
	}
	record->action = RVHV_UNHANDLED_RETRY;
	for (i = 0; i < 2; i++) {
		struct rvhv_exit exit = { .reason = RVHV_REASON_UNHANDLED, .pending = true };

		record->reserved[0] = !i;
		record->reserved[1] = i;
		rvhv_run_page_answer(run, &exit);
		KUNIT_EXPECT_TRUE(test, exit.unhandled.bad);
	}
}

static void answer_sbi_and_csr(struct kunit *test)
{
	struct rvhv_exit exit = { .reason = RVHV_REASON_SBI, .pending = true };
	struct kvm_run *run = test->priv;

	run->riscv_sbi.ret[0] = -3;
	run->riscv_sbi.ret[1] = 4;
	rvhv_run_page_answer(run, &exit);
	KUNIT_EXPECT_EQ(test, (long)exit.sbi.ret[0], -3);
	KUNIT_EXPECT_EQ(test, exit.sbi.ret[1], 4);

	exit = (struct rvhv_exit) { .reason = RVHV_REASON_CSR, .pending = true };
	run->riscv_csr.ret_value = 99;
	rvhv_run_page_answer(run, &exit);
	KUNIT_EXPECT_EQ(test, exit.csr.ret, 99);
}

/* Only the kernel's record says whether there is an answer, and to what. */
static void answer_distrusts_the_vmm(struct kunit *test)
{
	static const struct rvhv_exit exits[] = {
		{ .reason = RVHV_REASON_DEBUG, .pending = true, .debug.pc = 5 },
		{ .reason = RVHV_REASON_SBI, .sbi.ret = { 5, 6 } },
	};
	struct kvm_run *run = test->priv;
	struct rvhv_exit exit;
	unsigned int i;

	memset(run, 0xff, PAGE_SIZE);
	run->exit_reason = KVM_EXIT_RISCV_SBI;
	for (i = 0; i < ARRAY_SIZE(exits); i++) {
		exit = exits[i];
		KUNIT_EXPECT_TRUE(test, rvhv_run_page_answer(run, &exit));
		KUNIT_EXPECT_MEMEQ(test, &exit, &exits[i], sizeof(exit));
	}
}

static void immediate_exit(struct kunit *test)
{
	struct kvm_run *run = test->priv;
	struct rvhv_exit exit = {};

	KUNIT_EXPECT_FALSE(test, rvhv_run_page_answer(run, &exit));
	run->HINT_UNSAFE_IN_KVM(immediate_exit) = 1;
	KUNIT_EXPECT_TRUE(test, rvhv_run_page_answer(run, &exit));
}

static struct kunit_case run_page_cases[] = {
	KUNIT_CASE(fresh_page_is_zero),
	KUNIT_CASE(store_mmio_write),
	KUNIT_CASE(store_mmio_read),
	KUNIT_CASE(store_sbi),
	KUNIT_CASE(store_csr),
	KUNIT_CASE(store_system_event),
	KUNIT_CASE(store_unhandled_cause),
	KUNIT_CASE(store_hypercall),
	KUNIT_CASE(store_debug_and_signal),
	KUNIT_CASE(store_error),
	KUNIT_CASE(answer_mmio),
	KUNIT_CASE(answer_hypercall),
	KUNIT_CASE(answer_unhandled_cause),
	KUNIT_CASE(answer_sbi_and_csr),
	KUNIT_CASE(answer_distrusts_the_vmm),
	KUNIT_CASE(immediate_exit),
	{}
};

static struct kunit_suite run_page_suite = {
	.name = "rvhv_run_page",
	.init = run_page_init,
	.exit = run_page_exit,
	.test_cases = run_page_cases,
};

/* ---- statistics ---- */

static const struct kvm_stats_desc descs[] = {
	{ .name = "first", .size = 1, .offset = 0 },
	{ .name = "second", .size = 4, .offset = 8 },
};

static const u64 counters[] = { 10, 20, 30, 40, 50 };

struct stats_ctx {
	struct rvhv_stats_file file;
	u8 whole[512];
	size_t bytes;
	char __user *user;
};

static int stats_init(struct kunit *test)
{
	struct stats_ctx *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	unsigned long user;

	if (!ctx)
		return -ENOMEM;
	rvhv_stats_init(&ctx->file, descs, ARRAY_SIZE(descs), counters, 2);
	rvhv_stats_append(&ctx->file, counters + 2, ARRAY_SIZE(counters) - 2);
	strscpy(ctx->file.id, "kvm-1");
	/* The model: the parts in order */
	memcpy(ctx->whole, &ctx->file.header, sizeof(ctx->file.header));
	ctx->bytes = sizeof(ctx->file.header);
	memcpy(ctx->whole + ctx->bytes, ctx->file.id, sizeof(ctx->file.id));
	ctx->bytes += sizeof(ctx->file.id);
	memcpy(ctx->whole + ctx->bytes, descs, sizeof(descs));
	ctx->bytes += sizeof(descs);
	memcpy(ctx->whole + ctx->bytes, counters, sizeof(counters));
	ctx->bytes += sizeof(counters);

	user = kunit_vm_mmap(test, NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_ANONYMOUS | MAP_PRIVATE, 0);
	if (!user || user >= TASK_SIZE)
		return -ENOMEM;
	ctx->user = (char __user *)user;
	test->priv = ctx;
	return 0;
}

static void stats_header(struct kunit *test)
{
	struct stats_ctx *ctx = test->priv;
	const struct kvm_stats_header *header = &ctx->file.header;

	KUNIT_EXPECT_EQ(test, header->flags, 0);
	KUNIT_EXPECT_EQ(test, header->name_size, KVM_STATS_NAME_SIZE);
	KUNIT_EXPECT_EQ(test, header->num_desc, ARRAY_SIZE(descs));
	KUNIT_EXPECT_EQ(test, header->id_offset, sizeof(*header));
	KUNIT_EXPECT_EQ(test, header->desc_offset, header->id_offset + header->name_size);
	KUNIT_EXPECT_EQ(test, header->data_offset, header->desc_offset + sizeof(descs));
	KUNIT_EXPECT_EQ(test, header->data_offset % 8, 0);
}

/* From every position: a few bytes, and all of them. */
static void stats_read_anywhere(struct kunit *test)
{
	static const size_t sizes[] = { 0, 1, 7, 24, 100, 512 };
	struct stats_ctx *ctx = test->priv;
	u8 got[512];
	size_t at, want;
	unsigned int i;
	loff_t pos;

	for (at = 0; at <= ctx->bytes + 2; at++) {
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			want = at < ctx->bytes ? min(sizes[i], ctx->bytes - at) : 0;
			pos = at;
			KUNIT_ASSERT_EQ(test, rvhv_stats_read(&ctx->file, ctx->user, sizes[i],
							      &pos), want);
			KUNIT_ASSERT_EQ(test, pos, at + want);
			KUNIT_ASSERT_EQ(test, copy_from_user(got, ctx->user, want), 0);
			KUNIT_ASSERT_MEMEQ(test, got, ctx->whole + at, want);
		}
	}
}

static void stats_bad_input(struct kunit *test)
{
	struct stats_ctx *ctx = test->priv;
	char __user *bad = (char __user *)PAGE_SIZE;
	loff_t pos = 0;

	KUNIT_EXPECT_EQ(test, rvhv_stats_read(&ctx->file, bad, 8, &pos), -EFAULT);
	KUNIT_EXPECT_EQ(test, pos, 0);
	pos = ctx->bytes - 1;
	KUNIT_EXPECT_EQ(test, rvhv_stats_read(&ctx->file, bad, 8, &pos), -EFAULT);
	pos = -1;
	KUNIT_EXPECT_EQ(test, rvhv_stats_read(&ctx->file, ctx->user, 8, &pos), -EINVAL);
	pos = S64_MAX;
	KUNIT_EXPECT_EQ(test, rvhv_stats_read(&ctx->file, ctx->user, 8, &pos), 0);
}

static struct kunit_case stats_cases[] = {
	KUNIT_CASE(stats_header),
	KUNIT_CASE(stats_read_anywhere),
	KUNIT_CASE(stats_bad_input),
	{}
};

static struct kunit_suite stats_suite = {
	.name = "rvhv_stats",
	.init = stats_init,
	.test_cases = stats_cases,
};

kunit_test_suites(&run_page_suite, &stats_suite);

MODULE_LICENSE("GPL");
