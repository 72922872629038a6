/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * global/pg_control of a PostgreSQL cluster: what state it was left in, where
 * replay begins, and the sizes everything else is laid out by.
 *
 * Layouts of 9.6 to 18, and of 19 as it was in development.  Of any other
 * version only what has always stood at the same place is read (up to the
 * checkpoint), and whether the file's own checksum is found somewhere.
 */
#ifndef CHECK_PG_CONTROL_H
#define CHECK_PG_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define PG_CONTROL_LEN 8192	/* bytes of the file as the server writes it */
#define PG_CONTROL_USED 512	/* the rest is zeros in every release */

enum pg_state {
	PG_STARTING,
	PG_SHUT_DOWN,
	PG_SHUT_DOWN_IN_RECOVERY,
	PG_SHUTTING_DOWN,
	PG_IN_CRASH_RECOVERY,
	PG_IN_ARCHIVE_RECOVERY,
	PG_IN_PRODUCTION
};

/* LSN: byte position in the write-ahead log; xid: transaction number. */
struct pg_control {
	uint32_t version;		/* 1300 */
	uint32_t catalog_version;	/* 202209061 */
	unsigned major;			/* 15; 9 for 9.6; 0: not known */
	bool has_layout;		/* what follows state was read */
	bool crc_ok;
	uint64_t system_id;
	uint32_t state;			/* enum pg_state, or what it is not */
	int64_t updated_s;		/* seconds since 1970 */
	uint64_t checkpoint;		/* LSN of the last checkpoint's record */
	uint64_t redo;			/* LSN where replay begins */
	uint32_t timeline;
	uint32_t next_xid;		/* without its epoch */
	uint32_t oldest_xid;
	uint32_t next_multi;		/* groups of transactions on one row */
	uint32_t oldest_multi;
	int64_t checkpoint_s;		/* seconds since 1970 */
	uint64_t min_recovery;		/* LSN that replay must reach; 0: none */
	uint32_t min_recovery_timeline;
	uint64_t backup_start;
	uint32_t block_size;
	uint32_t segment_blocks;	/* of a relation's file */
	uint32_t wal_block_size;
	uint32_t wal_segment_size;
	uint32_t checksums;		/* 0 off, 1 on, else being switched */
};

/*
 * Parse the file, or as much of it as there is.  ERR_DAMAGED: it ends before
 * its checksum (the server reads no more than that either), or names sizes
 * that no server can have.  A wrong checksum is no failure: crc_ok is false,
 * and nothing of it is to be trusted.
 */
int pg_control_parse(const uint8_t *data, size_t len, struct pg_control *c,
    struct err *err);

/*
 * The sizes a server has unless it was built otherwise, for a cluster whose
 * pg_control is lost.
 */
void pg_control_assume(struct pg_control *c, unsigned major);

/* Shut down by itself: nothing to replay. */
bool pg_control_is_clean(const struct pg_control *c);

/* "shut down", "in production" ...; "in a state that is not known". */
const char *pg_state_name(uint32_t state);

#endif
