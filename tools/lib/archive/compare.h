/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tree held against its manifest: every attribute of every object read back
 * and compared, after a restore.  Content was proved while it was written
 * (check_archive) and is not read again.
 */
#ifndef ARCHIVE_COMPARE_H
#define ARCHIVE_COMPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/watch.h"
#include "manifest/manifest.h"

struct err;

struct compare_options {
	/*
	 * Finish the tree on the way: make the sockets that tar could not
	 * carry, put on file flags (but not the root's).
	 */
	bool finish;
	/* NULL, or which entries are to be there: the others are passed over. */
	bool (*wanted)(void *ctx, const struct entry *entry);
	const struct watch *watch;
	/* kinds: ATTR_* that differ; is_other: missing, or not the same thing */
	void (*differs)(void *ctx, const char *path, unsigned kinds,
	    bool is_other);
	void *ctx;
};

struct compare_counts {
	uint64_t entries;
	uint64_t differing;	/* attributes */
	uint64_t other;		/* missing or something else */
	uint64_t flags_set;
	uint64_t sockets_made;
};

int compare_tree(int root_fd, struct manifest_reader *manifest,
    const struct compare_options *options, struct compare_counts *counts,
    struct err *err);

#endif
