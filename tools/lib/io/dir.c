/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories by descriptor; see dir.h. */
#include "io/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "io/io.h"

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* What getdents64(2) returns: u64 inode, s64 place, u16 length, u8 type. */
#define DENT_LEN 16
#define DENT_NAME 19
#define DENTS_SIZE ((size_t)32 << 10)

static int
open_no_xdev(int parent_fd, const char *name, int flags)
{
	struct open_how how;

	memset(&how, 0, sizeof how);
	how.flags = (unsigned)flags;
	how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS;
	return (int)syscall(SYS_openat2, parent_fd, name, &how, sizeof how);
}

/* Old kernels have no openat2(2), old container runtimes forbid it. */
static int
open_below(int parent_fd, const char *name, int flags)
{
	int fd = open_no_xdev(parent_fd, name, flags);

	if (fd == -1 && (errno == ENOSYS || errno == EPERM))
		fd = openat(parent_fd, name, flags);
	return fd;
}

int
dir_open(int parent_fd, const char *name, dev_t dev)
{
	struct stat st;
	int sys = EXDEV;
	int fd = open_below(parent_fd, name, DIR_FLAGS | O_NOATIME);

	if (fd == -1 && errno == EPERM)		/* not the owner's to ask */
		fd = open_below(parent_fd, name, DIR_FLAGS);
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1)
		sys = errno;
	else if (st.st_dev == dev)
		return fd;
	(void)close(fd);	/* read-only: nothing to lose */
	errno = sys;
	return -1;
}

bool
dir_is_mount_point(int parent_fd, const char *name)
{
	/* RESOLVE_NO_SYMLINKS would refuse a link at the end. */
	struct open_how how;
	int fd;

	memset(&how, 0, sizeof how);
	how.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
	how.resolve = RESOLVE_NO_XDEV;
	fd = (int)syscall(SYS_openat2, parent_fd, name, &how, sizeof how);
	if (fd == -1)
		return true;
	(void)close(fd);	/* a mere place: nothing to lose */
	return false;
}

static bool
is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Take the names out of what the kernel returned. */
static void
take_names(struct dir_names *names, const char *data, size_t len)
{
	size_t at = 0;

	while (at < len) {
		const char *name = data + at + DENT_NAME;

		if (!is_dot(name)) {
			buf_append(&names->bytes, name, strlen(name) + 1);
			names->count++;
		}
		at += get_le16((const uint8_t *)data + at + DENT_LEN);
	}
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
sort_names(struct dir_names *names)
{
	char *name = names->bytes.data;
	size_t i;

	names->items = mem_resize(names->items, names->count,
	    sizeof *names->items);
	for (i = 0; i < names->count; i++) {
		names->items[i] = name;
		name += strlen(name) + 1;
	}
	if (names->count > 1)
		qsort(names->items, names->count, sizeof *names->items,
		    compare_names);
}

size_t
dir_names_size(const struct dir_names *names)
{
	return names->bytes.len + names->count * sizeof *names->items;
}

int
dir_names_read(struct dir_names *names, int fd, size_t max)
{
	char *data = mem_alloc(DENTS_SIZE);
	long n;

	buf_cut(&names->bytes, 0);
	names->count = 0;
	names->is_last = false;
	do {
		n = syscall(SYS_getdents64, fd, data, DENTS_SIZE);
		if (n > 0)
			take_names(names, data, (size_t)n);
	} while (n > 0 && dir_names_size(names) < max);
	free(data);
	if (n == -1)
		return -1;
	names->is_last = n == 0;
	sort_names(names);
	return 0;
}

void
dir_names_release(struct dir_names *names)
{
	static const struct dir_names empty = DIR_NAMES_EMPTY;

	buf_release(&names->bytes);
	free(names->items);
	*names = empty;
}
