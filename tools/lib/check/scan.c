/* SPDX-License-Identifier: BSD-2-Clause */
/* Files from front to back; see scan.h. */
#include "check/scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "codec/crc.h"

void
scan_init(struct scan *s, struct source *source, uint64_t from, uint64_t end)
{
	memset(s, 0, sizeof *s);
	s->source = source;
	s->at = from;
	s->end = end;
	s->data = mem_alloc(SCAN_WINDOW);
}

void
scan_release(struct scan *s)
{
	free(s->data);
	s->data = NULL;
}

uint64_t
scan_left(const struct scan *s)
{
	return s->end - s->at;
}

/* Take what was passed and not yet summed. */
static void
add_up(struct scan *s)
{
	const uint8_t *from = s->data + s->summed;
	size_t len = s->pos - s->summed;

	if (s->kind == SCAN_SUM_CRC_32C)
		s->sum = crc_32c((uint32_t)s->sum, from, len);
	else if (s->kind == SCAN_SUM_CRC_64_JONES)
		s->sum = crc_64_jones(s->sum, from, len);
	s->summed = s->pos;
}

/* Have at least len bytes in the window, and more if it is cheap. */
static int
fill(struct scan *s, size_t len, struct err *err)
{
	uint64_t behind;
	size_t more;

	if (s->len - s->pos >= len)
		return 0;
	if (scan_left(s) < len)
		return err_set(err, ERR_DAMAGED, 0,
		    "offset %llu: ends in the middle of something",
		    (unsigned long long)s->end);
	add_up(s);
	memmove(s->data, s->data + s->pos, s->len - s->pos);
	s->len -= s->pos;
	s->pos = 0;
	s->summed = 0;
	behind = scan_left(s) - s->len;
	more = SCAN_WINDOW - s->len;
	if (more > behind)
		more = (size_t)behind;
	if (s->source->read_at(s->source, s->at + s->len, s->data + s->len,
	    more, err) == -1)
		return -1;
	s->len += more;
	return 0;
}

static void
pass(struct scan *s, size_t len)
{
	s->pos += len;
	s->at += len;
}

const uint8_t *
scan_peek(struct scan *s, size_t len, struct err *err)
{
	return fill(s, len, err) == -1 ? NULL : s->data + s->pos;
}

const uint8_t *
scan_next(struct scan *s, size_t len, struct err *err)
{
	const uint8_t *p = scan_peek(s, len, err);

	if (p != NULL)
		pass(s, len);
	return p;
}

const uint8_t *
scan_window(struct scan *s, size_t *len, struct err *err)
{
	if (fill(s, scan_left(s) > 0, err) == -1)
		return NULL;
	*len = s->len - s->pos;
	return s->data + s->pos;
}

int
scan_skip(struct scan *s, uint64_t len, struct err *err)
{
	if (len > scan_left(s))
		return err_set(err, ERR_DAMAGED, 0,
		    "offset %llu: ends in the middle of something",
		    (unsigned long long)s->end);
	while (len > 0) {
		size_t here;

		if (fill(s, 1, err) == -1)
			return -1;
		here = s->len - s->pos;
		if (here > len)
			here = (size_t)len;
		pass(s, here);
		len -= here;
	}
	return 0;
}

int
scan_uvarint(struct scan *s, uint64_t *value, struct err *err)
{
	uint64_t found = 0;
	unsigned shift;

	for (shift = 0; shift < 64; shift += 7) {
		const uint8_t *p = scan_next(s, 1, err);

		if (p == NULL)
			return -1;
		if (shift == 63 && *p > 1)
			break;
		found |= (uint64_t)(*p & 127) << shift;
		if (*p < 128) {
			*value = found;
			return 0;
		}
	}
	return err_set(err, ERR_DAMAGED, 0,
	    "offset %llu: a number of more than 64 bits",
	    (unsigned long long)s->at);
}

void
scan_sum_begin(struct scan *s, enum scan_sum kind)
{
	s->kind = kind;
	s->sum = 0;
	s->summed = s->pos;
}

uint64_t
scan_sum(struct scan *s)
{
	add_up(s);
	return s->sum;
}

int
scan_sha256(struct source *source, uint8_t digest[SHA256_LEN],
    struct err *err)
{
	struct sha256 sha;
	struct scan s;
	int ret = 0;

	sha256_init(&sha);
	scan_init(&s, source, 0, source->size);
	while (ret == 0 && scan_left(&s) > 0) {
		size_t len;
		const uint8_t *p = scan_window(&s, &len, err);

		if (p != NULL)
			sha256_update(&sha, p, len);
		ret = p != NULL ? scan_skip(&s, len, err) : -1;
	}
	scan_release(&s);
	sha256_out(&sha, digest);
	return ret;
}
