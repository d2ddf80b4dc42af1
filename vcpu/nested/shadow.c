// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadow tables of a VM: look-up, references and reclaim.
 *
 * A table without users is kept, within bounds, until the L1 uses its hgatp again or the host needs
 * the memory. It is freed by unlinking it under mmu_lock, dropping its leaves, through which the
 * mirror still finds it, and then freeing its pages.
 */
#include <linux/bitfield.h>
#include <linux/err.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

#include "../../include/rvhv_arch.h"
#include "nested.h"
#include "shadow_internal.h"

static struct rvhv_shadow *shadow_create(struct rvhv_vm *vm, unsigned long hgatp)
{
	struct rvhv_shadow *shadow = kzalloc(sizeof(*shadow), GFP_KERNEL_ACCOUNT);

	if (!shadow)
		return NULL;
	shadow->vm = vm;
	shadow->l1_hgatp = hgatp;
	shadow->leaves = RB_ROOT_CACHED;
	shadow->change = (struct rvhv_gstage_change)RVHV_GSTAGE_CHANGE_INIT;
	INIT_LIST_HEAD(&shadow->pending);
	if (rvhv_translation_init(&shadow->translation)) {
		kfree(shadow);
		return NULL;
	}
	return shadow;
}

/* The table is not in the list. */
static void shadow_destroy(struct rvhv_shadow *shadow)
{
	rvhv_shadow_forget(shadow);
	rvhv_translation_destroy(&shadow->translation);
	kfree(shadow);
}

/* The context lives as long as the reference to @shadow. */
struct rvhv_translation *rvhv_shadow_translation(struct rvhv_shadow *shadow)
{
	return &shadow->translation;
}

static void use_locked(struct rvhv_shadows *shadows, struct rvhv_shadow *shadow)
{
	lockdep_assert_held(&shadows->vm->mem.mmu_lock);
	if (!shadow->users++)
		shadows->nr_unused--;
}

static struct rvhv_shadow *find_locked(struct rvhv_shadows *shadows, unsigned long hgatp)
{
	struct rvhv_shadow *shadow;

	lockdep_assert_held(&shadows->vm->mem.mmu_lock);
	list_for_each_entry(shadow, &shadows->list, link) {
		if (shadow->l1_hgatp == hgatp) {
			use_locked(shadows, shadow);
			return shadow;
		}
	}
	return NULL;
}

static struct rvhv_shadow *take_oldest_unused_locked(struct rvhv_shadows *shadows)
{
	struct rvhv_shadow *shadow, *oldest = NULL;

	lockdep_assert_held(&shadows->vm->mem.mmu_lock);
	list_for_each_entry(shadow, &shadows->list, link) {
		if (!shadow->users && (!oldest || shadow->last_used < oldest->last_used))
			oldest = shadow;
	}
	if (oldest) {
		list_del(&oldest->link);
		shadows->nr_unused--;
		shadows->vm->shadow_stats.reclaimed++;
	}
	return oldest;
}

/* Free the table that was unused for longest. Returns false if there is none. May sleep. */
bool rvhv_shadow_reclaim_unused(struct rvhv_shadows *shadows)
{
	struct rvhv_shadow *shadow;

	spin_lock(&shadows->vm->mem.mmu_lock);
	shadow = take_oldest_unused_locked(shadows);
	spin_unlock(&shadows->vm->mem.mmu_lock);
	if (!shadow)
		return false;
	shadow_destroy(shadow);
	return true;
}

/* Take a reference to the table with most leaves and pages, or return NULL if all are empty. */
struct rvhv_shadow *rvhv_shadow_get_largest(struct rvhv_shadows *shadows)
{
	struct rvhv_shadow *shadow, *largest = NULL;
	unsigned long weight, most = 0;

	spin_lock(&shadows->vm->mem.mmu_lock);
	list_for_each_entry(shadow, &shadows->list, link) {
		/* In proportion to the bounds of both */
		weight = shadow->nr_leaves +
			 shadow->nr_tables * (RVHV_SHADOW_MAX_LEAVES / RVHV_SHADOW_MAX_TABLES);
		if (weight > most) {
			most = weight;
			largest = shadow;
		}
	}
	if (largest)
		use_locked(shadows, largest);
	spin_unlock(&shadows->vm->mem.mmu_lock);
	return largest;
}

/* ---- shrinker ---- */

