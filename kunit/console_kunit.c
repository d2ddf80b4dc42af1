// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the debug console: SBI calls on a fake console, the lines of the printk sink, and
 * the choice of a sink.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/string.h>

#include "../sbi/sbi_errors.h"
#include "sbi_fake.h"

#define DBCN_WRITE	SBI_EXT_DBCN_CONSOLE_WRITE
#define DBCN_READ	SBI_EXT_DBCN_CONSOLE_READ
#define DBCN_WRITE_BYTE	SBI_EXT_DBCN_CONSOLE_WRITE_BYTE

#define MEM_END		(SBI_FAKE_MEM + SBI_FAKE_MEM_SIZE)
#define MEM_RO		(SBI_FAKE_MEM + SBI_FAKE_MEM_RO)

/* Legacy extensions */
#define PUTCHAR		0x1
#define GETCHAR		0x2

static enum rvhv_sbi_result dbcn(struct sbi_fake_vm *vm, unsigned long fid, unsigned long len,
				 unsigned long lo, unsigned long hi)
{
	return sbi_fake_call(vm, false, SBI_EXT_DBCN, fid, len, lo, hi, 0, 0);
}

static int console_test_init(struct kunit *test)
{
	int ret = sbi_fake_test_init(test);
	struct sbi_fake_vm *vm = test->priv;
	unsigned int i;

	if (ret)
		return ret;
	sbi_fake_add_console(test, vm);
	for (i = 0; i < SBI_FAKE_MEM_SIZE; i++)
		vm->mem[i] = i * 7 + (i >> 8);
	return 0;
}

/* ---- choice of a sink ---- */

static void sinks(struct kunit *test)
{
	struct rvhv_console *console;
	u8 byte;

	KUNIT_EXPECT_NULL(test, rvhv_console_create(RVHV_SINK_VMM, 0));
	KUNIT_EXPECT_NULL(test, rvhv_console_create_default());
	rvhv_console_destroy(NULL);
	KUNIT_EXPECT_TRUE(test, rvhv_console_is(NULL, RVHV_SINK_VMM, 0));
	KUNIT_EXPECT_FALSE(test, rvhv_console_is(NULL, RVHV_SINK_PRINTK, 0));

	console = rvhv_console_create(RVHV_SINK_PRINTK, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, console);
	KUNIT_EXPECT_TRUE(test, rvhv_console_is(console, RVHV_SINK_PRINTK, 0));
	KUNIT_EXPECT_FALSE(test, rvhv_console_is(console, RVHV_SINK_VMM, 0));
	KUNIT_EXPECT_FALSE(test, rvhv_console_is(console, RVHV_SINK_TTY, 0));
	KUNIT_EXPECT_EQ(test, rvhv_console_index(console), 0);
	KUNIT_EXPECT_EQ(test, rvhv_console_write(console, "one\ntwo", 7), 7);
	KUNIT_EXPECT_EQ(test, rvhv_console_read(console, &byte, 1), 0);
	KUNIT_EXPECT_EQ(test, rvhv_console_wait_room(console), 0);
	rvhv_console_destroy(console);
}

static void dbcn_is_on_with_a_console(struct kunit *test)
{
	struct rvhv_console console = {};
	struct rvhv_sbi_vm vm = {};
	struct rvhv_sbi_state state;
	bool on;

	rvhv_sbi_state_init(&state, &vm);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_ext_get(&state, SBI_EXT_DBCN, &on), 0);
	KUNIT_EXPECT_FALSE(test, on);
	vm.console = &console;
	rvhv_sbi_state_init(&state, &vm);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_ext_get(&state, SBI_EXT_DBCN, &on), 0);
	KUNIT_EXPECT_TRUE(test, on);
	/* unless the VMM forwards it */
	vm.forwarded_rows = BIT_ULL(rvhv_sbi_row(SBI_EXT_DBCN));
	rvhv_sbi_state_init(&state, &vm);
	KUNIT_EXPECT_EQ(test, rvhv_sbi_ext_get(&state, SBI_EXT_DBCN, &on), 0);
	KUNIT_EXPECT_FALSE(test, on);
}

/* ---- DBCN ---- */

struct range_case {
	const char *name;
	unsigned long len, lo, hi;
	long write, read;	/* bytes, or an error */
};

