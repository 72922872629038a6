/* SPDX-License-Identifier: BSD-2-Clause */
/* A bounded set of blocks: open addressing, linear probing. */
#include "check/pg_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SLOTS_MIN 1024U
/*
 * A log can be made up so that all its blocks want the same slot.  Beyond so
 * many tries the set counts as full; by chance that does not happen.
 */
#define TRIES_MAX 2000U

static uint64_t
mixed(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
	return hash ^ hash >> 29;
}

static size_t
home(const struct pg_block *b, size_t slot_count)
{
	uint64_t hash = mixed(0, (uint64_t)b->space << 32 | b->database);

	hash = mixed(hash, (uint64_t)b->file << 32 | b->block);
	hash = mixed(hash, b->fork);
	return (size_t)hash & (slot_count - 1);
}

static bool
is_same(const struct pg_block *a, const struct pg_block *b)
{
	return a->block == b->block && a->file == b->file &&
	    a->fork == b->fork && a->database == b->database &&
	    a->space == b->space;
}

/* Where block is, or the free slot where it would go; NULL: neither. */
static struct pg_block *
seek(const struct pg_blocks *set, const struct pg_block *block)
{
	size_t at = home(block, set->slot_count);
	unsigned tries;

	for (tries = 0; tries < TRIES_MAX; tries++) {
		struct pg_block *slot = &set->slots[at];

		if (slot->file == 0 || is_same(slot, block))
			return slot;
		at = (at + 1) & (set->slot_count - 1);
	}
	return NULL;
}

static void
put(struct pg_blocks *set, const struct pg_block *block)
{
	struct pg_block *slot = seek(set, block);

	if (slot == NULL) {
		set->is_full = true;
	} else if (slot->file == 0) {
		*slot = *block;
		set->count++;
	}
}

static void
grow(struct pg_blocks *set)
{
	struct pg_blocks old = *set;
	size_t i;

	set->slot_count = old.slot_count == 0 ? SLOTS_MIN :
	    old.slot_count * 2;
	set->slots = mem_zero(set->slot_count, sizeof(*set->slots));
	set->count = 0;
	for (i = 0; i < old.slot_count; i++)
		if (old.slots[i].file != 0)
			put(set, &old.slots[i]);
	free(old.slots);
}

void
pg_blocks_add(struct pg_blocks *set, const struct pg_block *block)
{
	if (block->file == 0)
		return;
	if (set->count == PG_BLOCKS_MAX) {
		if (!pg_blocks_has(set, block))
			set->is_full = true;
		return;
	}
	/* At most three quarters full. */
	if (set->count >= set->slot_count / 4 * 3)
		grow(set);
	put(set, block);
}

bool
pg_blocks_has(const struct pg_blocks *set, const struct pg_block *block)
{
	const struct pg_block *slot;

	if (set->count == 0)
		return false;
	slot = seek(set, block);
	return slot != NULL && slot->file != 0;
}

void
pg_blocks_release(struct pg_blocks *set)
{
	free(set->slots);
	*set = (struct pg_blocks)PG_BLOCKS_EMPTY;
}
