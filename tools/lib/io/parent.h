/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths below a root, opened safely: every component with O_NOFOLLOW and
 * O_DIRECTORY, so that nothing planted in the tree leads outside, whatever
 * the kernel's age.  Remembers the last directory opened, because entries
 * come in order; and puts a directory's modification time back when it
 * leaves it, because creating a file in it changes that time.
 */
#ifndef IO_PARENT_H
#define IO_PARENT_H

#include <stdbool.h>
#include <time.h>

#include "base/buf.h"

struct err;

struct parent {
	int root_fd;		/* borrowed */
	int fd;			/* private from here */
	struct buf path;
	bool keeps_times;
	bool has_mtime;
	struct timespec mtime;
};

/* keeps_times: restore the directory's mtime on leaving it. */
void parent_init(struct parent *p, int root_fd, bool keeps_times);

/*
 * The directory that holds path ("a/b/c" gives a descriptor of "a/b"; "c"
 * and "" give the root's).  The descriptor is p's and lasts until the next
 * call.  *name points into path.  ERR_NOT_FOUND when a component is missing,
 * ERR_DAMAGED when one is not a directory.
 */
int parent_of(struct parent *p, const char *path, int *fd, const char **name,
    struct err *err);

/* The mtime to put back for the current directory changes to this. */
void parent_set_mtime(struct parent *p, const struct timespec *mtime);

/* Leave the current directory (restoring its mtime where it changed). */
int parent_leave(struct parent *p, struct err *err);
void parent_release(struct parent *p);

#endif
