/* SPDX-License-Identifier: BSD-2-Clause */
/* Put back what an object was; see attrs.h. */
#include "archive/attrs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/acl.h"
#include "archive/object.h"
#include "base/err.h"
#include "io/io.h"

/*
 * Is this the file system breaking, rather than one that cannot hold the
 * attribute or a lack of rights?
 */
static bool
is_broken(int sys)
{
	return sys == EIO || sys == EROFS || sys == ENOENT || sys == EBADF ||
	    sys == ENOMEM;
}

/* What a failed call means: 0 and a kind lost, or an error. */
static int
refused(unsigned kind, unsigned *lost, const char *what, struct err *err)
{
	int sys = errno;

	if (is_broken(sys))
		return err_set(err, ERR_IO, sys, "cannot set its %s", what);
	*lost |= kind;
	return 0;
}

static int
remove_strangers(const struct object *o, const char *names, ssize_t len,
    const struct entry *entry, unsigned *lost, struct err *err)
{
	ssize_t at;

	for (at = 0; at < len; at += (ssize_t)strlen(names + at) + 1) {
		const char *name = names + at;

		/* The host's own label stays; it can seldom be removed. */
		if (strcmp(name, "security.selinux") == 0 ||
		    xattr_list_find(&entry->xattrs, name) != NULL)
			continue;
		if (object_removexattr(o, name) == -1 && errno != ENODATA &&
		    refused(attrs_kind_of(name), lost, "attributes", err) == -1)
			return -1;
	}
	return 0;
}

/* Inherited ACLs, and what was there before, must not stay. */
static int
clean_xattrs(const struct object *o, const struct entry *entry,
    unsigned *lost, struct err *err)
{
	char some[OBJECT_NAMES_SOME];
	char *names;
	ssize_t n = object_xattr_names(o, some, &names);
	int ret = remove_strangers(o, names, n, entry, lost, err);

	if (names != some)
		free(names);
	return ret;
}

static int
apply_xattrs(const struct object *o, const struct entry *entry,
    unsigned *lost, struct err *err)
{
	size_t i;

	if (clean_xattrs(o, entry, lost, err) == -1)
		return -1;
	for (i = 0; i < entry->xattrs.count; i++) {
		const struct xattr *x = &entry->xattrs.items[i];

		if (object_setxattr(o, x->name, x->value, x->len) == -1 &&
		    refused(attrs_kind_of(x->name), lost, "attributes", err) == -1)
			return -1;
	}
	return 0;
}

/*
 * With an ACL the group bits of a mode are its mask.  Without the ACL they
 * would give the group all of that.
 */
static mode_t
mode_without_acl(const struct entry *entry)
{
	const struct xattr *x = xattr_list_find(&entry->xattrs,
	    ACL_XATTR_ACCESS);
	struct acl acl = ACL_EMPTY;
	mode_t mode = entry->mode;

	if (x != NULL && acl_parse(x->value, x->len, &acl))
		mode = (mode & ~(mode_t)070) | (mode & 070 &
		    (mode_t)acl_perm(&acl, ACL_GROUP_OBJ, 0) << 3);
	acl_release(&acl);
	return mode;
}

static int
apply_mode(const struct object *o, const struct entry *entry,
    unsigned *lost, struct err *err)
{
	mode_t mode = (*lost & ATTR_ACL) != 0 ?
	    mode_without_acl(entry) : entry->mode;

	if (entry->type == ENTRY_SYMLINK || object_chmod(o, mode) == 0)
		return 0;
	return refused(ATTR_MODE, lost, "mode", err);
}

int
attrs_apply_object(const struct object *object, const struct entry *entry,
    unsigned *lost, struct err *err)
{
	struct timespec mtime;

	*lost = 0;
	mtime.tv_sec = (time_t)entry->mtime_s;
	mtime.tv_nsec = (long)entry->mtime_ns;
	if (object_chown(object, entry->uid, entry->gid) == -1 &&
	    refused(ATTR_OWNER, lost, "owner", err) == -1)
		return -1;
	if (apply_xattrs(object, entry, lost, err) == -1 ||
	    apply_mode(object, entry, lost, err) == -1)
		return -1;
	if (object_set_mtime(object, &mtime) == -1)
		return refused(ATTR_TIMES, lost, "times", err);
	return 0;
}

/* A descriptor where there can be one without side effects, else -1. */
static int
hold(int parent_fd, const char *name, const struct entry *entry)
{
	if (entry->type != ENTRY_FILE && entry->type != ENTRY_DIR)
		return -1;
	return io_open(parent_fd, name, O_RDONLY | O_NONBLOCK |
	    (entry->type == ENTRY_DIR ? O_DIRECTORY : 0), 0);
}

