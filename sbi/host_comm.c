// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host channel: two queues of messages between a guest and whoever holds the channel's file
 * descriptor. The file's end may wait; the guest's never does, but for its own other vCPUs.
 *
 * The channel outlives both: the VM has a reference and so has the file. The file has none to the
 * VM, or its reader would never see the VM's end.
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

/**
 * struct queue - messages in one direction
 * @fifo: the messages, each with its length before it, in @memory
 * @put_lock: one producer at a time; guards @put_buf
 * @take_lock: one consumer at a time; guards @take_buf
 * @wait: those who wait on the file's side, for a message or for room
 * @put_buf: a message on its way in
 * @take_buf: a message on its way out
 * @memory: of @fifo
 *
 * Bytes pass through a buffer, so that the fifo sees whole messages only: where a copy faults there
 * is nothing to undo.
 */
struct queue {
	struct kfifo_rec_ptr_2 fifo;
	struct mutex put_lock;
	struct mutex take_lock;
	wait_queue_head_t wait;
	u8 put_buf[RVHV_MESSAGE_MAX];
	u8 take_buf[RVHV_MESSAGE_MAX];
	u8 memory[RVHV_HOST_COMM_QUEUE];
};

/**
 * struct rvhv_host_comm - one channel
 * @rcu: for freeing: rvhv_host_comm_get() may look at @ref meanwhile
 * @ref: one reference of the VM, as long as it points here, one of the file, and one of each call
 *	of the guest in progress
 * @lock: guards @vm
 * @vm: whose channel it is; NULL once one of both ends is closed
 * @vm_gone: the VM has ended: no message comes any more
 * @to_host: from the guest
 * @to_guest: from the file
 */
struct rvhv_host_comm {
	struct rcu_head rcu;
	struct kref ref;
	spinlock_t lock;
	struct rvhv_sbi_vm *vm;
	bool vm_gone;
	struct queue to_host;
	struct queue to_guest;
};

/* ---- queues ---- */

static void queue_init(struct queue *queue)
{
	/* Fails for a size that is not this one only */
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
	/* Nobody else puts, so what there is of room stays. */
	if (!queue_has_room(queue, len))
		return -EAGAIN;
	ret = copy(end, queue->put_buf, len);
	if (ret)
		return ret;
	return kfifo_in(&queue->fifo, queue->put_buf, len) ? 0 : -EAGAIN;
}

/* 0; -EAGAIN: full; -EINTR; what @copy returns */
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
	/* The message after the index that tells of it; pairs with the barrier in kfifo_in() */
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

/* Bytes of the message; -EAGAIN: empty; -EMSGSIZE: larger than @size; -EINTR; what @copy returns */
static ssize_t queue_take(struct queue *queue, size_t size, rvhv_host_comm_copy copy, void *end)
{
	ssize_t ret = mutex_lock_interruptible(&queue->take_lock);

	if (ret)
		return ret;
	ret = queue_take_locked(queue, size, copy, end);
	mutex_unlock(&queue->take_lock);
	return ret;
}

/* ---- life ---- */

static void comm_free(struct kref *ref)
{
	struct rvhv_host_comm *comm = container_of(ref, struct rvhv_host_comm, ref);

	queue_destroy(&comm->to_host);
	queue_destroy(&comm->to_guest);
	kvfree_rcu(comm, rcu);
}

/**
 * rvhv_host_comm_put - drop a reference
 * @comm: the channel
 *
 * Context: any.
 */
void rvhv_host_comm_put(struct rvhv_host_comm *comm)
{
	kref_put(&comm->ref, comm_free);
}

/**
 * rvhv_host_comm_get - the channel of a VM, with a reference
 * @vm: of the VM
 *
 * Context: any.
 * Return: the channel, or NULL if none is open.
 */
struct rvhv_host_comm *rvhv_host_comm_get(struct rvhv_sbi_vm *vm)
{
	struct rvhv_host_comm *comm;

	rcu_read_lock();
	comm = rcu_dereference(vm->host_comm);
	if (comm && !kref_get_unless_zero(&comm->ref))
		comm = NULL;
	rcu_read_unlock();
	return comm;
}

/**
 * rvhv_host_comm_present - is a channel open?
 * @vm: of the VM
 *
 * Context: any.
 * Return: true if one is.
 */
bool rvhv_host_comm_present(const struct rvhv_sbi_vm *vm)
{
	return rcu_access_pointer(vm->host_comm);
}

