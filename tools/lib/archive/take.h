/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The taking chain's head: a tree into tar entries and manifest lines.
 * A file that changes meanwhile is recorded, never fatal: the archive stays
 * well formed, the manifest says what happened, the caller hears of it.
 *
 * Memory does not grow with the number of files.  Hard links are kept as
 * links through a table of the inodes that still have names to come, 16
 * bytes each, TAKE_LINKS_MAX at most (their first names wait in an unlinked
 * temporary file, or in memory up to a bound where there is none); beyond
 * that names become separate files, and that is reported.
 */
#ifndef ARCHIVE_TAKE_H
#define ARCHIVE_TAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/tar.h"
#include "base/watch.h"
#include "manifest/manifest.h"

struct err;

#define TAKE_LINKS_MAX 700000

enum take_note {
	TAKE_CHANGED,		/* entry->changed says how */
	TAKE_VANISHED,
	TAKE_UNREADABLE,	/* could not be opened: not in the archive */
	TAKE_OTHER_MOUNT,	/* mount point inside: its content is left out */
	TAKE_TOO_LONG,
	TAKE_ATTRS_LOST,	/* some attributes could not be read */
	TAKE_SOCKET,		/* in the manifest only */
	TAKE_LINK_SPLIT		/* hard link stored as a file of its own */
};

struct take_counts {
	uint64_t entries;	/* manifest lines */
	uint64_t files;		/* regular files, hard links included */
	uint64_t dirs;
	uint64_t bytes;		/* apparent size of regular files */
	uint64_t data_bytes;	/* of these, not in holes */
	uint64_t notes[8];	/* by enum take_note */
};

struct take_options {
	/*
	 * Shell patterns (fnmatch(3), FNM_PATHNAME unset) on the path below
	 * the root; a match leaves out the object and all below it.
	 */
	const char *const *exclude;
	size_t exclude_count;
	const struct watch *watch;
	/* sys: errno or 0.  Called for each note; may be NULL. */
	void (*note)(void *ctx, enum take_note what, const char *path,
	    enum entry_change changed, int sys);
	void *ctx;
};

/*
 * Take the tree below root_fd (borrowed).  The tar end marker and the
 * manifest's last line are the caller's to write, after it is content.
 */
int take_tree(int root_fd, struct tar_writer *tar,
    struct manifest_writer *manifest, const struct take_options *options,
    struct take_counts *counts, struct err *err);

/* Words for a note: "changed while it was read", ... */
const char *take_note_text(enum take_note note);

/* How much there is to take: bytes and entries, for progress and space. */
int take_measure(int root_fd, const struct take_options *options,
    struct take_counts *counts, struct err *err);

#endif
