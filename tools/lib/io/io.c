/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole reads and writes; see io.h. */
#include "io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"

/* Transfers over 2 GiB are cut by the kernel; a round number below that. */
#define IO_TRANSFER_MAX ((size_t)1 << 30)

int
io_error(void)
{
	return errno;
}

static size_t
transfer(size_t len)
{
	return len < IO_TRANSFER_MAX ? len : IO_TRANSFER_MAX;
}

int
io_read(int fd, void *data, size_t len, size_t *got)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = read(fd, (char *)data + have,
		    transfer(len - have));

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	*got = have;
	return 0;
}

int
io_pread(int fd, void *data, size_t len, uint64_t offset, size_t *got)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = pread(fd, (char *)data + have,
		    transfer(len - have), (off_t)(offset + have));

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	*got = have;
	return 0;
}

int
io_write(int fd, const void *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(fd, (const char *)data + done,
		    transfer(len - done));

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0) {
			errno = EIO;
			return -1;
		}
		done += (size_t)n;
	}
	return 0;
}

int
io_pwrite(int fd, const void *data, size_t len, uint64_t offset)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pwrite(fd, (const char *)data + done,
		    transfer(len - done), (off_t)(offset + done));

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0) {
			errno = EIO;
			return -1;
		}
		done += (size_t)n;
	}
	return 0;
}

static int
open_retry(int dir_fd, const char *name, int flags, mode_t mode)
{
	int fd;

	do {
		fd = openat(dir_fd, name, flags | O_CLOEXEC, mode);
	} while (fd == -1 && errno == EINTR);
	return fd;
}

int
io_open(int dir_fd, const char *name, int flags, mode_t mode)
{
	return open_retry(dir_fd, name, flags | O_NOFOLLOW, mode);
}

int
io_open_typed(const char *path, int flags, mode_t mode)
{
	return open_retry(AT_FDCWD, path, flags, mode);
}

int
io_read_whole(int fd, size_t max, struct buf *out, struct err *err)
{
	struct stat st;
	size_t got;

	if (fstat(fd, &st) == -1)
		return err_set(err, ERR_IO, errno, "cannot stat");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_DAMAGED, 0, "not a regular file");
	if (st.st_size < 0 || (uint64_t)st.st_size > max)
		return err_set(err, ERR_LIMIT, 0,
		    "%llu bytes, more than the %zu allowed",
		    (unsigned long long)st.st_size, max);
	/* One byte more than stat said shows a file that is still growing. */
	buf_cut(out, 0);
	if (io_read(fd, buf_reserve(out, (size_t)st.st_size + 1),
	    (size_t)st.st_size + 1, &got) == -1)
		return err_set(err, ERR_IO, errno, "cannot read");
	if (got > (size_t)st.st_size)
		return err_set(err, ERR_DAMAGED, 0, "grows while it is read");
	out->len = got;
	out->data[got] = '\0';
	return 0;
}

/* fd: as opened, or -1 with errno; closed. */
static int
read_opened(int fd, size_t max, struct buf *out, struct err *err)
{
	int ret;

	if (fd == -1)
		return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    errno, "cannot open");
	ret = io_read_whole(fd, max, out, err);
	(void)close(fd);	/* read-only: nothing to lose */
	return ret;
}

/* O_NONBLOCK: a fifo of that name must not hang us. */
int
io_read_file(int dir_fd, const char *name, size_t max, struct buf *out,
    struct err *err)
{
	return read_opened(io_open(dir_fd, name, O_RDONLY | O_NONBLOCK, 0),
	    max, out, err);
}

int
io_read_typed(const char *path, size_t max, struct buf *out, struct err *err)
{
	return read_opened(io_open_typed(path, O_RDONLY | O_NONBLOCK, 0),
	    max, out, err);
}

int
io_sync(int fd)
{
	int r;

	do {
		r = fsync(fd);
	} while (r == -1 && errno == EINTR);
	return r;
}

int
io_sync_data(int fd)
{
	int r;

	do {
		r = fdatasync(fd);
	} while (r == -1 && errno == EINTR);
	return r;
}

int
io_close(int fd)
{
	/* On Linux the descriptor is gone even after EINTR. */
	if (close(fd) == -1 && errno != EINTR)
		return -1;
	return 0;
}

int
io_sync_fs(int fd)
{
	int r;

	do {
		r = syncfs(fd);
	} while (r == -1 && errno == EINTR);
	return r;
}

int
io_exchange(int dir_a, const char *a, int dir_b, const char *b)
{
	return (int)syscall(SYS_renameat2, dir_a, a, dir_b, b,
	    RENAME_EXCHANGE);
}

int
io_rename_new(int dir_a, const char *a, int dir_b, const char *b)
{
	return (int)syscall(SYS_renameat2, dir_a, a, dir_b, b,
	    RENAME_NOREPLACE);
}

int
io_fs_facts(int fd, struct io_fs *fs, struct err *err)
{
	struct statfs s;

	if (fstatfs(fd, &s) == -1)
		return err_set(err, ERR_IO, errno, "cannot statfs");
	fs->type = (uint64_t)s.f_type & 0xffffffffU;
	fs->block_size = (uint64_t)s.f_bsize;
	fs->free_bytes = (uint64_t)s.f_bavail * (uint64_t)s.f_bsize;
	/* FAT and btrfs have no inode count and report 0 of 0. */
	fs->free_inodes = s.f_files == 0 ? UINT64_MAX : (uint64_t)s.f_ffree;
	fs->is_read_only = (s.f_flags & 1) != 0;	/* ST_RDONLY */
	return 0;
}

/*
 * The kernel writes an int, whatever the request's name says, and musl and
 * glibc differ in the type of ioctl()'s second argument; the bare system call
 * suits both.  The room behind the int is for file systems that believe the
 * name and write a long.
 */
int
io_get_flags(int fd, uint32_t *flags)
{
	uint32_t room[2] = { 0, 0 };

	if (syscall(SYS_ioctl, fd, FS_IOC_GETFLAGS, room) == -1)
		return -1;
	*flags = room[0];
	return 0;
}

int
io_set_flags(int fd, uint32_t flags)
{
	uint32_t room[2] = { flags, 0 };

	return (int)syscall(SYS_ioctl, fd, FS_IOC_SETFLAGS, room);
}

int64_t
io_now(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_REALTIME, &ts) == -1)
		return 0;
	return (int64_t)ts.tv_sec;
}

uint64_t
io_ticks_ms(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		return 0;
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

int
io_random(void *data, size_t len, struct err *err)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = getrandom((char *)data + done, len - done, 0);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_set(err, ERR_IO, errno,
			    "no random numbers");
		done += (size_t)n;
	}
	return 0;
}