int
attrs_apply(int parent_fd, const char *name, const struct entry *entry,
    unsigned *lost, struct err *err)
{
	struct object o = { hold(parent_fd, name, entry), parent_fd, name };
	int ret = attrs_apply_object(&o, entry, lost, err);

	if (o.fd != -1)
		(void)close(o.fd);	/* nothing was written through it */
	return ret;
}

void
attrs_apply_flags(int parent_fd, const char *name, const struct entry *entry,
    unsigned *lost)
{
	struct object o = { hold(parent_fd, name, entry), parent_fd, name };
	unsigned flags = 0;

	*lost = 0;
	if (object_get_flags(&o, &flags) == -1)
		*lost = entry->flags != 0 ? ATTR_FLAGS : 0;
	else if ((flags & ENTRY_FLAGS_KEPT) != entry->flags &&
	    object_set_flags(&o, (flags & ~ENTRY_FLAGS_KEPT) |
	    entry->flags) == -1)
		*lost = ATTR_FLAGS;
	if (o.fd != -1)
		(void)close(o.fd);	/* nothing was written through it */
}

/* ------------------------------------------------------------- probing */

static bool
can_own(const struct object *o)
{
	struct stat st;

	return object_chown(o, 1, 1) == 0 && fstat(o->fd, &st) == 0 &&
	    st.st_uid == 1 && st.st_gid == 1;
}

static bool
can_mode(const struct object *o)
{
	struct stat st;

	return object_chmod(o, 06751) == 0 && fstat(o->fd, &st) == 0 &&
	    (st.st_mode & 07777) == 06751;
}

/* To the nanosecond: a coarse clock rounds the odd digits away. */
static bool
can_time(const struct object *o)
{
	struct timespec mtime = { 1000000001, 123456789 };
	struct stat st;

	return object_set_mtime(o, &mtime) == 0 && fstat(o->fd, &st) == 0 &&
	    st.st_mtim.tv_sec == mtime.tv_sec &&
	    st.st_mtim.tv_nsec == mtime.tv_nsec;
}

static bool
can_acl(const struct object *o)
{
	struct acl acl = ACL_EMPTY;
	struct buf value = BUF_EMPTY;
	bool can;

	acl_add(&acl, ACL_USER_OBJ, 0, 6);
	acl_add(&acl, ACL_USER, 1, 4);
	acl_add(&acl, ACL_GROUP_OBJ, 0, 0);
	acl_add(&acl, ACL_MASK, 0, 4);
	acl_add(&acl, ACL_OTHER, 0, 0);
	acl_format(&acl, &value);
	can = object_setxattr(o, ACL_XATTR_ACCESS, value.data, value.len) == 0;
	buf_release(&value);
	acl_release(&acl);
	return can;
}

static bool
can_capability(const struct object *o)
{
	/* u32le revision 2, then permitted and inheritable, twice: chown */
	static const uint8_t value[20] = { 0, 0, 0, 2, 1 };

	return object_setxattr(o, "security.capability", value,
	    sizeof value) == 0;
}

/* Immutable is the flag that needs most; taken off again at once. */
static bool
can_flags(const struct object *o)
{
	unsigned flags = 0;

	if (object_get_flags(o, &flags) == -1 ||
	    object_set_flags(o, flags | FS_IMMUTABLE_FL) == -1)
		return false;
	return object_set_flags(o, flags) == 0;
}

static unsigned
probe(const struct object *o)
{
	unsigned can = 0;

	can |= object_setxattr(o, "user.drydock", "1", 1) == 0 ?
	    ATTR_XATTRS : 0;
	can |= can_acl(o) ? ATTR_ACL : 0;
	can |= can_own(o) ? ATTR_OWNER : 0;
	can |= can_mode(o) ? ATTR_MODE : 0;
	can |= can_capability(o) ? ATTR_CAPABILITY : 0;
	can |= can_time(o) ? ATTR_TIMES : 0;
	can |= can_flags(o) ? ATTR_FLAGS : 0;
	return can;
}

/*
 * A file without a name: killed while it is immutable, a named one could not
 * even be removed by a person who does not know chattr.  Where the file
 * system has no such files (FAT), the name is gone before anything is tried.
 */
static int
probe_file(int dir_fd)
{
	static const char name[] = ".drydock-probe";
	int fd = io_open(dir_fd, ".", O_RDWR | O_TMPFILE, 0600);

	if (fd != -1)
		return fd;
	(void)unlinkat(dir_fd, name, 0);	/* litter of a killed run */
	fd = io_open(dir_fd, name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd != -1)
		(void)unlinkat(dir_fd, name, 0);
	return fd;
}

int
attrs_probe(int dir_fd, unsigned *can, struct err *err)
{
	struct object o = { probe_file(dir_fd), -1, "" };

	if (o.fd == -1)
		return err_set(err, ERR_IO, errno,
		    "cannot make a file to try attributes on");
	*can = probe(&o);
	(void)close(o.fd);	/* goes away with all that was written */
	return 0;
}
