/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole reads and writes, and the few system calls that need care.  The only
 * place that knows EINTR and short transfers.  A file descriptor is always
 * opened with O_CLOEXEC, and by default with O_NOFOLLOW.
 */
#ifndef IO_IO_H
#define IO_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct buf;

/* errno of the call that failed; a name of its own so that only io/ uses it. */
int io_error(void);

/*
 * Read up to len bytes, fewer only at the end of the file.  -1 with errno.
 */
int io_read(int fd, void *data, size_t len, size_t *got);
int io_pread(int fd, void *data, size_t len, uint64_t offset, size_t *got);

/* Write all bytes.  -1 with errno. */
int io_write(int fd, const void *data, size_t len);
int io_pwrite(int fd, const void *data, size_t len, uint64_t offset);

/*
 * openat() with O_CLOEXEC | O_NOFOLLOW added and EINTR retried.  -1 with
 * errno.
 */
int io_open(int dir_fd, const char *name, int flags, mode_t mode);

/* As io_open, but a symbolic link at the end is followed: for paths that the
 * person at the terminal typed. */
int io_open_typed(const char *path, int flags, mode_t mode);

/*
 * The whole of a small file.  More than max bytes is ERR_LIMIT, a missing
 * file ERR_NOT_FOUND, anything but a regular file ERR_DAMAGED.
 */
int io_read_file(int dir_fd, const char *name, size_t max, struct buf *out,
    struct err *err);
/* The same of a file that is open, at its start; fd is borrowed. */
int io_read_whole(int fd, size_t max, struct buf *out, struct err *err);
/* The same for a path that the person typed: links are followed. */
int io_read_typed(const char *path, size_t max, struct buf *out,
    struct err *err);

/* fsync(), and close() reporting its error.  -1 with errno. */
int io_sync(int fd);
int io_sync_data(int fd);
int io_close(int fd);

/* The file system that fd is on, flushed with every file in it. */
int io_sync_fs(int fd);

/* renameat2(RENAME_EXCHANGE) and renameat2(RENAME_NOREPLACE).  -1, errno. */
int io_exchange(int dir_a, const char *a, int dir_b, const char *b);
int io_rename_new(int dir_a, const char *a, int dir_b, const char *b);

/* What io_fs_facts() tells of the file system fd is on. */
struct io_fs {
	uint64_t type;		/* statfs f_type */
	uint64_t free_bytes;	/* for us */
	uint64_t free_inodes;	/* UINT64_MAX where there is no such number */
	uint64_t block_size;
	bool is_read_only;
};
int io_fs_facts(int fd, struct io_fs *fs, struct err *err);

#define IO_FS_MSDOS 0x4d44U
#define IO_FS_EXFAT 0x2011bab0U
#define IO_FS_EXT 0xef53U
#define IO_FS_TMPFS 0x01021994U
#define IO_FS_OVERLAY 0x794c7630U
#define IO_FS_FUSE 0x65735546U

/*
 * The file flags that chattr(1) sets (linux/fs.h, FS_IOC_GETFLAGS).  -1 with
 * errno; ENOTTY or EOPNOTSUPP where the file system has none.
 */
int io_get_flags(int fd, uint32_t *flags);
int io_set_flags(int fd, uint32_t flags);

/*
 * Remove name below dir_fd with everything in it, without following links
 * and without leaving the file system.  A missing name is success.
 * Immutable and append-only flags are taken off where that is possible.
 */
int io_remove_tree(int dir_fd, const char *name, struct err *err);

/* Seconds since 1970, and a clock that never goes back, in milliseconds. */
int64_t io_now(void);
uint64_t io_ticks_ms(void);

/* len random bytes. */
int io_random(void *data, size_t len, struct err *err);

#endif
