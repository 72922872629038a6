/* SPDX-License-Identifier: BSD-2-Clause */
/* Folders with other copies; see places.h. */
#include "places.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "io/io.h"
#include "medium/medium.h"

static int
open_folder(int fd, const char *name)
{
	return io_open(fd, name, O_RDONLY | O_DIRECTORY, 0);
}

static bool
is_same(int a, int b)
{
	struct stat x, y;

	return a != -1 && b != -1 && fstat(a, &x) == 0 &&
	    fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Takes fd over. */
static int
add(struct places *p, int fd, const char *label, bool is_snapshot, int not_fd,
    struct err *err)
{
	struct place *place = &p->items[p->count];
	size_t i;

	if (fd == -1)
		return 0;
	for (i = 0; i < p->count; i++)
		if (is_same(fd, p->items[i].fd))
			break;
	if (i < p->count || is_same(fd, not_fd)) {
		(void)close(fd);
		return 0;
	}
	if (p->count == PLACES_MAX) {
		(void)close(fd);
		return err_set(err, ERR_LIMIT, 0,
		    "--with: more than %d folders hold copies", PLACES_MAX);
	}
	place->fd = fd;
	place->is_snapshot = is_snapshot;
	(void)escape_name(label, place->label);
	p->count++;
	return 0;
}

/* base/name/snapshot; name "" for base itself. */
static int
open_below(int base, const char *name, const char *snapshot)
{
	int folder = open_folder(base, name[0] == '\0' ? "." : name);
	int fd = -1;

	if (folder != -1) {
		fd = open_folder(folder, snapshot);
		(void)close(folder);
	}
	return fd;
}

/* Is this the snapshot's own folder? */
static bool
is_named(const char *path, const char *snapshot)
{
	size_t end = strlen(path), len = strlen(snapshot);

	while (end > 0 && path[end - 1] == '/')
		end--;
	return end >= len && memcmp(path + end - len, snapshot, len) == 0 &&
	    (end == len || path[end - len - 1] == '/');
}

static int
look_at(struct places *p, const char *path, const char *snapshot, int not_fd,
    struct err *err)
{
	char safe[ESCAPE_NAME_MAX];
	int base = io_open_typed(path, O_RDONLY | O_DIRECTORY, 0);
	int drydock, fd;

	if (base == -1)
		return err_set(err, ERR_NOT_FOUND, io_error(), "--with %s",
		    escape_name(path, safe));
	drydock = open_folder(base, MEDIUM_DIR);
	fd = open_below(drydock == -1 ? base : drydock, MEDIUM_SNAPSHOTS,
	    snapshot);
	if (drydock != -1)
		(void)close(drydock);
	if (fd == -1)
		fd = open_below(base, "", snapshot);
	if (add(p, fd, path, true, not_fd, err) == -1) {
		(void)close(base);
		return -1;
	}
	return add(p, base, path, is_named(path, snapshot), not_fd, err);
}

int
places_check(const struct cli_list *with, struct err *err)
{
	char safe[ESCAPE_NAME_MAX];
	size_t i;

	for (i = 0; i < with->count; i++) {
		int fd = io_open_typed(with->items[i],
		    O_RDONLY | O_DIRECTORY, 0);

		if (fd == -1)
			return err_set(err, ERR_NOT_FOUND, io_error(),
			    "--with %s", escape_name(with->items[i], safe));
		(void)close(fd);
	}
	return 0;
}

int
places_open(struct places *p, const struct cli_list *with,
    const char *snapshot, int not_fd, struct err *err)
{
	size_t i;

	p->count = 0;
	for (i = 0; i < with->count; i++)
		if (look_at(p, with->items[i], snapshot, not_fd, err) == -1) {
			places_close(p);
			return -1;
		}
	return 0;
}

void
places_close(struct places *p)
{
	while (p->count > 0)
		(void)close(p->items[--p->count].fd);	/* directories */
}
