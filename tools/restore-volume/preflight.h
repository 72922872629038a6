/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything that can be known to go wrong, before anything is changed:
 * what the manifest wants, and whether the target can hold it.
 */
#ifndef RESTORE_PREFLIGHT_H
#define RESTORE_PREFLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/watch.h"
#include "medium/snapshot.h"

struct err;
struct pick;

struct needs {
	uint64_t entries;
	uint64_t bytes;		/* on disk: data, rounded up to blocks */
	uint64_t content;	/* apparent size of all files, for progress */
	uint64_t sockets;
	uint64_t devices;
	unsigned kinds;		/* ATTR_*: what entries carry */
};

/*
 * Read the whole manifest of a source; its SHA-256 is checked on the way
 * (ERR_DAMAGED).  pick (may be NULL): count what it wants only; a pattern
 * that nothing matches is ERR_NOT_FOUND.
 */
int preflight_read(const struct snapshot *s, const struct source_info *source,
    struct pick *pick, const struct watch *watch, struct needs *needs,
    struct err *err);

/*
 * Can the file system of dir_fd take it?  ERR_PREFLIGHT with figures.
 * *cannot: kinds that would be lost (an error as well unless best_effort).
 */
int preflight_check(int dir_fd, const struct needs *needs, bool best_effort,
    unsigned *cannot, struct err *err);

#endif
