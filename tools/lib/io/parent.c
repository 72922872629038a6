/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths below a root, opened safely; see parent.h. */
#include "io/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "io/io.h"

#define NAME_CAP 256	/* a component and its NUL */

void
parent_init(struct parent *p, int root_fd, bool keeps_times)
{
	static const struct buf empty = BUF_EMPTY;

	memset(p, 0, sizeof *p);
	p->root_fd = root_fd;
	p->fd = -1;
	p->path = empty;
	p->keeps_times = keeps_times;
}

static int
fail(const struct parent *p, int sys, const char *what, struct err *err)
{
	char name[ESCAPE_NAME_MAX];

	return err_set(err, ERR_IO, sys, "directory '%s': %s",
	    p->path.len == 0 ? "." : escape_name(buf_text(&p->path), name),
	    what);
}

/* The descriptor of the current directory. */
static int
current(const struct parent *p)
{
	return p->fd == -1 ? p->root_fd : p->fd;
}

/* Remember what the current directory's time was on entering it. */
static int
note_time(struct parent *p, struct err *err)
{
	struct stat st;

	if (!p->keeps_times)
		return 0;
	if (fstat(current(p), &st) == -1)
		return fail(p, errno, "cannot stat", err);
	p->mtime = st.st_mtim;
	p->has_mtime = true;
	return 0;
}

static int
put_time_back(struct parent *p, struct err *err)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, p->mtime };
	struct stat st;

	if (!p->has_mtime)
		return 0;
	p->has_mtime = false;
	if (fstat(current(p), &st) == -1)
		return fail(p, errno, "cannot stat", err);
	if (st.st_mtim.tv_sec == p->mtime.tv_sec &&
	    st.st_mtim.tv_nsec == p->mtime.tv_nsec)
		return 0;
	if (futimens(current(p), times) == -1)
		return fail(p, errno, "cannot put its time back", err);
	return 0;
}

int
parent_leave(struct parent *p, struct err *err)
{
	int ret = put_time_back(p, err);

	if (p->fd != -1)
		(void)close(p->fd);	/* nothing was written through it */
	p->fd = -1;
	buf_cut(&p->path, 0);
	return ret;
}

void
parent_set_mtime(struct parent *p, const struct timespec *mtime)
{
	p->mtime = *mtime;
}

static int
open_failed(const struct parent *p, int sys, struct err *err)
{
	(void)fail(p, sys, "cannot open", err);
	if (sys == ENOENT)
		err->class = ERR_NOT_FOUND;
	if (sys == ENOTDIR || sys == ELOOP)
		err->class = ERR_DAMAGED;
	return -1;
}

/* One component down. */
static int
descend(struct parent *p, const char *part, size_t len, struct err *err)
{
	char name[NAME_CAP];
	int fd;

	if (p->path.len > 0)
		buf_byte(&p->path, '/');
	buf_append(&p->path, part, len);
	if (len == 0 || len >= sizeof name)
		return err_set(err, ERR_DAMAGED, 0,
		    "a path with an impossible component");
	memcpy(name, part, len);
	name[len] = '\0';
	if (strcmp(name, "..") == 0 || strcmp(name, ".") == 0)
		return err_set(err, ERR_DAMAGED, 0, "a path with '%s' in it",
		    name);
	fd = io_open(current(p), name, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -1)
		return open_failed(p, errno, err);
	if (p->fd != -1)
		(void)close(p->fd);	/* nothing was written through it */
	p->fd = fd;
	return 0;
}

/* Is dir (len bytes of path) the current directory or below it? */
static bool
is_below(const struct parent *p, const char *path, size_t len)
{
	size_t here = p->path.len;

	if (here == 0)
		return true;
	return len >= here && memcmp(path, p->path.data, here) == 0 &&
	    (len == here || path[here] == '/');
}

/* Open the directory named by len bytes of path, from where p is. */
static int
go_to(struct parent *p, const char *path, size_t len, struct err *err)
{
	size_t at;

	if (!is_below(p, path, len) && parent_leave(p, err) == -1)
		return -1;
	if (p->path.len < len && put_time_back(p, err) == -1)
		return -1;
	at = p->path.len == 0 ? 0 : p->path.len + 1;
	while (at < len) {
		const char *slash = memchr(path + at, '/', len - at);
		size_t part = slash == NULL ? len - at :
		    (size_t)(slash - path) - at;

		if (descend(p, path + at, part, err) == -1)
			return -1;
		at += part + 1;
	}
	return p->has_mtime ? 0 : note_time(p, err);
}

int
parent_of(struct parent *p, const char *path, int *fd, const char **name,
    struct err *err)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);

	if (path[0] == '/' || (len > 0 && path[len - 1] == '/'))
		return err_set(err, ERR_DAMAGED, 0,
		    "a path with an empty component");
	if (go_to(p, path, len, err) == -1) {
		struct err ignored;

		/* p->path may name what could not be opened. */
		p->has_mtime = false;
		(void)parent_leave(p, &ignored);
		return -1;
	}
	*fd = current(p);
	*name = slash == NULL ? path : slash + 1;
	return 0;
}

void
parent_release(struct parent *p)
{
	if (p->fd != -1)
		(void)close(p->fd);	/* nothing was written through it */
	p->fd = -1;
	p->has_mtime = false;
	buf_release(&p->path);
}
