/* SPDX-License-Identifier: BSD-2-Clause */
/* Ends of the chains in memory and on descriptors; see stream.h. */
#include "io/stream.h"

#include <string.h>

#include "base/err.h"
#include "io/io.h"

int
reader_fill(struct reader *reader, void *data, size_t len, size_t *got,
    struct err *err)
{
	size_t have = 0;

	while (have < len) {
		size_t n = 0;

		if (reader->read(reader, (char *)data + have, len - have, &n,
		    err) == -1)
			return -1;
		if (n == 0)
			break;
		have += n;
	}
	*got = have;
	return 0;
}

static int
memory_read(struct reader *reader, void *data, size_t cap, size_t *got,
    struct err *err)
{
	struct memory_reader *m = (struct memory_reader *)(void *)reader;
	size_t n = m->len < cap ? m->len : cap;

	(void)err;
	if (n > 0)
		memcpy(data, m->data, n);
	m->data += n;
	m->len -= n;
	*got = n;
	return 0;
}

struct reader *
memory_reader_init(struct memory_reader *m, const void *data, size_t len)
{
	m->reader.read = memory_read;
	m->data = data;
	m->len = len;
	return &m->reader;
}

static int
memory_read_at(struct source *source, uint64_t offset, void *data, size_t len,
    struct err *err)
{
	struct memory_source *m = (struct memory_source *)(void *)source;

	if (offset > source->size || len > source->size - offset)
		return err_set(err, ERR_DAMAGED, 0, "read beyond the end");
	if (len > 0)
		memcpy(data, m->data + offset, len);
	return 0;
}

struct source *
memory_source_init(struct memory_source *m, const void *data, size_t len)
{
	m->source.size = len;
	m->source.read_at = memory_read_at;
	m->data = data;
	return &m->source;
}

static int
fd_read_at(struct source *source, uint64_t offset, void *data, size_t len,
    struct err *err)
{
	struct fd_source *f = (struct fd_source *)(void *)source;
	size_t got;

	if (offset > source->size || len > source->size - offset)
		return err_set(err, ERR_DAMAGED, 0, "read beyond the end");
	if (io_pread(f->fd, data, len, offset, &got) == -1)
		return err_set(err, ERR_IO, io_error(),
		    "cannot read at byte %llu", (unsigned long long)offset);
	if (got != len)
		return err_set(err, ERR_DAMAGED, 0, "file became shorter");
	return 0;
}

struct source *
fd_source_init(struct fd_source *f, int fd, uint64_t size)
{
	f->source.size = size;
	f->source.read_at = fd_read_at;
	f->fd = fd;
	return &f->source;
}

static int
fd_read(struct reader *reader, void *data, size_t cap, size_t *got,
    struct err *err)
{
	struct fd_reader *f = (struct fd_reader *)(void *)reader;

	if (io_read(f->fd, data, cap, got) == -1)
		return err_set(err, ERR_IO, io_error(), "cannot read");
	return 0;
}

struct reader *
fd_reader_init(struct fd_reader *f, int fd)
{
	f->reader.read = fd_read;
	f->fd = fd;
	return &f->reader;
}
