/* SPDX-License-Identifier: BSD-2-Clause */
/* Logs of Prometheus; see tsdb_log.h. */
#include "check/tsdb_log.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "check/scan.h"
#include "codec/crc.h"

/* A fragment: type u8 (low three bits), length u16, CRC-32C of the data. */
#define FRAGMENT_HEAD 7U
enum { REST_OF_PAGE = 0, FULL = 1, FIRST = 2, MIDDLE = 3, LAST = 4 };

#define HEAD_MAGIC 0x0130bc91U
#define HEAD_HEAD 8		/* magic, version, three of padding */
#define HEAD_META 25		/* series u64, two times u64, encoding u8 */
#define HEAD_META_MAX 30	/* with a length of up to five bytes */

struct walk {
	struct scan *s;
	struct tsdb_log *log;
	bool is_inside;		/* of a record of several fragments */
};

static int
bad(struct walk *w, uint64_t at, const char *why)
{
	w->log->end = TSDB_BAD;
	w->log->bad_at = at;
	w->log->why = why;
	return 0;
}

static int
torn(struct walk *w)
{
	w->log->end = TSDB_TORN;
	return 0;
}

/* Pass zeros; 0 with TSDB_BAD when there is anything else. */
static int
pass_zeros(struct walk *w, uint64_t len, struct err *err)
{
	uint64_t at = w->s->at;

	while (len > 0) {
		size_t n = len < TSDB_PAGE ? (size_t)len : TSDB_PAGE, i;
		const uint8_t *p = scan_next(w->s, n, err);

		if (p == NULL)
			return -1;
		for (i = 0; i < n; i++)
			if (p[i] != 0)
				return bad(w, at, "bytes where a page should "
				    "end in zeros");
		len -= n;
	}
	return 1;
}

/* Whether a fragment of this type may come here. */
static bool
is_in_turn(struct walk *w, unsigned type)
{
	if (w->is_inside != (type == MIDDLE || type == LAST))
		return false;
	w->is_inside = type == FIRST || type == MIDDLE;
	return true;
}

/* 1: go on, 0: that was the end. */
static int
read_fragment(struct walk *w, unsigned page_left, struct err *err)
{
	uint64_t at = w->s->at;
	const uint8_t *p = scan_next(w->s, FRAGMENT_HEAD, err);
	unsigned type, len;
	uint32_t sum;

	if (p == NULL)
		return -1;
	type = p[0] & 7U;
	len = get_be16(p + 1);
	sum = get_be32(p + 3);
	if (type > LAST)
		return bad(w, at, "a record of no known type");
	if (len > page_left - FRAGMENT_HEAD)
		return bad(w, at, "a record that does not fit in its page");
	if (len > scan_left(w->s))
		return torn(w);
	p = scan_next(w->s, len, err);
	if (p == NULL)
		return -1;
	if (crc_32c(0, p, len) != sum)
		return bad(w, at, "a record with a wrong checksum");
	if (!is_in_turn(w, type))
		return bad(w, at, "a part of a record that is out of turn");
	if (!w->is_inside) {
		w->log->records++;
		w->log->good_to = w->s->at;
	}
	return 1;
}

static int
read_step(struct walk *w, struct err *err)
{
	unsigned page_left = TSDB_PAGE - (unsigned)(w->s->at % TSDB_PAGE);
	uint64_t left = scan_left(w->s);
	const uint8_t *p = scan_peek(w->s, 1, err);

	if (p == NULL)
		return -1;
	if ((*p & 7) == REST_OF_PAGE || page_left < FRAGMENT_HEAD)
		return pass_zeros(w, left < page_left ? left : page_left, err);
	return left < FRAGMENT_HEAD ? torn(w) :
	    read_fragment(w, page_left, err);
}

int
tsdb_segment_read(struct source *file, struct tsdb_log *log, struct err *err)
{
	struct walk w = { .log = log };
	struct scan s;
	int more = 1;

	memset(log, 0, sizeof *log);
	scan_init(&s, file, 0, file->size);
	w.s = &s;
	while (more == 1 && scan_left(&s) > 0)
		more = read_step(&w, err);
	scan_release(&s);
	if (more == 1 && w.is_inside)
		more = torn(&w);
	return more == -1 ? -1 : 0;
}

/* -------------------------------------------------------------- head chunks */

/* A file that was not closed is longer than what is in it, by zeros. */
static int
is_at_zeros(struct scan *s, bool *zeros, struct err *err)
{
	uint64_t left = scan_left(s);
	size_t n = left < HEAD_META_MAX ? (size_t)left : HEAD_META_MAX, i;
	const uint8_t *p = scan_peek(s, n, err);

	if (p == NULL)
		return -1;
	*zeros = true;
	for (i = 0; i < n; i++)
		*zeros = *zeros && p[i] == 0;
	return 0;
}

static int
read_head_chunk(struct walk *w, struct err *err)
{
	uint64_t at = w->s->at, len;
	const uint8_t *p;
	uint32_t sum;

	scan_sum_begin(w->s, SCAN_SUM_CRC_32C);
	if (scan_left(w->s) < HEAD_META + 1)
		return torn(w);
	if (scan_skip(w->s, HEAD_META, err) == -1)
		return -1;
	if (scan_uvarint(w->s, &len, err) == -1) {
		if (err->class != ERR_DAMAGED)
			return -1;
		err_clear(err);
		return bad(w, at, "a chunk without a length");
	}
	if (len > scan_left(w->s) || scan_left(w->s) - len < 4)
		return torn(w);
	if (scan_skip(w->s, len, err) == -1)
		return -1;
	sum = (uint32_t)scan_sum(w->s);
	scan_sum_begin(w->s, SCAN_SUM_NONE);
	p = scan_next(w->s, 4, err);
	if (p == NULL)
		return -1;
	if (get_be32(p) != sum)
		return bad(w, at, "a chunk with a wrong checksum");
	w->log->records++;
	w->log->good_to = w->s->at;
	return 1;
}

int
tsdb_head_read(struct source *file, struct tsdb_log *log, struct err *err)
{
	struct walk w = { .log = log };
	const uint8_t *p;
	struct scan s;
	int more = -1;

	memset(log, 0, sizeof *log);
	if (file->size < HEAD_HEAD)
		return torn(&w);
	scan_init(&s, file, 0, file->size);
	w.s = &s;
	p = scan_next(&s, HEAD_HEAD, err);
	if (p != NULL && (get_be32(p) != HEAD_MAGIC || p[4] != 1))
		more = bad(&w, 0, "not the head of a file of head chunks");
	else if (p != NULL)
		more = 1;
	while (more == 1 && scan_left(&s) > 0) {
		bool zeros;

		more = is_at_zeros(&s, &zeros, err) == -1 ? -1 :
		    zeros ? 0 : read_head_chunk(&w, err);
	}
	scan_release(&s);
	return more == -1 ? -1 : 0;
}
