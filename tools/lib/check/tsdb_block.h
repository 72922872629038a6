/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files of one block of Prometheus' time series database: chunks, index,
 * tombstones.  All integers are big-endian, all checksums CRC-32C.  Each is
 * read whole; a wrong checksum is counted, and reading goes on behind it.
 */
#ifndef CHECK_TSDB_BLOCK_H
#define CHECK_TSDB_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "io/stream.h"

struct err;

/* What is wrong with a file. */
struct tsdb_faults {
	uint64_t count;
	uint64_t at;		/* offset of the first */
	const char *what;	/* of the first */
	/* The server does not open such a file, and so does not start. */
	bool refuses;
	/* Bytes of padding that are not zero: nothing reads them. */
	uint64_t odd;
	uint64_t odd_at;	/* the first */
};

struct tsdb_chunks {
	uint64_t chunks;
	uint64_t samples;	/* as the heads of the chunks say */
	struct tsdb_faults faults;
};
/* chunks/000001 ...; -1: reading failed. */
int tsdb_chunks_read(struct source *file, struct tsdb_chunks *chunks,
    struct err *err);

struct tsdb_index {
	unsigned version;
	uint64_t series;
	uint64_t chunks;	/* that the series name */
	struct tsdb_faults faults;
};
int tsdb_index_read(struct source *file, struct tsdb_index *index,
    struct err *err);

int tsdb_tombstones_read(struct source *file, struct tsdb_faults *faults,
    struct err *err);

/* Note one fault. */
void tsdb_fault(struct tsdb_faults *faults, uint64_t at, const char *what);

#endif
