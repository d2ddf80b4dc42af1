/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's physical address map and interrupt numbers. */
#ifndef MACHINE_H
#define MACHINE_H

#define FINISHER_BASE		0x00100000UL
#define FINISHER_SIZE		0x1000UL
#define PLIC_BASE		0x0c000000UL
#define PLIC_SIZE		0x04000000UL
#define UART_BASE		0x10000000UL
#define UART_SIZE		0x100UL
#define RAM_BASE		0x80000000UL

#define UART_IRQ		1
#define UART_CLOCK		1843200
#define UART_DEFAULT_BAUD	115200

#define SZ_4K			0x1000UL
#define SZ_2M			0x200000UL
#define SZ_1G			0x40000000UL

#endif
