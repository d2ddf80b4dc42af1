// SPDX-License-Identifier: GPL-2.0-only
/*
 * An SBI extension, an exit handler and an observer in a module of their own, by
 * include/linux/rvhv.h alone. Documentation/extending.rst walks through this file.
 */
#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/string.h>
#include <asm/sbi.h>

#include <linux/rvhv.h>

/* [ids] */
/* SBI specification, "Firmware Specific SBI Extension Space": 0x0A and the implementation id */
#define SAMPLE_EID	0x0A766876

enum {
	SAMPLE_COUNT,		/* value: calls so far, this one too */
	SAMPLE_SUM,		/* value: sum of a0 words of 32 bits at guest physical a1 */
	SAMPLE_DESCRIBE,	/* text to guest virtual a0, at most a1 bytes; value: length */
};

/* The most words of one SAMPLE_SUM */
#define SAMPLE_WORDS	1024

/* [ids end] */

/* System call number that guest programs use to reach us; no kernel has it */
#define SAMPLE_SYSCALL	0x72766876

/* a0 of the calling convention is x10 */
#define A(n)	(10 + (n))

static atomic_long_t nr_calls, nr_syscalls, nr_ecalls;

/* [sum] */
static int sample_sum(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_args *args,
		      struct rvhv_sbi_answer *answer)
{
	unsigned long left = args->arg[0];
	u64 gpa = args->arg[1];
	u32 words[64];
	size_t i, n;

	if (left > SAMPLE_WORDS || gpa % sizeof(u32)) {
		answer->error = SBI_ERR_INVALID_PARAM;
		return 0;
	}
	for (; left; left -= n, gpa += n * sizeof(u32)) {
		n = min(left, ARRAY_SIZE(words));
		if (rvhv_vcpu_read_phys(vcpu, words, gpa, n * sizeof(u32))) {
			answer->error = SBI_ERR_INVALID_ADDRESS;
			answer->value = 0;
			return 0;
		}
		for (i = 0; i < n; i++)
			answer->value += words[i];
	}
	return 0;
}

/* [sum end] */

/* [describe] */
static int sample_describe(struct rvhv_vcpu *vcpu, const struct rvhv_sbi_args *args,
			   struct rvhv_sbi_answer *answer)
{
	char text[64];
	struct rvhv_trap trap;
	size_t len;
	int ret;

	len = scnprintf(text, sizeof(text), "hart %lu of a guest of rvhv",
			rvhv_vcpu_hart_id(vcpu));
	len = min(len, args->arg[1]);
	ret = rvhv_vcpu_write_virt(vcpu, args->arg[0], text, len, &trap);
	if (ret < 0)
		return ret;
	if (ret)
		answer->error = SBI_ERR_INVALID_ADDRESS;
	else
		answer->value = len;
	return 0;
}

/* [describe end] */

/* [handle] */
static int sample_handle(struct rvhv_vm *vm, struct rvhv_vcpu *vcpu,
			 const struct rvhv_sbi_args *args, struct rvhv_sbi_answer *answer)
{
	long count = atomic_long_inc_return(&nr_calls);

	switch (args->fid) {
	case SAMPLE_COUNT:
		answer->value = count;
		return 0;
	case SAMPLE_SUM:
		return sample_sum(vcpu, args, answer);
	case SAMPLE_DESCRIBE:
		return sample_describe(vcpu, args, answer);
	default:
		answer->error = SBI_ERR_NOT_SUPPORTED;
		return 0;
	}
}

static struct rvhv_sbi_extension sample_extension = {
	.name = "sample",
	.first = SAMPLE_EID,
	.last = SAMPLE_EID,
	.handle = sample_handle,
};

/* [handle end] */

/* [exit] */
/* A system call of a guest's program: ours is answered here, the others are its kernel's. */
static int sample_syscall(struct rvhv_vcpu *vcpu, struct rvhv_trap *trap)
{
	if (rvhv_vcpu_get_gpr(vcpu, A(7)) != SAMPLE_SYSCALL)
		return RVHV_VERDICT_PASS;
	rvhv_vcpu_set_gpr(vcpu, A(0), atomic_long_inc_return(&nr_syscalls));
	return RVHV_VERDICT_SKIP;
}

static struct rvhv_exit_handler sample_exit = {
	.cause = EXC_SYSCALL,
	.handle = sample_syscall,
};

/* [exit end] */

/* [observe] */
static void sample_observe(struct rvhv_vcpu *vcpu, const struct rvhv_trap *trap)
{
	atomic_long_inc(&nr_ecalls);
}

static struct rvhv_exit_handler sample_observer = {
	.cause = EXC_SUPERVISOR_SYSCALL,
	.observe = sample_observe,
};

/* [observe end] */

static bool observe = true;
module_param(observe, bool, 0444);
MODULE_PARM_DESC(observe, "Count the SBI calls of all guests");

static int ecalls_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%ld\n", atomic_long_read(&nr_ecalls));
}

static const struct kernel_param_ops ecalls_ops = { .get = ecalls_get };
module_param_cb(ecalls, &ecalls_ops, NULL, 0444);
MODULE_PARM_DESC(ecalls, "SBI calls of all guests since the module was loaded");

/* [init] */
static int __init sample_init(void)
{
	int ret;

	ret = rvhv_sbi_register(&sample_extension);
	if (ret)
		return ret;
	ret = rvhv_exit_register(&sample_exit);
	if (ret)
		goto err_sbi;
	if (observe) {
		ret = rvhv_exit_register(&sample_observer);
		if (ret)
			goto err_exit;
	}
	return 0;

err_exit:
	rvhv_exit_unregister(&sample_exit);
err_sbi:
	rvhv_sbi_unregister(&sample_extension);
	return ret;
}

static void __exit sample_exit_module(void)
{
	rvhv_exit_unregister(&sample_observer);
	rvhv_exit_unregister(&sample_exit);
	rvhv_sbi_unregister(&sample_extension);
}

module_init(sample_init);
module_exit(sample_exit_module);

/* [init end] */

MODULE_DESCRIPTION("Sample of an SBI extension and an exit handler for rvhv");
MODULE_AUTHOR("The rvhv authors");
MODULE_LICENSE("GPL");
