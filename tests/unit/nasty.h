/* SPDX-License-Identifier: BSD-2-Clause */
/* Trees with everything that a file system can hold, kind by kind. */
#ifndef DRYDOCK_TESTS_NASTY_H
#define DRYDOCK_TESTS_NASTY_H

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "archive/acl.h"
#include "base/mem.h"
#include "io/io.h"

/* -------------------------------------------------------- building blocks */

static inline bool
put(int dir, const char *name, const void *data, size_t len)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0644);
	bool done = fd != -1 && io_write(fd, data, len) == 0;

	if (fd != -1)
		done = close(fd) == 0 && done;
	return done;
}

static inline bool
put_at(int dir, const char *name, const char *text, uint64_t offset)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	bool done = fd != -1 && io_pwrite(fd, text, strlen(text), offset) == 0;

	if (fd != -1)
		done = close(fd) == 0 && done;
	return done;
}

static inline bool
set_size(int dir, const char *name, uint64_t size)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	bool done = fd != -1 && ftruncate(fd, (off_t)size) == 0;

	if (fd != -1)
		done = close(fd) == 0 && done;
	return done;
}

static inline bool
set_time(int dir, const char *name, int64_t s, long ns)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		{ (time_t)s, ns } };

	return utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) == 0;
}

static inline bool
set_xattr(int dir, const char *name, const char *xattr, const void *value,
    size_t len)
{
	char *path = mem_format("/proc/self/fd/%d/%s", dir, name);
	bool done = lsetxattr(path, xattr, value, len, 0) == 0;

	free(path);
	return done;
}

static inline bool
set_acl(int dir, const char *name, const char *xattr, uint32_t user,
    uint32_t group_perm)
{
	struct acl acl = ACL_EMPTY;
	struct buf value = BUF_EMPTY;
	bool done;

	acl_add(&acl, ACL_USER_OBJ, 0, 6);
	acl_add(&acl, ACL_USER, user, 5);
	acl_add(&acl, ACL_GROUP_OBJ, 0, group_perm);
	acl_add(&acl, ACL_GROUP, 4000000001U, 1);
	acl_add(&acl, ACL_MASK, 0, 3);
	acl_add(&acl, ACL_OTHER, 0, 4);
	acl_format(&acl, &value);
	done = set_xattr(dir, name, xattr, value.data, value.len);
	buf_release(&value);
	acl_release(&acl);
	return done;
}

static inline bool
set_flags(int dir, const char *name, unsigned flags)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	uint32_t now = 0;
	bool done = fd != -1 && io_get_flags(fd, &now) == 0 &&
	    io_set_flags(fd, now | flags) == 0;

	if (fd != -1)
		(void)close(fd);
	return done;
}

/* ------------------------------------------------------------- the tree */

static inline bool
make_names(int dir)
{
	char longest[256];

	memset(longest, 'n', 255);
	longest[255] = '\0';
	return put(dir, longest, "1", 1) &&
	    put(dir, "inv\xff\xfe", "2", 1) &&
	    put(dir, "nf\xc3\xa9", "3", 1) &&		/* composed */
	    put(dir, "nfe\xcc\x81", "4", 1) &&	/* decomposed */
	    put(dir, "line\nfeed\x1b[31m\r", "5", 1) &&
	    put(dir, "-rf", "6", 1) && put(dir, " ", "7", 1) &&
	    put(dir, "%41\\101", "8", 1) &&
	    mkdirat(dir, "...", 0755) == 0 && put(dir, ".../x", "9", 1) &&
	    put(dir, "empty", "", 0);
}

