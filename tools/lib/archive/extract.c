/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries into a staged tree; see extract.h. */
#include "archive/extract.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "archive/attrs.h"
#include "archive/object.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/watch.h"
#include "codec/sha256.h"
#include "io/io.h"
#include "io/parent.h"

#define ZEROS_SIZE ((size_t)64 << 10)

struct extract {
	int root_fd;
	struct extract_options options;
	struct parent parent;	/* of what is made */
	struct parent source;	/* of what is linked to */
	/* Directories whose attributes are still to come, each below the last. */
	struct entry *pending;
	size_t count;
	size_t cap;
	size_t pending_bytes;	/* of their attributes */
};

/* ---------------------------------------------------------------- content */

static const uint8_t zeros[ZEROS_SIZE];

static int
hash_zeros(struct sha256 *sha, uint64_t count, const struct watch *watch,
    struct err *err)
{
	while (count > 0) {
		size_t len = count < ZEROS_SIZE ? (size_t)count : ZEROS_SIZE;

		sha256_update(sha, zeros, len);
		count -= len;
		if (watch_step(watch, len, 0, err) == -1)
			return -1;
	}
	return 0;
}

/*
 * Read the content, hash it with its holes, and write it to fd where that is
 * not -1.  *end: where the last data ended.
 */
static int
copy_content(struct tar_reader *tar, int fd, const struct watch *watch,
    struct sha256 *sha, uint64_t *end, struct err *err)
{
	uint64_t at = 0, offset;
	const void *data;
	size_t len;

	for (;;) {
		if (tar_reader_data(tar, &offset, &data, &len, err) == -1)
			return -1;
		if (len == 0)
			break;
		if (hash_zeros(sha, offset - at, watch, err) == -1)
			return -1;
		sha256_update(sha, data, len);
		if (fd != -1 && io_pwrite(fd, data, len, offset) == -1)
			return err_set(err, ERR_IO, io_error(),
			    "cannot write");
		at = offset + len;
		if (watch_step(watch, len, 0, err) == -1)
			return -1;
	}
	*end = at;
	return 0;
}

/* The content of entry, into fd where that is not -1. */
static int
take_content(const struct entry *entry, struct tar_reader *tar, int fd,
    const struct watch *watch, uint8_t sha256[32], struct err *err)
{
	struct sha256 sha;
	uint64_t end = 0;

	sha256_init(&sha);
	if (copy_content(tar, fd, watch, &sha, &end, err) == -1 ||
	    hash_zeros(&sha, entry->size - end, watch, err) == -1)
		return -1;
	/* A hole at the end is a size without data. */
	if (fd != -1 && end < entry->size &&
	    ftruncate(fd, (off_t)entry->size) == -1)
		return err_set(err, ERR_IO, errno, "cannot set the size");
	sha256_out(&sha, sha256);
	return 0;
}

int
extract_digest(const struct entry *entry, struct tar_reader *tar,
    const struct watch *watch, uint8_t sha256[32], struct err *err)
{
	return take_content(entry, tar, -1, watch, sha256, err);
}

/* ------------------------------------------------------------ attributes */

static void
note(struct extract *x, enum extract_note what, const char *path,
    unsigned kinds)
{
	if (x->options.note != NULL)
		x->options.note(x->options.ctx, what, path, kinds);
}

static void
note_lost(struct extract *x, const char *path, unsigned kinds)
{
	if (kinds != 0)
		note(x, EXTRACT_ATTRS_LOST, path, kinds);
}

static int
apply_by_name(struct extract *x, int dir_fd, const char *name,
    const struct entry *entry, struct err *err)
{
	unsigned lost;

	if (attrs_apply(dir_fd, name, entry, &lost, err) == -1)
		return -1;
	note_lost(x, buf_text(&entry->path), lost);
	return 0;
}

/* ------------------------------------------------------ directories left */

static size_t
xattr_bytes(const struct entry *entry)
{
	size_t i, sum = 0;

	for (i = 0; i < entry->xattrs.count; i++)
		sum += entry->xattrs.items[i].len;
	return sum;
}

