/* SPDX-License-Identifier: BSD-2-Clause */
/* Attributes of one object, by descriptor or by name; see object.h. */
#include "archive/object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/io.h"

/* Since Linux 6.13, on every machine; C libraries do not know them yet. */
#define CALL_SETXATTRAT 463
#define CALL_GETXATTRAT 464
#define CALL_LISTXATTRAT 465
#define CALL_REMOVEXATTRAT 466

#define NAMES_MAX 65536		/* the kernel's own limit on a list of names */

struct xattr_args {
	uint64_t value;		/* a pointer */
	uint32_t size;
	uint32_t flags;
};

/* "/proc/self/fd/", a number, "/" and a name. */
#define PROC_PATH_MAX 320

static const char *
proc_path(const struct object *o, char path[PROC_PATH_MAX])
{
	int len = snprintf(path, PROC_PATH_MAX, "/proc/self/fd/%d/%s",
	    o->parent_fd, o->name);

	return len < 0 || len >= PROC_PATH_MAX ? "" : path;
}

/* Did the path fail because there is no /proc (rather than no object)? */
static bool
is_without_proc(void)
{
	int sys = errno;
	bool without = sys == ENOENT && access("/proc/self/fd", F_OK) == -1;

	errno = sys;
	return without;
}

ssize_t
object_listxattr(const struct object *o, char *list, size_t cap)
{
	char path[PROC_PATH_MAX];
	ssize_t n;

	if (o->fd != -1)
		return flistxattr(o->fd, list, cap);
	n = llistxattr(proc_path(o, path), list, cap);
	if (n == -1 && is_without_proc())
		n = syscall(CALL_LISTXATTRAT, o->parent_fd, o->name,
		    AT_SYMLINK_NOFOLLOW, list, cap);
	return n;
}

ssize_t
object_xattr_names(const struct object *o, char some[OBJECT_NAMES_SOME],
    char **names)
{
	ssize_t n = object_listxattr(o, some, OBJECT_NAMES_SOME);

	*names = some;
	if (n != -1 || errno != ERANGE)
		return n;
	*names = mem_alloc(NAMES_MAX);
	n = object_listxattr(o, *names, NAMES_MAX);
	if (n == -1) {
		int sys = errno;

		free(*names);
		*names = some;
		errno = sys;
	}
	return n;
}

ssize_t
object_getxattr(const struct object *o, const char *name, void *value,
    size_t cap)
{
	struct xattr_args args = { (uintptr_t)value, (uint32_t)cap, 0 };
	char path[PROC_PATH_MAX];
	ssize_t n;

	if (o->fd != -1)
		return fgetxattr(o->fd, name, value, cap);
	n = lgetxattr(proc_path(o, path), name, value, cap);
	if (n == -1 && is_without_proc())
		n = syscall(CALL_GETXATTRAT, o->parent_fd, o->name,
		    AT_SYMLINK_NOFOLLOW, name, &args, sizeof args);
	return n;
}

int
object_setxattr(const struct object *o, const char *name, const void *value,
    size_t len)
{
	struct xattr_args args = { (uintptr_t)value, (uint32_t)len, 0 };
	char path[PROC_PATH_MAX];
	int r;

	if (o->fd != -1)
		return fsetxattr(o->fd, name, value, len, 0);
	r = lsetxattr(proc_path(o, path), name, value, len, 0);
	if (r == -1 && is_without_proc())
		r = (int)syscall(CALL_SETXATTRAT, o->parent_fd, o->name,
		    AT_SYMLINK_NOFOLLOW, name, &args, sizeof args);
	return r;
}

int
object_removexattr(const struct object *o, const char *name)
{
	char path[PROC_PATH_MAX];
	int r;

	if (o->fd != -1)
		return fremovexattr(o->fd, name);
	r = lremovexattr(proc_path(o, path), name);
	if (r == -1 && is_without_proc())
		r = (int)syscall(CALL_REMOVEXATTRAT, o->parent_fd, o->name,
		    AT_SYMLINK_NOFOLLOW, name);
	return r;
}

int
object_chown(const struct object *o, uid_t uid, gid_t gid)
{
	if (o->fd != -1)
		return fchown(o->fd, uid, gid);
	return fchownat(o->parent_fd, o->name, uid, gid, AT_SYMLINK_NOFOLLOW);
}

int
object_chmod(const struct object *o, mode_t mode)
{
	struct stat st;

	if (o->fd != -1)
		return fchmod(o->fd, mode);
	/*
	 * A fifo or device of ours in a directory that nobody else may enter
	 * yet; fchmodat() knows no AT_SYMLINK_NOFOLLOW on older kernels.
	 */
	if (fstatat(o->parent_fd, o->name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return -1;
	if (S_ISLNK(st.st_mode)) {
		errno = ELOOP;
		return -1;
	}
	return fchmodat(o->parent_fd, o->name, mode, 0);
}

int
object_set_mtime(const struct object *o, const struct timespec *mtime)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, *mtime };

	if (o->fd != -1)
		return futimens(o->fd, times);
	return utimensat(o->parent_fd, o->name, times, AT_SYMLINK_NOFOLLOW);
}

int
object_get_flags(const struct object *o, unsigned *flags)
{
	if (o->fd == -1) {
		errno = ENOTTY;
		return -1;
	}
	return io_get_flags(o->fd, flags);
}

int
object_set_flags(const struct object *o, unsigned flags)
{
	if (o->fd == -1) {
		errno = ENOTTY;
		return -1;
	}
	return io_set_flags(o->fd, flags);
}
