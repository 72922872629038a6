/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snapshot --check: the content checkers on what was just taken, read in
 * place on the medium.
 */
#ifndef SNAPSHOT_LOOK_H
#define SNAPSHOT_LOOK_H

#include "cli/cli.h"
#include "medium/medium.h"

struct err;

/*
 * The snapshot is complete.  Judgements go to stdout, and the exit status is
 * theirs: 5 for DAMAGED, 3 for SUSPECT.  -1: the snapshot cannot be read, or
 * interrupted.
 */
int look_into(struct cli *cli, const struct medium *m,
    const struct medium_name *name, struct err *err);

#endif
