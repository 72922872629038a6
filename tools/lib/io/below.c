/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths that stay below a folder; see below.h. */
#include "io/below.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "io/io.h"

/* The kernel gives up when folders are renamed meanwhile. */
#define TRIES 16

void
below_init(struct below *b, int root_fd)
{
	b->root_fd = root_fd;
	b->follows = true;
	parent_init(&b->parent, root_fd, false);
}

void
below_refuse_links(struct below *b)
{
	b->follows = false;
}

static int
open_beneath(int root_fd, const char *path, int flags)
{
	struct open_how how;
	int fd, i;

	memset(&how, 0, sizeof how);
	how.flags = (unsigned)flags | O_CLOEXEC;
	how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
	for (i = 0; i < TRIES; i++) {
		fd = (int)syscall(SYS_openat2, root_fd, path, &how,
		    sizeof how);
		if (fd != -1 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return fd;
}

static int
failed(int sys, struct err *err)
{
	if (sys == EXDEV)
		return err_set(err, ERR_DAMAGED, 0,
		    "leads out of the folder");
	if (sys == ELOOP)
		return err_set(err, ERR_DAMAGED, 0,
		    "a symbolic link that is not followed");
	return err_set(err, sys == ENOENT || sys == ENOTDIR ? ERR_NOT_FOUND :
	    ERR_IO, sys, "cannot open");
}

static int
open_by_parts(struct below *b, const char *path, int flags, struct err *err)
{
	const char *name;
	int dir_fd, fd;

	if (parent_of(&b->parent, path, &dir_fd, &name, err) == -1)
		return -1;
	if (strcmp(name, "..") == 0)
		return failed(EXDEV, err);
	fd = io_open(dir_fd, name, flags, 0);
	return fd == -1 ? failed(io_error(), err) : fd;
}

int
below_open(struct below *b, const char *path, int flags, struct err *err)
{
	int fd;

	if (b->follows) {
		fd = open_beneath(b->root_fd, path, flags);
		/* Old container runtimes forbid what they do not know. */
		if (fd != -1 || (errno != ENOSYS && errno != EPERM))
			return fd == -1 ? failed(errno, err) : fd;
		b->follows = errno != ENOSYS;
	}
	return open_by_parts(b, path, flags, err);
}

void
below_release(struct below *b)
{
	parent_release(&b->parent);
}
