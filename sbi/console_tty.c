// SPDX-License-Identifier: GPL-2.0-only
/*
 * The debug console as /dev/ttyRVHVn.
 *
 * Output of the guest goes into tc->out, and from there into the tty's flip buffer while the tty is
 * open and not throttled. While it is open, a full tc->out makes the guest's writes short; while it
 * is closed, the newest bytes are kept. Input waits in tc->in until the guest reads it.
 *
 * Life cycle: struct tty_port counts references: one of the VM, and one of each tty_struct from
 * install to cleanup. The last one frees the index. The end of the VM sets tc->gone, and the tty
 * can no longer be opened; if it is open, farewell() hangs it up once the output is read.
 *
 * A VM, an open tty and a pending farewell each hold a reference to the module. farewell() drops
 * its own, so rvhv_console_tty_exit() waits for it.
 *
 * tc->lock disables interrupts since the tty layer may call with interrupts off. tty_wakeup() and
 * tty_vhangup() call back into this file: call them without tc->lock.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kfifo.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/poll.h>
#include <linux/serial.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <linux/tty_flip.h>
#include <linux/tty_ldisc.h>
#include <linux/tty_port.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "console_sink.h"

/* The flip buffer holds up to twice as many bytes */
#define FLIP_LIMIT	8192
/* Interval of retry() and farewell() */
#define POLL_INTERVAL	max(HZ / 50, 1)
/* Calls of farewell() before a tty with unread output is hung up */
#define FAREWELL_POLLS	100

struct tty_console {
	struct rvhv_console console;
	struct tty_port port;		/* counts references to this structure */
	unsigned int index;		/* n of /dev/ttyRVHVn, or RVHV_CONSOLE_ANY_TTY */
	spinlock_t lock;		/* guards all below */
	/* The VM has ended; written with lock and table_lock, read with either. */
	bool gone;
	bool open;			/* between activate and shutdown of port */
	bool throttled;
	DECLARE_KFIFO(out, u8, RVHV_CONSOLE_OUT);	/* from the guest */
	DECLARE_KFIFO(in, u8, RVHV_CONSOLE_IN);		/* to the guest */
	wait_queue_head_t room;		/* vCPUs that wait for room in out */
	struct delayed_work retry;	/* pushes out again after the flip buffer was full */
	struct delayed_work farewell;	/* hangs up the open tty of a VM that has ended */
	unsigned int polls;		/* calls of farewell() left */
};

static struct tty_driver *tty_driver;
static struct workqueue_struct *workqueue;

/* Guards table, and tc->gone of its entries */
static DEFINE_MUTEX(table_lock);
static struct tty_console *table[RVHV_CONSOLE_TTYS];

static struct tty_console *tty_of(const struct rvhv_console *console)
{
	return container_of(console, struct tty_console, console);
}

/* ---- output ---- */

/* Move output to the flip buffer, as far as it has room. */
static void push_locked(struct tty_console *tc)
{
	unsigned int n, done, moved = 0;
	u8 *from;

	lockdep_assert_held(&tc->lock);
	if (!tc->open || tc->throttled)
		return;
	while ((n = kfifo_out_linear_ptr(&tc->out, &from, RVHV_CONSOLE_OUT))) {
		done = tty_insert_flip_string(&tc->port, from, n);
		kfifo_skip_count(&tc->out, done);
		moved += done;
		if (done < n) {
			queue_delayed_work(workqueue, &tc->retry, POLL_INTERVAL);
			break;
		}
	}
	tty_flip_buffer_push(&tc->port);
	if (moved)
		wake_up_interruptible(&tc->room);
}

static void push(struct tty_console *tc)
{
	unsigned long flags;

	spin_lock_irqsave(&tc->lock, flags);
	push_locked(tc);
	spin_unlock_irqrestore(&tc->lock, flags);
}

static void retry(struct work_struct *work)
{
	push(container_of(to_delayed_work(work), struct tty_console, retry));
}

static void keep_newest_locked(struct tty_console *tc, const u8 *buf, size_t len)
{
	size_t kept = min_t(size_t, len, RVHV_CONSOLE_OUT);
	unsigned int avail = kfifo_avail(&tc->out);

	lockdep_assert_held(&tc->lock);
	if (kept > avail)
		kfifo_skip_count(&tc->out, kept - avail);
	kfifo_in(&tc->out, buf + len - kept, kept);
}

