/* SPDX-License-Identifier: BSD-2-Clause */
/* tar archives block by block, as an attacker would write them. */
#ifndef DRYDOCK_TESTS_RAWTAR_H
#define DRYDOCK_TESTS_RAWTAR_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define RAW_BLOCK 512

struct raw {
	const char *name;
	char type;		/* '0' file, '1' hard link, '2' symlink ... */
	const char *link;
	const char *data;
	const char *size;	/* the size field's text instead of the truth */
	unsigned mode;
	const char *magic;	/* "gnu": GNU's; else POSIX's */
};

static inline void
raw_sum(char block[RAW_BLOCK])
{
	unsigned sum = 0, i;

	memset(block + 148, ' ', 8);
	for (i = 0; i < RAW_BLOCK; i++)
		sum += (unsigned char)block[i];
	(void)snprintf(block + 148, 8, "%06o", sum & 0777777);
}

static inline void
raw_pad(struct buf *out)
{
	while (out->len % RAW_BLOCK != 0)
		buf_byte(out, 0);
}

static inline void
raw_header(struct buf *out, const struct raw *e, size_t len)
{
	char block[RAW_BLOCK] = { 0 };

	(void)snprintf(block, 100, "%s", e->name);
	(void)snprintf(block + 100, 8, "%07o",
	    (e->mode == 0 ? 0644 : e->mode) & 07777777);
	memcpy(block + 108, "0000000", 7);
	memcpy(block + 116, "0000000", 7);
	if (e->size != NULL)
		memcpy(block + 124, e->size,
		    strlen(e->size) < 12 ? strlen(e->size) : 12);
	else
		(void)snprintf(block + 124, 12, "%011zo", len);
	memcpy(block + 136, "07346545000", 11);
	block[156] = e->type;
	if (e->link != NULL)
		(void)snprintf(block + 157, 100, "%s", e->link);
	if (e->magic != NULL)
		memcpy(block + 257, "ustar  ", 8);
	else
		memcpy(block + 257, "ustar\00000", 8);
	raw_sum(block);
	buf_append(out, block, sizeof block);
}

static inline void
raw_bytes(struct buf *out, const struct raw *e, const char *data, size_t len)
{
	raw_header(out, e, len);
	buf_append(out, data, len);
	raw_pad(out);
}

static inline void
raw_entry(struct buf *out, struct raw e)
{
	const char *data = e.data == NULL ? "" : e.data;

	raw_bytes(out, &e, data, strlen(data));
}

/* One pax record, its own length in front. */
static inline void
raw_record(struct buf *out, const char *key, const char *value, size_t len)
{
	size_t rest = strlen(key) + len + 3, total = rest + 1;

	/* The number counts its own digits. */
	while (total != rest + (size_t)snprintf(NULL, 0, "%zu", total))
		total++;
	buf_printf(out, "%zu %s=", total, key);
	buf_append(out, value, len);
	buf_byte(out, '\n');
}

/* A pax header of these keys and values, NULL ends them. */
static inline void
raw_pax(struct buf *out, char type, const char *const *pairs)
{
	struct raw head = { .name = "PaxHeader/x", .type = type };
	struct buf body = BUF_EMPTY;

	for (; *pairs != NULL; pairs += 2)
		raw_record(&body, pairs[0], pairs[1], strlen(pairs[1]));
	raw_bytes(out, &head, body.data, body.len);
	buf_release(&body);
}

static inline void
raw_end(struct buf *out)
{
	char *end = buf_reserve(out, 2 * RAW_BLOCK);

	memset(end, 0, 2 * RAW_BLOCK);
	out->len += 2 * RAW_BLOCK;
}

#endif
