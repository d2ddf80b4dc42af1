// SPDX-License-Identifier: GPL-2.0-only
/* Guest page faults of an L2: map a leaf in a shadow table, and keep the tables within bounds. */
#include <linux/mm.h>
#include <linux/slab.h>

#include "../../guest_mem/fault.h"
#include "../../guest_mem/tlb.h"
#include "../../include/rvhv_arch.h"
#include "shadow_internal.h"

struct map_request {
	struct rvhv_shadow *shadow;
	struct rvhv_pt_cache *cache;
	const struct rvhv_walk_result *walk;
	u64 l2_gpa;
	unsigned long seq;
	unsigned int l1_level;
	struct rvhv_shadow_leaf *spare;
	struct rvhv_shadow_leaf *leaf;
};

/* Does @leaf translate @npages frames from @l2 on to those from @l1 on? */
static bool leaf_covers(const struct rvhv_shadow_leaf *leaf, unsigned long l2, unsigned long l1,
			unsigned long npages)
{
	return leaf->l2.start <= l2 && l2 + npages - 1 <= leaf->l2.last &&
	       l2 - leaf->l2.start == l1 - leaf->l1.start;
}

/*
 * Set m->leaf to a record for the fault, of at most @level, and drop what contradicts it. Returns
 * the level at which to map.
 */
static unsigned int take_record_locked(struct map_request *m, unsigned int level)
{
	lockdep_assert_held(&m->shadow->vm->mem.mmu_lock);
	for (;;) {
		unsigned long npages = rvhv_gstage_leaf_size(level) >> PAGE_SHIFT;
		unsigned long l2 = ALIGN_DOWN(m->l2_gpa >> PAGE_SHIFT, npages);
		unsigned long l1 = ALIGN_DOWN(m->walk->gpa >> PAGE_SHIFT, npages);
		struct rvhv_shadow_leaf *leaf;

		leaf = rvhv_shadow_first_leaf_locked(m->shadow, l2, l2 + npages - 1);
		if (leaf && leaf_covers(leaf, l2, l1, npages)) {
			rvhv_shadow_note_piece_locked(leaf, m->l1_level);
			m->leaf = leaf;
			return level;
		}
		if (!leaf) {
			leaf = m->spare;
			m->spare = NULL;
			leaf->l2.start = l2;
			leaf->l2.last = l2 + npages - 1;
			leaf->l1.start = l1;
			leaf->l1.last = l1 + npages - 1;
			leaf->bits = 0;
			rvhv_shadow_add_leaf_locked(m->shadow, leaf);
			rvhv_shadow_note_piece_locked(leaf, m->l1_level);
			m->leaf = leaf;
			return level;
		}
		/* A smaller leaf contradicts fewer others: the work stays bounded. */
		if (level > 1)
			level--;
		else
			rvhv_shadow_drop_leaf_locked(leaf);
	}
}

/* What the L1's tables allow, as RVHV_PTE_R, W, X and PBMT */
u64 rvhv_shadow_walk_bits(const struct rvhv_walk_result *walk)
{
	u64 bits = walk->pbmt;

	if (walk->read)
		bits |= RVHV_PTE_R;
	if (walk->write)
		bits |= RVHV_PTE_W;
	if (walk->exec)
		bits |= RVHV_PTE_X;
	return bits;
}

static u64 leaf_bits(const struct rvhv_host_leaf *leaf, const struct rvhv_walk_result *walk)
{
	u64 bits = rvhv_shadow_walk_bits(walk);

	/* The L1's memory type overrides the host's, as the VS-stage's overrides the G-stage's. */
	if (!walk->pbmt)
		bits |= leaf->pbmt;
	if (!leaf->write)
		bits &= ~RVHV_PTE_W;
	return bits;
}

