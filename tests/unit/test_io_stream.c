/* SPDX-License-Identifier: BSD-2-Clause */
/* io/stream and io/io: the ends of the chains, in memory and on descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "harness.h"
#include "io/io.h"
#include "io/stream.h"

/* Gives one byte a call, and fails where it is told to. */
struct drip {
	struct reader reader;
	const char *data;
	size_t len;
	bool fails;
};

static int
drip_read(struct reader *reader, void *data, size_t cap, size_t *got,
    struct err *err)
{
	struct drip *d = (struct drip *)(void *)reader;

	(void)cap;
	if (d->len == 0 && d->fails)
		return err_set(err, ERR_DAMAGED, 0, "told to");
	*got = d->len > 0;
	if (*got == 1) {
		memcpy(data, d->data, 1);
		d->data++;
		d->len--;
	}
	return 0;
}

static void
test_fill_gathers_and_stops(void)
{
	struct drip d = { { drip_read }, "abcdef", 6, false };
	struct err err;
	char out[8];
	size_t got = 99;

	ok(reader_fill(&d.reader, out, 4, &got, &err) == 0 && got == 4 &&
	    memcmp(out, "abcd", 4) == 0, "fill: gathers what was asked");
	ok(reader_fill(&d.reader, out, 4, &got, &err) == 0 && got == 2 &&
	    memcmp(out, "ef", 2) == 0, "fill: fewer at the end");
	ok(reader_fill(&d.reader, out, 4, &got, &err) == 0 && got == 0,
	    "fill: none after it");
	ok(reader_fill(&d.reader, out, 0, &got, &err) == 0 && got == 0,
	    "fill: nothing asked");
	d.data = "xy";
	d.len = 2;
	d.fails = true;
	ok(reader_fill(&d.reader, out, 4, &got, &err) == -1 &&
	    err.class == ERR_DAMAGED, "fill: passes a failure on");
}

static void
test_memory_reader(void)
{
	struct memory_reader m;
	struct reader *r = memory_reader_init(&m, "hello", 5);
	struct err err;
	char out[8];
	size_t got = 0;

	ok(r->read(r, out, 3, &got, &err) == 0 && got == 3, "memory: a part");
	ok(r->read(r, out, 8, &got, &err) == 0 && got == 2 &&
	    memcmp(out, "lo", 2) == 0, "memory: the rest");
	ok(r->read(r, out, 8, &got, &err) == 0 && got == 0, "memory: the end");
	r = memory_reader_init(&m, NULL, 0);
	ok(r->read(r, out, 8, &got, &err) == 0 && got == 0, "memory: nothing");
}

/* The same cases for both kinds of source over the bytes "hello". */
static void
check_source(struct source *s, const char *kind)
{
	struct err err;
	char out[8] = "";

	is_u64(s->size, 5, "%s: size", kind);
	ok(s->read_at(s, 1, out, 3, &err) == 0 && memcmp(out, "ell", 3) == 0,
	    "%s: from the middle", kind);
	ok(s->read_at(s, 0, out, 5, &err) == 0, "%s: all", kind);
	ok(s->read_at(s, 5, out, 0, &err) == 0, "%s: nothing at the end", kind);
	ok(s->read_at(s, 0, out, 6, &err) == -1 && err.class == ERR_DAMAGED,
	    "%s: one too many", kind);
	ok(s->read_at(s, 5, out, 1, &err) == -1 && err.class == ERR_DAMAGED,
	    "%s: behind the end", kind);
	ok(s->read_at(s, UINT64_MAX, out, 2, &err) == -1 &&
	    err.class == ERR_DAMAGED, "%s: a sum that would wrap", kind);
}

