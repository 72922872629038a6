/* SPDX-License-Identifier: BSD-2-Clause */
/* A tree that is a directory; see tree.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/attrs.h"
#include "base/err.h"
#include "base/mem.h"
#include "check/tree.h"
#include "check/tree_kind.h"
#include "io/io.h"
#include "io/parent.h"
#include "io/walk.h"

struct dir_tree {
	struct tree tree;	/* first */
	int fd;
	struct parent parent;
};

struct dir_file {
	struct tree_file file;	/* first */
	int fd;
};

struct dir_walk {
	struct dir_tree *t;
	const char *below;	/* where the walk's own root is in the tree */
	struct entry entry;
	tree_visit *visit;
	void *ctx;
};

/* ------------------------------------------------------------ looking up */

static int
dir_find(struct tree *tree, const char *path, struct entry *entry,
    bool *found, struct err *err)
{
	struct dir_tree *t = (struct dir_tree *)(void *)tree;
	const char *name;
	struct stat st;
	unsigned lost;
	int fd;

	if (parent_of(&t->parent, path, &fd, &name, err) == -1) {
		if (err->class != ERR_NOT_FOUND && err->class != ERR_DAMAGED)
			return -1;
		err_clear(err);	/* a component is missing, or no directory */
		return 0;
	}
	if (path[0] == '\0')
		name = ".";
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
		if (errno == ENOENT)
			return 0;
		return err_set(err, ERR_IO, errno, "cannot stat");
	}
	buf_set(&entry->path, path, strlen(path));
	if (attrs_read(fd, name, &st, entry, &lost, err) == -1) {
		if (err->class != ERR_NOT_FOUND)
			return -1;
		err_clear(err);
		return 0;
	}
	*found = true;
	return 0;
}

/* --------------------------------------------------------------- walking */

static int
dir_visit(void *ctx, const struct walk_item *item, struct err *err)
{
	struct dir_walk *w = ctx;
	unsigned lost;

	entry_reset(&w->entry);
	buf_set(&w->entry.path, w->below, strlen(w->below));
	if (w->below[0] != '\0' && item->path_len > 0)
		buf_byte(&w->entry.path, '/');
	buf_append(&w->entry.path, item->path, item->path_len);
	if (attrs_read(item->parent_fd, item->name, &item->st, &w->entry,
	    &lost, err) == -1) {
		if (err->class == ERR_INTERRUPTED)
			return -1;
		err_clear(err);
		w->t->tree.unlisted++;
		return 1;
	}
	return w->visit(w->ctx, &w->entry, err);
}

static int
dir_trouble(void *ctx, const char *path, enum walk_trouble what, int sys,
    struct err *err)
{
	struct dir_walk *w = ctx;

	(void)path;
	(void)what;
	(void)sys;
	(void)err;
	w->t->tree.unlisted++;
	return 0;
}

static int
walk_from(struct dir_walk *w, struct err *err)
{
	struct walk_calls calls = { w, dir_visit, dir_trouble };
	const char *name;
	int parent_fd, fd, ret;

	if (w->below[0] == '\0')
		return walk_tree(w->t->fd, &calls, err);
	if (parent_of(&w->t->parent, w->below, &parent_fd, &name, err) == -1)
		return -1;
	fd = io_open(parent_fd, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -1)
		return err_set(err, ERR_IO, io_error(), "cannot open");
	ret = walk_tree(fd, &calls, err);
	(void)close(fd);		/* read-only: nothing to lose */
	return ret;
}

static int
dir_walk(struct tree *tree, const char *below, tree_visit *visit, void *ctx,
    struct err *err)
{
	struct dir_walk w = { .t = (struct dir_tree *)(void *)tree,
	    .below = below, .entry = ENTRY_EMPTY, .visit = visit,
	    .ctx = ctx };
	bool found;
	int ret = tree_find(tree, below, &w.entry, &found, err);

	if (ret == 0 && found)
		ret = w.entry.type == ENTRY_DIR ? walk_from(&w, err) :
		    visit(ctx, &w.entry, err);
	entry_release(&w.entry);
	return ret == -1 ? -1 : 0;
}

/* ----------------------------------------------------------------- files */

static int
dir_read(struct tree_file *file, uint64_t offset, void *data, size_t len,
    struct err *err)
{
	struct dir_file *f = (struct dir_file *)(void *)file;
	size_t got;

	if (io_pread(f->fd, data, len, offset, &got) == -1)
		return err_set(err, ERR_IO, io_error(),
		    "cannot read at byte %llu", (unsigned long long)offset);
	if (got != len)
		return err_set(err, ERR_DAMAGED, 0, "became shorter");
	return 0;
}

static int
dir_open_file(struct tree *tree, const struct entry *entry,
    struct tree_file **file, struct err *err)
{
	struct dir_tree *t = (struct dir_tree *)(void *)tree;
	/* O_NONBLOCK: it may have become a fifo. */
	int flags = O_RDONLY | O_NONBLOCK;
	struct dir_file *f;
	const char *name;
	struct stat st;
	int parent_fd, fd;

	if (parent_of(&t->parent, buf_text(&entry->path), &parent_fd, &name,
	    err) == -1)
		return -1;
	fd = io_open(parent_fd, name, flags | O_NOATIME, 0);
	if (fd == -1 && io_error() == EPERM)
		fd = io_open(parent_fd, name, flags, 0);
	if (fd == -1)
		return err_set(err, ERR_IO, io_error(), "cannot open");
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return err_set(err, ERR_DAMAGED, 0, "is no regular file");
	}
	f = mem_zero(1, sizeof *f);
	f->fd = fd;
	f->file.read = dir_read;
	*file = &f->file;
	return 0;
}

static void
dir_close_file(struct tree_file *file)
{
	struct dir_file *f = (struct dir_file *)(void *)file;

	(void)close(f->fd);		/* read-only: nothing to lose */
	free(f);
}

static void
dir_release(struct tree *tree)
{
	struct dir_tree *t = (struct dir_tree *)(void *)tree;

	parent_release(&t->parent);
	free(t);
}

int
tree_open_dir(struct tree **out, int fd, const struct watch *watch,
    struct err *err)
{
	struct dir_tree *t;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_set(err, ERR_IO, errno, "cannot stat");
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_DAMAGED, 0, "is no directory");
	t = mem_zero(1, sizeof *t);
	t->tree.watch = watch;
	t->tree.walk = dir_walk;
	t->tree.find = dir_find;
	t->tree.open = dir_open_file;
	t->tree.close = dir_close_file;
	t->tree.release = dir_release;
	t->fd = fd;
	parent_init(&t->parent, fd, false);
	*out = &t->tree;
	return 0;
}