static void
push(struct extract *x, const struct entry *entry)
{
	static const struct entry empty = ENTRY_EMPTY;
	struct entry *kept;
	size_t i;

	if (x->count == x->cap) {
		x->cap = x->cap == 0 ? 16 : x->cap * 2;
		x->pending = mem_resize(x->pending, x->cap,
		    sizeof *x->pending);
	}
	kept = &x->pending[x->count++];
	*kept = empty;
	buf_set(&kept->path, buf_text(&entry->path), entry->path.len);
	kept->type = ENTRY_DIR;
	kept->mode = entry->mode;
	kept->uid = entry->uid;
	kept->gid = entry->gid;
	kept->mtime_s = entry->mtime_s;
	kept->mtime_ns = entry->mtime_ns;
	for (i = 0; i < entry->xattrs.count; i++)
		xattr_list_put(&kept->xattrs, entry->xattrs.items[i].name,
		    entry->xattrs.items[i].value, entry->xattrs.items[i].len);
	x->pending_bytes += xattr_bytes(kept);
}

static void
drop(struct extract *x)
{
	struct entry *entry = &x->pending[--x->count];

	x->pending_bytes -= xattr_bytes(entry);
	entry_release(entry);
}

/*
 * Put the attributes of the innermost directory on.  Going to its parent
 * leaves the directory itself first, so its own time is the last to be set.
 */
static int
finish_dir(struct extract *x, struct err *err)
{
	const struct entry *entry = &x->pending[x->count - 1];
	const char *path = buf_text(&entry->path), *name;
	int dir_fd;

	if (parent_of(&x->parent, path, &dir_fd, &name, err) == -1)
		return -1;
	if (entry->path.len == 0) {
		if (parent_leave(&x->parent, err) == -1)
			return -1;
		dir_fd = x->root_fd;
		name = ".";
	}
	if (apply_by_name(x, dir_fd, name, entry, err) == -1)
		return -1;
	drop(x);
	return 0;
}

static bool
is_below(const struct buf *dir, const char *path)
{
	return dir->len == 0 || (strncmp(path, dir->data, dir->len) == 0 &&
	    path[dir->len] == '/');
}

/* Finish every directory that path is not in. */
static int
leave_dirs(struct extract *x, const char *path, struct err *err)
{
	while (x->count > 0) {
		const struct buf *dir = &x->pending[x->count - 1].path;

		if (is_below(dir, path) && *path != '\0')
			break;
		/* The root waits for the end, however often it is named. */
		if (dir->len == 0)
			break;
		if (finish_dir(x, err) == -1)
			return -1;
	}
	return 0;
}

/* --------------------------------------------------------------- objects */

static size_t
depth_of(const char *path)
{
	size_t depth = 1;

	for (; *path != '\0'; path++)
		depth += *path == '/';
	return depth;
}

/* Make the directories that the archive did not mention. */
static int
make_missing(struct extract *x, const char *path, struct err *err)
{
	struct buf part = BUF_EMPTY;
	const char *slash = strchr(path, '/'), *name;
	int dir_fd, ret = 0;

	for (; slash != NULL && ret == 0; slash = strchr(slash + 1, '/')) {
		buf_set(&part, path, (size_t)(slash - path));
		ret = parent_of(&x->parent, buf_text(&part), &dir_fd, &name,
		    err);
		if (ret == 0 && mkdirat(dir_fd, name, 0755) == -1 &&
		    errno != EEXIST)
			ret = err_set(err, ERR_IO, errno,
			    "cannot make a directory");
	}
	buf_release(&part);
	return ret;
}

static int
place_of(struct extract *x, const char *path, int *dir_fd, const char **name,
    struct err *err)
{
	if (parent_of(&x->parent, path, dir_fd, name, err) == 0)
		return 0;
	if (err->class != ERR_NOT_FOUND || make_missing(x, path, err) == -1)
		return -1;
	return parent_of(&x->parent, path, dir_fd, name, err);
}

/*
 * Something has that name.  Take it away, unless both are directories: true
 * in *is_kept.
 */
