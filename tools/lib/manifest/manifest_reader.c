/* SPDX-License-Identifier: BSD-2-Clause */
/* The manifest, read; see manifest.h. */
#include "manifest/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/num.h"
#include "manifest/format.h"

struct manifest_reader {
	struct reader *up;
	char *block;		/* MANIFEST_LINE_MAX + FORMAT_BLOCK */
	size_t from;		/* block[from..end) is not parsed yet */
	size_t end;
	uint64_t taken;		/* bytes from above so far */
	uint64_t line_number;
	struct manifest_totals sum;
	bool is_resumed;	/* in the middle: the totals are not known */
	bool is_broken;
	bool is_ended;
};

/* A line, or what is left of it to parse. */
struct cursor {
	const char *at;
	const char *end;
	const char *want;	/* the key that was looked for last */
};

static int
damaged(const struct manifest_reader *r, struct err *err, const char *what)
{
	return err_set(err, ERR_DAMAGED, 0, "line %llu: %s",
	    (unsigned long long)r->line_number, what);
}

/* One more block.  What is left over is at most a line, so it fits. */
static int
refill(struct manifest_reader *r, size_t *got, struct err *err)
{
	memmove(r->block, r->block + r->from, r->end - r->from);
	r->end -= r->from;
	r->from = 0;
	if (r->up->read(r->up, r->block + r->end, FORMAT_BLOCK, got, err) == -1)
		return -1;
	r->end += *got;
	r->taken += *got;
	return 0;
}

/* The line is good until the next call. */
static int
next_line(struct manifest_reader *r, struct cursor *line, struct err *err)
{
	const char *newline;
	size_t got;

	r->line_number++;
	for (;;) {
		line->at = r->block + r->from;
		line->end = r->block + r->end;
		newline = memchr(line->at, '\n', r->end - r->from);
		if (newline != NULL)
			line->end = newline;
		if (line->end - line->at > MANIFEST_LINE_MAX)
			return damaged(r, err, "too long");
		if (newline != NULL)
			break;
		if (refill(r, &got, err) == -1)
			return -1;
		if (got == 0)
			return damaged(r, err, r->end == 0 ?
			    "the closing line is missing" :
			    "ends in its middle");
	}
	r->from = (size_t)(newline - r->block) + 1;
	line->want = "line";
	return 0;
}

static bool
starts(const struct cursor *c, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(c->end - c->at) >= len && memcmp(c->at, text, len) == 0;
}

static bool
take(struct cursor *c, const char *key)
{
	c->want = key;
	if (!starts(c, key))
		return false;
	c->at += strlen(key);
	return true;
}

/* Up to the next space, comma or the end. */
static size_t
token_len(const struct cursor *c)
{
	const char *p = c->at;

	while (p < c->end && *p != ' ' && *p != ',')
		p++;
	return (size_t)(p - c->at);
}

/* One form of a number only: no zero before it. */
static bool
take_number(struct cursor *c, const char *key, uint64_t max, uint64_t *v)
{
	size_t len = 0;

	if (!take(c, key))
		return false;
	while (c->at + len < c->end && c->at[len] >= '0' && c->at[len] <= '9')
		len++;
	if (!num_parse(c->at, len, 10, max, v) || (len > 1 && c->at[0] == '0'))
		return false;
	c->at += len;
	return true;
}

static bool
take_u32(struct cursor *c, const char *key, uint32_t *value)
{
	uint64_t v;

	if (!take_number(c, key, UINT32_MAX, &v))
		return false;
	*value = (uint32_t)v;
	return true;
}

/* 0 and three digits, or four where they are needed. */
static bool
take_mode(struct cursor *c, uint32_t *mode)
{
	size_t len;
	uint64_t v;

	if (!take(c, " mode=0"))
		return false;
	len = token_len(c);
	if (!num_parse(c->at, len, 8, 07777, &v) ||
	    len != (v > 0777 ? 4 : 3))
		return false;
	c->at += len;
	*mode = (uint32_t)v;
	return true;
}

static bool
take_time(struct cursor *c, int64_t *seconds, uint32_t *ns)
{
	bool is_negative = starts(c, " time=-");
	uint64_t v, fraction;

	if (!take_number(c, is_negative ? " time=-" : " time=",
	    (uint64_t)INT64_MAX + is_negative, &v) || (is_negative && v == 0))
		return false;
	if (c->end - c->at < 1 + FORMAT_NS_DIGITS || *c->at != '.' ||
	    !num_parse(c->at + 1, FORMAT_NS_DIGITS, 10, 999999999, &fraction))
		return false;
	c->at += 1 + FORMAT_NS_DIGITS;
	/* Not -v: the lowest number has no positive twin. */
	*seconds = is_negative ? -(int64_t)(v - 1) - 1 : (int64_t)v;
	*ns = (uint32_t)fraction;
	return true;
}

