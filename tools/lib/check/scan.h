/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stretch of a file from front to back through a window of SCAN_WINDOW
 * bytes, for formats that are read in order; with a checksum over whatever
 * was passed, where one is wanted.
 *
 *	struct scan s;
 *	scan_init(&s, source, 0, source->size);
 *	p = scan_next(&s, 8, &err);
 *	scan_skip(&s, len, &err);
 *	scan_release(&s);
 *
 * Past the end of the stretch everything is ERR_DAMAGED ("ends in the middle
 * of something"), and nothing was passed.
 */
#ifndef CHECK_SCAN_H
#define CHECK_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "codec/sha256.h"
#include "io/stream.h"

struct err;

#define SCAN_WINDOW 65536

enum scan_sum {
	SCAN_SUM_NONE,
	SCAN_SUM_CRC_32C,
	SCAN_SUM_CRC_64_JONES
};

struct scan {
	struct source *source;
	uint64_t at;		/* of the next byte in the source */
	uint64_t end;
	uint8_t *data;		/* private from here; owned */
	size_t pos;		/* of the next byte in data */
	size_t len;
	enum scan_sum kind;
	uint64_t sum;		/* up to summed */
	size_t summed;		/* place in data */
};

/* source is borrowed; from <= end <= its size. */
void scan_init(struct scan *s, struct source *source, uint64_t from,
    uint64_t end);
void scan_release(struct scan *s);

uint64_t scan_left(const struct scan *s);

/*
 * The next len bytes (at most SCAN_WINDOW), good until the next call; NULL on
 * failure.  scan_next() passes them, scan_peek() does not.
 */
const uint8_t *scan_peek(struct scan *s, size_t len, struct err *err);
const uint8_t *scan_next(struct scan *s, size_t len, struct err *err);
/*
 * Whatever is there without reading much: *len bytes, at least 1 unless the
 * end was reached.
 */
const uint8_t *scan_window(struct scan *s, size_t *len, struct err *err);
/* Pass len bytes; each is read. */
int scan_skip(struct scan *s, uint64_t len, struct err *err);

/* An unsigned LEB128 number of at most 64 bits (Go's uvarint). */
int scan_uvarint(struct scan *s, uint64_t *value, struct err *err);

/* Begin a checksum at the next byte; what it is now. */
void scan_sum_begin(struct scan *s, enum scan_sum kind);
uint64_t scan_sum(struct scan *s);

/* All of a source. */
int scan_sha256(struct source *source, uint8_t digest[SHA256_LEN],
    struct err *err);

#endif
