/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entries into a staged tree.  Nothing is ever written outside root_fd: paths
 * were cleaned by the tar reader, every component is opened without
 * following links, an existing name is never written through.
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

struct err;

enum extract_note {
	EXTRACT_ATTRS_LOST,	/* kinds: what the target refused */
	EXTRACT_REPLACED,	/* a name came twice: the later one counts */
	EXTRACT_SKIPPED		/* a type that was not wanted (see options) */
};

struct extract_options {
	bool refuse_devices;	/* char and block devices are ERR_DAMAGED */
	void (*note)(void *ctx, enum extract_note what, const char *path,
	    unsigned kinds);
	void *ctx;
};

struct extract;
/* root_fd is borrowed: an existing, empty directory. */
int extract_new(struct extract **out, int root_fd,
    const struct extract_options *options, struct err *err);
/*
 * Make the entry.  For a regular file, sha256 receives the digest of its
 * content (zeros of holes included), read from tar.
 */
int extract_entry(struct extract *x, const struct entry *entry,
    struct tar_reader *tar, uint8_t sha256[32], struct err *err);
/* Attributes of the directories still open, the root's among them. */
int extract_finish(struct extract *x, struct err *err);
void extract_free(struct extract *x);

#endif
