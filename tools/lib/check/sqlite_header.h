/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The headers of SQLite's three files (sqlite.org/fileformat2.html: 1.3 the
 * database header, 3 the rollback journal, 4.1 the WAL file format).  Numbers
 * are big-endian.  No I/O but through the sources.
 */
#ifndef CHECK_SQLITE_HEADER_H
#define CHECK_SQLITE_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/stream.h"

struct err;

#define SQLITE_HEADER_LEN 100

struct sqlite_header {
	uint32_t page_size;	/* 512 to 65536 */
	uint32_t pages;		/* as the header says, 0: not to be trusted */
	bool is_wal;		/* it was last used with a write-ahead log */
};

bool sqlite_header_matches(const uint8_t *head, size_t len);
/* ERR_DAMAGED for what SQLite calls "not a database". */
int sqlite_header_parse(struct sqlite_header *h,
    const uint8_t head[SQLITE_HEADER_LEN], struct err *err);

/*
 * Frames in a WAL up to the last commit that is there whole by its salts
 * (checksums are SQLite's to check).  0 for an empty one or one of another
 * page size.
 */
int sqlite_wal_frames(struct source *wal, uint32_t page_size,
    uint64_t *frames, struct err *err);

/* Pages that a hot journal would put back; 0: it is not hot. */
int sqlite_journal_pages(struct source *journal, uint64_t *pages,
    struct err *err);

#endif
