/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where other copies of a snapshot's files may lie: the folders that --with
 * names, each a medium, a snapshot's folder, or any folder that holds files.
 */
#ifndef VERIFY_PLACES_H
#define VERIFY_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/escape.h"
#include "cli/cli.h"

struct err;

#define PLACES_MAX 8

struct place {
	int fd;				/* of the folder with the files */
	bool is_snapshot;		/* found by the snapshot's name */
	char label[ESCAPE_NAME_MAX];	/* what --with said, escaped */
};

struct places {
	struct place items[PLACES_MAX];
	size_t count;
};

#define PLACES_EMPTY { .count = 0 }

/* Can each be opened?  ERR_NOT_FOUND names the first that cannot. */
int places_check(const struct cli_list *with, struct err *err);

/*
 * Those of a snapshot, by its folder's name.  not_fd: of the folder that is
 * to be mended, which is no place.  A path that cannot be opened is
 * ERR_NOT_FOUND; more than PLACES_MAX are ERR_LIMIT.
 */
int places_open(struct places *p, const struct cli_list *with,
    const char *snapshot, int not_fd, struct err *err);
void places_close(struct places *p);

#endif
