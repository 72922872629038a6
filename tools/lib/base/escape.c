/* SPDX-License-Identifier: BSD-2-Clause */
/* Escaping; see escape.h. */
#include "base/escape.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* RFC 3629: the shortest form only, no surrogates, nothing past U+10FFFF. */
static size_t
utf8_decode(const uint8_t *s, size_t len, uint32_t *point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t need, i;
	uint32_t p;

	if (len == 0)
		return 0;
	if (s[0] < 0x80) {
		*point = s[0];
		return 1;
	}
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		need = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		need = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		need = 4;
	else
		return 0;
	if (len < need)
		return 0;
	p = s[0] & (0xffU >> (need + 1));
	for (i = 1; i < need; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		p = p << 6 | (s[i] & 0x3fU);
	}
	if (p < least[need] || p > 0x10ffff || (p >= 0xd800 && p <= 0xdfff))
		return 0;
	*point = p;
	return need;
}

size_t
escape_utf8_len(const char *data, size_t len)
{
	uint32_t point;

	return utf8_decode((const uint8_t *)data, len, &point);
}

static bool
is_harmless(uint32_t point)
{
	if (point < 0x20 || (point >= 0x7f && point < 0xa0))
		return false;
	if (point >= 0x200b && point <= 0x200f)
		return false;	/* zero width and direction marks */
	if (point >= 0x2028 && point <= 0x202e)
		return false;	/* line, paragraph, direction overrides */
	if (point >= 0x2060 && point <= 0x206f)
		return false;
	return point != 0xfeff && point != '\\';
}

static void
octal(struct buf *out, uint8_t byte)
{
	const char text[4] = { '\\', (char)('0' + (byte >> 6)),
	    (char)('0' + (byte >> 3 & 7)), (char)('0' + (byte & 7)) };

	buf_append(out, text, sizeof text);
}

static void
escape_with(struct buf *out, const char *data, size_t len,
    void (*plain)(struct buf *, const char *, size_t),
    void (*raw)(struct buf *, uint8_t))
{
	size_t i = 0;

	while (i < len) {
		const uint8_t *s = (const uint8_t *)data + i;
		uint32_t point = 0;
		size_t n = utf8_decode(s, len - i, &point);

		if (n > 0 && is_harmless(point)) {
			plain(out, data + i, n);
			i += n;
			continue;
		}
		if (n == 0)
			n = 1;
		for (; n > 0; n--)
			raw(out, (uint8_t)data[i++]);
	}
}

static void
plain_text(struct buf *out, const char *data, size_t len)
{
	buf_append(out, data, len);
}

static void
plain_json(struct buf *out, const char *data, size_t len)
{
	if (len == 1 && data[0] == '"')
		buf_byte(out, '\\');
	buf_append(out, data, len);
}

static void
raw_json(struct buf *out, uint8_t byte)
{
	buf_byte(out, '\\');
	octal(out, byte);
}

void
escape_text(struct buf *out, const char *data, size_t len)
{
	escape_with(out, data, len, plain_text, octal);
}

const char *
escape_name(const char *name, char out[ESCAPE_NAME_MAX])
{
	struct buf b = BUF_EMPTY;

	escape_text(&b, name, strlen(name));
	(void)snprintf(out, ESCAPE_NAME_MAX, "%s", buf_text(&b));
	if (b.len >= ESCAPE_NAME_MAX)
		memcpy(out + ESCAPE_NAME_MAX - 4, "...", 4);
	buf_release(&b);
	return out;
}

void
escape_json(struct buf *out, const char *data, size_t len)
{
	escape_with(out, data, len, plain_json, raw_json);
}

static bool
is_mtree_plain(uint8_t c)
{
	switch (c) {
	case '#': case '*': case '?': case '[': case '\\': case '=':
		return false;
	default:
		return c > 0x20 && c < 0x7f;
	}
}

/* How much of the text stands for itself.  Most names do as a whole. */
static size_t
mtree_plain_len(const char *data, size_t len)
{
	size_t n = 0;

	while (n < len && is_mtree_plain((uint8_t)data[n]))
		n++;
	return n;
}

void
escape_mtree(struct buf *out, const char *data, size_t len)
{
	size_t i = 0;

	while (i < len) {
		size_t n = mtree_plain_len(data + i, len - i);

		buf_append(out, data + i, n);
		i += n;
		if (i < len)
			octal(out, (uint8_t)data[i++]);
	}
}

/* Of "\ooo"; 0 (never escaped so, for no name has it) for anything else. */
static uint8_t
mtree_octal(const char *text, size_t len)
{
	unsigned v = 0;
	size_t i;

	if (len < 4 || text[0] != '\\')
		return 0;
	for (i = 1; i <= 3; i++) {
		if (text[i] < '0' || text[i] > '7')
			return 0;
		v = v * 8 + (unsigned)(text[i] - '0');
	}
	if (v > 255 || is_mtree_plain((uint8_t)v))
		return 0;
	return (uint8_t)v;
}

bool
escape_mtree_decode(struct buf *out, const char *text, size_t len)
{
	size_t i = 0;

	while (i < len) {
		size_t n = mtree_plain_len(text + i, len - i);
		uint8_t c;

		buf_append(out, text + i, n);
		i += n;
		if (i == len)
			break;
		c = mtree_octal(text + i, len - i);
		if (c == 0)
			return false;
		buf_byte(out, c);
		i += 4;
	}
	return true;
}
