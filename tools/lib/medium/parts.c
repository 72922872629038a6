/* SPDX-License-Identifier: BSD-2-Clause */
/* Archives in parts; see parts.h. */
#include "medium/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/io.h"

#define CHECK_BLOCK ((size_t)1 << 20)

void
parts_add(struct parts *parts, const struct part *part)
{
	parts->items = mem_resize(parts->items, parts->count + 1,
	    sizeof *parts->items);
	parts->items[parts->count++] = *part;
}

uint64_t
parts_bytes(const struct parts *parts)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < parts->count; i++)
		sum += parts->items[i].bytes;
	return sum;
}

void
parts_release(struct parts *parts)
{
	free(parts->items);
	parts->items = NULL;
	parts->count = 0;
}

static int
next_part(struct part_writer *w, struct err *err)
{
	char name[PUT_NAME_MAX + 1];
	int len;

	if (w->done.count >= PARTS_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "%s: more than %d parts; take a larger --part-size",
		    w->base, PARTS_MAX);
	if (w->done.count == 0 && !w->numbers_first)
		len = snprintf(name, sizeof name, "%s", w->base);
	else
		len = snprintf(name, sizeof name, "%s.%03zu", w->base,
		    w->done.count);
	if (len < 0 || (size_t)len >= sizeof name)
		return err_set(err, ERR_LIMIT, 0, "%s: name too long",
		    w->base);
	return put_open(&w->put, w->dir_fd, name, err);
}

static int
end_part(struct part_writer *w, struct err *err)
{
	struct part part;

	if (put_close(&w->put, err) == -1)
		return -1;
	memset(&part, 0, sizeof part);
	memcpy(part.name, w->put.name, sizeof part.name);
	memcpy(part.sha256, w->put.sha256, SHA256_LEN);
	part.bytes = w->put.bytes;
	parts_add(&w->done, &part);
	return 0;
}

static int
part_write(struct writer *writer, const void *data, size_t len,
    struct err *err)
{
	struct part_writer *w = (struct part_writer *)(void *)writer;

	if (w->size_max != 0 && w->put.bytes > 0 &&
	    len > w->size_max - w->put.bytes) {
		if (end_part(w, err) == -1 || next_part(w, err) == -1)
			return -1;
	}
	return w->put.writer.write(&w->put.writer, data, len, err);
}

int
part_writer_init(struct part_writer *w, int dir_fd, const char *base,
    uint64_t size_max, bool numbers_first, struct err *err)
{
	memset(w, 0, sizeof *w);
	w->writer.write = part_write;
	w->dir_fd = dir_fd;
	w->size_max = size_max;
	w->numbers_first = numbers_first;
	w->put.fd = -1;
	(void)snprintf(w->base, sizeof w->base, "%s", base);
	return next_part(w, err);
}

int
part_writer_finish(struct part_writer *w, struct err *err)
{
	return end_part(w, err);
}

void
part_writer_release(struct part_writer *w)
{
	put_release(&w->put);
	parts_release(&w->done);
}

static void
close_part(struct part_source *s)
{
	if (s->fd != -1)
		(void)close(s->fd);	/* read-only: nothing to lose */
	s->fd = -1;
}

/* For damaged archives: read past bad sectors, and past the cache. */
static int
open_leniently(struct part_source *s, size_t index, struct err *err)
{
	const struct part *part = &s->parts->items[index];

	if (s->direct.fd != -1 && s->open_index == index)
		return 0;
	direct_close(&s->direct);
	if (direct_open(&s->direct, s->dir_fd, part->name, err) == -1) {
		err->class = ERR_DAMAGED;
		return err_context(err, "%s", part->name);
	}
	s->open_index = index;
	patient_release(&s->patient);
	patient_init(&s->patient, direct_pread, &s->direct, s->direct.size,
	    s->direct.is_direct ? PATIENT_SECTOR : PATIENT_ALIGN, s->watch);
	return 0;
}

static int
read_leniently(struct part_source *s, size_t index, void *data, size_t len,
    uint64_t within, struct err *err)
{
	if (open_leniently(s, index, err) == -1)
		return -1;
	if (patient_read(&s->patient, within, data, len, err) == 0)
		return 0;
	return err_context(err, "%s", s->parts->items[index].name);
}

static int
open_part(struct part_source *s, size_t index, struct err *err)
{
	const struct part *part = &s->parts->items[index];
	struct stat st;

	if (s->fd != -1 && s->open_index == index)
		return 0;
	close_part(s);
	s->fd = io_open(s->dir_fd, part->name, O_RDONLY | O_NONBLOCK, 0);
	if (s->fd == -1)
		return err_set(err, io_error() == ENOENT ? ERR_DAMAGED :
		    ERR_IO, io_error(), "%s: cannot open", part->name);
	s->open_index = index;
	if (fstat(s->fd, &st) == -1 || !S_ISREG(st.st_mode))
		return err_set(err, ERR_DAMAGED, 0, "%s: not a regular file",
		    part->name);
	if ((uint64_t)st.st_size != part->bytes)
		return err_set(err, ERR_DAMAGED, 0,
		    "%s: has %llu bytes, should have %llu", part->name,
		    (unsigned long long)st.st_size,
		    (unsigned long long)part->bytes);
	(void)posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return 0;
}

