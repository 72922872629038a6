/* SPDX-License-Identifier: BSD-2-Clause */
/* --list-files: what a source holds, from its manifest alone. */
#ifndef RESTORE_LIST_FILES_H
#define RESTORE_LIST_FILES_H

#include "cli/cli.h"
#include "medium/snapshot.h"

struct err;
struct pick;

/*
 * A line an entry: mode, owner, size, time, path.  pick: NULL for all.  A
 * pattern that nothing matches is ERR_NOT_FOUND, after the lines.
 */
int list_files(struct cli *cli, const struct snapshot *s,
    const struct source_info *source, struct pick *pick, struct err *err);

#endif
