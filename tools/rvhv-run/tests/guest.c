// SPDX-License-Identifier: GPL-2.0-only
/* A guest without a kernel: it reads letters from the UART and executes the commands[] of them. */
#include "csr.h"

typedef unsigned long ulong;

#define FINISHER	0x00100000UL
#define PLIC		0x0c000000UL
#define UART		0x10000000UL
#define NOWHERE		0x20000000UL

#define EID_DBCN	0x4442434eUL
#define EID_SRST	0x53525354UL
#define EID_HSM		0x48534dUL
#define EID_HOST	0x484f5354UL
#define EID_UNKNOWN	0x0a0b0c0dUL
#define ERR_FAILED	-1UL

struct sbi_ret {
	ulong error, value;
};

/* head.S selects a hart's stack. */
char stacks[8][4096] __attribute__((aligned(16)));
static volatile int second_runs;

static struct sbi_ret sbi(ulong eid, ulong fid, ulong x, ulong y, ulong z)
{
	register ulong a0 asm("a0") = x;
	register ulong a1 asm("a1") = y;
	register ulong a2 asm("a2") = z;
	register ulong a6 asm("a6") = fid;
	register ulong a7 asm("a7") = eid;

	asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
	return (struct sbi_ret){ a0, a1 };
}

static void write_reg(ulong addr, unsigned int val)
{
	*(volatile unsigned int *)addr = val;
}

static unsigned int read_reg(ulong addr)
{
	return *(volatile unsigned int *)addr;
}

static void uart_out(unsigned int reg, unsigned char val)
{
	*(volatile unsigned char *)(UART + reg) = val;
}

static unsigned char uart_in(unsigned int reg)
{
	return *(volatile unsigned char *)(UART + reg);
}

static unsigned char wait_for_byte(void)
{
	while (!(uart_in(5) & 1))
		;
	return uart_in(0);
}

static void print(const char *s)
{
	while (*s)
		uart_out(0, *s++);
}

static void print_number(const char *name, long val)
{
	char buf[24], *p = buf + sizeof(buf);
	ulong u = val < 0 ? -val : val;

	*--p = '\0';
	do {
		p--;
		*p = '0' + u % 10;
		u /= 10;
	} while (u);
	if (val < 0)
		*--p = '-';
	print(name);
	print("=");
	print(p);
	print("\n");
}

static void print_ret(const char *name, struct sbi_ret ret)
{
	print(name);
	print_number(": error", ret.error);
	print_number("value", ret.value);
}

static void power_off(void)
{
	sbi(EID_SRST, 0, 0, 0, 0);
}

static void power_off_failed(void)
{
	sbi(EID_SRST, 0, 0, 1, 0);
}

static void power_off_status(void)
{
	sbi(EID_SRST, 0, 0, 0xf0000000UL + 42, 0);
}

static void reset(void)
{
	sbi(EID_SRST, 0, 1, 0, 0);
}

static void finish_pass(void)
{
	write_reg(FINISHER, 0x5555);
}

static void finish_fail(void)
{
	write_reg(FINISHER, 7 << 16 | 0x3333);
}

static void dbcn(void)
{
	static const char text[] = "hello by DBCN\n";
	ulong addr = (ulong)text;

	print_ret("write", sbi(EID_DBCN, 0, sizeof(text) - 1, addr, 0));
	print_ret("byte", sbi(EID_DBCN, 2, '!', 0, 0));
	print_ret("write, high half", sbi(EID_DBCN, 0, 1, addr, 1));
	print_ret("write, no RAM", sbi(EID_DBCN, 0, 1, 0x1000, 0));
	print_ret("write, wraps", sbi(EID_DBCN, 0, -1UL, addr, 0));
	print_ret("write, past the end", sbi(EID_DBCN, 0, 1UL << 40, addr, 0));
	print_ret("read, no RAM", sbi(EID_DBCN, 1, 1, -4096UL, 0));
	print_ret("unknown function", sbi(EID_DBCN, 3, 0, 0, 0));
	print_ret("unknown extension", sbi(EID_UNKNOWN, 0, 0, 0, 0));
}

/* The next digit is the number of bytes to read by DBCN. */
static void dbcn_read(void)
{
	ulong want = wait_for_byte() - '0', got = 0;
	static char buf[16];
	struct sbi_ret ret;

	while (got < want) {
		ret = sbi(EID_DBCN, 1, want - got, (ulong)buf + got, 0);
		if (ret.error)
			break;
		got += ret.value;
	}
	buf[got] = '\0';
	print("read: ");
	print(buf);
	print("\n");
}