static inline bool
make_links(int dir)
{
	(void)mkdirat(dir, "...", 0755);	/* make_names() may have been here */
	return put(dir, "one", "links\n", 6) &&
	    linkat(dir, "one", dir, "another", 0) == 0 &&
	    linkat(dir, "one", dir, ".../three\xff", 0) == 0 &&
	    symlinkat("one", dir, "sym") == 0 &&
	    linkat(dir, "sym", dir, "sym2", 0) == 0 &&
	    symlinkat("/etc/passwd", dir, "absolute") == 0 &&
	    symlinkat("to\xff\nnowhere", dir, "odd\xfe") == 0 &&
	    set_time(dir, "sym", 915148800, 500000000);
}

static inline bool
make_special(int dir)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(at.sun_path, sizeof at.sun_path, "/proc/self/fd/%d/so",
	    dir);
	if (fd == -1 || bind(fd, (struct sockaddr *)(void *)&at,
	    sizeof at) == -1)
		return false;
	(void)close(fd);
	return fchmodat(dir, "so", 01642, 0) == 0 &&
	    mkfifoat(dir, "fifo", 0600) == 0 &&
	    fchmodat(dir, "fifo", 04666, 0) == 0 &&
	    mknodat(dir, "null", S_IFCHR | 0612, makedev(1, 3)) == 0 &&
	    mknodat(dir, "loop", S_IFBLK | 0600, makedev(7, 0)) == 0 &&
	    mknodat(dir, "large", S_IFCHR | 0600, makedev(300, 1000000)) ==
	    0 && mknodat(dir, "gone", S_IFCHR | 0600, makedev(0, 0)) == 0;
}

static inline bool
make_holes(int dir)
{
	bool done = put_at(dir, "holes", "A", 1 << 20) &&
	    put_at(dir, "holes", "B", (3 << 20) + 17) &&
	    set_size(dir, "holes", 9 << 20) &&
	    set_size(dir, "hole", 10 << 20) &&
	    put_at(dir, "head", "data", 0) &&
	    set_size(dir, "head", 1 << 20) &&
	    put_at(dir, "tail", "end", 5 << 20);
	uint64_t i;

	for (i = 0; i < 300; i++)
		done = done && put_at(dir, "comb", "x", i * 16384);
	return done;
}

static inline bool
make_times(int dir)
{
	return put(dir, "t1", "", 0) && set_time(dir, "t1", -86400, 500000000) &&
	    put(dir, "t2", "", 0) && set_time(dir, "t2", -1, 250000000) &&
	    put(dir, "t3", "", 0) && set_time(dir, "t3", -1, 0) &&
	    put(dir, "t4", "", 0) && set_time(dir, "t4", 0, 1) &&
	    put(dir, "t5", "", 0) && set_time(dir, "t5", 0, 0) &&
	    put(dir, "t6", "", 0) && set_time(dir, "t6", 8600000000, 999999999) &&
	    put(dir, "t7", "", 0) && set_time(dir, "t7", -2, 999999999);
}

static inline bool
make_owners(int dir)
{
	return put(dir, "suid", "", 0) &&
	    fchownat(dir, "suid", 1000, 1000, 0) == 0 &&
	    fchmodat(dir, "suid", 06755, 0) == 0 &&
	    put(dir, "far", "", 0) &&
	    fchownat(dir, "far", 3000000, 4000000000U, 0) == 0 &&
	    fchmodat(dir, "far", 02750, 0) == 0 &&
	    mkdirat(dir, "shared", 0755) == 0 &&
	    fchmodat(dir, "shared", 03770, 0) == 0 &&
	    mkdirat(dir, "closed", 0) == 0 &&
	    put(dir, "none", "", 0) && fchmodat(dir, "none", 0, 0) == 0;
}