static const struct range_case range_cases[] = {
	{ "one byte", 1, SBI_FAKE_MEM, 0, 1, 1 },
	{ "nothing", 0, SBI_FAKE_MEM, 0, 0, 0 },
	{ "nothing nowhere", 0, 0, 0, 0, 0 },
	{ "nothing at the end of addresses", 0, -1UL, 0, 0, 0 },
	{ "nothing, upper half", 0, SBI_FAKE_MEM, 1, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
	{ "upper half", 1, SBI_FAKE_MEM, 1, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
	{ "all of upper half", 1, SBI_FAKE_MEM, -1UL, SBI_ERR_INVALID_PARAM,
	  SBI_ERR_INVALID_PARAM },
	{ "before memory", 1, SBI_FAKE_MEM - 1, 0, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
	{ "begins before", 2, SBI_FAKE_MEM - 1, 0, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
	{ "last byte", 1, MEM_END - 1, 0, 1, SBI_ERR_INVALID_PARAM },
	{ "ends behind", 2, MEM_END - 1, 0, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
	{ "behind memory", 1, MEM_END, 0, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
	{ "last writable byte", 1, MEM_RO - 1, 0, 1, 1 },
	{ "into read-only memory", 2, MEM_RO - 1, 0, 2, SBI_ERR_INVALID_PARAM },
	{ "read-only memory", 1, MEM_RO, 0, 1, SBI_ERR_INVALID_PARAM },
	{ "bounce buffer", 256, SBI_FAKE_MEM + 1, 0, 256, 256 },
	{ "bounce buffer and one", 257, SBI_FAKE_MEM + 1, 0, 257, 257 },
	{ "most of a call", 4096, SBI_FAKE_MEM + 5, 0, 4096, 4096 },
	{ "more than a call does", 4097, SBI_FAKE_MEM, 0, 4096, 4096 },
	{ "all of memory", SBI_FAKE_MEM_SIZE, SBI_FAKE_MEM, 0, 4096, SBI_ERR_INVALID_PARAM },
	{ "all of memory and one", SBI_FAKE_MEM_SIZE + 1, SBI_FAKE_MEM, 0, SBI_ERR_INVALID_PARAM,
	  SBI_ERR_INVALID_PARAM },
	{ "wraps to itself", -1UL, SBI_FAKE_MEM + 1, 0, SBI_ERR_INVALID_PARAM,
	  SBI_ERR_INVALID_PARAM },
	{ "wraps to zero", -SBI_FAKE_MEM, SBI_FAKE_MEM, 0, SBI_ERR_INVALID_PARAM,
	  SBI_ERR_INVALID_PARAM },
	{ "everything", -1UL, 0, 0, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
	{ "last byte of addresses", 1, -1UL, 0, SBI_ERR_INVALID_PARAM, SBI_ERR_INVALID_PARAM },
};

KUNIT_ARRAY_PARAM_DESC(range, range_cases, name);

static void expect_done(struct kunit *test, long want)
{
	struct sbi_fake_vm *vm = test->priv;

	KUNIT_EXPECT_NULL(test, vm->misuse);
	KUNIT_EXPECT_EQ(test, vm->call.error, min(want, 0L));
	KUNIT_EXPECT_EQ(test, vm->call.value, max(want, 0L));
}

static void dbcn_write(struct kunit *test)
{
	const struct range_case *param = test->param_value;
	struct sbi_fake_vm *vm = test->priv;

	KUNIT_EXPECT_EQ(test, dbcn(vm, DBCN_WRITE, param->len, param->lo, param->hi),
			RVHV_SBI_DONE);
	expect_done(test, param->write);
	KUNIT_ASSERT_EQ(test, vm->console->out_len, max(param->write, 0L));
	if (param->write > 0)
		KUNIT_EXPECT_MEMEQ(test, vm->console->out, vm->mem + (param->lo - SBI_FAKE_MEM),
				   param->write);
}

static void dbcn_read(struct kunit *test)
{
	const struct range_case *param = test->param_value;
	struct sbi_fake_vm *vm = test->priv;
	u8 *in = kunit_kmalloc(test, 8192, GFP_KERNEL);
	u8 *was = kunit_kmalloc(test, SBI_FAKE_MEM_SIZE, GFP_KERNEL);
	unsigned long off = param->lo - SBI_FAKE_MEM;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, in);
	KUNIT_ASSERT_NOT_NULL(test, was);
	for (i = 0; i < 8192; i++)
		in[i] = i * 11 + (i >> 8);
	memcpy(was, vm->mem, SBI_FAKE_MEM_SIZE);
	vm->console->in = in;
	vm->console->in_len = 8192;

	KUNIT_EXPECT_EQ(test, dbcn(vm, DBCN_READ, param->len, param->lo, param->hi), RVHV_SBI_DONE);
	expect_done(test, param->read);
	/* No byte is lost, and no other memory changes */
	KUNIT_EXPECT_EQ(test, vm->console->in_len, 8192 - max(param->read, 0L));
	if (param->read > 0)
		memcpy(was + off, in, param->read);
	KUNIT_EXPECT_MEMEQ(test, vm->mem, was, SBI_FAKE_MEM_SIZE);
}

static void dbcn_waits_for_interrupts_on(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;
	unsigned long fid;

	for (fid = 0; fid < 16; fid++) {
		KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, SBI_EXT_DBCN, fid, 1, SBI_FAKE_MEM, 0,
						    0, 0),
				fid < 3 ? RVHV_SBI_DEFER : RVHV_SBI_DONE);
		sbi_fake_expect_error(test, fid < 3 ? 0 : SBI_ERR_NOT_SUPPORTED);
	}
	KUNIT_EXPECT_EQ(test, dbcn(vm, -1UL, 0, 0, 0), RVHV_SBI_DONE);
	sbi_fake_expect_error(test, SBI_ERR_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, vm->console->out_len, 0);
}

static void dbcn_write_is_partial(struct kunit *test)
{
	static const size_t rooms[] = { 0, 1, 255, 256, 257, 511, 999, 1000, 1001 };
	struct sbi_fake_vm *vm = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		vm->console->room = rooms[i];
		vm->console->out_len = 0;
		KUNIT_EXPECT_EQ(test, dbcn(vm, DBCN_WRITE, 1000, SBI_FAKE_MEM, 0), RVHV_SBI_DONE);
		expect_done(test, min(rooms[i], 1000));
		KUNIT_EXPECT_MEMEQ(test, vm->console->out, vm->mem, min(rooms[i], 1000));
		KUNIT_EXPECT_EQ(test, vm->console->waits, 0);
	}
}

static void dbcn_read_is_partial(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;

	vm->console->in = "typed";
	vm->console->in_len = 5;
	KUNIT_EXPECT_EQ(test, dbcn(vm, DBCN_READ, 3, SBI_FAKE_MEM, 0), RVHV_SBI_DONE);
	expect_done(test, 3);
	KUNIT_EXPECT_EQ(test, dbcn(vm, DBCN_READ, 4096, SBI_FAKE_MEM + 3, 0), RVHV_SBI_DONE);
	expect_done(test, 2);
	KUNIT_EXPECT_MEMEQ(test, vm->mem, "typed", 5);
	KUNIT_EXPECT_EQ(test, dbcn(vm, DBCN_READ, 4096, SBI_FAKE_MEM, 0), RVHV_SBI_DONE);
	expect_done(test, 0);
}

/* The VMM has unmapped the user memory behind the slot. */
static void dbcn_memory_goes_away(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;

	vm->mem_behind = 600;
	KUNIT_EXPECT_EQ(test, dbcn(vm, DBCN_WRITE, 1000, SBI_FAKE_MEM, 0), RVHV_SBI_DONE);
	expect_done(test, 512);
	KUNIT_EXPECT_EQ(test, dbcn(vm, DBCN_WRITE, 1000, SBI_FAKE_MEM + 600, 0), RVHV_SBI_DONE);
	expect_done(test, SBI_ERR_FAILURE);
	vm->console->in = vm->mem;
	vm->console->in_len = 1000;
	KUNIT_EXPECT_EQ(test, dbcn(vm, DBCN_READ, 1000, SBI_FAKE_MEM, 0), RVHV_SBI_DONE);
	expect_done(test, 512);
	KUNIT_EXPECT_EQ(test, dbcn(vm, DBCN_READ, 1000, SBI_FAKE_MEM + 600, 0), RVHV_SBI_DONE);
	expect_done(test, SBI_ERR_FAILURE);
}

static void dbcn_write_byte(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;

	KUNIT_EXPECT_EQ(test, dbcn(vm, DBCN_WRITE_BYTE, 'a', -1UL, -1UL), RVHV_SBI_DONE);
	sbi_fake_expect_error(test, 0);
	/* a0 is truncated to eight bits */
	KUNIT_EXPECT_EQ(test, dbcn(vm, DBCN_WRITE_BYTE, -256UL + 'b', 0, 0), RVHV_SBI_DONE);
	sbi_fake_expect_error(test, 0);
	KUNIT_EXPECT_EQ(test, vm->console->waits, 0);

	vm->console->room = 0;
	vm->console->more = 1;
	KUNIT_EXPECT_EQ(test, dbcn(vm, DBCN_WRITE_BYTE, 'c', 0, 0), RVHV_SBI_DONE);
	sbi_fake_expect_error(test, 0);
	KUNIT_EXPECT_EQ(test, vm->console->waits, 1);
	KUNIT_EXPECT_EQ(test, vm->console->out_len, 3);
	KUNIT_EXPECT_MEMEQ(test, vm->console->out, "abc", 3);
}

static void dbcn_write_byte_ends_by_signal(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;

	vm->console->room = 0;
	KUNIT_EXPECT_EQ(test, dbcn(vm, DBCN_WRITE_BYTE, 'a', 0, 0), RVHV_SBI_HOST_ERROR);
	KUNIT_EXPECT_EQ(test, vm->call.host_error, -EINTR);
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, PUTCHAR, 0, 'a', 0, 0, 0, 0),
			RVHV_SBI_HOST_ERROR);
	KUNIT_EXPECT_EQ(test, vm->call.host_error, -EINTR);
	KUNIT_EXPECT_EQ(test, vm->console->out_len, 0);
	/* The vCPU repeats the call */
	vm->console->room = 1;
	KUNIT_EXPECT_EQ(test, dbcn(vm, DBCN_WRITE_BYTE, 'a', 0, 0), RVHV_SBI_DONE);
	KUNIT_EXPECT_EQ(test, vm->console->out_len, 1);
}

static void legacy(struct kunit *test)
{
	struct sbi_fake_vm *vm = test->priv;

	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, PUTCHAR, 0, 'a', 0, 0, 0, 0), RVHV_SBI_DEFER);
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, true, GETCHAR, 0, 0, 0, 0, 0, 0), RVHV_SBI_DEFER);
	KUNIT_EXPECT_EQ(test, vm->console->out_len, 0);

	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, PUTCHAR, -1UL, 0x100 + 'a', 0, 0, 0, 0),
			RVHV_SBI_DONE_LEGACY);
	sbi_fake_expect_error(test, 0);
	KUNIT_ASSERT_EQ(test, vm->console->out_len, 1);
	KUNIT_EXPECT_EQ(test, vm->console->out[0], 'a');

	vm->console->in = "\xff";
	vm->console->in_len = 1;
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, GETCHAR, 0, 7, 7, 0, 0, 0),
			RVHV_SBI_DONE_LEGACY);
	KUNIT_EXPECT_EQ(test, vm->call.error, 0xff);
	KUNIT_EXPECT_EQ(test, sbi_fake_call(vm, false, GETCHAR, 0, 7, 7, 0, 0, 0),
			RVHV_SBI_DONE_LEGACY);
	KUNIT_EXPECT_EQ(test, vm->call.error, -1);
}