static unsigned long shadow_pages(const struct rvhv_shadow *shadow)
{
	return shadow->nr_tables + BIT(RVHV_GSTAGE_ROOT_ORDER);
}

static unsigned long count_unused(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct rvhv_shadows *shadows = shrinker->private_data;
	struct rvhv_shadow *shadow;
	unsigned long pages = 0;

	spin_lock(&shadows->vm->mem.mmu_lock);
	list_for_each_entry(shadow, &shadows->list, link) {
		if (!shadow->users)
			pages += shadow_pages(shadow);
	}
	spin_unlock(&shadows->vm->mem.mmu_lock);
	return pages ?: SHRINK_EMPTY;
}

static unsigned long scan_unused(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct rvhv_shadows *shadows = shrinker->private_data;
	unsigned long pages = 0;

	while (pages < sc->nr_to_scan) {
		struct rvhv_shadow *shadow;

		spin_lock(&shadows->vm->mem.mmu_lock);
		shadow = take_oldest_unused_locked(shadows);
		spin_unlock(&shadows->vm->mem.mmu_lock);
		if (!shadow)
			break;
		pages += shadow_pages(shadow);
		shadow_destroy(shadow);
	}
	return pages ?: SHRINK_STOP;
}

/* ---- life cycle ---- */

static struct rvhv_shadows *shadows_create(struct rvhv_vm *vm)
{
	struct rvhv_shadows *shadows = kzalloc(sizeof(*shadows), GFP_KERNEL_ACCOUNT);

	if (!shadows)
		return NULL;
	shadows->vm = vm;
	shadows->mirror.ops = &rvhv_shadow_mirror_ops;
	INIT_LIST_HEAD(&shadows->list);
	INIT_LIST_HEAD(&shadows->pending);
	shadows->leaves = RB_ROOT_CACHED;
	shadows->shrinker = shrinker_alloc(0, "rvhv-shadow");
	if (!shadows->shrinker) {
		kfree(shadows);
		return NULL;
	}
	shadows->shrinker->count_objects = count_unused;
	shadows->shrinker->scan_objects = scan_unused;
	shadows->shrinker->private_data = shadows;
	return shadows;
}

/* Makes the VM's set at the first call. Returns NULL without memory. */
static struct rvhv_shadows *make_shadows(struct rvhv_vm *vm)
{
	/* Pairs with the release below: the set is complete. */
	struct rvhv_shadows *shadows = smp_load_acquire(&vm->shadows);

	if (shadows)
		return shadows;
	mutex_lock(&vm->lock);
	shadows = vm->shadows;
	if (!shadows) {
		shadows = shadows_create(vm);
		if (shadows) {
			/* Pairs with the acquire above. */
			smp_store_release(&vm->shadows, shadows);
			spin_lock(&vm->mem.mmu_lock);
			vm->mem.mirror = &shadows->mirror;
			spin_unlock(&vm->mem.mmu_lock);
			shrinker_register(shadows->shrinker);
		}
	}
	mutex_unlock(&vm->lock);
	return shadows;
}

/*
 * Takes a reference to the table of @hgatp, made if there is none, or returns ERR_PTR(-ENOMEM). May
 * sleep; takes vm->lock and mem->mmu_lock.
 */
struct rvhv_shadow *rvhv_shadow_get(struct rvhv_vm *vm, unsigned long hgatp)
{
	struct rvhv_shadows *shadows = make_shadows(vm);
	struct rvhv_shadow *shadow, *new;

	if (!shadows)
		return ERR_PTR(-ENOMEM);
	spin_lock(&vm->mem.mmu_lock);
	shadow = find_locked(shadows, hgatp);
	spin_unlock(&vm->mem.mmu_lock);
	if (shadow)
		return shadow;

	new = shadow_create(vm, hgatp);
	if (!new)
		return ERR_PTR(-ENOMEM);
	spin_lock(&vm->mem.mmu_lock);
	shadow = find_locked(shadows, hgatp);
	if (!shadow) {
		new->users = 1;
		list_add(&new->link, &shadows->list);
		vm->shadow_stats.created++;
		shadow = new;
	}
	spin_unlock(&vm->mem.mmu_lock);
	if (shadow != new)
		shadow_destroy(new);
	return shadow;
}

