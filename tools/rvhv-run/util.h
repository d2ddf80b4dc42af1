/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef UTIL_H
#define UTIL_H

#include <assert.h>

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define BIT(n)			(1UL << (n))

#define __printf(fmt, args)	__attribute__((format(printf, fmt, args)))
#ifndef __noreturn
#define __noreturn		__attribute__((__noreturn__))
#endif

static inline unsigned long align_up(unsigned long x, unsigned long granule)
{
	return (x + granule - 1) & -granule;
}

#endif
