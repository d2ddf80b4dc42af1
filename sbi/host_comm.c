// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host channel: two queues of messages between the guest and the channel's file. The file's end
 * may wait for messages and room, the guest's end does not.
 *
 * The VM and the file each hold a reference to the channel. The file holds none to the VM, so that
 * its reader sees the VM's end.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kfifo.h>
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "host_comm.h"
#include "sbi.h"
#include "sbi_ids.h"

/*
 * Messages in one direction, each preceded by its length. They pass through a buffer, so that a
 * copy that faults leaves fifo unchanged.
 */
struct queue {
	struct kfifo_rec_ptr_2 fifo;
	struct mutex put_lock;			/* serialises producers; guards put_buf */
	struct mutex take_lock;			/* serialises consumers; guards take_buf */
	wait_queue_head_t wait;			/* the file's readers or writers */
	u8 put_buf[RVHV_MESSAGE_MAX];
	u8 take_buf[RVHV_MESSAGE_MAX];
	u8 memory[RVHV_HOST_COMM_QUEUE];	/* of fifo */
};

struct rvhv_host_comm {
	struct rcu_head rcu;	/* rvhv_host_comm_get() reads ref under RCU */
	struct kref ref;	/* of the VM, the file, and each call of the guest in progress */
	spinlock_t lock;	/* guards vm */
	struct rvhv_sbi_vm *vm;	/* NULL once either end is closed */
	bool vm_gone;		/* the VM has ended */
	struct queue to_host;
	struct queue to_guest;
};

/* ---- queues ---- */

static void queue_init(struct queue *queue)
{
	/* Cannot fail for this size */
	(void)kfifo_init(&queue->fifo, queue->memory, sizeof(queue->memory));
	mutex_init(&queue->put_lock);
	mutex_init(&queue->take_lock);
	init_waitqueue_head(&queue->wait);
}

static void queue_destroy(struct queue *queue)
{
	mutex_destroy(&queue->put_lock);
	mutex_destroy(&queue->take_lock);
}

static bool queue_has_message(struct queue *queue)
{
	return !kfifo_is_empty(&queue->fifo);
}

static bool queue_has_room(struct queue *queue, size_t len)
{
	return kfifo_avail(&queue->fifo) >= len;
}

static int queue_put_locked(struct queue *queue, size_t len, rvhv_host_comm_copy copy, void *end)
{
	int ret;

	lockdep_assert_held(&queue->put_lock);
	/* put_lock: the room cannot shrink */
	if (!queue_has_room(queue, len))
		return -EAGAIN;
	ret = copy(end, queue->put_buf, len);
	if (ret)
		return ret;
	return kfifo_in(&queue->fifo, queue->put_buf, len) ? 0 : -EAGAIN;
}

/* Returns 0, -EAGAIN if full, -EINTR, or the errno of @copy. */
static int queue_put(struct queue *queue, size_t len, rvhv_host_comm_copy copy, void *end)
{
	int ret = mutex_lock_interruptible(&queue->put_lock);

	if (ret)
		return ret;
	ret = queue_put_locked(queue, len, copy, end);
	mutex_unlock(&queue->put_lock);
	return ret;
}

static ssize_t queue_take_locked(struct queue *queue, size_t size, rvhv_host_comm_copy copy,
				 void *end)
{
	unsigned int len;
	int ret;

	lockdep_assert_held(&queue->take_lock);
	if (!queue_has_message(queue))
		return -EAGAIN;
	/* Read the message after the index; pairs with kfifo_in() */
	smp_rmb();
	if (kfifo_peek_len(&queue->fifo) > size)
		return -EMSGSIZE;
	len = kfifo_out_peek(&queue->fifo, queue->take_buf, sizeof(queue->take_buf));
	ret = copy(end, queue->take_buf, len);
	if (ret)
		return ret;
	kfifo_skip(&queue->fifo);
	return len;
}

/* Returns the message's length, -EAGAIN if empty, -EMSGSIZE, -EINTR, or the errno of @copy. */
static ssize_t queue_take(struct queue *queue, size_t size, rvhv_host_comm_copy copy, void *end)
{
	ssize_t ret = mutex_lock_interruptible(&queue->take_lock);

	if (ret)
		return ret;
	ret = queue_take_locked(queue, size, copy, end);
	mutex_unlock(&queue->take_lock);
	return ret;
}

