/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One source's archive, decoded: every frame, every member's header and
 * SHA-256 against the manifest, the seek table, the tar's end.  In a damaged
 * archive: which members the damage costs, by name.
 */
#ifndef VERIFY_DEEP_H
#define VERIFY_DEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/check.h"
#include "base/watch.h"
#include "medium/snapshot.h"

struct err;

struct deep_calls {
	void *ctx;
	/* A member that is not sound; path is escaped. */
	void (*member)(void *ctx, const struct source_info *source,
	    const char *path, enum check_verdict verdict, const char *what);
};

/* Where whole members go, if anywhere; see salvage.h. */
struct deep_tree {
	struct extract *target;
	void *ctx;
	/* As in check.h. */
	bool (*wanted)(void *ctx, const struct entry *entry);
	void (*good)(void *ctx, const struct entry *entry);
	void (*bad)(void *ctx, enum check_verdict verdict,
	    const struct entry *entry, const char *what);
	/* The archive cannot be read on: the last one wanted is not whole. */
	void (*broke)(void *ctx);
};

struct deep_options {
	const struct deep_tree *tree;	/* or NULL */
	unsigned threads;
	const struct watch *watch;
	struct deep_calls calls;
};

struct deep_result {
	struct check_counts counts;
	uint64_t ranges;	/* damaged stretches of the tar stream */
	uint64_t lost_bytes;	/* of the tar stream */
	bool is_damaged;	/* frames could not be decoded */
};

/*
 * is_whole: every part and the manifest had the right SHA-256 a moment ago.
 * -1: nothing could be said of the members (the manifest or all of the
 * archive's order is lost), or the tree cannot be written; err says why.
 */
int deep_check(const struct snapshot *s, const struct source_info *source,
    bool is_whole, const struct deep_options *options,
    struct deep_result *result, struct err *err);

#endif
