/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PostgreSQL's write-ahead log, walked from where replay begins to the last
 * record that is whole: as far as the server would get.  Of releases 12 to
 * 18.
 *
 *	pg_wal_walk(&segments, &plan, &walk, &err);
 *	pg_wal_beyond(&segments, &plan, &walk, &err);
 *	pg_notes_release(&walk.notes);
 */
#ifndef CHECK_PG_WAL_H
#define CHECK_PG_WAL_H

#include <stdbool.h>
#include <stdint.h>

#include "check/pg_control.h"
#include "check/pg_record.h"

struct err;
struct source;

/* The longest record any release writes is a little less. */
#define PG_WAL_RECORD_MAX (UINT32_C(1) << 30)

/* Where segments come from: files, or bytes in a test. */
struct pg_wal_segments {
	void *ctx;
	/*
	 * The file of a segment, valid until the next call; NULL: there is
	 * none.
	 */
	int (*open)(void *ctx, uint64_t number, struct source **file,
	    struct err *err);
	/* The lowest number above after; false: no more. */
	bool (*next)(void *ctx, uint64_t after, uint64_t *number);
};

struct pg_wal_plan {
	const struct pg_control *control;
	uint64_t from;		/* LSN where replay begins */
	uint64_t checkpoint;	/* LSN of the record that says so */
	bool note;		/* gather notes; else only walk */
};

/* Why the walk ended where it did. */
enum pg_wal_end {
	PG_WAL_END_EMPTY,	/* zeros, or a page from an earlier round */
	PG_WAL_END_NO_SEGMENT,
	PG_WAL_END_CUT,		/* a segment's file is too short */
	PG_WAL_END_BAD_RECORD	/* torn, or damaged */
};

struct pg_wal_walk {
	uint64_t end;		/* LSN after the last whole record */
	uint64_t records;
	bool saw_checkpoint;
	uint8_t checkpoint_kind;	/* PG_XLOG_CHECKPOINT_... */
	enum pg_wal_end why;
	struct pg_notes notes;
	/* By pg_wal_beyond: */
	bool has_later_segment;	/* begun, so all before it was complete */
	uint64_t later_segment;
	uint64_t later_page;	/* LSN of the last later page here; 0: none */
};

/* Whether logs of this release can be read. */
bool pg_wal_is_known(unsigned major);

/*
 * The walk.  -1 only for ERR_INTERRUPTED; everything else is an end.  The
 * caller releases walk->notes, also after failure.
 */
int pg_wal_walk(const struct pg_wal_segments *segments,
    const struct pg_wal_plan *plan, struct pg_wal_walk *walk,
    struct err *err);

/*
 * Whether the log goes on after the end.  A later segment of this log is
 * proof of damage: the server starts none before the one before is on disk.
 * Later pages in the same segment may also be what a power cut left.
 */
int pg_wal_beyond(const struct pg_wal_segments *segments,
    const struct pg_wal_plan *plan, struct pg_wal_walk *walk,
    struct err *err);

#endif