static inline bool
make_xattrs(int dir)
{
	/* cap_net_raw, permitted and effective */
	static const uint8_t capability[20] = { 1, 0, 0, 2, 0, 0x20 };
	char longest[256];

	memset(longest, 'L', sizeof longest);
	memcpy(longest, "user.", 5);
	longest[255] = '\0';
	return put(dir, "xa", "", 0) &&
	    set_xattr(dir, "xa", "user.plain", "v\0\xff\n", 4) &&
	    set_xattr(dir, "xa", "user.empty", "", 0) &&
	    set_xattr(dir, "xa", "user.a=b%20c d\ne", "1", 1) &&
	    set_xattr(dir, "xa", "user.a%3Db", "2", 1) &&
	    set_xattr(dir, "xa", "user.\xc3\xa9\xff", "3", 1) &&
	    set_xattr(dir, "xa", longest, "4", 1) &&
	    set_xattr(dir, "xa", "trusted.t", "5", 1) &&
	    set_xattr(dir, "xa", "security.drydock", "6", 1) &&
	    set_xattr(dir, "shared", "user.dir", "7", 1) &&
	    set_xattr(dir, "sym", "trusted.link", "8", 1) &&
	    set_xattr(dir, "fifo", "trusted.fifo", "9", 1) &&
	    put(dir, "cap", "", 0) && fchmodat(dir, "cap", 0755, 0) == 0 &&
	    set_xattr(dir, "cap", "security.capability", capability,
	    sizeof capability);
}

static inline bool
make_acls(int dir)
{
	return put(dir, "acl", "", 0) && fchmodat(dir, "acl", 04640, 0) == 0 &&
	    set_acl(dir, "acl", ACL_XATTR_ACCESS, 1234, 7) &&
	    mkdirat(dir, "both", 0755) == 0 &&
	    fchmodat(dir, "both", 02770, 0) == 0 &&
	    set_acl(dir, "both", ACL_XATTR_ACCESS, 77, 0) &&
	    set_acl(dir, "both", ACL_XATTR_DEFAULT, 3000000000U, 5) &&
	    put(dir, "both/inherits", "", 0) &&
	    mkdirat(dir, "both/inherits-too", 0755) == 0 &&
	    mkdirat(dir, "plain-again", 0755) == 0 &&
	    mkdirat(dir, "default", 0755) == 0 &&
	    set_acl(dir, "default", ACL_XATTR_DEFAULT, 5, 7) &&
	    set_acl(dir, "fifo", ACL_XATTR_ACCESS, 6, 4) &&
	    /* This one has lost what it inherited: so must its copy. */
	    put(dir, "both/bare", "", 0) &&
	    fremovexattr(openat(dir, "both/bare", O_RDONLY | O_CLOEXEC),
	    ACL_XATTR_ACCESS) == 0;
}

static inline bool
make_levels(int dir, int count)
{
	char name[101];
	int fd = dup(dir), i;
	bool done;

	memset(name, 'd', 100);
	name[100] = '\0';
	for (i = 0; i < count && fd != -1; i++) {
		int next = mkdirat(fd, name, 0755) == -1 ? -1 :
		    openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		(void)close(fd);
		fd = next;
	}
	done = fd != -1 && put(fd, "leaf", "deep\n", 5) &&
	    set_time(fd, ".", 1000000, 7);
	if (fd != -1)
		(void)close(fd);
	return done;
}

/* Directories with long names: over PATH_MAX. */
static inline bool
make_depth(int dir)
{
	return make_levels(dir, 60);
}

static inline bool
make_large(int dir)
{
	char *data = mem_alloc(3000001);
	size_t i;
	bool done;

	for (i = 0; i < 3000001; i++)
		data[i] = (char)(i * 2654435761U >> 13);
	done = put(dir, "large-file", data, 3000001);
	free(data);
	return done;
}

/* Everything in one tree, as attributes of one kind disturb others. */
static inline bool
make_all(int dir)
{
	return make_names(dir) && make_links(dir) && make_special(dir) &&
	    make_holes(dir) && make_times(dir) && make_owners(dir) &&
	    make_xattrs(dir) && make_acls(dir) && make_depth(dir) &&
	    make_large(dir) && fchmodat(dir, ".", 03751, 0) == 0 &&
	    fchownat(dir, ".", 70, 71, 0) == 0;
}

#endif
