/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One file of Redis or Valkey as a server would take it at start: an RDB, or
 * an append-only file, which may begin with an RDB.  For the checkers of
 * redis.c.
 */
#ifndef CHECK_REDIS_FILE_H
#define CHECK_REDIS_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "check/content.h"

struct redis_file {
	const char *path;
	bool is_log;		/* commands may follow the RDB */
	bool is_last;		/* a server cuts only the last file */
	bool refuses_cut;	/* "aof-load-truncated no" */
};

/* What the files of a set hold together. */
struct redis_totals {
	uint64_t keys;
	uint64_t expires;
	uint64_t expired;
	uint64_t functions;
	uint64_t databases;	/* of the RDB that has most */
	uint64_t commands;
	uint64_t summed_bytes;	/* proved by a checksum */
	uint64_t unsummed_bytes;
};

/* Adds to totals; findings go to j.  -1: ERR_INTERRUPTED. */
int redis_file_judge(const struct content *c, const struct redis_file *what,
    struct source *file, struct redis_totals *totals, struct judgement *j,
    struct err *err);

/* Say and cover what the totals are. */
void redis_totals_say(const struct redis_totals *totals, struct judgement *j);

#endif
