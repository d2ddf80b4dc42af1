/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An interrupt line: the way from a device to an interrupt controller or to a hart.
 */
#ifndef _RVHV_IRQ_LINE_H
#define _RVHV_IRQ_LINE_H

#include <linux/types.h>

/**
 * struct rvhv_irq_line_ops - the receiver's side of a line
 * @raise: asserts the line
 * @lower: deasserts the line
 *
 * Repeated calls are allowed: the last one determines the level. @owner is the line's.
 *
 * Context: any; must not sleep, and locks must be raw.
 */
struct rvhv_irq_line_ops {
	void (*raise)(void *owner);
	void (*lower)(void *owner);
};

/**
 * struct rvhv_irq_line - one line, as its driver holds it
 * @ops: the receiver's functions
 * @owner: the receiver's; outlives every use of the line
 *
 * A line has one driver: if a second device lowered it, the first one's level would be lost.
 */
struct rvhv_irq_line {
	const struct rvhv_irq_line_ops *ops;
	void *owner;
};

static inline void rvhv_irq_line_set(const struct rvhv_irq_line *line, bool level)
{
	if (level)
		line->ops->raise(line->owner);
	else
		line->ops->lower(line->owner);
}

#endif /* _RVHV_IRQ_LINE_H */