static enum rvhv_install_result install_locked(struct rvhv_mem *mem,
					       const struct rvhv_host_leaf *leaf, void *arg)
{
	struct map_request *m = arg;
	struct rvhv_shadow *shadow = m->shadow;
	unsigned int have = m->cache->nr;
	unsigned int level;
	enum rvhv_gstage_result result;
	u64 mask;

	lockdep_assert_held(&mem->mmu_lock);
	/* The L1 has made a fence since the walk began: the L2 repeats the access. */
	if (shadow->seq != m->seq)
		return RVHV_INSTALL_DONE;

	m->l1_level = (m->walk->size_shift - RVHV_PAGE_SHIFT) / RVHV_GSTAGE_INDEX_BITS;
	level = take_record_locked(m, min(m->l1_level, leaf->level));
	m->leaf->bits |= rvhv_shadow_walk_bits(m->walk);
	m->leaf->stamp = ++shadow->clock;
	mask = rvhv_gstage_leaf_size(level) - 1;
	result = rvhv_gstage_map(&shadow->translation.gstage, m->cache, m->l2_gpa & ~mask,
				 leaf->pfn & ~(mask >> PAGE_SHIFT), level,
				 leaf_bits(leaf, m->walk), &shadow->change);
	shadow->nr_tables += have - m->cache->nr;
	shadow->vm->shadows->nr_tables += have - m->cache->nr;
	if (shadow->change.start < shadow->change.end || shadow->change.dead)
		rvhv_shadow_finish_locked(shadow);
	if (result == RVHV_GSTAGE_NO_PAGE || result == RVHV_GSTAGE_INVALID)
		return RVHV_INSTALL_FAILED;
	/* This CPU may hold the old permissions. */
	if (result == RVHV_GSTAGE_UPGRADED)
		rvhv_hfence_gvma_range_local(READ_ONCE(shadow->translation.vmid) & RVHV_VMID_MASK,
					     m->l2_gpa & PAGE_MASK, 1);
	return RVHV_INSTALL_DONE;
}

/* Frees an unused table, or else empties the largest one. Returns false if there is none. */
static bool make_space(struct rvhv_shadows *shadows)
{
	struct rvhv_shadow *largest;

	if (rvhv_shadow_reclaim_unused(shadows))
		return true;
	largest = rvhv_shadow_get_largest(shadows);
	if (!largest)
		return false;
	rvhv_shadow_empty(largest);
	rvhv_shadow_put(largest);
	return true;
}

static int allocate_gfp(struct map_request *m, gfp_t gfp)
{
	unsigned int want = m->shadow->translation.gstage.levels - 1;

	if (!m->spare)
		m->spare = kmalloc(sizeof(*m->spare), gfp);
	if (!m->spare)
		return -ENOMEM;
	return m->cache->nr >= want ? 0 : rvhv_pt_cache_topup_gfp(m->cache, want, gfp);
}

/*
 * Allocate what one leaf may need. Other leaves are freed for it first: only with none left may the
 * allocation invoke the OOM killer.
 */
static int allocate(struct map_request *m)
{
	struct rvhv_shadows *shadows = m->shadow->vm->shadows;
	unsigned int tries;

	for (tries = 0; tries <= RVHV_SHADOW_MAX_UNUSED; tries++) {
		if (!allocate_gfp(m, GFP_KERNEL_ACCOUNT | __GFP_NORETRY | __GFP_NOWARN))
			return 0;
		if (!make_space(shadows))
			break;
	}
	return allocate_gfp(m, GFP_KERNEL_ACCOUNT);
}

/* A number for rvhv_shadow_map(), to be read before the walk of the L1's tables */
unsigned long rvhv_shadow_seq(const struct rvhv_shadow *shadow)
{
	/* Pairs with begin_fence_locked(). */
	return smp_load_acquire(&shadow->seq);
}

/*
 * Maps one leaf of a shadow table, to which the caller has a reference. @seq is rvhv_shadow_seq()
 * before the walk, @walk its result, which allows the access, and @fault the access at @walk->gpa.
 *
 * The leaf has the smaller of the two sizes, of the L1's leaf and the host's, and the permissions
 * that both allow. In a slot with a dirty log, only a store makes it writable.
 *
 * Context and result are those of rvhv_mem_fault(): RVHV_FAULT_MMIO if the L1 has no memory at
 * @walk->gpa, or no writable memory for a store. RVHV_FAULT_MAPPED also if the L1 has made a fence
 * since @seq.
 */
enum rvhv_fault_result rvhv_shadow_map(struct rvhv_shadow *shadow, unsigned long seq,
				       struct rvhv_pt_cache *cache, u64 l2_gpa,
				       const struct rvhv_walk_result *walk,
				       struct rvhv_fault *fault)
{
	struct rvhv_shadows *shadows = shadow->vm->shadows;
	struct map_request m = {
		.shadow = shadow, .cache = cache, .walk = walk, .l2_gpa = l2_gpa, .seq = seq,
	};
	enum rvhv_fault_result result = RVHV_FAULT_FAILED;

	if (READ_ONCE(shadows->nr_leaves) >= RVHV_SHADOW_MAX_LEAVES ||
	    READ_ONCE(shadows->nr_tables) >= RVHV_SHADOW_MAX_TABLES)
		make_space(shadows);
	fault->error = allocate(&m);
	if (!fault->error)
		result = rvhv_mem_translate(&shadow->vm->mem, cache, fault, install_locked, &m);
	kfree(m.spare);
	return result;
}
