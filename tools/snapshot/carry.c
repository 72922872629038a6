/* SPDX-License-Identifier: BSD-2-Clause */
/* The toolkit onto the medium; see carry.h. */
#include "carry.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/io.h"
#include "manifest/sums.h"
#include "medium/hash.h"
#include "medium/put.h"
#include "medium/snapshot.h"

#define COPY_BLOCK ((size_t)1 << 20)

/* The image's name holds the architecture; it is added at run time. */
static const char *const names[] = {
	"snapshot", "verify", "restore-volume", "startup-order", "busybox"
};

static int
open_own_folder(struct err *err)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
	char *slash;
	int fd;

	if (len <= 0)
		return err_set(err, ERR_IO, errno,
		    "cannot find where this program lies; say --tools-from");
	path[len] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL)
		return err_set(err, ERR_IO, 0, "no folder in %s", path);
	*slash = '\0';
	fd = io_open_typed(path, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -1)
		return err_set(err, ERR_IO, io_error(), "cannot open %s",
		    path);
	return fd;
}

static int
make_folder(int dir_fd, const char *name, struct err *err)
{
	int fd;

	if (mkdirat(dir_fd, name, 0755) == -1 && errno != EEXIST)
		return err_set(err, ERR_IO, errno, "cannot make %s", name);
	fd = io_open(dir_fd, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -1)
		return err_set(err, ERR_IO, io_error(), "cannot open %s",
		    name);
	return fd;
}

static int
copy(int in, int to_fd, const char *name, struct put *p, struct err *err)
{
	void *block = mem_alloc(COPY_BLOCK);
	size_t got;
	int ret = -1;

	/* Another version: it can be made again, so it may be removed. */
	if (unlinkat(to_fd, name, 0) == -1 && errno != ENOENT) {
		err_set(err, ERR_IO, errno, "cannot replace %s", name);
		goto out;
	}
	if (put_open(p, to_fd, name, err) == -1)
		goto out;
	do {
		if (io_read(in, block, COPY_BLOCK, &got) == -1) {
			err_set(err, ERR_IO, io_error(), "cannot read %s",
			    name);
			goto out;
		}
		if (p->writer.write(&p->writer, block, got, err) == -1)
			goto out;
	} while (got > 0);
	/* FAT has no modes and refuses some; the mount decides there. */
	if (fchmod(p->fd, 0755) == -1 && errno != EPERM) {
		err_set(err, ERR_IO, errno, "cannot chmod %s", name);
		goto out;
	}
	ret = put_close(p, err);
out:
	put_release(p);
	free(block);
	return ret;
}

/* Is the same file there already? */
static bool
is_same(int from_fd, int to_fd, const char *name, struct hash_result *got)
{
	struct hash_result want;
	struct err ignored;

	return hash_file(to_fd, name, false, NULL, got, &ignored) == 0 &&
	    hash_file(from_fd, name, false, NULL, &want, &ignored) == 0 &&
	    memcmp(got->sha256, want.sha256, SHA256_LEN) == 0;
}

static int
carry_one(int from_fd, int to_fd, const char *name, struct sums *sums,
    const struct carry_calls *calls, struct err *err)
{
	struct put p = PUT_EMPTY;
	struct hash_result there;
	int in, ret;

	in = io_open(from_fd, name, O_RDONLY, 0);
	if (in == -1 && io_error() == ENOENT) {
		calls->absent(calls->ctx, name);
		return 0;
	}
	if (in == -1)
		return err_set(err, ERR_IO, io_error(), "cannot open %s",
		    name);
	if (is_same(from_fd, to_fd, name, &there)) {
		(void)close(in);
		calls->carried(calls->ctx, name, there.bytes, true);
		return sums_add(sums, name, there.sha256, err);
	}
	ret = copy(in, to_fd, name, &p, err);
	(void)close(in);	/* read-only: nothing to lose */
	if (ret == -1)
		return -1;
	calls->carried(calls->ctx, name, p.bytes, false);
	return sums_add(sums, name, p.sha256, err);
}

static int
write_sums(int to_fd, const struct sums *sums, struct err *err)
{
	struct buf text = BUF_EMPTY;
	int ret;

	sums_format(sums, &text);
	if (unlinkat(to_fd, SNAPSHOT_SUMS, 0) == -1 && errno != ENOENT)
		ret = err_set(err, ERR_IO, errno, "cannot replace "
		    SNAPSHOT_SUMS);
	else
		ret = put_file(to_fd, SNAPSHOT_SUMS, buf_text(&text),
		    text.len, NULL, err);
	if (ret == 0 && io_sync(to_fd) == -1)
		ret = err_set(err, ERR_IO, io_error(), "cannot flush bin");
	buf_release(&text);
	return ret;
}

static int
carry_all(int from_fd, int to_fd, const char *arch,
    const struct carry_calls *calls, struct err *err)
{
	char *image = mem_format("drydock-image-%s.tar", arch);
	struct sums sums = SUMS_EMPTY;
	int ret = -1;
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (carry_one(from_fd, to_fd, names[i], &sums, calls,
		    err) == -1)
			goto out;
	if (carry_one(from_fd, to_fd, image, &sums, calls, err) == -1)
		goto out;
	ret = write_sums(to_fd, &sums, err);
out:
	sums_release(&sums);
	free(image);
	return ret;
}

int
carry_tools(const struct medium *medium, const char *from,
    const struct carry_calls *calls, struct err *err)
{
	struct utsname host;
	int from_fd = -1, bin_fd = -1, to_fd = -1;
	int ret = -1;

	if (uname(&host) == -1)
		return err_set(err, ERR_IO, errno, "uname");
	from_fd = from == NULL ? open_own_folder(err) :
	    io_open_typed(from, O_RDONLY | O_DIRECTORY, 0);
	if (from_fd == -1) {
		if (from != NULL)
			err_set(err, ERR_NOT_FOUND, io_error(),
			    "--tools-from %s", from);
		goto out;
	}
	bin_fd = make_folder(medium->dir_fd, "bin", err);
	if (bin_fd == -1)
		goto out;
	to_fd = make_folder(bin_fd, host.machine, err);
	if (to_fd == -1)
		goto out;
	if (io_sync(bin_fd) == -1 || io_sync(medium->dir_fd) == -1) {
		err_set(err, ERR_IO, io_error(), "cannot flush bin");
		goto out;
	}
	ret = carry_all(from_fd, to_fd, host.machine, calls, err);
out:
	if (ret == -1)
		err_context(err, "--with-tools");
	if (to_fd != -1)
		(void)close(to_fd);
	if (bin_fd != -1)
		(void)close(bin_fd);
	if (from_fd != -1)
		(void)close(from_fd);
	return ret;
}
