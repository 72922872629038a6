/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing what was woven; see mend_write.h. */
#include "mend_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/io.h"
#include "medium/hash.h"
#include "medium/put.h"

#define CHUNK ((size_t)1 << 20)

struct patching {
	int fd;
	struct weave *w;
	const struct watch *watch;
	uint8_t *chunk;
	uint64_t unsynced;
};

static int
flush(struct patching *p, struct err *err)
{
	p->unsynced = 0;
	if (io_sync_data(p->fd) == 0)
		return 0;
	/* The first failed flush is final: the next one would lie. */
	return err_set(err, ERR_IO, io_error(), "cannot flush to the medium");
}

/*
 * Whole blocks: one that is written in part would have to be read first, and
 * it may be the bad one.  Behind the file's end that is zeros, cut off again
 * afterwards.
 */
static int
write_chunk(struct patching *p, uint64_t at, size_t len, bool is_bad,
    struct err *err)
{
	size_t got;

	if (weave_read(p->w, at, p->chunk, len, &got, err) == -1)
		return -1;
	memset(p->chunk + got, 0, len - got);
	if (!is_bad)
		len = got;
	if (io_pwrite(p->fd, p->chunk, len, at) == -1)
		return err_set(err, ERR_IO, io_error(),
		    "cannot write at byte %llu", (unsigned long long)at);
	p->unsynced += len;
	if (p->unsynced >= PUT_SYNC_BYTES && flush(p, err) == -1)
		return -1;
	return watch_step(p->watch, len, 0, err);
}

/* One run, widened to whole blocks. */
static int
write_run(struct patching *p, const struct weave_run *run, struct err *err)
{
	uint64_t at = run->from / WEAVE_BLOCK * WEAVE_BLOCK;
	uint64_t to = (run->to + WEAVE_BLOCK - 1) / WEAVE_BLOCK * WEAVE_BLOCK;
	bool is_bad = run->same[0] == WEAVE_NONE;

	while (at < to) {
		size_t len = to - at < CHUNK ? (size_t)(to - at) : CHUNK;

		if (write_chunk(p, at, len, is_bad, err) == -1)
			return -1;
		at += len;
	}
	return 0;
}

static int
patch(struct patching *p, struct err *err)
{
	off_t size = (off_t)p->w->size;
	size_t i;

	for (i = 0; i < p->w->count; i++) {
		const struct weave_run *run = &p->w->runs[i];

		if (run->same[0] != run->chosen &&
		    write_run(p, run, err) == -1)
			return -1;
	}
	/* What was too long, or became so. */
	if (lseek(p->fd, 0, SEEK_END) != size && ftruncate(p->fd, size) == -1)
		return err_set(err, ERR_IO, errno, "cannot set its size");
	if (io_sync(p->fd) == -1)
		return err_set(err, ERR_IO, io_error(),
		    "cannot flush to the medium");
	return 0;
}

static int
patch_in_place(int dir_fd, const char *name, struct weave *w,
    const struct watch *watch, struct err *err)
{
	struct patching p = { .w = w, .watch = watch };
	int ret;

	p.fd = io_open(dir_fd, name, O_WRONLY, 0);
	if (p.fd == -1)
		return err_set(err, ERR_IO, io_error(), "cannot open");
	p.chunk = mem_alloc(CHUNK);
	ret = patch(&p, err);
	if (io_close(p.fd) == -1 && ret == 0)
		ret = err_set(err, ERR_IO, io_error(), "cannot close");
	free(p.chunk);
	return ret;
}

static int
make_anew(int dir_fd, const char *name, struct weave *w,
    const struct watch *watch, struct err *err)
{
	uint8_t *chunk = mem_alloc(CHUNK);
	struct put put = PUT_EMPTY;
	uint64_t at = 0;
	size_t got;
	int ret = -1;

	if (put_open(&put, dir_fd, name, err) == -1)
		goto out;
	for (; at < w->size; at += got)
		if (weave_read(w, at, chunk, CHUNK, &got, err) == -1 ||
		    put.writer.write(&put.writer, chunk, got, err) == -1 ||
		    watch_step(watch, got, 0, err) == -1)
			goto out;
	if (put_close(&put, err) == -1)
		goto out;
	if (io_sync(dir_fd) == -1)
		err_set(err, ERR_IO, io_error(), "cannot flush the folder");
	else
		ret = 0;
out:
	put_release(&put);
	free(chunk);
	return ret;
}

int
mend_write(int dir_fd, const char *name, const struct patient *own,
    struct weave *w, const struct watch *watch, struct err *err)
{
	struct hash_result got;

	if ((own != NULL ? patch_in_place(dir_fd, name, w, watch, err) :
	    make_anew(dir_fd, name, w, watch, err)) == -1)
		return -1;
	if (hash_file(dir_fd, name, true, watch, &got, err) == -1)
		return err_context(err, "reading it back");
	if (memcmp(got.sha256, w->sha256, SHA256_LEN) != 0)
		return err_set(err, ERR_DAMAGED, 0, "was written, and reads "
		    "back as something else: replace this medium");
	return 0;
}
