/* SPDX-License-Identifier: BSD-2-Clause */
/* A tree into tar entries and manifest lines; see take.h. */
#include "archive/take.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/attrs.h"
#include "archive/links.h"
#include "archive/object.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "codec/sha256.h"
#include "io/io.h"
#include "io/walk.h"

_Static_assert(WALK_PATH_MAX == ENTRY_PATH_MAX,
    "what the walk finds must fit into an entry");

#define PIECE ((size_t)256 << 10)	/* fits into the second-level cache */
#define ADVISE_FROM ((off_t)4 << 20)

struct take {
	const struct take_options *options;
	struct take_counts *counts;
	struct tar_writer *tar;
	struct manifest_writer *manifest;
	struct links links;
	struct entry entry;
	dev_t dev;
	void *piece;
	const void *zeros;
};

/* A file being read. */
struct input {
	int fd;
	uint64_t at;		/* hashed up to here */
	bool is_short;		/* nothing more comes: zeros */
	struct sha256 sha;
};

/* ------------------------------------------------------ notes and choices */

static void
note(struct take *t, enum take_note what, const char *path,
    enum entry_change changed, int sys)
{
	t->counts->notes[what]++;
	if (t->options->note != NULL)
		t->options->note(t->options->ctx, what, path, changed, sys);
}

static bool
is_excluded(const struct take_options *options, const char *path)
{
	size_t i;

	for (i = 0; i < options->exclude_count; i++)
		if (fnmatch(options->exclude[i], path, 0) == 0)
			return true;
	return false;
}

static void
count(struct take *t, const struct entry *entry)
{
	struct take_counts *c = t->counts;

	c->entries++;
	if (entry->type == ENTRY_DIR)
		c->dirs++;
	if (entry->type != ENTRY_FILE)
		return;
	c->files++;
	if (entry->hardlink.len > 0)
		return;
	c->bytes += entry->size;
	c->data_bytes += entry->is_sparse ? entry->data_bytes : entry->size;
}

/* --------------------------------------------------------------- content */

/* Where the data is.  A file system that cannot say has no holes. */
static void
find_extents(int fd, struct entry *entry)
{
	uint64_t size = entry->size;
	uint64_t at = 0;

	while (at < size && entry->extents.count < ENTRY_EXTENTS_MAX) {
		off_t data = lseek(fd, (off_t)at, SEEK_DATA);
		off_t hole = data == -1 ? -1 : lseek(fd, data, SEEK_HOLE);

		if (data == -1 && errno == ENXIO)
			return;		/* nothing but a hole from here on */
		if (data == -1 || hole <= data || (uint64_t)hole > size ||
		    entry->extents.count == ENTRY_EXTENTS_MAX - 1)
			hole = (off_t)size;	/* the rest as it is */
		if (data == -1)
			data = (off_t)at;
		if ((uint64_t)data >= size)
			return;
		extent_list_add(&entry->extents, (uint64_t)data,
		    (uint64_t)(hole - data));
		entry->data_bytes += (uint64_t)(hole - data);
		at = (uint64_t)hole;
	}
}

static void
map_file(int fd, const struct stat *st, struct entry *entry)
{
	if (st->st_blocks * 512 >= st->st_size)
		return;
	find_extents(fd, entry);
	entry->is_sparse = entry->data_bytes < entry->size;
	if (!entry->is_sparse) {
		extent_list_release(&entry->extents);
		entry->data_bytes = 0;
	}
}

static int
hash_zeros(struct take *t, struct input *in, uint64_t until, struct err *err)
{
	while (in->at < until) {
		uint64_t left = until - in->at;
		size_t len = left < PIECE ? (size_t)left : PIECE;

		sha256_update(&in->sha, t->zeros, len);
		in->at += len;
		if (watch_step(t->options->watch, len, 0, err) == -1)
			return -1;
	}
	return 0;
}

/*
 * One piece of data; what the file does not give is zeros, and why is noted
 * in the entry.
 */
