// SPDX-License-Identifier: GPL-2.0-only
/*
 * ONE_REG: GET, SET and LIST walk one table of register classes, so that they cannot disagree.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "abi.h"
#include "onereg.h"

/* Larger registers, of long vectors, need an allocated buffer */
#define SMALL_REG	64

static const struct rvhv_reg_class *find_class(const struct rvhv_reg_set *set, u64 id)
{
	unsigned int i;

	for (i = 0; i < set->nr; i++) {
		u64 mask = KVM_REG_RISCV_TYPE_MASK | KVM_REG_RISCV_SUBTYPE_MASK;

		if ((id & mask) == set->classes[i]->type)
			return set->classes[i];
	}
	return NULL;
}

/* Undefined bits make the number too large for any class. */
static u64 reg_number(const struct rvhv_reg_class *class, u64 id)
{
	return (id & ~(KVM_REG_ARCH_MASK | KVM_REG_SIZE_MASK)) - class->type;
}

static unsigned int reg_bytes(const struct rvhv_reg_class *class, const void *vcpu,
			      unsigned int num)
{
	return class->bytes ?: class->size(vcpu, num);
}

/*
 * Find the register with an id; as in KVM, the architecture bits of the id are ignored. -ENOENT if
 * the vCPU does not have it, -EINVAL for a wrong size. The caller holds the vCPU's mutex.
 */
int rvhv_onereg_find(const struct rvhv_reg_set *set, const void *vcpu, u64 id,
		     struct rvhv_reg *reg)
{
	const struct rvhv_reg_class *class = find_class(set, id);
	unsigned int bytes = KVM_REG_SIZE(id);
	u64 num;

	if (!class || (class->present && !class->present(vcpu)))
		return -ENOENT;
	if (class->bytes && bytes != class->bytes)
		return -EINVAL;
	num = reg_number(class, id);
	if (num >= class->nr)
		return -ENOENT;
	num = array_index_nospec(num, class->nr);
	if (class->exists && !class->exists(vcpu, num))
		return -ENOENT;
	if (bytes != reg_bytes(class, vcpu, num))
		return -EINVAL;

	*reg = (struct rvhv_reg) { .class = class, .num = num, .bytes = bytes };
	return 0;
}

/*
 * Store the ids that fit into @room; returns the number of all. The caller holds the vCPU's mutex.
 */
unsigned int __cold rvhv_onereg_list(const struct rvhv_reg_set *set, const void *vcpu, u64 *ids,
				     unsigned int room)
{
	unsigned int n = 0, i, num;

	for (i = 0; i < set->nr; i++) {
		const struct rvhv_reg_class *class = set->classes[i];

		if (class->unlisted || (class->present && !class->present(vcpu)))
			continue;
		for (num = 0; num < class->nr; num++) {
			if (class->exists && !class->exists(vcpu, num))
				continue;
			if (n < room)
				ids[n] = KVM_REG_RISCV | class->type | num |
					 ((u64)ilog2(reg_bytes(class, vcpu, num)) <<
					  KVM_REG_SIZE_SHIFT);
			n++;
		}
	}
	return n;
}

static int get_value(const struct rvhv_reg *reg, void *vcpu, void *val, void __user *user)
{
	int ret = reg->class->get(vcpu, reg->num, val);

	if (!ret && copy_to_user(user, val, reg->bytes))
		ret = -EFAULT;
	return ret;
}

static int set_value(const struct rvhv_reg *reg, void *vcpu, void *val, void __user *user)
{
	if (copy_from_user(val, user, reg->bytes))
		return -EFAULT;
	return reg->class->set(vcpu, reg->num, val);
}

static __always_inline int with_value(const struct rvhv_reg_set *set, void *vcpu, u64 id,
				      void __user *user,
				      int (*fn)(const struct rvhv_reg *reg, void *vcpu, void *val,
						void __user *user))
{
	u64 small[SMALL_REG / sizeof(u64)];
	struct rvhv_reg reg;
	void *large;
	int ret;

	ret = rvhv_onereg_find(set, vcpu, id, &reg);
	if (ret)
		return ret;
	if (reg.bytes <= sizeof(small))
		return fn(&reg, vcpu, small, user);
	large = kmalloc(reg.bytes, GFP_KERNEL_ACCOUNT);
	if (!large)
		return -ENOMEM;
	ret = fn(&reg, vcpu, large, user);
	kfree(large);
	return ret;
}

/* KVM_GET_ONE_REG; the caller holds the vCPU's mutex. */
int rvhv_onereg_get(const struct rvhv_reg_set *set, void *vcpu, u64 id, void __user *user)
{
	return with_value(set, vcpu, id, user, get_value);
}

/* KVM_SET_ONE_REG; the caller holds the vCPU's mutex. */
int rvhv_onereg_set(const struct rvhv_reg_set *set, void *vcpu, u64 id, void __user *user)
{
	return with_value(set, vcpu, id, user, set_value);
}
