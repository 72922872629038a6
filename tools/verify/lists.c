/* SPDX-License-Identifier: BSD-2-Clause */
/* Which lists there are, and what they name; see lists.h. */
#include "lists.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "io/below.h"
#include "io/dir.h"
#include "io/io.h"
#include "io/stream.h"
#include "lists_each.h"

#define HEAD_BYTES 512
#define NAMES_BYTES ((size_t)4 << 20)	/* names of a folder at a time */

const char *
list_verdict_name(enum list_verdict verdict)
{
	switch (verdict) {
	case LIST_OK: return "OK";
	case LIST_DAMAGED: return "DAMAGED";
	case LIST_UNREADABLE: return "UNREADABLE";
	case LIST_MISSING: return "MISSING";
	case LIST_REFUSED: return "REFUSED";
	case LIST_MALFORMED: return "MALFORMED";
	case LIST_NEW: return "NEW";
	}
	return "UNKNOWN";
}

/* The folder that holds what path names, as the person typed it. */
static int
open_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL ? mem_text(".") :
	    mem_format("%.*s", slash == path ? 1 : (int)(slash - path), path);
	int fd = io_open_typed(dir, O_RDONLY | O_DIRECTORY, 0);

	free(dir);
	return fd;
}

static int
open_base(struct lists *l, struct err *err)
{
	const char *base = l->options->base;
	char shown[ESCAPE_NAME_MAX];
	struct stat a, b;

	l->root_fd = l->dir_fd;
	l->is_same_dir = true;
	if (base == NULL)
		return 0;
	l->root_fd = io_open_typed(base, O_RDONLY | O_DIRECTORY, 0);
	if (l->root_fd == -1)
		return err_set(err, ERR_NOT_FOUND, io_error(), "--base %s",
		    escape_name(base, shown));
	l->is_same_dir = fstat(l->dir_fd, &a) == 0 &&
	    fstat(l->root_fd, &b) == 0 && a.st_dev == b.st_dev &&
	    a.st_ino == b.st_ino;
	return 0;
}

/* An archive that was named by mistake is no list of malformed lines. */
static bool
is_binary(int fd, const char *name)
{
	char head[HEAD_BYTES];
	ssize_t len = checklist_is_name(name) ? 0 :
	    pread(fd, head, sizeof head, 0);

	return len > 0 && memchr(head, '\0', (size_t)len) != NULL;
}

int
lists_open(struct lists *l, const char *path,
    const struct lists_options *options, struct err *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	struct stat st;
	int fd;

	memset(l, 0, sizeof *l);
	l->options = options;
	l->dir_fd = l->root_fd = l->list_fd = -1;
	fd = io_open_typed(path, O_RDONLY | O_NONBLOCK, 0);
	if (fd == -1)
		return err_set(err, ERR_NOT_FOUND, io_error(), "cannot open");
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		l->dir_fd = fd;
	} else {
		l->list_fd = fd;
		l->dir_fd = open_folder_of(path);
		buf_set(&l->name, name, strlen(name));
	}
	if (l->list_fd != -1 && !S_ISREG(st.st_mode))
		return err_set(err, ERR_NOT_FOUND, 0,
		    "neither a folder nor a regular file");
	if (l->list_fd != -1 && is_binary(l->list_fd, name))
		return err_set(err, ERR_NOT_FOUND, 0, "no list of checksums, "
		    "by what is in it; --data looks inside of files");
	if (l->dir_fd == -1)
		return err_set(err, ERR_IO, io_error(),
		    "cannot open the list's folder");
	if (open_base(l, err) == -1)
		return -1;
	parent_init(&l->parent, l->root_fd, false);
	return options->finds_new ? cover_init(&l->cover, err) : 0;
}

void
lists_close(struct lists *l)
{
	if (l->root_fd != -1 && l->root_fd != l->dir_fd)
		(void)close(l->root_fd);	/* read-only, all of them */
	if (l->dir_fd != -1)
		(void)close(l->dir_fd);
	if (l->list_fd != -1)
		(void)close(l->list_fd);
	if (l->root_fd != -1)
		parent_release(&l->parent);
	cover_release(&l->cover);
	buf_release(&l->name);
	buf_release(&l->path);
}

/* 1: some name in front of the absolute path is all that differs. */
static bool
is_beside(const char *name, const char *list, size_t side_len)
{
	const char *last = strrchr(name, '/');

	return last != NULL && strlen(last + 1) == side_len &&
	    memcmp(last + 1, list, side_len) == 0;
}

int
lists_path(struct lists *l, const char *list,
    const struct checklist_line *line, struct err *err)
{
	size_t side_len = checklist_side_len(list);

	if (line->name == NULL) {
		buf_set(&l->path, list, side_len);
		return 0;
	}
	/*
	 * Backup scripts write side files with the absolute path of the day,
	 * and mean the file beside them.
	 */
	if (line->name[0] == '/' && l->options->base == NULL && side_len > 0 &&
	    is_beside(line->name, list, side_len)) {
		buf_set(&l->path, list, side_len);
		return 0;
	}
	return checklist_path(line->name, l->options->base != NULL, &l->path,
	    err);
}

/* The lines of one list, from its beginning. */
static int
each_line(int fd, const char *name, const struct lists_visit *visit,
    struct err *err)
{
	struct checklist_line line;
	struct checklist *list;
	struct fd_reader reader;
	uint64_t lines = 0;
	struct err why;
	int r, ret = 0;