static int
take_piece(struct take *t, struct input *in, size_t len, struct err *err)
{
	size_t got = 0;

	if (!in->is_short &&
	    io_pread(in->fd, t->piece, len, in->at, &got) == -1) {
		t->entry.changed = CHANGE_UNREADABLE;
		note(t, TAKE_CHANGED, buf_text(&t->entry.path),
		    CHANGE_UNREADABLE, io_error());
		got = 0;
		in->is_short = true;
	} else if (!in->is_short && got < len) {
		t->entry.changed = CHANGE_SHRANK;
		in->is_short = true;
	}
	if (got < len)
		memset((char *)t->piece + got, 0, len - got);
	sha256_update(&in->sha, t->piece, len);
	if (tar_writer_data(t->tar, in->at, t->piece, len, err) == -1)
		return -1;
	in->at += len;
	return watch_step(t->options->watch, len, 0, err);
}

static int
take_extent(struct take *t, struct input *in, uint64_t until, struct err *err)
{
	while (in->at < until) {
		uint64_t left = until - in->at;

		if (take_piece(t, in, left < PIECE ? (size_t)left : PIECE,
		    err) == -1)
			return -1;
	}
	return 0;
}

static int
take_content(struct take *t, struct input *in, struct err *err)
{
	struct entry *entry = &t->entry;
	size_t i;

	if (!entry->is_sparse)
		return take_extent(t, in, entry->size, err);
	for (i = 0; i < entry->extents.count; i++) {
		const struct extent *e = &entry->extents.items[i];

		if (hash_zeros(t, in, e->offset, err) == -1 ||
		    take_extent(t, in, e->offset + e->len, err) == -1)
			return -1;
	}
	return hash_zeros(t, in, entry->size, err);
}

static bool
is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* Was it written to while we read? */
static void
judge_change(struct take *t, const struct input *in, const struct stat *before)
{
	struct entry *entry = &t->entry;
	struct stat now;

	if (entry->changed == CHANGE_UNREADABLE)
		return;
	if (fstat(in->fd, &now) == -1)
		entry->changed = CHANGE_MODIFIED;
	else if (now.st_size > before->st_size)
		entry->changed = CHANGE_GREW;
	else if (now.st_size < before->st_size)
		entry->changed = CHANGE_SHRANK;
	else if (entry->changed == CHANGE_NONE &&
	    (!is_same_time(&now.st_mtim, &before->st_mtim) ||
	    !is_same_time(&now.st_ctim, &before->st_ctim)))
		entry->changed = CHANGE_MODIFIED;
	if (entry->changed != CHANGE_NONE)
		note(t, TAKE_CHANGED, buf_text(&entry->path), entry->changed,
		    0);
}

/* --------------------------------------------------------------- entries */

static int
finish(struct take *t, struct err *err)
{
	char name[ESCAPE_NAME_MAX];

	count(t, &t->entry);
	if (manifest_writer_add(t->manifest, &t->entry, err) == -1)
		return err_context(err, "'%s'",
		    escape_name(buf_text(&t->entry.path), name));
	return watch_step(t->options->watch, 0, 1, err);
}

/* An entry that has no content. */
static int
take_header(struct take *t, struct err *err)
{
	if (tar_writer_entry(t->tar, &t->entry, err) == -1 ||
	    tar_writer_entry_end(t->tar, err) == -1)
		return -1;
	return finish(t, err);
}

/*
 * Another name of something taken before?  The walk stays on one device, but
 * for the pseudo devices of overlay mounts, where inodes prove nothing.
 */
static bool
is_known_link(struct take *t, const struct stat *st)
{
	return st->st_nlink > 1 && st->st_dev == t->dev &&
	    links_find(&t->links, st->st_ino, &t->entry.hardlink);
}

static void
remember_link(struct take *t, const struct stat *st)
{
	const struct buf *path = &t->entry.path;

	if (st->st_nlink < 2)
		return;
	if (st->st_dev == t->dev && links_add(&t->links, st->st_ino,
	    st->st_nlink, buf_text(path), path->len))
		return;
	note(t, TAKE_LINK_SPLIT, buf_text(path), CHANGE_NONE, 0);
}

static int
take_file_content(struct take *t, int fd, const struct stat *st,
    struct err *err)
{
	struct input in = { .fd = fd };

