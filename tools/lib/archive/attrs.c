/* SPDX-License-Identifier: BSD-2-Clause */
/* What an object is, read and compared; see attrs.h. */
#include "archive/attrs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "archive/acl.h"
#include "archive/object.h"
#include "base/err.h"
#include "base/mem.h"
#include "io/io.h"

#define LABEL "security.selinux"
#define CAPABILITY "security.capability"

static bool
is_acl(const char *name)
{
	return strcmp(name, ACL_XATTR_ACCESS) == 0 ||
	    strcmp(name, ACL_XATTR_DEFAULT) == 0;
}

unsigned
attrs_kind_of(const char *name)
{
	if (is_acl(name))
		return ATTR_ACL;
	return strcmp(name, CAPABILITY) == 0 ? ATTR_CAPABILITY : ATTR_XATTRS;
}

/* ------------------------------------------------------------- reading */

static bool
set_type(struct entry *entry, mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:	entry->type = ENTRY_FILE; return true;
	case S_IFDIR:	entry->type = ENTRY_DIR; return true;
	case S_IFLNK:	entry->type = ENTRY_SYMLINK; return true;
	case S_IFIFO:	entry->type = ENTRY_FIFO; return true;
	case S_IFSOCK:	entry->type = ENTRY_SOCKET; return true;
	case S_IFCHR:	entry->type = ENTRY_CHAR; return true;
	case S_IFBLK:	entry->type = ENTRY_BLOCK; return true;
	default:	return false;
	}
}

static int
set_stat(struct entry *entry, const struct stat *st, struct err *err)
{
	if (!set_type(entry, st->st_mode))
		return err_set(err, ERR_IO, 0, "unknown type of file, mode %o",
		    (unsigned)st->st_mode);
	entry->mode = (uint32_t)st->st_mode & 07777;
	entry->uid = (uint32_t)st->st_uid;
	entry->gid = (uint32_t)st->st_gid;
	entry->mtime_s = (int64_t)st->st_mtim.tv_sec;
	entry->mtime_ns = (uint32_t)st->st_mtim.tv_nsec;
	entry->nlink = (uint64_t)st->st_nlink;
	entry->size = 0;
	entry->rdev_major = entry->rdev_minor = 0;
	if (entry->type == ENTRY_FILE)
		entry->size = (uint64_t)st->st_size;
	if (entry->type == ENTRY_CHAR || entry->type == ENTRY_BLOCK) {
		entry->rdev_major = (uint32_t)major(st->st_rdev);
		entry->rdev_minor = (uint32_t)minor(st->st_rdev);
	}
	return 0;
}

static int
read_link(const struct object *o, struct entry *entry, struct err *err)
{
	ssize_t n;

	buf_cut(&entry->link, 0);
	n = readlinkat(o->parent_fd, o->name,
	    buf_reserve(&entry->link, ENTRY_LINK_MAX + 1), ENTRY_LINK_MAX + 1);
	if (n == -1)
		return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    errno, "cannot read the link");
	if (n > ENTRY_LINK_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "the link is longer than %d bytes", ENTRY_LINK_MAX);
	entry->link.len = (size_t)n;
	entry->link.data[n] = '\0';
	return 0;
}

/* As it will read back after a restore: the kernel's own form. */
static void
put_acl(struct entry *entry, const char *name, const void *value, size_t len,
    unsigned *lost)
{
	struct acl acl = ACL_EMPTY;
	struct buf bytes = BUF_EMPTY;

	if (!acl_parse(value, len, &acl)) {
		*lost |= ATTR_ACL;
		return;
	}
	acl_format(&acl, &bytes);
	/* An access ACL that says no more than the mode is the mode. */
	if (acl_is_extended(&acl) || strcmp(name, ACL_XATTR_DEFAULT) == 0)
		xattr_list_put(&entry->xattrs, name, bytes.data, bytes.len);
	buf_release(&bytes);
	acl_release(&acl);
}

/* value has room for ENTRY_XATTR_MAX bytes. */
static void
read_xattr(const struct object *o, const char *name, void *value,
    struct entry *entry, unsigned *lost)
{
	ssize_t n = object_getxattr(o, name, value, ENTRY_XATTR_MAX);

	if (n == -1) {
		/* Gone since it was listed, or listed but never readable. */
		if (errno != ENODATA)
			*lost |= attrs_kind_of(name);
		return;
	}
	if (is_acl(name))
		put_acl(entry, name, value, (size_t)n, lost);
	else
		xattr_list_put(&entry->xattrs, name, value, (size_t)n);
}

static size_t
xattr_bytes(const struct xattr_list *list)
{
	size_t i, sum = 0;

	for (i = 0; i < list->count; i++)
		sum += list->items[i].len;
	return sum;
}

static void
read_xattrs(const struct object *o, struct entry *entry, unsigned *lost)
{
	char some[OBJECT_NAMES_SOME];
	char *names, *value = NULL;
	ssize_t at, n = object_xattr_names(o, some, &names);

	if (n == -1 && errno != ENOTSUP && errno != ENOSYS)
		*lost |= ATTR_XATTRS | ATTR_ACL | ATTR_CAPABILITY;
	for (at = 0; at < n; at += (ssize_t)strlen(names + at) + 1) {
		if (strcmp(names + at, LABEL) == 0)
			continue;
		if (entry->xattrs.count >= ENTRY_XATTRS_MAX ||
		    xattr_bytes(&entry->xattrs) >
		    ENTRY_XATTR_BYTES_MAX - ENTRY_XATTR_MAX) {
			*lost |= attrs_kind_of(names + at);
			continue;
		}
		if (value == NULL)
			value = mem_alloc(ENTRY_XATTR_MAX);
		read_xattr(o, names + at, value, entry, lost);
	}
	if (names != some)
		free(names);
	free(value);
	entry->has_attrs = entry->xattrs.count > 0;
	if (entry->has_attrs)
		xattr_list_sha256(&entry->xattrs, entry->attrs_sha256);
}

