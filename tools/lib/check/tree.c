/* SPDX-License-Identifier: BSD-2-Clause */
/* What all kinds of tree have in common; see tree.h. */
#include "check/tree.h"

#include <string.h>

#include "base/err.h"
#include "check/tree_kind.h"

int
tree_walk(struct tree *t, const char *below, tree_visit *visit, void *ctx,
    struct err *err)
{
	return t->walk(t, below, visit, ctx, err);
}

uint64_t
tree_unlisted(const struct tree *t)
{
	return t->unlisted;
}

int
tree_find(struct tree *t, const char *path, struct entry *entry, bool *found,
    struct err *err)
{
	*found = false;
	entry_reset(entry);
	/* Checkers ask for names that the data gave them. */
	if (entry_path_fault(path, strlen(path)) != NULL)
		return 0;
	return t->find(t, path, entry, found, err);
}

static int
file_read_at(struct source *source, uint64_t offset, void *data, size_t len,
    struct err *err)
{
	struct tree_file *file = (struct tree_file *)(void *)source;

	if (offset > source->size || len > source->size - offset)
		return err_set(err, ERR_DAMAGED, 0,
		    "read beyond its end, at byte %llu",
		    (unsigned long long)source->size);
	if (watch_step(file->tree->watch, len, 0, err) == -1)
		return -1;
	return file->read(file, offset, data, len, err);
}

int
tree_open_file(struct tree *t, const struct entry *entry,
    struct source **source, struct err *err)
{
	struct tree_file *file = NULL;

	if (entry->type != ENTRY_FILE)
		return err_set(err, ERR_DAMAGED, 0, "is no regular file");
	if (t->open_files == TREE_FILES_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d files open",
		    TREE_FILES_MAX);
	if (t->open(t, entry, &file, err) == -1)
		return -1;
	file->tree = t;
	file->source.read_at = file_read_at;
	file->source.size = entry->size;
	t->open_files++;
	*source = &file->source;
	return 0;
}

int
tree_open_path(struct tree *t, const char *path, struct source **file,
    struct err *err)
{
	struct entry entry = ENTRY_EMPTY;
	bool found;
	int ret = tree_find(t, path, &entry, &found, err);

	if (ret == 0 && (!found || entry.type != ENTRY_FILE))
		ret = err_set(err, ERR_NOT_FOUND, 0, "%s", found ?
		    "is no regular file" : "is not there");
	if (ret == 0)
		ret = tree_open_file(t, &entry, file, err);
	entry_release(&entry);
	return ret;
}

void
tree_close_file(struct tree *t, struct source *source)
{
	if (source == NULL)
		return;
	t->open_files--;
	t->close((struct tree_file *)(void *)source);
}

int
tree_read_path(struct tree *t, const char *path, size_t max, struct buf *out,
    struct err *err)
{
	struct source *file = NULL;
	int ret = -1;

	if (tree_open_path(t, path, &file, err) == -1)
		return -1;
	if (file->size > max) {
		err_set(err, ERR_LIMIT, 0, "has %llu bytes, more than %zu",
		    (unsigned long long)file->size, max);
		goto out;
	}
	buf_cut(out, 0);
	if (file->read_at(file, 0, buf_reserve(out, (size_t)file->size + 1),
	    (size_t)file->size, err) == -1)
		goto out;
	out->len = (size_t)file->size;
	out->data[out->len] = '\0';
	ret = 0;
out:
	tree_close_file(t, file);
	return ret;
}

static int
reader_read(struct reader *reader, void *data, size_t cap, size_t *got,
    struct err *err)
{
	struct tree_reader *r = (struct tree_reader *)(void *)reader;
	uint64_t left = r->file->size - r->at;
	size_t n = left < cap ? (size_t)left : cap;

	if (n > 0 && r->file->read_at(r->file, r->at, data, n, err) == -1)
		return -1;
	r->at += n;
	*got = n;
	return 0;
}

struct reader *
tree_reader_init(struct tree_reader *r, struct source *file, uint64_t from)
{
	r->reader.read = reader_read;
	r->file = file;
	r->at = from < file->size ? from : file->size;
	return &r->reader;
}

void
tree_free(struct tree *t)
{
	if (t != NULL)
		t->release(t);
}
