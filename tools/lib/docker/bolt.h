/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bbolt database files (version 2), as Docker's volumes/metadata.db: read one
 * bucket, and write a new file with one bucket.  An existing file is never
 * changed in place.
 *
 * The format copies on write: pages of the newest transaction stay as they
 * are until two more were committed, and each commit changes a meta page.
 * So a database that a live daemon writes to is read safely by asking
 * bolt_is_same() afterwards, and starting over when it says no.
 *
 * Every byte is treated as hostile.  Numbers are little-endian; a database
 * of a big-endian machine is refused.
 */
#ifndef DOCKER_BOLT_H
#define DOCKER_BOLT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct source;

#define BOLT_FILE_MAX ((uint64_t)64 << 20)
#define BOLT_DEPTH_MAX 24
#define BOLT_NODE_MAX ((size_t)16 << 20)	/* one page with its overflow */
#define BOLT_KEY_MAX 32768			/* bbolt's MaxKeySize */
#define BOLT_PAIRS_MAX 65535			/* of one leaf page */

struct bolt {
	struct source *source;	/* private; borrowed */
	uint32_t page_size;
	uint64_t root_page;
	uint64_t page_count;
	uint64_t txid;
};

/*
 * Find the newest sound meta page.  The source stays the caller's and must
 * outlive db.  ERR_DAMAGED when neither meta page is sound, ERR_LIMIT for
 * more than BOLT_FILE_MAX bytes.
 */
int bolt_open(struct bolt *db, struct source *source, struct err *err);

/*
 * Called for each pair in the order of the file; both are borrowed for the
 * call and not NUL-terminated.  -1 (err set) stops the walk.
 */
struct bolt_visitor {
	void *ctx;
	int (*pair)(void *ctx, const uint8_t *key, size_t key_len,
	    const uint8_t *value, size_t value_len, struct err *err);
};

/*
 * All pairs of a top-level bucket.  ERR_NOT_FOUND when there is no such
 * bucket, ERR_DAMAGED for pages out of bounds, met twice, of the wrong kind,
 * keys out of order, or a bucket inside the bucket.
 */
int bolt_read(const struct bolt *db, const char *bucket,
    const struct bolt_visitor *visitor, struct err *err);

/* The names of all top-level buckets, as pairs with empty values. */
int bolt_buckets(const struct bolt *db, const struct bolt_visitor *visitor,
    struct err *err);

/* *is_same: no transaction was committed since bolt_open(). */
int bolt_is_same(const struct bolt *db, bool *is_same, struct err *err);

struct bolt_pair {
	const uint8_t *key;
	size_t key_len;
	const uint8_t *value;
	size_t value_len;
};

/*
 * Append a complete database with one bucket to out (which must be empty).
 * pairs are sorted by key as memcmp() sorts, each key once and not empty.
 * ERR_LIMIT for what bolt_read() would refuse; out is then empty.
 */
int bolt_format(const char *bucket, const struct bolt_pair *pairs,
    size_t count, struct buf *out, struct err *err);

#endif