/* ---- the lines of the printk sink ---- */

/**
 * struct lines - output of rvhv_console_line_feed()
 * @line: the unfinished line
 * @text: the finished lines, each in brackets
 */
struct lines {
	struct rvhv_console_line line;
	char text[4096];
};

static void emit(struct rvhv_console_line *line)
{
	struct lines *lines = container_of(line, struct lines, line);
	char text[RVHV_CONSOLE_LINE_TEXT];

	rvhv_console_line_text(line, text);
	strlcat(lines->text, "[", sizeof(lines->text));
	strlcat(lines->text, text, sizeof(lines->text));
	strlcat(lines->text, "]", sizeof(lines->text));
}

struct line_case {
	const char *in, *out;
	size_t len;	/* 0: strlen() */
};

static const struct line_case line_cases[] = {
	{ "one\n", "[one]" },
	{ "one\r\n", "[one]" },
	{ "\n", "[]" },
	{ "\r\n", "[]" },
	{ "one\ntwo\n\nfour\n", "[one][two][][four]" },
	{ "no end", "[no end]" },
	{ "end\nnone", "[end][none]" },
	{ "a\rb\n", "[a\\rb]" },
	{ "a\r\r\n", "[a\\r]" },
	{ "no end\r", "[no end\\r]" },
	{ "\033[2J\a\b\t\177\n", "[\\e[2J\\a\\010\\t\\177]" },
	{ "\233[31m\n", "[\\233[31m]" },
	{ "nul\0nul\n", "[nul\\0nul]", 8 },
	{ "%s %n %d\n", "[%s %n %d]" },
	{ "\001<0>level\n", "[\\001<0>level]" },
};