int
attrs_read_object(const struct object *object, const struct stat *st,
    struct entry *entry, unsigned *lost, struct err *err)
{
	unsigned flags = 0;

	*lost = 0;
	if (set_stat(entry, st, err) == -1)
		return -1;
	if (entry->type == ENTRY_SYMLINK &&
	    read_link(object, entry, err) == -1)
		return -1;
	xattr_list_release(&entry->xattrs);
	read_xattrs(object, entry, lost);
	entry->flags = 0;
	if (object->fd == -1)
		return 0;
	if (object_get_flags(object, &flags) == 0)
		entry->flags = flags & ENTRY_FLAGS_KEPT;
	else if (errno != ENOTTY && errno != ENOTSUP && errno != EINVAL &&
	    errno != ENOSYS)
		*lost |= ATTR_FLAGS;
	return 0;
}

/* Files and directories; opening anything else may do something. */
static int
hold(struct object *o, const struct stat *st, struct err *err)
{
	int flags = O_RDONLY | O_NONBLOCK;
	struct stat now;

	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
		return 0;
	o->fd = io_open(o->parent_fd, o->name, flags | O_NOATIME, 0);
	if (o->fd == -1 && errno == EPERM)
		o->fd = io_open(o->parent_fd, o->name, flags, 0);
	if (o->fd == -1 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, errno, "is gone");
	if (o->fd == -1)
		return 0;	/* by name, then */
	if (fstat(o->fd, &now) == 0 && now.st_dev == st->st_dev &&
	    now.st_ino == st->st_ino)
		return 0;
	(void)close(o->fd);	/* read-only: nothing to lose */
	o->fd = -1;
	return err_set(err, ERR_NOT_FOUND, 0, "is another object by now");
}

int
attrs_read(int parent_fd, const char *name, const struct stat *st,
    struct entry *entry, unsigned *lost, struct err *err)
{
	struct object o = { -1, parent_fd, name };
	int ret = hold(&o, st, err);

	if (ret == 0)
		ret = attrs_read_object(&o, st, entry, lost, err);
	if (o.fd != -1)
		(void)close(o.fd);	/* read-only: nothing to lose */
	return ret;
}

/* ----------------------------------------------------------- comparing */

static bool
is_same_content(const struct entry *a, const struct entry *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case ENTRY_FILE:
		return a->size == b->size;
	case ENTRY_SYMLINK:
		return strcmp(buf_text(&a->link), buf_text(&b->link)) == 0;
	case ENTRY_CHAR:
	case ENTRY_BLOCK:
		return a->rdev_major == b->rdev_major &&
		    a->rdev_minor == b->rdev_minor;
	default:
		return true;
	}
}

static bool
is_same_xattr(const struct xattr *a, const struct xattr *b)
{
	return a != NULL && b != NULL && a->len == b->len &&
	    memcmp(a->value, b->value, a->len) == 0;
}

/* Kinds of the attributes in a that b has not, or has with another value. */
static unsigned
differing_kinds(const struct xattr_list *a, const struct xattr_list *b)
{
	unsigned kinds = 0;
	size_t i;

	for (i = 0; i < a->count; i++) {
		const char *name = a->items[i].name;

		if (!is_same_xattr(&a->items[i], xattr_list_find(b, name)))
			kinds |= attrs_kind_of(name);
	}
	return kinds;
}

static unsigned
compare_xattrs(const struct entry *want, const struct entry *have)
{
	if (want->has_attrs == have->has_attrs && (!want->has_attrs ||
	    memcmp(want->attrs_sha256, have->attrs_sha256, 32) == 0))
		return 0;
	/* A manifest has only the digest: no telling which one differs. */
	if (want->has_attrs && want->xattrs.count == 0)
		return ATTR_XATTRS;
	return differing_kinds(&want->xattrs, &have->xattrs) |
	    differing_kinds(&have->xattrs, &want->xattrs);
}

unsigned
attrs_compare(const struct entry *want, const struct entry *have,
    bool *is_other)
{
	unsigned kinds = 0;

	*is_other = !is_same_content(want, have);
	if (want->uid != have->uid || want->gid != have->gid)
		kinds |= ATTR_OWNER;
	if (want->type != ENTRY_SYMLINK && want->mode != have->mode)
		kinds |= ATTR_MODE;
	if (want->mtime_s != have->mtime_s || want->mtime_ns != have->mtime_ns)
		kinds |= ATTR_TIMES;
	if (want->flags != have->flags)
		kinds |= ATTR_FLAGS;
	return kinds | compare_xattrs(want, have);
}

const char *
attrs_names(unsigned kinds, char text[ATTRS_TEXT_MAX])
{
	static const struct {
		unsigned kind;
		const char *name;
	} names[] = {
		{ ATTR_OWNER, "owner" },
		{ ATTR_MODE, "mode" },
		{ ATTR_TIMES, "times" },
		{ ATTR_XATTRS, "extended attributes" },
		{ ATTR_ACL, "ACL" },
		{ ATTR_FLAGS, "flags" },
		{ ATTR_CAPABILITY, "capabilities" },
	};
	size_t i;

	text[0] = '\0';
	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		if ((kinds & names[i].kind) == 0)
			continue;
		if (text[0] != '\0')
			strcat(text, ", ");
		strcat(text, names[i].name);
	}
	return text;
}
