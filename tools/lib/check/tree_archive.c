/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tree that is an archive of ours on a medium: entries from the manifest,
 * content from the frames that hold it; see tree.h.
 */
#include <stdlib.h>
#include <string.h>

#include "archive/member.h"
#include "base/err.h"
#include "base/mem.h"
#include "check/tree.h"
#include "check/tree_index.h"
#include "check/tree_kind.h"
#include "codec/frame_cache.h"
#include "io/io.h"
#include "manifest/manifest.h"

/* The manifest's bytes from a place on, whatever the descriptor's offset. */
struct manifest_input {
	struct reader reader;
	int fd;
	uint64_t at;
};

struct archive_tree {
	struct tree tree;	/* first */
	int manifest_fd;
	struct frame_cache *frames;
	struct tree_index index;
};

struct archive_file {
	struct tree_file file;	/* first */
	struct member member;
};

static int
input_read(struct reader *reader, void *data, size_t cap, size_t *got,
    struct err *err)
{
	struct manifest_input *in = (struct manifest_input *)(void *)reader;

	if (io_pread(in->fd, data, cap, in->at, got) == -1)
		return err_set(err, ERR_IO, io_error(),
		    "cannot read the manifest");
	in->at += *got;
	return 0;
}

/* A reader of entries from a place in the manifest on; 0: from its start. */
static int
start_entries(const struct archive_tree *t, struct manifest_input *in,
    uint64_t place, struct manifest_reader **entries, struct err *err)
{
	in->reader.read = input_read;
	in->fd = t->manifest_fd;
	in->at = place;
	if (place == 0)
		return manifest_reader_new(entries, &in->reader, err);
	manifest_reader_resume(entries, &in->reader);
	return 0;
}

/* ------------------------------------------------------------ looking up */

static bool
is_at(const struct entry *entry, const char *path)
{
	return strcmp(buf_text(&entry->path), path) == 0;
}

/* The entry at one place: is it this one? */
static int
try_place(struct archive_tree *t, uint64_t place, const char *path,
    struct entry *entry, bool *found, struct err *err)
{
	struct manifest_reader *entries = NULL;
	struct manifest_input in;
	bool is_end = false;
	int ret;

	if (start_entries(t, &in, place, &entries, err) == -1)
		return -1;
	ret = manifest_reader_next(entries, entry, &is_end, err);
	*found = ret == 0 && !is_end && is_at(entry, path);
	manifest_reader_free(entries);
	return ret;
}

/* Past the index: from the first entry that it does not have. */
static int
scan(struct archive_tree *t, const char *path, struct entry *entry,
    bool *found, struct err *err)
{
	struct manifest_reader *entries = NULL;
	struct manifest_input in;
	bool is_end = false;
	int ret;

	if (start_entries(t, &in, t->index.covered_to, &entries, err) == -1)
		return -1;
	do {
		ret = manifest_reader_next(entries, entry, &is_end, err);
		*found = ret == 0 && !is_end && is_at(entry, path);
	} while (ret == 0 && !is_end && !*found);
	manifest_reader_free(entries);
	return ret;
}

static int
archive_find(struct tree *tree, const char *path, struct entry *entry,
    bool *found, struct err *err)
{
	struct archive_tree *t = (struct archive_tree *)(void *)tree;
	struct tree_lookup lookup;
	uint64_t place;

	if (path[0] == '\0')
		return try_place(t, 0, path, entry, found, err);
	tree_index_look(&t->index, path, &lookup);
	while (!*found && tree_index_next(&t->index, &lookup, &place))
		if (try_place(t, place, path, entry, found, err) == -1)
			return -1;
	if (!*found && !t->index.is_whole)
		return scan(t, path, entry, found, err);
	return 0;
}

/* --------------------------------------------------------------- walking */

/* Is path below "top" (or top itself)?  "" is above all. */
static bool
is_below(const struct buf *path, const char *top, size_t len)
{
	if (len == 0)
		return true;
	return path->len >= len && memcmp(path->data, top, len) == 0 &&
	    (path->len == len || path->data[len] == '/');
}

/* The directory that the visitor did not want to enter; "" for none. */
static bool
is_passed_over(const struct entry *entry, struct buf *closed)
{
	if (closed->len > 0 && is_below(&entry->path, closed->data,
	    closed->len))
		return true;
	buf_cut(closed, 0);
	return false;
}

static int
walk_entries(struct manifest_reader *entries, const char *below,
    tree_visit *visit, void *ctx, struct err *err)
{
	struct entry entry = ENTRY_EMPTY;
	struct buf closed = BUF_EMPTY;
	size_t len = strlen(below);
	bool is_end = false;
	int ret;

	for (;;) {
		ret = manifest_reader_next(entries, &entry, &is_end, err);
		if (ret == -1 || is_end ||
		    !is_below(&entry.path, below, len))
			break;
		if (is_passed_over(&entry, &closed))
			continue;
		ret = visit(ctx, &entry, err);
		if (ret == 1 && entry.path.len == 0)
			break;
		if (ret == 1)
			buf_set(&closed, entry.path.data, entry.path.len);
		if (ret == -1)
			break;
	}
	buf_release(&closed);
	entry_release(&entry);
	return ret == -1 ? -1 : 0;
}

