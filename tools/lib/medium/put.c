/* SPDX-License-Identifier: BSD-2-Clause */
/* Write-once files; see put.h. */
#include "medium/put.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "io/io.h"

static int
put_write(struct writer *writer, const void *data, size_t len,
    struct err *err)
{
	struct put *p = (struct put *)(void *)writer;

	if (p->fd == -1)
		return err_set(err, ERR_IO, 0, "%s: closed by an earlier error",
		    p->name);
	if (io_write(p->fd, data, len) == -1) {
		(void)err_set(err, ERR_IO, io_error(), "%s: cannot write",
		    p->name);
		put_release(p);
		return -1;
	}
	sha256_update(&p->sha, data, len);
	p->bytes += len;
	p->unsynced += len;
	if (p->unsynced < PUT_SYNC_BYTES)
		return 0;
	p->unsynced = 0;
	if (io_sync_data(p->fd) == -1) {
		/* The first failed flush is final: the next one would lie. */
		(void)err_set(err, ERR_IO, io_error(),
		    "%s: cannot flush to the medium", p->name);
		put_release(p);
		return -1;
	}
	return 0;
}

int
put_open(struct put *p, int dir_fd, const char *name, struct err *err)
{
	memset(p, 0, sizeof *p);
	p->writer.write = put_write;
	sha256_init(&p->sha);
	(void)snprintf(p->name, sizeof p->name, "%s", name);
	p->fd = io_open(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (p->fd == -1)
		return err_set(err, ERR_IO, io_error(), "%s: cannot create",
		    name);
	return 0;
}

int
put_close(struct put *p, struct err *err)
{
	int fd = p->fd;

	if (fd == -1)
		return err_set(err, ERR_IO, 0, "%s: closed by an earlier error",
		    p->name);
	p->fd = -1;
	sha256_out(&p->sha, p->sha256);
	if (io_sync(fd) == -1) {
		(void)err_set(err, ERR_IO, io_error(),
		    "%s: cannot flush to the medium", p->name);
		(void)close(fd);	/* already failed */
		return -1;
	}
	if (io_close(fd) == -1)
		return err_set(err, ERR_IO, io_error(), "%s: cannot close",
		    p->name);
	return 0;
}

void
put_release(struct put *p)
{
	if (p->fd != -1)
		(void)close(p->fd);	/* given up: the caller reports it */
	p->fd = -1;
}

int
put_file(int dir_fd, const char *name, const void *data, size_t len,
    uint8_t sha256[SHA256_LEN], struct err *err)
{
	struct put p = PUT_EMPTY;
	int ret = -1;

	if (put_open(&p, dir_fd, name, err) == -1 ||
	    p.writer.write(&p.writer, data, len, err) == -1 ||
	    put_close(&p, err) == -1)
		goto out;
	if (sha256 != NULL)
		memcpy(sha256, p.sha256, SHA256_LEN);
	ret = 0;
out:
	put_release(&p);
	return ret;
}
