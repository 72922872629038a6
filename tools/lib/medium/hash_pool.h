/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many files of one folder hashed at the same time, past the page cache as
 * hash.h does it: as many large ones as there are threads, and small ones
 * beside them.  Long reads pass one gate, so that the device sees one at a
 * time, in the order of submission; results come in that order, too.
 *
 *	while (there is more or !hash_pool_is_empty(p))
 *		if (there is more and hash_pool_has_room(p))
 *			hash_pool_submit(p, path, kind, NULL);
 *		else
 *			hash_pool_take(p, &done, &err);
 *
 * With threads == 0, or where none can be started, hash_pool_take() does the
 * work itself; the threads, too, begin when it waits.  All functions are for
 * the caller's one thread; so is the watch, which hash_pool_take() calls.
 *
 * Memory: HASH_BLOCKS_MAX and twice HASH_SMALL_MAX for each of threads, and
 * some KiB for each slot.
 */
#ifndef MEDIUM_HASH_POOL_H
#define MEDIUM_HASH_POOL_H

#include "base/err.h"
#include "medium/hash.h"

#define HASH_POOL_THREADS_MAX 4		/* large files at a time */
#define HASH_POOL_SLOTS 128	/* files submitted and not yet taken */

struct hash_pool_options {
	unsigned threads;	/* at most HASH_POOL_THREADS_MAX */
	unsigned in_flight;	/* not yet taken; 0: HASH_POOL_SLOTS */
	const struct watch *watch;
	bool follows_links;	/* inside the folder */
	bool is_strict;		/* the first error ends a file: no patience */
	/*
	 * Or NULL: how far a large file is, as in hash.h, SHA-256 only.  Called
	 * by hash_pool_take(), a moment later and with the latest place only.
	 */
	void (*placed)(void *ctx, unsigned slot,
	    const struct hash_place *place);
	void *placed_ctx;
};

/* All pointers: until the next submission. */
struct hash_done {
	unsigned slot;
	const char *path;
	const struct hash_result *result;
	/* ERR_NONE, or as hash_patiently() and below_open() */
	const struct err *err;
	const struct patient *patient;
	uint64_t milliseconds;	/* waiting for others included */
};

struct hash_pool;
/*
 * How many of that many threads are worth their while for SHA-256: one, where
 * the processor has instructions for it.  One core then outruns a medium, and
 * reads of two files in turn only slow the device down.
 */
unsigned hash_pool_worth(unsigned threads);

/* Paths are below root_fd, which is borrowed, and opened as io/below does. */
struct hash_pool *hash_pool_new(int root_fd,
    const struct hash_pool_options *options);

bool hash_pool_has_room(const struct hash_pool *p);
bool hash_pool_is_empty(const struct hash_pool *p);
/*
 * Only when there is room; path is copied, and so is from: where to go on, or
 * NULL.  Returns the slot, below HASH_POOL_SLOTS, which is free again after it
 * was taken.
 */
unsigned hash_pool_submit(struct hash_pool *p, const char *path,
    enum digest_kind kind, const struct hash_place *from);
/*
 * Wait for the oldest; only when not empty.  -1 only for ERR_INTERRUPTED,
 * and then nothing but hash_pool_free() may follow.
 */
int hash_pool_take(struct hash_pool *p, struct hash_done *done,
    struct err *err);
/* What was not begun is dropped.  NULL is allowed. */
void hash_pool_free(struct hash_pool *p);

#endif