static bool
take_digest(struct cursor *c, const char *key, uint8_t digest[32])
{
	size_t i;

	if (!take(c, key) || c->end - c->at < FORMAT_HEX_LEN)
		return false;
	for (i = 0; i < FORMAT_HEX_LEN; i++)
		if (c->at[i] >= 'A' && c->at[i] <= 'F')
			return false;
	if (!hex_parse(c->at, FORMAT_HEX_LEN, digest, 32))
		return false;
	c->at += FORMAT_HEX_LEN;
	return true;
}

static bool
take_escaped(struct cursor *c, struct buf *out)
{
	const char *space = memchr(c->at, ' ', (size_t)(c->end - c->at));
	size_t len = (size_t)((space == NULL ? c->end : space) - c->at);

	buf_cut(out, 0);
	if (!escape_mtree_decode(out, c->at, len))
		return false;
	c->at += len;
	return true;
}

/* "." or "./" and a path, which entry_fault() looks at. */
static bool
take_path(struct cursor *c, struct buf *path)
{
	c->want = "path";
	buf_cut(path, 0);
	if (c->at == c->end || *c->at != '.')
		return false;
	c->at++;
	if (c->at == c->end || *c->at == ' ')
		return true;
	if (*c->at != '/')
		return false;
	c->at++;
	return take_escaped(c, path) && path->len > 0;
}

static bool
take_type(struct cursor *c, enum entry_type *type)
{
	unsigned i;
	size_t len;

	if (!take(c, " type="))
		return false;
	len = token_len(c);
	for (i = ENTRY_FILE; i <= ENTRY_BLOCK; i++) {
		const char *name = entry_type_name((enum entry_type)i);

		if (strlen(name) != len || memcmp(name, c->at, len) != 0)
			continue;
		c->at += len;
		*type = (enum entry_type)i;
		return true;
	}
	return false;
}

static bool
take_changed(struct cursor *c, enum entry_change *changed)
{
	unsigned i;
	size_t len;

	if (!take(c, " changed="))
		return false;
	len = token_len(c);
	for (i = CHANGE_GREW; i <= CHANGE_UNREADABLE; i++) {
		const char *name = entry_change_name((enum entry_change)i);

		if (strlen(name) != len || memcmp(name, c->at, len) != 0)
			continue;
		c->at += len;
		*changed = (enum entry_change)i;
		return true;
	}
	return false;
}

static bool
take_end(struct cursor *c)
{
	c->want = "end of line";
	return c->at == c->end;
}

/* At least one, in the order of format_flags, with commas between. */
static bool
take_flags(struct cursor *c, uint32_t *flags)
{
	uint32_t found = 0;
	size_t i;

	if (!take(c, " flags="))
		return false;
	for (i = 0; i < FORMAT_FLAGS; i++) {
		size_t len = token_len(c);

		if (strlen(format_flags[i].name) != len ||
		    memcmp(format_flags[i].name, c->at, len) != 0)
			continue;
		c->at += len;
		found |= format_flags[i].bit;
		if (c->at == c->end || *c->at == ' ') {
			*flags = found;
			return true;
		}
		c->at++;	/* the comma */
	}
	return false;
}

/* Each of these is taken when its key is there. */
static bool
take_extra(struct cursor *c, struct entry *e)
{
	const char *start = c->at;

	e->has_tar_offset = starts(c, " offset=");
	if (e->has_tar_offset &&
	    !take_number(c, " offset=", UINT64_MAX, &e->tar_offset))
		return false;
	if (starts(c, " hardlink=") && (!take(c, " hardlink=") ||
	    !take_path(c, &e->hardlink) || e->hardlink.len == 0))
		return false;
	e->has_attrs = starts(c, " attrs=");
	if (e->has_attrs && !take_digest(c, " attrs=", e->attrs_sha256))
		return false;
	if (starts(c, " flags=") && !take_flags(c, &e->flags))
		return false;
	e->is_sparse = starts(c, " data=");
	if (e->is_sparse &&
	    !take_number(c, " data=", UINT64_MAX, &e->data_bytes))
		return false;
	if (starts(c, " changed=") && !take_changed(c, &e->changed))
		return false;
	return take_end(c) && c->at > start;
}

static bool
take_entry(struct cursor *c, struct entry *e)
{
	if (!take_path(c, &e->path) || !take_type(c, &e->type) ||
	    !take_u32(c, " uid=", &e->uid) ||
	    !take_u32(c, " gid=", &e->gid) ||
	    !take_mode(c, &e->mode) ||
	    !take_number(c, " nlink=", UINT64_MAX, &e->nlink))
		return false;
	if (e->type == ENTRY_FILE &&
	    !take_number(c, " size=", UINT64_MAX, &e->size))
		return false;
	if (!take_time(c, &e->mtime_s, &e->mtime_ns))
		return false;
	if (format_has_content(e)) {
		if (!take_digest(c, " sha256=", e->sha256))
			return false;
		e->has_sha256 = true;
	}
	if (e->type == ENTRY_SYMLINK &&
	    (!take(c, " link=") || !take_escaped(c, &e->link)))
		return false;
	if (format_is_device(e) &&
	    (!take_u32(c, " device=native,", &e->rdev_major) ||
	    !take_u32(c, ",", &e->rdev_minor)))
		return false;
	return take_end(c);
}