/* An unlinked file with these bytes, at its start; -1. */
static int
file_with(const char *text, size_t len)
{
	char path[] = "/tmp/drydock-test-XXXXXX";
	int fd = mkstemp(path);

	if (fd == -1)
		return -1;
	(void)unlink(path);
	if (io_write(fd, text, len) == -1 || lseek(fd, 0, SEEK_SET) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static void
test_sources(void)
{
	struct memory_source m;
	struct fd_source f;
	struct err err;
	char out[8];
	int fd = file_with("hello", 5);

	check_source(memory_source_init(&m, "hello", 5), "memory");
	if (!ok(fd != -1, "a temporary file"))
		return;
	check_source(fd_source_init(&f, fd, 5), "descriptor");
	(void)fd_source_init(&f, fd, 100);
	ok(f.source.read_at(&f.source, 3, out, 8, &err) == -1 &&
	    err.class == ERR_DAMAGED, "a file that became shorter");
	(void)close(fd);
	ok(f.source.read_at(&f.source, 0, out, 1, &err) == -1 &&
	    err.class == ERR_IO && err.sys == EBADF, "a failing read");
}

static void
test_fd_reader(void)
{
	struct fd_reader f;
	struct err err;
	char out[8];
	size_t got = 0;
	int fd = file_with("hello", 5);
	struct reader *r = fd_reader_init(&f, fd);

	ok(r->read(r, out, 3, &got, &err) == 0 && got == 3, "reader: a part");
	ok(r->read(r, out, 8, &got, &err) == 0 && got == 2, "reader: the rest");
	ok(r->read(r, out, 8, &got, &err) == 0 && got == 0, "reader: the end");
	(void)close(fd);
	ok(r->read(r, out, 8, &got, &err) == -1 && err.sys == EBADF,
	    "reader: a failing read");
}

/* A child writes to a pipe, a few bytes at a time. */
static void
test_read_waits_for_slow_pipes(void)
{
	char out[16];
	size_t got = 0;
	int fds[2];
	pid_t pid;
	unsigned i;

	if (!ok(pipe(fds) == 0, "a pipe"))
		return;
	pid = fork();
	if (pid == 0) {
		for (i = 0; i < 4; i++)
			if (write(fds[1], "abc", 3) != 3)
				_exit(1);
		_exit(0);
	}
	(void)close(fds[1]);
	ok(io_read(fds[0], out, 10, &got) == 0 && got == 10,
	    "io_read gathers from a pipe");
	ok(io_read(fds[0], out, 10, &got) == 0 && got == 2,
	    "and tells the end by fewer bytes");
	(void)close(fds[0]);
	(void)waitpid(pid, NULL, 0);
}

/* In a child, for the limit on file size stays with the process. */
static void
test_short_writes_are_continued_and_told(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		const struct rlimit limit = { 10, 10 };
		int fd = file_with("", 0);
		struct stat st;

		(void)signal(SIGXFSZ, SIG_IGN);
		if (fd == -1 || setrlimit(RLIMIT_FSIZE, &limit) == -1)
			_exit(2);
		/* The kernel takes 10 of 16, then refuses. */
		if (io_write(fd, "0123456789abcdef", 16) != -1 ||
		    io_error() != EFBIG)
			_exit(3);
		_exit(fstat(fd, &st) == 0 && st.st_size == 10 ? 0 : 4);
	}
	(void)waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "io_write goes on after a short write, and fails with the cause");
}

static void
test_place_reads_and_writes(void)
{
	char out[8];
	size_t got = 0;
	int fd = file_with("hello", 5);

	ok(io_pwrite(fd, "LP", 2, 3) == 0, "io_pwrite");
	ok(io_pread(fd, out, 8, 1, &got) == 0 && got == 4 &&
	    memcmp(out, "elLP", 4) == 0, "io_pread, fewer at the end");
	ok(io_pread(fd, out, 8, 100, &got) == 0 && got == 0,
	    "io_pread behind the end");
	ok(io_pread(fd, out, 8, UINT64_MAX, &got) == -1,
	    "io_pread at an impossible place");
	ok(io_sync(fd) == 0 && io_sync_data(fd) == 0 && io_close(fd) == 0,
	    "flush and close");
	ok(io_close(fd) == -1 && io_error() == EBADF, "close tells its error");
}

static void
write_file(int dir, const char *name, size_t len)
{
	int fd = io_open(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd == -1 || ftruncate(fd, (off_t)len) == -1)
		abort();
	(void)io_close(fd);
}

static void
test_read_file_limits(int dir)
{
	struct buf out = BUF_EMPTY;
	struct err err;
	size_t len;

	for (len = 99; len <= 101; len++) {
		int want = len > 100 ? -1 : 0;

		write_file(dir, "limit", len);
		ok(io_read_file(dir, "limit", 100, &out, &err) == want &&
		    (want == -1 ? err.class == ERR_LIMIT : out.len == len),
		    "read_file: %zu bytes where 100 are allowed", len);
	}
	write_file(dir, "limit", 0);
	ok(io_read_file(dir, "limit", 100, &out, &err) == 0 && out.len == 0 &&
	    buf_text(&out)[0] == '\0', "read_file: an empty file");
	buf_release(&out);
}

