/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How PostgreSQL names the files of its relations and of its log.
 */
#ifndef CHECK_PG_NAME_H
#define CHECK_PG_NAME_H

#include <stdbool.h>
#include <stdint.h>

enum pg_fork {
	PG_FORK_MAIN,
	PG_FORK_FSM,		/* free space; rebuilt when bad */
	PG_FORK_VM,		/* visibility; cleared when bad */
	PG_FORK_INIT		/* what an unlogged relation is reset to */
};

struct pg_name {
	uint32_t file;		/* "filenode": the relation's number */
	enum pg_fork fork;
	uint32_t segment;	/* 0 for the first, which has no suffix */
};

/*
 * "16384", "16384.1", "16384_fsm" ...; false for any other name.  Numbers
 * are accepted in the one way the server writes them.
 */
bool pg_name_parse(const char *name, struct pg_name *out);

/* A decimal number as the server writes it, all of text; 0 is none. */
bool pg_name_number(const char *text, uint32_t *number);

/*
 * A segment of the log, "000000010000000000000004": its timeline, and its
 * number when segments have this size (a power of two, 1 MiB to 1 GiB).
 */
#define PG_WAL_NAME_LEN 24
bool pg_name_parse_wal(const char *name, uint32_t segment_size,
    uint32_t *timeline, uint64_t *number);
void pg_name_format_wal(uint32_t timeline, uint64_t number,
    uint32_t segment_size, char out[PG_WAL_NAME_LEN + 1]);

/* A log position as the server prints it: "0/42CEE40". */
#define PG_LSN_TEXT 18
const char *pg_lsn_format(uint64_t lsn, char out[PG_LSN_TEXT]);
/* The reverse; reads up to the first character that does not belong. */
bool pg_lsn_parse(const char *text, uint64_t *lsn);

#endif
