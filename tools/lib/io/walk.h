/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Walk a tree by descriptors: parents before children, each directory's
 * entries sorted by name (so that the same tree gives the same archive; a
 * directory whose names exceed the walk's memory is sorted in batches).
 * Never follows a symbolic link, never leaves the file system of the root,
 * needs memory for names of at most WALK_NAMES_MAX bytes and one descriptor a
 * level.
 */
#ifndef IO_WALK_H
#define IO_WALK_H

#include <stddef.h>
#include <sys/stat.h>

struct err;

#define WALK_NAMES_MAX ((size_t)8 << 20)
#define WALK_DEPTH_MAX 2048
#define WALK_PATH_MAX 32768	/* bytes of a path below the root */

struct walk_item {
	int parent_fd;		/* borrowed; the root's own: the root fd */
	const char *name;	/* "." for the root */
	const char *path;	/* below the root, "" for the root */
	size_t path_len;
	struct stat st;
};

enum walk_trouble {
	WALK_VANISHED,		/* was listed, is gone */
	WALK_UNREADABLE,	/* a directory or name that cannot be opened */
	/*
	 * A mount point below the root: a directory is visited, but not
	 * entered; a file is not visited.
	 */
	WALK_OTHER_MOUNT,
	WALK_TOO_LONG		/* path or depth over the limits, not entered */
};

struct walk_calls {
	void *ctx;
	/*
	 * For every object.  1: do not enter this directory; -1 ends the walk
	 * with that error.
	 */
	int (*visit)(void *ctx, const struct walk_item *item, struct err *err);
	/* What could not be visited; sys is errno or 0.  -1 ends the walk. */
	int (*trouble)(void *ctx, const char *path, enum walk_trouble what,
	    int sys, struct err *err);
};

/*
 * root_fd is borrowed and must be a directory.  A root that cannot be listed
 * is ERR_IO, not a trouble: nothing would be seen of the tree.
 */
int walk_tree(int root_fd, const struct walk_calls *calls, struct err *err);

/* Raise the soft limit of open descriptors to the hard one: deep trees. */
void walk_raise_limits(void);

#endif
