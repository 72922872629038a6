/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --only: which entries of a source are wanted.  A pattern is a path ("conf/
 * app.ini"), a folder with all in it ("conf"), or a shell pattern on whole
 * paths ("*.sql": fnmatch(3), where '*' stands for '/' too).
 */
#ifndef RESTORE_PICK_H
#define RESTORE_PICK_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/extract.h"
#include "medium/snapshot.h"

struct err;

#define PICK_MAX 1000

struct pick {
	char **patterns;	/* cleaned as paths are; owned */
	bool *is_used;		/* by pattern: something matched */
	size_t count;
};

/* ERR_USAGE for a path that cannot be in an archive. */
int pick_init(struct pick *p, const char *const *patterns, size_t count,
    struct err *err);
/* Notes in is_used what matched. */
bool pick_wants(struct pick *p, const char *path);
/* The first pattern that nothing matched, or NULL. */
const char *pick_unused(const struct pick *p);
void pick_release(struct pick *p);

/*
 * The wanted entries of a source into a staged tree, with the folders above
 * them, each held against its SHA-256.  Only the frames that hold them are
 * read.
 */
int pick_extract(struct pick *p, const struct snapshot *s,
    const struct source_info *source, int stage_fd,
    const struct extract_options *how, uint64_t *entries, uint64_t *bytes,
    struct err *err);

#endif
