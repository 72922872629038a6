/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inodes with several names, of which some are still to come: 16 bytes each
 * in a table, their first names in memory and past LINKS_MEMORY_MAX bytes in
 * an unlinked file below $TMPDIR or /tmp.
 */
#ifndef ARCHIVE_LINKS_H
#define ARCHIVE_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

struct err;

#define LINKS_MEMORY_MAX ((size_t)8 << 20)

struct links {
	struct link_slot *slots;	/* private */
	size_t cap;
	size_t count;
	size_t max;
	struct buf paths;
	uint64_t spilled;	/* bytes in the file */
	int fd;
};

/* max: inodes at a time. */
void links_init(struct links *links, size_t max);

/*
 * Another name of this inode: true, and its first name in *first, when it has
 * come before.
 */
bool links_find(struct links *links, ino_t ino, struct buf *first);

/*
 * The first name of an inode with nlink names.  False when there is no room:
 * the other names will not be found then.
 */
bool links_add(struct links *links, ino_t ino, uint64_t nlink,
    const char *path, size_t len);
void links_release(struct links *links);

#endif
