// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of ONE_REG with fake classes: LIST, GET and SET agree; boundary numbers and sizes get
 * KVM's errnos.
 */
#include <kunit/test.h>
#include <linux/log2.h>
#include <linux/mman.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "../uapi/abi.h"
#include "../uapi/onereg.h"

#define NR	7
#define BIG	256

/* The fake vCPU */
struct fake {
	bool extension;
	int error;
	unsigned int last;
	u64 even[NR];
	u64 sized[NR];
	u8 big[NR][BIG];
	u64 hidden[NR];
};

static int even_get(void *vcpu, unsigned int num, void *val)
{
	struct fake *fake = vcpu;

	fake->last = num;
	*(u64 *)val = fake->even[num];
	return fake->error;
}

static int even_set(void *vcpu, unsigned int num, const void *val)
{
	struct fake *fake = vcpu;

	fake->last = num;
	if (!fake->error)
		fake->even[num] = *(const u64 *)val;
	return fake->error;
}

static bool is_even(const void *vcpu, unsigned int num)
{
	return num % 2 == 0;
}

/* Even numbers of 64 bits */
static const struct rvhv_reg_class even = {
	.name = "even", .type = KVM_REG_RISCV_CORE, .nr = NR, .bytes = 8,
	.exists = is_even, .get = even_get, .set = even_set,
};

static bool extension_present(const void *vcpu)
{
	return ((const struct fake *)vcpu)->extension;
}

/* The last register has 32 bits, as fcsr. */
static unsigned int sized_size(const void *vcpu, unsigned int num)
{
	return num < NR - 1 ? 8 : 4;
}

static int sized_get(void *vcpu, unsigned int num, void *val)
{
	memcpy(val, &((struct fake *)vcpu)->sized[num], sized_size(vcpu, num));
	return 0;
}

static int sized_set(void *vcpu, unsigned int num, const void *val)
{
	memcpy(&((struct fake *)vcpu)->sized[num], val, sized_size(vcpu, num));
	return 0;
}

/* Registers of an extension, of different sizes */
static const struct rvhv_reg_class sized = {
	.name = "sized", .type = KVM_REG_RISCV_FP_D, .nr = NR, .present = extension_present,
	.size = sized_size, .get = sized_get, .set = sized_set,
};

static int big_get(void *vcpu, unsigned int num, void *val)
{
	memcpy(val, ((struct fake *)vcpu)->big[num], BIG);
	return 0;
}

static int big_set(void *vcpu, unsigned int num, const void *val)
{
	memcpy(((struct fake *)vcpu)->big[num], val, BIG);
	return 0;
}

/* Registers of the size of vectors */
static const struct rvhv_reg_class big = {
	.name = "big", .type = KVM_REG_RISCV_VECTOR, .nr = NR, .bytes = BIG,
	.get = big_get, .set = big_set,
};

static int hidden_get(void *vcpu, unsigned int num, void *val)
{
	*(u64 *)val = ((struct fake *)vcpu)->hidden[num];
	return 0;
}

static int hidden_set(void *vcpu, unsigned int num, const void *val)
{
	((struct fake *)vcpu)->hidden[num] = *(const u64 *)val;
	return 0;
}

/* Unlisted registers with a subtype */
static const struct rvhv_reg_class hidden = {
	.name = "hidden", .type = KVM_REG_RISCV_ISA_EXT | KVM_REG_RISCV_ISA_MULTI_EN, .nr = NR,
	.bytes = 8, .unlisted = true, .get = hidden_get, .set = hidden_set,
};

static const struct rvhv_reg_class *const classes[] = { &even, &sized, &big, &hidden };
static const struct rvhv_reg_set set = { .classes = classes, .nr = ARRAY_SIZE(classes) };

/* Number of listed registers: even, sized, big */
#define NR_LISTED	((NR + 1) / 2 + NR + NR)

/* Ids to scan: classes and their neighbours, boundary numbers */
#define NR_SIZES	10

static u64 id_of(u64 type, u64 num, unsigned int log_size)
{
	return KVM_REG_RISCV | type | ((u64)log_size << KVM_REG_SIZE_SHIFT) | num;
}

struct ctx {
	struct fake fake;
	u8 __user *user;
};

static int onereg_init(struct kunit *test)
{
	struct ctx *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	unsigned long user;
	unsigned int i;

	if (!ctx)
		return -ENOMEM;
	ctx->fake.extension = true;
	for (i = 0; i < NR; i++) {
		ctx->fake.even[i] = 0x1111111111111111 * (i + 1);
		ctx->fake.sized[i] = 0x0101010101010101 * (i + 1);
		ctx->fake.hidden[i] = ~(u64)i;
		memset(ctx->fake.big[i], 0x40 + i, BIG);
	}
	user = kunit_vm_mmap(test, NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_ANONYMOUS | MAP_PRIVATE, 0);
	if (!user || user >= TASK_SIZE)
		return -ENOMEM;
	ctx->user = (u8 __user *)user;
	test->priv = ctx;
	return 0;
}

