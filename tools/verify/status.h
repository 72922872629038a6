/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify --status: what the catalogue knows of each medium, those in the
 * drawer included.  Nothing is read from media but their id.
 */
#ifndef VERIFY_STATUS_H
#define VERIFY_STATUS_H

#include <stdint.h>

struct cli;
struct err;

struct status_options {
	const char *catalog;	/* or NULL */
	uint64_t every;		/* seconds that a verdict is good for */
};

/*
 * Media in cli->args (a path, an id or a label), else all that are known.
 * Finds EXIT_WARNINGS where one is overdue or was never read as a whole,
 * EXIT_DAMAGED where a file's last verdict was bad.  ERR_NOT_FOUND: there is
 * no catalogue, or it knows no medium.
 */
int status_run(struct cli *cli, const struct status_options *o,
    struct err *err);

#endif
