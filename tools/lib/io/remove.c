/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Remove a tree, whatever its depth: one descriptor at a time, down by name
 * and up by "..", which is believed only when it is the directory we came
 * from.
 */
#include "io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "io/dir.h"

/* Names of one directory at a time, and of all that we are in. */
#define REMOVE_NAMES_MAX ((size_t)1 << 20)
#define REMOVE_NAMES_ALL ((size_t)8 << 20)
#define REMOVE_FLAGS (FS_IMMUTABLE_FL | FS_APPEND_FL)

struct level {
	ino_t ino;
	char *name;		/* owned; in the directory above */
	struct dir_names names;
	size_t next;
};

struct removal {
	dev_t dev;
	int fd;			/* the innermost directory */
	struct level *levels;
	size_t depth;
	size_t cap;
	size_t names_size;	/* of all levels together */
};

static int
fail(const char *name, int sys, const char *what, struct err *err)
{
	char text[ESCAPE_NAME_MAX];

	return err_set(err, ERR_IO, sys, "cannot %s '%s'", what,
	    escape_name(name, text));
}

/* Take away what keeps names from being removed; harmless if it fails. */
static void
loosen(int fd)
{
	uint32_t flags = 0;
	struct stat st;

	if (io_get_flags(fd, &flags) == 0 && (flags & REMOVE_FLAGS) != 0)
		(void)io_set_flags(fd, flags & ~(uint32_t)REMOVE_FLAGS);
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		(void)fchmod(fd, st.st_mode | S_IRWXU);
}

static void
loosen_name(int dir_fd, const char *name)
{
	int fd = io_open(dir_fd, name, O_RDONLY | O_NONBLOCK, 0);

	if (fd == -1)
		return;
	loosen(fd);
	(void)close(fd);	/* nothing was written */
}

/* unlinkat(), and once more with flags and modes out of the way. */
static int
unlink_firmly(int dir_fd, const char *name, int flags)
{
	struct stat st;

	if (unlinkat(dir_fd, name, flags) == 0 || errno == ENOENT)
		return 0;
	if (errno != EPERM && errno != EACCES)
		return -1;
	loosen(dir_fd);
	/* Opening a device or a fifo may do something. */
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		loosen_name(dir_fd, name);
	if (unlinkat(dir_fd, name, flags) == 0 || errno == ENOENT)
		return 0;
	return -1;
}

static void
move_to(struct removal *r, int fd)
{
	(void)close(r->fd);	/* nothing was written through it */
	r->fd = fd;
}

static void
push(struct removal *r, const char *name, ino_t ino)
{
	static const struct dir_names empty = DIR_NAMES_EMPTY;
	struct level *level;

	if (r->depth == r->cap) {
		r->cap = r->cap == 0 ? 16 : r->cap * 2;
		r->levels = mem_resize(r->levels, r->cap, sizeof *r->levels);
	}
	level = &r->levels[r->depth++];
	level->ino = ino;
	level->name = mem_text(name);
	level->names = empty;
	level->next = 0;
}

static void
pop(struct removal *r)
{
	struct level *level = &r->levels[--r->depth];

	r->names_size -= dir_names_size(&level->names);
	dir_names_release(&level->names);
	free(level->name);
}

/* Go into the directory name. */
static int
go_down(struct removal *r, const char *name, struct err *err)
{
	struct stat st;
	int fd = dir_open(r->fd, name, r->dev);

	if (fd == -1 && errno == EACCES &&
	    fchmodat(r->fd, name, S_IRWXU, 0) == 0)
		fd = dir_open(r->fd, name, r->dev);
	if (fd == -1)
		return fail(name, errno, "enter", err);
	if (fstat(fd, &st) == -1) {
		(void)close(fd);	/* nothing was written through it */
		return fail(name, errno, "stat", err);
	}
	push(r, name, st.st_ino);
	move_to(r, fd);
	return 0;
}

/* Leave an emptied directory and remove it; top is where it all began. */
static int
go_up(struct removal *r, const struct stat *top, struct err *err)
{
	struct level *level = &r->levels[r->depth - 1];
	ino_t want = r->depth > 1 ? r->levels[r->depth - 2].ino : top->st_ino;
	struct stat st;
	int fd = openat(r->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		return fail(level->name, errno, "leave", err);
	move_to(r, fd);
	if (fstat(fd, &st) == -1 || st.st_ino != want ||
	    st.st_dev != r->dev)
		return fail(level->name, 0,
		    "remove (it was moved meanwhile)", err);
	if (unlink_firmly(fd, level->name, AT_REMOVEDIR) == -1)
		return fail(level->name, errno, "remove", err);
	pop(r);
	return 0;
}

/* Remove one name, or go into it. */
static int
one_name(struct removal *r, const char *name, struct err *err)
{
	struct stat st;

	if (unlink_firmly(r->fd, name, 0) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return fail(name, errno, "remove", err);
	if (fstatat(r->fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return fail(name, errno, "stat", err);
	if (!S_ISDIR(st.st_mode))
		return fail(name, EPERM, "remove", err);
	if (unlinkat(r->fd, name, AT_REMOVEDIR) == 0)
		return 0;
	return go_down(r, name, err);
}

/* What was listed is gone; what was not starts at the beginning. */
static int
list_again(struct removal *r, struct level *level, struct err *err)
{
	size_t max = r->names_size < REMOVE_NAMES_ALL ? REMOVE_NAMES_MAX : 1;

	r->names_size -= dir_names_size(&level->names);
	level->next = 0;
	if (lseek(r->fd, 0, SEEK_SET) == -1 ||
	    dir_names_read(&level->names, r->fd, max) == -1) {
		int sys = errno;

		dir_names_release(&level->names);
		return fail(level->name, sys, "list", err);
	}
	r->names_size += dir_names_size(&level->names);
	return 0;
}

static int
step(struct removal *r, const struct stat *top, struct err *err)
{
	struct level *level = &r->levels[r->depth - 1];

	if (level->next < level->names.count)
		return one_name(r, level->names.items[level->next++], err);
	if (level->names.is_last && level->names.count == 0)
		return go_up(r, top, err);
	return list_again(r, level, err);
}

int
io_remove_tree(int dir_fd, const char *name, struct err *err)
{
	struct removal r = { .depth = 0 };
	struct stat top = { 0 };
	int ret = 0;

	/* A descriptor of our own: it is closed on the way down. */
	r.fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r.fd == -1)
		return fail(name, errno, "open what holds", err);
	if (fstat(r.fd, &top) == -1)
		ret = fail(name, errno, "stat what holds", err);
	r.dev = top.st_dev;
	if (ret == 0)
		ret = one_name(&r, name, err);
	while (ret == 0 && r.depth > 0)
		ret = step(&r, &top, err);
	while (r.depth > 0)
		pop(&r);
	free(r.levels);
	(void)close(r.fd);	/* nothing was written through it */
	return ret;
}