/* Part the VM from the channel, whoever comes first; the caller has a reference of its own. */
static void comm_detach(struct rvhv_host_comm *comm)
{
	struct rvhv_sbi_vm *vm;

	spin_lock(&comm->lock);
	vm = comm->vm;
	comm->vm = NULL;
	/* Under the lock: when the VM has found no channel here, nobody writes into it any more. */
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
 * rvhv_host_comm_open - open the channel of a VM
 * @vm: of the VM
 *
 * Context: process context, may sleep; takes vm->lock.
 * Return: the channel, for rvhv_host_comm_close(); ERR_PTR(-EBUSY): it is open already; -ENOMEM.
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
 * @comm: the channel; the messages in it are lost
 *
 * The guest sees that there is no channel. A new one may be opened.
 *
 * Context: process context.
 */
void rvhv_host_comm_close(struct rvhv_host_comm *comm)
{
	comm_detach(comm);
	rvhv_host_comm_put(comm);
}

/**
 * rvhv_host_comm_vm_gone - close the guest's end, if the channel is open
 * @vm: of a VM without vCPUs
 *
 * Whoever has the file can still read what the guest sent.
 *
 * Context: process context.
 */
void rvhv_host_comm_vm_gone(struct rvhv_sbi_vm *vm)
{
	struct rvhv_host_comm *comm = rvhv_host_comm_get(vm);

	if (!comm)
		return;
	comm_detach(comm);
	/* After the last message; pairs with vm_is_gone() */
	smp_store_release(&comm->vm_gone, true);
	wake_up_interruptible_poll(&comm->to_host.wait, EPOLLHUP | EPOLLRDHUP);
	wake_up_interruptible_poll(&comm->to_guest.wait, EPOLLHUP | EPOLLRDHUP);
	rvhv_host_comm_put(comm);
}

/* ---- the guest's end ---- */

/**
 * rvhv_host_comm_send - send a message to the host
 * @comm: the channel
 * @len: bytes of the message, 1 to RVHV_MESSAGE_MAX
 * @copy: copies it from the guest's memory
 * @end: for @copy
 *
 * Context: process context, may sleep.
 * Return: 0; -EAGAIN: the queue is full; -EINTR: a signal came first; what @copy returns.
 */
int rvhv_host_comm_send(struct rvhv_host_comm *comm, size_t len, rvhv_host_comm_copy copy,
			void *end)
{
	int ret = queue_put(&comm->to_host, len, copy, end);

	if (!ret)
		wake_up_interruptible_poll(&comm->to_host.wait, EPOLLIN | EPOLLRDNORM);
	return ret;
}

/**
 * rvhv_host_comm_receive - take the host's next message
 * @comm: the channel
 * @size: bytes that there is room for
 * @copy: copies the message to the guest's memory
 * @end: for @copy
 *
 * Context: process context, may sleep.
 * Return: bytes of the message; -EAGAIN: there is none; -EMSGSIZE: it is larger than @size and
 * stays; -EINTR: a signal came first; what @copy returns, and the message stays.
 */
ssize_t rvhv_host_comm_receive(struct rvhv_host_comm *comm, size_t size, rvhv_host_comm_copy copy,
			       void *end)
{
	ssize_t ret = queue_take(&comm->to_guest, size, copy, end);

	if (ret > 0)
		wake_up_interruptible_poll(&comm->to_guest.wait, EPOLLOUT | EPOLLWRNORM);
	return ret;
}

/* ---- the file's end ---- */

/* Who looks at the queue of messages afterwards sees the last one. */
static bool vm_is_gone(const struct rvhv_host_comm *comm)
{
	/* Pairs with rvhv_host_comm_vm_gone() */
	return smp_load_acquire(&comm->vm_gone);
}

/**
 * rvhv_host_comm_read - take the guest's next message
 * @comm: the channel
 * @size: bytes that there is room for
 * @copy: copies the message to the reader
 * @end: for @copy
 * @block: wait for a message
 *
 * Context: process context, may sleep.
 * Return: bytes of the message; 0: the VM has ended and there is no message left; -EAGAIN: there is
 * none; -EMSGSIZE: it is larger than @size and stays; -ERESTARTSYS: a signal came first; what @copy
 * returns, and the message stays.
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
 * @len: bytes of the message
 * @copy: copies it from the writer
 * @end: for @copy
 * @block: wait for room
 *
 * Context: process context, may sleep.
 * Return: @len; -EINVAL: an empty message; -EMSGSIZE: one that is too large; -EPIPE: the VM has
 * ended; -EAGAIN: the queue is full; -ERESTARTSYS: a signal came first; what @copy returns.
 */
ssize_t rvhv_host_comm_write(struct rvhv_host_comm *comm, size_t len, rvhv_host_comm_copy copy,
			     void *end, bool block)
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
 * rvhv_host_comm_poll - what the file's end can do without waiting
 * @comm: the channel
 * @file: its file
 * @wait: where to wait for a change, as poll's
 *
 * Context: process context.
 * Return: EPOLLIN: there is a message; EPOLLOUT: there is room for the largest; EPOLLHUP and
 * EPOLLRDHUP: the VM has ended.
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
