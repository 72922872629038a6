/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * restore-volume --check: the content checkers on a staged tree, before it is
 * swapped in.
 */
#ifndef RESTORE_LOOK_H
#define RESTORE_LOOK_H

#include "check/content.h"
#include "cli/cli.h"

struct err;

/*
 * Judgements go to stdout.  -1, ERR_DAMAGED: something in it is DAMAGED; the
 * stage is as it was.
 */
int look_into(struct cli *cli, const char *target, int stage_fd,
    const struct content_facts *facts, struct err *err);

#endif