/* A table without users stays for the next rvhv_shadow_get(). Takes mem->mmu_lock; may sleep. */
void rvhv_shadow_put(struct rvhv_shadow *shadow)
{
	struct rvhv_vm *vm = shadow->vm;
	struct rvhv_shadows *shadows = vm->shadows;
	struct rvhv_shadow *oldest = NULL;

	spin_lock(&vm->mem.mmu_lock);
	shadow->last_used = ++shadows->clock;
	if (!--shadow->users)
		shadows->nr_unused++;
	if (shadows->nr_unused > RVHV_SHADOW_MAX_UNUSED)
		oldest = take_oldest_unused_locked(shadows);
	spin_unlock(&vm->mem.mmu_lock);
	if (oldest)
		shadow_destroy(oldest);
}

/*
 * Takes a reference to the next table with @vmid after @shadow, or to the first one if @shadow is
 * NULL. The caller's reference keeps @shadow at its place in the list.
 */
static struct rvhv_shadow *get_next(struct rvhv_shadows *shadows, struct rvhv_shadow *shadow,
				    int vmid)
{
	spin_lock(&shadows->vm->mem.mmu_lock);
	shadow = list_prepare_entry(shadow, &shadows->list, link);
	list_for_each_entry_continue(shadow, &shadows->list, link) {
		if (vmid == RVHV_SHADOW_ALL_VMIDS ||
		    vmid == FIELD_GET(HGATP_VMID, shadow->l1_hgatp))
			break;
	}
	if (list_entry_is_head(shadow, &shadows->list, link))
		shadow = NULL;
	else
		use_locked(shadows, shadow);
	spin_unlock(&shadows->vm->mem.mmu_lock);
	return shadow;
}

/**
 * rvhv_nested_fence_gvma - HFENCE.GVMA of a range, on every shadow table of a VMID
 * @vm: the VM
 * @vmid: the L1's VMID, or RVHV_SHADOW_ALL_VMIDS
 * @l2_gpa: the L2's guest physical address
 * @size: bytes; U64_MAX with an address of 0 for everything
 *
 * When it returns, no CPU uses what the L1's tables said before the call.
 *
 * Context: process context, may sleep; takes mem->mmu_lock.
 */
void rvhv_nested_fence_gvma(struct rvhv_vm *vm, int vmid, u64 l2_gpa, u64 size)
{
	/* Pairs with make_shadows(). */
	struct rvhv_shadows *shadows = smp_load_acquire(&vm->shadows);
	struct rvhv_shadow *shadow, *next;

	if (!shadows)
		return;
	for (shadow = get_next(shadows, NULL, vmid); shadow; shadow = next) {
		rvhv_shadow_fence_range(shadow, l2_gpa, size);
		next = get_next(shadows, shadow, vmid);
		rvhv_shadow_put(shadow);
	}
}

/*
 * HFENCE.GVMA of everything, on every table of @vmid, or of RVHV_SHADOW_ALL_VMIDS. @walk finds the
 * leaves that the L1's tables still allow, which are kept.
 * May sleep; takes mem->mmu_lock.
 */
void rvhv_shadow_fence_vmid(struct rvhv_vm *vm, int vmid, rvhv_shadow_walk_fn walk, void *arg)
{
	/* Pairs with make_shadows(). */
	struct rvhv_shadows *shadows = smp_load_acquire(&vm->shadows);
	struct rvhv_shadow *shadow, *next;

	if (!shadows)
		return;
	for (shadow = get_next(shadows, NULL, vmid); shadow; shadow = next) {
		rvhv_shadow_fence_all(shadow, walk, arg);
		next = get_next(shadows, shadow, vmid);
		rvhv_shadow_put(shadow);
	}
}

/**
 * rvhv_nested_vm_destroy - free a VM's shadow tables
 * @vm: the VM, without vCPUs; its memory is still there
 *
 * Context: process context, sleeps; takes mem->mmu_lock.
 */
void rvhv_nested_vm_destroy(struct rvhv_vm *vm)
{
	struct rvhv_shadows *shadows = vm->shadows;
	struct rvhv_shadow *shadow, *next;

	if (!shadows)
		return;
	shrinker_free(shadows->shrinker);
	spin_lock(&vm->mem.mmu_lock);
	vm->mem.mirror = NULL;
	spin_unlock(&vm->mem.mmu_lock);
	list_for_each_entry_safe(shadow, next, &shadows->list, link) {
		rvhv_shadow_free_leaves(shadow);
		shadow_destroy(shadow);
	}
	vm->shadows = NULL;
	kfree(shadows);
}
