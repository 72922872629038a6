/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is inside the files: the content checkers (check/content.h) on one
 * source of a snapshot, read in place, or on a plain directory.  One verdict
 * for each database, dump or file that is recognised, with what was covered.
 */
#ifndef VERIFY_DATA_H
#define VERIFY_DATA_H

#include "check/content.h"
#include "medium/snapshot.h"

struct err;
struct report;

/* -1 only when the whole run must end; all else is said through r. */
int data_check_source(struct report *r, const struct snapshot *s,
    const struct source_info *source, struct err *err);

/*
 * A directory that is no medium, or one file.  -1: it cannot be opened or
 * listed, or interrupted.
 */
int data_check_path(struct report *r, const char *path, struct err *err);

#endif
