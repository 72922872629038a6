/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where each path of a manifest stands in it: 8 bytes an entry, as a hash of
 * the path that no file can foresee and the place, so that a lookup gives
 * places that may be the one.  Private to tree_archive.c.
 */
#ifndef CHECK_TREE_INDEX_H
#define CHECK_TREE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define TREE_INDEX_MAX 1400000	/* entries; those after them are not in it */

struct tree_index {
	uint64_t *slots;	/* private */
	size_t cap;
	size_t count;
	uint64_t seed;
	bool is_whole;		/* every entry is in it */
	uint64_t covered_to;	/* else: where the first stands that is not */
};

struct tree_lookup {
	size_t at;		/* private */
	uint64_t tag;
};

int tree_index_init(struct tree_index *x, struct err *err);
void tree_index_add(struct tree_index *x, const char *path, uint64_t place);
void tree_index_look(const struct tree_index *x, const char *path,
    struct tree_lookup *lookup);
/* The next place that may be the path's; false when there are no more. */
bool tree_index_next(const struct tree_index *x, struct tree_lookup *lookup,
    uint64_t *place);
void tree_index_release(struct tree_index *x);

#endif