static void
test_read_file_refuses_what_is_no_file(int dir)
{
	struct buf out = BUF_EMPTY;
	struct err err;

	ok(io_read_file(dir, "absent", 100, &out, &err) == -1 &&
	    err.class == ERR_NOT_FOUND, "read_file: a missing file");
	if (mkdirat(dir, "dir", 0700) == -1 || mkfifoat(dir, "fifo", 0600) == -1
	    || symlinkat("limit", dir, "link") == -1)
		abort();
	ok(io_read_file(dir, "dir", 100, &out, &err) == -1 &&
	    err.class == ERR_DAMAGED, "read_file: a directory");
	ok(io_read_file(dir, "fifo", 100, &out, &err) == -1 &&
	    err.class == ERR_DAMAGED, "read_file: a fifo, without hanging");
	ok(io_read_file(dir, "link", 100, &out, &err) == -1 &&
	    err.class == ERR_IO && err.sys == ELOOP,
	    "read_file: a symbolic link is not followed");
	buf_release(&out);
}

static void
test_open_flags(int dir)
{
	int fd = io_open(dir, "limit", O_RDONLY, 0);

	ok(fd != -1 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0,
	    "io_open: closed on exec");
	(void)io_close(fd);
	ok(io_open(dir, "link", O_RDONLY, 0) == -1 && io_error() == ELOOP,
	    "io_open: does not follow");
	ok(fchdir(dir) == 0 && (fd = io_open_typed("link", O_RDONLY, 0)) != -1
	    && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0,
	    "io_open_typed: follows, closed on exec");
	(void)io_close(fd);
}

static void
test_renames(int dir)
{
	struct stat st;

	write_file(dir, "one", 1);
	write_file(dir, "two", 2);
	ok(io_rename_new(dir, "one", dir, "two") == -1 && io_error() == EEXIST,
	    "rename_new: never over another file");
	ok(io_exchange(dir, "one", dir, "two") == 0 &&
	    fstatat(dir, "one", &st, 0) == 0 && st.st_size == 2 &&
	    fstatat(dir, "two", &st, 0) == 0 && st.st_size == 1,
	    "exchange: both stay, swapped");
	ok(io_rename_new(dir, "one", dir, "three") == 0 &&
	    fstatat(dir, "one", &st, 0) == -1, "rename_new: to a free name");
	ok(io_exchange(dir, "two", dir, "one") == -1 && io_error() == ENOENT,
	    "exchange: needs both");
}

static void
test_facts(int dir)
{
	struct io_fs fs;
	struct err err;
	uint8_t a[32] = { 0 }, b[32] = { 0 };
	uint64_t before = io_ticks_ms();

	ok(io_fs_facts(dir, &fs, &err) == 0 && fs.block_size > 0 &&
	    fs.free_bytes > 0 && !fs.is_read_only, "facts of a file system");
	ok(io_fs_facts(-1, &fs, &err) == -1 && err.sys == EBADF,
	    "facts of nothing");
	ok(io_random(a, sizeof a, &err) == 0 && io_random(b, sizeof b, &err)
	    == 0 && memcmp(a, b, sizeof a) != 0, "random bytes differ");
	ok(io_ticks_ms() >= before && io_now() > 1600000000, "clocks");
	ok(io_sync_fs(dir) == 0, "a file system flushed");
}

int
main(void)
{
	char path[] = "/tmp/drydock-test-XXXXXX";
	char command[64];
	int dir;

	test_fill_gathers_and_stops();
	test_memory_reader();
	test_sources();
	test_fd_reader();
	test_read_waits_for_slow_pipes();
	test_short_writes_are_continued_and_told();
	test_place_reads_and_writes();
	if (mkdtemp(path) == NULL ||
	    (dir = open(path, O_RDONLY | O_DIRECTORY)) == -1)
		return 1;
	test_read_file_limits(dir);
	test_read_file_refuses_what_is_no_file(dir);
	test_open_flags(dir);
	test_renames(dir);
	test_facts(dir);
	(void)close(dir);
	(void)snprintf(command, sizeof command, "rm -rf %s", path);
	ok(system(command) == 0, "cleaned up");
	return done();
}
