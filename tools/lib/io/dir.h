/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Directories by descriptor: opened without following a link and without
 * crossing into another mount, and the names in them.
 */
#ifndef IO_DIR_H
#define IO_DIR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

/*
 * Open the directory name for reading, without touching its access time where
 * we may.  -1 with errno: ELOOP or ENOTDIR for anything but a directory,
 * EXDEV for a mount point (bind mounts of the same device are only seen
 * where the kernel has openat2(2), Linux 5.6).
 */
int dir_open(int parent_fd, const char *name, dev_t dev);

/*
 * Is name, which is not a directory, a mount point?  True as well when the
 * kernel cannot tell.
 */
bool dir_is_mount_point(int parent_fd, const char *name);

/* Names of a directory, "." and ".." left out. */
struct dir_names {
	struct buf bytes;	/* private: each name with its NUL */
	char **items;		/* sorted by their bytes */
	size_t count;
	bool is_last;		/* the directory has no more */
};

#define DIR_NAMES_EMPTY { BUF_EMPTY, NULL, 0, false }

/*
 * The next names from where the descriptor stands, replacing what was there:
 * all of them, or at least some once max bytes are full.  -1 with errno.
 */
int dir_names_read(struct dir_names *names, int fd, size_t max);
/* Memory that the names take. */
size_t dir_names_size(const struct dir_names *names);
void dir_names_release(struct dir_names *names);

#endif