static void channel_send(void)
{
	static const char text[] = "hello by HOST";
	struct sbi_ret ret;

	do {
		ret = sbi(EID_HOST, 0, sizeof(text) - 1, (ulong)text, 0);
	} while (ret.error == ERR_FAILED);
	print_ret("send", ret);
}

static void channel_receive(void)
{
	static char buf[4097];
	struct sbi_ret ret;

	do {
		ret = sbi(EID_HOST, 1, sizeof(buf) - 1, (ulong)buf, 0);
	} while (ret.error == ERR_FAILED);
	buf[ret.value] = '\0';
	print("received: ");
	print(buf);
	print("\n");
}

void second_main(void)
{
	second_runs = 1;
	for (;;)
		asm volatile("wfi");
}

static void start_second(void)
{
	ulong entry;

	asm("lla %0, second" : "=r"(entry));
	print_ret("hart_start", sbi(EID_HSM, 0, 1, entry, 0));
	while (!second_runs)
		;
	print("second hart runs\n");
}

/* The UART's interrupts through the PLIC to sip.SEIP */
static void interrupts(void)
{
	unsigned int id, again;
	ulong sip;

	write_reg(PLIC + 4, 1);
	write_reg(PLIC + 0x2000, ~0u);
	write_reg(PLIC + 0x200000, 0);
	print_number("enabled", read_reg(PLIC + 0x2000));
	uart_out(1, 2);			/* IER: transmitter empty */
	csr_set(sie, IE_SEIE);
	asm volatile("wfi");
	print_number("claimed", read_reg(PLIC + 0x200004));
	print_number("claimed again", read_reg(PLIC + 0x200004));
	uart_out(1, 2);
	id = uart_in(2) & 0xf;
	again = uart_in(2) & 0xf;
	write_reg(PLIC + 0x200004, 1);
	uart_out(1, 0);
	print_number("iir", id);
	print_number("iir again", again);
	sip = csr_read(sip);
	print_number("pending after", !!(sip & IE_SEIE));
	uart_out(1, 1);			/* IER: data */
	asm volatile("wfi");
	print_number("claimed for data", read_reg(PLIC + 0x200004));
	uart_out(1, 0);
	write_reg(PLIC + 0x200004, 1);
	csr_clear(sie, IE_SEIE);
	uart_out(4, 0x1a);
	id = uart_in(6);
	uart_out(4, 0x08);
	print_number("msr looped", id);
}

static void stray(void)
{
	print_number("stray", *(volatile ulong *)NOWHERE);
	*(volatile unsigned char *)NOWHERE = 1;
	write_reg(PLIC + 0x3ffffc, 1);
	write_reg(PLIC + 0x3fffffc, 1);
	print_number("PLIC's last", read_reg(PLIC + 0x3fffffc));
}

static void print_line(void)
{
	print("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n");
}

static void print_for_ever(void)
{
	for (;;)
		print_line();
}

/* More than the 64 KiB of a pipe */
static void print_enough(void)
{
	int i;

	for (i = 0; i < 1050; i++)
		print_line();
}

static void die(void)
{
	/* An instruction fetch outside RAM */
	asm volatile("jr %0" : : "r"(NOWHERE));
}

static void spin(void)
{
	for (;;)
		;
}

static const struct {
	char letter;
	void (*run)(void);
} commands[] = {
	{ 'o', power_off },
	{ 'f', power_off_failed },
	{ 's', power_off_status },
	{ 'r', reset },
	{ 'p', finish_pass },
	{ 'q', finish_fail },
	{ 'd', dbcn },
	{ 'g', dbcn_read },
	{ 'c', channel_send },
	{ 'v', channel_receive },
	{ 'h', start_second },
	{ 'i', interrupts },
	{ 'm', stray },
	{ 'l', print_for_ever },
	{ 'e', print_enough },
	{ 'x', die },
	{ 'z', spin },
};

void guest_main(void)
{
	unsigned char letter;
	unsigned int i;

	print("ready\n");
	for (;;) {
		letter = wait_for_byte();
		for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
			if (commands[i].letter == letter)
				commands[i].run();
	}
}
