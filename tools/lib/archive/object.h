/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One object of a file system, held so that its attributes can be read and
 * set: by descriptor where it may be opened (files and directories), else by
 * its name through /proc/self/fd, and where /proc is not mounted through the
 * *xattrat() calls of Linux 6.13.
 */
#ifndef ARCHIVE_OBJECT_H
#define ARCHIVE_OBJECT_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

struct object {
	int fd;			/* -1: only by name */
	int parent_fd;
	const char *name;
};

/*
 * Each as the system call of that name, for the object itself, never what a
 * symbolic link points to.  -1 with errno.
 */
ssize_t object_listxattr(const struct object *o, char *list, size_t cap);
/*
 * All names, each with its NUL, in some where they fit, else allocated: free
 * *names when it is not some.
 */
#define OBJECT_NAMES_SOME 1024
ssize_t object_xattr_names(const struct object *o,
    char some[OBJECT_NAMES_SOME], char **names);
ssize_t object_getxattr(const struct object *o, const char *name, void *value,
    size_t cap);
int object_setxattr(const struct object *o, const char *name,
    const void *value, size_t len);
int object_removexattr(const struct object *o, const char *name);
int object_chown(const struct object *o, uid_t uid, gid_t gid);
/* Not for symbolic links, which have no mode of their own. */
int object_chmod(const struct object *o, mode_t mode);
int object_set_mtime(const struct object *o, const struct timespec *mtime);
/* ENOTTY for what is only known by name. */
int object_get_flags(const struct object *o, unsigned *flags);
int object_set_flags(const struct object *o, unsigned flags);

#endif
