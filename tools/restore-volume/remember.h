/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line in the catalogue (catalog/events.h) for each volume that came back,
 * or did not.  Nothing here fails a restore.
 */
#ifndef RESTORE_REMEMBER_H
#define RESTORE_REMEMBER_H

#include <stdint.h>

struct cli;
struct err;

struct remember {
	const char *catalog;	/* its path, or NULL for the usual one */
	const char *medium;	/* its id; "" for an archive of others */
	const char *snapshot;	/* its folder, or the archive's path */
	const char *source;
	const char *target;	/* volume or folder */
	uint64_t bytes;
	uint64_t milliseconds;
};

/* why: NULL when it came back.  Names may be hostile. */
void remember_restore(struct cli *cli, const struct remember *what,
    const struct err *why);

#endif