	map_file(fd, st, &t->entry);
	if (st->st_size >= ADVISE_FROM)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	sha256_init(&in.sha);
	if (tar_writer_entry(t->tar, &t->entry, err) == -1 ||
	    take_content(t, &in, err) == -1 ||
	    tar_writer_entry_end(t->tar, err) == -1)
		return -1;
	sha256_out(&in.sha, t->entry.sha256);
	t->entry.has_sha256 = true;
	judge_change(t, &in, st);
	remember_link(t, st);
	return finish(t, err);
}

/* False when it is gone or cannot be taken, which was noted. */
static bool
read_attrs(struct take *t, const struct object *o, const struct stat *st)
{
	const char *path = buf_text(&t->entry.path);
	struct err why;
	unsigned lost;

	if (attrs_read_object(o, st, &t->entry, &lost, &why) == -1) {
		if (why.class == ERR_NOT_FOUND)
			note(t, TAKE_VANISHED, path, CHANGE_NONE, 0);
		else if (why.class == ERR_LIMIT)
			note(t, TAKE_TOO_LONG, path, CHANGE_NONE, 0);
		else
			note(t, TAKE_UNREADABLE, path, CHANGE_NONE, why.sys);
		return false;
	}
	if (lost != 0)
		note(t, TAKE_ATTRS_LOST, path, CHANGE_NONE, 0);
	return true;
}

