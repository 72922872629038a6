/* SPDX-License-Identifier: BSD-2-Clause */
/* The table that says where each frame is; see seek_table.h. */
#include "codec/seek_table.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/mem.h"

#define SKIPPABLE_MAGIC 0x184D2A5EU
#define FOOTER_MAGIC 0x8F92EAB1U
#define HEADER_LEN 8		/* magic, size of the rest */
#define FOOTER_LEN 9		/* count, descriptor, magic */
#define ENTRY_LEN 8
#define ENTRY_SUM_LEN 4		/* more, with HAS_SUMS */
#define HAS_SUMS 0x80
#define OTHER_BITS 0x7f		/* reserved or unused: no writer sets them */
#define ENTRIES_PER_READ 1024

int
seek_table_add(struct seek_table *t, uint64_t packed, uint64_t content,
    struct err *err)
{
	if (t->count >= SEEK_FRAMES_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "more than %d frames in one archive", SEEK_FRAMES_MAX);
	if (packed > SEEK_PACKED_MAX || content > SEEK_CONTENT_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "frame %zu is larger than %u bytes", t->count,
		    SEEK_CONTENT_MAX);
	if (packed == 0)
		return err_set(err, ERR_DAMAGED, 0,
		    "frame %zu has no bytes", t->count);
	/* The capacity is the next power of two; no field needed for it. */
	if ((t->count & (t->count - 1)) == 0)
		t->frames = mem_resize(t->frames,
		    t->count == 0 ? 1 : 2 * t->count, sizeof *t->frames);
	t->frames[t->count].packed = (uint32_t)packed;
	t->frames[t->count].content = (uint32_t)content;
	t->count++;
	t->packed_total += packed;	/* the limits keep both below 2^43 */
	t->content_total += content;
	return 0;
}

void
seek_table_format(const struct seek_table *t, struct buf *out)
{
	size_t size = t->count * ENTRY_LEN + FOOTER_LEN;
	uint8_t bytes[FOOTER_LEN];
	size_t i;

	(void)buf_reserve(out, HEADER_LEN + size);
	put_le32(bytes, SKIPPABLE_MAGIC);
	put_le32(bytes + 4, (uint32_t)size);
	buf_append(out, bytes, HEADER_LEN);
	for (i = 0; i < t->count; i++) {
		put_le32(bytes, t->frames[i].packed);
		put_le32(bytes + 4, t->frames[i].content);
		buf_append(out, bytes, ENTRY_LEN);
	}
	put_le32(bytes, (uint32_t)t->count);
	bytes[4] = 0;			/* no sums: each frame has its own */
	put_le32(bytes + 5, FOOTER_MAGIC);
	buf_append(out, bytes, FOOTER_LEN);
}

/* What the footer says, checked against the size of the archive. */
struct layout {
	uint64_t start;			/* of the skippable frame */
	size_t count;
	size_t entry_len;
};

static int
parse_footer(struct layout *l, const uint8_t footer[FOOTER_LEN],
    uint64_t archive_size, struct err *err)
{
	uint64_t count = get_le32(footer);
	uint64_t size;

	if (get_le32(footer + 5) != FOOTER_MAGIC)
		return err_set(err, ERR_DAMAGED, 0, "no seek table at the end");
	if ((footer[4] & OTHER_BITS) != 0)
		return err_set(err, ERR_DAMAGED, 0,
		    "seek table of an unknown kind (0x%02x)", footer[4]);
	l->entry_len = ENTRY_LEN;
	if ((footer[4] & HAS_SUMS) != 0)
		l->entry_len += ENTRY_SUM_LEN;
	size = HEADER_LEN + count * l->entry_len + FOOTER_LEN;
	if (size > archive_size)
		return err_set(err, ERR_DAMAGED, 0,
		    "seek table of %llu frames in an archive of %llu bytes",
		    (unsigned long long)count,
		    (unsigned long long)archive_size);
	if (count > SEEK_FRAMES_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "more than %d frames in one archive", SEEK_FRAMES_MAX);
	l->start = archive_size - size;
	l->count = (size_t)count;
	return 0;
}

static int
check_header(const struct layout *l, struct source *archive, struct err *err)
{
	uint8_t header[HEADER_LEN];
	uint64_t size = archive->size - l->start - HEADER_LEN;

	if (archive->read_at(archive, l->start, header, sizeof header, err) ==
	    -1)
		return -1;
	if (get_le32(header) != SKIPPABLE_MAGIC || get_le32(header + 4) != size)
		return err_set(err, ERR_DAMAGED, 0,
		    "the seek table's start and end do not agree");
	return 0;
}

static int
read_entries(struct seek_table *t, const struct layout *l,
    struct source *archive, struct err *err)
{
	uint8_t bytes[ENTRIES_PER_READ * (ENTRY_LEN + ENTRY_SUM_LEN)];
	uint64_t place = l->start + HEADER_LEN;
	size_t left, n, i;

