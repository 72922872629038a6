/* SPDX-License-Identifier: BSD-2-Clause */
/* Walk a tree by descriptors; see walk.h. */
#include "io/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "io/dir.h"
#include "io/io.h"

/* A directory that the walk is in. */
struct level {
	int fd;
	size_t path_len;	/* of the directory itself */
	struct dir_names names;
	size_t next;		/* the name that comes next */
};

struct walk {
	const struct walk_calls *calls;
	dev_t dev;
	struct buf path;
	struct level *levels;
	size_t depth;		/* levels in use */
	size_t cap;
	size_t names_size;	/* of all levels together */
};

static int
trouble(struct walk *w, enum walk_trouble what, int sys, struct err *err)
{
	/* A walk that cannot even list its root has seen nothing. */
	if (w->path.len == 0)
		return err_set(err, ERR_IO, sys, "cannot list its files");
	return w->calls->trouble(w->calls->ctx, buf_text(&w->path), what, sys,
	    err);
}

static int
visit(struct walk *w, int parent_fd, const char *name, const struct stat *st,
    struct err *err)
{
	struct walk_item item;

	item.parent_fd = parent_fd;
	item.name = name;
	item.path = buf_text(&w->path);
	item.path_len = w->path.len;
	item.st = *st;
	return w->calls->visit(w->calls->ctx, &item, err);
}

static void
push(struct walk *w, int fd)
{
	static const struct dir_names empty = DIR_NAMES_EMPTY;
	struct level *level;

	if (w->depth == w->cap) {
		w->cap = w->cap == 0 ? 16 : w->cap * 2;
		w->levels = mem_resize(w->levels, w->cap, sizeof *w->levels);
	}
	level = &w->levels[w->depth++];
	level->fd = fd;
	level->path_len = w->path.len;
	level->names = empty;
	level->next = 0;
}

static void
pop(struct walk *w)
{
	struct level *level = &w->levels[--w->depth];

	w->names_size -= dir_names_size(&level->names);
	dir_names_release(&level->names);
	(void)close(level->fd);		/* read-only: nothing to lose */
}

/* Step into the directory that was just visited. */
static int
enter(struct walk *w, int parent_fd, const char *name, struct err *err)
{
	int fd;

	if (w->depth == WALK_DEPTH_MAX)
		return trouble(w, WALK_TOO_LONG, 0, err);
	fd = dir_open(parent_fd, name, w->dev);
	if (fd == -1 && errno == EXDEV)
		return trouble(w, WALK_OTHER_MOUNT, 0, err);
	if (fd == -1 && errno == ENOENT)
		return trouble(w, WALK_VANISHED, 0, err);
	if (fd == -1)
		return trouble(w, WALK_UNREADABLE, errno, err);
	push(w, fd);
	return 0;
}

static int
one_name(struct walk *w, int parent_fd, const char *name, struct err *err)
{
	struct stat st;
	int ret;

	if (w->path.len > WALK_PATH_MAX)
		return trouble(w, WALK_TOO_LONG, 0, err);
	if (fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return trouble(w, errno == ENOENT ? WALK_VANISHED :
		    WALK_UNREADABLE, errno == ENOENT ? 0 : errno, err);
	/* The files of an overlay mount have device numbers of their own. */
	if (st.st_dev != w->dev && !S_ISDIR(st.st_mode) &&
	    dir_is_mount_point(parent_fd, name))
		return trouble(w, WALK_OTHER_MOUNT, 0, err);
	ret = visit(w, parent_fd, name, &st, err);
	if (ret == -1 || ret == 1 || !S_ISDIR(st.st_mode))
		return ret == -1 ? -1 : 0;
	return enter(w, parent_fd, name, err);
}

static void
set_path(struct walk *w, const struct level *level, const char *name)
{
	buf_cut(&w->path, level->path_len);
	if (level->path_len > 0)
		buf_byte(&w->path, '/');
	buf_puts(&w->path, name);
}

/* More names for the level; what is left of the memory decides how many. */
static int
refill(struct walk *w, struct level *level, struct err *err)
{
	size_t max;
	int ret = 0;

	w->names_size -= dir_names_size(&level->names);
	max = w->names_size < WALK_NAMES_MAX ?
	    WALK_NAMES_MAX - w->names_size : 1;
	level->next = 0;
	if (dir_names_read(&level->names, level->fd, max) == -1) {
		int sys = errno;

		buf_cut(&w->path, level->path_len);
		dir_names_release(&level->names);
		level->names.is_last = true;
		ret = trouble(w, WALK_UNREADABLE, sys, err);
	}
	w->names_size += dir_names_size(&level->names);
	return ret;
}

static int
step(struct walk *w, struct err *err)
{
	struct level *level = &w->levels[w->depth - 1];
	const char *name;

	if (level->next < level->names.count) {
		name = level->names.items[level->next++];
		set_path(w, level, name);
		return one_name(w, level->fd, name, err);
	}
	if (level->names.is_last) {
		pop(w);
		return 0;
	}
	return refill(w, level, err);
}

int
walk_tree(int root_fd, const struct walk_calls *calls, struct err *err)
{
	struct walk w = { .calls = calls, .path = BUF_EMPTY };
	struct stat st;
	int ret = -1;

	if (fstat(root_fd, &st) == -1)
		return err_set(err, ERR_IO, io_error(), "cannot stat");
	w.dev = st.st_dev;
	ret = visit(&w, root_fd, ".", &st, err);
	if (ret == 0)
		ret = enter(&w, root_fd, ".", err);
	while (ret == 0 && w.depth > 0)
		ret = step(&w, err);
	while (w.depth > 0)
		pop(&w);
	free(w.levels);
	buf_release(&w.path);
	return ret == -1 ? -1 : 0;
}

void
walk_raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);	/* deep trees then fail by name */
}