KUNIT_ARRAY_PARAM_DESC(line, line_cases, out);

/* The same lines whether the bytes come at once or one by one. */
static void lines(struct kunit *test)
{
	const struct line_case *param = test->param_value;
	struct lines *lines = kunit_kzalloc(test, sizeof(*lines), GFP_KERNEL);
	size_t i, len = param->len ?: strlen(param->in);

	KUNIT_ASSERT_NOT_NULL(test, lines);
	rvhv_console_line_feed(&lines->line, param->in, len, emit);
	rvhv_console_line_flush(&lines->line, emit);
	KUNIT_EXPECT_STREQ(test, lines->text, param->out);

	lines->text[0] = 0;
	for (i = 0; i < len; i++)
		rvhv_console_line_feed(&lines->line, param->in + i, 1, emit);
	rvhv_console_line_flush(&lines->line, emit);
	KUNIT_EXPECT_STREQ(test, lines->text, param->out);
	rvhv_console_line_flush(&lines->line, emit);
	KUNIT_EXPECT_STREQ(test, lines->text, param->out);
}

/* A longer line is split; a newline after a full line does not begin another one. */
static void long_lines(struct kunit *test)
{
	struct lines *lines = kunit_kzalloc(test, sizeof(*lines), GFP_KERNEL);
	size_t len, brackets;
	char *c, *in;

	KUNIT_ASSERT_NOT_NULL(test, lines);
	in = kunit_kzalloc(test, 1024, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, in);
	for (len = RVHV_CONSOLE_LINE - 1; len <= 2 * RVHV_CONSOLE_LINE + 1; len++) {
		memset(in, 'x', len);
		in[len] = '\n';
		lines->text[0] = 0;
		rvhv_console_line_feed(&lines->line, in, len + 1, emit);
		KUNIT_EXPECT_EQ(test, lines->line.len, 0);
		for (brackets = 0, c = lines->text; *c; c++)
			brackets += *c == '[';
		KUNIT_EXPECT_EQ(test, brackets, DIV_ROUND_UP(len, RVHV_CONSOLE_LINE));
		KUNIT_EXPECT_EQ(test, strlen(lines->text), len + 2 * brackets);
	}
	/* At most four characters for each byte */
	memset(in, 0x9b, RVHV_CONSOLE_LINE);
	lines->text[0] = 0;
	rvhv_console_line_feed(&lines->line, in, RVHV_CONSOLE_LINE, emit);
	rvhv_console_line_flush(&lines->line, emit);
	KUNIT_EXPECT_EQ(test, strlen(lines->text), 4 * RVHV_CONSOLE_LINE + 2);
}

static struct kunit_case console_cases[] = {
	KUNIT_CASE(sinks),
	KUNIT_CASE(dbcn_is_on_with_a_console),
	KUNIT_CASE_PARAM(dbcn_write, range_gen_params),
	KUNIT_CASE_PARAM(dbcn_read, range_gen_params),
	KUNIT_CASE(dbcn_waits_for_interrupts_on),
	KUNIT_CASE(dbcn_write_is_partial),
	KUNIT_CASE(dbcn_read_is_partial),
	KUNIT_CASE(dbcn_memory_goes_away),
	KUNIT_CASE(dbcn_write_byte),
	KUNIT_CASE(dbcn_write_byte_ends_by_signal),
	KUNIT_CASE(legacy),
	KUNIT_CASE_PARAM(lines, line_gen_params),
	KUNIT_CASE(long_lines),
	{}
};

static struct kunit_suite console_suite = {
	.name = "rvhv_console",
	.init = console_test_init,
	.test_cases = console_cases,
};

kunit_test_suite(console_suite);
