/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record of runs: one JSON object each.  Who, when, how long, and what
 * became of each service.  It goes into the catalogue (catalog/events.h), and
 * where a file is named, there as well, as a line.
 */
#ifndef STARTUP_ORDER_RECORD_H
#define STARTUP_ORDER_RECORD_H

#include <stdint.h>

#include "base/buf.h"

struct err;
struct graph;
struct up_result;

struct record {
	const char *operation;		/* "up", "down" */
	const char *outcome;		/* "done", "failed", "interrupted" */
	const char *error;		/* "" when it went well; escaped */
	const char *engine;		/* its socket */
	int64_t began;			/* seconds since 1970 */
	int exit_code;
};

/* The object, without a newline. */
void record_format(struct buf *out, const struct graph *g,
    const struct record *record, const struct up_result *result);

/*
 * Append it to a file.  A line that a crash cut short is ended before.
 */
int record_append(const char *path, const struct buf *object,
    struct err *err);

/* Put it into the catalogue; path NULL: the usual one. */
int record_keep(const char *path, const struct record *record,
    const struct buf *object, struct err *err);

#endif
