/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entries into a staged tree.  Call extract_entry() in the archive's order,
 * extract_finish() once at the end; without it the tree is incomplete.
 * Nothing is ever written outside root_fd: paths were cleaned by the tar
 * reader, every component is opened without following links, an existing
 * name is never written through.
 *
 * Directories get their owner, mode, times and attributes when the walk
 * leaves them; file flags (immutable and such) come last, by
 * compare_tree().  The root's own attributes are applied by
 * extract_finish().
 */
#ifndef ARCHIVE_EXTRACT_H
#define ARCHIVE_EXTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/tar.h"
#include "io/walk.h"

struct err;
struct watch;

enum extract_note {
	EXTRACT_ATTRS_LOST,	/* kinds: what the target refused */
	EXTRACT_REPLACED,	/* a name came twice: the later one counts */
	EXTRACT_SKIPPED		/* a type that has no place here: sockets */
};

struct extract_options {
	bool refuse_devices;	/* char and block devices are ERR_DAMAGED */
	const struct watch *watch;	/* bytes only; may be NULL */
	void (*note)(void *ctx, enum extract_note what, const char *path,
	    unsigned kinds);
	void *ctx;
};

/* A deeper tree is ERR_LIMIT, as is one with more attributes waiting. */
#define EXTRACT_DEPTH_MAX WALK_DEPTH_MAX
#define EXTRACT_PENDING_MAX ((size_t)16 << 20)

struct extract;
/* root_fd is borrowed: an existing, empty directory. */
int extract_new(struct extract **out, int root_fd,
    const struct extract_options *options, struct err *err);
/*
 * Make the entry.  For a regular file, sha256 receives the digest of its
 * content (zeros of holes included), read from tar.
 *
 * Directories that the archive does not mention are made, for root, 0755.  A
 * name that is there already is replaced, but for a directory by a directory
 * (kept, with the new attributes) and a directory that is not empty
 * (ERR_DAMAGED).  A hard link to a name that was not made is ERR_NOT_FOUND.
 * A lack of rights is ERR_PREFLIGHT, anything the target does not take
 * ERR_IO.
 */
int extract_entry(struct extract *x, const struct entry *entry,
    struct tar_reader *tar, uint8_t sha256[32], struct err *err);
/*
 * The digest alone: read the entry's content from tar to its end, for entries
 * that are checked but not made.
 */
int extract_digest(const struct entry *entry, struct tar_reader *tar,
    const struct watch *watch, uint8_t sha256[32], struct err *err);
/* Attributes of the directories still open, the root's among them. */
int extract_finish(struct extract *x, struct err *err);
void extract_free(struct extract *x);

#endif
