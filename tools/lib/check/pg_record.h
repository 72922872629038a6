/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a record of PostgreSQL's log means for files: which blocks replay
 * writes anew as a whole, what it drops, what it cuts short.  Of releases 12
 * to 18.
 */
#ifndef CHECK_PG_RECORD_H
#define CHECK_PG_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check/pg_blocks.h"

/* Bytes of a record's body that are looked at; lists of drops can be long. */
#define PG_RECORD_HEAD_MAX 65536

/* Resource managers and kinds that matter elsewhere. */
#define PG_RM_XLOG 0
#define PG_XLOG_CHECKPOINT_SHUTDOWN 0x00
#define PG_XLOG_CHECKPOINT_ONLINE 0x10
#define PG_XLOG_SWITCH 0x40
#define PG_XLOG_BACKUP_END 0x50

struct pg_record {
	unsigned major;		/* release that wrote it */
	uint8_t rmid;
	uint8_t info;
	const uint8_t *head;	/* of the body, what follows 24 bytes */
	size_t head_len;
	uint64_t body_len;
};

struct pg_notes {
	struct pg_blocks blocks;
	bool lost_some;		/* a list was longer than what is kept */
	bool has_oldest_xid;	/* commit states older than this went */
	uint32_t oldest_xid;
	bool has_backup_end;
	uint64_t backup_end_of;	/* LSN where that backup started */
};

#define PG_NOTES_EMPTY { .blocks = PG_BLOCKS_EMPTY }

/* Add what one record says; a record that makes no sense adds nothing. */
void pg_record_note(const struct pg_record *r, struct pg_notes *notes);

void pg_notes_release(struct pg_notes *notes);

#endif