static bool listed(const u64 *ids, unsigned int n, u64 id)
{
	while (n--)
		if (ids[n] == id)
			return true;
	return false;
}

/* Listed registers are unique and can be read and written. */
static void list_get_set(struct kunit *test)
{
	struct ctx *ctx = test->priv;
	struct fake *before;
	u64 ids[64];
	unsigned int n, i;

	before = kunit_kzalloc(test, sizeof(*before), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, before);
	*before = ctx->fake;
	n = rvhv_onereg_list(&set, &ctx->fake, ids, ARRAY_SIZE(ids));
	KUNIT_ASSERT_EQ(test, n, NR_LISTED);
	for (i = 0; i < n; i++) {
		KUNIT_EXPECT_FALSE(test, listed(ids, i, ids[i]));
		KUNIT_EXPECT_EQ(test, rvhv_onereg_get(&set, &ctx->fake, ids[i], ctx->user), 0);
		KUNIT_EXPECT_EQ(test, rvhv_onereg_set(&set, &ctx->fake, ids[i], ctx->user), 0);
	}
	before->last = ctx->fake.last;
	KUNIT_EXPECT_MEMEQ(test, before, &ctx->fake, sizeof(*before));
}

/* Only registers of the unlisted class exist besides those of LIST. */
static void not_listed(struct kunit *test)
{
	struct ctx *ctx = test->priv;
	struct rvhv_reg reg;
	unsigned int n, log_size;
	u64 ids[64], type, num;

	n = rvhv_onereg_list(&set, &ctx->fake, ids, ARRAY_SIZE(ids));
	for (type = 0; type < 0x0d000000; type += 0x10000) {
		if (type & 0xfc0000)
			continue;
		for (num = 0; num < NR + 3; num++) {
			for (log_size = 0; log_size < NR_SIZES; log_size++) {
				u64 id = id_of(type, num, log_size);
				bool found = !rvhv_onereg_find(&set, &ctx->fake, id, &reg);
				bool want = listed(ids, n, id) ||
					    (type == hidden.type && num < NR && log_size == 3);

				KUNIT_ASSERT_EQ_MSG(test, found, want, "id %llx", id);
			}
		}
	}
}

static void list_room(struct kunit *test)
{
	struct ctx *ctx = test->priv;
	u64 ids[64], few[64];
	unsigned int n, room;

	n = rvhv_onereg_list(&set, &ctx->fake, NULL, 0);
	KUNIT_ASSERT_EQ(test, n, NR_LISTED);
	rvhv_onereg_list(&set, &ctx->fake, ids, n);
	for (room = 0; room < n; room++) {
		memset(few, 0xaa, sizeof(few));
		KUNIT_EXPECT_EQ(test, rvhv_onereg_list(&set, &ctx->fake, few, room), n);
		KUNIT_EXPECT_MEMEQ(test, few, ids, room * sizeof(few[0]));
		KUNIT_EXPECT_EQ(test, few[room], 0xaaaaaaaaaaaaaaaa);
	}
}

static void list_follows_presence(struct kunit *test)
{
	struct ctx *ctx = test->priv;
	struct rvhv_reg reg;
	u64 ids[64];
	unsigned int n, i;

	ctx->fake.extension = false;
	n = rvhv_onereg_list(&set, &ctx->fake, ids, ARRAY_SIZE(ids));
	KUNIT_EXPECT_EQ(test, n, NR_LISTED - NR);
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_NE(test, ids[i] & KVM_REG_RISCV_TYPE_MASK, (u64)KVM_REG_RISCV_FP_D);
	KUNIT_EXPECT_EQ(test, rvhv_onereg_find(&set, &ctx->fake, id_of(sized.type, 0, 3), &reg),
			-ENOENT);
	/* ENOENT takes precedence over a wrong size. */
	KUNIT_EXPECT_EQ(test, rvhv_onereg_find(&set, &ctx->fake, id_of(sized.type, 0, 2), &reg),
			-ENOENT);
}

