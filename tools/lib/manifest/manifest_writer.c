/* SPDX-License-Identifier: BSD-2-Clause */
/* The manifest, written; see manifest.h. */
#include "manifest/manifest.h"

#include "base/err.h"
#include "base/escape.h"
#include "base/hex.h"
#include "manifest/format.h"

/* printf is too slow for ten numbers on each of a million lines. */
static void
put_number(struct buf *b, const char *key, uint64_t v)
{
	char digits[20];
	size_t i = sizeof digits;

	do {
		digits[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	buf_puts(b, key);
	buf_append(b, digits + i, sizeof digits - i);
}

static void
put_mode(struct buf *b, uint32_t mode)
{
	int shift;

	buf_puts(b, " mode=0");
	for (shift = mode > 0777 ? 9 : 6; shift >= 0; shift -= 3)
		buf_byte(b, (unsigned char)('0' + (mode >> shift & 7)));
}

static void
put_time(struct buf *b, int64_t seconds, uint32_t ns)
{
	char digits[FORMAT_NS_DIGITS];
	size_t i;

	/* Negating as unsigned is right for the lowest number as well. */
	if (seconds < 0)
		put_number(b, " time=-", 0 - (uint64_t)seconds);
	else
		put_number(b, " time=", (uint64_t)seconds);
	for (i = FORMAT_NS_DIGITS; i > 0; i--) {
		digits[i - 1] = (char)('0' + ns % 10);
		ns /= 10;
	}
	buf_byte(b, '.');
	buf_append(b, digits, sizeof digits);
}

static void
put_digest(struct buf *b, const char *key, const uint8_t digest[32])
{
	char text[FORMAT_HEX_LEN + 1];

	buf_puts(b, key);
	buf_append(b, hex_format(digest, 32, text), FORMAT_HEX_LEN);
}

static void
put_path(struct buf *b, const struct buf *path)
{
	buf_byte(b, '.');
	if (path->len == 0)
		return;
	buf_byte(b, '/');
	escape_mtree(b, path->data, path->len);
}

static void
put_flags(struct buf *b, uint32_t flags)
{
	const char *before = " flags=";
	size_t i;

	for (i = 0; i < FORMAT_FLAGS; i++) {
		if ((flags & format_flags[i].bit) == 0)
			continue;
		buf_puts(b, before);
		buf_puts(b, format_flags[i].name);
		before = ",";
	}
}

/* The line before the entry's own; none when there is nothing to say. */
static void
put_extra(struct buf *b, const struct entry *e)
{
	size_t start = b->len, empty;

	buf_puts(b, FORMAT_EXTRA);
	empty = b->len;
	if (e->has_tar_offset)
		put_number(b, " offset=", e->tar_offset);
	if (e->hardlink.len > 0) {
		buf_puts(b, " hardlink=");
		put_path(b, &e->hardlink);
	}
	if (e->has_attrs)
		put_digest(b, " attrs=", e->attrs_sha256);
	put_flags(b, e->flags);
	if (e->is_sparse)
		put_number(b, " data=", e->data_bytes);
	if (e->changed != CHANGE_NONE) {
		buf_puts(b, " changed=");
		buf_puts(b, entry_change_name(e->changed));
	}
	if (b->len == empty)
		buf_cut(b, start);
	else
		buf_byte(b, '\n');
}

static void
put_entry(struct buf *b, const struct entry *e)
{
	put_path(b, &e->path);
	buf_puts(b, " type=");
	buf_puts(b, entry_type_name(e->type));
	put_number(b, " uid=", e->uid);
	put_number(b, " gid=", e->gid);
	put_mode(b, e->mode);
	put_number(b, " nlink=", e->nlink);
	if (e->type == ENTRY_FILE)
		put_number(b, " size=", e->size);
	put_time(b, e->mtime_s, e->mtime_ns);
	if (e->has_sha256)
		put_digest(b, " sha256=", e->sha256);
	if (e->type == ENTRY_SYMLINK) {
		buf_puts(b, " link=");
		escape_mtree(b, e->link.data, e->link.len);
	}
	if (format_is_device(e)) {
		put_number(b, " device=native,", e->rdev_major);
		put_number(b, ",", e->rdev_minor);
	}
	buf_byte(b, '\n');
}

int
manifest_writer_init(struct manifest_writer *w, struct writer *down,
    struct err *err)
{
	static const struct manifest_writer empty = { .down = NULL };

	(void)err;
	*w = empty;
	w->down = down;
	buf_puts(&w->line, FORMAT_MAGIC "\n");
	put_number(&w->line, FORMAT_VERSION, MANIFEST_VERSION);
	buf_byte(&w->line, '\n');
	return 0;
}

static int
flush(struct manifest_writer *w, struct err *err)
{
	int ret = w->down->write(w->down, w->line.data, w->line.len, err);

	buf_cut(&w->line, 0);
	return ret;
}

int
manifest_writer_add(struct manifest_writer *w, const struct entry *entry,
    struct err *err)
{
	if (format_count(&w->sum, entry, err) == -1)
		return -1;
	put_extra(&w->line, entry);
	put_entry(&w->line, entry);
	return w->line.len < FORMAT_BLOCK ? 0 : flush(w, err);
}

int
manifest_writer_finish(struct manifest_writer *w, struct err *err)
{
	if (w->sum.entries == 0)
		return err_set(err, ERR_DAMAGED, 0, "manifest has no entries");
	put_number(&w->line, FORMAT_END, w->sum.entries);
	put_number(&w->line, " bytes=", w->sum.bytes);
	buf_byte(&w->line, '\n');
	return flush(w, err);
}

void
manifest_writer_release(struct manifest_writer *w)
{
	buf_release(&w->line);
}