static size_t tty_console_write(struct rvhv_console *console, const u8 *buf, size_t len)
{
	struct tty_console *tc = tty_of(console);
	size_t n, done = 0;
	unsigned long flags;

	spin_lock_irqsave(&tc->lock, flags);
	if (!tc->open) {
		keep_newest_locked(tc, buf, len);
		done = len;
	}
	while (done < len) {
		n = kfifo_in(&tc->out, buf + done, len - done);
		if (!n)
			break;
		done += n;
		push_locked(tc);
	}
	spin_unlock_irqrestore(&tc->lock, flags);
	return done;
}

static bool has_room(struct tty_console *tc)
{
	unsigned long flags;
	bool room;

	spin_lock_irqsave(&tc->lock, flags);
	room = !tc->open || !kfifo_is_full(&tc->out);
	spin_unlock_irqrestore(&tc->lock, flags);
	return room;
}

static int __cold tty_console_wait_room(struct rvhv_console *console)
{
	struct tty_console *tc = tty_of(console);

	return wait_event_interruptible(tc->room, has_room(tc)) ? -EINTR : 0;
}

/* ---- input ---- */

static size_t __cold tty_console_read(struct rvhv_console *console, u8 *buf, size_t len)
{
	struct tty_console *tc = tty_of(console);
	struct tty_struct *tty = tty_port_tty_get(&tc->port);
	unsigned long flags;
	size_t n = 0;

	/* tcflow(TCOOFF) stops input of the guest */
	if (!tty || !READ_ONCE(tty->flow.stopped)) {
		spin_lock_irqsave(&tc->lock, flags);
		n = kfifo_out(&tc->in, buf, len);
		spin_unlock_irqrestore(&tc->lock, flags);
	}
	if (tty && n)
		tty_wakeup(tty);
	tty_kref_put(tty);
	return n;
}

/* ---- the port: first open and last close ---- */

static int __cold port_activate(struct tty_port *port, struct tty_struct *tty)
{
	struct tty_console *tc = container_of(port, struct tty_console, port);
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&tc->lock, flags);
	if (tc->gone) {
		ret = -ENODEV;
	} else {
		tc->open = true;
		tc->throttled = false;
		push_locked(tc);
	}
	spin_unlock_irqrestore(&tc->lock, flags);
	return ret;
}

/* Last close, or hangup */
static void port_shutdown(struct tty_port *port)
{
	struct tty_console *tc = container_of(port, struct tty_console, port);
	unsigned long flags;

	spin_lock_irqsave(&tc->lock, flags);
	tc->open = false;
	tc->throttled = false;
	spin_unlock_irqrestore(&tc->lock, flags);
	wake_up_interruptible(&tc->room);
}

static void __cold port_destruct(struct tty_port *port)
{
	struct tty_console *tc = container_of(port, struct tty_console, port);

	cancel_delayed_work_sync(&tc->retry);
	mutex_lock(&table_lock);
	if (tc->index != RVHV_CONSOLE_ANY_TTY)
		table[tc->index] = NULL;
	mutex_unlock(&table_lock);
	kvfree(tc);
}

static const struct tty_port_operations port_ops = {
	.activate = port_activate,
	.shutdown = port_shutdown,
	.destruct = port_destruct,
};

/* ---- the tty ---- */

static int __cold tty_op_install(struct tty_driver *driver, struct tty_struct *tty)
{
	struct tty_console *tc;
	int ret;

	mutex_lock(&table_lock);
	tc = table[tty->index];
	if (tc && !tc->gone)
		tty_port_get(&tc->port);
	else
		tc = NULL;
	mutex_unlock(&table_lock);
	if (!tc)
		return -ENODEV;

	tty->driver_data = tc;
	ret = tty_port_install(&tc->port, driver, tty);
	if (ret)
		tty_port_put(&tc->port);
	return ret;
}

static void tty_op_cleanup(struct tty_struct *tty)
{
	tty_port_put(tty->port);
}

static int tty_op_open(struct tty_struct *tty, struct file *file)
{
	return tty_port_open(tty->port, tty, file);
}

static void tty_op_close(struct tty_struct *tty, struct file *file)
{
	tty_port_close(tty->port, tty, file);
}

static void tty_op_hangup(struct tty_struct *tty)
{
	tty_port_hangup(tty->port);
}

static ssize_t tty_op_write(struct tty_struct *tty, const u8 *buf, size_t count)
{
	struct tty_console *tc = tty->driver_data;
	unsigned long flags;
	ssize_t n = -EIO;

	spin_lock_irqsave(&tc->lock, flags);
	if (!tc->gone)
		n = kfifo_in(&tc->in, buf, count);
	spin_unlock_irqrestore(&tc->lock, flags);
	return n;
}