static void numbers_on_the_edge(struct kunit *test)
{
	static const u64 beyond[] = {
		NR, NR + 1, 0xffff, BIT_ULL(32), BIT_ULL(32) + 1, BIT_ULL(51),
		(BIT_ULL(52) - 1) & ~(u64)(KVM_REG_RISCV_TYPE_MASK | KVM_REG_RISCV_SUBTYPE_MASK),
	};
	struct ctx *ctx = test->priv;
	struct rvhv_reg reg;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, rvhv_onereg_find(&set, &ctx->fake, id_of(even.type, 0, 3), &reg),
			0);
	KUNIT_EXPECT_EQ(test, rvhv_onereg_find(&set, &ctx->fake, id_of(even.type, NR - 1, 3),
					       &reg), 0);
	KUNIT_EXPECT_EQ(test, reg.num, NR - 1);
	KUNIT_EXPECT_EQ(test, reg.bytes, 8);
	for (i = 0; i < ARRAY_SIZE(beyond); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    rvhv_onereg_find(&set, &ctx->fake,
						     id_of(even.type, beyond[i], 3), &reg),
				    -ENOENT, "number %llx", beyond[i]);
}

/* In a class of one size a wrong size takes precedence over a wrong number, else not. */
static void wrong_sizes(struct kunit *test)
{
	struct ctx *ctx = test->priv;
	struct rvhv_reg reg;
	unsigned int log_size;

	for (log_size = 0; log_size < 16; log_size++) {
		KUNIT_EXPECT_EQ(test, rvhv_onereg_find(&set, &ctx->fake,
						       id_of(even.type, 0, log_size), &reg),
				log_size == 3 ? 0 : -EINVAL);
		KUNIT_EXPECT_EQ(test, rvhv_onereg_find(&set, &ctx->fake,
						       id_of(even.type, NR, log_size), &reg),
				log_size == 3 ? -ENOENT : -EINVAL);
		KUNIT_EXPECT_EQ(test, rvhv_onereg_find(&set, &ctx->fake,
						       id_of(sized.type, NR - 1, log_size), &reg),
				log_size == 2 ? 0 : -EINVAL);
		KUNIT_EXPECT_EQ(test, rvhv_onereg_find(&set, &ctx->fake,
						       id_of(sized.type, NR, log_size), &reg),
				-ENOENT);
	}
}

static void unknown_types(struct kunit *test)
{
	struct ctx *ctx = test->priv;
	struct rvhv_reg reg;
	u64 type;

	for (type = 0; type < 256; type++) {
		u64 id = id_of(type << KVM_REG_RISCV_TYPE_SHIFT, 0, 3);

		if (type == KVM_REG_RISCV_CORE >> KVM_REG_RISCV_TYPE_SHIFT ||
		    type == KVM_REG_RISCV_FP_D >> KVM_REG_RISCV_TYPE_SHIFT ||
		    type == KVM_REG_RISCV_VECTOR >> KVM_REG_RISCV_TYPE_SHIFT)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, rvhv_onereg_find(&set, &ctx->fake, id, &reg), -ENOENT,
				    "type %llx", type);
	}
}

static void subtypes(struct kunit *test)
{
	struct ctx *ctx = test->priv;
	struct rvhv_reg reg;
	u64 sub;

	for (sub = 0; sub < 256; sub++) {
		u64 bits = sub << KVM_REG_RISCV_SUBTYPE_SHIFT;

		KUNIT_EXPECT_EQ(test, rvhv_onereg_find(&set, &ctx->fake,
						       id_of(KVM_REG_RISCV_ISA_EXT | bits, 0, 3),
						       &reg),
				bits == KVM_REG_RISCV_ISA_MULTI_EN ? 0 : -ENOENT);
		KUNIT_EXPECT_EQ(test, rvhv_onereg_find(&set, &ctx->fake,
						       id_of(even.type | bits, 0, 3), &reg),
				sub ? -ENOENT : 0);
	}
}

static void architecture_is_ignored(struct kunit *test)
{
	struct ctx *ctx = test->priv;
	u64 id = id_of(even.type, 2, 3) & ~KVM_REG_ARCH_MASK;
	struct rvhv_reg reg;

	KUNIT_EXPECT_EQ(test, rvhv_onereg_find(&set, &ctx->fake, id, &reg), 0);
	KUNIT_EXPECT_EQ(test, rvhv_onereg_find(&set, &ctx->fake, id | KVM_REG_ARM64, &reg), 0);
	KUNIT_EXPECT_EQ(test, reg.num, 2);
}