	for (left = l->count; left > 0; left -= n) {
		n = left < ENTRIES_PER_READ ? left : ENTRIES_PER_READ;
		if (archive->read_at(archive, place, bytes, n * l->entry_len,
		    err) == -1)
			return -1;
		place += n * l->entry_len;
		for (i = 0; i < n; i++) {
			const uint8_t *entry = bytes + i * l->entry_len;

			if (seek_table_add(t, get_le32(entry),
			    get_le32(entry + 4), err) == -1)
				return -1;
		}
	}
	if (t->packed_total != l->start)
		return err_set(err, ERR_DAMAGED, 0,
		    "frames of %llu bytes in the seek table, %llu in the file",
		    (unsigned long long)t->packed_total,
		    (unsigned long long)l->start);
	return 0;
}

int
seek_table_read(struct seek_table *t, struct source *archive, struct err *err)
{
	struct seek_table read = SEEK_TABLE_EMPTY;
	uint8_t footer[FOOTER_LEN];
	struct layout layout;
	int ret = -1;

	if (archive->size < HEADER_LEN + FOOTER_LEN) {
		err_set(err, ERR_DAMAGED, 0, "no seek table at the end");
		goto out;
	}
	if (archive->read_at(archive, archive->size - FOOTER_LEN, footer,
	    sizeof footer, err) == -1 ||
	    parse_footer(&layout, footer, archive->size, err) == -1 ||
	    check_header(&layout, archive, err) == -1 ||
	    read_entries(&read, &layout, archive, err) == -1)
		goto out;
	*t = read;
	ret = 0;
out:
	if (ret == -1)
		seek_table_release(&read);
	return ret;
}

/*
 * Read as much as there is: a medium that lost a part gives less than the
 * archive's size promises.  A read fails whole, so the end is found by
 * halving; that happens once, at the loss.
 */
static size_t
read_what_is_there(struct source *archive, uint64_t offset, uint8_t *data)
{
	uint64_t left = archive->size - offset;
	size_t fails = left < SEEK_PACKED_MAX ? (size_t)left : SEEK_PACKED_MAX;
	size_t works = 0;
	struct err ignored;

	if (archive->read_at(archive, offset, data, fails, &ignored) == 0)
		return fails;
	while (fails - works > 1) {
		size_t len = works + (fails - works) / 2;

		if (archive->read_at(archive, offset, data, len,
		    &ignored) == 0)
			works = len;
		else
			fails = len;
	}
	/* The last attempt may have failed in the middle of data. */
	if (works > 0 && archive->read_at(archive, offset, data, works,
	    &ignored) == -1)
		return 0;
	return works;
}

/* The sizes of the frame at data; false when it is none, or not whole. */
static bool
measure_frame(const uint8_t *data, size_t len, struct seek_frame *frame)
{
	unsigned long long content = ZSTD_getFrameContentSize(data, len);
	size_t packed = ZSTD_findFrameCompressedSize(data, len);

	if (ZSTD_isError(packed) || packed > SEEK_PACKED_MAX ||
	    content == 0 || content > SEEK_CONTENT_MAX)
		return false;	/* the errors of content are huge numbers */
	frame->packed = (uint32_t)packed;
	frame->content = (uint32_t)content;
	return true;
}

void
seek_table_rebuild(struct seek_table *t, struct source *archive)
{
	uint8_t *data = mem_alloc(SEEK_PACKED_MAX);
	struct seek_frame frame;
	uint64_t offset = 0;
	struct err ignored;

	while (offset < archive->size) {
		size_t len = read_what_is_there(archive, offset, data);

		if (!measure_frame(data, len, &frame) ||
		    seek_table_add(t, frame.packed, frame.content,
		    &ignored) == -1)
			break;
		offset += frame.packed;
	}
	free(data);
}

int
seek_table_find_frames(struct seek_table *t, struct source *archive,
    struct err *err)
{
	if (seek_table_read(t, archive, err) == 0)
		return 0;
	if (err->class == ERR_INTERRUPTED)
		return -1;
	err_clear(err);
	seek_table_rebuild(t, archive);
	return 0;
}

void
seek_table_place(const struct seek_table *t, size_t index, uint64_t *packed,
    uint64_t *content)
{
	size_t i;

	*packed = 0;
	*content = 0;
	for (i = 0; i < index; i++) {
		*packed += t->frames[i].packed;
		*content += t->frames[i].content;
	}
}

size_t
seek_table_find(const struct seek_table *t, uint64_t content)
{
	size_t i;

	for (i = 0; i < t->count; i++) {
		if (content < t->frames[i].content)
			break;
		content -= t->frames[i].content;
	}
	return i;
}

void
seek_table_release(struct seek_table *t)
{
	free(t->frames);
	memset(t, 0, sizeof *t);
}