/* A regular file that is open. */
static int
take_open_file(struct take *t, const struct object *o, struct err *err)
{
	struct stat st;

	/* What is open counts, whatever the name was a moment ago. */
	if (fstat(o->fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		note(t, TAKE_VANISHED, buf_text(&t->entry.path), CHANGE_NONE,
		    0);
		return 0;
	}
	if (!read_attrs(t, o, &st))
		return 0;
	if (is_known_link(t, &st))
		return take_header(t, err);
	return take_file_content(t, o->fd, &st, err);
}

static int
take_file(struct take *t, const struct walk_item *item, struct err *err)
{
	/* O_NONBLOCK: it may have become a fifo. */
	int flags = O_RDONLY | O_NONBLOCK;
	struct object o = { -1, item->parent_fd, item->name };
	int ret;

	o.fd = io_open(o.parent_fd, o.name, flags | O_NOATIME, 0);
	if (o.fd == -1 && io_error() == EPERM)
		o.fd = io_open(o.parent_fd, o.name, flags, 0);
	if (o.fd == -1) {
		int sys = io_error();

		note(t, sys == ENOENT ? TAKE_VANISHED : TAKE_UNREADABLE,
		    item->path, CHANGE_NONE, sys == ENOENT ? 0 : sys);
		return 0;
	}
	ret = take_open_file(t, &o, err);
	(void)close(o.fd);	/* read-only: nothing to lose */
	return ret;
}

static int
take_other(struct take *t, const struct walk_item *item, struct err *err)
{
	struct object o = { -1, item->parent_fd, item->name };

	if (!read_attrs(t, &o, &item->st))
		return 0;
	if (t->entry.type == ENTRY_SOCKET) {
		note(t, TAKE_SOCKET, item->path, CHANGE_NONE, 0);
		return finish(t, err);
	}
	if (!is_known_link(t, &item->st))
		remember_link(t, &item->st);
	return take_header(t, err);
}

static int
take_dir(struct take *t, const struct walk_item *item, struct err *err)
{
	struct err why;
	unsigned lost;

	if (attrs_read(item->parent_fd, item->name, &item->st, &t->entry,
	    &lost, &why) == -1) {
		note(t, TAKE_VANISHED, item->path, CHANGE_NONE, 0);
		return 1;
	}
	if (lost != 0)
		note(t, TAKE_ATTRS_LOST, item->path, CHANGE_NONE, 0);
	return take_header(t, err);
}

static int
visit(void *ctx, const struct walk_item *item, struct err *err)
{
	struct take *t = ctx;

	if (item->path_len > 0 && is_excluded(t->options, item->path))
		return 1;
	entry_reset(&t->entry);
	buf_set(&t->entry.path, item->path, item->path_len);
	if (S_ISREG(item->st.st_mode))
		return take_file(t, item, err);
	if (S_ISDIR(item->st.st_mode))
		return take_dir(t, item, err);
	return take_other(t, item, err);
}

static int
trouble(void *ctx, const char *path, enum walk_trouble what, int sys,
    struct err *err)
{
	static const enum take_note notes[] = {
		[WALK_VANISHED] = TAKE_VANISHED,
		[WALK_UNREADABLE] = TAKE_UNREADABLE,
		[WALK_OTHER_MOUNT] = TAKE_OTHER_MOUNT,
		[WALK_TOO_LONG] = TAKE_TOO_LONG,
	};
	struct take *t = ctx;

	(void)err;
	/* Nobody misses what was excluded. */
	if (!is_excluded(t->options, path))
		note(t, notes[what], path, CHANGE_NONE, sys);
	return 0;
}

static int
start(struct take *t, int root_fd, const struct take_options *options,
    struct take_counts *counts, struct err *err)
{
	static const struct entry empty = ENTRY_EMPTY;
	struct stat st;

	memset(t, 0, sizeof *t);
	memset(counts, 0, sizeof *counts);
	t->options = options;
	t->counts = counts;
	t->entry = empty;
	links_init(&t->links, TAKE_LINKS_MAX);
	if (fstat(root_fd, &st) == -1)
		return err_set(err, ERR_IO, errno, "cannot stat");
	t->dev = st.st_dev;
	return 0;
}

int
take_tree(int root_fd, struct tar_writer *tar,
    struct manifest_writer *manifest, const struct take_options *options,
    struct take_counts *counts, struct err *err)
{
	struct take t;
	struct walk_calls calls = { &t, visit, trouble };
	void *zeros;
	int ret;

	if (start(&t, root_fd, options, counts, err) == -1)
		return -1;
	t.tar = tar;
	t.manifest = manifest;
	t.piece = mem_alloc(PIECE);
	t.zeros = zeros = mem_zero(1, PIECE);
	ret = walk_tree(root_fd, &calls, err);
	entry_release(&t.entry);
	links_release(&t.links);
	free(t.piece);
	free(zeros);
	return ret;
}

const char *
take_note_text(enum take_note what)
{
	switch (what) {
	case TAKE_CHANGED:	return "changed while it was read";
	case TAKE_VANISHED:	return "vanished before it was read";
	case TAKE_UNREADABLE:	return "cannot be read and is left out";
	case TAKE_OTHER_MOUNT:
		return "is a mount point: what is mounted there is left out";
	case TAKE_TOO_LONG:	return "has too long a path and is left out";
	case TAKE_ATTRS_LOST:	return "has attributes that cannot be read";
	case TAKE_SOCKET:	return "is a socket: only the manifest has it";
	case TAKE_LINK_SPLIT:
		return "is a hard link and is stored as a file of its own";
	}
	return "";
}

/* -------------------------------------------------------------- measuring */

static int
measure(void *ctx, const struct walk_item *item, struct err *err)
{
	struct take *t = ctx;
	struct take_counts *c = t->counts;
	const struct stat *st = &item->st;
	uint64_t size = (uint64_t)st->st_size;
	uint64_t blocks = (uint64_t)st->st_blocks * 512;

	if (item->path_len > 0 && is_excluded(t->options, item->path))
		return 1;
	c->entries++;
	c->dirs += S_ISDIR(st->st_mode);
	c->files += S_ISREG(st->st_mode);
	if (S_ISREG(st->st_mode) && !is_known_link(t, st)) {
		c->bytes += size;
		c->data_bytes += blocks < size ? blocks : size;
		/* No note here: the real run says it. */
		if (st->st_nlink > 1)
			(void)links_add(&t->links, st->st_ino, st->st_nlink,
			    "", 0);
	}
	return watch_step(t->options->watch, 0, 0, err);
}

int
take_measure(int root_fd, const struct take_options *options,
    struct take_counts *counts, struct err *err)
{
	struct take t;
	struct walk_calls calls = { &t, measure, trouble };
	struct take_options quiet = *options;
	int ret;

	quiet.note = NULL;
	if (start(&t, root_fd, &quiet, counts, err) == -1)
		return -1;
	ret = walk_tree(root_fd, &calls, err);
	entry_release(&t.entry);
	links_release(&t.links);
	return ret;
}
