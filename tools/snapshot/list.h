/* SPDX-License-Identifier: BSD-2-Clause */
/* What a medium holds, for snapshot --list. */
#ifndef SNAPSHOT_LIST_H
#define SNAPSHOT_LIST_H

#include "cli/cli.h"
#include "medium/medium.h"

struct err;

/* Damaged and interrupted snapshots are listed as such, with a warning. */
int list_medium(struct cli *cli, const struct medium *medium,
    struct err *err);

#endif