static int
clear_name(struct extract *x, int dir_fd, const char *name,
    const struct entry *entry, bool *is_kept, struct err *err)
{
	struct stat st;

	*is_kept = false;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return err_set(err, ERR_IO, errno, "cannot stat");
	if (S_ISDIR(st.st_mode) && entry->type == ENTRY_DIR) {
		*is_kept = true;
		return 0;
	}
	if (unlinkat(dir_fd, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) ==
	    -1)
		return err_set(err, errno == ENOTEMPTY || errno == EEXIST ?
		    ERR_DAMAGED : ERR_IO, errno,
		    "comes twice, and what came first cannot be replaced");
	note(x, EXTRACT_REPLACED, buf_text(&entry->path), 0);
	return 0;
}

static int
make_failed(const struct entry *entry, struct err *err)
{
	int sys = errno;

	if (sys == EPERM && (entry->type == ENTRY_CHAR ||
	    entry->type == ENTRY_BLOCK))
		return err_set(err, ERR_PREFLIGHT, sys,
		    "cannot make a device, which needs CAP_MKNOD");
	if (sys == EPERM || sys == EACCES)
		return err_set(err, ERR_PREFLIGHT, sys, "cannot be made");
	return err_set(err, ERR_IO, sys, "cannot be made");
}

/* -2: errno says why there is no link. */
static int
make_link(struct extract *x, const struct entry *entry, int dir_fd,
    const char *name, struct err *err)
{
	const char *first = buf_text(&entry->hardlink), *from;
	int from_fd;
	struct stat st;

	if (parent_of(&x->source, first, &from_fd, &from, err) == -1)
		return -1;
	if (fstatat(from_fd, from, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    errno, "cannot stat what it is a link to");
	if (S_ISDIR(st.st_mode))
		return err_set(err, ERR_DAMAGED, 0, "links to a directory");
	if (linkat(from_fd, from, dir_fd, name, 0) == -1)
		return -2;
	return 0;
}

/*
 * One attempt to make the object; -2: errno says why not.  *fd is a file to
 * be filled.
 */
static int
make(struct extract *x, const struct entry *entry, int dir_fd,
    const char *name, int *fd, struct err *err)
{
	dev_t dev = makedev(entry->rdev_major, entry->rdev_minor);

	if (entry->hardlink.len > 0)
		return make_link(x, entry, dir_fd, name, err);
	switch (entry->type) {
	case ENTRY_FILE:
		*fd = io_open(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
		return *fd == -1 ? -2 : 0;
	case ENTRY_DIR:
		return mkdirat(dir_fd, name, 0700) == -1 ? -2 : 0;
	case ENTRY_SYMLINK:
		return symlinkat(buf_text(&entry->link), dir_fd, name) == -1 ?
		    -2 : 0;
	case ENTRY_FIFO:
		return mknodat(dir_fd, name, S_IFIFO | 0600, 0) == -1 ? -2 : 0;
	case ENTRY_CHAR:
		return mknodat(dir_fd, name, S_IFCHR | 0600, dev) == -1 ?
		    -2 : 0;
	case ENTRY_BLOCK:
		return mknodat(dir_fd, name, S_IFBLK | 0600, dev) == -1 ?
		    -2 : 0;
	case ENTRY_SOCKET:
		break;
	}
	errno = EINVAL;
	return -2;
}

/* Make it, replacing what is there. */
static int
make_firmly(struct extract *x, const struct entry *entry, int dir_fd,
    const char *name, int *fd, struct err *err)
{
	bool is_kept;
	int ret = make(x, entry, dir_fd, name, fd, err);

	if (ret == -2 && errno == EEXIST) {
		if (clear_name(x, dir_fd, name, entry, &is_kept, err) == -1)
			return -1;
		if (is_kept)
			return 0;
		ret = make(x, entry, dir_fd, name, fd, err);
	}
	return ret == -2 ? make_failed(entry, err) : ret;
}

static int
fill_file(struct extract *x, const struct entry *entry, int fd,
    struct tar_reader *tar, uint8_t sha256[32], struct err *err)
{
	struct object o = { fd, -1, "" };
	unsigned lost;

	if (take_content(entry, tar, fd, x->options.watch, sha256, err) == -1)
		return -1;
	/* After the content: writing takes capabilities away. */
	if (attrs_apply_object(&o, entry, &lost, err) == -1)
		return -1;
	note_lost(x, buf_text(&entry->path), lost);
	return 0;
}

static int
make_entry(struct extract *x, const struct entry *entry,
    struct tar_reader *tar, uint8_t sha256[32], struct err *err)
{
	const char *name;
	int dir_fd, fd = -1, ret;

	if (place_of(x, buf_text(&entry->path), &dir_fd, &name, err) == -1 ||
	    make_firmly(x, entry, dir_fd, name, &fd, err) == -1)
		return -1;
	if (entry->type == ENTRY_DIR) {
		push(x, entry);
		return 0;
	}
	if (fd == -1)
		/* A link has the attributes of its first name already. */
		return entry->hardlink.len > 0 ? 0 :
		    apply_by_name(x, dir_fd, name, entry, err);
	ret = fill_file(x, entry, fd, tar, sha256, err);
	if (io_close(fd) == -1 && ret == 0)
		ret = err_set(err, ERR_IO, io_error(), "cannot close");
	return ret;
}

static int
check_entry(const struct extract *x, const struct entry *entry,
    struct err *err)
{
	if (x->options.refuse_devices &&
	    (entry->type == ENTRY_CHAR || entry->type == ENTRY_BLOCK))
		return err_set(err, ERR_DAMAGED, 0,
		    "is a device, which is not wanted here");
	if (depth_of(buf_text(&entry->path)) > EXTRACT_DEPTH_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "lies deeper than %d directories", EXTRACT_DEPTH_MAX);
	if (x->pending_bytes + xattr_bytes(entry) > EXTRACT_PENDING_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "brings more attributes than directories may have");
	return 0;
}

/* The root is there already; its attributes wait for the end. */
static void
take_root(struct extract *x, const struct entry *entry)
{
	drop(x);
	push(x, entry);
}

int
extract_entry(struct extract *x, const struct entry *entry,
    struct tar_reader *tar, uint8_t sha256[32], struct err *err)
{
	const char *path = buf_text(&entry->path);
	char text[ESCAPE_NAME_MAX];
	int ret;

	if (entry->type == ENTRY_SOCKET) {
		note(x, EXTRACT_SKIPPED, path, 0);
		return 0;
	}
	ret = check_entry(x, entry, err);
	if (ret == 0)
		ret = leave_dirs(x, path, err);
	if (ret == 0 && entry->path.len == 0 && x->count == 1)
		take_root(x, entry);
	else if (ret == 0)
		ret = make_entry(x, entry, tar, sha256, err);
	if (ret == -1)
		return err_context(err, "'%s'", escape_name(path, text));
	note_lost(x, path, tar_reader_lost(tar));
	return 0;
}

/* What the root has now, in case the archive does not mention it. */
static int
push_root(struct extract *x, struct err *err)
{
	struct entry root = ENTRY_EMPTY;
	struct stat st;
	unsigned lost;
	int ret = -1;

	if (fstat(x->root_fd, &st) == -1)
		err_set(err, ERR_IO, errno, "cannot stat");
	else
		ret = attrs_read(x->root_fd, ".", &st, &root, &lost, err);
	if (ret == 0 && root.type != ENTRY_DIR)
		ret = err_set(err, ERR_IO, ENOTDIR, "cannot extract here");
	if (ret == 0)
		push(x, &root);
	entry_release(&root);
	return ret;
}

int
extract_new(struct extract **out, int root_fd,
    const struct extract_options *options, struct err *err)
{
	struct extract *x = mem_zero(1, sizeof *x);

	x->root_fd = root_fd;
	x->options = *options;
	parent_init(&x->parent, root_fd, true);
	parent_init(&x->source, root_fd, false);
	if (push_root(x, err) == -1) {
		extract_free(x);
		return -1;
	}
	*out = x;
	return 0;
}

int
extract_finish(struct extract *x, struct err *err)
{
	while (x->count > 0)
		if (finish_dir(x, err) == -1)
			return err_context(err, "attributes of directories");
	return 0;
}

void
extract_free(struct extract *x)
{
	if (x == NULL)
		return;
	while (x->count > 0)
		drop(x);
	free(x->pending);
	parent_release(&x->parent);
	parent_release(&x->source);
	free(x);
}