static unsigned int tty_op_chars_in_buffer(struct tty_struct *tty)
{
	struct tty_console *tc = tty->driver_data;
	unsigned long flags;
	unsigned int n;

	spin_lock_irqsave(&tc->lock, flags);
	n = kfifo_len(&tc->in);
	spin_unlock_irqrestore(&tc->lock, flags);
	return n;
}

static unsigned int tty_op_write_room(struct tty_struct *tty)
{
	return RVHV_CONSOLE_IN - tty_op_chars_in_buffer(tty);
}

static void tty_op_flush_buffer(struct tty_struct *tty)
{
	struct tty_console *tc = tty->driver_data;
	unsigned long flags;

	spin_lock_irqsave(&tc->lock, flags);
	kfifo_reset(&tc->in);
	spin_unlock_irqrestore(&tc->lock, flags);
	tty_wakeup(tty);
}

static void tty_op_throttle(struct tty_struct *tty)
{
	struct tty_console *tc = tty->driver_data;
	unsigned long flags;

	spin_lock_irqsave(&tc->lock, flags);
	tc->throttled = true;
	spin_unlock_irqrestore(&tc->lock, flags);
}

static void tty_op_unthrottle(struct tty_struct *tty)
{
	struct tty_console *tc = tty->driver_data;
	unsigned long flags;

	spin_lock_irqsave(&tc->lock, flags);
	tc->throttled = false;
	push_locked(tc);
	spin_unlock_irqrestore(&tc->lock, flags);
}

static const struct tty_operations tty_ops = {
	.install = tty_op_install,
	.cleanup = tty_op_cleanup,
	.open = tty_op_open,
	.close = tty_op_close,
	.hangup = tty_op_hangup,
	.write = tty_op_write,
	.write_room = tty_op_write_room,
	.chars_in_buffer = tty_op_chars_in_buffer,
	.flush_buffer = tty_op_flush_buffer,
	.throttle = tty_op_throttle,
	.unthrottle = tty_op_unthrottle,
};

/* ---- creation and end of a console ---- */

/* Only the line discipline knows whether it has unread bytes. */
static bool all_is_read(struct tty_console *tc)
{
	struct tty_struct *tty = tty_port_tty_get(&tc->port);
	struct tty_ldisc *ld = tty ? tty_ldisc_ref(tty) : NULL;
	unsigned long flags;
	bool all;

	spin_lock_irqsave(&tc->lock, flags);
	push_locked(tc);
	all = !tc->open || kfifo_is_empty(&tc->out);
	spin_unlock_irqrestore(&tc->lock, flags);
	if (ld) {
		/* Flushes the flip buffer, too */
		if (all && ld->ops->poll)
			all = !(ld->ops->poll(tty, NULL, NULL) & EPOLLIN);
		tty_ldisc_deref(ld);
	}
	tty_kref_put(tty);
	return all;
}

/* A hangup discards unread output, so it waits until all is read, but not for long. */
static void __cold farewell(struct work_struct *work)
{
	struct tty_console *tc = container_of(to_delayed_work(work), struct tty_console, farewell);
	struct tty_struct *tty;

	if (!all_is_read(tc) && tc->polls--) {
		queue_delayed_work(workqueue, &tc->farewell, POLL_INTERVAL);
		return;
	}
	tty = tty_port_tty_get(&tc->port);
	if (tty) {
		tty_vhangup(tty);
		tty_kref_put(tty);
	}
	tty_port_put(&tc->port);
	module_put(THIS_MODULE);
}

static int take_index(struct tty_console *tc, unsigned int index)
{
	unsigned int i;
	int ret = 0;

	mutex_lock(&table_lock);
	for (i = 0; index == RVHV_CONSOLE_ANY_TTY && i < RVHV_CONSOLE_TTYS; i++)
		if (!table[i])
			index = i;
	i = array_index_nospec(index, RVHV_CONSOLE_TTYS);
	if (index == RVHV_CONSOLE_ANY_TTY) {
		ret = -ENOSPC;
	} else if (table[i]) {
		ret = -EBUSY;
	} else {
		table[i] = tc;
		tc->index = i;
	}
	mutex_unlock(&table_lock);
	return ret;
}

static void set_gone(struct tty_console *tc, bool *open)
{
	unsigned long flags;

	mutex_lock(&table_lock);
	spin_lock_irqsave(&tc->lock, flags);
	tc->gone = true;
	*open = tc->open;
	kfifo_reset(&tc->in);
	spin_unlock_irqrestore(&tc->lock, flags);
	mutex_unlock(&table_lock);
}

