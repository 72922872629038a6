/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is inside the files of a tree: databases, dumps, archives,
 * certificates ... recognised by themselves and judged without starting
 * anything.  Used by verify --data (archives on a medium), snapshot --check,
 * restore-volume before its swap, and probe.
 *
 * Read-only and bounded: nothing here writes to any disk.
 *
 * Two kinds of checker, each in a file of its own with one exported table
 * row:
 *
 *	sets	a directory that belongs to one program.  recognise() is asked
 *		of every entry's name; the first of a set names its root.
 *		owns_root: files below are not offered to file checkers.
 *	files	one file by itself, by its name and first bytes.  The first
 *		checker that says yes has it.
 */
#ifndef CHECK_CONTENT_H
#define CHECK_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/watch.h"
#include "check/judgement.h"
#include "check/tree.h"

struct err;

#define CONTENT_SETS_MAX 1000	/* sets in one tree */
#define CONTENT_HEAD_LEN 512	/* first bytes that file checkers see */

/* What is known from outside. */
struct content_facts {
	int64_t now;		/* seconds since 1970, for certificates */
	/*
	 * When the copying started (0: not known, or no copy), and whether
	 * somebody may have been writing meanwhile.
	 */
	int64_t copied_at;
	bool is_hot;
};

/* What a checker works with. */
struct content {
	struct tree *tree;
	const struct content_facts *facts;
};

struct set_checker {
	const char *name;	/* "postgresql" */
	bool owns_root;
	/*
	 * Does this entry show that a set of mine is here?  Then *root_len is
	 * the length of its root within entry->path (0: the tree's own root).
	 * Called for each entry; looks at names, types and sizes only.
	 */
	bool (*recognise)(const struct entry *entry, size_t *root_len);
	/*
	 * root: "" or a path.  -1 only for ERR_INTERRUPTED: all else is
	 * judged.
	 */
	int (*check)(const struct content *c, const char *root,
	    struct judgement *j, struct err *err);
};

struct file_checker {
	const char *name;	/* "gzip" */
	/* head: the first bytes, len of them: fewer in a small file. */
	bool (*recognise)(const struct entry *entry, const uint8_t *head,
	    size_t len);
	/* file is open and stays the caller's.  -1 as above. */
	int (*check)(const struct content *c, const struct entry *entry,
	    struct source *file, struct judgement *j, struct err *err);
};

/* How many things, by verdict; files that no checker knows. */
struct content_counts {
	uint64_t judged[VERDICTS];
	uint64_t unknown_files;
	uint64_t unknown_bytes;
};

/*
 * Judge everything in the tree at and below a path ("": all): sets first, then files in the tree's order.
 * judged is called for each set and each recognised file; files that only
 * the last checker took, which looks for what a power cut leaves, are counted
 * as unknown and worth a line only when it found that.
 * 0 whatever was found.  -1: ERR_INTERRUPTED, or the tree cannot be listed.
 */
typedef void content_judged(void *ctx, const struct judgement *j);
int content_check(struct tree *tree, const char *below,
    const struct content_facts *facts, content_judged *judged, void *ctx,
    struct content_counts *counts, struct err *err);

/* Whether entry is root or below it; paths as in tree.h. */
bool content_is_below(const char *root, const char *path);
/* root and name joined: "a/b", or "b" for the tree's own root. */
const char *content_path(struct buf *out, const char *root, const char *name);
/* The other way round: an entry's path below root, NULL for root itself. */
const char *content_name(const char *root, const struct entry *entry);

#endif