/* Hash what was read if it goes on where hashing stopped. */
static void
hash_read(struct part_source *s, uint64_t offset, uint64_t within,
    const void *data, size_t len)
{
	const struct part *part = &s->parts->items[s->open_index];
	uint8_t digest[SHA256_LEN];

	if (offset > s->hashed || offset + len <= s->hashed)
		return;
	/* Overlap with what was hashed already is skipped. */
	data = (const char *)data + (s->hashed - offset);
	len -= (size_t)(s->hashed - offset);
	within += s->hashed - offset;
	if (within == 0)
		sha256_init(&s->sha);
	sha256_update(&s->sha, data, len);
	s->hashed += len;
	if (within + len == part->bytes) {
		sha256_out(&s->sha, digest);
		s->is_right[s->open_index] =
		    memcmp(digest, part->sha256, SHA256_LEN) == 0;
	}
}

static int
read_strictly(struct part_source *s, size_t index, void *data, size_t len,
    uint64_t within, struct err *err)
{
	const char *name = s->parts->items[index].name;
	size_t got;

	if (open_part(s, index, err) == -1)
		return -1;
	if (io_pread(s->fd, data, len, within, &got) == -1)
		return err_set(err, ERR_IO, io_error(),
		    "%s: cannot read at byte %llu", name,
		    (unsigned long long)within);
	if (got != len)
		return err_set(err, ERR_DAMAGED, 0, "%s: became shorter",
		    name);
	return 0;
}

static int
parts_read_at(struct source *source, uint64_t offset, void *data, size_t len,
    struct err *err)
{
	struct part_source *s = (struct part_source *)(void *)source;
	uint64_t start = 0;
	size_t i;

	if (offset > source->size || len > source->size - offset)
		return err_set(err, ERR_DAMAGED, 0,
		    "the archive ends before byte %llu",
		    (unsigned long long)offset + len);
	for (i = 0; i < s->parts->count && len > 0; i++) {
		const struct part *part = &s->parts->items[i];
		uint64_t within;
		size_t piece;

		if (offset >= start + part->bytes) {
			start += part->bytes;
			continue;
		}
		within = offset - start;
		piece = len < part->bytes - within ? len :
		    (size_t)(part->bytes - within);
		if ((s->is_lenient ? read_leniently : read_strictly)(s, i,
		    data, piece, within, err) == -1)
			return -1;
		hash_read(s, offset, within, data, piece);
		data = (char *)data + piece;
		len -= piece;
		offset += piece;
		start += part->bytes;
	}
	return 0;
}

void
part_source_init_lenient(struct part_source *s, int dir_fd,
    const struct parts *parts, const struct watch *watch)
{
	memset(s, 0, sizeof *s);
	s->source.read_at = parts_read_at;
	s->source.size = parts_bytes(parts);
	s->dir_fd = dir_fd;
	s->parts = parts;
	s->watch = watch;
	s->fd = -1;
	s->direct.fd = -1;
	s->is_right = mem_zero(parts->count, sizeof *s->is_right);
	s->is_lenient = true;
}

int
part_source_init(struct part_source *s, int dir_fd,
    const struct parts *parts, struct err *err)
{
	size_t i;

	part_source_init_lenient(s, dir_fd, parts, NULL);
	s->is_lenient = false;
	/* All parts now: a missing one is better known before the work. */
	for (i = 0; i < parts->count; i++)
		if (open_part(s, i, err) == -1) {
			part_source_release(s);
			return -1;
		}
	close_part(s);
	return 0;
}

int
part_source_check(struct part_source *s, struct err *err)
{
	uint8_t *block = mem_alloc(CHECK_BLOCK);
	int ret = -1;
	size_t i;

	while (s->hashed < s->source.size) {
		uint64_t left = s->source.size - s->hashed;

		if (s->source.read_at(&s->source, s->hashed, block,
		    left < CHECK_BLOCK ? (size_t)left : CHECK_BLOCK,
		    err) == -1)
			goto out;
	}
	for (i = 0; i < s->parts->count; i++)
		if (!s->is_right[i]) {
			err_set(err, ERR_DAMAGED, 0,
			    "%s: SHA-256 is not what SHA256SUMS says",
			    s->parts->items[i].name);
			goto out;
		}
	ret = 0;
out:
	free(block);
	return ret;
}

void
part_source_release(struct part_source *s)
{
	close_part(s);
	direct_close(&s->direct);
	patient_release(&s->patient);
	free(s->is_right);
	s->is_right = NULL;
}