	if (visit->begin(visit->ctx, name, err) == -1)
		return -1;
	/* From the medium, not as it was remembered. */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (lseek(fd, 0, SEEK_SET) == -1)
		return visit->trouble(visit->ctx, name, LIST_UNREADABLE,
		    "cannot be read from its beginning", err);
	list = checklist_new(fd_reader_init(&reader, fd),
	    checklist_side_len(name) > 0);
	while ((r = checklist_next(list, &line, &why)) == 1 && ret == 0) {
		lines++;
		ret = visit->line(visit->ctx, name, &line, err);
	}
	if (ret == 0 && r == -1)
		ret = visit->trouble(visit->ctx, name, LIST_UNREADABLE,
		    why.text, err);
	else if (ret == 0 && lines == 0)
		ret = visit->trouble(visit->ctx, name, LIST_MALFORMED,
		    "names no file", err);
	checklist_free(list);
	return ret;
}

/* A link to a list that is read as itself: once is enough. */
static bool
is_second_name(const struct lists *l, const char *name)
{
	char target[NAME_MAX + 1];
	ssize_t len = readlinkat(l->dir_fd, name, target, sizeof target - 1);
	struct stat st;

	if (len <= 0)
		return false;
	target[len] = '\0';
	return checklist_is_name(target) && fstatat(l->dir_fd, target, &st,
	    AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

/* Links are followed as those of a list's files are: inside the folder. */
static int
open_list(const struct lists *l, const char *name, struct err *err)
{
	struct below below;
	int fd;

	below_init(&below, l->dir_fd);
	fd = below_open(&below, name, O_RDONLY | O_NONBLOCK, err);
	below_release(&below);
	return fd;
}

/* It cannot be opened: named all the same, and nothing of it is good. */
static int
refuse_list(const char *name, const struct err *why,
    const struct lists_visit *visit, struct err *err)
{
	if (visit->begin(visit->ctx, name, err) == -1)
		return -1;
	return visit->trouble(visit->ctx, name,
	    why->class == ERR_NOT_FOUND ? LIST_MISSING :
	    why->class == ERR_DAMAGED ? LIST_REFUSED : LIST_UNREADABLE,
	    why->text, err);
}

/* A name that a folder holds; most are no lists. */
static int
each_name(struct lists *l, const char *name, const struct lists_visit *visit,
    struct err *err)
{
	struct stat st;
	struct err why;
	int fd, ret = 0;

	if (!checklist_is_name(name))
		return 0;
	if (fstatat(l->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISREG(st.st_mode) && (!S_ISLNK(st.st_mode) ||
	    is_second_name(l, name)))
		return 0;
	fd = open_list(l, name, &why);
	if (fd == -1)
		return refuse_list(name, &why, visit, err);
	/* Through a link may come a folder that only is called so. */
	if (fstat(fd, &st) == -1 || S_ISREG(st.st_mode))
		ret = each_line(fd, name, visit, err);
	(void)close(fd);	/* read-only: nothing to lose */
	return ret;
}

static int
each_in_folder(struct lists *l, int fd, const struct lists_visit *visit,
    struct err *err)
{
	struct dir_names names = DIR_NAMES_EMPTY;
	int ret = 0;
	size_t i;

	while (!names.is_last && ret == 0) {
		if (dir_names_read(&names, fd, NAMES_BYTES) == -1) {
			ret = err_set(err, ERR_IO, io_error(),
			    "cannot list the folder");
			break;
		}
		for (i = 0; i < names.count && ret == 0; i++)
			ret = each_name(l, names.items[i], visit, err);
	}
	dir_names_release(&names);
	return ret;
}

int
lists_each(struct lists *l, const struct lists_visit *visit, struct err *err)
{
	int fd, ret;

	if (l->list_fd != -1)
		return each_line(l->list_fd, buf_text(&l->name), visit, err);
	/* A descriptor of its own: reading moves it. */
	fd = io_open(l->dir_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	if (fd == -1)
		return err_set(err, ERR_IO, io_error(),
		    "cannot list the folder");
	ret = each_in_folder(l, fd, visit, err);
	(void)close(fd);	/* read-only: nothing to lose */
	return ret;
}

/* ---- the first pass: how much there is */

static int
count_list(void *ctx, const char *list, struct err *err)
{
	struct lists *l = ctx;
	const struct lists_calls *calls = &l->options->calls;

	(void)err;
	l->lists++;
	calls->list(calls->ctx, list);
	return 0;
}

static int
count_line(void *ctx, const char *list, const struct checklist_line *line,
    struct err *err)
{
	struct lists *l = ctx;
	const char *name;
	struct err why;
	struct stat st;
	int fd;

	/* What cannot be used or found is told by the second pass. */
	if (line->fault[0] == '\0' && lists_path(l, list, line, &why) == 0 &&
	    parent_of(&l->parent, buf_text(&l->path), &fd, &name,
	    &why) == 0 && fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode))
		l->total_bytes += (uint64_t)st.st_size;
	return watch_step(l->options->watch, 0, 0, err);
}

static int
count_trouble(void *ctx, const char *list, enum list_verdict verdict,
    const char *why, struct err *err)
{
	(void)ctx, (void)list, (void)verdict, (void)why, (void)err;
	return 0;
}

int
lists_count(struct lists *l, struct err *err)
{
	const struct lists_visit visit = { l, count_list, count_line,
	    count_trouble };

	if (lists_each(l, &visit, err) == -1)
		return -1;
	if (l->lists == 0)
		return err_set(err, ERR_NOT_FOUND, 0,
		    "no list of checksums lies there");
	return 0;
}
