// SPDX-License-Identifier: GPL-2.0-only
/*
 * Output leaves at once, so the transmitter is always empty; its interrupt is pending after each
 * byte and when the guest enables it, until the guest reads it from IIR or writes the next byte.
 *
 * Input waits in the terminal until the guest asks for it, by the receive interrupt or by polling
 * LSR, so that what was typed or piped before the driver was ready is not lost to its probing and
 * clearing of FIFOs.
 */
#include "uart.h"

#include <linux/serial_reg.h>
#include <string.h>

#include "machine.h"
#include "term.h"
#include "vm.h"

#define NR_REGS			8
#define IER_MASK		0x0f
#define MCR_MASK		0x1f
#define IIR_FIFO_ENABLED	0xc0
#define DIVISOR			(UART_CLOCK / 16 / UART_DEFAULT_BAUD)
#define POLLS_FOR_INPUT		16	/* a guest that only sends reads LSR once or twice a byte */

void uart_init(struct uart *uart, struct vm *vm)
{
	memset(uart, 0, sizeof(*uart));
	pthread_mutex_init(&uart->lock, NULL);
	uart->vm = vm;
	uart->lcr = UART_LCR_WLEN8;
	uart->mcr = UART_MCR_OUT2;
	uart->dll = DIVISOR;
}

void uart_destroy(struct uart *uart)
{
	pthread_mutex_destroy(&uart->lock);
}

static bool uart_is_looped(const struct uart *uart)
{
	return uart->mcr & UART_MCR_LOOP;
}

static bool uart_has_data(const struct uart *uart)
{
	if (uart_is_looped(uart))
		return uart->loop_full;
	if (!(uart->ier & UART_IER_RDI) && uart->nr_idle_polls < POLLS_FOR_INPUT)
		return false;
	return term_has_input();
}

static uint8_t uart_interrupt_id(const struct uart *uart)
{
	if (uart->ier & UART_IER_RDI && uart_has_data(uart))
		return UART_IIR_RDI;
	if (uart->ier & UART_IER_THRI && uart->thre_pending)
		return UART_IIR_THRI;
	return UART_IIR_NO_INT;
}

static void uart_update_locked(struct uart *uart)
{
	plic_set_level(&uart->vm->plic, UART_IRQ, uart_interrupt_id(uart) != UART_IIR_NO_INT);
}

void uart_notice_input(struct uart *uart)
{
	pthread_mutex_lock(&uart->lock);
	uart_update_locked(uart);
	pthread_mutex_unlock(&uart->lock);
}

static uint8_t uart_receive(struct uart *uart)
{
	uint8_t byte = 0;

	if (uart_is_looped(uart)) {
		uart->loop_full = false;
		return uart->loop_byte;
	}
	if (uart_has_data(uart))
		term_read(&byte, 1);
	return byte;
}

static uint8_t uart_read_iir(struct uart *uart)
{
	uint8_t id = uart_interrupt_id(uart);

	if (id == UART_IIR_THRI)
		uart->thre_pending = false;
	return id | (uart->fifo_enabled ? IIR_FIFO_ENABLED : 0);
}

static uint8_t uart_read_lsr(struct uart *uart)
{
	if (uart->nr_idle_polls < POLLS_FOR_INPUT)
		uart->nr_idle_polls++;
	return UART_LSR_THRE | UART_LSR_TEMT | (uart_has_data(uart) ? UART_LSR_DR : 0);
}

static uint8_t uart_read_msr(const struct uart *uart)
{
	uint8_t mcr = uart->mcr;

	if (!uart_is_looped(uart))
		return UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS;
	return (mcr & UART_MCR_RTS ? UART_MSR_CTS : 0) | (mcr & UART_MCR_DTR ? UART_MSR_DSR : 0) |
	       (mcr & UART_MCR_OUT1 ? UART_MSR_RI : 0) | (mcr & UART_MCR_OUT2 ? UART_MSR_DCD : 0);
}

static uint8_t uart_read_locked(struct uart *uart, unsigned int reg)
{
	bool dlab = uart->lcr & UART_LCR_DLAB;

	switch (reg) {
	case UART_RX:
		return dlab ? uart->dll : uart_receive(uart);
	case UART_IER:
		return dlab ? uart->dlm : uart->ier;
	case UART_IIR:
		return uart_read_iir(uart);
	case UART_LCR:
		return uart->lcr;
	case UART_MCR:
		return uart->mcr;
	case UART_LSR:
		return uart_read_lsr(uart);
	case UART_MSR:
		return uart_read_msr(uart);
	default:
		return uart->scr;
	}
}

uint64_t uart_mmio_read(struct vm *vm, uint64_t off, unsigned int len)
{
	struct uart *uart = &vm->uart;
	uint8_t val;

	if (off >= NR_REGS)
		return 0;
	pthread_mutex_lock(&uart->lock);
	val = uart_read_locked(uart, off);
	/* These two change what is pending; LSR, the busiest, does not. */
	if (off == UART_RX || off == UART_IIR)
		uart_update_locked(uart);
	pthread_mutex_unlock(&uart->lock);
	return val;
}

/* Returns true if @byte is to leave by the terminal. */
static bool uart_transmit(struct uart *uart, uint8_t byte)
{
	uart->thre_pending = true;
	if (!uart_is_looped(uart))
		return true;
	uart->loop_byte = byte;
	uart->loop_full = true;
	return false;
}

static bool uart_write_locked(struct uart *uart, unsigned int reg, uint8_t val)
{
	bool dlab = uart->lcr & UART_LCR_DLAB;

	switch (reg) {
	case UART_TX:
		if (!dlab)
			return uart_transmit(uart, val);
		uart->dll = val;
		break;
	case UART_IER:
		if (dlab) {
			uart->dlm = val;
			break;
		}
		if (val & ~uart->ier & UART_IER_THRI)
			uart->thre_pending = true;
		uart->ier = val & IER_MASK;
		break;
	case UART_FCR:
		uart->fifo_enabled = val & UART_FCR_ENABLE_FIFO;
		break;
	case UART_LCR:
		uart->lcr = val;
		break;
	case UART_MCR:
		uart->mcr = val & MCR_MASK;
		break;
	case UART_SCR:
		uart->scr = val;
		break;
	}
	return false;
}

void uart_mmio_write(struct vm *vm, uint64_t off, uint64_t val, unsigned int len)
{
	struct uart *uart = &vm->uart;
	uint8_t byte = val;
	bool leaves;

	if (off >= NR_REGS)
		return;
	pthread_mutex_lock(&uart->lock);
	uart->nr_idle_polls = 0;
	leaves = uart_write_locked(uart, off, byte);
	uart_update_locked(uart);
	pthread_mutex_unlock(&uart->lock);
	/* Without the lock: standard output may block, and input must still get through. */
	if (leaves)
		term_write(&byte, 1);
}
