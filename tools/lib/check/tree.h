/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tree of files to look into, without changing or even touching it: a
 * directory, or an archive on a medium, read in place through its seek table
 * and its manifest.  Content checkers work on this and never know which it
 * is.
 *
 *	struct tree *t;
 *	tree_open_dir(&t, fd, watch, &err);
 *	tree_walk(t, "", visit, ctx, &err);
 *	tree_find(t, "global/pg_control", &entry, &found, &err);
 *	tree_open_file(t, &entry, &file, &err);
 *	file->read_at(file, 0, data, len, &err);
 *	tree_close_file(t, file);
 *	tree_free(t);
 *
 * Paths are those of manifest/entry.h: below the root, "a/b", "" is the root.
 * Entries come parents first, each directory's names in byte order.  Reading
 * is fastest in that order: an archive decodes 4 MiB frames and keeps the
 * last few.
 *
 * Nothing leads out of the tree: symbolic links are entries with a target and
 * are never followed, other mounts are not entered.
 *
 * One thread.  Every failure is ERR_IO, ERR_DAMAGED or ERR_LIMIT of what was
 * asked for, and later calls on other files may well work; ERR_INTERRUPTED
 * ends the whole check and is handed up unchanged.
 */
#ifndef CHECK_TREE_H
#define CHECK_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/watch.h"
#include "io/stream.h"
#include "manifest/entry.h"

struct err;
struct seek_table;

struct tree;

/*
 * fd is borrowed and must be a directory.  watch (may be NULL) hears of the
 * bytes that are read.
 */
int tree_open_dir(struct tree **out, int fd, const struct watch *watch,
    struct err *err);

/*
 * An archive of ours and its manifest.  archive, table and manifest_fd (at
 * any offset; it is read by pread) are borrowed.  What is damaged in the
 * archive fails when it is read, and only there.
 */
struct tree_archive {
	struct source *archive;
	const struct seek_table *table;
	int manifest_fd;
};
int tree_open_archive(struct tree **out, const struct tree_archive *archive,
    const struct watch *watch, struct err *err);

void tree_free(struct tree *t);

/* 0: go on, 1: do not enter this directory, -1: end with that error. */
typedef int tree_visit(void *ctx, const struct entry *entry, struct err *err);

/*
 * Every entry at and below a path ("": all), also below what is no directory:
 * then just that one.  A path that is not there is no entries.  Entries may be
 * looked up and files opened meanwhile; entry lasts for the call only.
 * What cannot be listed is passed over and counted (tree_unlisted).
 */
int tree_walk(struct tree *t, const char *below, tree_visit *visit, void *ctx,
    struct err *err);

/*
 * Objects that walks could not list so far: unreadable or vanished
 * directories, mount points inside.  Coverage that does not mention them is
 * no coverage.
 */
uint64_t tree_unlisted(const struct tree *t);

/* One entry by its path; *found tells whether it is there. */
int tree_find(struct tree *t, const char *path, struct entry *entry,
    bool *found, struct err *err);

/*
 * The content of a regular file (hard links as well), at most
 * TREE_FILES_MAX at a time.  The source is the tree's until
 * tree_close_file(), which accepts NULL.  size is what the entry says.
 */
#define TREE_FILES_MAX 8
int tree_open_file(struct tree *t, const struct entry *entry,
    struct source **file, struct err *err);
/* Find and open; ERR_NOT_FOUND when there is no such regular file. */
int tree_open_path(struct tree *t, const char *path, struct source **file,
    struct err *err);
void tree_close_file(struct tree *t, struct source *file);

/*
 * The whole of a small file: more than max bytes is ERR_LIMIT, none there is
 * ERR_NOT_FOUND.
 */
int tree_read_path(struct tree *t, const char *path, size_t max,
    struct buf *out, struct err *err);

/*
 * A file's bytes in order from a place on, for parsers that take a reader.
 * file is borrowed.
 */
struct tree_reader {
	struct reader reader;
	struct source *file;	/* private from here */
	uint64_t at;
};
struct reader *tree_reader_init(struct tree_reader *r, struct source *file,
    uint64_t from);

#endif