static void values_pass(struct kunit *test)
{
	struct ctx *ctx = test->priv;
	u64 val = 0;
	u32 val32 = 0;

	KUNIT_EXPECT_EQ(test, rvhv_onereg_get(&set, &ctx->fake, id_of(even.type, 4, 3), ctx->user),
			0);
	KUNIT_EXPECT_EQ(test, copy_from_user(&val, ctx->user, sizeof(val)), 0);
	KUNIT_EXPECT_EQ(test, val, ctx->fake.even[4]);
	KUNIT_EXPECT_EQ(test, ctx->fake.last, 4);

	val = 0xfeedface;
	KUNIT_EXPECT_EQ(test, copy_to_user(ctx->user, &val, sizeof(val)), 0);
	KUNIT_EXPECT_EQ(test, rvhv_onereg_set(&set, &ctx->fake, id_of(even.type, 2, 3), ctx->user),
			0);
	KUNIT_EXPECT_EQ(test, ctx->fake.even[2], val);

	/* Bytes behind a 32-bit register stay unchanged. */
	val = U64_MAX;
	KUNIT_EXPECT_EQ(test, copy_to_user(ctx->user, &val, sizeof(val)), 0);
	KUNIT_EXPECT_EQ(test, rvhv_onereg_get(&set, &ctx->fake, id_of(sized.type, NR - 1, 2),
					      ctx->user), 0);
	KUNIT_EXPECT_EQ(test, copy_from_user(&val32, ctx->user + 4, sizeof(val32)), 0);
	KUNIT_EXPECT_EQ(test, val32, U32_MAX);
}

static void large_values_pass(struct kunit *test)
{
	struct ctx *ctx = test->priv;
	u8 bytes[BIG];

	KUNIT_EXPECT_EQ(test, rvhv_onereg_get(&set, &ctx->fake, id_of(big.type, NR - 1, 8),
					      ctx->user), 0);
	KUNIT_EXPECT_EQ(test, copy_from_user(bytes, ctx->user, BIG), 0);
	KUNIT_EXPECT_MEMEQ(test, bytes, ctx->fake.big[NR - 1], BIG);
	KUNIT_EXPECT_EQ(test, rvhv_onereg_set(&set, &ctx->fake, id_of(big.type, 0, 8), ctx->user),
			0);
	KUNIT_EXPECT_MEMEQ(test, bytes, ctx->fake.big[0], BIG);
	/* A wrong size is refused before an allocation. */
	KUNIT_EXPECT_EQ(test, rvhv_onereg_get(&set, &ctx->fake, id_of(big.type, 0, 15), ctx->user),
			-EINVAL);
}

static void bad_addresses(struct kunit *test)
{
	struct ctx *ctx = test->priv;
	u64 id = id_of(even.type, 2, 3), large = id_of(big.type, 2, 8);
	void __user *bad = (void __user *)PAGE_SIZE;
	u64 before = ctx->fake.even[2];

	KUNIT_EXPECT_EQ(test, rvhv_onereg_get(&set, &ctx->fake, id, bad), -EFAULT);
	KUNIT_EXPECT_EQ(test, rvhv_onereg_set(&set, &ctx->fake, id, bad), -EFAULT);
	KUNIT_EXPECT_EQ(test, ctx->fake.even[2], before);
	KUNIT_EXPECT_EQ(test, rvhv_onereg_get(&set, &ctx->fake, large, bad), -EFAULT);
	KUNIT_EXPECT_EQ(test, rvhv_onereg_set(&set, &ctx->fake, large, bad), -EFAULT);
	/* ENOENT takes precedence over a bad address. */
	KUNIT_EXPECT_EQ(test, rvhv_onereg_set(&set, &ctx->fake, id_of(even.type, 1, 3), bad),
			-ENOENT);
}

static void errors_pass(struct kunit *test)
{
	struct ctx *ctx = test->priv;
	u64 id = id_of(even.type, 2, 3), val = 0;

	ctx->fake.error = -EBUSY;
	KUNIT_EXPECT_EQ(test, copy_to_user(ctx->user, &val, sizeof(val)), 0);
	KUNIT_EXPECT_EQ(test, rvhv_onereg_set(&set, &ctx->fake, id, ctx->user), -EBUSY);
	KUNIT_EXPECT_EQ(test, rvhv_onereg_get(&set, &ctx->fake, id, ctx->user), -EBUSY);
	KUNIT_EXPECT_EQ(test, copy_from_user(&val, ctx->user, sizeof(val)), 0);
	KUNIT_EXPECT_EQ(test, val, 0);
}

static struct kunit_case onereg_cases[] = {
	KUNIT_CASE(list_get_set),
	KUNIT_CASE(not_listed),
	KUNIT_CASE(list_room),
	KUNIT_CASE(list_follows_presence),
	KUNIT_CASE(numbers_on_the_edge),
	KUNIT_CASE(wrong_sizes),
	KUNIT_CASE(unknown_types),
	KUNIT_CASE(subtypes),
	KUNIT_CASE(architecture_is_ignored),
	KUNIT_CASE(values_pass),
	KUNIT_CASE(large_values_pass),
	KUNIT_CASE(bad_addresses),
	KUNIT_CASE(errors_pass),
	{}
};

static struct kunit_suite onereg_suite = {
	.name = "rvhv_onereg",
	.init = onereg_init,
	.test_cases = onereg_cases,
};

kunit_test_suite(onereg_suite);

MODULE_LICENSE("GPL");
