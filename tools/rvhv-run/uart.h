/* SPDX-License-Identifier: GPL-2.0-only */
/* A 16550A on the person's terminal. */
#ifndef UART_H
#define UART_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct vm;

struct uart {
	pthread_mutex_t lock;
	struct vm *vm;
	uint8_t ier, lcr, mcr, scr, dll, dlm;
	bool fifo_enabled;
	bool thre_pending;		/* "transmitter empty" is still to be told to the guest */
	bool loop_full;
	uint8_t loop_byte;
	unsigned int nr_idle_polls;	/* reads of LSR since the guest last did anything else */
};

void uart_init(struct uart *uart, struct vm *vm);
void uart_destroy(struct uart *uart);
void uart_notice_input(struct uart *uart);
uint64_t uart_mmio_read(struct vm *vm, uint64_t off, unsigned int len);
void uart_mmio_write(struct vm *vm, uint64_t off, uint64_t val, unsigned int len);

#endif
