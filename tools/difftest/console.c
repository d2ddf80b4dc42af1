// SPDX-License-Identifier: GPL-2.0-only
/* Buffered output to the SBI debug console; random numbers */
#include "difftest.h"

#include <stdarg.h>

#define EID_DBCN	0x4442434eUL
#define EID_SRST	0x53525354UL
#define BUFFER		4096

static char buffer[BUFFER];
static size_t used;
static ulong state;

static ulong sbi(ulong eid, ulong fid, ulong x, ulong y)
{
	register ulong a0 asm("a0") = x;
	register ulong a1 asm("a1") = y;
	register ulong a2 asm("a2") = 0;
	register ulong a6 asm("a6") = fid;
	register ulong a7 asm("a7") = eid;

	asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
	return a0 ? 0 : a1;
}

/* Writes may be short. */
void flush(void)
{
	size_t done = 0;

	while (done < used) {
		ulong n = sbi(EID_DBCN, 0, used - done, (ulong)buffer + done);

		if (!n || n > used - done)
			break;
		done += n;
	}
	used = 0;
}

void power_off(void)
{
	flush();
	sbi(EID_SRST, 0, 0, 0);
	for (;;)
		;
}

void put(const char *s)
{
	while (*s) {
		if (used == BUFFER)
			flush();
		buffer[used++] = *s++;
	}
}

static void put_number(ulong val, ulong base)
{
	char digits[24];
	int at = sizeof(digits) - 1;

	digits[at] = '\0';
	do
		digits[--at] = "0123456789abcdef"[val % base];
	while (val /= base);
	put(digits + at);
}

void put_hex(ulong val)
{
	put_number(val, 16);
}

void field(const char *name, ulong val)
{
	put(" ");
	put(name);
	put("=");
	put_hex(val);
}

void key(const char *format, ...)
{
	char c[2] = "";
	va_list args;

	va_start(args, format);
	for (; *format; format++) {
		if (*format != '%') {
			c[0] = *format;
			put(c);
			continue;
		}
		switch (*++format) {
		case 's':
			put((char *)va_arg(args, ulong));
			break;
		case 'x':
			put_hex(va_arg(args, ulong));
			break;
		case 'd':
			put_number(va_arg(args, int), 10);
			break;
		}
	}
	va_end(args);
}

void end_line(void)
{
	put("\n");
}

void seed_random(ulong seed)
{
	state = seed * 0x9e3779b97f4a7c15UL | 1;
}

/* xorshift64* */
ulong rnd(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dUL) >> 8 ^ state << 40;
}

ulong rnd_below(ulong n)
{
	return rnd() % n;
}

ulong rnd_value(void)
{
	switch (rnd_below(4)) {
	case 0:
		return BIT(rnd_below(64)) | BIT(rnd_below(64));
	case 1:
		return ~BIT(rnd_below(64));
	default:
		return rnd();
	}
}
