// SPDX-License-Identifier: GPL-2.0-only
/*
 * G-stage page tables.
 *
 * A hart's walk caches may hold an unlinked table until the flush. It is chained through its first
 * entry till then: the link is page-aligned, so a hart that reads it finds V clear.
 */
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "gstage_pt.h"

enum gstage_op {
	GSTAGE_UNMAP,
	GSTAGE_WRPROTECT,
	GSTAGE_AGE,
	GSTAGE_TEST,
};

static u64 *pte_table(u64 pte)
{
	return __va(rvhv_pte_pfn(pte) << RVHV_PAGE_SHIFT);
}

static u64 table_pte(const void *table)
{
	return ((__pa(table) >> RVHV_PAGE_SHIFT) << RVHV_PTE_PFN_SHIFT) | RVHV_PTE_V;
}

static u64 leaf_pte(u64 pfn, u64 bits)
{
	return (pfn << RVHV_PTE_PFN_SHIFT) | RVHV_PTE_LEAF | bits;
}

static unsigned int table_entries(const struct rvhv_gstage *gs, unsigned int level)
{
	return BIT(level == gs->levels - 1 ? RVHV_GSTAGE_ROOT_BITS : RVHV_GSTAGE_INDEX_BITS);
}

static u64 *table_entry(const struct rvhv_gstage *gs, u64 *table, unsigned int level, u64 gpa)
{
	return &table[(gpa >> rvhv_gstage_shift(level)) & (table_entries(gs, level) - 1)];
}

static void note_change(struct rvhv_gstage_change *c, u64 gpa, u64 size)
{
	c->start = min(c->start, gpa);
	c->end = max(c->end, gpa + size);
}

static void bury_table(struct rvhv_gstage_change *c, u64 *table)
{
	WRITE_ONCE(table[0], (u64)(unsigned long)c->dead);
	c->dead = table;
}

/* @table is unlinked. The depth is bounded by RVHV_GSTAGE_MAX_LEAF. */
static void bury_tree(struct rvhv_gstage_change *c, u64 *table, unsigned int level)
{
	unsigned int i;

	for (i = 0; level && i < BIT(RVHV_GSTAGE_INDEX_BITS); i++) {
		u64 pte = READ_ONCE(table[i]);

		if ((pte & RVHV_PTE_V) && !rvhv_pte_leaf(pte))
			bury_tree(c, pte_table(pte), level - 1);
	}
	bury_table(c, table);
}

/**
 * rvhv_gstage_free_dead - free the tables that a change unlinked
 * @c: the change; the flush that it asks for is done
 */
void rvhv_gstage_free_dead(struct rvhv_gstage_change *c)
{
	while (c->dead) {
		u64 *table = c->dead;

		c->dead = (void *)(unsigned long)table[0];
		free_page((unsigned long)table);
	}
}

/* Make an empty table of 3, 4 or 5 levels. May sleep; returns 0 or -ENOMEM. */
int rvhv_gstage_init(struct rvhv_gstage *gs, unsigned int levels)
{
	gs->levels = levels;
	gs->root = (void *)__get_free_pages(GFP_KERNEL_ACCOUNT | __GFP_ZERO,
					    RVHV_GSTAGE_ROOT_ORDER);
	return gs->root ? 0 : -ENOMEM;
}

/* Free a table that nothing uses and no TLB holds. May sleep. */
void rvhv_gstage_destroy(struct rvhv_gstage *gs)
{
	struct rvhv_gstage_change rest = RVHV_GSTAGE_CHANGE_INIT;
	u64 end = BIT_ULL(rvhv_gstage_gpa_bits(gs->levels));
	u64 gpa = 0;

	if (!gs->root)
		return;
	while (gpa < end) {
		struct rvhv_gstage_change c = RVHV_GSTAGE_CHANGE_INIT;

		gpa = rvhv_gstage_unmap(gs, gpa, end, &c);
		rvhv_gstage_free_dead(&c);
		cond_resched();
	}
	/* A pass that ran out of budget within a table left that table linked, and empty. */
	rest.budget = UINT_MAX;
	rvhv_gstage_unmap(gs, 0, end, &rest);
	rvhv_gstage_free_dead(&rest);
	free_pages((unsigned long)gs->root, RVHV_GSTAGE_ROOT_ORDER);
	gs->root = NULL;
}

/**
 * rvhv_pt_cache_topup_gfp - fill a cache up to a number of pages
 * @cache: the cache
 * @want: pages wanted, at most the size of the cache
 * @gfp: how to allocate them
 *
 * Return: 0 or -ENOMEM.
 */
int rvhv_pt_cache_topup_gfp(struct rvhv_pt_cache *cache, unsigned int want, gfp_t gfp)
{
	while (cache->nr < want) {
		void *page = (void *)get_zeroed_page(gfp);

		if (!page)
			return -ENOMEM;
		cache->page[cache->nr++] = page;
	}
	return 0;
}

int rvhv_pt_cache_topup(struct rvhv_pt_cache *cache, unsigned int want)
{
	return rvhv_pt_cache_topup_gfp(cache, want, GFP_KERNEL_ACCOUNT);
}

