/* SPDX-License-Identifier: BSD-2-Clause */
/* Places of paths in a manifest; see tree_index.h. */
#include "check/tree_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/io.h"

/*
 * A slot: TAG_BITS of the path's hash, which also say where the slot belongs
 * in a table of any size, and the place, which is never 0.
 */
#define PLACE_BITS 40
#define PLACE_MAX (((uint64_t)1 << PLACE_BITS) - 1)
#define TAG_BITS 24
#define CAP_FIRST ((size_t)1024)
#define CAP_LAST ((size_t)1 << 21)

_Static_assert(CAP_LAST <= (size_t)1 << TAG_BITS, "a tag finds any slot");
_Static_assert(TREE_INDEX_MAX < CAP_LAST / 10 * 7, "the table stays loose");

int
tree_index_init(struct tree_index *x, struct err *err)
{
	memset(x, 0, sizeof *x);
	x->is_whole = true;
	if (io_random(&x->seed, sizeof x->seed, err) == -1)
		return -1;
	x->cap = CAP_FIRST;
	x->slots = mem_zero(x->cap, sizeof *x->slots);
	return 0;
}

/* FNV-1a over the bytes from a secret start, then mixed. */
static uint64_t
tag_of(const struct tree_index *x, const char *path)
{
	uint64_t hash = x->seed;

	for (; *path != '\0'; path++)
		hash = (hash ^ (uint8_t)*path) * 0x100000001b3U;
	hash ^= hash >> 32;
	hash *= 0x9e3779b97f4a7c15U;
	return hash >> (64 - TAG_BITS);
}

static void
put(struct tree_index *x, uint64_t slot)
{
	size_t at = (size_t)(slot >> PLACE_BITS) & (x->cap - 1);

	while (x->slots[at] != 0)
		at = (at + 1) & (x->cap - 1);
	x->slots[at] = slot;
}

static void
grow(struct tree_index *x)
{
	uint64_t *old = x->slots;
	size_t i, cap = x->cap;

	x->cap *= 2;
	x->slots = mem_zero(x->cap, sizeof *x->slots);
	for (i = 0; i < cap; i++)
		if (old[i] != 0)
			put(x, old[i]);
	free(old);
}

void
tree_index_add(struct tree_index *x, const char *path, uint64_t place)
{
	if (!x->is_whole)
		return;
	if (x->count == TREE_INDEX_MAX || place > PLACE_MAX) {
		x->is_whole = false;
		x->covered_to = place;
		return;
	}
	if (x->count >= x->cap / 10 * 7)
		grow(x);
	put(x, tag_of(x, path) << PLACE_BITS | place);
	x->count++;
}

void
tree_index_look(const struct tree_index *x, const char *path,
    struct tree_lookup *lookup)
{
	lookup->tag = tag_of(x, path);
	lookup->at = (size_t)lookup->tag & (x->cap - 1);
}

bool
tree_index_next(const struct tree_index *x, struct tree_lookup *lookup,
    uint64_t *place)
{
	uint64_t slot;

	while ((slot = x->slots[lookup->at]) != 0) {
		lookup->at = (lookup->at + 1) & (x->cap - 1);
		if (slot >> PLACE_BITS == lookup->tag) {
			*place = slot & PLACE_MAX;
			return true;
		}
	}
	return false;
}

void
tree_index_release(struct tree_index *x)
{
	free(x->slots);
	x->slots = NULL;
}