static int
unexpected(struct manifest_reader *r, const struct cursor *c, const char *start,
    struct err *err)
{
	const char *want = c->want[0] == ' ' ? c->want + 1 : c->want;

	return err_set(err, ERR_DAMAGED, 0,
	    "line %llu, byte %llu: no good '%s' here",
	    (unsigned long long)r->line_number,
	    (unsigned long long)(c->at - start) + 1, want);
}

static int
read_heading(struct manifest_reader *r, struct err *err)
{
	struct cursor c;
	const char *start;
	uint64_t version;

	if (next_line(r, &c, err) == -1)
		return -1;
	if (!take(&c, FORMAT_MAGIC) || !take_end(&c))
		return damaged(r, err, "not a manifest");
	if (next_line(r, &c, err) == -1)
		return -1;
	start = c.at;
	if (!take_number(&c, FORMAT_VERSION, UINT32_MAX, &version) ||
	    !take_end(&c))
		return unexpected(r, &c, start, err);
	if (version != MANIFEST_VERSION)
		return err_set(err, ERR_DAMAGED, 0,
		    "version %llu of the format; this program reads version %d",
		    (unsigned long long)version, MANIFEST_VERSION);
	return 0;
}

static int
read_end(struct manifest_reader *r, struct cursor *c, struct err *err)
{
	const char *start = c->at;
	uint64_t entries, bytes;
	size_t got = 0;

	if (!take_number(c, FORMAT_END, UINT64_MAX, &entries) ||
	    !take_number(c, " bytes=", UINT64_MAX, &bytes) || !take_end(c))
		return unexpected(r, c, start, err);
	if (!r->is_resumed &&
	    (entries != r->sum.entries || bytes != r->sum.bytes))
		return damaged(r, err,
		    "the closing line disagrees with the entries");
	if (entries == 0)
		return damaged(r, err, "manifest has no entries");
	if (r->from == r->end && refill(r, &got, err) == -1)
		return -1;
	if (r->from != r->end)
		return damaged(r, err, "bytes after the closing line");
	r->is_ended = true;
	return 0;
}

/* An entry's one or two lines; the closing line makes *is_end true. */
static int
read_entry(struct manifest_reader *r, struct entry *entry, bool *is_end,
    struct err *err)
{
	struct cursor c;
	const char *start;

	if (next_line(r, &c, err) == -1)
		return -1;
	*is_end = starts(&c, FORMAT_END);
	if (*is_end)
		return read_end(r, &c, err);
	start = c.at;
	if (starts(&c, FORMAT_EXTRA)) {
		if (!take(&c, FORMAT_EXTRA) || !take_extra(&c, entry))
			return unexpected(r, &c, start, err);
		if (next_line(r, &c, err) == -1)
			return -1;
		start = c.at;
	}
	if (!take_entry(&c, entry))
		return unexpected(r, &c, start, err);
	if (format_count(&r->sum, entry, err) == -1)
		return err_context(err, "line %llu",
		    (unsigned long long)r->line_number);
	return 0;
}

static struct manifest_reader *
start(struct reader *up)
{
	struct manifest_reader *r = mem_zero(1, sizeof *r);

	r->up = up;
	r->block = mem_alloc(MANIFEST_LINE_MAX + FORMAT_BLOCK);
	return r;
}

int
manifest_reader_new(struct manifest_reader **out, struct reader *up,
    struct err *err)
{
	struct manifest_reader *r = start(up);

	if (read_heading(r, err) == -1) {
		manifest_reader_free(r);
		return -1;
	}
	*out = r;
	return 0;
}

void
manifest_reader_resume(struct manifest_reader **out, struct reader *up)
{
	*out = start(up);
	(*out)->is_resumed = true;
	(*out)->sum.entries = 1;	/* the root, which came before */
}

uint64_t
manifest_reader_place(const struct manifest_reader *r)
{
	return r->taken - (r->end - r->from);
}

int
manifest_reader_next(struct manifest_reader *r, struct entry *entry,
    bool *is_end, struct err *err)
{
	bool at_end = true;

	entry_reset(entry);
	if (r->is_broken)
		return damaged(r, err, "reading went wrong before");
	if (!r->is_ended && read_entry(r, entry, &at_end, err) == -1) {
		r->is_broken = true;
		return -1;
	}
	*is_end = at_end;
	return 0;
}

void
manifest_reader_free(struct manifest_reader *r)
{
	if (r == NULL)
		return;
	free(r->block);
	free(r);
}