void rvhv_pt_cache_free(struct rvhv_pt_cache *cache)
{
	while (cache->nr)
		free_page((unsigned long)cache->page[--cache->nr]);
}

static u64 *take_page(struct rvhv_pt_cache *cache)
{
	return cache->nr ? cache->page[--cache->nr] : NULL;
}

static u64 *link_table(struct rvhv_pt_cache *cache, u64 *ptep)
{
	u64 *table = take_page(cache);

	if (!table)
		return NULL;
	/* The zeroes before the link: a hart may walk into the table at once. */
	smp_store_release(ptep, table_pte(table));
	return table;
}

/* Replace the leaf @pte of @level by a table of smaller leaves. */
static u64 *split_leaf(struct rvhv_pt_cache *cache, u64 *ptep, u64 pte, unsigned int level, u64 gpa,
		       struct rvhv_gstage_change *c)
{
	u64 *table = take_page(cache);
	u64 step = BIT_ULL(RVHV_PTE_PFN_SHIFT + RVHV_GSTAGE_INDEX_BITS * (level - 1));
	unsigned int i;

	if (!table)
		return NULL;
	for (i = 0; i < BIT(RVHV_GSTAGE_INDEX_BITS); i++)
		table[i] = pte + i * step;
	/* As in link_table(). */
	smp_store_release(ptep, table_pte(table));
	note_change(c, ALIGN_DOWN(gpa, rvhv_gstage_leaf_size(level)), rvhv_gstage_leaf_size(level));
	return table;
}

/* Does the leaf @pte of @level map @gpa to @pfn with all permissions and the type in @want? */
static bool leaf_maps(u64 pte, unsigned int level, u64 gpa, u64 pfn, u64 want)
{
	u64 offset = (gpa & (rvhv_gstage_leaf_size(level) - 1)) >> RVHV_PAGE_SHIFT;
	u64 fixed = RVHV_PTE_RWX | RVHV_PTE_PBMT;

	return rvhv_pte_pfn(pte) + offset == pfn && !((pte ^ want) & RVHV_PTE_PBMT) &&
	       !(want & ~pte & fixed);
}

static enum rvhv_gstage_result set_leaf(u64 *ptep, u64 gpa, u64 pfn, unsigned int level, u64 bits,
					struct rvhv_gstage_change *c)
{
	u64 old = READ_ONCE(*ptep);
	u64 new = leaf_pte(pfn, bits);

	if (!old) {
		WRITE_ONCE(*ptep, new);
		return RVHV_GSTAGE_NEW;
	}
	if (rvhv_pte_leaf(old) && !((old ^ new) & (RVHV_PTE_PFN | RVHV_PTE_PBMT))) {
		WRITE_ONCE(*ptep, old | new);
		return RVHV_GSTAGE_UPGRADED;
	}
	WRITE_ONCE(*ptep, new);
	note_change(c, gpa, rvhv_gstage_leaf_size(level));
	if (!rvhv_pte_leaf(old))
		bury_tree(c, pte_table(old), level - 1);
	return RVHV_GSTAGE_REPLACED;
}

/**
 * rvhv_gstage_map - map one leaf
 * @gs: the table
 * @cache: pages for new tables; @gs->levels - 1 of them always suffice
 * @gpa: guest physical address, aligned to the leaf
 * @pfn: first host frame, aligned to the leaf
 * @level: 0 for 4 KiB, 1 for 2 MiB, 2 for 1 GiB
 * @bits: RVHV_PTE_R, W, X and PBMT bits
 * @c: work left to the caller
 *
 * A leaf of the same frame only gains permissions. A larger leaf stays if it maps @gpa to @pfn with
 * @bits, or else is split. Smaller leaves are replaced.
 *
 * Return: the result; after RVHV_GSTAGE_NO_PAGE tables that were linked stay, empty.
 */
enum rvhv_gstage_result rvhv_gstage_map(struct rvhv_gstage *gs, struct rvhv_pt_cache *cache,
					u64 gpa, u64 pfn, unsigned int level, u64 bits,
					struct rvhv_gstage_change *c)
{
	u64 mask = rvhv_gstage_leaf_size(level) - 1;
	enum rvhv_gstage_result result;
	u64 *table = gs->root;
	bool split = false;
	unsigned int cur;

	if (gpa >> rvhv_gstage_gpa_bits(gs->levels) || level > RVHV_GSTAGE_MAX_LEAF ||
	    ((gpa | (pfn << RVHV_PAGE_SHIFT)) & mask))
		return RVHV_GSTAGE_INVALID;

	for (cur = gs->levels - 1; cur > level; cur--) {
		u64 *ptep = table_entry(gs, table, cur, gpa);
		u64 pte = READ_ONCE(*ptep);

		if (rvhv_pte_leaf(pte) && leaf_maps(pte, cur, gpa, pfn, bits)) {
			WRITE_ONCE(*ptep, pte | RVHV_PTE_LEAF);
			return RVHV_GSTAGE_UPGRADED;
		}
		if (!pte) {
			table = link_table(cache, ptep);
		} else if (!rvhv_pte_leaf(pte)) {
			table = pte_table(pte);
		} else {
			table = split_leaf(cache, ptep, pte, cur, gpa, c);
			split = true;
		}
		if (!table)
			return RVHV_GSTAGE_NO_PAGE;
	}
	result = set_leaf(table_entry(gs, table, level, gpa), gpa, pfn, level, bits, c);
	return split ? RVHV_GSTAGE_REPLACED : result;
}