static struct tty_console *tty_console_alloc(void)
{
	struct tty_console *tc = kvzalloc(sizeof(*tc), GFP_KERNEL_ACCOUNT);

	if (!tc)
		return NULL;
	tc->index = RVHV_CONSOLE_ANY_TTY;
	tc->polls = FAREWELL_POLLS;
	spin_lock_init(&tc->lock);
	INIT_KFIFO(tc->out);
	INIT_KFIFO(tc->in);
	init_waitqueue_head(&tc->room);
	INIT_DELAYED_WORK(&tc->retry, retry);
	INIT_DELAYED_WORK(&tc->farewell, farewell);
	tty_port_init(&tc->port);
	tty_buffer_set_limit(&tc->port, FLIP_LIMIT);
	tc->port.ops = &port_ops;
	/* A close does not wait until the guest reads tc->in */
	tc->port.closing_wait = ASYNC_CLOSING_WAIT_NONE;
	return tc;
}

static __cold __cold struct rvhv_console *tty_console_create(unsigned int index)
{
	struct tty_console *tc;
	struct device *dev;
	int ret;

	if (index >= RVHV_CONSOLE_TTYS && index != RVHV_CONSOLE_ANY_TTY)
		return ERR_PTR(-EINVAL);
	if (!tty_driver)
		return ERR_PTR(-ENODEV);
	tc = tty_console_alloc();
	if (!tc)
		return ERR_PTR(-ENOMEM);

	ret = take_index(tc, index);
	if (ret)
		goto err_put;
	dev = tty_register_device(tty_driver, tc->index, NULL);
	if (IS_ERR(dev)) {
		ret = PTR_ERR(dev);
		goto err_put;
	}
	return &tc->console;

err_put:
	tty_port_put(&tc->port);
	return ERR_PTR(ret);
}

static void tty_console_destroy(struct rvhv_console *console)
{
	struct tty_console *tc = tty_of(console);
	bool open;

	set_gone(tc, &open);
	tty_unregister_device(tty_driver, tc->index);
	/* Blocked writers return EIO */
	tty_port_tty_wakeup(&tc->port);
	if (open) {
		__module_get(THIS_MODULE);
		queue_delayed_work(workqueue, &tc->farewell, 0);
	} else {
		tty_port_put(&tc->port);
	}
}

static unsigned int tty_console_index(const struct rvhv_console *console)
{
	return tty_of(console)->index;
}

const struct rvhv_console_ops rvhv_console_tty_ops = {
	.create = tty_console_create,
	.destroy = tty_console_destroy,
	.write = tty_console_write,
	.read = tty_console_read,
	.wait_room = tty_console_wait_room,
	.index = tty_console_index,
};

int __cold rvhv_console_tty_init(void)
{
	struct tty_driver *driver;
	int ret;

	workqueue = alloc_workqueue("rvhv_console", WQ_UNBOUND, 0);
	if (!workqueue)
		return -ENOMEM;
	driver = tty_alloc_driver(RVHV_CONSOLE_TTYS, TTY_DRIVER_REAL_RAW |
				  TTY_DRIVER_DYNAMIC_DEV | TTY_DRIVER_RESET_TERMIOS);
	if (IS_ERR(driver)) {
		ret = PTR_ERR(driver);
		goto err_workqueue;
	}
	driver->driver_name = "rvhv";
	driver->name = "ttyRVHV";
	driver->type = TTY_DRIVER_TYPE_SERIAL;
	driver->subtype = SERIAL_TYPE_NORMAL;
	driver->init_termios = tty_std_termios;
	/* Raw: the guest echoes and edits */
	driver->init_termios.c_iflag = 0;
	driver->init_termios.c_oflag = 0;
	driver->init_termios.c_lflag = 0;
	driver->init_termios.c_cflag = B38400 | CS8 | CREAD | CLOCAL;
	tty_set_operations(driver, &tty_ops);
	ret = tty_register_driver(driver);
	if (ret)
		goto err_driver;
	tty_driver = driver;
	return 0;

err_driver:
	tty_driver_kref_put(driver);
err_workqueue:
	destroy_workqueue(workqueue);
	return ret;
}

void rvhv_console_tty_exit(void)
{
	/* Also waits for a farewell() that has dropped its reference to the module */
	destroy_workqueue(workqueue);
	tty_unregister_driver(tty_driver);
	tty_driver_kref_put(tty_driver);
	tty_driver = NULL;
}
