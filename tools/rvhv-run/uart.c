// SPDX-License-Identifier: GPL-2.0-only
/*
 * A 16550A on standard input and output.
 *
 * Output is not buffered, so the transmitter is always empty. Its interrupt is pending after each
 * byte and after being enabled, until the guest reads IIR or writes the next byte.
 *
 * Input is read only when the guest enables the receive interrupt or polls LSR: a driver's probing
 * would discard earlier input.
 */
#include "machine.h"

#include <linux/serial_reg.h>

#define NR_REGS			8
#define IER_MASK		0x0f
#define MCR_MASK		0x1f
#define IIR_FIFO_ENABLED	0xc0
#define POLLS_FOR_INPUT		16	/* a guest that only sends reads LSR up to twice a byte */

static struct {
	uint8_t regs[NR_REGS];		/* as written, but for commands */
	uint8_t divisor[2];		/* in place of the first two registers with LCR.DLAB */
	bool thre_pending;		/* "transmitter empty" is not yet reported */
	unsigned int nr_idle_polls;	/* reads of LSR since another access */
} uart = {
	.regs = { [UART_LCR] = UART_LCR_WLEN8, [UART_MCR] = UART_MCR_OUT2 },
	.divisor = { UART_CLOCK / 16 / 115200 },
};

static bool has_data(void)
{
	if (!(uart.regs[UART_IER] & UART_IER_RDI) && uart.nr_idle_polls < POLLS_FOR_INPUT)
		return false;
	return !(uart.regs[UART_MCR] & UART_MCR_LOOP) && term_has_input();
}

static uint8_t interrupt_id(void)
{
	if (uart.regs[UART_IER] & UART_IER_RDI && has_data())
		return UART_IIR_RDI;
	if (uart.regs[UART_IER] & UART_IER_THRI && uart.thre_pending)
		return UART_IIR_THRI;
	return UART_IIR_NO_INT;
}

/* Called after a change of registers or input */
void uart_update(void)
{
	plic_set_level(UART_IRQ, interrupt_id() != UART_IIR_NO_INT);
}

static uint8_t receive(void)
{
	uint8_t byte = 0;

	if (has_data())
		term_read(&byte, 1);
	uart_update();
	return byte;
}

static uint8_t read_iir(void)
{
	uint8_t id = interrupt_id();

	if (id == UART_IIR_THRI)
		uart.thre_pending = false;
	uart_update();
	return id | (uart.regs[UART_FCR] & UART_FCR_ENABLE_FIFO ? IIR_FIFO_ENABLED : 0);
}

static uint8_t read_lsr(void)
{
	if (uart.nr_idle_polls < POLLS_FOR_INPUT)
		uart.nr_idle_polls++;
	return UART_LSR_THRE | UART_LSR_TEMT | (has_data() ? UART_LSR_DR : 0);
}

/* In loopback mode MCR's outputs are MSR's inputs. Drivers detect the UART by it. */
static uint8_t read_msr(void)
{
	uint8_t mcr = uart.regs[UART_MCR];

	if (!(mcr & UART_MCR_LOOP))
		return UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS;
	return (mcr & UART_MCR_RTS ? UART_MSR_CTS : 0) | (mcr & UART_MCR_DTR ? UART_MSR_DSR : 0) |
	       (mcr & UART_MCR_OUT1 ? UART_MSR_RI : 0) | (mcr & UART_MCR_OUT2 ? UART_MSR_DCD : 0);
}

uint32_t uart_read(uint64_t off)
{
	if (off < ARRAY_SIZE(uart.divisor) && uart.regs[UART_LCR] & UART_LCR_DLAB)
		return uart.divisor[off];
	switch (off) {
	case UART_RX:
		return receive();
	case UART_IIR:
		return read_iir();
	case UART_LSR:
		return read_lsr();
	case UART_MSR:
		return read_msr();
	default:
		return off < NR_REGS ? uart.regs[off] : 0;
	}
}

static void transmit(uint8_t byte)
{
	uart.thre_pending = true;
	if (uart.regs[UART_MCR] & UART_MCR_LOOP)
		return;
	/* Writing to standard output may block; input must not wait for it. */
	pthread_mutex_unlock(&vm.device_lock);
	term_write(&byte, 1);
	pthread_mutex_lock(&vm.device_lock);
}

void uart_write(uint64_t off, uint32_t val)
{
	uart.nr_idle_polls = 0;
	if (off < ARRAY_SIZE(uart.divisor) && uart.regs[UART_LCR] & UART_LCR_DLAB) {
		uart.divisor[off] = val;
	} else if (off == UART_TX) {
		transmit(val);
	} else if (off == UART_IER) {
		if (val & ~uart.regs[UART_IER] & UART_IER_THRI)
			uart.thre_pending = true;
		uart.regs[UART_IER] = val & IER_MASK;
	} else if (off < NR_REGS) {
		uart.regs[off] = off == UART_MCR ? val & MCR_MASK : val;
	}
	uart_update();
}
