// SPDX-License-Identifier: GPL-2.0-only
/*
 * A 16550A on the person's terminal.
 *
 * Output leaves at once, so the transmitter is always empty; its interrupt is pending after each
 * byte and when the guest enables it, until the guest reads it from IIR or writes the next byte.
 *
 * Input waits in the terminal until the guest asks for it, by the receive interrupt or by polling
 * LSR, so that what was typed or piped before the driver was ready is not lost to its probing.
 */
#include "machine.h"

#include <linux/serial_reg.h>

#define NR_REGS			8
#define IER_MASK		0x0f
#define MCR_MASK		0x1f
#define IIR_FIFO_ENABLED	0xc0
#define POLLS_FOR_INPUT		16	/* a guest that only sends reads LSR once or twice a byte */

static struct {
	uint8_t regs[NR_REGS];		/* as written, where they are more than a command */
	uint8_t divisor[2];		/* in the place of the first two while LCR says so */
	bool thre_pending;		/* "transmitter empty" is still to be told to the guest */
	unsigned int nr_idle_polls;	/* reads of LSR since the guest last did anything else */
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

/* After all that may change the interrupt: the registers, and what the terminal holds. */
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

/* Looped, the outputs of MCR are the inputs: drivers find out by it whether there is a UART. */
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
	/* Standard output may block, and input must still get through. */
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
