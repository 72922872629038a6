/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What Prometheus writes before a block is made: segments of the write-ahead
 * log (pages of 32 KiB with checksummed fragments) and the chunks of the head.
 */
#ifndef CHECK_TSDB_LOG_H
#define CHECK_TSDB_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "io/stream.h"

struct err;

#define TSDB_PAGE 32768U

enum tsdb_end {
	TSDB_WHOLE,
	TSDB_TORN,	/* ends inside of a record */
	TSDB_BAD	/* no record at bad_at, though there is more */
};

struct tsdb_log {
	uint64_t records;
	uint64_t good_to;	/* behind the last whole record */
	enum tsdb_end end;
	uint64_t bad_at;	/* of TSDB_BAD */
	const char *why;
};

/* A segment of wal/ or of a checkpoint.  -1: reading failed. */
int tsdb_segment_read(struct source *file, struct tsdb_log *log,
    struct err *err);
/* A file of chunks_head/. */
int tsdb_head_read(struct source *file, struct tsdb_log *log,
    struct err *err);

#endif