/* Where below's own entry stands in the manifest. */
static int
place_of(struct archive_tree *t, const char *below, uint64_t *place,
    bool *found, struct err *err)
{
	struct entry entry = ENTRY_EMPTY;
	struct tree_lookup lookup;
	int ret = 0;

	*place = 0;
	*found = below[0] == '\0';
	if (!*found)
		tree_index_look(&t->index, below, &lookup);
	while (!*found && ret == 0 &&
	    tree_index_next(&t->index, &lookup, place))
		ret = try_place(t, *place, below, &entry, found, err);
	entry_release(&entry);
	return ret;
}

static int
archive_walk(struct tree *tree, const char *below, tree_visit *visit,
    void *ctx, struct err *err)
{
	struct archive_tree *t = (struct archive_tree *)(void *)tree;
	struct manifest_reader *entries = NULL;
	struct manifest_input in;
	uint64_t place;
	bool found;
	int ret;

	if (place_of(t, below, &place, &found, err) == -1)
		return -1;
	if (!found && t->index.is_whole)
		return 0;
	if (!found)
		return err_set(err, ERR_LIMIT, 0, "has more than %d entries; "
		    "what is behind them cannot be listed by folder",
		    TREE_INDEX_MAX);
	if (start_entries(t, &in, place, &entries, err) == -1)
		return -1;
	ret = walk_entries(entries, below, visit, ctx, err);
	manifest_reader_free(entries);
	return ret;
}

/* ----------------------------------------------------------------- files */

static int
archive_read(struct tree_file *file, uint64_t offset, void *data, size_t len,
    struct err *err)
{
	struct archive_file *f = (struct archive_file *)(void *)file;
	struct archive_tree *t = (struct archive_tree *)(void *)file->tree;

	return member_read(&f->member, frame_cache_content(t->frames),
	    offset, data, len, err);
}

static int
open_at(struct archive_tree *t, const struct entry *entry,
    struct tree_file **file, struct err *err)
{
	struct archive_file *f = mem_zero(1, sizeof *f);

	if (member_find(&f->member, frame_cache_content(t->frames),
	    entry->tar_offset, err) == 0) {
		f->file.read = archive_read;
		*file = &f->file;
		if (f->member.size == entry->size)
			return 0;
		err_set(err, ERR_DAMAGED, 0, "has %llu bytes in the archive, "
		    "%llu in the manifest",
		    (unsigned long long)f->member.size,
		    (unsigned long long)entry->size);
		member_release(&f->member);
	}
	free(f);
	return -1;
}

static int
archive_open(struct tree *tree, const struct entry *entry,
    struct tree_file **file, struct err *err)
{
	struct archive_tree *t = (struct archive_tree *)(void *)tree;
	struct entry first = ENTRY_EMPTY;
	bool found;
	int ret;

	if (entry->hardlink.len == 0)
		return open_at(t, entry, file, err);
	ret = tree_find(tree, buf_text(&entry->hardlink), &first, &found,
	    err);
	if (ret == 0 && (!found || first.hardlink.len > 0))
		ret = err_set(err, ERR_DAMAGED, 0,
		    "is a hard link to what is not there");
	if (ret == 0)
		ret = open_at(t, &first, file, err);
	entry_release(&first);
	return ret;
}

static void
archive_close(struct tree_file *file)
{
	struct archive_file *f = (struct archive_file *)(void *)file;

	member_release(&f->member);
	free(f);
}

/* --------------------------------------------------------- the tree itself */

static int
fill_index(struct archive_tree *t, struct err *err)
{
	struct entry entry = ENTRY_EMPTY;
	struct manifest_reader *entries = NULL;
	struct manifest_input in;
	bool is_end = false;
	uint64_t place;
	int ret;

	if (start_entries(t, &in, 0, &entries, err) == -1)
		return -1;
	do {
		place = manifest_reader_place(entries);
		ret = manifest_reader_next(entries, &entry, &is_end, err);
		if (ret == 0)
			ret = watch_step(t->tree.watch, 0, 0, err);
		if (ret == 0 && !is_end && entry.path.len > 0)
			tree_index_add(&t->index, buf_text(&entry.path),
			    place);
	} while (ret == 0 && !is_end);
	manifest_reader_free(entries);
	entry_release(&entry);
	return ret;
}

static void
archive_release(struct tree *tree)
{
	struct archive_tree *t = (struct archive_tree *)(void *)tree;

	tree_index_release(&t->index);
	frame_cache_free(t->frames);
	free(t);
}

int
tree_open_archive(struct tree **out, const struct tree_archive *archive,
    const struct watch *watch, struct err *err)
{
	struct archive_tree *t = mem_zero(1, sizeof *t);

	t->tree.watch = watch;
	t->tree.walk = archive_walk;
	t->tree.find = archive_find;
	t->tree.open = archive_open;
	t->tree.close = archive_close;
	t->tree.release = archive_release;
	t->manifest_fd = archive->manifest_fd;
	if (frame_cache_new(&t->frames, archive->archive, archive->table,
	    err) == 0 && tree_index_init(&t->index, err) == 0 &&
	    fill_index(t, err) == 0) {
		*out = &t->tree;
		return 0;
	}
	archive_release(&t->tree);
	return -1;
}