/* Find the leaf that maps @gpa. Without one, *@level is that of the empty entry. */
bool rvhv_gstage_lookup(const struct rvhv_gstage *gs, u64 gpa, u64 *pte, unsigned int *level)
{
	u64 *table = gs->root;
	unsigned int cur = gs->levels - 1;

	*pte = 0;
	*level = cur;
	if (gpa >> rvhv_gstage_gpa_bits(gs->levels))
		return false;
	for (;; cur--) {
		u64 entry = READ_ONCE(*table_entry(gs, table, cur, gpa));

		*level = cur;
		if (!entry)
			return false;
		if (rvhv_pte_leaf(entry)) {
			*pte = entry;
			return true;
		}
		table = pte_table(entry);
	}
}

static void leaf_op(enum gstage_op op, u64 *ptep, u64 pte, u64 gpa, u64 size,
		    struct rvhv_gstage_change *c)
{
	u64 new = pte;

	if (op == GSTAGE_UNMAP)
		new = 0;
	else if (op == GSTAGE_WRPROTECT)
		new = pte & ~RVHV_PTE_W;
	else if (op == GSTAGE_AGE)
		new = pte & ~RVHV_PTE_A;
	c->young |= !!(pte & RVHV_PTE_A);
	if (new == pte)
		return;
	WRITE_ONCE(*ptep, new);
	note_change(c, gpa, size);
}

/*
 * Apply @op to every leaf of @table that overlaps [gpa, end). Each table below costs one unit of
 * the budget. Returns @end, or the address at which the budget ran out.
 */
static u64 visit_table(const struct rvhv_gstage *gs, enum gstage_op op, u64 *table,
		       unsigned int level, u64 gpa, u64 end, struct rvhv_gstage_change *c)
{
	u64 size = rvhv_gstage_leaf_size(level);
	u64 next;

	for (; gpa < end; gpa = next) {
		u64 base = ALIGN_DOWN(gpa, size);
		u64 *ptep = table_entry(gs, table, level, gpa);
		u64 pte = READ_ONCE(*ptep);
		bool whole;

		next = min(base + size, end);
		if (!pte)
			continue;
		if (rvhv_pte_leaf(pte)) {
			leaf_op(op, ptep, pte, base, size, c);
			continue;
		}
		if (!c->budget)
			return gpa;
		c->budget--;
		whole = op == GSTAGE_UNMAP && next - gpa == size;
		if (!whole || level > 1) {
			u64 done = visit_table(gs, op, pte_table(pte), level - 1, gpa, next, c);

			if (done < next)
				return done;
		}
		if (whole) {
			WRITE_ONCE(*ptep, 0);
			note_change(c, base, size);
			bury_table(c, pte_table(pte));
		}
	}
	return end;
}

static u64 visit(struct rvhv_gstage *gs, enum gstage_op op, u64 start, u64 end,
		 struct rvhv_gstage_change *c)
{
	u64 limit = min(end, BIT_ULL(rvhv_gstage_gpa_bits(gs->levels)));
	u64 done;

	if (start >= limit)
		return end;
	done = visit_table(gs, op, gs->root, gs->levels - 1, start, limit, c);
	return done < limit ? done : end;
}

/**
 * rvhv_gstage_unmap - remove every leaf that overlaps a range, and the tables within it
 * @gs: the table
 * @start: first guest physical address
 * @end: its end
 * @c: work left to the caller, and the bound of the work done
 *
 * Return: @end, or the address to continue from once the budget is used up.
 */
u64 rvhv_gstage_unmap(struct rvhv_gstage *gs, u64 start, u64 end, struct rvhv_gstage_change *c)
{
	return visit(gs, GSTAGE_UNMAP, start, end, c);
}

/* Remove the write permission; otherwise as rvhv_gstage_unmap(). */
u64 rvhv_gstage_wrprotect(struct rvhv_gstage *gs, u64 start, u64 end, struct rvhv_gstage_change *c)
{
	return visit(gs, GSTAGE_WRPROTECT, start, end, c);
}

/* Clear A bits, and set @c->young if one was set; otherwise as rvhv_gstage_unmap(). */
u64 rvhv_gstage_age(struct rvhv_gstage *gs, u64 start, u64 end, struct rvhv_gstage_change *c)
{
	return visit(gs, GSTAGE_AGE, start, end, c);
}

/* Set @c->young if an A bit is set; otherwise as rvhv_gstage_unmap(). */
u64 rvhv_gstage_test_young(struct rvhv_gstage *gs, u64 start, u64 end,
			   struct rvhv_gstage_change *c)
{
	return visit(gs, GSTAGE_TEST, start, end, c);
}
