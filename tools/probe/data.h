/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is in a folder, judged by all content checkers (check/content.h) in
 * place: databases, dumps, certificates ...  Starts and changes nothing.
 */
#ifndef PROBE_DATA_H
#define PROBE_DATA_H

#include <stdbool.h>

#include "check.h"

struct outcome;

/* Judgements that an outcome tells of; the rest is counted. */
#define DATA_TOLD_MAX 4

struct data_folder {
	int fd;			/* borrowed */
	const char *shown;	/* escaped */
	bool is_hot;		/* somebody may be writing */
};

/*
 * DAMAGED fails, SUSPECT and RECOVERABLE warn, UNCHECKED is unknown, and so
 * is a folder in which no checker knows anything.  Ends at the deadline.
 */
void data_judge(const struct data_folder *folder,
    const struct probe_context *context, struct outcome *o);

/* Is a file below that path open, or the path mounted, by a process? */
bool data_is_in_use(const char *path);

#endif
