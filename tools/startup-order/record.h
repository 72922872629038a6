/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record of runs: one JSON object a line, appended.  Who, when, how long,
 * and what became of each service.  A line that a crash cut short is ended
 * before the next is written.
 */
#ifndef STARTUP_ORDER_RECORD_H
#define STARTUP_ORDER_RECORD_H

#include <stdint.h>

struct err;
struct graph;
struct up_result;

#define RECORD_USUAL "/var/lib/drydock/runs.jsonl"

struct record {
	const char *operation;		/* "up", "down" */
	const char *outcome;		/* "done", "failed", "interrupted" */
	const char *error;		/* "" when it went well; escaped */
	const char *engine;		/* its socket */
	int64_t began;			/* seconds since 1970 */
	int exit_code;
};

/*
 * path NULL: RECORD_USUAL, and no error where its folder is not there or not
 * writable: *path_used is then NULL, else what was written to.
 */
int record_append(const char *path, const struct graph *g,
    const struct record *record, const struct up_result *result,
    const char **path_used, struct err *err);

#endif