/* ---- life cycle ---- */

static void comm_free(struct kref *ref)
{
	struct rvhv_host_comm *comm = container_of(ref, struct rvhv_host_comm, ref);

	queue_destroy(&comm->to_host);
	queue_destroy(&comm->to_guest);
	kvfree_rcu(comm, rcu);
}

void rvhv_host_comm_put(struct rvhv_host_comm *comm)
{
	kref_put(&comm->ref, comm_free);
}

/* Returns the open channel of a VM with a reference, or NULL. */
__cold struct rvhv_host_comm *rvhv_host_comm_get(struct rvhv_sbi_vm *vm)
{
	struct rvhv_host_comm *comm;

	rcu_read_lock();
	comm = rcu_dereference(vm->host_comm);
	if (comm && !kref_get_unless_zero(&comm->ref))
		comm = NULL;
	rcu_read_unlock();
	return comm;
}

bool rvhv_host_comm_present(const struct rvhv_sbi_vm *vm)
{
	return rcu_access_pointer(vm->host_comm);
}

/* Called by each end; the first call drops the VM's reference. */
static void comm_detach(struct rvhv_host_comm *comm)
{
	struct rvhv_sbi_vm *vm;

	spin_lock(&comm->lock);
	vm = comm->vm;
	comm->vm = NULL;
	/* Under the lock: the VM may be freed once it finds comm->vm NULL */
	if (vm)
		RCU_INIT_POINTER(vm->host_comm, NULL);
	spin_unlock(&comm->lock);
	if (vm)
		rvhv_host_comm_put(comm);
}

static struct rvhv_host_comm *comm_create(struct rvhv_sbi_vm *vm)
{
	struct rvhv_host_comm *comm = kvzalloc(sizeof(*comm), GFP_KERNEL_ACCOUNT);

	if (!comm)
		return ERR_PTR(-ENOMEM);
	kref_init(&comm->ref);
	spin_lock_init(&comm->lock);
	queue_init(&comm->to_host);
	queue_init(&comm->to_guest);
	comm->vm = vm;
	kref_get(&comm->ref);
	rcu_assign_pointer(vm->host_comm, comm);
	return comm;
}

/**
 * rvhv_host_comm_open - open a VM's channel
 * @vm: SBI state of the VM
 *
 * Context: process context, may sleep; takes vm->lock.
 * Return: the channel or ERR_PTR: -EBUSY: it is open already; -ENOMEM.
 */
struct rvhv_host_comm *rvhv_host_comm_open(struct rvhv_sbi_vm *vm)
{
	struct rvhv_host_comm *comm;

	mutex_lock(&vm->lock);
	if (rvhv_host_comm_present(vm))
		comm = ERR_PTR(-EBUSY);
	else
		comm = comm_create(vm);
	mutex_unlock(&vm->lock);
	return comm;
}

/**
 * rvhv_host_comm_close - close the file's end
 * @comm: the channel; its messages are lost, and the VM has none until the next open
 *
 * Context: process context.
 */
void __cold rvhv_host_comm_close(struct rvhv_host_comm *comm)
{
	comm_detach(comm);
	rvhv_host_comm_put(comm);
}

/* Close the guest's end; the file can still read the guest's messages. */
void __cold rvhv_host_comm_vm_gone(struct rvhv_sbi_vm *vm)
{
	struct rvhv_host_comm *comm = rvhv_host_comm_get(vm);

	if (!comm)
		return;
	comm_detach(comm);
	/* Ordered after the last message; pairs with vm_is_gone() */
	smp_store_release(&comm->vm_gone, true);
	wake_up_interruptible_poll(&comm->to_host.wait, EPOLLHUP | EPOLLRDHUP);
	wake_up_interruptible_poll(&comm->to_guest.wait, EPOLLHUP | EPOLLRDHUP);
	rvhv_host_comm_put(comm);
}

/* ---- the guest's end ---- */

/* Send @len (1 to RVHV_MESSAGE_MAX) bytes to the host; returns what queue_put() does. */
int rvhv_host_comm_send(struct rvhv_host_comm *comm, size_t len, rvhv_host_comm_copy copy,
			void *end)
{
	int ret = queue_put(&comm->to_host, len, copy, end);

	if (!ret)
		wake_up_interruptible_poll(&comm->to_host.wait, EPOLLIN | EPOLLRDNORM);
	return ret;
}

