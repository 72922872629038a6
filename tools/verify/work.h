/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A run: the media and folders that were named, one after the other, and
 * the summary at its end.
 */
#ifndef VERIFY_WORK_H
#define VERIFY_WORK_H

#include <stdbool.h>

#include "cli/cli.h"
#include "manifest/sign.h"
#include "memory.h"

struct err;

struct work_options {
	const struct sign_public *key;	/* or NULL */
	struct cli_list snapshots;	/* empty: all */
	unsigned threads;
	bool deep;
	bool data;
	struct memory_options memory;
	bool finds_new;		/* files that no list covers */
	struct cli_list with;	/* folders with other copies */
	const char *salvage;	/* where whole members go, or NULL */
	bool repair;		/* mend damage from those */
	const char *base;	/* where names of lists begin, or NULL */
};

/*
 * Verify every path in cli->args.  One rotten medium does not keep the
 * others from being read; findings go to cli_found().  -1 when interrupted,
 * and when nothing was checked.
 */
int work_run(struct cli *cli, const struct work_options *o, struct err *err);

#endif
