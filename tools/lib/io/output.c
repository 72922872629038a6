/* SPDX-License-Identifier: BSD-2-Clause */
/* A result written to a file; see output.h. */
#include "io/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "io/io.h"

static int
write_whole(const char *path, int flags, const struct buf *data,
    struct err *err)
{
	int fd = io_open_typed(path, O_WRONLY | flags, 0666);

	if (fd == -1)
		return err_set(err, ERR_IO, io_error(), "cannot open");
	if (io_write(fd, data->data, data->len) == -1) {
		err_set(err, ERR_IO, io_error(), "cannot write");
		(void)io_close(fd);	/* the first error is told */
		return -1;
	}
	/* A device has nothing to flush. */
	if (io_sync(fd) == -1 && io_error() != EINVAL &&
	    io_error() != EROFS) {
		err_set(err, ERR_IO, io_error(), "cannot flush");
		(void)io_close(fd);
		return -1;
	}
	if (io_close(fd) == -1)
		return err_set(err, ERR_IO, io_error(), "cannot close");
	return 0;
}

static int
write_staged(const char *path, const struct buf *data, struct err *err)
{
	char *part = mem_format("%s.part-%ld", path, (long)getpid());
	int ret = -1;

	if (write_whole(part, O_CREAT | O_EXCL, data, err) == -1)
		goto out;
	if (rename(part, path) == -1) {
		err_set(err, ERR_IO, errno, "cannot rename into place");
		goto out;
	}
	ret = 0;
out:
	if (ret == -1)
		(void)unlink(part);	/* may never have been made */
	free(part);
	return ret;
}

int
output_write(const char *path, const struct buf *data, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	struct stat st;
	int ret;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		ret = write_whole(path, 0, data, err);
	else
		ret = write_staged(path, data, err);
	if (ret == -1)
		return err_context(err, "%s", escape_name(path, shown));
	return 0;
}