/* Returns what queue_take() does. After an error the message stays queued. */
ssize_t rvhv_host_comm_receive(struct rvhv_host_comm *comm, size_t size, rvhv_host_comm_copy copy,
			       void *end)
{
	ssize_t ret = queue_take(&comm->to_guest, size, copy, end);

	if (ret > 0)
		wake_up_interruptible_poll(&comm->to_guest.wait, EPOLLOUT | EPOLLWRNORM);
	return ret;
}

/* ---- the file's end ---- */

/* After this returned true, the queue holds the last message. */
static bool vm_is_gone(const struct rvhv_host_comm *comm)
{
	/* Pairs with rvhv_host_comm_vm_gone() */
	return smp_load_acquire(&comm->vm_gone);
}

/**
 * rvhv_host_comm_read - receive a message from the guest
 * @comm: the channel
 * @size: size of the reader's buffer
 * @copy: copies the message to the reader
 * @end: argument of @copy
 * @block: wait for a message
 *
 * Context: process context, may sleep.
 * Return: the message's length; 0: the VM has ended and the queue is empty; -EAGAIN: the queue is
 * empty; -EMSGSIZE: the message is larger than @size; -ERESTARTSYS; the errno of @copy. After an
 * error the message stays in the queue.
 */
ssize_t rvhv_host_comm_read(struct rvhv_host_comm *comm, size_t size, rvhv_host_comm_copy copy,
			    void *end, bool block)
{
	struct queue *queue = &comm->to_host;
	ssize_t ret;
	bool gone;

	for (;;) {
		gone = vm_is_gone(comm);
		ret = queue_take(queue, size, copy, end);
		if (ret == -EINTR)
			return -ERESTARTSYS;
		if (ret != -EAGAIN)
			return ret;
		if (gone)
			return 0;
		if (!block)
			return -EAGAIN;
		ret = wait_event_interruptible(queue->wait,
					       queue_has_message(queue) || vm_is_gone(comm));
		if (ret)
			return ret;
	}
}

/**
 * rvhv_host_comm_write - send a message to the guest
 * @comm: the channel
 * @len: the message's length
 * @copy: copies the message from the writer
 * @end: argument of @copy
 * @block: wait for room
 *
 * Context: process context, may sleep.
 * Return: @len; -EINVAL: an empty message; -EMSGSIZE: too large a message; -EPIPE: the VM has
 * ended; -EAGAIN: the queue is full; -ERESTARTSYS; the errno of @copy.
 */
ssize_t __cold rvhv_host_comm_write(struct rvhv_host_comm *comm, size_t len,
				    rvhv_host_comm_copy copy, void *end, bool block)
{
	struct queue *queue = &comm->to_guest;
	int ret;

	if (!len)
		return -EINVAL;
	if (len > RVHV_MESSAGE_MAX)
		return -EMSGSIZE;
	for (;;) {
		if (vm_is_gone(comm))
			return -EPIPE;
		ret = queue_put(queue, len, copy, end);
		if (!ret)
			return len;
		if (ret == -EINTR)
			return -ERESTARTSYS;
		if (ret != -EAGAIN || !block)
			return ret;
		ret = wait_event_interruptible(queue->wait,
					       queue_has_room(queue, len) || vm_is_gone(comm));
		if (ret)
			return ret;
	}
}

/**
 * rvhv_host_comm_poll - poll the file's end
 * @comm: the channel
 * @file: its file
 * @wait: poll table
 *
 * Context: process context.
 * Return: EPOLLIN: there is a message; EPOLLOUT: there is room for the largest message; EPOLLHUP
 * and EPOLLRDHUP: the VM has ended.
 */
__poll_t rvhv_host_comm_poll(struct rvhv_host_comm *comm, struct file *file, poll_table *wait)
{
	__poll_t events = 0;

	poll_wait(file, &comm->to_host.wait, wait);
	poll_wait(file, &comm->to_guest.wait, wait);
	if (vm_is_gone(comm))
		events |= EPOLLHUP | EPOLLRDHUP;
	else if (queue_has_room(&comm->to_guest, RVHV_MESSAGE_MAX))
		events |= EPOLLOUT | EPOLLWRNORM;
	if (queue_has_message(&comm->to_host))
		events |= EPOLLIN | EPOLLRDNORM;
	return events;
}
